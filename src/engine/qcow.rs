//! Overlays of disks, by qemu-img(1).

use crate::call::{Call, Outcome};
use std::path::{Path, PathBuf};

/// An overlay over a box's disk, which its guest sees as so large.
pub fn overlay(base: &Path, format: &str, overlay: &Path, bytes: u64) -> Call {
    Call::change("qemu-img")
        .args(["create", "-q", "-f", "qcow2", "-F", format, "-b"])
        .args([base.display(), overlay.display()])
        .arg(bytes)
}

/// Lays it over a volume instead, which holds the same.
pub fn rebase(base: &Path, format: &str, overlay: &Path) -> Call {
    Call::change("qemu-img")
        .args(["rebase", "-q", "-u", "-f", "qcow2", "-F", format, "-b"])
        .args([base.display(), overlay.display()])
}

/// Makes a disk larger.
pub fn resize(disk: &Path, bytes: u64) -> Call {
    Call::change("qemu-img")
        .args(["resize", "-q", "-f", "qcow2"])
        .arg(disk.display())
        .arg(bytes)
}

/// Asks what a disk is; what it lies over is not opened.
pub fn info(disk: &Path) -> Call {
    Call::read("qemu-img")
        .args(["info", "-U", "--output=json"])
        .arg(disk.display())
}

/// How large a guest sees it, of the answer to [`info`].
pub fn read_size(outcome: &Outcome) -> Option<u64> {
    answer(outcome)?["virtual-size"].as_u64()
}

/// What it lies over, of the answer to [`info`].
pub fn read_backing(outcome: &Outcome) -> Option<PathBuf> {
    answer(outcome)?["backing-filename"]
        .as_str()
        .map(PathBuf::from)
}

fn answer(outcome: &Outcome) -> Option<serde_json::Value> {
    serde_json::from_str(&outcome.stdout).ok()
}
