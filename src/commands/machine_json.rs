//! A machine as `--json` shows it.

use super::machines::Known;
use super::provision;
use crate::model::Machine;
use crate::plan::provisioning::provisioned;
use crate::plan::remember::attached;
use crate::plan::situation::Situation;
use crate::value::{Choice, Init, Kind};
use serde_json::{Value, json};
use std::path::Path;

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
            "address": port.map(|_| record.access.address),
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
