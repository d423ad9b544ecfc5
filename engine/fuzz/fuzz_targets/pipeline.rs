//! Bytes as a capture whose packets go all the way: sessions, every analyzer, files with every analyzer of files.
#![no_main]

use std::io::Cursor;
use std::sync::{Arc, LazyLock};

use bro_capture::{CaptureFile, Next, PacketSource};
use bro_events::command::take_file_commands;
use bro_events::{
    Command, ConnId, ConnSnapshot, Event, EventSink, FileAnalyzerArgs, FileCommand, FileId, FileSnapshot,
    ThresholdKind, Transport, Value, Weird,
};
use bro_files::{FileManager, FileOptions};
use bro_matching::signature::{parse, NoNames, SignatureSet};
use bro_session::analyzer::AnalyzerRegistry;
use bro_session::{Options, Sessions};

/// Most packets taken of one input, which only a gzipped one has more of.
const MAX_PACKETS: usize = 4000;

/// The signatures of all analyzers.
static SIGNATURES: LazyLock<Arc<SignatureSet>> = LazyLock::new(|| {
    let parsed = bro_analyzers::ALL.iter().flat_map(|def| {
        parse(def.name, def.signatures.as_bytes()).unwrap_or_else(|errors| panic!("{}", errors[0]))
    });
    let set = SignatureSet::compile(parsed.collect(), &mut NoNames);
    Arc::new(set.unwrap_or_else(|errors| panic!("{}", errors[0])))
});

/// Policy that wants everything, keeps nothing, and gives the commands that make the engine do more.
#[derive(Default)]
struct Policy {
    commands: Vec<Command>,
}

impl EventSink for Policy {
    fn wants(&self, _: &'static Event) -> bool {
        true
    }
    fn emit(&mut self, event: &'static Event, args: Vec<Value>) {
        assert_eq!(event.params.len(), args.len(), "arguments of {}", event.name);
        match (event.name, args.first()) {
            ("file_new", Some(&Value::File(file))) => {
                // Extraction is left out, for it writes files.
                let all = bro_files::analyzers::ALL
                    .iter()
                    .filter(|def| !def.tag.ends_with("_EXTRACT"));
                let add = |tag: &str| FileCommand::AddAnalyzer {
                    tag: tag.to_owned(),
                    args: FileAnalyzerArgs {
                        chunk_event: Some("chunk".to_owned()),
                        stream_event: Some("stream".to_owned()),
                        ..FileAnalyzerArgs::default()
                    },
                };
                self.commands
                    .extend(all.map(|def| Command::File(file, add(def.tag))));
            }
            ("new_connection", Some(&Value::Conn(conn))) => {
                for (kind, value) in [(ThresholdKind::Bytes, 100.0), (ThresholdKind::Packets, 3.0)] {
                    self.commands.push(Command::Threshold {
                        conn,
                        is_orig: true,
                        kind,
                        value,
                    });
                }
            }
            _ => {}
        }
    }
    fn conn_update(&mut self, _: ConnSnapshot) {}
    fn conn_gone(&mut self, _: ConnId) {}
    fn file_update(&mut self, _: FileSnapshot) {}
    fn file_conn(&mut self, _: FileId, _: ConnId, _: bool) {}
    fn file_gone(&mut self, _: FileId) {}
    fn weird(&mut self, weird: Weird) {
        assert!(!weird.name.is_empty());
    }
    fn drain(&mut self) {}
    fn take_commands(&mut self) -> Vec<Command> {
        std::mem::take(&mut self.commands)
    }
    fn take_file_commands(&mut self, file: FileId) -> Vec<FileCommand> {
        take_file_commands(&mut self.commands, file)
    }
}

fn obey(sessions: &mut Sessions, policy: &mut Policy, files: &mut FileManager) {
    for command in policy.take_commands() {
        match command {
            Command::File(file, command) => files.apply(policy, file, command),
            command => drop(sessions.apply(command, policy, files)),
        }
    }
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let options = Options {
        ignore_checksums: true,
        ..Options::default()
    };
    let mut sessions = Sessions::new(AnalyzerRegistry::new(bro_analyzers::ALL), options, [7; 16]);
    sessions.set_signatures(Arc::clone(&SIGNATURES));
    let mut files = FileManager::new(FileOptions::default(), [7; 16]);
    let mut policy = Policy::default();
    let ports = [
        ("Analyzer::ANALYZER_DNS", 53, Transport::Udp),
        ("Analyzer::ANALYZER_DNS", 53, Transport::Tcp),
        ("Analyzer::ANALYZER_HTTP", 80, Transport::Tcp),
        ("PacketAnalyzer::ANALYZER_TEREDO", 3544, Transport::Udp),
        ("PacketAnalyzer::ANALYZER_VXLAN", 4789, Transport::Udp),
        ("PacketAnalyzer::ANALYZER_GENEVE", 6081, Transport::Udp),
        ("PacketAnalyzer::ANALYZER_GTPV1", 2152, Transport::Udp),
        ("PacketAnalyzer::ANALYZER_AYIYA", 5072, Transport::Udp),
    ];
    for (tag, port, transport) in ports {
        policy.commands.push(Command::RegisterPort {
            tag: tag.to_owned(),
            port,
            transport,
        });
    }
    obey(&mut sessions, &mut policy, &mut files);

    let mut source = CaptureFile::from_reader("fuzz", Box::new(Cursor::new(data.to_vec())));
    // Time does not go back, as the packet loop sees to.
    let mut now = 0.0;
    for _ in 0..MAX_PACKETS {
        let packet = match source.next_packet() {
            Ok(Next::Packet(packet)) => packet,
            Ok(Next::Pending) => continue,
            Ok(Next::End) | Err(_) => break,
        };
        now = packet.ts.seconds().max(now);
        sessions.advance(now, &mut policy, &mut files);
        files.advance(now, &mut policy);
        obey(&mut sessions, &mut policy, &mut files);
        sessions.packet(&packet, &mut policy, &mut files);
        obey(&mut sessions, &mut policy, &mut files);
    }
    sessions.finish(&mut policy, &mut files);
    files.finish(&mut policy);
});
