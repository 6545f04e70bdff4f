//! What the files that a project names must be, as far as that can be known before they are used.

use super::{Machine, MountedShare, Project, SecretSource};
use crate::diagnostic::{Diagnostic, Sink};
use crate::settings::{self, Dialect};
use crate::source::{Located, Origin};
use crate::value::ImageRef;
use std::path::{Path, PathBuf};

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A file, with its permission bits.
    File {
        /// As in `chmod`.
        mode: u32,
    },
    /// A folder.
    Folder,
    /// A FIFO, a device, a socket.
    Other,
    /// Nothing.
    Missing,
    /// It cannot be looked at.
    Denied,
}

/// The file system as the rules see it.
pub trait Disk {
    /// What stands at a path.
    fn look(&self, path: &Path) -> Found;
    /// The uid that owns a path.
    fn owner(&self, path: &Path) -> Option<u32>;
    /// A small file's text; the error says why not.
    fn read(&self, path: &Path) -> Result<String, String>;
}

/// How strict the verdict is where it depends on more than the project's own files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// `check`: a warning, so that the verdict does not change with the host.
    Check,
    /// `up`, `plan`, `provision`: an error.
    Act,
}

/// What the rules may ask.
pub struct Surroundings<'a> {
    /// The file system.
    pub disk: &'a dyn Disk,
    /// Whether the `.env` or the environment has a variable.
    pub has_variable: &'a dyn Fn(&str) -> bool,
    /// The nearest name of a variable that one of them has.
    pub near_variable: &'a dyn Fn(&str) -> Option<String>,
    /// How strict.
    pub verdict: Verdict,
    /// Who runs the engine.
    pub uid: u32,
    /// Whether paths outside the project may be looked at.
    pub host: bool,
}

impl Surroundings<'_> {
    /// A finding of something outside the project's own files.
    pub fn outside(&self, number: u16) -> Diagnostic {
        match self.verdict {
            Verdict::Check => Diagnostic::warning(number),
            Verdict::Act => Diagnostic::error(number),
        }
    }
}

/// Judges the files that a machine names.
pub fn rules(project: &Project, machine: &Machine, around: &Surroundings, sink: &mut Sink) {
    share_missing(project, machine, around, sink);
    share_not_writable(machine, around, sink);
    if around.verdict == Verdict::Check {
        configuration_shared(project, machine, around, sink);
    }
    containerfile_missing(project, machine, around, sink);
    key_unfit(project, machine, around, sink);
    playbook_unfit(project, machine, around, sink);
    vars_unfit(project, machine, around, sink);
    secret_undefined(project, machine, around, sink);
}

/// A finding about a path: an error inside the project, where every host sees the same.
fn path_finding(
    project: &Project,
    around: &Surroundings,
    number: u16,
    path: &Path,
    origin: Origin,
) -> Option<Diagnostic> {
    let inside = path.starts_with(&project.folder);
    if inside {
        Some(Diagnostic::error(number).at_origin(origin))
    } else {
        around
            .host
            .then(|| around.outside(number).at_origin(origin))
    }
}

/// A path as it is written in the project, where it lies in it.
fn shown(project: &Project, path: &Path) -> String {
    let inside = path.strip_prefix(&project.folder).unwrap_or(path);
    inside.display().to_string()
}

fn share_missing(project: &Project, machine: &Machine, around: &Surroundings, sink: &mut Sink) {
    for share in &machine.shares {
        let Some(finding) = path_finding(project, around, 2115, &share.host, share.origin) else {
            continue;
        };
        let why = match around.disk.look(&share.host) {
            Found::Missing => "does not exist",
            Found::Denied => "cannot be looked at",
            Found::Other => "is neither a folder nor a file",
            Found::Folder | Found::File { .. } => continue,
        };
        let host = &share.written.host;
        sink.push(
            finding
                .message(format!(
                    "Invalid value for {}: {host} {why}",
                    project.dialect.called("sync")
                ))
                .help(format!(
                    "make the folder: mkdir -p {}",
                    crate::call::quoted(host)
                )),
        );
    }
}

/// What root runs maps no ids: root's own folder can be written by root alone.
fn share_not_writable(machine: &Machine, around: &Surroundings, sink: &mut Sink) {
    let user = machine.user.as_ref().filter(|user| user.as_str() != "root");
    let Some(user) = user.filter(|_| around.host && around.uid == 0) else {
        return;
    };
    let writable = machine
        .shares
        .iter()
        .filter(|share| !share.written.read_only);
    for share in writable.filter(|share| around.disk.owner(&share.host) == Some(0)) {
        let host = &share.written.host;
        sink.push(
            Diagnostic::warning(2306)
                .message(format!("{user} cannot write {host}: the folder is root's"))
                .at_origin(share.origin)
                .related("the machine's user", user.origin)
                .help(format!(
                    "give it to an ordinary user: chown -R USER {}, or remove SSH_USER",
                    crate::call::quoted(host)
                )),
        );
    }
}

/// Sharing the folder shares the file with its secrets.
fn configuration_shared(
    project: &Project,
    machine: &Machine,
    around: &Surroundings,
    sink: &mut Sink,
) {
    let file = project.folder.join(".env");
    let name = match project.dialect {
        Dialect::Env => &*project.file,
        Dialect::Kdl if around.disk.look(&file) != Found::Missing => ".env",
        Dialect::Kdl => return,
    };
    let file = project.folder.join(name);
    let reads = |share: &&Located<MountedShare>| {
        let below = file.strip_prefix(&share.host);
        let hidden = |below: &Path| {
            share
                .masks
                .iter()
                .any(|mask| below.starts_with(&mask.value))
        };
        below.is_ok_and(|below| !hidden(below))
    };
    for share in machine.shares.iter().filter(reads) {
        let help = match project.dialect {
            Dialect::Env => {
                "share a folder below it, such as `./src:/workspace`, if the file holds secrets"
            }
            Dialect::Kdl => "hide it: `sync … { mask \".env\" }`, if the file holds secrets",
        };
        sink.push(
            Diagnostic::warning(2304)
                .message(format!(
                    "The machine can read {}, which this folder holds",
                    name
                ))
                .at_origin(share.origin)
                .help(help),
        );
    }
}

fn containerfile_missing(
    project: &Project,
    machine: &Machine,
    around: &Surroundings,
    sink: &mut Sink,
) {
    let ImageRef::Containerfile(written) = &machine.image.value else {
        return;
    };
    let path = project.folder.join(written);
    let Some(finding) = path_finding(project, around, 2111, &path, machine.image.origin) else {
        return;
    };
    let why = match around.disk.look(&path) {
        Found::File { .. } => return,
        Found::Missing => "does not exist",
        _ => "is not a file",
    };
    sink.push(
        finding
            .message(format!(
                "Invalid value for {}: {written} {why}",
                project.dialect.called("image")
            ))
            .help("write the path of a Containerfile, or an image such as `debian:12`"),
    );
}

/// A key exists, is private, and is open to nobody else.
fn key_unfit(project: &Project, machine: &Machine, around: &Surroundings, sink: &mut Sink) {
    let Some(key) = &machine.key_file else { return };
    let Some(finding) = path_finding(project, around, 2114, key, key.origin) else {
        return;
    };
    let path = shown(project, key);
    let word = crate::call::quoted(&path);
    let without = format!(
        "{}: a pair is made for the machine",
        project.dialect.removed()
    );
    let without = without.as_str();
    let mode = match around.disk.look(key) {
        Found::File { mode } => Ok(mode & 0o7777),
        Found::Missing => Err((
            format!("{path} does not exist"),
            format!("make it: ssh-keygen -t ed25519 -f {word}, or {without}"),
        )),
        _ => Err((format!("{path} is not a file"), without.into())),
    };
    let (what, help) = match (mode, around.disk.read(key)) {
        (Err(unfit), _) => unfit,
        (_, Err(why)) => (
            format!("{path} cannot be read: {why}"),
            format!("run: chmod 600 {word}"),
        ),
        (_, Ok(text)) if text.starts_with("ssh-") || text.starts_with("ecdsa-") => (
            format!("{path} is a public key"),
            match path.strip_suffix(".pub") {
                Some(private) => match project.dialect {
                    Dialect::Env => format!("write `SSH_KEY={private}`"),
                    Dialect::Kdl => format!("write `ssh key=\"{private}\"`"),
                },
                None => "write the path of the private half".into(),
            },
        ),
        (_, Ok(text)) if !text.contains("PRIVATE KEY-----") => {
            (format!("{path} is no private key"), without.into())
        }
        (Ok(mode), _) if mode & 0o077 != 0 => (
            format!("{path} is open to others (mode {mode:04o})"),
            format!("run: chmod 600 {word}"),
        ),
        (Ok(_), Ok(_)) => return,
    };
    sink.push(
        finding
            .message(format!(
                "Invalid value for {}: {what}",
                project.dialect.called("ssh.key")
            ))
            .help(help),
    );
}

fn playbook_unfit(project: &Project, machine: &Machine, around: &Surroundings, sink: &mut Sink) {
    for provision in machine.provisions.iter().filter(|it| it.is_written()) {
        let expected = Expected {
            number: 2116,
            setting: "provision",
            help: "write the path of a playbook: a YAML list of plays, or of a script such as `setup.sh`",
        };
        expected.at(&provision.playbook, project, around, sink);
    }
}

fn vars_unfit(project: &Project, machine: &Machine, around: &Surroundings, sink: &mut Sink) {
    let all = machine.provisions.iter();
    for vars in all.flat_map(|provision| &provision.vars_files) {
        let expected = Expected {
            number: 2117,
            setting: "provision.vars-file",
            help: "write the path of a file of `name: value` lines",
        };
        expected.at(vars, project, around, sink);
    }
}

/// A file that a setting names. What it holds is judged where it is read, by [`super::playbook`].
struct Expected {
    number: u16,
    setting: &'static str,
    help: &'static str,
}

impl Expected {
    fn at(
        &self,
        path: &Located<PathBuf>,
        project: &Project,
        around: &Surroundings,
        sink: &mut Sink,
    ) {
        let Some(finding) = path_finding(project, around, self.number, path, path.origin) else {
            return;
        };
        let shown = shown(project, path);
        let why = match around.disk.look(path) {
            Found::File { .. } => match around.disk.read(path) {
                Ok(_) => return,
                Err(why) => format!("{shown} cannot be read: {why}"),
            },
            Found::Missing => format!("{shown} does not exist"),
            _ => format!("{shown} is not a file"),
        };
        let row = settings::by_name(self.setting).expect("a row");
        let name = project.dialect.name(row);
        let message = format!("Invalid value for {name}: {why}");
        sink.push(finding.message(message).help(self.help));
    }
}

/// A secret's name is set in the `.env` or the environment; `check` does not need the value.
fn secret_undefined(project: &Project, machine: &Machine, around: &Surroundings, sink: &mut Sink) {
    let provisions = machine.provisions.iter();
    let secrets = provisions.flat_map(|provision| &provision.secrets);
    let variables = secrets.filter_map(|secret| match &secret.from {
        SecretSource::Variable(name) => Some(name),
        SecretSource::File(_) => None,
    });
    for secret in variables.filter(|name| !(around.has_variable)(name)) {
        sink.push(
            around
                .outside(2118)
                .message(format!(
                    "Invalid value for {}: {} is not set",
                    project.dialect.name(settings::of("provision.secret")),
                    secret.value
                ))
                .at_origin(secret.origin)
                .help(match (around.near_variable)(&secret.value) {
                    Some(near) => format!("write `{near}`"),
                    None => format!(
                        "add a line `{}=…`, or set it in the environment",
                        secret.value
                    ),
                }),
        );
    }
}
