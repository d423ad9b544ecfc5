//! FTP's data connections: what they carry is a file, or a listing, in each direction.
//!
//! An analyzer of this kind is on a connection because policy expects it; nothing in the data tells it.

use bro_events::FileKey;
use bro_session::analyzer::{Analyzer, AnalyzerDef, Context};

/// The analyzer.
pub static FTP_DATA: AnalyzerDef = AnalyzerDef {
    name: "FTP_DATA",
    tag: "Analyzer::ANALYZER_FTP_DATA",
    about: "FTP: the content of data connections, as files",
    handles_partial: true,
    new: |_| Box::new(FtpData::default()),
    options: &[],
    events: &[],
    records: &[],
    declarations: "",
    signatures: "",
};

/// A data connection.
#[derive(Default)]
struct FtpData {
    /// The files of the responder and of the originator, once there is any data
    files: [Option<FileKey>; 2],
}

impl FtpData {
    fn key<'a>(files: &'a mut [Option<FileKey>; 2], ctx: &Context<'_>, is_orig: bool) -> &'a FileKey {
        files[usize::from(is_orig)].get_or_insert_with(|| ctx.file_key(if is_orig { "o" } else { "r" }))
    }
}

impl Analyzer for FtpData {
    fn deliver_stream(&mut self, ctx: &mut Context<'_>, is_orig: bool, data: &[u8]) {
        let key = Self::key(&mut self.files, ctx, is_orig);
        ctx.file_data(key, is_orig, data, None);
    }

    fn undelivered(&mut self, ctx: &mut Context<'_>, is_orig: bool, offset: u64, len: u64) {
        let key = Self::key(&mut self.files, ctx, is_orig);
        ctx.file_gap(key, is_orig, offset, len);
    }

    fn flip_roles(&mut self, _ctx: &mut Context<'_>) {
        self.files.swap(0, 1);
    }

    fn done(&mut self, ctx: &mut Context<'_>) {
        // With the connection, not with its FIN: till then a retransmission may tell of a side that did not stop there.
        for key in self.files.iter().flatten() {
            ctx.file_end(key);
        }
    }
}
