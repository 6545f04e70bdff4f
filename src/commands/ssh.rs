//! `ssh`: into a machine. The warm path asks no engine.

use super::answer::Answer;
use super::enter::{self, Inside};
use super::find::NotFound;
use super::targets::{self, Called};
use super::{Session, own_template};
use crate::call::quoted;
use crate::diagnostic::Diagnostic;
use crate::engine::access;
use crate::state::StateError;
use crate::state::folder::StateFolder;
use crate::state::ledger::LedgerEntry;
use crate::state::record::{MachineRecord, Stage};
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
    let inside = match (&arguments.command, &arguments.words[..]) {
        (Some(line), _) => Inside::Line(line.clone()),
        (None, []) => Inside::Shell,
        (None, words) => Inside::Words(words.to_vec()),
    };
    let call = enter::call(&entry, &inside, enter::on_terminal());
    session.ui.call(&call.to_string());
    session.enter(&entry, &call).unwrap_or_else(|finding| {
        let folder = &entry.record.project_path;
        session.finish(&Answer::finding("ssh", folder, *finding))
    })
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
    let chosen = targets::select(&called, &wanted).or_else(|_| {
        // It fails again, and names them in their order.
        targets::select(&session.as_written(&identity, called.clone()), &wanted).map_err(bare)
    })?;
    let here = || target.is_none().then(|| shares_here(&entries))?;
    match (&chosen[..], here()) {
        ([place], _) => Ok(entries[*place].clone()),
        (_, Some(place)) => Ok(entries[place].clone()),
        (places, None) => {
            let named = places.iter().map(|place| called[*place].clone()).collect();
            let named = session.as_written(&identity, named);
            let names: Vec<&str> = named.iter().map(|called| &*called.name).collect();
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
