//! What `virsh` says where a box does not get into libvirt's pool.

use crate::call::{End, Outcome};
use crate::diagnostic::Diagnostic;
use crate::engine::failure::{evidence, known};
use crate::engine::libvirt;

/// What failed of a volume, as a finding.
pub fn read(outcome: &Outcome, what: &str) -> Diagnostic {
    let is_known = known(libvirt::KNOWN, &outcome.stderr).is_some();
    if is_known || !matches!(outcome.end, End::Exit(_)) {
        return libvirt::failed(outcome);
    }
    let finding = Diagnostic::error(1143)
        .message(format!("{what} cannot be put into libvirt's pool"))
        .help("run the command by hand, and see libvirt's own words above");
    evidence(finding, outcome)
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::call::{End, Outcome};
    use std::time::Duration;

    #[test]
    fn a_known_sentence_is_told_as_ever_and_any_other_for_what_it_was_about() {
        let rule = |stderr: &str| {
            let outcome = Outcome {
                line: "virsh vol-upload".into(),
                end: End::Exit(1),
                stdout: String::new(),
                stderr: stderr.into(),
                took: Duration::ZERO,
            };
            read(&outcome, "The box").rule.number
        };
        let full = "error: cannot send data to volume y.raw\nerror: Unable to write /full/y.raw: No space left on device\n";
        assert_eq!(rule(full), 4003);
        assert_eq!(rule("error: Failed to get volume 'nosuch'\n"), 1143);
    }
}
