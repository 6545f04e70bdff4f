//! A session inside a machine, by ssh or by exec: what is called, and what its end means.

use super::Session;
use crate::call::run::{foreground, foreground_watching};
use crate::call::{Call, End, quoted};
use crate::diagnostic::Diagnostic;
use crate::engine::{access, podman};
use crate::plan::situation::{State, situation};
use crate::state::ledger::LedgerEntry;
use crate::state::observed::{ObservedMachine, Seen};
use crate::state::record::MachineRecord;
use crate::value::Init;
use std::io::IsTerminal;

/// What is to run inside.
#[derive(Debug, Clone)]
pub enum Inside {
    /// The user's shell.
    Shell,
    /// One line for the shell.
    Line(String),
    /// Words, each passed as it is.
    Words(Vec<String>),
}

/// Whether stdin and stdout are one terminal's: then the inside gets one too.
pub fn on_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

/// The call of a session.
pub fn call(entry: &LedgerEntry, inside: &Inside, terminal: bool) -> Call {
    call_with(entry, inside, terminal, &[])
}

/// The same, with variables handed in beside it; their names begin with [`access::CARRIER`].
pub fn call_with(
    entry: &LedgerEntry,
    inside: &Inside,
    terminal: bool,
    beside: &[(String, String)],
) -> Call {
    let mut call = bare(entry, inside, terminal, beside);
    call.env.extend_from_slice(beside);
    call
}

fn bare(entry: &LedgerEntry, inside: &Inside, terminal: bool, beside: &[(String, String)]) -> Call {
    let record = &entry.record;
    if record.access.init == Init::Image {
        return podman::exec_with(engine_id(record), terminal, &names(beside), &words(inside));
    }
    let line = match inside {
        Inside::Shell => None,
        Inside::Line(line) => Some(line.clone()),
        Inside::Words(words) => {
            let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
            Some(words.join(" "))
        }
    };
    // ssh asks for a terminal by itself where no command is given.
    let terminal = line.is_some().then_some(terminal);
    let config = entry.folder.ssh_config();
    access::session(&config, &record.id, terminal, line.as_deref())
}

fn engine_id(record: &MachineRecord) -> &str {
    record.engine_id.as_deref().unwrap_or(&record.id)
}

fn names(beside: &[(String, String)]) -> Vec<&str> {
    beside.iter().map(|(name, _)| name.as_str()).collect()
}

fn words(inside: &Inside) -> Vec<String> {
    let shell = "command -v bash >/dev/null 2>&1 && exec bash || exec sh";
    match inside {
        Inside::Shell => ["sh", "-c", shell].map(str::to_owned).to_vec(),
        Inside::Line(line) => ["sh", "-c", line].map(str::to_owned).to_vec(),
        Inside::Words(words) => words.clone(),
    }
}

impl Session {
    /// Runs a session that has our stdin, stdout and stderr: the inner command's status.
    ///
    /// # Errors
    /// With why no session came about.
    pub(super) fn enter(&self, entry: &LedgerEntry, call: &Call) -> Result<u8, Box<Diagnostic>> {
        let (end, stderr) = match entry.record.access.init {
            Init::Image => (foreground(call), String::new()),
            _ => foreground_watching(call),
        };
        self.status_of(entry, &end, &stderr)
    }

    /// What the end of a session means.
    ///
    /// # Errors
    /// With why no session came about.
    pub(super) fn status_of(
        &self,
        entry: &LedgerEntry,
        end: &End,
        stderr: &str,
    ) -> Result<u8, Box<Diagnostic>> {
        let record = &entry.record;
        let by_exec = record.access.init == Init::Image;
        let failed = || {
            let said = match (by_exec, end) {
                (true, _) => "podman exec failed".to_owned(),
                (false, End::Exit(_)) => stderr.to_owned(),
                (false, end) => format!("ssh {end}"),
            };
            Err(Box::new(self.no_session(entry, &said)))
        };
        match end {
            End::Exit(podman::EXEC_FAILED | podman::EXEC_REFUSED)
                if by_exec && !self.runs(record) =>
            {
                failed()
            }
            End::Exit(access::SSH_OWN_FAILURE)
                if !by_exec && (access::complains(stderr) || !self.runs(record)) =>
            {
                failed()
            }
            End::Exit(status) => Ok(u8::try_from(*status).unwrap_or(1)),
            End::Signal(signal) => Ok(128u8.saturating_add(u8::try_from(*signal).unwrap_or(0))),
            _ => failed(),
        }
    }

    /// Whether the engine shows that it runs: then a status that may be the way's own was the command's.
    pub(super) fn runs(&self, record: &MachineRecord) -> bool {
        let observed = self.look(&[record.provider]).unwrap_or_default();
        found(&observed, record).is_some_and(|seen| seen.state == Seen::Running)
    }

    /// No session came about: only now is the engine asked why.
    fn no_session(&self, entry: &LedgerEntry, stderr: &str) -> Diagnostic {
        let record = &entry.record;
        let key = entry.folder.key_of(record);
        let observed = match self.look(&[record.provider]) {
            Err(finding) => return finding,
            Ok(observed) => observed,
        };
        let state = situation(Some(record), found(&observed, record));
        match state.map(|situation| situation.state) {
            Ok(State::NotCreated) => Diagnostic::error(1501)
                .message(format!("Machine '{}' does not exist any more", record.id))
                .help("make it again: vagrantp up"),
            Ok(State::Stopped) => Diagnostic::error(1601)
                .message(format!(
                    "Machine '{}' is not running (state: stopped)",
                    record.id
                ))
                .help("start it: vagrantp up"),
            Ok(state) if record.access.init == Init::Image && state != State::Running => {
                Diagnostic::error(1601)
                    .message(format!(
                        "Machine '{}' is not running (state: {state})",
                        record.id
                    ))
                    .help("finish what was cut short: vagrantp up, or vagrantp rm")
            }
            Ok(State::Creating | State::Removing) => access::failed(record, &key, stderr)
                .help("finish what was cut short: vagrantp up, or vagrantp rm"),
            _ => access::failed(record, &key, stderr),
        }
    }
}

fn found<'a>(
    observed: &'a [ObservedMachine],
    record: &MachineRecord,
) -> Option<&'a ObservedMachine> {
    observed
        .iter()
        .filter(|seen| seen.provider == record.provider)
        .find(|seen| seen.name == record.id && seen.project == Some(record.project))
}
