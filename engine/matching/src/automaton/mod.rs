//! Multi-pattern matching with parkable state.
//!
//! [`Expression`] is Bro's expression syntax parsed, [`Automaton`] holds the compiled non-deterministic program of one or
//! many expressions (immutable, shared), and [`Dfa`] is the lazily determinised part of it (mutable, bounded, one
//! per thread that matches). A [`Parked`] state is what a flow keeps between two packets.

mod class;
mod dfa;
mod expression;
mod program;
mod scan;
mod syntax;

pub use dfa::{Dfa, DfaStats, Parked, StateId, DEFAULT_CACHE_LIMIT};
pub use expression::{Expression, MAX_EXPRESSION_COST, MAX_EXPRESSION_DEPTH};
pub use program::{Automaton, CompileError};
pub use syntax::{Flags, SyntaxError, MAX_TEXT_LENGTH};

#[cfg(test)]
mod tests;
