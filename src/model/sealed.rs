//! Values that are never shown: where they are, and what may be remembered of them.

use super::facets::SEAL;
use super::{Machine, Project, Provision, Secret, SecretSource};
use crate::diagnostic::Diagnostic;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What the environment, the `.env` and the files of secrets hold. It is never printed.
#[derive(Clone, Default)]
pub struct Values {
    variables: BTreeMap<String, String>,
    files: BTreeMap<PathBuf, String>,
}

/// A variable of a machine's environment whose value goes in by a way of its own.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl Values {
    /// The variables: later ones win.
    pub fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        Values {
            variables: variables.into_iter().collect(),
            files: BTreeMap::new(),
        }
    }

    /// Reads the files that secrets are in. A line's end at the end of one is not its value's.
    pub fn read(&mut self, project: &Project, read: &dyn Fn(&Path) -> Option<String>) {
        for secret in project.all().flat_map(|machine| &machine.secrets) {
            if let SecretSource::File(path) = &secret.from
                && let Some(text) = read(path)
            {
                let text = text.strip_suffix('\n').unwrap_or(&text);
                let text = text.strip_suffix('\r').unwrap_or(text);
                self.files.insert(path.value.clone(), text.to_owned());
            }
        }
    }

    /// A secret's value; nothing where there is none.
    pub fn of(&self, secret: &Secret) -> Option<&str> {
        match &secret.from {
            SecretSource::Variable(name) => self.variables.get(name.as_str()),
            SecretSource::File(path) => self.files.get(&path.value),
        }
        .map(String::as_str)
    }

    /// What a machine gets that must not be seen: its secrets, and variables that came of `env.*`.
    pub fn hidden(&self, machine: &Machine) -> Vec<Hidden> {
        let came = machine.env.iter();
        let came = came.filter(|variable| machine.is_hidden(variable.value.origin));
        let came = came.map(|variable| (&variable.name.value, variable.value.as_str()));
        let secrets = machine.secrets.iter();
        let secrets = secrets.filter_map(|secret| Some((&secret.name.value, self.of(secret)?)));
        let mut all: BTreeMap<&String, &str> = came.collect();
        all.extend(secrets);
        let hidden = |(name, value): (&String, &str)| Hidden {
            name: name.clone(),
            value: value.to_owned(),
        };
        all.into_iter().map(hidden).collect()
    }

    /// What a playbook gets that must not be seen: its secrets, and variables that came of `env.*`.
    pub fn hidden_of(&self, machine: &Machine, provision: &Provision) -> Vec<Hidden> {
        let came = provision.vars.iter();
        let came = came.filter(|variable| machine.is_hidden(variable.value.origin));
        let came = came.map(|variable| (&variable.name.value, variable.value.as_str()));
        let secrets = provision.secrets.iter();
        let secrets = secrets.filter_map(|secret| Some((&secret.name.value, self.of(secret)?)));
        let hidden = |(name, value): (&String, &str)| Hidden {
            name: name.clone(),
            value: value.to_owned(),
        };
        came.chain(secrets).map(hidden).collect()
    }

    /// Digests of the same, keyed so that they say nothing elsewhere.
    pub fn sealed_of(&self, machine: &Machine, provision: &Provision, key: &[u8]) -> Vec<String> {
        let hidden = self.hidden_of(machine, provision).into_iter();
        hidden
            .map(|Hidden { name, value }| format!("{name}{SEAL}{}", digest(key, &name, &value)))
            .collect()
    }

    /// One finding for each secret of a machine that has no value.
    pub fn missing(&self, machine: &Machine) -> Vec<Diagnostic> {
        let missing = machine
            .secrets
            .iter()
            .filter(|secret| self.of(secret).is_none());
        let finding = |secret: &Secret| {
            let finding = Diagnostic::error(2127);
            match &secret.from {
                SecretSource::Variable(name) => finding
                    .message(format!("The secret {} has no value", secret.name.value))
                    .at_origin(name.origin)
                    .label(format!(
                        "neither the environment nor the .env has {}",
                        name.value
                    ))
                    .help(format!(
                        "set it: {}=… vagrantp up, or add it to the .env",
                        name.value
                    )),
                SecretSource::File(path) => finding
                    .message(format!(
                        "The secret {} has no value: {} cannot be read",
                        secret.name.value,
                        path.display()
                    ))
                    .at_origin(path.origin)
                    .help("write the value into that file, or name another one"),
            }
        };
        missing.map(finding).collect()
    }

    /// Notes digests of what the machines must not show, keyed so that they say nothing elsewhere.
    pub fn seal(&self, project: &mut Project, key: &[u8]) {
        let machines = project.machines.iter_mut().chain(&mut project.left_out);
        for machine in machines {
            machine.sealed = self.seals(machine, key);
        }
    }

    fn seals(&self, machine: &Machine, key: &[u8]) -> BTreeMap<String, String> {
        let mut sealed = BTreeMap::new();
        for Hidden { name, value } in self.hidden(machine) {
            let digest = digest(key, &name, &value);
            sealed.insert(name, digest);
        }
        let lines = [
            ("command", &machine.command),
            ("engine-args", &machine.engine_args),
        ];
        for (setting, words) in lines {
            if words.iter().any(|word| machine.is_hidden(word.origin)) {
                let words: Vec<&str> = words.iter().map(|word| word.as_str()).collect();
                let digest = digest(key, setting, &words.join("\0"));
                sealed.insert(setting.to_owned(), digest);
            }
        }
        sealed
    }
}

fn digest(key: &[u8], name: &str, value: &str) -> String {
    use sha2::Digest;
    let mut hash = sha2::Sha256::new();
    for part in [key, name.as_bytes(), value.as_bytes()] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let bytes = hash.finalize();
    bytes
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

impl Project {
    /// The variables of the environment that secrets are taken from.
    pub fn secret_variables(&self) -> Vec<String> {
        let of_machine = |machine: &'_ Machine| {
            let of_playbooks = machine.provisions.iter().flat_map(|it| &it.secrets);
            let all = machine.secrets.iter().chain(of_playbooks);
            let names = all.filter_map(|secret| match &secret.from {
                SecretSource::Variable(name) => Some(name.value.clone()),
                SecretSource::File(_) => None,
            });
            names.collect::<Vec<_>>()
        };
        self.all().flat_map(of_machine).collect()
    }
}

impl Machine {
    /// The variables whose values must not be seen, by name.
    pub fn hidden_names(&self) -> Vec<String> {
        let came = self.env.iter();
        let came = came.filter(|variable| self.is_hidden(variable.value.origin));
        let secrets = self.secrets.iter().map(|secret| &secret.name.value);
        let names: BTreeSet<&String> = came
            .map(|variable| &variable.name.value)
            .chain(secrets)
            .collect();
        names.into_iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::digest;

    #[test]
    fn a_seal_is_of_one_value_of_one_variable_in_one_project() {
        let seals = [
            digest(b"one", "A", "value"),
            digest(b"two", "A", "value"),
            digest(b"one", "B", "value"),
            digest(b"one", "A", "other"),
            digest(b"one", "Av", "alue"),
        ];
        let mut different = seals.to_vec();
        different.sort();
        different.dedup();
        assert_eq!(different.len(), seals.len());
        assert_eq!(seals[0], digest(b"one", "A", "value"));
        assert!(!seals[0].contains("value"));
    }
}
