//! The vocabulary of the border between the engine (mechanism) and policy.
//!
//! Everything the engine tells policy is an [`Event`] with [`Value`]s, handed to an [`EventSink`]; everything policy
//! asks of the engine is a [`Command`].  This crate depends on nothing else here and carries no Python, so each stage
//! can be built, tested and fuzzed on its own (see [`recorder::Recorder`]).
#![forbid(unsafe_code)]

pub mod command;
pub mod conn;
pub mod discard;
pub mod event;
pub mod file;
pub mod question;
pub mod recorder;
pub mod sink;
pub mod uid;
pub mod value;
pub mod weird;

pub use command::{Command, FileAnalyzerArgs, FileCommand, ThresholdKind};
pub use conn::{ConnId, ConnSnapshot, EncapsulationLayer, EndpointSnapshot, FlowId};
pub use discard::{Discard, NoFiles};
pub use event::Event;
pub use file::{FileConn, FileId, FileKey, FileSink, FileSnapshot};
pub use question::{Question, Questions};
pub use recorder::Recorder;
pub use sink::{EventSink, Weird, WeirdAbout};
pub use uid::UidMaker;
pub use value::{RecordDef, Transport, Value};
