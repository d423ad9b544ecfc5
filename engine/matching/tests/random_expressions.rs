//! Random expressions on random data, against an obvious matcher and against the `regex` crate.

use std::collections::BTreeSet;

use bro_matching::automaton::{Automaton, Dfa, Expression};
use bro_matching::{Flags, Pattern, PatternSet};
use proptest::prelude::*;

/// An expression of a small grammar.
#[derive(Clone, Debug)]
enum Node {
    Byte(u8),
    Quoted(Vec<u8>),
    Dot,
    Class(Vec<u8>, bool),
    Begin,
    End,
    Sequence(Vec<Node>),
    Either(Vec<Node>),
    Repeat(Box<Node>, u32, Option<u32>),
    IgnoreCase(Box<Node>),
    DotAll(Box<Node>),
}

use Node::*;

fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![
        Just(b'a'),
        Just(b'b'),
        Just(b'A'),
        Just(b'\n'),
        Just(0u8),
        Just(0xffu8)
    ]
}

fn node() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        6 => byte().prop_map(Byte),
        1 => prop::collection::vec(byte(), 1..4).prop_map(Quoted),
        2 => Just(Dot),
        2 => (prop::collection::vec(byte(), 1..4), any::<bool>()).prop_map(|(bytes, not)| Class(bytes, not)),
        1 => Just(Begin),
        1 => Just(End),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            3 => prop::collection::vec(inner.clone(), 1..4).prop_map(Sequence),
            2 => prop::collection::vec(inner.clone(), 1..4).prop_map(Either),
            3 => (inner.clone(), 0u32..3, prop::option::of(0u32..3))
                .prop_map(|(node, min, more)| Repeat(Box::new(node), min, more.map(|more| min + more))),
            1 => inner.clone().prop_map(|node| IgnoreCase(Box::new(node))),
            1 => inner.prop_map(|node| DotAll(Box::new(node))),
        ]
    })
}

fn data() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop_oneof![8 => byte(), 1 => any::<u8>()], 0..40)
}

/// The expression in Bro's syntax.
fn bro(node: &Node) -> String {
    let escape = |byte: &u8| format!("\\x{byte:02x}");
    match node {
        Byte(b'a') => "a".to_owned(),
        Byte(b'\n') => "\\n".to_owned(),
        Byte(byte) => format!("\\{byte:03o}"),
        Quoted(bytes) => format!("\"{}\"", bytes.iter().map(escape).collect::<String>()),
        Dot => ".".to_owned(),
        Class(bytes, not) => {
            format!(
                "[{}{}]",
                if *not { "^" } else { "" },
                bytes.iter().map(escape).collect::<String>()
            )
        }
        Begin => "^".to_owned(),
        End => "$".to_owned(),
        Sequence(nodes) => format!("({})", nodes.iter().map(bro).collect::<String>()),
        Either(nodes) => format!("({})", nodes.iter().map(bro).collect::<Vec<_>>().join("|")),
        Repeat(node, 0, None) => format!("({})*", bro(node)),
        Repeat(node, 1, None) => format!("({})+", bro(node)),
        Repeat(node, 0, Some(1)) => format!("({})?", bro(node)),
        Repeat(node, min, None) => format!("({}){{{min},}}", bro(node)),
        Repeat(node, min, Some(max)) => format!("({}){{{min},{max}}}", bro(node)),
        IgnoreCase(node) => format!("(?i:{})", bro(node)),
        DotAll(node) => format!("(?s:{})", bro(node)),
    }
}

/// The expression in the syntax of the `regex` crate.
fn perl(node: &Node) -> String {
    let escape = |byte: &u8| format!("\\x{byte:02x}");
    match node {
        Byte(byte) => escape(byte),
        Quoted(bytes) => format!("(?-i:{})", bytes.iter().map(escape).collect::<String>()),
        Dot => ".".to_owned(),
        Class(bytes, not) => {
            format!(
                "[{}{}]",
                if *not { "^" } else { "" },
                bytes.iter().map(escape).collect::<String>()
            )
        }
        Begin => "\\A".to_owned(),
        End => "\\z".to_owned(),
        Sequence(nodes) => format!("(?:{})", nodes.iter().map(perl).collect::<String>()),
        Either(nodes) => format!("(?:{})", nodes.iter().map(perl).collect::<Vec<_>>().join("|")),
        Repeat(node, min, None) => format!("(?:{}){{{min},}}", perl(node)),
        Repeat(node, min, Some(max)) => format!("(?:{}){{{min},{max}}}", perl(node)),
        IgnoreCase(node) => format!("(?i:{})", perl(node)),
        DotAll(node) => format!("(?s:{})", perl(node)),
    }
}

/// Where matches that begin at `at` may end, straight from the meaning of the expression.
fn ends(node: &Node, data: &[u8], at: usize, flags: Flags) -> BTreeSet<usize> {
    let one = |accept: &dyn Fn(u8) -> bool| match data.get(at) {
        Some(&byte) if accept(byte) => BTreeSet::from([at + 1]),
        _ => BTreeSet::new(),
    };
    let same =
        |left: u8, right: u8| left == right || (flags.ignore_case && left.eq_ignore_ascii_case(&right));
    match node {
        Byte(byte) => one(&|found| same(*byte, found)),
        Quoted(bytes) if data[at..].starts_with(bytes) => BTreeSet::from([at + bytes.len()]),
        Quoted(_) => BTreeSet::new(),
        Dot => one(&|found| flags.dot_all || found != b'\n'),
        Class(bytes, not) => one(&|found| bytes.iter().any(|&byte| same(byte, found)) != *not),
        Begin if at == 0 => BTreeSet::from([at]),
        End if at == data.len() => BTreeSet::from([at]),
        Begin | End => BTreeSet::new(),
        Sequence(nodes) => nodes.iter().fold(BTreeSet::from([at]), |starts, node| {
            starts
                .into_iter()
                .flat_map(|start| ends(node, data, start, flags))
                .collect()
        }),
        Either(nodes) => nodes
            .iter()
            .flat_map(|node| ends(node, data, at, flags))
            .collect(),
        Repeat(node, min, max) => {
            let step = |starts: &BTreeSet<usize>| -> BTreeSet<usize> {
                starts
                    .iter()
                    .flat_map(|&start| ends(node, data, start, flags))
                    .collect()
            };
            let mut reached = BTreeSet::from([at]);
            for _ in 0..*min {
                reached = step(&reached);
            }
            let mut all = reached.clone();
            let mut rounds = max.map_or(data.len() as u32 + 1, |max| max - min);
            while rounds > 0 {
                reached = step(&reached);
                rounds -= 1;
                all.extend(&reached);
            }
            all
        }
        IgnoreCase(node) => ends(
            node,
            data,
            at,
            Flags {
                ignore_case: true,
                ..flags
            },
        ),
        DotAll(node) => ends(
            node,
            data,
            at,
            Flags {
                dot_all: true,
                ..flags
            },
        ),
    }
}

/// The leftmost match from `from` on, and there the longest; perhaps only if it is not empty.
fn leftmost_longest(node: &Node, data: &[u8], from: usize, empty: bool) -> Option<(usize, usize)> {
    (from..=data.len()).find_map(|at| {
        let end = ends(node, data, at, Flags::default()).into_iter().max()?;
        (empty || end > at).then_some((at, end))
    })
}

/// Cuts data into pieces of the given lengths, the rest last.
fn pieces<'d>(mut data: &'d [u8], lengths: &[usize]) -> Vec<&'d [u8]> {
    let mut pieces = Vec::new();
    for &length in lengths {
        let (piece, rest) = data.split_at(length.min(data.len()));
        pieces.push(piece);
        data = rest;
    }
    pieces.push(data);
    pieces
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_pattern_does_what_its_expression_means(node in node(), data in data(), start in 0usize..10) {
        let text = bro(&node);
        let pattern = Pattern::new(&text, Flags::default()).unwrap();
        let exact = ends(&node, &data, 0, Flags::default()).contains(&data.len());
        prop_assert_eq!(pattern.exact(&data), exact, "exact {}", text);
        let first = leftmost_longest(&node, &data, 0, true);
        prop_assert_eq!(pattern.embedded(&data), first.is_some(), "embedded {}", text);
        if start <= data.len() {
            let expected = leftmost_longest(&node, &data, start, true);
            prop_assert_eq!(pattern.find(&data, start), expected, "find {}", text);
            let expected = leftmost_longest(&node, &data, start, false);
            prop_assert_eq!(pattern.find_nonempty(&data, start), expected, "find_nonempty {}", text);
            let expected = ends(&node, &data, start, Flags::default()).into_iter().max().map(|end| end - start);
            prop_assert_eq!(pattern.longest_at(&data, start), expected, "longest_at {}", text);
        }
        let mut expected = Vec::new();
        let mut from = 0;
        while let Some((at, end)) = leftmost_longest(&node, &data, from, false) {
            expected.push((at, end));
            from = end;
        }
        prop_assert_eq!(pattern.find_all(&data), expected, "find_all {}", text);
    }

    #[test]
    fn agrees_with_the_regex_crate(node in node(), data in data()) {
        let pattern = Pattern::new(bro(&node), Flags::default()).unwrap();
        let make = |text: String| regex::bytes::RegexBuilder::new(&text).unicode(false).build().unwrap();
        let whole = make(format!("\\A(?:{})\\z", perl(&node)));
        prop_assert_eq!(pattern.exact(&data), whole.is_match(&data));
        let anywhere = make(perl(&node));
        prop_assert_eq!(pattern.embedded(&data), anywhere.is_match(&data));
        prop_assert_eq!(pattern.find(&data, 0).map(|found| found.0), anywhere.find(&data).map(|found| found.start()));
    }

    #[test]
    fn pieces_and_a_tiny_table_change_nothing(
        nodes in prop::collection::vec(node(), 1..5),
        data in data(),
        lengths in prop::collection::vec(0usize..9, 0..6),
        limit in prop_oneof![Just(1usize), Just(2000), Just(1 << 20)],
    ) {
        let expressions: Vec<Expression> =
            nodes.iter().map(|node| Expression::parse(bro(node).as_bytes(), Flags::default()).unwrap()).collect();
        let automaton = Automaton::forward(&expressions).unwrap();
        let mut dfa = Dfa::new(&automaton, limit);
        let mut found: BTreeSet<u32> = BTreeSet::new();
        let start = dfa.start(&automaton, true, true);
        found.extend(dfa.matches(start));
        let mut parked = dfa.park(start);
        for piece in pieces(&data, &lengths) {
            let state = dfa.resume(&automaton, &parked);
            let (state, consumed) = dfa.scan(&automaton, state, piece, |patterns, _| {
                found.extend(patterns);
                true
            });
            prop_assert!(consumed == piece.len() || state.is_dead());
            // What has died cannot match later.
            if !dfa.any_live(&automaton, state, |_| true) {
                prop_assert!(dfa.matches_at_end(&automaton, state).is_empty());
            }
            parked = dfa.park(state);
        }
        let state = dfa.resume(&automaton, &parked);
        found.extend(dfa.matches_at_end(&automaton, state));
        let expected: BTreeSet<u32> = nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| !ends(node, &data, 0, Flags::default()).is_empty())
            .map(|(number, _)| number as u32)
            .collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn a_set_agrees_with_its_members(nodes in prop::collection::vec(node(), 0..5), data in data()) {
        let patterns: Vec<Pattern> =
            nodes.iter().map(|node| Pattern::new(bro(node), Flags::default()).unwrap()).collect();
        let set = PatternSet::new(&patterns).unwrap();
        let members = |test: &dyn Fn(&Pattern) -> bool| -> Vec<usize> {
            patterns.iter().enumerate().filter(|(_, pattern)| test(pattern)).map(|(number, _)| number).collect()
        };
        prop_assert_eq!(set.exact(&data), members(&|pattern| pattern.exact(&data)));
        prop_assert_eq!(set.embedded(&data), members(&|pattern| pattern.embedded(&data)));
    }

    #[test]
    fn printed_patterns_parse_to_the_same(left in node(), right in node(), data in data()) {
        let left = Pattern::new(bro(&left), Flags { ignore_case: true, dot_all: false }).unwrap();
        let right = Pattern::new(bro(&right), Flags { ignore_case: false, dot_all: true }).unwrap();
        for combined in [left.or(&right), left.and(&right), left.extended(&right)] {
            let combined = combined.unwrap();
            let again = Pattern::new(combined.printed(), Flags::default()).unwrap();
            prop_assert_eq!(again.exact(&data), combined.exact(&data));
            prop_assert_eq!(again.find(&data, 0), combined.find(&data, 0));
        }
    }

    #[test]
    fn any_text_is_an_expression_or_an_error(text in prop::collection::vec(any::<u8>(), 0..60), data in data()) {
        if let Ok(pattern) = Pattern::new(&text, Flags::default()) {
            pattern.exact(&data);
            pattern.find_all(&data);
        }
    }

    #[test]
    fn any_text_of_special_characters_is_too(
        text in prop::collection::vec(prop::sample::select(b"[](){}|*+?^$.\"\\a019,:i-".to_vec()), 0..30),
        data in data(),
    ) {
        match Pattern::new(&text, Flags::default()) {
            Ok(pattern) => {
                pattern.embedded(&data);
                pattern.find_all(&data);
            }
            Err(error) => prop_assert!(error.offset <= text.len()),
        }
    }
}
