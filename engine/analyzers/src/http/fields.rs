//! The header fields that decide how a message goes on.

use super::range::{self, ContentRange, RangeError};
use crate::mime::field;
use crate::support::coding::Coding;

/// Bytes of a field that is kept at most; longer ones are taken for absent.
const MAX_KEPT: usize = 4096;

/// What a message's header says about its body and its connection.
#[derive(Debug, Default)]
pub struct Fields {
    /// Length of the body
    pub content_length: Option<u64>,
    /// The body is in chunks.
    pub chunked: bool,
    /// How the content is coded
    pub coding: Option<Coding>,
    /// Media type of the content
    pub content_type: Option<Vec<u8>>,
    /// Which part of a resource the content is
    pub content_range: Option<Result<ContentRange, (RangeError, Vec<u8>)>>,
    /// Protocols to go on with
    pub upgrade: Option<Vec<u8>>,
    /// Host asked for
    pub host: Option<Vec<u8>>,
    /// The client asks for a part of a resource.
    pub has_range: bool,
    /// The client waits for a go-ahead.
    pub expects_continue: bool,
    /// The connection is to be closed.
    pub close: bool,
    /// The connection is to be kept.
    pub keep_alive: bool,
}

impl Fields {
    /// Notes a field; gives a weird about it, with its detail.
    pub fn note(&mut self, name: &[u8], value: &[u8]) -> Option<(&'static str, String)> {
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        let kept = || (value.len() <= MAX_KEPT).then(|| value.to_vec());
        match (name.len(), name.first().map(u8::to_ascii_lowercase)?) {
            (4, b'h') if is("host") => self.host = kept(),
            (5, b'r') if is("range") => self.has_range = true,
            (6, b'e') if is("expect") => self.expects_continue = field::list_has(value, "100-continue"),
            (7, b'u') if is("upgrade") => self.upgrade = kept(),
            (10, b'c') if is("connection") => self.connection(value),
            (16, b'p') if is("proxy-connection") => self.connection(value),
            (12, b'c') if is("content-type") => self.content_type = kept(),
            (13, b'c') if is("content-range") => {
                let value = range::without_unit(value);
                self.content_range = Some(range::parse(value).map_err(|error| (error, value.to_vec())));
            }
            (14, b'c') if is("content-length") => return self.content_length(value),
            (16, b'c') if is("content-encoding") => self.coding = Coding::named(value),
            (17, b't') if is("transfer-encoding") => self.chunked |= field::list_has(value, "chunked"),
            _ => {}
        }
        None
    }

    fn connection(&mut self, value: &[u8]) {
        self.close |= field::list_has(value, "close");
        self.keep_alive |= field::list_has(value, "keep-alive");
    }

    /// RFC 9110 section 8.6: digits only.  A list of equal values is one value; anything else leaves the length unknown.
    fn content_length(&mut self, value: &[u8]) -> Option<(&'static str, String)> {
        let text = || String::from_utf8_lossy(value).into_owned();
        let mut lengths = value.split(|&b| b == b',').map(|part| {
            let digits = field::trim(part);
            let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
            // Bounded so that sums of lengths fit.
            let number = std::str::from_utf8(digits).ok()?.parse::<u64>().ok()?;
            (is_number && number <= i64::MAX as u64).then_some(number)
        });
        let first = lengths.next().flatten();
        if first.is_none() || !lengths.all(|l| l == first) {
            return Some(("HTTP_bad_content_length", text()));
        }
        let conflict = self.content_length.is_some() && self.content_length != first;
        self.content_length = first;
        if conflict {
            Some(("HTTP_conflicting_content_lengths", text()))
        } else if value.len() > 1 && value.first() == Some(&b'0') {
            Some(("HTTP_content_length_leading_zeros", text()))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(fields: &[(&str, &str)]) -> (Fields, Vec<&'static str>) {
        let mut f = Fields::default();
        let weirds = fields
            .iter()
            .filter_map(|(n, v)| f.note(n.as_bytes(), v.as_bytes()))
            .map(|w| w.0)
            .collect();
        (f, weirds)
    }

    #[test]
    fn fields_are_noted_in_any_case() {
        let (f, weirds) = noted(&[
            ("TRANSFER-encoding", "gzip, chunked"),
            ("Content-Encoding", "gzip"),
            ("connection", "Keep-Alive, Upgrade"),
            ("expect", "100-Continue"),
            ("Content-Range", "bytes 1-2/3"),
        ]);
        assert!(f.chunked && f.keep_alive && f.expects_continue && !f.close);
        assert_eq!(f.coding, Some(Coding::Gzip));
        assert_eq!(
            f.content_range,
            Some(Ok(ContentRange {
                first: 1,
                total: Some(3)
            }))
        );
        assert!(weirds.is_empty());
    }

    #[test]
    fn content_lengths() {
        assert_eq!(noted(&[("Content-Length", "10")]).0.content_length, Some(10));
        assert_eq!(noted(&[("Content-Length", "5, 5")]).0.content_length, Some(5));
        let (f, weirds) = noted(&[("Content-Length", "0050")]);
        assert_eq!(
            (f.content_length, weirds),
            (Some(50), vec!["HTTP_content_length_leading_zeros"])
        );
        for bad in ["-1", "+5", "1x", "", "5, 6", "99999999999999999999"] {
            let (f, weirds) = noted(&[("Content-Length", bad)]);
            assert_eq!(
                (f.content_length, weirds),
                (None, vec!["HTTP_bad_content_length"]),
                "{bad}"
            );
        }
        let (f, weirds) = noted(&[("Content-Length", "5"), ("Content-Length", "6")]);
        assert_eq!(
            (f.content_length, weirds),
            (Some(6), vec!["HTTP_conflicting_content_lengths"])
        );
    }
}
