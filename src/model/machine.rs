//! One composed machine → [`Machine`]: every setting, or its default.

use super::lacking::lacking;
use super::reader::{Reader, default};
use super::ready::ready;
use super::{
    Attachment, ExtraDisk, Instance, Machine, MountedShare, Secret, SecretSource, Volume, provision,
};
use crate::settings;
use crate::source::{Located, Origin};
use crate::spec::{Value, Written};
use crate::value::{
    HostName, ImageRef, Init, Kind, NetworkName, ObjectName, Provider, Restart, Share, Size,
    Switch, expand_home,
};
use std::collections::BTreeMap;

/// What is settled before the rest is read.
pub struct Settled {
    /// Its name in the project.
    pub name: String,
    /// Its key in the state folder.
    pub key: String,
    /// The instance id.
    pub id: Located<HostName>,
    /// What it is.
    pub kind: Located<Kind>,
    /// What it is without what overrides that.
    pub turned_from: Option<Kind>,
    /// What runs it.
    pub provider: Located<Provider>,
    /// Which of how many.
    pub instance: Option<Instance>,
    /// Where it is written.
    pub origin: crate::source::Origin,
}

/// Completes a machine.
pub fn machine(settled: Settled, reader: &Reader) -> Machine {
    let provider = settled.provider.value;
    Machine {
        memory: reader.size("memory"),
        cpus: reader.choice("cpus", 2, |value| match value {
            Value::Count(count) => Some(*count),
            _ => None,
        }),
        disk_size: reader.size("disk-size"),
        networks: networks(reader),
        ports: reader.all("ports", |value| match value {
            Value::Port(port) => Some(*port),
            _ => None,
        }),
        image: image(reader),
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
        shares: shares(reader),
        provisions: provision::provisions(reader),
        volumes: volumes(reader),
        extra_disks: extra_disks(reader),
        env: pairs(reader, "env"),
        secrets: secrets(reader, "secret", "secret.from", "secret.file"),
        packages: reader.texts("packages"),
        tags: reader.all("tags", object),
        depends_on: reader.texts("depends-on"),
        ready: ready(reader),
        restart: reader.choice("restart", Restart::No, |value| match value {
            Value::Restart(restart) => Some(*restart),
            _ => None,
        }),
        command: command(reader),
        hostname: reader.one("hostname", |value| match value {
            Value::Name(name) => Some(name.clone()),
            _ => None,
        }),
        boot_timeout: reader.duration("boot-timeout"),
        stop_timeout: reader.duration("stop-timeout"),
        autostart: reader.choice("autostart", true, |value| match value {
            Value::Switch(switch) => Some(*switch == Switch::On),
            _ => None,
        }),
        engine_args: reader.all("engine-args", |value| match value {
            Value::EngineArg(engine, text) if *engine == provider => Some(text.clone()),
            _ => None,
        }),
        name: settled.name,
        key: settled.key,
        id: settled.id,
        lacking: lacking(reader.settings, settled.kind.value),
        kind: settled.kind,
        turned_from: settled.turned_from,
        provider: settled.provider,
        instance: settled.instance,
        origin: settled.origin,
        place: 0,
        unexpanded: BTreeMap::new(),
        given: BTreeMap::new(),
        sealed: BTreeMap::new(),
    }
}

fn object(value: &Value) -> Option<ObjectName> {
    match value {
        Value::Object(name) => Some(name.clone()),
        _ => None,
    }
}

/// A `.env` writes the parts of its one network beside it: they are those of the last one named.
fn networks(reader: &Reader) -> Vec<Attachment> {
    let ip = |reader: &Reader| {
        reader.one("network.ip", |value| match value {
            Value::Ip(ip) => Some(*ip),
            _ => None,
        })
    };
    let name = |item: &Written| {
        let value = item.values.last()?;
        match &value.value {
            Value::Network(name) => Some(Located::new(name.clone(), value.origin)),
            _ => None,
        }
    };
    let mut networks: Vec<Attachment> = reader
        .items("network")
        .filter_map(|item| {
            let parts = reader.parts(item);
            Some(Attachment {
                name: name(item)?,
                own: None,
                interface: parts.text("network.interface"),
                ip: ip(&parts),
            })
        })
        .collect();
    let (beside, interface) = (ip(reader), reader.text("network.interface"));
    if beside.is_none() && interface.is_none() {
        return networks;
    }
    if networks.is_empty() {
        networks.push(Attachment {
            name: default(NetworkName::Default),
            own: None,
            interface: None,
            ip: None,
        });
    }
    if let Some(last) = networks.last_mut() {
        last.ip = higher(beside, last.ip.take());
        last.interface = higher(interface, last.interface.take());
    }
    networks
}

/// What stands beside a network comes of a `.env`, the lowest layer, or overrides all of them.
fn higher<T>(beside: Option<Located<T>>, own: Option<Located<T>>) -> Option<Located<T>> {
    let overrides = |value: &Located<T>| matches!(value.origin, Origin::Env(_) | Origin::Flag(_));
    match beside {
        Some(beside) if own.is_none() || overrides(&beside) => Some(beside),
        _ => own,
    }
}

fn image(reader: &Reader) -> Located<ImageRef> {
    let row = settings::of("image");
    let stdlib = ImageRef::parse(row.default.unwrap_or_default());
    reader.choice(
        "image",
        stdlib.expect("the table's default is an image"),
        |value| match value {
            Value::Image(ImageRef::Containerfile(path)) => {
                let path = expand_home(path, reader.place.home);
                Some(ImageRef::Containerfile(path.to_string_lossy().into_owned()))
            }
            Value::Image(image) => Some(image.clone()),
            _ => None,
        },
    )
}

fn shares(reader: &Reader) -> Vec<Located<MountedShare>> {
    let mut shares = Vec::new();
    for item in reader.items("sync") {
        let parts = reader.parts(item);
        if parts.is_wrong("sync.to") {
            continue;
        }
        for value in &item.values {
            let Value::Share(share) = &value.value else {
                continue;
            };
            let to = parts.text("sync.to");
            let origin = to.as_ref().map_or(Origin::Default, |to| to.origin);
            let written = Share {
                guest: to.map_or_else(|| share.guest.clone(), |to| to.value),
                read_only: share.read_only || parts.is_written("sync.read-only"),
                ..share.clone()
            };
            let share = MountedShare {
                host: reader.place.absolute(&written.host),
                to: origin,
                masks: parts.texts("sync.mask"),
                written,
            };
            shares.push(Located::new(share, value.origin));
        }
    }
    shares
}

fn volumes(reader: &Reader) -> Vec<Located<Volume>> {
    let volume = |item| {
        let parts = reader.parts(item);
        let value = item.values.last()?;
        let volume = Volume {
            name: object(&value.value)?,
            to: parts.text("volume.to")?,
            read_only: parts.is_written("volume.read-only"),
        };
        Some(Located::new(volume, value.origin))
    };
    reader.items("volume").filter_map(volume).collect()
}

fn extra_disks(reader: &Reader) -> Vec<Located<ExtraDisk>> {
    let disk = |item| {
        let parts = reader.parts(item);
        let value = item.values.last()?;
        let size = parts.one("extra-disk.size", |value| match value {
            Value::Size(size) => Some(*size),
            _ => None,
        });
        let disk = ExtraDisk {
            name: object(&value.value)?,
            size: size.unwrap_or(default(Size::mib(10 * 1024))),
        };
        Some(Located::new(disk, value.origin))
    };
    reader.items("extra-disk").filter_map(disk).collect()
}

pub(super) fn pairs(reader: &Reader, setting: &str) -> Vec<super::Variable> {
    let pair = |value: &Value| match value {
        Value::Pair(variable) => Some(variable.clone()),
        _ => None,
    };
    let all = reader.all(setting, pair);
    all.into_iter().map(|pair| pair.value).collect()
}

pub(super) fn secrets(reader: &Reader, setting: &str, from: &str, file: &str) -> Vec<Secret> {
    let mut secrets = Vec::new();
    for item in reader.items(setting) {
        let parts = reader.parts(item);
        for value in &item.values {
            let Value::Text(name) = &value.value else {
                continue;
            };
            let name = Located::new(name.clone(), value.origin);
            let variable = parts.text(from).unwrap_or_else(|| name.clone());
            let from = match parts.path(file) {
                Some(path) => SecretSource::File(path),
                None => SecretSource::Variable(variable),
            };
            secrets.push(Secret { name, from });
        }
    }
    secrets
}

fn command(reader: &Reader) -> Vec<Located<String>> {
    let words = |item: &Written| {
        let words = item.values.iter();
        let word = |value: &Located<Value>| {
            let text = super::reader::text(&value.value)?;
            Some(Located::new(text, value.origin))
        };
        words.filter_map(word).collect()
    };
    reader
        .items("command")
        .last()
        .map(words)
        .unwrap_or_default()
}
