//! Volumes of libvirt's pool, through its own connection: their files may be out of this user's reach.

use super::Part;
use crate::call::{Call, Outcome};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The pool that Vagrant uses too.
pub const POOL: &str = "default";

const FOLDER: &str = "/var/lib/libvirt/images";
/// How the name of a marker ends.
const MARK: &str = ".ok";
const UPLOAD: Duration = Duration::from_secs(1800);

/// What `virsh` is told first, whatever it is to do.
fn virsh(call: Call) -> Call {
    // Its sentences are read: in one language.
    call.env("LC_ALL", "C").args(["-q", "-c", "qemu:///system"])
}

/// Asks for all volumes of the pool and their files.
pub fn list() -> Call {
    virsh(Call::read("virsh")).args(["vol-list", POOL])
}

/// The answer to [`list`]: names and files.
pub fn read_list(outcome: &Outcome) -> Vec<(String, PathBuf)> {
    let row = |line: &str| {
        // A name has no blanks: boxes, versions and ids have none.
        let (name, path) = line.trim().split_once(char::is_whitespace)?;
        Some((name.to_owned(), PathBuf::from(path.trim())))
    };
    outcome.stdout.lines().filter_map(row).collect()
}

/// Whether the pool was never made.
pub fn no_pool(outcome: &Outcome) -> bool {
    outcome.stderr.contains("Storage pool not found")
}

/// Whether the pool is there, and nobody has started it.
pub fn pool_stopped(outcome: &Outcome) -> bool {
    outcome
        .stderr
        .contains(&format!("storage pool '{POOL}' is not active"))
}

/// Makes the pool as Vagrant would.
pub fn define_pool() -> Vec<Call> {
    let change = |verb: &str| virsh(Call::change("virsh")).args([verb, POOL]);
    let define = virsh(Call::change("virsh")).args(["pool-define-as", POOL, "dir"]);
    vec![
        define.args(["--target", FOLDER]),
        change("pool-build"),
        change("pool-start"),
        change("pool-autostart"),
    ]
}

/// Starts the pool.
pub fn start_pool() -> Call {
    virsh(Call::change("virsh")).args(["pool-start", POOL])
}

/// Has libvirt look at the pool's folder anew.
pub fn refresh() -> Call {
    virsh(Call::change("virsh")).args(["pool-refresh", POOL])
}

/// Asks how much room the pool has.
pub fn room() -> Call {
    virsh(Call::read("virsh")).args(["pool-info", "--bytes", POOL])
}

/// The answer to [`room`], in bytes.
pub fn read_room(outcome: &Outcome) -> Option<u64> {
    let line = outcome
        .stdout
        .lines()
        .find_map(|line| line.strip_prefix("Available:"))?;
    line.trim().parse().ok()
}

/// Makes an empty volume.
pub fn create(name: &str, capacity: u64, format: &str) -> Call {
    virsh(Call::change("virsh"))
        .args(["vol-create-as", POOL, name])
        .arg(format!("{capacity}B"))
        .args(["--allocation", "0", "--format", format])
}

/// Fills a volume.
pub fn upload(part: &Part) -> Call {
    virsh(Call::change("virsh"))
        .args(["vol-upload", &part.name])
        .arg(part.file.display())
        .args(["--pool", POOL])
        .within(UPLOAD)
}

/// Reads a volume's first bytes, as many as the file has that it is compared with.
pub fn download(name: &str, to: &Path, length: u64) -> Call {
    virsh(Call::read("virsh"))
        .args(["vol-download", name])
        .arg(to.display())
        .args(["--pool", POOL, "--length"])
        .arg(length)
        .within(UPLOAD)
}

/// Removes a volume.
pub fn delete(name: &str) -> Call {
    virsh(Call::change("virsh")).args(["vol-delete", name, "--pool", POOL])
}

/// Asks for all that libvirt knows of a volume; what it stands on is in it.
pub fn describe(name: &str) -> Call {
    virsh(Call::read("virsh")).args(["vol-dumpxml", name, "--pool", POOL])
}

/// Whether a volume, as [`describe`]d, stands on a file.
pub fn stands_on(outcome: &Outcome, base: &Path) -> bool {
    let text = &outcome.stdout;
    let Some(at) = text.find("<backingStore>") else {
        return false;
    };
    let path = base.display().to_string();
    let escaped = path.replace('&', "&amp;").replace('\'', "&apos;");
    text[at..].contains(&format!("<path>{escaped}</path>"))
}

/// The volume that says that all parts of a box are there, whole: it comes last. What it says of them is in
/// its name.
pub fn marker(stem: &str, fingerprint: &str) -> String {
    format!("{stem}.{fingerprint}{MARK}")
}

/// Whether a volume is the marker of a box, whatever it says of the box.
pub fn is_marker(name: &str, stem: &str) -> bool {
    let rest = name
        .strip_prefix(stem)
        .and_then(|rest| rest.strip_prefix('.'));
    rest.is_some_and(marks)
}

/// Whether a volume of a box is its marker.
pub fn marks(name: &str) -> bool {
    name.ends_with(MARK)
}

/// Whether a `virsh` with these words puts something into a volume.
pub fn fills(words: &[String], names: &[String]) -> bool {
    let verbs = ["vol-create-as", "vol-upload", "vol-delete"];
    words.iter().any(|word| verbs.contains(&word.as_str()))
        && words.iter().any(|word| names.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::End;

    fn said(stdout: &str, stderr: &str) -> Outcome {
        Outcome {
            line: String::new(),
            end: End::Exit(0),
            stdout: stdout.into(),
            stderr: stderr.into(),
            took: Duration::ZERO,
        }
    }

    #[test]
    fn volumes_have_names_and_files() {
        let text = " a.img       /var/lib/libvirt/images/a.img\n b c   /x/b c\n\n";
        let rows = read_list(&said(text, ""));
        assert_eq!(
            rows[0],
            ("a.img".into(), "/var/lib/libvirt/images/a.img".into())
        );
        assert_eq!(rows.len(), 2);
    }

    #[test]
    fn a_volume_stands_on_what_its_description_names() {
        let text = "<volume type='file'>\n<target>\n<path>/p/d.img</path></target>\n<backingStore>\n<path>/p/b.img</path>\n</backingStore></volume>";
        let outcome = said(text, "");
        assert!(stands_on(&outcome, Path::new("/p/b.img")));
        assert!(!stands_on(&outcome, Path::new("/p/d.img")));
    }

    #[test]
    fn a_marker_is_known_whatever_it_says() {
        let name = marker("x_box", "abc");
        assert!(is_marker(&name, "x_box") && !is_marker("x_box.img", "x_box"));
    }
}
