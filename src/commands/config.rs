//! `config`: the resolved model, each value with where it came from.

use super::Session;
use super::table::table;
use super::understood::{Understood, understood};
use crate::model::Machine;
use crate::settings::SETTINGS;
use crate::source::{Located, Origin, Sources};
use crate::value::{Choice, ImageRef, Kind};
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
        let values = values(machine);
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
                let env = SETTINGS
                    .iter()
                    .find(|row| row.name == value.setting)
                    .map_or("", |row| row.env);
                if origins {
                    vec![
                        env.to_owned(),
                        value.text.clone(),
                        place(value.origin, &answer.sources),
                    ]
                } else {
                    vec![env.to_owned(), value.text.clone()]
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

struct Resolved {
    setting: &'static str,
    text: String,
    origin: Origin,
}

/// Every value of a machine, defaults too, in the order of the settings' table.
fn values(machine: &Machine) -> Vec<Resolved> {
    let mut all = Vec::new();
    let mut put = |setting, text: String, origin| {
        all.push(Resolved {
            setting,
            text,
            origin,
        })
    };
    put("kind", machine.kind.word().into(), machine.kind.origin);
    put("id", machine.id.to_string(), machine.id.origin);
    put("memory", machine.memory.to_string(), machine.memory.origin);
    put("cpus", machine.cpus.to_string(), machine.cpus.origin);
    put(
        "disk-size",
        machine.disk_size.to_string(),
        machine.disk_size.origin,
    );
    put(
        "provider",
        machine.provider.word().into(),
        machine.provider.origin,
    );
    put(
        "network",
        machine.network.word().into(),
        machine.network.origin,
    );
    let mut each = |setting, values: Vec<Located<String>>| {
        for value in values {
            all.push(Resolved {
                setting,
                text: value.value,
                origin: value.origin,
            });
        }
    };
    each(
        "network.interface",
        machine.interface.iter().cloned().collect(),
    );
    each("network.ip", machine.ip.iter().map(text).collect());
    each("ports", machine.ports.iter().map(text).collect());
    match machine.kind.value {
        Kind::Container => {
            let full = match &machine.image.value {
                ImageRef::Registry(full) => full.clone(),
                ImageRef::Containerfile(path) => path.clone(),
            };
            each("image", vec![Located::new(full, machine.image.origin)]);
            each(
                "init",
                vec![Located::new(
                    machine.init.word().to_owned(),
                    machine.init.origin,
                )],
            );
        }
        Kind::Vm => each("box", vec![machine.box_name.clone()]),
    }
    if let Some(provision) = &machine.provision {
        let path = |path: &Located<std::path::PathBuf>| {
            Located::new(path.display().to_string(), path.origin)
        };
        each("provision", vec![path(&provision.playbook)]);
        each(
            "provision.vars-file",
            provision.vars.iter().map(path).collect(),
        );
        each("provision.secret", provision.secrets.clone());
    }
    let user = machine.user.as_ref().map_or(
        Located::new(machine.login().to_owned(), Origin::Default),
        |user| Located::new(user.to_string(), user.origin),
    );
    each("ssh.user", vec![user]);
    each(
        "ssh.key",
        machine
            .key_file
            .iter()
            .map(|key| Located::new(key.display().to_string(), key.origin))
            .collect(),
    );
    each("sync", machine.shares.iter().map(text).collect());
    all
}

fn text<T: std::fmt::Display>(value: &Located<T>) -> Located<String> {
    Located::new(value.value.to_string(), value.origin)
}

fn place(origin: Origin, sources: &Sources) -> String {
    match origin.span() {
        Some(span) => sources.place(span),
        None => origin.layer().to_owned(),
    }
}
