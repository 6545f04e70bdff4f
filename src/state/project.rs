//! Which project a folder is, even after it was moved, copied or cleaned.
//!
//! `.vagrantp/project.json` in the folder holds the project's UUID; `projects/UUID.json` in the
//! state folder says where that project was last seen. Where the two differ, something happened.

use super::StateError;
use super::file::{json, read_json, write};
use super::folder::StateFolder;
use super::ledger::Ledger;
use super::lock::LockError;
use serde::{Deserialize, Serialize};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use uuid::Uuid;

const SCHEMA: u32 = 1;
const FOLDER: &str = ".vagrantp";

/// Which project a folder is, and how that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectIdentity {
    /// The project.
    pub uuid: Uuid,
    /// Nothing is known of it yet; the UUID is new and is written nowhere before [`settle`].
    pub fresh: bool,
    /// It was here when it was last seen, and is not any more.
    pub moved_from: Option<PathBuf>,
    /// It was copied from here, where the original still stands; the UUID is new.
    pub copied_from: Option<PathBuf>,
    /// The folder's own `.vagrantp` was lost; the UUID is the one remembered for this path.
    pub recovered: bool,
    /// The id that was derived for it before, so that a renamed folder keeps its id. Set it, and
    /// [`settle`] writes it.
    pub infrastructure_id: Option<String>,
}

/// What stands in the project's folder. Never a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    schema: u32,
    uuid: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    infrastructure_id: Option<String>,
}

/// What stands in the state folder. The numbers tell an original that was moved from a copy that
/// took its old place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    schema: u32,
    path: PathBuf,
    dev: u64,
    ino: u64,
}

/// Finds out which project a folder is. Writes nothing, so for a folder that nobody settled, each
/// call proposes another UUID.
///
/// # Errors
/// When the folder cannot be read, or a newer vagrantp wrote its identity.
pub fn look(folder: &Path, state: &StateFolder) -> Result<ProjectIdentity, StateError> {
    let here = Seen::at(folder)?;
    Ok(examine(&here, state)?.0)
}

/// Writes down what [`look`] finds, under the ledger's lock, so that of two processes in a fresh
/// folder one learns the other's UUID. To be called before the project's own lock is taken, which
/// is named after the UUID; nothing is written where all is written already.
///
/// # Errors
/// When the project's folder or the state folder cannot be written.
pub fn settle(
    folder: &Path,
    state: &StateFolder,
    identity: &mut ProjectIdentity,
) -> Result<(), LockError> {
    let _lock = Ledger::lock(state, &|| false)?;
    let here = Seen::at(folder)?;
    let (found, seen) = examine(&here, state)?;
    let proposed = std::mem::replace(identity, found);
    if identity.is_new() && proposed.is_new() {
        identity.uuid = proposed.uuid;
    }
    if identity.uuid == proposed.uuid {
        identity.infrastructure_id = proposed
            .infrastructure_id
            .or(identity.infrastructure_id.take());
        identity.moved_from = identity.moved_from.take().or(proposed.moved_from);
        identity.copied_from = identity.copied_from.take().or(proposed.copied_from);
    }
    identity.fresh = false;
    keep(&here.path, identity).map_err(StateError::in_project)?;
    let path = state.project_path(identity.uuid);
    if recall::<Seen>(&path)?.as_ref() != Some(&seen) {
        write(&path, &json(&seen), 0o600)?;
    }
    Ok(())
}

/// Writes down that a folder of which nothing was remembered is a project that an engine still
/// knows, in place of the UUID that it was just given.
///
/// # Errors
/// When the project's folder or the state folder cannot be written.
pub fn adopt(
    folder: &Path,
    state: &StateFolder,
    identity: &mut ProjectIdentity,
    uuid: Uuid,
) -> Result<(), LockError> {
    let _lock = Ledger::lock(state, &|| false)?;
    let here = Seen::at(folder)?;
    let before = state.project_path(identity.uuid);
    identity.recognized_as(uuid);
    keep(&here.path, identity).map_err(StateError::in_project)?;
    write(&state.project_path(uuid), &json(&here), 0o600)?;
    // Where it stays, it says nothing wrong: only that some project was here.
    let _ = fs::remove_file(before);
    Ok(())
}

/// Whether it was ever noted where a project is.
pub fn is_noted(state: &StateFolder, uuid: Uuid) -> bool {
    state.project_path(uuid).exists()
}

impl ProjectIdentity {
    /// An engine knows which project this folder is.
    pub fn recognized_as(&mut self, uuid: Uuid) {
        self.uuid = uuid;
        self.fresh = false;
        self.recovered = true;
    }

    /// A project that nothing is known of.
    fn new() -> Self {
        ProjectIdentity {
            uuid: Uuid::new_v4(),
            fresh: true,
            moved_from: None,
            copied_from: None,
            recovered: false,
            infrastructure_id: None,
        }
    }

    fn known(uuid: Uuid) -> Self {
        ProjectIdentity {
            uuid,
            fresh: false,
            ..Self::new()
        }
    }

    /// What tells this project's machine from another's of the same folder name.
    pub fn suffix(&self) -> String {
        self.uuid.simple().to_string()[..6].to_owned()
    }

    /// Whether the UUID is one that [`look`] made up.
    fn is_new(&self) -> bool {
        self.fresh || self.copied_from.is_some()
    }
}

impl Seen {
    fn at(folder: &Path) -> Result<Self, StateError> {
        let read = || {
            let path = fs::canonicalize(folder)?;
            let meta = fs::metadata(&path)?;
            Ok(Seen {
                schema: SCHEMA,
                path,
                dev: meta.dev(),
                ino: meta.ino(),
            })
        };
        read().map_err(StateError::io(folder, "read"))
    }

    fn is_same_folder(&self, other: &Self) -> bool {
        (self.dev, self.ino) == (other.dev, other.ino)
    }
}

/// The identity, and what is to stand in the state folder for it.
fn examine(here: &Seen, state: &StateFolder) -> Result<(ProjectIdentity, Seen), StateError> {
    let Some(kept) = kept(&here.path)? else {
        let known = remembered(here, state)?.map(|uuid| ProjectIdentity {
            recovered: true,
            ..ProjectIdentity::known(uuid)
        });
        return Ok((known.unwrap_or_else(ProjectIdentity::new), here.clone()));
    };
    let mut identity = ProjectIdentity {
        infrastructure_id: kept.infrastructure_id,
        ..ProjectIdentity::known(kept.uuid)
    };
    let Some(seen) = recall::<Seen>(&state.project_path(kept.uuid))? else {
        return Ok((identity, here.clone()));
    };
    if seen.path == here.path {
        return Ok((identity, here.clone()));
    }
    // What stands there now, if it still calls itself this project.
    let there = Seen::at(&seen.path)
        .ok()
        .filter(|_| matches!(self::kept(&seen.path), Ok(Some(other)) if other.uuid == kept.uuid));
    match there {
        // One folder by two paths, as with a bind mount.
        Some(there) if there.is_same_folder(here) => return Ok((identity, seen)),
        // The original moved here, and a copy took its place.
        Some(_) if seen.is_same_folder(here) => identity.moved_from = Some(seen.path),
        Some(_) => {
            identity = ProjectIdentity {
                fresh: false,
                copied_from: Some(seen.path),
                ..ProjectIdentity::new()
            }
        }
        None => identity.moved_from = Some(seen.path),
    }
    Ok((identity, here.clone()))
}

/// What stands in a project's folder. A damaged file counts as lost.
fn kept(project: &Path) -> Result<Option<Kept>, StateError> {
    let folder = project.join(FOLDER);
    // A link could lead anywhere; a clone must not choose where we read and write.
    let is_folder = fs::symlink_metadata(&folder).is_ok_and(|meta| meta.is_dir());
    match is_folder {
        true => recall(&folder.join("project.json")),
        false => Ok(None),
    }
}

/// The project that was last seen at a path, for a folder whose own `.vagrantp` is lost: by the
/// state's own list, else by the records of its machines.
fn remembered(here: &Seen, state: &StateFolder) -> Result<Option<Uuid>, StateError> {
    let mut listed = Vec::new();
    for entry in fs::read_dir(state.projects_path()).into_iter().flatten() {
        let name = entry.map(|entry| entry.file_name()).unwrap_or_default();
        let stem = name.to_str().and_then(|name| name.strip_suffix(".json"));
        let Some(uuid) = stem.and_then(|stem| stem.parse::<Uuid>().ok()) else {
            continue;
        };
        if let Some(seen) = recall::<Seen>(&state.project_path(uuid))? {
            listed.push((uuid, seen));
        }
    }
    let ledger = Ledger::read(state);
    let mut found: Vec<Uuid> = listed
        .iter()
        .filter(|(_, seen)| seen.path == here.path)
        .filter(|(uuid, seen)| seen.is_same_folder(here) || !stands_beside(here, *uuid))
        .map(|(uuid, _)| *uuid)
        .collect();
    // One that has machines is more likely meant; the rest is order, for the same answer each time.
    found.sort_by_key(|uuid| (ledger.project(*uuid).next().is_none(), *uuid));
    let by_record = || {
        let mut entries: Vec<_> = ledger
            .entries
            .iter()
            .map(|entry| &entry.record)
            .filter(|record| record.project_path == here.path)
            .filter(|record| listed.iter().all(|(uuid, _)| *uuid != record.project))
            .collect();
        entries.sort_by_key(|record| record.updated_at);
        entries.last().map(|record| record.project)
    };
    Ok(found.first().copied().or_else(by_record))
}

/// Whether the project was only renamed, and a new folder took its old name.
fn stands_beside(here: &Seen, uuid: Uuid) -> bool {
    let parent = here.path.parent().unwrap_or(&here.path);
    let mut beside = fs::read_dir(parent).into_iter().flatten().flatten();
    beside.any(|entry| matches!(kept(&entry.path()), Ok(Some(other)) if other.uuid == uuid))
}

/// Reads one of this file's two forms; a damaged one counts as lost.
fn recall<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Option<T>, StateError> {
    match read_json(path, SCHEMA) {
        Err(StateError::Damaged { .. }) => Ok(None),
        other => other,
    }
}

/// Writes into the project's folder what is not there yet.
fn keep(project: &Path, identity: &ProjectIdentity) -> Result<(), StateError> {
    let folder = project.join(FOLDER);
    let wanted = Kept {
        schema: SCHEMA,
        uuid: identity.uuid,
        infrastructure_id: identity.infrastructure_id.clone(),
    };
    if kept(project)?.as_ref() == Some(&wanted) {
        return Ok(());
    }
    match fs::symlink_metadata(&folder) {
        Ok(meta) if meta.is_dir() => {}
        Ok(_) => {
            let error = std::io::ErrorKind::NotADirectory.into();
            return Err(StateError::io(&folder, "write to")(error));
        }
        Err(_) => fs::create_dir(&folder).map_err(StateError::io(&folder, "create"))?,
    }
    let ignore = folder.join(".gitignore");
    if !ignore.exists() {
        write(&ignore, b"*\n", 0o644)?;
    }
    write(&folder.join("project.json"), &json(&wanted), 0o644)
}

#[cfg(test)]
mod tests;
