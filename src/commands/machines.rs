//! The machines of a project, written, found and remembered together.

use super::compile::Compiled;
use super::whose::{former_identity_of, identity_of};
use crate::engine::podman;
use crate::model::joined::network_of;
use crate::model::{Machine, Project};
use crate::plan::reconcile::Subject;
use crate::plan::situation::{Situation, State, situation};
use crate::plan::turned::Former;
use crate::state::folder::Identity;
use crate::state::given::Given;
use crate::state::ledger::Ledger;
use crate::state::observed::{ObservedMachine, Seen};
use crate::state::record::{
    Access, MachineRecord, Networking, Provisioned, Resources, SCHEMA, Stage, Ties,
};
use crate::value::{Init, Kind, NetworkMode, Provider};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
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
    /// What it was while it was of the other kind, where that is still there and matters.
    pub former: Option<Box<Known<'a>>>,
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
            former: self.former.as_ref().map(|former| Former {
                identity: &former.identity,
                state: former.situation().state,
            }),
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
                entry.record.project == uuid
                    && entry.record.provider == seen.provider
                    && Identity::of(&entry.record) != *identity
            })
        };
        let of_kind = |seen: &&ObservedMachine| seen.provider.kind() == identity.kind;
        let ours = || {
            let of_project = observed.iter().filter(of_kind);
            let of_project = of_project.filter(|seen| seen.project == Some(uuid));
            of_project.filter(|seen| !of_another(seen))
        };
        let engine_id = record.and_then(|record| record.engine_id.as_ref());
        ours()
            .find(|seen| seen.name == id)
            // Its id was changed, and making it anew was cut short.
            // So it is where it was renamed behind our back, and bears no label of that name.
            .or_else(|| {
                let mut of_kind = observed.iter().filter(of_kind);
                of_kind.find(|seen| engine_id == Some(&seen.engine_id))
            })
            .or_else(|| {
                let record = record?;
                let mut of_kind = observed.iter().filter(of_kind);
                of_kind.find(|seen| seen.is_half_made(record))
            })
    };
    let damaged_at = |identity: &Identity| ledger.is_damaged(identity);
    let project = compiled.and_then(|compiled| compiled.project.as_ref());
    let written = project.map(|project| project.machines.len());
    let machines = project.into_iter().flat_map(Project::all);
    let mut formers: Vec<(Identity, &str)> = Vec::new();
    for (place, machine) in machines.enumerate() {
        let project = project.expect("it has machines");
        let identity = identity_of(project, machine, uuid, ledger);
        let former = former_identity_of(project, machine, uuid, ledger);
        formers.push((former, &machine.name));
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
            former: None,
            record,
            identity,
        });
    }
    for entry in ledger.project(uuid) {
        let record = &entry.record;
        let identity = Identity::of(record);
        // A `.env` that was rewritten as KDL, and turned around with it, is another file.
        let former = formers.iter().find(|(former, _)| *former == identity);
        let other_file = file.is_some_and(|file| file != record.config_file);
        if other_file && former.is_none() || all.iter().any(|known| known.identity == identity) {
            continue;
        }
        all.push(Known {
            name: match former {
                Some((_, name)) => (*name).to_owned(),
                None if record.machine.is_empty() => record.id.clone(),
                None => record.machine.clone(),
            },
            found: found_as(&record.id, &identity, Some(record)),
            identity,
            meant: None,
            left_over: former.is_some()
                || compiled.is_some_and(|compiled| {
                    compiled.project.is_some() && compiled.file == record.config_file
                }),
            left_out: false,
            named: true,
            former: None,
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
            former: None,
            record: None,
            identity,
        });
    }
    for seen in observed.iter().filter(|seen| seen.project == Some(uuid)) {
        let remembered = ledger
            .project(uuid)
            .any(|entry| entry.record.id == seen.name && entry.record.provider == seen.provider);
        if remembered || is_known(&all, seen) {
            continue;
        }
        all.push(Known {
            name: seen.name.clone(),
            identity: Identity {
                project: uuid,
                file: file.unwrap_or(".env").to_owned(),
                machine: seen.name.clone(),
                kind: seen.provider.kind(),
            },
            damaged: false,
            meant: None,
            left_over: project.is_some(),
            left_out: false,
            named: true,
            former: None,
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
        provider: found.map_or(provider_of(identity.kind), |found| found.provider),
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
        vm: None,
        access: Access {
            address: Ipv4Addr::LOCALHOST,
            init: match identity.kind {
                Kind::Vm => Init::Systemd,
                Kind::Container => Init::Image,
            },
            user: "root".into(),
            key: None,
            port: None,
            exec: false,
        },
        applied: BTreeMap::new(),
        places: BTreeMap::new(),
        kept: (identity.kind == Kind::Container).then(|| podman::kept_image(id)),
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

/// What runs machines of a kind, where nothing else is known.
fn provider_of(kind: Kind) -> Provider {
    match kind {
        Kind::Vm => Provider::Libvirt,
        Kind::Container => Provider::Podman,
    }
}
