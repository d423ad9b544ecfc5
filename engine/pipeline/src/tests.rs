//! The loop with a source made of bytes, real sessions without analyzers, and a host that notes what happens.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bro_capture::{
    CaptureError, CaptureFile, DumpOptions, Dumper, LinkType, Next, Packet, PacketSource, Progress,
    Resolution, Statistics, Step, Timestamp,
};
use bro_events::{
    Command, ConnId, ConnSnapshot, Event, EventSink, FileCommand, FileId, FileSnapshot, Value, Weird,
};
use bro_files::{FileManager, FileOptions};
use bro_session::analyzer::AnalyzerRegistry;
use bro_session::{events, Options, Sessions};

use crate::{Host, Pipeline, Report};

/// What a source has next.
enum Item {
    /// A datagram at a second, from that port
    Datagram(i64, u16),
    Pending,
    Fault,
}

struct Source {
    items: VecDeque<Item>,
    at: Option<(Timestamp, Vec<u8>)>,
}

/// An Ethernet frame with a UDP datagram (no checksum) from 10.0.0.1 to 10.0.0.2, port 9.
fn frame(port: u16) -> Vec<u8> {
    let mut frame = vec![0; 12];
    frame.extend_from_slice(&[8, 0]);
    frame.extend_from_slice(&[
        0x45, 0, 0, 32, 0, 0, 0, 0, 64, 17, 0x66, 0xcb, 10, 0, 0, 1, 10, 0, 0, 2,
    ]);
    frame.extend_from_slice(&port.to_be_bytes());
    frame.extend_from_slice(&[0, 9, 0, 12, 0, 0, 1, 2, 3, 4]);
    frame
}

impl PacketSource for Source {
    fn advance(&mut self) -> Result<Step, CaptureError> {
        self.at = None;
        match self.items.pop_front() {
            None => Ok(Step::End),
            Some(Item::Pending) => Ok(Step::Pending),
            Some(Item::Fault) => {
                let what = "made so".to_owned();
                Err(CaptureError::Corrupt {
                    file: "test".into(),
                    offset: 1,
                    what,
                })
            }
            Some(Item::Datagram(second, port)) => {
                self.at = Some((Timestamp::from_nanos(second * 1_000_000_000), frame(port)));
                Ok(Step::Packet)
            }
        }
    }
    fn packet(&self) -> Option<Packet<'_>> {
        self.at
            .as_ref()
            .map(|(ts, data)| Packet::new(*ts, data, LinkType::ETHERNET))
    }
    fn link_type(&self) -> Option<LinkType> {
        Some(LinkType::ETHERNET)
    }
    fn resolution(&self) -> Resolution {
        Resolution::Micro
    }
    fn statistics(&mut self) -> Statistics {
        Statistics::default()
    }
    fn name(&self) -> &str {
        "test"
    }
}

/// Notes what happens, as words.
#[derive(Default)]
struct Noter {
    notes: Vec<String>,
    waiting: Vec<&'static str>,
    /// Given when handlers run, in order
    commands: VecDeque<Command>,
    given: Vec<Command>,
    now: f64,
    stop_after: Option<usize>,
    stopped: bool,
    panics_at: Option<f64>,
    suspended_for: usize,
    stays_for: usize,
    refused: Option<f64>,
    /// Packets of the first connection are not to be recorded.
    leaves_out_first: bool,
}

impl EventSink for Noter {
    fn wants(&self, event: &'static Event) -> bool {
        std::ptr::eq(event, &events::NEW_CONNECTION) || std::ptr::eq(event, &events::CONNECTION_STATE_REMOVE)
    }
    fn emit(&mut self, event: &'static Event, _args: Vec<Value>) {
        assert!(self.panics_at != Some(self.now), "as the test wants it");
        self.waiting.push(event.name);
    }
    fn conn_update(&mut self, snapshot: ConnSnapshot) {
        if std::mem::take(&mut self.leaves_out_first) {
            self.commands
                .push_back(Command::RecordPackets(snapshot.conn, false));
        }
    }
    fn conn_gone(&mut self, _conn: ConnId) {}
    fn file_update(&mut self, _snapshot: FileSnapshot) {}
    fn file_conn(&mut self, _file: FileId, _conn: ConnId, _is_orig: bool) {}
    fn file_gone(&mut self, _file: FileId) {}
    fn weird(&mut self, _weird: Weird) {}
    fn drain(&mut self) {
        self.work();
    }
    fn take_commands(&mut self) -> Vec<Command> {
        std::mem::take(&mut self.given)
    }
    fn take_file_commands(&mut self, _file: FileId) -> Vec<FileCommand> {
        Vec::new()
    }
}

impl Host for Noter {
    fn set_now(&mut self, now: f64) {
        self.now = now;
        self.notes.push(format!("now {now}"));
    }
    fn has_work(&self) -> bool {
        !self.waiting.is_empty()
    }
    fn work(&mut self) {
        for name in std::mem::take(&mut self.waiting) {
            self.notes.push(name.to_owned());
            self.given.extend(self.commands.pop_front());
        }
    }
    fn show_packet(&mut self, packet: &Packet<'_>) {
        self.notes.push(format!("packet {}", packet.ts.seconds()));
        self.stopped = self.stop_after.is_some_and(|last| self.notes.len() >= last);
    }
    fn hide_packet(&mut self) {}
    fn obey(&mut self, command: Command) {
        self.stopped |= command == Command::Terminate;
        self.notes.push("obeyed".into());
    }
    fn stopped(&self) -> bool {
        self.stopped
    }
    fn suspended(&self) -> bool {
        self.suspended_for > 0
    }
    fn stays(&self) -> bool {
        self.stays_for > 0
    }
    fn admits(&mut self, packet: &Packet<'_>) -> bool {
        self.refused != Some(packet.ts.seconds())
    }
    fn fault(&mut self, fault: &CaptureError) {
        self.notes.push(fault.to_string());
    }
    fn poll(&mut self) {
        self.notes.push("poll".into());
        self.suspended_for = self.suspended_for.saturating_sub(1);
        self.stays_for = self.stays_for.saturating_sub(1);
    }
    fn progress(&mut self, _progress: Option<Progress>, _source: Statistics, _packets: u64) {}
}

fn run(items: Vec<Item>, dumper: Option<Dumper>, host: &mut Noter) -> Report {
    let sessions = Sessions::new(AnalyzerRegistry::default(), Options::default(), [0; 16]);
    let files = FileManager::new(FileOptions::default(), [0; 16]);
    let source = Source {
        items: items.into(),
        at: None,
    };
    Pipeline::new(
        Some(Box::new(source)),
        dumper,
        Arc::new(Mutex::new(sessions)),
        files,
    )
    .run(host)
}

use Item::{Datagram, Fault, Pending};

#[test]
fn handlers_run_before_the_next_packet() {
    let mut host = Noter::default();
    let report = run(
        vec![Datagram(1, 1), Datagram(2, 1), Datagram(3, 2)],
        None,
        &mut host,
    );
    let expected = [
        "now 1",
        "packet 1",
        "new_connection",
        "now 2",
        "packet 2",
        "now 3",
        "packet 3",
        "new_connection",
        "connection_state_remove",
        "connection_state_remove",
    ];
    assert_eq!(host.notes, expected);
    assert_eq!((report.packets, report.panics, report.faults.len()), (3, 0, 0));
}

#[test]
fn time_never_goes_back() {
    let mut host = Noter::default();
    run(
        vec![Datagram(5, 1), Datagram(3, 1), Datagram(6, 1)],
        None,
        &mut host,
    );
    let times: Vec<_> = host.notes.iter().filter(|note| note.starts_with("now")).collect();
    assert_eq!(times, ["now 5", "now 6"]);
}

#[test]
fn a_fault_of_the_source_is_kept_and_the_rest_is_read() {
    let mut host = Noter::default();
    let report = run(vec![Datagram(1, 1), Fault, Datagram(2, 2)], None, &mut host);
    assert_eq!((report.packets, report.faults.len()), (2, 1));
    let told = host
        .notes
        .iter()
        .position(|note| *note == report.faults[0].to_string());
    let second = host.notes.iter().position(|note| note == "packet 2");
    assert!(told.is_some() && told < second, "{:?}", host.notes);
}

#[test]
fn endless_faults_end_the_input() {
    let items = (0..1_000).map(|_| Fault).collect();
    assert_eq!(run(items, None, &mut Noter::default()).faults.len(), 100);
}

#[test]
fn a_panic_costs_one_packet() {
    let mut host = Noter {
        panics_at: Some(2.0),
        ..Noter::default()
    };
    let report = run(
        vec![Datagram(1, 1), Datagram(2, 2), Datagram(3, 3)],
        None,
        &mut host,
    );
    assert_eq!((report.packets, report.panics), (3, 1));
    assert!(host.notes.contains(&"packet 3".to_owned()));
}

#[test]
fn commands_are_carried_out_before_the_next_packet() {
    let mut host = Noter {
        commands: [Command::Terminate].into(),
        ..Noter::default()
    };
    let report = run(vec![Datagram(1, 1), Datagram(2, 2)], None, &mut host);
    assert_eq!(report.packets, 1);
    assert_eq!(
        host.notes,
        [
            "now 1",
            "packet 1",
            "new_connection",
            "obeyed",
            "connection_state_remove"
        ]
    );
}

#[test]
fn what_policy_refuses_is_not_processed() {
    let mut host = Noter {
        refused: Some(1.0),
        ..Noter::default()
    };
    let report = run(vec![Datagram(1, 1), Datagram(2, 2)], None, &mut host);
    assert_eq!(report.packets, 1);
    assert!(!host.notes.contains(&"packet 1".to_owned()));
}

#[test]
fn a_source_without_a_packet_is_polled() {
    let mut host = Noter::default();
    let report = run(vec![Pending, Datagram(1, 1)], None, &mut host);
    assert_eq!((host.notes[0].as_str(), report.packets), ("poll", 1));
}

#[test]
fn no_packet_is_read_while_policy_wants_none() {
    let mut host = Noter {
        suspended_for: 2,
        ..Noter::default()
    };
    run(vec![Datagram(1, 1)], None, &mut host);
    assert_eq!(host.notes[..3], ["poll", "poll", "now 1"]);
}

#[test]
fn a_host_that_stays_is_polled_until_it_goes() {
    let mut host = Noter {
        stays_for: 2,
        ..Noter::default()
    };
    run(vec![Datagram(1, 1)], None, &mut host);
    assert_eq!(host.notes.iter().filter(|note| *note == "poll").count(), 2);
}

#[test]
fn packets_of_connections_that_are_not_to_be_recorded_are_not() {
    let path = std::env::temp_dir().join(format!("bro-pipeline-{}.pcap", std::process::id()));
    let dumper = Dumper::create(&path, DumpOptions::default()).unwrap();
    // The first connection's packets are not recorded, from the one on that made it known.
    let mut host = Noter {
        leaves_out_first: true,
        ..Noter::default()
    };
    let report = run(
        vec![Datagram(1, 1), Datagram(2, 1), Datagram(3, 2)],
        Some(dumper),
        &mut host,
    );
    assert!(report.faults.is_empty());
    let mut times = Vec::new();
    let mut written = CaptureFile::open(&path).unwrap();
    while let Next::Packet(packet) = written.next_packet().unwrap() {
        times.push(packet.ts.seconds());
    }
    std::fs::remove_file(&path).unwrap();
    assert_eq!(times, [1.0, 3.0]);
}
