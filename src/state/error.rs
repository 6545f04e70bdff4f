use crate::diagnostic::Diagnostic;
use crate::state::record::SCHEMA;
use std::io;
use std::path::{Path, PathBuf};

/// Why something cannot be remembered or recalled.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The system refused.
    #[error("cannot {action} {}: {}", path.display(), reason(error))]
    Io {
        /// What was touched.
        path: PathBuf,
        /// What was tried, as a verb: completes "cannot …".
        action: &'static str,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// The system refused to let the project's own `.vagrantp` be written.
    #[error("cannot {action} {}: {}", path.display(), reason(error))]
    Project {
        /// What was touched.
        path: PathBuf,
        /// What was tried, as a verb.
        action: &'static str,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// The file is cut short, or no record at all.
    #[error("{} cannot be read: {why}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the parser said.
        why: String,
    },
    /// A newer vagrantp wrote the file.
    #[error("{} has format {schema}, written by a newer vagrantp", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        schema: u64,
    },
    /// Nothing says where this user's state belongs.
    #[error("no folder for the state is known: HOME is not set, and this user has no home")]
    Homeless,
}

impl StateError {
    /// For `map_err`: an action on a path failed.
    pub(super) fn io(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| StateError::Io {
            path,
            action,
            error,
        }
    }

    /// The same, where the path lies in the project's own folder.
    pub(super) fn in_project(self) -> Self {
        match self {
            StateError::Io {
                path,
                action,
                error,
            } => StateError::Project {
                path,
                action,
                error,
            },
            other => other,
        }
    }

    /// The file or folder that it is about.
    pub fn path(&self) -> Option<&Path> {
        match self {
            StateError::Io { path, .. }
            | StateError::Project { path, .. }
            | StateError::Damaged { path, .. }
            | StateError::Newer { path, .. } => Some(path),
            StateError::Homeless => None,
        }
    }

    /// As a finding: rule 1801 where the system refused, 1802 a damaged file, 1803 a newer one.
    pub fn diagnostic(&self) -> Diagnostic {
        let number = match self {
            StateError::Io { .. } | StateError::Project { .. } | StateError::Homeless => 1801,
            StateError::Damaged { .. } => 1802,
            StateError::Newer { .. } => 1803,
        };
        let text = self.to_string();
        let mut letters = text.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        let sentence: String = first.chain(letters).collect();
        Diagnostic::error(number)
            .message(if text.starts_with('/') {
                text
            } else {
                sentence
            })
            .help(self.help())
    }

    fn help(&self) -> String {
        match self {
            StateError::Io { path, error, .. } => {
                let folder = "set XDG_STATE_HOME to a folder that can be written";
                remedy(path, error, folder)
            }
            StateError::Project { path, error, .. } => {
                let folder = "let the project's folder be written, or copy the project to one \
                              that can be";
                remedy(path, error, folder)
            }
            StateError::Damaged { path, .. } => format!(
                "move it away with `mv {0} {0}.damaged` and run the command again; what an engine \
                 still has is found by its label",
                crate::call::quoted(&path.to_string_lossy())
            ),
            StateError::Newer { .. } => format!(
                "update vagrantp: this one reads formats up to {SCHEMA} and leaves the file alone"
            ),
            StateError::Homeless => "set HOME, or XDG_STATE_HOME, to an absolute path".to_owned(),
        }
    }
}

fn remedy(path: &Path, error: &io::Error, otherwise: &str) -> String {
    let quoted = crate::call::quoted(&path.to_string_lossy());
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            let folder = path.parent().unwrap_or(path).to_string_lossy();
            let folder = crate::call::quoted(&folder);
            format!("free some space (`df -h {folder}`), then run the command again")
        }
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            format!("move away what stands where a folder must be: `ls -ld {quoted}`")
        }
        io::ErrorKind::PermissionDenied => {
            format!("look whose it is with `ls -ld {quoted}`, or {otherwise}")
        }
        _ => otherwise.to_owned(),
    }
}

/// The system's words, without its error number.
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull => "the disk is full".to_owned(),
        io::ErrorKind::QuotaExceeded => "your disk quota is used up".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "the filesystem is read-only".to_owned(),
        io::ErrorKind::PermissionDenied if error.raw_os_error().is_some() => {
            "permission denied".to_owned()
        }
        _ if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
            "its links lead round in a circle".to_owned()
        }
        io::ErrorKind::NotADirectory => "a file stands where a folder must be".to_owned(),
        _ => {
            let text = error.to_string();
            let end = text.find(" (os error").unwrap_or(text.len());
            text[..end].to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::StateError;
    use std::io::{Error, ErrorKind};
    use std::path::Path;

    #[test]
    fn a_full_disk_and_a_read_only_one_are_told_plainly() {
        let path = Path::new("/s/record.json");
        let shown = |kind: ErrorKind| {
            let found = StateError::io(path, "write")(Error::from(kind)).diagnostic();
            format!("{found} | {}", found.help.as_deref().unwrap_or(""))
        };
        let full = shown(ErrorKind::StorageFull);
        assert!(full.starts_with("1801 Cannot write /s/record.json: the disk is full"));
        assert!(full.contains("`df -h /s`"), "{full}");
        let fixed = shown(ErrorKind::ReadOnlyFilesystem);
        assert!(fixed.contains("the filesystem is read-only"), "{fixed}");
        assert!(fixed.contains("XDG_STATE_HOME"), "{fixed}");
    }

    #[test]
    fn a_refusal_in_the_project_points_at_the_project() {
        let refused = Error::from(ErrorKind::ReadOnlyFilesystem);
        let error = StateError::io(Path::new("/p/.vagrantp"), "create")(refused).in_project();
        assert!(error.diagnostic().help.unwrap().contains("the project"));
    }
}
