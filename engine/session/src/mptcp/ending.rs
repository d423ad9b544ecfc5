//! How subflows leave a connection, and how it ends with the last of them.

use bro_events::{ConnId, FlowId, Value};

use super::connection::{From, Mptcp, PathInfo};
use super::connections::Connections;
use super::data::{closed_task, end_data, ended};
use super::tasks::Task;
use crate::conn::conn_id_value;
use crate::events::{MPTCP_SUBFLOW_RECORD, MPTCP_TOTALS};

/// What the end of a TCP connection meant.
#[derive(Debug)]
pub(super) enum Left {
    /// It was no subflow, or its connection never came to be.
    Nothing,
    /// Others are left.
    Others,
    /// It was the last: the connection ends with these totals.
    Last(Value),
}

impl Connections {
    /// Whether a TCP connection must stay although it is over: it is the first subflow, and others are left.
    pub fn holds(&self, conn: ConnId) -> bool {
        let mptcp = self
            .subflows
            .get(&conn)
            .and_then(|subflow| self.all.get(&subflow.mptcp));
        mptcp.is_some_and(|mptcp| {
            mptcp.first_conn == conn && mptcp.subflows.iter().any(|other| *other != conn)
        })
    }

    /// TCP forgets a subflow; with the last one the connection goes.
    pub(super) fn leave(&mut self, conn: ConnId, flow: FlowId) -> Left {
        let Some(subflow) = self.subflows.get(&conn) else {
            return Left::Nothing;
        };
        let id = subflow.mptcp;
        self.finish_sides(conn);
        let (Some(subflow), Some(mptcp)) = (self.subflows.remove(&conn), self.all.get_mut(&id)) else {
            return Left::Nothing;
        };
        self.held = self.held.saturating_sub(subflow.memory());
        mptcp.subflows.retain(|other| *other != conn);
        if let Some(info) = mptcp.paths.get_mut(subflow.path as usize) {
            (info.gone, info.flow) = (true, flow);
            let (bytes, told) = (info.bytes, info.closed);
            if !told && mptcp.accepted {
                let task = closed_task(mptcp, false, bytes);
                self.tasks.push(conn, task);
            }
        }
        if let [last] = mptcp.subflows[..] {
            if last == mptcp.first_conn {
                self.tasks.push(last, Task::Release);
            }
        }
        if !mptcp.subflows.is_empty() {
            return Left::Others;
        }
        let Some(mut mptcp) = self.remove(id) else {
            return Left::Nothing;
        };
        if !mptcp.accepted {
            return Left::Nothing;
        }
        for end in 0..2 {
            if mptcp.ends[end].data.is_complete(true) {
                end_data(&mut mptcp, &mut self.tasks, end);
            }
            mptcp.ends[end].data.finish();
            let len = mptcp.ends[end].data.len();
            mptcp.with_stream(end, &mut self.tasks, |stream, out| stream.finish(len, out));
        }
        Left::Last(totals(&mptcp))
    }

    /// Nothing more comes on a subflow: what it holds is used as far as it can be.
    fn finish_sides(&mut self, conn: ConnId) {
        let Some(subflow) = self.subflows.get_mut(&conn) else {
            return;
        };
        let Some(mptcp) = self.all.get_mut(&subflow.mptcp) else {
            return;
        };
        let before = mptcp.memory() + subflow.memory();
        let is_alone = !mptcp.several && mptcp.subflows.len() == 1 && subflow.joining.is_none();
        let bare = is_alone && !mptcp.fallback && subflow.sides.iter().any(|side| side.has_loose());
        for end in 0..2 {
            let from = From {
                conn,
                path: subflow.path,
                is_orig: end == subflow.orig_end,
                end,
            };
            let next = mptcp.ends[end].data.expected().unwrap_or(0);
            let side = &mut subflow.sides[end];
            let wrong = side.has_wrong();
            let mut out = |out: super::mapping::Out<'_>| mptcp.receive(&from, 0, out, &mut self.tasks);
            if bare && !wrong && side.has_loose() {
                // No acknowledgement was seen that would have told, but there is no other place for it.
                side.go_on(next, &mut out);
                mptcp.accepted = true;
                mptcp.fallback = true;
            } else {
                side.finish(&mut out);
            }
        }
        let after = mptcp.memory() + subflow.memory();
        self.held = (self.held + after).saturating_sub(before);
    }
}

fn totals(mptcp: &Mptcp) -> Value {
    let (orig, resp) = (mptcp.first_end, 1 - mptcp.first_end);
    let tokens = mptcp.tokens();
    let stream = |end: usize| &mptcp.ends[end].data.stream;
    let again = |end: usize| stream(end).again;
    let subflow = |info: &PathInfo| {
        Value::Record(
            &MPTCP_SUBFLOW_RECORD,
            vec![
                Value::Str(info.uid.as_bytes().to_vec()),
                conn_id_value(&info.flow),
                info.join.into(),
                info.joined.into(),
                info.verified.into(),
                info.refused.into(),
                info.unseen.into(),
                info.reset.into(),
                info.bytes[orig].into(),
                info.bytes[resp].into(),
            ],
        )
    };
    let addresses = mptcp.addresses.iter().map(|address| Value::Addr(*address));
    Value::Record(
        &MPTCP_TOTALS,
        vec![
            mptcp.version.into(),
            tokens[orig].into(),
            tokens[resp].into(),
            Value::Vector(mptcp.paths.iter().map(subflow).collect()),
            mptcp.joined.into(),
            mptcp.verified.into(),
            mptcp.refused.into(),
            stream(orig).contiguous().into(),
            stream(resp).contiguous().into(),
            stream(orig).missed().into(),
            stream(resp).missed().into(),
            (again(0).repeated + again(1).repeated).into(),
            (again(0).conflicting + again(1).conflicting).into(),
            Value::Vector(addresses.collect()),
            ended(mptcp).into(),
        ],
    )
}
