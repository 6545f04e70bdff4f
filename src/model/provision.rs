//! What a machine is provisioned by, in order: its packages, then playbooks and scripts as they are written.

use super::machine::{pairs, secrets};
use super::reader::Reader;
use super::{Secret, Variable};
use crate::source::Located;
use crate::spec::Written;
use std::path::{Path, PathBuf};

/// One thing that is run, and what goes with it. Paths are absolute.
#[derive(Debug, Clone)]
pub struct Provision {
    /// What it is.
    pub means: Means,
    /// The playbook or the script; of packages, the word `packages` where the first of them is written.
    pub playbook: Located<PathBuf>,
    /// YAML or JSON mappings of variables.
    pub vars_files: Vec<Located<PathBuf>>,
    /// Variables, by name.
    pub vars: Vec<Variable>,
    /// Variables whose values are never shown.
    pub secrets: Vec<Secret>,
    /// Only tasks with these tags; all without any.
    pub only_tags: Vec<Located<String>>,
    /// Only say what it would change.
    pub dry_run: bool,
    /// What it is made of, files and values: the same, where a run of it would do the same. Empty where that is
    /// not known.
    pub fingerprint: String,
    /// The roles and collections that it is to have, where a file beside it lists some.
    pub requirements: Option<Requirements>,
}

/// A `requirements.yml`, which ansible-galaxy reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirements {
    /// The file.
    pub file: PathBuf,
    /// What it holds: the same, where the same would be installed.
    pub digest: String,
}

/// What is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Means {
    /// A playbook of the user's.
    Playbook,
    /// A script, run as root.
    Script,
    /// Packages, which are installed before all else.
    Packages(Vec<Located<String>>),
}

/// What a file beside a playbook is called that lists what it requires.
pub const REQUIREMENTS: &[&str] = &["requirements.yml", "requirements.yaml"];

/// What files are called that are scripts; all else is a playbook.
const SCRIPTS: &[&str] = &["sh", "bash", "py", "pl", "rb"];

impl Provision {
    /// What is installed, where it is packages.
    pub fn packages(&self) -> &[Located<String>] {
        match &self.means {
            Means::Packages(packages) => packages,
            _ => &[],
        }
    }

    /// Whether it has a node or a line of its own.
    pub fn is_written(&self) -> bool {
        !matches!(self.means, Means::Packages(_))
    }

    /// The names of the variables that it is given.
    pub fn given(&self) -> impl Iterator<Item = &String> {
        let plain = self.vars.iter().map(|variable| &variable.name.value);
        plain.chain(self.secrets.iter().map(|secret| &secret.name.value))
    }

    /// What lines and tasks call it.
    pub fn name(&self) -> String {
        let name = self.playbook.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }
}

/// All of a machine's.
pub(super) fn provisions(reader: &Reader) -> Vec<Provision> {
    let written = reader.items("provision");
    let written = written.filter_map(|item| provision(reader, item));
    installed(reader).into_iter().chain(written).collect()
}

/// Packages come before all that may need them.
fn installed(reader: &Reader) -> Option<Provision> {
    let packages = reader.texts("packages");
    let origin = packages.first()?.origin;
    Some(Provision {
        means: Means::Packages(packages),
        playbook: Located::new("packages".into(), origin),
        vars_files: Vec::new(),
        vars: Vec::new(),
        secrets: Vec::new(),
        only_tags: Vec::new(),
        dry_run: false,
        fingerprint: String::new(),
        requirements: None,
    })
}

/// What goes with a playbook stands in it, or, in a `.env`, beside it. A script is given nothing.
fn provision(reader: &Reader, item: &Written) -> Option<Provision> {
    let value = item.values.last()?;
    let path = super::reader::text(&value.value)?;
    let parts = reader.parts(item);
    let files = |reader: &Reader| -> Vec<_> {
        let texts = reader.texts("provision.vars-file").into_iter();
        texts
            .map(|text| Located::new(reader.place.absolute(&text.value), text.origin))
            .collect()
    };
    let secret = |reader: &Reader| {
        let (name, from) = ("provision.secret", "provision.secret.from");
        secrets(reader, name, from, "")
    };
    let (vars_files, secrets) = (files(&parts), secret(&parts));
    let is_script = is_script(&path);
    Some(Provision {
        means: if is_script {
            Means::Script
        } else {
            Means::Playbook
        },
        playbook: Located::new(reader.place.absolute(&path), value.origin),
        vars: pairs(&parts, "provision.vars"),
        vars_files: match is_script {
            true => vars_files,
            false => with_beside(vars_files, files(reader), PartialEq::eq),
        },
        secrets: match is_script {
            true => secrets,
            false => with_beside(secrets, secret(reader), |one, other| one.name == other.name),
        },
        only_tags: parts.texts("provision.only-tags"),
        dry_run: parts.is_written("provision.dry-run"),
        fingerprint: String::new(),
        requirements: None,
    })
}

/// Whether a file is a script, by its name.
fn is_script(path: &str) -> bool {
    let ending = Path::new(path).extension();
    let ending = ending.and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| SCRIPTS.contains(&ending))
}

/// Whether a playbook is among what is written.
pub(super) fn has_playbook(reader: &Reader) -> bool {
    let written = reader.items("provision");
    let mut paths = written.filter_map(|item| super::reader::text(&item.values.last()?.value));
    paths.any(|path| !is_script(&path))
}

/// A file or a name that stands in a playbook's block too is the same one.
fn with_beside<T>(own: Vec<T>, beside: Vec<T>, same: impl Fn(&T, &T) -> bool) -> Vec<T> {
    let mut all = own;
    for item in beside {
        if !all.iter().any(|there| same(there, &item)) {
            all.push(item);
        }
    }
    all
}
