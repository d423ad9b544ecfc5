//! Numbers, times and addresses as logs show them.

use std::net::{IpAddr, Ipv6Addr};

/// Appends a whole number.
#[inline]
pub fn integer<I: itoa::Integer>(out: &mut Vec<u8>, value: I) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Appends a double for JSON: the fewest digits that read back as the same double, always with a point or an exponent,
/// plain between 1e-6 and 1e21.  JSON has no word for what is not finite: `null`.
pub fn json_double(out: &mut Vec<u8>, value: f64) {
    if !value.is_finite() {
        out.extend_from_slice(b"null");
        return;
    }
    if let Some(micros) = exact_micros(value) {
        micros_trimmed(out, value.is_sign_negative(), micros);
        return;
    }
    let mut buffer = ryu::Buffer::new();
    let text = buffer.format_finite(value).as_bytes();
    match text.iter().position(|b| *b == b'e') {
        Some(at) => exponent_form(out, &text[..at], &text[at + 1..]),
        None => out.extend_from_slice(text),
    }
}

/// `ryu` goes over to exponents sooner than logs do, and without a point in the digits; this lays the digits out anew.
fn exponent_form(out: &mut Vec<u8>, mantissa: &[u8], exponent: &[u8]) {
    let exponent: i32 = std::str::from_utf8(exponent)
        .ok()
        .and_then(|t| t.parse().ok())
        .unwrap_or(0);
    let (sign, mantissa) = mantissa
        .strip_prefix(b"-")
        .map_or((&b""[..], mantissa), |rest| (&b"-"[..], rest));
    out.extend_from_slice(sign);
    let digits: Vec<u8> = mantissa.iter().copied().filter(|b| *b != b'.').collect();
    let point = exponent + 1; // digits before the decimal point
    if (1..=21).contains(&point) {
        let whole = point as usize;
        for i in 0..whole.max(digits.len()) {
            if i == whole {
                out.push(b'.');
            }
            out.push(digits.get(i).copied().unwrap_or(b'0'));
        }
        if whole >= digits.len() {
            out.extend_from_slice(b".0");
        }
    } else if (-5..=0).contains(&point) {
        out.extend_from_slice(b"0.");
        out.resize(out.len() + point.unsigned_abs() as usize, b'0');
        out.extend_from_slice(&digits);
    } else {
        out.extend_from_slice(&digits[..1]);
        if digits.len() > 1 {
            out.push(b'.');
            out.extend_from_slice(&digits[1..]);
        }
        out.push(b'e');
        integer(out, exponent);
    }
}

/// The value in whole microseconds if that is what it is the nearest double of; then the decimal notation in
/// microseconds is the shortest one that reads back (doubles of times are less than a microsecond apart).  Without the
/// sign.
#[inline]
fn exact_micros(value: f64) -> Option<u64> {
    let magnitude = value.abs();
    if !(1.0..8e9).contains(&magnitude) {
        return None;
    }
    let micros = (magnitude * 1e6).round();
    (micros / 1e6 == magnitude).then_some(micros as u64)
}

/// `1.5` for 1500000: at least one digit after the point, no zeros at the end.
fn micros_trimmed(out: &mut Vec<u8>, negative: bool, micros: u64) {
    if negative {
        out.push(b'-');
    }
    integer(out, micros / 1_000_000);
    out.push(b'.');
    let fraction = six_digits((micros % 1_000_000) as u32);
    let mut end = 6;
    while end > 1 && fraction[end - 1] == b'0' {
        end -= 1;
    }
    out.extend_from_slice(&fraction[..end]);
}

fn six_digits(mut value: u32) -> [u8; 6] {
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
    }
    digits
}

/// Appends seconds with exactly six digits after the point, as times and intervals are in tab-separated logs.
pub fn seconds(out: &mut Vec<u8>, value: f64) {
    match exact_micros(value) {
        Some(micros) => {
            if value.is_sign_negative() {
                out.push(b'-');
            }
            integer(out, micros / 1_000_000);
            out.push(b'.');
            out.extend_from_slice(&six_digits((micros % 1_000_000) as u32));
        }
        None => append(out, format_args!("{value:.6}")),
    }
}

/// Appends a double as scripts print it: up to six digits after the point and at least one, never an exponent.
pub fn plain_double(out: &mut Vec<u8>, value: f64) {
    if value.is_nan() {
        out.extend_from_slice(b"nan");
        return;
    }
    if value.is_infinite() {
        out.extend_from_slice(if value > 0.0 { b"inf" } else { b"-inf" });
        return;
    }
    let start = out.len();
    append(out, format_args!("{value:.6}"));
    let keep = out
        .iter()
        .rposition(|b| *b != b'0')
        .map_or(out.len(), |last| last + 1);
    out.truncate(keep.max(start));
    if out.last() == Some(&b'.') {
        out.push(b'0');
    }
}

/// Appends a time as `2006-01-02T15:04:05.000000Z`, rounded to microseconds.
pub fn iso8601(out: &mut Vec<u8>, time: f64) {
    let micros = (time * 1e6).round() as i64; // saturates; NaN is 0
    let (secs, fraction) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    let (days, second) = (secs.div_euclid(86_400), secs.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    append(
        out,
        format_args!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:06}Z"),
    );
}

/// The Gregorian date of a day counted from 1970-01-01.  Works on 400-year eras that begin on a first of March, so that
/// the leap day is the last of its year.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// Appends an address.  IPv4 in its IPv6 form is IPv4.
pub fn address(out: &mut Vec<u8>, addr: IpAddr) {
    match addr.to_canonical() {
        IpAddr::V4(v4) => {
            for (i, octet) in v4.octets().into_iter().enumerate() {
                if i > 0 {
                    out.push(b'.');
                }
                integer(out, octet);
            }
        }
        IpAddr::V6(v6) => address6(out, v6),
    }
}

/// RFC 5952, with the dotted form for addresses whose first 96 bits are zero (but `::1`), as the C library does.
fn address6(out: &mut Vec<u8>, v6: Ipv6Addr) {
    let s = v6.segments();
    if s[..6] == [0; 6] && s[6] != 0 {
        let [.., a, b, c, d] = v6.octets();
        append(out, format_args!("::{a}.{b}.{c}.{d}"));
    } else {
        append(out, format_args!("{v6}"));
    }
}

/// Formats into bytes; that cannot fail.
fn append(out: &mut Vec<u8>, args: std::fmt::Arguments<'_>) {
    use std::io::Write as _;
    let _ = out.write_fmt(args);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(f: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        f(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn doubles_in_json() {
        for (value, expected) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (3600.0, "3600.0"),
            (1_786_025_034.507_026, "1786025034.507026"),
            (1_128_727_430.3, "1128727430.3"),
            (0.001_012_086_868_286_132_8, "0.0010120868682861328"),
            (0.000_005_960_464_477_539_062_5, "0.0000059604644775390625"),
            (5.960_464_477_539_063e-8, "5.960464477539063e-8"),
            (9.5367431640625e-7, "9.5367431640625e-7"),
            (1e-7, "1e-7"),
            (1e20, "100000000000000000000.0"),
            (123_456_789_012_345_680_000.0, "123456789012345680000.0"),
            (1e21, "1e21"),
            (1.5e300, "1.5e300"),
            (-1.5e-300, "-1.5e-300"),
            (f64::NAN, "null"),
            (f64::INFINITY, "null"),
        ] {
            assert_eq!(text(|o| json_double(o, value)), expected);
        }
    }

    #[test]
    fn seconds_have_six_digits() {
        assert_eq!(text(|o| seconds(o, 1_300_475_167.096_535)), "1300475167.096535");
        assert_eq!(text(|o| seconds(o, 0.0)), "0.000000");
        assert_eq!(text(|o| seconds(o, -1.5)), "-1.500000");
        assert_eq!(text(|o| seconds(o, 0.000_000_4)), "0.000000");
    }

    #[test]
    fn doubles_in_text() {
        for (value, expected) in [
            (0.0, "0.0"),
            (3.0, "3.0"),
            (1.234_567_89, "1.234568"),
            (1e10, "10000000000.0"),
            (100.25, "100.25"),
        ] {
            assert_eq!(text(|o| plain_double(o, value)), expected);
        }
        assert_eq!(text(|o| plain_double(o, f64::NEG_INFINITY)), "-inf");
    }

    #[test]
    fn dates() {
        assert_eq!(text(|o| iso8601(o, 0.0)), "1970-01-01T00:00:00.000000Z");
        assert_eq!(
            text(|o| iso8601(o, 951_782_400.25)),
            "2000-02-29T00:00:00.250000Z"
        );
        assert_eq!(text(|o| iso8601(o, -1.0)), "1969-12-31T23:59:59.000000Z");
        assert_eq!(
            text(|o| iso8601(o, 1_312_653_074.123_456)),
            "2011-08-06T17:51:14.123456Z"
        );
    }

    #[test]
    fn addresses() {
        for (address_text, expected) in [
            ("::ffff:1.2.3.4", "1.2.3.4"),
            ("::1.2.3.4", "::1.2.3.4"),
            ("::1", "::1"),
            ("2001:DB8::1:0:0", "2001:db8::1:0:0"),
        ] {
            assert_eq!(text(|o| address(o, address_text.parse().unwrap())), expected);
        }
    }

    proptest! {
        #[test]
        fn json_doubles_read_back(value in proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL | proptest::num::f64::ZERO) {
            prop_assert_eq!(text(|o| json_double(o, value)).parse::<f64>().unwrap().to_bits(), value.to_bits());
        }

        #[test]
        fn times_are_shortest(micros in 1_000_000u64..4_000_000_000_000_000) {
            let value = micros as f64 / 1e6;
            let ours = text(|o| json_double(o, value));
            prop_assert_eq!(ours, ryu::Buffer::new().format_finite(value).to_owned());
        }

        #[test]
        fn seconds_as_the_library_rounds(value in -1e10f64..1e10) {
            prop_assert_eq!(text(|o| seconds(o, value)), format!("{value:.6}"));
        }

        #[test]
        fn any_time_is_a_date(value in proptest::num::f64::ANY) {
            text(|o| iso8601(o, value));
        }
    }
}
