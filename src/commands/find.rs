//! Which folder is the project, and which file says so.

use super::disk::{Unreadable, read_regular};
use super::{Session, environment};
use crate::diagnostic::{Diagnostic, Sink};
use crate::source::Sources;
use crate::syntax::decode;
use crate::syntax::dotenv;
use crate::syntax::kindless::missing_kind;
use std::path::{Path, PathBuf};

/// The configuration file of a project, read.
#[derive(Debug, Clone)]
pub struct Located {
    /// The project's folder, absolute and without links.
    pub folder: PathBuf,
    /// The file's name in it.
    pub file: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Why no project was found: a finding, and the text it points into.
pub type NotFound = Box<(Sources, Diagnostic)>;

impl Session {
    /// `--file`, else `$VAGRANTP_FILE`, else the nearest folder that qualifies, from here upwards.
    ///
    /// # Errors
    /// When none is found, or the one found cannot be read.
    pub fn find(&self) -> Result<Located, NotFound> {
        let start = self.start_folder()?;
        match self.named() {
            Some(file) => named_file(&start, &file),
            None => walk(&start).and_then(|located| tellable(&located.folder).map(|()| located)),
        }
    }

    /// The file that was named by `--file` or `$VAGRANTP_FILE`.
    fn named(&self) -> Option<PathBuf> {
        let variable = || environment("VAGRANTP_FILE").filter(|file| !file.is_empty());
        let named = self.options.file.clone();
        named.or_else(|| variable().map(Into::into))
    }

    /// Its name in its folder: whose machines are meant, where a file was named.
    pub fn named_file(&self) -> Option<String> {
        let named = self.named()?;
        Some(named.file_name()?.to_string_lossy().into_owned())
    }

    /// Where to look from, where that is a folder.
    fn start_folder(&self) -> Result<PathBuf, NotFound> {
        let start = self.start();
        match &self.options.directory {
            Some(written) if !start.is_dir() => Err(bare(
                Diagnostic::error(2901)
                    .message(format!("There is no folder {}", written.display()))
                    .help("write a folder that exists after -C"),
            )),
            _ => Ok(start),
        }
    }

    /// The folder of the project for the verbs that need only the record: one that we have
    /// remembered something in qualifies too.
    pub fn find_folder(&self) -> Result<PathBuf, NotFound> {
        if self.named().is_some() {
            return self.find().map(|located| located.folder);
        }
        let start = self.start_folder()?;
        let qualifies = |folder: &&Path| {
            folder.join(".vagrantp/project.json").is_file() || matches!(at(folder), At::Ours(..))
        };
        match start.ancestors().find(qualifies) {
            Some(folder) => tellable(folder).map(|()| folder.to_owned()),
            None => walk(&start).map(|located| located.folder),
        }
    }
}

/// Records, labels and documents are text: a path that is none can be told in none of them.
fn tellable(folder: &Path) -> Result<(), NotFound> {
    match folder.to_str() {
        Some(_) => Ok(()),
        None => Err(bare(
            Diagnostic::error(2002)
                .message(format!("The path of {} is not UTF-8", folder.display()))
                .help("rename the folder"),
        )),
    }
}

fn bare(finding: Diagnostic) -> NotFound {
    Box::new((Sources::default(), finding))
}

/// The file of a name, from a folder.
///
/// # Errors
/// When it is not there, or cannot be read.
pub fn named_file(start: &Path, file: &Path) -> Result<Located, NotFound> {
    let path = start.join(file);
    let name = path.file_name().unwrap_or_default();
    let Some(name) = name.to_str().map(str::to_owned) else {
        return Err(bare(
            Diagnostic::error(2002)
                .message(format!("The name of {} is not UTF-8", file.display()))
                .help("rename the file"),
        ));
    };
    if let Some(finding) = unread_format(&name) {
        return Err(bare(finding));
    }
    let folder = path.parent().unwrap_or(Path::new("/"));
    let folder = folder.canonicalize().map_err(|_| {
        bare(
            Diagnostic::error(2001)
                .message(format!("Configuration file {} not found", file.display()))
                .help("name a file that exists"),
        )
    })?;
    tellable(&folder)?;
    match read_regular(&path, decode::LIMIT as u64) {
        Ok(bytes) => Ok(Located {
            folder,
            file: name,
            bytes,
        }),
        Err(why) => Err(bare(unreadable(&file.display().to_string(), &why))),
    }
}

/// Why a file of this name is not read, where its ending says that it is neither a `.env` nor KDL.
pub fn unread_format(name: &str) -> Option<Diagnostic> {
    let ending = Path::new(name).extension().unwrap_or_default();
    let help = "write the settings as `KEY=value` lines in a .env, or as a vagrantp.kdl";
    match ending.to_string_lossy().to_lowercase().as_str() {
        "yaml" | "yml" | "json" | "toml" => {
            let message = format!("{name} is not read: vagrantp reads .env and .kdl files");
            Some(Diagnostic::error(2403).message(message).help(help))
        }
        _ => None,
    }
}

/// What a folder's configuration is.
enum At {
    Ours(&'static str, Vec<u8>),
    Foreign(Vec<u8>),
    Nothing,
    Unreadable(&'static str, Unreadable),
}

/// The file that makes a folder a project by its name alone.
const KDL: &str = "vagrantp.kdl";

fn at(folder: &Path) -> At {
    match read_regular(&folder.join(KDL), decode::LIMIT as u64) {
        Ok(bytes) => return At::Ours(KDL, bytes),
        Err(Unreadable::Missing) => {}
        Err(why) => return At::Unreadable(KDL, why),
    }
    match read_regular(&folder.join(".env"), decode::LIMIT as u64) {
        Ok(bytes) if sets_infra_type(&bytes) => At::Ours(".env", bytes),
        Ok(bytes) => At::Foreign(bytes),
        Err(Unreadable::Missing) => At::Nothing,
        Err(why) => At::Unreadable(".env", why),
    }
}

/// Bytes that are no text qualify where they name the key: their fault is told at its place.
pub(super) fn sets_infra_type(bytes: &[u8]) -> bool {
    if !contains(bytes, b"INFRA_TYPE") {
        // UTF-16 holds the name too, with a zero byte between its letters.
        return bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    }
    let Ok(text) = decode::decode(bytes) else {
        return true;
    };
    let mut sources = Sources::default();
    let id = sources.add_text(".env", text);
    dotenv::parse(&sources, id, &|_| None, &mut Sink::default())
        .infra_type
        .is_some()
}

fn contains(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

fn walk(start: &Path) -> Result<Located, NotFound> {
    for folder in start.ancestors() {
        match at(folder) {
            At::Ours(file, bytes) => {
                return Ok(Located {
                    folder: folder.to_owned(),
                    file: file.into(),
                    bytes,
                });
            }
            At::Unreadable(file, why) if folder == start => {
                return Err(bare(unreadable(file, &why)));
            }
            At::Foreign(_) | At::Nothing | At::Unreadable(..) => {}
        }
    }
    match at(start) {
        At::Foreign(bytes) => Err(foreign(&bytes)),
        _ => Err(bare(
            Diagnostic::error(2001)
                .message(
                    "Configuration file .env not found in current directory or any folder above",
                )
                .help("write one:  printf 'INFRA_TYPE=container\\nMEMORY=2G\\n' > .env"),
        )),
    }
}

/// A `.env` of the application alone: the missing key is placed at its near miss, else at line 1.
fn foreign(bytes: &[u8]) -> NotFound {
    let mut sources = Sources::default();
    let text = match decode::decode(bytes) {
        Ok(text) => text,
        Err(flaw) => {
            let id = sources.add_text(".env", flaw.text.clone());
            let finding = flaw.diagnostic(id);
            return Box::new((sources, finding));
        }
    };
    let id = sources.add_text(".env", text);
    let mut sink = Sink::default();
    let read = dotenv::parse(&sources, id, &|_| None, &mut sink);
    sources.hide(id, &read.foreign);
    missing_kind(&read, &mut sink);
    let mut found = sink.found.into_iter();
    let finding = found.find(|found| found.rule.number == 2003);
    let finding = finding.expect("it was told just now");
    let message = "INFRA_TYPE is not set, so this .env describes no machine";
    Box::new((sources, finding.message(message)))
}

/// Why a file is not read, as a finding.
pub fn unreadable(name: &str, why: &Unreadable) -> Diagnostic {
    match why {
        Unreadable::Missing => Diagnostic::error(2001)
            .message(format!("Configuration file {name} not found"))
            .help("name a file that exists"),
        Unreadable::TooLarge(limit) => Diagnostic::error(2002)
            .message(format!(
                "{name} cannot be read: it is larger than {} MB",
                limit >> 20
            ))
            .help("keep the settings in a file of their own"),
        Unreadable::NoFile(_) => Diagnostic::error(2002)
            .message(format!("{name} cannot be read: {why}"))
            .help("put a plain text file in its place"),
        Unreadable::System(_) => Diagnostic::error(2002)
            .message(format!("{name} cannot be read: {why}"))
            .help(format!(
                "see its permissions: ls -l {}",
                crate::call::quoted(name)
            )),
    }
}
