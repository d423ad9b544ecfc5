//! What both sides of a connection share.

use std::collections::VecDeque;
use std::sync::Arc;

use bro_session::analyzer::OptionStore;

use super::options::HttpOptions;
use super::start_line::Version;
use crate::mime::options::MimeOptions;

/// Requests that wait for their replies at most; of those beyond it is not known what they asked for.
const MAX_PENDING: usize = 1000;

/// What of a request matters to its reply.
#[derive(Debug, Default)]
pub struct Pending {
    /// The reply has no body.
    pub is_head: bool,
    /// A reply that grants it turns the connection into a tunnel.
    pub is_connect: bool,
    /// The reply has no header.
    pub is_simple: bool,
    /// The file that ranges of the resource belong to, if the request asks for one
    pub range_key: Option<Vec<u8>>,
}

/// State of the conversation.
#[derive(Debug)]
pub struct Session {
    /// Options
    pub options: Arc<HttpOptions>,
    /// Limits on MIME messages
    pub mime: Arc<MimeOptions>,
    /// Sets analyzers of the same connection apart
    pub instance: u64,
    /// Requests so far
    pub requests: u64,
    /// Replies so far
    pub replies: u64,
    /// Version of the latest request
    pub request_version: Option<Version>,
    /// Version of the latest reply
    pub reply_version: Option<Version>,
    /// Target of the latest request
    pub target: Vec<u8>,
    /// The latest request was to be the last.
    pub is_last_request: bool,
    /// What comes now is of another protocol.
    pub is_tunnel: bool,
    /// The protocol was confirmed.
    pub confirmed: bool,
    pending: VecDeque<Pending>,
    /// Number of the first in `pending`
    first_pending: u64,
}

impl Session {
    /// At the beginning.
    pub fn new(options: &OptionStore) -> Self {
        Session {
            options: options.get(),
            mime: options.get(),
            instance: 0,
            requests: 0,
            replies: 0,
            request_version: None,
            reply_version: None,
            target: Vec::new(),
            is_last_request: false,
            is_tunnel: false,
            confirmed: false,
            pending: VecDeque::new(),
            first_pending: 0,
        }
    }

    /// Queues the request that came last.
    pub fn push(&mut self, pending: Pending) {
        if self.pending.len() < MAX_PENDING {
            if self.pending.is_empty() {
                self.first_pending = self.requests;
            }
            self.pending.push_back(pending);
        }
    }

    /// The queued request of that number, if its reply has not come yet.
    pub fn pending(&mut self, number: u64) -> Option<&mut Pending> {
        let at = number.checked_sub(self.first_pending)?;
        self.pending.get_mut(usize::try_from(at).ok()?)
    }

    /// The request that waits longest.
    pub fn front(&self) -> Option<&Pending> {
        self.pending.front()
    }

    /// The same, to be changed.
    pub fn front_mut(&mut self) -> Option<&mut Pending> {
        self.pending.front_mut()
    }

    /// Takes out the request that waits longest; its reply has come.
    pub fn pop(&mut self) -> Option<Pending> {
        let front = self.pending.pop_front();
        self.first_pending += u64::from(front.is_some());
        front
    }
}
