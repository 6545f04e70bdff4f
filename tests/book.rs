//! The book is true: every failing example fails as its report says, every corrected one passes, and
//! the indexes hold all pages. `VAGRANTP_BLESS=1` writes reports and indexes.

#[path = "support/difference.rs"]
mod difference;
#[path = "support/findings.rs"]
mod findings;
#[path = "support/page.rs"]
mod page;
#[path = "support/tree.rs"]
mod tree;

use std::fs;
use std::path::Path;
use vagrantp::diagnostic::Diagnostic;
use vagrantp::diagnostic::codes::{RULES, Rule};
use vagrantp::diagnostic::report::{Style, count, pretty};
use vagrantp::source::Sources;

fn file(rule: &Rule) -> String {
    format!("book/src/errors/VP{:04}.md", rule.number)
}

/// Checks an example as the file that its fence says it is.
fn check(example: &page::Block) -> (Sources, Vec<Diagnostic>) {
    let project = findings::project();
    let text = example.text.as_bytes();
    match dialect(&example.info) {
        "kdl" => findings::findings(project.path(), "vagrantp.kdl", text, &[]),
        // A playbook, with the least that runs it.
        "yaml" => {
            fs::write(project.path().join("site.yml"), text).expect("our own folder");
            let env = "INFRA_TYPE=container\nPROVISIONING_PLAYBOOK=site.yml\n";
            findings::findings(project.path(), ".env", env.as_bytes(), &[])
        }
        _ => findings::findings(project.path(), ".env", text, &[]),
    }
}

fn dialect(info: &str) -> &str {
    info.split(',').next().unwrap_or_default()
}

/// Compares with what a file holds; under `VAGRANTP_BLESS` writes it.
fn hold(file: &str, expected: &str, wrong: &mut Vec<String>) {
    let found = tree::text(Path::new(file));
    if found == expected {
    } else if std::env::var_os("VAGRANTP_BLESS").is_some() {
        fs::write(tree::root().join(file), expected).expect("the book can be written");
    } else {
        wrong.push(format!("{file}:\n{}", difference::lines(&found, expected)));
    }
}

fn none(wrong: Vec<String>) {
    let hint = "`VAGRANTP_BLESS=1 cargo test --test book` writes reports and indexes";
    assert!(wrong.is_empty(), "{}\n{hint}", wrong.join("\n"));
}

/// A page is read in one look: its two examples and the report.
const LONGEST: usize = 60;

#[test]
fn every_page_has_the_form() {
    let mut wrong = Vec::new();
    for rule in RULES {
        let text = tree::text(Path::new(&file(rule)));
        let head = format!(
            "# VP{:04}: {}\n\n`{:?}`, exit {}.\n\n",
            rule.number,
            rule.title,
            rule.name,
            rule.exit()
        );
        let infos: Vec<String> = page::blocks(&text)
            .into_iter()
            .map(|block| block.info)
            .collect();
        let form = match infos.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [
                fails,
                "report",
                passes @ ("env,passes" | "kdl,passes" | "yaml,passes"),
            ] => fails == format!("{},fails={}", dialect(passes), rule.number),
            ["console"] => true,
            _ => false,
        };
        if !text.starts_with(&head) {
            wrong.push(format!("{}: does not begin with\n{head}", file(rule)));
        }
        if !form {
            wrong.push(format!("{}: its blocks are {infos:?}", file(rule)));
        }
        if text.lines().count() > LONGEST {
            wrong.push(format!("{}: more than {LONGEST} lines", file(rule)));
        }
    }
    none(wrong);
}

#[test]
fn every_failing_example_fails_as_its_report_says() {
    let mut wrong = Vec::new();
    for rule in RULES {
        let text = tree::text(Path::new(&file(rule)));
        let blocks = page::blocks(&text);
        let [bad, report, good] = &blocks[..] else {
            continue;
        };
        let (sources, found) = check(bad);
        if !found.iter().any(|found| found.rule.number == rule.number) {
            wrong.push(format!(
                "{}: does not find {}: {found:?}",
                file(rule),
                rule.number
            ));
        }
        let said = pretty(&found, &sources, Style::BOOK);
        hold(
            &file(rule),
            &page::replaced(&text, report, &said),
            &mut wrong,
        );
        let (_, found) = check(good);
        let still = found.iter().any(|found| found.rule.number == rule.number);
        if still || count(&found).0 > 0 {
            wrong.push(format!(
                "{}: the corrected example finds {found:?}",
                file(rule)
            ));
        }
    }
    none(wrong);
}

#[test]
fn consoles_hold_at_80_columns_and_name_their_rule() {
    let mut wrong = Vec::new();
    for rule in RULES {
        let text = tree::text(Path::new(&file(rule)));
        for block in page::blocks(&text)
            .iter()
            .filter(|block| block.info == "console")
        {
            let tag = format!("[{}]: ", rule.number);
            let wide = block.text.lines().find(|line| line.chars().count() > 80);
            if !block.text.starts_with("$ ") || !block.text.contains(&tag) || wide.is_some() {
                wrong.push(format!("{}: {wide:?}", file(rule)));
            }
        }
    }
    none(wrong);
}

/// A report in a console is a sentence of the program, with something in its places, and its help another.
#[test]
fn consoles_say_what_the_program_says() {
    let sources = tree::files("src").into_iter();
    let sources = sources.filter(|path| path.extension().is_some_and(|end| end == "rs"));
    let texts: Vec<String> = sources.map(|path| tree::text(&path)).collect();
    let sentences: Vec<String> = texts.iter().flat_map(|text| literals(text)).collect();
    let says = |said: &str| {
        let fits = |sentence: &&String| like(&said.to_lowercase(), &sentence.to_lowercase());
        sentences.iter().any(|sentence| fits(&sentence))
    };
    let mut wrong = Vec::new();
    for rule in RULES {
        let text = tree::text(Path::new(&file(rule)));
        for block in page::blocks(&text)
            .iter()
            .filter(|block| block.info == "console")
        {
            let tag = format!("[{}]: ", rule.number);
            for said in [
                part(&block.text, &tag, "  "),
                part(&block.text, "  help: ", "        "),
            ] {
                if !says(&said) {
                    wrong.push(format!(
                        "{}: no sentence of the program: {said}",
                        file(rule)
                    ));
                }
            }
        }
    }
    none(wrong);
}

/// The sentence after a tag, with the lines that go on with it.
fn part(console: &str, tag: &str, indent: &str) -> String {
    let start = console.find(tag).map_or(0, |at| at + tag.len());
    let mut lines = console[start..].lines();
    let mut said = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        match line
            .strip_prefix(indent)
            .filter(|rest| !rest.starts_with([' ', '╭']))
        {
            Some(rest) if !rest.starts_with("help:") && !rest.starts_with("more:") => {
                said.push(' ');
                said.push_str(rest);
            }
            _ => break,
        }
    }
    said
}

/// The string literals of a Rust text, roughly: enough for sentences.
fn literals(text: &str) -> Vec<String> {
    let text = text.replace("\\\"", "\u{1}");
    let strings = text.split('"').skip(1).step_by(2);
    let joined = strings.map(|literal| {
        // A backslash at a line's end takes the blanks before the next word away.
        let mut lines = literal.split("\\\n");
        let first = lines.next().unwrap_or_default().to_owned();
        lines.fold(first, |text, line| text + line.trim_start())
    });
    joined
        .map(|literal| literal.replace('\u{1}', "\"").replace("\\\\", "\\"))
        .collect()
}

/// Whether a text is a format string with its places filled.
fn like(said: &str, sentence: &str) -> bool {
    let sentence = sentence.replace("{{", "\u{1}").replace("}}", "\u{2}");
    let mut parts = sentence.split('{');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = said.strip_prefix(first) else {
        return false;
    };
    let mut fixed = first.len();
    let mut open = false;
    for part in parts {
        let after = part.split_once('}').map_or(part, |(_, after)| after);
        fixed += after.len();
        open = after.is_empty();
        let Some(at) = rest.find(after) else {
            return false;
        };
        rest = &rest[at + after.len()..];
    }
    fixed >= 8 && (open || rest.is_empty())
}

#[test]
fn the_index_of_errors_is_the_catalogue() {
    let mut wrong = Vec::new();
    let text = tree::text(Path::new("book/src/errors.md"));
    let head = text.find("\n- ").map_or(text.as_str(), |at| &text[..=at]);
    let row = |rule: &Rule| {
        let (number, name, title) = (rule.number, rule.name, rule.title);
        format!("- [VP{number:04}](errors/VP{number:04}.md) `{name:?}` {title}\n")
    };
    let rows: String = RULES.iter().map(row).collect();
    hold("book/src/errors.md", &format!("{head}{rows}"), &mut wrong);
    none(wrong);
}

#[test]
fn the_summary_lists_every_page_and_no_other() {
    let summary = tree::text(Path::new("book/src/SUMMARY.md"));
    let links = summary
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'));
    let mut listed: Vec<String> = links.map(|(link, _)| link.to_owned()).collect();
    listed.sort();
    let pages = tree::files("book/src").into_iter();
    let pages = pages.filter_map(|path| {
        path.strip_prefix("book/src")
            .ok()
            .map(|path| path.to_string_lossy().into_owned())
    });
    let pages: Vec<String> = pages.filter(|name| name != "SUMMARY.md").collect();
    let unlisted: Vec<&String> = pages.iter().filter(|page| !listed.contains(page)).collect();
    let lost: Vec<&String> = listed.iter().filter(|link| !pages.contains(link)).collect();
    assert!(
        unlisted.is_empty() && lost.is_empty(),
        "not listed: {unlisted:?}, not there: {lost:?}"
    );
}
