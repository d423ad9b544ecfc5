//! Which letters of a side are in the history already.

use super::Flags;
use crate::conn::history::{History, Scaled};

/// What of a side was noted, and how often what is noted repeatedly has happened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marks {
    /// Sequence numbers, as on the wire, of the latest that were noted
    syn: Option<u32>,
    fin: Option<u32>,
    rst: Option<u32>,
    multi: bool,
    data: bool,
    ack: bool,
    /// Bad checksums (`c`), gaps (`g`), retransmissions (`t`), zero windows (`w`)
    pub checksums: Scaled,
    pub gaps: Scaled,
    pub retransmissions: Scaled,
    pub zero_windows: Scaled,
}

/// A letter, in the case of the side.
fn letter(letter: u8, is_orig: bool) -> u8 {
    if is_orig {
        letter.to_ascii_uppercase()
    } else {
        letter
    }
}

impl Marks {
    /// Notes a packet.  SYNs, FINs and RSTs are noted again when they have another sequence number.
    #[inline]
    pub fn packet(&mut self, history: &mut History, is_orig: bool, flags: Flags, seq: u64, len: u64) {
        let control = u8::from(flags.syn()) + u8::from(flags.fin()) + u8::from(flags.rst());
        if control == 0 {
            let (seen, code) = match (len > 0, flags.ack()) {
                (true, _) => (&mut self.data, b'd'),
                (false, true) => (&mut self.ack, b'a'),
                (false, false) => return,
            };
            if !*seen {
                *seen = true;
                history.push(letter(code, is_orig));
            }
        } else if control > 1 {
            if !self.multi {
                self.multi = true;
                history.push(letter(if flags.syn() { b'q' } else { b'i' }, is_orig));
            }
        } else {
            // A FIN's number is at the end of the packet's data.
            let (seen, code, number) = if flags.syn() {
                (&mut self.syn, if flags.ack() { b'h' } else { b's' }, seq)
            } else if flags.fin() {
                (&mut self.fin, b'f', seq + len)
            } else {
                (&mut self.rst, b'r', seq)
            };
            let number = number as u32;
            if *seen != Some(number) {
                *seen = Some(number);
                history.push(letter(code, is_orig));
            }
        }
    }
}

/// Counts something and notes it when it was often enough.  Returns the threshold if it was reached and more than 1.
pub(crate) fn count(scaled: &mut Scaled, history: &mut History, code: u8, is_orig: bool) -> Option<u32> {
    let threshold = scaled.count()?;
    history.push(letter(code, is_orig));
    (threshold > 1).then_some(threshold)
}
