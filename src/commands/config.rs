//! `config`: the resolved model, each value with where it came from.

use super::Session;
use super::table::table;
use super::understood::{Understood, understood};
use crate::settings;
use crate::source::{Origin, Sources};
use serde_json::json;

/// Runs the verb.
pub fn run(session: &Session, origins: bool) -> u8 {
    let Understood {
        mut answer,
        project,
        ..
    } = match understood(session, "config") {
        Ok(understood) => understood,
        Err(exit) => return exit,
    };
    for machine in &project.machines {
        answer.name = Some(machine.id.to_string());
        let mut values = machine.values();
        values.retain(|value| project.dialect.has(settings::of(value.setting)));
        if session.options.ui.json {
            let settings: serde_json::Map<String, serde_json::Value> = values
                .iter()
                .map(|value| {
                    let origin = json!({"layer": value.origin.layer(), "place": place(value.origin, &answer.sources)});
                    (value.setting.to_owned(), json!({"value": value.text, "origin": origin}))
                })
                .collect();
            answer.machines.push(
                json!({"name": machine.name, "id": machine.id.as_str(), "settings": settings}),
            );
            continue;
        }
        let rows: Vec<Vec<String>> = values
            .iter()
            .map(|value| {
                let row = settings::of(value.setting);
                let name = project.dialect.name(row);
                if origins {
                    vec![
                        name.to_owned(),
                        value.text.clone(),
                        place(value.origin, &answer.sources),
                    ]
                } else {
                    vec![name.to_owned(), value.text.clone()]
                }
            })
            .collect();
        let header: &[&str] = if origins {
            &["SETTING", "VALUE", "FROM"]
        } else {
            &["SETTING", "VALUE"]
        };
        session.ui.out(&table(header, &rows));
    }
    session.finish(&answer)
}

fn place(origin: Origin, sources: &Sources) -> String {
    match origin.span() {
        Some(span) => sources.place(span),
        None => origin.layer().to_owned(),
    }
}
