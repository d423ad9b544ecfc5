//! ONC RPC (RFC 5531) over UDP and TCP, and three programs on it: the portmapper (RFC 1833), mount and NFS
//! (RFC 1813, version 3).
//!
//! [`dialogue`] pairs calls with their replies, for any program; [`Program`] is what a program adds: what its arguments
//! and results are, and the events about them.

mod calls;
mod dialogue;
mod header;
mod mount;
mod nfs;
mod options;
mod portmapper;
mod record;
mod rpcbind;
#[cfg(test)]
mod tests;
mod vocabulary;
mod xdr;

use bro_session::analyzer::{AnalyzerDef, Context};

use calls::Call;
use dialogue::Dialogue;
use header::Status;
use xdr::Xdr;

/// A program that is called.
pub trait Program: Send + 'static {
    /// What is kept of a call's arguments until the reply comes
    type Args: Send;

    /// Its number
    const NUMBER: u32;

    /// Whether a version of it is known here.
    fn knows(&self, version: u32) -> bool;

    /// Reads a call's arguments.  `None` if they are not what they should be.
    fn arguments(&mut self, version: u32, procedure: u32, arguments: &mut Xdr<'_>) -> Option<Self::Args>;

    /// A call came to its end: with a reply, whose results these are, or because nobody waits for one any more.  `None` if
    /// the results are not what they should be.
    fn finished(
        &mut self,
        ctx: &mut Context<'_>,
        call: &Call<Self::Args>,
        outcome: &Outcome,
        results: &mut Xdr<'_>,
    ) -> Option<()>;
}

/// How a call ended.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// How, as far as RPC knows
    pub status: Status,
    /// When the reply's first byte came, or when nobody waited for one any more, seconds
    pub at: f64,
    /// When its last byte came
    pub end: f64,
    /// Bytes of the reply
    pub len: u64,
}

/// The portmapper.
pub static PORTMAPPER: AnalyzerDef = AnalyzerDef {
    name: "PORTMAPPER",
    tag: "Analyzer::ANALYZER_PORTMAPPER",
    about: "The portmapper of ONC RPC: which program listens at which port",
    handles_partial: false,
    new: |options| Box::new(Dialogue::new(portmapper::Portmapper, options)),
    options: options::NAMES,
    events: vocabulary::portmapper::EVENTS,
    records: vocabulary::portmapper::RECORDS,
    declarations: concat!(include_str!("rpc.bro"), include_str!("portmapper.bro")),
    signatures: include_str!("portmapper.sig"),
};

/// The mount protocol.
pub static MOUNT: AnalyzerDef = AnalyzerDef {
    name: "MOUNT",
    tag: "Analyzer::ANALYZER_MOUNT",
    about: "The mount protocol of NFS, version 3",
    handles_partial: false,
    new: |options| Box::new(Dialogue::new(mount::Mount, options)),
    options: options::NAMES,
    events: vocabulary::mount::EVENTS,
    records: vocabulary::mount::RECORDS,
    declarations: include_str!("mount.bro"),
    signatures: include_str!("mount.sig"),
};

/// NFS.
pub static NFS: AnalyzerDef = AnalyzerDef {
    name: "NFS",
    tag: "Analyzer::ANALYZER_NFS",
    about: "The network file system, version 3",
    handles_partial: false,
    new: |options| Box::new(Dialogue::new(nfs::Nfs::new(options), options)),
    options: options::NAMES,
    events: vocabulary::nfs::EVENTS,
    records: vocabulary::nfs::RECORDS,
    declarations: include_str!("nfs.bro"),
    signatures: include_str!("nfs.sig"),
};
