//! What is there: all domains with their titles, which hold our label, in one question.

use super::{ask, failed};
use crate::call::{Call, Outcome};
use crate::diagnostic::Diagnostic;
use crate::engine::vagrant::Label;
use crate::state::observed::{ObservedMachine, Seen};
use crate::value::Provider;

/// Asks for everything that is there: a table with states and titles, then each uuid with its name.
pub fn look() -> Call {
    ask(&["list --all --title; list --all --uuid --name"])
}

/// libvirt's words for a state. The longer ones come first: one may begin with another.
const STATES: &[(&str, Seen)] = &[
    ("in shutdown", Seen::Running),
    ("shut off", Seen::Stopped),
    ("running", Seen::Running),
    ("idle", Seen::Running),
    ("paused", Seen::Stopped),
    ("crashed", Seen::Stopped),
    ("pmsuspended", Seen::Stopped),
];

/// Reads the answer to [`look`].
///
/// # Errors
/// When libvirt cannot be asked.
pub fn read_look(outcome: &Outcome) -> Result<Vec<ObservedMachine>, Diagnostic> {
    if !outcome.ok() {
        return Err(failed(outcome));
    }
    Ok(read(&outcome.stdout))
}

fn read(text: &str) -> Vec<ObservedMachine> {
    let named = text.lines().filter_map(uuid_and_name);
    named
        .map(|(uuid, name)| {
            let row = text.lines().find_map(|line| row(line, name));
            let (word, title) = row.unwrap_or(("unknown", ""));
            let label = Label::read(title).filter(|label| label.instance == name);
            let state = STATES.iter().find(|(known, _)| *known == word);
            ObservedMachine {
                provider: Provider::Libvirt,
                name: name.to_owned(),
                engine_id: uuid.to_owned(),
                state: state.map_or(Seen::Unknown, |(_, state)| *state),
                word: word.to_owned(),
                is_stuck: false,
                exit_code: i64::from(word == "crashed"),
                project: label.as_ref().map(|label| label.project),
                path: label.as_ref().map(|label| label.folder.clone()),
                digest: label.map(|label| label.digest),
                networks: Vec::new(),
                ports: Vec::new(),
            }
        })
        .collect()
}

fn uuid_and_name(line: &str) -> Option<(&str, &str)> {
    let (uuid, name) = line.split_once(' ')?;
    let uuid = Some(uuid).filter(|uuid| uuid.len() == 36 && uuid.parse::<uuid::Uuid>().is_ok())?;
    Some((uuid, name.trim()))
}

/// ` 12   NAME   STATE   TITLE`: the state and the title of the line that is about this name.
fn row<'a>(line: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    let rest = line.strip_prefix(' ')?.trim_start();
    let (id, rest) = rest.split_once(' ')?;
    if id != "-" && id.parse::<u32>().is_err() {
        return None;
    }
    let rest = rest.trim_start().strip_prefix(name)?;
    let rest = rest.strip_prefix(' ')?.trim_start();
    let known = STATES.iter().find(|(word, _)| rest.starts_with(word));
    let end = known.map_or(rest.find("  "), |(word, _)| Some(word.len()));
    let (word, title) = rest.split_at(end.unwrap_or(rest.len()));
    Some((word.trim(), title.trim()))
}

/// Asks what one machine does.
pub fn state(uuid: &str) -> Call {
    ask(&["domstate", uuid, "--reason"])
}

/// How it ended, where it did, of the answer to [`state`].
pub fn read_gone(outcome: &Outcome) -> Option<String> {
    let said = outcome.stdout.trim();
    if !outcome.ok() {
        let is_missing = outcome.stderr.contains("failed to get domain");
        return is_missing.then(|| "something else removed it".to_owned());
    }
    let ended = said.starts_with("shut off") || said.starts_with("crashed");
    ended.then(|| format!("libvirt says '{said}'"))
}

/// What a console shows, without what steers a terminal.
pub fn plain(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => {
                if chars.next() == Some('[') {
                    let _ = chars.find(|c| ('@'..='~').contains(c));
                }
            }
            '\n' => plain.push('\n'),
            c if c.is_control() => {}
            c => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::{plain, read};
    use crate::state::observed::Seen;

    #[test]
    fn states_and_labels_are_read_from_one_answer() {
        let project = "0f0f0f0f-0000-4000-8000-000000000000";
        let label = format!(
            r#"vagrantp {{"instance":"shop","project":"{project}","folder":"/a b","digest":"00"}}"#
        );
        let text = format!(
            " 3   shop      running    {label}\n -   other     shut off   vagrantp x\n -   odd one   dying   \n\n\
             11111111-0000-4000-8000-000000000000 shop\n22222222-0000-4000-8000-000000000000 other\n\
             33333333-0000-4000-8000-000000000000 odd one\n"
        );
        let all = read(&text);
        assert_eq!(all.len(), 3);
        assert_eq!(all[0].state, Seen::Running);
        assert_eq!(all[0].project.unwrap().to_string(), project);
        assert_eq!((all[1].state, all[1].project), (Seen::Stopped, None));
        assert_eq!((all[2].state, &*all[2].word), (Seen::Unknown, "dying"));
    }

    #[test]
    fn a_console_steers_no_terminal() {
        assert_eq!(plain(b"\x1b[1;32mok\x1b[0m\r\n\x07x"), "ok\nx");
    }
}
