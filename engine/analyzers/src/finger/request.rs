//! A request line of Finger (RFC 1288, section 2.3).

/// What a line asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// More of each answer (`/W`)
    pub full: bool,
    /// Whom it asks about; empty for everybody
    pub user: &'a [u8],
    /// To whom the question is to be passed on; further hosts follow behind an `@` each.  Empty: it is for the host asked.
    pub host: &'a [u8],
}

/// Reads a line without its ending.  There is no line that cannot be read: what is no `/W` and stands before the first `@`
/// is the name.
///
/// Daemons take a line apart at its blanks and accept `/W` as any of the words, so it is taken off at both ends, however
/// often it stands there; otherwise `root /W` would be a name that nobody looks for.
pub fn parse(line: &[u8]) -> Request<'_> {
    let mut rest = trim(line);
    let mut full = false;
    while let Some(behind) = rest.strip_prefix(b"/W").or_else(|| rest.strip_prefix(b"/w")) {
        if behind.first().is_some_and(|&b| !is_blank(b) && b != b'@' && full) {
            break; // `/W/Wx`: the second one begins a name.
        }
        full = true;
        rest = trim(behind);
    }
    while let Some(before) = rest.strip_suffix(b"/W").or_else(|| rest.strip_suffix(b"/w")) {
        if !before.last().is_some_and(|&b| is_blank(b)) {
            break;
        }
        full = true;
        rest = trim(before);
    }
    let (user, host) = match memchr::memchr(b'@', rest) {
        Some(at) => (
            rest.get(..at).unwrap_or_default(),
            rest.get(at + 1..).unwrap_or_default(),
        ),
        None => (rest, &[][..]),
    };
    Request {
        full,
        user: trim(user),
        host: trim(host),
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Without blanks at both ends.
fn trim(mut text: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = text {
        if !is_blank(*first) {
            break;
        }
        text = rest;
    }
    while let [rest @ .., last] = text {
        if !is_blank(*last) {
            break;
        }
        text = rest;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> (bool, String, String) {
        let r = parse(line.as_bytes());
        let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
        (r.full, text(r.user), text(r.host))
    }

    #[test]
    fn forms_of_requests() {
        let cases = [
            ("", (false, "", "")),
            ("/W", (true, "", "")),
            ("root", (false, "root", "")),
            ("/W root", (true, "root", "")),
            ("/w\troot", (true, "root", "")),
            ("/Wroot", (true, "root", "")),
            ("@host", (false, "", "host")),
            ("/W@host", (true, "", "host")),
            ("user@one@two", (false, "user", "one@two")),
            ("/W user@host", (true, "user", "host")),
        ];
        for (line, (full, user, host)) in cases {
            assert_eq!(parsed(line), (full, user.into(), host.into()), "{line:?}");
        }
    }

    #[test]
    fn a_name_does_not_hide_behind_blanks_and_flags() {
        for line in ["  root ", "root /W", "/W root /W", "/W /w root\t", "\t/W  root @"] {
            assert_eq!(parsed(line).1, "root", "{line:?}");
        }
        assert_eq!(parsed("/W/Wroot").1, "/Wroot");
        assert_eq!(parsed("a/W"), (false, "a/W".into(), String::new()));
    }
}
