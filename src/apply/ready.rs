//! Whether a machine does what it is for: what depends on it begins only then.

use super::made::Made;
use super::{Doer, Halt, Job};
use crate::call::run::run;
use crate::call::{End, Outcome};
use crate::diagnostic::Diagnostic;
use crate::engine::podman;
use crate::model::{Machine, Ready, ReadyProbe};
use crate::source::Located;
use crate::state::listeners::{listens_in, lists_listener};
use crate::value::{Init, Kind, Provider, show_duration};
use std::time::{Duration, Instant};

/// How often it is asked whether the machine still is.
const ASK_EVERY: Duration = Duration::from_millis(500);

/// As long as most tries take.
const A_TRY: Duration = Duration::from_secs(1);

impl Doer<'_> {
    /// Waits for what is written as the sign that it is ready, if anything is.
    pub(super) fn ready(&self, job: &mut Job) -> Result<(), Halt> {
        let (Some(machine), Some(made)) = (job.machine, job.made(self)) else {
            return Ok(());
        };
        let Some(ready) = &machine.ready else {
            return Ok(());
        };
        let began = Instant::now();
        let eta = self.eta(job, "ready");
        self.wait_until_ready(machine, ready, &made, eta)?;
        let took = began.elapsed().as_secs_f64();
        job.record.durations.insert("ready".into(), took);
        Ok(())
    }

    /// The same for one that runs already, and for which another waits.
    pub fn is_still_ready(&self, machine: &Machine, made: &Made) -> Result<(), Halt> {
        match &machine.ready {
            Some(ready) => self.wait_until_ready(machine, ready, made, None),
            None => Ok(()),
        }
    }

    fn wait_until_ready(
        &self,
        machine: &Machine,
        ready: &Located<Ready>,
        made: &Made,
        eta: Option<Duration>,
    ) -> Result<(), Halt> {
        let probe = machine.shown_probe(ready);
        let text = match &ready.probe.value {
            ReadyProbe::Port(_) => format!("port {probe}"),
            ReadyProbe::Command(_) => probe,
        };
        let stage = self.stage("ready", &text, eta);
        let until = Instant::now() + ready.within.value;
        let mut ask_at = Instant::now() + ASK_EVERY;
        let mut pid = None;
        let (mut pause, longest) = match ready.probe.value {
            ReadyProbe::Port(_) => (Duration::from_millis(5), Duration::from_millis(100)),
            ReadyProbe::Command(_) => (Duration::from_millis(50), Duration::from_secs(1)),
        };
        let mut last = None;
        loop {
            self.go_on()?;
            let left = until.saturating_duration_since(Instant::now());
            let seen = match &ready.probe.value {
                ReadyProbe::Port(port) => self.port_seen(made, *port, &mut pid),
                ReadyProbe::Command(line) => self.command_seen(made, line, left),
            };
            let Err(seen) = seen else {
                stage.done(&text);
                return Ok(());
            };
            self.go_on()?;
            // A try that had hardly begun at the deadline tells less than the one before.
            if left > A_TRY || last.is_none() || Instant::now() < until {
                last = Some(seen);
            }
            if Instant::now() >= ask_at {
                if let Some(how) = self.gone(made) {
                    return Err(self.boot_failed(made, &how).into());
                }
                ask_at = Instant::now() + ASK_EVERY;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(not_ready(machine, ready, last.unwrap_or_default()).into());
            }
            self.interrupt.wait(pause.min(left));
            pause = (pause * 3 / 2).min(longest);
        }
    }

    /// A port that something listens on answers. The host's own view of the machine's sockets is asked,
    /// which needs nothing of the image; where there is none, the machine shows its own.
    fn port_seen(&self, made: &Made, port: u16, pid: &mut Option<u32>) -> Result<(), Vec<String>> {
        if pid.is_none() && made.provider == Provider::Podman {
            *pid = podman::read_process(&self.run(&podman::process(&made.engine_id)));
        }
        let silent = format!("nothing listens on port {port}");
        match pid.and_then(|pid| listens_in(pid, port)) {
            Some(true) => return Ok(()),
            Some(false) => return Err(vec![silent]),
            // It was started anew, or is none of our host's.
            None => *pid = None,
        }
        let line = "cat /proc/net/tcp /proc/net/tcp6";
        let outcome = self.run(&self.inside(made, line, ASK_EVERY * 20));
        match lists_listener(&outcome.stdout, port) {
            true => Ok(()),
            false => Err(vec![silent]),
        }
    }

    fn command_seen(&self, made: &Made, line: &str, left: Duration) -> Result<(), Vec<String>> {
        let call = self.inside(made, line, left);
        self.ui.call(&call.to_string());
        let outcome = run(&call, self.interrupt, None);
        if outcome.ok() {
            return Ok(());
        }
        Err(said(&outcome))
    }
}

/// What came of a try: how it ended first, then its last lines.
fn said(outcome: &Outcome) -> Vec<String> {
    let how = match outcome.end {
        End::Exit(status) => format!("the command ends with status {status}"),
        End::Deadline(_) => "the command does not end".to_owned(),
        _ => format!("the command: {}", outcome.end),
    };
    std::iter::once(how).chain(outcome.tail(5)).collect()
}

fn not_ready(machine: &Machine, ready: &Located<Ready>, seen: Vec<String>) -> Diagnostic {
    let within = show_duration(ready.within.value);
    let mut seen = seen.into_iter();
    let last = seen.next().unwrap_or_default();
    let name = &machine.name;
    // What a playbook started there does not come back by itself, and a playbook that went well is not run again.
    let may_be_down = !machine.provisions.is_empty()
        && machine.kind.value == Kind::Container
        && machine.first_process() != Init::Systemd;
    Diagnostic::error(1202)
        .message(format!(
            "Machine '{name}' is not ready in time: {last} after {within}"
        ))
        .at_origin(ready.origin)
        .help(match may_be_down {
            true => format!(
                "run what starts it: `vagrantp provision {name}`, or look inside: vagrantp ssh {name}"
            ),
            false => format!(
                "look inside: `vagrantp ssh {name}`, or write a longer `within`; then vagrantp up"
            ),
        })
        .details(seen)
}
