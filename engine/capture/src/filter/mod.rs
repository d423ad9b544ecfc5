//! Filters: expressions such as `tcp port 80`, compiled by libpcap and run here.
//!
//! The compiler is used because the language of filters is libpcap's and nothing else speaks it exactly; it is found at
//! run time, so that it is only needed by those who filter.  The compiled program is run by [`bpf`], which cannot leave
//! the packet whatever the program does.

pub(crate) mod bpf;
mod libpcap;

use std::time::Duration;

use thiserror::Error;

use crate::error::CaptureError;
use crate::link::LinkType;
use crate::packet::Packet;
use crate::source::{PacketSource, Progress, Resolution, Statistics, Step};
use bpf::{Program, ProgramError};

/// Most link types that one [`FilterSet`] compiles its expression for; there are about 300.
const MAX_LINK_TYPES: usize = 512;

/// What libpcap says of an expression that matches no packet of a link type.
const REJECTS_ALL: &str = "rejects all packets";

/// Why a filter cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FilterError {
    /// libpcap is not there.
    #[error(
        "the filter \"{expression}\" needs libpcap, which cannot be loaded: {reason} (install it: \
         \"apt install libpcap0.8\" on Debian and Ubuntu, \"dnf install libpcap\" on Fedora and Red Hat)"
    )]
    LibraryMissing {
        /// The filter expression.
        expression: String,
        /// The loader's message.
        reason: String,
    },
    /// The compiler does not accept the expression.
    #[error("the filter \"{expression}\" is not valid for {link_type}: {message}")]
    Invalid {
        /// The filter expression.
        expression: String,
        /// Link type it was compiled for.
        link_type: LinkType,
        /// The compiler's message.
        message: String,
    },
    /// The compiled program is not valid, or the source has too many link types.
    #[error("the filter \"{expression}\" cannot be run: {source}")]
    Program {
        /// The filter expression.
        expression: String,
        /// What is wrong.
        source: ProgramError,
    },
}

/// A filter expression compiled for one link type.
#[derive(Clone, Debug)]
pub struct Filter {
    expression: String,
    link_type: LinkType,
    program: Program,
}

impl Filter {
    /// Compiles an expression in libpcap's language (pcap-filter(7)) for packets of a link type that are captured with
    /// up to `snaplen` bytes.  An empty expression accepts everything and needs no libpcap.
    ///
    /// An expression with the name of a host asks the name service.
    pub fn compile(expression: &str, link_type: LinkType, snaplen: u32) -> Result<Self, FilterError> {
        let program = if expression.trim().is_empty() {
            Program::accept_all(snaplen.max(1))
        } else {
            compile(expression, link_type, snaplen)?
        };
        Ok(Self {
            expression: expression.to_owned(),
            link_type,
            program,
        })
    }

    /// Whether the filter accepts the packet.
    pub fn accepts(&self, packet: &Packet<'_>) -> bool {
        self.program.run(packet.captured, packet.original_len) != 0
    }

    /// The expression it was compiled from.
    pub fn expression(&self) -> &str {
        &self.expression
    }

    /// The link type it was compiled for.
    pub fn link_type(&self) -> LinkType {
        self.link_type
    }

    /// The program.
    pub fn program(&self) -> &Program {
        &self.program
    }
}

fn compile(expression: &str, link_type: LinkType, snaplen: u32) -> Result<Program, FilterError> {
    let invalid = |message: String| FilterError::Invalid {
        expression: expression.to_owned(),
        link_type,
        message,
    };
    let source = libpcap::to_c(expression).ok_or_else(|| invalid("it contains a zero byte".into()))?;
    let number = i32::try_from(link_type.0).map_err(|_| invalid("the link type is unknown".into()))?;
    let snaplen = i32::try_from(snaplen).unwrap_or(i32::MAX);
    let instructions = libpcap::compile(&source, number, snaplen).map_err(|error| match error {
        libpcap::CompileError::Missing(reason) => FilterError::LibraryMissing {
            expression: expression.to_owned(),
            reason,
        },
        libpcap::CompileError::Rejected(message) => invalid(message),
    })?;
    Program::new(instructions).map_err(|source| FilterError::Program {
        expression: expression.to_owned(),
        source,
    })
}

/// A filter expression for packets of any link type: compiled for each when its first packet comes.
#[derive(Clone, Debug)]
pub struct FilterSet {
    expression: String,
    snaplen: u32,
    /// The most recently used one is first.
    filters: Vec<Filter>,
}

impl FilterSet {
    /// Takes an expression; it is checked with the first packet.  To check it earlier, call [`prepare`](Self::prepare).
    pub fn new(expression: &str, snaplen: u32) -> Self {
        Self {
            expression: expression.to_owned(),
            snaplen,
            filters: Vec::new(),
        }
    }

    /// Compiles the expression for a link type, unless that was done.
    pub fn prepare(&mut self, link_type: LinkType) -> Result<&Filter, FilterError> {
        let at = match self.filters.iter().position(|f| f.link_type == link_type) {
            Some(at) => at,
            None => {
                if self.filters.len() >= MAX_LINK_TYPES {
                    self.filters.pop();
                }
                let filter = self.compile_further(link_type)?;
                self.filters.push(filter);
                self.filters.len() - 1
            }
        };
        self.filters.swap(0, at);
        self.filters.first().ok_or_else(|| FilterError::Program {
            expression: self.expression.clone(),
            source: ProgramError::Empty,
        })
    }

    /// The compiler calls an expression that no packet of a link type can match an error.  Of the only link type that is
    /// one; of a further one (there is no IPv6 in raw IPv4) it says no more than that it matches none of those packets.
    fn compile_further(&self, link_type: LinkType) -> Result<Filter, FilterError> {
        match Filter::compile(&self.expression, link_type, self.snaplen) {
            Err(FilterError::Invalid { message, .. })
                if !self.filters.is_empty() && message.contains(REJECTS_ALL) =>
            {
                Ok(Filter {
                    expression: self.expression.clone(),
                    link_type,
                    program: Program::reject_all(),
                })
            }
            result => result,
        }
    }

    /// Whether the filter accepts the packet.
    pub fn accepts(&mut self, packet: &Packet<'_>) -> Result<bool, FilterError> {
        match self.filters.first() {
            Some(filter) if filter.link_type == packet.link_type => Ok(filter.accepts(packet)),
            _ => Ok(self.prepare(packet.link_type)?.accepts(packet)),
        }
    }

    /// The expression.
    pub fn expression(&self) -> &str {
        &self.expression
    }
}

/// A source less the packets that a filter rejects.
///
/// Filters of live sources run in the kernel: give them to [`LiveOptions`](crate::LiveOptions) instead.
pub struct FilteredSource<S> {
    inner: S,
    filters: FilterSet,
    rejected: u64,
    rejected_bytes: u64,
}

/// Rejected packets in a row after which a filtered source lets its caller breathe, so that signals are looked after
/// while a filter rejects all of a large file.
const BREATHER: u32 = 100_000;

impl<S: PacketSource> FilteredSource<S> {
    /// Filters a source.  If its link type is known already, the expression is compiled at once.
    pub fn new(inner: S, expression: &str) -> Result<Self, FilterError> {
        let mut filters = FilterSet::new(expression, crate::file::MAX_CAPTURED);
        if let Some(link_type) = inner.link_type() {
            filters.prepare(link_type)?;
        }
        Ok(Self {
            inner,
            filters,
            rejected: 0,
            rejected_bytes: 0,
        })
    }
}

impl<S: PacketSource> PacketSource for FilteredSource<S> {
    fn advance(&mut self) -> Result<Step, CaptureError> {
        for _ in 0..BREATHER {
            let step = self.inner.advance()?;
            let Some(packet) = self.inner.packet().filter(|_| step == Step::Packet) else {
                return Ok(step);
            };
            if self.filters.accepts(&packet)? {
                return Ok(Step::Packet);
            }
            self.rejected += 1;
            self.rejected_bytes += packet.captured.len() as u64;
        }
        Ok(Step::Pending)
    }

    fn packet(&self) -> Option<Packet<'_>> {
        self.inner.packet()
    }

    fn wait(&mut self, timeout: Duration) -> Result<(), CaptureError> {
        self.inner.wait(timeout)
    }

    fn link_type(&self) -> Option<LinkType> {
        self.inner.link_type()
    }

    fn resolution(&self) -> Resolution {
        self.inner.resolution()
    }

    fn is_live(&self) -> bool {
        self.inner.is_live()
    }

    fn statistics(&mut self) -> Statistics {
        let mut statistics = self.inner.statistics();
        statistics.received = statistics.received.saturating_sub(self.rejected);
        statistics.bytes = statistics.bytes.saturating_sub(self.rejected_bytes);
        statistics.filtered += self.rejected;
        statistics
    }

    fn progress(&self) -> Option<Progress> {
        self.inner.progress()
    }

    fn name(&self) -> &str {
        self.inner.name()
    }
}

#[cfg(test)]
mod tests;
