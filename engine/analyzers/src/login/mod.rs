//! Interactive logins: Telnet (RFC 854), rlogin (RFC 1282) and rsh, with the authentication dialog that Telnet and rlogin
//! leave to the programs at their ends.
//!
//! There is no syntax to such a dialog.  It is followed by what programs print (prompts, refusals, greetings; policy
//! knows them, see `login_prompts` and its kin), not by a sequence of states, and what the user types is kept apart and
//! taken as prompts ask for it, because people type ahead (Paxson 1998, section 6.4).

mod dialog;
mod environment;
mod lines;
mod negotiation;
mod options;
mod rlogin;
mod rsh;
mod telnet;
#[cfg(test)]
mod tests;
mod vocabulary;

use bro_session::analyzer::AnalyzerDef;

use vocabulary as v;

/// Telnet.
pub static TELNET: AnalyzerDef = AnalyzerDef {
    name: "TELNET",
    tag: "Analyzer::ANALYZER_TELNET",
    about: "Interactive logins over Telnet: options, the authentication dialog, lines",
    handles_partial: true,
    new: |options| Box::new(telnet::Telnet::new(options)),
    options: options::NAMES,
    events: v::EVENTS,
    records: &[],
    declarations: include_str!("events.bro"),
    signatures: "",
};

/// rlogin.
pub static RLOGIN: AnalyzerDef = AnalyzerDef {
    name: "RLOGIN",
    tag: "Analyzer::ANALYZER_RLOGIN",
    about: "Interactive logins over rlogin: names, the authentication dialog, lines",
    handles_partial: false,
    new: |options| Box::new(rlogin::Rlogin::new(options)),
    options: options::NAMES,
    events: &[],
    records: &[],
    declarations: "",
    signatures: "",
};

/// rsh.
pub static RSH: AnalyzerDef = AnalyzerDef {
    name: "RSH",
    tag: "Analyzer::ANALYZER_RSH",
    about: "Commands run by rsh: names, the command, lines",
    handles_partial: false,
    new: |_| Box::new(rsh::Rsh::default()),
    options: &[],
    events: rsh::EVENTS,
    records: &[],
    declarations: include_str!("rsh.bro"),
    signatures: "",
};
