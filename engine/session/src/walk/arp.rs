//! ARP (RFC 826).

use std::fmt::Write;

use bro_decode::link::Mac;
use bro_decode::net::arp::{self, Addresses, Meaning};
use bro_decode::Snap;
use bro_events::Value;

use super::{report_fault, Place};
use crate::events;
use crate::sessions::Io;

/// A MAC address as policy sees it: `00:1f:33:d9:81:60`.
pub(super) fn mac(mac: Mac) -> Value {
    let mut text = String::with_capacity(17);
    for (i, byte) in mac.iter().enumerate() {
        let separator = if i == 0 { "" } else { ":" };
        let _ = write!(text, "{separator}{byte:02x}");
    }
    text.into()
}

/// Raises the event of an ARP message.
pub(super) fn process(io: &mut Io<'_>, place: &Place<'_>, packet: Snap<'_>) -> bool {
    let message = match arp::parse(packet) {
        Ok(message) => message,
        Err(fault) => {
            report_fault(io, fault, None);
            return false;
        }
    };
    let (event, addresses) = match message.meaning(place.link.src_mac) {
        Meaning::Request(addresses) => (&events::ARP_REQUEST, addresses),
        Meaning::Reply(addresses) => (&events::ARP_REPLY, addresses),
        Meaning::Bad(addresses, explanation) => {
            if io.sink.wants(&events::BAD_ARP) {
                let mut args = hosts(&addresses);
                args.push(explanation.into());
                io.sink.emit(&events::BAD_ARP, args);
            }
            return true;
        }
        Meaning::Other => return true,
    };
    if io.sink.wants(event) {
        let link = |address: Option<Mac>| address.map_or(Value::Text(""), mac);
        let mut args = vec![link(place.link.src_mac), link(place.link.dst_mac)];
        args.extend(hosts(&addresses));
        io.sink.emit(event, args);
    }
    true
}

fn hosts(addresses: &Addresses) -> Vec<Value> {
    vec![
        Value::Addr(addresses.spa.into()),
        mac(addresses.sha),
        Value::Addr(addresses.tpa.into()),
        mac(addresses.tha),
    ]
}
