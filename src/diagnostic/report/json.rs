use super::place::{Place, below};
use super::{plain, word};
use crate::diagnostic::{Diagnostic, Fix, Related};
use crate::source::{Sources, Span};
use serde_json::{Map, Value};
use std::path::Path;

/// One finding as data. Lines and columns count from 1, columns in characters, the end is exclusive;
/// a file inside the `project` folder is named relative to it. What is not known is null.
pub fn json(found: &Diagnostic, sources: &Sources, project: &Path) -> Value {
    // The label says what the sentence leaves out, such as whose the port is and where it is written.
    let label = Some(&found.label).filter(|label| !label.is_empty());
    let details = label.into_iter().chain(&found.details);
    let details: Vec<String> = details.map(|line| plain(line)).collect();
    let related = |place: &Related| {
        let mut object = Map::new();
        object.insert("message".into(), plain(&place.message).into());
        object.append(&mut range(Some(place.span), sources, project));
        Value::Object(object)
    };
    let mut object = Map::new();
    object.insert("code".into(), format!("{:?}", found.rule.name).into());
    object.insert("rule".into(), format!("{:04}", found.rule.number).into());
    object.insert("severity".into(), word(found.severity).into());
    object.insert("message".into(), plain(&found.message).into());
    object.insert("details".into(), text(details.join("\n")));
    object.insert("suggestion".into(), text(lines(found.help.as_deref())));
    object.append(&mut range(found.span, sources, project));
    let related: Vec<Value> = found.related.iter().map(related).collect();
    object.insert("related".into(), related.into());
    if let Some(fix) = found.fix.as_ref().filter(|fix| passes(fix)) {
        let mut edit = range(Some(fix.span), sources, project);
        edit.insert("replacement".into(), fix.replacement.as_str().into());
        object.insert("fix".into(), edit.into());
    }
    Value::Object(object)
}

/// A replacement is given only as it is; one with characters that may not pass is no fix for a program.
pub(super) fn passes(fix: &Fix) -> bool {
    let shown = |c| matches!(c, '\n' | '\t') || super::plain::glyph(c) == c;
    fix.replacement.chars().all(shown)
}

fn text(text: String) -> Value {
    if text.is_empty() {
        Value::Null
    } else {
        text.into()
    }
}

fn lines(text: Option<&str>) -> String {
    let lines = text.unwrap_or_default().lines().map(plain);
    lines.collect::<Vec<_>>().join("\n")
}

/// A place in a file; one in a text that is no file, such as the environment, has none.
fn range(span: Option<Span>, sources: &Sources, project: &Path) -> Map<String, Value> {
    let place = span.and_then(|span| Place::of(span, sources));
    let keys = ["file", "line", "column", "end_line", "end_column"];
    let values: [Value; 5] = match place {
        None => Default::default(),
        Some(Place { path, start, end }) => [
            plain(&below(path, project).to_string_lossy()).into(),
            start.line.into(),
            start.column.into(),
            end.line.into(),
            end.column.into(),
        ],
    };
    keys.into_iter().map(str::to_owned).zip(values).collect()
}
