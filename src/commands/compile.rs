//! Text → Project, with every finding on the way.

use super::disk::RealDisk;
use super::find::Located;
use super::{Session, environment, find};
use crate::diagnostic::{Diagnostic, Severity, Sink};
use crate::model::files::{Surroundings, Verdict};
use crate::model::resolve::{Naming, Place, resolve};
use crate::model::rules::rules;
use crate::model::{Machine, Project};
use crate::source::Sources;
use crate::spec::lower::{kind, lower};
use crate::state::folder::Identity;
use crate::state::ledger::Ledger;
use crate::state::project::{self, ProjectIdentity};
use crate::syntax::dotenv::{self, DotEnv};
use crate::syntax::{Section, decode, overrides};
use crate::value::HostName;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// What came of a configuration.
pub struct Compiled {
    /// The texts that the findings point into.
    pub sources: Sources,
    /// The project, where even one could be made of it.
    pub project: Option<Project>,
    /// In source order.
    pub findings: Vec<Diagnostic>,
    /// Its folder.
    pub folder: PathBuf,
    /// The file's name in it.
    pub file: String,
}

/// How to judge.
#[derive(Debug, Clone, Copy)]
pub struct Judging {
    /// `check` warns of what depends on the host; acting verbs refuse.
    pub verdict: Verdict,
    /// Whether anything but the project's own files may be asked.
    pub host: bool,
}

impl Judging {
    /// As the verbs judge that start nothing and whose answer must not change with the host.
    pub const WITHOUT_HOST: Judging = Judging {
        verdict: Verdict::Check,
        host: false,
    };
}

impl Compiled {
    /// Whether an error stands in the way of doing anything.
    pub fn has_errors(&self) -> bool {
        self.project.is_none()
            || self
                .findings
                .iter()
                .any(|found| found.severity == Severity::Error)
    }
}

/// Compiles a text, asking nothing of the state folder.
pub fn compile_text(
    folder: &Path,
    file: &str,
    bytes: &[u8],
    variables: &[(String, String)],
    judging: Judging,
    naming: &Naming,
) -> Compiled {
    let mut sources = Sources::default();
    let mut sink = Sink::default();
    let done = |sources, sink: Sink, project| Compiled {
        sources,
        project,
        findings: sink.into_sorted(),
        folder: folder.to_owned(),
        file: file.to_owned(),
    };
    if let Some(finding) = find::unread_format(file) {
        sink.push(finding);
        return done(sources, sink, None);
    }
    let text = match decode::decode(bytes) {
        Ok(text) => text,
        Err(flaw) => {
            let id = sources.add_file(&folder.join(file), file.to_owned(), flaw.text.clone());
            sink.push(flaw.diagnostic(id));
            return done(sources, sink, None);
        }
    };
    let id = sources.add_file(&folder.join(file), file.to_owned(), text);
    let lookup = |name: &str| {
        let found = variables.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.clone())
    };
    let read = dotenv::parse(&sources, id, &lookup, &mut sink);
    sources.hide(id, &read.foreign);
    let higher = overrides::overrides(variables.iter().cloned(), &mut sources, &mut sink);
    let own = read
        .document
        .machines
        .iter()
        .map(|machine| &machine.section);
    let sections: Vec<&Section> = own.chain([&higher]).collect();
    let kind = sections.iter().rev().find_map(|section| kind(section));
    let layers: Vec<_> = sections
        .iter()
        .map(|section| lower(section, kind, &mut sink))
        .collect();
    let kind_is_set = layers
        .iter()
        .any(|layer| layer.settings.contains_key("kind"));
    if !kind_is_set {
        missing_kind(&read, &mut sink);
    }
    let home = lookup("HOME").map(PathBuf::from);
    let place = Place {
        folder,
        file,
        home: home.as_deref(),
        head: read.document.head,
    };
    let project = resolve(layers, &place, naming, &mut sink);
    if let Some(project) = &project {
        let names: HashSet<&str> = read
            .variables
            .iter()
            .map(|found| found.name.as_str())
            .collect();
        let around = Surroundings {
            disk: &RealDisk,
            has_variable: &|name| names.contains(name) || lookup(name).is_some(),
            verdict: judging.verdict,
            host: judging.host,
            uid: rustix::process::geteuid().as_raw(),
        };
        rules(project, &around, &mut sink);
    }
    done(sources, sink, project)
}

/// The missing key is told at its near miss, which then is told no more, else where it is empty, else at
/// the first line.
pub fn missing_kind(read: &DotEnv, sink: &mut Sink) {
    let finding = Diagnostic::error(2003)
        .message("INFRA_TYPE is not set")
        .help("add a line `INFRA_TYPE=container` or `INFRA_TYPE=vm`");
    let near = sink.found.iter_mut().find(|found| {
        let meant = found.fix.as_ref().map(|fix| fix.replacement.as_str());
        found.rule.number == 2301 && meant.is_some_and(|meant| meant.ends_with("INFRA_TYPE"))
    });
    if let Some(near) = near {
        let key = near.fix.as_ref().map(|fix| fix.replacement.as_str());
        let help = format!("write `{}` here", key.unwrap_or("INFRA_TYPE"));
        *near = Diagnostic {
            span: near.span,
            fix: near.fix.clone(),
            ..finding.label("misspelt?").help(help)
        };
        return;
    }
    let mut empty = read
        .variables
        .iter()
        .filter(|found| found.name == "INFRA_TYPE");
    sink.push(match empty.next_back() {
        Some(empty) => finding
            .at_origin(empty.value.origin)
            .label("empty")
            .help("write `INFRA_TYPE=container` or `INFRA_TYPE=vm`"),
        None => finding.at(read.document.head.sub(0, 0)),
    });
}

/// The process environment, without what is not UTF-8.
pub fn variables() -> Vec<(String, String)> {
    let text = |word: std::ffi::OsString| word.into_string().ok();
    std::env::vars_os()
        .filter_map(|(name, value)| Some((text(name)?, text(value)?)))
        .collect()
}

impl Session {
    /// Compiles the project's configuration under the name that is recorded for it.
    pub fn compile(
        &self,
        located: &Located,
        judging: Judging,
        identity: &ProjectIdentity,
        ledger: &Ledger,
    ) -> Compiled {
        let taken = |name: &HostName| {
            ledger
                .by_id(name.as_str())
                .any(|entry| entry.record.project != identity.uuid)
        };
        let naming = Naming {
            recorded: identity
                .infrastructure_id
                .as_deref()
                .and_then(|id| HostName::parse(id).ok()),
            suffix: identity.suffix(),
            taken: &taken,
        };
        let mut compiled = compile_text(
            &located.folder,
            &located.file,
            &located.bytes,
            &variables(),
            judging,
            &naming,
        );
        if !self.options.profiles.is_empty()
            || environment("VAGRANTP_PROFILE").is_some_and(|p| !p.is_empty())
        {
            compiled.findings.insert(
                0,
                Diagnostic::error(2903)
                    .message("Profiles need a vagrantp.kdl: a .env describes one machine")
                    .help("leave --profile and VAGRANTP_PROFILE out"),
            );
        }
        compiled
    }

    /// Which project a folder is. A state that cannot be read is a finding of its own.
    pub fn identify(&self, folder: &Path) -> Result<ProjectIdentity, Diagnostic> {
        project::look(folder, &self.state).map_err(|error| error.diagnostic())
    }
}

/// Whose record a machine's is.
pub fn identity_of(project: &Project, machine: &Machine, uuid: uuid::Uuid) -> Identity {
    Identity {
        project: uuid,
        file: project.file.clone(),
        machine: machine.key.clone(),
        kind: machine.kind.value,
    }
}
