//! `plan`: what `up` would do, each step with its cause and place. Only looks.

use super::Session;
use super::answer::Answer;
use super::machine_json::to_json;
use super::machines::Known;
use super::scene::Scene;
use super::targets;
use super::unsupported::unsupported;
use super::up::Arguments;
use crate::call::quoted;
use crate::diagnostic::Diagnostic;
use crate::plan::{Plan, is_there};
use crate::settings::Class;
use crate::source::Sources;
use crate::state::ledger::Ledger;
use serde_json::{Value, json};

/// Says what would be done.
///
/// # Errors
/// When the engine cannot be asked, or a target names nothing.
pub fn run(
    session: &Session,
    arguments: &Arguments,
    scene: &Scene,
    answer: &mut Answer,
) -> Result<(), Box<Diagnostic>> {
    let wanted = targets::wanted(scene.project(), &arguments.targets, arguments.no_deps)?;
    answer.findings.extend(unsupported(scene.meant(&wanted)));
    let observed = if answer.has_errors() {
        Vec::new()
    } else {
        session.look(&scene.engines(&wanted))?
    };
    let ledger = Ledger::read(&session.state);
    let compiled = &scene.compiled;
    let chosen = scene.chosen(&wanted, &ledger, &observed);
    let mut plan = scene.decide(&chosen, arguments.goal(), &ledger, &observed);
    // Who names machines asks for those alone.
    let left_over = match arguments.targets.is_empty() {
        true => scene.left_over(&ledger, &observed),
        false => Vec::new(),
    };
    let goes = |known: &Known| {
        let mut formers = chosen.iter().enumerate().filter_map(|(place, chosen)| {
            let former = chosen.former.as_ref()?;
            plan.replaces(place).then_some(&former.identity)
        });
        formers.any(|identity| *identity == known.identity)
    };
    let told = |known: &Known| (known.name.clone(), known.situation().state);
    let stays = left_over.iter().filter(|known| !goes(known));
    let stays: Vec<_> = stays.map(told).collect();
    plan.left_over.extend(stays);
    answer.machines = chosen
        .iter()
        .chain(&left_over)
        .map(|known| to_json(known, &compiled.folder))
        .collect();
    answer
        .extra
        .push(("plan", to_document(&plan, &compiled.sources)));
    let rows = plan.rows(&compiled.sources);
    if !plan.changes() && plan.refusals.is_empty() {
        session
            .ui
            .out("nothing to do: every machine runs as written");
    }
    if !rows.is_empty() {
        session.ui.out_table(&[], &rows);
    }
    if !plan.pending.is_empty() {
        session.ui.out_sentence(&closing(&plan, scene));
    }
    if let Some(removal) = removal(&plan, scene) {
        session.ui.out_sentence(&removal);
    }
    if !answer.has_errors() {
        answer.exit = Some(plan.exit_of_plan(arguments.detailed_exitcode));
    }
    // Differences are told in rows, and that a thing is there is no failure of looking at it.
    let in_rows = |finding: &Diagnostic| {
        !plan.pending.is_empty() && matches!(finding.rule.number, 3002 | 3005)
    };
    let refusals = plan.refusals.into_iter().map(|refusal| refusal.finding);
    let refusals: Vec<Diagnostic> = refusals.filter(|finding| !in_rows(finding)).collect();
    let refusals = refusals.into_iter();
    answer.findings.extend(refusals.map(|finding| {
        if is_there(&finding) {
            finding.as_warning()
        } else {
            finding
        }
    }));
    answer.findings.extend(plan.notes);
    Ok(())
}

fn closing(plan: &Plan, scene: &Scene) -> String {
    let worst = plan
        .pending
        .iter()
        .map(|(_, difference)| difference.class)
        .max();
    let lost = match worst {
        Some(Class::LosesData) => "what is in it is lost",
        _ => "nothing is lost",
    };
    let flag = worst.map_or("--apply", flag);
    let profiles = scene.project().profile_flags();
    format!("`vagrantp up{profiles} {flag}` does it; {lost}.")
}

/// What removes the machines that are left over.
fn removal(plan: &Plan, scene: &Scene) -> Option<String> {
    let names = plan.left_over.iter().map(|(name, _)| name.as_str());
    // Of another kind than before: its name means the new one too.
    let is_written = |name: &str| scene.project().all().any(|machine| machine.name == name);
    let (both, alone): (Vec<&str>, Vec<&str>) = names.partition(|name| is_written(name));
    Some(match (&alone[..], &both[..]) {
        ([], []) => return None,
        ([], _) => {
            let profiles = scene.project().profile_flags();
            format!("`vagrantp up{profiles} --recreate` replaces what is left over.")
        }
        _ => {
            let names: Vec<String> = alone.iter().map(|name| quoted(name)).collect();
            format!(
                "`vagrantp rm {}` removes what is left over.",
                names.join(" ")
            )
        }
    })
}

fn flag(class: Class) -> &'static str {
    match class {
        Class::Free | Class::Live => "--apply",
        Class::Recreate | Class::LosesData => "--recreate",
    }
}

fn to_document(plan: &Plan, sources: &Sources) -> Value {
    let steps = plan.steps.iter().map(|step| {
        let causes = step.causes.iter().map(|cause| {
            let span = cause.origin.and_then(|origin| origin.span());
            json!({"text": cause.text, "place": span.map(|span| sources.place(span))})
        });
        let causes: Vec<Value> = causes.collect();
        json!({"machine": step.machine, "action": step.action.verb(), "causes": causes})
    });
    let pending = plan.pending.iter().map(|(machine, difference)| {
        let span = difference.origin.span();
        let (from, to) = difference.sides();
        json!({
            "machine": machine,
            "setting": difference.setting,
            "from": from,
            "to": to,
            "needs": flag(difference.class),
            "loses_data": difference.class == Class::LosesData,
            "place": span.map(|span| sources.place(span)),
        })
    });
    let left_over = plan.left_over.iter();
    let left_over =
        left_over.map(|(machine, state)| json!({"machine": machine, "state": state.to_string()}));
    json!({
        "steps": steps.collect::<Vec<_>>(),
        "pending": pending.collect::<Vec<_>>(),
        "left_over": left_over.collect::<Vec<_>>(),
    })
}
