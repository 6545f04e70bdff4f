//! What Podman is asked of networks.

use crate::call::{Call, Outcome};
use crate::model::joined::{Joined, Network};
use serde::Deserialize;

/// As `podman run --network` takes it.
pub fn network_argument(joined: &Joined) -> String {
    let aliases = joined.aliases.iter().map(|alias| format!("alias={alias}"));
    // One address, one interface: whoever knew it before a restart reaches it after at once.
    let address = joined.address.map(|address| {
        let [a, b, c, d] = address.octets();
        format!("ip={address},mac=02:76:{a:02x}:{b:02x}:{c:02x}:{d:02x}")
    });
    let options: Vec<String> = aliases.chain(address).collect();
    format!("{}:{}", joined.network.name, options.join(","))
}

/// Makes it. Where it is there already, see [`network_exists`].
pub fn create_network(network: &Network) -> Call {
    let call = Call::change("podman").args(["network", "create", "--label", "vagrantp.network=1"]);
    let mut call = call.args(["--opt", "isolate=true"]);
    if network.internal {
        call = call.arg("--internal");
    }
    if let Some(subnet) = network.subnet {
        call = call.arg("--subnet").arg(subnet);
        call = call.arg("--gateway").arg(subnet.gateway());
    }
    call.arg(&network.name)
}

/// Whether [`create_network`] failed only because it is there.
pub fn network_exists(outcome: &Outcome) -> bool {
    outcome.stderr.contains("network already exists")
}

/// Asks what it was made as.
pub fn inspect_network(network: &Network) -> Call {
    Call::read("podman").args(["network", "inspect", &network.name])
}

/// Whether it was made as it is meant, from the answer to [`inspect_network`]; nothing where it is not
/// there.
pub fn is_as_meant(network: &Network, outcome: &Outcome) -> Option<bool> {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Row {
        internal: bool,
        subnets: Vec<Range>,
    }
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Range {
        subnet: String,
    }
    let rows: Vec<Row> = serde_json::from_str(&outcome.stdout).ok()?;
    let row = rows.first()?;
    let subnet = network.subnet.map(|subnet| subnet.to_string());
    let same = subnet.is_none_or(|subnet| row.subnets.iter().any(|it| it.subnet == subnet));
    Some(row.internal == network.internal && same)
}

/// Whether a creation failed only because an interface of the host went while Podman counted them.
pub fn was_crossed_by_interface(outcome: &Outcome) -> bool {
    !outcome.ok()
        && outcome
            .stderr
            .contains("route ip+net: no such network interface")
}

/// The containers that are on a network, by their ids.
pub fn users_of(network: &str) -> Call {
    let filter = format!("network={network}");
    Call::read("podman").args(["ps", "--all", "--quiet", "--no-trunc", "--filter", &filter])
}

/// Sets a container's networks up anew, and the server of their names with them.
pub fn reload_network(engine_id: &str) -> Call {
    Call::change("podman").args(["network", "reload", engine_id])
}

/// Takes a container off a network.
pub fn disconnect(network: &str, engine_id: &str) -> Call {
    Call::change("podman").args(["network", "disconnect", "--force", network, engine_id])
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
