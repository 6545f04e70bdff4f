//! What a playbook is made of, in one digest: the same, where a run of it would do the same.

use super::disk::read_regular;
use crate::model::provision::REQUIREMENTS;
use crate::model::sealed::Values;
use crate::model::{Machine, Means, Project, Provision, Requirements};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What Ansible takes from beside a playbook without its being named there.
const BESIDE: &[&str] = &[
    "action_plugins",
    "ansible.cfg",
    "collections",
    "files",
    "filter_plugins",
    "group_vars",
    "handlers",
    "host_vars",
    "library",
    "lookup_plugins",
    "module_utils",
    "roles",
    "tasks",
    "templates",
    "vars",
];

/// Larger files are known by their size and time.
const LARGEST: u64 = 1 << 20;

/// More files than a playbook has: what is beyond is not looked at.
const MOST: usize = 20_000;

/// Notes what must not be seen as digests with a key, and what the machines' playbooks are made of.
pub fn seal(project: &mut Project, values: &Values, key: &[u8]) {
    values.seal(project, key);
    let folder = project.folder.clone();
    let machines = project.machines.iter_mut().chain(&mut project.left_out);
    for machine in machines {
        let found: Vec<String> = machine
            .provisions
            .iter()
            .map(|provision| fingerprint(&folder, machine, provision, values, key))
            .collect();
        for (provision, found) in machine.provisions.iter_mut().zip(found) {
            provision.fingerprint = found;
            provision.requirements = requirements(&folder, provision);
        }
    }
}

fn fingerprint(
    project: &Path,
    machine: &Machine,
    provision: &Provision,
    values: &Values,
    key: &[u8],
) -> String {
    let mut digest = Digested::default();
    let mut put = |bytes: &[u8]| digest.put(bytes);
    let shown = |path: &Path| {
        let inside = path.strip_prefix(project).unwrap_or(path);
        inside.as_os_str().as_encoded_bytes().to_owned()
    };
    put(&shown(&provision.playbook));
    for package in provision.packages() {
        put(package.value.as_bytes());
    }
    for variable in &provision.vars {
        if !machine.is_hidden(variable.value.origin) {
            put(format!("{}={}", variable.name.value, variable.value.value).as_bytes());
        }
    }
    for sealed in values.sealed_of(machine, provision, key) {
        put(sealed.as_bytes());
    }
    for tag in &provision.only_tags {
        put(format!("tag {}", tag.value).as_bytes());
    }
    let mut files = Files::default();
    files.add(&provision.playbook);
    provision.vars_files.iter().for_each(|file| files.add(file));
    let beside = provision.playbook.parent();
    if let Some(folder) = beside.filter(|_| provision.means == Means::Playbook) {
        let beside = BESIDE.iter().chain(REQUIREMENTS);
        beside.for_each(|name| files.add(&folder.join(name)));
        files.named(folder, project);
    }
    for file in &files.found {
        put(&shown(file));
        put(&content(file));
    }
    digest.text()
}

/// What a file beside a playbook lists, with the files that it names.
fn requirements(project: &Path, provision: &Provision) -> Option<Requirements> {
    let folder = provision.playbook.parent()?;
    let is_playbook = provision.means == Means::Playbook;
    let mut beside = REQUIREMENTS.iter().map(|name| folder.join(name));
    let file = beside.find(|path| is_playbook && path.is_file())?;
    let mut files = Files::default();
    files.add(&file);
    files.named(folder, project);
    let mut digest = Digested::default();
    for path in &files.found {
        digest.put(path.as_os_str().as_encoded_bytes());
        digest.put(&content(path));
    }
    Some(Requirements {
        file,
        digest: digest.text(),
    })
}

/// Parts in one digest.
#[derive(Default)]
struct Digested(Sha256);

impl Digested {
    fn put(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }

    fn text(self) -> String {
        let bytes = self.0.finalize();
        let bytes = bytes.iter().take(16);
        bytes.map(|byte| format!("{byte:02x}")).collect()
    }
}

fn content(path: &Path) -> Vec<u8> {
    if let Ok(bytes) = read_regular(path, LARGEST) {
        return bytes;
    }
    let Ok(data) = fs::metadata(path) else {
        return Vec::new();
    };
    format!("{} {}.{}", data.len(), data.mtime(), data.mtime_nsec()).into_bytes()
}

/// Files, each once.
#[derive(Default)]
struct Files {
    found: BTreeSet<PathBuf>,
}

impl Files {
    /// Adds a file, or all files of a folder; links into folders are not followed.
    fn add(&mut self, path: &Path) {
        if self.found.len() >= MOST {
            return;
        }
        let Ok(data) = fs::metadata(path) else { return };
        if data.is_file() {
            self.found.insert(path.to_owned());
        } else if data.is_dir() {
            for entry in fs::read_dir(path).into_iter().flatten().flatten() {
                let kind = entry.file_type();
                let is_link = kind.is_ok_and(|kind| kind.is_symlink()) && entry.path().is_dir();
                let is_cache = entry.file_name() == "__pycache__" || entry.file_name() == ".git";
                if !is_link && !is_cache {
                    self.add(&entry.path());
                }
            }
        }
    }

    /// Adds what the files name: a word that is the path of something there, from the playbook's folder or
    /// from the file's own.
    fn named(&mut self, folder: &Path, project: &Path) {
        let mut seen: BTreeSet<PathBuf> = BTreeSet::new();
        loop {
            let is_yaml = |path: &Path| {
                let ending = path.extension().and_then(|ending| ending.to_str());
                matches!(ending, Some("yml" | "yaml"))
            };
            let unseen = |path: &&PathBuf| is_yaml(path) && !seen.contains(*path);
            let next: Vec<PathBuf> = self.found.iter().filter(unseen).cloned().collect();
            if next.is_empty() || self.found.len() >= MOST {
                return;
            }
            for file in next {
                let text = String::from_utf8_lossy(&content(&file)).into_owned();
                let bases = [folder, file.parent().unwrap_or(folder)];
                for word in words(&text) {
                    for base in bases {
                        let path = base.join(word);
                        // Neither the project as a whole nor what holds it.
                        let Ok(real) = path.canonicalize() else {
                            continue;
                        };
                        if !project.starts_with(&real) && !folder.starts_with(&real) {
                            self.add(&real);
                        }
                    }
                }
                seen.insert(file);
            }
        }
    }
}

/// Words that may be relative paths of files.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_alphanumeric() || "-_./@+~".contains(c);
    let words = text.split(move |c| !is_part(c));
    words.filter(|word| {
        let is_path = word.contains('/') || word.contains('.');
        is_path && !word.starts_with('/') && word.chars().any(char::is_alphanumeric)
    })
}
