//! Names of common header fields in upper case, so that events about them need no copy.

/// Sorted by length, then alphabetically (a test checks that).
static NAMES: &[&str] = &[
    "TE",
    "AGE",
    "DNT",
    "P3P",
    "VIA",
    "DATE",
    "ETAG",
    "FROM",
    "HOST",
    "LINK",
    "VARY",
    "ALLOW",
    "RANGE",
    "ACCEPT",
    "COOKIE",
    "EXPECT",
    "ORIGIN",
    "PRAGMA",
    "SERVER",
    "ALT-SVC",
    "EXPIRES",
    "REFERER",
    "TRAILER",
    "UPGRADE",
    "WARNING",
    "IF-MATCH",
    "IF-RANGE",
    "LOCATION",
    "PRIORITY",
    "CLIENT-IP",
    "FORWARDED",
    "SEC-CH-UA",
    "CONNECTION",
    "KEEP-ALIVE",
    "SET-COOKIE",
    "USER-AGENT",
    "CONTENT-MD5",
    "RETRY-AFTER",
    "X-FORWARDED",
    "CONTENT-TYPE",
    "MAX-FORWARDS",
    "MIME-VERSION",
    "X-POWERED-BY",
    "ACCEPT-RANGES",
    "AUTHORIZATION",
    "CACHE-CONTROL",
    "CONTENT-RANGE",
    "IF-NONE-MATCH",
    "LAST-MODIFIED",
    "ACCEPT-CHARSET",
    "CONTENT-LENGTH",
    "SEC-FETCH-DEST",
    "SEC-FETCH-MODE",
    "SEC-FETCH-SITE",
    "SEC-FETCH-USER",
    "ACCEPT-ENCODING",
    "ACCEPT-LANGUAGE",
    "REFERRER-POLICY",
    "X-FORWARDED-FOR",
    "X-FRAME-OPTIONS",
    "CONTENT-ENCODING",
    "CONTENT-LANGUAGE",
    "CONTENT-LOCATION",
    "PROXY-CONNECTION",
    "SEC-CH-UA-MOBILE",
    "WWW-AUTHENTICATE",
    "X-FORWARDED-FROM",
    "X-REQUESTED-WITH",
    "X-XSS-PROTECTION",
    "XROXY-CONNECTION",
    "IF-MODIFIED-SINCE",
    "SEC-WEBSOCKET-KEY",
    "TRANSFER-ENCODING",
    "PROXY-AUTHENTICATE",
    "SEC-CH-UA-PLATFORM",
    "CONTENT-DISPOSITION",
    "IF-UNMODIFIED-SINCE",
    "PROXY-AUTHORIZATION",
    "SEC-WEBSOCKET-ACCEPT",
    "SEC-WEBSOCKET-VERSION",
    "SEC-WEBSOCKET-PROTOCOL",
    "X-CONTENT-TYPE-OPTIONS",
    "CONTENT-SECURITY-POLICY",
    "SEC-WEBSOCKET-EXTENSIONS",
    "CONTENT-TRANSFER-ENCODING",
    "STRICT-TRANSPORT-SECURITY",
    "UPGRADE-INSECURE-REQUESTS",
];

/// The upper case of a common name in any case.
pub fn upper_case(name: &[u8]) -> Option<&'static str> {
    let order = |known: &&str| {
        let by_length = known.len().cmp(&name.len());
        by_length.then_with(|| known.bytes().cmp(name.iter().map(u8::to_ascii_uppercase)))
    };
    NAMES
        .binary_search_by(order)
        .ok()
        .and_then(|n| NAMES.get(n).copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_found() {
        assert!(NAMES.windows(2).all(|w| (w[0].len(), w[0]) < (w[1].len(), w[1])));
        for name in NAMES {
            assert_eq!(upper_case(name.to_lowercase().as_bytes()), Some(*name));
        }
        assert_eq!(upper_case(b"X-Unknown"), None);
        assert_eq!(upper_case(b""), None);
    }
}
