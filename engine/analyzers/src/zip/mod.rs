//! Compressed streams: what they hold goes to analyzers below, found by signatures as on a connection.
//!
//! No port has this analyzer; others add it as a child for a stream within theirs, and forward the compressed bytes to it.

#[cfg(test)]
mod tests;

use bro_session::analyzer::{Analyzer, AnalyzerDef, Context, TreeChange};

use crate::support::coding::{Coding, Decoder, Failure};

/// The analyzer.
pub static ZIP: AnalyzerDef = AnalyzerDef {
    name: "ZIP",
    tag: "Analyzer::ANALYZER_ZIP",
    about: "Decompression of gzip and deflate streams, for other analyzers",
    handles_partial: false,
    new: |_| Box::new(Zip::default()),
    options: &[],
    events: &[],
    records: &[],
    declarations: "",
    signatures: "",
};

/// The first bytes of gzip's header (RFC 1952); the third is the method.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// What is known of a side.
#[derive(Default)]
enum Side {
    /// Its first byte, once it came
    #[default]
    Unknown,
    First(u8),
    Decoding(Decoder),
    /// It failed or has a hole, after which nothing can be decoded.
    Over,
}

/// Decompression of both sides of a stream.
#[derive(Default)]
struct Zip {
    sides: [Side; 2],
}

impl Zip {
    fn side(&mut self, is_orig: bool) -> &mut Side {
        let [orig, resp] = &mut self.sides;
        if is_orig {
            orig
        } else {
            resp
        }
    }

    /// Decodes bytes of a side and passes on what comes out; gives why no more will.
    fn decode(&mut self, ctx: &mut Context<'_>, is_orig: bool, data: &[u8]) -> Result<(), Failure> {
        let side = self.side(is_orig);
        let mut held = None;
        let known = match (&*side, data) {
            (_, []) | (Side::Over, _) => return Ok(()),
            (Side::Decoding(_), _) => None,
            (Side::Unknown, &[first]) => {
                *side = Side::First(first);
                return Ok(());
            }
            (Side::Unknown, &[first, second, ..]) => Some([first, second]),
            (&Side::First(first), &[second, ..]) => {
                held = Some([first]);
                Some([first, second])
            }
        };
        if let Some(magic) = known {
            let coding = if magic == GZIP {
                Coding::Gzip
            } else {
                Coding::Deflate
            };
            *side = Side::Decoding(Decoder::new(coding));
        }
        let Side::Decoding(decoder) = side else {
            return Ok(());
        };
        let mut out = |bytes: &[u8]| ctx.forward_stream(is_orig, bytes);
        if let Some(held) = held {
            decoder.decode(&held, &mut out)?;
        }
        decoder.decode(data, &mut out)
    }
}

impl Analyzer for Zip {
    fn init(&mut self, ctx: &mut Context<'_>) {
        ctx.change(TreeChange::AddDetector);
    }

    fn deliver_stream(&mut self, ctx: &mut Context<'_>, is_orig: bool, data: &[u8]) {
        match self.decode(ctx, is_orig, data) {
            Ok(()) => {}
            Err(failure) => {
                *self.side(is_orig) = Side::Over;
                let reason = match failure {
                    Failure::Corrupt => "data is not compressed, or damaged",
                    Failure::TooMuch => "data grows beyond all measure when it is decompressed",
                };
                ctx.violation(reason, data.get(..40).or(Some(data)));
            }
        }
    }

    fn undelivered(&mut self, ctx: &mut Context<'_>, is_orig: bool, _offset: u64, _len: u64) {
        *self.side(is_orig) = Side::Over;
        ctx.forward_end_of_data(is_orig);
    }

    fn end_of_data(&mut self, ctx: &mut Context<'_>, is_orig: bool) {
        ctx.forward_end_of_data(is_orig);
    }

    fn flip_roles(&mut self, _ctx: &mut Context<'_>) {
        self.sides.swap(0, 1);
    }
}
