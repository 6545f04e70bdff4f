//! The only decision: what is meant, found, remembered and asked for, as a plan.

use super::difference::{Difference, differences, keeps_what_is_in_it, moved_shares};
use super::provisioning::{pending, playbooks, provision};
use super::refusals::{
    already_runs, not_created, not_running, nothing_to_remove, runs_differently, stopped_differs,
    unknown_state,
};
use super::situation::{LOST, Situation, State, situation};
use super::turned::{Former, turn};
use super::unfinished::unfinished;
use super::{Action, Cause, Goal, Plan, Refusal, Step};
use crate::diagnostic::Diagnostic;
use crate::model::Machine;
use crate::settings::Class;
use crate::source::Origin;
use crate::state::observed::{ObservedMachine, Seen};
use crate::state::record::{MachineRecord, Stage};
use crate::value::{Choice, Kind};

/// All that is known of one machine.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Its name in the project.
    pub name: &'a str,
    /// Whether it is asked for; else it is there for another that needs it, and has only to run.
    pub named: bool,
    /// As written, where the configuration is read and still has it.
    pub meant: Option<&'a Machine>,
    /// As remembered.
    pub record: Option<&'a MachineRecord>,
    /// It is remembered, and that cannot be read.
    pub damaged: bool,
    /// As the engine shows it.
    pub found: Option<&'a ObservedMachine>,
    /// What it was while it was of the other kind, where that is still there.
    pub former: Option<Former<'a>>,
}

impl Subject<'_> {
    pub(super) fn id(&self) -> &str {
        let recorded = self.record.map(|record| record.id.as_str());
        let meant = self.meant.map(|machine| machine.id.as_str());
        let found = self.found.map(|found| found.name.as_str());
        recorded.or(meant).or(found).unwrap_or(self.name)
    }

    pub(super) fn origin(&self) -> Option<Origin> {
        self.meant.map(|machine| machine.kind.origin)
    }
}

/// Decides what is to be done. Judges no clash with the host: see [`super::conflicts`].
pub fn reconcile(subjects: &[Subject], goal: Goal) -> Plan {
    let mut plan = Plan::default();
    for (place, subject) in subjects.iter().enumerate() {
        let part = decide(subject, goal);
        let replaces = part.replaces.map(|causes| (Action::Replace, causes));
        let steps = replaces.into_iter().chain(part.step);
        plan.steps.extend(steps.map(|(action, causes)| Step {
            subject: place,
            machine: subject.name.to_owned(),
            action,
            causes,
        }));
        let refusals = part.refusals.into_iter();
        plan.refusals.extend(refusals.map(|finding| Refusal {
            subject: place,
            finding,
        }));
        let named = |difference| (subject.name.to_owned(), difference);
        plan.pending.extend(part.pending.into_iter().map(named));
        plan.notes.extend(part.notes);
    }
    plan
}

/// One machine's part of a plan.
#[derive(Default)]
pub(super) struct Part {
    pub(super) step: Option<(Action, Vec<Cause>)>,
    /// Why what it was goes, where it does.
    pub(super) replaces: Option<Vec<Cause>>,
    pub(super) refusals: Vec<Diagnostic>,
    pending: Vec<Difference>,
    pub(super) notes: Vec<Diagnostic>,
}

fn decide(subject: &Subject, goal: Goal) -> Part {
    let mut part = Part::default();
    match (situation(subject.record, subject.found), goal) {
        (Err(word), Goal::Remove { force: true, .. }) => {
            let why = because(Some(format!("(the engine says '{word}')")));
            part.step = Some((Action::Remove { force: true }, why));
        }
        (Err(word), _) => part.refusals.push(unknown_state(subject, &word)),
        (Ok(situation), Goal::Provision) => provision(subject, situation, &mut part),
        (Ok(situation), Goal::Up { recreate, .. }) => {
            up(subject, situation, goal, &mut part);
            turn(subject, recreate, &mut part);
        }
        (Ok(situation), Goal::Stop { force, ensure }) => {
            stop(subject, situation, force, ensure, &mut part);
        }
        (Ok(situation), Goal::Remove { force, ensure }) => {
            remove(subject, situation, force, ensure, &mut part);
        }
    }
    part
}

fn up(subject: &Subject, situation: Situation, goal: Goal, plan: &mut Part) {
    let Goal::Up {
        mut ensure,
        mut apply,
        mut recreate,
        provision: provisions,
    } = goal
    else {
        return;
    };
    let Some(machine) = subject.meant else { return };
    if !subject.named {
        (ensure, apply, recreate) = (true, false, false);
    }
    // Where what it was goes, something is done.
    ensure |= subject.replaces(recreate);
    let mut step = |action, causes| plan.step = Some((action, causes));
    match situation.state {
        State::NotCreated => step(Action::Create, creation(machine, situation.detail)),
        State::Removing => step(Action::Resume, because(situation.detail)),
        State::Creating => {
            let Some(action) = unfinished(subject, machine, recreate) else {
                let running = subject
                    .found
                    .is_some_and(|found| found.state == Seen::Running);
                let left = subject.record.map(|record| differences(machine, record));
                let left = left.unwrap_or_default();
                plan.refusals.push(match running {
                    true => runs_differently(subject, &left),
                    false => stopped_differs(subject, &left),
                });
                plan.pending = left;
                return;
            };
            step(action, because(situation.detail));
        }
        State::Stopped | State::Running => {
            let running = situation.state == State::Running;
            let Some(record) = subject.record else {
                return unrecorded(subject, running, recreate, plan);
            };
            // A running machine keeps its folders wherever they are moved to; a start needs their places.
            let moved = (!running || recreate).then(|| moved_shares(machine, record));
            let (live, deep): (Vec<_>, Vec<_>) = differences(machine, record)
                .into_iter()
                .chain(moved.flatten())
                .filter(|difference| difference.class != Class::Free)
                .partition(|difference| difference.class == Class::Live);
            if subject.found.is_some_and(|found| found.is_stuck) {
                let why = "what watched it is gone, so it can only be made anew";
                return step(Action::Recreate { keep: true }, because(Some(why.into())));
            }
            if !deep.is_empty() && recreate {
                let keep = deep
                    .iter()
                    .all(|difference| difference.class == Class::Recreate);
                let causes = deep.iter().chain(&live).map(Cause::from).collect();
                return step(Action::Recreate { keep }, causes);
            }
            if !running {
                if deep.is_empty() {
                    let state = match &situation.detail {
                        Some(detail) => format!("({detail})"),
                        None => "(stopped)".to_owned(),
                    };
                    let mut causes = because(Some(state));
                    causes.extend(live.iter().map(Cause::from));
                    return step(Action::Start, causes);
                }
                plan.refusals.push(stopped_differs(subject, &deep));
                return plan.pending = live.into_iter().chain(deep).collect();
            }
            let applies = !live.is_empty() && (apply || recreate);
            if applies {
                let causes = live.iter().map(Cause::from).collect();
                step(Action::Set(live.clone()), causes);
            }
            let left: Vec<Difference> = if applies {
                deep
            } else {
                live.into_iter().chain(deep).collect()
            };
            if !left.is_empty() && !subject.named {
                // Who needs it needs it to run, and it does.
                let note = runs_differently(subject, &left);
                plan.notes.push(note.as_warning());
            } else if !left.is_empty() {
                plan.refusals.push(runs_differently(subject, &left));
                plan.pending = left;
            } else if !applies && record.stage == Stage::Starting {
                step(Action::Finish, because(situation.detail));
            } else if !applies && provisions && !pending(machine, record).is_empty() {
                step(Action::Provision, playbooks(machine, Some(record)));
            } else if !applies && !ensure {
                plan.refusals.push(already_runs(subject));
            }
        }
    }
}

/// The engine has it and its record is gone, and with it the keys: only making it anew gives a way in.
pub(super) fn unrecorded(subject: &Subject, running: bool, recreate: bool, plan: &mut Part) {
    let keep = subject.meant.is_none_or(keeps_what_is_in_it);
    if recreate {
        let why = because(Some(LOST.into()));
        plan.step = Some((Action::Recreate { keep }, why));
        return;
    }
    let state = if running { "running" } else { "stopped" };
    let mut refusal = Diagnostic::error(3002)
        .message(format!(
            "Infrastructure '{}' already exists (state: {state}), but {LOST}",
            subject.id()
        ))
        .help(match keep {
            true => "make it anew, with what was installed in it kept: vagrantp up --recreate",
            false => "make it anew, and lose what is in it: vagrantp up --recreate",
        });
    refusal.span = subject.origin().and_then(Origin::span);
    plan.refusals.push(refusal);
}

fn stop(subject: &Subject, situation: Situation, force: bool, ensure: bool, plan: &mut Part) {
    let runs = subject
        .found
        .is_some_and(|found| found.state == Seen::Running);
    match situation.state {
        State::Running => {}
        State::Creating | State::Removing if runs => {}
        _ if ensure => return,
        State::NotCreated => return plan.refusals.push(not_created(subject)),
        State::Stopped => {
            return plan.refusals.push(not_running(
                Diagnostic::error(1601),
                subject,
                situation.state,
            ));
        }
        // What an interrupted command left is stopped as far as there is anything to stop.
        State::Creating | State::Removing => {
            return plan.notes.push(not_running(
                Diagnostic::warning(1601),
                subject,
                situation.state,
            ));
        }
    }
    let why = because(Some(format!("({})", situation.state)));
    plan.step = Some((Action::Stop { force }, why));
}

fn remove(subject: &Subject, situation: Situation, force: bool, ensure: bool, plan: &mut Part) {
    let action = match (situation.state, subject.found, subject.record) {
        (State::NotCreated, None, None) if !subject.damaged => {
            if !ensure {
                plan.refusals.push(nothing_to_remove(subject));
            }
            return;
        }
        (_, None, _) => Action::Forget,
        _ => Action::Remove { force },
    };
    let why = because(situation.detail.or(Some(format!("({})", situation.state))));
    plan.step = Some((action, why));
}

fn creation(machine: &Machine, detail: Option<String>) -> Vec<Cause> {
    let from = match machine.kind.value {
        Kind::Container => machine.shown(machine.image.origin, &machine.image.value),
        Kind::Vm => machine.shown(machine.box_name.origin, &machine.box_name.value),
    };
    let what = format!(
        "{} {} from {from}, {}, {} CPU{}",
        machine.kind.word(),
        machine.id,
        machine.shown(
            machine.memory.origin,
            format!("{} MB", machine.memory.as_mib())
        ),
        machine.shown(machine.cpus.origin, machine.cpus.value),
        if machine.cpus.value == 1 { "" } else { "s" }
    );
    let cause = |text: String, origin| Cause {
        text,
        origin: Some(origin),
    };
    let mut causes = vec![cause(what, machine.kind.origin)];
    causes.extend(detail.map(|text| Cause {
        text: format!("({text})"),
        origin: None,
    }));
    causes.extend(machine.ports.iter().map(|port| {
        cause(
            format!("publish {}", machine.shown(port.origin, port.value)),
            port.origin,
        )
    }));
    causes.extend(machine.shares.iter().map(|share| {
        cause(
            format!("share {}", machine.shown_share(share)),
            share.origin,
        )
    }));
    causes.extend(machine.ip().iter().map(|ip| {
        cause(
            format!("address {}", machine.shown(ip.origin, ip.value)),
            ip.origin,
        )
    }));
    causes
}

fn because(text: Option<String>) -> Vec<Cause> {
    vec![Cause {
        text: text.unwrap_or_default(),
        origin: None,
    }]
}

impl From<&Difference> for Cause {
    fn from(difference: &Difference) -> Self {
        Cause {
            text: difference.to_string(),
            origin: Some(difference.origin),
        }
    }
}
