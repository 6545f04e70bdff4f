//! Spec → Project: precedence, in one function, and defaults.

use super::{Machine, MountedShare, Project, Provision};
use crate::diagnostic::{Diagnostic, Sink};
use crate::settings::{self, Takes};
use crate::source::{Located, Origin, Span};
use crate::spec::{MachineSpec, Value};
use crate::value::{
    Choice, HostName, ImageRef, Init, Kind, NetworkName, Provider, Size, expand_home,
};
use std::path::{Path, PathBuf};

/// What a name is made from where none is written.
pub struct Naming<'a> {
    /// The name that was made before, and is recorded.
    pub recorded: Option<HostName>,
    /// What tells this project from another of the same folder name.
    pub suffix: String,
    /// Whether another project has a name.
    pub taken: &'a dyn Fn(&HostName) -> bool,
}

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

/// Lays the layers over each other, lowest first, and completes the machine.
///
/// Where the kind is unknown, that has been told, and what follows from it is judged no further.
pub fn resolve(
    layers: Vec<MachineSpec>,
    place: &Place,
    naming: &Naming,
    sink: &mut Sink,
) -> Option<Project> {
    let mut spec = MachineSpec::default();
    for layer in layers {
        spec.overlay(layer);
    }
    let reader = Reader { spec: &spec, place };
    let known = reader.kind();
    if let Some(kind) = known {
        other_kind(&spec, kind, sink);
    }
    let id = reader.id(naming, sink);
    let provider = match known {
        Some(kind) => reader.provider(kind, sink),
        None => reader.written_provider(),
    };
    let provider = provider.unwrap_or(default(Provider::Podman));
    let kind = known.unwrap_or(default(provider.kind()));
    let provision = reader.provision(sink);
    let id = id?;
    let machine = Machine {
        name: id.to_string(),
        key: String::new(),
        kind,
        provider,
        memory: reader.size("memory"),
        cpus: reader.cpus(),
        disk_size: reader.size("disk-size"),
        networks: reader.networks(),
        ports: reader.all("ports", |value| match value {
            Value::Port(port) => Some(*port),
            _ => None,
        }),
        image: reader.image(),
        box_name: reader
            .text("box")
            .unwrap_or_else(|| default("std/debian".into())),
        init: reader.choice("init", Init::Auto, |value| match value {
            Value::Init(init) => Some(*init),
            _ => None,
        }),
        user: reader.one("ssh.user", |value| match value {
            Value::User(user) => Some(user.clone()),
            _ => None,
        }),
        key_file: reader.path("ssh.key"),
        shares: reader.all("sync", |value| match value {
            Value::Share(share) => Some(MountedShare {
                host: place.absolute(&share.host),
                written: share.clone(),
                masks: Vec::new(),
            }),
            _ => None,
        }),
        provisions: provision.into_iter().collect(),
        volumes: Vec::new(),
        extra_disks: Vec::new(),
        env: Vec::new(),
        secrets: Vec::new(),
        packages: Vec::new(),
        tags: Vec::new(),
        depends_on: Vec::new(),
        ready: None,
        restart: default(crate::value::Restart::No),
        command: None,
        hostname: None,
        boot_timeout: default(std::time::Duration::from_secs(300)),
        stop_timeout: default(std::time::Duration::from_secs(30)),
        autostart: default(true),
        engine_args: Vec::new(),
        instance: None,
        origin: kind.origin,
        unexpanded: std::collections::BTreeMap::new(),
        id,
    };
    Some(Project {
        folder: place.folder.to_owned(),
        file: place.file.to_owned(),
        dialect: crate::settings::Dialect::Env,
        name: None,
        profiles: Vec::new(),
        networks: Vec::new(),
        left_out: Vec::new(),
        tasks: Vec::new(),
        machines: vec![machine],
    })
}

/// A setting of the other kind is told and ignored.
fn other_kind(spec: &MachineSpec, kind: Located<Kind>, sink: &mut Sink) {
    for (name, written) in &spec.settings {
        let row = settings::by_name(name).expect("specs use the vocabulary");
        if row.kind.is_some_and(|only| only != kind.value) {
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

fn default<T>(value: T) -> Located<T> {
    Located::new(value, Origin::Default)
}

impl Place<'_> {
    /// A path as written, relative to the project's folder, without `.` parts.
    fn absolute(&self, written: &str) -> PathBuf {
        let path = self.folder.join(expand_home(written, self.home));
        path.components().collect()
    }
}

/// Typed reading of a merged spec.
struct Reader<'a> {
    spec: &'a MachineSpec,
    place: &'a Place<'a>,
}

impl Reader<'_> {
    fn one<T>(&self, setting: &str, take: impl Fn(&Value) -> Option<T>) -> Option<Located<T>> {
        let written = self.spec.settings.get(setting)?;
        let value = written.values.last()?;
        take(&value.value).map(|taken| Located::new(taken, value.origin))
    }

    fn all<T>(&self, setting: &str, take: impl Fn(&Value) -> Option<T>) -> Vec<Located<T>> {
        let values = self
            .spec
            .settings
            .get(setting)
            .map(|written| &written.values);
        let located = |value: &Located<Value>| {
            take(&value.value).map(|taken| Located::new(taken, value.origin))
        };
        values.into_iter().flatten().filter_map(located).collect()
    }

    fn choice<T>(
        &self,
        setting: &str,
        otherwise: T,
        take: impl Fn(&Value) -> Option<T>,
    ) -> Located<T> {
        self.one(setting, take)
            .unwrap_or_else(|| default(otherwise))
    }

    fn networks(&self) -> Vec<super::Attachment> {
        let mode = self.one("network", |value| match value {
            Value::Network(name) => Some(name.clone()),
            _ => None,
        });
        let ip = self.one("network.ip", |value| match value {
            Value::Ip(ip) => Some(*ip),
            _ => None,
        });
        let interface = self.text("network.interface");
        if mode.is_none() && ip.is_none() && interface.is_none() {
            return Vec::new();
        }
        vec![super::Attachment {
            name: mode.unwrap_or(default(NetworkName::Default)),
            interface,
            ip,
        }]
    }

    fn text(&self, setting: &str) -> Option<Located<String>> {
        self.one(setting, |value| match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        })
    }

    fn path(&self, setting: &str) -> Option<Located<PathBuf>> {
        let text = self.text(setting)?;
        Some(Located::new(self.place.absolute(&text.value), text.origin))
    }

    fn kind(&self) -> Option<Located<Kind>> {
        self.one("kind", |value| match value {
            Value::Kind(kind) => Some(*kind),
            _ => None,
        })
    }

    fn size(&self, setting: &str) -> Located<Size> {
        let row = settings::by_name(setting).expect("a row");
        let written = self.one(setting, |value| match value {
            Value::Size(size) => Some(*size),
            _ => None,
        });
        written.unwrap_or_else(|| {
            let (Takes::Size(rule), Some(text)) = (row.takes, row.default) else {
                unreachable!("sizes have a default");
            };
            default(Size::parse(text, rule.bare).expect("the table's default is a size"))
        })
    }

    fn cpus(&self) -> Located<u32> {
        self.choice("cpus", 2, |value| match value {
            Value::Count(count) => Some(*count),
            _ => None,
        })
    }

    fn image(&self) -> Located<ImageRef> {
        let row = settings::by_name("image").expect("a row");
        let stdlib = ImageRef::parse(row.default.unwrap_or_default());
        self.choice(
            "image",
            stdlib.expect("the table's default is an image"),
            |value| match value {
                Value::Image(ImageRef::Containerfile(path)) => {
                    let path = expand_home(path, self.place.home);
                    Some(ImageRef::Containerfile(path.to_string_lossy().into_owned()))
                }
                Value::Image(image) => Some(image.clone()),
                _ => None,
            },
        )
    }

    fn written_provider(&self) -> Option<Located<Provider>> {
        self.one("provider", |value| match value {
            Value::Provider(provider) => Some(*provider),
            _ => None,
        })
    }

    /// A vm must name its provider; a container's is Podman. A wrong one is judged no further.
    fn provider(&self, kind: Located<Kind>, sink: &mut Sink) -> Option<Located<Provider>> {
        let written = self.written_provider();
        let wrong = self.spec.settings.get("provider").is_some_and(|w| w.wrong);
        match (written, kind.value) {
            (Some(provider), kind_value) => {
                if provider.value.kind() != kind_value {
                    let offered = match kind_value {
                        Kind::Vm => "write `PROVIDER=libvirt` or `PROVIDER=virtualbox`",
                        Kind::Container => "write `PROVIDER=podman`, or remove the line",
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
                if !wrong {
                    sink.push(
                        Diagnostic::error(2201)
                            .message("PROVIDER is required for a vm")
                            .at_origin(kind.origin)
                            .label("a vm needs a provider")
                            .help("add a line `PROVIDER=libvirt` or `PROVIDER=virtualbox`"),
                    );
                }
                Some(default(Provider::Libvirt))
            }
        }
    }

    fn id(&self, naming: &Naming, sink: &mut Sink) -> Option<Located<HostName>> {
        let written = self.one("id", |value| match value {
            Value::Name(name) => Some(name.clone()),
            _ => None,
        });
        if written.is_some() {
            return written;
        }
        let folder = self.place.folder.file_name().unwrap_or_default();
        let folder = folder.to_string_lossy();
        let derived = naming.recorded.clone().or_else(|| {
            let name = HostName::derive(&folder)?;
            let taken = (naming.taken)(&name);
            Some(if taken {
                name.with_suffix(&naming.suffix)
            } else {
                name
            })
        });
        if derived.is_none() && !self.spec.settings.contains_key("id") {
            sink.push(
                Diagnostic::error(2207)
                    .message(format!(
                        "No machine name can be made from the folder's name '{folder}'"
                    ))
                    .at(self.place.head)
                    .help("add a line such as `INFRA_ID=blog`"),
            );
            return None;
        }
        // A wrong one was told; any valid name lets the rest be judged.
        derived.or(HostName::derive("machine")).map(default)
    }

    fn provision(&self, sink: &mut Sink) -> Option<Provision> {
        let playbook = self.path("provision");
        if playbook.is_none() {
            let needs = ["provision.vars-file", "provision.secret"];
            let orphan = |setting: &&str| self.spec.settings.contains_key(*setting);
            let wrong = self.spec.settings.get("provision").is_some_and(|w| w.wrong);
            for setting in needs.into_iter().filter(orphan).filter(|_| !wrong) {
                let key = &self.spec.settings[setting].key;
                sink.push(
                    Diagnostic::error(2205)
                        .message(format!("{} needs a playbook", key.value))
                        .at_origin(key.origin)
                        .help("add a line such as `PROVISIONING_PLAYBOOK=./site.yml`"),
                );
            }
        }
        Some(Provision {
            playbook: playbook?,
            vars_files: self.path("provision.vars-file").into_iter().collect(),
            vars: Vec::new(),
            secrets: self
                .all("provision.secret", |value| match value {
                    Value::Text(text) => Some(text.clone()),
                    _ => None,
                })
                .into_iter()
                .map(|name| super::Secret {
                    from: super::SecretSource::Variable(name.clone()),
                    name,
                })
                .collect(),
            only_tags: Vec::new(),
            dry_run: false,
        })
    }
}
