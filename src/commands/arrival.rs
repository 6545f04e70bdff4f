//! The last lines of `up`: where the machine is, and what to do next.

use super::results::{self, Row};
use super::scene::Scene;
use super::{Session, ssh};
use crate::model::Machine;
use crate::state::record::{MachineRecord, PublishedPort};
use crate::value::{Init, Protocol};
use std::net::Ipv4Addr;
use std::path::Path;

/// Tells of a machine that runs.
pub fn tell(session: &Session, scene: &Scene, machine: &Machine, record: &MachineRecord) {
    let ui = &session.ui;
    let flags = ssh::flags(session, &scene.compiled.folder);
    // The only one needs no name.
    let name = match scene.project().all().count() {
        1 => String::new(),
        _ => format!(" {}", machine.name),
    };
    ui.out(&format!("{} is running", record.id));
    let by_exec = match record.access.init {
        Init::Image => "      (by exec: the image's own command runs)",
        _ => "",
    };
    ui.out(&format!("  ssh     vagrantp{flags} ssh{name}{by_exec}"));
    for (index, port) in record.networking.ports.iter().enumerate() {
        let label = if index == 0 { "ports" } else { "" };
        ui.out(&format!("  {label:6}  {}", published(port)));
    }
    for (index, share) in machine.shares.iter().enumerate() {
        let label = if index == 0 { "shares" } else { "" };
        ui.out(&format!("  {label:6}  {}", share.value));
    }
    ui.out(&format!("  stop    vagrantp{flags} stop{name}"));
    if machine.shares.is_empty() && record.created_at == Some(record.updated_at) {
        ui.out("  No folder is shared: `SYNC=.` in the configuration shares this one.");
    }
}

/// Tells of several machines at once.
pub fn tell_all(session: &Session, rows: &[Row], folder: &Path) {
    results::show(rows, &session.ui);
    if rows.iter().any(|row| row.at.is_some()) {
        let flags = ssh::flags(session, folder);
        session
            .ui
            .out(&format!("  ssh     vagrantp{flags} ssh NAME"));
        session.ui.out(&format!("  stop    vagrantp{flags} stop"));
    }
}

fn published(port: &PublishedPort) -> String {
    let address = match port.address {
        Ipv4Addr::UNSPECIFIED => String::new(),
        address => format!("{address}:"),
    };
    let protocol = if port.protocol == Protocol::Udp {
        "/udp"
    } else {
        ""
    };
    let url = url(port)
        .map(|url| format!("    {url}"))
        .unwrap_or_default();
    let auto = if port.auto { "    (auto)" } else { "" };
    format!(
        "{address}{} → {}{protocol}{url}{auto}",
        port.host_port, port.container_port
    )
}

/// Where a browser finds what usually listens on the machine's port.
fn url(port: &PublishedPort) -> Option<String> {
    let scheme = match (port.container_port, port.protocol) {
        (_, Protocol::Udp) => return None,
        (80 | 3000 | 5000 | 8000 | 8080, _) => "http",
        (443 | 8443, _) => "https",
        _ => return None,
    };
    let host = match port.address {
        Ipv4Addr::UNSPECIFIED => Ipv4Addr::LOCALHOST,
        address => address,
    };
    Some(format!("{scheme}://{host}:{}", port.host_port))
}
