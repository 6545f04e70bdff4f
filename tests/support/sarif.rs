//! What SARIF 2.1.0 asks of the parts that we write, and GitHub's code scanning beyond it.

use serde_json::Value;

/// The first thing in a log that is not as it must be.
pub fn flaw(log: &Value) -> Result<(), String> {
    only(log, "log", &["$schema", "version", "runs"])?;
    text(&log["$schema"], "$schema")?;
    is(log["version"] == "2.1.0", "version")?;
    let runs = list(&log["runs"], "runs")?;
    is(runs.len() == 1, "runs: one")?;
    let run = &runs[0];
    let members = ["tool", "invocations", "columnKind", "results"];
    only(run, "run", &members)?;
    is(run["columnKind"] == "unicodeCodePoints", "columnKind")?;
    let driver = &run["tool"]["driver"];
    only(driver, "driver", &["name", "version", "rules"])?;
    text(&driver["name"], "driver.name")?;
    let rules = list(&driver["rules"], "rules")?;
    for rule in rules {
        only(rule, "rule", &["id", "name", "shortDescription", "help"])?;
        text(&rule["id"], "rule.id")?;
        text(&rule["shortDescription"]["text"], "rule.shortDescription")?;
        text(&rule["help"]["text"], "rule.help.text")?;
        text(&rule["help"]["markdown"], "rule.help.markdown")?;
    }
    for invocation in list(&run["invocations"], "invocations")? {
        let notifications = &invocation["toolConfigurationNotifications"];
        for told in list(notifications, "notifications")? {
            only(told, "notification", &["descriptor", "level", "message"])?;
            text(&told["message"]["text"], "notification.message")?;
            is(knows(rules, &told["descriptor"]["id"]), "its descriptor")?;
        }
        is(invocation["executionSuccessful"].is_boolean(), "successful")?;
    }
    let mut fingerprints = std::collections::BTreeSet::new();
    for result in list(&run["results"], "results")? {
        whole(result, rules).map_err(|flaw| format!("{flaw} in {result}"))?;
        let print = result["partialFingerprints"].to_string();
        is(fingerprints.insert(print), "a fingerprint, once")?;
    }
    Ok(())
}

fn whole(result: &Value, rules: &[Value]) -> Result<(), String> {
    let mut members = vec!["ruleId", "ruleIndex", "level", "message"];
    members.extend([
        "locations",
        "partialFingerprints",
        "relatedLocations",
        "fixes",
    ]);
    only(result, "result", &members)?;
    let index = result["ruleIndex"].as_u64().ok_or("ruleIndex")? as usize;
    is(
        rules[index]["id"] == result["ruleId"],
        "ruleIndex is of ruleId",
    )?;
    is(
        ["error", "warning"].contains(&result["level"].as_str().unwrap_or_default()),
        "level",
    )?;
    text(&result["message"]["text"], "message")?;
    text(&result["partialFingerprints"]["vagrantp/v1"], "fingerprint")?;
    let locations = list(&result["locations"], "locations")?;
    is(locations.len() == 1, "locations: one")?;
    let related = result["relatedLocations"].as_array();
    let mut ids = std::collections::BTreeSet::new();
    for place in related.into_iter().flatten() {
        is(
            ids.insert(place["id"].as_u64().ok_or("id")?),
            "relatedLocations: ids once",
        )?;
        text(&place["message"]["text"], "relatedLocations.message")?;
    }
    for location in locations.iter().chain(related.into_iter().flatten()) {
        only(location, "location", &["id", "message", "physicalLocation"])?;
        let place = &location["physicalLocation"];
        only(place, "physicalLocation", &["artifactLocation", "region"])?;
        artifact(&place["artifactLocation"])?;
        place.get("region").map_or(Ok(()), region)?;
    }
    for fix in result["fixes"].as_array().into_iter().flatten() {
        only(fix, "fix", &["description", "artifactChanges"])?;
        text(&fix["description"]["text"], "fix.description")?;
        for change in list(&fix["artifactChanges"], "artifactChanges")? {
            artifact(&change["artifactLocation"])?;
            for edit in list(&change["replacements"], "replacements")? {
                only(edit, "replacement", &["deletedRegion", "insertedContent"])?;
                region(&edit["deletedRegion"])?;
                is(
                    edit["insertedContent"]["text"].is_string(),
                    "insertedContent",
                )?;
            }
        }
    }
    Ok(())
}

fn artifact(place: &Value) -> Result<(), String> {
    only(place, "artifactLocation", &["uri", "uriBaseId"])?;
    let uri = place["uri"].as_str().ok_or("uri")?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~/%".contains(c);
    let path = uri.strip_prefix("file://").unwrap_or(uri);
    is(!path.is_empty() && path.chars().all(allowed), "uri is one")?;
    is(
        uri.starts_with("file:///") != place["uriBaseId"].is_string(),
        "relative to a base",
    )?;
    is(!path.split('/').any(|part| part == ".."), "no way up")
}

fn region(region: &Value) -> Result<(), String> {
    let members = ["startLine", "startColumn", "endLine", "endColumn"];
    only(region, "region", &members)?;
    let numbers = members.map(|name| region[name].as_u64().unwrap_or(0));
    is(numbers.iter().all(|number| *number >= 1), "region: from 1")?;
    let [line, column, end_line, end_column] = numbers;
    is((line, column) <= (end_line, end_column), "region: in order")
}

fn knows(rules: &[Value], id: &Value) -> bool {
    rules.iter().any(|rule| rule["id"] == *id)
}

fn only(value: &Value, what: &str, known: &[&str]) -> Result<(), String> {
    let members = value.as_object().ok_or(format!("{what}: no object"))?;
    match members.keys().find(|name| !known.contains(&name.as_str())) {
        Some(odd) => Err(format!("{what}: {odd}?")),
        None => Ok(()),
    }
}

fn list<'a>(value: &'a Value, what: &str) -> Result<&'a Vec<Value>, String> {
    value.as_array().ok_or(format!("{what}: no list"))
}

fn text(value: &Value, what: &str) -> Result<(), String> {
    let text = value.as_str().ok_or(format!("{what}: no text"))?;
    is(!text.is_empty(), what)
}

fn is(holds: bool, what: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.into()) }
}
