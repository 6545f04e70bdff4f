//! What Vagrant's sentences mean. Recorded from Vagrant 2.3.4 with vagrant-libvirt 0.11.2; those of VirtualBox over a
//! scripted VBoxManage.

use super::rows;
use crate::call::{End, Outcome};
use crate::diagnostic::Diagnostic;
use crate::engine::failure::{self, Known};
use crate::engine::{libvirt, virtualbox};

const OWN_TEMPLATE: &str = "mend templates/engines/vagrant/Vagrantfile.tera in the project, or remove it to use the built-in one";

/// In the order to try them; libvirt's and VirtualBox's own come after.
const KNOWN: &[Known] = &[
    Known {
        sentence: "Vagrant could not detect VirtualBox!",
        rule: 5001,
        message: "Provider 'virtualbox' is not installed or not configured",
        help: "install VirtualBox from https://www.virtualbox.org, or write `PROVIDER=libvirt`",
    },
    Known {
        sentence: "The provider 'libvirt' could not be found",
        rule: 5001,
        message: "Provider 'libvirt' is not installed or not configured: Vagrant lacks its plugin",
        help: "install vagrant-libvirt: vagrantp up --setup",
    },
    Known {
        sentence: "could not be accessed in the remote catalog",
        rule: 1104,
        message: "The box cannot be had: no catalogue that Vagrant asked has it",
        help: "write a box that is here (vagrant box list), or remove BOX for the built-in one",
    },
    Known {
        sentence: "An error occurred while downloading the remote file",
        rule: 1104,
        message: "The box cannot be had: its file cannot be read",
        help: "write a box that is here (vagrant box list), or remove BOX for the built-in one",
    },
    Known {
        sentence: "is a public_network referencing host device",
        rule: 1361,
        message: "The bridge that the machine is on does not exist",
        help: "write a NETWORK_INTERFACE that `ip link show type bridge` lists",
    },
    Known {
        sentence: "The IP address configured for the host-only network is not within the",
        rule: 1301,
        message: "VirtualBox allows no host-only network with this address",
        help: "write an IP_ADDRESS in 192.168.56.0/21",
    },
    Known {
        sentence: "No usable storage pool found!",
        rule: 5001,
        message: "Provider 'libvirt' is not installed or not configured: it has no storage pool 'default'",
        help: "let vagrantp configure it: vagrantp up --setup",
    },
    Known {
        sentence: "of domain about to create is already taken",
        rule: 3003,
        message: "The machine's name is taken by a vm that is not ours",
        help: "write another INFRA_ID, or remove that vm: virsh -c qemu:///system undefine NAME",
    },
    Known {
        sentence: "Volume for domain is already created",
        rule: 1163,
        message: "A disk that an `up` left when it was killed is in the way",
        help: "remove what is left, and begin anew: vagrantp rm, then vagrantp up",
    },
    Known {
        sentence: "Call to virStorageVolCreateXML failed: storage volume",
        rule: 1163,
        message: "A disk that an `up` left when it was killed is in the way",
        help: "remove what is left, and begin anew: vagrantp rm, then vagrantp up",
    },
    Known {
        sentence: "but another process is already executing an action on the machine",
        rule: 1761,
        message: "Another Vagrant is at work on the machine",
        help: "wait until it has ended: ps -ef | grep vagrant, then again: vagrantp up",
    },
    Known {
        sentence: "Timed out while waiting for the machine to boot.",
        rule: 1202,
        message: "The machine is not ready in time: no ssh session came about while it booted",
        help: "see its screen in VirtualBox, or write a longer boot-timeout; then: vagrantp up",
    },
    Known {
        sentence: "The guest machine entered an invalid state while waiting for it",
        rule: 1201,
        message: "The machine stopped while it booted",
        help: "see its screen in VirtualBox; then try again: vagrantp up, or remove it: vagrantp rm",
    },
    Known {
        sentence: "Vagrant cannot forward the specified ports on this VM",
        rule: 6002,
        message: "A port is already in use by a process",
        help: "see who listens: ss -ltnup, or write `auto:` for the host's side",
    },
    Known {
        sentence: "Vagrant was unable to mount VirtualBox shared folders",
        rule: 1101,
        message: "The box cannot mount shared folders: it lacks VirtualBox's guest additions",
        help: "write a BOX that has them, or remove the shared folders",
    },
    Known {
        sentence: "There is a syntax error in the following Vagrantfile",
        rule: 1001,
        message: "Vagrant cannot read the rendered Vagrantfile",
        help: OWN_TEMPLATE,
    },
    Known {
        sentence: "There was an error loading a Vagrantfile",
        rule: 1001,
        message: "Vagrant cannot read the rendered Vagrantfile",
        help: OWN_TEMPLATE,
    },
    Known {
        sentence: "There are errors in the configuration of this machine",
        rule: 1001,
        message: "Vagrant does not take the rendered Vagrantfile",
        help: OWN_TEMPLATE,
    },
];

/// A failed Vagrant as a finding: its own row of what went wrong, else what it complained.
pub fn read(outcome: &Outcome) -> Diagnostic {
    match &outcome.end {
        End::NotStarted(_) => {
            return Diagnostic::error(5001)
                .message("Vagrant is not installed, which makes virtual machines")
                .help(failure::install("vagrant"));
        }
        End::Deadline(after) => {
            let finding = Diagnostic::error(1102)
                .message(format!("Vagrant has not ended for {} s", after.as_secs()))
                .help("see what holds it: ps -ef | grep vagrant");
            return failure::evidence(finding, outcome);
        }
        _ => {}
    }
    let row = rows::error(&outcome.stdout);
    let said = row.map_or_else(
        || format!("{}\n{}", outcome.stderr, outcome.stdout),
        |row| row.text,
    );
    let finding = failure::known(KNOWN, &said)
        .or_else(|| failure::known(libvirt::KNOWN, &said))
        .or_else(|| failure::known(virtualbox::KNOWN, &said))
        .or_else(|| trace(&outcome.stderr))
        .unwrap_or_else(|| {
            Diagnostic::error(1101)
                .message(format!("Vagrant failed ({})", outcome.end))
                .help("run the command by hand, and see Vagrant's own words above")
        });
    let is_depth = |line: &str| line.trim().is_empty() || line.starts_with("\tfrom ");
    let lines = said.lines().filter(|line| !is_depth(line));
    let lines: Vec<String> = lines.map(str::to_owned).collect();
    let from = lines.len().saturating_sub(8);
    finding
        .details([format!("$ {}", outcome.line), outcome.end.to_string()])
        .details(lines[from..].to_vec())
}

/// Whether another Vagrant holds the machine, which passes by itself.
pub fn is_held(outcome: &Outcome) -> bool {
    let held = "but another process is already executing an action on the machine";
    let said = [&outcome.stdout, &outcome.stderr];
    !outcome.ok() && said.iter().any(|text| text.contains(held))
}

/// A trace of Ruby's: where it has no row, its first line is all that says what happened.
fn trace(stderr: &str) -> Option<Diagnostic> {
    let is_place = |line: &&str| line.contains(".rb:") && line.contains(":in `");
    let first = stderr.lines().find(is_place)?;
    let (_, said) = first.rsplit_once("': ")?;
    Some(
        Diagnostic::error(1101)
            .message(format!("Vagrant failed: {said}"))
            .help("run the command by hand, and see Vagrant's own words above"),
    )
}

#[cfg(test)]
mod tests;
