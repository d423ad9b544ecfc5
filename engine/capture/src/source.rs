//! What all packet sources have in common.

use std::time::Duration;

use crate::error::CaptureError;
use crate::link::LinkType;
use crate::packet::Packet;

/// What [`PacketSource::advance`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A packet; [`PacketSource::packet`] returns it.
    Packet,
    /// No packet yet.  More can come: [`PacketSource::wait`], then try again.
    Pending,
    /// No packet, and none will come.
    End,
}

/// What [`PacketSource::next_packet`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next<'a> {
    /// The next packet.
    Packet(Packet<'a>),
    /// No packet yet.  More can come: [`PacketSource::wait`], then try again.
    Pending,
    /// No packet, and none will come.
    End,
}

/// How fine the times of a source are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resolution {
    /// Microseconds or coarser.
    Micro,
    /// Finer than microseconds.
    Nano,
}

/// Counters of a source since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Packets delivered.
    pub received: u64,
    /// Captured bytes of the delivered packets.
    pub bytes: u64,
    /// Packets read but rejected by a filter of this process.  What a filter in the kernel rejects is not counted.
    pub filtered: u64,
    /// Packets that passed the kernel's filter, delivered or dropped.  Live sources only.
    pub link: Option<u64>,
    /// Packets the kernel dropped because its buffer was full.  Live sources only.
    pub dropped: Option<u64>,
}

impl Statistics {
    /// Adds the counters of another source.
    pub(crate) fn add(&mut self, other: Statistics) {
        fn sum(a: Option<u64>, b: Option<u64>) -> Option<u64> {
            match (a, b) {
                (None, None) => None,
                _ => Some(a.unwrap_or(0) + b.unwrap_or(0)),
            }
        }
        self.received += other.received;
        self.bytes += other.bytes;
        self.filtered += other.filtered;
        self.link = sum(self.link, other.link);
        self.dropped = sum(self.dropped, other.dropped);
    }
}

/// How much of its input a source has read, in bytes of the input (of the compressed bytes, if it is compressed).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read.
    pub read: u64,
    /// Bytes there are, where that is known: not for pipes.
    pub total: Option<u64>,
}

/// A source of packets.
///
/// The one packet that a source is at lives until the source moves on: `advance` moves, `packet` looks.
/// [`next_packet`](Self::next_packet) does both.
///
/// Errors are delivered once, after all packets before the fault.  After an error the source can be asked again: a
/// file then says [`Step::End`], merged sources go on with those that are left.
pub trait PacketSource: Send {
    /// Moves to the next packet.
    ///
    /// A live source never waits here.  A file waits up to a tenth of a second for a slow disk or pipe and says
    /// [`Step::Pending`] after that, so that the caller can look after signals.
    fn advance(&mut self) -> Result<Step, CaptureError>;

    /// The packet that the last call of [`advance`](Self::advance) found; none if it found none.
    fn packet(&self) -> Option<Packet<'_>>;

    /// Moves to the next packet and returns it.
    fn next_packet(&mut self) -> Result<Next<'_>, CaptureError> {
        Ok(match self.advance()? {
            // There is a packet after `Step::Packet`; if an implementation broke that, nothing is lost but the packet.
            Step::Packet => self.packet().map_or(Next::Pending, Next::Packet),
            Step::Pending => Next::Pending,
            Step::End => Next::End,
        })
    }

    /// Waits until a packet can be there or the time is over.  Does nothing for files, which wait in `advance`.
    fn wait(&mut self, _timeout: Duration) -> Result<(), CaptureError> {
        Ok(())
    }

    /// What the packets start with; unknown for a pcapng file until its first interface was read and for a pipe until
    /// its first bytes came.  Each [`Packet`] has its own, as one pcapng file can mix several.
    fn link_type(&self) -> Option<LinkType>;

    /// The finest resolution of times so far (pcapng files can describe a finer interface at any place).
    fn resolution(&self) -> Resolution;

    /// Whether packets come from an interface as they happen.
    fn is_live(&self) -> bool {
        false
    }

    /// Counters.  Asks the kernel for live sources, hence `&mut`.
    fn statistics(&mut self) -> Statistics;

    /// How far the source is; none for live sources.
    fn progress(&self) -> Option<Progress> {
        None
    }

    /// Name for messages: the file as it was given, or the interface.
    fn name(&self) -> &str;
}

impl<S: PacketSource + ?Sized> PacketSource for Box<S> {
    fn advance(&mut self) -> Result<Step, CaptureError> {
        (**self).advance()
    }
    fn packet(&self) -> Option<Packet<'_>> {
        (**self).packet()
    }
    fn next_packet(&mut self) -> Result<Next<'_>, CaptureError> {
        (**self).next_packet()
    }
    fn wait(&mut self, timeout: Duration) -> Result<(), CaptureError> {
        (**self).wait(timeout)
    }
    fn link_type(&self) -> Option<LinkType> {
        (**self).link_type()
    }
    fn resolution(&self) -> Resolution {
        (**self).resolution()
    }
    fn is_live(&self) -> bool {
        (**self).is_live()
    }
    fn statistics(&mut self) -> Statistics {
        (**self).statistics()
    }
    fn progress(&self) -> Option<Progress> {
        (**self).progress()
    }
    fn name(&self) -> &str {
        (**self).name()
    }
}
