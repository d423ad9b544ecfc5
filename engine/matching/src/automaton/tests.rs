//! Syntax and scanning, each rule by an example.

use super::*;

fn parse(text: &str) -> Expression {
    Expression::parse(text.as_bytes(), Flags::default()).unwrap()
}

fn error(text: &str) -> SyntaxError {
    Expression::parse(text.as_bytes(), Flags::default()).unwrap_err()
}

/// Whether an expression matches the whole of some data.
fn full(text: &str, flags: Flags, data: &[u8]) -> bool {
    let automaton = Automaton::forward([&Expression::parse(text.as_bytes(), flags).unwrap()]).unwrap();
    let mut dfa = Dfa::new(&automaton, DEFAULT_CACHE_LIMIT);
    let start = dfa.start(&automaton, true, true);
    let end = dfa.run(&automaton, start, data);
    !dfa.matches(end).is_empty() || !dfa.matches_at_end(&automaton, end).is_empty()
}

fn plain(text: &str, data: &[u8]) -> bool {
    full(text, Flags::default(), data)
}

const IGNORE_CASE: Flags = Flags {
    ignore_case: true,
    dot_all: false,
};
const DOT_ALL: Flags = Flags {
    ignore_case: false,
    dot_all: true,
};

#[test]
fn escapes_stand_for_bytes() {
    assert!(plain(r"\x16\x03[\x00\x01]", b"\x16\x03\x01"));
    assert!(plain(r"\x1g", b"\x01g"), "one hexadecimal digit is enough");
    assert!(plain(r"\x414", b"A4"), "and two are the most");
    assert!(plain(r"\0\12\377\1010", b"\x00\n\xffA0"));
    assert!(plain(r"\a\b\f\n\r\t\v", b"\x07\x08\x0c\n\r\t\x0b"));
    assert!(plain(r"\/\.\d\(", b"/.d("), "other bytes stand for themselves");
}

#[test]
fn quotation_is_literal_and_keeps_its_case() {
    assert!(
        plain(r#""a.b*(\"\x41)"*"#, b"a.b*(\"A)a.b*(\"A)"),
        "a repetition applies to the whole quotation"
    );
    assert!(!plain(r#""a.b""#, b"axb"));
    assert!(full(r#"x"foo"x"#, IGNORE_CASE, b"XfooX"));
    assert!(!full(r#"x"foo"x"#, IGNORE_CASE, b"xFoox"));
}

#[test]
fn flags_apply_to_groups() {
    assert!(full("foo|bar", IGNORE_CASE, b"BaR"));
    assert!(plain("a(?i:b[c-d])e", b"aBDe"));
    assert!(!plain("a(?i:b)c", b"aBC"));
    assert!(full("a(?-i:b)c", IGNORE_CASE, b"AbC"));
    assert!(!full("a(?-i:b)c", IGNORE_CASE, b"ABC"));
    assert!(!plain("a.b", b"a\nb"));
    assert!(plain("a(?s:.)b", b"a\nb"));
    assert!(full("a.b", DOT_ALL, b"a\nb"));
    assert!(plain("(?is:A.)b", b"a\nb"));
    assert!(full("[^a]", IGNORE_CASE, b"b"));
    assert!(!full("[^a]", IGNORE_CASE, b"A"));
}

#[test]
fn classes_follow_flex() {
    assert!(plain("[^a]", b"\n"), "a negated class includes newline");
    assert!(plain("[]a]+", b"]a"));
    assert!(plain("[^]", b"^"));
    assert!(plain("[a^]+", b"a^"));
    assert!(plain("[a-]+", b"a-"));
    assert!(plain("[-a]+", b"a-"));
    assert!(plain(r"[\]\-\x41-\x43]+", b"]-ABC"));
    assert!(plain("[[:alpha:][:digit:]_]+", b"aZ09_"));
    assert!(plain("[[:^alpha:]]", b"0"));
    assert!(!plain("[[:^alpha:]]", b"x"));
    assert!(plain("[^[:blank:]]", b"x"));
    assert!(
        plain("[\\x00\\x01[...]+", b"[.\x00"),
        "a bracket that opens no name is a member"
    );
    assert!(plain("[[:xdigit:]]{4}", b"09aF"));
    for (name, member, other) in [
        ("alnum", b'z', b'_'),
        ("blank", b'\t', b'\n'),
        ("cntrl", 0x7f, b' '),
        ("graph", b'!', b' '),
        ("lower", b'a', b'A'),
        ("print", b' ', b'\t'),
        ("punct", b'~', b'a'),
        ("space", 0x0b, b'x'),
        ("upper", b'A', b'a'),
    ] {
        assert!(plain(&format!("[[:{name}:]]"), &[member]), "{name}");
        assert!(!plain(&format!("[[:{name}:]]"), &[other]), "{name}");
    }
}

#[test]
fn repetitions_stack() {
    assert!(plain("a{3}", b"aaa"));
    assert!(!plain("a{3}", b"aa"));
    assert!(plain("a{2,}", b"aaaaa"));
    assert!(plain("(ab){1,2}", b"abab"));
    assert!(!plain("(ab){1,2}", b"ababab"));
    assert!(plain("ab{0}c", b"ac"));
    assert!(plain("a.*?b", b"axxb"), "there is no reluctance: this is (.*)?");
    assert!(plain("a{2}{3}", b"aaaaaa"));
    assert!(
        plain("{\"a\":{}}", b"{a:{}}"),
        "a brace that counts nothing is literal"
    );
}

#[test]
fn anchors_are_the_ends_of_the_data() {
    assert!(plain("^?(foo)$?", b"foo"));
    assert!(plain("^foo$", b"foo"));
    assert!(!plain("a^b", b"ab"));
    assert!(!plain("a$b", b"ab"));
    assert!(plain("a^*b", b"ab"));
    assert!(plain("$^", b""));
    assert!(plain("^$", b""));
    assert!(!plain("^$", b"a"));
    assert!(!plain("a$^", b"a"));
    assert!(plain("^{2}a${1,3}", b"a"));
}

#[test]
fn errors_say_what_and_where() {
    for (text, offset, part) in [
        ("a(b", 1, "not closed"),
        ("ab)", 2, "closes no group"),
        ("*a", 0, "nothing before"),
        ("a|*", 2, "nothing before"),
        ("a[bc", 1, "not closed"),
        ("[z-a]", 1, "range"),
        ("x[[:foo:]]", 2, "unknown character class"),
        ("a\"bc", 1, "quotation"),
        ("a\\", 1, "backslash"),
        ("a\\xg", 1, "hexadecimal"),
        ("\\400", 0, "octal"),
        ("a{2", 1, "not closed"),
        ("a{3,2}", 1, "below"),
        ("a{,2}", 1, "lower count"),
        ("a{name}", 1, "definitions"),
        ("a{99999999999}", 1, "too large"),
        ("(?x:a)", 2, "flag"),
        ("(?i", 0, "not closed"),
    ] {
        let found = error(text);
        assert_eq!(found.offset, offset, "{text}: {found}");
        assert!(found.message.contains(part), "{text}: {found}");
    }
}

#[test]
fn size_is_limited() {
    assert!(error("((a{1000}){1000}){1000}").message.contains("too large"));
    assert!(error(&"(".repeat(100_000)).message.contains("nested"));
    assert!(error(&"a".repeat(MAX_TEXT_LENGTH + 1))
        .message
        .contains("at most"));
    assert!(parse(&"a".repeat(1000)).cost() < MAX_EXPRESSION_COST);
    let nested = |depth: usize| format!("{}a{}", "(b|c".repeat(depth), ")d".repeat(depth));
    assert!(error(&nested(150)).message.contains("nested"));
    // What printing and combining patterns makes does not count as nesting.
    let mut text = "a".to_owned();
    for _ in 0..900 {
        text = format!("^?({text})$?");
    }
    assert!(plain(&text, b"a"));
    // Nothing times something is nothing, and costs nothing.
    assert!(plain("((((){1000}){1000}){1000}){1000}", b""));
}

#[test]
fn a_scan_reports_each_pattern_where_it_matches() {
    let expressions = [parse("GET .*"), parse("GET /x$"), parse(".*root"), parse("never")];
    let automaton = Automaton::forward(&expressions).unwrap();
    let mut dfa = Dfa::new(&automaton, DEFAULT_CACHE_LIMIT);
    let mut seen = Vec::new();
    let start = dfa.start(&automaton, true, true);
    let (end, consumed) = dfa.scan(&automaton, start, b"GET /root", |patterns, at| {
        seen.push((patterns.to_vec(), at));
        true
    });
    assert_eq!(consumed, 9);
    assert_eq!(seen, [(vec![0], 4), (vec![0, 2], 9)]);
    assert_eq!(dfa.matches_at_end(&automaton, end), [] as [u32; 0]);
    assert!(dfa.any_live(&automaton, end, |pattern| pattern == 0));
    assert!(!dfa.any_live(&automaton, end, |pattern| pattern == 1 || pattern == 3));

    let end = dfa.run(&automaton, start, b"GET /x");
    assert_eq!(dfa.matches_at_end(&automaton, end), [1]);
}

#[test]
fn a_scan_ends_when_nothing_can_match() {
    let expressions = [parse("SSH-"), parse("^\\x16\\x03")];
    let automaton = Automaton::forward(&expressions).unwrap();
    let mut dfa = Dfa::new(&automaton, DEFAULT_CACHE_LIMIT);
    let start = dfa.start(&automaton, true, true);
    let (end, consumed) = dfa.scan(&automaton, start, b"GET / HTTP/1.0\r\n", |_, _| true);
    assert!(end.is_dead());
    assert_eq!(consumed, 1);
    assert!(dfa.park(end).is_dead());
}

#[test]
fn start_of_leaves_other_patterns_out() {
    let expressions = [parse("ab"), parse("ab"), parse("cd")];
    let automaton = Automaton::forward(&expressions).unwrap();
    let mut dfa = Dfa::new(&automaton, DEFAULT_CACHE_LIMIT);
    let start = dfa.start_of(&automaton, [1]);
    let end = dfa.run(&automaton, start, b"ab");
    assert_eq!(dfa.matches(end), [1]);
    assert!(dfa.run(&automaton, start, b"c").is_dead());
    assert!(dfa.start_of(&automaton, []).is_dead());
}

#[test]
fn a_parked_state_outlives_the_table() {
    let expressions = [parse(".*(aa|bb|cc)[abc]{6}x"), parse("(a|b|c)*$")];
    let automaton = Automaton::forward(&expressions).unwrap();
    let mut dfa = Dfa::new(&automaton, 1);
    let start = dfa.start(&automaton, true, true);
    let mut parked = dfa.park(start);
    let mut hits = Vec::new();
    for (at, byte) in b"abccabcabcxaaaaaaaaxbcaaaaaaa".iter().enumerate() {
        let state = dfa.resume(&automaton, &parked);
        let (state, _) = dfa.scan(&automaton, state, &[*byte], |_, _| {
            hits.push(at);
            true
        });
        parked = dfa.park(state);
        assert!(
            dfa.stats().states <= 2,
            "the limit holds: the dead state and one other"
        );
    }
    assert_eq!(hits, [10, 19]);
    assert!(dfa.stats().resets > 10);
}

#[test]
fn memory_stays_below_the_limit() {
    // Determinised completely, this has 2^20 states.
    let expressions = [parse(".*a[ab]{20}c")];
    let automaton = Automaton::forward(&expressions).unwrap();
    let limit = 64 << 10;
    let mut dfa = Dfa::new(&automaton, limit);
    let mut state = dfa.start(&automaton, true, true);
    let mut random = 1u32;
    for _ in 0..200 {
        let data: Vec<u8> = (0..1000)
            .map(|_| {
                random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if random >> 31 == 0 {
                    b'a'
                } else {
                    b'b'
                }
            })
            .collect();
        state = dfa.run(&automaton, state, &data);
        assert!(dfa.stats().memory <= limit);
    }
    assert!(dfa.stats().resets > 0);
}

#[test]
fn a_state_of_another_automaton_is_dead() {
    let small = Automaton::forward([&parse("a")]).unwrap();
    let large = Automaton::forward([&parse(&"a".repeat(1000))]).unwrap();
    let mut one = Dfa::new(&large, DEFAULT_CACHE_LIMIT);
    let start = one.start(&large, true, true);
    let end = one.run(&large, start, &[b'a'; 999]);
    let parked = one.park(end);
    let mut other = Dfa::new(&small, DEFAULT_CACHE_LIMIT);
    assert!(other.resume(&small, &parked).is_dead());
    let mut same = Dfa::new(&large, DEFAULT_CACHE_LIMIT);
    let state = same.resume(&large, &parked);
    assert_eq!(
        same.shortest(&large, state, b"a"),
        Ok(1),
        "but another table of the same automaton can go on"
    );
}
