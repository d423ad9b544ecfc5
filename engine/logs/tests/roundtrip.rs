//! What is written can be read back.

mod reader;

use self::reader::read_ascii;
use bro_logs::{
    AsciiOptions, Cell, Column, ColumnType, Formatter, JsonTimestamps, Limits, RowBuffer, ScalarType,
};
use proptest::prelude::*;
use std::net::IpAddr;

const NO_LIMITS: Limits = Limits {
    field_string_bytes: 0,
    total_string_bytes: 0,
    field_container_elements: 0,
    total_container_elements: 0,
    record_bytes: 0,
};

/// An address in the form it has after writing and reading.
fn addr() -> impl Strategy<Value = IpAddr> {
    any::<IpAddr>().prop_map(|a| a.to_canonical())
}

fn micros(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

fn scalar(kind: ScalarType) -> BoxedStrategy<Cell> {
    match kind {
        ScalarType::Bool => any::<bool>().prop_map(Cell::Bool).boxed(),
        ScalarType::Int => any::<i64>().prop_map(Cell::Int).boxed(),
        ScalarType::Count => any::<u64>().prop_map(Cell::Count).boxed(),
        ScalarType::Double => (-1e6f64..1e6).prop_map(|v| Cell::Double(micros(v))).boxed(),
        ScalarType::Time => (0f64..4e9).prop_map(|v| Cell::Time(micros(v))).boxed(),
        ScalarType::Interval => (-1e6f64..1e6).prop_map(|v| Cell::Interval(micros(v))).boxed(),
        ScalarType::Addr => addr().prop_map(Cell::Addr).boxed(),
        ScalarType::Subnet => (addr(), 0u8..=128).prop_map(|(a, w)| Cell::Subnet(a, w)).boxed(),
        ScalarType::Port => any::<u16>().prop_map(Cell::Port).boxed(),
        ScalarType::Enum => "[A-Z][a-z]{1,8}::[A-Z_]{1,8}".prop_map(Cell::Enum).boxed(),
        ScalarType::String | ScalarType::Pattern | ScalarType::Func | ScalarType::File => prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..24).prop_map(Cell::Str),
            Just(Cell::Str(b"-".to_vec())),
            Just(Cell::Str(b"(empty)".to_vec())),
            Just(Cell::Str(b"#fields\t".to_vec())),
        ]
        .boxed(),
    }
}

fn kinds() -> impl Strategy<Value = ColumnType> {
    let scalars = prop::sample::select(vec![
        ScalarType::Bool,
        ScalarType::Int,
        ScalarType::Count,
        ScalarType::Double,
        ScalarType::Time,
        ScalarType::Interval,
        ScalarType::String,
        ScalarType::Addr,
        ScalarType::Subnet,
        ScalarType::Port,
        ScalarType::Enum,
        ScalarType::Pattern,
    ]);
    (scalars, 0..4).prop_map(|(scalar, shape)| match shape {
        0 => ColumnType::Set(scalar),
        1 => ColumnType::Vector(scalar),
        _ => ColumnType::Scalar(scalar),
    })
}

/// Values of a column, without the two that the format cannot tell from others.
fn cell(kind: ColumnType) -> BoxedStrategy<Cell> {
    let elements = |scalar_type| {
        let element = prop_oneof![9 => scalar(scalar_type), 1 => Just(Cell::Unset)];
        proptest::collection::vec(element, 0..5).prop_filter("ambiguous", |e| {
            !matches!(&e[..], [Cell::Unset]) && e != &[Cell::Str(vec![])]
        })
    };
    let value = match kind {
        ColumnType::Scalar(t) => scalar(t),
        ColumnType::Set(t) => elements(t).prop_map(Cell::Set).boxed(),
        ColumnType::Vector(t) => elements(t).prop_map(Cell::Vector).boxed(),
    };
    prop_oneof![5 => value, 1 => Just(Cell::Unset)].boxed()
}

fn log() -> impl Strategy<Value = (Vec<Column>, Vec<Vec<Cell>>)> {
    proptest::collection::vec(kinds(), 1..8).prop_flat_map(|kinds| {
        let columns = kinds
            .iter()
            .enumerate()
            .map(|(i, k)| Column::new(format!("c{i}"), *k))
            .collect::<Vec<_>>();
        let row: Vec<BoxedStrategy<Cell>> = kinds.into_iter().map(cell).collect();
        (Just(columns), proptest::collection::vec(row, 0..6))
    })
}

fn format(options: &AsciiOptions, columns: &[Column], rows: &[Vec<Cell>]) -> Vec<u8> {
    let mut buffer = RowBuffer::new();
    for cells in rows {
        let mut row = buffer.row(NO_LIMITS);
        cells.iter().for_each(|c| row.cell(c));
        assert!(row.finish().is_intact());
    }
    let formatter = Formatter::new(options, columns, "some/path");
    let mut out = Vec::new();
    formatter.header(&mut out, "2024-01-01-00-00-00");
    let mut cells = buffer.cells();
    rows.iter().for_each(|_| formatter.row(&mut out, &mut cells));
    formatter.footer(&mut out, "2024-01-01-00-00-01");
    out
}

proptest! {
    #[test]
    fn ascii_reads_back((columns, rows) in log(), utf8: bool, other_separators: bool) {
        let mut options = AsciiOptions { enable_utf_8: utf8, ..AsciiOptions::default() };
        if other_separators {
            options.set("separator", b"||").unwrap();
            options.set("set_separator", b";").unwrap();
        }
        let text = format(&options, &columns, &rows);
        let back = read_ascii(&text).unwrap();
        prop_assert_eq!(back.rows, rows);
        prop_assert_eq!(back.columns, columns);
        prop_assert_eq!(back.path, "some/path");
        prop_assert_eq!(back.close.as_deref(), Some("2024-01-01-00-00-01"));
    }

    #[test]
    fn json_is_valid((columns, rows) in log(), unset: bool, form in 0..4) {
        let json_timestamps = [
            JsonTimestamps::Epoch, JsonTimestamps::Millis, JsonTimestamps::MillisUnsigned, JsonTimestamps::Iso8601,
        ][form as usize];
        let options = AsciiOptions {
            use_json: true, json_include_unset_fields: unset, json_timestamps, ..AsciiOptions::default()
        };
        let text = String::from_utf8(format(&options, &columns, &rows)).unwrap();
        prop_assert_eq!(text.lines().count(), rows.len());
        for (line, row) in text.lines().zip(&rows) {
            let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
            let set = row.iter().filter(|c| unset || **c != Cell::Unset).count();
            prop_assert_eq!(object.len(), set);
            for (column, cell) in columns.iter().zip(row) {
                match (cell, object.get(&column.name)) {
                    (Cell::Unset, value) => prop_assert_eq!(value.is_some(), unset),
                    (Cell::Count(n), Some(value)) => prop_assert_eq!(value.as_u64(), Some(*n)),
                    (Cell::Int(n), Some(value)) => prop_assert_eq!(value.as_i64(), Some(*n)),
                    (Cell::Interval(n), Some(value)) => prop_assert_eq!(value.as_f64(), Some(*n)),
                    (Cell::Set(e) | Cell::Vector(e), Some(value)) => {
                        prop_assert_eq!(value.as_array().map(Vec::len), Some(e.len()));
                    }
                    (_, value) => prop_assert!(value.is_some()),
                }
            }
        }
    }
}
