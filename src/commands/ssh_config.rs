//! `ssh-config`: a self-contained `Host` block a machine, for ssh, scp, editors and Ansible.

use super::Session;
use super::answer::Answer;
use super::ssh::{config_text, only};
use crate::diagnostic::Diagnostic;

/// Runs the verb.
pub fn run(session: &Session, target: Option<&str>) -> u8 {
    let entry = match session
        .find_folder()
        .and_then(|folder| only(session, &folder, target))
    {
        Ok(entry) => entry,
        Err(not_found) => return session.not_found("ssh-config", not_found),
    };
    let mut answer = Answer::new("ssh-config", &entry.record.project_path);
    if entry.record.access.port.is_none() && !entry.record.access.exec {
        answer.findings.push(
            Diagnostic::error(1401)
                .message(format!(
                    "Machine '{}' has no sshd: it is entered by exec",
                    entry.record.id
                ))
                .help("enter it: vagrantp ssh, or write `INIT=sshd`"),
        );
        return session.finish(&answer);
    }
    match config_text(&entry) {
        Ok(text) => {
            session.ui.out_styled(text.trim_end());
            answer.extra.push(("ssh_config", text.into()));
        }
        Err(finding) => answer.findings.push(finding),
    }
    session.finish(&answer)
}
