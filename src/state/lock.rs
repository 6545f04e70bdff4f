//! Who is at work: OS file locks, which end with the process that holds them.

use super::StateError;
use super::file::{json, make};
use crate::diagnostic::Diagnostic;
use rustix::fs::{Access, FlockOperation, OFlags, flock};
use rustix::io::Errno;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// How often a waiter looks whether it was interrupted. The lock itself wakes it at once.
const LOOK: Duration = Duration::from_millis(50);

/// A lock that is held until this is dropped, or the process ends in whatever way.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Holder {
    /// Its process.
    pub pid: u32,
    /// What it does, such as `vagrantp up`.
    pub command: String,
    /// Since when it holds the lock.
    pub since: jiff::Timestamp,
}

/// Why a lock was not had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process held it all the time.
    #[error("{} is held", path.display())]
    Held {
        /// The lock's file.
        path: PathBuf,
        /// Who holds it, where that could be read.
        holder: Option<Holder>,
    },
    /// An interrupt ended the wait.
    #[error("interrupted while waiting for {}", path.display())]
    Interrupted {
        /// The lock's file.
        path: PathBuf,
        /// Who holds it, where that could be read.
        holder: Option<Holder>,
    },
    /// The state folder failed.
    #[error(transparent)]
    State(#[from] StateError),
}

/// Takes the lock of a file, waiting up to `wait` for it. `interrupted` ends the wait.
///
/// The file's descriptor is not inherited by children, so only this process keeps the lock.
///
/// # Errors
/// When another process keeps it, an interrupt comes, or the system refuses.
pub fn acquire(
    path: &Path,
    command: &str,
    wait: Duration,
    interrupted: &dyn Fn() -> bool,
) -> Result<Lock, LockError> {
    if let Some(folder) = path.parent() {
        make(folder)?;
    }
    hold(path, open(path)?, command, wait, interrupted)
}

/// The same for what all users of this host share. Its file is in a folder where anyone may put one: whoever
/// comes first does, and all others only need to read it.
///
/// # Errors
/// As [`acquire`].
pub fn acquire_for_all(
    name: &str,
    command: &str,
    wait: Duration,
    interrupted: &dyn Fn() -> bool,
) -> Result<Lock, LockError> {
    let folders = ["/run/lock", "/var/lock", "/tmp"].map(Path::new);
    let usable = |folder: &&Path| rustix::fs::access(*folder, Access::WRITE_OK).is_ok();
    let folder = folders
        .into_iter()
        .find(usable)
        .unwrap_or(Path::new("/tmp"));
    let path = folder.join(format!("vagrantp-{name}.lock"));
    hold(&path, open_for_all(&path)?, command, wait, interrupted)
}

fn hold(
    path: &Path,
    file: File,
    command: &str,
    wait: Duration,
    interrupted: &dyn Fn() -> bool,
) -> Result<Lock, LockError> {
    let file = match lock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => file,
        Err(Errno::WOULDBLOCK) => wait_for(path, file, wait, interrupted)?,
        Err(errno) => return Err(StateError::io(path, "lock")(errno.into()).into()),
    };
    let mut lock = Lock { file };
    let holder = Holder {
        pid: std::process::id(),
        command: command.to_owned(),
        since: jiff::Timestamp::now(),
    };
    // A full disk must not keep anyone from freeing it with `rm`: the name is a courtesy.
    let _ = lock.sign(&json(&holder));
    Ok(lock)
}

/// Who holds the lock of a file, if anyone does.
pub fn holder(path: &Path) -> Option<Holder> {
    let mut text = String::new();
    File::open(path).ok()?.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

/// Blocks a thread of its own in the system's lock. When the wait ends before the lock comes, the
/// thread stays behind: it ends with the process, or frees the lock as soon as it gets it.
fn wait_for(
    path: &Path,
    file: File,
    wait: Duration,
    interrupted: &dyn Fn() -> bool,
) -> Result<File, LockError> {
    let end = Instant::now().checked_add(wait);
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let result = lock(&file, FlockOperation::LockExclusive);
        // Where nobody waits any more, the file is closed here, and the lock with it.
        let _ = sender.send(result.map(|()| file));
    });
    loop {
        let left = end.map_or(LOOK, |end| end.saturating_duration_since(Instant::now()));
        let (path, holder) = (path.to_owned(), holder(path));
        if interrupted() {
            return Err(LockError::Interrupted { path, holder });
        }
        match receiver.recv_timeout(left.min(LOOK)) {
            Ok(Ok(file)) => return Ok(file),
            Ok(Err(errno)) => return Err(StateError::io(&path, "lock")(errno.into()).into()),
            Err(RecvTimeoutError::Timeout) if left > LOOK => {}
            Err(_) => return Err(LockError::Held { path, holder }),
        }
    }
}

fn open(path: &Path) -> Result<File, StateError> {
    let opened = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path);
    opened.map_err(StateError::io(path, "open"))
}

fn open_for_all(path: &Path) -> Result<File, StateError> {
    // Never through a link, and never waiting for the other end of a pipe that somebody put there.
    let careful = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32;
    let options = || {
        let mut options = OpenOptions::new();
        options.read(true).custom_flags(careful);
        options
    };
    let made = options()
        .write(true)
        .create_new(true)
        .mode(0o666)
        .open(path);
    let file = match made {
        Ok(file) => {
            // Whatever this process would take away from it.
            let _ = file.set_permissions(std::fs::Permissions::from_mode(0o666));
            Ok(file)
        }
        // The name of who holds it is a courtesy: to hold it, reading is enough.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => options()
            .write(true)
            .open(path)
            .or_else(|_| options().open(path)),
        other => other,
    };
    file.map_err(StateError::io(path, "open"))
}

fn lock(file: &File, operation: FlockOperation) -> Result<(), Errno> {
    rustix::io::retry_on_intr(|| flock(file, operation))
}

impl Lock {
    fn sign(&mut self, text: &[u8]) -> std::io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(text)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Who reads the file after this is not told of a holder that has gone.
        let _ = self.file.set_len(0);
        // Closing is not enough: a child that is just being started has the file too, until it is its own program.
        let _ = self.file.unlock();
    }
}

impl Holder {
    /// `vagrantp up (process 4711, for 3 min)`.
    pub fn describe(&self, now: jiff::Timestamp) -> String {
        let seconds = now.duration_since(self.since).as_secs().max(0);
        let age = match seconds {
            0..120 => format!("{seconds} s"),
            120..7200 => format!("{} min", seconds / 60),
            _ => format!("{} h", seconds / 3600),
        };
        format!("{} (process {}, for {age})", self.command, self.pid)
    }
}

impl LockError {
    /// As a finding: rule 1701, or the state folder's own.
    pub fn diagnostic(&self) -> Diagnostic {
        let (path, holder) = match self {
            LockError::State(error) => return error.diagnostic(),
            LockError::Held { path, holder } | LockError::Interrupted { path, holder } => {
                (path, holder)
            }
        };
        let finding = Diagnostic::error(1701);
        let finding = match holder {
            Some(holder) => {
                let who = holder.describe(jiff::Timestamp::now());
                let message = format!("{}: {who}", finding.message);
                let pid = holder.pid;
                finding.message(message).help(format!(
                    "wait for it (`--lock-timeout 600`), or interrupt it: `kill -INT {pid}`"
                ))
            }
            None => finding.help("wait for it: `--lock-timeout 600`"),
        };
        finding.details([format!("lock: {}", path.display())])
    }
}

#[cfg(test)]
mod tests {
    use super::{LockError, acquire, holder};
    use std::cell::Cell;
    use std::time::{Duration, Instant};

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn a_held_lock_names_its_holder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("locks/a.lock");
        let held = acquire(&path, "vagrantp up", Duration::ZERO, &|| false).unwrap();
        let refused = acquire(&path, "vagrantp rm", Duration::ZERO, &|| false).unwrap_err();
        let finding = refused.diagnostic();
        let pid = std::process::id();
        let expected = format!("vagrantp up (process {pid}, for 0 s)");
        assert_eq!(finding.rule.number, 1701);
        assert!(finding.message.ends_with(&expected), "{}", finding.message);
        drop(held);
        assert_eq!(holder(&path), None);
        acquire(&path, "vagrantp rm", Duration::ZERO, &|| false).unwrap();
    }

    #[test]
    fn a_waiter_gets_the_lock_as_soon_as_it_is_free() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.lock");
        let held = Cell::new(Some(acquire(&path, "first", LONG, &|| false).unwrap()));
        // The waiter asks this once it has seen that the lock is held.
        let free = || {
            held.take();
            false
        };
        acquire(&path, "second", LONG, &free).unwrap();
        assert!(held.take().is_none());
    }

    #[test]
    fn an_interrupt_ends_the_wait_and_leaves_no_waiter_holding() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.lock");
        let held = acquire(&path, "first", LONG, &|| false).unwrap();
        let start = Instant::now();
        let refused = acquire(&path, "second", LONG, &|| true).unwrap_err();
        assert!(matches!(refused, LockError::Interrupted { .. }));
        assert!(start.elapsed() < LONG / 2);
        drop(held);
        acquire(&path, "third", LONG, &|| false).unwrap();
    }
}
