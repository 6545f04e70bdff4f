//! The namespace in which an ordinary user's networks are. Podman 4 makes it with the first container on one, in
//! several steps; killed between them, it takes the namespace for whole ever after, and no container comes up any
//! more. Source: `GetRootlessNetNs` in libpod/networking_linux.go, tried on 4.3.1.

use crate::call::{Call, Outcome};
use sha2::{Digest, Sha256};

/// Whether a call failed because that namespace is half made.
pub fn are_half_made(outcome: &Outcome) -> bool {
    !outcome.ok() && outcome.stderr.contains("for rootless netns: ")
}

/// Fails while it is half made; where it is missing, this makes it.
pub fn are_whole() -> Call {
    Call::change("podman").args(["unshare", "--rootless-netns", "true"])
}

/// Asks for the networks of each container that runs.
pub fn in_use() -> Call {
    Call::read("podman").args(["ps", "--format", "{{.Networks}}"])
}

/// Whether a container is on one, from the answer to [`in_use`]. Who knows nothing takes them for in use.
pub fn read_in_use(outcome: &Outcome) -> bool {
    !outcome.ok() || outcome.stdout.lines().any(|line| !line.trim().is_empty())
}

/// Asks for the folder of Podman's storage, after which the namespace is named.
pub fn storage() -> Call {
    Call::read("podman").args(["info", "--format", "{{.Store.GraphRoot}}"])
}

/// The name of the file that Podman finds the namespace by, from the answer to [`storage`].
pub fn read_file(outcome: &Outcome) -> Option<String> {
    let storage = Some(outcome.stdout.trim()).filter(|path| outcome.ok() && !path.is_empty())?;
    let hash = Sha256::digest(format!("{storage}/libpod"));
    let hex: String = hash[..10]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Some(format!("rootless-netns-{hex}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::End;
    use std::time::Duration;

    #[test]
    fn the_file_is_named_as_podman_names_it() {
        let outcome = Outcome {
            line: String::new(),
            end: End::Exit(0),
            stdout: "/home/vptest/.local/share/containers/storage\n".into(),
            stderr: String::new(),
            took: Duration::ZERO,
        };
        // As it lay in $XDG_RUNTIME_DIR/netns of Podman 4.3.1.
        let seen = "rootless-netns-2df76676b480dc023035";
        assert_eq!(read_file(&outcome).as_deref(), Some(seen));
    }
}
