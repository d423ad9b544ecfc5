//! Patterns and signatures: everything of the engine that matches bytes against expressions.
//!
//! * [`automaton`]: the expression syntax of Bro, translated to automata that are made deterministic lazily, in
//!   bounded memory, with states that a flow can park between packets.
//! * [`Pattern`] and [`PatternSet`]: script values of type `pattern`, and tables indexed by them.
//! * [`signature`]: the signature language, and matching flows ([`signature::SignatureMatcher`]) and file
//!   beginnings ([`signature::MimeMatcher`]) against it.
//!
//! Two promises hold throughout. Time is linear in the input whatever the expression and whatever the input:
//! nothing here backtracks. Memory is bounded by stated limits: [`automaton::MAX_EXPRESSION_COST`] for what one
//! expression may compile to, [`automaton::DEFAULT_CACHE_LIMIT`] for what its determinised part may occupy.
//!
//! ```
//! use bro_matching::{Flags, Pattern};
//!
//! let pattern = Pattern::new(r"[a-z]+@[a-z.]+", Flags { ignore_case: true, dot_all: false }).unwrap();
//! assert!(pattern.exact(b"Someone@Example.com"));
//! assert_eq!(pattern.find(b"mail to: someone@example.com!", 0), Some((9, 28)));
//! ```
#![forbid(unsafe_code)]

pub mod automaton;
pub mod fuzz;
mod pattern;
mod pattern_set;
pub mod signature;

pub use automaton::{Flags, SyntaxError};
pub use pattern::{Pattern, PatternError, PatternStats};
pub use pattern_set::PatternSet;
