//! What policy can set.

use std::collections::HashSet;
use std::net::IpAddr;

use bro_events::Value;
use bro_session::analyzer::OptionGroup;

/// Options of the DNS analyzer.
#[derive(Debug)]
pub struct DnsOptions {
    /// Questions a message may have before it is taken for something else; 0: any number
    pub max_queries: u64,
    /// Compression pointers a name may go through
    pub max_compression_chain_depth: u64,
    /// Servers whose authority sections are skipped
    pub skip_auth: HashSet<IpAddr>,
    /// Servers whose additional sections are skipped
    pub skip_addl: HashSet<IpAddr>,
    /// Skip all authority sections
    pub skip_all_auth: bool,
    /// Skip all additional sections
    pub skip_all_addl: bool,
    /// Seconds after which an idle conversation over UDP is over
    pub session_timeout: f64,
}

impl Default for DnsOptions {
    fn default() -> Self {
        DnsOptions {
            max_queries: 25,
            max_compression_chain_depth: 20,
            skip_auth: HashSet::new(),
            skip_addl: HashSet::new(),
            skip_all_auth: false,
            skip_all_addl: false,
            session_timeout: 10.0,
        }
    }
}

fn addresses(members: &[Value]) -> HashSet<IpAddr> {
    let address = |m: &Value| if let Value::Addr(a) = m { Some(*a) } else { None };
    members.iter().filter_map(address).collect()
}

impl OptionGroup for DnsOptions {
    const NAMES: &'static [&'static str] = &[
        "dns_max_queries",
        "dns_max_compression_chain_depth",
        "dns_skip_auth",
        "dns_skip_addl",
        "dns_skip_all_auth",
        "dns_skip_all_addl",
        "dns_session_timeout",
    ];

    fn set(&mut self, name: &str, value: &Value) {
        match (name, value) {
            ("dns_max_queries", Value::Count(n)) => self.max_queries = *n,
            ("dns_max_compression_chain_depth", Value::Count(n)) => self.max_compression_chain_depth = *n,
            ("dns_skip_auth", Value::Set(members)) => self.skip_auth = addresses(members),
            ("dns_skip_addl", Value::Set(members)) => self.skip_addl = addresses(members),
            ("dns_skip_all_auth", Value::Bool(b)) => self.skip_all_auth = *b,
            ("dns_skip_all_addl", Value::Bool(b)) => self.skip_all_addl = *b,
            ("dns_session_timeout", Value::Interval(t)) => self.session_timeout = *t,
            _ => {}
        }
    }
}
