//! Spec → Project: names, kinds and providers; the rest of each machine is in [`super::machine`].

use super::machine::{Settled, machine};
use super::naming::{Naming, base_name};
use super::network::{attach, networks};
use super::reader::{Reader, default};
use super::{Instance, Machine, Project, Task};
use super::{provision, ready};
use crate::diagnostic::{Diagnostic, Sink};
use crate::settings::{self, Dialect};
use crate::source::{Located, Origin, Span};
use crate::spec::compose::Composed;
use crate::spec::{Spec, Value};
use crate::syntax::Word;
use crate::syntax::kdl::is_pattern;
use crate::value::{Choice, HostName, Kind, ObjectName, Provider, expand_home};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// Where the project stands.
pub struct Place<'a> {
    /// The project's folder.
    pub folder: &'a Path,
    /// The configuration file's name in it.
    pub file: &'a str,
    /// The caller's home folder.
    pub home: Option<&'a Path>,
    /// The first line of the configuration, for what is missing altogether.
    pub head: Span,
}

impl Place<'_> {
    /// A path as written, relative to the project's folder, without `.` parts.
    pub fn absolute(&self, written: &str) -> PathBuf {
        let path = self.folder.join(expand_home(written, self.home));
        path.components().collect()
    }
}

/// Completes the machines that were composed under these profiles.
///
/// Where a kind is unknown, that has been told, and what follows from it is judged no further.
pub fn resolve(
    spec: &Spec,
    composed: &[Composed],
    profiles: &[String],
    place: &Place,
    naming: &Naming,
    sink: &mut Sink,
) -> Option<Project> {
    let base = base_name(spec, composed, place, naming, sink)?;
    let resolving = Resolving {
        spec,
        place,
        base: &base,
    };
    let (mut machines, mut left_out) = (Vec::new(), Vec::new());
    for (place, composed) in composed.iter().enumerate() {
        let Some(mut machine) = resolving.machine(composed, sink) else {
            continue;
        };
        machine.place = place;
        match composed.left_out {
            true => left_out.push(machine),
            false => machines.push(machine),
        }
    }
    let mut project = Project {
        folder: place.folder.to_owned(),
        file: place.file.to_owned(),
        dialect: spec.dialect,
        name: base,
        profiles: profiles.to_owned(),
        networks: networks(spec, sink),
        machines,
        left_out,
        default_profile: spec
            .project
            .as_ref()
            .and_then(|project| project.default_profile.as_ref())
            .map(|word| word.text.clone()),
        tasks: tasks(spec),
        headings: headings(spec),
    };
    depend(&mut project);
    attach(&mut project);
    Some(project)
}

/// A `count` that others wait for stands for all of its machines.
fn depend(project: &mut Project) {
    let mut nodes: HashMap<String, Vec<String>> = HashMap::new();
    for machine in project.all() {
        if let Some(instance) = &machine.instance {
            let names = nodes.entry(instance.node.clone()).or_default();
            names.push(machine.name.clone());
        }
    }
    for machine in project.machines.iter_mut().chain(&mut project.left_out) {
        let mut all: Vec<Located<String>> = Vec::new();
        for wanted in std::mem::take(&mut machine.depends_on) {
            let names = nodes.get(&wanted.value).cloned();
            let names = names.unwrap_or_else(|| vec![wanted.value.clone()]);
            for name in names {
                if name != machine.name && all.iter().all(|there| there.value != name) {
                    all.push(Located::new(name, wanted.origin));
                }
            }
        }
        machine.depends_on = all;
    }
}

fn tasks(spec: &Spec) -> Vec<Task> {
    let located = |word: &Word| Located::new(word.text.clone(), word.origin);
    let task = |node: &crate::syntax::document::TaskNode| {
        let name = ObjectName::parse(&node.name.text).ok()?;
        Some(Task {
            name: Located::new(name, node.name.origin),
            machine: node.machine.as_ref().map(located),
            run: node.run.iter().map(located).collect(),
            unexpanded: BTreeMap::new(),
        })
    };
    spec.tasks.iter().filter_map(task).collect()
}

fn headings(spec: &Spec) -> BTreeMap<Span, String> {
    let templates = spec.templates.iter().map(|node| &node.name);
    let profiles = spec.profiles.iter().map(|node| &node.name);
    let names = templates.chain(profiles);
    names
        .filter_map(|name| Some((name.origin.span()?, name.text.clone())))
        .collect()
}

struct Resolving<'a> {
    spec: &'a Spec,
    place: &'a Place<'a>,
    base: &'a Option<Located<HostName>>,
}

impl Resolving<'_> {
    fn machine(&self, composed: &Composed, sink: &mut Sink) -> Option<Machine> {
        let reader = Reader {
            settings: &composed.spec.settings,
            place: self.place,
        };
        let known = reader.one("kind", |value| match value {
            Value::Kind(kind) => Some(*kind),
            _ => None,
        });
        if known.is_none() && composed.name.is_some() && !composed.incomplete {
            kindless(composed, sink);
        }
        let turned_from = composed.own_kind.filter(|own| composed.kind != Some(*own));
        // Whoever turns it around has written it for the kind that it was.
        if let Some(kind) = known.filter(|_| turned_from.is_none()) {
            other_kind(&reader, kind, sink);
        }
        let id = self.id(composed, &reader, sink)?;
        let provider = match known {
            Some(kind) => self.provider(&reader, kind, sink),
            None => written_provider(&reader),
        };
        let provider = provider.unwrap_or(default(Provider::Podman));
        let kind = known.unwrap_or(default(provider.kind()));
        self.orphans(&reader, sink);
        ready::judge(&reader, sink);
        let name = composed.name.as_ref().map(|name| name.text.clone());
        let settled = Settled {
            key: name.clone().unwrap_or_default(),
            name: name.unwrap_or_else(|| id.to_string()),
            id,
            kind,
            turned_from,
            provider,
            instance: composed
                .instance
                .as_ref()
                .map(|(node, index, count)| Instance {
                    node: node.clone(),
                    index: *index,
                    count: *count,
                }),
            origin: match composed.origin {
                Origin::Default => kind.origin,
                origin => origin,
            },
        };
        let mut machine = machine(settled, &reader);
        machine.unexpanded.clone_from(&composed.spec.unexpanded);
        machine.given.clone_from(&composed.spec.given);
        Some(machine)
    }

    /// A machine's id: its own, else made of the project's name and its own.
    fn id(
        &self,
        composed: &Composed,
        reader: &Reader,
        sink: &mut Sink,
    ) -> Option<Located<HostName>> {
        let written = reader.one("id", |value| match value {
            Value::Name(name) => Some(name.clone()),
            _ => None,
        });
        let Some(name) = &composed.name else {
            return written.or(self.base.clone());
        };
        if written.is_some() {
            return written;
        }
        let base = self.base.as_ref()?;
        let text = format!("{}-{}", base.value, name.text);
        match HostName::parse(&text) {
            Ok(id) => Some(default(id)),
            // A name that is none was told where it is written.
            Err(_) if ObjectName::parse(&name.text).is_err() => None,
            // Of a `count` the last is the longest.
            Err(_)
                if composed
                    .instance
                    .as_ref()
                    .is_some_and(|(_, index, count)| index < count) =>
            {
                None
            }
            Err(_) => {
                sink.push(
                    Diagnostic::error(2609)
                        .message(format!(
                            "The id '{text}' is longer than {} characters",
                            HostName::MAX
                        ))
                        .at_origin(name.origin)
                        .label(format!("with it {} characters", text.len()))
                        .related("the project's name is in it", base.origin)
                        .help(match composed.instance {
                            Some(_) => "shorten its name or the project's",
                            None => "shorten its name or the project's, or write an `id`",
                        }),
                );
                None
            }
        }
    }

    /// A vm must name its provider; a container's is Podman. A wrong one is judged no further.
    fn provider(
        &self,
        reader: &Reader,
        kind: Located<Kind>,
        sink: &mut Sink,
    ) -> Option<Located<Provider>> {
        let row = settings::of("provider");
        let dialect = self.spec.dialect;
        let write = |provider: &str| format!("`{}`", dialect.write(row, provider));
        match (written_provider(reader), kind.value) {
            (Some(provider), kind_value) => {
                if provider.value.kind() != kind_value {
                    let offered = match kind_value {
                        Kind::Vm => {
                            format!("write {} or {}", write("libvirt"), write("virtualbox"))
                        }
                        Kind::Container => format!("write {}, or remove the line", write("podman")),
                    };
                    sink.push(
                        Diagnostic::error(2203)
                            .message(format!(
                                "Provider '{}' cannot run a {}",
                                provider.word(),
                                kind_value.word()
                            ))
                            .at_origin(provider.origin)
                            .related("the kind is set here", kind.origin)
                            .help(offered),
                    );
                }
                Some(provider)
            }
            (None, Kind::Container) => Some(default(Provider::Podman)),
            (None, Kind::Vm) => {
                if !reader.is_wrong("provider") {
                    let add = match dialect {
                        Dialect::Env => "add a line",
                        Dialect::Kdl => "add",
                    };
                    sink.push(
                        Diagnostic::error(2201)
                            .message(format!("{} is required for a vm", dialect.name(row)))
                            .at_origin(kind.origin)
                            .label("a vm needs a provider")
                            .help(format!(
                                "{add} {} or {}",
                                write("libvirt"),
                                write("virtualbox")
                            )),
                    );
                }
                Some(default(Provider::Libvirt))
            }
        }
    }

    /// What goes with a playbook and stands beside none: a script is given nothing.
    fn orphans(&self, reader: &Reader, sink: &mut Sink) {
        if reader.is_wrong("provision") || provision::has_playbook(reader) {
            return;
        }
        let help = match reader.is_written("provision") {
            true => "remove the line: a script is given no variables",
            false => "add a line such as `PROVISIONING_PLAYBOOK=./site.yml`",
        };
        let needs = ["provision.vars-file", "provision.secret"];
        for item in needs
            .into_iter()
            .filter_map(|setting| reader.items(setting).next())
        {
            sink.push(
                Diagnostic::error(2205)
                    .message(format!("{} needs a playbook", item.key.value))
                    .at_origin(item.key.origin)
                    .help(help),
            );
        }
    }
}

fn written_provider(reader: &Reader) -> Option<Located<Provider>> {
    reader.one("provider", |value| match value {
        Value::Provider(provider) => Some(*provider),
        _ => None,
    })
}

fn kindless(composed: &Composed, sink: &mut Sink) {
    // What is no name was told, and is no machine.
    if composed
        .name
        .as_ref()
        .is_some_and(|name| is_pattern(&name.text))
    {
        return;
    }
    let name = composed.instance.as_ref().map(|(node, ..)| node.as_str());
    let name = name.or(composed.name.as_ref().map(|name| name.text.as_str()));
    sink.push(
        Diagnostic::error(2003)
            .message(format!(
                "Machine '{}' is neither a vm nor a container",
                name.unwrap_or_default()
            ))
            .at_origin(composed.origin)
            .help("write `container` or `vm` in it"),
    );
}

/// A setting of the other kind is told and ignored; what is written for many is for those that it fits.
fn other_kind(reader: &Reader, kind: Located<Kind>, sink: &mut Sink) {
    let all = reader
        .settings
        .iter()
        .flat_map(|(name, items)| items.iter().map(move |item| (name, item)));
    for (name, written) in all {
        let own = matches!(
            written.key.origin,
            Origin::Written(_) | Origin::Env(_) | Origin::Flag(_)
        );
        let row = settings::of(name);
        if own && row.is_foreign_to(kind.value) {
            sink.push(
                Diagnostic::warning(2202)
                    .message(format!(
                        "{} is ignored: this is a {}",
                        written.key.value,
                        kind.word()
                    ))
                    .at_origin(written.key.origin)
                    .related("the kind is set here", kind.origin)
                    .help("remove the line"),
            );
        }
    }
}
