//! The signature language: parsing it, and matching flows and files against it.
//!
//! [`parse`] turns a file's text into [`Signature`]s. [`SignatureSet::compile`] makes the network signatures of all
//! files into one set; a [`SignatureMatcher`] matches with it, keeping one small [`FlowMatcher`] a connection.
//! [`MimeMatcher`] is made of the file signatures (`file-magic`) of the same files.
//!
//! # What a connection costs
//!
//! The header conditions are looked at once per direction; they select the signatures that may still match
//! (candidates), and the automaton is started for just those. All payload expressions are matched in one pass.
//! Once no expression can match any more, [`FlowMatcher::payload_done`] says so, and the caller stops feeding.
//!
//! ```
//! use std::sync::Arc;
//! use bro_matching::signature::*;
//!
//! let text = r#"signature ssh { ip-proto == tcp payload /^SSH-[12]\./ enable "ssh" }"#;
//! let set = SignatureSet::compile(parse("my.sig", text.as_bytes()).unwrap(), &mut NoNames).unwrap();
//! let mut matcher = SignatureMatcher::new(Arc::new(set));
//! let (mut flow, mut found) = (FlowMatcher::default(), Vec::new());
//! let facts = PacketFacts {
//!     is_orig: true,
//!     source: "10.0.0.1".parse().unwrap(),
//!     destination: "10.0.0.2".parse().unwrap(),
//!     source_port: 40000,
//!     destination_port: 22,
//!     protocol: 6,
//!     ip_header: &[],
//!     transport_header: &[],
//! };
//! let status = FlowStatus { established: true };
//! flow.begin(&mut matcher, &facts, status, &mut NoEval, &mut found);
//! let chunk = Chunk { data: b"SSH-2.0-example\r\n", is_orig: true, begin: true, end: false };
//! flow.stream(&mut matcher, chunk, status, &mut NoEval, &mut found);
//! let signature = matcher.set().get(found[0].signature).unwrap();
//! assert_eq!(signature.actions, [Action::Enable("ssh".to_owned())]);
//! assert!(flow.payload_done(true));
//! ```

mod candidates;
mod compile;
mod error;
mod evaluate;
mod flow;
mod header;
mod language;
mod matcher;
mod mime;
mod parser;
mod scanner;
mod values;

pub use compile::{NameUse, NamedValue, NoNames, Resolver, SignatureId, SignatureSet};
pub use error::{Position, SignatureError};
pub use evaluate::{EvalHost, EvalRequest, NoEval, SignatureMatch};
pub use flow::{Chunk, FlowMatcher, FlowStatus};
pub use header::PacketFacts;
pub use language::{
    Action, Address, Comparison, Condition, Context, Header, HeaderField, HeaderTest, IpOption, Requirement,
    Signature, StateFlag, TestValue,
};
pub use matcher::SignatureMatcher;
pub use mime::{MimeMatch, MimeMatcher};
pub use parser::{parse, MAX_ERRORS, MAX_FILE_SIZE};

#[cfg(test)]
mod tests;
