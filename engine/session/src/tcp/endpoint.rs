//! One end of a TCP connection.

use super::history::Marks;
use super::reassembly::Stream;
use super::seq::{full, BASE};

/// The state of an end, numbered as policy's constants `TCP_INACTIVE` … `TCP_RESET`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
#[repr(u8)]
pub(crate) enum State {
    /// Has sent nothing
    #[default]
    Inactive = 0,
    /// Has sent a SYN
    SynSent = 1,
    /// Has sent a SYN-ACK out of the order that makes a connection
    SynAckSent = 2,
    /// Sends, but its SYN was not seen
    Partial = 3,
    /// Sends and receives
    Established = 4,
    /// Has sent a FIN
    Closed = 5,
    /// Has sent a RST
    Reset = 6,
}

/// A jump of a SYN's or RST's sequence number by more than this is not believed.
const TOO_FAR: u64 = 1 << 20;

/// A window this large is taken for granted when it is asked whether a segment lies in it.
const LEAST_WINDOW: u64 = 1 << 16;

/// One end: what it sent, and what of it the other end has acknowledged.
#[derive(Debug, Default)]
pub(crate) struct Endpoint {
    pub state: State,
    /// The state before
    pub previous: State,
    /// Was in the state of that name
    pub established: bool,
    /// Whether the sequence numbers below are set
    pub begun: bool,
    /// They were set by a SYN.
    pub has_syn: bool,
    /// Window scale from the SYN; windows of SYNs themselves are not scaled
    pub window_scale: Option<u8>,
    /// Sequence number of the SYN; where none was seen, the one before the first that was
    pub start: u64,
    /// The number after the highest that was sent
    pub last: u64,
    /// The highest number that was acknowledged
    pub acked: u64,
    /// Number of the FIN
    pub fin_at: Option<u64>,
    pub fins: u32,
    pub rsts: u32,
    /// Advertised window in bytes, and the sequence and acknowledgement number it came with
    pub window: u32,
    pub window_seq: u64,
    pub window_ack: u64,
    pub last_time: f64,
    pub marks: Marks,
    pub stream: Stream,
    /// The content is no longer followed; why was reported.
    pub gave_up: bool,
    /// The analyzers know that the stream has ended.
    pub eof: bool,
    /// It was reset by a segment that its peer will not have believed, so its stream is followed further.
    pub doubtful_reset: bool,
}

impl Endpoint {
    /// Sets the sequence numbers from a SYN.
    pub fn begin_with_syn(&mut self, seq: u32) {
        self.begin(BASE + u64::from(seq));
        self.has_syn = true;
    }

    /// Sets the sequence numbers from the first that was seen, as if a SYN had come before it.
    pub fn begin_in_the_middle(&mut self, seq: u32) {
        self.begin(BASE + u64::from(seq) - 1);
        self.has_syn = false;
    }

    fn begin(&mut self, start: u64) {
        self.begun = true;
        self.start = start;
        self.last = start;
        self.acked = start;
        self.stream.begin(start + 1);
    }

    pub fn set_state(&mut self, state: State) {
        self.established |= state == State::Established;
        self.previous = self.state;
        self.state = state;
    }

    /// The full number of a sequence number this end sends.
    #[inline]
    pub fn seq(&self, seq: u32) -> u64 {
        full(self.last, seq)
    }

    /// The full number of an acknowledgement for this end.
    #[inline]
    pub fn ack(&self, ack: u32) -> u64 {
        full(self.acked.max(self.start + 1), ack)
    }

    /// A number relative to the SYN: the first byte of the stream is 1.
    #[inline]
    pub fn relative(&self, seq: u64) -> u64 {
        seq.saturating_sub(self.start)
    }

    /// Whether none of this end's data was acknowledged.
    pub fn nothing_acked(&self) -> bool {
        self.acked <= self.start + 1
    }

    /// Takes note of a segment's end.  Returns whether it went beyond everything before.
    #[inline]
    pub fn advance(&mut self, end: u64, syn_or_rst: bool, fin: bool) -> bool {
        let forward = end > self.last;
        if (syn_or_rst && end.abs_diff(self.last) > TOO_FAR) || self.is_reset() {
            return forward;
        }
        // A FIN's number counts even if it is lower: between SYN and FIN more than 2 GB may not have been seen.
        if forward || (fin && self.state == State::Closed && end > self.start) {
            self.last = end;
        }
        forward
    }

    /// Payload bytes sent, by sequence and acknowledgement numbers.
    #[inline]
    pub fn size(&self) -> u64 {
        if self.state == State::Inactive {
            return 0;
        }
        // SYN and FIN take a number each.
        let size = self.last.max(self.acked).saturating_sub(self.start + 1);
        if self.fins > 0 {
            size.saturating_sub(1)
        } else {
            size
        }
    }

    /// Whether data waits for a hole to be filled, before the end of the stream.
    pub fn is_data_pending(&self) -> bool {
        !self.gave_up && (self.stream.is_waiting() || self.fin_at.is_some_and(|fin| self.stream.next() < fin))
    }

    /// Whether it was reset, and nothing it seems to send counts any more.
    pub fn is_reset(&self) -> bool {
        self.state == State::Reset && !self.doubtful_reset
    }

    /// Takes note of a RST with this number, and of whether the peer believes it.  It does if the number is the very one it
    /// expects next; to another one in its window it answers by asking whether that was meant (RFC 5961, section 3.2).  What
    /// it has acknowledged and what has come in order are bounds of what it expects.
    pub fn reset(&mut self, seq: u64) {
        // One that has said nothing refuses; one that was reset stays so.  A FIN has a number too.
        let open = self.doubtful_reset || !matches!(self.state, State::Inactive | State::Reset);
        let next = if self.gave_up {
            self.last
        } else {
            self.stream.next() + u64::from(self.fins > 0)
        };
        self.doubtful_reset = open && !(self.acked..=next.max(self.acked)).contains(&seq);
    }

    /// Whether the peer takes a segment from one number to another: it must touch the window that the peer offers (RFC 9293,
    /// section 3.10.7.4).  Unless both SYNs were seen, it is not known how windows are scaled.
    pub fn is_acceptable(&self, from: u64, to: u64, peer: &Endpoint) -> bool {
        if peer.window_ack == 0 {
            return true;
        }
        let scale = if self.has_syn && peer.has_syn { 0 } else { 14 };
        let window = (u64::from(peer.window) << scale).max(LEAST_WINDOW);
        to >= self.acked && from <= peer.window_ack + window
    }

    /// Whether the end took part in a handshake and is open, or has closed in order.
    pub fn was_established(&self) -> bool {
        self.established && matches!(self.state, State::Established | State::Closed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_leaves_out_syn_and_fin() {
        let mut end = Endpoint {
            state: State::Established,
            ..Endpoint::default()
        };
        end.begin_with_syn(0xffff_fffe);
        let seq = end.seq(0xffff_ffff);
        assert!(end.advance(seq + 10, false, false));
        assert_eq!(end.size(), 10);
        end.fins = 1;
        assert!(end.advance(seq + 11, false, true));
        assert_eq!(end.size(), 10);
    }

    #[test]
    fn more_than_4_gigabytes_are_counted() {
        let mut end = Endpoint {
            state: State::Established,
            ..Endpoint::default()
        };
        end.begin_with_syn(5);
        let mut seq = 6u32;
        for _ in 0..10 {
            seq = seq.wrapping_add(1 << 30);
            let full = end.seq(seq);
            assert!(end.advance(full, false, false));
        }
        assert_eq!(end.size(), 10 << 30);
    }

    #[test]
    fn a_wild_reset_does_not_change_the_size() {
        let mut end = Endpoint {
            state: State::Established,
            ..Endpoint::default()
        };
        end.begin_with_syn(1000);
        let wild = end.seq(0x4000_0000);
        end.advance(wild, true, false);
        assert_eq!(end.size(), 0);
    }
}
