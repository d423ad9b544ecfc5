//! What becomes of content: events, files, signatures.

use bro_events::{FileKey, Value};
use bro_matching::signature;
use bro_session::analyzer::Context;

use super::names;
use super::options::HttpOptions;
use super::range::{self, ContentRange};
use super::vocabulary as v;
use crate::mime::body::{PartHeader, Parts};
use crate::mime::field;
use crate::mime::vocabulary::MIME_HEADER_REC;

/// The entity that content goes to: the message, or the part of its body that began last.
#[derive(Debug, Default)]
pub struct Entity {
    /// Its number within the message
    number: u64,
    /// The file its content is, once there is any
    key: Option<FileKey>,
    /// Announced size of that file
    size: Option<u64>,
    /// Which part of a resource it is
    range: Option<ContentRange>,
    /// The file goes on in other messages.
    is_partial: bool,
    /// Content so far
    position: u64,
    /// Content not yet carried by an event; less than one event carries
    undelivered: Vec<u8>,
    /// Signatures have seen the beginning.
    matching: bool,
    /// Policy wants no more of it.
    skip: bool,
    /// Entries of `hlist`, if anybody wants it
    headers: Vec<(Value, Value)>,
}

impl Entity {
    /// Begins with a new message.
    pub fn clear(&mut self) {
        let mut undelivered = std::mem::take(&mut self.undelivered);
        undelivered.clear();
        *self = Entity {
            undelivered,
            ..Entity::default()
        };
    }

    /// Sets what the message's header says of its content.
    pub fn describe(&mut self, size: Option<u64>, range: Option<ContentRange>, is_partial: bool) {
        self.size = range.map_or(size, |r| r.total);
        self.range = range;
        self.is_partial = is_partial;
    }

    /// Policy wants no more of the content.
    pub fn skip(&mut self) {
        self.skip = true;
        self.undelivered.clear();
    }
}

/// Which message content is of.
#[derive(Debug, Clone, Default)]
pub struct MessageId {
    /// Sets analyzers of the same connection apart
    pub instance: u64,
    /// Number of the message on its side
    pub number: u64,
    /// The file that ranges of the resource belong to, whatever connection they come over
    pub range_key: Option<Vec<u8>>,
}

/// Lent to what produces content.
pub struct Outlet<'m, 'c> {
    pub(super) ctx: &'m mut Context<'c>,
    pub(super) options: &'m HttpOptions,
    pub(super) entity: &'m mut Entity,
    pub(super) message: &'m MessageId,
    pub(super) is_orig: bool,
}

impl Outlet<'_, '_> {
    /// Raises the event of a header field.
    pub fn header_field(&mut self, name: &[u8], value: &[u8]) {
        let wants_all = self.ctx.wants(&v::HTTP_ALL_HEADERS);
        let wants_one = self.ctx.wants(&v::HTTP_HEADER);
        if !wants_all && !wants_one {
            return;
        }
        let upper =
            names::upper_case(name).map_or_else(|| Value::from(name.to_ascii_uppercase()), Value::Text);
        if wants_all {
            let record = Value::Record(&MIME_HEADER_REC, vec![name.into(), upper.clone(), value.into()]);
            let number = Value::Count(self.entity.headers.len() as u64 + 1);
            self.entity.headers.push((number, record));
        }
        if wants_one {
            let args = [Value::Bool(self.is_orig), name.into(), upper, value.into()];
            self.ctx.emit(&v::HTTP_HEADER, args);
        }
    }

    /// Reports a line that is no header field.
    pub fn malformed_field(&mut self, line: &[u8]) {
        if self.ctx.wants(&v::HTTP_EVENT) {
            self.ctx
                .emit(&v::HTTP_EVENT, ["malformed header".into(), line.into()]);
        }
    }

    /// Raises the events at the end of a header.
    pub fn headers_done(&mut self, content_type: Option<&[u8]>) {
        let headers = std::mem::take(&mut self.entity.headers);
        self.ctx.emit(
            &v::HTTP_ALL_HEADERS,
            [Value::Bool(self.is_orig), Value::Table(headers)],
        );
        if self.ctx.wants(&v::HTTP_CONTENT_TYPE) {
            let (ty, subty) = content_type
                .and_then(field::media_type)
                .unwrap_or((b"text".as_slice(), b"plain".as_slice()));
            let args = [
                Value::Bool(self.is_orig),
                ty.to_ascii_uppercase().into(),
                subty.to_ascii_uppercase().into(),
            ];
            self.ctx.emit(&v::HTTP_CONTENT_TYPE, args);
        }
    }

    /// Raises the event of an entity's beginning.
    pub fn begin_entity(&mut self) {
        self.ctx.emit(&v::HTTP_BEGIN_ENTITY, [Value::Bool(self.is_orig)]);
    }

    /// Ends an entity: what is left of its content, its file, the event.
    pub fn end_entity(&mut self) {
        self.end_content();
        self.ctx.emit(&v::HTTP_END_ENTITY, [Value::Bool(self.is_orig)]);
    }

    fn end_content(&mut self) {
        if !self.entity.undelivered.is_empty() {
            let data = std::mem::take(&mut self.entity.undelivered);
            self.data_event(data);
        }
        if std::mem::take(&mut self.entity.matching) {
            self.match_body(&[], false, true);
        }
        if let Some(key) = self.entity.key.take() {
            if !self.entity.is_partial {
                self.ctx.file_end(&key);
            }
        }
    }

    fn data_event(&mut self, data: Vec<u8>) {
        let args = [
            Value::Bool(self.is_orig),
            Value::from(data.len() as u64),
            Value::Str(data),
        ];
        self.ctx.emit(&v::HTTP_ENTITY_DATA, args);
    }

    fn match_body(&mut self, data: &[u8], begin: bool, end: bool) {
        let context = if self.is_orig {
            signature::Context::HttpRequestBody
        } else {
            signature::Context::HttpReplyBody
        };
        self.ctx.match_content(context, self.is_orig, data, begin, end);
    }

    /// Gathers content for `http_entity_data`, which carries so much of it at a time.
    fn deliver(&mut self, mut data: &[u8]) {
        if !self.ctx.wants(&v::HTTP_ENTITY_DATA) {
            return;
        }
        let size = usize::try_from(self.options.entity_data_delivery_size).unwrap_or(usize::MAX);
        if size == 0 {
            return self.data_event(data.to_vec());
        }
        while !data.is_empty() {
            let room = size.saturating_sub(self.entity.undelivered.len());
            let (taken, rest) = data.split_at(room.min(data.len()));
            self.entity.undelivered.extend_from_slice(taken);
            data = rest;
            if self.entity.undelivered.len() >= size {
                let data = std::mem::take(&mut self.entity.undelivered);
                self.data_event(data);
            }
        }
    }

    /// Takes out the file that the entity's content is, to be put back; announces its size when it is named first.
    fn take_file(&mut self) -> FileKey {
        if let Some(key) = self.entity.key.take() {
            return key;
        }
        let key = match &self.message.range_key {
            Some(handle) if !self.is_orig => {
                let tag = self.ctx.file_key("").tag;
                FileKey {
                    tag,
                    handle: handle.clone(),
                }
            }
            _ => self.ctx.file_key(&format!(
                "{:x} {} {} {}",
                self.message.instance,
                if self.is_orig { 'o' } else { 'r' },
                self.message.number,
                self.entity.number
            )),
        };
        if let Some(size) = self.entity.size {
            self.ctx.file_size(&key, self.is_orig, size);
        }
        key
    }
}

impl Parts for Outlet<'_, '_> {
    fn begin(&mut self) {
        self.end_content();
        let number = self.entity.number + 1;
        let skip = self.entity.skip;
        self.entity.clear();
        self.entity.number = number;
        self.entity.skip = skip;
        self.begin_entity();
    }

    fn field(&mut self, line: &[u8]) {
        let Some((name, value)) = field::split(line) else {
            return self.malformed_field(line);
        };
        self.header_field(name, value);
        if name.eq_ignore_ascii_case(b"content-range") && self.message.range_key.is_some() {
            match range::parse(range::without_unit(value)) {
                Ok(range) => self.entity.describe(None, Some(range), true),
                Err(error) => {
                    let addl = String::from_utf8_lossy(range::without_unit(value)).into_owned();
                    self.ctx.weird(error.weird(), addl);
                }
            }
        }
    }

    fn header_end(&mut self, header: &PartHeader) {
        if self.entity.range.is_none() {
            self.entity.size = header.content_length;
        }
        self.headers_done(header.content_type.as_deref());
    }

    fn content(&mut self, data: &[u8]) {
        if data.is_empty() || self.entity.skip || self.options.skip_data {
            return;
        }
        self.deliver(data);
        let begin = !std::mem::replace(&mut self.entity.matching, true);
        self.match_body(data, begin, false);
        let key = self.take_file();
        match self.entity.range {
            Some(range) => {
                let offset = range.first.saturating_add(self.entity.position);
                self.ctx.file_data_at(&key, self.is_orig, offset, data, None);
            }
            None => self.ctx.file_data(&key, self.is_orig, data, None),
        }
        self.entity.key = Some(key);
        self.entity.position += data.len() as u64;
    }

    fn gap(&mut self, len: u64) {
        if self.entity.skip || self.options.skip_data {
            return;
        }
        if !self.entity.undelivered.is_empty() {
            let data = std::mem::take(&mut self.entity.undelivered);
            self.data_event(data);
        }
        let key = self.take_file();
        let offset = self
            .entity
            .range
            .map_or(0, |r| r.first)
            .saturating_add(self.entity.position);
        self.ctx.file_gap(&key, self.is_orig, offset, len);
        self.entity.key = Some(key);
        self.entity.position = self.entity.position.saturating_add(len);
    }

    fn end(&mut self) {
        self.end_entity();
    }

    fn weird(&mut self, name: &'static str, addl: String) {
        self.ctx.weird(name, addl);
    }
}
