//! An overlay as a raw file: by QEMU's storage daemon, else by a copy.

use super::{Halt, Run, cannot, checked};
use crate::call::run::dismiss;
use crate::engine::guest_disk::calls;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a daemon may take to write all out.
const GRACE: Duration = Duration::from_secs(20);

/// A disk that can be written as a raw file. It is hidden again when this goes.
pub struct Shown<'a> {
    run: Run<'a>,
    scratch: &'a Path,
    /// What the overlay lies over, where the file is a copy.
    copied_over: Option<PathBuf>,
}

impl<'a> Shown<'a> {
    /// Shows it. Where nothing can (no `/dev/fuse`, no daemon), the whole disk is copied.
    pub fn open(run: Run<'a>, scratch: &'a Path, overlay: &Path) -> Result<Self, Halt> {
        let file = place(scratch);
        fs::write(&file, b"").map_err(|error| cannot(&file, "write", &error))?;
        let mut shown = Shown {
            run,
            scratch,
            copied_over: None,
        };
        if run(&calls::export(overlay, &file)).ok() {
            return Ok(shown);
        }
        hide(run, scratch);
        let _ = fs::remove_file(&file);
        let info = checked(
            run(&calls::info(overlay)),
            "qemu-img",
            "its overlay cannot be read",
        )?;
        let base = calls::base(&info.stdout).unwrap_or_default();
        checked(
            run(&calls::to_raw(overlay, &file)),
            "qemu-img",
            "it cannot be shown as a file, nor be copied to one",
        )?;
        shown.copied_over = Some(PathBuf::from(base));
        Ok(shown)
    }

    /// The raw file.
    pub fn file(&self) -> PathBuf {
        place(self.scratch)
    }

    /// Ends it, with all that was written in the overlay.
    pub fn keep(self, overlay: &Path) -> Result<(), Halt> {
        let Some(base) = &self.copied_over else {
            return Ok(());
        };
        let new = self.scratch.join("overlay");
        checked(
            (self.run)(&calls::to_overlay(&self.file(), base, &new)),
            "qemu-img",
            "its copy cannot be made an overlay again",
        )?;
        fs::copy(&new, overlay).map_err(|error| cannot(overlay, "write", &error))?;
        Ok(())
    }
}

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        hide(self.run, self.scratch);
    }
}

fn place(scratch: &Path) -> PathBuf {
    scratch.join("disk")
}

/// Ends the daemon that shows a disk there, and takes its mount away, should it have been killed.
pub fn hide(run: Run, scratch: &Path) {
    let file = place(scratch);
    let ours = |words: &[String]| calls::exports(words, &file);
    dismiss(calls::STORAGE_DAEMON, &ours, GRACE);
    if is_mounted(&file) {
        run(&calls::unmount(&file));
    }
}

/// Whether something is mounted there. What belongs to a daemon that is dead cannot even be looked at.
fn is_mounted(file: &Path) -> bool {
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let name = file.display().to_string();
    let escaped: String = name
        .chars()
        .map(|c| match c {
            ' ' | '\t' | '\n' | '\\' => format!("\\{:03o}", u32::from(c)),
            c => c.to_string(),
        })
        .collect();
    let mut places = mounts.lines().filter_map(|line| line.split(' ').nth(4));
    places.any(|place| place == escaped)
}
