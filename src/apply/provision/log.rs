//! All that a run of Ansible says, in a file.

use crate::apply::Halt;
use crate::engine::ansible::events::{Event, Kind, text};
use crate::state;
use crate::ui::{Ui, plain};
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// The file. What cannot be written is left out: a full disk is no reason to stop half-way.
pub(super) struct Log {
    file: Option<File>,
    differences: Vec<String>,
}

impl Log {
    /// Begins it anew.
    pub(super) fn begin(path: &Path) -> Result<(), Halt> {
        if let Some(folder) = path.parent() {
            state::make_folder(folder)?;
        }
        // One that cannot be removed is gone on with.
        let _ = std::fs::remove_file(path);
        Ok(())
    }

    /// Goes on with it.
    pub(super) fn open(path: &Path) -> Result<Self, Halt> {
        let mut options = File::options();
        let file = options.append(true).create(true).mode(0o600);
        Ok(Log {
            file: file.open(path).ok(),
            differences: Vec::new(),
        })
    }

    /// Adds a line.
    pub(super) fn line(&mut self, line: &str) {
        if let Some(file) = &mut self.file {
            let _ = writeln!(file, "{}", plain(line));
        }
    }

    /// Adds what an event tells.
    pub(super) fn event(&mut self, event: &Event) {
        let Event {
            task, path, host, ..
        } = event;
        let word = match event.kind {
            Kind::Play => return self.line(&format!("PLAY {}  {path}", event.name)),
            Kind::Task => return self.line(&format!("TASK {task}  {path}")),
            Kind::Handler => return self.line(&format!("HANDLER {task}  {path}")),
            Kind::NoHostsMatched => return self.line("no host matched"),
            Kind::Ok | Kind::ItemOk if event.changed => "changed",
            Kind::Ok | Kind::ItemOk => "ok",
            Kind::Skipped => "skipped",
            Kind::Unreachable => "unreachable",
            Kind::Failed if event.ignored => "failed, ignored",
            Kind::Failed | Kind::ItemFailed => "failed",
            Kind::Retry => "tries again",
            Kind::Playbook | Kind::Stats | Kind::Other => return,
        };
        let item = match event.item.is_null() {
            true => String::new(),
            false => format!("  item {}", text(&event.item)),
        };
        let rc = event.rc.as_i64().map(|rc| format!("  rc {rc}"));
        self.line(&format!("  {word}: {host}{item}{}", rc.unwrap_or_default()));
        let parts = [
            ("msg", &event.msg),
            ("reason", &event.reason),
            ("stdout", &event.stdout),
            ("stderr", &event.stderr),
            ("module stdout", &event.module_stdout),
            ("module stderr", &event.module_stderr),
            ("diff", &event.diff),
        ];
        for (name, value) in parts {
            for line in text(value).lines() {
                self.line(&format!("    {name}: {line}"));
            }
        }
        if word == "changed" {
            self.differences.push(format!("  {host}  {task}  {path}"));
        }
    }

    /// Shows what a dry run would change.
    pub(super) fn tell_differences(&mut self, ui: &Ui) {
        for line in self.differences.drain(..) {
            ui.err(&format!("  would change{line}"));
        }
    }
}
