//! What is there: `podman ps` and its answer.

use super::{DIGEST, FOLDER, INSTANCE, PROJECT};
use crate::call::{Call, Outcome};
use crate::diagnostic::Diagnostic;
use crate::engine::failure;
use crate::state::observed::{ObservedMachine, Seen};
use crate::value::{HostPort, PortRule, Protocol, Provider};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// Asks for everything that this user has, half-made things too.
pub fn look() -> Call {
    Call::read("podman").args([
        "ps",
        "--all",
        "--external",
        "--no-trunc",
        "--format",
        "json",
    ])
}

/// Whether a look failed only because something went while Podman counted it: looked again, it is not there.
pub fn was_crossed(outcome: &Outcome) -> bool {
    let sentences = [
        "container not known",
        "no such container",
        "layer not known",
    ];
    !outcome.ok()
        && sentences
            .iter()
            .any(|sentence| outcome.stderr.contains(sentence))
}

/// One row of `podman ps --format json`; every field may be missing in some version.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
struct Row {
    id: String,
    names: Option<Vec<String>>,
    state: String,
    exit_code: i64,
    labels: Option<BTreeMap<String, String>>,
    networks: Option<Vec<String>>,
    ports: Option<Vec<Port>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Port {
    host_ip: String,
    container_port: u16,
    host_port: u16,
    range: u16,
    protocol: String,
}

/// Reads the answer to [`look`].
///
/// # Errors
/// When Podman is missing, failed, hung, or said something else.
pub fn read_look(outcome: &Outcome) -> Result<Vec<ObservedMachine>, Diagnostic> {
    if !outcome.ok() {
        return Err(failure::read(outcome));
    }
    let rows: Option<Vec<Row>> = serde_json::from_str(&outcome.stdout)
        .map_err(|error| failure::garbage(outcome, &format!("no list of containers: {error}")))?;
    Ok(rows.unwrap_or_default().into_iter().map(observed).collect())
}

fn observed(row: Row) -> ObservedMachine {
    let labels = row.labels.unwrap_or_default();
    let label = |name: &str| labels.get(name).filter(|value| !value.is_empty()).cloned();
    let state = match row.state.as_str() {
        "created" | "initialized" | "configured" | "storage" => Seen::Made,
        "running" => Seen::Running,
        "exited" | "stopped" | "paused" | "stopping" => Seen::Stopped,
        "removing" => Seen::Removing,
        _ => Seen::Unknown,
    };
    ObservedMachine {
        provider: Provider::Podman,
        name: row
            .names
            .and_then(|names| names.into_iter().next())
            .unwrap_or_default(),
        engine_id: row.id,
        state,
        is_stuck: is_stuck(&row.state),
        word: row.state,
        exit_code: row.exit_code,
        project: label(INSTANCE)
            .and(label(PROJECT))
            .and_then(|uuid| uuid.parse().ok()),
        path: label(FOLDER).map(Into::into),
        digest: label(DIGEST),
        networks: row.networks.unwrap_or_default(),
        ports: row
            .ports
            .unwrap_or_default()
            .iter()
            .flat_map(rules)
            .collect(),
    }
}

/// Whether a machine can neither be started nor stopped any more: what watched it was killed
/// while it ended, and Podman waits for that forever.
fn is_stuck(word: &str) -> bool {
    word == "stopping"
}

fn rules(port: &Port) -> Vec<PortRule> {
    let protocol = if port.protocol == "udp" {
        Protocol::Udp
    } else {
        Protocol::Tcp
    };
    let address = port.host_ip.parse().unwrap_or(Ipv4Addr::UNSPECIFIED);
    let rule = |offset: u16| PortRule {
        address,
        host: HostPort::Fixed(port.host_port.saturating_add(offset)),
        guest: port.container_port.saturating_add(offset),
        protocol,
    };
    (0..port.range.max(1)).map(rule).collect()
}
