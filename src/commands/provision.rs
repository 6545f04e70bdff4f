//! `provision`: what machines are provisioned by, again.

use super::answer::Answer;
use super::bring::{self, Begun};
use super::lacking::lacking;
use super::machine_json::to_json;
use super::scene::Scene;
use super::{Session, isolated, targets};
use crate::apply::Asked;
use crate::diagnostic::Diagnostic;
use crate::model::{Machine, Means, Provision};
use crate::plan::Goal;
use crate::state::ledger::Ledger;
use crate::state::record::MachineRecord;
use serde_json::{Value, json};

/// What `provision` takes.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    /// Machines; all without any.
    pub targets: Vec<String>,
    /// On throw-away copies.
    pub isolated: bool,
    /// How.
    pub asked: Asked,
}

impl Arguments {
    /// How, also by what went well already.
    pub(super) fn again(&self) -> Asked {
        Asked {
            again: true,
            ..self.asked.clone()
        }
    }
}

/// Runs the verb.
pub fn run(session: &Session, arguments: &Arguments) -> u8 {
    let located = match session.find() {
        Ok(located) => located,
        Err(not_found) => return session.not_found("provision", not_found),
    };
    let mut answer = Answer::new("provision", &located.folder);
    answer.file = Some(located.file.clone());
    let result = Scene::set(session, &located, true, &mut answer).and_then(|scene| match scene {
        None => Ok(()),
        Some(scene) => {
            answer.sources = scene.compiled.sources.clone();
            match arguments.isolated {
                true => isolated::act(session, arguments, scene, &mut answer),
                false => act(session, arguments, &scene, &mut answer),
            }
        }
    });
    if let Err(finding) = result {
        answer.findings.push(*finding);
    }
    session.finish(&answer)
}

fn act(
    session: &Session,
    arguments: &Arguments,
    scene: &Scene,
    answer: &mut Answer,
) -> Result<(), Box<Diagnostic>> {
    let uuid = scene.identity.uuid;
    let _lock = session
        .hold(uuid, "provision")
        .map_err(|error| error.diagnostic())?;
    let wanted = targets::wanted(scene.project(), &arguments.targets, true)?;
    let observed = session.look(&scene.engines(&wanted))?;
    let ledger = Ledger::read(&session.state);
    let chosen = scene.chosen(&wanted, &ledger, &observed);
    let mut plan = scene.decide(&chosen, Goal::Provision, &ledger, &observed);
    // Without targets, what is not there is none of our business as long as something is.
    if arguments.targets.is_empty() && !plan.steps.is_empty() {
        plan.refusals
            .retain(|refusal| !matches!(refusal.finding.rule.number, 1501 | 1601));
    }
    let asked = arguments.again();
    let lacking = lacking(session, &chosen, &plan, &scene.compiled, &asked);
    if !lacking.is_empty() {
        plan.steps.clear();
        plan.refusals.extend(lacking);
    }
    let refusals = plan.refusals.iter().map(|refusal| refusal.finding.clone());
    answer.findings.extend(refusals);
    answer.machines = chosen
        .iter()
        .map(|known| to_json(known, &scene.compiled.folder))
        .collect();
    if plan.steps.is_empty() {
        if answer.findings.is_empty() {
            session
                .ui
                .out("nothing to provision: no playbook, script or package is written");
        }
        return Ok(());
    }
    let records: Vec<MachineRecord> = plan
        .steps
        .iter()
        .filter_map(|step| chosen[step.subject].record.clone())
        .collect();
    session.tell(answer);
    answer.begun = true;
    let begun = Begun {
        order: scene.order(&wanted),
        chosen: &chosen,
        plan: &plan,
        records,
        bases: &Vec::new(),
        observed: &observed,
        are_copies: false,
        asked,
    };
    bring::up(session, scene, begun, answer)
}

/// A playbook with what goes with it; what may be a secret is as it is written.
pub fn document(machine: &Machine, provision: &Provision) -> Value {
    let vars = provision.vars.iter().map(|variable| {
        let shown = machine.shown(variable.value.origin, &variable.value);
        (variable.name.value.clone(), Value::from(shown))
    });
    json!({
        "type": match provision.means {
            Means::Playbook => "ansible",
            Means::Script => "script",
            Means::Packages(_) => "packages",
        },
        "playbook_path": *provision.playbook,
        "playbook_name": provision.playbook.file_name().map(|name| name.to_string_lossy()),
        "variables_path": provision.vars_files.first().map(|vars| &vars.value),
        "extra_vars": vars.collect::<serde_json::Map<String, Value>>(),
        "dry_run": provision.dry_run,
    })
}
