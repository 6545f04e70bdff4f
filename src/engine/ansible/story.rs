//! What has happened so far in a run, event by event.

use super::events::{Event, Kind, Stats, text};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A run so far.
#[derive(Debug, Default)]
pub struct Story {
    /// How many tasks there are, as far as that is known before.
    pub total: usize,
    /// How many have begun.
    pub begun: usize,
    /// The name of what is under way.
    pub current: String,
    /// Where that is written.
    pub under_way: Option<(PathBuf, usize)>,
    /// What changed something, in order.
    pub changed: Vec<Place>,
    /// What may have changed something, in order: also what cannot tell, and what was cut short.
    pub touched: Vec<Place>,
    /// The last failure of each host that the playbook does not ignore.
    pub failures: BTreeMap<String, Failure>,
    /// Whether a play was for no host.
    pub no_hosts_matched: bool,
    /// Whether any task came to anything.
    pub has_results: bool,
    /// What came of it for each host, once it has ended.
    pub stats: Option<BTreeMap<String, Stats>>,
    item: Option<(String, Failure)>,
}

/// A task, and where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its name.
    pub task: String,
    /// The file.
    pub file: PathBuf,
    /// The line of its first key, from 1.
    pub line: usize,
    /// The host that it was done to.
    pub host: String,
}

/// A task that failed.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Which, and for which host.
    pub place: Place,
    /// The module.
    pub action: String,
    /// A command's status.
    pub rc: Option<i64>,
    /// What the module says.
    pub message: String,
    /// What was printed.
    pub stdout: String,
    /// What was complained.
    pub stderr: String,
    /// The item of a loop.
    pub item: Option<String>,
    /// The machine that did it in the place of the host.
    pub delegated_to: Option<String>,
    /// Whether the host did not answer.
    pub is_unreachable: bool,
    /// Whether the task must not be told.
    pub is_censored: bool,
}

impl Story {
    /// Takes one event in.
    pub fn take(&mut self, event: &Event) {
        match event.kind {
            Kind::Playbook => self.total = event.tasks,
            Kind::Task => {
                self.begun += 1;
                self.go_to(event);
            }
            Kind::Handler => self.go_to(event),
            Kind::Ok => {
                self.has_results = true;
                if event.changed {
                    self.changed.push(place(event));
                }
                if event.changed || cannot_tell(&event.action) {
                    self.touched.push(place(event));
                }
            }
            Kind::Skipped => self.has_results = true,
            Kind::ItemFailed => self.item = Some((event.id.clone(), failure(event))),
            Kind::Failed | Kind::Unreachable => self.fail(event),
            Kind::NoHostsMatched => self.no_hosts_matched = true,
            Kind::Stats => self.stats = Some(event.hosts.clone()),
            _ => {}
        }
    }

    /// How many tasks changed something on a host.
    pub fn changed_on(&self, host: &str) -> usize {
        let own = self.changed.iter().filter(|place| place.host == host);
        own.count()
    }

    /// How far it is: tasks that were included on the way are known only then.
    pub fn count(&self) -> String {
        format!("{}/{}", self.begun, self.total.max(self.begun))
    }

    fn go_to(&mut self, event: &Event) {
        let Place {
            task, file, line, ..
        } = place(event);
        self.current = task;
        self.under_way = Some((file, line));
    }

    fn fail(&mut self, event: &Event) {
        self.has_results = true;
        let whole = failure(event);
        if !whole.is_unreachable || was_cut(&whole.message) {
            self.touched.push(whole.place.clone());
        }
        if event.ignored {
            return;
        }
        // Of a loop, the item that failed says why.
        let item = self.item.take_if(|(id, _)| *id == event.id);
        let told = match item {
            Some((_, item)) if !whole.is_unreachable => item,
            _ => whole,
        };
        self.failures.insert(event.host.clone(), told);
    }
}

/// Whether a module does whatever its text says: what it reports of changes is the playbook's word.
fn cannot_tell(action: &str) -> bool {
    let name = action.rsplit('.').next().unwrap_or_default();
    ["command", "shell", "raw", "script", "expect"].contains(&name)
}

/// Whether a host was lost in the middle of a task: what ssh says does not tell that it never got there.
fn was_cut(message: &str) -> bool {
    let before = [
        "Connection refused",
        "Permission denied",
        "Connection timed out",
        "No route to host",
        "Could not resolve",
        "Host key verification failed",
        "kex_exchange_identification",
    ];
    !before.iter().any(|part| message.contains(part))
}

fn place(event: &Event) -> Place {
    let (file, line) = event.path.rsplit_once(':').unwrap_or((&event.path, "1"));
    Place {
        task: event.task.clone(),
        file: file.into(),
        line: line.parse().unwrap_or(1),
        host: event.host.clone(),
    }
}

fn failure(event: &Event) -> Failure {
    let or = |first: String, second: &dyn Fn() -> String| match first.trim().is_empty() {
        true => second(),
        false => first,
    };
    Failure {
        place: place(event),
        action: event.action.clone(),
        rc: event.rc.as_i64(),
        message: or(text(&event.msg), &|| text(&event.reason)),
        stdout: or(text(&event.stdout), &|| text(&event.module_stdout)),
        stderr: or(text(&event.stderr), &|| text(&event.module_stderr)),
        item: (!event.item.is_null()).then(|| text(&event.item)),
        delegated_to: event.delegated_to.clone(),
        is_unreachable: event.kind == Kind::Unreachable,
        is_censored: event.censored.is_some(),
    }
}
