//! `ssh`: into a machine. The warm path asks no engine.

use super::answer::Answer;
use super::find::NotFound;
use super::targets::{self, Called};
use super::{Session, own_template};
use crate::call::run::{foreground, foreground_watching};
use crate::call::{Call, End, quoted};
use crate::diagnostic::Diagnostic;
use crate::engine::{access, podman};
use crate::plan::situation::{State, situation};
use crate::state::StateError;
use crate::state::folder::StateFolder;
use crate::state::ledger::LedgerEntry;
use crate::state::observed::{ObservedMachine, Seen};
use crate::state::record::{MachineRecord, Stage};
use crate::value::Init;
use std::io::IsTerminal;
use std::path::Path;

/// What `ssh` takes.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    /// The machine; the only one without.
    pub target: Option<String>,
    /// One line for the machine's shell.
    pub command: Option<String>,
    /// Words, each passed as it is.
    pub words: Vec<String>,
}

/// Runs the verb: the inner command's status, or 1 where no session came about.
pub fn run(session: &Session, arguments: &Arguments) -> u8 {
    let entry = match session
        .find_folder()
        .and_then(|folder| only(session, &folder, arguments.target.as_deref()))
    {
        Ok(entry) => entry,
        Err(not_found) => return session.not_found("ssh", not_found),
    };
    let words: Vec<String> = arguments.words.iter().map(|word| quoted(word)).collect();
    let command = arguments
        .command
        .clone()
        .or((!words.is_empty()).then(|| words.join(" ")));
    match entry.record.access.init {
        Init::Image => by_exec(session, &entry, arguments),
        _ => by_ssh(session, &entry, command.as_deref()),
    }
}

/// The one machine that a verb means.
pub(super) fn only(
    session: &Session,
    folder: &Path,
    target: Option<&str>,
) -> Result<LedgerEntry, NotFound> {
    let bare = |finding| Box::new((crate::source::Sources::default(), finding));
    let identity = session.identify(folder).map_err(bare)?;
    let (mut entries, damaged) = of_project(&session.state, identity.uuid);
    if let (true, Some(error)) = (entries.is_empty(), damaged) {
        return Err(bare(error.diagnostic()));
    }
    if let Some(file) = session.named_file() {
        entries.retain(|entry| entry.record.config_file == file);
    }
    let called: Vec<Called> = entries.iter().map(|entry| called(&entry.record)).collect();
    let wanted: Vec<String> = target.into_iter().map(str::to_owned).collect();
    if entries.is_empty() {
        return Err(bare(
            Diagnostic::error(1501)
                .message("This project has no machine")
                .help("make it: vagrantp up"),
        ));
    }
    let chosen = targets::select(&called, &wanted).map_err(bare)?;
    let here = || target.is_none().then(|| shares_here(&entries))?;
    match (&chosen[..], here()) {
        ([place], _) => Ok(entries[*place].clone()),
        (_, Some(place)) => Ok(entries[place].clone()),
        (places, None) => {
            let names: Vec<&str> = places.iter().map(|place| &*called[*place].name).collect();
            let message = match target {
                Some(target) => format!("'{target}' names several machines"),
                None => "This project has several machines".into(),
            };
            Err(bare(
                Diagnostic::error(2901)
                    .message(message)
                    .help(format!("name one of: {}", names.join(", "))),
            ))
        }
    }
}

/// The one machine that shares the working directory; of several, the one that shares no more than it must.
fn shares_here(entries: &[LedgerEntry]) -> Option<usize> {
    let here = super::here();
    let here = here.canonicalize().unwrap_or(here);
    let depth = |entry: &LedgerEntry| {
        let shared = entry.record.shared.iter();
        let holds = shared.filter(|folder| here.starts_with(folder));
        holds.map(|folder| folder.components().count()).max()
    };
    let depths: Vec<Option<usize>> = entries.iter().map(depth).collect();
    let deepest = depths.iter().max().copied().flatten()?;
    let mut places = (0..entries.len()).filter(|place| depths[*place] == Some(deepest));
    places.next().filter(|_| places.next().is_none())
}

/// A project's machines, and why a record of them cannot be read, if one cannot.
fn of_project(state: &StateFolder, uuid: uuid::Uuid) -> (Vec<LedgerEntry>, Option<StateError>) {
    let (mut entries, mut damaged) = (Vec::new(), None);
    for folder in state.machines_of(uuid) {
        match folder.load() {
            Ok(Some(record)) if record.stage != Stage::Reserved => {
                entries.push(LedgerEntry { folder, record });
            }
            Ok(_) => {}
            Err(error) => damaged = Some(error),
        }
    }
    (entries, damaged)
}

fn called(record: &MachineRecord) -> Called {
    let name = match record.machine.as_str() {
        "" => record.id.clone(),
        name => name.to_owned(),
    };
    Called {
        name,
        node: record.ties.node.clone(),
        tags: record.ties.tags.clone(),
    }
}

fn by_ssh(session: &Session, entry: &LedgerEntry, command: Option<&str>) -> u8 {
    let config = entry.folder.ssh_config();
    // ssh asks for a terminal by itself where no command is given; with one, ours decides.
    let both = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let terminal = command.map(|_| both);
    let call = access::session(&config, &entry.record.id, terminal, command);
    session.ui.call(&call.to_string());
    let (end, stderr) = foreground_watching(&call);
    match end {
        End::Exit(access::SSH_OWN_FAILURE)
            if access::complains(&stderr) || !runs(session, &entry.record) =>
        {
            explain(session, entry, &stderr)
        }
        End::Exit(status) => u8::try_from(status).unwrap_or(1),
        End::Signal(signal) => 128u8.saturating_add(u8::try_from(signal).unwrap_or(0)),
        _ => explain(session, entry, &format!("ssh {end}")),
    }
}

/// Whether the engine shows that it runs: then a status that may be the way's own was the command's.
fn runs(session: &Session, record: &MachineRecord) -> bool {
    let observed = session.look().unwrap_or_default();
    found(&observed, record).is_some_and(|seen| seen.state == Seen::Running)
}

fn found<'a>(
    observed: &'a [ObservedMachine],
    record: &MachineRecord,
) -> Option<&'a ObservedMachine> {
    observed
        .iter()
        .find(|seen| seen.name == record.id && seen.project == Some(record.project))
}

/// No session came about: only now is the engine asked why.
fn explain(session: &Session, entry: &LedgerEntry, stderr: &str) -> u8 {
    let record = &entry.record;
    let mut answer = Answer::new("ssh", &record.project_path);
    let key = entry.folder.key_of(record);
    let finding = match session.look() {
        Err(finding) => finding,
        Ok(observed) => {
            let found = found(&observed, record);
            let state = situation(Some(record), found).map(|situation| situation.state);
            match state {
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
    };
    answer.findings.push(finding);
    session.finish(&answer)
}

fn by_exec(session: &Session, entry: &LedgerEntry, arguments: &Arguments) -> u8 {
    let record = &entry.record;
    let engine_id = record.engine_id.as_deref().unwrap_or(&record.id);
    let shell = "command -v bash >/dev/null 2>&1 && exec bash || exec sh";
    let words: Vec<String> = match (&arguments.command, &arguments.words[..]) {
        (Some(line), _) => ["sh", "-c", line].map(str::to_owned).to_vec(),
        (None, []) => ["sh", "-c", shell].map(str::to_owned).to_vec(),
        (None, words) => words.to_vec(),
    };
    let terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let call: Call = podman::exec(engine_id, terminal, &words);
    session.ui.call(&call.to_string());
    match foreground(&call) {
        End::Exit(podman::EXEC_FAILED | podman::EXEC_REFUSED) if !runs(session, record) => {
            explain(session, entry, "podman exec failed")
        }
        End::Exit(status) => u8::try_from(status).unwrap_or(1),
        End::Signal(signal) => 128u8.saturating_add(u8::try_from(signal).unwrap_or(0)),
        _ => explain(session, entry, "podman exec failed"),
    }
}

/// What makes a line to paste mean this project: ` --file FILE` where one was named, ` -C FOLDER` where
/// the working directory is elsewhere.
pub(super) fn flags(session: &Session, folder: &Path) -> String {
    let here = std::env::current_dir()
        .ok()
        .and_then(|here| here.canonicalize().ok());
    if session.options.file.is_some()
        && let Some(file) = session.named_file()
    {
        let path = match super::shown(folder).as_str() {
            "." => file,
            folder => format!("{folder}/{file}"),
        };
        return format!(" --file {}", quoted(&path));
    }
    match here {
        Some(here) if here.starts_with(folder) => String::new(),
        _ => format!(" -C {}", quoted(&super::shown(folder))),
    }
}

/// The machine's `Host` block.
pub(super) fn config_text(entry: &LedgerEntry) -> Result<String, Diagnostic> {
    let record = &entry.record;
    let folder = &entry.folder;
    let runtime = crate::state::runtime::runtime_folder(&super::environment)
        .map_err(|error| error.diagnostic())?;
    let key = folder.key_of(record);
    let context = access::ssh_context(
        record,
        &key,
        &folder.known_hosts(),
        &folder.control_socket(&runtime),
    );
    let overrides = |name: &str| own_template(&record.project_path, name);
    crate::render::ssh_config(&context, &overrides)
}
