//! Plays of our own making, for scripts and packages: what goes badly in one is told at the user's line.

use super::story::Failure;
use crate::diagnostic::Diagnostic;
use crate::model::{Means, Provision};

/// The finding at the package that is named, at the line of the script that is told, or at what asks for it.
pub fn placed(finding: Diagnostic, failure: &Failure, provision: &Provision) -> Diagnostic {
    let origin = provision.playbook.origin;
    match &provision.means {
        Means::Packages(packages) => {
            let said = [&*failure.message, &failure.stderr].join("\n");
            let mut named = packages.iter().filter(|it| names(&said, it));
            finding.at_origin(named.next().map_or(origin, |package| package.origin))
        }
        Means::Script => match line(failure, &plain(&provision.name())) {
            Some(line) => finding
                .in_file(&provision.playbook, line, None)
                .related("run here", origin),
            None => finding.at_origin(origin),
        },
        Means::Playbook => finding,
    }
}

/// What a script is called in the machine: a word that no shell reads otherwise.
pub fn plain(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    name.chars()
        .map(|c| if is_plain(c) { c } else { '_' })
        .collect()
}

/// Whether a text has a name as a word.
fn names(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || "+-._:@/".contains(c);
    let words = text.split(|c| !is_part(c));
    words
        .map(|word| word.trim_end_matches(['.', ':']))
        .any(|word| word == name)
}

/// The line of the script that its interpreter complains about at the end: a shell's `NAME: line 5: ` or
/// `NAME: 5: `, Python's last `File "…/NAME", line 5`.
fn line(failure: &Failure, script: &str) -> Option<usize> {
    let number = |text: &str| {
        let (digits, _) = text.split_once(": ")?;
        digits.parse().ok()
    };
    let mut lines = failure.stderr.lines().rev();
    let last = lines.find(|line| !line.trim().is_empty())?;
    if let Some((before, rest)) = last.split_once(&format!("{script}: "))
        && (before.is_empty() || before.ends_with('/'))
    {
        return number(rest.trim_start_matches("line "));
    }
    if !failure
        .stderr
        .contains("Traceback (most recent call last):")
        && !last.contains("Error:")
    {
        return None;
    }
    let (_, rest) = failure.stderr.rsplit_once(&format!("{script}\", line "))?;
    let end = rest.find(|c: char| !c.is_ascii_digit());
    rest[..end.unwrap_or(rest.len())].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{line, names};
    use crate::engine::ansible::{events, story::Story};

    fn said(stderr: &str) -> Option<usize> {
        let stderr = serde_json::Value::from(stderr);
        let event = format!(r#"{{"vagrantp": "failed", "host": "web", "stderr": {stderr}}}"#);
        let mut story = Story::default();
        story.take(&events::read(&event).expect("an event"));
        line(&story.failures["web"], "setup.sh")
    }

    #[test]
    fn the_interpreter_tells_the_line() {
        let folder = "/root/.ansible/tmp/ansible-tmp-1-2-3";
        assert_eq!(
            said(&format!(
                "{folder}/setup.sh: line 5: frob: command not found\n"
            )),
            Some(5)
        );
        assert_eq!(
            said(&format!("{folder}/setup.sh: 7: frob: not found\n")),
            Some(7)
        );
        assert_eq!(said("setup.sh: 12 files are missing\n"), None);
        assert_eq!(
            said(&format!(
                "{folder}/setup.sh: line 5: frob: command not found\nE: no such package\n"
            )),
            None
        );
        let trace = format!(
            "Traceback (most recent call last):\n  File \"{folder}/setup.sh\", line 9, in <module>\n    go()\n  File \"{folder}/setup.sh\", line 4, in go\n    1/0\nZeroDivisionError: division by zero\n"
        );
        assert_eq!(said(&trace), Some(4));
    }

    #[test]
    fn a_package_is_named_as_a_word() {
        assert!(names("No package matching 'gitt' is available", "gitt"));
        assert!(names("E: Unable to locate package gitt", "gitt"));
        assert!(!names(
            "No package matching 'gitt-core' is available",
            "gitt"
        ));
    }
}
