use proptest::prelude::*;

use super::*;

/// What came out: bytes by data sequence number, and ranges that were wrong.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    data: Vec<(u64, Vec<u8>)>,
    wrong: Vec<(u64, u64)>,
}

impl Seen {
    fn take(&mut self, out: Out<'_>) {
        match out {
            Out::Data(dsn, bytes) => match self.data.last_mut() {
                Some((start, last)) if start.wrapping_add(last.len() as u64) == dsn => last.extend(bytes),
                _ => self.data.push((dsn, bytes.to_vec())),
            },
            Out::Wrong(dsn, bytes) => self.wrong.push((dsn, bytes.len() as u64)),
        }
    }

    fn data(&self) -> Vec<(u64, &str)> {
        let text = |bytes| std::str::from_utf8(bytes).expect("text");
        self.data.iter().map(|(dsn, bytes)| (*dsn, text(bytes))).collect()
    }
}

struct Path {
    side: Side,
    seen: Seen,
}

impl Path {
    fn new(seen: bool) -> Self {
        Path {
            side: Side::new(seen),
            seen: Seen::default(),
        }
    }

    fn map(&mut self, at: u64, len: u64, mapping: Mapping) -> News {
        let Path { side, seen } = self;
        side.map(at, len, mapping, &mut |out| seen.take(out))
    }

    fn data(&mut self, at: u64, bytes: &str) {
        let Path { side, seen } = self;
        side.data(at, bytes.as_bytes(), &mut |out| seen.take(out));
    }

    fn gap(&mut self, at: u64, len: u64) {
        let Path { side, seen } = self;
        side.gap(at, len, &mut |out| seen.take(out));
    }

    fn go_on(&mut self, next: u64) {
        let Path { side, seen } = self;
        side.go_on(next, &mut |out| seen.take(out));
    }
}

fn mapping(dsn: u64, ssn: u32, len: u16) -> Mapping {
    Mapping {
        dsn,
        ssn,
        len,
        fin: false,
        check: Check::None,
    }
}

/// The checksum by the letter: over words of the pseudo-header and the data.
fn sum(mapping: &Mapping, bytes: &[u8]) -> u16 {
    let mut all = mapping.dsn.to_be_bytes().to_vec();
    all.extend(mapping.ssn.to_be_bytes());
    all.extend(mapping.len.to_be_bytes());
    all.extend([0, 0]);
    all.extend(bytes);
    all.resize(all.len().next_multiple_of(2), 0);
    let mut sum: u32 = 0;
    for word in all.chunks(2) {
        sum += u32::from(u16::from_be_bytes([word[0], word[1]]));
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

fn checked(dsn: u64, ssn: u32, bytes: &str) -> Mapping {
    let mut mapping = mapping(dsn, ssn, bytes.len() as u16);
    mapping.check = Check::Sum(sum(&mapping, bytes.as_bytes()));
    mapping
}

#[test]
fn a_mapping_longer_than_a_segment_comes_with_each() {
    let mut path = Path::new(true);
    for (at, bytes) in [(1, "abcd"), (5, "efgh"), (9, "ij")] {
        assert_eq!(path.map(at, bytes.len() as u64, mapping(1000, 1, 10)), News::Fine);
        path.data(at, bytes);
    }
    assert_eq!(path.seen.data(), [(1000, "abcdefghij")]);
    assert_eq!(path.side.memory(), 0);
}

#[test]
fn bytes_wait_for_their_mapping() {
    let mut path = Path::new(true);
    path.data(1, "abcdef");
    assert!(path.side.has_loose() && path.seen.data.is_empty());
    path.map(7, 0, mapping(900, 3, 2));
    assert_eq!(path.seen.data(), [(900, "cd")]);
    path.map(7, 0, mapping(800, 1, 2));
    path.map(7, 0, mapping(700, 5, 4));
    path.data(7, "gh");
    assert_eq!(path.seen.data(), [(900, "cd"), (800, "ab"), (700, "efgh")]);
    assert!(!path.side.has_loose());
    assert_eq!(path.side.memory(), 0);
}

#[test]
fn a_mapping_that_contradicts_an_earlier_one_does_not_count() {
    let mut path = Path::new(true);
    path.map(1, 4, mapping(1000, 1, 8));
    assert_eq!(path.map(1, 4, mapping(2000, 1, 8)), News::Contradiction);
    assert_eq!(path.map(1, 4, mapping(2000, 5, 4)), News::Contradiction);
    // It may grow.
    assert_eq!(path.map(1, 4, mapping(1004, 5, 8)), News::Fine);
    path.data(1, "abcdefghijkl");
    assert_eq!(path.seen.data(), [(1000, "abcdefghijkl")]);
}

#[test]
fn a_range_counts_when_its_checksum_is_right() {
    let mut path = Path::new(true);
    let right = checked(u64::MAX - 2, 1, "hello world");
    path.map(1, 5, right);
    path.data(1, "hello");
    assert!(path.seen.data.is_empty());
    path.map(6, 6, right);
    path.data(6, " world");
    assert_eq!(path.seen.data(), [(u64::MAX - 2, "hello world")]);
    path.map(12, 3, checked(9, 12, "abc"));
    path.data(12, "abd");
    assert_eq!(path.seen.wrong, [(9, 3)]);
    assert_eq!(path.seen.data.len(), 1);
    // With other numbers, or none, the same bytes are wrong.
    for wrong in [
        Mapping {
            dsn: 30,
            ..checked(29, 15, "xy")
        },
        Mapping {
            check: Check::Missing,
            ..mapping(29, 15, 2)
        },
    ] {
        let mut path = Path::new(true);
        path.data(1, "--------------");
        path.map(15, 2, wrong);
        path.data(15, "xy");
        assert_eq!(path.seen.wrong.len(), 1, "{wrong:?}");
    }
}

#[test]
fn the_data_fin_counts_for_the_checksum_and_is_no_byte() {
    let mut path = Path::new(true);
    let mut last = Mapping {
        fin: true,
        ..mapping(50, 1, 4)
    };
    last.check = Check::Sum(sum(&last, b"end"));
    path.map(1, 3, last);
    path.data(1, "end");
    assert_eq!(path.seen.data(), [(50, "end")]);
    assert_eq!(
        path.map(
            0,
            0,
            Mapping {
                fin: true,
                ..mapping(54, 0, 1)
            }
        ),
        News::Fine
    );
    assert_eq!(path.side.memory(), 0);
}

#[test]
fn a_range_of_which_a_part_was_not_seen_counts_as_it_is() {
    let mut path = Path::new(true);
    path.map(1, 2, checked(100, 1, "abcdefgh"));
    path.data(1, "ab");
    path.gap(3, 2);
    path.data(5, "efgh");
    assert_eq!(path.seen.data(), [(100, "ab"), (104, "efgh")]);
    // All of it, with others before and behind.
    path.map(9, 2, checked(108, 9, "ij"));
    path.map(9, 2, checked(110, 11, "kl"));
    path.gap(9, 2);
    path.data(11, "kl");
    assert_eq!(path.seen.data(), [(100, "ab"), (104, "efgh"), (110, "kl")]);
    assert_eq!(path.side.memory(), 0);
}

#[test]
fn what_was_wrong_counts_when_the_receiver_goes_on_with_it() {
    let mut path = Path::new(true);
    path.map(1, 3, checked(100, 1, "abc"));
    path.data(1, "axc");
    path.map(4, 3, checked(103, 4, "def"));
    path.data(4, "d");
    assert!(path.side.has_wrong() && path.seen.data.is_empty());
    path.go_on(100);
    path.data(5, "ef more");
    assert_eq!(path.seen.data(), [(100, "axcdef more")]);
    assert!(path.side.is_infinite());
}

#[test]
fn without_mappings_bytes_belong_behind_each_other() {
    let mut path = Path::new(true);
    path.map(1, 2, mapping(500, 1, 2));
    path.data(1, "ab");
    path.data(3, "cd");
    path.go_on(502);
    path.data(5, "ef");
    assert_eq!(path.seen.data(), [(500, "abcdef")]);
}

#[test]
fn an_infinite_mapping_reaches_back() {
    let mut path = Path::new(true);
    path.map(1, 2, checked(500, 1, "ab"));
    path.data(1, "aX");
    path.data(3, "cd");
    let Path { side, seen } = &mut path;
    side.infinite_from(1, 500, &mut |out| seen.take(out));
    path.data(5, "ef");
    assert_eq!(path.seen.data(), [(500, "aXcdef")]);
}

#[test]
fn numbers_of_a_subflow_whose_beginning_was_not_seen() {
    // TCP calls the first byte it has seen 1; it is number 5003, in the middle of a mapping from 5001 on.
    let mut path = Path::new(false);
    path.map(1, 4, mapping(100, 5001, 8));
    path.data(1, "cdef");
    assert!(path.seen.data.is_empty(), "it may begin at 5001 to 5005");
    path.map(5, 2, mapping(100, 5001, 8));
    path.data(5, "gh");
    path.map(7, 3, mapping(108, 5009, 6));
    path.data(7, "ijk");
    assert_eq!(path.seen.data(), [(102, "cdefghijk")]);
    // A segment that is a mapping tells at once.
    let mut path = Path::new(false);
    path.map(1, 4, mapping(100, 77, 4));
    path.data(1, "abcd");
    assert_eq!(path.seen.data(), [(100, "abcd")]);
}

#[test]
fn what_is_kept_is_bounded() {
    let mut path = Path::new(true);
    for i in 0..100_000u32 {
        path.map(1, 0, mapping(u64::from(i) * 9, 100 + i * 2, 1));
    }
    assert!(path.side.mappings.len() <= MOST_MAPPINGS);
    let mut path = Path::new(true);
    let text = "x".repeat(1000);
    for i in 0..1000 {
        path.data(1 + i * 1000, &text);
    }
    assert!(path.side.is_loose_full() && path.side.memory() <= MOST_LOOSE + 64);
    let mut path = Path::new(false);
    for i in 0..1000 {
        path.data(1 + i * 1000, &text);
    }
    assert!(path.side.early.len() < 200);
}

proptest! {
    /// However the bytes are cut into segments and mappings, and whether mappings come early, with each segment, or
    /// late: each byte goes where its mapping says.
    #[test]
    fn all_bytes_find_their_place(
        data in proptest::collection::vec(any::<u8>(), 1..500),
        lens in proptest::collection::vec(1..60usize, 20),
        cuts in proptest::collection::vec(1..50usize, 1..20),
        late in proptest::collection::vec(0..3u8, 20),
        with_sums: bool,
        base: u64,
    ) {
        let mut path = Path::new(true);
        // Mappings take turns between two lines.
        let mut mappings = Vec::new();
        let mut at = 0;
        for (i, len) in lens.iter().cycle().enumerate() {
            if at >= data.len() {
                break;
            }
            let len = (*len).min(data.len() - at);
            let mut one = mapping(base.wrapping_add(at as u64 + (i as u64 % 2) * 1_000_000), at as u32 + 1, len as u16);
            if with_sums {
                one.check = Check::Sum(sum(&one, &data[at..at + len]));
            }
            mappings.push((one, at..at + len, late[i % late.len()]));
            at += len;
        }
        let mut found = vec![None; data.len()];
        let mut seen = Vec::new();
        let mut take = |out: Out<'_>| match out {
            Out::Data(dsn, bytes) => seen.push((dsn, bytes.to_vec())),
            Out::Wrong(..) => panic!("all are right"),
        };
        let mut from = 0;
        let mut cuts = cuts.iter().cycle();
        while from < data.len() {
            let to = data.len().min(from + cuts.next().copied().unwrap_or(1));
            for (one, range, late) in &mappings {
                if *late < 2 && range.start < to && range.end > from || *late == 0 {
                    path.side.map(from as u64 + 1, (to - from) as u64, *one, &mut take);
                }
            }
            path.side.data(from as u64 + 1, &data[from..to], &mut take);
            from = to;
        }
        for (one, ..) in &mappings {
            path.side.map(data.len() as u64 + 1, 0, *one, &mut take);
        }
        for (one, range, _) in &mappings {
            for (dsn, bytes) in &seen {
                let from = dsn.wrapping_sub(one.dsn);
                if from < range.len() as u64 {
                    for (i, byte) in bytes.iter().enumerate().take(range.len() - from as usize) {
                        let place = &mut found[range.start + from as usize + i];
                        prop_assert_eq!(place.replace(*byte), None, "each once");
                    }
                }
            }
        }
        let found: Vec<u8> = found.into_iter().flatten().collect();
        prop_assert_eq!(found, data);
    }

    /// Nothing that mappings say makes it fail, or keep without limit.
    #[test]
    fn anything_may_come(steps in proptest::collection::vec((0..5u8, any::<u32>(), any::<u16>(), any::<u64>(), 0..300u64), 0..200), seen: bool) {
        let mut side = Side::new(seen);
        let mut next = 1;
        for (kind, ssn, len, dsn, n) in steps {
            let near = if ssn % 2 == 0 { next as u32 + ssn % 50 } else { ssn };
            let one = Mapping { fin: n % 7 == 0, check: if n % 2 == 0 { Check::Sum(len) } else { Check::None }, ..mapping(dsn, near, len) };
            match kind {
                0 | 1 => { side.map(next, n, one, &mut |_| ()); }
                2 => side.gap(next, n, &mut |_| ()),
                3 if n == 0 => side.go_on(dsn, &mut |_| ()),
                4 if n == 1 => side.infinite_from(near, dsn, &mut |_| ()),
                _ => side.data(next, &vec![1; n as usize], &mut |_| ()),
            }
            if kind > 1 {
                next += n;
            }
        }
        side.finish(&mut |_| ());
        prop_assert!(side.memory() < 2 << 20);
    }
}
