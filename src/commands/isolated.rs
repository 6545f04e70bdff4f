//! `provision --isolated`: on throw-away copies of the machines, which go whatever comes of it.

use super::answer::{Answer, INTERRUPTED};
use super::bring::{self, Begun};
use super::errands::errands;
use super::lacking::lacking;
use super::machines::{Known, known};
use super::provision::Arguments;
use super::reserve::reserve;
use super::scene::Scene;
use super::unsupported::unsupported;
use super::up::look;
use super::{Session, environment, own_template, targets};
use crate::apply::{Doer, Halt, Shared};
use crate::call::run::Interrupt;
use crate::diagnostic::Diagnostic;
use crate::model::throw_away::is_copy;
use crate::plan::Goal;
use crate::plan::reconcile::{Subject, reconcile};
use crate::state::folder::Identity;
use crate::state::ledger::Ledger;
use crate::state::project;
use crate::state::runtime::cache_folder;
use crate::value::Provider;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Makes the copies, provisions them, and removes them.
///
/// # Errors
/// When it cannot begin, or a copy cannot be removed.
pub fn act(
    session: &Session,
    arguments: &Arguments,
    mut scene: Scene,
    answer: &mut Answer,
) -> Result<(), Box<Diagnostic>> {
    let folder = scene.project().folder.clone();
    project::settle(&folder, &session.state, &mut scene.identity)
        .map_err(|error| error.diagnostic())?;
    let uuid = scene.identity.uuid;
    let _lock = session
        .hold(uuid, "provision")
        .map_err(|error| error.diagnostic())?;
    let wanted = targets::wanted(scene.project(), &arguments.targets, true)?;
    let names: Vec<String> = scene.meant(&wanted).map(|it| it.name.clone()).collect();
    let Some(project) = &mut scene.compiled.project else {
        return Ok(());
    };
    project.left_out.clear();
    project
        .machines
        .retain(|it| names.contains(&it.name) && !it.provisions.is_empty());
    if project.machines.is_empty() {
        session
            .ui
            .out("nothing to provision: no playbook, script or package is written");
        return Ok(());
    }
    answer.findings.extend(unsupported(project.machines.iter()));
    if answer.has_errors() {
        return Ok(());
    }
    for machine in &mut project.machines {
        *machine = machine.throw_away();
    }
    clear(session, uuid, &folder)?;
    let result = on_copies(session, arguments, &scene, answer);
    keep_logs(session, uuid, answer);
    let cleared = clear(session, uuid, &folder);
    answer.machines.clear();
    result.and(cleared)?;
    if session.interrupt.count() > 0 {
        answer.exit = Some(INTERRUPTED);
        session
            .ui
            .err("interrupted: the copy is gone, and nothing was done to the machine itself");
    } else if !answer.has_errors() {
        let what = match &scene.project().machines[..] {
            [one] => format!("a copy of {} was provisioned, and is gone", one.name),
            all => format!(
                "copies of {} machines were provisioned, and are gone",
                all.len()
            ),
        };
        session
            .ui
            .out(&format!("{what}; nothing was done to the real thing"));
    }
    Ok(())
}

fn on_copies(
    session: &Session,
    arguments: &Arguments,
    scene: &Scene,
    answer: &mut Answer,
) -> Result<(), Box<Diagnostic>> {
    let all = 0..scene.project().machines.len();
    let wanted: Vec<(usize, bool)> = all.map(|place| (place, true)).collect();
    let (observed, bases) = look(session, scene, &wanted);
    let observed = observed?;
    let interrupted = || session.interrupt.count() > 0;
    let mut ledger =
        Ledger::hold(&session.state, &interrupted).map_err(|error| error.diagnostic())?;
    let chosen = scene.chosen(&wanted, &ledger, &observed);
    let goal = Goal::Up {
        ensure: false,
        apply: false,
        recreate: false,
        provision: true,
    };
    let mut plan = scene.decide(&chosen, goal, &ledger, &observed);
    let asked = arguments.again();
    let lacking = lacking(session, &chosen, &plan, &scene.compiled, &asked);
    plan.refusals.extend(lacking);
    answer.findings.append(&mut plan.notes);
    let refusals = plan.refusals.iter().map(|refusal| refusal.finding.clone());
    answer.findings.extend(refusals);
    if answer.has_errors() {
        return Ok(());
    }
    let records = reserve(session, scene, &mut ledger, &chosen, &plan)?;
    drop(ledger);
    session.tell(answer);
    answer.begun = true;
    answer.machines = vec![serde_json::Value::Null; chosen.len()];
    let begun = Begun {
        order: scene.order(&wanted),
        chosen: &chosen,
        plan: &plan,
        records,
        bases: &bases,
        observed: &observed,
        are_copies: true,
        asked,
    };
    bring::up(session, scene, begun, answer)
}

/// Removes all copies of a project's machines, also those that a killed vagrantp left.
///
/// # Errors
/// When one cannot be removed.
pub fn clear(session: &Session, project: Uuid, folder: &Path) -> Result<(), Box<Diagnostic>> {
    let ledger = Ledger::read(&session.state);
    let records = ledger.project(project).map(|entry| &entry.record);
    let copies = records.filter(|record| is_copy(&record.machine));
    let engines: Vec<Provider> = copies.map(|record| record.provider).collect();
    if engines.is_empty() {
        return Ok(());
    }
    let observed = session.look(&engines)?;
    let all = known(None, project, None, &ledger, &observed);
    let copies: Vec<&Known> = all
        .iter()
        .filter(|it| is_copy(&it.identity.machine))
        .collect();
    let subjects: Vec<Subject> = copies.iter().map(|it| it.subject()).collect();
    let goal = Goal::Remove {
        force: true,
        ensure: true,
    };
    let plan = reconcile(&subjects, goal);
    let overrides = |name: &str| own_template(folder, name);
    let shared = Shared::default();
    // The user's interrupt is why we are here: it does not keep the copy.
    let interrupt = Interrupt::none();
    let doer = session
        .doer(&shared, &overrides)
        .map_err(|error| error.diagnostic())?;
    let doer = Doer {
        interrupt: &interrupt,
        ..doer
    };
    let jobs = errands(&copies, &plan, &observed, folder).into_iter();
    let mut jobs: Vec<_> = jobs.filter_map(|errand| errand.job).collect();
    for job in &jobs {
        let networks = job.record.networking.networks.iter();
        networks.for_each(|network| shared.joins(job.record.provider, network));
    }
    for job in &mut jobs {
        match doer.step(job) {
            Ok(()) | Err(Halt::Interrupted) => {}
            Err(Halt::Failed(finding)) => return Err(finding),
        }
    }
    Ok(())
}

/// What a finding calls the log of a copy stays, where the copy does not.
fn keep_logs(session: &Session, project: Uuid, answer: &mut Answer) {
    let ledger = Ledger::read(&session.state);
    let records = ledger.project(project).map(|entry| &entry.record);
    for record in records.filter(|record| is_copy(&record.machine)) {
        let log = session
            .state
            .machine(&Identity::of(record))
            .log("provision");
        let Ok(kept) = kept_log(&record.id, &log) else {
            continue;
        };
        let (log, kept) = (log.display().to_string(), kept.display().to_string());
        let details = answer.findings.iter_mut().flat_map(|it| &mut it.details);
        details.for_each(|line| *line = line.replace(&log, &kept));
    }
}

fn kept_log(id: &str, log: &Path) -> std::io::Result<PathBuf> {
    let cache =
        cache_folder(&environment).map_err(|error| std::io::Error::other(error.to_string()))?;
    let folder = cache.join("isolated");
    std::fs::create_dir_all(&folder)?;
    let kept = folder.join(format!("{id}.log"));
    std::fs::copy(log, &kept)?;
    Ok(kept)
}
