//! Flows: connections, TCP state and reassembly, timers, and the tree of analyzers on each connection.
//!
//! [`Sessions`] is the entry.  A packet walks from the outside in (`walk/`): link layer, IP, fragments, tunnels,
//! transport; there it meets its connection (`table.rs`, `conn/`), whose transport (`tcp/`, `udp/`, `icmp/`) follows the
//! state and hands content to the analyzers on it (`tree.rs`), which are chosen by port, by expectation (`bindings.rs`)
//! or by signature (`detect.rs`).  All time is packet time; `timers/` keeps the deadlines.
#![forbid(unsafe_code)]

pub mod analyzer;
mod bindings;
mod conn;
mod detect;
mod env;
pub mod events;
pub mod flow;
mod icmp;
mod mptcp;
pub mod options;
mod packet;
mod queries;
mod sessions;
pub mod stats;
mod table;
mod tcp;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
pub mod timers;
mod tree;
mod udp;
mod walk;

pub use events::{DECLARATIONS, EVENTS, RECORDS};
pub use options::{OptionError, Options};
pub use queries::{packet_header_value, packet_value, pppoe_session_id};
pub use sessions::Sessions;
pub use stats::Stats;
