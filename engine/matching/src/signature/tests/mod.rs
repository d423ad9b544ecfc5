//! The language, and what connections make of it; this module has what the tests by subject share.

use std::sync::Arc;

use super::*;

mod contents;
mod dependencies;
mod files;
mod headers;
mod language;
mod sharing;

fn parsed(text: &str) -> Vec<Signature> {
    parse("test.sig", text.as_bytes()).unwrap_or_else(|errors| panic!("{}", errors[0]))
}

fn errors(text: &str) -> Vec<String> {
    parse("test.sig", text.as_bytes())
        .unwrap_err()
        .iter()
        .map(ToString::to_string)
        .collect()
}

fn compiled(text: &str) -> SignatureSet {
    SignatureSet::compile(parsed(text), &mut NoNames).unwrap_or_else(|errors| panic!("{}", errors[0]))
}

const CLIENT: &str = "10.0.0.1";
const SERVER: &str = "192.168.1.80";

/// A connection under test.
struct Flow {
    matcher: SignatureMatcher,
    flow: FlowMatcher,
    established: bool,
    /// `eval` functions and what they say; called ones are noted.
    agrees: Box<dyn EvalHost>,
    facts: PacketFacts<'static>,
    last: Vec<SignatureMatch>,
}

impl Flow {
    fn tcp(text: &str) -> Flow {
        Flow::with(compiled(text), 6)
    }

    fn udp(text: &str) -> Flow {
        Flow::with(compiled(text), 17)
    }

    fn with(set: SignatureSet, protocol: u8) -> Flow {
        let facts = PacketFacts {
            is_orig: true,
            source: CLIENT.parse().unwrap(),
            destination: SERVER.parse().unwrap(),
            source_port: 40_000,
            destination_port: 80,
            protocol,
            ip_header: &[],
            transport_header: &[],
        };
        let matcher = SignatureMatcher::new(Arc::new(set));
        Flow {
            matcher,
            flow: FlowMatcher::default(),
            established: true,
            agrees: Box::new(|_: &EvalRequest<'_>| true),
            facts,
            last: vec![],
        }
    }

    fn names(&mut self, out: Vec<SignatureMatch>) -> Vec<String> {
        let set = self.matcher.set();
        let names = out.iter().map(|found| {
            format!(
                "{}{}",
                if found.is_orig { ">" } else { "<" },
                set.get(found.signature).unwrap().id
            )
        });
        let names = names.collect();
        self.last = out;
        names
    }

    fn status(&self) -> FlowStatus {
        FlowStatus {
            established: self.established,
        }
    }

    fn begin(&mut self, is_orig: bool) -> Vec<String> {
        let mut facts = PacketFacts {
            is_orig,
            ..self.facts
        };
        if !is_orig {
            std::mem::swap(&mut facts.source, &mut facts.destination);
            std::mem::swap(&mut facts.source_port, &mut facts.destination_port);
        }
        let mut out = Vec::new();
        let status = self.status();
        self.flow
            .begin(&mut self.matcher, &facts, status, &mut *self.agrees, &mut out);
        self.names(out)
    }

    fn packet(&mut self, is_orig: bool, data: &[u8]) -> Vec<String> {
        let mut found = self.begin(is_orig);
        let mut out = Vec::new();
        let status = self.status();
        self.flow.packet(
            &mut self.matcher,
            data,
            is_orig,
            status,
            &mut *self.agrees,
            &mut out,
        );
        found.extend(self.names(out));
        found
    }

    fn chunk(&mut self, is_orig: bool, data: &[u8], begin: bool, end: bool) -> Vec<String> {
        let mut found = self.begin(is_orig);
        let mut out = Vec::new();
        let status = self.status();
        let chunk = Chunk {
            data,
            is_orig,
            begin,
            end,
        };
        self.flow
            .stream(&mut self.matcher, chunk, status, &mut *self.agrees, &mut out);
        found.extend(self.names(out));
        found
    }

    fn stream(&mut self, is_orig: bool, data: &[u8]) -> Vec<String> {
        self.chunk(is_orig, data, false, false)
    }

    fn content(&mut self, context: Context, is_orig: bool, data: &[u8], begin: bool) -> Vec<String> {
        let mut found = self.begin(is_orig);
        let mut out = Vec::new();
        let status = self.status();
        let chunk = Chunk {
            data,
            is_orig,
            begin,
            end: false,
        };
        self.flow.content(
            &mut self.matcher,
            context,
            chunk,
            status,
            &mut *self.agrees,
            &mut out,
        );
        found.extend(self.names(out));
        found
    }

    fn finish(&mut self) -> Vec<String> {
        let mut out = Vec::new();
        let status = self.status();
        self.flow
            .finish(&mut self.matcher, status, &mut *self.agrees, &mut out);
        self.names(out)
    }
}

const NOTHING: [&str; 0] = [];
