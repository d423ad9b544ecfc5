//! What can go wrong with a source or a dumper, in words for the person who has to do something about it.

use std::io;

use thiserror::Error;

use crate::filter::FilterError;
use crate::link::LinkType;

/// An error of a packet source or of a [`Dumper`](crate::Dumper).
///
/// `file` is the path as it was given, or `<stdin>` / `<stdout>`.  Offsets count from the start of the capture; in a
/// gzipped file they are offsets of the decompressed data.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// The file is of another kind, empty, or too short for the header of a capture.
    #[error("{file}: not a packet capture: {what} (pcap and pcapng files can be read, plain or gzipped)")]
    NotACapture {
        /// The file.
        file: String,
        /// What was found.
        what: String,
    },
    /// The file ends in the middle of something.  Everything before it was delivered.
    #[error("{file}: cut off at byte {offset}: {what}")]
    Truncated {
        /// The file.
        file: String,
        /// Where the incomplete part starts.
        offset: u64,
        /// What is incomplete.
        what: String,
    },
    /// The file contradicts its format; nothing after the damage can be read.  Everything before it was delivered.
    #[error("{file}: damaged at byte {offset}: {what}")]
    Corrupt {
        /// The file.
        file: String,
        /// Where the damaged part starts.
        offset: u64,
        /// What is wrong.
        what: String,
    },
    /// A capture of a kind or version that is not read.
    #[error("{file}: {what}")]
    Unsupported {
        /// The file or interface.
        file: String,
        /// What is not supported, and what to do instead.
        what: String,
    },
    /// The operating system refused to open, read or write.
    #[error("{file}: cannot {action}: {source}")]
    Io {
        /// The file.
        file: String,
        /// What was tried, as a verb: "open", "read", "write".
        action: &'static str,
        /// The system's reason.
        source: io::Error,
    },
    /// A live interface cannot be used, or no longer.
    #[error("interface {interface}: {what}")]
    Interface {
        /// Name of the interface.
        interface: String,
        /// What happened and what to do.
        what: String,
        /// The system's reason, if it gave one.
        source: Option<io::Error>,
    },
    /// A capture file has room for one link type, and a packet of a second one was to be written.
    #[error(
        "{file}: holds packets of {expected}, a packet of {found} cannot be written to it; \
         a pcap file has one link type, so write each link type to a file of its own"
    )]
    MixedLinkTypes {
        /// The file.
        file: String,
        /// Link type of the file.
        expected: LinkType,
        /// Link type of the packet.
        found: LinkType,
    },
    /// The filter expression cannot be used.
    #[error(transparent)]
    Filter(#[from] FilterError),
}

impl CaptureError {
    /// The system refused `action` (a verb, such as "open") on a file.
    pub(crate) fn io(file: &str, action: &'static str, source: io::Error) -> Self {
        CaptureError::Io {
            file: file.to_owned(),
            action,
            source,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_say_which_file_where_and_what() {
        let error = CaptureError::Truncated {
            file: "a.pcap".into(),
            offset: 24,
            what: "packet 1 has no end".into(),
        };
        assert_eq!(
            error.to_string(),
            "a.pcap: cut off at byte 24: packet 1 has no end"
        );
        let error = CaptureError::MixedLinkTypes {
            file: "out.pcap".into(),
            expected: LinkType::ETHERNET,
            found: LinkType::RAW,
        };
        assert!(
            error
                .to_string()
                .contains("packets of EN10MB (Ethernet), a packet of RAW (raw IP)"),
            "{error}"
        );
    }
}
