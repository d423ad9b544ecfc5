//! How connections end: in order, by a reset, or because nothing happens any more.

use super::endpoint::State;
use super::{Tcp, Work, SOURCE};
use crate::conn::Core;
use crate::env::Env;
use crate::events;
use crate::tree::Tree;

impl Tcp {
    /// End `s` has closed.  `event`: there was a connection before.
    pub(super) fn closed(&mut self, work: &mut Work<'_, '_, '_>, s: usize, event: bool) {
        self.summarize(work.core);
        let now = work.env.now;
        let peer = self.ends[1 - s].state;
        if peer != State::Closed {
            self.first_closed = s as u8;
        }
        if self.ends[s].state == State::Reset {
            if event {
                work.core.raise(work.env.sink, &events::CONNECTION_RESET);
                // Analyzers go on for as long as there is content.
                let of_tree = !self.ends[s].doubtful_reset && !self.is_subflow;
                if let Some(tree) = work.tree.as_mut().filter(|_| of_tree) {
                    tree.connection_reset(work.core, work.env);
                }
            }
            self.remove_at = self.remove_at.min(now + work.env.options.tcp_reset_delay);
            return;
        }
        match peer {
            State::Closed => {
                if self.ends.iter().any(super::Endpoint::is_data_pending) {
                    // What is missing may yet come, or be acknowledged.
                    self.close_deferred = true;
                    self.remove_at = self.remove_at.min(now + work.env.options.tcp_close_delay);
                } else {
                    self.finish(work.core, work.tree, work.env);
                }
            }
            State::Inactive => {
                if event {
                    work.core.raise(work.env.sink, &events::CONNECTION_HALF_FINISHED);
                    if let Some(tree) = work.tree.as_mut().filter(|_| !self.is_subflow) {
                        tree.connection_finished(work.core, work.env, true);
                    }
                }
                self.remove_at = self.remove_at.min(now + work.env.options.tcp_close_delay);
            }
            State::Partial => self.partial_close_at = now + work.env.options.tcp_partial_close_delay,
            _ => {}
        }
    }

    /// Finishes a connection whose end had to wait for data, if that has come.
    pub(super) fn finish_if_complete(&mut self, work: &mut Work<'_, '_, '_>) {
        let pending = self.ends.iter().any(super::Endpoint::is_data_pending);
        if !pending && self.ends.iter().all(|end| end.state == State::Closed) {
            self.finish(work.core, work.tree, work.env);
        }
    }

    fn finish(&mut self, core: &mut Core, tree: &mut Option<Box<Tree>>, env: &mut Env<'_>) {
        self.close_deferred = false;
        if self.finished {
            return;
        }
        self.finished = true;
        core.raise(env.sink, &events::CONNECTION_FINISHED);
        if let Some(tree) = tree.as_mut().filter(|_| !self.is_subflow) {
            tree.connection_finished(core, env, false);
        }
        self.remove_at = self.remove_at.min(env.now + env.options.tcp_close_delay);
    }

    /// When to look at the connection next.
    pub fn deadline(&self, core: &Core, env: &Env<'_>) -> f64 {
        let mut at = self.remove_at.min(self.partial_close_at).min(self.attempt_at);
        if self.needs_look() {
            at = at.min(self.next_look(core, env));
        }
        at
    }

    /// Whether the connection is one of those that are given up when they fall silent: closed by one end, while the other
    /// is none that took part in a handshake and may go on.
    fn needs_look(&self) -> bool {
        let [orig, resp] = &self.ends;
        let closed = orig.state == State::Closed || resp.state == State::Closed;
        let open = orig.state == State::Established || resp.state == State::Established;
        closed && !open && !self.finished
    }

    /// The first regular look at which the connection can have been silent long enough.
    fn next_look(&self, core: &Core, env: &Env<'_>) -> f64 {
        let earliest = (core.last + env.options.tcp_connection_linger).max(env.now);
        let period = env.options.tcp_session_timer;
        if earliest <= self.first_look || period <= 0.0 {
            return self.first_look.max(earliest);
        }
        let mut at = self.first_look + ((earliest - self.first_look) / period).ceil() * period;
        if at <= env.now {
            at += period;
        }
        at
    }

    /// A deadline has passed: `core.remove` is set if that ends the connection.
    pub fn due(&mut self, core: &mut Core, env: &mut Env<'_>) {
        let now = env.now;
        if self.attempt_at <= now {
            self.attempt_at = f64::INFINITY;
            if self.ends[0].state == State::SynSent && self.ends[1].state == State::Inactive {
                core.raise(env.sink, &events::CONNECTION_ATTEMPT);
                core.remove = true;
                return;
            }
        }
        if self.remove_at <= now {
            self.remove_at = f64::INFINITY;
            if self.close_deferred {
                core.weird(env.sink, "pending_data_when_closed", "", SOURCE);
            }
            core.remove = true;
            return;
        }
        if self.partial_close_at <= now {
            self.partial_close_at = f64::INFINITY;
            let states = [self.ends[0].state, self.ends[1].state];
            if states[0] != states[1] && !states.contains(&State::Reset) && states.contains(&State::Partial) {
                core.raise(env.sink, &events::CONNECTION_PARTIAL_CLOSE);
                core.remove = true;
                return;
            }
        }
        if self.needs_look() && core.last + env.options.tcp_connection_linger <= now && self.first_look <= now
        {
            core.raise(env.sink, &events::CONNECTION_TIMEOUT);
            core.remove = true;
        }
    }

    /// The connection goes: delivers what can still be delivered.
    pub fn end(
        &mut self,
        core: &mut Core,
        tree: &mut Option<Box<Tree>>,
        env: &mut Env<'_>,
        at_end_of_input: bool,
    ) {
        if at_end_of_input && !self.finished && !self.ends.iter().any(|end| end.state == State::Reset) {
            core.raise(env.sink, &events::CONNECTION_PENDING);
        }
        for s in 0..2 {
            self.deliver_rest(core, tree, env, s);
        }
        self.summarize(core);
    }
}
