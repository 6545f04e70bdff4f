//! What a project is called on this host, and with it its machines.

use super::reader::default;
use super::resolve::Place;
use crate::diagnostic::{Diagnostic, Sink};
use crate::settings::Dialect;
use crate::source::Located;
use crate::spec::compose::Composed;
use crate::spec::{Spec, Value};
use crate::value::{HostName, ObjectName};

/// What a name is made from where none is written.
pub struct Naming<'a> {
    /// The name that was made before, and is recorded.
    pub recorded: Option<HostName>,
    /// What tells this project from another of the same folder name.
    pub suffix: String,
    /// Whether another project has a name.
    pub taken: &'a dyn Fn(&HostName) -> bool,
}

/// The name in a `vagrantp.kdl` of the machine that has an id, or a name already: itself, where it can be one.
pub fn machine_name(id: &str) -> String {
    if ObjectName::parse(id).is_ok() && id != "host" {
        return id.to_owned();
    }
    let cut: String = format!("m-{id}").chars().take(HostName::MAX).collect();
    cut.trim_end_matches('-').to_owned()
}

/// The project's name; an empty one where a lone machine has an id of its own. Nothing where none can be
/// made, which is told.
pub fn base_name(
    spec: &Spec,
    composed: &[Composed],
    place: &Place,
    naming: &Naming,
    sink: &mut Sink,
) -> Option<Option<Located<HostName>>> {
    if let Some(name) = written(spec, sink) {
        return Some(Some(name));
    }
    let lone = composed.iter().find(|machine| machine.name.is_none());
    let id = lone.and_then(|machine| machine.spec.settings.get("id")?.last());
    if id.is_some_and(|id| {
        id.values
            .iter()
            .any(|value| matches!(value.value, Value::Name(_)))
    }) {
        return Some(None);
    }
    let folder = place.folder.file_name().unwrap_or_default();
    let folder = folder.to_string_lossy();
    let derived = naming.recorded.clone().or_else(|| {
        let name = HostName::derive(&folder)?;
        Some(match is_taken(&name, composed, naming) {
            true => name.with_suffix(&naming.suffix),
            false => name,
        })
    });
    if derived.is_none() && id.is_none() {
        let help = match spec.dialect {
            Dialect::Env => "add a line such as `INFRA_ID=blog`",
            Dialect::Kdl => "add a line such as `project blog`",
        };
        sink.push(
            Diagnostic::error(2207)
                .message(format!(
                    "No machine name can be made from the folder's name '{folder}'"
                ))
                .at(place.head)
                .help(help),
        );
        return None;
    }
    // A wrong one was told; any valid name lets the rest be judged.
    derived
        .or(HostName::derive("machine"))
        .map(default)
        .map(Some)
}

/// The name of `project`.
fn written(spec: &Spec, sink: &mut Sink) -> Option<Located<HostName>> {
    let word = spec.project.as_ref()?.name.as_ref()?;
    match HostName::parse(&word.text) {
        Ok(name) => Some(Located::new(name, word.origin)),
        Err(flaw) => {
            let origin = word.part(flaw.range.clone());
            let help = match &flaw.instead {
                Some(name) => format!("write `project {name}`"),
                None => flaw.help.clone(),
            };
            let finding = Diagnostic::error(2102)
                .message(format!("Invalid value for project: {}", flaw.message))
                .at_origin(origin)
                .label(flaw.label)
                .help(help);
            sink.push(match (flaw.fix, origin.span()) {
                (Some(fix), Some(span)) if word.verbatim => finding.fix(span, fix),
                _ => finding,
            });
            None
        }
    }
}

/// A project's name is taken where any of its machines' ids is.
fn is_taken(name: &HostName, composed: &[Composed], naming: &Naming) -> bool {
    composed.iter().any(|machine| match &machine.name {
        None => (naming.taken)(name),
        Some(own) => {
            HostName::parse(&format!("{name}-{}", own.text)).is_ok_and(|id| (naming.taken)(&id))
        }
    })
}
