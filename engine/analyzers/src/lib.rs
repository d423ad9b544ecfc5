//! Protocol analyzers: one folder a protocol, each with its parser, its events (`events.bro`), and its signature
//! (`dpd.sig`).  A new one is a folder and a line in [`ALL`].
#![forbid(unsafe_code)]

use bro_session::analyzer::AnalyzerDef;

pub mod dns;
pub mod finger;
pub mod ftp;
pub mod fuzz;
pub mod http;
pub mod login;
pub mod mime;
pub mod rpc;
pub mod stream_event;
pub mod support;
pub mod zip;

pub use fuzz::fuzz;

/// Every analyzer there is.
pub static ALL: &[&AnalyzerDef] = &[
    &dns::DNS,
    &finger::FINGER,
    &ftp::FTP,
    &ftp::FTP_ADAT,
    &ftp::FTP_DATA,
    &http::HTTP,
    &login::RLOGIN,
    &rpc::PORTMAPPER,
    &rpc::MOUNT,
    &rpc::NFS,
    &login::RSH,
    &stream_event::STREAM_EVENT,
    &login::TELNET,
    &zip::ZIP,
];

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    /// Names of the parameters or fields in a list such as `c: connection, n: count`.
    fn names(list: &str, separator: char) -> Vec<String> {
        let without_comments = list
            .lines()
            .map(|l| l.split("##").next().unwrap_or_default())
            .collect::<String>();
        let name = |item: &str| item.split_once(':').map(|(name, _)| name.trim().to_owned());
        without_comments.split(separator).filter_map(name).collect()
    }

    /// Every event and record an analyzer makes is declared beside it, with the same parameters and leading fields.
    #[test]
    fn declarations_agree_with_the_code() {
        for def in ALL {
            let mut events = HashMap::new();
            let mut records = HashMap::new();
            for item in def.declarations.split("\nevent ").skip(1) {
                let (name, rest) = item.split_once('(').expect("a parameter list");
                let (params, _) = rest.split_once(");").expect("the end of the parameters");
                events.insert(name.trim(), names(params, ','));
            }
            for item in format!("\n{}", def.declarations).split("\ntype ").skip(1) {
                if let Some((name, rest)) = item.split_once(": record {") {
                    let (fields, _) = rest.split_once('}').expect("the end of the record");
                    records.insert(name.to_owned(), names(fields, ';'));
                }
            }
            for event in def.events {
                let declared = events
                    .get(event.name)
                    .unwrap_or_else(|| panic!("no event {}", event.name));
                assert_eq!(declared, event.params, "{}", event.name);
            }
            assert_eq!(events.len(), def.events.len(), "{}", def.name);
            for record in def.records {
                let declared = records
                    .get(record.name)
                    .unwrap_or_else(|| panic!("no type {}", record.name));
                assert_eq!(declared, record.fields, "{}", record.name);
            }
        }
    }

    /// Comments come before every event and parameter.
    #[test]
    fn declarations_are_documented() {
        for def in ALL {
            let lines: Vec<&str> = def.declarations.lines().collect();
            for (n, line) in lines
                .iter()
                .enumerate()
                .filter(|(_, l)| l.starts_with("event ") || l.starts_with("type "))
            {
                assert!(n > 0 && lines[n - 1].starts_with("##"), "{}: {line}", def.name);
            }
        }
    }
}
