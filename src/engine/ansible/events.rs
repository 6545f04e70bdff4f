//! The events of our callback.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// One event.
#[derive(Debug, Clone, Deserialize)]
pub struct Event {
    /// What happened.
    #[serde(rename = "vagrantp")]
    pub kind: Kind,
    /// When, in seconds.
    #[serde(default)]
    pub t: f64,
    /// The machine.
    #[serde(default)]
    pub host: String,
    /// The task's name.
    #[serde(default)]
    pub task: String,
    /// The play's name.
    #[serde(default)]
    pub name: String,
    /// `FILE:LINE` of the task's first key.
    #[serde(default)]
    pub path: String,
    /// The module.
    #[serde(default)]
    pub action: String,
    /// Which task it is.
    #[serde(default)]
    pub id: String,
    /// How many tasks there are, as far as that is known before.
    #[serde(default)]
    pub tasks: usize,
    /// Whether it changed something.
    #[serde(default)]
    pub changed: bool,
    /// Whether the failure is one that the playbook ignores.
    #[serde(default)]
    pub ignored: bool,
    /// A command's status.
    #[serde(default)]
    pub rc: Value,
    /// What the module says.
    #[serde(default)]
    pub msg: Value,
    /// Why it failed, where that is no message.
    #[serde(default)]
    pub reason: Value,
    /// What was printed.
    #[serde(default)]
    pub stdout: Value,
    /// What was complained.
    #[serde(default)]
    pub stderr: Value,
    /// What the module itself printed, where it broke.
    #[serde(default)]
    pub module_stdout: Value,
    /// What the module itself complained, where it broke.
    #[serde(default)]
    pub module_stderr: Value,
    /// The item of a loop.
    #[serde(default)]
    pub item: Value,
    /// What would change in files.
    #[serde(default)]
    pub diff: Value,
    /// The machine that did it in the place of the host.
    #[serde(default)]
    pub delegated_to: Option<String>,
    /// Set where the task must not be told.
    #[serde(default)]
    pub censored: Option<String>,
    /// What came of it for each host.
    #[serde(default)]
    pub hosts: BTreeMap<String, Stats>,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It begins.
    Playbook,
    /// A play begins.
    Play,
    /// A task begins.
    Task,
    /// A handler begins.
    Handler,
    /// A task went well.
    Ok,
    /// A task was not for this host.
    Skipped,
    /// A host does not answer.
    Unreachable,
    /// A task failed.
    Failed,
    /// A task is tried again.
    Retry,
    /// One item of a loop went well.
    ItemOk,
    /// One item of a loop failed.
    ItemFailed,
    /// A play is for no host.
    NoHostsMatched,
    /// It ended.
    Stats,
    /// Something newer.
    #[serde(other)]
    Other,
}

/// How many tasks of a host ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Stats {
    /// Well.
    pub ok: u32,
    /// With a change.
    pub changed: u32,
    /// Badly.
    pub failures: u32,
    /// Without an answer.
    pub unreachable: u32,
}

/// The event in a line; nothing where the line is somebody else's.
pub fn read(line: &str) -> Option<Event> {
    line.starts_with("{\"vagrantp\": ")
        .then(|| serde_json::from_str(line).ok())?
}

/// A value of a result as text.
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

impl Event {
    /// The same with every text that a playbook or a machine has made put through `hide`.
    pub fn masked(mut self, hide: &dyn Fn(&str) -> String) -> Self {
        for text in [&mut self.task, &mut self.name] {
            *text = hide(text);
        }
        let values = [
            &mut self.msg,
            &mut self.reason,
            &mut self.stdout,
            &mut self.stderr,
            &mut self.module_stdout,
            &mut self.module_stderr,
            &mut self.item,
            &mut self.diff,
        ];
        for value in values.into_iter().filter(|value| !value.is_null()) {
            *value = hide(&text(value)).into();
        }
        self
    }
}
