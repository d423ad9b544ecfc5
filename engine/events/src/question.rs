//! What policy decides at once, while the engine waits: functions and hooks of scripts that are called in the middle of
//! a packet because what happens next depends on their answer.

/// A function or hook of scripts that the engine asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Whether to discard an IP packet (function, with its headers)
    DiscardIp,
    /// Whether to discard a TCP segment (function, with its headers and the beginning of its payload)
    DiscardTcp,
    /// The same for UDP
    DiscardUdp,
    /// Whether to discard an ICMP message (function, with its headers)
    DiscardIcmp,
    /// Whether a connection that was silent for too long is removed (hook, with the connection)
    ConnectionTimingOut,
}

impl Question {
    /// All of them; the place of each is its number.
    pub const ALL: [Question; 5] = [
        Question::DiscardIp,
        Question::DiscardTcp,
        Question::DiscardUdp,
        Question::DiscardIcmp,
        Question::ConnectionTimingOut,
    ];

    /// The name scripts define it by.
    pub fn name(self) -> &'static str {
        match self {
            Question::DiscardIp => "discarder_check_ip",
            Question::DiscardTcp => "discarder_check_tcp",
            Question::DiscardUdp => "discarder_check_udp",
            Question::DiscardIcmp => "discarder_check_icmp",
            Question::ConnectionTimingOut => "connection_timing_out",
        }
    }

    /// Its place in [`Question::ALL`].
    pub fn number(self) -> usize {
        self as usize
    }
}

/// The questions that scripts answer.  It is made once, at the start; a question that nobody answers costs a bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Questions(u8);

impl Questions {
    /// Adds one.
    pub fn insert(&mut self, question: Question) {
        self.0 |= 1 << question.number();
    }

    /// Whether somebody answers it.
    #[inline]
    pub fn has(self, question: Question) -> bool {
        self.0 & 1 << question.number() != 0
    }
}

impl FromIterator<Question> for Questions {
    fn from_iter<T: IntoIterator<Item = Question>>(questions: T) -> Self {
        let mut all = Questions::default();
        questions.into_iter().for_each(|question| all.insert(question));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_question_has_its_own_bit() {
        for (number, question) in Question::ALL.into_iter().enumerate() {
            assert_eq!(question.number(), number);
            let only: Questions = [question].into_iter().collect();
            assert!(Question::ALL
                .into_iter()
                .all(|other| only.has(other) == (other == question)));
        }
    }
}
