//! Packet decoders: pure functions from bytes to views, one header a file.
//!
//! A packet is walked from the outside in:
//!
//! ```text
//! link::decode          a captured frame              -> Frame (addresses, tags, network payload)
//! net::ip::parse        an IPv4 or IPv6 packet        -> IpView (flow addresses, protocol, payload)
//! net::fragments        fragments of a datagram       -> the datagram, when complete
//! transport::*::parse   TCP, UDP, ICMP, ICMPv6        -> a view of the header and its payload
//! tunnel::*             what carries further packets  -> Inner (where decoding goes on, and its bytes)
//! ```
//!
//! No function keeps state, except the reassembly table in [`net::fragments`], which keeps what it says there.
//! No function panics, whatever the bytes; each takes time linear in the bytes it reads.
//!
//! Bytes come as a [`Snap`]: what was captured together with how long it was on the wire, so that a packet that
//! was cut by the snapshot length is told from a packet that lies about its length.
//!
//! What is wrong with a packet is reported in one of two ways: a [`Malformed`] error when decoding cannot go on,
//! or a list of [`Weird`]s in the view when it can. Both carry the name that shows up in `weird.log`. The
//! documentation of each function lists the names it may report.
#![forbid(unsafe_code)]

pub mod cursor;
pub mod fuzz;
pub mod link;
pub mod net;
pub mod protocol;
pub mod snap;
pub mod transport;
pub mod tunnel;
pub mod weird;

pub use fuzz::fuzz;
pub use snap::Snap;
pub use weird::{Malformed, Scope, Weird};
