//! Sets of bytes: the named classes of POSIX and the dot.

use regex_syntax::hir::{ClassBytes, ClassBytesRange};

/// The names that may stand in `[:name:]`, in alphabetical order.
pub(super) const NAMES: [&str; 12] = [
    "alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper",
    "xdigit",
];

/// The bytes of a POSIX class in the C locale, or `None` for an unknown name.
pub(super) fn named(name: &[u8]) -> Option<ClassBytes> {
    let ranges: &[(u8, u8)] = match name {
        b"alnum" => &[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')],
        b"alpha" => &[(b'A', b'Z'), (b'a', b'z')],
        b"blank" => &[(b'\t', b'\t'), (b' ', b' ')],
        b"cntrl" => &[(0x00, 0x1f), (0x7f, 0x7f)],
        b"digit" => &[(b'0', b'9')],
        b"graph" => &[(0x21, 0x7e)],
        b"lower" => &[(b'a', b'z')],
        b"print" => &[(0x20, 0x7e)],
        b"punct" => &[(0x21, 0x2f), (0x3a, 0x40), (0x5b, 0x60), (0x7b, 0x7e)],
        b"space" => &[(b'\t', b'\r'), (b' ', b' ')],
        b"upper" => &[(b'A', b'Z')],
        b"xdigit" => &[(b'0', b'9'), (b'A', b'F'), (b'a', b'f')],
        _ => return None,
    };
    Some(ClassBytes::new(
        ranges.iter().map(|&(low, high)| ClassBytesRange::new(low, high)),
    ))
}

/// What `.` stands for: every byte, or every byte but the newline.
pub(super) fn dot(with_newline: bool) -> ClassBytes {
    if with_newline {
        ClassBytes::new([ClassBytesRange::new(0, 0xff)])
    } else {
        ClassBytes::new([
            ClassBytesRange::new(0, b'\n' - 1),
            ClassBytesRange::new(b'\n' + 1, 0xff),
        ])
    }
}

/// A letter in either case.
pub(super) fn either_case(letter: u8) -> ClassBytes {
    let mut class = ClassBytes::new([ClassBytesRange::new(letter, letter)]);
    class.case_fold_simple();
    class
}
