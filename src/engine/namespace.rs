//! Programs in a namespace of their own, by unshare(1).

use crate::call::{Call, End, Outcome};

const UNSHARE: &str = "unshare";

/// As root, or as the root of a user namespace, where files may belong to anyone.
pub fn as_root(is_root: bool) -> Call {
    match is_root {
        true => Call::change("env"),
        false => Call::change(UNSHARE).args(["--map-root-user", "--map-auto", "--"]),
    }
}

/// mmdebstrap: nobody else sees what it mounts, and nothing of it is left, whoever kills it. For root it only
/// seems to do so by itself: where mounts are shared, as on most hosts, they come back out of its namespace.
pub fn mmdebstrap(is_root: bool) -> Call {
    const PROGRAM: &str = "mmdebstrap";
    match is_root {
        true => Call::change(UNSHARE).args(["--mount", "--", PROGRAM]),
        false => Call::change(PROGRAM),
    }
}

/// The program that is not there: the call's own, or the one that was to be run in a namespace.
pub fn absent<'c>(call: &'c Call, outcome: &Outcome) -> Option<&'c str> {
    match outcome.end {
        End::NotStarted(_) => Some(&call.program),
        End::Exit(127) if call.program == UNSHARE => {
            let mut words = call.args.iter().skip_while(|word| *word != "--");
            words.nth(1).map(String::as_str)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{absent, as_root, mmdebstrap};
    use crate::call::{End, Outcome};
    use std::time::Duration;

    #[test]
    fn what_is_not_there_is_named() {
        let ended = |end| Outcome {
            line: "unshare".into(),
            end,
            stdout: String::new(),
            stderr: "unshare: failed to execute mmdebstrap: No such file or directory\n".into(),
            took: Duration::ZERO,
        };
        let not_there = ended(End::Exit(127));
        assert_eq!(absent(&mmdebstrap(true), &not_there), Some("mmdebstrap"));
        assert_eq!(absent(&as_root(false).arg("sh"), &not_there), Some("sh"));
        let not_started = ended(End::NotStarted("not found".into()));
        assert_eq!(absent(&mmdebstrap(false), &not_started), Some("mmdebstrap"));
        assert_eq!(absent(&mmdebstrap(true), &not_started), Some("unshare"));
        assert_eq!(absent(&mmdebstrap(true), &ended(End::Exit(25))), None);
    }
}
