//! The file system, as the rules see it.

use crate::model::Machine;
use crate::model::files::{Disk, Found};
use crate::state::error::reason;
use std::fs;
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Files that a rule reads whole are small.
const SMALL: u64 = 4 << 20;

/// The real one.
pub struct RealDisk;

impl Disk for RealDisk {
    fn look(&self, path: &Path) -> Found {
        match fs::metadata(path) {
            Ok(data) if data.is_file() => Found::File {
                mode: data.permissions().mode(),
            },
            Ok(data) if data.is_dir() => Found::Folder,
            Ok(_) => Found::Other,
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Found::Denied,
            Err(_) => Found::Missing,
        }
    }

    fn owner(&self, path: &Path) -> Option<u32> {
        owner(path).map(|(uid, _)| uid)
    }

    fn read(&self, path: &Path) -> Result<String, String> {
        let bytes = read_regular(path, SMALL).map_err(|why| why.to_string())?;
        String::from_utf8(bytes).map_err(|_| "it is not UTF-8".into())
    }
}

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// Nothing is there.
    #[error("it does not exist")]
    Missing,
    /// It is no file.
    #[error("it is {0}, not a file")]
    NoFile(&'static str),
    /// It is larger than what is read.
    #[error("it is larger than {} MB", .0 >> 20)]
    TooLarge(u64),
    /// The system says no.
    #[error("{}", reason(.0))]
    System(std::io::Error),
}

/// Reads a regular file of at most `limit` bytes. A FIFO never blocks it.
///
/// # Errors
/// When it is something else, larger, or not to be read.
pub fn read_regular(path: &Path, limit: u64) -> Result<Vec<u8>, Unreadable> {
    let open = fs::OpenOptions::new()
        .read(true)
        .custom_flags(rustix::fs::OFlags::NONBLOCK.bits() as i32)
        .open(path);
    let file = open.map_err(|error| match error.kind() {
        ErrorKind::NotFound => Unreadable::Missing,
        _ => Unreadable::System(error),
    })?;
    let data = file.metadata().map_err(Unreadable::System)?;
    if !data.is_file() {
        use std::os::unix::fs::FileTypeExt;
        let kind = data.file_type();
        return Err(Unreadable::NoFile(if kind.is_dir() {
            "a folder"
        } else if kind.is_fifo() {
            "a FIFO"
        } else {
            "a device or socket"
        }));
    }
    if data.len() > limit {
        return Err(Unreadable::TooLarge(limit));
    }
    let mut bytes = Vec::new();
    let read = file.take(limit + 1).read_to_end(&mut bytes);
    read.map_err(Unreadable::System)?;
    if bytes.len() as u64 > limit {
        return Err(Unreadable::TooLarge(limit));
    }
    Ok(bytes)
}

/// Who owns a machine's first shared folder: uid and gid.
pub fn owner_of_shared(machine: &Machine) -> Option<(u32, u32)> {
    owner(&machine.shares.first()?.host)
}

fn owner(path: &Path) -> Option<(u32, u32)> {
    let data = fs::metadata(path).ok()?;
    Some((data.uid(), data.gid()))
}

/// What a secret's file holds.
pub fn secret_file(path: &Path) -> Option<String> {
    const LARGEST: u64 = 500 << 10;
    let bytes = read_regular(path, LARGEST).ok()?;
    String::from_utf8(bytes).ok()
}
