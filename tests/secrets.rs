//! What a `.env` holds for the application is in no report of any form.

#[path = "support/cases.rs"]
mod cases;

use cases::cases;
use proptest::prelude::*;
use std::path::Path;
use vagrantp::commands::check;
use vagrantp::diagnostic::Diagnostic;
use vagrantp::diagnostic::report::{Checked, Style, github, json, pretty, sarif, short};
use vagrantp::source::Sources;

const SECRET: &str = "hunter2";

/// Lines of the application, each with a mistake or beside one.
const FOREIGN: &[&str] = &[
    "TOKEN=hunter2",
    "TOKEN=hunter2 and more hunter2",
    "TOKEN: hunter2",
    "TOKEN='hunter2",
    "TOKEN=\"hunter2\\q\"",
    "TOKEN=${hunter2",
    "hunter2",
    "MEMROY=hunter2",
    "memory=hunter2",
    "PORTS_=hunter2",
    "TOKEN=hunter2 # MEMORY=1",
    "export TOKEN=hunter2",
    "\tTOKEN\t=\thunter2",
    "INFRA_TPYE=hunter2",
];

/// Lines of ours, each with a mistake, next to which the others may be drawn.
const OURS: &[&str] = &[
    "MEMORY=256",
    "MEMORY=1G",
    "PORTS=80",
    "CPUS=$TOKEN",
    "IMAGE='debian",
    "PROVISIONING_SECRETS=TOKEN",
    "SYNC=.",
    "INFRA_TYPE=container",
];

fn reports(text: &str) -> Vec<(&'static str, String)> {
    let folder = Path::new("/nowhere/shop");
    let (sources, found) = check::text(folder, ".env", text.as_bytes(), &[]);
    let styles = [
        Style::BOOK,
        Style {
            color: true,
            unicode: false,
            width: 30,
        },
    ];
    let json_of = |found: &[Diagnostic], sources: &Sources| {
        let all = found.iter().map(|found| json(found, sources, folder));
        all.map(|value| value.to_string()).collect::<String>()
    };
    let checked = Checked {
        findings: &found,
        sources: &sources,
        file: None,
    };
    vec![
        ("github", github(&checked, folder)),
        ("sarif", sarif(&[checked], folder).to_string()),
        ("pretty", pretty(&found, &sources, styles[0])),
        ("ascii", pretty(&found, &sources, styles[1])),
        ("short", short(&found, &sources)),
        ("json", json_of(&found, &sources)),
    ]
}

fn keeps(text: &str) -> Result<(), String> {
    for (form, report) in reports(text) {
        if report.contains(SECRET) {
            return Err(format!("{form} of\n{text}\n{report}"));
        }
    }
    Ok(())
}

#[test]
fn a_hidden_value_is_drawn_as_dots() {
    let reports = reports("INFRA_TYPE=container\nMEMROY=hunter2\n");
    let (_, report) = reports
        .iter()
        .find(|(form, _)| *form == "pretty")
        .expect("one");
    assert!(report.contains("MEMROY=•••••••"), "{report}");
    assert!(report.contains("looks like `MEMORY`"), "{report}");
}

#[test]
fn no_single_line_is_said() {
    for foreign in FOREIGN {
        for ours in OURS {
            for text in [format!("{foreign}\n{ours}\n"), format!("{ours}\n{foreign}")] {
                keeps(&text).unwrap();
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn no_mixture_is_said(lines in proptest::collection::vec(
        proptest::sample::select([FOREIGN, OURS].concat()), 1..8))
    {
        let text = lines.join("\n");
        if let Err(said) = keeps(&text) {
            prop_assert!(false, "{said}");
        }
    }
}
