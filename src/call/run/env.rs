//! What of our environment a command sees.

use rustix::fs::{Access, access};
use std::collections::{BTreeSet, HashMap};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::call::Call;

/// With these Podman silently turns into the client of another host's.
const PODMAN_ELSEWHERE: [&str; 3] = ["CONTAINER_HOST", "CONTAINER_CONNECTION", "CONTAINER_SSHKEY"];

/// What a user says of where Ansible's files are.
const OF_ANSIBLE: [&str; 4] = [
    "ANSIBLE_CONFIG",
    "ANSIBLE_ROLES_PATH",
    "ANSIBLE_COLLECTIONS_PATH",
    "ANSIBLE_VAULT_PASSWORD_FILE",
];

/// Variables of ours that hold secrets: no command sees them, but where its call sets one.
static WITHHELD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Whether a program is on our `PATH`.
pub fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_program = |path: PathBuf| path.is_file() && access(path, Access::EXEC_OK).is_ok();
    std::env::split_paths(&path).any(|folder| is_program(folder.join(program)))
}

/// Whether every command needs a variable, whatever it is used for besides.
pub fn is_needed(name: &str) -> bool {
    ["PATH", "HOME", "USER", "LOGNAME", "TMPDIR"].contains(&name)
}

/// From now on no command sees these variables of our environment.
pub fn withhold(names: impl IntoIterator<Item = String>) {
    let names = names.into_iter();
    let names = names.filter(|name| !is_needed(name));
    let mut withheld = WITHHELD.lock().unwrap_or_else(PoisonError::into_inner);
    withheld.extend(names);
}

/// Ours, without what leads astray, under what the call sets.
pub(super) fn of(call: &Call) -> HashMap<OsString, OsString> {
    let mut env: HashMap<_, _> = std::env::vars_os().collect();
    if Path::new(&call.program).file_name() == Some("podman".as_ref()) {
        for name in PODMAN_ELSEWHERE {
            env.remove(&OsString::from(name));
        }
    }
    // What the user has set for other runs of Ansible would change what this one means.
    if Path::new(&call.program).file_name() == Some("ansible-playbook".as_ref()) {
        env.retain(|name, _| {
            let name = name.to_string_lossy();
            !name.starts_with("ANSIBLE_") || OF_ANSIBLE.contains(&&*name)
        });
    }
    let withheld = WITHHELD.lock().unwrap_or_else(PoisonError::into_inner);
    for name in call.without.iter().chain(&*withheld) {
        env.remove(&OsString::from(name));
    }
    drop(withheld);
    // Without it rootless Podman looks for its machines in another place than it put them.
    if !env.contains_key(&OsString::from("XDG_RUNTIME_DIR")) {
        let uid = rustix::process::getuid();
        let folder = format!("/run/user/{}", uid.as_raw());
        if !uid.is_root() && Path::new(&folder).is_dir() {
            env.insert("XDG_RUNTIME_DIR".into(), folder.into());
        }
    }
    let set = call.env.iter();
    env.extend(set.map(|(name, value)| (name.into(), value.into())));
    env
}
