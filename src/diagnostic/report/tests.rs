use super::*;
use crate::source::{Origin, Sources, Span};
use std::path::Path;

const ENV: &str = "INFRA_TYPE=container\n\nMEMORY=256\nPORTS=8080:80\n";

fn env(text: &str) -> (Sources, crate::source::SourceId) {
    let mut sources = Sources::default();
    let id = sources.add_file(Path::new("/home/dev/shop/.env"), ".env".into(), text.into());
    (sources, id)
}

fn memory(span: Span) -> Diagnostic {
    Diagnostic::error(2107)
        .message("Invalid value for MEMORY: must be ≥ 512MB")
        .at(span)
        .label("256 MB")
        .help("write `MEMORY=512M`, or remove the line for the default of 2048")
}

#[test]
fn looks_as_designed() {
    let (sources, id) = env(ENV);
    let found = memory(Span::new(id, 29, 32));
    let expected = "\
error[2107]: Invalid value for MEMORY: must be ≥ 512MB
   ╭─[.env:3:8]
 3 │ MEMORY=256
   ·        ─┬─
   ·         ╰── 256 MB
   ╰────
  help: write `MEMORY=512M`, or remove the line for the default of 2048
  more: vagrantp explain 2107
";
    assert_eq!(pretty(&[found], &sources, Style::BOOK), expected);
}

#[test]
fn related_places_are_drawn_where_they_are() {
    let (mut sources, id) = env(ENV);
    let other = sources.add_file(
        Path::new("/home/dev/blog/.env"),
        "../blog/.env".into(),
        "X=1".into(),
    );
    let found = Diagnostic::warning(2302)
        .at(Span::new(id, 22, 28))
        .related("first here", Origin::Written(Span::new(id, 33, 38)))
        .related("far", Origin::Written(Span::new(id, 0, 10)))
        .related("elsewhere", Origin::Written(Span::new(other, 0, 3)))
        .details(["$ podman ps", "Error: no\x1b[31m"]);
    let expected = "\
warning[2302]: A setting is written twice
   ╭─[.env:3:1]
 3 │ MEMORY=256
   · ──────
 4 │ PORTS=8080:80
   · ──┬──
   ·   ╰── first here
   ╰────
   ╭─[.env:1:1]
 1 │ INFRA_TYPE=container
   · ─────┬────
   ·      ╰── far
   ╰────
   ╭─[../blog/.env:1:1]
 1 │ X=1
   · ─┬─
   ·  ╰── elsewhere
   ╰────
    $ podman ps
    Error: no␛[31m
  more: vagrantp explain 2302
";
    assert_eq!(pretty(&[found], &sources, Style::BOOK), expected);
}

#[test]
fn a_rule_says_once_where_to_read_on() {
    let (sources, id) = env(ENV);
    let found = [memory(Span::new(id, 29, 32)), memory(Span::new(id, 29, 32))];
    let text = pretty(&found, &sources, Style::BOOK);
    assert_eq!(text.matches("more:").count(), 1);
    assert_eq!(count(&found), (2, 0));
}

#[test]
fn any_place_in_any_text_can_be_drawn() {
    let long = format!(
        "A={}é{}",
        "x".repeat(60_000),
        "\t日本\u{202e}".repeat(40_000)
    );
    let texts = [
        "",
        "\n",
        "\r\n",
        "a",
        "a\r\nb\r\n",
        "é\t日本\x1b[2J\n\u{2066}",
        "\n\n\n",
        &long,
    ];
    for text in texts {
        let (sources, id) = env(text);
        let step = (text.len() / 40).max(1);
        for start in (0..text.len() + 3).step_by(step) {
            for length in [0, 1, 2, 5, 100, 200_000] {
                for (unicode, color) in [(true, false), (false, true)] {
                    let style = Style {
                        color,
                        unicode,
                        width: 40,
                    };
                    let span = Span::new(id, start, start + length);
                    let origin = Origin::Written(Span::new(id, start / 2, start));
                    let found = [memory(span).related("r", origin)];
                    let report = pretty(&found, &sources, style);
                    let free = report.replace("\x1b[", "");
                    assert!(color || free == report);
                    assert!(!free.contains(|c: char| c != '\n' && plain::glyph(c) != c));
                    assert!(!report.contains("Failed"), "{report}");
                    short(&found, &sources);
                    let root = Path::new("/home/dev/shop");
                    json(&found[0], &sources, root);
                    let checked = Checked {
                        findings: &found,
                        sources: &sources,
                        file: None,
                    };
                    github(&checked, root);
                    sarif(&[checked], root);
                }
            }
        }
    }
}

#[test]
fn a_long_line_shows_what_is_around_the_place() {
    let text = format!("A={}256{}", "x".repeat(99_000), "y".repeat(9_000));
    let (sources, id) = env(&text);
    let report = pretty(
        &[memory(Span::new(id, 99_002, 99_005))],
        &sources,
        Style::BOOK,
    );
    assert!(report.contains("[.env:1:99003]"), "{report}");
    assert!(
        report.lines().all(|line| line.chars().count() <= 80),
        "{report}"
    );
    let lines: Vec<&str> = report.lines().collect();
    let column = |line: &str, text: &str| line[..line.find(text).unwrap()].chars().count();
    assert_eq!(column(lines[2], "256"), column(lines[3], "─┬─"));
}

#[test]
fn long_sentences_break_between_words_and_not_inside_code() {
    let (sources, _) = env(ENV);
    let help = "stop the other one with `vagrantp -C ../blog stop`, or write another port: `PORTS=auto:80`";
    let found = Diagnostic::error(6001)
        .message("word ".repeat(20).trim_end())
        .help(help);
    let expected = "\
error[6001]: word word word word word word word word word word word word word
  word word word word word word word
  help: stop the other one with `vagrantp -C ../blog stop`, or write another
        port: `PORTS=auto:80`
  more: vagrantp explain 6001
";
    assert_eq!(pretty(&[found], &sources, Style::BOOK), expected);
}

#[test]
fn long_labels_break_beside_their_line() {
    let (sources, id) = env("PORTS=8080:80,auto:443\n");
    let found = Diagnostic::error(6001)
        .at(Span::new(id, 14, 22))
        .label("`blog` publishes it since Tuesday, by the line that stands in its own file");
    let style = Style {
        width: 60,
        unicode: false,
        ..Style::BOOK
    };
    let expected = "\
error[6001]: The port is already in use by another project
   ,-[.env:1:15]
 1 | PORTS=8080:80,auto:443
   :               ^^^^|^^^
   :                   `-| `blog` publishes it since
   :                     | Tuesday, by the line that stands
   :                     | in its own file
   `----
  more: vagrantp explain 6001
";
    assert_eq!(pretty(&[found], &sources, style), expected);
}

#[test]
fn two_places_of_a_line_are_labelled_together() {
    let (sources, id) = env("PORTS=8080:80,8080:443\n");
    let found = Diagnostic::error(2204)
        .at(Span::new(id, 14, 22))
        .label("again")
        .related("first here", Origin::Written(Span::new(id, 6, 13)));
    let expected = "\
error[2204]: A host port is published twice
   ╭─[.env:1:15]
 1 │ PORTS=8080:80,8080:443
   ·       ───┬─── ────┬───
   ·          │        ╰── again
   ·          ╰── first here
   ╰────
  more: vagrantp explain 2204
";
    assert_eq!(pretty(&[found], &sources, Style::BOOK), expected);
}

#[test]
fn short_is_one_safe_line() {
    let (sources, id) = env("é=1\x1b\n");
    let placed = Diagnostic::error(2401)
        .message("a\nb\u{202e}\x1b")
        .at(Span::new(id, 3, 4));
    let bare = Diagnostic::warning(2001).message("c");
    let expected = ".env:1:3: error[2401] a b�␛\nwarning[2001] c\n";
    assert_eq!(short(&[placed, bare], &sources), expected);
}

#[test]
fn json_has_the_documented_form() {
    let (mut sources, id) = env(ENV);
    let other = sources.add_file(
        Path::new("/home/dev/blog/.env"),
        "../blog/.env".into(),
        "X=1".into(),
    );
    let flag = sources.add_text("--set", "memory=1".into());
    let span = Span::new(id, 29, 32);
    let found = memory(span)
        .fix(span, "512M")
        .details(["one", "two\u{202e}"])
        .related("there", Origin::Written(Span::new(other, 0, 1)));
    let value = json(&found, &sources, Path::new("/home/dev/shop"));
    let expected = serde_json::json!({
        "code": "CONFIG_INVALID", "rule": "2107", "severity": "error",
        "message": "Invalid value for MEMORY: must be ≥ 512MB",
        "details": "256 MB\none\ntwo�",
        "suggestion": "write `MEMORY=512M`, or remove the line for the default of 2048",
        "file": ".env", "line": 3, "column": 8, "end_line": 3, "end_column": 11,
        "related": [{"message": "there", "file": "/home/dev/blog/.env",
            "line": 1, "column": 1, "end_line": 1, "end_column": 2}],
        "fix": {"file": ".env", "line": 3, "column": 8, "end_line": 3, "end_column": 11,
            "replacement": "512M"},
    });
    assert_eq!(value, expected);
    let unplaced = json(&memory(Span::new(flag, 0, 1)), &sources, Path::new("/"));
    assert!(unplaced["file"].is_null() && unplaced["line"].is_null());
    assert_eq!(unplaced["details"], "256 MB");
    assert!(unplaced.get("fix").is_none());
}
