//! What connections have come to is told to the TCP connections it concerns: data in order to the analyzers on the first
//! subflow, the rest as events.

use bro_events::{ConnId, Value};

use super::ending::Left;
use super::tasks::Task;
use crate::conn::{side, Connection, Core};
use crate::env::{Env, Headers};
use crate::events::{
    MPTCP_CONTENTS, MPTCP_CONTENT_GAP, MPTCP_FALLBACK, MPTCP_FINISHED, MPTCP_INCONSISTENCY,
    MPTCP_SUBFLOW_CLOSED, MPTCP_WRONG_CHECKSUM,
};
use crate::sessions::{env, Io, Sessions};
use crate::tree::Tree;

/// No connection's name.
pub(crate) const NO_CONN: ConnId = ConnId(u64::MAX);

impl Sessions {
    /// Does what work on subflows has left to be done for others.  Each task is done once, and makes at most few others, so
    /// this ends.
    pub(crate) fn settle_mptcp(&mut self, io: &mut Io<'_>, now: f64, conn: ConnId, headers: Headers<'_>) {
        while let Some(id) = self.mptcp.tasks.next_conn() {
            let tasks = self.mptcp.tasks.take(id);
            let Some(slot) = self.table.by_id(id) else {
                continue;
            };
            let Some(mut connection) = self.table.take(slot) else {
                continue;
            };
            // Only for the connection of the packet at hand its headers mean something.
            let headers = if id == conn { headers } else { Headers::default() };
            let mut env = env!(self, io, now, headers);
            let Connection {
                core,
                tree,
                transport,
            } = &mut *connection;
            for task in tasks {
                perform(core, tree, &mut env, task);
            }
            crate::walk::transport::turn(core, transport, &mut env);
            self.put_back(io, slot, connection, now);
        }
    }
}

/// A TCP connection goes: if it is the last subflow, the MPTCP connection ends with it.
pub(crate) fn leave(core: &mut Core, tree: &mut Option<Box<Tree>>, env: &mut Env<'_>) {
    let left = env.mptcp.leave(core.id, core.flow);
    for task in env.mptcp.tasks.take(core.id) {
        perform(core, tree, env, task);
    }
    if let Left::Last(totals) = left {
        core.emit(env.sink, &MPTCP_FINISHED, || [totals]);
    }
}

fn text(text: &str) -> Value {
    Value::Str(text.as_bytes().to_vec())
}

fn perform(core: &mut Core, tree: &mut Option<Box<Tree>>, env: &mut Env<'_>, task: Task) {
    match task {
        Task::Data {
            is_orig,
            offset,
            bytes,
        } => {
            if core.skip {
                return;
            }
            core.emit(env.sink, &MPTCP_CONTENTS, || {
                [is_orig.into(), offset.into(), bytes.as_slice().into()]
            });
            Tree::grow(tree, core, env).deliver_stream(core, env, is_orig, &bytes);
        }
        Task::Plain { is_orig, bytes } => {
            if !core.skip {
                Tree::grow(tree, core, env).deliver_stream(core, env, is_orig, &bytes);
            }
        }
        Task::Gap { is_orig, offset, len } => {
            let missed = &mut core.sides[side(is_orig)].missed;
            *missed = missed.saturating_add(len);
            core.emit(env.sink, &MPTCP_CONTENT_GAP, || {
                [is_orig.into(), offset.into(), len.into()]
            });
            if !core.skip {
                Tree::grow(tree, core, env).undelivered(core, env, is_orig, offset, len);
            }
        }
        Task::Conflict {
            is_orig,
            offset,
            old,
            new,
            paths,
        } => core.emit(env.sink, &MPTCP_INCONSISTENCY, || {
            let [old_path, new_path] = paths.map(|uid| text(uid.as_deref().unwrap_or("")));
            let (old, new) = (Value::Str(old), Value::Str(new));
            [is_orig.into(), offset.into(), old, new, old_path, new_path]
        }),
        Task::End { is_orig } => {
            if let Some(tree) = tree.as_mut().filter(|_| !core.skip) {
                tree.end_of_data(core, env, is_orig);
            }
        }
        Task::Finished => {
            if let Some(tree) = tree {
                tree.connection_finished(core, env, false);
            }
        }
        Task::Reset => {
            if let Some(tree) = tree {
                tree.connection_reset(core, env);
            }
        }
        Task::Fallback(reason) => core.emit(env.sink, &MPTCP_FALLBACK, || [text(reason)]),
        Task::Weird(name) => core.weird(env.sink, name, "", "MPTCP"),
        Task::Release => {}
        Task::WrongChecksum {
            first,
            is_orig,
            offset,
            len,
        } => core.emit(env.sink, &MPTCP_WRONG_CHECKSUM, || {
            [text(&first), is_orig.into(), offset.into(), len.into()]
        }),
        Task::Closed {
            first,
            reset,
            bytes: [orig, resp],
        } => core.emit(env.sink, &MPTCP_SUBFLOW_CLOSED, || {
            [text(&first), reset.into(), orig.into(), resp.into()]
        }),
    }
}
