//! Separated values with a header that explains them.

use crate::escape::{hex_escape, TextEscaper};
use crate::number::{address, integer, plain_double, seconds};
use crate::{AsciiOptions, CellRef, Cells, Column};

/// Writes rows as separated values.
#[derive(Debug)]
pub struct AsciiFormatter {
    options: AsciiOptions,
    escaper: TextEscaper,
    columns: Vec<Column>,
    path: String,
}

impl AsciiFormatter {
    /// For these columns; `path` is stated in the header.
    pub fn new(options: &AsciiOptions, columns: &[Column], path: &str) -> Self {
        AsciiFormatter {
            escaper: TextEscaper::new(&options.separator, &options.set_separator, options.enable_utf_8),
            options: options.clone(),
            columns: columns.to_vec(),
            path: path.to_owned(),
        }
    }

    /// Appends the header.
    pub fn header(&self, out: &mut Vec<u8>, opened: &str) {
        let names: Vec<&[u8]> = self.columns.iter().map(|c| c.name.as_bytes()).collect();
        if self.options.only_single_header_row {
            out.extend_from_slice(&names.join(&self.options.separator[..]));
            out.push(b'\n');
            return;
        }
        if !self.options.include_meta {
            return;
        }
        out.extend_from_slice(&self.options.meta_prefix);
        out.extend_from_slice(b"separator ");
        self.options
            .separator
            .iter()
            .for_each(|byte| hex_escape(out, *byte));
        out.push(b'\n');
        self.meta(out, "set_separator", &[&self.options.set_separator]);
        self.meta(out, "empty_field", &[&self.options.empty_field]);
        self.meta(out, "unset_field", &[&self.options.unset_field]);
        self.meta(out, "path", &[self.path.as_bytes()]);
        self.meta(out, "open", &[opened.as_bytes()]);
        self.meta(out, "fields", &names);
        let types: Vec<String> = self.columns.iter().map(|c| c.kind.to_string()).collect();
        let types: Vec<&[u8]> = types.iter().map(|t| t.as_bytes()).collect();
        self.meta(out, "types", &types);
    }

    /// Appends the footer.
    pub fn footer(&self, out: &mut Vec<u8>, closed: &str) {
        if self.options.include_meta && !self.options.only_single_header_row {
            self.meta(out, "close", &[closed.as_bytes()]);
        }
    }

    /// `#key<separator>value<separator>value`; what is not printable in the values is escaped, so that a line stays one.
    fn meta(&self, out: &mut Vec<u8>, key: &str, values: &[&[u8]]) {
        out.extend_from_slice(&self.options.meta_prefix);
        out.extend_from_slice(key.as_bytes());
        for value in values {
            out.extend_from_slice(&self.options.separator);
            self.escaper.string(out, value, false);
        }
        out.push(b'\n');
    }

    /// Appends a row.
    pub fn row(&self, out: &mut Vec<u8>, cells: &mut Cells<'_>) {
        let begin = out.len();
        for column in 0..self.columns.len() {
            let Some(cell) = cells.next() else { break };
            if column > 0 {
                out.extend_from_slice(&self.options.separator);
            }
            self.value(out, cell, false);
        }
        // a row must not look like a line of the header
        let prefix = &self.options.meta_prefix;
        if !prefix.is_empty() && out[begin..].starts_with(prefix) {
            let first = out[begin];
            let mut escaped = Vec::with_capacity(4);
            hex_escape(&mut escaped, first);
            out.splice(begin..=begin, escaped);
        }
        out.push(b'\n');
    }

    fn value(&self, out: &mut Vec<u8>, cell: CellRef<'_>, in_container: bool) {
        match cell {
            CellRef::Unset => out.extend_from_slice(&self.options.unset_field),
            CellRef::Bool(value) => out.push(if value { b'T' } else { b'F' }),
            CellRef::Int(value) => integer(out, value),
            CellRef::Count(value) => integer(out, value),
            CellRef::Double(value) => plain_double(out, value),
            CellRef::Time(value) | CellRef::Interval(value) => seconds(out, value),
            CellRef::Str(value) | CellRef::Enum(value) => self.string(out, value, in_container),
            CellRef::Addr(value) => address(out, value),
            CellRef::Subnet(prefix, width) => {
                address(out, prefix);
                out.push(b'/');
                integer(out, width);
            }
            CellRef::Port(value) => integer(out, value),
            CellRef::Set(cells) | CellRef::Vector(cells) => {
                if cells.is_empty() {
                    out.extend_from_slice(&self.options.empty_field);
                }
                for (i, cell) in cells.enumerate() {
                    if i > 0 {
                        out.extend_from_slice(&self.options.set_separator);
                    }
                    self.value(out, cell, true);
                }
            }
        }
    }

    /// A string; one that reads like the word for an empty or unset field has its first byte escaped.
    fn string(&self, out: &mut Vec<u8>, value: &[u8], in_container: bool) {
        if value.is_empty() {
            out.extend_from_slice(&self.options.empty_field);
        } else if value == self.options.unset_field || value == self.options.empty_field {
            hex_escape(out, value[0]);
            self.escaper.string(out, &value[1..], in_container);
        } else {
            self.escaper.string(out, value, in_container);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cell, Limits, RowBuffer};

    fn formatter(options: AsciiOptions, types: &[(&str, &str)]) -> AsciiFormatter {
        let columns: Vec<Column> = types
            .iter()
            .map(|(n, t)| Column::new(*n, t.parse().unwrap()))
            .collect();
        AsciiFormatter::new(&options, &columns, "conn")
    }

    fn row(formatter: &AsciiFormatter, cells: &[Cell]) -> String {
        let mut buffer = RowBuffer::new();
        let mut row = buffer.row(Limits::default());
        cells.iter().for_each(|cell| row.cell(cell));
        row.finish();
        let mut out = Vec::new();
        formatter.row(&mut out, &mut buffer.cells());
        String::from_utf8(out).unwrap()
    }

    const COLUMNS: &[(&str, &str)] = &[
        ("ts", "time"),
        ("id.orig_p", "port"),
        ("s", "string"),
        ("v", "vector[string]"),
        ("b", "bool"),
        ("d", "double"),
    ];

    #[test]
    fn header_and_footer() {
        let f = formatter(AsciiOptions::default(), COLUMNS);
        let mut out = Vec::new();
        f.header(&mut out, "2011-03-18-19-06-07");
        f.footer(&mut out, "2011-03-18-19-06-13");
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n\
             #open\t2011-03-18-19-06-07\n#fields\tts\tid.orig_p\ts\tv\tb\td\n\
             #types\ttime\tport\tstring\tvector[string]\tbool\tdouble\n#close\t2011-03-18-19-06-13\n"
        );
    }

    #[test]
    fn a_single_header_row() {
        let f = formatter(
            AsciiOptions {
                only_single_header_row: true,
                ..AsciiOptions::default()
            },
            COLUMNS,
        );
        let mut out = Vec::new();
        f.header(&mut out, "x");
        f.footer(&mut out, "y");
        assert_eq!(out, b"ts\tid.orig_p\ts\tv\tb\td\n");
    }

    #[test]
    fn values() {
        let f = formatter(AsciiOptions::default(), COLUMNS);
        let text = |s: &str| Cell::Str(s.as_bytes().to_vec());
        let cells = [
            Cell::Time(1_300_475_167.096_535),
            Cell::Port(53),
            text(""),
            Cell::Vector(vec![text("a,b"), text(""), text("-"), Cell::Unset]),
            Cell::Bool(false),
            Cell::Double(2.5),
        ];
        assert_eq!(
            row(&f, &cells),
            "1300475167.096535\t53\t(empty)\ta\\x2cb,(empty),\\x2d,-\tF\t2.5\n"
        );
        let cells = [
            Cell::Unset,
            Cell::Unset,
            text("(empty)"),
            Cell::Vector(vec![]),
            Cell::Unset,
            Cell::Double(0.0),
        ];
        assert_eq!(row(&f, &cells), "-\t-\t\\x28empty)\t(empty)\t-\t0.0\n");
    }

    #[test]
    fn a_row_is_no_header() {
        let f = formatter(AsciiOptions::default(), &[("s", "string")]);
        assert_eq!(row(&f, &[Cell::Str(b"#fields".to_vec())]), "\\x23fields\n");
    }
}
