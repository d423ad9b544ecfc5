//! Which signatures may still match for one direction of a connection.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use super::compile::Compiled;
use super::{Context, HeaderField, PacketFacts};

/// Protocols with groups of their own; the last group is for all others.
const PROTOCOLS: [u8; 4] = [6, 17, 1, 58];

/// A port condition with up to so many ports is looked up by port; one with more is evaluated.
const MAX_INDEXED_PORTS: usize = 64;

/// The signatures whose header conditions hold for one direction of a connection. Shared by all alike.
#[derive(Debug)]
pub(super) struct Candidates {
    /// No two sets ever made have the same number.
    pub(super) number: u64,
    /// Sorted.
    signatures: Box<[u32]>,
    /// Those without content conditions.
    pub(super) immediate: Box<[u32]>,
    /// By context: whether any looks at it.
    contexts: u16,
    /// Any has a negated dependency.
    pub(super) has_deferred: bool,
}

impl Candidates {
    fn new(compiled: &[Compiled], signatures: Box<[u32]>) -> Candidates {
        let mut contexts = 0;
        let mut immediate = Vec::new();
        let mut has_deferred = false;
        for &number in &*signatures {
            let Some(signature) = compiled.get(number as usize) else {
                continue;
            };
            if signature.patterns.is_empty() {
                immediate.push(number);
            }
            contexts |= signature
                .patterns
                .iter()
                .fold(0, |bits, (context, _)| bits | 1u16 << *context as u8);
            has_deferred |= signature.is_deferred();
        }
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Candidates {
            number,
            signatures,
            immediate: immediate.into(),
            contexts,
            has_deferred,
        }
    }

    pub(super) fn contains(&self, signature: u32) -> bool {
        self.signatures.binary_search(&signature).is_ok()
    }

    pub(super) fn uses(&self, context: Context) -> bool {
        self.contexts & 1 << context as u8 != 0
    }

    pub(super) fn signatures(&self) -> &[u32] {
        &self.signatures
    }

    /// The patterns of all candidates in a context.
    pub(super) fn patterns<'a>(
        &'a self,
        compiled: &'a [Compiled],
        context: Context,
    ) -> impl Iterator<Item = u32> + 'a {
        let signatures = self
            .signatures
            .iter()
            .filter_map(|&number| compiled.get(number as usize));
        let patterns = signatures.flat_map(|signature| &signature.patterns);
        patterns
            .filter(move |(of, _)| *of == context)
            .map(|(_, pattern)| *pattern)
    }
}

/// Finds the candidates by header conditions.
#[derive(Debug)]
pub(super) struct Selector {
    /// By protocol and direction.
    groups: Vec<Group>,
}

/// What is known for one protocol and direction before any packet.
#[derive(Debug)]
struct Group {
    /// Those of which all header conditions hold.
    base: Arc<Candidates>,
    /// Of the signatures that depend on the packet: those for certain ports, sorted by port, and the others.
    by_destination_port: Vec<(u16, u32)>,
    by_source_port: Vec<(u16, u32)>,
    others: Vec<u32>,
}

impl Selector {
    pub(super) fn new(compiled: &[Compiled], eligible: &[u32]) -> Selector {
        let protocols = PROTOCOLS.iter().map(|&protocol| Some(protocol)).chain([None]);
        let groups = protocols.flat_map(|protocol| [(protocol, false), (protocol, true)]);
        Selector {
            groups: groups
                .map(|(protocol, is_orig)| Group::new(compiled, eligible, protocol, is_orig))
                .collect(),
        }
    }

    /// The candidates for a packet, and the cache that shares them.
    pub(super) fn select(
        &self,
        compiled: &[Compiled],
        facts: &PacketFacts<'_>,
        shared: &mut SharedCandidates,
    ) -> Option<Arc<Candidates>> {
        let row = PROTOCOLS
            .iter()
            .position(|&protocol| protocol == facts.protocol)
            .unwrap_or(PROTOCOLS.len());
        let group = self.groups.get(row * 2 + usize::from(facts.is_orig))?;
        let found = &mut shared.found;
        found.clear();
        let mut check = |number: u32| {
            if compiled
                .get(number as usize)
                .is_some_and(|c| c.tests.iter().all(|test| test.holds(facts)))
            {
                found.push(number);
            }
        };
        for (index, port) in [
            (&group.by_destination_port, facts.destination_port),
            (&group.by_source_port, facts.source_port),
        ] {
            let from = index.partition_point(|entry| entry.0 < port);
            index
                .iter()
                .skip(from)
                .take_while(|entry| entry.0 == port)
                .for_each(|entry| check(entry.1));
        }
        group.others.iter().for_each(|&number| check(number));
        if found.is_empty() {
            return Some(Arc::clone(&group.base));
        }
        found.extend(&*group.base.signatures);
        found.sort_unstable();
        Some(shared.intern(compiled))
    }
}

impl Group {
    fn new(compiled: &[Compiled], eligible: &[u32], protocol: Option<u8>, is_orig: bool) -> Group {
        let mut base = Vec::new();
        let mut group = Group {
            base: Arc::new(Candidates::new(compiled, Box::default())),
            by_destination_port: Vec::new(),
            by_source_port: Vec::new(),
            others: Vec::new(),
        };
        for &number in eligible {
            let Some(signature) = compiled.get(number as usize) else {
                continue;
            };
            let decided = |test: &super::header::Test| {
                protocol.and_then(|protocol| test.holds_always(protocol, is_orig))
            };
            if signature.tests.iter().any(|test| decided(test) == Some(false)) {
                continue;
            }
            if signature.tests.iter().all(|test| decided(test) == Some(true)) {
                base.push(number);
                continue;
            }
            let ports = |field| {
                signature
                    .tests
                    .iter()
                    .find_map(|test| test.ports(field, MAX_INDEXED_PORTS))
            };
            if let Some(ports) = ports(HeaderField::DestinationPort) {
                group
                    .by_destination_port
                    .extend(ports.into_iter().map(|port| (port, number)));
            } else if let Some(ports) = ports(HeaderField::SourcePort) {
                group
                    .by_source_port
                    .extend(ports.into_iter().map(|port| (port, number)));
            } else {
                group.others.push(number);
            }
        }
        group.by_destination_port.sort_unstable();
        group.by_source_port.sort_unstable();
        group.base = Arc::new(Candidates::new(compiled, base.into()));
        group
    }
}

/// The sets of candidates in use, so that connections alike share one.
#[derive(Debug, Default)]
pub(super) struct SharedCandidates {
    index: HashMap<Box<[u32]>, Arc<Candidates>>,
    /// Working space.
    found: Vec<u32>,
}

impl SharedCandidates {
    /// How many sets are shared at most. Packets can be made to select ever new ones; beyond this, sharing starts
    /// anew, and what connections hold lives as long as they do.
    const LIMIT: usize = 1024;

    /// The set made of `found`.
    fn intern(&mut self, compiled: &[Compiled]) -> Arc<Candidates> {
        if let Some(candidates) = self.index.get(self.found.as_slice()) {
            return Arc::clone(candidates);
        }
        if self.index.len() >= SharedCandidates::LIMIT {
            self.index.clear();
        }
        let signatures: Box<[u32]> = self.found.as_slice().into();
        let candidates = Arc::new(Candidates::new(compiled, signatures.clone()));
        self.index.insert(signatures, Arc::clone(&candidates));
        candidates
    }
}
