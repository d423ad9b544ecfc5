//! One side's stream of messages.

use bro_events::Value;

use super::entity::{Entity, MessageId};
use super::fields::Fields;
use super::session::Pending;
use super::vocabulary::HTTP_MESSAGE_STAT;
use crate::mime::body::Body;
use crate::mime::header::HeaderBlock;
use crate::support::coding::Decoder;
use crate::support::lines::Lines;

/// Bytes of a line.  Servers take request lines and fields of some 8 to 64 kilobytes.
const MAX_LINE: usize = 256 * 1024;

/// What the next bytes of a side are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// A request line or status line
    StartLine,
    /// Header fields
    Header,
    /// Header fields behind a request line that could not be read: passed over up to the empty line
    PassedHeader,
    /// So many bytes of the body
    Length(u64),
    /// The body, up to the end of the stream
    UntilEnd,
    /// The size of a chunk
    ChunkSize,
    /// So many bytes of a chunk
    Chunk(u64),
    /// The end of line behind a chunk
    ChunkEnd,
    /// Fields behind the last chunk
    Trailer,
    /// Lines of something else
    Junk,
    /// Unknown, after a hole
    Lost,
}

/// The message being read.
#[derive(Debug, Default)]
pub struct Message {
    /// There is one.
    pub is_open: bool,
    /// Which one
    pub id: MessageId,
    /// Time of its first line, seconds
    pub start: f64,
    /// Bytes of its first line and header, without ends of lines
    pub header_length: u64,
    /// Bytes of its content, holes included
    pub body_length: u64,
    /// Bytes of holes in its content
    pub gap_length: u64,
    /// What its header says
    pub fields: Fields,
    /// Status code of a reply
    pub code: u16,
    /// The request that a reply belongs to
    pub request: Option<Pending>,
}

impl Message {
    /// The record `http_message_stat`.
    pub fn stat(&self, interrupted: bool, finish_msg: &'static str) -> Value {
        Value::Record(
            &HTTP_MESSAGE_STAT,
            vec![
                Value::Time(self.start),
                Value::Bool(interrupted),
                Value::Text(finish_msg),
                Value::Count(self.body_length),
                Value::Count(self.gap_length),
                Value::Count(self.header_length),
            ],
        )
    }
}

/// State of one side.
#[derive(Debug)]
pub struct Side {
    /// What comes next
    pub phase: Phase,
    /// Lines being put together
    pub lines: Lines,
    /// Fields being put together
    pub block: HeaderBlock,
    /// The message being read
    pub message: Message,
    /// What its content goes to
    pub entity: Entity,
    /// Undoes its content coding
    pub decoder: Option<Decoder>,
    /// The content cannot be decoded any more.
    pub undecodable: bool,
    /// Finds its parts, if it may have some
    pub body: Option<Box<Body>>,
    /// Lines that end with CR alone were reported.
    pub reported_cr: bool,
    /// Beginning of a reply that may have no header: up to five bytes
    pub peeked: Vec<u8>,
}

impl Side {
    /// At the beginning.
    pub fn new() -> Self {
        Side {
            phase: Phase::StartLine,
            lines: Lines::new(MAX_LINE),
            block: HeaderBlock::default(),
            message: Message::default(),
            entity: Entity::default(),
            decoder: None,
            undecodable: false,
            body: None,
            reported_cr: false,
            peeked: Vec::new(),
        }
    }

    /// Begins the message of that number.
    pub fn begin(&mut self, instance: u64, number: u64, now: f64, line_length: usize) {
        self.message = Message {
            is_open: true,
            id: MessageId {
                instance,
                number,
                range_key: None,
            },
            start: now,
            header_length: line_length as u64,
            ..Message::default()
        };
        self.block.clear();
        self.entity.clear();
        self.decoder = None;
        self.undecodable = false;
        self.body = None;
        self.phase = Phase::Header;
    }
}
