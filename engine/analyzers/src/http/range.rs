//! `Content-Range` (RFC 9110 section 14.4): which part of a resource a 206 reply carries.

/// A part of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentRange {
    /// Offset of its first byte
    pub first: u64,
    /// Length of the whole resource, if the server says
    pub total: Option<u64>,
}

/// Why a range is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeError {
    /// Not of the form `bytes first-last/length`
    CannotParse,
    /// With a negative number
    Invalid,
    /// With numbers whose difference cannot be counted
    Overflow,
    /// The last byte is before the first.
    NonPositive,
}

impl RangeError {
    /// The name of the weird.
    pub fn weird(self) -> &'static str {
        match self {
            RangeError::CannotParse => "HTTP_content_range_cannot_parse",
            RangeError::Invalid => "HTTP_content_range_invalid",
            RangeError::Overflow => "HTTP_content_range_overflow",
            RangeError::NonPositive => "HTTP_non_positive_content_range",
        }
    }
}

/// The value without its unit.
pub fn without_unit(value: &[u8]) -> &[u8] {
    let unit_len = value
        .iter()
        .position(|b| b.is_ascii_whitespace())
        .map_or(0, |at| at + 1);
    crate::mime::field::trim(value.get(unit_len..).unwrap_or_default())
}

/// A number of a range: its digits, or a negative one.
fn number(text: &str) -> Result<u64, RangeError> {
    let text = text.trim();
    if text.starts_with('-') {
        return Err(RangeError::Invalid);
    }
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(RangeError::CannotParse);
    }
    text.parse().map_err(|_| RangeError::Overflow)
}

/// Reads a value without its unit, such as `0-499/1234` or `0-499/*`.
pub fn parse(value: &[u8]) -> Result<ContentRange, RangeError> {
    /// Offsets and lengths are counted in 63 bits, so that sums of them fit.
    const MAX: u64 = i64::MAX as u64;
    let text = std::str::from_utf8(value).map_err(|_| RangeError::CannotParse)?;
    let (range, total) = text.split_once('/').ok_or(RangeError::CannotParse)?;
    let (first, last) = range.split_once('-').ok_or(RangeError::CannotParse)?;
    let (first, last) = (number(first)?, number(last)?);
    let total = if total.trim() == "*" {
        None
    } else {
        Some(number(total)?)
    };
    if first > MAX || last >= MAX || total.is_some_and(|t| t > MAX) {
        return Err(RangeError::Overflow);
    }
    if last < first {
        return Err(RangeError::NonPositive);
    }
    Ok(ContentRange { first, total })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        assert_eq!(
            parse(b"0-499/1234"),
            Ok(ContentRange {
                first: 0,
                total: Some(1234)
            })
        );
        assert_eq!(
            parse(b"20001-30353/*"),
            Ok(ContentRange {
                first: 20001,
                total: None
            })
        );
        assert_eq!(parse(b"foo-bar/baz"), Err(RangeError::CannotParse));
        assert_eq!(parse(b"*/5"), Err(RangeError::CannotParse));
        assert_eq!(parse(b"0--5/*"), Err(RangeError::Invalid));
        assert_eq!(parse(b"10-5/*"), Err(RangeError::NonPositive));
        assert_eq!(
            parse(b"0-9223372036854775807/9223372036854775808"),
            Err(RangeError::Overflow)
        );
        assert_eq!(parse(b"0-99999999999999999999999/*"), Err(RangeError::Overflow));
        assert_eq!(without_unit(b"bytes 0-1/2"), b"0-1/2");
        assert_eq!(without_unit(b"bytes=0-1/2"), b"bytes=0-1/2");
    }
}
