//! What makes a machine what it is: the settings whose change takes something to apply.

use super::Machine;
use crate::source::{Located, Origin};
use crate::value::{Choice, ImageRef, Kind};
use std::collections::BTreeMap;

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
        let network = self.networks.first();
        match network {
            Some(first) => put("network", first.name.to_string(), first.name.origin),
            None => put("network", "default".into(), Origin::Default),
        }
        if let Some(interface) = network.and_then(|first| first.interface.as_ref()) {
            put("network.interface", interface.to_string(), interface.origin);
        }
        if let Some(ip) = network.and_then(|first| first.ip.as_ref()) {
            put("network.ip", ip.to_string(), ip.origin);
        }
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
                put("init", self.init.word().into(), self.init.origin);
            }
            Kind::Vm => {
                put("box", self.box_name.to_string(), self.box_name.origin);
                put(
                    "disk-size",
                    self.disk_size.to_string(),
                    self.disk_size.origin,
                );
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
        facets
    }
}

fn listed<T: std::fmt::Display>(values: &[Located<T>]) -> String {
    let words: Vec<String> = values.iter().map(|value| value.value.to_string()).collect();
    words.join(",")
}
