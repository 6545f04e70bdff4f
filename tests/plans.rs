//! Decisions: each page of `tests/plans/` says what is written, found, remembered and asked for, and
//! the plan that comes of it. `VAGRANTP_BLESS=1` writes the plans.

#[path = "support/compiled.rs"]
mod compiled;
#[path = "support/difference.rs"]
mod difference;
#[path = "support/facts.rs"]
mod facts;
#[path = "support/made_up.rs"]
mod made_up;
#[path = "support/tree.rs"]
mod tree;

use made_up::Decision;
use std::collections::BTreeSet;
use std::fs;

/// The pages, by name.
fn pages() -> Vec<(String, String)> {
    let files = tree::files("tests/plans").into_iter();
    files
        .map(|path| (path.display().to_string(), tree::text(&path)))
        .collect()
}

#[test]
fn every_decision_is_the_written_one() {
    let mut wrong = Vec::new();
    for (file, page) in pages() {
        let decision = Decision::read(&page);
        let expected = decision.page(&page);
        if expected == page {
        } else if std::env::var_os("VAGRANTP_BLESS").is_some() {
            fs::write(tree::root().join(&file), &expected).expect("the pages can be written");
        } else {
            wrong.push(format!("{file}:\n{}", difference::lines(&page, &expected)));
        }
    }
    let hint = "`VAGRANTP_BLESS=1 cargo test --test plans` writes the plans; read what it wrote";
    assert!(wrong.is_empty(), "{}\n{hint}", wrong.join("\n"));
}

#[test]
fn every_cell_of_the_state_table_has_a_page() {
    let mut cells = BTreeSet::new();
    for (_, page) in pages() {
        let decision = Decision::read(&page);
        cells.insert((decision.verb().to_owned(), decision.cell()));
    }
    let states = [
        "not_created",
        "creating",
        "removing",
        "running as written",
        "running, differs",
        "stopped",
        "stopped, differs",
    ];
    let mut missing = Vec::new();
    for verb in ["up", "plan", "stop", "rm"] {
        for state in states {
            if !cells.contains(&(verb.to_owned(), state)) {
                missing.push(format!("{verb}: {state}"));
            }
        }
    }
    assert!(missing.is_empty(), "no page for {missing:?}");
}
