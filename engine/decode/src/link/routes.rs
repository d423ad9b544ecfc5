//! Ways through a frame that a site has set: which analyzer gets what another carries, by the number that says what it is.
//!
//! The headers in this folder know what may follow them. A site that numbers its own protocols, or carries known ones where
//! no standard has them, says so here; only frames of such sites are decoded with [`super::decode_by`].

use std::collections::HashMap;

use super::{ethernet, Link, NetworkPayload, Step, MAX_DEPTH};
use super::{fddi, ieee80211, llc, mpls, nflog, null, pbb, ppp, pppoe, radio, sll, vlan};
use crate::protocol::ethertype;
use crate::Snap;

/// The parent of the first analyzer, with link types as its numbers.
pub const ROOT: &str = "ROOT";
/// The analyzer that leaves out some bytes.
pub const SKIP: &str = "SKIP";

impl Link {
    /// Where decoding goes on with a packet analyzer of that name; `None` if there is none, or it is none of the link or
    /// network layer.
    pub fn by_analyzer(name: &str) -> Option<Link> {
        Some(match name {
            ethernet::SOURCE => Link::Ethernet,
            vlan::SOURCE => Link::EtherType(ethertype::VLAN),
            vlan::VNTAG_SOURCE => Link::EtherType(ethertype::VNTAG),
            mpls::SOURCE => Link::EtherType(ethertype::MPLS),
            pbb::SOURCE => Link::EtherType(ethertype::PBB),
            pppoe::SOURCE => Link::EtherType(ethertype::PPPOE_SESSION),
            ppp::SOURCE => Link::Ppp,
            ppp::SERIAL_SOURCE => Link::PppSerial,
            llc::SOURCE => Link::Llc,
            llc::SNAP_SOURCE => Link::Snap,
            null::SOURCE => Link::Null,
            fddi::SOURCE => Link::Fddi,
            sll::SOURCE => Link::LinuxSll,
            sll::SOURCE_2 => Link::LinuxSll2,
            ieee80211::SOURCE => Link::Ieee80211,
            radio::SOURCE => Link::Radiotap,
            nflog::SOURCE => Link::Nflog,
            "ARP" => Link::EtherType(ethertype::ARP),
            "IP" | "IPTUNNEL" => Link::Ip,
            SKIP => Link::Skip,
            _ => return None,
        })
    }
}

/// What a site has set. See [`super::decode_by`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routes {
    /// Headers in one frame beyond which decoding stops.
    pub max_depth: usize,
    /// Bytes that [`Link::Skip`] leaves out.
    pub skip: usize,
    /// By analyzer and number: what gets the payload
    by_number: HashMap<(&'static str, u32), Link>,
    /// By analyzer: what gets the payload for whose number nothing else is known
    defaults: HashMap<&'static str, Link>,
}

impl Default for Routes {
    fn default() -> Self {
        Routes {
            max_depth: MAX_DEPTH,
            skip: 0,
            by_number: HashMap::new(),
            defaults: HashMap::new(),
        }
    }
}

/// Parents whose payloads have numbers here.
pub(crate) const PARENTS: [&str; 18] = [
    ROOT,
    ethernet::SOURCE,
    vlan::SOURCE,
    vlan::VNTAG_SOURCE,
    mpls::SOURCE,
    pbb::SOURCE,
    pppoe::SOURCE,
    ppp::SOURCE,
    ppp::SERIAL_SOURCE,
    llc::SOURCE,
    llc::SNAP_SOURCE,
    llc::NOVELL_SOURCE,
    null::SOURCE,
    sll::SOURCE,
    sll::SOURCE_2,
    nflog::SOURCE,
    "GRE",
    "GENEVE",
];

/// Those of which only a default is known: nothing in their headers says what follows.
const DEFAULT_ONLY: [&str; 6] = [SKIP, "VXLAN", "TEREDO", "GTPV1", fddi::SOURCE, "IPTUNNEL"];

impl Routes {
    /// The name of an analyzer whose payloads can be directed by their numbers.
    pub fn parent(name: &str) -> Option<&'static str> {
        PARENTS.into_iter().find(|known| *known == name)
    }

    /// Directs what `parent` (see [`Routes::parent`]) carries under a number.
    pub fn add(&mut self, parent: &'static str, number: u32, child: Link) {
        self.by_number.insert((parent, number), child);
    }

    /// Directs what nothing else is known for. Returns whether there is an analyzer of that name that can have a default.
    pub fn set_default(&mut self, parent: &str, child: Link) -> bool {
        let parent = Self::parent(parent).or_else(|| DEFAULT_ONLY.into_iter().find(|known| *known == parent));
        if let Some(parent) = parent {
            self.defaults.insert(parent, child);
        }
        parent.is_some()
    }

    /// What gets the payload with a number, if the site has set that.
    pub fn get(&self, parent: &'static str, number: u32) -> Option<Link> {
        self.by_number.get(&(parent, number)).copied()
    }

    /// What gets a payload for whose number nothing else is known, if the site has set that.
    pub fn default_of(&self, parent: &str) -> Option<Link> {
        self.defaults.get(parent).copied()
    }

    /// The first header of frames of a link type.
    pub fn first(&self, link_type: u32) -> Link {
        self.get(ROOT, link_type)
            .unwrap_or_else(|| match Link::from_dlt(link_type) {
                Link::Ip => self.default_of(ROOT).unwrap_or(Link::Ip),
                known => known,
            })
    }

    /// Where to go on after [`Link::Skip`].
    pub(super) fn skipped<'a>(&self, frame: Snap<'a>) -> Step<'a> {
        let next = self.default_of(SKIP).filter(|next| *next != Link::Skip);
        Step::Link(next.unwrap_or(Link::Ip), frame.skip(self.skip))
    }

    /// The step that the site wants after a header of `link` in `header`: its own, or the one that was found. `kind` is the
    /// EtherType that the header named, if it is of those.
    pub(super) fn direct<'a>(
        &self,
        link: Link,
        header: Snap<'a>,
        kind: Option<u16>,
        step: Step<'a>,
    ) -> Step<'a> {
        if let Some((key, behind)) = length_key(link, header) {
            if let Some(next) = self.get(link.analyzer(), key) {
                return Step::Link(next, behind);
            }
        }
        let payload = match step {
            Step::Network(NetworkPayload::Other {
                analyzer,
                protocol,
                payload,
            }) => {
                let next = self.get(analyzer, protocol).or_else(|| self.default_of(analyzer));
                return next.map_or(step, |next| Step::Link(next, payload));
            }
            Step::Network(
                NetworkPayload::Ipv4(payload) | NetworkPayload::Ipv6(payload) | NetworkPayload::Arp(payload),
            )
            | Step::Link(_, payload) => payload,
            Step::Network(NetworkPayload::Amsdu(_) | NetworkPayload::None) => return step,
        };
        let next = match (link, kind) {
            (Link::EtherType(ethertype::MPLS | ethertype::MPLS_MULTICAST), _) => {
                self.default_of(mpls::SOURCE)
            }
            (Link::EtherType(ethertype::PBB), _) => self.default_of(pbb::SOURCE),
            (link, Some(kind)) => self.get(parent_of(link, header.data()), kind.into()),
            (link, None) => {
                number_of(link, header.data()).and_then(|number| self.get(link.analyzer(), number))
            }
        };
        next.map_or(step, |next| Step::Link(next, payload))
    }
}

/// Stands among the EtherTypes of Ethernet and of tags for SNAP, which has none there; they are all above 1500.
pub const SNAP_KEY: u32 = 1;
/// The same for Novell's raw IEEE 802.3.
pub const NOVELL_KEY: u32 = 2;
/// The same for LLC.
pub const LLC_KEY: u32 = 3;

/// What such a key stands for in a header that has a length in place of a type (IEEE 802.3), and what is behind it.
fn length_key(link: Link, header: Snap<'_>) -> Option<(u32, Snap<'_>)> {
    let at = type_at(link)?;
    if !is_length(header.data(), at) {
        return None;
    }
    let behind = header.skip(at + 2);
    let key = match behind.data() {
        [0xff, 0xff, ..] => NOVELL_KEY,
        [0xaa, 0xaa, ..] => SNAP_KEY,
        _ => LLC_KEY,
    };
    Some((key, behind))
}

/// Where a header has its type or length, if it has one that can be either.
fn type_at(link: Link) -> Option<usize> {
    match link {
        Link::Ethernet => Some(12),
        Link::EtherType(ethertype::VNTAG) => Some(4),
        Link::EtherType(ethertype::VLAN | ethertype::QINQ | ethertype::QINQ_OLD) => Some(2),
        _ => None,
    }
}

/// The analyzer that numbers EtherTypes: behind a length (IEEE 802.3) it is SNAP.
fn parent_of(link: Link, header: &[u8]) -> &'static str {
    match link {
        Link::Llc | Link::Fddi | Link::Ieee80211 | Link::Ieee80211Padded => llc::SNAP_SOURCE,
        link if type_at(link).is_some_and(|at| is_length(header, at)) => llc::SNAP_SOURCE,
        link => link.analyzer(),
    }
}

fn is_length(header: &[u8], at: usize) -> bool {
    matches!(header.get(at..at + 2), Some(&[high, low]) if u16::from_be_bytes([high, low]) <= ethertype::MAX_LENGTH)
}

/// The number of what follows a header that names no EtherType.
fn number_of(link: Link, header: &[u8]) -> Option<u32> {
    match link {
        Link::Ppp => ppp::number(header),
        Link::EtherType(ethertype::PPPOE_SESSION) => ppp::number(header.get(6..)?),
        Link::Null => null::number(header, false),
        Link::Loop => null::number(header, true),
        Link::Nflog => header.first().map(|family| u32::from(*family)),
        Link::Llc => Some(u32::from(u16::from_be_bytes([*header.first()?, *header.get(1)?]))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{decode, decode_by, hex, history_by, Frame};
    use super::*;
    use crate::Malformed;

    const MACS: &str = "0a0b0c0d0e0f 010203040506";

    fn routes(set: impl FnOnce(&mut Routes)) -> Routes {
        let mut routes = Routes::default();
        set(&mut routes);
        routes
    }

    fn decoded<'a>(routes: &Routes, bytes: &'a [u8]) -> Result<Frame<'a>, Malformed> {
        decode_by(Some(routes), Link::Ethernet, Snap::whole(bytes))
    }

    #[test]
    fn without_routes_frames_are_decoded_as_ever() {
        for rest in [
            "0800 45",
            "8100 0001 0800 45",
            "88b5 01",
            "0026 060603 45",
            "8864 1100 0f07 0003 0021 45",
        ] {
            let bytes = hex(&format!("{MACS} {rest}"));
            let by = decoded(&Routes::default(), &bytes);
            assert_eq!(by, decode(Link::Ethernet, Snap::whole(&bytes)), "{rest}");
        }
    }

    #[test]
    fn an_unknown_number_gets_an_analyzer() {
        let routes = routes(|routes| routes.add("ETHERNET", 0x88b5, Link::Ip));
        let bytes = hex(&format!("{MACS} 88b5 45"));
        let payload = decoded(&routes, &bytes).expect("frame").payload;
        assert_eq!(payload, NetworkPayload::Ipv4(Snap::whole(&[0x45])));
        assert_eq!(
            history_by(Some(&routes), Link::Ethernet, Snap::whole(&bytes)),
            ["ETHERNET", "IP"]
        );
        // Another parent numbers by itself.
        let bytes = hex(&format!("{MACS} 8100 0001 88b5 45"));
        let payload = decoded(&routes, &bytes).expect("frame").payload;
        assert!(matches!(payload, NetworkPayload::Other { analyzer: "VLAN", .. }));
    }

    #[test]
    fn a_known_number_is_directed_elsewhere() {
        let routes = routes(|routes| {
            routes.skip = 2;
            routes.add("ETHERNET", 0x0800, Link::Skip);
            routes.add("SNAP", 0x0800, Link::EtherType(ethertype::ARP));
            routes.add("PPP", 0x21, Link::EtherType(ethertype::ARP));
            routes.add("NULL", 2, Link::EtherType(ethertype::ARP));
        });
        let bytes = hex(&format!("{MACS} 0800 ffff 60"));
        let payload = decoded(&routes, &bytes).expect("frame").payload;
        assert_eq!(payload, NetworkPayload::Ipv6(Snap::whole(&[0x60])));
        let bytes = hex(&format!("{MACS} 0009 aaaa03 000000 0800 45"));
        let payload = decoded(&routes, &bytes).expect("frame").payload;
        assert_eq!(payload, NetworkPayload::Arp(Snap::whole(&[0x45])));
        for (link, text) in [(Link::Ppp, "0021 45"), (Link::Null, "02000000 45")] {
            let bytes = hex(text);
            let frame = decode_by(Some(&routes), link, Snap::whole(&bytes)).expect("frame");
            assert_eq!(frame.payload, NetworkPayload::Arp(Snap::whole(&[0x45])), "{text}");
        }
    }

    #[test]
    fn frames_with_a_length_have_keys() {
        let routes = routes(|routes| {
            routes.add("ETHERNET", NOVELL_KEY, Link::EtherType(ethertype::ARP));
            routes.add("VLAN", LLC_KEY, Link::EtherType(ethertype::ARP));
        });
        for (rest, payload) in [
            ("0004 ffff 0001", &[0xff, 0xff, 0, 1][..]),
            ("8100 0001 0004 4242 0301", &[0x42, 0x42, 3, 1]),
        ] {
            let bytes = hex(&format!("{MACS} {rest}"));
            let frame = decoded(&routes, &bytes).expect("frame");
            assert_eq!(frame.payload, NetworkPayload::Arp(Snap::whole(payload)), "{rest}");
        }
        let bytes = hex(&format!("{MACS} 0004 4242 0301"));
        let payload = decoded(&routes, &bytes).expect("frame").payload;
        assert!(matches!(payload, NetworkPayload::Other { analyzer: "LLC", .. }));
    }

    #[test]
    fn defaults_take_what_is_not_known() {
        let routes = routes(|routes| {
            assert!(routes.set_default("MPLS", Link::Ethernet));
            assert!(routes.set_default("ETHERNET", Link::Ip));
            assert!(routes.set_default(ROOT, Link::Ethernet));
            assert!(!routes.set_default("TCP", Link::Ethernet));
        });
        assert_eq!(routes.first(147), Link::Ethernet);
        assert_eq!(routes.first(0), Link::Null);
        let bytes = hex(&format!("{MACS} 8847 000001ff {MACS} 88b5 45"));
        let payload = decoded(&routes, &bytes).expect("frame").payload;
        assert_eq!(payload, NetworkPayload::Ipv4(Snap::whole(&[0x45])));
    }

    #[test]
    fn skipping_for_ever_ends() {
        let routes = routes(|routes| {
            routes.add("ETHERNET", 0x88b5, Link::Ethernet);
            routes.max_depth = 3;
        });
        let bytes = hex(&format!("{MACS} 88b5").repeat(9));
        let fault = decoded(&routes, &bytes).expect_err("too deep");
        assert_eq!(fault.name(), "exceeded_link_max_depth");
        let itself = Routes {
            skip: 0,
            ..Routes::default()
        };
        assert!(decode_by(Some(&itself), Link::Skip, Snap::whole(&[0x45])).is_ok());
    }

    #[test]
    fn every_parent_and_child_has_the_name_it_goes_by() {
        for name in PARENTS
            .into_iter()
            .filter(|name| !["ROOT", "GRE", "GENEVE", "NOVELL_802_3"].contains(name))
        {
            let link = Link::by_analyzer(name).unwrap_or_else(|| panic!("{name}"));
            assert_eq!(link.analyzer(), name);
        }
    }
}
