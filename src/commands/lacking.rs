//! What must be there before anything is made: values of secrets, and Ansible.

use super::Session;
use super::compile::Compiled;
use super::machines::Known;
use crate::apply::Asked;
use crate::call::run::is_there;
use crate::engine::ansible::{PROGRAM, not_installed};
use crate::plan::provisioning::is_done;
use crate::plan::{Action, Plan, Refusal, Step};

/// What the steps of a plan lack.
pub fn lacking(
    session: &Session,
    chosen: &[Known],
    plan: &Plan,
    compiled: &Compiled,
    asked: &Asked,
) -> Vec<Refusal> {
    let mut lacking = without_value(chosen, plan, compiled);
    if !asked.off && !is_there(PROGRAM) {
        lacking.extend(without_ansible(session, chosen, plan, asked));
    }
    lacking
}

/// Secrets without a value, of all machines that are to be made.
fn without_value(chosen: &[Known], plan: &Plan, compiled: &Compiled) -> Vec<Refusal> {
    let makes = |step: &&Step| {
        matches!(
            step.action,
            Action::Create | Action::Resume | Action::Recreate { .. }
        )
    };
    let missing = |step: &Step| {
        let machine = chosen[step.subject].meant;
        let found = machine.map(|machine| compiled.values.missing(machine));
        let refusal = |finding| Refusal {
            subject: step.subject,
            finding,
        };
        found.into_iter().flatten().map(refusal).collect::<Vec<_>>()
    };
    plan.steps.iter().filter(makes).flat_map(missing).collect()
}

/// The first that Ansible would run: one is enough to say that it is missing.
fn without_ansible(
    session: &Session,
    chosen: &[Known],
    plan: &Plan,
    asked: &Asked,
) -> Option<Refusal> {
    let steps = plan.steps.iter();
    let mut runs = steps.filter_map(|step| {
        let known = &chosen[step.subject];
        let is_to_run = |provision: &&_| {
            let record = known.record.as_ref().filter(|_| !asked.again);
            record.is_none_or(|record| !is_done(provision, record))
        };
        let provision = known.meant?.provisions.iter().find(is_to_run)?;
        Some((step.subject, provision))
    });
    let (subject, provision) = runs.next()?;
    let finding = session.advised(not_installed(provision));
    Some(Refusal { subject, finding })
}
