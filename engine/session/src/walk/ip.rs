//! IP packets: checksum, fragments, and where the payload goes.

use bro_decode::net::ip::{self, IpView};
use bro_decode::net::ipv6;
use bro_decode::net::ipv6_ext::ExtHeader;
use bro_decode::protocol::ip as proto;
use bro_decode::Snap;
use bro_events::{Weird, WeirdAbout};

use super::{headers, report, report_fault, Place};
use crate::events;
use crate::flow::scope_of;
use crate::packet::Packet;
use crate::sessions::{Io, Sessions};

/// Length of the fragment header of IPv6.
const FRAGMENT_HEADER_LEN: usize = 8;

impl Sessions {
    /// Processes an IP packet.  False if nothing of it was of use.
    pub(super) fn ip(&mut self, io: &mut Io<'_>, place: &Place<'_>, packet: Snap<'_>) -> bool {
        match ip::parse(packet) {
            Ok(mut view) => {
                if self.special && self.discards_ip(io, &view) {
                    return true;
                }
                self.ip_view(io, place, &mut view)
            }
            Err(fault) => {
                report_fault(io, fault, None);
                false
            }
        }
    }

    fn ip_view(&mut self, io: &mut Io<'_>, place: &Place<'_>, view: &mut IpView<'_>) -> bool {
        let hosts = (view.src, view.dst);
        if !view.weirds.is_empty() {
            report(io, std::mem::take(&mut view.weirds), Some(hosts));
        }
        if !place.unsummed && !self.options.ignores_checksum_of(view.src) && !view.header_checksum_ok() {
            let about = WeirdAbout::Flow(view.src, view.dst);
            io.sink.weird(Weird {
                name: "bad_IP_checksum",
                about,
                addl: String::new(),
                source: "IP",
            });
            return true;
        }
        if view.fragment.is_some() {
            return self.fragment(io, place, view);
        }
        let ip_len = counted_len(view);
        let packet = Packet {
            ts: place.ts,
            link: place.link,
            ip: view,
            ip_len,
            scope: 0,
            encapsulation: place.encapsulation,
        };
        if self.special {
            return self.special_packet(io, place, &packet);
        }
        self.transport(io, place, &packet)
    }

    /// The same where the site has set something that is looked at for every packet.
    #[cold]
    fn special_packet(&mut self, io: &mut Io<'_>, place: &Place<'_>, packet: &Packet<'_>) -> bool {
        if self.discards_transport(io, packet.ip) {
            return true;
        }
        let mut packet = *packet;
        if self.keys_by_vlan {
            packet.scope = scope_of(place.link.vlan, place.link.inner_vlan);
        }
        match self.ip_child(packet.ip) {
            Some(child) => self.directed(io, place, &packet, child),
            None => self.transport(io, place, &packet),
        }
    }

    /// Goes on with what an IP packet carries.
    #[inline(always)] // the usual way must not pay for the other one
    fn transport(&mut self, io: &mut Io<'_>, place: &Place<'_>, packet: &Packet<'_>) -> bool {
        let view = packet.ip;
        match (view.protocol, view.version) {
            (proto::TCP, _) => self.tcp(io, place, packet),
            (proto::UDP, _) => self.udp(io, place, packet),
            (proto::ICMP, 4) | (proto::ICMPV6, 6) => self.icmp(io, place, packet),
            (proto::IPIP | proto::IPV6, _) => self.ip_in_ip(io, place, packet),
            (proto::GRE, _) => self.gre(io, place, packet),
            (proto::ESP, 6) => {
                if io.sink.wants(&events::ESP_PACKET) {
                    io.sink.emit(&events::ESP_PACKET, vec![headers::pkt_hdr(view)]);
                }
                true
            }
            (proto::MOBILITY, 6) => {
                self.mobility(io, place, view);
                true
            }
            // Its messages have no events here, and it makes no flows.
            (proto::IGMP, _) | (proto::NO_NEXT, 6) => true,
            _ => self.other(io, place, packet),
        }
    }

    /// Keeps a fragment, and goes on with the packet it completes.
    fn fragment(&mut self, io: &mut Io<'_>, place: &Place<'_>, view: &IpView<'_>) -> bool {
        let mut weirds = Vec::new();
        let whole = self.fragments.insert(place.ts, view, &mut weirds);
        report(io, weirds, Some((view.src, view.dst)));
        self.stats.max_fragments = self.stats.max_fragments.max(self.fragments.len() as u64);
        let Some(whole) = whole else { return true };
        match ip::parse(Snap::whole(&whole)) {
            // What was put together is no fragment, so this ends.
            Ok(mut view) if view.fragment.is_none() => self.ip_view(io, place, &mut view),
            Ok(_) => true,
            Err(fault) => {
                report_fault(io, fault, Some((view.src, view.dst)));
                true
            }
        }
    }

    /// A Mobile IPv6 message (RFC 6275).
    fn mobility(&mut self, io: &mut Io<'_>, place: &Place<'_>, view: &IpView<'_>) {
        use bro_decode::transport::checksum::{verify, Status};
        let weird = |name| Weird {
            name,
            about: WeirdAbout::Flow(view.src, view.dst),
            addl: String::new(),
            source: "IP",
        };
        if !place.unsummed && !self.options.ignores_checksum_of(view.src) && verify(view) == Status::Invalid {
            io.sink.weird(weird("bad_MH_checksum"));
            return;
        }
        match bro_decode::net::mobility::parse(view.payload.data()) {
            Ok(header) => {
                if io.sink.wants(&events::MOBILE_IPV6_MESSAGE) {
                    io.sink
                        .emit(&events::MOBILE_IPV6_MESSAGE, vec![headers::pkt_hdr(view)]);
                }
                if header.next_header != proto::NO_NEXT {
                    io.sink.weird(weird("mobility_piggyback"));
                }
            }
            Err(fault) => report_fault(io, fault, Some((view.src, view.dst))),
        }
    }
}

/// The length of a packet as it counts for its connection: what the header says, even if that is left to the network card
/// and nothing yet.  The fragment header of an atomic fragment (RFC 6946), like that of any other, does not count.
fn counted_len(view: &IpView<'_>) -> usize {
    if view.version == 4 {
        return view.total_len;
    }
    let is_atomic = || {
        view.ext_headers()
            .any(|header| matches!(header, ExtHeader::Fragment { .. }))
    };
    if view.header_len > ipv6::HEADER_LEN && is_atomic() {
        return view.total_len.saturating_sub(FRAGMENT_HEADER_LEN);
    }
    view.total_len
}
