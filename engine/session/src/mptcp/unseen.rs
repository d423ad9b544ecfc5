//! Subflows whose handshake was not seen: which connection they belong to is told by addresses and data sequence numbers.
//!
//! Of connections whose own beginning was not seen the addresses are not known, so there the numbers decide alone; 64 bits
//! are near by chance once in 2^37 times.
//!
//! Only a TCP connection whose SYN was not seen comes into question, or one whose SYN wanted to join a connection that was
//! not known.  One with a SYN of its own that says nothing of MPTCP is none, whatever options follow: its ends ignore them,
//! and so must the monitor.

use std::collections::BTreeSet;

use bro_decode::transport::mptcp::{Capable, DataNumber, Dss};

use super::connection::Mptcp;
use super::connections::{Connections, Fact, Path};

/// Data sequence numbers are taken for those of a connection if they are so near to what comes next there.
const NEAR: u64 = 1 << 26;

/// Connections of an address that are looked at for one subflow: the latest.
const MOST_LOOKED_AT: usize = 64;

/// How well a subflow fits a connection: how many of its addresses are known there, and whether its data is near.
type Fit = (usize, bool);

impl Connections {
    /// MP_CAPABLE of a connection whose SYN was not seen: in the SYN-ACK, or in the third packet.
    pub fn late_capable(
        &mut self,
        path: &Path<'_>,
        is_orig: bool,
        syn: bool,
        option: &Capable,
    ) -> Option<Fact> {
        if is_orig == syn {
            return None;
        }
        let Some(id) = self.add(path, Some(option.version), true) else {
            return Some(Fact::Limit("mptcp_table_full"));
        };
        let mptcp = self.all.get_mut(&id)?;
        mptcp.accepted = true;
        mptcp.answered = syn;
        let first = mptcp.first.clone();
        if syn {
            self.set_key(id, 1, option.sender_key);
        }
        Some(Fact::Subflow { first })
    }

    /// DSS on a connection whose handshake was not seen, or led nowhere.  It becomes a subflow of the connection that it
    /// fits best, or the first of one of which nothing else is known.  `tried`: its SYN wanted to join something.
    pub fn late_dss(&mut self, path: &Path<'_>, is_orig: bool, tried: bool, dss: &Dss) -> Option<Fact> {
        // An acknowledgement alone tells little, and data will come if there is any to be followed.
        dss.mapping?;
        if let Some((id, orig_end)) = self.best_fit(path, is_orig, dss) {
            if !self.attach(path, id, orig_end, None, tried) {
                return Some(Fact::Limit("mptcp_too_many_subflows"));
            }
            self.learn(id, orig_end, 0, path.flow.orig_h, false);
            self.learn(id, 1 - orig_end, 0, path.flow.resp_h, false);
            let mptcp = self.all.get_mut(&id)?;
            mptcp.accepted = true;
            mptcp.several = true;
            let first = mptcp.first.clone();
            if let Some(info) = mptcp.paths.iter_mut().rev().find(|info| info.conn == path.conn) {
                info.unseen = true;
            }
            return Some(Fact::Subflow { first });
        }
        let Some(id) = self.add(path, None, tried) else {
            return Some(Fact::Limit("mptcp_table_full"));
        };
        let mptcp = self.all.get_mut(&id)?;
        mptcp.accepted = true;
        if let Some(info) = mptcp.paths.first_mut() {
            info.unseen = true;
        }
        let first = mptcp.first.clone();
        self.unseen.insert(id);
        self.note_unanswered(id);
        Some(Fact::Subflow { first })
    }

    /// The connection that a subflow fits best, and which end of it is the subflow's originator.  `None` if none fits, or if
    /// several do equally well.
    fn best_fit(&self, path: &Path<'_>, is_orig: bool, dss: &Dss) -> Option<(u64, usize)> {
        let hosts = [path.flow.orig_h, path.flow.resp_h];
        // Where no beginning was seen, neither were the addresses that were announced then.
        let lists = [
            self.by_host.get(&hosts[0]),
            self.by_host.get(&hosts[1]),
            Some(&self.unseen),
        ];
        let latest = |list: &'_ BTreeSet<u64>| {
            list.iter()
                .rev()
                .take(MOST_LOOKED_AT)
                .copied()
                .collect::<Vec<_>>()
        };
        let mut candidates: Vec<u64> = lists.into_iter().flatten().flat_map(latest).collect();
        candidates.sort_unstable();
        candidates.dedup();
        let mut best: Option<(Fit, (u64, usize))> = None;
        let mut is_tie = false;
        for id in candidates {
            let Some(mptcp) = self.all.get(&id) else { continue };
            for orig_end in 0..2 {
                let Some(fit) = fit(mptcp, path, is_orig, orig_end, dss) else {
                    continue;
                };
                match best {
                    Some((known, _)) if known > fit => {}
                    Some((known, _)) if known == fit => is_tie = true,
                    _ => {
                        best = Some((fit, (id, orig_end)));
                        is_tie = false;
                    }
                }
            }
        }
        best.filter(|_| !is_tie).map(|(_, found)| found)
    }
}

/// How well a subflow fits if its originator is that end.  `None`: not at all.
fn fit(mptcp: &Mptcp, path: &Path<'_>, is_orig: bool, orig_end: usize, dss: &Dss) -> Option<Fit> {
    let [orig, resp] = [orig_end, 1 - orig_end].map(|end| &mptcp.ends[end]);
    let known =
        usize::from(orig.has_address(path.flow.orig_h)) + usize::from(resp.has_address(path.flow.resp_h));
    if known == 0 && mptcp.version.is_some() {
        return None;
    }
    let (sender, receiver) = if is_orig { (orig, resp) } else { (resp, orig) };
    let mapping = dss.mapping.map(|mapping| mapping.dsn);
    let numbers = [(sender, mapping), (receiver, dss.ack)];
    let (mut near, mut is_long) = (false, false);
    for (end, number) in numbers {
        let (Some(number), Some(expected)) = (number, end.data.about()) else {
            continue;
        };
        let full = end.data.full(number);
        if (full.wrapping_sub(expected) as i64).unsigned_abs() > NEAR {
            return None;
        }
        near = true;
        is_long |= matches!(number, DataNumber::Long(_));
    }
    // With one address or none, 32 bits that are near may be so by chance.
    (known == 2 || near && is_long).then_some((known, near))
}
