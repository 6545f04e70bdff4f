//! Ansible: the run as a call, the inventory as data, and what its events, its stderr and its status mean.
//! Recorded from ansible-core 2.14.

pub mod complaint;
pub mod events;
pub mod finding;
pub mod galaxy;
pub mod generated;
pub mod inventory;
pub mod story;
pub mod verdict;

use super::failure;
use crate::call::{Call, Effect};
use crate::diagnostic::Diagnostic;
use crate::model::Provision;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The callback that tells events, in the standard library.
pub const CALLBACK: &str = "engines/ansible/vagrantp_events.py";

/// What runs playbooks.
pub const PROGRAM: &str = "ansible-playbook";

/// Ansible, or a program of its, is missing, or cannot be started.
pub fn not_installed(provision: &Provision) -> Diagnostic {
    Diagnostic::error(5004)
        .message("Ansible is not installed")
        .at_origin(provision.playbook.origin)
        .help(failure::install("ansible"))
}

/// One run of a playbook.
pub struct Run<'a> {
    /// The playbook, absolute.
    pub playbook: &'a Path,
    /// The folder of the callback.
    pub callbacks: &'a Path,
    /// Where Ansible puts what it works with.
    pub temporary: &'a Path,
    /// A configuration that Ansible would not find by itself.
    pub config: Option<PathBuf>,
    /// Where roles and collections are looked for, where not in the usual folders alone.
    pub installed: Option<Installed>,
    /// Files of variables.
    pub vars_files: Vec<&'a Path>,
    /// Names of the variables that each host is given, and that win over those of files.
    pub vars: Vec<&'a String>,
    /// Only tasks with these tags; all without any.
    pub tags: Vec<&'a str>,
    /// Only say what it would change.
    pub check: bool,
    /// The hosts that are meant, where the inventory has others.
    pub limit: Option<Vec<&'a str>>,
    /// The inventory, which may hold secrets.
    pub inventory: Vec<u8>,
    /// Variables of our environment that hold secrets.
    pub hidden: Vec<String>,
}

/// Folders in their order, as Ansible reads them.
#[derive(Debug, Clone)]
pub struct Installed {
    /// Of roles.
    pub roles: String,
    /// Of collections.
    pub collections: String,
}

impl Run<'_> {
    /// The call, for so many machines at once. The inventory is what it reads, from memory; events are what it prints.
    pub fn call(self, hosts: usize) -> Call {
        let mut call = Call::change(PROGRAM)
            .stdin(self.inventory)
            .within(Duration::MAX);
        call.effect = Effect::Stoppable;
        call.cwd = self.playbook.parent().map(Path::to_owned);
        call.without = self.hidden;
        if let Some(config) = &self.config {
            call = call.env("ANSIBLE_CONFIG", config.display());
        }
        if let Some(installed) = &self.installed {
            call = call
                .env("ANSIBLE_ROLES_PATH", &installed.roles)
                .env("ANSIBLE_COLLECTIONS_PATH", &installed.collections);
        }
        let shown = |path: &Path| path.display().to_string();
        let settings = [
            ("LC_ALL", "C.UTF-8".to_owned()),
            ("ANSIBLE_CALLBACK_PLUGINS", shown(self.callbacks)),
            ("ANSIBLE_STDOUT_CALLBACK", "vagrantp_events".to_owned()),
            ("VAGRANTP_EVENTS", "/dev/fd/1".to_owned()),
            ("ANSIBLE_LOCAL_TEMP", shown(self.temporary)),
            ("ANSIBLE_PIPELINING", "1".to_owned()),
            ("ANSIBLE_SSH_USETTY", "0".to_owned()),
            ("ANSIBLE_SSH_ARGS", SSH_ARGS.to_owned()),
            ("ANSIBLE_HOST_KEY_CHECKING", "1".to_owned()),
            ("ANSIBLE_INVENTORY_ENABLED", "yaml".to_owned()),
            ("ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED", "1".to_owned()),
            ("ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS", "ignore".to_owned()),
            ("ANSIBLE_NOCOLOR", "1".to_owned()),
            ("ANSIBLE_NOCOWS", "1".to_owned()),
            ("ANSIBLE_RETRY_FILES_ENABLED", "0".to_owned()),
            ("ANSIBLE_TASK_TIMEOUT", "1800".to_owned()),
            // The guest of a busy host takes its time for sudo.
            ("ANSIBLE_TIMEOUT", "30".to_owned()),
        ];
        for (name, value) in settings {
            call = call.env(name, value);
        }
        let forks = format!("--forks={}", hosts.max(5));
        call = call.args(["-i", "/dev/fd/0", &forks]);
        for file in self.vars_files {
            call = call.arg("-e").arg(format!("@{}", file.display()));
        }
        if !self.vars.is_empty() {
            let vars = self.vars.into_iter();
            call = call.arg("-e").arg(inventory::extra_vars(vars));
        }
        if !self.tags.is_empty() {
            call = call.arg("--tags").arg(self.tags.join(","));
        }
        if self.check {
            call = call.args(["--check", "--diff"]);
        }
        if let Some(hosts) = self.limit {
            call = call.arg("--limit").arg(hosts.join(","));
        }
        call.arg(self.playbook.display())
    }
}

/// No connection of Ansible's own: the one that the way in left behind is shared, and a dead one is noticed.
const SSH_ARGS: &str = "-o ControlMaster=no -o ServerAliveInterval=5 -o ServerAliveCountMax=3";
