//! `explain`: a rule's page, a setting's row, or a template's page.

use super::Session;
use super::answer::Answer;
use crate::diagnostic::{Diagnostic, codes};
use crate::render::stdlib;
use crate::settings::{self, Class, SETTINGS, Setting, parts_of};
use crate::value::{Choice, nearest};

/// Runs the verb.
pub fn run(session: &Session, word: &str) -> u8 {
    let mut answer = Answer::new("explain", &session.start());
    match explanation(word) {
        Ok(text) => {
            session.ui.out(&text);
            answer.extra.push(("explanation", text.into()));
        }
        Err(finding) => answer.findings.push(*finding),
    }
    session.finish(&answer)
}

fn explanation(word: &str) -> Result<String, Box<Diagnostic>> {
    let number = word
        .trim_start_matches(|c: char| c.is_ascii_alphabetic())
        .parse()
        .ok();
    if let Some(rule) = number.and_then(codes::find) {
        return Ok(page(rule.page));
    }
    let templates = stdlib::PAGES.iter();
    if let Some((_, text)) = templates.clone().find(|(name, _)| *name == word) {
        return Ok(plain(text, |_| None));
    }
    let upper = word.to_uppercase();
    let row = settings::by_env(&upper).or(settings::by_name(word));
    if let Some(row) = row {
        return Ok(setting(row));
    }
    let named: Vec<&codes::Rule> = codes::RULES
        .iter()
        .filter(|rule| format!("{:?}", rule.name) == upper)
        .collect();
    if !named.is_empty() {
        let lines = named
            .iter()
            .map(|rule| format!("{}  {}", rule.number, rule.title));
        return Ok(lines.collect::<Vec<_>>().join("\n"));
    }
    let settings = SETTINGS.iter().flat_map(|row| [row.key(), row.name]);
    let words = settings.chain(templates.map(|(name, _)| *name));
    let help = match nearest(word, words) {
        Some(near) => format!("write `vagrantp explain {near}`"),
        None => "write a code such as 2107, or a setting such as MEMORY".into(),
    };
    Err(Box::new(
        Diagnostic::error(2901)
            .message(format!("There is nothing to explain called '{word}'"))
            .help(help),
    ))
}

/// A rule's page as plain text.
fn page(markdown: &str) -> String {
    plain(markdown, |info| {
        match info.split(',').collect::<Vec<_>>()[..] {
            [_, "passes"] => Some("Corrected:"),
            ["report"] => Some("Report:"),
            ["", ..] => None,
            _ => Some("Example:"),
        }
    })
}

/// A page of the book as plain text: blocks stand indented under what they are.
fn plain(markdown: &str, label: impl Fn(&str) -> Option<&'static str>) -> String {
    let mut lines = Vec::new();
    let mut inside = false;
    for line in markdown.trim_end().lines() {
        match line.strip_prefix("```") {
            Some(info) => {
                inside = !inside && !info.is_empty();
                lines.extend(label(info).map(str::to_owned));
            }
            None if inside && !line.is_empty() => lines.push(format!("    {line}")),
            None => lines.push(line.trim_start_matches("# ").to_owned()),
        }
    }
    lines.join("\n")
}

/// A setting's row as text; the book's reference has the same.
pub fn setting(row: &Setting) -> String {
    let mut lines = vec![
        match row.env {
            Some(env) => format!("{env} (KDL: {})", row.name),
            None => format!("{} (KDL only)", row.name),
        },
        String::new(),
        row.doc.to_owned(),
        String::new(),
    ];
    if let Some(kind) = row.kind {
        lines.push(format!("For: a {} only", kind.word()));
    }
    lines.extend(row.weaker.map(|(_, what)| format!("Weaker: {what}")));
    lines.push(format!("Default: {}", row.default.unwrap_or("none")));
    lines.push(match row.env {
        Some(env) => format!("Example: {env}={}", row.example),
        None => format!("Example: {} {}", row.name, row.example),
    });
    for part in parts_of(row.name).filter(|part| part.env.is_none()) {
        let doc = part.doc.trim_end_matches('.');
        lines.push(format!("Part: `{}`: {doc}", part.own_name()));
    }
    if row.is_list() {
        lines.push("Several values: commas between them, no blanks".into());
    }
    lines.push(format!("A change: {}", change(row.class)));
    if let Some(env) = row.env {
        lines.push(format!("Override: VAGRANTP_{env} in the environment"));
    }
    lines.push(format!("A wrong value: vagrantp explain {}", row.rule));
    lines.join("\n")
}

/// What a class of change means to a machine that is there.
pub fn change(class: Class) -> &'static str {
    match class {
        Class::Free => "takes effect by itself",
        Class::Live => "applied while it runs, by `vagrantp up --apply`",
        Class::Recreate => {
            "makes the machine anew, by `vagrantp up --recreate`; what was installed is kept"
        }
        Class::LosesData => {
            "makes the machine anew, by `vagrantp up --recreate`; what was in it is lost"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::page;

    #[test]
    fn a_page_is_plain_text() {
        let text = "# VP1: A\n\n```env,fails=1\n# c\n\nX=1\n```\n\n```report\nr\n```\n\n```env,passes\nX=2\n```\n";
        let plain =
            "VP1: A\n\nExample:\n    # c\n\n    X=1\n\nReport:\n    r\n\nCorrected:\n    X=2";
        assert_eq!(page(text), plain);
    }
}
