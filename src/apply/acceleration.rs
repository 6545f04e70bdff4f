//! Finds out once whether KVM runs guests here, and remembers it in the cache.

use super::guest_disk::{Run, program};
use crate::diagnostic::Diagnostic;
use crate::engine::acceleration::{self, Acceleration, Device, Facts, Why};
use crate::state::make_folder;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use uuid::Uuid;

/// What runs the guests here, and why it is not KVM where it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// What runs them.
    pub acceleration: Acceleration,
    /// Why they are emulated; nothing where the variable says so.
    pub why: Option<Why>,
}

/// What runs the guests: as the variable says, else as a trial of this boot showed, else by a trial (2 s at most).
///
/// # Errors
/// When the variable is neither `kvm` nor `qemu`.
pub fn acceleration(run: Run, cache: &Path, variable: Option<&str>) -> Result<Known, Diagnostic> {
    if let Some(acceleration) = acceleration::written(variable)? {
        let why = None;
        return Ok(Known { acceleration, why });
    }
    let facts = facts();
    let why = facts.at_once().or_else(|| {
        let file = cache.join("acceleration");
        let key = facts.key();
        let text = fs::read_to_string(&file).unwrap_or_default();
        acceleration::recalled(&key, &text).unwrap_or_else(|| {
            let why = tried(run, cache);
            // One that is torn or cannot be written is tried anew.
            let _ = fs::write(&file, acceleration::remembered(&key, why));
            why
        })
    });
    let acceleration = match why {
        None => Acceleration::Kvm,
        Some(_) => Acceleration::Emulated,
    };
    Ok(Known { acceleration, why })
}

/// That guests are emulated, the first time that this project is to be told.
pub fn told_once(cache: &Path, project: Uuid, known: &Known) -> Option<Diagnostic> {
    let why = known.why?;
    let folder = cache.join("emulated");
    make_folder(&folder).ok()?;
    let file = folder.join(project.to_string());
    let text = format!("{why:?}");
    if fs::read_to_string(&file).is_ok_and(|told| told == text) {
        return None;
    }
    let _ = fs::write(&file, text);
    Some(acceleration::emulated(why))
}

/// That libvirt tries QEMU anew at each definition, which a `/dev/kvm` brings about that QEMU's user may not open.
/// Asks libvirt only where it is one.
pub fn slow_libvirt(run: Run, uri: &str) -> Option<Diagnostic> {
    facts().device.filter(|device| device.is_closed_to_qemu())?;
    run(&acceleration::capabilities(uri));
    acceleration::tries_anew(&run(&acceleration::capabilities(uri)))
}

fn tried(run: Run, cache: &Path) -> Option<Why> {
    let sector = cache.join("boot-sector");
    let made =
        make_folder(cache).is_ok() && fs::write(&sector, acceleration::boot_sector()).is_ok();
    let runs = made
        && acceleration::ran(&run(&acceleration::trial(
            &sector,
            "kvm",
            acceleration::DEADLINE,
        )));
    (!runs).then_some(Why::Hangs)
}

fn facts() -> Facts {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let qemu = program("qemu-system-x86_64");
    let file = fs::metadata(&qemu).ok();
    let file = file.map_or((0, 0), |file| (file.len(), file.mtime()));
    let device = fs::metadata("/dev/kvm").ok();
    Facts {
        kernel: read("/proc/sys/kernel/osrelease") + &read("/proc/sys/kernel/random/boot_id"),
        qemu: format!("{qemu} {} {}", file.0, file.1),
        device: device.map(|device| Device {
            mode: device.mode() & 0o777,
            gid: device.gid(),
        }),
        opens: fs::File::options()
            .read(true)
            .write(true)
            .open("/dev/kvm")
            .is_ok(),
    }
}
