//! The record that a machine will have, before anything of it is made.

use crate::model::joined::{Joined, volume_name};
use crate::model::{Machine, Project};
use crate::source::{Origin, Sources};
use crate::state::folder::Identity;
use crate::state::given::{Attached, Given};
use crate::state::record::{
    Access, MachineRecord, Networking, PublishedPort, Resources, SCHEMA, Stage, Ties,
};
use crate::value::{HostPort, Init, PortRule};
use std::collections::{BTreeMap, BTreeSet};

/// Ports are given out by `pick`, for a guest port.
pub type Pick<'a> = &'a mut dyn FnMut(u16) -> Option<u16>;

/// Writes down what a machine is about to be. `before` is what is remembered of it: its `auto`
/// ports, its way in and its past are kept. Nothing where no port is left to give out.
pub fn remember(
    project: &Project,
    machine: &Machine,
    me: &Identity,
    before: Option<&MachineRecord>,
    sources: &Sources,
    pick: Pick,
    now: jiff::Timestamp,
) -> Option<MachineRecord> {
    let fixed = |host| {
        machine
            .fixed_ports()
            .any(|port| port.host == HostPort::Fixed(host))
    };
    let held = before.iter().flat_map(|record| &record.networking.ports);
    let mut kept: Vec<&PublishedPort> = held
        .filter(|port| port.auto && !fixed(port.host_port))
        .collect();
    let mut ports = Vec::new();
    for port in &machine.ports {
        let host_port = match port.host {
            HostPort::Fixed(host) => host,
            HostPort::Auto => match take(&mut kept, port) {
                Some(host) => host,
                None => pick(port.guest)?,
            },
        };
        ports.push(PublishedPort {
            address: port.address,
            host_port,
            container_port: port.guest,
            protocol: port.protocol,
            auto: port.host == HostPort::Auto,
        });
    }
    let by_port = machine.first_process() != Init::Image && !machine.is_shut_in();
    let way_in = before.and_then(|record| record.access.port);
    let way_in = way_in.filter(|port| !fixed(*port));
    let port = match (by_port, way_in) {
        (false, _) => None,
        (true, Some(port)) => Some(port),
        (true, None) => Some(pick(22)?),
    };
    let facets = machine.facets();
    let places: BTreeMap<String, String> = facets
        .iter()
        .filter_map(|(name, (_, origin))| Some(((*name).to_owned(), place(*origin, sources)?)))
        .collect();
    let applied = facets
        .into_iter()
        .map(|(name, (text, _))| (name.to_owned(), text))
        .collect();
    Some(MachineRecord {
        schema: SCHEMA,
        id: machine.id.to_string(),
        machine: me.machine.clone(),
        project: me.project,
        project_path: project.folder.clone(),
        config_file: me.file.clone(),
        infra_type: machine.kind.value,
        provider: machine.provider.value,
        stage: Stage::Reserved,
        engine_id: before.and_then(|record| record.engine_id.clone()),
        resources: resources(machine),
        networking: Networking {
            mode: machine.network_mode(),
            ip_address: machine.ip().map(|ip| ip.value),
            ports,
            networks: before
                .map(|record| record.networking.networks.clone())
                .unwrap_or_default(),
            attached: attached(machine, me.project),
        },
        access: Access {
            init: machine.first_process(),
            user: machine.login().to_owned(),
            key: machine.key_file.as_ref().map(|key| key.value.clone()),
            port,
            exec: machine.is_shut_in(),
        },
        applied,
        places,
        ties: ties(project, machine, now),
        kept: before.and_then(|record| record.kept.clone()),
        shared: machine
            .shares
            .iter()
            .map(|share| share.host.clone())
            .collect(),
        given: given(machine, me, before),
        stop_timeout: machine
            .stop_timeout
            .span()
            .map(|_| machine.stop_timeout.value.as_secs()),
        limits_set: before.is_some_and(|record| record.limits_set),
        provisioned: before.map(|record| record.provisioned).unwrap_or_default(),
        provisions: before
            .map(|record| record.provisions.clone())
            .unwrap_or_default(),
        notes: Vec::new(),
        durations: before
            .map(|record| record.durations.clone())
            .unwrap_or_default(),
        created_at: None,
        updated_at: now,
    })
}

/// The networks that a machine is on.
pub fn attached(machine: &Machine, project: uuid::Uuid) -> Vec<Attached> {
    let attached = |joined: Joined| Attached {
        network: joined.name.to_string(),
        engine: joined.network.name,
        subnet: joined.network.subnet.map(|subnet| subnet.to_string()),
        internal: joined.network.internal,
        ip_address: joined.address,
    };
    let all = Joined::all(machine, project).into_iter();
    all.map(attached).collect()
}

/// What a machine is given, and what its old self had: an image that is kept of that holds its variables.
fn given(machine: &Machine, me: &Identity, before: Option<&MachineRecord>) -> Given {
    let own = machine.env.iter().map(|variable| &variable.name);
    let secrets = machine.secrets.iter().map(|secret| &secret.name);
    let variables: BTreeSet<String> = own.chain(secrets).map(|name| name.value.clone()).collect();
    let old = before.iter().map(|record| &record.given);
    let old = old.flat_map(|given| given.variables.iter().chain(&given.unset));
    let unset: BTreeSet<String> = old
        .filter(|name| !variables.contains(*name))
        .cloned()
        .collect();
    let volumes = machine.volumes.iter();
    Given {
        variables: variables.into_iter().collect(),
        unset: unset.into_iter().collect(),
        secrets: before
            .map(|record| record.given.secrets.clone())
            .unwrap_or_default(),
        volumes: volumes
            .map(|volume| volume_name(me.project, volume.name.as_str()))
            .collect(),
    }
}

/// How a machine stands to the project's others.
pub fn ties(project: &Project, machine: &Machine, now: jiff::Timestamp) -> Ties {
    Ties {
        profiles: project.profiles.clone(),
        since: Some(now),
        node: machine.instance.as_ref().map(|one| one.node.clone()),
        tags: machine.tags.iter().map(|tag| tag.to_string()).collect(),
        depends_on: machine
            .depends_on
            .iter()
            .map(|name| name.value.clone())
            .collect(),
    }
}

/// The record of a machine that is there, with the limits that are written now: all that is set live.
pub fn with_limits(
    before: &MachineRecord,
    machine: &Machine,
    sources: &Sources,
    now: jiff::Timestamp,
) -> MachineRecord {
    let mut record = before.clone();
    let facets = machine.facets();
    for name in ["memory", "cpus"] {
        let (text, origin) = &facets[name];
        record.applied.insert(name.to_owned(), text.clone());
        record.places.remove(name);
        if let Some(place) = place(*origin, sources) {
            record.places.insert(name.to_owned(), place);
        }
    }
    record.resources = resources(machine);
    record.updated_at = now;
    record
}

/// `file:line` of a setting, where it is written.
fn place(origin: Origin, sources: &Sources) -> Option<String> {
    let span = origin.span()?;
    let line = sources.position(span).line;
    Some(format!("{}:{line}", sources.get(span.source).name))
}

/// What a machine may use, for its record.
pub fn resources(machine: &Machine) -> Resources {
    Resources {
        memory_mb: machine.memory.as_mib(),
        memory_bytes: machine.memory.bytes(),
        cpus: machine.cpus.value,
        disk_gb: machine.disk_size.as_gib(),
        disk_bytes: machine.disk_size.bytes(),
    }
}

/// An `auto` port that was given out for the same port of the machine stays, once.
fn take(kept: &mut Vec<&PublishedPort>, port: &PortRule) -> Option<u16> {
    let same =
        |held: &&PublishedPort| held.container_port == port.guest && held.protocol == port.protocol;
    let at = kept.iter().position(same)?;
    Some(kept.remove(at).host_port)
}

/// What a record's settings come to: equal digests, equal machines.
pub fn digest(record: &MachineRecord) -> String {
    use sha2::Digest;
    let mut hash = sha2::Sha256::new();
    for (name, value) in &record.applied {
        hash.update(format!("{}:{name}={}:{value};", name.len(), value.len()));
    }
    hash.finalize()
        .iter()
        .take(12)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
