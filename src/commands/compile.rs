//! Text → Project, with every finding on the way.

use super::disk::{RealDisk, read_regular};
use super::find::Located;
use super::load::{Loaded, Loading};
use super::making::Making;
use super::profiles::{Profiles, asked};
use super::{Session, find, own_template};
use crate::diagnostic::{Diagnostic, Severity, Sink};
use crate::model::Project;
use crate::model::files::{Surroundings, Verdict};
use crate::model::naming::Naming;
use crate::model::playbook::Playbooks;
use crate::model::resolve::Place;
use crate::model::sealed::Values;
use crate::source::Sources;
use crate::spec::names;
use crate::spec::profiles::choices;
use crate::state::ledger::Ledger;
use crate::state::project::{self, ProjectIdentity};
use crate::syntax::kindless::missing_kind;
use crate::value::{HostName, nearest};
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
    /// What secrets hold.
    pub values: Values,
}

/// How to judge.
#[derive(Debug, Clone, Copy)]
pub struct Judging {
    /// `check` warns of what depends on the host; acting verbs refuse.
    pub verdict: Verdict,
    /// Whether anything but the project's own files may be asked.
    pub host: bool,
    /// Whether every profile is judged, used or not.
    pub every_profile: bool,
    /// Where no profile is asked for: those of the last `up`, instead of the project's default.
    pub as_last_up: bool,
}

impl Judging {
    /// As the verbs judge that start nothing and whose answer must not change with the host.
    pub const WITHOUT_HOST: Judging = Judging {
        verdict: Verdict::Check,
        host: false,
        every_profile: false,
        as_last_up: false,
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

/// A configuration's main file, and all that it is read with.
pub struct Text<'a> {
    /// The project's folder.
    pub folder: &'a Path,
    /// The file's name in it.
    pub file: &'a str,
    /// What it holds.
    pub bytes: &'a [u8],
    /// The process environment.
    pub variables: &'a [(String, String)],
    /// The words of `--set`.
    pub flags: &'a [String],
    /// For which profiles.
    pub profiles: Profiles,
}

impl<'a> Text<'a> {
    /// A text alone: for the profile that it calls its default.
    pub fn new(
        folder: &'a Path,
        file: &'a str,
        bytes: &'a [u8],
        variables: &'a [(String, String)],
    ) -> Self {
        Text {
            folder,
            file,
            bytes,
            variables,
            flags: &[],
            profiles: Profiles::Default,
        }
    }
}

/// Compiles a configuration, asking nothing of the state folder.
pub fn compile_text(text: &Text, judging: Judging, naming: &Naming) -> Compiled {
    let mut sources = Sources::default();
    let mut sink = Sink::default();
    let mut values = Values::default();
    let project = match find::unread_format(text.file) {
        Some(finding) => {
            sink.push(finding);
            None
        }
        None => compile(
            text,
            judging,
            naming,
            (&mut sources, &mut values),
            &mut sink,
        ),
    };
    let findings = sink.into_sorted().into_iter();
    let findings = findings.map(|found| match found.severity {
        Severity::Error => found.with_way(&sources),
        Severity::Warning => found,
    });
    let findings = findings.collect();
    Compiled {
        sources,
        project,
        findings,
        folder: text.folder.to_owned(),
        file: text.file.to_owned(),
        values,
    }
}

fn compile(
    text: &Text,
    judging: Judging,
    naming: &Naming,
    (sources, values): (&mut Sources, &mut Values),
    sink: &mut Sink,
) -> Option<Project> {
    let loading = Loading {
        folder: text.folder,
        file: text.file,
        variables: text.variables,
        flags: text.flags,
        own: &|name| own_template(text.folder, name),
        sources,
        sink,
    };
    let Loaded {
        spec,
        variables,
        unread,
        dotenv,
    } = loading.load(text.bytes);
    let of_process = text.variables.iter().cloned();
    *values = Values::new(variables.clone().into_iter().chain(of_process));
    let spec = spec?;
    let variable = |name: &str| {
        let mut set = text.variables.iter();
        let set = set.find(|(key, _)| key == name).map(|(_, value)| value);
        set.or(variables.get(name)).cloned()
    };
    let has_variable = |name: &str| {
        variables.contains_key(name) || text.variables.iter().any(|(key, _)| key == name)
    };
    let near_variable = |name: &str| {
        let of_process = text.variables.iter().map(|(name, _)| name);
        let all = variables.keys().chain(of_process).map(String::as_str);
        nearest(name, all).map(str::to_owned)
    };
    let known = names::World {
        has_variable: &has_variable,
        near_variable: &near_variable,
        unread: &|name| unread.get(name).cloned(),
        strict: judging.verdict == Verdict::Act,
    };
    names::judge_all(&spec, &known, sink);
    let kind_is_set = || {
        let own = spec.machines.iter().map(|machine| &machine.section);
        own.chain([&spec.environment]).any(|section| {
            let mut entries = section.entries.iter();
            entries.any(|entry| entry.setting == "kind")
        })
    };
    if let Some(read) = &dotenv
        && !kind_is_set()
    {
        missing_kind(read, sink);
    }
    let variable_home = text.variables.iter().find(|(name, _)| name == "HOME");
    let home = variable_home.map(|(_, home)| PathBuf::from(home));
    let making = Making {
        spec: &spec,
        place: Place {
            folder: text.folder,
            file: text.file,
            home: home.as_deref(),
            head: spec.head,
        },
        naming,
        variable: &variable,
        around: Surroundings {
            disk: &RealDisk,
            has_variable: &has_variable,
            near_variable: &near_variable,
            verdict: judging.verdict,
            host: judging.host,
            uid: rustix::process::geteuid().as_raw(),
        },
    };
    let of_process = |name: &str| {
        let mut set = text.variables.iter();
        set.find(|(key, _)| key == name)
            .map(|(_, value)| value.clone())
    };
    let mut playbooks = Playbooks::new(sources, &making.around, &of_process);
    let mut project = |choice: &[String], sink: &mut Sink| {
        let project = making.project(choice, sink)?;
        playbooks.rules(&project, sink);
        Some(project)
    };
    let asked = asked(&spec, &text.profiles, sink)?;
    // What the profiles together mean comes last: it is what the verbs go on with.
    let mut choices = match judging.every_profile {
        true => choices(&spec),
        false => Vec::new(),
    };
    choices.retain(|choice| *choice != asked);
    for choice in &choices {
        project(choice, sink);
    }
    project(&asked, sink)
}

/// What a secret's file holds.
fn secret_file(path: &Path) -> Option<String> {
    const LARGEST: u64 = 500 << 10;
    let bytes = read_regular(path, LARGEST).ok()?;
    String::from_utf8(bytes).ok()
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
        self.compile_with(located, judging, identity, ledger, &variables())
    }

    /// The same in another environment.
    pub fn compile_with(
        &self,
        located: &Located,
        judging: Judging,
        identity: &ProjectIdentity,
        ledger: &Ledger,
        variables: &[(String, String)],
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
        let text = Text {
            folder: &located.folder,
            file: &located.file,
            bytes: &located.bytes,
            variables,
            flags: &self.options.flags,
            profiles: match self.profiles() {
                Profiles::Default if judging.as_last_up => ledger
                    .profiles_of(identity.uuid, &located.file)
                    .map_or(Profiles::Default, Profiles::Remembered),
                asked => asked,
            },
        };
        let mut compiled = compile_text(&text, judging, &naming);
        if let Some(project) = &mut compiled.project {
            crate::call::run::withhold(project.secret_variables());
            compiled.values.read(project, &secret_file);
            super::fingerprint::seal(project, &compiled.values, identity.uuid.as_bytes());
        }
        compiled
    }

    /// Which project a folder is. A state that cannot be read is a finding of its own.
    pub fn identify(&self, folder: &Path) -> Result<ProjectIdentity, Diagnostic> {
        project::look(folder, &self.state).map_err(|error| error.diagnostic())
    }
}
