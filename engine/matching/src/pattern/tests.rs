//! Patterns as scripts use them. The expected printed forms are the documented ones.

use super::*;

fn pattern(text: &str) -> Pattern {
    Pattern::new(text, Flags::default()).unwrap()
}

fn flagged(text: &str, ignore_case: bool, dot_all: bool) -> Pattern {
    Pattern::new(text, Flags { ignore_case, dot_all }).unwrap()
}

#[test]
fn exact_is_the_whole_string() {
    assert!(pattern("foo|bar").exact(b"foo"));
    assert!(!pattern("foo|bar").exact(b"foobar"));
    assert!(pattern("fo+|bar").exact(b"fooo"));
    assert!(!pattern("fo+|bar").exact(b"foobar"));
    assert!(pattern("").exact(b""));
    assert!(!pattern("").exact(b"a"));
    assert!(pattern(".*").exact(b"anything"));
    assert!(!pattern(".*").exact(b"any\nthing"));
}

#[test]
fn embedded_is_anywhere() {
    assert!(pattern("foo|bar").embedded(b"foobar"));
    assert!(!pattern("^oob").embedded(b"foobar"));
    assert!(pattern("^foo").embedded(b"foobar"));
    assert!(pattern("bar$").embedded(b"foobar"));
    assert!(!pattern("foo$").embedded(b"foobar"));
    assert!(pattern("o+b").embedded(b"foobar"));
    assert!(pattern("a\\nb").embedded(b"xa\nbx"));
    assert!(pattern("b*$").embedded(b"aaa"), "the empty match at the end");
    assert!(pattern("").embedded(b""));
    assert!(!pattern("foo[0-9]").embedded(b"foo foo foox"));
    assert!(pattern("foo[0-9]").embedded(b"foo foo7"));
}

#[test]
fn find_is_leftmost_longest() {
    assert_eq!(pattern("o*[a-k]").find(b"foobar", 0), Some((0, 1)));
    assert_eq!(pattern("o+[a-k]").find(b"foobar", 0), Some((1, 4)));
    assert_eq!(
        pattern("a|ab|abc").find(b"xabcd", 0),
        Some((1, 4)),
        "longest, also among fixed strings"
    );
    assert_eq!(pattern("a|ab.|b").find(b"xabcd", 0), Some((1, 4)));
    assert_eq!(pattern("abcd|c|cx*").find(b"abcx", 0), Some((2, 4)));
    assert_eq!(
        pattern("ab+cd|b").find(b"abbcd", 0),
        Some((0, 5)),
        "leftmost wins over the first to end"
    );
    assert_eq!(pattern("a").find(b"banana", 2), Some((3, 4)));
    assert_eq!(
        pattern("^a+").find(b"aab", 1),
        None,
        "the search does not move the beginning of the data"
    );
    assert_eq!(pattern("a+$").find(b"aabaa", 0), Some((3, 5)));
    assert_eq!(pattern("a*").find(b"baa", 0), Some((0, 0)));
    assert_eq!(pattern("a*").find_nonempty(b"baa", 0), Some((1, 3)));
    assert_eq!(pattern("a*").find_nonempty(b"bb", 0), None);
    assert_eq!(pattern("x*").find(b"", 0), Some((0, 0)));
    assert_eq!(pattern("$").find(b"ab", 1), Some((2, 2)));
    assert_eq!(pattern("a").find(b"a", 2), None);
    assert_eq!(pattern("a*").find(b"a", 2), None);
}

#[test]
fn find_far_away_goes_backwards() {
    let mut data = vec![b'x'; 5000];
    data.extend(b"abbbbcde");
    assert_eq!(pattern("b+c|ab+cd").find(&data, 0), Some((5000, 5007)));
    assert_eq!(pattern("^x+").find(&data, 0), Some((0, 5000)));
    assert_eq!(pattern("[a-e]+$").find(&data, 17), Some((5000, 5008)));
}

#[test]
fn find_all_takes_the_longest_everywhere() {
    assert_eq!(pattern("a+").find_all(b"aabaaab"), [(0, 2), (3, 6)]);
    assert_eq!(pattern(", ?").find_all(b"a, b,c"), [(1, 3), (4, 5)]);
    assert_eq!(pattern("a*").find_all(b"baab"), [(1, 3)]);
    assert_eq!(pattern("x").find_all(b"abc"), []);
    assert_eq!(pattern("^a|b$|c+").find_all(b"aaccab"), [(0, 1), (2, 4), (5, 6)]);
}

#[test]
fn find_all_is_linear_where_matches_stay_in_doubt() {
    // Every "a" could begin a match up to a "z" that never comes.
    let pattern = pattern("a([^z]*z)?");
    let data = vec![b'a'; 200_000];
    assert_eq!(pattern.find_all(&data).len(), data.len());
    let scanned = pattern.stats().hits;
    assert!(
        scanned < 150 * data.len() as u64,
        "{scanned} bytes looked at for {}",
        data.len()
    );
}

#[test]
fn longest_at_stays_where_it_is() {
    assert_eq!(pattern("ab*").longest_at(b"xabbc", 1), Some(3));
    assert_eq!(pattern("ab*").longest_at(b"xabbc", 0), None);
    assert_eq!(pattern("foo|foobar").longest_at(b"foobar", 0), Some(6));
    assert_eq!(pattern("c").longest_at(b"abc", 9), None);
}

#[test]
fn flags_reach_fixed_strings() {
    assert!(flagged("foo", true, false).exact(b"FOO"));
    assert!(!flagged("\"foo\"", true, false).exact(b"FOO"));
    assert!(flagged("a.b", false, true).embedded(b"a\nb"));
    assert!(flagged("foo", true, false).ignore_case());
}

#[test]
fn printed_form() {
    assert_eq!(pattern("foo").to_string(), "/^?(foo)$?/");
    assert_eq!(flagged("foo", true, false).to_string(), "/(?i:^?(foo)$?)/");
    let either = pattern("foo").or(&pattern("bar")).unwrap();
    assert_eq!(either.to_string(), "/^?((^?(foo)$?)|(^?(bar)$?))$?/");
    let both = pattern("foo").and(&pattern("bar")).unwrap();
    assert_eq!(both.to_string(), "/^?((^?(foo)$?)(^?(bar)$?))$?/");
    let folded = flagged("foo", true, false).or(&pattern("bar")).unwrap();
    assert_eq!(folded.to_string(), "/^?(((?i:^?(foo)$?))|(^?(bar)$?))$?/");
    let extended = pattern("a").extended(&pattern("b")).unwrap();
    assert_eq!(extended.to_string(), "/(^?(^?(b)$?)$?)|(^?(^?(a)$?)$?)/");
    let twice = extended.extended(&pattern("c")).unwrap();
    assert_eq!(
        twice.to_string(),
        "/(^?(^?(c)$?)$?)|(^?((^?(^?(b)$?)$?)|(^?(^?(a)$?)$?))$?)/"
    );
}

#[test]
fn combinations_match_and_can_be_parsed_again() {
    let folded = flagged("foo", true, false);
    let either = folded.or(&pattern("bar")).unwrap();
    assert!(either.exact(b"FOO") && either.exact(b"bar") && !either.exact(b"BAR"));
    let both = either.and(&pattern("x+")).unwrap();
    assert!(both.exact(b"barxx") && both.embedded(b"-fOoxx-") && !both.exact(b"bar"));
    assert!(both.extended(&pattern("zip")).unwrap().exact(b"zip"));
    let again = Pattern::new(both.printed(), Flags::default()).unwrap();
    for data in [&b"FOOx"[..], b"barxxx", b"BARx", b"foo", b"x"] {
        assert_eq!(again.exact(data), both.exact(data));
    }
}

#[test]
fn equal_if_printed_the_same() {
    assert_eq!(pattern("a"), pattern("a"));
    assert_ne!(pattern("a"), flagged("a", true, false));
}

#[test]
fn combining_many_stays_usable() {
    let mut all = pattern("host0\\.example");
    for number in 1..400 {
        all = all
            .extended(&pattern(&format!("host{number}\\.example")))
            .unwrap();
    }
    assert!(all.exact(b"host399.example"));
    assert!(!all.exact(b"host400.example"));
    let again = Pattern::new(all.printed(), Flags::default()).unwrap();
    assert!(again.exact(b"host0.example"));
}

#[test]
fn literal_quotes_everything() {
    let bytes: Vec<u8> = (0..=255).collect();
    let quoted = Pattern::literal(&bytes);
    assert!(quoted.exact(&bytes));
    assert!(Pattern::new(quoted.text(), Flags::default())
        .unwrap()
        .exact(&bytes));
}

#[test]
fn a_set_tells_all_that_match() {
    let patterns = ["foo", "fo*", "^f", "o$", "nothing"].map(pattern);
    let set = crate::PatternSet::new(&patterns).unwrap();
    assert_eq!(set.exact(b"foo"), [0, 1]);
    assert_eq!(set.embedded(b"foo"), [0, 1, 2, 3]);
    assert_eq!(set.embedded(b"xfoox"), [0, 1]);
    assert_eq!(set.exact(b""), [] as [usize; 0]);
    let none = crate::PatternSet::new([]).unwrap();
    assert!(none.is_empty());
    assert_eq!(none.exact(b""), [] as [usize; 0]);
    assert_eq!(none.embedded(b"abc"), [] as [usize; 0]);
}

#[test]
fn can_be_shared_between_threads() {
    let shared = pattern("(a|b)*c");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert!(shared.exact(b"ababc") && !shared.exact(b"abab")));
        }
    });
}
