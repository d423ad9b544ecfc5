//! From cells to text.

mod ascii;
mod json;

pub use ascii::AsciiFormatter;
pub use json::JsonFormatter;

use crate::{AsciiOptions, Cells, Column};

/// Writes rows, and what goes before and after them, in the form the options ask for.
#[derive(Debug)]
pub enum Formatter {
    /// Separated values
    Ascii(Box<AsciiFormatter>),
    /// A JSON object a line
    Json(JsonFormatter),
}

impl Formatter {
    /// For a log with these columns; `path` is the name the header states.
    pub fn new(options: &AsciiOptions, columns: &[Column], path: &str) -> Self {
        if options.use_json {
            Formatter::Json(JsonFormatter::new(options, columns))
        } else {
            Formatter::Ascii(Box::new(AsciiFormatter::new(options, columns, path)))
        }
    }

    /// Appends what the file begins with; `opened` is the time as the header states it.
    pub fn header(&self, out: &mut Vec<u8>, opened: &str) {
        if let Formatter::Ascii(ascii) = self {
            ascii.header(out, opened);
        }
    }

    /// Appends the next row, taking a cell for each column.
    #[inline]
    pub fn row(&self, out: &mut Vec<u8>, cells: &mut Cells<'_>) {
        match self {
            Formatter::Ascii(ascii) => ascii.row(out, cells),
            Formatter::Json(json) => json.row(out, cells),
        }
    }

    /// Appends what the file ends with.
    pub fn footer(&self, out: &mut Vec<u8>, closed: &str) {
        if let Formatter::Ascii(ascii) = self {
            ascii.footer(out, closed);
        }
    }
}
