//! `rm`: stops what runs and removes it. Needs only the record.

use super::answer::{Answer, INTERRUPTED};
use super::machines::{Known, stand_in, to_json};
use super::{Session, own_template, targets};
use crate::apply::{Halt, Job};
use crate::diagnostic::Diagnostic;
use crate::plan::reconcile::reconcile;
use crate::plan::{Goal, Plan};
use crate::state::observed::{ObservedMachine, Seen};
use crate::state::record::MachineRecord;
use serde_json::Value;
use std::path::Path;

/// What `rm` takes.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    /// Machines; without any, all that the project owns.
    pub targets: Vec<String>,
    /// No grace, no question.
    pub force: bool,
    /// No question.
    pub yes: bool,
    /// "Already so" is success.
    pub ensure: bool,
}

/// Runs the verb.
pub fn run(session: &Session, arguments: &Arguments) -> u8 {
    let Arguments {
        targets,
        force,
        yes,
        ensure,
    } = arguments;
    let (force, ensure) = (*force, *ensure);
    if !force
        && !yes
        && session.ui.is_terminal()
        && !session.confirm("remove the machine and what is in it?")
    {
        session.ui.err("nothing was removed");
        return 1;
    }
    each(
        session,
        "rm",
        targets,
        Goal::Remove { force, ensure },
        |known| format!("{known} is removed"),
    )
}

/// Brings every machine of the project to a goal that needs no configuration.
pub(super) fn each(
    session: &Session,
    command: &'static str,
    wanted: &[String],
    goal: Goal,
    done: impl Fn(&str) -> String,
) -> u8 {
    let folder = match session.find_folder() {
        Ok(folder) => folder,
        Err(not_found) => return session.not_found(command, not_found),
    };
    let mut answer = Answer::new(command, &folder);
    if let Err(finding) = walk(session, &mut answer, wanted, goal, &done) {
        answer.findings.push(*finding);
    }
    session.finish(&answer)
}

fn walk(
    session: &Session,
    answer: &mut Answer,
    wanted: &[String],
    goal: Goal,
    done: &dyn Fn(&str) -> String,
) -> Result<(), Box<Diagnostic>> {
    let folder = answer.folder.clone();
    let mut identity = session.identify(&folder)?;
    let command = answer.command;
    let hold = |uuid| {
        session
            .hold(uuid, command)
            .map_err(|error| error.diagnostic())
    };
    let mut lock = (!identity.fresh).then(|| hold(identity.uuid)).transpose()?;
    let mut observed = session.look_if_there()?;
    let known_as = session.recognized(&folder, &observed);
    if let Some(uuid) = known_as.filter(|_| identity.fresh) {
        identity.recognized_as(uuid);
        lock = Some(hold(uuid)?);
        observed = session.look()?;
    }
    let _lock = lock;
    let recalled = session.recall(answer, &identity, observed);
    let all = recalled.known();
    if all.is_empty() {
        return Err(Box::new(
            Diagnostic::error(1501)
                .message("This project has no machine")
                .help("make it: vagrantp up"),
        ));
    }
    let names: Vec<String> = all.iter().map(|known| known.name.clone()).collect();
    let chosen: Vec<&Known> = targets::select(&names, wanted)?
        .into_iter()
        .map(|index| &all[index])
        .collect();
    // One by one: a machine and what is left of its other kind share a name.
    let (mut plan, mut owners) = (Plan::default(), Vec::new());
    for known in &chosen {
        let own = reconcile(&[known.subject()], goal);
        owners.extend(own.steps.iter().map(|_| *known));
        plan.steps.extend(own.steps);
        plan.refusals.extend(own.refusals);
        plan.notes.extend(own.notes);
    }
    // Without targets, what is not there is none of our business as long as something is.
    if wanted.is_empty() && !plan.steps.is_empty() {
        plan.refusals
            .retain(|finding| finding.rule.number != 1501 && finding.rule.number != 1601);
    }
    answer.name = chosen.first().map(|known| known.name.clone());
    answer.findings.append(&mut plan.refusals);
    answer.findings.append(&mut plan.notes);
    let overrides = |name: &str| own_template(&folder, name);
    let doer = session
        .doer(&overrides)
        .map_err(|error| error.diagnostic())?;
    let mut changed: Vec<(&Known, Option<Value>)> = Vec::new();
    for (step, known) in plan.steps.iter().zip(owners) {
        let record = known.record.clone();
        let record = record.unwrap_or_else(|| stand_in(known, &folder));
        let id = record.id.clone();
        let mut job = Job {
            step,
            machine: known.meant,
            identity: known.identity.clone(),
            record,
            found: known.found,
            base: None,
            owner: None,
            others_run: others_run(recalled.observed(), &chosen),
        };
        match doer.step(&mut job) {
            Ok(()) => {
                let is_there = matches!(goal, Goal::Stop { .. });
                let now = is_there.then(|| stopped(known, job.record, &folder));
                changed.push((known, now));
                session.ui.out(&done(&id));
            }
            Err(Halt::Failed(finding)) => answer.findings.push(*finding),
            Err(Halt::Interrupted) => {
                answer.exit = Some(INTERRUPTED);
                session.ui.err(&format!(
                    "interrupted: `vagrantp {command}` goes on with {id}"
                ));
                break;
            }
        }
    }
    if matches!(goal, Goal::Remove { .. }) && answer.exit() == 0 {
        doer.clear_builds();
    }
    let now = |known: &&Known| match changed.iter().find(|(done, _)| std::ptr::eq(*done, *known)) {
        Some((_, now)) => now.clone(),
        None => Some(to_json(known, &folder)),
    };
    answer.machines = chosen.iter().filter_map(now).collect();
    if answer.exit() == 0 && command == "rm" {
        answer.machines.clear();
    }
    Ok(())
}

/// A machine that was just stopped, as `--json` shows it: the engine need not be asked again.
fn stopped(known: &Known, record: MachineRecord, folder: &Path) -> Value {
    let found = known.found.map(|found| ObservedMachine {
        state: Seen::Stopped,
        word: "exited".into(),
        ..found.clone()
    });
    let now = Known {
        record: known.record.as_ref().map(|_| record),
        found: found.as_ref(),
        ..known.clone()
    };
    to_json(&now, folder)
}

/// Whether machines of ours run that are not among the chosen; only root's networks have rules.
fn others_run(observed: &[ObservedMachine], chosen: &[&Known]) -> bool {
    let goes = |seen: &ObservedMachine| {
        let mut found = chosen.iter().filter_map(|known| known.found);
        found.any(|found| found.engine_id == seen.engine_id)
    };
    let stays = |seen: &ObservedMachine| {
        seen.project.is_some() && seen.state == Seen::Running && !goes(seen)
    };
    rustix::process::geteuid().is_root() && observed.iter().any(stays)
}
