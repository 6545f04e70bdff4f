//! Names on disk, and how files get there.
//!
//! ```text
//! $XDG_STATE_HOME/vagrantp/            0700
//!   machines/UUID/FILE/MACHINE.KIND/   one machine (its path is its identity, never its id)
//!     record.json                      what is remembered of it
//!     key  key.pub                     the pair that opens it
//!     keys/                            mounted into it: host_key host_key.pub authorized_keys
//!     known_hosts  ssh_config
//!     logs/NAME
//!   projects/UUID.json                 where a project was last seen
//!   locks/UUID.lock  ledger.lock
//! ```

use super::StateError;
use super::file::{json, make, read_json, write, write_derived};
pub use super::identity::Identity;
use super::identity::{digest, meant, on_disk};
use super::record::{MachineRecord, SCHEMA};
use crate::value::{Choice, Kind};
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// The folder in which everything is remembered. It is made at the first write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateFolder {
    root: PathBuf,
}

/// One machine's folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MachineFolder {
    root: PathBuf,
    path: PathBuf,
}

impl StateFolder {
    /// The state folder at a path.
    pub fn new(root: PathBuf) -> Self {
        StateFolder { root }
    }

    /// `$XDG_STATE_HOME/vagrantp`, else `$HOME/.local/state/vagrantp`. Relative paths in these
    /// variables are ignored, as the XDG specification asks.
    ///
    /// # Errors
    /// When neither is set and this user has no home.
    pub fn locate(env: &dyn Fn(&str) -> Option<String>) -> Result<Self, StateError> {
        let base = super::runtime::base(env, "XDG_STATE_HOME", ".local/state")?;
        Ok(StateFolder::new(base.join("vagrantp")))
    }

    /// Its path.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of a machine, whether or not it is there.
    pub fn machine(&self, identity: &Identity) -> MachineFolder {
        let machine = match identity.machine.as_str() {
            "" => "_".to_owned(),
            "_" => "%5F".to_owned(),
            name => on_disk(name),
        };
        let path = self
            .machines_path()
            .join(identity.project.to_string())
            .join(on_disk(&identity.file))
            .join(format!("{machine}.{}", identity.kind.word()));
        MachineFolder {
            root: self.root.clone(),
            path,
        }
    }

    /// The machine folders of one project, sorted.
    pub fn machines_of(&self, project: Uuid) -> Vec<MachineFolder> {
        let files = folders(&self.machines_path().join(project.to_string()));
        let mut found: Vec<MachineFolder> = files
            .iter()
            .flat_map(|file| folders(file))
            .map(|path| MachineFolder {
                root: self.root.clone(),
                path,
            })
            .collect();
        found.sort();
        found
    }

    /// Every machine folder of this user on this host, sorted.
    pub fn machines(&self) -> Vec<MachineFolder> {
        let projects = folders(&self.machines_path());
        let files = projects.iter().flat_map(|project| folders(project));
        let machines = files.flat_map(|file| folders(&file));
        let mut found: Vec<MachineFolder> = machines
            .map(|path| MachineFolder {
                root: self.root.clone(),
                path,
            })
            .collect();
        found.sort();
        found
    }

    /// The lock of a project.
    pub fn lock_path(&self, project: Uuid) -> PathBuf {
        self.root.join("locks").join(format!("{project}.lock"))
    }

    /// The lock of an image that is being pulled or built.
    pub fn image_lock_path(&self, name: &str) -> PathBuf {
        self.root
            .join("locks")
            .join(format!("image-{}.lock", on_disk(name)))
    }

    /// The names of all images that were ever locked.
    pub fn image_locks(&self) -> Vec<String> {
        let entries = fs::read_dir(self.root.join("locks")).into_iter().flatten();
        let mut names: Vec<String> = entries
            .flatten()
            .filter_map(|entry| {
                let name = entry.file_name().into_string().ok()?;
                meant(name.strip_prefix("image-")?.strip_suffix(".lock")?)
            })
            .collect();
        names.sort();
        names
    }

    /// The lock under which ids and ports are given out.
    pub fn ledger_lock_path(&self) -> PathBuf {
        self.root.join("locks/ledger.lock")
    }

    /// Where a project was last seen.
    pub(super) fn project_path(&self, project: Uuid) -> PathBuf {
        self.projects_path().join(format!("{project}.json"))
    }

    pub(super) fn projects_path(&self) -> PathBuf {
        self.root.join("projects")
    }

    fn machines_path(&self) -> PathBuf {
        self.root.join("machines")
    }

    /// Makes the folder where it is missing, and shuts it to others where it is open.
    ///
    /// # Errors
    /// When the system refuses, or the folder is another user's: files left there by root would
    /// shut its owner out.
    pub fn prepare(&self) -> Result<(), StateError> {
        make(&self.root)?;
        let meta = fs::metadata(&self.root).map_err(StateError::io(&self.root, "read"))?;
        if meta.uid() != rustix::process::geteuid().as_raw() {
            let whose = format!("it belongs to the user with the number {}", meta.uid());
            let error = io::Error::new(io::ErrorKind::PermissionDenied, whose);
            return Err(StateError::io(&self.root, "write to")(error));
        }
        if meta.mode() & 0o777 != 0o700 {
            let shut = fs::Permissions::from_mode(0o700);
            fs::set_permissions(&self.root, shut)
                .map_err(StateError::io(&self.root, "shut to others"))?;
        }
        Ok(())
    }
}

impl MachineFolder {
    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is remembered of it.
    pub fn record_path(&self) -> PathBuf {
        self.path.join("record.json")
    }

    /// The private key that opens it.
    pub fn key(&self) -> PathBuf {
        self.path.join("key")
    }

    /// The private key that opens the machine: the user's own, else [`Self::key`].
    pub fn key_of(&self, record: &MachineRecord) -> PathBuf {
        record.access.key.clone().unwrap_or_else(|| self.key())
    }

    /// The public half of [`Self::key`].
    pub fn public_key(&self) -> PathBuf {
        self.path.join("key.pub")
    }

    /// The folder that is mounted into the machine: `host_key`, `host_key.pub`, `authorized_keys`.
    pub fn keys(&self) -> PathBuf {
        self.path.join("keys")
    }

    /// The machine's own host key, pinned.
    pub fn known_hosts(&self) -> PathBuf {
        self.path.join("known_hosts")
    }

    /// How ssh gets in.
    pub fn ssh_config(&self) -> PathBuf {
        self.path.join("ssh_config")
    }

    /// Vagrant's folder of the machine: its Vagrantfile, and what it remembers itself.
    pub fn vagrant(&self) -> PathBuf {
        self.path.join("vagrant")
    }

    /// What a virtual machine writes to its first serial port.
    pub fn console(&self) -> PathBuf {
        self.path.join("logs/console.log")
    }

    /// A log, such as `provision`.
    pub fn log(&self, name: &str) -> PathBuf {
        self.path
            .join("logs")
            .join(format!("{}.log", on_disk(name)))
    }

    /// The socket of ssh's shared connection, in [`runtime_folder`]. Short enough for a
    /// `ControlPath` whatever the machine's names are.
    ///
    /// [`runtime_folder`]: super::runtime::runtime_folder
    pub fn control_socket(&self, runtime: &Path) -> PathBuf {
        let path = self.path.as_os_str().as_encoded_bytes();
        runtime.join(&digest(path)[..16])
    }

    /// Which machine this is, read from the path alone: for folders whose record is damaged.
    /// `None` for names too long to stand in a path.
    pub fn identity(&self) -> Option<Identity> {
        let mut names = self.path.iter().rev().map(|name| name.to_str());
        let (machine, kind) = names.next()??.rsplit_once('.')?;
        let file = meant(names.next()??)?;
        let project = names.next()??.parse().ok()?;
        let machine = match machine {
            "_" => String::new(),
            name => meant(name)?,
        };
        let kind = Kind::parse(kind).ok()?;
        Some(Identity {
            project,
            file,
            machine,
            kind,
        })
    }

    /// The record, if there is one.
    ///
    /// # Errors
    /// When it is damaged, was written by a newer vagrantp, or the system refuses.
    pub fn load(&self) -> Result<Option<MachineRecord>, StateError> {
        read_json(&self.record_path(), SCHEMA)
    }

    /// Writes the record.
    ///
    /// # Errors
    /// When the system refuses; the record before it then still stands.
    pub fn save(&self, record: &MachineRecord) -> Result<(), StateError> {
        StateFolder::new(self.root.clone()).prepare()?;
        write(&self.record_path(), &json(record), 0o600)
    }

    /// Writes a file of this machine that can be made again, whole or not at all.
    ///
    /// # Errors
    /// When the system refuses; what was there before then still stands.
    pub fn write(&self, path: &Path, bytes: &[u8], mode: u32) -> Result<(), StateError> {
        StateFolder::new(self.root.clone()).prepare()?;
        write_derived(path, bytes, mode)
    }

    /// Removes the folder, its record last, and the folders above it that are empty then.
    /// Nothing there is fine.
    ///
    /// # Errors
    /// When the system refuses; the record then still stands, so that a later try finds it.
    pub fn remove(&self) -> Result<(), StateError> {
        let gone = |result: io::Result<()>| match result {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        };
        let record = self.record_path();
        for entry in fs::read_dir(&self.path).into_iter().flatten().flatten() {
            let path = entry.path();
            if path == record {
                continue;
            }
            let result = match entry.file_type() {
                Ok(kind) if kind.is_dir() => fs::remove_dir_all(&path),
                _ => fs::remove_file(&path),
            };
            gone(result).map_err(StateError::io(&path, "remove"))?;
        }
        gone(fs::remove_file(&record)).map_err(StateError::io(&record, "remove"))?;
        gone(fs::remove_dir(&self.path)).map_err(StateError::io(&self.path, "remove"))?;
        let above = self.path.ancestors().skip(1).take(2);
        for folder in above {
            // Another machine's folder keeps it, which is no failure.
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
        Ok(())
    }
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .collect()
}
