//! What a run means for one machine, and whether its way in still works.

use super::Play;
use super::once::Done;
use crate::apply::{Doer, Halt, Job};
use crate::diagnostic::Diagnostic;
use crate::engine::access;
use crate::engine::ansible::finding::{finding, locked_out};
use crate::engine::ansible::story::Place;
use crate::engine::ansible::verdict::{Trouble, verdict};
use crate::model::Means;
use std::time::{Duration, Instant};

/// How long a machine may take to let us in again after its sshd was started anew.
const PATIENCE: Duration = Duration::from_secs(5);

impl Doer<'_> {
    /// Whether it went well for this machine; what else is to be told is noted beside the first finding.
    pub(super) fn judge(&self, job: &Job, play: &Play, done: &Done) -> Result<(), Halt> {
        let Done {
            story,
            outcome,
            log,
        } = done;
        let name = &play.machine.name;
        let of_us = |trouble: &Trouble| match trouble {
            Trouble::Task(failure) => failure.place.host == *name,
            _ => true,
        };
        let mut troubles = verdict(story, &outcome.end, &outcome.stderr);
        troubles.retain(of_us);
        let playbook = &play.provision.playbook;
        let target = play.machine.target();
        let user = &job.record.access.user;
        let mut found: Vec<Diagnostic> = troubles
            .iter()
            .map(|trouble| finding(trouble, play.provision, (&target, user), outcome))
            .collect();
        let is_lost = |trouble: &Trouble| matches!(trouble, Trouble::Task(it) if it.is_unreachable);
        let last = story.touched.iter().rfind(|place| place.host == *name);
        // Where all went well and no task has changed anything, as they say themselves, none has shut us out.
        let is_as_it_was = outcome.ok() && story.changed_on(name) == 0;
        let is_touched = last.is_some() && !is_as_it_was;
        let may_be_shut = !play.check && (is_touched || troubles.iter().any(is_lost));
        if let Some(why) = may_be_shut.then(|| self.shut_out(job)).flatten() {
            let lost = story.failures.get(name).filter(|it| it.is_unreachable);
            let said = lost.and_then(|it| it.message.lines().next());
            let said = said.map(|said| format!("Ansible said: {}", said.trim_end_matches(':')));
            if troubles.iter().all(is_lost) {
                found.clear();
            }
            let finding = why.finding(last, lost.map(|it| &it.place));
            found.push(finding.details(said));
        }
        let mut told = found.into_iter().map(|finding| {
            let is_own = play.provision.means != Means::Playbook;
            let is_placed = finding.span.is_some() || !finding.related.is_empty();
            let finding = match is_own {
                false => finding.related("played here", playbook.origin),
                true if is_placed => finding,
                // The play is our own: the place is that of the line that asks for it.
                true => Diagnostic {
                    beside: None,
                    ..finding.at_origin(playbook.origin)
                },
            };
            finding.details([format!("log: {}", log.display())])
        });
        let Some(first) = told.next() else {
            return Ok(());
        };
        told.for_each(|finding| self.shared.adds(finding));
        Err(first.into())
    }

    /// Why nobody is let in any more, where that is so.
    fn shut_out(&self, job: &Job) -> Option<Shut> {
        let began = Instant::now();
        let mut pause = Duration::from_millis(50);
        let call = access::fresh_session(&self.folder(job).ssh_config(), &job.record.id);
        loop {
            let outcome = self.run(&call);
            if outcome.ok() || self.interrupt.count() > 0 {
                return None;
            }
            if let Some(how) = job.made(self).and_then(|made| self.gone(&made)) {
                return Some(Shut::Gone(how));
            }
            if began.elapsed() > PATIENCE {
                return Some(Shut::Out(outcome.tail(1).join(" ")));
            }
            self.interrupt.wait(pause);
            pause = (pause * 2).min(Duration::from_secs(1));
        }
    }
}

/// Why nobody is let in.
enum Shut {
    /// The machine ended.
    Gone(String),
    /// It runs, and ssh says this.
    Out(String),
}

impl Shut {
    /// `last` is what changed something last, `lost` at what it did not answer any more.
    fn finding(&self, last: Option<&Place>, lost: Option<&Place>) -> Diagnostic {
        match self {
            Shut::Out(why) => locked_out(last, why),
            Shut::Gone(how) => {
                let finding = Diagnostic::error(7006)
                    .message(format!(
                        "Ansible playbook failed: the machine stopped: {how}"
                    ))
                    .help("start it: vagrantp up");
                match lost.or(last) {
                    Some(place) => finding.in_file(&place.file, place.line, None),
                    None => finding,
                }
            }
        }
    }
}
