//! Which options the two sides of a Telnet connection have agreed upon (RFC 855, RFC 1143).

use crate::support::nvt::Verb;

/// Kind of terminal (RFC 1091)
pub const TERMINAL_TYPE: u8 = 24;
/// X display (RFC 1096)
pub const X_DISPLAY: u8 = 35;
/// Environment, the older form (RFC 1408)
pub const OLD_ENVIRON: u8 = 36;
/// Authentication (RFC 2941)
pub const AUTHENTICATION: u8 = 37;
/// Encryption (RFC 2946)
pub const ENCRYPT: u8 = 38;
/// Environment (RFC 1572)
pub const NEW_ENVIRON: u8 = 39;

/// A set of options.
#[derive(Clone, Copy, Debug, Default)]
struct OptionSet([u64; 4]);

impl OptionSet {
    fn set(&mut self, option: u8, on: bool) {
        let bit = 1u64 << (option % 64);
        if let Some(word) = self.0.get_mut(usize::from(option / 64)) {
            *word = if on { *word | bit } else { *word & !bit };
        }
    }

    fn has(&self, option: u8) -> bool {
        self.0
            .get(usize::from(option / 64))
            .is_some_and(|word| word & (1u64 << (option % 64)) != 0)
    }
}

/// What the sides said; each list has the responder's, then the originator's.
#[derive(Debug, Default)]
pub struct Negotiation {
    /// Uses it, or would
    will: [OptionSet; 2],
    /// Asks the other side to use it
    asks: [OptionSet; 2],
}

impl Negotiation {
    /// A side said something.
    pub fn heard(&mut self, is_orig: bool, verb: Verb, option: u8) {
        let [resp_will, orig_will] = &mut self.will;
        let [resp_asks, orig_asks] = &mut self.asks;
        let (will, asks) = if is_orig {
            (orig_will, orig_asks)
        } else {
            (resp_will, resp_asks)
        };
        match verb {
            Verb::Will => will.set(option, true),
            Verb::Wont => will.set(option, false),
            Verb::Do => asks.set(option, true),
            Verb::Dont => asks.set(option, false),
        }
    }

    /// Whether a side uses an option, and the other side agreed.
    fn uses(&self, is_orig: bool, option: u8) -> bool {
        let [resp_will, orig_will] = &self.will;
        let [resp_asks, orig_asks] = &self.asks;
        if is_orig {
            orig_will.has(option) && resp_asks.has(option)
        } else {
            resp_will.has(option) && orig_asks.has(option)
        }
    }

    /// Whether an option is in use, in one direction or both.
    pub fn in_use(&self, option: u8) -> bool {
        self.uses(true, option) || self.uses(false, option)
    }

    /// Originator and responder are exchanged.
    pub fn flip(&mut self) {
        self.will.swap(0, 1);
        self.asks.swap(0, 1);
    }
}
