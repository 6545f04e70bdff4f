//! What a machine is told to be in the way of what is asked for.

use super::difference::Difference;
use super::reconcile::Subject;
use super::situation::State;
use crate::call::quoted;
use crate::diagnostic::Diagnostic;
use crate::model::Machine;
use crate::settings::Class;
use crate::source::Origin;

pub(super) fn already_runs(subject: &Subject) -> Diagnostic {
    let target = target(subject);
    let mut refusal = Diagnostic::error(3001)
        .message(format!("Infrastructure '{}' already exists (state: running)", subject.id()))
        .help(format!(
            "enter it: vagrantp ssh{target}, stop it: vagrantp stop{target}, or take this as success: vagrantp up{target} --ensure"
        ));
    refusal.span = subject.origin().and_then(Origin::span);
    refusal
}

pub(super) fn runs_differently(subject: &Subject, left: &[Difference]) -> Diagnostic {
    let target = target(subject);
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
                "apply it: `vagrantp up{target} {flag}; or enter it as it is: vagrantp ssh{target}"
            )),
        subject,
        left,
    )
}

pub(super) fn stopped_differs(subject: &Subject, deep: &[Difference]) -> Diagnostic {
    let target = target(subject);
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
                "make it anew: `vagrantp up{target} --recreate` ({price}); or undo the change, then vagrantp up{target}"
            )),
        subject,
        deep,
    )
}

/// The differences as evidence, and the first of them as the place.
fn listing(mut refusal: Diagnostic, subject: &Subject, left: &[Difference]) -> Diagnostic {
    let place = left.iter().find_map(|difference| difference.origin.span());
    refusal.span = place;
    refusal.label = "differs".into();
    let given = subject.meant.and_then(|machine| machine.given.get(&place?));
    if let Some(given) = given {
        refusal = refusal.related("by what is given here", *given);
    }
    refusal.details(left.iter().map(ToString::to_string))
}

pub(super) fn not_created(subject: &Subject) -> Diagnostic {
    Diagnostic::error(1501)
        .message(format!("Machine '{}' does not exist", subject.id()))
        .help(format!("make it: vagrantp up{}", target(subject)))
}

/// Removing what is not there.
pub(super) fn nothing_to_remove(subject: &Subject) -> Diagnostic {
    not_created(subject).help(format!(
        "take this as success: vagrantp rm{} --ensure",
        target(subject)
    ))
}

pub(super) fn not_running(finding: Diagnostic, subject: &Subject, state: State) -> Diagnostic {
    let target = target(subject);
    finding
        .message(format!(
            "Machine '{}' is not running (state: {state})",
            subject.id()
        ))
        .help(match subject.meant {
            Some(_) => format!("start it: vagrantp up{target}, or remove it: vagrantp rm{target}"),
            // `up` has nothing to make it by.
            None => format!("remove it: vagrantp rm {}", quoted(subject.name)),
        })
}

pub(super) fn unknown_state(subject: &Subject, word: &str) -> Diagnostic {
    Diagnostic::error(3101)
        .message(format!(
            "The engine shows '{}' in the state '{word}', which vagrantp does not know",
            subject.id()
        ))
        .help(format!(
            "look at it: podman inspect {}, or remove it: vagrantp rm{} --force",
            subject.id(),
            target(subject)
        ))
}

/// The machine's name after a verb, where there is more than the one.
fn target(subject: &Subject) -> String {
    subject.meant.map(Machine::target).unwrap_or_default()
}
