//! Folders whose loss costs nothing: control sockets, and the cache.

use super::StateError;
use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The longest path that still leaves room for a socket's name below it: ssh adds 17 bytes to a
/// `ControlPath` while it makes the socket, and a socket's path ends at 107 bytes.
const LONGEST: usize = 64;

/// The folder for control sockets, made and ours alone: `$XDG_RUNTIME_DIR/vagrantp`, else
/// `/run/user/UID/vagrantp`, else `/tmp/vagrantp-UID`. At most 64 bytes long; a name of up to 24
/// bytes below it makes a valid `ControlPath`.
///
/// # Errors
/// When none of them can be made, or others have put something there.
pub fn runtime_folder(env: &dyn Fn(&str) -> Option<String>) -> Result<PathBuf, StateError> {
    let uid = rustix::process::geteuid().as_raw();
    let given = absolute(env, "XDG_RUNTIME_DIR");
    let logged_in = PathBuf::from(format!("/run/user/{uid}"));
    let homes = given.into_iter().chain([logged_in]);
    // A base of another user (as under sudo) would shut out one of the two.
    let ours = homes.filter(|base| owner(base) == Some(uid));
    let under_homes = ours.map(|base| base.join("vagrantp"));
    // In /tmp anyone may have been first, so there are several to choose from.
    let shared = (0..10).map(|number| match number {
        0 => PathBuf::from(format!("/tmp/vagrantp-{uid}")),
        number => PathBuf::from(format!("/tmp/vagrantp-{uid}-{number}")),
    });
    let mut candidates = under_homes
        .chain(shared)
        .filter(|path| path.as_os_str().len() <= LONGEST);
    let found = candidates.find(|path| claim(path, uid));
    let none = || {
        let path = PathBuf::from(format!("/tmp/vagrantp-{uid}"));
        let error = std::io::ErrorKind::PermissionDenied.into();
        StateError::io(&path, "use")(error)
    };
    found.ok_or_else(none)
}

/// The folder for what can be made again: `$XDG_CACHE_HOME/vagrantp`, else
/// `$HOME/.cache/vagrantp`. It is not made.
///
/// # Errors
/// When neither is set and this user has no home.
pub fn cache_folder(env: &dyn Fn(&str) -> Option<String>) -> Result<PathBuf, StateError> {
    Ok(base(env, "XDG_CACHE_HOME", ".cache")?.join("vagrantp"))
}

/// An XDG base folder: the variable where it holds an absolute path, else below the home.
pub(super) fn base(
    env: &dyn Fn(&str) -> Option<String>,
    variable: &str,
    below_home: &str,
) -> Result<PathBuf, StateError> {
    let home = || absolute(env, "HOME").or_else(super::host::home_of_user);
    absolute(env, variable)
        .or_else(|| home().map(|home| home.join(below_home)))
        .ok_or(StateError::Homeless)
}

fn absolute(env: &dyn Fn(&str) -> Option<String>, variable: &str) -> Option<PathBuf> {
    env(variable)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
}

fn owner(path: &Path) -> Option<u32> {
    fs::metadata(path).ok().map(|meta| meta.uid())
}

/// Whether the path is a folder that is ours alone, after it was made where it was missing.
fn claim(path: &Path, uid: u32) -> bool {
    // Not recursive: a missing base is not ours to make.
    let _ = fs::DirBuilder::new().mode(0o700).create(path);
    let Ok(meta) = fs::symlink_metadata(path) else {
        return false;
    };
    let shut = || fs::set_permissions(path, fs::Permissions::from_mode(0o700)).is_ok();
    meta.is_dir() && meta.uid() == uid && (meta.mode() & 0o077 == 0 || shut())
}

#[cfg(test)]
mod tests {
    use super::{cache_folder, runtime_folder};
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    use std::path::PathBuf;

    #[test]
    fn a_runtime_folder_is_ours_alone_and_short() {
        let base = tempfile::tempdir().unwrap();
        let given = base.path().to_str().unwrap().to_owned();
        let env = |name: &str| (name == "XDG_RUNTIME_DIR").then(|| given.clone());
        let folder = runtime_folder(&env).unwrap();
        assert_eq!(folder, base.path().join("vagrantp"));
        assert_eq!(folder.metadata().unwrap().mode() & 0o777, 0o700);

        std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o755)).unwrap();
        assert_eq!(runtime_folder(&env).unwrap(), folder);
        assert_eq!(folder.metadata().unwrap().mode() & 0o777, 0o700);

        std::fs::remove_dir(&folder).unwrap();
        symlink("/etc", &folder).unwrap();
        assert_ne!(
            runtime_folder(&env).unwrap(),
            folder,
            "a symlink is not ours"
        );

        let long = base.path().join("x".repeat(60));
        std::fs::create_dir(&long).unwrap();
        let env = |name: &str| (name == "XDG_RUNTIME_DIR").then(|| long.display().to_string());
        assert!(runtime_folder(&env).unwrap().as_os_str().len() <= 64);
    }

    #[test]
    fn a_relative_path_in_a_variable_is_ignored() {
        let env = |name: &str| match name {
            "XDG_CACHE_HOME" => Some("cache".to_owned()),
            "HOME" => Some("/home/u".to_owned()),
            _ => None,
        };
        let expected = PathBuf::from("/home/u/.cache/vagrantp");
        assert_eq!(cache_folder(&env).unwrap(), expected);
    }
}
