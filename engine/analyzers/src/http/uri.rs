//! Percent encoding of URIs (RFC 3986 section 2.1).

use std::borrow::Cow;

/// Undoes percent encoding.  What is no escape stays as it is and is reported by the name of its weird.
pub fn unescape<'a>(uri: &'a [u8], weird: &mut dyn FnMut(&'static str)) -> Cow<'a, [u8]> {
    let Some(first) = memchr::memchr(b'%', uri) else {
        return Cow::Borrowed(uri);
    };
    let mut out = Vec::with_capacity(uri.len());
    let (plain, mut rest) = uri.split_at(first);
    out.extend_from_slice(plain);
    while let Some((&b, behind)) = rest.split_first() {
        rest = behind;
        if b != b'%' {
            out.push(b);
            continue;
        }
        match (behind.first().copied(), behind.get(1).copied()) {
            (Some(high), Some(low)) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                out.push(digit(high) << 4 | digit(low));
                rest = behind.get(2..).unwrap_or_default();
            }
            (None, _) => {
                weird("illegal_%_at_end_of_URI");
                out.push(b);
            }
            (Some(b'%'), _) => {
                weird("double_%_in_URI");
                out.push(b);
                rest = behind.get(1..).unwrap_or_default();
            }
            (Some(high), None) if high.is_ascii_hexdigit() => {
                weird("partial_escape_at_end_of_URI");
                out.push(b);
            }
            _ => {
                weird("unescaped_%_in_URI");
                out.push(b);
            }
        }
    }
    Cow::Owned(out)
}

/// The value of a hexadecimal digit.
fn digit(b: u8) -> u8 {
    match b {
        b'0'..=b'9' => b - b'0',
        _ => (b & 0x0f) + 9,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn run(uri: &str) -> (String, Vec<&'static str>) {
        let mut weirds = Vec::new();
        let out = unescape(uri.as_bytes(), &mut |w| weirds.push(w));
        (String::from_utf8_lossy(&out).into_owned(), weirds)
    }

    #[test]
    fn escapes() {
        assert_eq!(run("/a%20b%2fC%7E"), ("/a b/C~".into(), vec![]));
        assert_eq!(run("/%"), ("/%".into(), vec!["illegal_%_at_end_of_URI"]));
        assert_eq!(run("/%5"), ("/%5".into(), vec!["partial_escape_at_end_of_URI"]));
        assert_eq!(run("/%%41"), ("/%41".into(), vec!["double_%_in_URI"]));
        assert_eq!(
            run("/%zz%4"),
            (
                "/%zz%4".into(),
                vec!["unescaped_%_in_URI", "partial_escape_at_end_of_URI"]
            )
        );
    }

    proptest! {
        #[test]
        fn what_was_escaped_comes_back(bytes in prop::collection::vec(any::<u8>(), 0..50)) {
            let escaped: String = bytes.iter().map(|b| format!("%{b:02x}")).collect();
            let found = unescape(escaped.as_bytes(), &mut |w| panic!("{w}")).into_owned();
            prop_assert_eq!(found, bytes);
        }

        #[test]
        fn any_uri_is_survived(uri in "[%a-f0-9x]{0,30}") {
            let out = unescape(uri.as_bytes(), &mut |_| {}).len();
            prop_assert!(out <= uri.len());
        }
    }
}
