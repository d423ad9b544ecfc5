//! The first line of a message (RFC 9112 sections 3 and 4; RFC 1945 section 5 for HTTP/0.9).

use crate::mime::field::trim;

/// A version of the protocol, times ten: 11 for HTTP/1.1.  0 stands for one that is not of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u8);

impl Version {
    /// HTTP/0.9: a request of a single line, a reply without a header
    pub const V0_9: Version = Version(9);
    /// HTTP/1.1
    pub const V1_1: Version = Version(11);

    /// What is behind `HTTP/`.
    fn parse(text: &[u8]) -> Version {
        match *trim(text) {
            [major, b'.', minor] if major.is_ascii_digit() && minor.is_ascii_digit() => {
                Version((major - b'0') * 10 + (minor - b'0'))
            }
            _ => Version(0),
        }
    }

    /// As text, such as `1.1`.
    pub fn text(self) -> &'static str {
        /// `0.0` to `9.9`, end to end
        const ALL: &str = include_str!("versions.txt");
        let at = usize::from(self.0) * 3;
        ALL.get(at..at + 3).unwrap_or("0.0")
    }

    /// As a number, such as 1.1.
    pub fn number(self) -> f64 {
        f64::from(self.0) / 10.0
    }
}

/// A request line.
#[derive(Debug, PartialEq, Eq)]
pub enum RequestLine<'a> {
    /// One that can be read
    Request {
        /// Such as `GET`
        method: &'a [u8],
        /// The target as it is, may be empty
        uri: &'a [u8],
        /// Version
        version: Version,
        /// `HTTP` was not spelled in upper case.
        lowercase: bool,
    },
    /// Its method is none, but it has a version at its end.
    BadWithVersion,
    /// It has a method and a target, but no version, and no method of HTTP/0.9.
    NoVersion,
    /// Something else
    Bad,
}

/// A status line.
#[derive(Debug, PartialEq, Eq)]
pub struct ReplyLine<'a> {
    /// Version
    pub version: Version,
    /// Status code; `None` if it is no number
    pub code: Option<u16>,
    /// What is behind it; `None` if the line ends with the code, without the space that is to follow
    pub reason: Option<&'a [u8]>,
    /// `HTTP` was not spelled in upper case.
    pub lowercase: bool,
}

/// Reads a request line.
pub fn request(line: &[u8]) -> RequestLine<'_> {
    let line = trim(line);
    let method_len = line
        .iter()
        .position(u8::is_ascii_whitespace)
        .unwrap_or(line.len());
    let (method, rest) = line.split_at(method_len);
    let rest = trim(rest);
    let at = find_keyword(rest);
    if method.is_empty() || !method.iter().all(|&b| is_token(b)) {
        let version = at.map(|at| Version::parse(rest.get(at + 5..).unwrap_or_default()));
        return if version.is_some_and(|v| v != Version(0)) {
            RequestLine::BadWithVersion
        } else {
            RequestLine::Bad
        };
    }
    match at {
        Some(at) => {
            let (uri, keyword) = rest.split_at(at);
            RequestLine::Request {
                method,
                uri: trim(uri),
                version: Version::parse(keyword.get(5..).unwrap_or_default()),
                lowercase: !keyword.starts_with(b"HTTP"),
            }
        }
        // HTTP/0.9 had GET only.
        None if method == b"GET" && !rest.is_empty() => RequestLine::Request {
            method,
            uri: rest,
            version: Version::V0_9,
            lowercase: false,
        },
        None if !rest.is_empty() => RequestLine::NoVersion,
        None => RequestLine::Bad,
    }
}

/// Where the last `HTTP/` in any case begins.
fn find_keyword(line: &[u8]) -> Option<usize> {
    let mut end = line.len();
    while let Some(slash) = memchr::memrchr(b'/', line.get(..end)?) {
        if slash >= 4 && line.get(slash - 4..slash)?.eq_ignore_ascii_case(b"http") {
            return Some(slash - 4);
        }
        end = slash;
    }
    None
}

/// Whether a byte can be in a method (RFC 9110 section 5.6.2).
fn is_token(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b)
}

/// Reads a status line; nothing if it does not begin with `HTTP/`.
pub fn reply(line: &[u8]) -> Option<ReplyLine<'_>> {
    let rest = line.get(5..)?;
    if !line.get(..5)?.eq_ignore_ascii_case(b"http/") {
        return None;
    }
    let version_len = rest
        .iter()
        .position(u8::is_ascii_whitespace)
        .unwrap_or(rest.len());
    let (version, rest) = rest.split_at(version_len);
    let rest = rest.trim_ascii_start();
    let code_len = rest
        .iter()
        .position(u8::is_ascii_whitespace)
        .unwrap_or(rest.len());
    let (code, reason) = rest.split_at(code_len);
    Some(ReplyLine {
        version: Version::parse(version),
        code: std::str::from_utf8(code)
            .ok()
            .filter(|c| c.len() <= 3)
            .and_then(|c| c.parse().ok()),
        reason: (!reason.is_empty()).then(|| trim(reason)),
        lowercase: !line.starts_with(b"HTTP"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(line: &str) -> Option<(&str, &str, &'static str)> {
        match request(line.as_bytes()) {
            RequestLine::Request {
                method, uri, version, ..
            } => Some((
                std::str::from_utf8(method).unwrap(),
                std::str::from_utf8(uri).unwrap(),
                version.text(),
            )),
            _ => None,
        }
    }

    #[test]
    fn request_lines() {
        assert_eq!(parsed("GET / HTTP/1.1"), Some(("GET", "/", "1.1")));
        assert_eq!(parsed("GET  /a b  HTTP/1.0 "), Some(("GET", "/a b", "1.0")));
        assert_eq!(
            parsed("GET /?u=HTTP/1.0 HTTP/1.1"),
            Some(("GET", "/?u=HTTP/1.0", "1.1"))
        );
        assert_eq!(parsed("GET HTTP/1.1"), Some(("GET", "", "1.1")));
        assert_eq!(parsed("GET /"), Some(("GET", "/", "0.9")));
        assert_eq!(parsed("M-SEARCH * http/1.1"), Some(("M-SEARCH", "*", "1.1")));
        assert_eq!(parsed("GET / HTTP/3.7"), Some(("GET", "/", "3.7")));
        assert_eq!(parsed("GET / HTTP/x"), Some(("GET", "/", "0.0")));
        assert_eq!(request(b"GET"), RequestLine::Bad);
        assert_eq!(request(b"EHLO there"), RequestLine::NoVersion);
        assert_eq!(request(b"\xdd\0 GET /txt HTTP/1.1"), RequestLine::BadWithVersion);
        assert_eq!(request(b"\x16\x03\x01 HTTP/"), RequestLine::Bad);
        assert_eq!(request(b""), RequestLine::Bad);
    }

    #[test]
    fn status_lines() {
        let line = reply(b"HTTP/1.1 404 Not  Found ").unwrap();
        assert_eq!(
            (line.version, line.code, line.reason),
            (Version::V1_1, Some(404), Some(b"Not  Found".as_slice()))
        );
        assert!(reply(b"http/1.0 200").unwrap().lowercase);
        assert_eq!(reply(b"HTTP/1.1 abc x").unwrap().code, None);
        assert_eq!(reply(b"HTTP/5.?2 200 ").unwrap().version.text(), "0.0");
        assert_eq!(reply(b"SSH-2.0-x"), None);
        assert_eq!(reply(b"HTT"), None);
    }

    proptest! {
        #[test]
        fn any_line_is_survived(line in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = (request(&line), reply(&line));
        }
    }
}
