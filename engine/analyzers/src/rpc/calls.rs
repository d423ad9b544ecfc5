//! Calls that wait for their replies.

use std::collections::{HashMap, VecDeque};

use super::header::Credentials;

/// A call.
#[derive(Debug)]
pub struct Call<A> {
    /// The number its reply will have
    pub xid: u32,
    /// Which program
    pub program: u32,
    /// Which version of it
    pub version: u32,
    /// Which procedure
    pub procedure: u32,
    /// Who calls
    pub credentials: Credentials,
    /// When its first byte came, seconds
    pub start: f64,
    /// When its last byte came, seconds
    pub end: f64,
    /// Its bytes
    pub len: u64,
    /// Stands for its content, to tell a retransmission from another call
    pub content: u64,
    /// Its arguments, if they are known here and made sense
    pub args: Option<A>,
}

/// Calls by number.  Holds as many as `Calls::add` is told.
#[derive(Debug)]
pub struct Calls<A> {
    by_xid: HashMap<u32, Call<A>>,
    /// Numbers in order of the calls' time; some are answered already.
    order: VecDeque<(f64, u32)>,
}

impl<A> Default for Calls<A> {
    fn default() -> Self {
        Calls {
            by_xid: HashMap::new(),
            order: VecDeque::new(),
        }
    }
}

impl<A> Calls<A> {
    /// The call of that number, if it waits.
    pub fn get(&self, xid: u32) -> Option<&Call<A>> {
        self.by_xid.get(&xid)
    }

    /// A new call; its number must be free.  Says whether there were too many: all others are forgotten then.
    pub fn add(&mut self, call: Call<A>, limit: usize) -> bool {
        let too_many = self.by_xid.len() >= limit;
        // Numbers of answered calls lie in the order as well, until their time is over.
        if too_many || self.order.len() >= limit.saturating_mul(4) {
            let waiting = &self.by_xid;
            self.order.retain(|(_, xid)| waiting.contains_key(xid));
        }
        if too_many {
            self.by_xid.clear();
            self.order.clear();
        }
        self.order.push_back((call.start, call.xid));
        self.by_xid.insert(call.xid, call);
        too_many
    }

    /// Takes the call that a reply is for.
    pub fn answer(&mut self, xid: u32) -> Option<Call<A>> {
        self.by_xid.remove(&xid)
    }

    /// Takes a call that was made before that time and still waits.
    pub fn overdue(&mut self, before: f64) -> Option<Call<A>> {
        while let Some(&(start, xid)) = self.order.front() {
            if start >= before {
                return None;
            }
            self.order.pop_front();
            // The number may be that of a later call.
            if self.by_xid.get(&xid).is_some_and(|call| call.start <= start) {
                return self.by_xid.remove(&xid);
            }
        }
        None
    }
}
