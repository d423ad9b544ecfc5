//! Security data of FTP (RFC 2228): `ADAT` and the replies to it carry it in base64.
//!
//! What the data is depends on the mechanism.  Grid FTP's is a TLS handshake (GFD.20), which goes to the analyzer of TLS.

use bro_session::analyzer::{Analyzer, AnalyzerDef, Context, OptionStore, TreeChange};

use crate::mime::transfer::Transfer;
use crate::support::lines::Lines;

/// Tag of the analyzer.
pub const TAG: &str = "Analyzer::ANALYZER_FTP_ADAT";

/// The analyzer, a child of FTP's.
pub static FTP_ADAT: AnalyzerDef = AnalyzerDef {
    name: "FTP_ADAT",
    tag: TAG,
    about: "FTP: security data in the control connection",
    handles_partial: true,
    new: |options| Box::new(FtpAdat::new(options)),
    options: &[],
    events: &[],
    records: &[],
    declarations: "",
    signatures: "",
};

/// Bytes of a line, as on the control connection.
const MAX_LINE: usize = 64 * 1024;

/// First bytes of TLS: records of the handshake, and the greeting of SSL 2 with its length in two bytes.
const TLS_HANDSHAKE: u8 = 22;
const SSL2_LENGTH: u8 = 0x80;

/// The security data of a control connection.
struct FtpAdat {
    /// Lines of the responder and of the originator
    lines: [Lines; 2],
    /// The data is TLS.
    is_tls: bool,
    /// It is not.
    is_other: bool,
}

impl FtpAdat {
    fn new(_: &OptionStore) -> Self {
        FtpAdat {
            lines: [Lines::new(MAX_LINE), Lines::new(MAX_LINE)],
            is_tls: false,
            is_other: false,
        }
    }

    fn token(&mut self, ctx: &mut Context<'_>, is_orig: bool, text: &[u8]) {
        let mut token = Vec::new();
        if !Transfer::named(b"base64").decode(text, &mut token) {
            return;
        }
        let Some(&first) = token.first() else {
            return;
        };
        if !self.is_tls {
            if first != TLS_HANDSHAKE && first != SSL2_LENGTH {
                // Kerberos, for instance.
                self.is_other = true;
                return;
            }
            self.is_tls = true;
            ctx.change(TreeChange::AddChild(super::TLS));
        }
        ctx.forward_stream(is_orig, &token);
    }
}

/// The base64 in a line, if it has some.
fn encoded(is_orig: bool, line: &[u8]) -> Option<&[u8]> {
    if is_orig {
        let (command, data) = line.split_at_checked(5)?;
        return command.eq_ignore_ascii_case(b"ADAT ").then_some(data);
    }
    // 235 and 335, of several lines possibly.
    let (code, text) = line.split_at_checked(4)?;
    let (label, data) = text.split_at_checked(5)?;
    let fits = matches!(code.get(..3)?, b"235" | b"335" | b"334") && label.eq_ignore_ascii_case(b"ADAT=");
    fits.then_some(data)
}

impl Analyzer for FtpAdat {
    fn deliver_stream(&mut self, ctx: &mut Context<'_>, is_orig: bool, mut data: &[u8]) {
        while !self.is_other {
            let Some(line) = self.lines[usize::from(is_orig)].next(&mut data) else {
                return;
            };
            if let Some(text) = encoded(is_orig, &line.text) {
                self.token(ctx, is_orig, text);
            }
        }
    }

    fn flip_roles(&mut self, _ctx: &mut Context<'_>) {
        self.lines.swap(0, 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_with_security_data() {
        assert_eq!(encoded(true, b"adat QUJD"), Some(&b"QUJD"[..]));
        assert_eq!(encoded(false, b"335 ADAT=QUJD"), Some(&b"QUJD"[..]));
        assert_eq!(encoded(false, b"235-ADAT=QUJD"), Some(&b"QUJD"[..]));
        assert_eq!(encoded(true, b"AUTH GSSAPI"), None);
        assert_eq!(encoded(false, b"334 Using GSSAPI"), None);
        assert_eq!(encoded(false, b"2"), None);
    }
}
