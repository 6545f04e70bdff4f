//! Disks in the pool.

use super::{POOL, act, ask};
use crate::call::{Call, Outcome};
use std::path::Path;
use std::time::Duration;

/// The names of all volumes.
pub fn volumes() -> Call {
    ask(&["vol-list", POOL])
}

/// Makes a volume.
pub fn create_volume(name: &str, bytes: u64, format: &str) -> Call {
    let size = format!("{bytes}B");
    act(&["vol-create-as", POOL, name, &size, "--format", format])
}

/// Puts a file into a volume.
pub fn upload(name: &str, file: &Path) -> Call {
    let file = file.display().to_string();
    act(&["vol-upload", name, &file, "--pool", POOL]).within(Duration::from_secs(900))
}

/// Copies a volume into a file.
pub fn download(name: &str, file: &Path) -> Call {
    let file = file.display().to_string();
    act(&["vol-download", name, &file, "--pool", POOL]).within(Duration::from_secs(900))
}

/// Asks how many bytes a volume holds.
pub fn volume_size(name: &str) -> Call {
    ask(&["vol-info", name, "--pool", POOL, "--bytes", "--physical"])
}

/// The bytes, of the answer to [`volume_size`].
pub fn read_size(outcome: &Outcome) -> Option<u64> {
    let mut lines = outcome.stdout.lines();
    let line = lines.find_map(|line| line.strip_prefix("Physical:"))?;
    line.trim().split(' ').next()?.parse().ok()
}

/// Where a volume lies.
pub fn volume_path(name: &str) -> Call {
    ask(&["vol-path", name, "--pool", POOL])
}

/// Removes a volume.
pub fn remove_volume(name: &str) -> Call {
    act(&["vol-delete", name, "--pool", POOL])
}
