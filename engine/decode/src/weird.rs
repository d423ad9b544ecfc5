//! What is strange about a packet: non-fatal weirds and malformed headers.

use std::fmt;
use std::net::IpAddr;
use std::ops::Deref;

/// What a weird is about, that is, which of the events `net_weird`, `flow_weird` and `conn_weird` it becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The network: no addresses are known, or those there are cannot be trusted.
    Net,
    /// A pair of hosts: the addresses of the IP packet at hand, or [`Weird::endpoints`] when these are set.
    Flow,
    /// The connection that the packet at hand belongs to.
    Connection,
}

/// Something strange that does not keep the decoder from going on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weird {
    /// The name, as in the `name` column of `weird.log`.
    pub name: &'static str,
    /// More about it, for the `addl` column.
    pub detail: Option<String>,
    /// The analyzer that noticed, for the `source` column.
    pub source: Option<&'static str>,
    /// What it is about.
    pub scope: Scope,
    /// Source and destination, where these differ from those of the view or where there will be no view.
    pub endpoints: Option<(IpAddr, IpAddr)>,
}

impl Weird {
    /// A weird about the network, noticed by `source`.
    #[cold]
    pub fn net(name: &'static str, source: &'static str) -> Self {
        Weird {
            name,
            detail: None,
            source: Some(source),
            scope: Scope::Net,
            endpoints: None,
        }
    }

    /// A weird about two hosts, noticed by `source`.
    #[cold]
    pub fn flow(name: &'static str, source: &'static str) -> Self {
        Weird {
            scope: Scope::Flow,
            ..Weird::net(name, source)
        }
    }

    /// A weird about a connection, noticed by `source`.
    #[cold]
    pub fn connection(name: &'static str, source: &'static str) -> Self {
        Weird {
            scope: Scope::Connection,
            ..Weird::net(name, source)
        }
    }

    /// A weird about the two hosts given; no analyzer is named.
    #[cold]
    pub fn hosts(name: &'static str, src: IpAddr, dst: IpAddr) -> Self {
        Weird {
            name,
            detail: None,
            source: None,
            scope: Scope::Flow,
            endpoints: Some((src, dst)),
        }
    }

    /// Adds the text for the `addl` column.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Makes an error of the weird: decoding cannot go on. `offset` is where in the decoder's input it stopped.
    #[cold]
    pub fn fatal(self, offset: usize) -> Malformed {
        Malformed(Box::new(Fault {
            weird: self,
            offset,
            violation: false,
            before: Vec::new(),
        }))
    }
}

/// Why a header could not be decoded. Dereferences to [`Fault`]; boxed because it is rare and large.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed(Box<Fault>);

/// The content of a [`Malformed`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The weird to report; for a violation its `detail` is the reason.
    pub weird: Weird,
    /// Where in the bytes given to the decoder the trouble is.
    pub offset: usize,
    /// The bytes are not of the protocol that the port suggested: a violation by the analyzer, not a weird.
    pub violation: bool,
    /// Weirds noticed before this one, in order; they are to be reported first.
    pub before: Vec<Weird>,
}

impl Malformed {
    /// Bytes that are not of the protocol `source`, which `reason` explains. Not a weird: anything can use a port.
    #[cold]
    pub fn violation(source: &'static str, reason: impl Into<String>, offset: usize) -> Self {
        let weird = Weird::connection("protocol_violation", source).detail(reason);
        Malformed(Box::new(Fault {
            weird,
            offset,
            violation: true,
            before: Vec::new(),
        }))
    }

    /// Adds weirds that were noticed earlier.
    #[must_use]
    #[cold]
    pub fn after(mut self, earlier: Vec<Weird>) -> Self {
        self.0.before.splice(0..0, earlier);
        self
    }

    /// The name of the weird.
    pub fn name(&self) -> &'static str {
        self.0.weird.name
    }

    /// All weirds in the order they were noticed; empty for a violation without earlier weirds.
    pub fn into_weirds(self) -> Vec<Weird> {
        let Fault {
            weird,
            violation,
            mut before,
            ..
        } = *self.0;
        if !violation {
            before.push(weird);
        }
        before
    }
}

impl Deref for Malformed {
    type Target = Fault;

    fn deref(&self) -> &Fault {
        &self.0
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.weird.source.unwrap_or("IP"), self.weird.name)?;
        if let Some(detail) = &self.weird.detail {
            write!(f, " ({detail})")?;
        }
        write!(f, " at offset {}", self.offset)
    }
}

impl std::error::Error for Malformed {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn earlier_weirds_come_first() {
        let fault = Weird::net("second", "IP")
            .fatal(4)
            .after(vec![Weird::net("first", "IP")]);
        assert_eq!(fault.to_string(), "IP: second at offset 4");
        let names: Vec<_> = fault.into_weirds().into_iter().map(|w| w.name).collect();
        assert_eq!(names, ["first", "second"]);
    }

    #[test]
    fn a_violation_is_no_weird() {
        let fault = Malformed::violation("GTPV1", "version 2", 0);
        assert!(fault.violation);
        assert_eq!(fault.weird.detail.as_deref(), Some("version 2"));
        assert!(fault.into_weirds().is_empty());
    }
}
