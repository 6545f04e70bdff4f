//! What an engine shows of the machines of this user.

use super::record::{MachineRecord, Stage};
use crate::value::{PortRule, Provider};
use std::path::PathBuf;
use uuid::Uuid;

/// One thing that the engine has, ours or not.
#[derive(Debug, Clone, PartialEq)]
pub struct ObservedMachine {
    /// What runs it.
    pub provider: Provider,
    /// Its name: the instance id of one of ours.
    pub name: String,
    /// The engine's own id.
    pub engine_id: String,
    /// What it does.
    pub state: Seen,
    /// The engine's own word for the state.
    pub word: String,
    /// It can be neither started nor stopped any more.
    pub is_stuck: bool,
    /// How it ended, where it did.
    pub exit_code: i64,
    /// The project of our label; nothing where it is not ours.
    pub project: Option<Uuid>,
    /// The project's folder of our label.
    pub path: Option<PathBuf>,
    /// The digest of what it was made as, of our label.
    pub digest: Option<String>,
    /// The networks that it is on.
    pub networks: Vec<String>,
    /// What it publishes.
    pub ports: Vec<PortRule>,
}

/// What a thing does, as the engine sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// It was made and never ran, or only half made.
    Made,
    /// It runs.
    Running,
    /// It stands still and can go on: stopped or paused.
    Stopped,
    /// It is being removed.
    Removing,
    /// A word that we do not know.
    Unknown,
}

impl ObservedMachine {
    /// What a killed engine left of a machine that was being made: it bears its name and no label yet.
    /// Nobody else's has our name while we are about to make or remove it and the engine has no other.
    pub fn is_half_made(&self, record: &MachineRecord) -> bool {
        let intent = matches!(
            record.stage,
            Stage::Keeping | Stage::Creating | Stage::Removing
        );
        intent && self.name == record.id && self.word == "storage"
    }
}
