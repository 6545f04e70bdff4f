//! Overlays of disks, by qemu-img(1).

use crate::call::Call;
use std::path::Path;

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
