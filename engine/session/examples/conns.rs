//! Reads captures and writes `conn.log` and `weird.log` of the sessions alone, without policy and without analyzers: for
//! work on the sessions when nothing else is to be looked at.
//!
//! `cargo run -p bro-session --example conns -- -r trace.pcap` writes both files as JSON into the working folder.  With
//! `-q` nobody wants any event and nothing is written: for measuring.

use std::collections::HashMap;
use std::error::Error;
use std::fmt::Write as _;

use bro_capture::{CaptureFile, Next, PacketSource};
use bro_events::{
    Command, ConnId, ConnSnapshot, Event, EventSink, FileCommand, FileId, FileSnapshot, NoFiles, Transport,
    Value, Weird, WeirdAbout,
};
use bro_session::analyzer::AnalyzerRegistry;
use bro_session::{Options, Sessions};

/// Collects the rows.
#[derive(Default)]
struct Rows {
    latest: HashMap<ConnId, ConnSnapshot>,
    missed: HashMap<ConnId, u64>,
    parents: HashMap<ConnId, Vec<String>>,
    conn_log: String,
    weird_log: String,
    now: f64,
    quiet: bool,
}

/// Whether the originator's SYN was followed by its RST, with nothing of a connection between.
fn syn_then_rst(history: &str) -> bool {
    let Some(rest) = history.trim_start_matches('^').strip_prefix('S') else {
        return false;
    };
    rest.find(['R', 'A', 'F', 'G', 'H', 'I', 'Q'])
        .is_some_and(|at| rest[at..].starts_with('R'))
}

fn tcp_state(orig: u64, resp: u64, history: &str) -> &'static str {
    let (no_orig, no_resp) = (matches!(orig, 0 | 3), matches!(resp, 0 | 3));
    match (orig, resp) {
        (5, 5) => "SF",
        (1, 0) => "S0",
        (4, 4) => "S1",
        (1 | 2, 6) => "REJ",
        (_, 6) if no_orig => "RSTRH",
        (_, 6) => "RSTR",
        (6, _) if no_resp && syn_then_rst(history) => "RSTOS0",
        (6, _) if no_resp => "OTH",
        (6, _) => "RSTO",
        (5, _) if no_resp => "SH",
        (5, _) => "S2",
        (_, 5) if no_orig => "SHR",
        (_, 5) => "S3",
        _ => "OTH",
    }
}

impl Rows {
    fn write(&mut self, conn: ConnId) -> Result<(), std::fmt::Error> {
        let Some(c) = self.latest.get(&conn) else {
            return Ok(());
        };
        let (id, out) = (&c.id, &mut self.conn_log);
        write!(
            out,
            r#"{{"ts":{},"uid":"{}","id.orig_h":"{}","id.orig_p":{},"#,
            c.start_time, c.uid, id.orig_h, id.orig_p
        )?;
        let proto = id.transport.enum_name();
        write!(
            out,
            r#""id.resp_h":"{}","id.resp_p":{},"proto":"{proto}","#,
            id.resp_h, id.resp_p
        )?;
        if c.duration > 0.0 {
            write!(
                out,
                r#""duration":{},"orig_bytes":{},"resp_bytes":{},"#,
                c.duration, c.orig.size, c.resp.size
            )?;
        }
        let (orig, resp) = (c.orig.state, c.resp.state);
        let state = match id.transport {
            Transport::Tcp if (orig, resp, c.orig.size, c.resp.size) == (6, 6, 0, 0) => "REJ",
            Transport::Tcp => tcp_state(orig, resp, &c.history),
            Transport::Udp => match (orig, resp) {
                (1, 1) => "SF",
                (1, _) => "S0",
                (_, 1) => "SHR",
                _ => "OTH",
            },
            _ => "OTH",
        };
        let missed = self.missed.get(&conn).copied().unwrap_or(0);
        write!(out, r#""conn_state":"{state}","missed_bytes":{missed},"#)?;
        if !c.history.is_empty() {
            write!(out, r#""history":"{}","#, c.history)?;
        }
        if let Some(parents) = self.parents.get(&conn).filter(|parents| !parents.is_empty()) {
            write!(out, r#""tunnel_parents":{parents:?},"#)?;
        }
        write!(
            out,
            r#""orig_pkts":{},"orig_ip_bytes":{},"#,
            c.orig.num_pkts, c.orig.num_bytes_ip
        )?;
        write!(
            out,
            r#""resp_pkts":{},"resp_ip_bytes":{},"#,
            c.resp.num_pkts, c.resp.num_bytes_ip
        )?;
        writeln!(out, r#""ip_proto":{}}}"#, id.ip_proto)
    }
}

impl EventSink for Rows {
    fn wants(&self, event: &'static Event) -> bool {
        !self.quiet
            && matches!(
                event.name,
                "new_connection" | "connection_state_remove" | "content_gap" | "tunnel_changed"
            )
    }
    fn emit(&mut self, event: &'static Event, args: Vec<Value>) {
        let Some(&Value::Conn(conn)) = args.first() else {
            return;
        };
        match event.name {
            "new_connection" | "tunnel_changed" => {
                let last = self
                    .latest
                    .get(&conn)
                    .and_then(|c| c.tunnel.as_ref()?.last())
                    .map(|l| l.uid.to_string());
                let parents = self.parents.entry(conn).or_default();
                parents.extend(last.filter(|last| !parents.contains(last)));
            }
            "content_gap" => {
                if let Some(&Value::Count(len)) = args.get(3) {
                    *self.missed.entry(conn).or_default() += len;
                }
            }
            _ => {
                let _ = self.write(conn);
            }
        }
    }
    fn conn_update(&mut self, snapshot: ConnSnapshot) {
        self.latest.insert(snapshot.conn, snapshot);
    }
    fn conn_gone(&mut self, conn: ConnId) {
        self.latest.remove(&conn);
        self.missed.remove(&conn);
        self.parents.remove(&conn);
    }
    fn file_update(&mut self, _: FileSnapshot) {}
    fn file_conn(&mut self, _: FileId, _: ConnId, _: bool) {}
    fn file_gone(&mut self, _: FileId) {}
    fn weird(&mut self, weird: Weird) {
        let about = match weird.about {
            WeirdAbout::Conn(conn) => self.latest.get(&conn).map_or(String::new(), |c| {
                let id = &c.id;
                let (uid, oh, op, rh, rp) = (&c.uid, id.orig_h, id.orig_p, id.resp_h, id.resp_p);
                format!(r#""uid":"{uid}","id.orig_h":"{oh}","id.orig_p":{op},"id.resp_h":"{rh}","id.resp_p":{rp},"#)
            }),
            WeirdAbout::Flow(src, dst) => {
                format!(r#""id.orig_h":"{src}","id.orig_p":0,"id.resp_h":"{dst}","id.resp_p":0,"#)
            }
            _ => String::new(),
        };
        let mut row = format!(r#"{{"ts":{},{about}"name":"{}","#, self.now, weird.name);
        if !weird.addl.is_empty() {
            let _ = write!(row, r#""addl":{:?},"#, weird.addl);
        }
        row.push_str(r#""notice":false,"peer":"bro""#);
        if !weird.source.is_empty() {
            let _ = write!(row, r#","source":"{}""#, weird.source);
        }
        let _ = writeln!(self.weird_log, "{row}}}");
    }
    fn drain(&mut self) {}
    fn take_commands(&mut self) -> Vec<Command> {
        Vec::new()
    }
    fn take_file_commands(&mut self, _: FileId) -> Vec<FileCommand> {
        Vec::new()
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut options = Options::default();
    let mut rows = Rows::default();
    let mut files = Vec::new();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "-q" => rows.quiet = true,
            "-C" => options.ignore_checksums = true,
            "-r" => files.extend(arguments.next()),
            _ => {}
        }
    }
    // Such as 53/udp,88/tcp; what `likely_server_ports` is in policy.
    for port in std::env::var("SERVER_PORTS").unwrap_or_default().split(',') {
        if let Some((number, transport)) = port.split_once('/') {
            let transport = if transport == "udp" {
                Transport::Udp
            } else {
                Transport::Tcp
            };
            options.likely_server_ports.insert((transport, number.parse()?));
        }
    }
    for file in files {
        let mut sessions = Sessions::new(AnalyzerRegistry::new(&[]), options.clone(), [7; 16]);
        let mut source = CaptureFile::open(&file)?;
        loop {
            let packet = match source.next_packet() {
                Ok(Next::Packet(packet)) => packet,
                Ok(Next::Pending) => continue,
                Ok(Next::End) => break,
                Err(error) => {
                    eprintln!("{error}");
                    break;
                }
            };
            rows.now = packet.ts.seconds();
            sessions.advance(rows.now, &mut rows, &mut NoFiles);
            sessions.packet(&packet, &mut rows, &mut NoFiles);
        }
        sessions.finish(&mut rows, &mut NoFiles);
    }
    if rows.quiet {
        return Ok(());
    }
    std::fs::write("conn.log", &rows.conn_log)?;
    std::fs::write("weird.log", &rows.weird_log)?;
    Ok(())
}
