//! Digests of whole files: MD5 (RFC 1321), SHA-1 and SHA-2 (FIPS 180-4).

use digest::DynDigest;

use super::{FileAnalyzer, FileAnalyzerDef, FileContext};
use crate::events::FILE_HASH;

struct Hash {
    kind: &'static str,
    digest: Box<dyn DynDigest + Send>,
    seen: bool,
}

impl FileAnalyzer for Hash {
    fn deliver_stream(&mut self, _ctx: &mut FileContext<'_>, data: &[u8]) -> bool {
        self.seen |= !data.is_empty();
        self.digest.update(data);
        true
    }

    fn undelivered(&mut self, _ctx: &mut FileContext<'_>, _offset: u64, _len: u64) -> bool {
        // The digest of what is left would match no file in the world.
        false
    }

    fn end_of_file(&mut self, ctx: &mut FileContext<'_>) {
        if !self.seen {
            return;
        }
        let hex: String = self
            .digest
            .finalize_reset()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        ctx.sink
            .emit(&FILE_HASH, vec![ctx.value(), self.kind.into(), hex.into()]);
    }
}

macro_rules! hashes {
    ($($ident:ident, $name:literal, $kind:literal, $about:literal, $digest:ty;)*) => {
        $(
            #[doc = $about]
            pub const $ident: FileAnalyzerDef = FileAnalyzerDef {
                name: $name,
                tag: concat!("Files::ANALYZER_", $name),
                about: $about,
                new: |_| Ok(Box::new(Hash { kind: $kind, digest: Box::new(<$digest>::default()), seen: false })),
            };
        )*
    };
}

hashes! {
    MD5, "MD5", "md5", "MD5 digest of a file", md5::Md5;
    SHA1, "SHA1", "sha1", "SHA-1 digest of a file", sha1::Sha1;
    SHA224, "SHA224", "sha224", "SHA-224 digest of a file", sha2::Sha224;
    SHA256, "SHA256", "sha256", "SHA-256 digest of a file", sha2::Sha256;
    SHA384, "SHA384", "sha384", "SHA-384 digest of a file", sha2::Sha384;
    SHA512, "SHA512", "sha512", "SHA-512 digest of a file", sha2::Sha512;
}

#[cfg(test)]
mod tests {
    use bro_events::{FileAnalyzerArgs, FileId, Recorder, Value};

    use super::*;

    fn digest(def: &FileAnalyzerDef, parts: &[&[u8]]) -> Option<Vec<u8>> {
        let mut sink = Recorder::new();
        let mut analyzer = (def.new)(&FileAnalyzerArgs::default()).expect("no arguments needed");
        let mut ctx = FileContext {
            file: FileId(1),
            sink: &mut sink,
            later: &mut Vec::new(),
        };
        for part in parts {
            analyzer.deliver_stream(&mut ctx, part);
        }
        analyzer.end_of_file(&mut ctx);
        match sink.events.first()?.1.get(2)? {
            Value::Str(hash) => Some(hash.clone()),
            other => panic!("not a string: {other:?}"),
        }
    }

    #[test]
    fn known_digests() {
        assert_eq!(
            digest(&MD5, &[b"a", b"bc"]).unwrap(),
            b"900150983cd24fb0d6963f7d28e17f72"
        );
        assert_eq!(
            digest(&SHA1, &[b"abc"]).unwrap(),
            b"a9993e364706816aba3e25717850c26c9cd0d89d"
        );
        assert_eq!(
            digest(&SHA256, &[b"abc"]).unwrap(),
            b"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn no_digest_of_nothing() {
        assert_eq!(digest(&MD5, &[]), None);
    }
}
