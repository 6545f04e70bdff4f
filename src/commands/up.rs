//! `up`: every machine runs as written.

use super::answer::{Answer, INTERRUPTED};
use super::machines::{Known, known, to_json};
use super::reserve::{meant, reserve};
use super::scene::{Scene, choose};
use super::unsupported::unsupported;
use super::{Session, arrival, disk, own_template, plan, setup};
use crate::apply::{Halt, Job};
use crate::call::run::run as run_call;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::report::count;
use crate::engine::image::{self, Base};
use crate::plan::{Action, Goal, Plan};
use crate::state::ledger::Ledger;
use crate::state::observed::{ObservedMachine, Seen};
use crate::state::record::{MachineRecord, Stage};
use crate::state::{StateError, project};
use crate::value::ImageRef;

/// What `up` takes.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    /// Machines; all without any.
    pub targets: Vec<String>,
    /// "Already so" is success.
    pub ensure: bool,
    /// Apply what a running machine takes live.
    pub apply: bool,
    /// Make anew what cannot be applied live.
    pub recreate: bool,
    /// Only say what would be done.
    pub dry_run: bool,
    /// `plan`: exit 10 where something would change.
    pub detailed_exitcode: bool,
    /// Set the host up first.
    pub setup: Option<setup::Setup>,
}

impl Arguments {
    /// What is asked for.
    pub fn goal(&self) -> Goal {
        Goal::Up {
            ensure: self.ensure || self.dry_run,
            apply: self.apply,
            recreate: self.recreate,
        }
    }
}

/// Runs the verb.
pub fn run(session: &Session, arguments: &Arguments) -> u8 {
    let command = if arguments.dry_run { "plan" } else { "up" };
    let located = match session.find() {
        Ok(located) => located,
        Err(not_found) => return session.not_found(command, not_found),
    };
    let mut answer = Answer::new(command, &located.folder);
    answer.file = Some(located.file.clone());
    let result = Scene::set(session, &located, &mut answer).and_then(|scene| match scene {
        None => Ok(()),
        Some(mut scene) => {
            let result = if arguments.dry_run {
                plan::run(session, arguments, &scene, &mut answer)
            } else {
                act(session, arguments, &mut scene, &mut answer)
            };
            // However it ended: warnings point into them.
            answer.sources = scene.compiled.sources;
            result
        }
    });
    if let Err(finding) = result {
        answer.findings.push(*finding);
    }
    let exit = session.finish(&answer);
    let (errors, _) = count(&answer.findings);
    if errors > 1 && !answer.begun && exit == answer.exit() && !session.options.ui.json {
        session
            .ui
            .err(&format!("{errors} errors, nothing was started"));
    }
    exit
}

/// Settles whose project it is, takes its lock, and asks the engine.
fn act(
    session: &Session,
    arguments: &Arguments,
    scene: &mut Scene,
    answer: &mut Answer,
) -> Result<(), Box<Diagnostic>> {
    answer.findings.extend(unsupported(scene.project()));
    if answer.has_errors() {
        return Ok(());
    }
    setup::run(session, arguments.setup, &scene.host)?;
    // A name that was made from the folder's stays when the folder is renamed.
    let derived = scene
        .project()
        .name
        .as_ref()
        .filter(|name| name.span().is_none());
    if let Some(derived) = derived.map(ToString::to_string) {
        scene.identity.infrastructure_id = Some(derived);
    }
    let folder = scene.project().folder.clone();
    let was_fresh = scene.identity.fresh;
    project::settle(&folder, &session.state, &mut scene.identity)
        .map_err(|error| error.diagnostic())?;
    let hold = |uuid| session.hold(uuid, "up").map_err(|error| error.diagnostic());
    let mut lock = hold(scene.identity.uuid)?;
    let (mut observed, base) = look(session, scene);
    let known_as = observed.as_ref().ok();
    let known_as = known_as.and_then(|observed| session.recognized(&folder, observed));
    if let Some(uuid) = known_as.filter(|_| was_fresh) {
        project::adopt(&folder, &session.state, &mut scene.identity, uuid)
            .map_err(|error| error.diagnostic())?;
        lock = hold(uuid)?;
        observed = session.look();
    }
    let _lock = lock;
    locked(session, arguments, scene, &observed?, base, answer)
}

/// The engine's two questions at once: what is there, and is the image.
fn look(
    session: &Session,
    scene: &Scene,
) -> (Result<Vec<ObservedMachine>, Diagnostic>, Option<Base>) {
    let machine = scene.project().machines.first();
    let names = match machine.map(|machine| &machine.image.value) {
        Some(ImageRef::Registry(reference)) => image::candidates(reference),
        _ => Vec::new(),
    };
    let call = image::inspect(&names);
    if !names.is_empty() {
        session.ui.call(&call.to_string());
    }
    std::thread::scope(|scope| {
        let ask = || {
            let outcome = run_call(&call, &session.interrupt, None);
            image::read_inspect(&outcome, &names).ok().flatten()
        };
        let asked = (!names.is_empty()).then(|| scope.spawn(ask));
        let observed = session.look();
        let base = asked.and_then(|thread| thread.join().ok()).flatten();
        (observed, base)
    })
}

/// Decides, reserves, and does.
fn locked(
    session: &Session,
    arguments: &Arguments,
    scene: &mut Scene,
    observed: &[ObservedMachine],
    base: Option<Base>,
    answer: &mut Answer,
) -> Result<(), Box<Diagnostic>> {
    let interrupted = || session.interrupt.count() > 0;
    let mut ledger =
        Ledger::hold(&session.state, &interrupted).map_err(|error| error.diagnostic())?;
    let renamed = scene.give_way(&ledger);
    if renamed {
        answer.name = scene.identity.infrastructure_id.clone();
    }
    let mut identity = scene.identity.clone();
    let scene = &*scene;
    let compiled = &scene.compiled;
    for (error, folder) in ledger.damaged.iter().zip(&ledger.damaged_folders) {
        let newer = matches!(error, StateError::Newer { .. });
        let finding = error.diagnostic();
        match folder.identity() {
            // What a newer vagrantp remembers is not ours to write over.
            Some(identity) if newer && identity.project == scene.identity.uuid => {
                return Err(Box::new(finding));
            }
            _ => answer.findings.push(finding.as_warning()),
        }
    }
    let all = known(
        Some(compiled),
        scene.identity.uuid,
        Some(&compiled.file),
        &ledger,
        observed,
    );
    let chosen = choose(all, &arguments.targets)?;
    let mut plan = scene.decide(&chosen, arguments.goal(), &ledger, observed);
    let blocked = plan.refusals.iter().any(stops_all);
    answer.findings.append(&mut plan.notes);
    answer.findings.append(&mut plan.refusals);
    answer.machines = chosen
        .iter()
        .map(|known| to_json(known, &compiled.folder))
        .collect();
    if blocked || plan.steps.is_empty() {
        note_move(session, scene, &chosen);
        drop(ledger);
        for known in chosen.iter().filter(|_| answer.exit() == 0) {
            if let (Some(machine), Some(record)) = (known.meant, &known.record) {
                arrival::tell(session, machine, record, &compiled.folder);
            }
        }
        return Ok(());
    }
    let records = reserve(session, scene, &mut ledger, &chosen, &plan)?;
    drop(ledger);
    if renamed {
        project::settle(&compiled.folder, &session.state, &mut identity)
            .map_err(|error| error.diagnostic())?;
    }
    session.tell(answer, &compiled.sources);
    answer.begun = true;
    walk(session, scene, &chosen, &plan, records, base, answer)
}

/// A moved project's records tell where it is now, even where nothing else is to be done.
fn note_move(session: &Session, scene: &Scene, chosen: &[Known]) {
    let here = &scene.project().folder;
    let records = chosen
        .iter()
        .filter_map(|known| Some((known, known.record.as_ref()?)));
    for (known, record) in records.filter(|(_, record)| record.project_path != *here) {
        let record = MachineRecord {
            project_path: here.clone(),
            ..record.clone()
        };
        // The next `up` tries again; `ls` shows the old place until then.
        let _ = session.state.machine(&known.identity).save(&record);
    }
}

/// A clash with the host stops everything; what already runs stops only itself.
fn stops_all(refusal: &Diagnostic) -> bool {
    !matches!(refusal.rule.number, 3001 | 3002 | 3005)
}

fn walk(
    session: &Session,
    scene: &Scene,
    chosen: &[Known],
    plan: &Plan,
    records: Vec<MachineRecord>,
    mut base: Option<Base>,
    answer: &mut Answer,
) -> Result<(), Box<Diagnostic>> {
    let folder = &scene.compiled.folder;
    let overrides = |name: &str| own_template(folder, name);
    let doer = session
        .doer(&overrides)
        .map_err(|error| error.diagnostic())?;
    for (step, record) in plan.steps.iter().zip(records) {
        let (known, machine) = meant(chosen, step);
        let mut job = Job {
            step,
            machine: Some(machine),
            identity: known.identity.clone(),
            record,
            found: known.found,
            base: base.take(),
            owner: disk::owner_of_shared(machine),
            others_run: false,
        };
        match doer.step(&mut job) {
            Ok(()) => arrival::tell(session, machine, &job.record, folder),
            Err(Halt::Failed(finding)) => answer.findings.push(session.advised(*finding)),
            Err(Halt::Interrupted) => {
                answer.exit = Some(INTERRUPTED);
                session.ui.err(&interrupted(&job));
            }
        }
        let running = ran(&job.record);
        let now = Known {
            record: Some(job.record),
            found: running.as_ref().or(known.found),
            ..known.clone()
        };
        let shown = answer
            .machines
            .iter_mut()
            .find(|shown| shown["name"] == known.name.as_str());
        if let Some(shown) = shown {
            *shown = to_json(&now, folder);
        }
    }
    Ok(())
}

fn interrupted(job: &Job) -> String {
    let state = match job.step.action {
        Action::Start | Action::Set(_) | Action::Finish => "running, and may not be ready",
        _ => "half made",
    };
    let id = &job.record.id;
    format!("interrupted: {id} is {state}; `vagrantp up` goes on, `vagrantp rm` removes it")
}

/// What the engine shows of a machine whose step succeeded: it need not be asked again.
fn ran(record: &MachineRecord) -> Option<ObservedMachine> {
    let runs = record.stage == Stage::Running;
    Some(ObservedMachine {
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
