//! Where Ansible looks for what playbooks name.

use std::path::{Component, Path, PathBuf};

/// Folders that do not depend on the playbook's text.
pub struct Places<'a> {
    environment: &'a dyn Fn(&str) -> Option<String>,
}

/// What a setting of `ansible.cfg` needs to be read.
pub type ReadFile<'r> = &'r dyn Fn(&Path) -> Option<String>;

impl<'a> Places<'a> {
    /// As the environment says.
    pub fn new(environment: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Places { environment }
    }

    /// A path with `~` replaced, from a folder.
    pub fn absolute(&self, folder: &Path, written: &str) -> PathBuf {
        let home = || (self.environment)("HOME").map(PathBuf::from);
        let path = match written.strip_prefix("~/") {
            Some(rest) => home().map_or_else(|| PathBuf::from(written), |home| home.join(rest)),
            None => folder.join(written),
        };
        clean(&path)
    }

    /// The folders of `roles_path`.
    pub fn roles(&self, base: &Path, read: ReadFile) -> Vec<PathBuf> {
        let default = "~/.ansible/roles:/usr/share/ansible/roles:/etc/ansible/roles";
        self.listed("ANSIBLE_ROLES_PATH", "roles_path", default, base, read)
    }

    /// The folders of `collections_path`.
    pub fn collections(&self, base: &Path, read: ReadFile) -> Vec<PathBuf> {
        let default = "~/.ansible/collections:/usr/share/ansible/collections";
        let one = "ANSIBLE_COLLECTIONS_PATH";
        match self.configured("collections_paths", base, read) {
            Some(_) => self.listed(one, "collections_paths", default, base, read),
            None => self.listed(one, "collections_path", default, base, read),
        }
    }

    /// The folders of `library`.
    pub fn modules(&self, base: &Path, read: ReadFile) -> Vec<PathBuf> {
        let default = "~/.ansible/plugins/modules:/usr/share/ansible/plugins/modules";
        self.listed("ANSIBLE_LIBRARY", "library", default, base, read)
    }

    fn listed(
        &self,
        variable: &str,
        setting: &str,
        default: &str,
        base: &Path,
        read: ReadFile,
    ) -> Vec<PathBuf> {
        let set = (self.environment)(variable).map(|value| (base.to_owned(), value));
        let (folder, value) = set
            .or_else(|| self.configured(setting, base, read))
            .unwrap_or_else(|| (base.to_owned(), default.to_owned()));
        let paths = value
            .split(':')
            .map(str::trim)
            .filter(|path| !path.is_empty());
        paths.map(|path| self.absolute(&folder, path)).collect()
    }

    /// A setting of the one `ansible.cfg` that Ansible reads, and the folder it lies in.
    fn configured(&self, setting: &str, base: &Path, read: ReadFile) -> Option<(PathBuf, String)> {
        let own = (self.environment)("ANSIBLE_CONFIG").map(|path| self.absolute(base, &path));
        let usual = [
            base.join("ansible.cfg"),
            self.absolute(base, "~/.ansible.cfg"),
            PathBuf::from("/etc/ansible/ansible.cfg"),
        ];
        let mut files = own.into_iter().chain(usual);
        let (file, text) = files.find_map(|file| Some((file.clone(), read(&file)?)))?;
        let value = of_defaults(&text, setting)?;
        Some((file.parent()?.to_owned(), value))
    }
}

/// A setting of the section `[defaults]`.
fn of_defaults(text: &str, setting: &str) -> Option<String> {
    let mut inside = false;
    for line in text.lines() {
        if line.starts_with('[') {
            inside = line.trim() == "[defaults]";
            continue;
        }
        let Some((name, value)) = line.split_once(['=', ':']).filter(|_| inside) else {
            continue;
        };
        if name.trim() == setting {
            let value = value.split(" ;").next().unwrap_or_default();
            return Some(value.trim().to_owned());
        }
    }
    None
}

/// Without `.` and `..`, so that one file has one name.
pub fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            part => clean.push(part),
        }
    }
    clean
}

#[test]
fn settings_are_read_from_their_section() {
    let text = "[other]\nroles_path = a\n[defaults]\n# roles_path = b\nroles_path = ./c:d ; note\n";
    assert_eq!(of_defaults(text, "roles_path").as_deref(), Some("./c:d"));
    assert_eq!(of_defaults(text, "library"), None);
}
