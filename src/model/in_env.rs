//! A project of one machine as a `.env`, where a `.env` can say all of it.

use super::{Machine, Project, Resolved, SecretSource};
use crate::diagnostic::Diagnostic;
use crate::settings::{self, Dialect};
use crate::source::{Located, Origin};
use crate::spec::expression::literal;
use crate::value::NetworkName;

/// The text; else what a `.env` cannot say, each at its place.
///
/// # Errors
/// When it cannot say all of the project.
pub fn in_env(project: &Project) -> Result<String, Vec<Diagnostic>> {
    let [machine] = &project.machines[..] else {
        let message = format!(
            "A .env describes one machine, and there are {}",
            project.machines.len()
        );
        let finding = Diagnostic::error(2613).message(message);
        let finding = match project.machines.get(1) {
            Some(second) => finding.at_origin(second.origin).label("one more"),
            None => finding,
        };
        return Err(vec![finding.help("write `--format kdl`")]);
    };
    let mut unsaid = Unsaid(Vec::new());
    unsaid.project(project);
    unsaid.machine(machine);
    let mut lines = Lines {
        machine,
        text: String::new(),
        unsaid,
    };
    lines.all();
    match lines.unsaid.0.is_empty() {
        true => Ok(lines.text),
        false => {
            lines.unsaid.0.sort_by_key(|finding| finding.span);
            Err(lines.unsaid.0)
        }
    }
}

/// What a `.env` cannot say.
struct Unsaid(Vec<Diagnostic>);

impl Unsaid {
    fn tell(&mut self, what: &str, origin: Origin) {
        self.0.push(
            Diagnostic::error(2613)
                .message(format!("A .env cannot say {what}"))
                .at_origin(origin)
                .help("write `--format kdl`"),
        );
    }

    fn project(&mut self, project: &Project) {
        for task in &project.tasks {
            self.tell("a task", task.name.origin);
        }
    }

    fn machine(&mut self, machine: &Machine) {
        let written = machine.values().into_iter();
        for value in written.filter(|value| value.origin != Origin::Default) {
            let row = settings::of(value.setting);
            if !Dialect::Env.has(row) {
                self.tell(&format!("`{}`", row.own_name()), value.origin);
            }
        }
        for network in machine.networks.iter().skip(1) {
            self.tell("a second network", network.name.origin);
        }
        for network in &machine.networks {
            if !matches!(
                network.name.value,
                NetworkName::Default | NetworkName::Bridge
            ) {
                self.tell("a network of the project's own", network.name.origin);
            }
        }
        for share in machine
            .shares
            .iter()
            .filter(|share| !share.masks.is_empty())
        {
            self.tell("`mask`", share.origin);
        }
        let written = machine.provisions.iter().filter(|it| it.is_written());
        for provision in written.skip(1) {
            self.tell("a second playbook", provision.playbook.origin);
        }
        for provision in &machine.provisions {
            for file in provision.vars_files.iter().skip(1) {
                self.tell("a second file of variables", file.origin);
            }
            let secrets = provision.secrets.iter();
            for secret in secrets {
                if let SecretSource::File(path) = &secret.from {
                    self.tell("a secret in a file", path.origin);
                }
            }
        }
    }
}

struct Lines<'a> {
    machine: &'a Machine,
    text: String,
    unsaid: Unsaid,
}

impl Lines<'_> {
    /// What nobody wrote stays unwritten; what the machine is called does not.
    fn all(&mut self) {
        let values = self.machine.values();
        let mut at = 0;
        while let Some(value) = values.get(at) {
            let row = settings::of(value.setting);
            let count = match row.is_list() {
                true => values[at..]
                    .iter()
                    .take_while(|next| next.setting == value.setting)
                    .count(),
                false => 1,
            };
            let group = &values[at..at + count];
            at += count;
            let said = value.origin != Origin::Default || value.setting == "id";
            if let Some(key) = row.env.filter(|_| said) {
                let text = match row.is_list() {
                    true => self.list(group),
                    false => self.one(value),
                };
                self.text.push_str(&format!("{key}={}\n", quoted(&text)));
            }
        }
    }

    fn one(&self, value: &Resolved) -> String {
        match self.is_unexpanded(value) {
            true => value.text.clone(),
            false => literal(&value.text),
        }
    }

    fn is_unexpanded(&self, value: &Resolved) -> bool {
        let span = value.origin.span();
        span.is_some_and(|span| self.machine.unexpanded.contains_key(&span))
    }

    fn list(&mut self, group: &[Resolved]) -> String {
        let mut items: Vec<String> = Vec::new();
        let mut before = None;
        for value in group {
            let item = match self.share(value) {
                Some(share) => literal(&share),
                None => self.one(value),
            };
            // Several values of one written text are that text.
            let span = value.origin.span().filter(|_| self.is_unexpanded(value));
            if span.is_some() && span == before {
                continue;
            }
            before = span;
            if item.contains(',') {
                self.unsaid.tell("a comma in a list", value.origin);
            }
            items.push(item);
        }
        items.join(",")
    }

    /// A share without what is said of it to people.
    fn share(&self, value: &Resolved) -> Option<String> {
        let same = |share: &&Located<super::MountedShare>| share.origin == value.origin;
        let share = self.machine.shares.iter().find(same)?;
        (value.setting == "sync").then(|| {
            let mode = if share.written.read_only { ":ro" } else { "" };
            format!("{}:{}{mode}", share.written.host, share.written.guest)
        })
    }
}

/// A value as a line has it: bare where nothing in it means more than itself.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./:@~,+=-".contains(c);
    match text {
        _ if !text.is_empty() && text.chars().all(plain) => text.to_owned(),
        _ if !text.contains(['\'', '\n', '\r']) => format!("'{text}'"),
        _ => {
            let mut out = String::from("\"");
            for c in text.chars() {
                match c {
                    '"' | '\\' | '$' => out.extend(['\\', c]),
                    '\n' => out.push_str("\\n"),
                    c => out.push(c),
                }
            }
            out.push('"');
            out
        }
    }
}
