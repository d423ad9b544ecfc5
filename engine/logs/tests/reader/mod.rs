//! Reads back what [`bro_logs::format::AsciiFormatter`] writes: values by the header's account of them.

use std::fmt;
use std::net::IpAddr;

use bro_logs::escape::unescape;
use bro_logs::{Cell, Column, ColumnType, ScalarType};

/// A log of separated values, read.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadLog {
    /// Name in the header
    pub path: String,
    /// Columns in order
    pub columns: Vec<Column>,
    /// Rows in order, each with a cell for each column
    pub rows: Vec<Vec<Cell>>,
    /// Time of opening, as stated
    pub open: Option<String>,
    /// Time of closing, as stated; `None` if the log was not finished
    pub close: Option<String>,
}

/// Why a log could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// Number of the line, from 1
    pub line: usize,
    /// What is wrong with it
    pub what: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for ReadError {}

struct Form {
    separator: Vec<u8>,
    set_separator: Vec<u8>,
    empty: Vec<u8>,
    unset: Vec<u8>,
}

/// Reads a whole log with its header.  Sets and vectors whose only element is an empty string come back empty, as the
/// format does not tell the two apart; likewise one whose only element is unset comes back unset.
pub fn read_ascii(text: &[u8]) -> Result<ReadLog, ReadError> {
    let mut form = Form {
        separator: b"\t".to_vec(),
        set_separator: b",".to_vec(),
        empty: b"(empty)".to_vec(),
        unset: b"-".to_vec(),
    };
    let mut log = ReadLog {
        path: String::new(),
        columns: vec![],
        rows: vec![],
        open: None,
        close: None,
    };
    let (mut names, mut types): (Vec<String>, Vec<ColumnType>) = (vec![], vec![]);
    for (number, line) in text.split(|b| *b == b'\n').enumerate() {
        let error = |what: String| ReadError {
            line: number + 1,
            what,
        };
        if line.is_empty() {
            continue;
        }
        if let Some(meta) = line.strip_prefix(b"#") {
            if let Some(separator) = meta.strip_prefix(b"separator ") {
                form.separator = unescape(separator);
                continue;
            }
            let mut parts = split(meta, &form.separator).into_iter();
            let key = String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
            let values: Vec<Vec<u8>> = parts.map(unescape).collect();
            let texts = || values.iter().map(|v| String::from_utf8_lossy(v).into_owned());
            let first = || values.first().cloned().unwrap_or_default();
            match key.as_str() {
                "set_separator" => form.set_separator = first(),
                "empty_field" => form.empty = first(),
                "unset_field" => form.unset = first(),
                "path" => log.path = texts().next().unwrap_or_default(),
                "open" => log.open = texts().next(),
                "close" => log.close = texts().next(),
                "fields" => names = texts().collect(),
                "types" => {
                    types = texts()
                        .map(|t| t.parse())
                        .collect::<Result<_, _>>()
                        .map_err(|e| error(format!("{e}")))?;
                }
                _ => return Err(error(format!("'{key}' is no line of a header"))),
            }
            continue;
        }
        if names.len() != types.len() || names.is_empty() {
            return Err(error(
                "a row before a header with as many types as names".to_owned(),
            ));
        }
        let fields = split(line, &form.separator);
        if fields.len() != types.len() {
            return Err(error(format!(
                "{} fields for {} columns",
                fields.len(),
                types.len()
            )));
        }
        let row: Result<Vec<Cell>, String> = fields
            .into_iter()
            .zip(&types)
            .map(|(field, kind)| form.field(field, *kind))
            .collect();
        log.rows.push(row.map_err(error)?);
    }
    log.columns = names
        .into_iter()
        .zip(types)
        .map(|(name, kind)| Column { name, kind })
        .collect();
    Ok(log)
}

fn split<'a>(text: &'a [u8], separator: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = vec![];
    let (mut begin, mut at) = (0, 0);
    while at < text.len() {
        if !separator.is_empty() && text[at..].starts_with(separator) {
            parts.push(&text[begin..at]);
            at += separator.len();
            begin = at;
        } else {
            at += 1;
        }
    }
    parts.push(&text[begin..]);
    parts
}

impl Form {
    fn field(&self, text: &[u8], kind: ColumnType) -> Result<Cell, String> {
        if text == self.unset {
            return Ok(Cell::Unset);
        }
        let elements = |t| -> Result<Vec<Cell>, String> {
            if text == self.empty {
                return Ok(vec![]);
            }
            split(text, &self.set_separator)
                .into_iter()
                .map(|e| self.scalar(e, t))
                .collect()
        };
        match kind {
            ColumnType::Scalar(t) => self.scalar(text, t),
            ColumnType::Set(t) => Ok(Cell::Set(elements(t)?)),
            ColumnType::Vector(t) => Ok(Cell::Vector(elements(t)?)),
        }
    }

    fn scalar(&self, text: &[u8], kind: ScalarType) -> Result<Cell, String> {
        if text == self.unset {
            return Ok(Cell::Unset);
        }
        let bytes = if text == self.empty {
            vec![]
        } else {
            unescape(text)
        };
        let words = String::from_utf8_lossy(&bytes).into_owned();
        let bad = || format!("'{words}' is no {}", kind.name());
        Ok(match kind {
            ScalarType::Bool => match words.as_str() {
                "T" => Cell::Bool(true),
                "F" => Cell::Bool(false),
                _ => return Err(bad()),
            },
            ScalarType::Int => Cell::Int(words.parse().map_err(|_| bad())?),
            ScalarType::Count => Cell::Count(words.parse().map_err(|_| bad())?),
            ScalarType::Double => Cell::Double(words.parse().map_err(|_| bad())?),
            ScalarType::Time => Cell::Time(words.parse().map_err(|_| bad())?),
            ScalarType::Interval => Cell::Interval(words.parse().map_err(|_| bad())?),
            ScalarType::Addr => Cell::Addr(words.parse().map_err(|_| bad())?),
            ScalarType::Subnet => {
                let (prefix, width) = words.split_once('/').ok_or_else(bad)?;
                let prefix: IpAddr = prefix.parse().map_err(|_| bad())?;
                Cell::Subnet(prefix, width.parse().map_err(|_| bad())?)
            }
            ScalarType::Port => Cell::Port(words.parse().map_err(|_| bad())?),
            ScalarType::Enum => Cell::Enum(words),
            ScalarType::String | ScalarType::Pattern | ScalarType::Func | ScalarType::File => {
                Cell::Str(bytes)
            }
        })
    }
}
