//! What is done to machines of which the record tells enough.

use super::machines::{Known, stand_in};
use super::together::Errand;
use crate::apply::Job;
use crate::plan::{Plan, Step};
use crate::state::observed::{ObservedMachine, Seen};
use crate::value::Provider;
use std::path::Path;

/// The steps of a plan, each with its machine.
pub fn errands<'a>(
    chosen: &[&'a Known<'a>],
    plan: &'a Plan,
    observed: &[ObservedMachine],
    folder: &Path,
) -> Vec<Errand<'a>> {
    let all = chosen.iter().map(|known| Errand::none(known, true));
    let mut errands: Vec<Errand> = all.collect();
    for step in &plan.steps {
        let errand = &mut errands[step.subject];
        errand.job = Some(job(
            step,
            errand.known,
            others_run(observed, chosen),
            folder,
        ));
    }
    errands
}

/// A step that needs only the record.
pub fn job<'a>(step: &'a Step, known: &'a Known<'a>, others_run: bool, folder: &Path) -> Job<'a> {
    let record = known.record.clone();
    Job {
        step,
        machine: known.meant,
        identity: known.identity.clone(),
        record: record.unwrap_or_else(|| stand_in(known, folder)),
        found: known.found,
        base: None,
        owner: None,
        others_run,
        needs: Vec::new(),
        has_python: false,
    }
}

/// Whether machines of ours run that are not among the chosen; only root's networks have rules.
pub fn others_run(observed: &[ObservedMachine], chosen: &[&Known]) -> bool {
    let goes = |seen: &ObservedMachine| {
        let mut found = chosen.iter().filter_map(|known| known.found);
        found.any(|found| found.engine_id == seen.engine_id)
    };
    let stays = |seen: &ObservedMachine| {
        let is_container = seen.provider == Provider::Podman;
        is_container && seen.project.is_some() && seen.state == Seen::Running && !goes(seen)
    };
    rustix::process::geteuid().is_root() && observed.iter().any(stays)
}
