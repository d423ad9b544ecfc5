//! One JSON object (RFC 8259) a line.

use crate::escape::json_string;
use crate::number::{address, integer, iso8601, json_double};
use crate::{AsciiOptions, CellRef, Cells, Column, JsonTimestamps};

/// Writes rows as JSON.
#[derive(Debug)]
pub struct JsonFormatter {
    /// `"name":` for each column
    keys: Vec<Vec<u8>>,
    timestamps: JsonTimestamps,
    include_unset: bool,
}

impl JsonFormatter {
    /// For these columns.
    pub fn new(options: &AsciiOptions, columns: &[Column]) -> Self {
        let key = |column: &Column| {
            let mut key = Vec::new();
            json_string(&mut key, column.name.as_bytes());
            key.push(b':');
            key
        };
        JsonFormatter {
            keys: columns.iter().map(key).collect(),
            timestamps: options.json_timestamps,
            include_unset: options.json_include_unset_fields,
        }
    }

    /// Appends a row.
    pub fn row(&self, out: &mut Vec<u8>, cells: &mut Cells<'_>) {
        out.push(b'{');
        let begin = out.len();
        for key in &self.keys {
            let Some(cell) = cells.next() else { break };
            if matches!(cell, CellRef::Unset) && !self.include_unset {
                continue;
            }
            if out.len() > begin {
                out.push(b',');
            }
            out.extend_from_slice(key);
            self.value(out, cell);
        }
        out.extend_from_slice(b"}\n");
    }

    fn value(&self, out: &mut Vec<u8>, cell: CellRef<'_>) {
        match cell {
            CellRef::Unset => out.extend_from_slice(b"null"),
            CellRef::Bool(true) => out.extend_from_slice(b"true"),
            CellRef::Bool(false) => out.extend_from_slice(b"false"),
            CellRef::Int(value) => integer(out, value),
            CellRef::Count(value) => integer(out, value),
            CellRef::Double(value) | CellRef::Interval(value) => json_double(out, value),
            CellRef::Time(value) => self.time(out, value),
            CellRef::Str(value) | CellRef::Enum(value) => json_string(out, value),
            CellRef::Addr(value) => {
                out.push(b'"');
                address(out, value);
                out.push(b'"');
            }
            CellRef::Subnet(prefix, width) => {
                out.push(b'"');
                address(out, prefix);
                out.push(b'/');
                integer(out, width);
                out.push(b'"');
            }
            CellRef::Port(value) => integer(out, value),
            CellRef::Set(cells) | CellRef::Vector(cells) => {
                out.push(b'[');
                for (i, cell) in cells.enumerate() {
                    if i > 0 {
                        out.push(b',');
                    }
                    self.value(out, cell);
                }
                out.push(b']');
            }
        }
    }

    fn time(&self, out: &mut Vec<u8>, value: f64) {
        match self.timestamps {
            JsonTimestamps::Epoch => json_double(out, value),
            JsonTimestamps::Millis => integer(out, (value * 1000.0) as i64), // saturates
            JsonTimestamps::MillisUnsigned => integer(out, (value * 1000.0) as u64),
            JsonTimestamps::Iso8601 => {
                out.push(b'"');
                iso8601(out, value);
                out.push(b'"');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cell, Limits, RowBuffer};

    fn row(options: &AsciiOptions, cells: &[(&str, Cell)]) -> String {
        let kind = "string".parse().unwrap(); // the values decide
        let columns: Vec<Column> = cells.iter().map(|(name, _)| Column::new(*name, kind)).collect();
        let mut buffer = RowBuffer::new();
        let mut row = buffer.row(Limits::default());
        cells.iter().for_each(|(_, cell)| row.cell(cell));
        row.finish();
        let mut out = Vec::new();
        JsonFormatter::new(options, &columns).row(&mut out, &mut buffer.cells());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn values() {
        let cells = [
            ("ts", Cell::Time(1_300_475_167.096_535)),
            ("id.orig_h", Cell::Addr("10.0.0.1".parse().unwrap())),
            ("id.orig_p", Cell::Port(80)),
            ("net", Cell::Subnet("10.0.0.0".parse().unwrap(), 8)),
            ("proto", Cell::Enum("tcp".into())),
            ("duration", Cell::Interval(0.001_012_086_868_286_132_8)),
            ("gone", Cell::Unset),
            ("local", Cell::Bool(true)),
            ("delta", Cell::Int(-3)),
            ("bytes", Cell::Count(u64::MAX)),
            (
                "names",
                Cell::Vector(vec![Cell::Str(b"a\"".to_vec()), Cell::Unset]),
            ),
            ("empty", Cell::Set(vec![])),
        ];
        assert_eq!(
            row(&AsciiOptions::default(), &cells),
            concat!(
                r#"{"ts":1300475167.096535,"id.orig_h":"10.0.0.1","id.orig_p":80,"net":"10.0.0.0/8","proto":"tcp","#,
                r#""duration":0.0010120868682861328,"local":true,"delta":-3,"bytes":18446744073709551615,"#,
                r#""names":["a\"",null],"empty":[]}"#,
                "\n"
            )
        );
    }

    #[test]
    fn unset_fields_on_request() {
        let options = AsciiOptions {
            json_include_unset_fields: true,
            ..AsciiOptions::default()
        };
        assert_eq!(
            row(&options, &[("a", Cell::Unset), ("b", Cell::Count(1))]),
            "{\"a\":null,\"b\":1}\n"
        );
        assert_eq!(row(&AsciiOptions::default(), &[("a", Cell::Unset)]), "{}\n");
    }

    #[test]
    fn forms_of_time() {
        let with = |json_timestamps, time| {
            row(
                &AsciiOptions {
                    json_timestamps,
                    ..AsciiOptions::default()
                },
                &[("t", Cell::Time(time))],
            )
        };
        assert_eq!(with(JsonTimestamps::Millis, -1.5), "{\"t\":-1500}\n");
        assert_eq!(with(JsonTimestamps::MillisUnsigned, -1.5), "{\"t\":0}\n");
        assert_eq!(with(JsonTimestamps::MillisUnsigned, 12.3456), "{\"t\":12345}\n");
        assert_eq!(
            with(JsonTimestamps::Iso8601, 1.5),
            "{\"t\":\"1970-01-01T00:00:01.500000Z\"}\n"
        );
    }
}
