//! Files that are there whole or not at all.

use super::StateError;
use rustix::fs::Mode;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::Path;

/// Reads a JSON file whose `schema` is `newest` or older. The schema is read by itself first, so
/// that a newer form is never guessed at.
pub(super) fn read_json<T: serde::de::DeserializeOwned>(
    path: &Path,
    newest: u32,
) -> Result<Option<T>, StateError> {
    #[derive(serde::Deserialize)]
    struct Versioned {
        schema: u64,
    }
    let damaged = |error: serde_json::Error| StateError::Damaged {
        path: path.to_owned(),
        why: error.to_string(),
    };
    let bytes = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(StateError::io(path, "read"))?,
    };
    let Versioned { schema } = serde_json::from_slice(&bytes).map_err(damaged)?;
    if schema > u64::from(newest) {
        let path = path.to_owned();
        return Err(StateError::Newer { path, schema });
    }
    serde_json::from_slice(&bytes).map(Some).map_err(damaged)
}

/// As a file's text.
pub(super) fn json(value: &impl serde::Serialize) -> Vec<u8> {
    let text = serde_json::to_vec_pretty(value);
    let mut text = text.expect("records have string keys and no failing parts");
    text.push(b'\n');
    text
}

/// Writes a file whole or not at all, and its folder where that is missing. A crash leaves the old
/// file or the new one.
pub(super) fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<(), StateError> {
    put(path, bytes, mode, true)
}

/// The same for what can be made again: it costs no wait for the disk.
pub(super) fn write_derived(path: &Path, bytes: &[u8], mode: u32) -> Result<(), StateError> {
    put(path, bytes, mode, false)
}

/// Replaces what a file of the user's holds, at once or not at all. Its mode and owner stay, and a link
/// leads on to it.
///
/// # Errors
/// When the file, or its folder, is not to be written.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = path.canonicalize()?;
    // A file that is not to be written is not to be replaced either.
    let file = fs::OpenOptions::new().write(true).open(&path)?;
    let old = file.metadata()?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    let mut new = tempfile::Builder::new()
        .prefix(".new-")
        .tempfile_in(folder)?;
    new.as_file_mut().write_all(bytes)?;
    let own = new.as_file().metadata()?;
    if (own.uid(), own.gid()) != (old.uid(), old.gid()) {
        std::os::unix::fs::fchown(&new, Some(old.uid()), Some(old.gid()))?;
    }
    new.as_file().set_permissions(old.permissions())?;
    new.as_file().sync_all()?;
    new.persist(&path)?;
    Ok(())
}

fn put(path: &Path, bytes: &[u8], mode: u32, durable: bool) -> Result<(), StateError> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    make(folder)?;
    let written = StateError::io(path, "write");
    let put = || -> io::Result<()> {
        let mut file = tempfile::Builder::new()
            .prefix(".new-")
            .tempfile_in(folder)?;
        file.as_file_mut().write_all(bytes)?;
        // Set by hand, since the umask does not touch this.
        rustix::fs::fchmod(&file, Mode::from_raw_mode(mode))?;
        if durable {
            file.as_file().sync_all()?;
        }
        file.persist(path)?;
        if durable {
            fs::File::open(folder)?.sync_all()?;
        }
        Ok(())
    };
    put().map_err(written)
}

/// Makes a folder and those above it, open to this user only.
pub fn make(folder: &Path) -> Result<(), StateError> {
    let made = fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder);
    made.map_err(StateError::io(folder, "create"))
}

#[cfg(test)]
mod tests {
    use super::replace;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn a_replaced_file_keeps_its_mode_and_its_links() {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, link) = (folder.path().join("a.kdl"), folder.path().join("b.kdl"));
        fs::write(&file, "old").expect("ours");
        fs::set_permissions(&file, Permissions::from_mode(0o640)).expect("ours");
        symlink("a.kdl", &link).expect("a link");
        replace(&link, b"new").expect("ours");
        assert_eq!(fs::read(&file).expect("ours"), b"new");
        assert!(link.is_symlink());
        let mode = fs::metadata(&file).expect("ours").permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        let left = fs::read_dir(folder.path()).expect("ours").count();
        assert_eq!(left, 2);
        assert!(replace(&folder.path().join("c.kdl"), b"").is_err());
    }
}
