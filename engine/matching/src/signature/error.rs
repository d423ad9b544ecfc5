//! Where something stands in a signature file, and what is wrong with it.

use std::fmt;
use std::sync::Arc;

/// How much of a long line is shown.
const SHOWN: usize = 100;

/// A place in a signature file, with what is needed to show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The file's name, as the user gave it.
    pub file: Arc<str>,
    /// From 1.
    pub line: u32,
    /// In bytes, from 1.
    pub column: u32,
    /// How many bytes to underline, at least 1.
    pub width: u32,
    /// The line's text, or the part of it around the column if it is long; bytes that are no UTF-8 are replaced.
    pub excerpt: Arc<str>,
    /// How many characters of the excerpt stand before the column.
    pub indent: u32,
}

impl Position {
    /// The place `at` in `text`.
    pub(super) fn new(
        file: &Arc<str>,
        text: &[u8],
        line_start: usize,
        line: u32,
        at: usize,
        width: usize,
    ) -> Position {
        // The line may be of any length, and every token has a position: only what is near is looked at.
        let at = at.max(line_start);
        let after = text
            .get(at..)
            .unwrap_or_default()
            .iter()
            .take(SHOWN)
            .take_while(|&&byte| byte != b'\n')
            .count();
        let before = at - line_start;
        let from = if before > SHOWN / 2 && before + after > SHOWN {
            at - SHOWN / 2
        } else {
            line_start
        };
        let to = (from + SHOWN).min(at + after);
        let show = |from: usize, to: usize| -> String {
            // A tab has no width of its own, so it is shown as one blank: the caret then stands below its place.
            // Other control characters do not go to the terminal.
            String::from_utf8_lossy(text.get(from..to).unwrap_or_default())
                .replace(['\t', '\r'], " ")
                .replace(char::is_control, "\u{fffd}")
        };
        let indent = show(from, at).chars().count() as u32;
        let excerpt: Arc<str> = show(from, to).trim_end().into();
        let width = width.clamp(1, to.saturating_sub(at).max(1)) as u32;
        Position {
            file: Arc::clone(file),
            line,
            column: (before + 1) as u32,
            width,
            excerpt,
            indent,
        }
    }
}

/// What is wrong with a signature. Its display form names file, line and column, and shows the line with a caret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureError {
    /// Where.
    pub position: Position,
    /// What, and what to do about it.
    pub message: String,
}

impl fmt::Display for SignatureError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position {
            file,
            line,
            column,
            width,
            excerpt,
            indent,
        } = &self.position;
        writeln!(out, "{file}:{line}:{column}: {}", self.message)?;
        writeln!(out, "    {excerpt}")?;
        write!(
            out,
            "    {:indent$}{}",
            "",
            "^".repeat(*width as usize),
            indent = *indent as usize
        )
    }
}

impl std::error::Error for SignatureError {}
