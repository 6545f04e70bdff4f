//! What other programs read of `check`: SARIF as its schema says, and GitHub's workflow commands.

#[path = "support/findings.rs"]
mod findings;
#[path = "support/sarif.rs"]
mod sarif_form;

use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use vagrantp::diagnostic::Diagnostic;
use vagrantp::diagnostic::report::{Checked, github, sarif};
use vagrantp::source::{Origin, Sources, Span};

const ENV: &str = "INFRA_TYPE=container\n\nMEMORY=256\nPORTS=8080:80\n";

/// Findings of a `.env` in `/home/dev/shop`, of which one has all that a finding can have.
fn shop() -> (Sources, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let name = "shop/ä,b:c%.env";
    let path = Path::new("/home/dev").join(name);
    let id = sources.add_file(&path, name.into(), ENV.into());
    let blog = Path::new("/srv/blog/.env");
    let other = sources.add_file(blog, "/srv/blog/.env".into(), "X=1".into());
    let flag = sources.add_text("--set", "memory=1".into());
    let memory = Span::new(id, 29, 32);
    let all = Diagnostic::error(2107)
        .message("100% of a, b: c")
        .at(memory)
        .label("256 MB")
        .help("write `512M`\nor nothing")
        .related("first here", Origin::Written(Span::new(other, 0, 1)))
        .fix(memory, "512M");
    let found = vec![
        all,
        Diagnostic::warning(2302).at(Span::new(id, 0, 33)),
        Diagnostic::warning(2305).at(Span::new(flag, 0, 6)),
    ];
    (sources, found)
}

fn checked<'a>(
    sources: &'a Sources,
    findings: &'a [Diagnostic],
    file: Option<&str>,
) -> Checked<'a> {
    Checked {
        findings,
        sources,
        file: file.map(Into::into),
    }
}

#[test]
fn workflow_commands_escape_what_would_end_them() {
    let (sources, found) = shop();
    let checked = checked(&sources, &found, None);
    let name = "shop/ä%2Cb%3Ac%25.env";
    let help = "help: write `512M`%0A      or nothing";
    let related = "/srv/blog/.env:1:1: first here";
    let expected = format!(
        "::error file={name},line=3,endLine=3,col=8,endColumn=11,title=VP2107::\
         100%25 of a, b: c%0A256 MB%0A{related}%0A{help}\n\
         ::warning file={name},line=1,endLine=4,title=VP2302::A setting is written twice\n\
         ::warning title=VP2305::A variable of the environment changes this value\n"
    );
    assert_eq!(github(&checked, Path::new("/home/dev")), expected);
}

#[test]
fn a_sarif_log_says_all_that_is_known() {
    let (sources, found) = shop();
    let log = sarif(&[checked(&sources, &found, None)], Path::new("/home/dev"));
    assert_eq!(sarif_form::flaw(&log), Ok(()));
    let run = &log["runs"][0];
    let artifact = json!({"uri": "shop/%C3%A4%2Cb%3Ac%25.env", "uriBaseId": "%SRCROOT%"});
    let region = json!({"startLine": 3, "startColumn": 8, "endLine": 3, "endColumn": 11});
    let result = &run["results"][0];
    let print = &result["partialFingerprints"];
    let expected = json!({
        "ruleId": "VP2107", "ruleIndex": 0, "level": "error",
        "message": {"text": "100% of a, b: c\n256 MB\nwrite `512M`\nor nothing"},
        "partialFingerprints": print,
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": region}}],
        "relatedLocations": [{"id": 0, "message": {"text": "first here"}, "physicalLocation": {
            "artifactLocation": {"uri": "file:///srv/blog/.env"},
            "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2},
        }}],
        "fixes": [{"description": {"text": "write `512M` or nothing"}, "artifactChanges": [{
            "artifactLocation": artifact,
            "replacements": [{"deletedRegion": region, "insertedContent": {"text": "512M"}}],
        }]}],
    });
    assert_eq!(*result, expected);
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let ids: Vec<&Value> = rules.iter().map(|rule| &rule["id"]).collect();
    assert_eq!(ids, ["VP2107", "VP2302", "VP2305"]);
    let help = rules[0]["help"]["text"].as_str().expect("a help");
    assert!(
        help.contains("RAM of the machine") && !help.contains("```"),
        "{help}"
    );
    let told = &run["invocations"][0];
    assert_eq!(told["executionSuccessful"], false);
    let told = &told["toolConfigurationNotifications"];
    assert_eq!(told[0]["descriptor"]["id"], "VP2305");
}

#[test]
fn a_finding_without_a_place_is_about_its_file() {
    let found = [Diagnostic::error(2002).message("no")];
    let sources = Sources::default();
    let parts = [checked(&sources, &found, Some("/home/dev/.env"))];
    let root = Path::new("/home/dev");
    let command = "::error file=.env,title=VP2002::no\n";
    assert_eq!(github(&parts[0], root), command);
    let log = sarif(&parts, root);
    assert_eq!(sarif_form::flaw(&log), Ok(()));
    let result = &log["runs"][0]["results"][0];
    let place = json!([{"physicalLocation": {
        "artifactLocation": {"uri": ".env", "uriBaseId": "%SRCROOT%"},
    }}]);
    assert_eq!(result["locations"], place);
}

fn fingerprints(text: &str) -> Vec<String> {
    let folder = findings::project();
    let (sources, found) = findings::findings(folder.path(), ".env", text.as_bytes(), &[]);
    let log = sarif(&[checked(&sources, &found, None)], folder.path());
    assert_eq!(sarif_form::flaw(&log), Ok(()), "{log:#}");
    let results = log["runs"][0]["results"].as_array().expect("results");
    let print = |result: &Value| result["partialFingerprints"]["vagrantp/v1"].to_string();
    results.iter().map(print).collect()
}

#[test]
fn a_fingerprint_stays_where_lines_move() {
    let text = "INFRA_TYPE=container\nMEMORY=256\nPORTS=80,80\n";
    let before = fingerprints(text);
    assert_eq!(before.len(), 3);
    let moved = fingerprints(&format!("# a\n\n{}", text.replace("PORTS", "# b\nPORTS")));
    assert_eq!(before, moved);
    assert_ne!(before, fingerprints(&text.replace("256", "255")));
}

#[test]
fn every_case_of_the_diagnostics_is_a_log_as_the_schema_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics");
    for entry in fs::read_dir(folder).expect("the cases").flatten() {
        let case = entry.path();
        if case.extension().is_some_and(|end| end == "expect") {
            continue;
        }
        let name = case.file_name().expect("a file").to_string_lossy();
        let name = if name.ends_with(".env") {
            ".env"
        } else {
            &name
        };
        let bytes = fs::read(&case).expect("a case");
        let folder = findings::project();
        let (sources, found) = findings::findings(folder.path(), name, &bytes, &[]);
        let parts = [checked(&sources, &found, Some("/home/dev/.env"))];
        let log = sarif(&parts, folder.path());
        assert_eq!(
            sarif_form::flaw(&log),
            Ok(()),
            "{}: {log:#}",
            case.display()
        );
        let results = log["runs"][0]["results"].as_array().map_or(0, Vec::len);
        assert_eq!(results, found.len(), "{}", case.display());
        let commands = github(&parts[0], folder.path());
        let lines = commands.lines().filter(|line| line.starts_with("::"));
        assert_eq!(
            lines.count(),
            found.len(),
            "{}:\n{commands}",
            case.display()
        );
        assert_eq!(commands.lines().count(), found.len(), "{}", case.display());
    }
}
