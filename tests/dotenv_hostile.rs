//! The `.env` reader under any text: dotenvy agrees on what it says, and nothing breaks it.

#[path = "support/cases.rs"]
mod cases;
#[path = "support/read.rs"]
mod support;

use cases::cases;
use proptest::prelude::*;
use support::{read, read_with};
use vagrantp::diagnostic::Sink;
use vagrantp::source::Sources;
use vagrantp::syntax::dotenv::parse;
use vagrantp::syntax::scan::{Content, Item, scan};

/// Each of these took minutes or all memory in some reader.
#[test]
fn hostile_files_end() {
    let megabytes = |unit: &str, size: f64| unit.repeat((size * 1e6) as usize / unit.len());
    let doubling: String = (1..64)
        .map(|n| format!("A{n}=${{A{0}}}${{A{0}}}\n", n - 1))
        .collect();
    for text in [
        format!("A={}", megabytes("x", 3.0)),
        format!("PORTS={}", megabytes("1:1,", 0.2)),
        format!("PORTS={}", megabytes(",", 0.05)),
        (0..50_000).map(|n| format!("KEY_{n}=value\n")).collect(),
        (0..50_000).map(|n| format!("MEMROY{n}=v\n")).collect(),
        megabytes("A='\n", 0.05),
        megabytes("A=x'\n", 0.05),
        megabytes("A=\\'\"'\n", 0.05),
        megabytes("A=x\"\nB=x'\n", 0.05),
        megabytes("A=\"\\\"\n", 0.05),
        megabytes("it's\n", 0.05),
        megabytes("#'\n", 0.05),
        format!("A={}", megabytes("$", 0.05)),
        format!("A={}", megabytes("${", 0.05)),
        format!("A={}", megabytes("$A", 0.05)),
        megabytes("\n", 0.5),
        megabytes(" ", 0.5),
        megabytes("\u{e000}", 0.5),
        format!("A={}", megabytes("\u{e000}", 0.5)),
        format!("A0=xxxxxxxxxxxxxxxx\n{doubling}MEMORY=$A63"),
        format!("{}MEMORY=1", megabytes("MEMORY=1\n", 0.05)),
    ] {
        read(&text).check_places();
    }
}

/// The text with comments and broken lines blank, byte for byte as long, and a line break at its end.
fn shielded(text: &str, items: &[Item]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for item in items {
        let broken = matches!(item.content, Content::Broken(_)).then(|| item.span.clone());
        for at in item.comment.iter().chain(&broken).flat_map(Clone::clone) {
            if bytes[at] != b'\n' {
                bytes[at] = b' ';
            }
        }
    }
    bytes.push(b'\n');
    String::from_utf8(bytes).expect("whole comments and lines are blank")
}

/// Texts that look like a `.env`, with all that has a meaning there.
fn dotenvish() -> impl Strategy<Value = String> {
    let parts = [
        "A=",
        "B=",
        "MEMORY=",
        "PORTS=",
        "VAGRANTP_CPUS=",
        "export ",
        "x",
        "1:1",
        ",",
        " ",
        "\t",
        "\n",
        "\n",
        "\r\n",
        "#",
        " # ",
        "'",
        "'",
        "\"",
        "\"",
        "\\",
        "$",
        "${",
        "}",
        "$A",
        "${A}",
        "${B}",
        "é",
        "\u{a0}",
        "\u{e000}",
        "=",
        ":",
        "n",
        "\r",
        "[",
        "]",
    ];
    proptest::collection::vec(proptest::sample::select(parts.to_vec()), 0..40)
        .prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn dotenvy_agrees(text in dotenvish()) {
        let items = scan(&text, &|key| vagrantp::settings::by_env(key.trim_start_matches("VAGRANTP_")).is_some());
        // In single quotes dotenvy's line reader takes a backslash for an escape, and it reads on after a bare `$A'`.
        let raws = || items.iter().filter_map(Item::pair).map(|pair| &text[pair.value.clone()]);
        prop_assume!(!raws().any(|raw| raw.contains('\'') && raw.contains('\\')));
        prop_assume!(!raws().any(|raw| raw.contains('$') && raw.contains(['\'', '"', '\\'])));
        let copy = shielded(&text, &items);
        prop_assert_eq!(copy.len(), text.len() + 1);
        let expected: Vec<(String, String)> = dotenvy::from_read_iter(copy.as_bytes()).flatten().collect();
        let mut sources = Sources::default();
        let id = sources.add_text(".env", text.clone());
        let found = parse(&sources, id, &|name| std::env::var(name).ok(), &mut Sink::default());
        let variables: Vec<_> = found.variables.into_iter().map(|v| (v.name, v.value.text)).collect();
        prop_assert_eq!(variables, expected);
    }

    /// The same for the values that the other property leaves out, a line at a time, where nothing can be swallowed.
    #[test]
    fn dotenvy_agrees_on_a_value(value in "[a ${}'\"\\\\n]{0,12}") {
        let text = format!("A={value}");
        let mut sources = Sources::default();
        let id = sources.add_text(".env", text.clone());
        let found = parse(&sources, id, &|_| None, &mut Sink::default());
        let ours = found.variables.first().map(|v| v.value.text.clone());
        let theirs = dotenvy::from_read_iter(format!("{}\n", text.trim_end()).as_bytes()).next();
        if let (Some(ours), Some(Ok((_, theirs)))) = (ours, theirs) {
            prop_assert_eq!(ours, theirs);
        }
    }

    #[test]
    fn items_cover_the_text(text in dotenvish()) {
        let items = scan(&text, &|_| false);
        let mut at = 0;
        for item in &items {
            prop_assert_eq!(item.span.start, at);
            prop_assert_eq!(item.lines, text[item.span.clone()].lines().count());
            at = item.span.end;
        }
        prop_assert_eq!(at, text.len());
    }

    #[test]
    fn words_stand_where_they_say(text in dotenvish()) {
        read_with(&text, &[("B", "b")]).check_places();
    }

    #[test]
    fn any_text_is_survived(text in any::<String>()) {
        read(&text).check_places();
    }

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        match vagrantp::syntax::decode::decode(&bytes) {
            Ok(text) => read(&text).check_places(),
            Err(flaw) => prop_assert!(flaw.text.get(flaw.range).is_some()),
        }
    }
}
