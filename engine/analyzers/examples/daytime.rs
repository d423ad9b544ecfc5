//! An analyzer in an afternoon: Daytime (RFC 867).  A client connects, or sends a datagram; the server answers with a line
//! that says what time it is.
//!
//! This is the whole of an analyzer but for its folder: in the engine `declarations` and `signatures` are files beside the
//! code (`include_str!`), and the definition is a line in `bro_analyzers::ALL`.
//!
//!     cargo run --example daytime CAPTURE

use bro_analyzers::support::lines::{Ending, Lines};
use bro_session::analyzer::{Analyzer, AnalyzerDef, Context};

// BEGIN analyzer
bro_events::events! {
    /// The server said what time it is
    DAYTIME = daytime(c, text);
}

/// The analyzer.
pub static ANALYZER: AnalyzerDef = AnalyzerDef {
    name: "DAYTIME",
    tag: "Analyzer::ANALYZER_DAYTIME",
    about: "Daytime: what time it is, for people",
    handles_partial: false,
    new: |_options| Box::new(Daytime::new()),
    options: &[],
    events: EVENTS,
    records: &[],
    declarations: "
## A server said what time it is.
##
## c: the connection.
##
## text: its line, without the end of line.
event daytime(c: connection, text: string);
",
    signatures: r#"
signature dpd_daytime {
    ip-proto == tcp
    payload /^[A-Z][a-z]+day, [A-Z][a-z]+ [0-9]{1,2}, [0-9]{4}/
    tcp-state responder
    enable "daytime"
}
"#,
};

/// Bytes of the answer at most; the RFC speaks of a line of text, and means a short one.
const MAX_LINE: usize = 256;

/// Daytime on one connection.  Holds at most a line.
struct Daytime {
    lines: Lines,
}

impl Daytime {
    fn new() -> Self {
        Daytime {
            lines: Lines::new(MAX_LINE),
        }
    }

    fn answer(ctx: &mut Context<'_>, text: &[u8], ending: Ending) {
        if ending == Ending::TooLong || !text.iter().all(|byte| (0x20..0x7f).contains(byte)) {
            ctx.violation("no line of text", Some(text));
            return;
        }
        ctx.confirm();
        // Building the arguments has a cost, which nobody pays for an event that no script handles.
        if ctx.wants(&DAYTIME) {
            ctx.emit(&DAYTIME, [text.into()]);
        }
    }
}

impl Analyzer for Daytime {
    fn deliver_packet(&mut self, ctx: &mut Context<'_>, is_orig: bool, data: &[u8]) {
        if !is_orig {
            let text = data.strip_suffix(b"\n").unwrap_or(data);
            Self::answer(ctx, text.strip_suffix(b"\r").unwrap_or(text), Ending::Lf);
        }
    }

    fn deliver_stream(&mut self, ctx: &mut Context<'_>, is_orig: bool, mut data: &[u8]) {
        if is_orig {
            return; // whatever the client sends is thrown away, says the RFC
        }
        while let Some(line) = self.lines.next(&mut data) {
            Self::answer(ctx, &line.text, line.ending);
        }
    }

    fn undelivered(&mut self, _ctx: &mut Context<'_>, is_orig: bool, _offset: u64, _len: u64) {
        if !is_orig {
            self.lines.reset();
        }
    }
}
// END analyzer

use bro_capture::{CaptureFile, Next, PacketSource};
use bro_events::{Command, NoFiles, Recorder, Transport, Value};
use bro_session::analyzer::AnalyzerRegistry;
use bro_session::{Options, Sessions};

/// Sessions with this analyzer alone, on its port.
fn sessions(sink: &mut Recorder) -> Sessions {
    let mut sessions = Sessions::new(AnalyzerRegistry::new(&[&ANALYZER]), Options::default(), [0; 16]);
    for transport in [Transport::Tcp, Transport::Udp] {
        let command = Command::RegisterPort {
            tag: ANALYZER.tag.to_owned(),
            port: 13,
            transport,
        };
        sessions.apply(command, sink, &mut NoFiles);
    }
    sessions
}

/// What servers said.
fn answers(sink: &Recorder) -> Vec<String> {
    let text = |args: &[Value]| match args {
        [_, Value::Str(text)] => String::from_utf8_lossy(text).into_owned(),
        _ => String::new(),
    };
    sink.named("daytime").into_iter().map(text).collect()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: daytime CAPTURE")?;
    let mut source = CaptureFile::open(std::path::Path::new(&path))?;
    let mut sink = Recorder::new();
    let mut sessions = sessions(&mut sink);
    loop {
        match source.next_packet()? {
            Next::Packet(packet) => {
                sessions.advance(packet.ts.seconds(), &mut sink, &mut NoFiles);
                sessions.packet(&packet, &mut sink, &mut NoFiles);
            }
            Next::Pending => {}
            Next::End => break,
        }
    }
    sessions.finish(&mut sink, &mut NoFiles);
    for answer in answers(&sink) {
        println!("{answer}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bro_capture::{LinkType, Packet, Timestamp};

    /// A datagram between the usual ends, without checksums.
    fn datagram(to_server: bool, payload: &[u8]) -> Vec<u8> {
        let (client, server) = ([10, 0, 0, 1], [10, 0, 0, 2]);
        let (source, destination) = if to_server {
            (client, server)
        } else {
            (server, client)
        };
        let (sport, dport): (u16, u16) = if to_server { (40000, 13) } else { (13, 40000) };
        let len = payload.len() as u16;
        let mut packet = vec![0x45, 0];
        packet.extend((28 + len).to_be_bytes());
        packet.extend([0, 0, 0, 0, 64, 17, 0, 0]);
        packet.extend(source);
        packet.extend(destination);
        packet.extend(
            [
                sport.to_be_bytes(),
                dport.to_be_bytes(),
                (8 + len).to_be_bytes(),
                [0, 0],
            ]
            .concat(),
        );
        packet.extend(payload);
        packet
    }

    fn run(datagrams: &[(bool, &[u8])]) -> Recorder {
        let mut sink = Recorder::new();
        let mut sessions = sessions(&mut sink);
        // The headers have no checksums.
        let mut options = sessions.options().clone();
        options.ignore_checksums = true;
        sessions.set_options(options);
        for (number, (to_server, payload)) in datagrams.iter().enumerate() {
            let bytes = datagram(*to_server, payload);
            let ts = Timestamp::from_nanos(1_000_000_000 + number as i64);
            sessions.packet(&Packet::new(ts, &bytes, LinkType(101)), &mut sink, &mut NoFiles);
        }
        sessions.finish(&mut sink, &mut NoFiles);
        sink
    }

    #[test]
    fn an_answer_is_an_event() {
        let sink = run(&[
            (true, b""),
            (true, b"?"),
            (false, b"Tuesday, February 22, 1982 17:37:43-PST\r\n"),
        ]);
        assert_eq!(answers(&sink), ["Tuesday, February 22, 1982 17:37:43-PST"]);
        assert_eq!(sink.named("analyzer_confirmation_info").len(), 1);
    }

    #[test]
    fn what_is_no_text_is_a_violation() {
        let sink = run(&[(true, b"?"), (false, b"\0\x01\x02")]);
        assert!(answers(&sink).is_empty());
        assert_eq!(sink.named("analyzer_violation_info").len(), 1);
    }
}
