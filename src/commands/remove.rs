//! `rm`: stops what runs and removes it. Needs only the record.

use super::answer::{Answer, INTERRUPTED};
use super::errands::errands;
use super::machine_json::to_json;
use super::machines::Known;
use super::results::{self, Row};
use super::targets::{self, Called};
use super::together::{self, Came, Errand};
use super::{Session, own_template, volumes};
use crate::apply::Shared;
use crate::diagnostic::Diagnostic;
use crate::plan::order::Order;
use crate::plan::reconcile::{Subject, reconcile};
use crate::plan::situation::State;
use crate::plan::{Goal, Plan};
use crate::state::observed::{ObservedMachine, Seen};
use crate::state::record::{MachineRecord, Stage};
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
    /// The volumes go too.
    pub volumes: bool,
}

/// Runs the verb.
pub fn run(session: &Session, arguments: &Arguments) -> u8 {
    let Arguments { force, ensure, .. } = *arguments;
    let ask = !force && !arguments.yes && session.ui.is_terminal();
    each(
        session,
        &Verb {
            name: "rm",
            wanted: &arguments.targets,
            goal: Goal::Remove { force, ensure },
            done: |known| format!("{known} is removed"),
            ask,
            volumes: arguments.volumes,
        },
    )
}

/// A verb that needs no configuration.
pub(super) struct Verb<'a> {
    /// What it is called.
    pub name: &'static str,
    /// The machines that are named.
    pub wanted: &'a [String],
    /// What each is brought to.
    pub goal: Goal,
    /// What is said of one that is.
    pub done: fn(&str) -> String,
    /// Whether the user is asked first.
    pub ask: bool,
    /// Whether volumes go too.
    pub volumes: bool,
}

/// Brings the machines of a project to a goal that needs no configuration.
pub(super) fn each(session: &Session, verb: &Verb) -> u8 {
    let folder = match session.find_folder() {
        Ok(folder) => folder,
        Err(not_found) => return session.not_found(verb.name, not_found),
    };
    let mut answer = Answer::new(verb.name, &folder);
    if let Err(finding) = walk(session, &mut answer, verb) {
        answer.findings.push(*finding);
    }
    session.finish(&answer)
}

fn walk(session: &Session, answer: &mut Answer, verb: &Verb) -> Result<(), Box<Diagnostic>> {
    let folder = answer.folder.clone();
    let mut identity = session.identify(&folder)?;
    let hold = |uuid| {
        session
            .hold(uuid, verb.name)
            .map_err(|error| error.diagnostic())
    };
    let mut lock = (!identity.fresh).then(|| hold(identity.uuid)).transpose()?;
    let mut observed = session.look_if_there(&session.written_engines(&identity))?;
    let known_as = session.recognized(&folder, &observed);
    if let Some(uuid) = known_as.filter(|_| identity.fresh) {
        identity.recognized_as(uuid);
        lock = Some(hold(uuid)?);
        observed = session.look(&session.written_engines(&identity))?;
    }
    let _lock = lock;
    let recalled = session.recall(answer, &identity, observed);
    let all = recalled.known();
    let volumes = |all, gone, answer: &mut Answer| {
        let asked = volumes::Asked {
            project: identity.uuid,
            all,
            gone,
            whole: verb.wanted.is_empty(),
            remove: verb.volumes,
        };
        volumes::after(session, answer, &asked)
    };
    if all.is_empty() && verb.volumes && volumes(&all, &[], answer)? {
        return Ok(());
    }
    if all.is_empty() {
        return Err(Box::new(
            Diagnostic::error(1501)
                .message("This project has no machine")
                .help("make it: vagrantp up"),
        ));
    }
    let names: Vec<Called> = all.iter().map(Known::called).collect();
    let places = targets::select(&names, verb.wanted)?;
    let chosen: Vec<&Known> = places.iter().map(|place| &all[*place]).collect();
    let subjects: Vec<Subject> = chosen.iter().map(|known| known.subject()).collect();
    let mut plan = reconcile(&subjects, verb.goal);
    // They may outlive every machine.
    let alone = verb.volumes && verb.wanted.is_empty() && plan.steps.is_empty();
    if alone && volumes(&all, &places, answer)? {
        return Ok(());
    }
    // Without targets, what is not there is none of our business as long as something is.
    if verb.wanted.is_empty() && !plan.steps.is_empty() {
        plan.refusals
            .retain(|refusal| !matches!(refusal.finding.rule.number, 1501 | 1601));
    }
    answer.name = match (recalled.project(), &chosen[..]) {
        (Some(project), [_, _, ..]) => Some(project.shown_name()),
        (_, chosen) => chosen.first().map(|known| known.name.clone()),
    };
    if verb.ask && !plan.steps.is_empty() && !session.confirm(&question(&plan)) {
        session.ui.err("nothing was removed");
        answer.exit = Some(1);
        return Ok(());
    }
    let refusals: Vec<Diagnostic> = plan
        .refusals
        .drain(..)
        .map(|refusal| refusal.finding)
        .collect();
    let none = none_of_all(&refusals, verb).filter(|_| plan.steps.is_empty());
    match none {
        Some(finding) => answer.findings.push(finding),
        None => answer.findings.extend(refusals),
    }
    answer.findings.append(&mut plan.notes);
    let order = together::order_of(&all);
    answer
        .findings
        .extend(left_alone(&all, &places, &order, &plan));
    let errands = errands(&chosen, &plan, recalled.observed(), &folder);
    let down = order.among(&places).reversed();
    let done = go(session, verb, errands, &down, answer)?;
    let is_there = matches!(verb.goal, Goal::Stop { .. });
    let now = |(errand, came): &(Errand, Came)| match (came, &errand.job) {
        (Came::Done, Some(_)) if !is_there => None,
        (Came::Done, Some(job)) => Some(stopped(errand.known, job.record.clone(), &folder)),
        _ => Some(to_json(errand.known, &folder)),
    };
    answer.machines = done.iter().filter_map(now).collect();
    if answer.exit() == 0 && verb.name == "rm" {
        answer.machines.clear();
        volumes(&all, &places, answer)?;
    }
    Ok(())
}

/// Where nothing is to be done to any of a project's several machines, that is said once.
fn none_of_all(refusals: &[Diagnostic], verb: &Verb) -> Option<Diagnostic> {
    const GONE: u16 = 1501;
    const DOWN: u16 = 1601;
    let [_, _, ..] = refusals else { return None };
    let all = |numbers: &[u16]| {
        let mut each = refusals.iter();
        verb.wanted.is_empty() && each.all(|finding| numbers.contains(&finding.rule.number))
    };
    let is_stop = matches!(verb.goal, Goal::Stop { .. });
    if all(&[GONE]) {
        let finding = Diagnostic::error(GONE).message("No machine of this project exists");
        return Some(finding.help(match is_stop {
            true => "make them: vagrantp up",
            false => "take this as success: vagrantp rm --ensure",
        }));
    }
    (is_stop && all(&[GONE, DOWN])).then(|| {
        Diagnostic::error(DOWN)
            .message("No machine of this project runs")
            .help("start them: vagrantp up, or remove them: vagrantp rm")
    })
}

/// What is to be confirmed: each machine that goes, by its name where there are several.
fn question(plan: &Plan) -> String {
    let names: Vec<&str> = plan.steps.iter().map(|step| &*step.machine).collect();
    match &names[..] {
        [name] => format!("remove {name} and what is in it?"),
        names => format!("remove {} and what is in them?", names.join(", ")),
    }
}

/// Does it, and tells what came of it.
fn go<'a>(
    session: &Session,
    verb: &Verb,
    errands: Vec<Errand<'a>>,
    order: &Order,
    answer: &mut Answer,
) -> Result<Vec<(Errand<'a>, Came)>, Box<Diagnostic>> {
    let folder = answer.folder.clone();
    let overrides = |name: &str| own_template(&folder, name);
    let shared = Shared::default();
    let jobs = errands.iter().filter_map(|errand| errand.job.as_ref());
    for job in jobs {
        let networks = job.record.networking.networks.iter();
        networks.for_each(|network| shared.joins(job.record.provider, network));
    }
    let doer = session
        .doer(&shared, &overrides)
        .map_err(|error| error.diagnostic())?;
    let done = together::run(session, &doer, errands, order, true);
    let acted = done.iter().filter(|(errand, _)| errand.job.is_some());
    let several = acted.count() > 1;
    let rows: Vec<Row> = done
        .iter()
        .map(|(errand, came)| row(errand, came))
        .collect();
    let mut failures = Vec::new();
    let mut cut = None;
    for (errand, came) in &done {
        let Some(job) = &errand.job else { continue };
        match came {
            Came::Done if !several => session.ui.out(&(verb.done)(&job.record.id)),
            Came::Failed(finding) => {
                failures.push((errand.known.name.clone(), (**finding).clone()));
            }
            Came::Interrupted | Came::Left => {
                cut.get_or_insert_with(|| job.record.id.clone());
            }
            _ => {}
        }
    }
    match several {
        true => answer.findings.extend(together::gathered(failures)),
        false => answer
            .findings
            .extend(failures.into_iter().map(|(_, finding)| finding)),
    }
    if cut.is_some() {
        answer.exit = Some(INTERRUPTED);
    }
    if matches!(verb.goal, Goal::Remove { .. }) && answer.exit() == 0 {
        doer.clear_builds();
    }
    let command = verb.name;
    let last = cut.map(|id| match several {
        true => results::interrupted(&rows, &format!("`vagrantp {command}` goes on")),
        false => format!("interrupted: `vagrantp {command}` goes on with {id}"),
    });
    if several {
        answer.results(&rows);
        session.tell(answer);
        // What is not there, and never was, is none of it.
        let rows = done.iter().zip(rows).filter(|((errand, _), _)| {
            let there = errand.known.situation().state != State::NotCreated;
            there
                || errand
                    .known
                    .record
                    .as_ref()
                    .is_some_and(|record| record.stage != Stage::Reserved)
        });
        let rows: Vec<Row> = rows.map(|(_, row)| row).collect();
        results::show(&rows, &session.ui);
    }
    if let Some(line) = last {
        session.ui.err_sentence(&line);
    }
    Ok(done)
}

fn row(errand: &Errand, came: &Came) -> Row {
    let action = errand.job.as_ref().map(|job| &job.step.action);
    Row::of(errand.known, action, came, None, false)
}

/// Who goes on without what it needs: that is what was asked for, and worth saying.
fn left_alone(all: &[Known], places: &[usize], order: &Order, plan: &Plan) -> Option<Diagnostic> {
    let goes = |place: &usize| {
        let at = places.iter().position(|other| other == place);
        plan.steps.iter().any(|step| Some(step.subject) == at)
    };
    let runs = |place: &usize| {
        let found = all[*place].found;
        found.is_some_and(|found| found.state == Seen::Running)
    };
    let needs_one = |place: &usize| order.needs(*place).iter().any(goes);
    let names = |places: &mut dyn Iterator<Item = usize>| -> Vec<&str> {
        places.map(|place| all[place].name.as_str()).collect()
    };
    let alone = |place: &usize| runs(place) && !goes(place) && needs_one(place);
    let stay = names(&mut (0..all.len()).filter(alone));
    let needed = |place: &usize| {
        let mut users = (0..all.len()).filter(alone);
        goes(place) && users.any(|user| order.needs(user).contains(place))
    };
    let go = names(&mut (0..all.len()).filter(needed));
    let (does, them) = match stay[..] {
        [] => return None,
        [_] => ("needs", "it"),
        _ => ("need", "them"),
    };
    let is = if go.len() == 1 { "is" } else { "are" };
    let (who, what) = (stay.join(", "), go.join(", "));
    Some(
        Diagnostic::warning(1602)
            .message(format!("{what} {is} down, and {who} still {does} it"))
            .help(format!("stop {them} too: vagrantp stop {}", stay.join(" "))),
    )
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
