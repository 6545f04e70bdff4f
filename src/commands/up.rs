//! `up`: every machine runs as written.

use super::answer::Answer;
use super::bring::{self, Begun};
use super::lacking::lacking;
use super::machine_json::to_json;
use super::machines::Known;
use super::reserve::reserve;
use super::scene::Scene;
use super::unsupported::unsupported;
use super::{Session, arrival, isolated, plan, results, setup, targets};
use crate::apply::Asked as Provisioning;
use crate::call::run::run as run_call;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::report::count;
use crate::engine::image::{self, Base};
use crate::plan::{Goal, Plan, Refusal};
use crate::state::ledger::Ledger;
use crate::state::observed::ObservedMachine;
use crate::state::record::MachineRecord;
use crate::state::{StateError, project};
use crate::value::{ImageRef, Kind};

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
    /// Leave out what the machines are provisioned by.
    pub no_provision: bool,
    /// Only say what would be done.
    pub dry_run: bool,
    /// Leave out what the named machines need.
    pub no_deps: bool,
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
            provision: !self.no_provision,
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
    let result =
        Scene::set(session, &located, arguments.dry_run, &mut answer).and_then(
            |scene| match scene {
                None => Ok(()),
                Some(mut scene) => {
                    // However it ends: warnings point into them, and failures into files beside them.
                    answer.sources = scene.compiled.sources.clone();
                    if arguments.dry_run {
                        plan::run(session, arguments, &scene, &mut answer)
                    } else {
                        act(session, arguments, &mut scene, &mut answer)
                    }
                }
            },
        );
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
    let wanted = targets::wanted(scene.project(), &arguments.targets, arguments.no_deps)?;
    answer.findings.extend(unsupported(scene.meant(&wanted)));
    if answer.has_errors() {
        return Ok(());
    }
    let provisions = scene
        .meant(&wanted)
        .any(|machine| !machine.provisions.is_empty());
    let providers = scene.engines(&wanted);
    setup::run(session, arguments.setup, &scene.host, providers, provisions)?;
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
    isolated::clear(session, scene.identity.uuid, &folder)?;
    let (mut observed, bases) = look(session, scene, &wanted);
    let known_as = observed.as_ref().ok();
    let known_as = known_as.and_then(|observed| session.recognized(&folder, observed));
    if let Some(uuid) = known_as.filter(|_| was_fresh) {
        project::adopt(&folder, &session.state, &mut scene.identity, uuid)
            .map_err(|error| error.diagnostic())?;
        lock = hold(uuid)?;
        observed = session.look(&scene.engines(&wanted));
    }
    let _lock = lock;
    let asked = Asked {
        arguments,
        wanted,
        bases,
    };
    locked(session, &asked, scene, &observed?, answer)
}

/// What is asked for, and which of its images are here.
struct Asked<'a> {
    arguments: &'a Arguments,
    wanted: Vec<(usize, bool)>,
    bases: Bases,
}

/// Images that are here, by their references.
pub type Bases = Vec<(String, Base)>;

/// The engine's questions at once: what is there, and is each image, asked once.
pub(super) fn look(
    session: &Session,
    scene: &Scene,
    wanted: &[(usize, bool)],
) -> (Result<Vec<ObservedMachine>, Diagnostic>, Bases) {
    let containers = scene.meant(wanted);
    let containers = containers.filter(|machine| machine.kind.value == Kind::Container);
    let images = containers.map(|machine| &machine.image.value);
    let mut references: Vec<&String> = images
        .filter_map(|image| match image {
            ImageRef::Registry(reference) => Some(reference),
            ImageRef::Containerfile(_) => None,
        })
        .collect();
    references.sort_unstable();
    references.dedup();
    let ask = |reference: &String| {
        let names = image::candidates(reference);
        let outcome = run_call(&image::inspect(&names), &session.interrupt, None);
        let base = image::read_inspect(&outcome, &names).ok().flatten()?;
        Some((reference.clone(), base))
    };
    for reference in &references {
        let call = image::inspect(&image::candidates(reference));
        session.ui.call(&call.to_string());
    }
    std::thread::scope(|scope| {
        let asked: Vec<_> = references
            .iter()
            .map(|reference| scope.spawn(|| ask(reference)))
            .collect();
        let observed = session.look(&scene.engines(wanted));
        let found = asked.into_iter().filter_map(|thread| thread.join().ok());
        (observed, found.flatten().collect())
    })
}

/// Decides, reserves, and does.
fn locked(
    session: &Session,
    asked: &Asked,
    scene: &mut Scene,
    observed: &[ObservedMachine],
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
    tell_damaged(scene, &ledger, answer)?;
    let chosen = scene.chosen(&asked.wanted, &ledger, observed);
    let mut plan = scene.decide(&chosen, asked.arguments.goal(), &ledger, observed);
    let provisioning = Provisioning {
        off: asked.arguments.no_provision,
        ..Provisioning::default()
    };
    let lacking = lacking(session, &chosen, &plan, compiled, &provisioning);
    plan.refusals.extend(lacking);
    let blocked = plan
        .refusals
        .iter()
        .any(|refusal| stops_all(&refusal.finding));
    answer.findings.append(&mut plan.notes);
    let name = scene.project().shown_name();
    answer.findings.extend(refusals(&plan, &name));
    answer.machines = chosen
        .iter()
        .map(|known| to_json(known, &compiled.folder))
        .collect();
    note_move(session, scene, &chosen, &plan);
    if blocked || plan.steps.is_empty() {
        drop(ledger);
        match &chosen[..] {
            _ if answer.exit() != 0 => {}
            [known] => {
                if let (Some(machine), Some(record)) = (known.meant, &known.record) {
                    arrival::tell(session, scene, machine, record);
                }
            }
            all => {
                let rows: Vec<results::Row> = all.iter().map(results::Row::stays).collect();
                arrival::tell_all(session, &rows, &compiled.folder);
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
    session.tell(answer);
    answer.begun = true;
    let begun = Begun {
        chosen: &chosen,
        order: scene.order(&asked.wanted),
        plan: &plan,
        records,
        bases: &asked.bases,
        observed,
        are_copies: false,
        asked: provisioning,
    };
    bring::up(session, scene, begun, answer)
}

/// Records that cannot be read are warned of.
///
/// # Errors
/// When one of this project was written by a newer vagrantp: it is not ours to write over.
fn tell_damaged(
    scene: &Scene,
    ledger: &Ledger,
    answer: &mut Answer,
) -> Result<(), Box<Diagnostic>> {
    for (error, folder) in ledger.damaged.iter().zip(&ledger.damaged_folders) {
        let newer = matches!(error, StateError::Newer { .. });
        let finding = error.diagnostic();
        match folder.identity() {
            Some(identity) if newer && identity.project == scene.identity.uuid => {
                return Err(Box::new(finding));
            }
            _ => answer.findings.push(finding.as_warning()),
        }
    }
    Ok(())
}

/// What is told of what stands in the way. That some of several machines run already is no reason to fail
/// where anything else is said or done; where all of them do, it is said once.
fn refusals(plan: &Plan, project: &str) -> Vec<Diagnostic> {
    const RUNS: u16 = 3001;
    let runs = |refusal: &&Refusal| refusal.finding.rule.number == RUNS;
    let told = |refusal: &Refusal| refusal.finding.clone();
    let others = plan.refusals.iter().filter(|refusal| !runs(refusal));
    let others: Vec<Diagnostic> = others.map(told).collect();
    let running: Vec<&Refusal> = plan.refusals.iter().filter(runs).collect();
    match running[..] {
        [] => others,
        _ if !others.is_empty() || !plan.steps.is_empty() => others,
        [one] => vec![told(one)],
        [first, ..] => {
            let help = "enter one: vagrantp ssh NAME, stop them: vagrantp stop, or take this as \
                        success: vagrantp up --ensure";
            let message = format!("Infrastructure '{project}' already exists (state: running)");
            let count = running.len();
            let finding = Diagnostic::error(RUNS)
                .message(message)
                .label(format!("all {count} machines run"))
                .help(help);
            let span = first.finding.span;
            vec![Diagnostic { span, ..finding }]
        }
    }
}

/// A moved project's records tell where it is now, also of machines to which nothing is done.
fn note_move(session: &Session, scene: &Scene, chosen: &[Known], plan: &Plan) {
    let here = &scene.project().folder;
    let acts = |place: usize| plan.steps.iter().any(|step| step.subject == place);
    let still = (0..chosen.len()).filter(|place| !acts(*place));
    let records = still.filter_map(|place| {
        let known = &chosen[place];
        Some((known, known.record.as_ref()?))
    });
    for (known, record) in records.filter(|(_, record)| record.project_path != *here) {
        let record = MachineRecord {
            project_path: here.clone(),
            ..record.clone()
        };
        // The next `up` tries again; `ls` shows the old place until then.
        let _ = session.state.machine(&known.identity).save(&record);
    }
}

/// A clash with the host stops everything; what stands as it is stops only itself.
fn stops_all(refusal: &Diagnostic) -> bool {
    !matches!(refusal.rule.number, 3001 | 3002 | 3005 | 3101)
}
