//! Whether a run went well: no one of its signs tells all.

use super::complaint::{self, Complaint};
use super::story::{Failure, Story};
use crate::call::End;

/// Why a run went badly.
#[derive(Debug)]
pub enum Trouble {
    /// A task failed, or a host was lost at it.
    Task(Failure),
    /// Ansible itself complains.
    Complaint(Complaint),
    /// No play was for any host.
    NoHosts,
    /// It ended badly without a word.
    Silent,
}

/// What went badly; nothing where all went well.
///
/// Status 0 also comes of a run that no host matched, 4 of lost hosts and of files that cannot be read, and a
/// role that is missing half-way ends with a task that went well.
pub fn verdict(story: &Story, end: &End, stderr: &str) -> Vec<Trouble> {
    let has_failed = |host: &String| match &story.stats {
        Some(stats) => stats
            .get(host)
            .is_none_or(|stats| stats.failures + stats.unreachable > 0),
        None => true,
    };
    let failures = story.failures.iter().filter(|(host, _)| has_failed(host));
    let failures: Vec<Trouble> = failures
        .map(|(_, failure)| Trouble::Task(failure.clone()))
        .collect();
    if !failures.is_empty() {
        return failures;
    }
    let is_good = *end == End::Exit(0);
    let complaint = complaint::read(stderr).map(|complaint| placed(complaint, story));
    match complaint {
        Some(complaint) if !is_good => vec![Trouble::Complaint(complaint)],
        _ if !is_good || story.stats.is_none() => vec![Trouble::Silent],
        _ if story.no_hosts_matched && !story.has_results => vec![Trouble::NoHosts],
        _ => Vec::new(),
    }
}

/// What is complained of half-way, such as a role that is missing, is about the task under way.
fn placed(mut complaint: Complaint, story: &Story) -> Complaint {
    if complaint.place.is_none() {
        complaint.place.clone_from(&story.under_way);
    }
    complaint
}

#[cfg(test)]
mod tests {
    use super::super::{events, story::Story};
    use super::{Trouble, verdict};
    use crate::call::End;

    fn story(lines: &[&str]) -> Story {
        let mut story = Story::default();
        for line in lines {
            story.take(&events::read(line).expect("one of ours"));
        }
        story
    }

    const FAILED: &str = r#"{"vagrantp": "failed", "t": 1.5, "host": "web", "task": "Fails", "path": "/p/site.yml:8", "action": "command", "id": "1", "changed": true, "rc": 1, "msg": "non-zero return code", "stdout": "", "stderr": "", "ignored": false}"#;

    #[test]
    fn what_was_rescued_or_ignored_is_no_failure() {
        let saved = r#"{"vagrantp": "stats", "t": 2, "hosts": {"web": {"ok": 2, "failures": 0, "unreachable": 0, "changed": 0, "skipped": 0, "rescued": 1, "ignored": 0}}}"#;
        assert!(verdict(&story(&[FAILED, saved]), &End::Exit(0), "").is_empty());
        let failed = saved.replace(r#""failures": 0"#, r#""failures": 1"#);
        let found = verdict(&story(&[FAILED, &failed]), &End::Exit(2), "");
        assert!(matches!(&found[..], [Trouble::Task(failure)] if failure.place.line == 8));
    }

    #[test]
    fn a_good_status_is_not_enough() {
        let nobody = [
            r#"{"vagrantp": "no_hosts_matched", "t": 1}"#,
            r#"{"vagrantp": "stats", "t": 2, "hosts": {}}"#,
        ];
        let found = verdict(&story(&nobody), &End::Exit(0), "");
        assert!(matches!(found[..], [Trouble::NoHosts]));
        let found = verdict(&story(&[]), &End::Exit(0), "");
        assert!(matches!(found[..], [Trouble::Silent]));
        let role = "ERROR! the role 'nope' was not found in /p/roles\n";
        let found = verdict(&story(&nobody[1..]), &End::Exit(2), role);
        assert!(matches!(found[..], [Trouble::Complaint(_)]));
    }
}
