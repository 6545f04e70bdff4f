//! A throw-away copy of a machine: made of the same, and in nobody's way.

use super::{Attachment, Machine};
use crate::source::{Located, Origin};
use crate::value::{Kind, NetworkName, ObjectName, Provider, Restart};

/// What its key ends with: no name that is written has a dot.
const MARK: &str = ".isolated";

/// What its id ends with.
const SUFFIX: &str = "isolated";

/// The network that copies are on, and nobody else.
const NETWORK: &str = "isolated-copies";

/// Arguments of Podman that would have it reach what is the machine's own.
const NOT_ITS_OWN: &[&str] = &[
    "-v",
    "--volume",
    "--mount",
    "-p",
    "--publish",
    "-P",
    "--network",
    "--net",
    "--ip",
    "--name",
    "--hostname",
    "--volumes-from",
];

/// Whether a machine's key is that of a copy.
pub fn is_copy(key: &str) -> bool {
    key.ends_with(MARK)
}

impl Machine {
    /// The same under another id: without ports, volumes and an address, with its shares only to be read, and on a
    /// network of its own. Plays call it by the same name.
    pub fn throw_away(&self) -> Machine {
        let network = match self.provider.value {
            // Each machine is alone behind its own NAT.
            Provider::Virtualbox => None,
            Provider::Podman | Provider::Libvirt => ObjectName::parse(NETWORK).ok(),
        };
        let id = self.id.with_suffix(SUFFIX);
        let stem = match self.key.is_empty() {
            true => self.name.as_str(),
            false => &self.key,
        };
        let mut copy = self.clone();
        copy.key = format!("{stem}{MARK}");
        copy.id = Located::new(id, self.id.origin);
        copy.networks = network
            .map(|name| Attachment {
                name: Located::new(NetworkName::Own(name), Origin::Default),
                own: None,
                interface: None,
                ip: None,
            })
            .into_iter()
            .collect();
        copy.ports.clear();
        copy.volumes.clear();
        for share in &mut copy.shares {
            share.value.written.read_only = true;
        }
        copy.depends_on.clear();
        copy.ready = None;
        copy.restart = Located::new(Restart::No, Origin::Default);
        copy.engine_args = match self.kind.value {
            Kind::Container => own_arguments(&self.engine_args),
            // QEMU's name the host's disks, sockets and ports in more ways than can be told apart.
            Kind::Vm => Vec::new(),
        };
        copy
    }
}

/// The arguments without those that lead out of the copy, each with its value.
fn own_arguments(all: &[Located<String>]) -> Vec<Located<String>> {
    let mut kept = Vec::new();
    let mut words = all.iter();
    while let Some(word) = words.next() {
        let name = word.split('=').next().unwrap_or_default();
        if !NOT_ITS_OWN.contains(&name) {
            kept.push(word.clone());
        } else if !word.contains('=') && name != "-P" {
            words.next();
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::own_arguments;
    use crate::source::{Located, Origin};

    #[test]
    fn a_copy_takes_nothing_with_it_that_leads_out_of_it() {
        let words = [
            "--cap-add",
            "NET_ADMIN",
            "-v",
            "/srv:/srv",
            "--publish=8080:80",
            "-P",
            "--tty",
        ];
        let all = words.map(|word| Located::new(word.to_owned(), Origin::Default));
        let kept = own_arguments(&all);
        let kept: Vec<&str> = kept.iter().map(|word| word.as_str()).collect();
        assert_eq!(kept, ["--cap-add", "NET_ADMIN", "--tty"]);
    }
}
