//! Findings written as comments under the lines they are about.
//!
//! ```text
//! MEMORY=256
//! #      ^^^ 2107 Invalid value for MEMORY: must be ≥ 512MB
//! #          help: write `MEMORY=512M`, or remove the line for the default of 2048
//! MEMROY=1G
//! #~~~~~ 2301 (warning) …        from column 1, where the # stands: it counts as the first
//! PORTS=
//! #     | 2110 …                 nothing, between two characters
//! #. 2003 …                      nothing, at column 1
//! #- 2207 …                      no place at all; at the file's end
//! #      ^^^… 2401 …             goes on in later lines
//! #      ^^^ related 2302 first here
//! ```
//!
//! In KDL a comment is `//`, which covers two columns: `//~~~` is from column 1, as above, and what begins at
//! column 1 or 2 and cannot be drawn is `//@1-2`.

use vagrantp::diagnostic::report::plain;
use vagrantp::diagnostic::{Diagnostic, Severity};
use vagrantp::source::{Source, Sources, Span};

/// The text with all expectations replaced by these findings.
///
/// # Errors
/// When a finding is about a line that is itself an expectation.
pub fn annotate(
    text: &str,
    comment: &str,
    sources: &Sources,
    found: &[Diagnostic],
) -> Result<String, String> {
    let mut notes = notes(comment, sources, found);
    let mut out = String::new();
    for (number, line) in text.split_inclusive('\n').enumerate() {
        if expectation(line, comment) {
            continue;
        }
        out.push_str(line);
        let (here, rest): (Vec<Note>, Vec<Note>) = notes
            .into_iter()
            .partition(|note| note.line == Some(number));
        notes = rest;
        if !here.is_empty() && !line.ends_with('\n') {
            out.push('\n');
        }
        here.iter().for_each(|note| out.push_str(&note.text));
    }
    let (unplaced, lost): (Vec<Note>, Vec<Note>) =
        notes.into_iter().partition(|note| note.line.is_none());
    unplaced.iter().for_each(|note| out.push_str(&note.text));
    match lost.first() {
        None => Ok(out),
        Some(note) => Err(format!(
            "about an expectation, write a .expect file: {}",
            note.text
        )),
    }
}

/// Findings as lines of their own, for texts that cannot bear comments: `1:8-11 2107 …`.
pub fn list(sources: &Sources, found: &[Diagnostic]) -> String {
    let place = |span: Span| {
        let source = sources.get(span.source);
        let (start, end) = (source.position(span.start), source.position(span.end));
        match start.line == end.line {
            true => format!("{}:{}-{}", start.line, start.column, end.column),
            false => format!(
                "{}:{}-{}:{}",
                start.line, start.column, end.line, end.column
            ),
        }
    };
    let mut out = String::new();
    for found in found {
        let at = found.span.map_or("-".to_owned(), place);
        out.push_str(&format!("{at} {}\n", sentence(found)));
        for help in found.help.iter().flat_map(|help| help.lines()) {
            out.push_str(&format!("  help: {}\n", plain(help)));
        }
        for other in &found.related {
            let at = place(other.span);
            out.push_str(&format!(
                "  {at} related {} {}\n",
                found.rule.number,
                plain(&other.message)
            ));
        }
    }
    out
}

/// What begins a comment in a file of this name.
pub fn comment(name: &str) -> &'static str {
    match name.ends_with(".kdl") {
        true => "//",
        false => "#",
    }
}

/// The text without expectations.
pub fn stripped(text: &str, comment: &str) -> String {
    let lines = text.split_inclusive('\n');
    lines.filter(|line| !expectation(line, comment)).collect()
}

/// Whether a line is one of ours.
pub fn expectation(line: &str, comment: &str) -> bool {
    let Some(rest) = line.trim_end().strip_prefix(comment) else {
        return false;
    };
    let words = rest.trim_start_matches(' ');
    let indented = words.len() < rest.len();
    if indented && (words.starts_with("help: ") || numbered(words)) {
        return true;
    }
    let Some((mark, text)) = words.split_once(' ') else {
        return false;
    };
    let body = mark.trim_end_matches('…');
    let run = |c: char| !body.is_empty() && body.chars().all(|other| other == c);
    let known = run('^') || mark.starts_with('@') || (!indented && (run('~') || mark == "…"));
    (known || ["|", ".", "-"].contains(&mark)) && numbered(text)
}

/// A rule's four digits and a space.
fn numbered(text: &str) -> bool {
    let text = text.strip_prefix("related ").unwrap_or(text);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    digits == 4 && text[4..].starts_with(' ')
}

struct Note {
    /// From 0.
    line: Option<usize>,
    text: String,
}

fn notes(comment: &str, sources: &Sources, found: &[Diagnostic]) -> Vec<Note> {
    let mut notes = Vec::new();
    for found in found {
        let at = |span: Span| sources.get(span.source).line_of(span.start);
        let mark = found.span.map_or(format!("{comment}-"), |span| {
            mark(comment, sources.get(span.source), span)
        });
        let indent = " ".repeat(mark.chars().count());
        let mut text = format!("{mark} {}\n", sentence(found));
        for help in found.help.iter().flat_map(|help| help.lines()) {
            text.push_str(&format!(
                "{comment}{} help: {}\n",
                &indent[comment.len()..],
                plain(help)
            ));
        }
        notes.push(Note {
            line: found.span.map(at),
            text,
        });
        for other in &found.related {
            let mark = self::mark(comment, sources.get(other.span.source), other.span);
            let text = format!(
                "{mark} related {} {}\n",
                found.rule.number,
                plain(&other.message)
            );
            notes.push(Note {
                line: Some(at(other.span)),
                text,
            });
        }
    }
    notes
}

fn sentence(found: &Diagnostic) -> String {
    let warning = match found.severity {
        Severity::Error => "",
        Severity::Warning => "(warning) ",
    };
    format!("{} {warning}{}", found.rule.number, plain(&found.message))
}

fn mark(comment: &str, source: &Source, span: Span) -> String {
    let (start, end) = (source.position(span.start), source.position(span.end));
    let line = source.line_range(start.line - 1);
    let last = source.position(line.end as u32).column;
    let (end, more) = match end.line == start.line {
        true => (end.column, ""),
        false => (last, "…"),
    };
    let length = end.saturating_sub(start.column);
    let width = comment.len();
    let mark = match (start.column, length) {
        (1, 0) => ".".to_owned(),
        (1, length) if length >= width => "~".repeat(length - width),
        (column, _) if column <= width => format!("@{column}-{end}"),
        (column, 0) => format!("{}|", " ".repeat(column - 1 - width)),
        (column, length) => format!("{}{}", " ".repeat(column - 1 - width), "^".repeat(length)),
    };
    format!("{comment}{mark}{more}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn findings_become_comments_and_are_known_again() {
        let text =
            "MEMROY=256\n# a comment, 2024 or so\n#   ^ 9999 old\n#     help: old\nMEMORY=256";
        let mut sources = Sources::default();
        let id = sources.add_file(Path::new("/p/.env"), ".env".into(), text.into());
        let at = |from: usize, to: usize| Span::new(id, from, to);
        let end = text.len();
        let origin = vagrantp::source::Origin::Written(at(0, 1));
        let found = [
            Diagnostic::warning(2301)
                .at(at(0, 6))
                .message("a")
                .help("x\ny"),
            Diagnostic::error(2107)
                .at(at(end - 3, end))
                .message("b")
                .related("c", origin),
            Diagnostic::error(2107).at(at(end, end)).message("d"),
            Diagnostic::error(2003).at(at(0, 0)).message("e"),
            Diagnostic::error(2401).at(at(7, 20)).message("f"),
            Diagnostic::error(2207).message("g"),
        ];
        let expected = "\
MEMROY=256
#~~~~~ 2301 (warning) a
#      help: x
#      help: y
# related 2107 c
#. 2003 e
#      ^^^… 2401 f
# a comment, 2024 or so
MEMORY=256
#      ^^^ 2107 b
#         | 2107 d
#- 2207 g
";
        let annotated = annotate(text, "#", &sources, &found).unwrap();
        assert_eq!(annotated, expected);
        let kept: Vec<&str> = annotated
            .lines()
            .filter(|line| !expectation(line, "#"))
            .collect();
        assert_eq!(
            kept,
            ["MEMROY=256", "# a comment, 2024 or so", "MEMORY=256"]
        );
        for line in [
            "#",
            "# 2024",
            "#a",
            "# ^ 12 a",
            "A=1 # ^ 2107 x",
            "## 2107 a",
            "#2107 a",
        ] {
            assert!(!expectation(line, "#"), "{line}");
        }
    }

    #[test]
    fn findings_become_a_list() {
        let mut sources = Sources::default();
        let id = sources.add_text("x", "é=1\r\nb".into());
        let found = [
            Diagnostic::error(2401)
                .at(Span::new(id, 3, 4))
                .message("a")
                .help("x"),
            Diagnostic::error(2401).at(Span::new(id, 0, 7)).message("b"),
        ];
        assert_eq!(
            list(&sources, &found),
            "1:3-4 2401 a\n  help: x\n1:1-2:2 2401 b\n"
        );
    }
}
