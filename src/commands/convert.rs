//! `convert`: a `.env` rewritten as `vagrantp.kdl`. What it comes to stays the same, and so does the machine that
//! is there: [`super::whose`] tells why nothing that is remembered needs to be moved.

use super::answer::Answer;
use super::compile::{Compiled, Judging};
use super::find::{Located, named_file, sets_infra_type};
use super::{Session, check, shown};
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::Project;
use crate::model::naming::machine_name;
use crate::settings::Dialect;
use crate::source::Sources;
use crate::state::ledger::Ledger;
use crate::state::project::ProjectIdentity;
use crate::syntax::convert::{Rewriting, Rewritten};
use crate::syntax::{decode, dotenv};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The file that it writes.
const TARGET: &str = "vagrantp.kdl";

/// What `convert` takes.
#[derive(Debug, Clone)]
pub struct Arguments {
    /// The `.env`; the project's without one.
    pub file: Option<PathBuf>,
    /// Print it and write nothing.
    pub stdout: bool,
    /// Take what the new file says out of the `.env`.
    pub remove_keys: bool,
}

/// Runs the verb.
pub fn run(session: &Session, arguments: &Arguments) -> u8 {
    let start = session.start();
    let located = match &arguments.file {
        Some(file) => named_file(&start, file),
        None => session.find().map(|found| match found.file == TARGET {
            true => described(&found.folder).unwrap_or(found),
            false => found,
        }),
    };
    let located = match located {
        Ok(located) => located,
        Err(not_found) => return session.not_found("convert", not_found),
    };
    let mut answer = Answer::new("convert", &located.folder);
    answer.file = Some(located.file.clone());
    if let Err(finding) = convert(session, arguments, &located, &mut answer) {
        answer.findings.push(*finding);
    }
    let exit = session.finish(&answer);
    if exit != 0 && !session.options.ui.json {
        let summary = check::summary(&answer.findings);
        session.ui.err(&format!("{summary}, nothing is written"));
    }
    exit
}

/// The `.env` beside a `vagrantp.kdl`, where it describes a machine itself.
fn described(folder: &Path) -> Option<Located> {
    let located = named_file(folder, Path::new(".env")).ok()?;
    sets_infra_type(&located.bytes).then_some(located)
}

fn convert(
    session: &Session,
    arguments: &Arguments,
    located: &Located,
    answer: &mut Answer,
) -> Result<(), Box<Diagnostic>> {
    let target = located.folder.join(TARGET);
    let there = target.symlink_metadata().is_ok();
    if Dialect::of_file(&located.file) == Dialect::Kdl || there && !arguments.stdout {
        return Err(is_there(located));
    }
    let identity = session.identify(&located.folder)?;
    let _lock = match identity.fresh || arguments.stdout {
        true => None,
        false => {
            let lock = session.hold(identity.uuid, "convert");
            Some(lock.map_err(|error| error.diagnostic())?)
        }
    };
    let converting = Converting {
        session,
        located,
        identity: &identity,
        ledger: Ledger::read(&session.state),
        variables: own_variables(),
    };
    let before = converting.compile(located);
    let errors = before.has_errors();
    answer.sources = before.sources;
    answer.findings = before.findings;
    let Some(project) = before.project.filter(|_| !errors) else {
        return Ok(());
    };
    answer.name = Some(project.shown_name());
    converting.is_settled(&project)?;
    let rewritten = converting.rewrite(&project, arguments.remove_keys);
    answer.extra.push(("text", rewritten.kdl.clone().into()));
    if arguments.stdout {
        if !session.options.ui.json {
            session.ui.out(rewritten.kdl.trim_end());
        }
        return Ok(());
    }
    converting.is_same(&project, &rewritten.kdl)?;
    create(&target, rewritten.kdl.as_bytes()).map_err(|error| unwritten(TARGET, &error))?;
    answer.begun = true;
    if arguments.remove_keys {
        let path = located.folder.join(&located.file);
        replace(&path, rewritten.rest.as_bytes())
            .map_err(|error| unwritten(&located.file, &error))?;
        if let Err(finding) = converting.is_same(&project, &rewritten.kdl) {
            replace(&path, &located.bytes).map_err(|error| unwritten(&located.file, &error))?;
            return Err(finding);
        }
    }
    if !session.options.ui.json {
        session
            .ui
            .out(&report(located, arguments.remove_keys, &rewritten));
    }
    Ok(())
}

/// What was done, and what holds now.
fn report(located: &Located, removed: bool, rewritten: &Rewritten) -> String {
    let file = &located.file;
    let folder = shown(&located.folder);
    let place = match folder.as_str() {
        "." => TARGET.to_owned(),
        folder => format!("{folder}/{TARGET}"),
    };
    let mut lines = vec![format!("{place} says what {file} said")];
    match (removed, file.as_str()) {
        (true, _) => lines.push(format!(
            "  {file}  keeps what is the application's, and its comments"
        )),
        (false, ".env") => lines.push(format!(
            "  {file}  is as it was: a layer beneath, which {TARGET} overrides"
        )),
        (false, _) => lines.push(format!("  {file}  is as it was, and is not read any more")),
    }
    if !rewritten.kept.is_empty() {
        let keys = rewritten.kept.join(", ");
        lines.push(format!(
            "  {keys} stays: the application's lines refer to it"
        ));
    }
    lines.join("\n")
}

/// The process environment without what overrides settings: that is of this moment, and no part of the file.
fn own_variables() -> Vec<(String, String)> {
    let mut variables = super::variables();
    variables.retain(|(name, _)| !name.starts_with("VAGRANTP_"));
    variables
}

struct Converting<'a> {
    session: &'a Session,
    located: &'a Located,
    identity: &'a ProjectIdentity,
    ledger: Ledger,
    variables: Vec<(String, String)>,
}

impl Converting<'_> {
    fn compile(&self, located: &Located) -> Compiled {
        let judging = Judging::WITHOUT_HOST;
        let variables = &self.variables;
        self.session
            .compile_with(located, judging, self.identity, &self.ledger, variables)
    }

    fn rewrite(&self, project: &Project, remove: bool) -> Rewritten {
        let machine = &project.machines[0];
        let text = decode::decode(&self.located.bytes).unwrap_or_default();
        let mut sources = Sources::default();
        let id = sources.add_text(&self.located.file, text);
        let around = |name: &str| {
            let found = self.variables.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone())
        };
        let read = dotenv::parse(&sources, id, &around, &mut Sink::default());
        // Only the file of this name is read beside a vagrantp.kdl.
        let beside = self.located.file == ".env";
        let variable = |name: &str| {
            let own = read.variables.iter().rev();
            let mut own = own.filter(|found| beside && found.name == name);
            around(name).or_else(|| Some(own.next()?.value.text.clone()))
        };
        let rewriting = Rewriting {
            sources: &sources,
            id,
            read: &read,
            kind: machine.kind.value,
            name: &machine_name(machine.id.as_str()),
            instance: machine.id.as_str(),
            variable: &variable,
            remove,
        };
        rewriting.rewritten()
    }

    /// A machine is found again under the name that it has: one that is to get another first gets it.
    fn is_settled(&self, project: &Project) -> Result<(), Box<Diagnostic>> {
        let machine = &project.machines[0];
        let me = super::whose::identity_of(project, machine, self.identity.uuid, &self.ledger);
        let record = self.ledger.entry(&me).map(|entry| &entry.record);
        let other = record.filter(|record| record.id != machine.id.as_str());
        match other {
            None => Ok(()),
            Some(record) => Err(Box::new(
                Diagnostic::error(2614)
                    .message(format!("The machine is still called '{}'", record.id))
                    .at_origin(machine.id.origin)
                    .help("make it anew first: vagrantp up --recreate"),
            )),
        }
    }

    /// Nothing is written that would mean something else.
    fn is_same(&self, before: &Project, kdl: &str) -> Result<(), Box<Diagnostic>> {
        let located = Located {
            folder: self.located.folder.clone(),
            file: TARGET.to_owned(),
            bytes: kdl.as_bytes().to_owned(),
        };
        let compiled = self.compile(&located);
        let after = compiled.project.as_ref().map(values);
        let before = values(before);
        let differs = match &after {
            Some(after) => {
                let mut lost = before.iter().filter(|value| !after.contains(value));
                let more = || after.iter().find(|value| !before.contains(value));
                lost.next().or_else(more).cloned()
            }
            None => compiled.findings.first().map(|found| found.message.clone()),
        };
        match differs {
            None if after.is_some() => Ok(()),
            differs => Err(Box::new(
                Diagnostic::error(2614)
                    .message("The same settings in vagrantp.kdl would come to something else")
                    .details(differs)
                    .help("see what would be written: vagrantp convert --stdout"),
            )),
        }
    }
}

/// Everything that a project comes to, `env.*` too.
fn values(project: &Project) -> Vec<String> {
    let mut machines = project.machines.clone();
    machines
        .iter_mut()
        .for_each(|machine| machine.unexpanded.clear());
    let values = machines.iter().flat_map(|machine| machine.values());
    values
        .map(|value| format!("{} {}", value.setting, value.text))
        .collect()
}

fn is_there(located: &Located) -> Box<Diagnostic> {
    let file = match Dialect::of_file(&located.file) {
        Dialect::Kdl => &located.file,
        Dialect::Env => TARGET,
    };
    Box::new(
        Diagnostic::error(2614)
            .message(format!("{file} is there already"))
            .help("print what a .env would become: vagrantp convert --stdout .env"),
    )
}

fn unwritten(file: &str, error: &std::io::Error) -> Box<Diagnostic> {
    Box::new(
        Diagnostic::error(1801)
            .message(format!("{file} cannot be written: {error}"))
            .help("see the folder's permissions: ls -ld ."),
    )
}

/// Writes a file that is not there yet, whole or not at all.
fn create(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let file = beside(path, bytes, 0o666)?;
    file.persist_noclobber(path)?;
    Ok(())
}

/// Writes a file anew, whole or not at all; where its name is a link, the file that it leads to.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let path = path.canonicalize()?;
    let permissions = path.metadata()?.permissions();
    let file = beside(&path, bytes, 0o600)?;
    file.as_file().set_permissions(permissions)?;
    file.persist(&path)?;
    Ok(())
}

fn beside(path: &Path, bytes: &[u8], mode: u32) -> std::io::Result<tempfile::NamedTempFile> {
    let mut file = tempfile::Builder::new()
        .prefix(".vagrantp-")
        .permissions(std::fs::Permissions::from_mode(mode))
        .tempfile_in(path.parent().unwrap_or(Path::new("/")))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}
