//! One machine's state, from what the engine shows and what is remembered. The engine is the truth.

use crate::state::observed::{ObservedMachine, Seen};
use crate::state::record::{MachineRecord, Stage};
use std::fmt;

/// What is said of a machine that is there and that no record tells of.
pub const LOST: &str = "its record and keys are lost";

/// A machine's state, as everything shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing is there.
    NotCreated,
    /// It is being made, or that was cut short.
    Creating,
    /// It runs.
    Running,
    /// It stands still.
    Stopped,
    /// It is being removed, or that was cut short.
    Removing,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            State::NotCreated => "not_created",
            State::Creating => "creating",
            State::Running => "running",
            State::Stopped => "stopped",
            State::Removing => "removing",
        })
    }
}

/// A state and what explains it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Situation {
    /// The state.
    pub state: State,
    /// What explains it, where that is not plain.
    pub detail: Option<String>,
}

/// Judges one machine.
///
/// # Errors
/// With the engine's own word, where that is none that we know.
pub fn situation(
    record: Option<&MachineRecord>,
    found: Option<&ObservedMachine>,
) -> Result<Situation, String> {
    let stage = record.map(|record| record.stage);
    let plain = |state| {
        Ok(Situation {
            state,
            detail: None,
        })
    };
    let with = |state, detail: &str| {
        let detail = Some(detail.to_owned());
        Ok(Situation { state, detail })
    };
    let Some(found) = found else {
        return match stage {
            None | Some(Stage::Reserved) => plain(State::NotCreated),
            Some(Stage::Keeping | Stage::Creating) => {
                with(State::Creating, "cut short before it was made")
            }
            Some(Stage::Removing) => with(State::Removing, "cut short after it was removed"),
            Some(Stage::Starting | Stage::Running | Stage::Stopped) => {
                with(State::NotCreated, "removed by something else")
            }
        };
    };
    match (found.state, stage) {
        (_, Some(Stage::Removing)) => with(State::Removing, "cut short"),
        (Seen::Removing, _) => with(State::Removing, "the engine is at it"),
        (Seen::Made, _) => with(State::Creating, "half made"),
        (Seen::Running | Seen::Stopped, Some(Stage::Keeping)) => {
            with(State::Creating, "cut short while it was to be made anew")
        }
        // The record tells of a machine that was still to be made; this is its old self.
        (Seen::Running | Seen::Stopped, Some(Stage::Reserved)) => {
            with(State::Creating, "cut short before it was made anew")
        }
        (Seen::Running, Some(Stage::Creating)) => with(State::Creating, "runs, not yet ready"),
        (Seen::Running, Some(Stage::Starting)) => with(State::Running, "not yet ready"),
        (Seen::Running, None) => with(State::Running, LOST),
        (Seen::Stopped, None) => with(State::Stopped, LOST),
        (Seen::Running, _) => plain(State::Running),
        (Seen::Stopped, Some(Stage::Creating)) => with(State::Creating, "stopped half-way"),
        (Seen::Stopped, Some(Stage::Starting | Stage::Running)) if found.exit_code != 0 => with(
            State::Stopped,
            &format!("ended by itself, status {}", found.exit_code),
        ),
        (Seen::Stopped, Some(Stage::Running)) => with(State::Stopped, "stopped by something else"),
        (Seen::Stopped, Some(Stage::Starting)) => {
            with(State::Stopped, "cut short while it was started")
        }
        (Seen::Stopped, _) => plain(State::Stopped),
        (Seen::Unknown, _) => Err(found.word.clone()),
    }
}
