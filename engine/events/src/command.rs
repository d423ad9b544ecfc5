//! What policy asks of the engine.

use std::net::IpAddr;

use crate::{ConnId, FileId, Transport};

/// A request from policy.  It takes effect before the next packet (file commands: before the content that caused the
/// event goes on).
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Look no more at this connection's packets, only count them.
    SkipFurtherProcessing(ConnId),
    /// Whether to record (`-w`) the packets of a connection.
    RecordPackets(ConnId, bool),
    /// Seconds without a packet after which the connection is removed.
    InactivityTimeout(ConnId, f64),
    /// Raise `conn_…_threshold_crossed` when a side has sent that much; 0 takes it back.
    Threshold {
        /// The connection
        conn: ConnId,
        /// Which side; meaningless for durations
        is_orig: bool,
        /// What is counted
        kind: ThresholdKind,
        /// How much
        value: f64,
    },
    /// Remove an analyzer (by its instance number) from a connection; `prevent` also keeps it from coming back.
    DisableAnalyzer {
        /// The connection
        conn: ConnId,
        /// The analyzer's instance number
        instance: u64,
        /// Whether it must not come back
        prevent: bool,
    },
    /// Remove all analyzers with this tag from a connection.
    DisableAnalyzerTag {
        /// The connection
        conn: ConnId,
        /// Full name of the analyzers' tag
        tag: String,
        /// Whether they must not come back
        prevent: bool,
    },
    /// More content of a file that comes from outside of the traffic.
    Content {
        /// What sets the file apart from others of this kind
        handle: Vec<u8>,
        /// Where it comes from, such as the path of a file
        source: String,
        /// What continues it
        data: Vec<u8>,
    },
    /// Such a file has ended.
    ContentEnd {
        /// What sets the file apart from others of this kind
        handle: Vec<u8>,
    },
    /// Use an analyzer for connections to this port.
    RegisterPort {
        /// Full name of the analyzer's tag
        tag: String,
        /// Port of the responder
        port: u16,
        /// Its transport
        transport: Transport,
    },
    /// No longer do so.
    UnregisterPort {
        /// Full name of the analyzer's tag
        tag: String,
        /// Port of the responder
        port: u16,
        /// Its transport
        transport: Transport,
    },
    /// Direct packets between packet analyzers, given by their names such as `ETHERNET`.
    RoutePackets {
        /// What carries them
        parent: String,
        /// By which number: an EtherType, an IP protocol, a port
        number: u64,
        /// What gets them
        child: String,
    },
    /// Switch an analyzer on or off altogether.
    EnableAnalyzer {
        /// Full name of the analyzer's tag
        tag: String,
        /// On or off
        enabled: bool,
    },
    /// Expect a connection within `timeout` seconds and analyze it so; an unspecified originator matches any.
    ScheduleAnalyzer {
        /// Who will open it, if that is known
        orig: Option<IpAddr>,
        /// Who will accept it
        resp: IpAddr,
        /// At which port
        port: u16,
        /// Over what
        transport: Transport,
        /// Full name of the analyzer's tag
        tag: String,
        /// Seconds the expectation lasts
        timeout: f64,
    },
    /// Write one side's contents of a connection to a file; `None` ends it.
    ContentsFile {
        /// The connection
        conn: ConnId,
        /// Which side
        is_orig: bool,
        /// Where to
        path: Option<std::path::PathBuf>,
    },
    /// End the capture that processed packets are written to (`-w`), and begin it anew.
    ReopenTrace,
    /// Write the packet being processed to a pcap file.
    DumpPacket(std::path::PathBuf),
    /// About a file under analysis.
    File(FileId, FileCommand),
    /// Match data against signatures as content of a connection.
    MatchSignatures {
        /// The connection
        conn: ConnId,
        /// Which conditions of signatures: 0 `payload`, 1 `http-request`, and so on in the order of the matcher's contexts
        context: usize,
        /// The side the data is of
        is_orig: bool,
        /// The data
        data: Vec<u8>,
        /// Whether it begins the content, and whether it ends it
        bounds: (bool, bool),
    },
    /// Any analyzer-specific request, such as `dns_session` settings; ignored by those it does not concern.
    Analyzer {
        /// The connection
        conn: ConnId,
        /// What is asked
        name: String,
        /// With what
        argument: Vec<u8>,
    },
    /// End as if the input had ended.
    Terminate,
}

/// Which count of a connection a threshold is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThresholdKind {
    /// Payload bytes
    Bytes,
    /// Packets
    Packets,
    /// Seconds
    Duration,
}

/// A request about a file.
#[derive(Clone, Debug, PartialEq)]
pub enum FileCommand {
    /// Attach an analyzer (tag such as `Files::ANALYZER_MD5`); for extraction the path and limit (0: none).
    AddAnalyzer {
        /// Full name of the analyzer's tag
        tag: String,
        /// Its arguments
        args: FileAnalyzerArgs,
    },
    /// Detach it.
    RemoveAnalyzer {
        /// Full name of the analyzer's tag
        tag: String,
        /// Its arguments
        args: FileAnalyzerArgs,
    },
    /// Give up the file: no more events about its content.
    Stop,
    /// Seconds without content after which it is given up.
    SetTimeout(f64),
    /// Reassemble content that comes out of order.
    EnableReassembly(bool),
    /// Bytes to hold at most while reassembling.
    ReassemblyLimit(u64),
    /// A new limit for extraction.
    ExtractLimit {
        /// The file being extracted to
        path: String,
        /// Bytes at most; 0: no limit
        limit: u64,
    },
}

/// Arguments of a file analyzer (record `Files::AnalyzerArgs`).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct FileAnalyzerArgs {
    /// Where to extract to
    pub extract_filename: Option<String>,
    /// Bytes to extract at most; 0: no limit
    pub extract_limit: u64,
    /// Whether missing bytes count against the limit
    pub extract_limit_includes_missing: bool,
    /// Name of the event that gets content as chunks
    pub chunk_event: Option<String>,
    /// Name of the event that gets content as a stream
    pub stream_event: Option<String>,
}

/// Takes the commands about one file out of a list, for implementations of
/// [`EventSink::take_file_commands`](crate::EventSink::take_file_commands).
pub fn take_file_commands(commands: &mut Vec<Command>, file: FileId) -> Vec<FileCommand> {
    let mut taken = Vec::new();
    let mut index = 0;
    while index < commands.len() {
        match &commands[index] {
            Command::File(id, _) if *id == file => {
                if let Command::File(_, command) = commands.remove(index) {
                    taken.push(command);
                }
            }
            _ => index += 1,
        }
    }
    taken
}
