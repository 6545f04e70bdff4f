use super::json::passes;
use super::place::{Checked, Place, below};
use super::{Diagnostic, plain, word};
use crate::diagnostic::codes::Rule;
use crate::source::Sources;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// The form's own definition.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// One SARIF 2.1.0 log of all that was checked. Paths are relative to `root`, the repository's, which
/// readers know as `%SRCROOT%`.
///
/// A finding that is about no file is no result, which needs a place: it tells why the linter could
/// not work, and is a notification of the run.
pub fn sarif(checked: &[Checked], root: &Path) -> Value {
    let found = || {
        let each = checked.iter();
        each.flat_map(|part| part.findings.iter().map(move |found| (found, part)))
    };
    let rules: BTreeMap<u16, &Rule> = found()
        .map(|(found, _)| (found.rule.number, found.rule))
        .collect();
    let mut seen = HashMap::new();
    let (mut results, mut notifications) = (Vec::new(), Vec::new());
    for (found, part) in found() {
        let Some(location) = location(found, part, root) else {
            notifications.push(json!({
                "descriptor": {"id": id(found.rule)},
                "level": word(found.severity),
                "message": {"text": message(found)},
            }));
            continue;
        };
        let mut result = json!({
            "ruleId": id(found.rule),
            "ruleIndex": rules.range(..found.rule.number).count(),
            "level": word(found.severity),
            "message": {"text": message(found)},
            "partialFingerprints": {
                "vagrantp/v1": fingerprint(found, &location, &mut seen),
            },
            "locations": [location],
        });
        let related = related(found, part.sources, root);
        if !related.is_empty() {
            result["relatedLocations"] = related.into();
        }
        if let Some(fix) = fix(found, part.sources, root) {
            result["fixes"] = json!([fix]);
        }
        results.push(result);
    }
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "vagrantp",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.values().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            }},
            "invocations": [{
                "executionSuccessful": notifications.is_empty(),
                "toolConfigurationNotifications": notifications,
            }],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn id(rule: &Rule) -> String {
    format!("VP{:04}", rule.number)
}

/// A rule, with its page of the book as help.
fn descriptor(rule: &Rule) -> Value {
    let paragraphs = rule.page.split("\n```").next().unwrap_or_default();
    let prose = paragraphs.lines().skip(1).collect::<Vec<_>>().join("\n");
    json!({
        "id": id(rule),
        "name": format!("{:?}", rule.name),
        "shortDescription": {"text": rule.title},
        "help": {"text": prose.trim(), "markdown": rule.page},
    })
}

/// The sentence, what stands beside the place, and what to do: a line each.
fn message(found: &Diagnostic) -> String {
    let mut lines = vec![plain(&found.message)];
    let beside = [&found.label].into_iter().chain(&found.details);
    lines.extend(beside.map(|line| plain(line)));
    let help = found.help.as_deref().unwrap_or_default();
    lines.extend(help.lines().map(plain));
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

/// Where a finding is: at its place, else the whole file.
fn location(found: &Diagnostic, part: &Checked, root: &Path) -> Option<Value> {
    let place = found.span.and_then(|span| Place::of(span, part.sources));
    let physical = match place {
        Some(place) => physical(&place, root),
        None => json!({"artifactLocation": artifact(part.file.as_deref()?, root)}),
    };
    Some(json!({"physicalLocation": physical}))
}

fn related(found: &Diagnostic, sources: &Sources, root: &Path) -> Vec<Value> {
    let each = found.related.iter().filter_map(|related| {
        let place = Place::of(related.span, sources)?;
        Some((related, physical(&place, root)))
    });
    let numbered = each.enumerate().map(|(number, (related, physical))| {
        json!({
            "id": number,
            "message": {"text": plain(&related.message)},
            "physicalLocation": physical,
        })
    });
    numbered.collect()
}

fn fix(found: &Diagnostic, sources: &Sources, root: &Path) -> Option<Value> {
    let fix = found.fix.as_ref().filter(|fix| passes(fix))?;
    let place = Place::of(fix.span, sources)?;
    let help = found.help.as_deref().unwrap_or(&found.message);
    Some(json!({
        "description": {"text": plain(help)},
        "artifactChanges": [{
            "artifactLocation": artifact(place.path, root),
            "replacements": [{
                "deletedRegion": region(&place),
                "insertedContent": {"text": fix.replacement},
            }],
        }],
    }))
}

fn physical(place: &Place, root: &Path) -> Value {
    json!({"artifactLocation": artifact(place.path, root), "region": region(place)})
}

fn region(place: &Place) -> Value {
    json!({
        "startLine": place.start.line,
        "startColumn": place.start.column,
        "endLine": place.end.line,
        "endColumn": place.end.column,
    })
}

fn artifact(path: &Path, root: &Path) -> Value {
    let path = below(path, root);
    let mut uri = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(*byte));
            }
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    if path.is_absolute() {
        json!({"uri": format!("file://{uri}")})
    } else {
        json!({"uri": uri, "uriBaseId": "%SRCROOT%"})
    }
}

/// The same for the same mistake wherever its line has moved to: of the rule, the file, the sentence,
/// and how many like it came before.
fn fingerprint(found: &Diagnostic, location: &Value, seen: &mut HashMap<String, usize>) -> String {
    let uri = &location["physicalLocation"]["artifactLocation"]["uri"];
    let what = format!(
        "{}\n{uri}\n{}\n{}",
        id(found.rule),
        found.message,
        found.label
    );
    let before = seen.entry(what.clone()).or_default();
    let digest = Sha256::digest(format!("{what}\n{before}"));
    *before += 1;
    digest[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
