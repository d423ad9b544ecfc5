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
    /// So long may the order be before those of answered calls are looked for
    tidy_at: usize,
}

impl<A> Default for Calls<A> {
    fn default() -> Self {
        Calls {
            by_xid: HashMap::new(),
            order: VecDeque::new(),
            tidy_at: 0,
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
        // Numbers of answered calls lie in the order as well, until their time is over.  As many must have come since the
        // last time as are looked at, so that this costs each call the same.
        if self.order.len() >= limit.saturating_mul(4).max(self.tidy_at) {
            let waiting = &self.by_xid;
            let waits = |start: f64, xid: u32| waiting.get(&xid).is_some_and(|call| call.start <= start);
            self.order.retain(|&(start, xid)| waits(start, xid));
            self.tidy_at = 2 * self.order.len();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn call(xid: u32, start: f64) -> Call<()> {
        Call {
            xid,
            program: 0,
            version: 0,
            procedure: 0,
            credentials: Credentials::default(),
            start,
            end: start,
            len: 0,
            content: 0,
            args: None,
        }
    }

    #[test]
    fn answered_calls_are_forgotten_though_their_number_waits_again() {
        const LIMIT: usize = 10;
        let mut calls = Calls::default();
        for i in 0..1000 {
            let now = f64::from(i);
            assert!(!calls.add(call(7, now), LIMIT));
            calls.answer(7);
            assert!(!calls.add(call(7, now + 0.5), LIMIT));
            assert!(!calls.add(call(8, now + 0.6), LIMIT));
            calls.answer(8);
            assert!(calls.order.len() <= 4 * LIMIT + 1, "{}", calls.order.len());
            calls.answer(7);
        }
    }

    #[test]
    fn overdue_calls_come_in_order() {
        let mut calls = Calls::default();
        for (xid, start) in [(1, 1.0), (2, 2.0), (3, 3.0)] {
            calls.add(call(xid, start), 10);
        }
        calls.answer(1);
        calls.add(call(1, 4.0), 10);
        let overdue: Vec<u32> = std::iter::from_fn(|| calls.overdue(3.5))
            .map(|call| call.xid)
            .collect();
        assert_eq!(overdue, [2, 3]);
        assert_eq!(calls.overdue(9.0).map(|call| call.xid), Some(1));
    }
}
