//! The machines of a project, written, found and remembered together.

use super::compile::Compiled;
use super::provision;
use super::whose::identity_of;
use crate::engine::podman;
use crate::model::joined::network_of;
use crate::model::{Machine, Project};
use crate::plan::provisioning::provisioned;
use crate::plan::reconcile::Subject;
use crate::plan::remember::attached;
use crate::plan::situation::{Situation, State, situation};
use crate::state::folder::Identity;
use crate::state::given::Given;
use crate::state::ledger::Ledger;
use crate::state::observed::{ObservedMachine, Seen};
use crate::state::record::{
    Access, MachineRecord, Networking, Provisioned, Resources, SCHEMA, Stage, Ties,
};
use crate::value::{Choice, Init, Kind, NetworkMode, Provider};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use uuid::Uuid;

/// One machine, and all that is known of it.
#[derive(Debug, Clone)]
pub struct Known<'a> {
    /// Its name in the project.
    pub name: String,
    /// Whose record it is.
    pub identity: Identity,
    /// As written, where the configuration still has it.
    pub meant: Option<&'a Machine>,
    /// As remembered.
    pub record: Option<MachineRecord>,
    /// It is remembered, and that cannot be read.
    pub damaged: bool,
    /// As the engine shows it.
    pub found: Option<&'a ObservedMachine>,
    /// Whether a configuration was read that does not have it.
    pub left_over: bool,
    /// Whether it is written, and the profile leaves it out.
    pub left_out: bool,
    /// Whether it is asked for, and not only needed by another.
    pub named: bool,
}

impl Known<'_> {
    /// What a decision is made of.
    pub fn subject(&self) -> Subject<'_> {
        Subject {
            name: &self.name,
            named: self.named,
            meant: self.meant,
            record: self.record.as_ref(),
            damaged: self.damaged,
            found: self.found,
        }
    }

    /// Its state; a word of the engine's that we do not know is its detail.
    pub fn situation(&self) -> Situation {
        situation(self.record.as_ref(), self.found).unwrap_or_else(|word| Situation {
            state: State::Stopped,
            detail: Some(format!("the engine says '{word}'")),
        })
    }
}

/// All machines of a project: the written ones first, then what is left over.
pub fn known<'a>(
    compiled: Option<&'a Compiled>,
    uuid: Uuid,
    file: Option<&str>,
    ledger: &Ledger,
    observed: &'a [ObservedMachine],
) -> Vec<Known<'a>> {
    let mut all: Vec<Known> = Vec::new();
    let found_as = |id: &str, identity: &Identity, record: Option<&MachineRecord>| {
        // Two files in a folder may write one name: whose it is, the records know.
        let of_another = |seen: &ObservedMachine| {
            let mut named = ledger.by_id(&seen.name);
            named.any(|entry| {
                entry.record.project == uuid && Identity::of(&entry.record) != *identity
            })
        };
        let ours = || {
            let of_project = observed.iter().filter(|seen| seen.project == Some(uuid));
            of_project.filter(|seen| !of_another(seen))
        };
        let engine_id = record.and_then(|record| record.engine_id.as_ref());
        ours()
            .find(|seen| seen.name == id)
            // Its id was changed, and making it anew was cut short.
            .or_else(|| ours().find(|seen| engine_id == Some(&seen.engine_id)))
            .or_else(|| {
                let record = record?;
                observed.iter().find(|seen| seen.is_half_made(record))
            })
    };
    let damaged_at = |identity: &Identity| ledger.is_damaged(identity);
    let project = compiled.and_then(|compiled| compiled.project.as_ref());
    let written = project.map(|project| project.machines.len());
    let machines = project.into_iter().flat_map(Project::all);
    for (place, machine) in machines.enumerate() {
        let identity = identity_of(project.expect("it has machines"), machine, uuid, ledger);
        let record = ledger.entry(&identity).map(|entry| entry.record.clone());
        let id = record
            .as_ref()
            .map_or(machine.id.as_str(), |record| &record.id);
        all.push(Known {
            name: machine.name.clone(),
            found: found_as(id, &identity, record.as_ref()),
            damaged: damaged_at(&identity),
            meant: Some(machine),
            left_over: false,
            left_out: written.is_some_and(|written| place >= written),
            named: true,
            record,
            identity,
        });
    }
    for entry in ledger.project(uuid) {
        let record = &entry.record;
        let identity = Identity::of(record);
        let other_file = file.is_some_and(|file| file != record.config_file);
        if other_file || all.iter().any(|known| known.identity == identity) {
            continue;
        }
        all.push(Known {
            name: if record.machine.is_empty() {
                record.id.clone()
            } else {
                record.machine.clone()
            },
            found: found_as(&record.id, &identity, Some(record)),
            identity,
            meant: None,
            left_over: compiled.is_some_and(|compiled| {
                compiled.project.is_some() && compiled.file == record.config_file
            }),
            left_out: false,
            named: true,
            damaged: false,
            record: Some(record.clone()),
        });
    }
    let is_known = |all: &[Known], seen: &ObservedMachine| {
        let mut found = all.iter().filter_map(|known| known.found);
        found.any(|found| found.engine_id == seen.engine_id)
    };
    for identity in ledger.damaged_of(uuid) {
        if all.iter().any(|known| known.identity == identity) {
            continue;
        }
        // Which it is cannot be told from among several: those are left over then.
        let mut left = observed
            .iter()
            .filter(|seen| seen.project == Some(uuid) && !is_known(&all, seen));
        let found = left.next().filter(|_| left.next().is_none());
        let name = found.map_or(&identity.machine, |found| &found.name);
        all.push(Known {
            name: name.clone(),
            found,
            damaged: true,
            meant: None,
            left_over: project.is_some(),
            left_out: false,
            named: true,
            record: None,
            identity,
        });
    }
    for seen in observed.iter().filter(|seen| seen.project == Some(uuid)) {
        let remembered = ledger
            .project(uuid)
            .any(|entry| entry.record.id == seen.name);
        if remembered || is_known(&all, seen) {
            continue;
        }
        all.push(Known {
            name: seen.name.clone(),
            identity: Identity {
                project: uuid,
                file: file.unwrap_or(".env").to_owned(),
                machine: seen.name.clone(),
                kind: Kind::Container,
            },
            damaged: false,
            meant: None,
            left_over: project.is_some(),
            left_out: false,
            named: true,
            record: None,
            found: Some(seen),
        });
    }
    all
}

/// A record for something of ours whose own is lost: enough to stop and remove it.
pub fn stand_in(known: &Known, folder: &Path) -> MachineRecord {
    let Known {
        identity, found, ..
    } = known;
    let id = found.map_or(&*known.name, |found| &found.name);
    let mut networks = vec![network_of(identity.project)];
    let others = found.iter().flat_map(|found| &found.networks);
    networks.extend(others.filter(|name| name.starts_with("vagrantp-")).cloned());
    networks.dedup();
    MachineRecord {
        schema: SCHEMA,
        id: id.to_owned(),
        machine: identity.machine.clone(),
        project: identity.project,
        project_path: folder.to_owned(),
        config_file: identity.file.clone(),
        infra_type: identity.kind,
        provider: Provider::Podman,
        stage: if found.is_some_and(|found| found.state == Seen::Running) {
            Stage::Running
        } else {
            Stage::Stopped
        },
        engine_id: found.map(|found| found.engine_id.clone()),
        resources: Resources {
            memory_mb: 0,
            memory_bytes: 0,
            cpus: 0,
            disk_gb: 0,
            disk_bytes: 0,
        },
        networking: Networking {
            mode: NetworkMode::Default,
            ip_address: None,
            ports: Vec::new(),
            networks,
            attached: Vec::new(),
        },
        access: Access {
            init: Init::Image,
            user: "root".into(),
            key: None,
            port: None,
            exec: false,
        },
        applied: BTreeMap::new(),
        places: BTreeMap::new(),
        kept: Some(podman::kept_image(id)),
        shared: Vec::new(),
        given: Given::default(),
        stop_timeout: None,
        ties: Ties::default(),
        limits_set: false,
        provisioned: Provisioned::default(),
        provisions: Vec::new(),
        notes: Vec::new(),
        durations: BTreeMap::new(),
        created_at: None,
        updated_at: jiff::Timestamp::now(),
    }
}

/// A machine's networks: what is published is told of the first.
fn networks_json(known: &Known, first: &Value) -> Vec<Value> {
    let attached = match (&known.record, known.meant) {
        (Some(record), _) => record.networking.attached.clone(),
        (None, Some(machine)) => attached(machine, known.identity.project),
        (None, None) => Vec::new(),
    };
    let mut networks: Vec<Value> = attached
        .iter()
        .map(|attached| {
            json!({
                "name": attached.network, "mode": "default", "ip_address": attached.ip_address,
                "subnet": attached.subnet, "internal": attached.internal, "ports": [],
            })
        })
        .collect();
    match networks.first_mut() {
        Some(told) => {
            for part in ["mode", "ports"] {
                told[part] = first[part].clone();
            }
        }
        None => networks.push(first.clone()),
    }
    networks
}

/// A machine as `--json` shows it.
pub fn to_json(known: &Known, folder: &Path) -> Value {
    let Situation { state, detail } = known.situation();
    let record = known.record.as_ref();
    let meant = known.meant;
    let ports: Vec<Value> = match record {
        Some(record) => record
            .networking
            .ports
            .iter()
            .map(|port| {
                json!({
                    "host_port": port.host_port, "container_port": port.container_port,
                    "protocol": port.protocol, "auto": port.auto, "address": port.address,
                })
            })
            .collect(),
        None => meant
            .iter()
            .flat_map(|machine| &machine.ports)
            .map(|port| {
                let (host, auto) = match port.host {
                    crate::value::HostPort::Fixed(host) => (Some(host), false),
                    crate::value::HostPort::Auto => (None, true),
                };
                json!({
                    "host_port": host, "container_port": port.guest,
                    "protocol": port.protocol, "auto": auto, "address": port.address,
                })
            })
            .collect(),
    };
    let resources = record
        .filter(|record| record.resources.cpus > 0)
        .map(|record| record.resources.clone())
        .or(meant.map(crate::plan::remember::resources));
    let kind = record
        .map(|r| r.infra_type)
        .or(meant.map(|m| m.kind.value))
        .unwrap_or(Kind::Container);
    let provider = record
        .map(|r| r.provider)
        .or(meant.map(|m| m.provider.value));
    let mode = record
        .map(|r| r.networking.mode)
        .or(meant.map(Machine::network_mode));
    let ip = record.map_or(meant.and_then(|m| m.ip().map(|ip| ip.value)), |r| {
        r.networking.ip_address
    });
    let network = json!({
        "mode": mode.map(Choice::word),
        "ip_address": ip,
        "ports": ports,
    });
    let networks = networks_json(known, &network);
    let provisionings: Vec<Value> = meant
        .iter()
        .flat_map(|machine| {
            machine
                .provisions
                .iter()
                .map(|it| provision::document(machine, it))
        })
        .collect();
    let access = record.map(|record| {
        // One that is entered by exec may hold a port for what it is to become.
        let port = record
            .access
            .port
            .filter(|_| record.access.init != Init::Image);
        json!({
            "user": record.access.user,
            "address": port.map(|_| "127.0.0.1"),
            "port": port,
            "exec": record.access.exec,
            "init": record.access.init.word(),
        })
    });
    json!({
        "id": record.map(|r| r.id.as_str()).or(meant.map(|m| m.id.as_str())).unwrap_or(&known.name),
        "name": known.name,
        "infra_type": kind.word(),
        "state": state,
        "detail": detail,
        "project_path": record.map_or(folder, |record| record.project_path.as_path()).display().to_string(),
        "provider": provider.map(Choice::word),
        "resources": resources,
        "networking": network,
        "networks": networks,
        "provisioning": provisionings.first(),
        "provisionings": provisionings,
        "provisioned": provisioned(known.meant, record),
        "access": access,
        "left_over": known.left_over,
        "left_out": known.left_out,
        "notes": record.map(|record| record.notes.clone()).unwrap_or_default(),
        "created_at": record.and_then(|record| record.created_at),
        "updated_at": record.map(|record| record.updated_at),
    })
}
