//! Packet sources and the writing of captures: the first stage of the engine.
//!
//! Everything that can deliver packets is a [`PacketSource`]:
//!
//! * [`CaptureFile`]: a classic pcap or a pcapng capture, plain or gzipped, from a path or from standard input;
//! * [`LiveSource`]: an interface of this machine (Linux);
//! * [`MergedSource`]: several sources as one, in the order of time;
//! * [`FilteredSource`]: a source less the packets that a filter expression rejects.
//!
//! Packets are borrowed from the source's buffers, never copied.  A [`Dumper`] writes packets to a capture again.
//!
//! ```no_run
//! use bro_capture::{CaptureFile, Next, PacketSource};
//! use std::time::Duration;
//!
//! let mut source = CaptureFile::open("trace.pcap")?;
//! loop {
//!     match source.next_packet()? {
//!         Next::Packet(packet) => println!("{} {} bytes", packet.ts.seconds(), packet.captured.len()),
//!         Next::Pending => source.wait(Duration::from_millis(100))?,
//!         Next::End => break,
//!     }
//! }
//! # Ok::<(), bro_capture::CaptureError>(())
//! ```
//!
//! `unsafe` is denied everywhere but in three small files that each say why they need it: `live/ring.rs` (the memory
//! shared with the kernel), `live/socket.rs` (the system calls of a packet socket) and `filter/libpcap.rs` (calling
//! libpcap's filter compiler).

mod dump;
mod error;
mod file;
mod filter;
mod fuzzing;
mod link;
mod live;
mod merge;
mod packet;
mod source;

pub use dump::{DumpOptions, DumpStatistics, Dumper};
pub use error::CaptureError;
pub use file::{CaptureFile, MAX_CAPTURED};
pub use filter::bpf::{Instruction, Program, ProgramError};
pub use filter::{Filter, FilterError, FilterSet, FilteredSource};
pub use fuzzing::fuzz;
pub use link::LinkType;
pub use live::{LiveOptions, LiveSource};
pub use merge::{merge, MergedSource};
pub use packet::{Packet, Timestamp};
pub use source::{Next, PacketSource, Progress, Resolution, Statistics, Step};
