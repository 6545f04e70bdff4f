//! One configuration, checked: the only place where the tests of texts meet the program.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use tempfile::TempDir;
use vagrantp::diagnostic::Diagnostic;
use vagrantp::source::Sources;

/// What `vagrantp check --no-host` finds in a text that is the file `name` of the folder `project`,
/// with nothing but `env` in the environment; in source order. The file is gone afterwards: another one's
/// configuration is not read with it.
pub fn findings(
    project: &Path,
    name: &str,
    bytes: &[u8],
    env: &[(String, String)],
) -> (Sources, Vec<Diagnostic>) {
    let file = project.join(name);
    fs::write(&file, bytes).expect("the project is our own");
    let found = vagrantp::commands::check::text(project, name, bytes, env);
    fs::remove_file(file).expect("the project is our own");
    found
}

/// A copy of `tests/project`, which configurations of the tests refer to, and keys: `id_ed25519`,
/// `id_open` (open to others), `id_lone` (without its public half).
pub fn project() -> TempDir {
    let folder = tempfile::Builder::new().prefix("shop").tempdir();
    let folder = folder.expect("there is a temporary folder");
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/project");
    copy(&from, folder.path());
    for (name, mode) in [
        ("id_ed25519", 0o600),
        ("id_open", 0o644),
        ("id_lone", 0o600),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, key()).expect("the project is our own");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a key's mode");
        if name != "id_lone" {
            let public = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA test\n";
            fs::write(path.with_extension("pub"), public).expect("the project is our own");
        }
    }
    folder
}

/// What looks like a private key: a real one has no place in a repository.
fn key() -> String {
    let line = |word: &str| ["-----", word, " OPENSSH PRIVATE ", "KEY-----\n"].concat();
    format!(
        "{}b3BlbnNzaC1rZXktdjEAAAAABG5vbmU=\n{}",
        line("BEGIN"),
        line("END")
    )
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir(&target).expect("a new folder");
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).expect("a file");
        }
    }
}
