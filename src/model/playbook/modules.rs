//! The names of modules that Ansible finds without a collection's name before them.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Those of `ansible-core` 2.14 itself: `ansible-doc -l`.
pub const BUILTIN: &[&str] = &[
    "add_host",
    "apt",
    "apt_key",
    "apt_repository",
    "assemble",
    "assert",
    "async_status",
    "blockinfile",
    "command",
    "copy",
    "cron",
    "debconf",
    "debug",
    "dnf",
    "dpkg_selections",
    "expect",
    "fail",
    "fetch",
    "file",
    "find",
    "gather_facts",
    "get_url",
    "getent",
    "git",
    "group",
    "group_by",
    "hostname",
    "import_playbook",
    "import_role",
    "import_tasks",
    "include",
    "include_role",
    "include_tasks",
    "include_vars",
    "iptables",
    "known_hosts",
    "lineinfile",
    "meta",
    "package",
    "package_facts",
    "pause",
    "ping",
    "pip",
    "raw",
    "reboot",
    "replace",
    "rpm_key",
    "script",
    "service",
    "service_facts",
    "set_fact",
    "set_stats",
    "setup",
    "shell",
    "slurp",
    "stat",
    "subversion",
    "systemd",
    "systemd_service",
    "sysvinit",
    "tempfile",
    "template",
    "unarchive",
    "uri",
    "user",
    "validate_argument_spec",
    "wait_for",
    "wait_for_connection",
    "yum",
    "yum_repository",
];

/// Those that lie in collections and are still found by their old names: the routing table of `ansible-core`
/// 2.14, `config/ansible_builtin_runtime.yml`.
static MOVED: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("moved.txt").split_whitespace().collect());

/// Those that take a text of their own instead of `name=value`.
const FREE_FORM: &[&str] = &[
    "add_host",
    "command",
    "group_by",
    "import_role",
    "import_tasks",
    "include",
    "include_role",
    "include_tasks",
    "include_vars",
    "meta",
    "raw",
    "script",
    "set_fact",
    "shell",
];

/// Whether Ansible may know a module of this name. What bears a collection's name is not looked for.
pub fn may_be_known(name: &str) -> bool {
    name.contains('.') || BUILTIN.contains(&name) || MOVED.contains(name)
}

/// The name of a module of Ansible's own, without the collection's.
pub fn short(name: &str) -> &str {
    let own = name.strip_prefix("ansible.builtin.");
    own.or(name.strip_prefix("ansible.legacy.")).unwrap_or(name)
}

/// Whether a text without `name=value` is a mistake.
pub fn needs_arguments(name: &str) -> bool {
    let name = short(name);
    BUILTIN.contains(&name) && !FREE_FORM.contains(&name)
}
