//! FTP's data connections: what they carry is a file, or a listing, in each direction.
//!
//! An analyzer of this kind is on a connection because policy expects it; nothing in the data tells it.

use bro_events::FileKey;
use bro_session::analyzer::{Analyzer, AnalyzerDef, Context};

bro_events::events! {
    /// A connection carries a file.
    FILE_TRANSFERRED = file_transferred(c, prefix, descr, mime_type);
}

/// The analyzer.
pub static FTP_DATA: AnalyzerDef = AnalyzerDef {
    name: "FTP_DATA",
    tag: "Analyzer::ANALYZER_FTP_DATA",
    about: "FTP: the content of data connections, as files",
    handles_partial: true,
    new: |_| Box::new(FtpData::default()),
    options: &[],
    events: EVENTS,
    records: &[],
    declarations: include_str!("data.bro"),
    signatures: "",
};

/// Bytes of the beginning that `file_transferred` carries at most.
const PREFIX: usize = 1024;

/// A data connection.
#[derive(Default)]
struct FtpData {
    /// The files of the responder and of the originator, once there is any data
    files: [Option<FileKey>; 2],
    beginning: Beginning,
}

/// The beginning of what a connection carries, for `file_transferred`; kept only if somebody handles that.
#[derive(Default)]
struct Beginning {
    /// At most [`PREFIX`] bytes
    data: Vec<u8>,
    told: bool,
}

impl Beginning {
    fn take(&mut self, ctx: &mut Context<'_>, data: &[u8]) {
        if self.told || !ctx.wants(&FILE_TRANSFERRED) {
            return;
        }
        let room = PREFIX - self.data.len();
        self.data.extend_from_slice(&data[..data.len().min(room)]);
        if self.data.len() == PREFIX {
            self.tell(ctx, false);
        }
    }

    /// Tells of it, once.  `complete`: nothing follows.
    fn tell(&mut self, ctx: &mut Context<'_>, complete: bool) {
        if self.told || self.data.is_empty() {
            return;
        }
        self.told = true;
        let data = std::mem::take(&mut self.data);
        let mime = ctx.mime_type(&data, complete).unwrap_or_default();
        ctx.emit(
            &FILE_TRANSFERRED,
            [data.as_slice().into(), "".into(), mime.as_bytes().into()],
        );
    }
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
        self.beginning.take(ctx, data);
    }

    fn undelivered(&mut self, ctx: &mut Context<'_>, is_orig: bool, offset: u64, len: u64) {
        let key = Self::key(&mut self.files, ctx, is_orig);
        ctx.file_gap(key, is_orig, offset, len);
    }

    fn flip_roles(&mut self, _ctx: &mut Context<'_>) {
        self.files.swap(0, 1);
    }

    fn done(&mut self, ctx: &mut Context<'_>) {
        self.beginning.tell(ctx, true);
        // With the connection, not with its FIN: till then a retransmission may tell of a side that did not stop there.
        for key in self.files.iter().flatten() {
            ctx.file_end(key);
        }
    }
}
