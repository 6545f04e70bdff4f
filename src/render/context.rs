//! What a template may see: a contract with the authors of overriding templates. A name is never
//! taken away or given another meaning; new ones may come.

use serde::Serialize;

/// `engines/podman/run.json.tera`. Every value is a complete argument of `podman run`.
#[derive(Debug, Clone, Serialize)]
pub struct PodmanRun {
    /// The instance id.
    pub id: String,
    /// The name that the machine has for itself.
    pub hostname: String,
    /// `name=value`.
    pub labels: Vec<String>,
    /// In bytes, with the unit `b`.
    pub memory: String,
    /// A count.
    pub cpus: String,
    /// `name:alias=…,ip=…`.
    pub networks: Vec<String>,
    /// `address:host:guest/protocol`.
    pub ports: Vec<String>,
    /// `type=bind,…`.
    pub mounts: Vec<String>,
    /// Further options, whole: `--userns=…`.
    pub options: Vec<String>,
    /// `NAME=value`.
    pub environment: Vec<String>,
    /// `name,type=env,target=…`.
    pub secrets: Vec<String>,
    /// The user's own, as they are.
    pub engine_args: Vec<String>,
    /// The image to run.
    pub image: String,
    /// What runs in it; nothing: the image's own command.
    pub command: Vec<String>,
}

/// `engines/ansible/packages.yml.tera`.
#[derive(Debug, Clone, Serialize)]
pub struct Packages {
    /// Their names.
    pub packages: Vec<String>,
}

/// `engines/ansible/script.yml.tera`.
#[derive(Debug, Clone, Serialize)]
pub struct Script {
    /// What the task is called.
    pub name: String,
    /// The script's path, quoted as a word of a shell.
    pub command: String,
}

/// `engines/ssh_config.tera`.
#[derive(Debug, Clone, Serialize)]
pub struct SshConfig {
    /// The instance id.
    pub id: String,
    /// On 127.0.0.1.
    pub port: Option<u16>,
    /// The container to enter by the engine's exec, where no port leads in.
    pub exec: Option<String>,
    /// The user.
    pub user: String,
    /// The private key's path.
    pub key: String,
    /// The known-hosts file's path.
    pub known_hosts: String,
    /// The path of the shared connection's socket.
    pub control: String,
    /// `NAME=value`, for every session.
    pub environment: Vec<String>,
}
