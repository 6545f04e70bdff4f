use crate::call::{Call, Outcome};
use crate::model::Machine;
use std::net::Ipv4Addr;

/// A network that machines share, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// Its name.
    pub name: String,
    /// The /24 of a fixed address.
    pub subnet: Option<Ipv4Addr>,
}

impl Network {
    /// The network of a machine: of its fixed address where it has one, else of its project.
    pub fn of(machine: &Machine, project: uuid::Uuid) -> Self {
        match machine.ip() {
            Some(ip) => {
                let [a, b, c, _] = ip.octets();
                let base = Ipv4Addr::new(a, b, c, 0);
                Network {
                    name: format!("vagrantp-{base}"),
                    subnet: Some(base),
                }
            }
            None => Network {
                name: network_of(project),
                subnet: None,
            },
        }
    }

    /// Makes it. Where it is there already, see [`Network::exists`].
    pub fn create(&self) -> Call {
        let call =
            Call::change("podman").args(["network", "create", "--label", "vagrantp.network=1"]);
        let call = call.args(["--opt", "isolate=true"]);
        match self.subnet {
            Some(base) => {
                let [a, b, c, _] = base.octets();
                let gateway = Ipv4Addr::new(a, b, c, 1);
                call.arg("--subnet")
                    .arg(format!("{base}/24"))
                    .arg("--gateway")
                    .arg(gateway)
            }
            None => call,
        }
        .arg(&self.name)
    }

    /// Whether [`Network::create`] failed only because it is there.
    pub fn exists(outcome: &Outcome) -> bool {
        outcome.stderr.contains("network already exists")
    }
}

/// The name of a project's own network.
pub fn network_of(project: uuid::Uuid) -> String {
    format!("vagrantp-{}", &project.simple().to_string()[..12])
}

/// The jump into netavark's isolation rules.
const ISOLATION: [&str; 3] = ["FORWARD", "-j", "NETAVARK_ISOLATION_1"];

/// Whether the host's firewall still looks at the isolation rules.
pub fn isolation_holds() -> Call {
    Call::read("iptables")
        .args(["--wait", "-C"])
        .args(ISOLATION)
}

/// Lets the host's firewall look at the isolation rules again. Unlike `podman network reload` it
/// disturbs no connection; without such rules it fails, and nothing is to be done.
pub fn hold_isolation() -> Call {
    Call::change("iptables")
        .args(["--wait", "-I"])
        .args(ISOLATION)
}

/// Removes networks of ours that nothing uses; one in use stays, as does one that is not there.
pub fn remove_network(name: &str) -> Call {
    Call::change("podman").args(["network", "rm", name])
}
