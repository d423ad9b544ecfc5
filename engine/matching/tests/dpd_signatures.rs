//! Signatures as they are used to detect protocols: published examples, and some of our own on typical beginnings of
//! connections.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bro_matching::signature::{
    parse, Action, Chunk, FlowMatcher, FlowStatus, NoEval, NoNames, PacketFacts, SignatureMatcher,
    SignatureSet,
};

/// Feeds the beginnings of both directions in small pieces and returns the analyzers that are enabled.
fn enabled(matcher: &mut SignatureMatcher, protocol: u8, originator: &[u8], responder: &[u8]) -> Vec<String> {
    let mut flow = FlowMatcher::default();
    let mut out = Vec::new();
    let status = FlowStatus { established: true };
    let (client, server): (IpAddr, IpAddr) = ("10.1.1.1".parse().unwrap(), "10.2.2.2".parse().unwrap());
    for (is_orig, data) in [(true, originator), (false, responder)] {
        let (source, destination) = if is_orig {
            (client, server)
        } else {
            (server, client)
        };
        let facts = PacketFacts {
            is_orig,
            source,
            destination,
            source_port: 1234,
            destination_port: 4321,
            protocol,
            ip_header: &[],
            transport_header: &[],
        };
        flow.begin(matcher, &facts, status, &mut NoEval, &mut out);
        if protocol == 17 {
            flow.packet(matcher, data, is_orig, status, &mut NoEval, &mut out);
            continue;
        }
        let mut begin = true;
        for piece in data.chunks(7) {
            let chunk = Chunk {
                data: piece,
                is_orig,
                begin,
                end: false,
            };
            flow.stream(matcher, chunk, status, &mut NoEval, &mut out);
            begin = false;
        }
    }
    let actions = out
        .iter()
        .flat_map(|found| &matcher.set().get(found.signature).unwrap().actions);
    actions
        .filter_map(|action| match action {
            Action::Enable(analyzer) => Some(analyzer.clone()),
            _ => None,
        })
        .collect()
}

fn matcher(text: &str) -> SignatureMatcher {
    let signatures = parse("dpd.sig", text.as_bytes()).unwrap_or_else(|errors| panic!("{}", errors[0]));
    SignatureMatcher::new(Arc::new(SignatureSet::compile(signatures, &mut NoNames).unwrap()))
}

const SIGNATURES: &str = r#"
signature http_client {
    ip-proto == tcp
    payload /^[[:space:]]*(GET|HEAD|POST|PUT|DELETE|OPTIONS|[A-Z]{3,20})[[:blank:]]+[^[:space:]]+[[:blank:]]+HTTP\/[0-9]/
    tcp-state originator
}
signature http_server {
    ip-proto == tcp
    payload /^HTTP\/[0-9]/
    tcp-state responder
    requires-reverse-signature http_client
    enable "http"
}
signature ssh_client {
    ip-proto == tcp
    payload /^[sS][sS][hH]-[12]\./
    requires-reverse-signature ssh_server
    enable "ssh"
    tcp-state originator
}
signature ssh_server {
    ip-proto == tcp
    payload /^[sS][sS][hH]-[12]\./
    tcp-state responder
}
signature tls_client {
    ip-proto == tcp
    payload /^\x16\x03[\x00-\x03]..\x01...\x03[\x00-\x03]/s
    tcp-state originator
    enable "ssl"
}
signature dns_udp {
    ip-proto == udp
    payload /^..[\x00-\x0f\x80-\x8f].\x00[\x01-\x09]....../s
    enable "dns"
}
signature smtp {
    ip-proto == tcp
    payload /(|.*[\n\r])[[:space:]]*([hH][eE][lL][oO]|[eE][hH][lL][oO])/
    tcp-state originator
    enable "smtp"
}
"#;

#[test]
fn protocols_are_told_by_their_beginnings() {
    let mut matcher = matcher(SIGNATURES);
    let mut tcp = |originator: &[u8], responder: &[u8]| enabled(&mut matcher, 6, originator, responder);
    assert_eq!(
        tcp(
            b"GET /index.html HTTP/1.1\r\nHost: a\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n"
        ),
        ["http"]
    );
    assert_eq!(
        tcp(b"BREW pot HTTP/1.0\r\n", b"HTTP/1.0 418 I'm a teapot\r\n"),
        ["http"]
    );
    assert_eq!(
        tcp(b"GET /index.html HTTP/1.1\r\n", b"SSH-2.0-x\r\n"),
        [] as [&str; 0]
    );
    assert_eq!(tcp(b"SSH-2.0-OpenSSH_9\r\n", b"SSH-2.0-dropbear\r\n"), ["ssh"]);
    assert_eq!(
        tcp(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03abcdef", b""),
        ["ssl"]
    );
    assert_eq!(
        tcp(b"\x16\x03\x01\x0a\x0a\x01\n\n\n\x03\x03abcdef", b""),
        ["ssl"],
        "newlines are bytes like others"
    );
    assert_eq!(
        tcp(b"NOOP\r\nRSET\r\nEHLO me\r\n", b"220 hi\r\n"),
        [] as [&str; 0],
        "a dot does not cross lines"
    );
    assert_eq!(tcp(b"\r\nEHLO me\r\n", b"220 hi\r\n"), ["smtp"]);
    let query = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07example\x03com\x00\x00\x01\x00\x01";
    assert_eq!(enabled(&mut matcher, 17, query, b""), ["dns"]);
    assert_eq!(enabled(&mut matcher, 6, query, b""), [] as [&str; 0]);
}

/// The documents are not part of the repository; where they are kept beside it, the slides' example is tried.
fn documents() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).canonicalize().ok()?;
    let beside = root.ancestors().map(|folder| folder.join("shared/documents"));
    beside
        .chain(std::env::var_os("BRO_DOCUMENTS").map(PathBuf::from))
        .find(|folder| folder.is_dir())
}

#[test]
fn the_example_of_the_slides() {
    let Some(folder) = documents() else { return };
    let slides = std::fs::read_dir(folder).unwrap().flatten().find_map(|entry| {
        let text = std::fs::read(entry.path()).ok()?;
        let text = String::from_utf8_lossy(&text).into_owned();
        text.contains("signature dpd_ssl_server").then_some(text)
    });
    let Some(slides) = slides else { return };
    let mut sound = 0;
    let mut broken = 0;
    for rest in slides.split("signature dpd_ssl_server").skip(1) {
        let body = rest.split_inclusive('}').next().unwrap();
        let text = format!("signature dpd_ssl_server{body}");
        match parse("slides", text.as_bytes()) {
            Ok(signatures) => {
                let set = SignatureSet::compile(signatures, &mut NoNames).unwrap();
                let mut matcher = SignatureMatcher::new(Arc::new(set));
                assert_eq!(
                    enabled(&mut matcher, 6, b"", b"\x16\x03\x01\x00\x4a\x02\x00"),
                    ["ssl"]
                );
                assert_eq!(
                    enabled(&mut matcher, 6, b"\x16\x03\x01\x00\x4a", b""),
                    [] as [&str; 0]
                );
                assert_eq!(enabled(&mut matcher, 6, b"", b"\x16\x04\x01"), [] as [&str; 0]);
                sound += 1;
            }
            // Some of the slides' copies lack the closing parenthesis; the error points at the open one.
            Err(errors) => {
                assert_eq!(errors.len(), 1);
                let error = &errors[0];
                assert!(error.message.contains("this group is not closed"), "{error}");
                let line = text.lines().nth(error.position.line as usize - 1).unwrap();
                assert_eq!(line.as_bytes()[error.position.column as usize - 1], b'(');
                broken += 1;
            }
        }
    }
    assert!(
        sound > 0,
        "{broken} copies of the example were broken and none was sound"
    );
}
