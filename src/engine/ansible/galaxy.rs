//! ansible-galaxy: what a playbook requires is installed, and why it cannot be.

use crate::call::{Call, Effect, Outcome};
use crate::diagnostic::Diagnostic;
use crate::model::Requirements;
use std::path::Path;
use std::time::Duration;

/// What is installed by one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Roles.
    Roles,
    /// Collections.
    Collections,
}

impl What {
    /// Its folder, and its key in the file.
    pub fn name(self) -> &'static str {
        match self {
            What::Roles => "roles",
            What::Collections => "collections",
        }
    }
}

/// Installs all of one kind below a folder.
pub fn install(what: What, requirements: &Requirements, into: &Path, temporary: &Path) -> Call {
    let verb = match what {
        What::Roles => "role",
        What::Collections => "collection",
    };
    let folder = into.join(what.name());
    let mut call = Call::change("ansible-galaxy")
        .env("LC_ALL", "C.UTF-8")
        .env("ANSIBLE_NOCOLOR", "1")
        .env("ANSIBLE_LOCAL_TEMP", temporary.display())
        .env("GIT_TERMINAL_PROMPT", "0")
        .args([verb, "install", "-r"])
        .arg(requirements.file.display())
        .arg("-p")
        .arg(folder.display())
        .within(Duration::from_secs(900));
    if what == What::Collections {
        call = call.env("ANSIBLE_COLLECTIONS_PATH", folder.display());
    }
    call.effect = Effect::Stoppable;
    call.cwd = requirements.file.parent().map(Path::to_owned);
    call
}

/// Why it cannot be had. `text` is what the file holds: the line that names what is missing is the place.
pub fn refused(requirements: &Requirements, text: &str, outcome: &Outcome) -> Diagnostic {
    let said = unwrapped(&outcome.stderr);
    let name = requirements.file.file_name().unwrap_or_default();
    let name = name.to_string_lossy();
    let offline = [
        "Unknown error when attempting to call Galaxy",
        "Name or service not known",
        "Temporary failure in name resolution",
        "Connection refused",
        "Could not resolve host",
    ];
    let is_offline = offline.iter().any(|part| said.contains(part));
    let (why, help) = match server(&said).filter(|_| is_offline) {
        Some(server) => (
            format!("{server} does not answer"),
            "try it again where that server can be reached, or write the path of a file: `src: ROLE.tar.gz`",
        ),
        None if is_offline => (
            "a server does not answer".to_owned(),
            "try it again where that server can be reached, or write the path of a file: `src: ROLE.tar.gz`",
        ),
        None => (
            "ansible-galaxy refuses it".to_owned(),
            "mend the file; what ansible-galaxy says is above",
        ),
    };
    let lines: Vec<&str> = said.lines().collect();
    let last = &lines[lines.len().saturating_sub(8)..];
    Diagnostic::error(7013)
        .message(format!("What {name} lists cannot be installed: {why}"))
        .in_file(&requirements.file, place(text, &said).unwrap_or(1), None)
        .help(help)
        .details([format!("$ {}", outcome.line), outcome.end.to_string()])
        .details(last.iter().map(ToString::to_string))
}

/// Ansible breaks its warnings at 79 columns: each in one line again.
fn unwrapped(stderr: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut in_warning = false;
    for line in stderr.lines().filter(|line| !line.trim().is_empty()) {
        let begins = line.starts_with("[WARNING]") || line.starts_with("ERROR!");
        match lines.last_mut().filter(|_| in_warning && !begins) {
            Some(last) => {
                last.push(' ');
                last.push_str(line);
            }
            None => {
                in_warning = line.starts_with("[WARNING]");
                lines.push(line.to_owned());
            }
        }
    }
    lines.join("\n")
}

/// The server in `call Galaxy at 'URL'`.
fn server(said: &str) -> Option<String> {
    let (_, rest) = said.split_once("Galaxy at '")?;
    let (server, _) = rest.split_once('\'')?;
    Some(server.to_owned())
}

/// The first line that names something which was complained about.
fn place(text: &str, said: &str) -> Option<usize> {
    let complained: Vec<&str> = said
        .split(|c: char| c.is_whitespace() || "'\",()".contains(c))
        .map(|word| word.trim_end_matches(['.', ':']))
        .filter(|word| word.len() > 3)
        .collect();
    let named = |line: &str| {
        let line = line.split(" #").next().unwrap_or_default();
        let line = line.trim().trim_start_matches("- ");
        let value = line
            .split_once(": ")
            .map_or(line, |(key, value)| match key.trim() {
                "name" | "src" | "role" | "source" => value,
                _ => "",
            });
        let value = value.trim().trim_matches(['"', '\'']);
        complained.contains(&value)
    };
    text.lines().position(named).map(|at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::{place, server, unwrapped};

    /// Recorded from ansible-core 2.14.18.
    const OFFLINE: &str = "[WARNING]: - geerlingguy.nginx was NOT installed successfully: Unknown error\nwhen attempting to call Galaxy at 'https://galaxy.ansible.com/api/': <urlopen\nerror [Errno -2] Name or service not known>. <urlopen error [Errno -2] Name or\nservice not known>\nERROR! - you can use --ignore-errors to skip failed roles and finish processing the list.\n";

    #[test]
    fn what_is_missing_is_found_in_the_file() {
        let said = unwrapped(OFFLINE);
        assert_eq!(said.lines().count(), 2, "{said}");
        assert_eq!(
            server(&said).as_deref(),
            Some("https://galaxy.ansible.com/api/")
        );
        let text = "roles:\n  - name: greet\n    src: greet.tar.gz\n  - geerlingguy.nginx\n";
        assert_eq!(place(text, &said), Some(4));
        assert_eq!(place("- name: greet\n", &said), None);
    }
}
