//! `config`: the resolved model, each value with where it came from.

use super::Session;
use super::answer::Answer;
use super::understood::{Understood, understood};
use crate::model::in_env::in_env;
use crate::model::in_kdl::in_kdl;
use crate::model::{Machine, Project, Resolved};
use crate::settings::{self, Dialect, Merge};
use crate::source::{Origin, Sources};
use crate::ui::table;
use serde_json::{Map, Value, json};

/// How the model is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A line a value.
    Table,
    /// All machines, each value with its origin.
    Json,
    /// A vagrantp.kdl that says all of it, without defaults, templates and profiles.
    Kdl,
    /// A .env, where a .env can say all of it.
    Env,
}

/// What `config` takes.
#[derive(Debug, Clone, Copy)]
pub struct Arguments {
    /// How the model is shown.
    pub format: Format,
    /// Where each value came from.
    pub origins: bool,
    /// The values that came of `env.*` too: they may be secrets.
    pub show_values: bool,
}

/// Runs the verb.
pub fn run(session: &Session, arguments: &Arguments) -> u8 {
    let Understood {
        mut answer,
        mut project,
        ..
    } = match understood(session, "config") {
        Ok(understood) => understood,
        Err(exit) => return exit,
    };
    answer.name = Some(project.shown_name());
    if arguments.show_values {
        let machines = project.machines.iter_mut().chain(&mut project.left_out);
        machines.for_each(|machine| machine.unexpanded.clear());
    }
    let machines = project.machines.iter();
    answer.machines = machines
        .map(|machine| to_json(&project, machine, &answer.sources))
        .collect();
    if let Some(text) = text(&project, arguments, session.ui.columns(), &mut answer) {
        if session.options.ui.json && arguments.format != Format::Table {
            answer.extra.push(("text", text.into()));
        } else if !session.options.ui.json {
            session.ui.out(text.trim_end());
        }
    }
    session.finish(&answer)
}

fn text(
    project: &Project,
    arguments: &Arguments,
    columns: Option<usize>,
    answer: &mut Answer,
) -> Option<String> {
    match arguments.format {
        Format::Table => Some(rows(project, arguments.origins, &answer.sources, columns)),
        Format::Json => {
            let model = json!({
                "project": project.name.as_ref().map(|name| name.as_str()),
                "profiles": project.profiles,
                "machines": answer.machines,
            });
            Some(format!("{model:#}"))
        }
        Format::Kdl => Some(in_kdl(project)),
        Format::Env => match in_env(project) {
            Ok(text) => Some(text),
            Err(findings) => {
                answer.findings.extend(findings);
                None
            }
        },
    }
}

/// A line a value. Where a file may describe several machines, the machine is named in each.
fn rows(project: &Project, origins: bool, sources: &Sources, columns: Option<usize>) -> String {
    let names_machines = project.dialect == Dialect::Kdl;
    let mut header = vec!["SETTING", "VALUE"];
    if names_machines {
        header.insert(0, "MACHINE");
    }
    if origins {
        header.push("FROM");
    }
    let mut rows = Vec::new();
    for machine in &project.machines {
        for value in machine.values() {
            let row = settings::of(value.setting);
            if !project.dialect.has(row) {
                continue;
            }
            let mut cells = vec![project.dialect.name(row).to_owned(), value.text];
            if names_machines {
                cells.insert(0, machine.name.clone());
            }
            if origins {
                cells.push(from(project, value.origin, sources));
            }
            rows.push(cells);
        }
    }
    table(&header, &rows, columns)
}

/// The layer, where it is another than the file's own, and the place.
fn from(project: &Project, origin: Origin, sources: &Sources) -> String {
    match (origin, origin.span()) {
        (Origin::Defaults(_) | Origin::Template(_) | Origin::Profile(_), Some(span)) => {
            format!("{}, {}", project.layer(origin), sources.place(span))
        }
        (_, Some(span)) => sources.place(span),
        (_, None) => origin.layer().to_owned(),
    }
}

/// A machine with all of its values. What there may be several of is a list; what qualifies one of them stands
/// with it.
fn to_json(project: &Project, machine: &Machine, sources: &Sources) -> Value {
    let mut all = Map::new();
    let mut item: Option<&'static str> = None;
    for value in machine.values() {
        let row = settings::of(value.setting);
        if !project.dialect.has(row) {
            continue;
        }
        let shown = one(project, &value, sources);
        let owner = item.filter(|owner| value.setting.starts_with(&format!("{owner}.")));
        if let Some(last) = owner.and_then(|owner| all.get_mut(owner)?.as_array_mut()?.last_mut()) {
            let parts = &mut last["with"];
            let name = &value.setting[owner.map_or(0, |owner| owner.len() + 1)..];
            match parts[name].as_array_mut() {
                Some(there) => there.push(shown),
                None => parts[name] = json!([shown]),
            }
            continue;
        }
        item = None;
        if row.merge == Merge::Replace {
            all.insert(value.setting.to_owned(), shown);
            continue;
        }
        item = Some(value.setting);
        match all.get_mut(value.setting).and_then(Value::as_array_mut) {
            Some(there) => there.push(shown),
            None => {
                all.insert(value.setting.to_owned(), json!([shown]));
            }
        }
    }
    json!({"name": machine.name, "id": machine.id.as_str(), "settings": all})
}

fn one(project: &Project, value: &Resolved, sources: &Sources) -> Value {
    let place = value.origin.span().map(|span| sources.place(span));
    json!({
        "value": value.text,
        "origin": {"layer": project.layer(value.origin), "place": place},
    })
}
