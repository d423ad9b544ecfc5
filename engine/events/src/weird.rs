//! Weirds on their way to policy: which event carries which, and sampling, so that a flood of them costs little.
//!
//! The first `sampling_threshold` weirds of a name about one thing (a connection, a pair of hosts, the network) are
//! passed on, after that one of `sampling_rate`; after `sampling_duration` seconds counting starts again.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use crate::{ConnId, FileId, FlowId, Value, Weird, WeirdAbout};

crate::events! {
    /// About a connection.
    CONN_WEIRD = conn_weird(name, c, addl, source);
    /// About a connection that is no more.
    EXPIRED_CONN_WEIRD = expired_conn_weird(name, id, uid, addl, source);
    /// About two hosts.
    FLOW_WEIRD = flow_weird(name, src, dst, addl, source);
    /// About a file.
    FILE_WEIRD = file_weird(name, f, addl, source);
    /// About the network.
    NET_WEIRD = net_weird(name, addl, source);
}

crate::records! {
    /// Endpoints of a connection.
    CONN_ID = "conn_id" { orig_h, orig_p, resp_h, resp_p, proto };
}

/// The text that declares the events above in Bro's syntax.
pub const DECLARATIONS: &str = include_str!("weird.bro");

/// Of how many things at most sampling counts are kept; beyond it all counts start again.
const MAX_TRACKED: usize = 100_000;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Subject {
    Conn(ConnId),
    Expired(FlowId),
    Flow(IpAddr, IpAddr),
    File(FileId),
    Net,
}

/// Decides which weirds are passed on.
#[derive(Debug)]
pub struct Sampler {
    /// Weirds of a name about one thing that are passed on in any case
    pub threshold: u64,
    /// Beyond the threshold one of so many is passed on; 0: none
    pub rate: u64,
    /// Seconds after which counting starts again
    pub duration: f64,
    /// Names that are always passed on
    pub whitelist: HashSet<Vec<u8>>,
    /// Names that are counted for the whole network, whatever they are about
    pub global: HashSet<Vec<u8>>,
    counts: HashMap<(&'static str, Subject), (u64, f64)>,
}

impl std::fmt::Debug for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Subject")
    }
}

impl Default for Sampler {
    fn default() -> Self {
        Sampler {
            threshold: 25,
            rate: 1000,
            duration: 600.0,
            whitelist: HashSet::new(),
            global: HashSet::new(),
            counts: HashMap::new(),
        }
    }
}

impl Sampler {
    /// Takes over a setting (`threshold`, `rate`, `duration`, `whitelist`, `global_list`); a value of another type is
    /// ignored.
    pub fn set(&mut self, name: &str, value: Value) {
        let names = |value: Value| -> HashSet<Vec<u8>> {
            let (Value::Set(items) | Value::Vector(items)) = value else {
                return HashSet::new();
            };
            items
                .into_iter()
                .filter_map(|v| if let Value::Str(s) = v { Some(s) } else { None })
                .collect()
        };
        match (name, value) {
            ("threshold", Value::Count(n)) => self.threshold = n,
            ("rate", Value::Count(n)) => self.rate = n,
            ("duration", Value::Double(seconds) | Value::Interval(seconds)) => self.duration = seconds,
            ("whitelist", value) => self.whitelist = names(value),
            ("global_list", value) => self.global = names(value),
            _ => {}
        }
    }

    /// Counts a weird and says whether to pass it on.
    pub fn permits(&mut self, weird: &Weird, now: f64) -> bool {
        if self.whitelist.contains(weird.name.as_bytes()) {
            return true;
        }
        let subject = if self.global.contains(weird.name.as_bytes()) {
            Subject::Net
        } else {
            match &weird.about {
                WeirdAbout::Conn(c) => Subject::Conn(*c),
                WeirdAbout::Expired(flow, _) => Subject::Expired(*flow),
                WeirdAbout::Flow(a, b) => Subject::Flow(*a, *b),
                WeirdAbout::File(f) => Subject::File(*f),
                WeirdAbout::Net => Subject::Net,
            }
        };
        if self.counts.len() >= MAX_TRACKED {
            self.counts.clear();
        }
        let (count, since) = self.counts.entry((weird.name, subject)).or_insert((0, now));
        if now - *since > self.duration {
            (*count, *since) = (0, now);
        }
        *count += 1;
        *count <= self.threshold || (self.rate > 0 && (*count - self.threshold) % self.rate == 0)
    }
}

impl Weird {
    /// The event that carries it, with its arguments.
    pub fn into_event(self) -> (&'static crate::Event, Vec<Value>) {
        let (name, addl, source) = (
            Value::Text(self.name),
            Value::from(self.addl),
            Value::Text(self.source),
        );
        match self.about {
            WeirdAbout::Conn(c) => (&CONN_WEIRD, vec![name, Value::Conn(c), addl, source]),
            WeirdAbout::Expired(flow, uid) => {
                let uid = Value::Str(uid.as_bytes().to_vec());
                (&EXPIRED_CONN_WEIRD, vec![name, conn_id(&flow), uid, addl, source])
            }
            WeirdAbout::Flow(a, b) => (&FLOW_WEIRD, vec![name, a.into(), b.into(), addl, source]),
            WeirdAbout::File(f) => (&FILE_WEIRD, vec![name, Value::File(f), addl, source]),
            WeirdAbout::Net => (&NET_WEIRD, vec![name, addl, source]),
        }
    }
}

/// The record `conn_id` of a flow.
pub fn conn_id(flow: &FlowId) -> Value {
    let port = |p: u16| Value::Port(p, flow.transport);
    Value::Record(
        &CONN_ID,
        vec![
            flow.orig_h.into(),
            port(flow.orig_p),
            flow.resp_h.into(),
            port(flow.resp_p),
            Value::Count(u64::from(flow.ip_proto)),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Transport;

    fn net(name: &'static str) -> Weird {
        Weird {
            name,
            about: WeirdAbout::Net,
            addl: String::new(),
            source: "",
        }
    }

    #[test]
    fn first_ones_pass_then_one_of_many() {
        let mut sampler = Sampler {
            threshold: 2,
            rate: 3,
            ..Sampler::default()
        };
        let passed: Vec<bool> = (0..8).map(|_| sampler.permits(&net("a"), 1.0)).collect();
        assert_eq!(passed, [true, true, false, false, true, false, false, true]);
        assert!(sampler.permits(&net("b"), 1.0), "names are counted apart");
        assert!(sampler.permits(&net("a"), 700.0), "counting starts again");
    }

    #[test]
    fn whitelisted_names_always_pass() {
        let mut sampler = Sampler {
            threshold: 0,
            rate: 0,
            ..Sampler::default()
        };
        assert!(!sampler.permits(&net("a"), 1.0));
        sampler.whitelist.insert(b"a".to_vec());
        assert!(sampler.permits(&net("a"), 1.0));
    }

    #[test]
    fn ports_of_a_conn_id_carry_the_transport() {
        let host: IpAddr = [10, 0, 0, 1].into();
        let flow = FlowId {
            orig_h: host,
            orig_p: 1,
            resp_h: host,
            resp_p: 2,
            transport: Transport::Udp,
            ip_proto: 17,
        };
        let Value::Record(def, fields) = conn_id(&flow) else {
            panic!("not a record")
        };
        assert_eq!(
            (def.fields.len(), &fields[1]),
            (5, &Value::Port(1, Transport::Udp))
        );
    }
}
