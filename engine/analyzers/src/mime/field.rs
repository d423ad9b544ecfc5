//! Single header fields: names, values, and structured values (RFC 5322, RFC 2045 section 5, RFC 9110 section 5).

/// Splits a header line at its colon into name and value, without white space around either.  Nothing if it has no
/// colon or no name.
pub fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = memchr::memchr(b':', line)?;
    let name = trim(line.get(..colon)?);
    let value = trim(line.get(colon + 1..)?);
    (!name.is_empty()).then_some((name, value))
}

/// Without white space at both ends.
pub fn trim(bytes: &[u8]) -> &[u8] {
    let is_text = |b: &u8| !b.is_ascii_whitespace();
    match (bytes.iter().position(is_text), bytes.iter().rposition(is_text)) {
        (Some(start), Some(end)) => bytes.get(start..=end).unwrap_or_default(),
        _ => &[],
    }
}

/// The value without its parameters: what is before the first semicolon.
pub fn main_part(value: &[u8]) -> &[u8] {
    let end = memchr::memchr(b';', value).unwrap_or(value.len());
    trim(value.get(..end).unwrap_or_default())
}

/// Type and subtype of a `Content-Type`.
pub fn media_type(value: &[u8]) -> Option<(&[u8], &[u8])> {
    let main = main_part(value);
    let slash = memchr::memchr(b'/', main)?;
    let (ty, subty) = (trim(main.get(..slash)?), trim(main.get(slash + 1..)?));
    (!ty.is_empty() && !subty.is_empty()).then_some((ty, subty))
}

/// The value of a parameter by its name in any case, such as `boundary`.  Quotes are removed; comments in parentheses
/// between parameters are passed over.
pub fn parameter(value: &[u8], name: &str) -> Option<Vec<u8>> {
    let mut rest = value.get(memchr::memchr(b';', value)? + 1..)?;
    loop {
        rest = skip_space(rest);
        let end = rest
            .iter()
            .position(|b| matches!(b, b'=' | b';'))
            .unwrap_or(rest.len());
        let key = trim(rest.get(..end)?);
        let has_value = rest.get(end) == Some(&b'=');
        rest = rest.get(end + 1..)?;
        if !has_value {
            continue;
        }
        rest = skip_space(rest);
        let (found, after) = parameter_value(rest);
        if key.eq_ignore_ascii_case(name.as_bytes()) {
            return Some(found);
        }
        let semicolon = memchr::memchr(b';', after)?;
        rest = after.get(semicolon + 1..)?;
    }
}

/// A quoted or plain parameter value, and what is behind it.
fn parameter_value(bytes: &[u8]) -> (Vec<u8>, &[u8]) {
    let Some(quoted) = bytes.strip_prefix(b"\"") else {
        let end = bytes
            .iter()
            .position(|b| matches!(b, b';' | b' ' | b'\t' | b'('))
            .unwrap_or(bytes.len());
        let (value, rest) = bytes.split_at(end);
        return (trim(value).to_vec(), rest);
    };
    let mut value = Vec::new();
    let mut at = 0;
    while let Some(&b) = quoted.get(at) {
        at += 1;
        match b {
            b'"' => break,
            b'\\' => {
                value.extend(quoted.get(at));
                at += 1;
            }
            _ => value.push(b),
        }
    }
    (value, quoted.get(at..).unwrap_or_default())
}

/// Behind white space and comments.
fn skip_space(mut bytes: &[u8]) -> &[u8] {
    loop {
        match bytes.first() {
            Some(b) if b.is_ascii_whitespace() => bytes = bytes.get(1..).unwrap_or_default(),
            Some(b'(') => {
                let end = memchr::memchr(b')', bytes).map_or(bytes.len(), |at| at + 1);
                bytes = bytes.get(end..).unwrap_or_default();
            }
            _ => return bytes,
        }
    }
}

/// Whether a comma-separated list has that item, in any case and regardless of parameters.
pub fn list_has(value: &[u8], item: &str) -> bool {
    value
        .split(|&b| b == b',')
        .any(|part| main_part(part).eq_ignore_ascii_case(item.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_are_split_at_the_first_colon() {
        assert_eq!(
            split(b"Host: a:80 "),
            Some((b"Host".as_slice(), b"a:80".as_slice()))
        );
        assert_eq!(split(b"X-Empty :"), Some((b"X-Empty".as_slice(), b"".as_slice())));
        assert_eq!(split(b"no colon"), None);
        assert_eq!(split(b" : value"), None);
    }

    #[test]
    fn content_types() {
        let value = br#"multipart/form-data; charset=x (a; comment); Boundary="a \"b\" ;c"; z=1"#;
        assert_eq!(
            media_type(value),
            Some((b"multipart".as_slice(), b"form-data".as_slice()))
        );
        assert_eq!(
            parameter(value, "boundary").as_deref(),
            Some(br#"a "b" ;c"#.as_slice())
        );
        assert_eq!(parameter(value, "z").as_deref(), Some(b"1".as_slice()));
        assert_eq!(parameter(value, "charset").as_deref(), Some(b"x".as_slice()));
        assert_eq!(parameter(value, "none"), None);
        assert_eq!(
            parameter(b"a/b; flag; c = d", "c").as_deref(),
            Some(b"d".as_slice())
        );
        assert_eq!(
            parameter(b"a/b; c=\"open", "c").as_deref(),
            Some(b"open".as_slice())
        );
        assert_eq!(media_type(b"text"), None);
        assert_eq!(media_type(b"text/"), None);
    }

    #[test]
    fn lists() {
        assert!(list_has(b"gzip, Chunked", "chunked"));
        assert!(list_has(b"keep-alive;x=1, Upgrade", "upgrade"));
        assert!(!list_has(b"xchunked", "chunked"));
    }

    proptest! {
        #[test]
        fn any_value_is_survived(value in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = (split(&value), media_type(&value), parameter(&value, "x"));
        }

        #[test]
        fn parameters_are_found_among_others(value in "[a-z]/[a-z](;[ab \"=\\\\(]{0,6}){0,5}") {
            let _ = parameter(value.as_bytes(), "a");
        }
    }
}
