//! Writes what a guest needs into its disk, before its first start, and reads it back.
//!
//! ```text
//! clear → show the overlay as a raw file → find the root → look → grow → write → look again → hide it
//! ```

mod grow;
mod shown;

use super::Halt;
use crate::call::{Call, End, Outcome};
use crate::diagnostic::Diagnostic;
use crate::engine::guest_disk::found::Found;
use crate::engine::guest_disk::growth::Growth;
use crate::engine::guest_disk::partitions::{AREA_HEAD, Area, HEAD, Holds, areas, holds};
use crate::engine::guest_disk::put::Put;
use crate::engine::guest_disk::script::Script;
use crate::engine::guest_disk::{self, GuestSeed, calls, failure, put, verify};
use crate::state::make_folder;
use shown::Shown;
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

pub use crate::engine::guest_disk::accounts::Account;

/// Runs a call to its end: `&|call| doer.run(call)`.
pub type Run<'a> = &'a dyn Fn(&Call) -> Outcome;

/// Writes the seed into an overlay (qcow2 over a qcow2 box) whose machine does not run, and reads it back.
/// `scratch` is a folder of the machine's own that holds nothing else; it is made, and gone at the end.
///
/// It can be repeated: what an earlier time wrote is written anew. After a kill in the middle of it the overlay's
/// file system may be torn, so make the overlay anew before the next try: that costs a few hundredths of a second.
///
/// The root's partition becomes as long as the disk, where it is the last one on it.
///
/// # Errors
/// When a program is missing (5004) or fails, what was written does not read so (1151), the box is not one that
/// can be written (1152), or nothing sets up its network (1351).
pub fn seed(run: Run, scratch: &Path, overlay: &Path, seed: &GuestSeed) -> Result<Seeded, Halt> {
    clear(run, scratch);
    make_folder(scratch)?;
    let result = Shown::open(run, scratch, overlay).and_then(|shown| {
        let work = Work {
            run,
            scratch,
            file: shown.file(),
            debugfs: program("debugfs"),
        };
        let seeded = work.seed(seed)?;
        shown.keep(overlay)?;
        Ok(seeded)
    });
    clear(run, scratch);
    result
}

/// What became of a disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seeded {
    /// Who logs in, with the number and the home that it has in this box.
    pub account: Account,
    /// Whether the root gets all of the disk.
    pub growth: Growth,
}

/// Ends what a killed [`seed`] left behind: the daemon that shows the disk, its mount, and the folder. Nothing there
/// is fine. `rm` and `up` call it before they touch the machine's folder or its disk.
pub fn clear(run: Run, scratch: &Path) {
    shown::hide(run, scratch);
    let _ = fs::remove_dir_all(scratch);
}

struct Work<'a> {
    run: Run<'a>,
    scratch: &'a Path,
    file: PathBuf,
    debugfs: String,
}

impl Work<'_> {
    fn seed(&self, seed: &GuestSeed) -> Result<Seeded, Halt> {
        let (area, found) = self.root(seed)?;
        let growth = self.grow(area, &found)?;
        let puts = guest_disk::puts(seed, &found)?;
        self.write(area, &puts, &found)?;
        Ok(Seeded {
            account: guest_disk::accounts::account(seed, &found),
            growth,
        })
    }

    /// Where the root lies, and what is there.
    fn root(&self, seed: &GuestSeed) -> Result<(Area, Found), Halt> {
        let mut held = Vec::new();
        for area in areas(&self.bytes(0, HEAD)) {
            let holds = holds(&self.bytes(area.start, AREA_HEAD));
            held.push(holds);
            let Holds::Ext { is_unclean, .. } = holds else {
                continue;
            };
            if is_unclean {
                self.replay(area)?;
            }
            let mut found = Found::default();
            self.list(area, &mut found, &guest_disk::folders(seed))?;
            if !guest_disk::is_root(&found) {
                continue;
            }
            let files = guest_disk::files(&found);
            self.read(area, &mut found, &files)?;
            let folders = guest_disk::home_folders(seed, &found);
            self.list(area, &mut found, &folders)?;
            return Ok((area, found));
        }
        Err(failure::no_root(&held).into())
    }

    /// A journal that is not played back would undo what is written.
    fn replay(&self, area: Area) -> Result<(), Halt> {
        let mut script = Script::default();
        script.line("journal_run", &[]).map_err(unfit)?;
        let said = self.debugfs(area, &script, true)?;
        match holds(&self.bytes(area.start, AREA_HEAD)) {
            Holds::Ext {
                is_unclean: false, ..
            } => Ok(()),
            _ => Err(failure::not_written("its journal is not played back", &said).into()),
        }
    }

    fn write(&self, area: Area, puts: &[Put], found: &Found) -> Result<(), Halt> {
        for (at, put) in puts.iter().enumerate() {
            if let Put::File { bytes, .. } = put {
                let path = self.scratch.join(format!("write-{at}"));
                fs::write(&path, bytes).map_err(|error| cannot(&path, "write", &error))?;
            }
        }
        let source = |at: usize| self.named(&format!("write-{at}"));
        let script = put::script(puts, found, &source).map_err(unfit)?;
        let said = self.debugfs(area, &script, true)?;
        let mut after = Found::default();
        self.list(area, &mut after, &verify::folders(puts))?;
        self.read(area, &mut after, &verify::files(puts))?;
        match verify::first_wrong(puts, &after) {
            None => Ok(()),
            Some(wrong) => Err(failure::not_written(&wrong, &said).into()),
        }
    }

    fn list(&self, area: Area, found: &mut Found, folders: &[String]) -> Result<(), Halt> {
        let new: Vec<String> = folders
            .iter()
            .filter(|folder| !found.knows(folder))
            .cloned()
            .collect();
        let script = Found::listing(&new).map_err(unfit)?;
        let said = self.debugfs(area, &script, false)?;
        found.take_listing(&new, &said.stdout);
        Ok(())
    }

    fn read(&self, area: Area, found: &mut Found, files: &[String]) -> Result<(), Halt> {
        let target = |at: usize| self.named(&format!("read-{at}"));
        let script = found.dump(files, &target).map_err(unfit)?;
        self.debugfs(area, &script, false)?;
        for (at, path) in files.iter().enumerate() {
            let target = PathBuf::from(target(at));
            if let Ok(bytes) = fs::read(&target) {
                found.take_text(path, bytes);
                let _ = fs::remove_file(&target);
            }
        }
        Ok(())
    }

    fn debugfs(&self, area: Area, script: &Script, is_write: bool) -> Result<Outcome, Halt> {
        let path = self.scratch.join("script");
        fs::write(&path, script.text()).map_err(|error| cannot(&path, "write", &error))?;
        let call = calls::debugfs(&self.debugfs, &path, &self.file, area.start, is_write);
        let what = if is_write { "write into" } else { "read" };
        checked(
            (self.run)(&call),
            "debugfs",
            &format!("debugfs cannot {what} it"),
        )
    }

    fn named(&self, name: &str) -> String {
        self.scratch.join(name).display().to_string()
    }

    fn bytes(&self, start: u64, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        let file = fs::File::open(&self.file);
        let mut filled = 0;
        while let (Ok(file), true) = (&file, filled < length) {
            match file.read_at(&mut bytes[filled..], start + filled as u64) {
                Ok(0) | Err(_) => break,
                Ok(count) => filled += count,
            }
        }
        bytes.truncate(filled);
        bytes
    }
}

fn checked(outcome: Outcome, program: &str, what: &str) -> Result<Outcome, Halt> {
    match outcome.end {
        End::Exit(0) => Ok(outcome),
        End::Interrupted => Err(Halt::Interrupted),
        _ => Err(failure::failed(&outcome, program, what).into()),
    }
}

fn unfit(word: guest_disk::script::Unfit) -> Diagnostic {
    failure::unfit(&word)
}

fn cannot(path: &Path, what: &str, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error(1151)
        .message(format!(
            "The machine's disk cannot be prepared: cannot {what} {}: {error}",
            path.display()
        ))
        .help("free space, or let this user write there, then run it again")
}

/// A program of the administrator's, which is not on everyone's `PATH`.
pub(super) fn program(name: &str) -> String {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin", "/sbin"].map(PathBuf::from));
    let mut files = folders.map(|folder| folder.join(name));
    let found = files.find(|file| file.is_file());
    found.map_or_else(|| name.to_owned(), |file| file.display().to_string())
}
