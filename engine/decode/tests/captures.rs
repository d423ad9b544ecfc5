//! All captures at hand through all decoders: the flows found must be those of the expected `conn.log`, and the
//! weirds those of the expected `weird.log` as far as they are about the lower layers.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use common::walk::{Flow, Noted, Walk};
use common::{conformance, pcap};
use serde_json::Value;

/// Weirds that the decoders report, of those that the expected logs have.
const OURS: [&str; 23] = [
    "Teredo_bubble_with_payload",
    "UDP_datagram_length_mismatch",
    "bad_home_addr_len",
    "bad_ipv6_dest_opt_len",
    "excessively_small_fragment",
    "fragment_inconsistency",
    "fragment_overlap",
    "geneve_empty_packet",
    "internally_truncated_header",
    "invalid_IP_header_size",
    "invalid_inner_IP_version",
    "ip_hdr_len_zero",
    "multiple_home_addr_opts",
    "nflog_bad_tlv_len",
    "pppoe_extra_data_after_payload",
    "routing0_hdr",
    "triple_tagged_vlan_unsupported",
    "truncated_IP",
    "truncated_IP_len",
    "truncated_ethernet_frame",
    "truncated_inner_IP",
    "truncated_tcp_payload",
    "unknown_ip_version",
];

fn captures(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .expect("folder")
        .map(|e| e.expect("entry").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            captures(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn rows(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .filter(|l| l.starts_with('{'))
        .map(|l| serde_json::from_str(l).expect("a row"))
        .collect()
}

fn address(row: &Value, field: &str) -> Option<IpAddr> {
    row.get(field)?.as_str()?.parse().ok()
}

fn port(row: &Value, field: &str) -> u16 {
    row.get(field)
        .and_then(Value::as_u64)
        .and_then(|p| u16::try_from(p).ok())
        .expect("a port")
}

fn flow(row: &Value) -> Flow {
    let one = (
        address(row, "id.orig_h").expect("address"),
        port(row, "id.orig_p"),
    );
    let two = (
        address(row, "id.resp_h").expect("address"),
        port(row, "id.resp_p"),
    );
    (
        row["ip_proto"].as_u64().expect("protocol") as u8,
        one.min(two),
        one.max(two),
    )
}

fn weird(row: &Value) -> Noted {
    let text = |field| row.get(field).and_then(Value::as_str).map(String::from);
    let hosts = address(row, "id.orig_h")
        .zip(address(row, "id.resp_h"))
        .map(|(a, b)| (a.min(b), a.max(b)));
    (
        text("name").expect("name"),
        text("addl"),
        text("source"),
        hosts,
        row.get("uid").is_some(),
    )
}

/// Some weirds are logged once for each sender, whatever their detail.
fn logged_for_the_sender_already(weird: &Noted, logged: &BTreeSet<Noted>) -> bool {
    weird.0 == "UDP_datagram_length_mismatch" && logged.iter().any(|l| (&l.0, l.3) == (&weird.0, weird.3))
}

#[test]
fn flows_and_weirds_of_all_captures() {
    let Some(folder) = conformance() else {
        eprintln!("no captures here: nothing tested");
        return;
    };
    let traces = folder.join("traces");
    let mut paths = Vec::new();
    captures(&traces, &mut paths);
    let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
    let mut differences = Vec::new();
    for path in &paths {
        let name = path.strip_prefix(&traces).expect("below").display().to_string();
        let mut walk = Walk::default();
        for record in pcap::read(path) {
            walk.packet(record.time, record.dlt, &record.data, record.wire_len);
            bro_decode::fuzz(&record.data);
        }
        for (outcome, count) in &walk.outcomes {
            *outcomes.entry(outcome.clone()).or_default() += count;
        }
        let expected = folder.join("expected/default").join(&name);
        let flows: BTreeSet<Flow> = rows(&expected.join("conn.log")).iter().map(flow).collect();
        differences.extend(
            flows
                .difference(&walk.flows)
                .map(|f| format!("{name}: flow missing: {f:?}")),
        );
        differences.extend(
            walk.flows
                .difference(&flows)
                .map(|f| format!("{name}: flow too many: {f:?}")),
        );
        let logged = rows(&expected.join("weird.log"));
        let weirds: BTreeSet<Noted> = logged
            .iter()
            .map(weird)
            .filter(|w| OURS.contains(&w.0.as_str()))
            .collect();
        differences.extend(
            weirds
                .difference(&walk.weirds)
                .map(|w| format!("{name}: weird missing: {w:?}")),
        );
        let surplus = walk
            .weirds
            .difference(&weirds)
            .filter(|w| !logged_for_the_sender_already(w, &weirds));
        differences.extend(surplus.map(|w| format!("{name}: weird too many: {w:?}")));
    }
    for (outcome, count) in &outcomes {
        eprintln!("{count:8} {outcome}");
    }
    assert!(
        differences.is_empty(),
        "{} differences:\n{}",
        differences.len(),
        differences.join("\n")
    );
}
