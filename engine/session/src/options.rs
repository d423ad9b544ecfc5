//! The options the sessions read, under the names policy knows them by.  Types and defaults are those declared in
//! `options.bro`.

use std::collections::HashSet;
use std::net::IpAddr;

use bro_events::{Transport, Value};

/// A set of ports.
pub type PortSet = HashSet<(Transport, u16)>;

/// Why an option could not be set.
#[derive(Clone, Debug, PartialEq)]
pub enum OptionError {
    /// The sessions read no option of that name.
    Unknown(String),
    /// The value has another type than the option.
    Type {
        /// The option
        name: String,
        /// The type it has in `options.bro`
        expected: &'static str,
    },
}

impl std::fmt::Display for OptionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            OptionError::Unknown(name) => write!(f, "the sessions have no option {name}"),
            OptionError::Type { name, expected } => {
                write!(f, "the value of option {name} must be of type {expected}")
            }
        }
    }
}

impl std::error::Error for OptionError {}

/// A type an option can have.
trait Setting: Sized {
    const TYPE: &'static str;
    fn from_value(value: &Value) -> Option<Self>;
}

impl Setting for bool {
    const TYPE: &'static str = "bool";
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(b) => Some(*b),
            _ => None,
        }
    }
}

impl Setting for u64 {
    const TYPE: &'static str = "count";
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Count(n) => Some(*n),
            _ => None,
        }
    }
}

impl Setting for HashSet<u64> {
    const TYPE: &'static str = "set[count]";
    fn from_value(value: &Value) -> Option<Self> {
        let Value::Set(items) = value else { return None };
        items.iter().map(<u64 as Setting>::from_value).collect()
    }
}

/// Seconds
impl Setting for f64 {
    const TYPE: &'static str = "interval";
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Interval(seconds) => Some(*seconds),
            _ => None,
        }
    }
}

impl Setting for PortSet {
    const TYPE: &'static str = "set[port]";
    fn from_value(value: &Value) -> Option<Self> {
        let Value::Set(items) = value else { return None };
        items
            .iter()
            .map(|item| match item {
                Value::Port(number, transport) => Some((*transport, *number)),
                _ => None,
            })
            .collect()
    }
}

/// Networks
impl Setting for Vec<(IpAddr, u8)> {
    const TYPE: &'static str = "set[subnet]";
    fn from_value(value: &Value) -> Option<Self> {
        let Value::Set(items) = value else { return None };
        items
            .iter()
            .map(|item| match item {
                Value::Subnet(prefix, length) => Some((*prefix, *length)),
                _ => None,
            })
            .collect()
    }
}

/// The ports for which a `table[port] of bool` has `T`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PortFlags(pub PortSet);

impl Setting for PortFlags {
    const TYPE: &'static str = "table[port] of bool";
    fn from_value(value: &Value) -> Option<Self> {
        let Value::Table(items) = value else { return None };
        let mut ports = PortSet::new();
        for item in items {
            match item {
                (Value::Port(number, transport), Value::Bool(true)) => {
                    ports.insert((*transport, *number));
                }
                (Value::Port(..), Value::Bool(false)) => {}
                _ => return None,
            }
        }
        Some(PortFlags(ports))
    }
}

macro_rules! options {
    ($($(#[$doc:meta])* $field:ident: $type:ty = $default:expr, $name:literal;)*) => {
        /// The values of all options the sessions read.  Intervals are in seconds.
        #[derive(Clone, Debug)]
        pub struct Options {
            $($(#[$doc])* pub $field: $type,)*
        }

        impl Default for Options {
            fn default() -> Self {
                Options { $($field: $default,)* }
            }
        }

        impl Options {
            /// The names of all options, as policy writes them.
            pub fn names() -> &'static [&'static str] {
                &[$($name),*]
            }

            /// Sets the option of that name.
            ///
            /// # Errors
            /// The option is unknown, or the value has another type.
            pub fn set(&mut self, name: &str, value: &Value) -> Result<(), OptionError> {
                match name {
                    $($name => match <$type as Setting>::from_value(value) {
                        Some(value) => self.$field = value,
                        None => {
                            return Err(OptionError::Type { name: name.to_owned(), expected: <$type as Setting>::TYPE })
                        }
                    },)*
                    _ => return Err(OptionError::Unknown(name.to_owned())),
                }
                Ok(())
            }

            /// Names, types and defaults, for comparison with the declarations.
            #[cfg(test)]
            fn described() -> Vec<(&'static str, &'static str)> {
                vec![$(($name, <$type as Setting>::TYPE)),*]
            }
        }
    };
}

options! {
    /// Check up on an initial SYN after this time.
    tcp_syn_timeout: f64 = 5.0, "tcp_SYN_timeout";
    /// How often to see whether a half-closed connection has fallen silent.
    tcp_session_timer: f64 = 6.0, "tcp_session_timer";
    /// Silence after which a half-closed connection is given up.
    tcp_connection_linger: f64 = 5.0, "tcp_connection_linger";
    /// How long an unanswered SYN is waited on.
    tcp_attempt_delay: f64 = 5.0, "tcp_attempt_delay";
    /// How long a closed connection is kept.
    tcp_close_delay: f64 = 5.0, "tcp_close_delay";
    /// How long a reset connection is kept.
    tcp_reset_delay: f64 = 5.0, "tcp_reset_delay";
    /// How long the other side of a one-sided close is waited for.
    tcp_partial_close_delay: f64 = 3.0, "tcp_partial_close_delay";
    /// Whether a connection may begin with a SYN-ACK.
    tcp_syn_ack_ok: bool = true, "tcp_SYN_ack_ok";
    /// Whether a connection may begin in its middle.
    partial_connection_ok: bool = true, "partial_connection_ok";
    /// Data a sender may plausibly have in flight without any acknowledgement.
    tcp_max_initial_window: u64 = 16384, "tcp_max_initial_window";
    /// Bytes of a side's beginning that `tcp_banner` carries at most
    tcp_banner_size: u64 = 1024, "tcp_banner_size";
    /// Data above a hole that is kept when no acknowledgements are seen.
    tcp_max_above_hole_without_any_acks: u64 = 16384, "tcp_max_above_hole_without_any_acks";
    /// Unacknowledged data that is kept.
    tcp_excessive_data_without_further_acks: u64 = 10_485_760, "tcp_excessive_data_without_further_acks";
    /// Acknowledged segments kept for comparison.
    tcp_max_old_segments: u64 = 0, "tcp_max_old_segments";
    /// FINs or RSTs of a connection that are a storm.
    tcp_storm_thresh: u64 = 1000, "tcp_storm_thresh";
    /// Time between them that makes it one.
    tcp_storm_interarrival_thresh: f64 = 1.0, "tcp_storm_interarrival_thresh";
    /// Silence after which a TCP connection is removed; 0: never.
    tcp_inactivity_timeout: f64 = 300.0, "tcp_inactivity_timeout";
    /// The same for UDP.
    udp_inactivity_timeout: f64 = 60.0, "udp_inactivity_timeout";
    /// The same for ICMP.
    icmp_inactivity_timeout: f64 = 60.0, "icmp_inactivity_timeout";
    /// The same for other IP protocols.
    unknown_ip_inactivity_timeout: f64 = 60.0, "unknown_ip_inactivity_timeout";
    /// Time after which a connection nobody analyzes is removed; 0: never.
    non_analyzed_lifetime: f64 = 0.0, "non_analyzed_lifetime";
    /// How often `connection_status_update` is raised for each connection; 0: never.
    status_update_interval: f64 = 0.0, "connection_status_update_interval";
    /// Bytes of payload that `discarder_check_tcp` and `discarder_check_udp` get.
    discarder_maxlen: u64 = 128, "discarder_maxlen";
    /// Ports that are a server's when the direction is not known otherwise.
    likely_server_ports: PortSet = PortSet::new(), "likely_server_ports";
    /// How long fragments wait for their kin; 0: for ever.
    frag_timeout: f64 = 300.0, "frag_timeout";
    /// Whether to take packets whatever their checksum.
    ignore_checksums: bool = false, "ignore_checksums";
    /// Networks from which packets are taken whatever their checksum.
    ignore_checksums_nets: Vec<(IpAddr, u8)> = Vec::new(), "ignore_checksums_nets";
    /// Whether packets and bytes are counted.
    use_conn_size_analyzer: bool = true, "use_conn_size_analyzer";
    /// Whether to raise `content_gap` for connections whose beginning was not seen.
    report_gaps_for_partial: bool = false, "report_gaps_for_partial";
    /// Total packets of a connection at which an event is raised.
    generic_packet_thresholds: HashSet<u64> = HashSet::new(), "ConnThreshold::generic_packet_thresholds";
    /// Bytes of each direction that are kept for finding out the protocol.
    dpd_buffer_size: u64 = 1024, "dpd_buffer_size";
    /// Packets that are kept for it.
    dpd_max_packets: u64 = 100, "dpd_max_packets";
    /// Whether signatures are matched on the beginning of a connection only.
    dpd_match_only_beginning: bool = true, "dpd_match_only_beginning";
    /// Whether to stop when a signature matches after the beginning is gone.
    dpd_late_match_stop: bool = false, "dpd_late_match_stop";
    /// Whether not to choose analyzers by port.
    dpd_ignore_ports: bool = false, "dpd_ignore_ports";
    /// Whether signatures match the reassembled beginning of a stream.
    dpd_reassemble_first_packets: bool = true, "dpd_reassemble_first_packets";
    /// Whether signatures match data that was never acknowledged, when the connection ends.
    tcp_match_undelivered: bool = true, "tcp_match_undelivered";
    /// Violations of one connection's analyzers that are reported.
    max_analyzer_violations: u64 = 1000, "max_analyzer_violations";
    /// Timers that may fire between two packets.
    max_timer_expires: u64 = 300, "max_timer_expires";
    /// Raise `tcp_contents` for all originators' data.
    tcp_content_deliver_all_orig: bool = false, "tcp_content_deliver_all_orig";
    /// Raise `tcp_contents` for all responders' data.
    tcp_content_deliver_all_resp: bool = false, "tcp_content_deliver_all_resp";
    /// Raise `tcp_contents` for originators' data to these ports.
    tcp_content_delivery_ports_orig: PortFlags = PortFlags::default(), "tcp_content_delivery_ports_orig";
    /// Raise `tcp_contents` for responders' data from these ports.
    tcp_content_delivery_ports_resp: PortFlags = PortFlags::default(), "tcp_content_delivery_ports_resp";
    /// Raise `udp_contents` for all originators' data.
    udp_content_deliver_all_orig: bool = false, "udp_content_deliver_all_orig";
    /// Raise `udp_contents` for all responders' data.
    udp_content_deliver_all_resp: bool = false, "udp_content_deliver_all_resp";
    /// Raise `udp_contents` for originators' data to these ports.
    udp_content_delivery_ports_orig: PortFlags = PortFlags::default(), "udp_content_delivery_ports_orig";
    /// Raise `udp_contents` for responders' data to these ports.
    udp_content_delivery_ports_resp: PortFlags = PortFlags::default(), "udp_content_delivery_ports_resp";
    /// Whether the port that is looked up is always the responder's.
    udp_content_delivery_ports_use_resp: bool = false, "udp_content_delivery_ports_use_resp";
    /// Raise `udp_contents` for these ports of either side.
    udp_content_ports: PortSet = PortSet::new(), "udp_content_ports";
    /// Encapsulations around one packet that are followed.
    tunnel_max_depth: u64 = 4, "Tunnel::max_depth";
    /// Changes of encapsulation of one connection that are followed.
    tunnel_max_changes: u64 = 5, "Tunnel::max_changes_per_connection";
    /// Silence after which an IP tunnel is forgotten.
    ip_tunnel_timeout: f64 = 86_400.0, "Tunnel::ip_tunnel_timeout";
    /// Whether both sides must speak Teredo before it is confirmed.
    delay_teredo_confirmation: bool = true, "Tunnel::delay_teredo_confirmation";
    /// Whether both sides must speak GTP before it is confirmed.
    delay_gtp_confirmation: bool = false, "Tunnel::delay_gtp_confirmation";
    /// Whether a VXLAN packet needs the outer checksum to be right.
    validate_vxlan_checksums: bool = true, "Tunnel::validate_vxlan_checksums";
    /// Ports of Teredo.
    teredo_ports: PortSet = udp_ports(&[3544]), "PacketAnalyzer::TEREDO::teredo_ports";
    /// Ports of VXLAN.
    vxlan_ports: PortSet = udp_ports(&[4789]), "PacketAnalyzer::VXLAN::vxlan_ports";
    /// Ports of Geneve.
    geneve_ports: PortSet = udp_ports(&[6081]), "PacketAnalyzer::Geneve::geneve_ports";
    /// Ports of GTP version 1.
    gtpv1_ports: PortSet = udp_ports(&[2123, 2152]), "PacketAnalyzer::GTPV1::gtpv1_ports";
    /// Ports of AYIYA.
    ayiya_ports: PortSet = udp_ports(&[5072]), "PacketAnalyzer::AYIYA::ayiya_ports";
    /// Ports of GRE in UDP.
    gre_ports: PortSet = udp_ports(&[4754]), "PacketAnalyzer::GRE::gre_ports";
    /// Bytes of an unknown protocol that are reported.
    unknown_first_bytes: u64 = 10, "UnknownProtocol::first_bytes_count";
    /// How many of an unknown protocol are reported before sampling sets in.
    unknown_sampling_threshold: u64 = 3, "UnknownProtocol::sampling_threshold";
    /// One in how many is reported from then on.
    unknown_sampling_rate: u64 = 100_000, "UnknownProtocol::sampling_rate";
    /// How long such a count lasts.
    unknown_sampling_duration: f64 = 3600.0, "UnknownProtocol::sampling_duration";
}

fn udp_ports(numbers: &[u16]) -> PortSet {
    numbers.iter().map(|&number| (Transport::Udp, number)).collect()
}

impl Options {
    /// Whether packets from this address are taken whatever their checksum.
    #[inline]
    pub(crate) fn ignores_checksum_of(&self, addr: IpAddr) -> bool {
        self.ignore_checksums
            || (!self.ignore_checksums_nets.is_empty()
                && self
                    .ignore_checksums_nets
                    .iter()
                    .any(|&(net, length)| contains(net, length, addr)))
    }
}

/// Whether a network holds an address.
fn contains(net: IpAddr, length: u8, addr: IpAddr) -> bool {
    let (a, b, width) = match (net, addr) {
        (IpAddr::V4(n), IpAddr::V4(a)) => {
            (u128::from(u32::from(n)) << 96, u128::from(u32::from(a)) << 96, 32)
        }
        (IpAddr::V6(n), IpAddr::V6(a)) => (u128::from(n), u128::from(a), 128),
        _ => return false,
    };
    let length = u32::from(length.min(width));
    length == 0 || (a ^ b) >> (128 - length) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const DECLARED: &str = include_str!("options.bro");

    #[test]
    fn every_option_is_declared_with_its_type() {
        for (name, kind) in Options::described() {
            let short = name.rsplit("::").next().unwrap();
            let declared = DECLARED
                .lines()
                .filter_map(|line| {
                    line.strip_prefix("const ")
                        .or_else(|| line.strip_prefix("option "))
                        .or_else(|| line.strip_prefix("global "))
                })
                .find(|line| {
                    line.starts_with(&format!("{short}:")) || line.starts_with(&format!("{short} "))
                });
            let line = declared.unwrap_or_else(|| panic!("{name} is not declared"));
            assert_eq!(type_of(line), kind, "type of {name}: {line}");
        }
    }

    /// The type of a declaration: written out, or that of its initial value.
    fn type_of(line: &str) -> &str {
        let line = line.trim_end_matches(';').trim_end_matches(" &redef");
        let (declared, value) = line.split_once(" = ").unwrap_or((line, ""));
        if let Some((_, kind)) = declared.split_once(": ") {
            return kind;
        }
        match value.split_once(' ') {
            Some(_) => "interval",
            None if value == "T" || value == "F" => "bool",
            None => "count",
        }
    }

    #[test]
    fn every_declared_option_is_read() {
        let mut module = String::new();
        for line in DECLARED.lines() {
            if let Some(name) = line.strip_prefix("module ") {
                module = name.trim_end_matches(';').to_owned();
            }
            let Some(rest) = line
                .strip_prefix("const ")
                .or_else(|| line.strip_prefix("option "))
            else {
                continue;
            };
            let name: String = rest
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            let full = if module == "GLOBAL" {
                name
            } else {
                format!("{module}::{name}")
            };
            assert!(
                Options::names().contains(&full.as_str()),
                "{full} is declared but not read"
            );
        }
    }

    #[test]
    fn declared_defaults_are_the_defaults() {
        let defaults = Options::default();
        for (name, found) in [
            ("tcp_SYN_timeout", defaults.tcp_syn_timeout),
            ("tcp_session_timer", defaults.tcp_session_timer),
            ("tcp_inactivity_timeout", defaults.tcp_inactivity_timeout),
            ("udp_inactivity_timeout", defaults.udp_inactivity_timeout),
            ("frag_timeout", defaults.frag_timeout),
            ("ip_tunnel_timeout", defaults.ip_tunnel_timeout),
        ] {
            let line = DECLARED
                .lines()
                .find(|line| line.starts_with(&format!("const {name}")))
                .unwrap();
            let mut words = line.split('=').nth(1).unwrap().split_whitespace();
            let number: f64 = words.next().unwrap().parse().unwrap();
            let unit = match words.next().unwrap() {
                unit if unit.starts_with("sec") => 1.0,
                unit if unit.starts_with("min") => 60.0,
                unit if unit.starts_with("hr") => 3600.0,
                unit if unit.starts_with("day") => 86_400.0,
                unit => panic!("{unit}"),
            };
            assert_eq!(number * unit, found, "{name}");
        }
    }

    #[test]
    fn values_are_checked() {
        let mut options = Options::default();
        options.set("tcp_attempt_delay", &Value::Interval(2.5)).unwrap();
        assert_eq!(options.tcp_attempt_delay, 2.5);
        let ports = Value::Set(vec![Value::Port(80, Transport::Tcp)]);
        options.set("likely_server_ports", &ports).unwrap();
        assert!(options.likely_server_ports.contains(&(Transport::Tcp, 80)));
        assert!(matches!(
            options.set("tcp_attempt_delay", &Value::Count(2)),
            Err(OptionError::Type { .. })
        ));
        assert!(matches!(
            options.set("no_such", &Value::Count(2)),
            Err(OptionError::Unknown(_))
        ));
    }

    #[test]
    fn checksums_of_networks_are_ignored() {
        let mut options = Options::default();
        let net = |text: &str, length| Value::Subnet(text.parse().unwrap(), length);
        options
            .set(
                "ignore_checksums_nets",
                &Value::Set(vec![net("10.1.0.0", 16), net("2001:db8::", 32)]),
            )
            .unwrap();
        for (addr, ignored) in [
            ("10.1.255.3", true),
            ("10.2.0.0", false),
            ("2001:db8:1::1", true),
            ("::1", false),
        ] {
            assert_eq!(
                options.ignores_checksum_of(addr.parse().unwrap()),
                ignored,
                "{addr}"
            );
        }
    }
}
