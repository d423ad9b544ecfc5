//! Types of files by their beginnings.

use super::*;

#[test]
fn file_types_come_strongest_first() {
    let text = r#"
        signature pdf { file-magic /^%PDF-/ file-mime "application/pdf", 110 }
        signature text { file-magic /[[:print:][:space:]]+$/ file-mime "text/plain", -20 }
        signature b { file-magic /%/ file-mime "b/b", 5 }
        signature a { file-magic /.P/ file-mime "a/a", 5 file-mime "x/x" }
        signature two { file-magic /%PDF/ file-magic /.*trailer/ file-mime "application/pdf", 110 }
        signature both { file-magic /%PDF/ file-magic /nothing/ file-mime "no/no", 500 }
        signature traffic { payload /%PDF/ event "no file" }
    "#;
    let matcher = MimeMatcher::compile(&parsed(text)).unwrap();
    assert_eq!(matcher.len(), 6);
    let types = |data: &[u8], complete| -> Vec<String> {
        let found = matcher.identify(data, complete);
        found
            .iter()
            .map(|found| format!("{} {}", found.mime, found.strength))
            .collect()
    };
    assert_eq!(
        types(b"%PDF-1.4 trailer", false),
        ["application/pdf 110", "a/a 5", "b/b 5", "x/x 0"]
    );
    assert_eq!(types(b"some text\n", false), NOTHING);
    assert_eq!(types(b"some text\n", true), ["text/plain -20"]);
    assert_eq!(
        matcher.best(b"%!", false),
        Some(MimeMatch {
            mime: "b/b",
            strength: 5
        })
    );
    assert_eq!(matcher.best(b"", true), None);
    let none = MimeMatcher::compile(&[]).unwrap();
    assert!(none.is_empty() && none.identify(b"x", true).is_empty());
}

#[test]
fn file_signatures_do_not_match_traffic() {
    let mut flow = Flow::tcp("signature a { file-magic /x/ file-mime \"a/b\" }");
    assert_eq!(flow.stream(true, b"x"), NOTHING);
}
