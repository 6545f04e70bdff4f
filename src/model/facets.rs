//! What makes a machine what it is: what differs in nothing of it needs nothing done.

use super::{Attachment, Machine, Network};
use crate::call::quoted;
use crate::source::{Located, Origin};
use crate::value::{Choice, ImageRef, Kind, Restart};
use std::collections::BTreeMap;

/// What stands between a name and the digest of its value.
pub const SEAL: char = '#';

impl Machine {
    /// Every setting that makes the machine what it is, in its canonical form, with its place.
    /// Two machines with equal facets need nothing done to become each other.
    pub fn facets(&self) -> BTreeMap<&'static str, (String, Origin)> {
        let mut facets = BTreeMap::new();
        let mut put = |name, text: String, origin| {
            facets.insert(name, (text, origin));
        };
        put("kind", self.kind.word().into(), self.kind.origin);
        put("id", self.id.to_string(), self.id.origin);
        put("memory", self.memory.to_string(), self.memory.origin);
        put("cpus", self.cpus.to_string(), self.cpus.origin);
        put(
            "provider",
            self.provider.word().into(),
            self.provider.origin,
        );
        self.networks_into(&mut put);
        if let Some(first) = self.ports.first() {
            put("ports", listed(&self.ports), first.origin);
        }
        match self.kind.value {
            Kind::Container => {
                let image = match &self.image.value {
                    ImageRef::Registry(full) => full.clone(),
                    ImageRef::Containerfile(path) => path.clone(),
                };
                put("image", image, self.image.origin);
                let decides = self.command.first().map(|command| command.origin);
                let decides = decides.filter(|_| self.first_process() != self.init.value);
                let origin = decides.unwrap_or(self.init.origin);
                put("init", self.first_process().word().into(), origin);
            }
            Kind::Vm => {
                put("box", self.box_name.to_string(), self.box_name.origin);
                put(
                    "disk-size",
                    self.disk_size.to_string(),
                    self.disk_size.origin,
                );
                if let Some(first) = self.extra_disks.first() {
                    let disks = self.extra_disks.iter();
                    let disks = disks.map(|disk| format!("{} {}", disk.name, disk.size.value));
                    let disks = disks.collect::<Vec<_>>().join(", ");
                    put("extra-disk", disks, first.origin);
                }
            }
        }
        if let Some(user) = &self.user {
            put("ssh.user", user.to_string(), user.origin);
        }
        if let Some(key) = &self.key_file {
            put("ssh.key", key.display().to_string(), key.origin);
        }
        if let Some(first) = self.shares.first() {
            put("sync", listed(&self.shares), first.origin);
        }
        if let Some(first) = self.volumes.first() {
            put("volume", listed(&self.volumes), first.origin);
        }
        self.environment_into(&mut put);
        if let Some(hostname) = &self.hostname {
            put("hostname", hostname.to_string(), hostname.origin);
        }
        if self.restart.value != Restart::No {
            put("restart", self.restart.word().into(), self.restart.origin);
        }
        let lines = [
            ("command", &self.command),
            ("engine-args", &self.engine_args),
        ];
        for (setting, words) in lines {
            if let Some(first) = words.first() {
                put(setting, self.line(setting, words), first.origin);
            }
        }
        facets
    }

    fn networks_into(&self, put: &mut impl FnMut(&'static str, String, Origin)) {
        let Some(first) = self.networks.first() else {
            put("network", "default".into(), Origin::Default);
            return;
        };
        let names: Vec<String> = self.networks.iter().map(shown).collect();
        put("network", names.join(", "), first.name.origin);
        let several = self.networks.len() > 1;
        let mut each = |setting, of: &dyn Fn(&Attachment) -> Option<(String, Origin)>| {
            let all = self.networks.iter().filter_map(|network| {
                let (text, origin) = of(network)?;
                let name = &network.name.value;
                Some((
                    if several {
                        format!("{name} {text}")
                    } else {
                        text
                    },
                    origin,
                ))
            });
            let (texts, origins): (Vec<String>, Vec<Origin>) = all.unzip();
            if let Some(origin) = origins.first() {
                put(setting, texts.join(", "), *origin);
            }
        };
        each("network.interface", &|network| {
            let interface = network.interface.as_ref()?;
            Some((interface.to_string(), interface.origin))
        });
        each("network.ip", &|network| {
            let ip = network.ip.as_ref()?;
            Some((ip.to_string(), ip.origin))
        });
    }

    /// Values that may be secrets are there as digests, where they are sealed, and are never there themselves.
    fn environment_into(&self, put: &mut impl FnMut(&'static str, String, Origin)) {
        if let Some(first) = self.env.first() {
            let variables = self.env.iter().map(|variable| {
                let name = variable.name.as_str();
                match self.is_hidden(variable.value.origin) {
                    true => self.sealed(name),
                    false => format!("{name}={}", quoted(&variable.value)),
                }
            });
            let text = variables.collect::<Vec<_>>().join(", ");
            put("env", text, first.name.origin);
        }
        if let Some(first) = self.secrets.first() {
            let names = self.secrets.iter().map(|secret| self.sealed(&secret.name));
            let text = names.collect::<Vec<_>>().join(", ");
            put("secret", text, first.name.origin);
        }
    }

    fn sealed(&self, name: &str) -> String {
        match self.sealed.get(name) {
            Some(digest) => format!("{name}{SEAL}{digest}"),
            None => name.to_owned(),
        }
    }

    /// Words as a line, or its seal where a word came of `env.*`.
    fn line(&self, setting: &str, words: &[Located<String>]) -> String {
        if words.iter().any(|word| self.is_hidden(word.origin)) {
            return self.sealed(setting);
        }
        let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        words.join(" ")
    }
}

/// A network with what the project makes it as.
fn shown(attachment: &Attachment) -> String {
    let name = &attachment.name.value;
    match &attachment.own {
        Some(Network {
            subnet, internal, ..
        }) if subnet.is_some() || *internal => {
            let subnet = subnet.as_ref().map(|subnet| subnet.to_string());
            let internal = internal.then(|| "internal".to_owned());
            let parts: Vec<String> = subnet.into_iter().chain(internal).collect();
            format!("{name} ({})", parts.join(" "))
        }
        _ => name.to_string(),
    }
}

fn listed<T: std::fmt::Display>(values: &[Located<T>]) -> String {
    let words: Vec<String> = values.iter().map(|value| value.value.to_string()).collect();
    words.join(",")
}
