//! The only decision: what is meant, found, remembered and asked for, as a plan.

use super::difference::{Difference, differences, moved_shares};
use super::situation::{LOST, Situation, State, situation};
use super::unfinished::unfinished;
use super::{Action, Cause, Goal, Plan, Step};
use crate::diagnostic::Diagnostic;
use crate::model::Machine;
use crate::settings::Class;
use crate::source::Origin;
use crate::state::observed::{ObservedMachine, Seen};
use crate::state::record::MachineRecord;
use crate::value::{Choice, Kind};

/// All that is known of one machine.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Its name in the project.
    pub name: &'a str,
    /// As written, where the configuration is read and still has it.
    pub meant: Option<&'a Machine>,
    /// As remembered.
    pub record: Option<&'a MachineRecord>,
    /// It is remembered, and that cannot be read.
    pub damaged: bool,
    /// As the engine shows it.
    pub found: Option<&'a ObservedMachine>,
}

impl Subject<'_> {
    fn id(&self) -> &str {
        let recorded = self.record.map(|record| record.id.as_str());
        let meant = self.meant.map(|machine| machine.id.as_str());
        let found = self.found.map(|found| found.name.as_str());
        recorded.or(meant).or(found).unwrap_or(self.name)
    }

    fn origin(&self) -> Option<Origin> {
        self.meant.map(|machine| machine.kind.origin)
    }
}

/// Decides what is to be done. Judges no clash with the host: see [`super::conflicts`].
pub fn reconcile(subjects: &[Subject], goal: Goal) -> Plan {
    let mut plan = Plan::default();
    for subject in subjects {
        match situation(subject.record, subject.found) {
            Err(word) if matches!(goal, Goal::Remove { force: true, .. }) => {
                plan.steps.push(Step {
                    machine: subject.name.to_owned(),
                    action: Action::Remove { force: true },
                    causes: because(Some(format!("(the engine says '{word}')"))),
                });
            }
            Err(word) => plan.refusals.push(unknown_state(subject, &word)),
            Ok(situation) => match goal {
                Goal::Up { .. } => up(subject, situation, goal, &mut plan),
                Goal::Stop { force, ensure } => stop(subject, situation, force, ensure, &mut plan),
                Goal::Remove { force, ensure } => {
                    remove(subject, situation, force, ensure, &mut plan);
                }
            },
        }
    }
    plan
}

fn up(subject: &Subject, situation: Situation, goal: Goal, plan: &mut Plan) {
    let Goal::Up {
        ensure,
        apply,
        recreate,
    } = goal
    else {
        return;
    };
    let Some(machine) = subject.meant else { return };
    let mut step = |action, causes| {
        plan.steps.push(Step {
            machine: subject.name.to_owned(),
            action,
            causes,
        });
    };
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
                plan.pending = pending(subject, left);
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
                plan.pending = pending(subject, live.into_iter().chain(deep));
                return;
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
            if !left.is_empty() {
                plan.refusals.push(runs_differently(subject, &left));
                plan.pending.extend(pending(subject, left));
            } else if !applies && !ensure {
                plan.refusals.push(already_runs(subject));
            }
        }
    }
}

fn pending(
    subject: &Subject,
    differences: impl IntoIterator<Item = Difference>,
) -> Vec<(String, Difference)> {
    let named = |difference| (subject.name.to_owned(), difference);
    differences.into_iter().map(named).collect()
}

/// The engine has it and its record is gone, and with it the keys: only making it anew gives a way in.
fn unrecorded(subject: &Subject, running: bool, recreate: bool, plan: &mut Plan) {
    if recreate {
        plan.steps.push(Step {
            machine: subject.name.to_owned(),
            action: Action::Recreate { keep: true },
            causes: because(Some(LOST.into())),
        });
        return;
    }
    let state = if running { "running" } else { "stopped" };
    let mut refusal = Diagnostic::error(3002)
        .message(format!(
            "Infrastructure '{}' already exists (state: {state}), but {LOST}",
            subject.id()
        ))
        .help("make it anew, with what was installed in it kept: vagrantp up --recreate");
    refusal.span = subject.origin().and_then(Origin::span);
    plan.refusals.push(refusal);
}

fn stop(subject: &Subject, situation: Situation, force: bool, ensure: bool, plan: &mut Plan) {
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
    plan.steps.push(Step {
        machine: subject.name.to_owned(),
        action: Action::Stop { force },
        causes: because(Some(format!("({})", situation.state))),
    });
}

fn remove(subject: &Subject, situation: Situation, force: bool, ensure: bool, plan: &mut Plan) {
    let action = match (situation.state, subject.found, subject.record) {
        (State::NotCreated, None, None) if !subject.damaged => {
            if !ensure {
                plan.refusals.push(not_created(subject));
            }
            return;
        }
        (_, None, _) => Action::Forget,
        _ => Action::Remove { force },
    };
    plan.steps.push(Step {
        machine: subject.name.to_owned(),
        action,
        causes: because(situation.detail.or(Some(format!("({})", situation.state)))),
    });
}

fn creation(machine: &Machine, detail: Option<String>) -> Vec<Cause> {
    let from = match machine.kind.value {
        Kind::Container => machine.image.to_string(),
        Kind::Vm => machine.box_name.to_string(),
    };
    let what = format!(
        "{} {} from {from}, {} MB, {} CPU{}",
        machine.kind.word(),
        machine.id,
        machine.memory.as_mib(),
        machine.cpus,
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
    causes.extend(
        machine
            .ports
            .iter()
            .map(|port| cause(format!("publish {}", port.value), port.origin)),
    );
    causes.extend(
        machine
            .shares
            .iter()
            .map(|share| cause(format!("share {}", share.value), share.origin)),
    );
    causes.extend(
        machine
            .ip()
            .iter()
            .map(|ip| cause(format!("address {ip}"), ip.origin)),
    );
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

fn already_runs(subject: &Subject) -> Diagnostic {
    let mut refusal = Diagnostic::error(3001)
        .message(format!("Infrastructure '{}' already exists (state: running)", subject.id()))
        .help("enter it: vagrantp ssh, stop it: vagrantp stop, or take this as success: vagrantp up --ensure");
    refusal.span = subject.origin().and_then(Origin::span);
    refusal
}

fn runs_differently(subject: &Subject, left: &[Difference]) -> Diagnostic {
    let flag = match left.iter().map(|difference| difference.class).max() {
        Some(Class::Live | Class::Free) | None => "--apply",
        Some(Class::Recreate) => "--recreate` (what was installed in it is kept)",
        Some(Class::LosesData) => "--recreate` (what is in it is lost)",
    };
    let flag = if flag.contains('`') {
        flag.to_owned()
    } else {
        format!("{flag}`")
    };
    listing(
        Diagnostic::error(3002)
            .message(format!(
                "Infrastructure '{}' already exists (state: running), otherwise than written",
                subject.id()
            ))
            .help(format!(
                "apply it: `vagrantp up {flag}; or enter it as it is: vagrantp ssh"
            )),
        left,
    )
}

fn stopped_differs(subject: &Subject, deep: &[Difference]) -> Diagnostic {
    let class = deep.iter().map(|difference| difference.class).max();
    let price = match class {
        Some(Class::LosesData) => "what is in it is lost",
        _ => "what was installed in it is kept",
    };
    listing(
        Diagnostic::error(3005)
            .message(format!(
                "Infrastructure '{}' already exists (state: stopped), made otherwise than written",
                subject.id()
            ))
            .help(format!(
                "make it anew: `vagrantp up --recreate` ({price}); or undo the change, then vagrantp up"
            )),
        deep,
    )
}

/// The differences as evidence, and the first of them as the place.
fn listing(mut refusal: Diagnostic, left: &[Difference]) -> Diagnostic {
    let place = left.iter().find_map(|difference| difference.origin.span());
    refusal.span = place;
    refusal.label = "differs".into();
    refusal.details(left.iter().map(ToString::to_string))
}

fn not_created(subject: &Subject) -> Diagnostic {
    Diagnostic::error(1501)
        .message(format!("Machine '{}' does not exist", subject.id()))
        .help("make it: vagrantp up")
}

fn not_running(finding: Diagnostic, subject: &Subject, state: State) -> Diagnostic {
    finding
        .message(format!(
            "Machine '{}' is not running (state: {state})",
            subject.id()
        ))
        .help("start it: vagrantp up, or remove it: vagrantp rm")
}

fn unknown_state(subject: &Subject, word: &str) -> Diagnostic {
    Diagnostic::error(3101)
        .message(format!(
            "The engine shows '{}' in the state '{word}', which vagrantp does not know",
            subject.id()
        ))
        .help(format!(
            "look at it: podman inspect {}, or remove it: vagrantp rm --force",
            subject.id()
        ))
}
