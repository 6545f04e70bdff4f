//! The programs that show an overlay as a raw file and write into it.

use crate::call::Call;
use std::path::Path;
use std::time::Duration;

/// The program that shows a disk as a file.
pub const STORAGE_DAEMON: &str = "qemu-storage-daemon";

/// Shows an overlay as a raw file, over an empty file that is there. It returns once that can be read, and goes
/// on in the background until it is ended.
pub fn export(overlay: &Path, file: &Path) -> Call {
    Call::change(STORAGE_DAEMON)
        .arg("--daemonize")
        .args([
            "--blockdev",
            &format!("driver=file,node-name=f,filename={}", option(overlay)),
        ])
        .args(["--blockdev", "driver=qcow2,node-name=q,file=f"])
        .args(["--export", &mountpoint(file)])
        .within(Duration::from_secs(60))
}

/// Whether these are the arguments of an [`export`] onto the file.
pub fn exports(words: &[String], file: &Path) -> bool {
    words.contains(&mountpoint(file))
}

fn mountpoint(file: &Path) -> String {
    format!(
        "type=fuse,id=e,node-name=q,mountpoint={},writable=on",
        option(file)
    )
}

/// A value among QEMU's options ends at a comma; two are one in it.
fn option(path: &Path) -> String {
    path.display().to_string().replace(',', ",,")
}

/// Takes away the mount that a killed daemon leaves behind.
pub fn unmount(file: &Path) -> Call {
    Call::change("fusermount3")
        .args(["-u", "-z", "--"])
        .arg(file.display())
        .within(Duration::from_secs(10))
}

/// The whole disk as a raw file, where nothing can show it as one.
pub fn to_raw(overlay: &Path, raw: &Path) -> Call {
    Call::change("qemu-img")
        .args(["convert", "-f", "qcow2", "-O", "raw"])
        .args([overlay.display(), raw.display()])
        .within(Duration::from_secs(600))
}

/// The raw file as an overlay again, of what differs from the box alone.
pub fn to_overlay(raw: &Path, base: &Path, overlay: &Path) -> Call {
    Call::change("qemu-img")
        .args(["convert", "-f", "raw", "-O", "qcow2", "-F", "qcow2", "-B"])
        .args([base.display(), raw.display(), overlay.display()])
        .within(Duration::from_secs(600))
}

/// What an overlay lies over.
pub fn info(overlay: &Path) -> Call {
    Call::read("qemu-img")
        .args(["info", "-U", "--output=json"])
        .arg(overlay.display())
}

/// The file that an overlay lies over, of the answer to [`info`].
pub fn base(answer: &str) -> Option<String> {
    let answer: serde_json::Value = serde_json::from_str(answer).ok()?;
    let base = answer.get("full-backing-filename")?;
    base.as_str().map(str::to_owned)
}

/// A file system in a raw file, `offset` bytes into it, as the programs of e2fsprogs take it.
fn file_system(file: &Path, offset: u64) -> String {
    match offset {
        0 => file.display().to_string(),
        offset => format!("{}?offset={offset}", file.display()),
    }
}

/// Runs a script on a file system in a raw file, `offset` bytes into it. `program` is debugfs where it lies.
pub fn debugfs(program: &str, script: &Path, file: &Path, offset: u64, is_write: bool) -> Call {
    let call = if is_write {
        Call::change(program).arg("-w")
    } else {
        Call::read(program)
    };
    call.arg("-f")
        .arg(script.display())
        .arg(file_system(file, offset))
        // What it says is read.
        .env("LC_ALL", "C")
        .within(Duration::from_secs(60))
}

/// Makes a partition of a raw file reach up to what comes behind it. `program` is sfdisk where it lies.
pub fn extend_partition(program: &str, file: &Path, number: u32) -> Call {
    Call::change(program)
        .args(["--quiet", "--no-reread", "--no-tell-kernel", "-N"])
        .arg(number)
        .arg(file.display())
        .stdin(", +\n")
        .within(Duration::from_secs(60))
}
