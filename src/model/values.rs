//! Every value of a machine as text, with where it came from: what `config` shows.

use super::{Machine, Provision, Secret, SecretSource, Variable};
use crate::source::{Located, Origin};
use crate::value::{Choice, ImageRef, Init, Kind, Switch, show_duration};
use std::fmt::Display;

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved {
    /// Its setting's name.
    pub setting: &'static str,
    /// As it would be written.
    pub text: String,
    /// Where it came from.
    pub origin: Origin,
}

impl Machine {
    /// Every value, defaults too, in the order of the settings' table; a list has one for each of its
    /// items, and an item's parts follow it.
    pub fn values(&self) -> Vec<Resolved> {
        let mut all = List {
            machine: self,
            values: Vec::new(),
        };
        all.put("kind", self.kind.word(), self.kind.origin);
        all.put("id", &self.id.value, self.id.origin);
        all.put("memory", self.memory.value, self.memory.origin);
        all.put("cpus", self.cpus.value, self.cpus.origin);
        all.put("disk-size", self.disk_size.value, self.disk_size.origin);
        all.put("provider", self.provider.word(), self.provider.origin);
        all.networks();
        all.each("ports", &self.ports);
        match self.kind.value {
            Kind::Container => {
                let full = match &self.image.value {
                    ImageRef::Registry(full) => full,
                    ImageRef::Containerfile(path) => path,
                };
                all.put("image", full, self.image.origin);
                all.put("init", self.init.word(), self.init.origin);
            }
            Kind::Vm => all.put("box", &self.box_name.value, self.box_name.origin),
        }
        for provision in self.provisions.iter().filter(|it| it.is_written()) {
            all.provision(provision);
        }
        let user = self
            .user
            .as_ref()
            .map_or(Origin::Default, |user| user.origin);
        if self.first_process() != Init::Image {
            all.put("ssh.user", self.login(), user);
        }
        if let Some(key) = &self.key_file {
            all.put("ssh.key", key.display(), key.origin);
        }
        for share in &self.shares {
            all.told("sync", self.shown_share(share), share.origin);
        }
        all.storage();
        all.pairs("env", &self.env);
        all.secrets("secret", "secret.from", "secret.file", &self.secrets);
        all.each("packages", &self.packages);
        all.command();
        if let Some(hostname) = &self.hostname {
            all.put("hostname", &hostname.value, hostname.origin);
        }
        all.put("restart", self.restart.word(), self.restart.origin);
        all.each("tags", &self.tags);
        all.each("depends-on", &self.depends_on);
        if let Some(ready) = &self.ready {
            all.told("ready", self.shown_ready(ready), ready.origin);
        }
        let boot = &self.boot_timeout;
        all.put("boot-timeout", show_duration(boot.value), boot.origin);
        let stop = &self.stop_timeout;
        all.put("stop-timeout", show_duration(stop.value), stop.origin);
        let autostart = match self.autostart.value {
            true => Switch::On,
            false => Switch::Off,
        };
        all.put("autostart", autostart.word(), self.autostart.origin);
        all.each("engine-args", &self.engine_args);
        all.values
    }
}

struct List<'a> {
    machine: &'a Machine,
    values: Vec<Resolved>,
}

impl List<'_> {
    /// A value; as it is written where it came of `env.*`.
    fn put(&mut self, setting: &'static str, text: impl Display, origin: Origin) {
        self.told(setting, self.machine.shown(origin, text), origin);
    }

    /// A value as it is shown.
    fn told(&mut self, setting: &'static str, text: String, origin: Origin) {
        self.values.push(Resolved {
            setting,
            text,
            origin,
        });
    }

    fn each<T: Display>(&mut self, setting: &'static str, values: &[Located<T>]) {
        for value in values {
            self.put(setting, &value.value, value.origin);
        }
    }

    fn networks(&mut self) {
        let networks = &self.machine.networks;
        if networks.is_empty() {
            self.put("network", "default", Origin::Default);
        }
        for network in networks {
            self.put("network", &network.name.value, network.name.origin);
            self.each("network.interface", network.interface.as_slice());
            self.each("network.ip", network.ip.as_slice());
        }
    }

    fn storage(&mut self) {
        for volume in &self.machine.volumes {
            self.told("volume", self.machine.shown_volume(volume), volume.origin);
        }
        for disk in &self.machine.extra_disks {
            self.told("extra-disk", self.machine.shown_disk(disk), disk.origin);
        }
    }

    fn command(&mut self) {
        let words = self.machine.command.iter().map(|word| {
            let written = word
                .span()
                .and_then(|span| self.machine.unexpanded.get(&span));
            written.unwrap_or(&word.value).as_str()
        });
        let text = words.collect::<Vec<_>>().join(" ");
        if let Some(first) = self.machine.command.first() {
            self.values.push(Resolved {
                setting: "command",
                text,
                origin: first.origin,
            });
        }
    }

    fn pairs(&mut self, setting: &'static str, variables: &[Variable]) {
        for Variable { name, value, .. } in variables {
            let written = value
                .span()
                .and_then(|span| self.machine.unexpanded.get(&span));
            let shown = written.unwrap_or(&value.value);
            let text = format!("{}={shown}", name.value);
            self.put(setting, text, name.origin);
        }
    }

    fn secrets(
        &mut self,
        setting: &'static str,
        from: &'static str,
        file: &'static str,
        secrets: &[Secret],
    ) {
        for secret in secrets {
            self.put(setting, &secret.name.value, secret.name.origin);
            match &secret.from {
                SecretSource::Variable(name) if name.value == secret.name.value => {}
                SecretSource::Variable(name) => self.put(from, &name.value, name.origin),
                SecretSource::File(path) => self.put(file, path.display(), path.origin),
            }
        }
    }

    fn provision(&mut self, provision: &Provision) {
        let playbook = &provision.playbook;
        self.put("provision", playbook.display(), playbook.origin);
        for file in &provision.vars_files {
            self.put("provision.vars-file", file.display(), file.origin);
        }
        self.pairs("provision.vars", &provision.vars);
        let (name, from) = ("provision.secret", "provision.secret.from");
        self.secrets(name, from, from, &provision.secrets);
        self.each("provision.only-tags", &provision.only_tags);
        if provision.dry_run {
            self.put("provision.dry-run", "", playbook.origin);
        }
    }
}
