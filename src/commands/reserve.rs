//! Names and ports are given out: each machine's record is written before anything of it is made.

use super::Session;
use super::machines::Known;
use super::scene::Scene;
use super::whose::identity_of;
use crate::diagnostic::Diagnostic;
use crate::model::Machine;
use crate::plan::remember::{remember, ties, with_limits};
use crate::plan::{Action, Plan, Step};
use crate::state::ledger::Ledger;
use crate::state::listeners;
use crate::state::observed::Seen;
use crate::state::record::{MachineRecord, Stage};
use crate::value::HostPort;

/// The record of each step's machine, saved. To be called under the ledger's lock.
///
/// # Errors
/// When no port is left, or a record cannot be written.
pub fn reserve(
    session: &Session,
    scene: &Scene,
    ledger: &mut Ledger,
    chosen: &[Known],
    plan: &Plan,
) -> Result<Vec<MachineRecord>, Box<Diagnostic>> {
    let fixed = scene.project().all().flat_map(Machine::fixed_ports);
    ledger.avoid(fixed.filter_map(|port| match port.host {
        HostPort::Fixed(host) => Some(host),
        HostPort::Auto => None,
    }));
    let mut records = Vec::new();
    let alone = plan.steps.len() == 1;
    for step in plan.own_steps() {
        let known = &chosen[step.subject];
        let Some(machine) = known.meant else { continue };
        let record = record(scene, ledger, known, machine, step, alone).ok_or_else(|| {
            Diagnostic::error(6003)
                .message("No port is left to give out on this host")
                .help("remove machines that are not needed: vagrantp ls")
        })?;
        let mut saved = match (&step.action, &known.record) {
            // It has its new limits when the engine has set them.
            (Action::Set(_) | Action::Start, Some(before)) => before.clone(),
            (Action::Recreate { keep: false }, Some(before)) => still(before, &record),
            _ => record.clone(),
        };
        saved.project_path.clone_from(&record.project_path);
        saved.engine_id.clone_from(&record.engine_id);
        saved.ties.clone_from(&record.ties);
        let folder = session.state.machine(&known.identity);
        folder.save(&saved).map_err(|error| error.diagnostic())?;
        records.push(record);
    }
    Ok(records)
}

fn record(
    scene: &Scene,
    ledger: &mut Ledger,
    known: &Known,
    machine: &Machine,
    step: &Step,
    alone: bool,
) -> Option<MachineRecord> {
    let now = jiff::Timestamp::now();
    let sources = &scene.compiled.sources;
    let before = known.record.as_ref();
    let mut record = match (&step.action, before) {
        (Action::Set(_), Some(before)) => with_limits(before, machine, sources, now),
        (Action::Start, Some(before)) if step.sets_limits() => {
            with_limits(before, machine, sources, now)
        }
        (Action::Start | Action::Finish, Some(before)) => before.clone(),
        _ => {
            let me = identity_of(scene.project(), machine, scene.identity.uuid, ledger);
            let half_made = known.found.is_some_and(|found| found.state == Seen::Made);
            let before = before.map(|before| match half_made {
                // A killed Podman may have left rules that lead the old port nowhere.
                true => without_way_in(before),
                false => before.clone(),
            });
            let mut pick = |guest| ledger.pick_auto(&me, guest, &listeners::is_taken);
            remember(
                scene.project(),
                machine,
                &me,
                before.as_ref(),
                sources,
                &mut pick,
                now,
            )?
        }
    };
    // The intent is written with the reservation, but where others come first: its turn may not come.
    match step.action {
        Action::Create if !alone => record.stage = Stage::Reserved,
        Action::Create | Action::Resume => record.stage = Stage::Creating,
        _ => {}
    }
    record.project_path.clone_from(&scene.project().folder);
    record.ties = ties(scene.project(), machine, now);
    if let Some(found) = known.found {
        record.engine_id = Some(found.engine_id.clone());
    }
    if step.action == (Action::Recreate { keep: true }) {
        record.stage = Stage::Keeping;
    }
    Some(record)
}

/// What is made anew is the old machine until that is gone: a record that told of the new one
/// would, after a kill, call the old one as written. Only the ports are held already.
fn still(before: &MachineRecord, after: &MachineRecord) -> MachineRecord {
    let mut record = before.clone();
    record.networking.clone_from(&after.networking);
    record.access.port = after.access.port;
    record
}

fn without_way_in(before: &MachineRecord) -> MachineRecord {
    let mut record = before.clone();
    record.access.port = None;
    record
}
