//! The way in: a banner, then an authenticated session that leaves a shared connection behind.

use super::keys::ssh_missing;
use super::made::Made;
use super::{Doer, Halt, Job};
use crate::call::End;
use crate::call::run::{ProbeEnd, run, wait_for_banner};
use crate::diagnostic::Diagnostic;
use crate::engine::acceleration::Acceleration;
use crate::engine::{access, podman};
use crate::render;
use crate::source::Origin;
use crate::value::{Init, Provider};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a machine may take to let us in, where nothing is written of it.
const REACH: Duration = Duration::from_secs(60);
/// The same for a virtual machine, which boots first.
const BOOT: Duration = Duration::from_secs(300);

/// How often it is looked whether the machine is at another address by now.
const LOOK_EVERY: Duration = Duration::from_secs(2);

impl Job<'_> {
    /// How long it may take to let us in.
    pub(super) fn patience(&self) -> Duration {
        let timeout = self.machine.map(|machine| &machine.boot_timeout);
        let written = timeout.filter(|timeout| timeout.origin != Origin::Default);
        let own = match (&self.record.vm, self.record.provider) {
            (_, Provider::Podman) => REACH,
            (Some(vm), _) if vm.emulated => Acceleration::Emulated.patience(BOOT),
            _ => BOOT,
        };
        written.map_or(own, |timeout| timeout.value)
    }
}

impl Doer<'_> {
    /// Waits until the machine lets us in. One that is entered by exec has only to run.
    pub(super) fn reach(&self, job: &mut Job) -> Result<(), Halt> {
        let Some(made) = job.made(self) else {
            return Ok(());
        };
        let access = &job.record.access;
        let by_ssh = access.init != Init::Image && (access.exec || access.port.is_some());
        if !by_ssh {
            return match self.gone(&made) {
                None => Ok(()),
                Some(how) => Err(self.boot_failed(&made, &how).into()),
            };
        }
        let config = self.write_ssh_config(job)?;
        let text = way_in(job);
        let stage = self.stage("reach", &text, self.eta(job, "reach"));
        let began = Instant::now();
        match job.record.access.port {
            Some(port) => self.banner(job, port, &made)?,
            None => self.first_process(job, &made)?,
        }
        job.has_python = self.first_session(job, &config, &made, began)?;
        job.record
            .durations
            .insert("reach".into(), began.elapsed().as_secs_f64());
        stage.done(&way_in(job));
        Ok(())
    }

    /// The address is looked at again meanwhile: the machine may have had another one before it booted.
    fn banner(&self, job: &mut Job, port: u16, made: &Made) -> Result<(), Halt> {
        let until = Instant::now() + job.patience();
        loop {
            let ip = job.record.access.address;
            let mut look_at = Instant::now() + LOOK_EVERY;
            let mut watch = || {
                if let Some(how) = self.gone(made) {
                    return Some(ProbeEnd::Ended(how));
                }
                if Instant::now() < look_at {
                    return None;
                }
                look_at = Instant::now() + LOOK_EVERY;
                let now = self.leased_now(&job.record);
                now.filter(|now| *now != ip).map(ProbeEnd::Moved)
            };
            let address = SocketAddr::from((ip, port));
            let left = until.saturating_duration_since(Instant::now());
            let Err(failure) = wait_for_banner(address, left, self.interrupt, &mut watch) else {
                return Ok(());
            };
            return Err(match failure.why {
                ProbeEnd::Moved(now) => {
                    job.record.access.address = now;
                    self.write_ssh_config(job)?;
                    let stage = job.record.stage;
                    self.save(job, stage)?;
                    continue;
                }
                ProbeEnd::Interrupted => Halt::Interrupted,
                ProbeEnd::Ended(how) => self.boot_failed(made, &how).into(),
                ProbeEnd::Deadline => self.no_banner(job, made, &failure.last_seen).into(),
            });
        }
    }

    fn no_banner(&self, job: &Job, made: &Made, seen: &str) -> Diagnostic {
        if made.provider == Provider::Podman {
            let seconds = job.patience().as_secs();
            let text = format!("no ssh banner after {seconds} s; last seen: {seen}");
            return self.not_reached(job, &text);
        }
        let seen = format!("ssh at {}: {seen}", job.record.access.address);
        self.silent(job, made, "no sshd answered", Some(seen))
    }

    /// Without a port to listen at, the machine is ready for ssh when its first process is done with what it
    /// prepares.
    fn first_process(&self, job: &Job, made: &Made) -> Result<(), Halt> {
        self.go_on()?;
        let outcome = self.run(&podman::prepared(&made.engine_id).within(job.patience()));
        if outcome.ok() {
            return Ok(());
        }
        self.go_on()?;
        Err(match self.gone(made) {
            Some(how) => self.boot_failed(made, &how).into(),
            None => self.not_reached(job, &outcome.tail(1).join(" ")).into(),
        })
    }

    /// Whether there is a Python. A session may still be reset while sshd comes up; what is refused for good is
    /// told at once.
    fn first_session(
        &self,
        job: &Job,
        config: &Path,
        made: &Made,
        began: Instant,
    ) -> Result<bool, Halt> {
        let call = access::first_session(config, &job.record.id).within(job.patience());
        let mut pause = Duration::from_millis(20);
        loop {
            self.go_on()?;
            self.ui.call(&call.to_string());
            let outcome = run(&call, self.interrupt, None);
            if outcome.ok() {
                return Ok(access::has_python(&outcome));
            }
            if let End::NotStarted(_) = outcome.end {
                return Err(ssh_missing(&outcome).into());
            }
            let passing = [
                "Connection reset",
                "Connection refused",
                "Connection closed",
                "kex_exchange",
                // A slow guest needs longer for a new session than ssh waits.
                "timed out",
            ];
            let may_pass = passing
                .iter()
                .any(|sentence| outcome.stderr.contains(sentence));
            if !may_pass || began.elapsed() > job.patience() {
                let key = self.folder(job).key_of(&job.record);
                return Err(access::session_failed(&job.record, &key, &outcome).into());
            }
            if let Some(how) = self.gone(made) {
                return Err(self.boot_failed(made, &how).into());
            }
            self.interrupt.wait(pause);
            pause = (pause * 2).min(Duration::from_millis(500));
        }
    }

    pub(super) fn boot_failed(&self, made: &Made, how: &str) -> Diagnostic {
        let text = self.last_words(made);
        // An image with nothing to serve, such as a distribution's, ends at once and says nothing.
        let help = if text.trim().is_empty() {
            "write `INIT=sshd` to live in it, or an IMAGE whose command goes on running"
        } else {
            "see the lines above; then try again: vagrantp up, or remove it: vagrantp rm"
        };
        Diagnostic::error(1201)
            .message(format!("The machine stopped right after its start: {how}"))
            .help(help)
            .details(last_lines(&text))
    }

    /// A virtual machine runs, and did not come up in time: how its lease stands, and its console's last lines.
    pub(super) fn silent(
        &self,
        job: &Job,
        made: &Made,
        what: &str,
        seen: Option<String>,
    ) -> Diagnostic {
        let seconds = job.patience().as_secs();
        let words = self.last_words(made);
        let mut console = last_lines(&words);
        if made.provider == Provider::Libvirt {
            let head = if console.is_empty() {
                "console: nothing"
            } else {
                "console:"
            };
            console.insert(0, head.to_owned());
        }
        Diagnostic::error(1202)
            .message(format!(
                "Machine '{}' is not ready in time: {what} within {seconds} s",
                job.record.id
            ))
            .help("see what its console says, or write a longer `boot-timeout`; then vagrantp up")
            .details(seen)
            .details(self.lease_state(&job.record))
            .details(console)
    }

    fn not_reached(&self, job: &Job, seen: &str) -> Diagnostic {
        access::failed(&job.record, &self.folder(job).key_of(&job.record), seen)
    }

    /// Writes the machine's ssh_config.
    pub(super) fn write_ssh_config(&self, job: &Job) -> Result<PathBuf, Halt> {
        let folder = self.folder(job);
        let control = folder.control_socket(&self.runtime);
        let key = folder.key_of(&job.record);
        let context = access::ssh_context(&job.record, &key, &folder.known_hosts(), &control);
        let text = render::ssh_config(&context, self.overrides)?;
        let path = folder.ssh_config();
        folder.write(&path, text.as_bytes(), 0o600)?;
        Ok(path)
    }

    /// How long a stage took last time.
    pub(super) fn eta(&self, job: &Job, stage: &str) -> Option<Duration> {
        let seconds = job.record.durations.get(stage)?;
        Some(Duration::from_secs_f64(seconds.clamp(0.0, 86_400.0)))
    }
}

fn way_in(job: &Job) -> String {
    let access = &job.record.access;
    let place = match access.port {
        Some(port) => format!("{}:{port}", access.address),
        None => "podman exec".to_owned(),
    };
    format!("ssh {}@{place}", access.user)
}

/// The last of what a machine said.
fn last_lines(words: &str) -> Vec<String> {
    let lines = words.lines().filter(|line| !line.trim().is_empty());
    let lines: Vec<String> = lines.map(str::to_owned).collect();
    lines[lines.len().saturating_sub(8)..].to_vec()
}
