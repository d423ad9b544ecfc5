//! How packets change the states of the two ends.

use super::endpoint::State;
use super::{Flags, Tcp, Work, SOURCE};
use crate::events;

/// What a packet did to the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Closing {
    /// The sender closed its direction, or both.
    pub close: bool,
    /// Policy is to be told, because there was a connection before.
    pub event: bool,
}

/// What of a packet matters for the states.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    pub flags: Flags,
    /// Payload bytes
    pub len: u64,
    /// A FIN beyond an earlier one
    pub advanced_fin: bool,
    /// A SYN-ACK that made the roles be exchanged
    pub flipped: bool,
}

impl Tcp {
    /// Changes the state of end `s`, which sent the segment.
    pub(super) fn transition(&mut self, work: &mut Work<'_, '_, '_>, s: usize, segment: &Segment) -> Closing {
        let &Segment {
            flags,
            len,
            advanced_fin,
            ..
        } = segment;
        match self.ends[s].state {
            State::Inactive => self.when_inactive(work, s, segment),
            State::SynSent | State::SynAckSent => self.when_syn_sent(work, s, flags, len),
            State::Partial | State::Established => self.when_established(s, flags),
            State::Closed => self.when_closed(work, s, flags, advanced_fin),
            State::Reset => {
                Self::when_reset(work, flags, len);
                Closing::default()
            }
        }
    }

    fn weird(work: &mut Work<'_, '_, '_>, name: &'static str) {
        work.core.weird(work.env.sink, name, "", SOURCE);
    }

    fn when_inactive(&mut self, work: &mut Work<'_, '_, '_>, s: usize, segment: &Segment) -> Closing {
        let &Segment { flags, len, .. } = segment;
        let mut closing = Closing::default();
        let is_orig = s == 0;
        let peer = self.ends[1 - s].state;
        if flags.syn() {
            if is_orig {
                self.syn_from_originator(work, flags, peer);
            } else {
                self.syn_from_responder(work, segment, peer);
            }
        }
        if flags.fin() {
            self.ends[s].set_state(State::Closed);
            closing.close = true;
            if peer != State::Partial && !flags.syn() {
                Self::weird(work, "spontaneous_FIN");
            }
        }
        if flags.rst() {
            self.ends[s].set_state(State::Reset);
            closing.close = true;
            if !is_orig && peer == State::SynSent {
                self.summarize(work.core);
                work.core.raise(work.env.sink, &events::CONNECTION_REJECTED);
            } else if peer == State::Inactive {
                Self::weird(work, "spontaneous_RST");
            }
        }
        if self.ends[s].state == State::Inactive {
            self.middle_of_connection(work, s, len, peer);
        }
        closing
    }

    /// The originator's first SYN.
    fn syn_from_originator(&mut self, work: &mut Work<'_, '_, '_>, flags: Flags, peer: State) {
        if flags.ack() {
            if peer == State::SynSent {
                Self::weird(work, "simultaneous_open");
            }
            self.ends[0].set_state(State::SynAckSent);
        } else {
            self.ends[0].set_state(State::SynSent);
        }
        self.attempt_at = work.env.now + work.env.options.tcp_attempt_delay;
    }

    /// The responder's first SYN.
    fn syn_from_responder(&mut self, work: &mut Work<'_, '_, '_>, segment: &Segment, peer: State) {
        if !segment.flags.ack() {
            if peer == State::SynSent {
                Self::weird(work, "simultaneous_open");
            }
            self.ends[1].set_state(State::SynSent);
            return;
        }
        // Its acknowledgement may differ from what the originator sent: then one of the two packets was forged, or
        // belongs to an earlier connection.
        let orig = &self.ends[0];
        let ack = orig.ack(work.tcp.ack);
        if !matches!(peer, State::Inactive | State::Partial) && !(orig.start..=orig.last).contains(&ack) {
            Self::weird(work, "bad_SYN_ack");
        }
        if segment.flipped {
            self.ends[1].set_state(State::SynAckSent);
            return;
        }
        match peer {
            State::SynSent => {
                self.ends[0].set_state(State::Established);
                self.ends[1].set_state(State::Established);
            }
            State::Inactive => {
                Self::weird(work, "unsolicited_SYN_response");
                self.ends[1].set_state(State::Established);
            }
            _ => self.ends[1].set_state(State::Established),
        }
        self.summarize(work.core);
        work.core.raise(work.env.sink, &events::CONNECTION_ESTABLISHED);
    }

    /// A packet without SYN, FIN and RST from an end that has sent nothing yet.
    fn middle_of_connection(&mut self, work: &mut Work<'_, '_, '_>, s: usize, len: u64, peer: State) {
        let is_orig = s == 0;
        match peer {
            // The other end's SYN-ACK was seen, the SYN was not.
            State::SynAckSent | State::Established if is_orig => self.ends[s].set_state(State::Established),
            // An acknowledgement that does not accept the connection, such as one for an older connection (RFC 5961).
            State::SynSent if !is_orig && len == 0 => {}
            _ => {
                self.ends[s].set_state(State::Partial);
                if peer == State::Inactive {
                    work.core.partial = true;
                }
                if peer == State::Partial && !self.partial_told {
                    self.partial_told = true;
                    self.summarize(work.core);
                    work.core.raise(work.env.sink, &events::PARTIAL_CONNECTION);
                }
            }
        }
    }

    fn when_syn_sent(&mut self, work: &mut Work<'_, '_, '_>, s: usize, flags: Flags, len: u64) -> Closing {
        let mut closing = Closing::default();
        let is_orig = s == 0;
        let peer = self.ends[1 - s].state;
        if flags.syn() {
            let sent_ack = self.ends[s].state == State::SynAckSent;
            if is_orig && flags.ack() && !flags.fin() && !flags.rst() && !sent_ack {
                Self::weird(work, "repeated_SYN_with_ack");
            } else if !flags.ack() && sent_ack {
                Self::weird(work, "repeated_SYN_reply_wo_ack");
            }
        }
        if flags.fin() {
            if matches!(peer, State::Inactive | State::SynSent) {
                Self::weird(work, "inappropriate_FIN");
            }
            self.ends[s].set_state(State::Closed);
            closing = Closing {
                close: true,
                event: false,
            };
        }
        if flags.rst() {
            let rejected = !is_orig && peer == State::SynSent;
            self.ends[s].set_state(State::Reset);
            closing = Closing {
                close: true,
                event: false,
            };
            if rejected {
                self.summarize(work.core);
                work.core.raise(work.env.sink, &events::CONNECTION_REJECTED);
            }
        } else if len > 0 && !flags.syn() {
            Self::weird(work, "data_before_established");
        }
        closing
    }

    fn when_established(&mut self, s: usize, flags: Flags) -> Closing {
        let established = self.ends[s].state == State::Established;
        if flags.rst() {
            self.ends[s].set_state(State::Reset);
            return Closing {
                close: true,
                event: established,
            };
        }
        if flags.fin() {
            self.ends[s].set_state(State::Closed);
            let peer = &mut self.ends[1 - s];
            if peer.state == State::Reset && peer.previous == State::Closed {
                // It sent a FIN and then a RST: with this FIN the connection closed in order all the same.
                peer.set_state(State::Closed);
            }
            return Closing {
                close: true,
                event: established,
            };
        }
        Closing::default()
    }

    fn when_closed(
        &mut self,
        work: &mut Work<'_, '_, '_>,
        s: usize,
        flags: Flags,
        advanced_fin: bool,
    ) -> Closing {
        if flags.syn() {
            Self::weird(work, "SYN_after_close");
        }
        if flags.fin() && !flags.rst() && advanced_fin {
            Self::weird(work, "FIN_advanced_last_seq");
        }
        // Once both have closed a RST only tidies up.
        if flags.rst() && !flags.fin() && self.ends[1 - s].state != State::Closed {
            self.ends[s].set_state(State::Reset);
            return Closing {
                close: true,
                event: true,
            };
        }
        Closing::default()
    }

    fn when_reset(work: &mut Work<'_, '_, '_>, flags: Flags, len: u64) {
        if flags.syn() {
            Self::weird(work, "SYN_after_reset");
        }
        if flags.fin() {
            Self::weird(work, "FIN_after_reset");
        }
        if len > 0 && !flags.syn() && !flags.rst() {
            Self::weird(work, "data_after_reset");
        }
    }
}
