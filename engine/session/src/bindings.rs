//! Which analyzers new connections get: by port, by expectation, by signature.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;

use bro_events::{FlowId, Transport};
use bro_matching::signature::{Action, Condition, Context, SignatureMatcher, SignatureSet};

use crate::analyzer::{AnalyzerDef, AnalyzerRegistry, OptionStore};

/// Expectations kept at most; beyond that the one that would expire first is dropped.
const MOST_EXPECTED: usize = 1 << 17;

/// Expectations of one place at most; beyond that the oldest is dropped.  Each is looked at for every connection there.
const MOST_AT_PLACE: usize = 256;

/// What is expected of a connection.
#[derive(Clone, Copy, Debug)]
struct Expectation {
    orig: Option<IpAddr>,
    def: &'static AnalyzerDef,
    until: f64,
    number: u64,
}

/// Where a connection is expected to.
type Place = (Transport, IpAddr, u16);

/// An expectation by when it ends; ordered as numbers order that never are negative or not a number.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Ending {
    until: f64,
    number: u64,
    place: Place,
}

impl Eq for Ending {}

impl PartialOrd for Ending {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ending {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.until
            .total_cmp(&other.until)
            .then(self.number.cmp(&other.number))
    }
}

/// The analyzers there are and what they are used for.
pub(crate) struct Bindings {
    pub registry: AnalyzerRegistry,
    pub store: OptionStore,
    ports: HashMap<(Transport, u16), Vec<&'static AnalyzerDef>>,
    disabled: HashSet<&'static str>,
    expected: HashMap<Place, Vec<Expectation>>,
    endings: BinaryHeap<Reverse<Ending>>,
    expectations: u64,
    instances: u64,
    /// Signatures, once there are any
    pub matcher: Option<SignatureMatcher>,
    /// Some signature has no content condition, so it may match packets without payload.
    pub matches_headers: bool,
    /// A bit for each context other than payload that signatures look at
    pub contexts: u16,
    /// Analyzers by the names that signatures enable them by
    pub enabled_by: HashMap<String, Option<&'static AnalyzerDef>>,
}

impl Bindings {
    pub fn new(registry: AnalyzerRegistry) -> Self {
        Bindings {
            registry,
            store: OptionStore::new(),
            ports: HashMap::new(),
            disabled: HashSet::new(),
            expected: HashMap::new(),
            endings: BinaryHeap::new(),
            expectations: 0,
            instances: 0,
            matcher: None,
            matches_headers: false,
            contexts: 0,
            enabled_by: HashMap::new(),
        }
    }

    /// Uses these signatures from now on.
    pub fn set_signatures(&mut self, set: Arc<SignatureSet>) {
        self.matches_headers = set.signatures().iter().any(|signature| {
            !signature
                .conditions
                .iter()
                .any(|c| matches!(c, Condition::Content(..)))
        });
        let used = Context::NETWORK
            .iter()
            .filter(|&&context| context != Context::Payload && set.uses(context));
        self.contexts = used.fold(0, |bits, &context| bits | 1 << context as u16);
        self.enabled_by.clear();
        for signature in set.signatures() {
            for action in &signature.actions {
                if let Action::Enable(name) = action {
                    self.enabled_by.insert(name.clone(), self.registry.by_name(name));
                }
            }
        }
        self.matcher = (!set.is_empty()).then(|| SignatureMatcher::new(set));
    }

    /// A number for an instance of an analyzer; never used twice.
    pub fn next_instance(&mut self) -> u64 {
        self.instances += 1;
        self.instances
    }

    /// Uses an analyzer for connections to a port.  False if there is no analyzer with that tag.
    pub fn register_port(&mut self, tag: &str, transport: Transport, port: u16) -> bool {
        let Some(def) = self.registry.by_tag(tag) else {
            return false;
        };
        let defs = self.ports.entry((transport, port)).or_default();
        if !defs.iter().any(|known| std::ptr::eq(*known, def)) {
            defs.push(def);
        }
        true
    }

    /// No longer does so.
    pub fn unregister_port(&mut self, tag: &str, transport: Transport, port: u16) -> bool {
        let Some(defs) = self.ports.get_mut(&(transport, port)) else {
            return false;
        };
        let before = defs.len();
        defs.retain(|def| def.tag != tag);
        before != defs.len()
    }

    /// The analyzers for a port.
    pub fn at_port(&self, transport: Transport, port: u16) -> &[&'static AnalyzerDef] {
        self.ports.get(&(transport, port)).map_or(&[], Vec::as_slice)
    }

    /// Switches an analyzer on or off.  False if there is none with that tag.
    pub fn enable(&mut self, tag: &str, enabled: bool) -> bool {
        let Some(def) = self.registry.by_tag(tag) else {
            return false;
        };
        if enabled {
            self.disabled.remove(def.tag);
        } else {
            self.disabled.insert(def.tag);
        }
        true
    }

    /// Whether an analyzer may be used.
    pub fn is_enabled(&self, def: &AnalyzerDef) -> bool {
        self.disabled.is_empty() || !self.disabled.contains(def.tag)
    }

    /// Expects a connection until then.  False if there is no analyzer with that tag.
    pub fn expect(&mut self, orig: Option<IpAddr>, place: Place, tag: &str, until: f64) -> bool {
        let Some(def) = self.registry.by_tag(tag) else {
            return false;
        };
        if self.endings.len() >= MOST_EXPECTED {
            self.drop_first();
        }
        self.expectations += 1;
        let number = self.expectations;
        let new = Expectation {
            orig,
            def,
            until,
            number,
        };
        let list = self.expected.entry(place).or_default();
        let same = |known: &&mut Expectation| known.orig == orig && std::ptr::eq(known.def, def);
        match list.iter_mut().find(same) {
            Some(known) if known.until >= until => return true,
            // The ending of the shorter one stays where it is, and means nothing any more.
            Some(known) => *known = new,
            None => {
                if list.len() >= MOST_AT_PLACE {
                    list.remove(0);
                }
                list.push(new);
            }
        }
        self.endings.push(Reverse(Ending { until, number, place }));
        true
    }

    fn drop_first(&mut self) {
        let Some(Reverse(ending)) = self.endings.pop() else {
            return;
        };
        if let Some(list) = self.expected.get_mut(&ending.place) {
            list.retain(|expectation| expectation.number != ending.number);
            if list.is_empty() {
                self.expected.remove(&ending.place);
            }
        }
    }

    /// The analyzers that are expected on a connection.
    pub fn expected(&mut self, flow: &FlowId, now: f64) -> Vec<&'static AnalyzerDef> {
        if self.endings.is_empty() {
            return Vec::new();
        }
        while self
            .endings
            .peek()
            .is_some_and(|Reverse(ending)| ending.until < now)
        {
            self.drop_first();
        }
        let mut found: Vec<&'static AnalyzerDef> = Vec::new();
        for expectation in self
            .expected
            .get(&(flow.transport, flow.resp_h, flow.resp_p))
            .into_iter()
            .flatten()
        {
            let fits = expectation.until >= now && expectation.orig.is_none_or(|orig| orig == flow.orig_h);
            if fits && !found.iter().any(|def| std::ptr::eq(*def, expectation.def)) {
                found.push(expectation.def);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, PLAIN};

    fn flow(orig: &str) -> FlowId {
        testing::flow(orig, 1000, "10.0.0.2", 2000, Transport::Tcp)
    }

    #[test]
    fn expectations_fit_by_place_and_end() {
        let mut bindings = Bindings::new(AnalyzerRegistry::new(&[&PLAIN]));
        let place = (Transport::Tcp, "10.0.0.2".parse().unwrap(), 2000);
        assert!(bindings.expect(Some("10.0.0.1".parse().unwrap()), place, PLAIN.tag, 10.0));
        assert!(!bindings.expect(None, place, "Analyzer::NONE", 10.0));
        assert_eq!(bindings.expected(&flow("10.0.0.1"), 5.0).len(), 1);
        assert_eq!(bindings.expected(&flow("10.0.0.3"), 5.0).len(), 0);
        assert_eq!(bindings.expected(&flow("10.0.0.1"), 11.0).len(), 0);
        assert!(bindings.expected.is_empty() && bindings.endings.is_empty());
    }

    #[test]
    fn expectations_are_bounded() {
        let mut bindings = Bindings::new(AnalyzerRegistry::new(&[&PLAIN]));
        for i in 0..MOST_EXPECTED + 100 {
            let addr = IpAddr::from((i as u32).to_be_bytes());
            bindings.expect(None, (Transport::Tcp, addr, 1), PLAIN.tag, i as f64);
        }
        assert_eq!(bindings.endings.len(), MOST_EXPECTED);
        assert_eq!(bindings.expected.len(), MOST_EXPECTED);
    }

    #[test]
    fn expectations_of_one_place_do_not_pile_up() {
        let mut bindings = Bindings::new(AnalyzerRegistry::new(&[&PLAIN]));
        let place = (Transport::Tcp, "10.0.0.2".parse().unwrap(), 2000);
        for until in [10.0, 20.0, 15.0] {
            assert!(bindings.expect(Some("10.0.0.1".parse().unwrap()), place, PLAIN.tag, until));
        }
        assert_eq!(bindings.expected[&place].len(), 1);
        assert_eq!(
            bindings.expected(&flow("10.0.0.1"), 19.0).len(),
            1,
            "the longest holds"
        );
        assert_eq!(bindings.expected(&flow("10.0.0.1"), 21.0).len(), 0);
        for i in 0..10_000u32 {
            bindings.expect(Some(IpAddr::from(i.to_be_bytes())), place, PLAIN.tag, 30.0);
        }
        assert_eq!(bindings.expected[&place].len(), MOST_AT_PLACE);
        assert_eq!(
            bindings.expected(&flow("0.0.39.15"), 25.0).len(),
            1,
            "the latest is there"
        );
        assert_eq!(bindings.expected(&flow("0.0.39.15"), 31.0).len(), 0);
        assert!(bindings.expected.is_empty() && bindings.endings.is_empty());
    }

    #[test]
    fn ports_are_registered_once() {
        let mut bindings = Bindings::new(AnalyzerRegistry::new(&[&PLAIN]));
        assert!(bindings.register_port(PLAIN.tag, Transport::Tcp, 80));
        assert!(bindings.register_port(PLAIN.tag, Transport::Tcp, 80));
        assert_eq!(bindings.at_port(Transport::Tcp, 80).len(), 1);
        assert!(bindings.at_port(Transport::Udp, 80).is_empty());
        assert!(bindings.unregister_port(PLAIN.tag, Transport::Tcp, 80));
        assert!(bindings.at_port(Transport::Tcp, 80).is_empty());
    }
}
