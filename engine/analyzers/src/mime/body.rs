//! Bodies that may consist of parts (RFC 2046): finds the parts in a stream of content and undoes their transfer
//! encodings, without keeping more than a line.

use super::field;
use super::header::{HeaderBlock, Taken};
use super::options::MimeOptions;
use super::transfer::Transfer;
use crate::support::lines::Lines;

/// Characters of a boundary; RFC 2046 section 5.1.1 allows 70.
const MAX_BOUNDARY: usize = 256;
/// Bytes of a line that can be a delimiter: end of line before it, hyphens around the boundary, white space behind it.
const MAX_DELIMITER: usize = MAX_BOUNDARY + 64;
/// Bytes of a line in a part's header.
const MAX_HEADER_LINE: usize = 64 * 1024;
/// Bytes that wait for the end of their line; a longer line, as binary content may have, goes on in pieces.
const MAX_UNFINISHED: usize = 1024 * 1024;

/// What a body is, by its `Content-Type`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Just content
    Leaf,
    /// Parts between delimiters
    Multipart {
        /// What delimiters are made of
        boundary: Vec<u8>,
        /// Parts without a type are messages (`multipart/digest`)
        digest: bool,
    },
    /// A message with a header of its own
    Message,
}

impl Kind {
    /// By the value of the field, if there is one.  A `multipart` without a usable boundary is just content.
    pub fn of(content_type: Option<&[u8]>) -> Kind {
        let Some((value, (ty, subty))) = content_type.and_then(|v| Some((v, field::media_type(v)?))) else {
            return Kind::Leaf;
        };
        if ty.eq_ignore_ascii_case(b"message") {
            return Kind::Message;
        }
        if !ty.eq_ignore_ascii_case(b"multipart") {
            return Kind::Leaf;
        }
        match field::parameter(value, "boundary") {
            Some(boundary) if !boundary.is_empty() && boundary.len() <= MAX_BOUNDARY => Kind::Multipart {
                boundary,
                digest: subty.eq_ignore_ascii_case(b"digest"),
            },
            _ => Kind::Leaf,
        }
    }
}

/// The fields of a part's header that say what its content is.
#[derive(Debug, Default)]
pub struct PartHeader {
    /// Value of `Content-Type`
    pub content_type: Option<Vec<u8>>,
    /// Value of `Content-Length`, where it is a number
    pub content_length: Option<u64>,
    transfer: Transfer,
}

/// What a protocol does with the parts of a body.
pub trait Parts {
    /// A part begins.
    fn begin(&mut self);
    /// A field of its header, unfolded
    fn field(&mut self, line: &[u8]);
    /// Its header is complete.
    fn header_end(&mut self, header: &PartHeader);
    /// Content of the body, or of the part that began last and has not ended
    fn content(&mut self, data: &[u8]);
    /// Missing content
    fn gap(&mut self, len: u64);
    /// The part that began last and has not ended, ends.
    fn end(&mut self);
    /// Something strange
    fn weird(&mut self, name: &'static str, addl: String);
}

/// A level of nesting: a multipart, or a message, within a part.
#[derive(Debug)]
struct Level {
    /// `None` for a message
    boundary: Option<Vec<u8>>,
    digest: bool,
    /// How many parts were open when it began
    outer_parts: usize,
}

/// What the next bytes are.
#[derive(Debug, PartialEq, Eq)]
enum State {
    /// Header of the innermost part
    Header,
    /// Content of the body or the innermost part
    Content,
    /// What is to be passed over until the next delimiter: before the first part, behind the last, and content that
    /// cannot be told after a hole
    PassOver,
}

/// A body being read, by whole lines: CRLF ends them (RFC 2046 section 5.1.1), and what comes behind the last one waits,
/// since until the line is complete it is not known whether it is a delimiter.  Of a body that breaks off, it is dropped.
#[derive(Debug)]
pub struct Body {
    state: State,
    /// The beginning of a line: at most [`MAX_UNFINISHED`]
    unfinished: Vec<u8>,
    levels: Vec<Level>,
    open_parts: usize,
    lines: Lines,
    block: HeaderBlock,
    header: PartHeader,
    illegal_base64: bool,
    too_deep: bool,
    /// Bytes that may be a delimiter with the end of line before it: at most [`MAX_DELIMITER`]
    held: Vec<u8>,
    /// At the beginning of a line
    at_line_start: bool,
    scratch: Vec<u8>,
}

impl Body {
    /// A body of that kind.  For a message, its header comes first.
    pub fn new(kind: Kind, transfer: Transfer, options: &MimeOptions, parts: &mut dyn Parts) -> Self {
        let mut body = Body {
            state: State::Content,
            unfinished: Vec::new(),
            levels: Vec::new(),
            open_parts: 0,
            lines: Lines::new(MAX_HEADER_LINE),
            block: HeaderBlock::default(),
            header: PartHeader {
                transfer,
                ..PartHeader::default()
            },
            illegal_base64: false,
            too_deep: false,
            held: Vec::new(),
            at_line_start: true,
            scratch: Vec::new(),
        };
        body.descend(kind, options, parts);
        body
    }

    /// The next bytes.  Gives how many bytes, of these and of those before, were read now: the others wait.
    pub fn feed(&mut self, data: &[u8], options: &MimeOptions, parts: &mut dyn Parts) -> u64 {
        let mut end = end_of_lines(&self.unfinished, data);
        if end == 0 && self.unfinished.len() + data.len() > MAX_UNFINISHED
            || data.len() - end > MAX_UNFINISHED
        {
            end = data.len();
        }
        let (lines, rest) = data.split_at(end);
        let mut read = lines.len();
        if !lines.is_empty() {
            let unfinished = std::mem::take(&mut self.unfinished);
            read += unfinished.len();
            self.read(&unfinished, options, parts);
            self.read(lines, options, parts);
        }
        self.unfinished.extend_from_slice(rest);
        read as u64
    }

    fn read(&mut self, mut data: &[u8], options: &MimeOptions, parts: &mut dyn Parts) {
        while !data.is_empty() {
            if self.state == State::Header {
                self.header_lines(&mut data, options, parts);
            } else {
                self.scan(&mut data, parts);
            }
        }
    }

    /// A hole.  Gives how many bytes before it were read only now.
    pub fn gap(&mut self, len: u64, options: &MimeOptions, parts: &mut dyn Parts) -> u64 {
        let unfinished = std::mem::take(&mut self.unfinished);
        self.read(&unfinished, options, parts);
        self.hole(len, parts);
        unfinished.len() as u64
    }

    fn hole(&mut self, len: u64, parts: &mut dyn Parts) {
        if self.state == State::Content {
            let held = std::mem::take(&mut self.held);
            self.content(&held, parts);
            if self.header.transfer.is_identity() {
                parts.gap(len);
            } else {
                self.state = State::PassOver;
            }
        } else {
            self.held.clear();
            self.lines.reset();
            self.state = State::PassOver;
        }
        self.at_line_start = false;
    }

    /// The end of the body: all parts end.  What still waits is read if the body is `complete`; gives how much that was.
    pub fn finish(&mut self, complete: bool, options: &MimeOptions, parts: &mut dyn Parts) -> u64 {
        let unfinished = std::mem::take(&mut self.unfinished);
        if complete {
            self.read(&unfinished, options, parts);
            self.end(parts);
            return unfinished.len() as u64;
        }
        self.held.clear();
        self.end(parts);
        0
    }

    fn end(&mut self, parts: &mut dyn Parts) {
        if self.state == State::Header {
            if let Some(line) = self.lines.finish() {
                self.block
                    .line(&line.text, None, u64::MAX, &mut |field| parts.field(field));
            }
            self.header_cut_short(parts);
        } else {
            let held = std::mem::take(&mut self.held);
            let line = held
                .strip_prefix(b"\r\n")
                .or_else(|| held.strip_prefix(b"\n"))
                .unwrap_or(&held);
            if self.delimiter(line).is_none() {
                self.content(&held, parts);
            }
            self.content_end(parts);
        }
        self.end_parts(0, parts);
        self.levels.clear();
        self.state = State::PassOver;
    }

    /// A multipart or message within what was just described begins, unless nesting is too deep.
    fn descend(&mut self, kind: Kind, options: &MimeOptions, parts: &mut dyn Parts) {
        self.state = State::Content;
        self.at_line_start = true;
        if kind == Kind::Leaf {
            return;
        }
        if self.levels.len() as u64 >= options.max_depth {
            if !std::mem::replace(&mut self.too_deep, true) {
                parts.weird("exceeded_mime_max_depth", options.max_depth.to_string());
            }
            // What is nested deeper is no content of the part it is in.
            self.state = State::PassOver;
            return;
        }
        let outer_parts = self.open_parts;
        match kind {
            Kind::Leaf => {}
            Kind::Multipart { boundary, digest } => {
                self.levels.push(Level {
                    boundary: Some(boundary),
                    digest,
                    outer_parts,
                });
                self.state = State::PassOver;
            }
            Kind::Message => {
                self.levels.push(Level {
                    boundary: None,
                    digest: false,
                    outer_parts,
                });
                self.begin_part(parts);
            }
        }
    }

    fn begin_part(&mut self, parts: &mut dyn Parts) {
        self.open_parts += 1;
        self.block.clear();
        self.lines.reset();
        self.header = PartHeader::default();
        self.illegal_base64 = false;
        self.state = State::Header;
        parts.begin();
    }

    /// Ends parts until only `remaining` are open.
    fn end_parts(&mut self, remaining: usize, parts: &mut dyn Parts) {
        while self.open_parts > remaining {
            self.open_parts -= 1;
            parts.end();
        }
    }

    /// Lines of a part's header, up to its end or the end of the data.
    fn header_lines(&mut self, data: &mut &[u8], options: &MimeOptions, parts: &mut dyn Parts) {
        while let Some(line) = self.lines.next(data) {
            if let Some(found) = self.delimiter(&line.text) {
                self.header_cut_short(parts);
                self.at_delimiter(found, parts);
                return;
            }
            let header = &mut self.header;
            let mut take = |field: &[u8]| {
                header.note(field);
                parts.field(field);
            };
            match self.block.line(
                &line.text,
                data.first().copied(),
                options.max_header_bytes,
                &mut take,
            ) {
                Taken::Line => {}
                Taken::Exceeded => {
                    parts.weird(
                        "exceeded_mime_max_header_bytes",
                        options.max_header_bytes.to_string(),
                    );
                }
                Taken::End => {
                    parts.header_end(&self.header);
                    let kind = match (&self.header.content_type, self.levels.last()) {
                        (None, Some(Level { digest: true, .. })) => Kind::Message,
                        (content_type, _) => Kind::of(content_type.as_deref()),
                    };
                    self.descend(kind, options, parts);
                    return;
                }
            }
        }
    }

    /// A part's header ends without the empty line behind it.
    fn header_cut_short(&mut self, parts: &mut dyn Parts) {
        let header = &mut self.header;
        self.block.flush(&mut |field| {
            header.note(field);
            parts.field(field);
        });
        parts.header_end(&self.header);
    }

    /// Content, or what is to be passed over, up to a delimiter or the end of the data.
    fn scan(&mut self, data: &mut &[u8], parts: &mut dyn Parts) {
        if self.levels.iter().all(|level| level.boundary.is_none()) {
            return self.content(std::mem::take(data), parts);
        }
        loop {
            if self.held.is_empty() {
                let start = self.possible_delimiter(data);
                let (content, rest) = data.split_at(start);
                self.content(content, parts);
                *data = rest;
                if rest.is_empty() {
                    return;
                }
            }
            let Some((&next, rest)) = data.split_first() else {
                return;
            };
            self.held.push(next);
            if is_delimiter_so_far(&self.held) {
                *data = rest;
                if next != b'\n' || self.held.len() <= 2 {
                    continue;
                }
                // A whole line that begins with hyphens.
                let line_start = if self.held.starts_with(b"\r\n") {
                    2
                } else {
                    usize::from(self.held[0] == b'\n')
                };
                let line = self.held.get(line_start..).unwrap_or_default();
                if let Some(found) = self.delimiter(line) {
                    self.held.clear();
                    self.at_delimiter(found, parts);
                    return;
                }
                // The end of this line may be the one before a delimiter.
                let eol = if self.held.ends_with(b"\r\n") { 2 } else { 1 };
                let mut held = std::mem::take(&mut self.held);
                let tail = held.split_off(held.len() - eol);
                self.content(&held, parts);
                self.held = tail;
            } else {
                // No delimiter; the byte that showed it may begin another.
                self.held.pop();
                let held = std::mem::take(&mut self.held);
                self.content(&held, parts);
                if held.is_empty() {
                    // A byte that begins nothing: cannot be, but must not stop us.
                    self.content(&[next], parts);
                    *data = rest;
                }
            }
        }
    }

    /// Where in `data` a delimiter may begin, the end of line before it included; its length if nowhere.
    fn possible_delimiter(&self, data: &[u8]) -> usize {
        if self.at_line_start && data.first() == Some(&b'-') {
            return 0;
        }
        let mut from = 0;
        while let Some(newline) =
            memchr::memchr(b'\n', data.get(from..).unwrap_or_default()).map(|n| n + from)
        {
            match data.get(newline + 1..newline + 3) {
                Some(b"--") => return before_newline(data, newline),
                Some(_) => from = newline + 1,
                None => {
                    let rest = data.get(newline + 1..).unwrap_or_default();
                    if b"--".starts_with(rest) {
                        return before_newline(data, newline);
                    }
                    from = newline + 1;
                }
            }
        }
        if data.last() == Some(&b'\r') {
            return data.len() - 1;
        }
        data.len()
    }

    /// Passes content on, decoded, unless it is to be passed over.
    fn content(&mut self, data: &[u8], parts: &mut dyn Parts) {
        let Some(&last) = data.last() else { return };
        self.at_line_start = last == b'\n';
        if self.state != State::Content {
            return;
        }
        if self.header.transfer.is_identity() {
            return parts.content(data);
        }
        self.scratch.clear();
        if !self.header.transfer.decode(data, &mut self.scratch)
            && !std::mem::replace(&mut self.illegal_base64, true)
        {
            parts.weird("base64_illegal_encoding", String::new());
        }
        if !self.scratch.is_empty() {
            parts.content(&self.scratch);
        }
    }

    /// The rest of the content that the transfer encoding kept.
    fn content_end(&mut self, parts: &mut dyn Parts) {
        if self.state == State::Content {
            self.scratch.clear();
            self.header.transfer.finish(&mut self.scratch);
            if !self.scratch.is_empty() {
                parts.content(&self.scratch);
            }
        }
    }

    /// Which level a line delimits, and whether it closes it.  Inner levels come first.
    fn delimiter(&self, line: &[u8]) -> Option<(usize, bool)> {
        let rest = line.strip_prefix(b"--")?;
        let is_of = |boundary: &[u8]| {
            let (closing, behind) = match rest.strip_prefix(boundary)?.strip_prefix(b"--") {
                Some(behind) => (true, behind),
                None => (false, rest.get(boundary.len()..)?),
            };
            behind.iter().all(u8::is_ascii_whitespace).then_some(closing)
        };
        let of_level = |(n, level): (usize, &Level)| Some((n, is_of(level.boundary.as_deref()?)?));
        self.levels.iter().enumerate().rev().find_map(of_level)
    }

    /// At a delimiter of a level: everything within ends, and the next part begins unless it closes the level.
    fn at_delimiter(&mut self, (level, closing): (usize, bool), parts: &mut dyn Parts) {
        self.content_end(parts);
        let outer_parts = self.levels.get(level).map_or(0, |l| l.outer_parts);
        self.end_parts(outer_parts, parts);
        self.levels.truncate(level + 1);
        if closing {
            self.state = State::PassOver;
            self.at_line_start = true;
        } else {
            self.begin_part(parts);
        }
    }
}

/// How much of `data` the last line that ends in it takes, when `before` came before it.
fn end_of_lines(before: &[u8], data: &[u8]) -> usize {
    let is_end = |at: usize| match at.checked_sub(1) {
        Some(previous) => data.get(previous) == Some(&b'\r'),
        None => before.last() == Some(&b'\r'),
    };
    memchr::memrchr_iter(b'\n', data)
        .find(|&at| is_end(at))
        .map_or(0, |at| at + 1)
}

/// Where an end of line with this LF begins.
fn before_newline(data: &[u8], newline: usize) -> usize {
    if newline > 0 && data.get(newline - 1) == Some(&b'\r') {
        newline - 1
    } else {
        newline
    }
}

/// Whether these bytes are the beginning of an optional end of line and a line that begins with two hyphens.
fn is_delimiter_so_far(held: &[u8]) -> bool {
    let line = match held {
        [b'\r'] | [b'\r', b'\n'] | [b'\n'] => return true,
        [b'\r', b'\n', line @ ..] | [b'\n', line @ ..] => line,
        line => line,
    };
    held.len() <= MAX_DELIMITER && (b"--".starts_with(line) || line.starts_with(b"--"))
}

impl PartHeader {
    /// Notes a field that says what the content is.
    fn note(&mut self, line: &[u8]) {
        let Some((name, value)) = field::split(line) else {
            return;
        };
        if name.eq_ignore_ascii_case(b"content-type") {
            self.content_type = Some(value.to_vec());
        } else if name.eq_ignore_ascii_case(b"content-transfer-encoding") {
            self.transfer = Transfer::named(value);
        } else if name.eq_ignore_ascii_case(b"content-length") {
            self.content_length = std::str::from_utf8(value).ok().and_then(|v| v.parse().ok());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::harness::pieces;
    use proptest::prelude::*;

    /// Writes down what happens, runs of content joined.
    #[derive(Default)]
    struct Log {
        text: String,
        in_content: bool,
    }

    impl Log {
        fn note(&mut self, what: &str) {
            if self.in_content {
                self.text.push_str("'\n");
                self.in_content = false;
            }
            self.text.push_str(what);
            self.text.push('\n');
        }
    }

    impl Parts for Log {
        fn begin(&mut self) {
            self.note("begin");
        }
        fn field(&mut self, line: &[u8]) {
            self.note(&format!("field {}", String::from_utf8_lossy(line)));
        }
        fn header_end(&mut self, _: &PartHeader) {
            self.note("header");
        }
        fn content(&mut self, data: &[u8]) {
            if !self.in_content {
                self.text.push('\'');
                self.in_content = true;
            }
            self.text
                .push_str(&String::from_utf8_lossy(data).escape_debug().to_string());
        }
        fn gap(&mut self, len: u64) {
            self.note(&format!("gap {len}"));
        }
        fn end(&mut self) {
            self.note("end");
        }
        fn weird(&mut self, name: &'static str, addl: String) {
            self.note(&format!("weird {name} {addl}"));
        }
    }

    fn run(content_type: &str, chunks: &[&[u8]], options: &MimeOptions) -> String {
        let mut log = Log::default();
        let mut body = Body::new(
            Kind::of(Some(content_type.as_bytes())),
            Transfer::Identity,
            options,
            &mut log,
        );
        for chunk in chunks {
            body.feed(chunk, options, &mut log);
        }
        body.finish(true, options, &mut log);
        assert_eq!(body.open_parts, 0);
        log.note("done");
        log.text
    }

    fn parts(content_type: &str, text: &str) -> String {
        run(content_type, &[text.as_bytes()], &MimeOptions::default())
    }

    #[test]
    fn parts_without_the_line_end_before_the_delimiter() {
        let text = "preamble\r\n--b\r\nA: 1\r\n\r\none\r\ntwo\r\n--b \r\n\r\nsecond\n--b--\r\nepilogue\r\n--b\r\nnot seen";
        let expected = "begin\nfield A: 1\nheader\n'one\\r\\ntwo'\nend\nbegin\nheader\n'second'\nend\n";
        let found = parts("multipart/mixed; boundary=b", text);
        // A delimiter behind the closing one begins a part again, as lenient readers have it.
        assert_eq!(
            found,
            format!("{expected}begin\nfield not seen\nheader\nend\ndone\n")
        );
    }

    #[test]
    fn what_looks_like_a_delimiter_but_is_not_is_content() {
        let text = "--b\r\n\r\n--bc\r\n-\r\n--\r\n\r\r\n--b";
        assert_eq!(
            parts("multipart/mixed; boundary=b", text),
            "begin\nheader\n'--bc\\r\\n-\\r\\n--\\r\\n\\r'\nend\ndone\n"
        );
    }

    #[test]
    fn nested_parts_end_at_an_outer_delimiter() {
        let text = "--o\n\
            Content-Type: multipart/x; boundary=\"i\"\n\n\
            --i\n\nin\n--i\nContent-Type: message/rfc822\n\nSubject: s\n\nmail\n--o\n\nout\n--o--\n";
        assert_eq!(
            parts("multipart/mixed; boundary=o", text),
            "begin\nfield Content-Type: multipart/x; boundary=\"i\"\nheader\n\
             begin\nheader\n'in'\nend\n\
             begin\nfield Content-Type: message/rfc822\nheader\nbegin\nfield Subject: s\nheader\n'mail'\nend\nend\n\
             end\nbegin\nheader\n'out'\nend\ndone\n"
        );
    }

    #[test]
    fn transfer_encodings_of_parts_are_undone() {
        let text = "--b\r\nContent-Transfer-Encoding: base64\r\n\r\naGVs\r\nbG8=\r\n--b--";
        let found = parts("multipart/mixed; boundary=b", text);
        assert!(found.contains("'hello'\n"), "{found}");
    }

    #[test]
    fn digests_consist_of_messages() {
        let found = parts(
            "multipart/digest; boundary=b",
            "--b\n\nSubject: x\n\nbody\n--b--\n",
        );
        assert_eq!(
            found,
            "begin\nheader\nbegin\nfield Subject: x\nheader\n'body'\nend\nend\ndone\n"
        );
    }

    #[test]
    fn a_header_may_be_cut_short_by_a_delimiter() {
        let found = parts("multipart/mixed; boundary=b", "--b\nA: 1\n--b\n\nx\n--b--\n");
        assert_eq!(
            found,
            "begin\nfield A: 1\nheader\nend\nbegin\nheader\n'x'\nend\ndone\n"
        );
    }

    #[test]
    fn limits() {
        let options = MimeOptions {
            max_depth: 1,
            max_header_bytes: 60,
        };
        let text = "--b\nContent-Type: message/rfc822\n\ntoo deep\n--b\n\ncontent\n--b--\n";
        let found = run("multipart/mixed; boundary=b", &[text.as_bytes()], &options);
        assert!(
            found.contains("weird exceeded_mime_max_depth 1\nend\nbegin\nheader\n'content'\n"),
            "{found}"
        );
        let header = format!("--b\nA: 1\nB: {}\nC: 3\n\ncontent\n--b--\n", "x".repeat(80));
        let found = run("multipart/mixed; boundary=b", &[header.as_bytes()], &options);
        assert_eq!(
            found,
            "begin\nfield A: 1\nweird exceeded_mime_max_header_bytes 60\nheader\n'content'\nend\ndone\n"
        );
    }

    #[test]
    fn holes() {
        let options = MimeOptions::default();
        let mut log = Log::default();
        let kind = Kind::of(Some(b"multipart/mixed; boundary=b"));
        let mut body = Body::new(kind, Transfer::Identity, &options, &mut log);
        body.feed(b"--b\n\none\n", &options, &mut log);
        body.gap(7, &options, &mut log);
        body.feed(b"--b\nmore\n--b\nA: 1", &options, &mut log);
        body.gap(5, &options, &mut log);
        body.feed(b"lost\n--b\n\nthree\n--b--\n", &options, &mut log);
        body.finish(true, &options, &mut log);
        assert_eq!(
            log.text,
            "begin\nheader\n'one\\n'\ngap 7\n'--b\\nmore'\nend\nbegin\nend\nbegin\nheader\n'three'\nend\n"
        );
    }

    #[test]
    fn what_has_no_end_of_line_waits() {
        let options = MimeOptions::default();
        let mut log = Log::default();
        let mut body = Body::new(
            Kind::of(Some(b"multipart/mixed; boundary=b")),
            Transfer::Identity,
            &options,
            &mut log,
        );
        assert_eq!(body.feed(b"--b\r\n\r\none\r", &options, &mut log), 7);
        assert_eq!(body.feed(b"\ntwo\nstill ", &options, &mut log), 5);
        assert!(log.text.ends_with("'one"), "{}", log.text);
        assert_eq!(body.feed(b"two\r\nthree", &options, &mut log), 15);
        assert!(log.text.ends_with("'one\\r\\ntwo\\nstill two"), "{}", log.text);
        // The body breaks off: whether the end of line belongs to the content was not known.
        assert_eq!(body.finish(false, &options, &mut log), 0);
        assert_eq!(log.text, "begin\nheader\n'one\\r\\ntwo\\nstill two'\nend\n");
    }

    #[test]
    fn what_waits_is_bounded() {
        let options = MimeOptions::default();
        let mut log = Log::default();
        let kind = Kind::of(Some(b"multipart/mixed; boundary=b"));
        let mut body = Body::new(kind, Transfer::Identity, &options, &mut log);
        body.feed(b"--b\r\n\r\n", &options, &mut log);
        let piece = vec![b'x'; MAX_UNFINISHED / 2 + 1];
        assert_eq!(body.feed(&piece, &options, &mut log), 0);
        assert_eq!(body.feed(&piece, &options, &mut log), 2 * piece.len() as u64);
        assert!(body.unfinished.is_empty());
        assert_eq!(
            body.feed(&vec![b'y'; MAX_UNFINISHED + 1], &options, &mut log),
            MAX_UNFINISHED as u64 + 1
        );
    }

    proptest! {
        #[test]
        fn segmentation_does_not_matter(
            text in "(--[bc](--)?\r?\n|[ab-]{0,3}\r?\n|\r|\n|A: 1\n|Content-Type: multipart/x; boundary=c\n|-|--b){0,14}",
            cuts in prop::collection::vec(1usize..6, 1..6),
        ) {
            let options = MimeOptions::default();
            let whole = run("multipart/mixed; boundary=b", &[text.as_bytes()], &options);
            let chunks = pieces(text.as_bytes(), &cuts);
            prop_assert_eq!(run("multipart/mixed; boundary=b", &chunks, &options), whole);
        }

        #[test]
        fn without_delimiters_a_part_is_its_bytes(content in prop::collection::vec(any::<u8>(), 0..200)) {
            struct Collect(Vec<u8>);
            impl Parts for Collect {
                fn begin(&mut self) {}
                fn field(&mut self, _: &[u8]) {}
                fn header_end(&mut self, _: &PartHeader) {}
                fn content(&mut self, data: &[u8]) {
                    self.0.extend_from_slice(data);
                }
                fn gap(&mut self, _: u64) {}
                fn end(&mut self) {}
                fn weird(&mut self, _: &'static str, _: String) {}
            }
            let options = MimeOptions::default();
            let mut found = Collect(Vec::new());
            let kind = Kind::of(Some(b"multipart/mixed; boundary=unlikely"));
            let mut body = Body::new(kind, Transfer::Identity, &options, &mut found);
            body.feed(b"--unlikely\r\n\r\n", &options, &mut found);
            body.feed(&content, &options, &mut found);
            body.feed(b"\r\n--unlikely--\r\n", &options, &mut found);
            body.finish(true, &options, &mut found);
            prop_assert_eq!(found.0, content);
        }
    }
}
