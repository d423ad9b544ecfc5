//! From parsed signatures to a set that can be matched.

use std::collections::HashMap;
use std::net::IpAddr;

use super::candidates::Selector;
use super::header::{Range, Test};
use super::{
    Address, Comparison, Condition, Context, HeaderField, HeaderTest, Position, Signature, SignatureError,
    StateFlag, TestValue,
};
use crate::automaton::{Automaton, Expression};

/// The number of a signature in its [`SignatureSet`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignatureId(pub(super) u32);

/// What a name in a header condition is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameUse {
    /// `src-ip` or `dst-ip`: addresses and subnets.
    Address,
    /// `src-port` or `dst-port`.
    Port,
    /// `header`: integers.
    Integer,
}

/// What a script variable named in a header condition stands for; a set or vector stands for several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedValue {
    /// An address (with all its bits) or a subnet.
    Subnet(IpAddr, u8),
    /// A port or another integer.
    Integer(u32),
}

/// Knows the script variables that header conditions may name.
pub trait Resolver {
    /// The values of a variable.
    ///
    /// # Errors
    /// What is wrong with the name, for the user: it is unknown, or not of a fitting type.
    fn resolve(&mut self, name: &str, usage: NameUse) -> Result<Vec<NamedValue>, String>;
}

/// A [`Resolver`] that knows no names.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoNames;

impl Resolver for NoNames {
    fn resolve(&mut self, name: &str, _: NameUse) -> Result<Vec<NamedValue>, String> {
        Err(format!(
            "\"{name}\" is unknown; there are no script variables here"
        ))
    }
}

/// A set of compiled signatures: immutable, to be shared by all matchers.
#[derive(Debug)]
pub struct SignatureSet {
    signatures: Vec<Signature>,
    by_name: HashMap<String, u32>,
    pub(super) compiled: Vec<Compiled>,
    pub(super) contexts: Vec<ContextAutomaton>,
    pub(super) selector: Selector,
    /// The signatures that match only if another does not, each after those it depends on.
    pub(super) deferred: Vec<u32>,
}

/// All expressions of one context.
#[derive(Debug)]
pub(super) struct ContextAutomaton {
    pub(super) automaton: Automaton,
    /// By pattern: the content condition it is.
    pub(super) contents: Vec<u32>,
}

/// A signature with everything resolved.
#[derive(Debug, Default)]
pub(super) struct Compiled {
    /// Decided once per direction.
    pub(super) tests: Vec<Test>,
    /// Its content conditions, which are numbered through all signatures.
    pub(super) contents: std::ops::Range<u32>,
    /// By content condition: its context, and its pattern there.
    pub(super) patterns: Vec<(Context, u32)>,
    pub(super) established: bool,
    pub(super) sizes: Vec<(Comparison, u64)>,
    pub(super) requires: Vec<Require>,
    pub(super) evals: Vec<String>,
    /// The signatures that require this one.
    pub(super) dependents: Vec<u32>,
}

impl Compiled {
    /// It can only be decided when the connection ends.
    pub(super) fn is_deferred(&self) -> bool {
        self.requires.iter().any(|require| require.negated)
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Require {
    pub(super) signature: u32,
    pub(super) reverse: bool,
    pub(super) negated: bool,
}

impl SignatureSet {
    /// Compiles network signatures into a set. File signatures (those with `file-magic`) are for
    /// [`super::MimeMatcher`] and left out here, but their names count.
    ///
    /// # Errors
    /// All that is wrong: names used twice, required signatures that do not exist, unknown script variables, network
    /// and file conditions in one signature, or too many expressions.
    pub fn compile(
        signatures: Vec<Signature>,
        resolver: &mut dyn Resolver,
    ) -> Result<SignatureSet, Vec<SignatureError>> {
        let mut errors = Vec::new();
        let by_name = names(&signatures, &mut errors);
        let mut compiler = Compiler {
            resolver,
            errors,
            by_name: &by_name,
            patterns: Default::default(),
            contents: 0,
        };
        let mut compiled: Vec<Compiled> = signatures
            .iter()
            .map(|signature| compiler.signature(signature))
            .collect();
        let Compiler {
            mut errors, patterns, ..
        } = compiler;

        let mut dependents: Vec<(u32, u32)> = Vec::new();
        for (number, signature) in (0u32..).zip(&compiled) {
            dependents.extend(
                signature
                    .requires
                    .iter()
                    .map(|require| (require.signature, number)),
            );
        }
        for (required, dependent) in dependents {
            if let Some(signature) = compiled.get_mut(required as usize) {
                signature.dependents.push(dependent);
            }
        }

        let mut contexts = Vec::new();
        for (context, patterns) in Context::NETWORK.iter().zip(&patterns) {
            let automaton = Automaton::forward(patterns.iter().map(|(expression, _)| *expression));
            let automaton = automaton.unwrap_or_else(|error| {
                if let Some(last) = signatures.last() {
                    let message = format!("the {} conditions of all signatures: {error}", context.keyword());
                    errors.push(SignatureError {
                        position: last.position.clone(),
                        message,
                    });
                }
                Automaton::never()
            });
            let contents = patterns.iter().map(|(_, content)| *content).collect();
            contexts.push(ContextAutomaton { automaton, contents });
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        // A file signature has no place in traffic.
        let eligible: Vec<u32> = (0u32..)
            .zip(&signatures)
            .filter(|(_, signature)| !is_file_signature(signature))
            .map(|(number, _)| number)
            .collect();
        let selector = Selector::new(&compiled, &eligible);
        let deferred = deferred_order(&compiled);
        Ok(SignatureSet {
            signatures,
            by_name,
            compiled,
            contexts,
            selector,
            deferred,
        })
    }

    /// How many signatures there are, file signatures included.
    pub fn len(&self) -> usize {
        self.signatures.len()
    }

    /// Whether there are no signatures.
    pub fn is_empty(&self) -> bool {
        self.signatures.is_empty()
    }

    /// A signature by its number.
    pub fn get(&self, id: SignatureId) -> Option<&Signature> {
        self.signatures.get(id.0 as usize)
    }

    /// A signature's number by its name.
    pub fn find(&self, name: &str) -> Option<SignatureId> {
        self.by_name.get(name).copied().map(SignatureId)
    }

    /// All signatures.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Whether any signature looks at data of this context, so whether an analyzer need offer it.
    pub fn uses(&self, context: Context) -> bool {
        self.contexts
            .get(context as usize)
            .is_some_and(|context| !context.contents.is_empty())
    }

    /// The signature a content condition belongs to. They are numbered through, signature by signature.
    pub(super) fn owner(&self, content: u32) -> Option<u32> {
        let after = self
            .compiled
            .partition_point(|signature| signature.contents.start <= content);
        u32::try_from(after.checked_sub(1)?).ok()
    }

    /// The script functions that `eval` conditions name, each once, for the caller to check that they exist.
    pub fn eval_functions(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .compiled
            .iter()
            .flat_map(|c| c.evals.iter().map(String::as_str))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

pub(super) fn is_file_signature(signature: &Signature) -> bool {
    signature
        .conditions
        .iter()
        .any(|condition| matches!(condition, Condition::Content(Context::FileMagic, _)))
}

/// Numbers the signatures by name.
fn names(signatures: &[Signature], errors: &mut Vec<SignatureError>) -> HashMap<String, u32> {
    let mut by_name = HashMap::new();
    for (number, signature) in (0u32..).zip(signatures) {
        if let Some(first) = by_name.insert(signature.id.clone(), number) {
            let place = signatures.get(first as usize).map_or_else(String::new, |first| {
                format!(" at {}:{}", first.position.file, first.position.line)
            });
            let message = format!(
                "there is a signature \"{}\" already{place}; give this one another name",
                signature.id
            );
            errors.push(SignatureError {
                position: signature.position.clone(),
                message,
            });
        }
    }
    by_name
}

struct Compiler<'s> {
    resolver: &'s mut dyn Resolver,
    errors: Vec<SignatureError>,
    by_name: &'s HashMap<String, u32>,
    /// By context: the expressions, each with the content condition it is.
    patterns: [Vec<(&'s Expression, u32)>; Context::NETWORK.len()],
    /// How many content conditions there are.
    contents: u32,
}

impl<'s> Compiler<'s> {
    fn signature(&mut self, signature: &'s Signature) -> Compiled {
        let mut compiled = Compiled {
            contents: self.contents..self.contents,
            ..Compiled::default()
        };
        let is_file = is_file_signature(signature);
        for condition in &signature.conditions {
            let is_magic = matches!(condition, Condition::Content(Context::FileMagic, _));
            if is_file && !is_magic {
                let message = format!(
                    "signature \"{}\" has file-magic and conditions on traffic; a file is matched apart from its \
                     connection, so these go into signatures of their own",
                    signature.id
                );
                self.errors.push(SignatureError {
                    position: signature.position.clone(),
                    message,
                });
                break;
            }
            match condition {
                Condition::Header(test) => self.header(test, &mut compiled.tests),
                Condition::Content(context, expression) => {
                    if let Some(patterns) = self.patterns.get_mut(*context as usize) {
                        compiled.patterns.push((*context, patterns.len() as u32));
                        patterns.push((expression, self.contents));
                        self.contents += 1;
                    }
                }
                Condition::Requires(requirement) => match self.by_name.get(&requirement.id) {
                    Some(&signature) => compiled.requires.push(Require {
                        signature,
                        reverse: requirement.reverse,
                        negated: requirement.negated,
                    }),
                    None => {
                        let message = format!("there is no signature \"{}\"", requirement.id);
                        self.errors.push(SignatureError {
                            position: requirement.position.clone(),
                            message,
                        });
                    }
                },
                Condition::Eval(function) => compiled.evals.push(function.clone()),
                Condition::PayloadSize(comparison, size) => compiled.sizes.push((*comparison, *size)),
                Condition::SameIp => compiled.tests.push(Test::SameIp),
                Condition::TcpState(flags) => {
                    compiled.established |= flags.contains(&StateFlag::Established);
                    compiled.tests.push(Test::TcpState(flags.as_slice().into()));
                }
                Condition::UdpState(flags) => compiled.tests.push(Test::UdpState(flags.as_slice().into())),
                Condition::IpOptions(options) => {
                    compiled.tests.push(Test::IpOptions(options.as_slice().into()))
                }
            }
        }
        compiled.contents.end = self.contents;
        compiled
    }

    fn header(&mut self, test: &HeaderTest, tests: &mut Vec<Test>) {
        let comparison = test.comparison;
        let mut addresses = Vec::new();
        let mut ranges = Vec::new();
        for value in &test.values {
            match value {
                TestValue::Address(address) => addresses.push(*address),
                TestValue::Integer { low, high, mask } => {
                    // The parser holds integers to 32 bits.
                    ranges.push(Range {
                        low: *low as u32,
                        high: *high as u32,
                        mask: *mask,
                    });
                }
                // It restricts nothing, so in whatever list it stands, the condition always holds.
                TestValue::AnyProtocol => return,
                TestValue::Name(name, position) => {
                    self.name(test.field, name, position, &mut addresses, &mut ranges)
                }
            }
        }
        let values = ranges.into_boxed_slice();
        tests.push(match test.field {
            HeaderField::SourceAddress => Test::Address {
                source: true,
                comparison,
                values: addresses.into(),
            },
            HeaderField::DestinationAddress => Test::Address {
                source: false,
                comparison,
                values: addresses.into(),
            },
            HeaderField::Protocol => Test::Protocol { comparison, values },
            field => Test::Integer {
                field,
                comparison,
                values,
            },
        });
    }

    fn name(
        &mut self,
        field: HeaderField,
        name: &str,
        position: &Position,
        addresses: &mut Vec<Address>,
        ranges: &mut Vec<Range>,
    ) {
        let usage = match field {
            HeaderField::SourceAddress | HeaderField::DestinationAddress => NameUse::Address,
            HeaderField::SourcePort | HeaderField::DestinationPort => NameUse::Port,
            HeaderField::Protocol | HeaderField::Bytes { .. } => NameUse::Integer,
        };
        let mut fail = |message: String| {
            self.errors.push(SignatureError {
                position: position.clone(),
                message,
            })
        };
        let values = match self.resolver.resolve(name, usage) {
            Ok(values) => values,
            Err(message) => return fail(message),
        };
        for value in values {
            match (value, usage) {
                (NamedValue::Subnet(address, length), NameUse::Address) => {
                    match Address::subnet(address, length) {
                        Some(subnet) => addresses.push(subnet),
                        None => return fail(format!("\"{name}\" has a subnet with a length of {length}")),
                    }
                }
                (NamedValue::Integer(value), NameUse::Port | NameUse::Integer)
                    if usage == NameUse::Integer || value <= 0xffff =>
                {
                    ranges.push(Range {
                        low: value,
                        high: value,
                        mask: u32::MAX,
                    });
                }
                _ => {
                    let wanted = if usage == NameUse::Address {
                        "addresses or subnets"
                    } else {
                        "ports or integers"
                    };
                    return fail(format!(
                        "\"{name}\" is of the wrong type here; {wanted} are needed"
                    ));
                }
            }
        }
    }
}

/// The signatures with a negated dependency, each after those of them it depends on (as far as they are no circle).
fn deferred_order(compiled: &[Compiled]) -> Vec<u32> {
    let mut order = Vec::new();
    let mut visited = vec![false; compiled.len()];
    // Depth first over the dependencies; the stack has signatures and how many of their dependencies are done.
    let mut stack: Vec<(u32, usize)> = Vec::new();
    for root in 0..compiled.len() as u32 {
        stack.push((root, 0));
        while let Some((signature, done)) = stack.pop() {
            let Some(entry) = compiled.get(signature as usize) else {
                continue;
            };
            if let Some(seen) = visited.get_mut(signature as usize) {
                if done == 0 && std::mem::replace(seen, true) {
                    continue;
                }
            }
            match entry.requires.get(done) {
                Some(require) => {
                    stack.push((signature, done + 1));
                    stack.push((require.signature, 0));
                }
                None if entry.is_deferred() => order.push(signature),
                None => {}
            }
        }
    }
    order
}
