//! Events and record shapes of HTTP; `events.bro` documents them for scripts.

use bro_events::RecordDef;

use crate::mime::vocabulary::MIME_HEADER_REC;

bro_events::events! {
    /// Request line
    HTTP_REQUEST = http_request(c, method, original_URI, unescaped_URI, version);
    /// Status line
    HTTP_REPLY = http_reply(c, version, code, reason);
    /// A header field
    HTTP_HEADER = http_header(c, is_orig, original_name, name, value);
    /// All header fields of an entity
    HTTP_ALL_HEADERS = http_all_headers(c, is_orig, hlist);
    /// Beginning of a message or of a part of its body
    HTTP_BEGIN_ENTITY = http_begin_entity(c, is_orig);
    /// End of it
    HTTP_END_ENTITY = http_end_entity(c, is_orig);
    /// Content
    HTTP_ENTITY_DATA = http_entity_data(c, is_orig, length, data);
    /// Media type
    HTTP_CONTENT_TYPE = http_content_type(c, is_orig, ty, subty);
    /// End of a message
    HTTP_MESSAGE_DONE = http_message_done(c, is_orig, stat);
    /// Something that is not as it should be
    HTTP_EVENT = http_event(c, event_type, detail);
    /// Statistics at the end
    HTTP_STATS = http_stats(c, stats);
    /// The connection goes on as another protocol
    HTTP_CONNECTION_UPGRADE = http_connection_upgrade(c, protocol);
}

/// Own record shapes.
mod own {
    bro_events::records! {
        /// A finished message
        HTTP_MESSAGE_STAT = "http_message_stat" {
            start, interrupted, finish_msg, body_length, content_gap_length, header_length,
        };
        /// A finished connection
        HTTP_STATS_REC = "http_stats_rec" { num_requests, num_replies, request_version, reply_version };
    }
}
pub use own::{HTTP_MESSAGE_STAT, HTTP_STATS_REC};

/// All record shapes the analyzer makes.
pub static RECORDS: &[&RecordDef] = &[&HTTP_MESSAGE_STAT, &HTTP_STATS_REC, &MIME_HEADER_REC];
