//! A project as a `vagrantp.kdl` that says all of it: nothing is left of defaults, templates, profiles and `count`.

use super::{Machine, Network, Project, Provision, Ready, ReadyProbe, Secret, SecretSource, Task};
use super::{Variable, naming::machine_name};
use crate::source::{Located, Origin, Span};
use crate::spec::expression::literal;
use crate::syntax::Literal;
use crate::syntax::kdl::write::{Node, write};
use crate::value::{Choice, ImageRef, Kind, Switch, show_duration};
use std::collections::HashSet;

/// The text. What nobody wrote stays unwritten, so that it says what is meant and not what this version assumes.
pub fn in_kdl(project: &Project) -> String {
    let mut nodes = Vec::new();
    if let Some(name) = &project.name
        && project.all().any(|machine| !machine.key.is_empty())
    {
        nodes.push(Node::new("project").name(name.as_str()));
    }
    nodes.extend(project.networks.iter().map(network));
    nodes.extend(project.machines.iter().map(|each| machine(each, false)));
    nodes.extend(needed(project).map(|each| machine(each, true)));
    nodes.extend(project.tasks.iter().map(task));
    write(&nodes, &[])
}

/// The machines that a profile leaves out and others depend on.
fn needed(project: &Project) -> impl Iterator<Item = &Machine> {
    let mut names: HashSet<&str> = HashSet::new();
    let mut open: Vec<&Machine> = project.machines.iter().collect();
    while let Some(machine) = open.pop() {
        for name in &machine.depends_on {
            let found = project.left_out.iter().find(|out| out.name == name.value);
            if let Some(found) = found
                && names.insert(&found.name)
            {
                open.push(found);
            }
        }
    }
    let left_out = project.left_out.iter();
    left_out.filter(move |machine| names.contains(&*machine.name))
}

fn network(network: &Network) -> Node {
    let mut inner = Vec::new();
    if let Some(subnet) = &network.subnet {
        inner.push(Node::new("subnet").value(&subnet.to_string()));
    }
    if network.internal {
        inner.push(Node::new("internal"));
    }
    let name = network.name.value.as_str();
    Node::new("network").name(name).children(inner)
}

fn task(task: &Task) -> Node {
    let mut node = Node::new("task").name(task.name.value.as_str());
    if let Some(machine) = &task.machine {
        node = node.named("in", machine);
    }
    let lines = task.run.iter();
    let text = |line: &Located<String>| match line
        .origin
        .span()
        .and_then(|span| task.unexpanded.get(&span))
    {
        Some(written) => written.clone(),
        None => literal(line),
    };
    node.children(
        lines
            .map(|line| Node::new("run").value(&text(line)))
            .collect(),
    )
}

fn machine(machine: &Machine, left_out: bool) -> Node {
    let name = machine_name(&machine.name);
    let mut writing = Writing {
        machine,
        nodes: Vec::new(),
    };
    writing.all(left_out);
    Node::new("machine").name(&name).children(writing.nodes)
}

struct Writing<'a> {
    machine: &'a Machine,
    nodes: Vec<Node>,
}

impl Writing<'_> {
    fn all(&mut self, left_out: bool) {
        let machine = self.machine;
        self.kind();
        if machine.id.span().is_some() || machine.key.is_empty() {
            self.nodes
                .push(Node::new("id").name(&self.text(&machine.id)));
        }
        self.one("memory", &machine.memory);
        if machine.cpus.origin != Origin::Default {
            let text = self.text(&machine.cpus);
            self.nodes.push(number(Node::new("cpus"), &text));
        }
        self.one("disk-size", &machine.disk_size);
        self.word("provider", &machine.provider);
        self.networks();
        self.list("ports", &machine.ports);
        if machine.kind.value == Kind::Container {
            self.word("init", &machine.init);
        }
        for each in machine.provisions.iter().filter(|each| each.is_written()) {
            let node = self.provision(each);
            self.nodes.push(node);
        }
        self.ssh();
        self.storage();
        self.environment();
        self.names("packages", &machine.packages);
        self.list("command", &machine.command);
        if let Some(hostname) = &machine.hostname {
            let node = Node::new("hostname").name(&self.text(hostname));
            self.nodes.push(node);
        }
        self.word("restart", &machine.restart);
        self.names("tags", &machine.tags);
        self.names("depends-on", &machine.depends_on);
        if let Some(ready) = &machine.ready {
            self.nodes.push(self.ready(ready));
        }
        for (setting, time) in [
            ("boot-timeout", &machine.boot_timeout),
            ("stop-timeout", &machine.stop_timeout),
        ] {
            if time.origin != Origin::Default {
                let text = self.shown(time.span(), show_duration(time.value));
                self.nodes.push(Node::new(setting).value(&text));
            }
        }
        match (left_out, machine.autostart.value, machine.autostart.origin) {
            (true, ..) | (_, false, _) => {
                let node = Node::new("autostart").name(Switch::Off.word());
                let why = " it comes up with what depends on it".to_owned();
                self.nodes.push(node.beside(left_out.then_some(why)));
            }
            (false, true, Origin::Default) => {}
            (false, true, _) => {
                let node = Node::new("autostart").name(Switch::On.word());
                self.nodes.push(node);
            }
        }
        if !machine.engine_args.is_empty() {
            let node = Node::new("engine-args").name(machine.provider.word());
            let args = machine.engine_args.iter();
            let node = args.fold(node, |node, arg| node.value(&self.text(arg)));
            self.nodes.push(node);
        }
    }

    /// A value as it is to be written: as it is written where it came of `env.*`.
    fn text<T: std::fmt::Display>(&self, value: &Located<T>) -> String {
        self.shown(value.span(), value.value.to_string())
    }

    fn shown(&self, span: Option<Span>, text: String) -> String {
        let written = span.and_then(|span| self.machine.unexpanded.get(&span));
        written.cloned().unwrap_or_else(|| literal(&text))
    }

    fn one<T: std::fmt::Display>(&mut self, setting: &str, value: &Located<T>) {
        if value.origin != Origin::Default {
            let node = Node::new(setting).value(&self.text(value));
            self.nodes.push(node);
        }
    }

    fn word<T: Choice>(&mut self, setting: &str, value: &Located<T>) {
        if value.origin != Origin::Default {
            let text = self.shown(value.span(), value.value.word().to_owned());
            self.nodes.push(Node::new(setting).name(&text));
        }
    }

    /// Several values of one written text are that text.
    fn list<T: std::fmt::Display>(&mut self, setting: &str, values: &[Located<T>]) {
        let mut texts: Vec<String> = Vec::new();
        let mut before = None;
        for value in values {
            let unexpanded = &self.machine.unexpanded;
            let span = value.span().filter(|span| unexpanded.contains_key(span));
            if span.is_none() || span != before {
                texts.push(self.text(value));
            }
            before = span;
        }
        if !texts.is_empty() {
            let node = Node::new(setting);
            let node = texts.iter().fold(node, |node, text| node.value(text));
            self.nodes.push(node);
        }
    }

    fn names<T: std::fmt::Display>(&mut self, setting: &str, values: &[Located<T>]) {
        if !values.is_empty() {
            let node = Node::new(setting);
            let node = values
                .iter()
                .fold(node, |node, value| node.name(&self.text(value)));
            self.nodes.push(node);
        }
    }

    fn kind(&mut self) {
        let machine = self.machine;
        let node = Node::new(machine.kind.word());
        let (origin, text) = match machine.kind.value {
            Kind::Container => match &machine.image.value {
                ImageRef::Registry(text) | ImageRef::Containerfile(text) => {
                    (machine.image.origin, text)
                }
            },
            Kind::Vm => (machine.box_name.origin, &machine.box_name.value),
        };
        self.nodes.push(match origin {
            Origin::Default => node,
            origin => node.value(&self.shown(origin.span(), text.clone())),
        });
    }

    fn networks(&mut self) {
        for network in &self.machine.networks {
            let name = network.name.value.to_string();
            let mut node = Node::new("network").name(&name);
            if let Some(interface) = &network.interface {
                node = node.named("interface", &self.text(interface));
            }
            if let Some(ip) = &network.ip {
                node = node.with("ip", &self.text(ip));
            }
            self.nodes.push(node);
        }
    }

    fn ssh(&mut self) {
        let machine = self.machine;
        if machine.user.is_none() && machine.key_file.is_none() {
            return;
        }
        let mut node = Node::new("ssh");
        if let Some(user) = &machine.user {
            node = node.named("user", &self.text(user));
        }
        if let Some(key) = &machine.key_file {
            let text = self.shown(key.span(), key.display().to_string());
            node = node.with("key", &text);
        }
        self.nodes.push(node);
    }

    fn storage(&mut self) {
        let read_only = |node: Node, is: bool| match is {
            true => node.child(Node::new("read-only")),
            false => node,
        };
        for share in &self.machine.shares {
            let written = &share.written;
            // A word that came of `env.*` and says both sides stays one.
            let whole = share.to == Origin::Default && self.machine.is_hidden(share.origin);
            let node = Node::new("sync").value(&self.shown(share.span(), written.host.clone()));
            let mut node = match whole {
                true => node,
                false => {
                    let to = self.shown(share.to.span(), written.guest.clone());
                    read_only(node.with("to", &to), written.read_only)
                }
            };
            if !share.masks.is_empty() {
                let masks = share.masks.iter();
                let node_of = Node::new("mask");
                let mask = masks.fold(node_of, |node, mask| node.value(&self.text(mask)));
                node = node.child(mask);
            }
            self.nodes.push(node);
        }
        for volume in &self.machine.volumes {
            let node = Node::new("volume").name(volume.name.as_str());
            let node = node.with("to", &self.text(&volume.to));
            self.nodes.push(read_only(node, volume.read_only));
        }
        for disk in &self.machine.extra_disks {
            let node = Node::new("extra-disk").name(disk.name.as_str());
            self.nodes.push(node.with("size", &self.text(&disk.size)));
        }
    }

    fn environment(&mut self) {
        if !self.machine.env.is_empty() {
            let node = self.pairs(Node::new("env"), &self.machine.env);
            self.nodes.push(node);
        }
        let secrets = self.machine.secrets.iter();
        self.nodes.extend(secrets.map(secret));
    }

    fn ready(&self, ready: &Ready) -> Node {
        let probe = ready.probe.span();
        let node = match &ready.probe.value {
            ReadyProbe::Port(port) => match self.shown(probe, port.to_string()) {
                text if is_number(&text) => Node::new("ready").with_literal("port", &text),
                text => Node::new("ready").with("port", &text),
            },
            ReadyProbe::Command(line) => {
                Node::new("ready").with("command", &self.shown(probe, line.clone()))
            }
        };
        let within = show_duration(ready.within.value);
        node.with("within", &self.shown(ready.within.span(), within))
    }

    fn pairs(&self, node: Node, pairs: &[Variable]) -> Node {
        pairs.iter().fold(node, |node, pair| {
            let text = self.text(&pair.value);
            match pair.literal {
                Literal::Number if is_number(&text) => node.with_literal(&pair.name, &text),
                Literal::Keyword => node.with_literal(&pair.name, &format!("#{text}")),
                Literal::Number | Literal::Text => node.with(&pair.name, &text),
            }
        })
    }

    fn provision(&self, provision: &Provision) -> Node {
        let mut inner = Vec::new();
        for file in &provision.vars_files {
            let text = self.shown(file.span(), file.display().to_string());
            inner.push(Node::new("vars-file").value(&text));
        }
        if !provision.vars.is_empty() {
            inner.push(self.pairs(Node::new("vars"), &provision.vars));
        }
        inner.extend(provision.secrets.iter().map(secret));
        if !provision.only_tags.is_empty() {
            let tags = provision.only_tags.iter();
            let node = Node::new("only-tags");
            inner.push(tags.fold(node, |node, tag| node.value(&self.text(tag))));
        }
        if provision.dry_run {
            inner.push(Node::new("dry-run"));
        }
        let playbook = &provision.playbook;
        let text = self.shown(playbook.span(), playbook.display().to_string());
        Node::new("provision").value(&text).children(inner)
    }
}

fn secret(secret: &Secret) -> Node {
    let node = Node::new("secret").name(&secret.name);
    match &secret.from {
        SecretSource::Variable(name) if name.value == secret.name.value => node,
        SecretSource::Variable(name) => node.named("from", name),
        SecretSource::File(path) => node.with("file", &literal(&path.display().to_string())),
    }
}

fn number(node: Node, text: &str) -> Node {
    match is_number(text) {
        true => node.literal(text),
        false => node.value(text),
    }
}

fn is_number(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    match unsigned.split_once('.') {
        Some((whole, part)) => digits(whole) && digits(part),
        None => digits(unsigned),
    }
}
