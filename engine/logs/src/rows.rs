//! Rows on their way to a writer: one growing byte buffer for many rows instead of an allocation a value.
//!
//! A cell is a tag byte and its payload; a container is its count of elements, then the elements as cells.  The layout
//! never leaves the process.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How large the values of a stream may be; 0: any size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one string; what is longer is cut
    pub field_string_bytes: usize,
    /// Bytes of all strings of a row
    pub total_string_bytes: usize,
    /// Elements of one set or vector; the rest is left out
    pub field_container_elements: usize,
    /// Elements of all sets and vectors of a row
    pub total_container_elements: usize,
    /// Bytes of a whole row as it is handed over; a larger one is dropped
    pub record_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            field_string_bytes: 4096,
            total_string_bytes: 256_000,
            field_container_elements: 100,
            total_container_elements: 500,
            record_bytes: 64 << 20,
        }
    }
}

/// What the limits did to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct RowOutcome {
    /// A string was cut
    pub string_truncated: bool,
    /// Elements were left out
    pub container_truncated: bool,
    /// The whole row was dropped
    pub too_large: bool,
}

impl RowOutcome {
    /// Whether the row went through as it was.
    pub fn is_intact(self) -> bool {
        self == RowOutcome::default()
    }
}

/// A value that owns its content, for tests and for reading logs.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// No value
    Unset,
    /// `bool`
    Bool(bool),
    /// `int`
    Int(i64),
    /// `count`
    Count(u64),
    /// `double`
    Double(f64),
    /// `time`, seconds since 1970
    Time(f64),
    /// `interval`, seconds
    Interval(f64),
    /// `string`, and whatever is logged as text
    Str(Vec<u8>),
    /// `addr`
    Addr(IpAddr),
    /// `subnet`: prefix and its length
    Subnet(IpAddr, u8),
    /// `port`
    Port(u16),
    /// `enum` by its full name
    Enum(String),
    /// `set[…]`
    Set(Vec<Cell>),
    /// `vector[…]`
    Vector(Vec<Cell>),
}

/// A value in a [`RowBuffer`].
#[derive(Clone, Debug)]
pub enum CellRef<'a> {
    /// No value
    Unset,
    /// `bool`
    Bool(bool),
    /// `int`
    Int(i64),
    /// `count`
    Count(u64),
    /// `double`
    Double(f64),
    /// `time`, seconds since 1970
    Time(f64),
    /// `interval`, seconds
    Interval(f64),
    /// `string`, and whatever is logged as text
    Str(&'a [u8]),
    /// `addr`
    Addr(IpAddr),
    /// `subnet`: prefix and its length
    Subnet(IpAddr, u8),
    /// `port`
    Port(u16),
    /// `enum` by its full name
    Enum(&'a [u8]),
    /// `set[…]`
    Set(Cells<'a>),
    /// `vector[…]`
    Vector(Cells<'a>),
}

impl CellRef<'_> {
    /// A copy that owns its content.
    pub fn to_cell(&self) -> Cell {
        match self {
            CellRef::Unset => Cell::Unset,
            CellRef::Bool(v) => Cell::Bool(*v),
            CellRef::Int(v) => Cell::Int(*v),
            CellRef::Count(v) => Cell::Count(*v),
            CellRef::Double(v) => Cell::Double(*v),
            CellRef::Time(v) => Cell::Time(*v),
            CellRef::Interval(v) => Cell::Interval(*v),
            CellRef::Str(v) => Cell::Str(v.to_vec()),
            CellRef::Addr(v) => Cell::Addr(*v),
            CellRef::Subnet(v, width) => Cell::Subnet(*v, *width),
            CellRef::Port(v) => Cell::Port(*v),
            CellRef::Enum(v) => Cell::Enum(String::from_utf8_lossy(v).into_owned()),
            CellRef::Set(cells) => Cell::Set(cells.clone().map(|c| c.to_cell()).collect()),
            CellRef::Vector(cells) => Cell::Vector(cells.clone().map(|c| c.to_cell()).collect()),
        }
    }
}

const UNSET: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const INT: u8 = 3;
const COUNT: u8 = 4;
const DOUBLE: u8 = 5;
const TIME: u8 = 6;
const INTERVAL: u8 = 7;
const STR: u8 = 8;
const ADDR4: u8 = 9;
const ADDR6: u8 = 10;
const SUBNET4: u8 = 11;
const SUBNET6: u8 = 12;
const PORT: u8 = 13;
const ENUM: u8 = 14;
const SET: u8 = 15;
const VECTOR: u8 = 16;

/// Rows, one behind the other.
#[derive(Debug, Default)]
pub struct RowBuffer {
    bytes: Vec<u8>,
    rows: usize,
}

impl RowBuffer {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Complete rows in it.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Bytes in it.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Forgets the rows and keeps the memory, up to `keep` bytes of it.
    pub fn clear(&mut self, keep: usize) {
        self.bytes.clear();
        self.bytes.shrink_to(keep);
        self.rows = 0;
    }

    /// Begins a row; it counts once [`RowEncoder::finish`] is called.
    #[inline]
    pub fn row(&mut self, limits: Limits) -> RowEncoder<'_> {
        let start = self.bytes.len();
        RowEncoder {
            buffer: self,
            start,
            limits,
            strings: 0,
            elements: 0,
            open: None,
            outcome: RowOutcome::default(),
        }
    }

    /// All cells of all rows, in order.
    pub fn cells(&self) -> Cells<'_> {
        Cells {
            rest: &self.bytes,
            left: usize::MAX,
        }
    }
}

/// Takes the values of one row, column by column.  Dropped without [`finish`](RowEncoder::finish), it leaves no trace.
#[derive(Debug)]
pub struct RowEncoder<'a> {
    buffer: &'a mut RowBuffer,
    start: usize,
    limits: Limits,
    strings: usize,
    elements: usize,
    open: Option<OpenContainer>,
    outcome: RowOutcome,
}

#[derive(Debug)]
struct OpenContainer {
    count_at: usize,
    count: u32,
    allowed: usize,
}

impl RowEncoder<'_> {
    #[inline]
    fn put(&mut self, tag: u8, payload: &[u8]) {
        if let Some(open) = &mut self.open {
            open.count += 1;
        }
        self.buffer.bytes.push(tag);
        self.buffer.bytes.extend_from_slice(payload);
    }

    /// No value.
    #[inline]
    pub fn unset(&mut self) {
        self.put(UNSET, &[]);
    }

    /// A `bool`.
    #[inline]
    pub fn bool(&mut self, value: bool) {
        self.put(if value { TRUE } else { FALSE }, &[]);
    }

    /// An `int`.
    #[inline]
    pub fn int(&mut self, value: i64) {
        self.put(INT, &value.to_le_bytes());
    }

    /// A `count`.
    #[inline]
    pub fn count(&mut self, value: u64) {
        self.put(COUNT, &value.to_le_bytes());
    }

    /// A `double`.
    #[inline]
    pub fn double(&mut self, value: f64) {
        self.put(DOUBLE, &value.to_le_bytes());
    }

    /// A `time`.
    #[inline]
    pub fn time(&mut self, value: f64) {
        self.put(TIME, &value.to_le_bytes());
    }

    /// An `interval`.
    #[inline]
    pub fn interval(&mut self, value: f64) {
        self.put(INTERVAL, &value.to_le_bytes());
    }

    /// A string, cut to what the limits allow.
    #[inline]
    pub fn string(&mut self, value: &[u8]) {
        let mut allowed = value.len();
        if self.limits.field_string_bytes > 0 {
            allowed = allowed.min(self.limits.field_string_bytes);
        }
        if self.limits.total_string_bytes > 0 {
            allowed = allowed.min(self.limits.total_string_bytes.saturating_sub(self.strings));
        }
        self.outcome.string_truncated |= allowed < value.len();
        self.strings += allowed;
        self.text(STR, &value[..allowed.min(value.len())]);
    }

    /// The full name of an enum value; the program's own text, so without limit.
    #[inline]
    pub fn enum_name(&mut self, name: &str) {
        self.text(ENUM, name.as_bytes());
    }

    #[inline]
    fn text(&mut self, tag: u8, value: &[u8]) {
        // u32 is enough: a longer one would be beyond any limit on the whole row
        let length = u32::try_from(value.len()).unwrap_or(u32::MAX);
        self.put(tag, &length.to_le_bytes());
        self.buffer
            .bytes
            .extend_from_slice(&value[..value.len().min(length as usize)]);
    }

    /// An address.
    #[inline]
    pub fn addr(&mut self, value: IpAddr) {
        match value {
            IpAddr::V4(v4) => self.put(ADDR4, &v4.octets()),
            IpAddr::V6(v6) => self.put(ADDR6, &v6.octets()),
        }
    }

    /// A subnet.
    #[inline]
    pub fn subnet(&mut self, prefix: IpAddr, width: u8) {
        match prefix {
            IpAddr::V4(v4) => self.put(SUBNET4, &v4.octets()),
            IpAddr::V6(v6) => self.put(SUBNET6, &v6.octets()),
        }
        self.buffer.bytes.push(width);
    }

    /// A port's number.
    #[inline]
    pub fn port(&mut self, number: u16) {
        self.put(PORT, &number.to_le_bytes());
    }

    /// Begins a set; its elements follow, then [`end`](RowEncoder::end).  Containers do not nest.
    pub fn begin_set(&mut self) {
        self.begin(SET);
    }

    /// Begins a vector, likewise.
    pub fn begin_vector(&mut self) {
        self.begin(VECTOR);
    }

    fn begin(&mut self, tag: u8) {
        debug_assert!(self.open.is_none(), "containers of containers cannot be logged");
        self.open = None;
        self.put(tag, &0u32.to_le_bytes());
        let limit = |limit: usize| if limit == 0 { usize::MAX } else { limit };
        let total = limit(self.limits.total_container_elements).saturating_sub(self.elements);
        let allowed = limit(self.limits.field_container_elements).min(total);
        self.open = Some(OpenContainer {
            count_at: self.buffer.bytes.len() - 4,
            count: 0,
            allowed,
        });
    }

    /// Whether another element may be added to the open container; asking means that there is one, so `false` counts as
    /// truncation and the caller stops.
    #[inline]
    pub fn admit_element(&mut self) -> bool {
        let admitted = self
            .open
            .as_ref()
            .is_some_and(|open| (open.count as usize) < open.allowed);
        self.outcome.container_truncated |= !admitted;
        admitted
    }

    /// Ends the open container.
    pub fn end(&mut self) {
        if let Some(open) = self.open.take() {
            self.elements += open.count as usize;
            if let Some(count) = self.buffer.bytes.get_mut(open.count_at..open.count_at + 4) {
                count.copy_from_slice(&open.count.to_le_bytes());
            }
        }
    }

    /// An owned cell.
    pub fn cell(&mut self, cell: &Cell) {
        match cell {
            Cell::Unset => self.unset(),
            Cell::Bool(v) => self.bool(*v),
            Cell::Int(v) => self.int(*v),
            Cell::Count(v) => self.count(*v),
            Cell::Double(v) => self.double(*v),
            Cell::Time(v) => self.time(*v),
            Cell::Interval(v) => self.interval(*v),
            Cell::Str(v) => self.string(v),
            Cell::Addr(v) => self.addr(*v),
            Cell::Subnet(v, width) => self.subnet(*v, *width),
            Cell::Port(v) => self.port(*v),
            Cell::Enum(v) => self.enum_name(v),
            Cell::Set(cells) | Cell::Vector(cells) => {
                self.begin(if matches!(cell, Cell::Set(_)) { SET } else { VECTOR });
                for element in cells {
                    if !self.admit_element() {
                        break;
                    }
                    self.cell(element);
                }
                self.end();
            }
        }
    }

    /// Adds the row to the buffer, unless it is too large.
    #[inline]
    pub fn finish(mut self) -> RowOutcome {
        let size = self.buffer.bytes.len() - self.start;
        let mut outcome = self.outcome;
        if self.limits.record_bytes > 0 && size > self.limits.record_bytes {
            outcome.too_large = true;
        } else {
            self.buffer.rows += 1;
            self.start = self.buffer.bytes.len();
        }
        outcome
    }
}

impl Drop for RowEncoder<'_> {
    fn drop(&mut self) {
        self.buffer.bytes.truncate(self.start); // nothing, for a finished row
    }
}

/// Reads cells in order.
#[derive(Clone, Debug)]
pub struct Cells<'a> {
    rest: &'a [u8],
    left: usize,
}

impl<'a> Cells<'a> {
    /// Whether all were read.
    pub fn is_empty(&self) -> bool {
        self.left == 0 || self.rest.is_empty()
    }

    #[inline]
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, tail) = self.rest.split_first_chunk::<N>()?;
        self.rest = tail;
        Some(*head)
    }

    #[inline]
    fn text(&mut self) -> Option<&'a [u8]> {
        let length = u32::from_le_bytes(self.take()?) as usize;
        let (text, tail) = self.rest.split_at_checked(length)?;
        self.rest = tail;
        Some(text)
    }

    fn container(&mut self) -> Option<Cells<'a>> {
        let left = u32::from_le_bytes(self.take()?) as usize;
        let inner = Cells {
            rest: self.rest,
            left,
        };
        let mut end = inner.clone();
        while end.next().is_some() {}
        self.rest = end.rest;
        Some(inner)
    }

    fn decode(&mut self, tag: u8) -> Option<CellRef<'a>> {
        Some(match tag {
            UNSET => CellRef::Unset,
            FALSE => CellRef::Bool(false),
            TRUE => CellRef::Bool(true),
            INT => CellRef::Int(i64::from_le_bytes(self.take()?)),
            COUNT => CellRef::Count(u64::from_le_bytes(self.take()?)),
            DOUBLE => CellRef::Double(f64::from_le_bytes(self.take()?)),
            TIME => CellRef::Time(f64::from_le_bytes(self.take()?)),
            INTERVAL => CellRef::Interval(f64::from_le_bytes(self.take()?)),
            STR => CellRef::Str(self.text()?),
            ADDR4 => CellRef::Addr(Ipv4Addr::from(self.take::<4>()?).into()),
            ADDR6 => CellRef::Addr(Ipv6Addr::from(self.take::<16>()?).into()),
            SUBNET4 => {
                let prefix = Ipv4Addr::from(self.take::<4>()?);
                CellRef::Subnet(prefix.into(), self.take::<1>()?[0])
            }
            SUBNET6 => {
                let prefix = Ipv6Addr::from(self.take::<16>()?);
                CellRef::Subnet(prefix.into(), self.take::<1>()?[0])
            }
            PORT => CellRef::Port(u16::from_le_bytes(self.take()?)),
            ENUM => CellRef::Enum(self.text()?),
            SET => CellRef::Set(self.container()?),
            VECTOR => CellRef::Vector(self.container()?),
            _ => return None,
        })
    }
}

impl<'a> Iterator for Cells<'a> {
    type Item = CellRef<'a>;

    #[inline]
    fn next(&mut self) -> Option<CellRef<'a>> {
        if self.left == 0 {
            return None;
        }
        let (tag, rest) = self.rest.split_first()?;
        self.rest = rest;
        self.left -= 1;
        self.decode(*tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NO_LIMITS: Limits = Limits {
        field_string_bytes: 0,
        total_string_bytes: 0,
        field_container_elements: 0,
        total_container_elements: 0,
        record_bytes: 0,
    };

    fn scalar() -> impl Strategy<Value = Cell> {
        prop_oneof![
            Just(Cell::Unset),
            any::<bool>().prop_map(Cell::Bool),
            any::<i64>().prop_map(Cell::Int),
            any::<u64>().prop_map(Cell::Count),
            (-1e9f64..1e9).prop_map(Cell::Double),
            (-1e9f64..1e9).prop_map(Cell::Time),
            (-1e9f64..1e9).prop_map(Cell::Interval),
            proptest::collection::vec(any::<u8>(), 0..20).prop_map(Cell::Str),
            any::<IpAddr>().prop_map(Cell::Addr),
            (any::<IpAddr>(), 0u8..=128).prop_map(|(a, w)| Cell::Subnet(a, w)),
            any::<u16>().prop_map(Cell::Port),
            "[A-Za-z:_]{1,20}".prop_map(Cell::Enum),
        ]
    }

    fn cell() -> impl Strategy<Value = Cell> {
        prop_oneof![
            4 => scalar(),
            1 => proptest::collection::vec(scalar(), 0..5).prop_map(Cell::Set),
            1 => proptest::collection::vec(scalar(), 0..5).prop_map(Cell::Vector),
        ]
    }

    proptest! {
        #[test]
        fn cells_come_out_as_they_went_in(cells in proptest::collection::vec(cell(), 0..20)) {
            let mut buffer = RowBuffer::new();
            let mut row = buffer.row(NO_LIMITS);
            cells.iter().for_each(|c| row.cell(c));
            prop_assert!(row.finish().is_intact());
            let back: Vec<Cell> = buffer.cells().map(|c| c.to_cell()).collect();
            prop_assert_eq!(back, cells);
        }

        #[test]
        fn reading_anything_ends(bytes in proptest::collection::vec(0u8..20, 0..60)) {
            let buffer = RowBuffer { bytes, rows: 1 };
            let cells: Vec<Cell> = buffer.cells().map(|c| c.to_cell()).collect();
            prop_assert!(cells.len() <= buffer.len());
        }
    }

    fn strings(n: usize) -> Vec<Cell> {
        vec![Cell::Str(b"abc".to_vec()); n]
    }

    #[test]
    fn strings_are_cut() {
        let mut buffer = RowBuffer::new();
        let mut row = buffer.row(Limits {
            field_string_bytes: 2,
            total_string_bytes: 3,
            ..NO_LIMITS
        });
        row.string(b"ab");
        row.string(b"abc");
        row.string(b"");
        let outcome = row.finish();
        assert!(outcome.string_truncated && !outcome.container_truncated && !outcome.too_large);
        let cells: Vec<Cell> = buffer.cells().map(|c| c.to_cell()).collect();
        assert_eq!(
            cells,
            [
                Cell::Str(b"ab".to_vec()),
                Cell::Str(b"a".to_vec()),
                Cell::Str(vec![])
            ]
        );
    }

    #[test]
    fn containers_are_cut() {
        let mut buffer = RowBuffer::new();
        let mut row = buffer.row(Limits {
            field_container_elements: 3,
            total_container_elements: 4,
            ..NO_LIMITS
        });
        row.cell(&Cell::Set(strings(3)));
        assert!(!row.outcome.container_truncated);
        row.cell(&Cell::Vector(strings(2)));
        row.cell(&Cell::Vector(strings(0)));
        let outcome = row.finish();
        assert!(outcome.container_truncated && !outcome.string_truncated);
        let cells: Vec<Cell> = buffer.cells().map(|c| c.to_cell()).collect();
        assert_eq!(
            cells,
            [
                Cell::Set(strings(3)),
                Cell::Vector(strings(1)),
                Cell::Vector(vec![])
            ]
        );
    }

    #[test]
    fn a_row_too_large_or_given_up_leaves_nothing() {
        let mut buffer = RowBuffer::new();
        let mut row = buffer.row(Limits {
            record_bytes: 10,
            ..NO_LIMITS
        });
        row.string(b"more than ten bytes");
        assert!(row.finish().too_large);
        buffer.row(NO_LIMITS).string(b"given up");
        assert!(buffer.is_empty());
        assert_eq!(buffer.len(), 0);
    }
}
