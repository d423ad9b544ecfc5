//! What the engine has counted, by subject: the fields of the records `ConnStats`, `NetStats` and their kin.

use std::sync::atomic::Ordering;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use super::{Answer, Args, Desk};
use crate::catalogue;
use crate::shared::lock;

pub(super) fn run(py: Python<'_>, desk: &Desk<'_>, name: &str, args: &Args<'_, '_>) -> Answer {
    if name != "statistics" {
        return Ok(None);
    }
    let dict = PyDict::new(py);
    let kind = args.text(0)?;
    match kind.as_str() {
        "weirds" => {
            for (name, count) in lock(&desk.shared.weird_counts).iter() {
                dict.set_item(PyBytes::new(py, name.as_bytes()), count)?;
            }
        }
        "event_handlers" => {
            for (event, count) in catalogue::events().iter().zip(&desk.shared.raised) {
                let count = count.load(Ordering::Relaxed);
                if count > 0 {
                    dict.set_item(PyBytes::new(py, event.name.as_bytes()), count)?;
                }
            }
        }
        kind => numbers(desk, kind, &dict)?,
    }
    Ok(Some(dict.into_any().unbind()))
}

fn numbers(desk: &Desk<'_>, kind: &str, dict: &Bound<'_, PyDict>) -> PyResult<()> {
    let shared = desk.shared;
    let stats = desk.ask(|sessions| sessions.stats().clone()).unwrap_or_default();
    match kind {
        "conn" => {
            dict.set_item("total_conns", stats.cumulative.iter().sum::<u64>())?;
            dict.set_item("current_conns", stats.current.iter().sum::<u64>())?;
            dict.set_item("sess_current_conns", stats.current.iter().sum::<u64>())?;
            dict.set_item("num_packets", stats.packets)?;
            dict.set_item("num_fragments", stats.fragments)?;
            dict.set_item("max_fragments", stats.max_fragments)?;
            for (index, name) in ["tcp", "udp", "icmp"].iter().enumerate() {
                dict.set_item(format!("num_{name}_conns"), stats.current[index])?;
                dict.set_item(format!("max_{name}_conns"), stats.most[index])?;
                dict.set_item(format!("cumulative_{name}_conns"), stats.cumulative[index])?;
            }
            dict.set_item("killed_by_inactivity", stats.killed_by_inactivity)?;
        }
        "gap" => {
            dict.set_item("ack_events", stats.ack_events)?;
            dict.set_item("ack_bytes", stats.ack_bytes)?;
            dict.set_item("gap_events", stats.gap_events)?;
            dict.set_item("gap_bytes", stats.gap_bytes)?;
        }
        "reassembler" => dict.set_item("tcp_size", stats.reassembly_bytes)?,
        "timer" => {
            dict.set_item("current", stats.timers[0])?;
            dict.set_item("max", stats.timers[1])?;
            dict.set_item("cumulative", stats.timers[2])?;
        }
        "net" => {
            let source = *lock(&shared.source_statistics);
            dict.set_item("pkts_recvd", stats.packets)?;
            dict.set_item("pkts_dropped", source.dropped.unwrap_or(0))?;
            dict.set_item("pkts_link", source.link.unwrap_or(stats.packets))?;
            dict.set_item("bytes_recvd", stats.bytes)?;
            dict.set_item("pkts_filtered", source.filtered)?;
        }
        "event" => {
            dict.set_item("queued", shared.queued.load(Ordering::Relaxed))?;
            dict.set_item("dispatched", shared.dispatched.load(Ordering::Relaxed))?;
        }
        "file_analysis" => {
            let counts = shared
                .idle_records()
                .map(|records| records.file_counts())
                .unwrap_or_default();
            dict.set_item("current", counts.current)?;
            dict.set_item("max", counts.most)?;
            dict.set_item("cumulative", counts.cumulative)?;
        }
        // Nothing is counted about the others, and what is not counted is 0.
        _ => {}
    }
    Ok(())
}
