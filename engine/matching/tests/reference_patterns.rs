//! The pattern values of the reference data: each parses, and prints as it is.
//!
//! The reference data is not part of the repository; where it is not kept beside it, nothing is tried.

use std::path::{Path, PathBuf};

use bro_matching::{Flags, Pattern};

fn values() -> Option<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).canonicalize().ok()?;
    let beside = root
        .ancestors()
        .map(|folder| folder.join("shared/reference/values.tsv"));
    let named = std::env::var_os("BRO_REFERENCE").map(|folder| PathBuf::from(folder).join("values.tsv"));
    std::fs::read_to_string(beside.chain(named).find(|file| file.is_file())?).ok()
}

/// The text of a JSON string that has no escapes but of backslashes, quotes and slashes.
fn unquoted(json: &str) -> Option<String> {
    let inner = json.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::new();
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next()? {
                escaped @ ('\\' | '"' | '/') => text.push(escaped),
                _ => return None,
            },
            other => text.push(other),
        }
    }
    Some(text)
}

fn patterns(values: &str) -> Vec<(String, String)> {
    values
        .lines()
        .filter_map(|line| {
            let columns: Vec<&str> = line.split('\t').collect();
            let [name, "pattern", _, value, ..] = columns.as_slice() else {
                return None;
            };
            let printed = unquoted(value)?;
            Some((
                (*name).to_owned(),
                printed.strip_prefix('/')?.strip_suffix('/')?.to_owned(),
            ))
        })
        .collect()
}

#[test]
fn every_pattern_parses_and_prints() {
    let Some(values) = values() else { return };
    let patterns = patterns(&values);
    assert!(patterns.len() > 30, "{}", patterns.len());
    for (name, printed) in &patterns {
        let pattern =
            Pattern::new(printed, Flags::default()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!pattern.exact(b"\x00\x01 nothing like it \xff"), "{name}");
        if let Some(text) = printed
            .strip_prefix("^?(")
            .and_then(|rest| rest.strip_suffix(")$?"))
        {
            let again =
                Pattern::new(text, Flags::default()).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(again.to_string(), format!("/{printed}/"), "{name}");
        }
    }
}

#[test]
fn some_do_what_their_names_say() {
    let Some(values) = values() else { return };
    let patterns = patterns(&values);
    let pattern = |name: &str| {
        let (_, printed) = patterns.iter().find(|(found, _)| found == name).unwrap();
        Pattern::new(printed, Flags::default()).unwrap()
    };
    let address = pattern("ip_addr_regex");
    for text in [
        "10.0.0.255",
        "::1",
        "fe80::1:2",
        "2001:db8:0:1:2:3:4:5",
        "::1.2.3.4",
    ] {
        assert!(address.exact(text.as_bytes()), "{text}");
    }
    for text in ["10.0.0.256", "1.2.3", "fe80", ":::", "2001:db8:0:1:2:3:4:5:6"] {
        assert!(!address.exact(text.as_bytes()), "{text}");
    }
    let url = pattern("url_regex");
    assert!(url.exact(b"https://www.example.com/path?x=y"));
    assert!(!url.exact(b"www.example.com"));
    let injection = pattern("HTTP::match_sql_injection_uri");
    assert!(injection.embedded(b"/x?a=substring("));
    assert!(injection.embedded(b"/page.php?id=1' union select 1"));
    assert!(!injection.embedded(b"/index.html?user=someone&page=3"));
    let path = pattern("absolute_path_pat");
    assert!(path.exact(b"/etc/passwd") && path.exact(b"C:\\x") && !path.exact(b"etc"));
}
