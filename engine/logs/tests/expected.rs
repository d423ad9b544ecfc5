//! The JSON format against logs that other programs wrote: each row is taken apart into values and has to come out the
//! same, byte by byte but for the last digit of numbers that have several shortest forms.  Needs the folder of expected logs (`BRO_SHARED`, else `shared` beside the repository); passes
//! over where that is absent.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use bro_logs::{AsciiOptions, Cell, Column, ColumnType, Formatter, Limits, RowBuffer, ScalarType};
use serde_json::{Map, Value};

const NO_LIMITS: Limits = Limits {
    field_string_bytes: 0,
    total_string_bytes: 0,
    field_container_elements: 0,
    total_container_elements: 0,
    record_bytes: 0,
};

fn shared() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = std::env::var_os("BRO_SHARED").map_or(beside, PathBuf::from);
    folder.join("conformance/expected").is_dir().then_some(folder)
}

/// Columns of each log, in order.
fn columns(shared: &Path) -> HashMap<String, Vec<Column>> {
    let text = fs::read_to_string(shared.join("reference/log-columns.tsv")).unwrap();
    let mut logs: HashMap<String, Vec<Column>> = HashMap::new();
    for line in text.lines().skip(1) {
        let [log, _, name, kind] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        logs.entry(log.to_owned())
            .or_default()
            .push(Column::new(name, kind.parse().unwrap()));
    }
    logs
}

/// The bytes of a string whose unprintable ones are written `\xHH`.
fn bytes(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let digits = tail
            .strip_prefix(b"x")
            .and_then(|t| t.get(..2))
            .and_then(|d| std::str::from_utf8(d).ok());
        let byte = digits
            .and_then(|d| u8::from_str_radix(d, 16).ok())
            .filter(|b| !(32..127).contains(b));
        match byte.filter(|_| first == b'\\') {
            Some(byte) => {
                out.push(byte);
                rest = &tail[3..];
            }
            None => {
                out.push(first);
                rest = tail;
            }
        }
    }
    out
}

fn scalar(value: &Value, kind: ScalarType) -> Cell {
    let text = || value.as_str().unwrap();
    match kind {
        ScalarType::Bool => Cell::Bool(value.as_bool().unwrap()),
        ScalarType::Int => Cell::Int(value.as_i64().unwrap()),
        ScalarType::Count => Cell::Count(value.as_u64().unwrap()),
        ScalarType::Double => Cell::Double(value.as_f64().unwrap()),
        ScalarType::Time => Cell::Time(value.as_f64().unwrap()),
        ScalarType::Interval => Cell::Interval(value.as_f64().unwrap()),
        ScalarType::Addr => Cell::Addr(text().parse().unwrap()),
        ScalarType::Subnet => {
            let (prefix, width) = text().split_once('/').unwrap();
            Cell::Subnet(prefix.parse().unwrap(), width.parse().unwrap())
        }
        ScalarType::Port => Cell::Port(value.as_u64().unwrap().try_into().unwrap()),
        ScalarType::Enum => Cell::Enum(text().to_owned()),
        ScalarType::String | ScalarType::Pattern | ScalarType::Func | ScalarType::File => {
            Cell::Str(bytes(text()))
        }
    }
}

fn cell(value: Option<&Value>, kind: ColumnType) -> Cell {
    let Some(value) = value else { return Cell::Unset };
    let elements = |kind| {
        let element = |e: &Value| if e.is_null() { Cell::Unset } else { scalar(e, kind) };
        value.as_array().unwrap().iter().map(element).collect()
    };
    match kind {
        ColumnType::Scalar(kind) => scalar(value, kind),
        ColumnType::Set(kind) => Cell::Set(elements(kind)),
        ColumnType::Vector(kind) => Cell::Vector(elements(kind)),
    }
}

/// Whether two rows are the same text, where numbers that read as the same value count as the same.
fn same_text(a: &str, b: &str) -> bool {
    let number = |part: &str| {
        part.rsplit([':', '['])
            .next()?
            .trim_end_matches([']', '}'])
            .parse::<f64>()
            .ok()
    };
    let (left, right) = (a.split(','), b.split(','));
    a == b
        || left.clone().count() == right.clone().count()
            && left
                .zip(right)
                .all(|(l, r)| l == r || (number(l).is_some() && number(l) == number(r)))
}

fn logs_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            logs_below(&path, found);
        } else if path.extension().is_some_and(|e| e == "log") {
            found.push(path);
        }
    }
}

#[test]
fn rows_come_out_as_others_write_them() {
    let Some(shared) = shared() else { return };
    let columns = columns(&shared);
    let options = AsciiOptions {
        use_json: true,
        ..AsciiOptions::default()
    };
    let mut logs = Vec::new();
    logs_below(&shared.join("conformance/expected"), &mut logs);
    let (mut rows, mut different) = (0, Vec::new());
    for log in logs {
        let Some(columns) = columns.get(log.file_stem().unwrap().to_str().unwrap()) else {
            continue;
        };
        let formatter = Formatter::new(&options, columns, "any");
        for line in fs::read_to_string(&log).unwrap().lines() {
            let object: Map<String, Value> = serde_json::from_str(line).unwrap();
            let mut buffer = RowBuffer::new();
            let mut row = buffer.row(NO_LIMITS);
            columns
                .iter()
                .for_each(|c| row.cell(&cell(object.get(&c.name), c.kind)));
            assert!(row.finish().is_intact());
            let mut out = Vec::new();
            formatter.row(&mut out, &mut buffer.cells());
            let ours = String::from_utf8(out).unwrap();
            rows += 1;
            if !same_text(ours.trim_end(), line) {
                different.push(format!("{}\nexpected {line}\nwritten  {ours}", log.display()));
            }
        }
    }
    assert!(rows > 1000, "only {rows} rows were found");
    assert!(
        different.is_empty(),
        "{} of {rows}:\n{}",
        different.len(),
        different[..different.len().min(10)].join("\n")
    );
}
