use super::place::{Checked, Place, below};
use super::{Diagnostic, plain, word};
use std::path::Path;

/// One workflow command a finding, which GitHub shows beside the line:
/// `::error file=.env,line=2,endLine=2,col=8,endColumn=11,title=VP2107::message`.
/// Paths are relative to `root`, the repository's.
pub fn github(checked: &Checked, root: &Path) -> String {
    let command = |found| command(found, checked, root);
    checked.findings.iter().map(command).collect()
}

fn command(found: &Diagnostic, checked: &Checked, root: &Path) -> String {
    let place = found.span.and_then(|span| Place::of(span, checked.sources));
    let path = place.as_ref().map(|place| place.path);
    let mut properties = Vec::new();
    if let Some(path) = path.or(checked.file.as_deref()) {
        let path = below(path, root).to_string_lossy();
        properties.push(format!("file={}", property(&path)));
    }
    if let Some(Place { start, end, .. }) = place {
        properties.push(format!("line={},endLine={}", start.line, end.line));
        // Columns are taken only of one line.
        if start.line == end.line {
            properties.push(format!("col={},endColumn={}", start.column, end.column));
        }
    }
    properties.push(format!("title=VP{:04}", found.rule.number));
    let (level, properties) = (word(found.severity), properties.join(","));
    format!("::{level} {properties}::{}\n", value(&text(found, checked)))
}

/// The sentence, what stands beside the place, the other places, and what to do: a line each.
fn text(found: &Diagnostic, checked: &Checked) -> String {
    let mut lines = vec![plain(&found.message), plain(&found.label)];
    lines.extend(found.details.iter().map(|line| plain(line)));
    for related in &found.related {
        let place = checked.sources.place(related.span);
        lines.push(plain(&format!("{place}: {}", related.message)));
    }
    let help = found.help.as_deref().unwrap_or_default();
    let mut prefix = "help: ";
    for line in help.lines() {
        lines.push(format!("{prefix}{}", plain(line)));
        prefix = "      ";
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

fn value(text: &str) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D");
    text.replace('\n', "%0A")
}

fn property(text: &str) -> String {
    value(&plain(text)).replace(':', "%3A").replace(',', "%2C")
}
