//! What is there: all machines, then each one's state and description, which holds our label.

use super::{ask, failed};
use crate::call::{Call, Outcome};
use crate::diagnostic::Diagnostic;
use crate::engine::vagrant::Label;
use crate::state::observed::{ObservedMachine, Seen};
use crate::value::Provider;

/// Asks for the names and uuids of this user's machines.
pub fn list() -> Call {
    ask(&["list", "vms"])
}

/// Reads the answer to [`list`]: uuids.
///
/// # Errors
/// When VirtualBox cannot be asked.
pub fn read_list(outcome: &Outcome) -> Result<Vec<String>, Diagnostic> {
    if !outcome.ok() {
        return Err(failed(outcome));
    }
    let uuid = |line: &str| {
        let (_, rest) = line.rsplit_once('{')?;
        Some(rest.trim_end().strip_suffix('}')?.to_owned())
    };
    Ok(outcome.stdout.lines().filter_map(uuid).collect())
}

/// Asks what one machine is and does.
pub fn look(uuid: &str) -> Call {
    ask(&["showvminfo", uuid, "--machinereadable"])
}

const STATES: &[(&str, Seen)] = &[
    ("running", Seen::Running),
    ("starting", Seen::Running),
    ("restoring", Seen::Running),
    ("stopping", Seen::Running),
    ("saving", Seen::Running),
    ("gurumeditation", Seen::Running),
    ("paused", Seen::Stopped),
    ("poweroff", Seen::Stopped),
    ("saved", Seen::Stopped),
    ("aborted", Seen::Stopped),
    ("aborted-saved", Seen::Stopped),
];

/// Reads the answer to [`look`]; nothing where the machine has gone meanwhile.
pub fn read_look(outcome: &Outcome) -> Option<ObservedMachine> {
    let text = outcome.ok().then_some(&outcome.stdout)?;
    let name = value(text, "name")?;
    let word = value(text, "VMState")?;
    let state = STATES.iter().find(|(known, _)| *known == word);
    let description = value(text, "description").unwrap_or_default();
    let label = Label::read(&description).filter(|label| label.instance == name);
    Some(ObservedMachine {
        provider: Provider::Virtualbox,
        engine_id: value(text, "UUID")?,
        name,
        state: state.map_or(Seen::Unknown, |(_, state)| *state),
        is_stuck: word == "gurumeditation",
        exit_code: i64::from(word.starts_with("aborted")),
        word,
        project: label.as_ref().map(|label| label.project),
        path: label.as_ref().map(|label| label.folder.clone()),
        digest: label.map(|label| label.digest),
        networks: Vec::new(),
        ports: Vec::new(),
    })
}

/// How a machine ended, where it did, of the answer to [`look`].
pub fn read_gone(outcome: &Outcome) -> Option<String> {
    if !outcome.ok() {
        let is_missing = outcome.stderr.contains("VBOX_E_OBJECT_NOT_FOUND");
        return is_missing.then(|| "something else removed it".to_owned());
    }
    let word = value(&outcome.stdout, "VMState")?;
    let ended = matches!(&*word, "poweroff" | "aborted" | "saved" | "aborted-saved");
    ended.then(|| format!("VirtualBox says '{word}'"))
}

/// `key="value"` of a line, with `\"` and `\\` for `"` and `\`: newer versions write them so.
fn value(text: &str, key: &str) -> Option<String> {
    let rest = text.lines().find_map(|line| {
        let rest = line.strip_prefix(key)?.strip_prefix("=\"")?;
        rest.trim_end().strip_suffix('"')
    })?;
    if !rest.contains("\\\"") {
        return Some(rest.to_owned());
    }
    let mut plain = String::new();
    let mut chars = rest.chars();
    while let Some(c) = chars.next() {
        plain.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::{read_gone, read_list, read_look};
    use crate::call::{End, Outcome};
    use crate::state::observed::Seen;

    fn said(stdout: &str) -> Outcome {
        Outcome {
            line: "VBoxManage".into(),
            end: End::Exit(0),
            stdout: stdout.into(),
            stderr: String::new(),
            took: std::time::Duration::ZERO,
        }
    }

    #[test]
    fn names_do_not_matter_to_the_list() {
        let uuid = "2f3d6c1e-0000-4000-8000-000000000001";
        let text = format!("\"odd {{name}} \\\" here\" {{{uuid}}}\n");
        assert_eq!(read_list(&said(&text)).unwrap(), [uuid]);
    }

    #[test]
    fn a_label_is_read_with_and_without_escapes() {
        let label = r#"vagrantp {"instance":"shop","project":"0f0f0f0f-0000-4000-8000-000000000000","folder":"/a \"b\"","digest":"00"}"#;
        let escaped = label.replace('\\', "\\\\").replace('"', "\\\"");
        for description in [label.replace("\\\"", "'"), escaped] {
            let text = format!(
                "name=\"shop\"\nUUID=\"u\"\nVMState=\"running\"\ndescription=\"{description}\"\n"
            );
            let seen = read_look(&said(&text)).expect("it is there");
            assert_eq!(
                (seen.state, seen.project.is_some()),
                (Seen::Running, true),
                "{text}"
            );
        }
        let other = read_look(&said("name=\"x\"\nUUID=\"u\"\nVMState=\"teleporting\"\n"));
        assert_eq!(
            other.map(|seen| (seen.state, seen.project)),
            Some((Seen::Unknown, None))
        );
    }

    #[test]
    fn only_an_end_is_one() {
        assert!(read_gone(&said("VMState=\"aborted\"\n")).is_some());
        assert!(read_gone(&said("VMState=\"running\"\n")).is_none());
    }
}
