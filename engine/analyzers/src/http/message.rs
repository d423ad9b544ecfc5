//! Messages: their lines, their bodies, their ends.

use bro_events::Value;
use bro_matching::signature;
use bro_session::analyzer::{Context, TreeChange};

use super::entity::Outlet;
use super::session::Pending;
use super::side::{Phase, Side};
use super::start_line::{self, RequestLine, Version};
use super::vocabulary as v;
use super::{uri, Http};
use crate::mime::body::{Body, Kind, Parts};
use crate::mime::field;
use crate::mime::header::{HeaderBlock, Taken};
use crate::mime::transfer::Transfer;
use crate::support::coding::Decoder;
use crate::support::lines::{Ending, Line};

/// Hexadecimal digits of a chunk's size: 60 bits, so that sums of sizes fit.
const MAX_CHUNK_DIGITS: usize = 15;
/// What `http_message_stat` says of a message that is complete.
const COMPLETE: &str = "message ends normally";

impl Http {
    /// What the content of a side's message goes to.
    fn outlet<'m, 'c>(&'m mut self, ctx: &'m mut Context<'c>, is_orig: bool) -> Outlet<'m, 'c> {
        let side = &mut self.sides[usize::from(is_orig)];
        Outlet {
            ctx,
            options: &self.session.options,
            entity: &mut side.entity,
            message: &side.message.id,
            is_orig,
        }
    }

    /// A line; `behind` is what follows it in the segment.
    pub(super) fn line(&mut self, ctx: &mut Context<'_>, is_orig: bool, line: &Line<'_>, behind: &[u8]) {
        let side = self.side(is_orig);
        match line.ending {
            Ending::Cr if !std::mem::replace(&mut side.reported_cr, true) => {
                ctx.weird_from("CONTENTLINE", "line_terminated_with_single_CR", "");
            }
            Ending::TooLong => ctx.weird_from("CONTENTLINE", "contentline_size_exceeded", ""),
            _ => {}
        }
        let text = &*line.text;
        match side.phase {
            // Empty lines between messages are to be passed over (RFC 9112 section 2.2).
            Phase::StartLine if text.is_empty() => {}
            Phase::StartLine if is_orig => self.request_line(ctx, text, line.ending == Ending::TooLong),
            Phase::StartLine => self.status_line(ctx, text),
            Phase::Header => self.header_line(ctx, is_orig, text, behind),
            Phase::PassedHeader if text.is_empty() => side.phase = Phase::StartLine,
            Phase::ChunkSize => self.chunk_size(ctx, is_orig, text),
            Phase::ChunkEnd if text.is_empty() => side.phase = Phase::ChunkSize,
            // Without an end of line behind the chunk, this is the next chunk's size.
            Phase::ChunkEnd => self.chunk_size(ctx, is_orig, text),
            Phase::Trailer => self.trailer_line(ctx, is_orig, text, behind.first().copied()),
            _ => {}
        }
    }

    fn request_line(&mut self, ctx: &mut Context<'_>, line: &[u8], too_long: bool) {
        let parsed = if too_long {
            RequestLine::Bad
        } else {
            start_line::request(line)
        };
        let previous = self.session.request_version;
        let RequestLine::Request {
            method,
            uri,
            version,
            lowercase,
        } = parsed
        else {
            if parsed == RequestLine::BadWithVersion {
                ctx.weird("bad_HTTP_request_with_version", "");
                self.side(true).phase = Phase::PassedHeader;
            } else {
                if parsed == RequestLine::NoVersion && previous.is_some_and(|p| p != Version::V0_9) {
                    ctx.weird("HTTP_version_mismatch", "");
                }
                self.bad_request(ctx);
            }
            return;
        };
        if previous.is_some_and(|p| p != version) {
            ctx.weird("HTTP_version_mismatch", "");
            if version == Version::V0_9 {
                // Who has spoken HTTP/1 does not go back.
                return self.bad_request(ctx);
            }
        }
        if lowercase {
            ctx.weird("lowercase_HTTP_keyword", "");
        }
        if self.session.is_last_request {
            ctx.weird("unexpected_multiple_HTTP_requests", "");
        }
        if uri.is_empty() {
            ctx.weird("missing_HTTP_uri", "");
        }
        if !std::mem::replace(&mut self.session.confirmed, true) {
            ctx.confirm();
        }
        let is_simple = version == Version::V0_9;
        if is_simple {
            self.expect_simple_reply(ctx);
        }
        self.session.request_version = Some(version);
        self.session.requests += 1;
        let (instance, number) = (self.session.instance, self.session.requests);
        self.session.push(Pending {
            is_head: method == b"HEAD",
            is_connect: method == b"CONNECT",
            is_simple,
            range_key: None,
        });
        self.session.target.clear();
        self.session.target.extend_from_slice(uri);
        self.side(true).begin(instance, number, ctx.now(), line.len());
        self.request_event(ctx, method, uri, version);
        self.outlet(ctx, true).begin_entity();
        if method == b"PRI" && version.number() >= 2.0 {
            // The preface of HTTP/2 (RFC 9113 section 3.4), which another analyzer is for.
            self.message_done(ctx, true);
            self.side(true).phase = Phase::Lost;
            self.side(false).phase = Phase::Lost;
        }
    }

    fn bad_request(&mut self, ctx: &mut Context<'_>) {
        ctx.weird("bad_HTTP_request", "");
        ctx.violation("not a http request line", None);
        self.side(true).phase = Phase::Junk;
    }

    fn request_event(&mut self, ctx: &mut Context<'_>, method: &[u8], target: &[u8], version: Version) {
        let unescaped = uri::unescape(target, &mut |weird| ctx.weird(weird, ""));
        ctx.match_content(signature::Context::HttpRequest, true, &unescaped, true, true);
        if !ctx.wants(&v::HTTP_REQUEST) {
            return;
        }
        let limit = usize::try_from(self.session.options.truncate_uri).unwrap_or(usize::MAX);
        let cut = |bytes: &[u8]| Value::from(bytes.get(..limit).unwrap_or(bytes));
        ctx.emit(
            &v::HTTP_REQUEST,
            [
                method.into(),
                cut(target),
                cut(&unescaped),
                Value::Text(version.text()),
            ],
        );
    }

    fn status_line(&mut self, ctx: &mut Context<'_>, line: &[u8]) {
        let Some(parsed) = start_line::reply(line) else {
            ctx.violation("not a http reply line", None);
            self.side(false).phase = Phase::Junk;
            return;
        };
        let Some(code) = parsed.code else {
            ctx.weird("bad_HTTP_reply", "");
            ctx.violation("not a http reply line", None);
            self.side(false).phase = Phase::Junk;
            return;
        };
        if parsed.lowercase {
            ctx.weird("lowercase_HTTP_keyword", "");
        }
        self.begin_reply(ctx, parsed.version, code, parsed.reason, line.len());
    }

    fn begin_reply(
        &mut self,
        ctx: &mut Context<'_>,
        version: Version,
        code: u16,
        reason: Option<&[u8]>,
        line_len: usize,
    ) {
        if self.session.reply_version.is_some_and(|p| p != version) {
            ctx.weird("HTTP_version_mismatch", "");
        }
        self.session.reply_version = Some(version);
        self.session.replies += 1;
        let (instance, number) = (self.session.instance, self.session.replies);
        let is_final = !(100..200).contains(&code) || code == 101;
        let request = if is_final { self.session.pop() } else { None };
        let side = self.side(false);
        side.begin(instance, number, ctx.now(), line_len);
        side.message.code = code;
        side.message.id.range_key = request.as_ref().and_then(|r| r.range_key.clone());
        side.message.request = request;
        // What policy sees where there is no place for a text, or no line.
        let reason = reason.unwrap_or(b"<empty>");
        ctx.emit(
            &v::HTTP_REPLY,
            [Value::Text(version.text()), code.into(), reason.into()],
        );
        self.outlet(ctx, false).begin_entity();
    }

    /// A request of HTTP/0.9 came: what the responder sends now is its reply, whatever it was sending before.
    fn expect_simple_reply(&mut self, ctx: &mut Context<'_>) {
        let side = self.side(false);
        if side.message.is_open || self.session.replies > self.session.requests {
            ctx.weird("http_09_reply_before_request", "");
            self.interrupt(ctx, false, "message interrupted by a request of HTTP/0.9");
            let side = self.side(false);
            side.lines.reset();
            side.phase = Phase::StartLine;
        }
    }

    /// Whether the next reply is to a request of HTTP/0.9.
    pub(super) fn expects_simple_reply(&self) -> bool {
        self.session.front().is_some_and(|p| p.is_simple)
    }

    /// The beginning of a reply to a request of HTTP/0.9: content at once, or a status line all the same, since servers
    /// of later versions send one.  Gives false if there are too few bytes to tell.
    pub(super) fn simple_reply(&mut self, ctx: &mut Context<'_>, data: &mut &[u8]) -> bool {
        const KEYWORD: &[u8] = b"http/";
        let side = self.side(false);
        let missing = KEYWORD.len().saturating_sub(side.peeked.len()).min(data.len());
        let (peeked, rest) = data.split_at(missing);
        side.peeked.extend_from_slice(peeked);
        *data = rest;
        let found = side.peeked.to_ascii_lowercase();
        let is_prefix = KEYWORD.starts_with(&found);
        if is_prefix && found.len() < KEYWORD.len() {
            return false;
        }
        let peeked = std::mem::take(&mut side.peeked);
        if let Some(pending) = self.session.front_mut() {
            pending.is_simple = false;
        }
        if is_prefix {
            // Its status line goes on in the data.
            let mut first = peeked.as_slice();
            let _ = self.side(false).lines.next(&mut first);
        } else {
            self.begin_simple_reply(ctx, &peeked);
        }
        true
    }

    /// A reply of HTTP/0.9: its content goes on to the end of the stream.
    fn begin_simple_reply(&mut self, ctx: &mut Context<'_>, content: &[u8]) {
        self.begin_reply(ctx, Version::V0_9, 0, None, 0);
        self.outlet(ctx, false).headers_done(None);
        self.side(false).phase = Phase::UntilEnd;
        self.body_data(ctx, false, content);
    }

    fn header_line(&mut self, ctx: &mut Context<'_>, is_orig: bool, line: &[u8], behind: &[u8]) {
        let limit = self.session.mime.max_header_bytes;
        let taken = self.take_field_line(ctx, is_orig, line, behind.first().copied(), limit);
        match taken {
            Taken::Line => {}
            Taken::Exceeded => ctx.weird("exceeded_mime_max_header_bytes", limit.to_string()),
            Taken::End => self.header_done(ctx, is_orig, behind),
        }
    }

    /// Takes a line of a header or trailer; complete fields raise their events.
    fn take_field_line(
        &mut self,
        ctx: &mut Context<'_>,
        is_orig: bool,
        line: &[u8],
        next: Option<u8>,
        limit: u64,
    ) -> Taken {
        self.side(is_orig).message.header_length += line.len() as u64;
        self.with_fields(ctx, is_orig, |block, field| block.line(line, next, limit, field))
    }

    /// Lets a header block give complete fields, which raise their events.
    fn with_fields<R>(
        &mut self,
        ctx: &mut Context<'_>,
        is_orig: bool,
        take: impl FnOnce(&mut HeaderBlock, &mut dyn FnMut(&[u8])) -> R,
    ) -> R {
        let options = &self.session.options;
        let Side {
            block,
            message,
            entity,
            phase,
            ..
        } = &mut self.sides[usize::from(is_orig)];
        let in_header = *phase == Phase::Header;
        let context = if is_orig {
            signature::Context::HttpRequestHeader
        } else {
            signature::Context::HttpReplyHeader
        };
        let id = &message.id;
        let fields = &mut message.fields;
        take(block, &mut |text| {
            let mut outlet = Outlet {
                ctx,
                options,
                entity,
                message: id,
                is_orig,
            };
            let Some((name, value)) = field::split(text) else {
                return outlet.malformed_field(text);
            };
            outlet.header_field(name, value);
            ctx.match_content(context, is_orig, text, true, true);
            if in_header {
                if let Some((weird, addl)) = fields.note(name, value) {
                    ctx.weird(weird, addl);
                }
            }
        })
    }

    /// The empty line behind the header.
    fn header_done(&mut self, ctx: &mut Context<'_>, is_orig: bool, behind: &[u8]) {
        let content_type = self.side(is_orig).message.fields.content_type.take();
        self.outlet(ctx, is_orig).headers_done(content_type.as_deref());
        self.side(is_orig).message.fields.content_type = content_type;
        if is_orig {
            self.request_header_done(ctx);
        }
        self.check_framing(ctx, is_orig);
        let message = &self.side(is_orig).message;
        let code = message.code;
        if !is_orig && code == 101 {
            return self.upgrade(ctx, behind);
        }
        let grants = (200..300).contains(&code);
        if !is_orig && grants && message.request.as_ref().is_some_and(|r| r.is_connect) {
            self.message_done(ctx, false);
            return self.tunnel(ctx, TreeChange::AddDetector);
        }
        let phase = self.body_phase(is_orig);
        match phase {
            None => self.message_done(ctx, is_orig),
            Some(phase) => {
                self.side(is_orig).phase = phase;
                self.begin_body(ctx, is_orig);
            }
        }
    }

    /// Reports fields that contradict each other: ways to make server and proxy see different messages.
    fn check_framing(&mut self, ctx: &mut Context<'_>, is_orig: bool) {
        let fields = &self.side(is_orig).message.fields;
        if fields.chunked && fields.content_length.is_some() {
            ctx.weird("HTTP_content_length_and_chunked", "");
        }
        if fields.expects_continue && fields.content_length == Some(0) {
            ctx.weird("HTTP_content_length_0_and_expect_100_cont", "");
        }
        // In a request it has no meaning that is defined for all resources (RFC 9110 section 14.5).
        if let Some(Err((error, value))) = fields.content_range.as_ref().filter(|_| !is_orig) {
            ctx.weird(error.weird(), String::from_utf8_lossy(value).into_owned());
        }
    }

    /// Keeps of a request what its reply needs.
    fn request_header_done(&mut self, ctx: &mut Context<'_>) {
        let message = &self.sides[1].message;
        let fields = &message.fields;
        let persists = match self.session.request_version {
            Some(version) if version >= Version::V1_1 => !fields.close,
            _ => fields.keep_alive,
        };
        self.session.is_last_request = !persists;
        let number = message.id.number;
        if fields.has_range {
            let mut key = format!("range {} ", ctx.flow().orig_h).into_bytes();
            key.extend_from_slice(fields.host.as_deref().unwrap_or_default());
            key.push(b' ');
            key.extend_from_slice(&self.session.target);
            if let Some(pending) = self.session.pending(number) {
                pending.range_key = Some(key);
            }
        }
    }

    /// How long the body is (RFC 9112 section 6.3); nothing if there is none.
    fn body_phase(&self, is_orig: bool) -> Option<Phase> {
        let message = &self.sides[usize::from(is_orig)].message;
        let fields = &message.fields;
        if !is_orig {
            let is_head = message.request.as_ref().is_some_and(|r| r.is_head);
            if is_head || matches!(message.code, 100..=199 | 204 | 304) {
                return None;
            }
        }
        if fields.chunked {
            return Some(Phase::ChunkSize);
        }
        match fields.content_length {
            Some(0) => None,
            Some(length) => Some(Phase::Length(length)),
            None if is_orig => None,
            None => Some(Phase::UntilEnd),
        }
    }

    /// Prepares for content.
    fn begin_body(&mut self, ctx: &mut Context<'_>, is_orig: bool) {
        let mime = std::sync::Arc::clone(&self.session.mime);
        let side = self.side(is_orig);
        let fields = &side.message.fields;
        let is_partial = !is_orig && side.message.code == 206;
        let range = if is_partial {
            fields
                .content_range
                .as_ref()
                .and_then(|r| r.as_ref().ok().copied())
        } else {
            None
        };
        let size = if fields.chunked || fields.coding.is_some() {
            None
        } else {
            fields.content_length
        };
        side.entity.describe(size, range, is_partial);
        side.decoder = fields.coding.map(Decoder::new);
        let kind = Kind::of(fields.content_type.as_deref());
        if kind != Kind::Leaf {
            let body = Body::new(kind, Transfer::Identity, &mime, &mut self.outlet(ctx, is_orig));
            self.side(is_orig).body = Some(Box::new(body));
        }
    }

    /// Bytes of the body, chunks put together.
    pub(super) fn body_data(&mut self, ctx: &mut Context<'_>, is_orig: bool, data: &[u8]) {
        if data.is_empty() {
            return;
        }
        if self.side(is_orig).undecodable {
            return;
        }
        let Some(mut decoder) = self.side(is_orig).decoder.take() else {
            return self.content(ctx, is_orig, data);
        };
        let result = decoder.decode(data, &mut |decoded| self.content(ctx, is_orig, decoded));
        if let Err(failure) = result {
            ctx.weird(failure.weird(), "");
        }
        self.side(is_orig).decoder = Some(decoder);
    }

    /// Decoded content.
    fn content(&mut self, ctx: &mut Context<'_>, is_orig: bool, data: &[u8]) {
        let Some(mut body) = self.side(is_orig).body.take() else {
            self.side(is_orig).message.body_length += data.len() as u64;
            return self.outlet(ctx, is_orig).content(data);
        };
        let mime = std::sync::Arc::clone(&self.session.mime);
        let read = body.feed(data, &mime, &mut self.outlet(ctx, is_orig));
        let side = self.side(is_orig);
        side.message.body_length += read;
        side.body = Some(body);
    }

    fn chunk_size(&mut self, ctx: &mut Context<'_>, is_orig: bool, line: &[u8]) {
        // Behind a semicolon are extensions (RFC 9112 section 7.1.1).
        let digits = field::main_part(line);
        let significant = digits
            .iter()
            .position(|&b| b != b'0')
            .map_or(0, |at| digits.len() - at);
        let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
        let size = std::str::from_utf8(digits)
            .ok()
            .and_then(|d| u64::from_str_radix(d, 16).ok());
        match size {
            Some(0) if is_number => {
                let side = self.side(is_orig);
                side.block.clear();
                side.phase = Phase::Trailer;
            }
            Some(size) if is_number && significant <= MAX_CHUNK_DIGITS => {
                self.side(is_orig).phase = Phase::Chunk(size);
            }
            _ => {
                ctx.weird("HTTP_bad_chunk_size", String::from_utf8_lossy(line).into_owned());
                self.message_done(ctx, is_orig);
            }
        }
    }

    fn trailer_line(&mut self, ctx: &mut Context<'_>, is_orig: bool, line: &[u8], next: Option<u8>) {
        let limit = self.session.mime.max_header_bytes;
        match self.take_field_line(ctx, is_orig, line, next, limit) {
            Taken::Line => {}
            Taken::Exceeded => ctx.weird("exceeded_mime_max_header_bytes", limit.to_string()),
            Taken::End => self.message_done(ctx, is_orig),
        }
    }

    /// A message is complete.
    pub(super) fn message_done(&mut self, ctx: &mut Context<'_>, is_orig: bool) {
        self.finish(ctx, is_orig, false, COMPLETE);
        self.side(is_orig).phase = Phase::StartLine;
    }

    /// A message, if there is one, will not be complete.
    pub(super) fn interrupt(&mut self, ctx: &mut Context<'_>, is_orig: bool, why: &'static str) {
        self.finish(ctx, is_orig, true, why);
    }

    fn finish(&mut self, ctx: &mut Context<'_>, is_orig: bool, interrupted: bool, why: &'static str) {
        if !std::mem::replace(&mut self.side(is_orig).message.is_open, false) {
            return;
        }
        if let Some(mut body) = self.side(is_orig).body.take() {
            let mime = std::sync::Arc::clone(&self.session.mime);
            let read = body.finish(!interrupted, &mime, &mut self.outlet(ctx, is_orig));
            self.side(is_orig).message.body_length += read;
        }
        // A field of which it could not be known yet whether it goes on.
        self.with_fields(ctx, is_orig, |block, field| block.flush(field));
        self.side(is_orig).decoder = None;
        self.outlet(ctx, is_orig).end_entity();
        if ctx.wants(&v::HTTP_MESSAGE_DONE) {
            let stat = self.side(is_orig).message.stat(interrupted, why);
            ctx.emit(&v::HTTP_MESSAGE_DONE, [Value::Bool(is_orig), stat]);
        }
    }

    /// The responder switches protocols.
    fn upgrade(&mut self, ctx: &mut Context<'_>, behind: &[u8]) {
        let protocol = self.side(false).message.fields.upgrade.take().unwrap_or_default();
        self.message_done(ctx, false);
        if !behind.is_empty() {
            // The protocol's first data came with the reply, before policy could prepare for it.
            ctx.weird("protocol_data_with_HTTP_upgrade_reply", behind.len().to_string());
        }
        let is_it = |(name, _): &&(Vec<u8>, &'static str)| name.eq_ignore_ascii_case(&protocol);
        let change = match self.session.options.upgrade_analyzers.iter().find(is_it) {
            Some((_, tag)) => TreeChange::AddChild(tag),
            None => TreeChange::AddDetector,
        };
        self.tunnel(ctx, change);
        ctx.emit(&v::HTTP_CONNECTION_UPGRADE, [Value::Str(protocol)]);
    }

    /// From now on, both sides go to children.
    fn tunnel(&mut self, ctx: &mut Context<'_>, change: TreeChange) {
        self.interrupt(ctx, true, "message interrupted by a change of protocol");
        ctx.change(change);
        self.session.is_tunnel = true;
        for side in &mut self.sides {
            side.lines.reset();
        }
    }

    /// A hole in a side's stream.  Within a body it costs that content; elsewhere it is not known any more what follows.
    pub(super) fn gap(&mut self, ctx: &mut Context<'_>, is_orig: bool, len: u64) {
        match self.side(is_orig).phase {
            Phase::Length(left) if len <= left => {
                self.body_gap(ctx, is_orig, len);
                self.side(is_orig).phase = Phase::Length(left - len);
                if len == left {
                    self.message_done(ctx, is_orig);
                }
            }
            Phase::Chunk(left) if len <= left => {
                self.body_gap(ctx, is_orig, len);
                let left = left - len;
                self.side(is_orig).phase = if left == 0 {
                    Phase::ChunkEnd
                } else {
                    Phase::Chunk(left)
                };
            }
            Phase::UntilEnd => self.body_gap(ctx, is_orig, len),
            Phase::Lost => {}
            phase => {
                if let Phase::Length(left) | Phase::Chunk(left) = phase {
                    self.body_gap(ctx, is_orig, left);
                }
                self.interrupt(ctx, is_orig, "message interrupted by a content gap");
                let side = self.side(is_orig);
                side.lines.reset();
                side.phase = Phase::Lost;
            }
        }
    }

    fn body_gap(&mut self, ctx: &mut Context<'_>, is_orig: bool, len: u64) {
        let side = self.side(is_orig);
        side.message.body_length += len;
        side.message.gap_length += len;
        if side.decoder.take().is_some() {
            // What was coded with what is missing cannot be decoded.
            side.undecodable = true;
            return;
        }
        if side.undecodable {
            return;
        }
        match side.body.take() {
            Some(mut body) => {
                let mime = std::sync::Arc::clone(&self.session.mime);
                let read = body.gap(len, &mime, &mut self.outlet(ctx, is_orig));
                let side = self.side(is_orig);
                side.message.body_length += read;
                side.body = Some(body);
            }
            None => self.outlet(ctx, is_orig).gap(len),
        }
    }

    /// A side sends no more.
    pub(super) fn end_of_side(&mut self, ctx: &mut Context<'_>, is_orig: bool) {
        if let Some(line) = self.side(is_orig).lines.finish() {
            self.line(ctx, is_orig, &line, &[]);
        }
        let peeked = std::mem::take(&mut self.side(is_orig).peeked);
        if !peeked.is_empty() {
            self.begin_simple_reply(ctx, &peeked);
        }
        let version = self.session.request_version;
        match self.side(is_orig).phase {
            Phase::UntilEnd => self.message_done(ctx, is_orig),
            // A request of HTTP/0.9 has no header, so none is missing.
            Phase::Header if is_orig && version == Some(Version::V0_9) => self.header_done(ctx, true, &[]),
            _ => self.interrupt(ctx, is_orig, "message interrupted by the end of data"),
        }
    }
}
