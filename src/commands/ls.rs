//! `ls`: all machines of this user on this host. One question to the engine.

use super::Session;
use super::answer::Answer;
use super::machine_json::to_json;
use super::machines::Known;
use super::status::published;
use crate::state::folder::Identity;
use crate::state::ledger::Ledger;

/// Runs the verb.
pub fn run(session: &Session) -> u8 {
    let here = session.start();
    let mut answer = Answer::new("ls", &here);
    let observed = match session.look_if_there(&[]) {
        Ok(observed) => observed,
        Err(finding) => {
            answer.findings.push(finding);
            return session.finish(&answer);
        }
    };
    let ledger = Ledger::read(&session.state);
    let mut all: Vec<Known> = Vec::new();
    for entry in &ledger.entries {
        let record = &entry.record;
        let ours = |seen: &&crate::state::observed::ObservedMachine| {
            seen.name == record.id
                && seen.project == Some(record.project)
                && seen.provider == record.provider
        };
        all.push(Known {
            damaged: false,
            name: record.id.clone(),
            identity: Identity::of(record),
            meant: None,
            left_over: false,
            left_out: false,
            named: true,
            former: None,
            found: observed.iter().find(ours),
            record: Some(record.clone()),
        });
    }
    for seen in observed.iter().filter(|seen| seen.project.is_some()) {
        if all.iter().any(|known| {
            known
                .found
                .is_some_and(|found| found.engine_id == seen.engine_id)
        }) {
            continue;
        }
        all.push(Known {
            damaged: false,
            name: seen.name.clone(),
            identity: Identity {
                project: seen.project.unwrap_or_default(),
                file: ".env".into(),
                machine: String::new(),
                kind: seen.provider.kind(),
            },
            meant: None,
            left_over: false,
            left_out: false,
            named: true,
            former: None,
            found: Some(seen),
            record: None,
        });
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    answer.machines = all
        .iter()
        .map(|known| {
            let path = known
                .found
                .and_then(|found| found.path.clone())
                .unwrap_or_default();
            to_json(known, &path)
        })
        .collect();
    let rows: Vec<Vec<String>> = all.iter().map(row).collect();
    if rows.is_empty() {
        session.ui.out("no machine");
    } else {
        session
            .ui
            .out_table(&["ID", "STATE", "PORTS", "PROJECT"], &rows);
    }
    session.finish(&answer)
}

fn row(known: &Known) -> Vec<String> {
    let record = known.record.as_ref();
    let ports: Vec<String> = record
        .into_iter()
        .flat_map(|record| &record.networking.ports)
        .map(published)
        .collect();
    let ports = if ports.is_empty() {
        "–".into()
    } else {
        ports.join(" ")
    };
    let path = record.map(|record| record.project_path.clone());
    let path = path
        .or(known.found.and_then(|found| found.path.clone()))
        .unwrap_or_default();
    let gone = if path.exists() {
        ""
    } else {
        " (the folder is gone)"
    };
    let state = known.situation().state.to_string().replace('_', " ");
    vec![
        known.name.clone(),
        state,
        ports,
        format!("{}{gone}", path.display()),
    ]
}
