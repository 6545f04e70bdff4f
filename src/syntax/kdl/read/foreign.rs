//! What other tools call the things of a `vagrantp.kdl`: Vagrant, Compose, Terraform, systemd.

use super::node::Node;
use super::place::Place;
use crate::value::nearest;

/// A word of another tool.
pub(super) struct Foreign {
    /// Our node, where it has the same form.
    pub(super) node: Option<&'static str>,
    /// What to write, where it has another.
    pub(super) help: &'static str,
}

impl Foreign {
    /// What it is for this node: a block is no list of names.
    pub(super) fn fit(self, node: &Node) -> Self {
        let node = match self.node {
            Some("only") if node.block.is_some() => Some("machine"),
            other => other,
        };
        Foreign { node, ..self }
    }
}

/// What to write for several things of one name in one block: `machines { web { … } }`.
pub(super) fn several(place: Place, word: &str, node: &Node) -> Option<&'static str> {
    let here = matches!(place, Place::Top) && node.arguments.is_empty() && node.block.is_some();
    Some(match word {
        _ if !here => return None,
        "machines" => "write `machine NAME { … }` for each",
        "networks" => "write `network NAME { … }` for each",
        "templates" => "write `template NAME { … }` for each",
        "profiles" => "write `profile NAME { … }` for each",
        "tasks" => "write `task NAME { … }` for each",
        _ => return None,
    })
}

/// Our word for one of another tool, in small letters with hyphens.
pub(super) fn foreign(place: Place, word: &str) -> Option<Foreign> {
    let (same, other): (Same, Other) = match place {
        Place::Top => (TOP, TOP_OTHERWISE),
        Place::Project => (&[("default-profile", &["profile", "default"])], &[]),
        Place::Network => (NETWORK, &[]),
        Place::Profile => (
            &[
                ("only", &["machines", "include", "select", "targets"]),
                ("machine", &["override", "host", "service"]),
            ],
            &[("exclude", "write `only \"!name\"`")],
        ),
        Place::Task => (
            &[(
                "run",
                &[
                    "command", "commands", "exec", "cmd", "script", "shell", "steps", "do",
                ],
            )],
            &[],
        ),
        Place::Part(row) => (parts(row.name), &[]),
        Place::Defaults | Place::Template | Place::Machine | Place::Override => {
            (SETTINGS, SETTINGS_OTHERWISE)
        }
    };
    let node = same.iter().find(|(_, words)| words.contains(&word));
    let help = || {
        other
            .iter()
            .find(|(words, _)| words.split(' ').any(|known| known == word))
    };
    match node {
        Some((node, _)) => Some(Foreign {
            node: Some(node),
            help: "",
        }),
        None => help().map(|(_, help)| Foreign { node: None, help }),
    }
}

/// Our name for a property of another tool, of the node `owner`, mistyped or not.
pub(super) fn property(owner: &str, word: &str) -> Option<&'static str> {
    const TO: (&str, &[&str]) = (
        "to",
        &[
            "target",
            "guest",
            "dest",
            "destination",
            "path",
            "mount",
            "at",
            "on",
        ],
    );
    let table: Same = match owner {
        "network" => &[
            (
                "ip",
                &["address", "addr", "ipv4", "ip-address", "ipv4-address"],
            ),
            (
                "interface",
                &[
                    "dev", "device", "bridge", "nic", "parent", "adapter", "iface",
                ],
            ),
        ],
        "sync" | "volume" => &[TO],
        "ready" => &[
            ("within", &["timeout", "deadline", "wait"]),
            ("port", &["tcp", "http", "listen"]),
            ("command", &["cmd", "test", "exec", "run", "check"]),
        ],
        "ssh" => &[
            ("user", &["username", "login", "name"]),
            (
                "key",
                &[
                    "private-key",
                    "identity",
                    "identity-file",
                    "key-path",
                    "private-key-path",
                ],
            ),
        ],
        "secret" => &[
            ("from", &["env", "name", "variable", "source"]),
            ("file", &["path"]),
        ],
        "extra-disk" => &[("size", &["capacity"])],
        "profile" => &[("extends", &["inherits", "parent", "base", "from"])],
        "task" => &[("in", &["machine", "on", "target", "host", "service"])],
        _ => &[],
    };
    let words = table.iter().flat_map(|(_, words)| words.iter().copied());
    let word = nearest(word, words)?;
    let row = table.iter().find(|(_, words)| words.contains(&word));
    row.map(|(name, _)| *name)
}

/// Our word, and those of others with the same form.
type Same = &'static [(&'static str, &'static [&'static str])];

/// Words of others, with blanks between, and what to write.
type Other = &'static [(&'static str, &'static str)];

const TOP: Same = &[
    (
        "machine",
        &[
            "service", "node", "host", "server", "instance", "resource", "domain", "guest",
        ],
    ),
    ("include", &["import", "source", "load", "require"]),
    (
        "defaults",
        &["default", "common", "global", "globals", "all", "settings"],
    ),
    ("template", &["role", "class", "mixin", "base"]),
    ("profile", &["environment", "stage", "variant"]),
    ("project", &["name", "workspace", "project-name"]),
    ("task", &["script", "alias", "job", "recipe"]),
];

const TOP_OTHERWISE: Other = &[
    (
        "services nodes hosts servers instances vms containers",
        "write `machine NAME { … }` for each",
    ),
    ("version", "remove it: a vagrantp.kdl has no version"),
];

const NETWORK: Same = &[
    (
        "subnet",
        &[
            "cidr",
            "range",
            "address",
            "addresses",
            "ip-range",
            "subnets",
        ],
    ),
    ("internal", &["private", "isolated"]),
];

const SETTINGS: Same = &[
    ("container", &["image", "docker", "podman"]),
    ("vm", &["box", "virtual-machine"]),
    (
        "memory",
        &["ram", "mem", "mem-limit", "memory-limit", "memory-size"],
    ),
    (
        "cpus",
        &[
            "cpu",
            "vcpu",
            "vcpus",
            "cores",
            "processors",
            "cpu-count",
            "ncpu",
        ],
    ),
    ("disk-size", &["disk", "storage", "rootfs-size"]),
    (
        "ports",
        &[
            "port",
            "publish",
            "expose",
            "forward-ports",
            "port-mappings",
            "forward",
        ],
    ),
    (
        "sync",
        &[
            "mount",
            "mounts",
            "share",
            "bind",
            "folder",
            "synced-folders",
        ],
    ),
    ("env", &["environment", "environments", "variables", "envs"]),
    ("secret", &["secrets"]),
    (
        "provision",
        &[
            "playbook",
            "playbooks",
            "ansible",
            "provisioner",
            "provisioning",
        ],
    ),
    ("packages", &["package", "apt", "install", "dnf"]),
    ("command", &["cmd", "entrypoint", "exec"]),
    ("hostname", &["host-name"]),
    ("restart", &["restart-policy", "autorestart"]),
    ("tags", &["labels", "groups", "group", "label"]),
    (
        "depends-on",
        &[
            "links",
            "requires",
            "needs",
            "after",
            "depends",
            "wants",
            "dependencies",
        ],
    ),
    (
        "network",
        &["networks", "networking", "network-mode", "net"],
    ),
    ("boot-timeout", &["timeout", "start-timeout"]),
    ("stop-timeout", &["stop-grace-period", "shutdown-timeout"]),
    ("count", &["replicas", "scale", "instances"]),
    ("use", &["extends", "inherits", "from", "uses"]),
];

const SETTINGS_OTHERWISE: Other = &[
    ("kind type", "write `vm` or `container`"),
    (
        "build dockerfile containerfile",
        "write `container \"./Containerfile\"`",
    ),
    (
        "volumes",
        "write `volume NAME to=\"/path\"` for each volume, or `sync` for a folder of the host",
    ),
    (
        "synced-folder shared-folder",
        "write `sync \".\" to=\"/workspace\"`",
    ),
    ("forwarded-port port-forward", "write `ports \"8080:80\"`"),
    (
        "private-network",
        "write `network backend ip=\"10.20.0.5\"`",
    ),
    ("public-network", "write `network bridge`"),
    ("disks", "write `extra-disk data size=\"10G\"` for each"),
    (
        "env-file",
        "write the variables with `env`, and `secret NAME` for those of the `.env`",
    ),
    (
        "healthcheck health-check wait-for readiness",
        "write `ready port=80`, or `ready command=\"…\"`",
    ),
    ("username login ssh-user", "write `ssh user=dev`"),
    (
        "ssh-key private-key identity-file",
        "write `ssh key=\"~/.ssh/id_ed25519\"`",
    ),
    ("name", "write the name behind `machine`"),
    (
        "device devices privileged cap-add run-args extra-args options customize",
        "write `engine-args podman \"--device=/dev/fuse\"`",
    ),
    ("shell script", "write `provision \"setup.sh\"`"),
];

fn parts(owner: &str) -> Same {
    match owner {
        "provision" => &[
            ("vars", &["extra-vars", "variables", "var", "env"]),
            ("secret", &["secrets"]),
            ("only-tags", &["tags", "tag"]),
            ("dry-run", &["check", "check-mode"]),
            ("vars-file", &["vars-files", "var-file", "var-files"]),
        ],
        "sync" => &[
            ("mask", &["exclude", "ignore", "hide", "excludes"]),
            ("read-only", &["readonly", "ro"]),
        ],
        "volume" => &[("read-only", &["readonly", "ro"])],
        _ => &[],
    }
}
