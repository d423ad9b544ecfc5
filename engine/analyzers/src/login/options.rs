//! What policy can set: the strings by which an authentication dialog is followed.

use aho_corasick::AhoCorasick;
use bro_events::Value;
use bro_session::analyzer::OptionGroup;

/// Strings of one meaning, searched for all at once.
#[derive(Debug, Default)]
pub struct Phrases(Option<AhoCorasick>);

impl Phrases {
    fn new(strings: &[Vec<u8>]) -> Self {
        // Only sets far beyond any that a person would write cannot be built; they find nothing.
        let strings = strings.iter().filter(|s| !s.is_empty());
        Phrases(AhoCorasick::new(strings).ok().filter(|a| a.patterns_len() > 0))
    }

    /// Where the first of them ends in `line`.
    pub fn end_in(&self, line: &[u8]) -> Option<usize> {
        Some(self.0.as_ref()?.find(line)?.end())
    }

    /// Whether one of them is in `line`.
    pub fn is_in(&self, line: &[u8]) -> bool {
        self.0.as_ref().is_some_and(|a| a.is_match(line))
    }
}

/// Options of the analyzers of logins.
#[derive(Debug, Default)]
pub struct LoginOptions {
    /// Ask for a name
    pub login_prompts: Phrases,
    /// Ask for a password
    pub password_prompts: Phrases,
    /// Let in without asking
    pub direct_login_prompts: Phrases,
    /// Said to those who are in
    pub success: Phrases,
    /// Said to those who are not
    pub failure: Phrases,
    /// Looks like a refusal and is none
    pub non_failure: Phrases,
    /// The server waits no longer
    pub timeouts: Phrases,
    /// Greetings of hosts that ask for nothing
    pub skip_authentication: Phrases,
}

/// Names of [`LoginOptions`].
pub const NAMES: &[&str] = &[
    "login_prompts",
    "Login::password_prompts",
    "direct_login_prompts",
    "login_success_msgs",
    "login_failure_msgs",
    "login_non_failure_msgs",
    "login_timeouts",
    "skip_authentication",
];

impl LoginOptions {
    /// Whether a line has anything in it that only servers say in a dialog.
    pub fn is_dialog(&self, line: &[u8]) -> bool {
        [
            &self.login_prompts,
            &self.password_prompts,
            &self.direct_login_prompts,
            &self.success,
            &self.failure,
            &self.timeouts,
            &self.skip_authentication,
        ]
        .iter()
        .any(|phrases| phrases.is_in(line))
    }
}

impl OptionGroup for LoginOptions {
    const NAMES: &'static [&'static str] = NAMES;

    fn set(&mut self, name: &str, value: &Value) {
        let Value::Set(items) = value else { return };
        let strings: Vec<Vec<u8>> = items
            .iter()
            .filter_map(|item| match item {
                Value::Str(s) => Some(s.clone()),
                Value::Text(s) => Some(s.as_bytes().to_vec()),
                _ => None,
            })
            .collect();
        let slot = match name {
            "login_prompts" => &mut self.login_prompts,
            "Login::password_prompts" => &mut self.password_prompts,
            "direct_login_prompts" => &mut self.direct_login_prompts,
            "login_success_msgs" => &mut self.success,
            "login_failure_msgs" => &mut self.failure,
            "login_non_failure_msgs" => &mut self.non_failure,
            "login_timeouts" => &mut self.timeouts,
            "skip_authentication" => &mut self.skip_authentication,
            _ => return,
        };
        *slot = Phrases::new(&strings);
    }
}
