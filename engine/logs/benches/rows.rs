//! Rows a second: encoding on the packet's thread, formatting on the writer's, both together into a file.

use std::hint::black_box;
use std::net::IpAddr;

use bro_logs::{AsciiOptions, Column, Formatter, Limits, LogSpec, LogWriter, RowBuffer, RowEncoder};
use criterion::{criterion_group, criterion_main, Criterion, Throughput};

const COLUMNS: [(&str, &str); 23] = [
    ("ts", "time"),
    ("uid", "string"),
    ("id.orig_h", "addr"),
    ("id.orig_p", "port"),
    ("id.resp_h", "addr"),
    ("id.resp_p", "port"),
    ("proto", "enum"),
    ("service", "string"),
    ("duration", "interval"),
    ("orig_bytes", "count"),
    ("resp_bytes", "count"),
    ("conn_state", "string"),
    ("local_orig", "bool"),
    ("local_resp", "bool"),
    ("missed_bytes", "count"),
    ("history", "string"),
    ("orig_pkts", "count"),
    ("orig_ip_bytes", "count"),
    ("resp_pkts", "count"),
    ("resp_ip_bytes", "count"),
    ("tunnel_parents", "set[string]"),
    ("ip_proto", "count"),
    ("community_id", "string"),
];

fn columns() -> Vec<Column> {
    COLUMNS
        .iter()
        .map(|(n, t)| Column::new(*n, t.parse().expect("a known type")))
        .collect()
}

fn conn(mut row: RowEncoder<'_>, n: u64) {
    let host = IpAddr::from([10, 0, (n >> 8) as u8, n as u8]);
    row.time(1_700_000_000.0 + n as f64 / 1000.0);
    row.string(b"CHhAvVGS1DHFjwGM9");
    row.addr(host);
    row.port(n as u16);
    row.addr(host);
    row.port(443);
    row.enum_name("tcp");
    row.string(b"ssl");
    row.interval(0.150_123_834_609_985_35);
    row.count(n);
    row.count(n * 10);
    row.string(b"SF");
    row.bool(true);
    row.bool(false);
    row.count(0);
    row.string(b"ShADadFf");
    for value in [10, 700, 12, 9000] {
        row.count(value);
    }
    row.unset();
    row.count(6);
    row.unset();
    row.finish();
}

fn encoding(c: &mut Criterion) {
    let mut group = c.benchmark_group("encode");
    group.throughput(Throughput::Elements(1));
    let mut buffer = RowBuffer::new();
    let mut n = 0;
    group.bench_function("conn", |b| {
        b.iter(|| {
            if buffer.rows() == 256 {
                buffer.clear(1 << 20);
            }
            n += 1;
            conn(buffer.row(Limits::default()), black_box(n));
        });
    });
}

fn formatting(c: &mut Criterion) {
    let mut buffer = RowBuffer::new();
    (0..256).for_each(|n| conn(buffer.row(Limits::default()), n));
    let mut group = c.benchmark_group("format");
    group.throughput(Throughput::Elements(256));
    for use_json in [false, true] {
        let options = AsciiOptions {
            use_json,
            ..AsciiOptions::default()
        };
        let formatter = Formatter::new(&options, &columns(), "conn");
        let mut out = Vec::new();
        group.bench_function(if use_json { "json" } else { "ascii" }, |b| {
            b.iter(|| {
                out.clear();
                let mut cells = buffer.cells();
                (0..buffer.rows()).for_each(|_| formatter.row(&mut out, &mut cells));
                black_box(&out);
            });
        });
    }
}

fn writing(c: &mut Criterion) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut group = c.benchmark_group("write");
    group.throughput(Throughput::Elements(1));
    let mut spec = LogSpec::new("conn", columns());
    spec.directory = dir.path().to_owned();
    spec.options.use_json = true;
    let mut writer = LogWriter::new(spec);
    let mut n = 0;
    group.bench_function("conn.log", |b| {
        b.iter(|| {
            n += 1;
            conn(writer.row(), n);
            if !writer.row_done() {
                writer.hand_over();
            }
        });
    });
}

criterion_group!(benches, encoding, formatting, writing);
criterion_main!(benches);
