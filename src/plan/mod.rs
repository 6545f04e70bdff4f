//! The difference between what is meant and what is found, as steps that can be read before they are done.

mod addresses;
mod capacity;
pub mod conflicts;
pub mod difference;
pub mod order;
mod ports;
pub mod provisioning;
pub mod reconcile;
mod refusals;
pub mod remember;
pub mod situation;
pub mod turned;
mod unfinished;

use crate::diagnostic::Diagnostic;
use crate::settings::Class;
use crate::source::{Origin, Sources};
use difference::Difference;
use situation::State;

/// What the user asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// Every machine runs as written.
    Up {
        /// "Already so" is fine.
        ensure: bool,
        /// Apply what a running machine takes live.
        apply: bool,
        /// Make anew what cannot be applied live.
        recreate: bool,
        /// Run what is new, changed or failed of what it is provisioned by.
        provision: bool,
    },
    /// Every machine is provisioned again.
    Provision,
    /// No machine runs.
    Stop {
        /// Without grace.
        force: bool,
        /// "Already so" is fine.
        ensure: bool,
    },
    /// Nothing is left.
    Remove {
        /// Without grace.
        force: bool,
        /// "Already so" is fine.
        ensure: bool,
    },
}

/// What is done to one machine.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Make and start it.
    Create,
    /// Clear what an interrupted command left, then make and start it.
    Resume,
    /// It runs, but its `up` was cut short: finish it.
    Finish,
    /// Start it as it was made.
    Start,
    /// Set these while it runs.
    Set(Vec<Difference>),
    /// Make it anew.
    Recreate {
        /// From a commit of the old one, so that what was installed in it stays.
        keep: bool,
    },
    /// It runs: run what it is provisioned by.
    Provision,
    /// Remove what it was while it was of the other kind, once what it is made from now is here.
    Replace,
    /// Stop it.
    Stop {
        /// Without grace.
        force: bool,
    },
    /// Stop it if it runs, and remove it.
    Remove {
        /// Without grace.
        force: bool,
    },
    /// Nothing is there any more: forget it.
    Forget,
}

/// Why something is done, and where that is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Cause {
    /// Such as `memory 512M → 768M`, or `(stopped)`.
    pub text: String,
    /// The place.
    pub origin: Option<Origin>,
}

/// One thing done to one machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The place of its machine among those that were decided on: two may share a name.
    pub subject: usize,
    /// The machine's name in the project.
    pub machine: String,
    /// What.
    pub action: Action,
    /// Why: at least one.
    pub causes: Vec<Cause>,
}

impl Step {
    /// Whether a start sets limits too: beside the state that it starts from, their changes are its causes.
    pub fn sets_limits(&self) -> bool {
        self.causes.len() > 1
    }
}

/// What stops a machine's part of a plan.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The place of its machine among those that were decided on.
    pub subject: usize,
    /// Why, with its exit status.
    pub finding: Diagnostic,
}

/// What would be done, what stands in the way, and what is left as it is.
#[derive(Debug, Default)]
pub struct Plan {
    /// In order.
    pub steps: Vec<Step>,
    /// What stops a machine's part of it.
    pub refusals: Vec<Refusal>,
    /// What differs from what is written and is not asked to be changed.
    pub pending: Vec<(String, Difference)>,
    /// What is worth saying and stops nothing.
    pub notes: Vec<Diagnostic>,
    /// The machines that are there and not written any more, with their states. Nothing is done to them.
    pub left_over: Vec<(String, State)>,
}

impl Plan {
    /// What is done to the machines themselves: all but what clears their way.
    pub fn own_steps(&self) -> impl Iterator<Item = &Step> {
        let steps = self.steps.iter();
        steps.filter(|step| step.action != Action::Replace)
    }

    /// Whether what a machine was goes: by its place among those that were decided on.
    pub fn replaces(&self, subject: usize) -> bool {
        let mut steps = self.steps.iter();
        steps.any(|step| step.subject == subject && step.action == Action::Replace)
    }

    /// Whether anything would change or differs.
    pub fn changes(&self) -> bool {
        !self.steps.is_empty() || !self.pending.is_empty()
    }

    /// The exit status of doing it, where every step succeeds: the largest of the refusals.
    pub fn exit(&self) -> u8 {
        self.refusals
            .iter()
            .map(|refusal| refusal.finding.exit())
            .max()
            .unwrap_or(0)
    }

    /// The exit status of only asking. That something is there already is what a plan tells, not
    /// a failure of it; what would stop `up` for another reason is one. With `detailed`, 10 where
    /// something would change.
    pub fn exit_of_plan(&self, detailed: bool) -> u8 {
        const CHANGES: u8 = 10;
        let findings = self.refusals.iter().map(|refusal| &refusal.finding);
        let stops = findings.filter(|finding| !is_there(finding));
        match stops.map(Diagnostic::exit).max() {
            Some(status) => status,
            None if detailed && (self.changes() || !self.refusals.is_empty()) => CHANGES,
            None => 0,
        }
    }

    /// The plan as rows of a table, one a cause: the machine, what, at what price, and the place.
    pub fn rows(&self, sources: &Sources) -> Vec<Vec<String>> {
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut last = "";
        for step in &self.steps {
            for (index, cause) in step.causes.iter().enumerate() {
                let what = if index == 0 { step.action.verb() } else { "" };
                let name = if last == step.machine {
                    ""
                } else {
                    &step.machine
                };
                rows.push(vec![
                    name.to_owned(),
                    format!("{what:10}{}", cause.text).trim_end().to_owned(),
                    if index == 0 { step.action.effect() } else { "" }.to_owned(),
                    place(cause.origin, sources),
                ]);
                last = &step.machine;
            }
        }
        for (machine, difference) in &self.pending {
            let name = if last == *machine { "" } else { machine };
            rows.push(vec![
                name.to_owned(),
                difference.to_string(),
                difference.needs().to_owned(),
                // What is not written any more has no place.
                match difference.to.is_empty() && difference.origin == Origin::Default {
                    true => String::new(),
                    false => place(Some(difference.origin), sources),
                },
            ]);
            last = machine;
        }
        rows.extend(self.left_over.iter().map(|(machine, state)| {
            vec![
                machine.clone(),
                format!("left over ({state}), up leaves it as it is"),
                String::new(),
                String::new(),
            ]
        }));
        rows
    }
}

/// Whether a refusal says no more than that the machine itself is there, as written or otherwise.
/// A name that something else has is no such thing: `up` could never go on.
pub fn is_there(refusal: &Diagnostic) -> bool {
    refusal.exit() == 3 && !matches!(refusal.rule.number, 3003 | 3004)
}

impl Action {
    /// The word for it.
    pub fn verb(&self) -> &'static str {
        match self {
            Action::Create => "create",
            Action::Resume => "resume",
            Action::Finish => "finish",
            Action::Start => "start",
            Action::Set(_) => "set",
            Action::Recreate { .. } => "recreate",
            Action::Provision => "provision",
            Action::Replace => "replace",
            Action::Stop { .. } => "stop",
            Action::Remove { .. } => "remove",
            Action::Forget => "forget",
        }
    }

    fn effect(&self) -> &'static str {
        match self {
            Action::Set(_) => "live, keeps running",
            Action::Recreate { keep: true } => "installed kept",
            Action::Recreate { keep: false } | Action::Replace => "what was in it is lost",
            _ => "",
        }
    }
}

impl Difference {
    fn needs(&self) -> &'static str {
        match self.class {
            Class::Free | Class::Live => "needs --apply: live",
            Class::Recreate => "needs --recreate: installed kept",
            Class::LosesData => "needs --recreate: what was in it is lost",
        }
    }
}

fn place(origin: Option<Origin>, sources: &Sources) -> String {
    match origin {
        None => String::new(),
        Some(origin) => match origin.span() {
            Some(span) => sources.place(span),
            None => "default".into(),
        },
    }
}
