//! A fix, alone, takes its finding away and brings no line that cannot be read.

#[path = "support/carets.rs"]
mod carets;
#[path = "support/findings.rs"]
mod findings;

use std::fs;
use std::path::Path;
use vagrantp::diagnostic::{Diagnostic, Fix};

/// What one finding says, and how many more say it.
fn alike(found: &[Diagnostic], one: &Diagnostic) -> usize {
    let same = |other: &&Diagnostic| other.rule == one.rule && other.message == one.message;
    found.iter().filter(same).count()
}

fn unread(found: &[Diagnostic]) -> usize {
    let syntax = |found: &&Diagnostic| matches!(found.rule.number, 2401 | 2404 | 2405);
    found.iter().filter(syntax).count()
}

fn fixed(text: &str, fix: &Fix) -> String {
    let (start, end) = (fix.span.start as usize, fix.span.end as usize);
    format!("{}{}{}", &text[..start], fix.replacement, &text[end..])
}

#[test]
fn every_fix_takes_its_finding_away() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics");
    let project = findings::project();
    let mut wrong = Vec::new();
    let mut fixes = 0;
    for entry in fs::read_dir(folder).expect("the cases").flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|end| end != "kdl") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a case");
        let text = carets::stripped(&text, carets::comment("a.kdl"));
        let check =
            |text: &str| findings::findings(project.path(), "vagrantp.kdl", text.as_bytes(), &[]).1;
        let before = check(&text);
        for one in &before {
            let Some(fix) = &one.fix else { continue };
            fixes += 1;
            let after = fixed(&text, fix);
            let found = check(&after);
            let still = alike(&found, one) >= alike(&before, one);
            if still || unread(&found) > unread(&before) {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                wrong.push(format!("{name}: {one}: `{}`", fix.replacement));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(fixes > 100, "only {fixes} fixes");
}
