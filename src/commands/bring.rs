//! Machines come up together, and what came of it is told.

use super::answer::{Answer, INTERRUPTED};
use super::errands::{self, others_run};
use super::machine_json::to_json;
use super::machines::Known;
use super::placed::placed;
use super::results::{self, Row};
use super::scene::Scene;
use super::together::{self, Came, Errand};
use super::up::Bases;
use super::{Session, arrival, disk, own_template};
use crate::apply::{Asked, Doer, Job, Shared};
use crate::diagnostic::Diagnostic;
use crate::engine::image::Base;
use crate::model::Machine;
use crate::plan::order::Order;
use crate::plan::remember::attached;
use crate::plan::{Action, Plan, Step};
use crate::state::observed::{ObservedMachine, Seen};
use crate::state::record::{MachineRecord, Stage};
use crate::value::ImageRef;
use std::collections::BTreeSet;
use std::path::Path;

/// What was decided and given out.
pub struct Begun<'a> {
    /// The machines, in their order.
    pub chosen: &'a [Known<'a>],
    /// Which comes before which.
    pub order: Order,
    /// What is done.
    pub plan: &'a Plan,
    /// The record of each step's machine.
    pub records: Vec<MachineRecord>,
    /// Images that are here.
    pub bases: &'a Bases,
    /// What the engines have.
    pub observed: &'a [ObservedMachine],
    /// Whether they are throw-away copies, of which nothing is told that does not stay.
    pub are_copies: bool,
    /// How they are provisioned.
    pub asked: Asked,
}

/// Does the steps of `up`.
///
/// # Errors
/// When this user has no folder for what is made on the way.
pub fn up(
    session: &Session,
    scene: &Scene,
    begun: Begun,
    answer: &mut Answer,
) -> Result<(), Box<Diagnostic>> {
    let Begun { chosen, plan, .. } = begun;
    let folder = &scene.compiled.folder;
    let overrides = |name: &str| own_template(folder, name);
    let shared = Shared::default();
    let doer = session
        .doer(&shared, &overrides)
        .map_err(|error| error.diagnostic())?;
    let doer = Doer {
        values: scene.compiled.values.clone(),
        asked: begun.asked,
        ..doer
    };
    let runs = |known: &Known| {
        known
            .found
            .is_some_and(|found| found.state == Seen::Running)
    };
    let mut errands: Vec<Errand> = chosen
        .iter()
        .map(|known| Errand::none(known, runs(known)))
        .collect();
    for (step, record) in plan.own_steps().zip(begun.records) {
        let errand = &mut errands[step.subject];
        let machine = errand.known.meant;
        errand.job = Some(Job {
            step,
            machine,
            identity: errand.known.identity.clone(),
            record,
            found: errand.known.found,
            base: machine.and_then(|machine| base_of(machine, begun.bases)),
            owner: machine.and_then(disk::owner_of_shared),
            others_run: false,
            has_python: false,
            needs: machine
                .map(|machine| met_by_name(machine, scene, chosen))
                .unwrap_or_default(),
        });
    }
    replace(&mut errands, plan, begun.observed, folder, &shared);
    for errand in errands.iter().filter(|errand| errand.job.is_none()) {
        if let (true, Some(machine), Some(record)) =
            (errand.stands, errand.known.meant, &errand.known.record)
        {
            let machine_folder = session.state.machine(&errand.known.identity);
            doer.meets(machine, record, machine_folder.path());
        }
    }
    let done = together::run(session, &doer, errands, &begun.order, false);
    let acted = done.iter().filter(|(errand, _)| errand.acts().is_some());
    let several = acted.count() > 1 || done.iter().any(|(_, came)| matches!(came, Came::Waits(_)));
    let differs = |place: usize| {
        let mut refusals = plan.refusals.iter();
        refusals.any(|refusal| refusal.subject == place && refusal.finding.rule.number != 3001)
    };
    let mut rows = Vec::new();
    for (place, (errand, came)) in done.iter().enumerate() {
        let record = errand.job.as_ref().map(|job| &job.record);
        let action = errand.acts().map(|job| &job.step.action);
        let shown = record.or(errand.known.record.as_ref());
        rows.push(Row::of(errand.known, action, came, shown, differs(place)));
        answer.machines[place] = now(errand, came, folder);
        not_begun(session, errand, came);
    }
    let mut failures = Vec::new();
    let mut cut = None;
    let waits = |(errand, came): &(Errand, Came)| {
        let replaces = |job: &Job| job.step.action == Action::Replace;
        matches!(came, Came::Interrupted | Came::Left) && errand.acts().is_some_and(replaces)
    };
    let flag = match done.iter().any(waits) {
        true => " --recreate",
        false => "",
    };
    for (errand, came) in done {
        match (came, errand.acts()) {
            (Came::Failed(finding), _) => failures.push((errand.known.name.clone(), *finding)),
            (Came::Interrupted, Some(job)) => cut = Some(interrupted(job, flag)),
            (Came::Left, _) | (Came::Interrupted, None) => {
                cut.get_or_insert_with(String::new);
            }
            (Came::Done, Some(job)) if !several && !begun.are_copies => {
                // Of one to which nothing was done itself, the record still holds.
                let record = job.machine.map(|_| &job.record);
                let record = record.or(errand.known.record.as_ref());
                if let (Some(machine), Some(record)) = (errand.known.meant, record) {
                    arrival::tell(session, scene, machine, record);
                }
            }
            _ => {}
        }
    }
    let place = |finding, answer: &mut Answer| placed(finding, folder, &mut answer.sources);
    let failures: Vec<(String, Diagnostic)> = failures
        .into_iter()
        .map(|(name, finding)| (name, place(finding, answer)))
        .collect();
    let further = shared.further().into_iter();
    let further: Vec<Diagnostic> = further.map(|finding| place(finding, answer)).collect();
    let failures: Vec<Diagnostic> = match several {
        true => together::gathered(failures),
        false => failures.into_iter().map(|(_, finding)| finding).collect(),
    };
    let advised = failures.into_iter().map(|finding| session.advised(finding));
    answer.findings.extend(advised);
    answer.findings.extend(further);
    if several && !begun.are_copies {
        answer.results(&rows);
        session.tell(answer);
        arrival::tell_all(session, &rows, folder);
    }
    if let Some(line) = cut {
        answer.exit = Some(INTERRUPTED);
        if begun.are_copies {
            return Ok(());
        }
        let profiles = scene.project().profile_flags();
        let go_on = format!("`vagrantp up{profiles}{flag}` goes on, `vagrantp rm` removes them");
        session.ui.err_sentence(&match several {
            true => results::interrupted(&rows, &go_on),
            false => line,
        });
    }
    Ok(())
}

/// What machines were while they were of the other kind goes, where that was decided.
fn replace<'a>(
    errands: &mut [Errand<'a>],
    plan: &'a Plan,
    observed: &[ObservedMachine],
    folder: &Path,
    shared: &Shared,
) {
    let steps = plan.steps.iter();
    let replaced = steps.filter(|step| step.action == Action::Replace);
    let replaced: Vec<(&Step, &Known)> = replaced
        .filter_map(|step| Some((step, errands[step.subject].known.former.as_deref()?)))
        .collect();
    let formers: Vec<&Known> = replaced.iter().map(|(_, former)| *former).collect();
    let others_run = others_run(observed, &formers);
    let mut leaves = BTreeSet::new();
    for (step, former) in replaced {
        let job = errands::job(step, former, others_run, folder);
        for network in &job.record.networking.networks {
            shared.joins(job.record.provider, network);
            leaves.insert((job.record.provider, network.clone()));
        }
        errands[step.subject].replaces = Some(job);
    }
    // A network that others come up on meanwhile stays.
    for job in errands.iter().filter_map(|errand| errand.job.as_ref()) {
        for attached in &job.record.networking.attached {
            let (provider, network) = (job.record.provider, &attached.engine);
            if leaves.contains(&(provider, network.clone())) {
                shared.joins(provider, network);
            }
        }
    }
}

/// What a machine needs and meets on a network that both are on.
fn met_by_name(machine: &Machine, scene: &Scene, chosen: &[Known]) -> Vec<String> {
    let networks = |machine: &Machine| {
        let all = attached(machine, scene.identity.uuid).into_iter();
        all.map(|attached| attached.engine).collect::<Vec<_>>()
    };
    let own = networks(machine);
    let meets = |needed: &Machine| {
        needed.kind.value == machine.kind.value
            && networks(needed).iter().any(|name| own.contains(name))
    };
    let others = || chosen.iter().filter_map(|known| known.meant);
    let is_met = |name: &&String| {
        let is_of = |other: &&Machine| {
            let node = other.instance.as_ref().map(|one| &one.node);
            other.name == **name || node == Some(*name)
        };
        others().filter(is_of).any(meets)
    };
    let needed = machine.depends_on.iter().map(|name| &name.value);
    needed.filter(is_met).cloned().collect()
}

fn base_of(machine: &Machine, bases: &Bases) -> Option<Base> {
    let ImageRef::Registry(wanted) = &machine.image.value else {
        return None;
    };
    let mut bases = bases.iter();
    let (_, base) = bases.find(|(reference, _)| reference == wanted)?;
    Some(base.clone())
}

/// What was to be made anew and did not have its turn is what it was before.
fn not_begun(session: &Session, errand: &Errand, came: &Came) {
    let (Came::Waits(_) | Came::Left, Some(job)) = (came, &errand.job) else {
        return;
    };
    if let (Action::Recreate { .. }, Some(before)) = (&job.step.action, &errand.known.record) {
        // Where it cannot be written, the next `up` makes it anew.
        let _ = session.state.machine(&job.identity).save(before);
    }
}

/// A machine as `--json` shows it afterwards: the engine need not be asked again.
fn now(errand: &Errand, came: &Came, folder: &Path) -> serde_json::Value {
    let known = errand.known;
    let Some(job) = &errand.job else {
        return to_json(known, folder);
    };
    if let Came::Waits(_) | Came::Left = came {
        return to_json(known, folder);
    }
    let running = ran(&job.record);
    let now = Known {
        record: Some(job.record.clone()),
        found: running.as_ref().or(known.found),
        ..known.clone()
    };
    to_json(&now, folder)
}

fn interrupted(job: &Job, flag: &str) -> String {
    let state = results::left(&job.step.action);
    let id = &job.record.id;
    format!("interrupted: {id} is {state}; `vagrantp up{flag}` goes on, `vagrantp rm` removes it")
}

/// What the engine shows of a machine whose step succeeded: it need not be asked again.
fn ran(record: &MachineRecord) -> Option<ObservedMachine> {
    let runs = record.stage == Stage::Running;
    Some(ObservedMachine {
        provider: record.provider,
        name: record.id.clone(),
        engine_id: record.engine_id.clone().filter(|_| runs)?,
        state: Seen::Running,
        word: "running".into(),
        is_stuck: false,
        exit_code: 0,
        project: Some(record.project),
        path: Some(record.project_path.clone()),
        digest: None,
        networks: Vec::new(),
        ports: Vec::new(),
    })
}
