//! A gate that all processes of a user go through: several at once, or one alone.

use rustix::fs::{FlockOperation, flock};
use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

/// Held until this is dropped, or the process ends in whatever way. It is a lock of the system's on a folder,
/// so nothing is left in it.
#[derive(Debug)]
pub struct Gate {
    _folder: File,
}

impl Gate {
    /// Waits until nobody is alone in there. Nothing where the folder cannot be used: then nothing is kept apart.
    pub fn with_others(folder: &Path) -> Option<Gate> {
        pass(folder, FlockOperation::LockShared)
    }

    /// Waits until nobody else is in there. Nothing where the folder cannot be used.
    pub fn alone(folder: &Path) -> Option<Gate> {
        pass(folder, FlockOperation::LockExclusive)
    }
}

fn pass(folder: &Path, how: FlockOperation) -> Option<Gate> {
    // It may be missing before the first use; who cannot make it cannot open it either.
    let _ = DirBuilder::new().recursive(true).mode(0o755).create(folder);
    let file = File::open(folder).ok()?;
    loop {
        match flock(&file, how) {
            Ok(()) => return Some(Gate { _folder: file }),
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Gate;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn one_alone_or_several_together() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("below");
        let together = [Gate::with_others(&folder), Gate::with_others(&folder)];
        assert!(together.iter().all(Option::is_some));
        let entered = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let alone = Gate::alone(&folder);
                assert!(alone.is_some());
                assert_eq!(entered.load(Ordering::SeqCst), 1, "the others are out");
            });
            entered.store(1, Ordering::SeqCst);
            drop(together);
        });
        assert!(Gate::with_others(&folder.join("below")).is_some());
    }

    #[test]
    fn where_no_folder_can_be_nothing_is_kept_apart() {
        assert!(Gate::alone(std::path::Path::new("/proc/none")).is_none());
    }
}
