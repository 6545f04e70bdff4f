//! Volumes outlive their machines: `rm` says which it leaves, and takes them where it is asked to.

use super::Session;
use super::answer::Answer;
use super::machines::Known;
use crate::diagnostic::Diagnostic;
use crate::engine::{failure, podman};
use crate::model::joined::network_of;
use serde_json::json;
use std::collections::BTreeSet;
use uuid::Uuid;

/// What `rm` is asked about volumes.
pub struct Asked<'a> {
    /// Whose.
    pub project: Uuid,
    /// All machines that are known of it.
    pub all: &'a [Known<'a>],
    /// The places of those that went.
    pub gone: &'a [usize],
    /// Whether these were all that there are.
    pub whole: bool,
    /// Whether the volumes are to go as well.
    pub remove: bool,
}

/// Says which volumes are left, or removes them. Whether there were any.
///
/// # Errors
/// When the engine does not say which there are.
pub fn after(
    session: &Session,
    answer: &mut Answer,
    asked: &Asked,
) -> Result<bool, Box<Diagnostic>> {
    let of = |gone: bool| -> BTreeSet<String> {
        let places = asked.all.iter().enumerate();
        let meant = places.filter(|(place, _)| asked.gone.contains(place) == gone);
        let records = meant.filter_map(|(_, known)| known.record.as_ref());
        let volumes = records.flat_map(|record| &record.given.volumes);
        volumes.cloned().collect()
    };
    let mut volumes = &of(true) - &of(false);
    if asked.remove && asked.whole {
        let outcome = session.call(&podman::look_for_volumes(asked.project));
        if !outcome.ok() {
            return Err(Box::new(failure::read(&outcome)));
        }
        volumes.extend(podman::read_volumes(&outcome));
    }
    let prefix = format!("{}-", network_of(asked.project));
    let mut told = Vec::new();
    for volume in &volumes {
        let name = volume.strip_prefix(&prefix).unwrap_or(volume);
        let is_gone = asked.remove && removed(session, answer, volume);
        session.ui.out(&match (is_gone, asked.remove) {
            (true, _) => format!("volume {name} is removed"),
            (false, true) => format!("volume {name} is left"),
            (false, false) => format!("volume {name} is kept: `vagrantp rm --volumes` removes it"),
        });
        told.push(json!({"name": name, "engine_name": volume, "removed": is_gone}));
    }
    if !told.is_empty() {
        answer.extra.push(("volumes", told.into()));
    }
    Ok(!volumes.is_empty())
}

/// Whether a volume is gone; one that was not there is.
fn removed(session: &Session, answer: &mut Answer, volume: &str) -> bool {
    let outcome = session.call(&podman::remove_volume(volume));
    let gone = outcome.ok() || outcome.stderr.contains("no such volume");
    if !gone {
        answer.findings.push(failure::read(&outcome));
    }
    gone
}
