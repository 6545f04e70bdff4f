//! No text crashes, hangs or confuses the reader of KDL, and all it says is about places in the text.

#[path = "support/cases.rs"]
mod cases;

use cases::cases;
use proptest::prelude::*;
use std::path::Path;
use std::time::{Duration, Instant};
use vagrantp::diagnostic::{Diagnostic, Severity, Sink};
use vagrantp::source::{Sources, Span};
use vagrantp::syntax::kdl::{parse, scan};

/// Reads a text; all spans must lie in it, on its characters.
fn check(text: &str) -> (Vec<Diagnostic>, bool) {
    let mut sources = Sources::default();
    let id = sources.add_file(
        Path::new("/p/vagrantp.kdl"),
        "vagrantp.kdl".into(),
        text.into(),
    );
    let mut sink = Sink::default();
    let document = parse(&sources, id, &mut sink);
    let lies = |span: Span| text.get(span.start as usize..span.end as usize).is_some();
    for found in &sink.found {
        assert!(found.span.is_some_and(lies), "{found:?}");
        assert!(
            found.related.iter().all(|other| lies(other.span)),
            "{found:?}"
        );
        assert!(found.fix.iter().all(|fix| lies(fix.span)), "{found:?}");
        assert!(!found.label.is_empty() && found.help.is_some(), "{found:?}");
    }
    let errors = sink
        .found
        .iter()
        .any(|found| found.severity == Severity::Error);
    assert_eq!(errors, document.is_none());
    (sink.found, document.is_some())
}

/// Whether the crate was asked about something that was found good, and did not understand it.
fn not_foreseen(found: &[Diagnostic]) -> bool {
    found
        .iter()
        .any(|found| found.message == "The line is not KDL 2")
}

/// A text that is good as it is.
fn good() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kdl/valid");
    let mut texts = String::new();
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("the cases")
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    for path in paths
        .iter()
        .filter(|path| !path.ends_with("mark-and-crlf.kdl"))
    {
        texts.push_str(&std::fs::read_to_string(path).expect("a case"));
        texts.push('\n');
    }
    texts
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn tokens_in_any_order(text in r##"(a|b |[ \n;{}()=,:$'#"\\/*-]|1|"x" |#"y"# |"""\n|//|/\*|\*/|/- ?|#true |k=v |é|\u{202e}|\r|a \{\n|\}\n)*"##) {
        let (found, _) = check(&text);
        prop_assert!(!not_foreseen(&found), "{text:?} {found:?}");
    }

    #[test]
    fn nearly_kdl(text in r##"(([a-c]|"[a ]"|#"x"#)( (1|-2\.5|a|"b"|#null|k=1|"k" = "v"|/-k=2|/- 3|\(t\)4|/\* c \*/|\\\n)){0,6}( \{( *[a-b]( 1)?;| /- [a-b] \{ c; \};|\n){0,4}\})?( /-\{ x; \})?(;|\n| // c\n)){0,6}"##) {
        let (found, _) = check(&text);
        prop_assert!(!not_foreseen(&found), "{text:?} {found:?}");
    }

    #[test]
    fn mutated(cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0usize..6, r##"[ -~\n"{}/*#\\=é]{0,3}"##), 1..6)) {
        let mut text = good();
        for (at, length, put) in cuts {
            let ends = |at: usize| (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
            let start = ends(at.index(text.len() + 1));
            let end = ends((start + length).min(text.len()));
            text.replace_range(start..end, &put);
        }
        let (found, _) = check(&text);
        prop_assert!(!not_foreseen(&found), "{found:?}");
    }

    #[test]
    fn characters(text in r"\PC*") {
        check(&text);
    }
}

#[test]
fn bombs_end_soon() {
    let started = Instant::now();
    let times = |word: &str, count: usize| word.repeat(count);
    let bombs = [
        times("a {", 40_000),
        times("a {\n", 40_000) + &times("}\n", 40_000),
        times("}", 40_000),
        times("}\n", 40_000),
        times("a /-{", 40) + &times("}", 40),
        times("a /-{", 40_000),
        times("/- a { ", 60) + &times("}", 60),
        times("a 1 /- {\n", 60) + &times("}\n", 60),
        times("/- ", 40_000),
        times("/-", 40_000),
        times("/* ", 40_000),
        times("/* ", 40_000) + &times("*/", 40_000) + " a",
        "/*".to_owned() + &times("*", 400_000) + "*/",
        "/*".to_owned() + &times("/ ", 200_000) + "*/",
        times("a/*", 40_000),
        times("\\ /* ", 40_000),
        times("(", 40_000),
        times("a(", 40_000),
        times(")", 40_000),
        times("[", 40_000),
        times("[ ", 40_000),
        times("a [b] ", 40_000),
        times("=", 40_000),
        times("a=", 40_000),
        times("a = ", 40_000),
        times(";", 40_000),
        times("#", 40_000),
        times("# ", 40_000),
        times("#\"", 40_000),
        times("##\"\n", 40_000),
        times("\"", 39_999),
        times("\"\n", 39_999),
        times("\"\"\"\n", 39_999),
        times("a \"\"\"\n", 39_999),
        times("\"\"\"a", 39_999),
        times("a \"b\n", 40_000),
        times("'", 40_000),
        times("' ", 40_000),
        times("a 'b", 40_000),
        times("${", 40_000),
        times("${A} ", 40_000),
        times("{{ ", 40_000),
        times("a: ", 40_000),
        times("a, ", 40_000),
        times("\u{202E}", 40_000),
        times("\u{202E}a", 40_000),
        times("\r", 40_000),
        times("\\", 40_000),
        times("\\\n", 40_000),
        times("a\\", 40_000),
        "a \"".to_owned() + &times("\\u{", 40_000) + "\"",
        "a \"".to_owned() + &times("x", 1_000_000) + "\"",
        "a ".to_owned() + &times("1", 400_000),
        "a ".to_owned() + &times("1_", 200_000),
        "a ".to_owned() + &times("1.", 200_000),
        "a ".to_owned() + &times("x", 400_000),
        "a \"\"\"\n".to_owned() + &times(" x\n", 40_000) + " \"\"\"",
        "a ".to_owned() + &times("b=\"c\" ", 20_000),
        times("a 1\n", 20_000),
        times("A=1\n", 40_000),
        times("a: 1\n", 40_000),
        times("8080:80\n", 40_000),
        times(" ", 400_000) + "{",
        times("\n", 400_000) + "{",
        times("a\n{\n", 20_000),
    ];
    for bomb in &bombs {
        let (found, _) = check(bomb);
        let start: String = bomb.chars().take(20).collect();
        assert!(found.len() <= 1001, "{start:?}: {} findings", found.len());
        assert!(!not_foreseen(&found), "{start:?}");
        // Many times what they all take together, so that only a search that runs away is caught.
        assert!(started.elapsed() < Duration::from_secs(300), "{start:?}");
    }
}

#[test]
fn what_is_deep_is_told_once() {
    let (found, _) = check(&"a {\n".repeat(100_000));
    let rules: Vec<u16> = found.iter().map(|found| found.rule.number).collect();
    assert_eq!(rules, [2405]);
}

#[test]
fn tokens_are_the_text() {
    let text = good();
    let tokens = scan::scan(&text);
    let joined: String = tokens.iter().map(|token| token.text(&text)).collect();
    assert_eq!(joined, text);
}
