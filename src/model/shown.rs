//! What is shown of values of several parts: a part that came of `env.*` may be a secret, and is shown as it is
//! written.

use super::{ExtraDisk, Machine, MountedShare, Ready, ReadyProbe, Task, Volume};
use crate::source::{Located, Origin};
use crate::value::show_duration;
use std::collections::BTreeMap;
use std::fmt::{Display, Formatter, Result, Write};

impl Machine {
    /// Whether a value came of `env.*`.
    pub fn is_hidden(&self, origin: Origin) -> bool {
        origin
            .span()
            .is_some_and(|span| self.unexpanded.contains_key(&span))
    }

    /// A value as it may be shown: as it is written, where it came of `env.*`.
    pub fn shown(&self, origin: Origin, value: impl Display) -> String {
        let span = origin.span();
        let written = span.and_then(|span| self.unexpanded.get(&span));
        written.cloned().unwrap_or_else(|| value.to_string())
    }

    /// A setting as it may be shown, where a value of it came of `env.*`; nothing where none did.
    pub fn unshown(&self, setting: &str) -> Option<String> {
        if self.unexpanded.is_empty() {
            return None;
        }
        let bare = Machine {
            unexpanded: BTreeMap::new(),
            ..self.clone()
        };
        let (shown, meant) = (self.texts(setting), bare.texts(setting));
        (shown != meant).then(|| shown.join(", "))
    }

    fn texts(&self, setting: &str) -> Vec<String> {
        let values = self.values().into_iter();
        let of = values.filter(|value| value.setting == setting);
        of.map(|value| value.text).collect()
    }

    /// A share, and what the machine does not see of it.
    pub fn shown_share(&self, share: &Located<MountedShare>) -> String {
        let written = &share.written;
        let mode = if written.read_only { ":ro" } else { "" };
        // One word says both sides, or each has its own.
        let mut text = match share.to {
            Origin::Default => self.shown(
                share.origin,
                format!("{}:{}{mode}", written.host, written.guest),
            ),
            to => format!(
                "{}:{}{mode}",
                self.shown(share.origin, &written.host),
                self.shown(to, &written.guest)
            ),
        };
        let masks = share.masks.iter();
        let masks: Vec<String> = masks.map(|mask| self.shown(mask.origin, mask)).collect();
        if !masks.is_empty() {
            let _ = write!(text, " without {}", masks.join(", "));
        }
        text
    }

    /// A volume and where it lies.
    pub fn shown_volume(&self, volume: &Volume) -> String {
        let mode = if volume.read_only { ":ro" } else { "" };
        let to = self.shown(volume.to.origin, &volume.to);
        format!("{}:{to}{mode}", volume.name)
    }

    /// A disk and its size.
    pub fn shown_disk(&self, disk: &ExtraDisk) -> String {
        format!(
            "{} {}",
            disk.name,
            self.shown(disk.size.origin, disk.size.value)
        )
    }

    /// When it is ready.
    pub fn shown_ready(&self, ready: &Ready) -> String {
        let probe = self.shown_probe(ready);
        let within = show_duration(ready.within.value);
        let within = self.shown(ready.within.origin, within);
        match &ready.probe.value {
            ReadyProbe::Port(_) => format!("port={probe} within={within}"),
            ReadyProbe::Command(_) => format!("command={probe:?} within={within}"),
        }
    }

    /// The port or the command that tells when it is ready.
    pub fn shown_probe(&self, ready: &Ready) -> String {
        match &ready.probe.value {
            ReadyProbe::Port(port) => self.shown(ready.probe.origin, port),
            ReadyProbe::Command(line) => self.shown(ready.probe.origin, line),
        }
    }
}

impl Task {
    /// A line as it may be shown.
    pub fn shown<'a>(&'a self, line: &'a Located<String>) -> &'a str {
        let span = line.origin.span();
        let written = span.and_then(|span| self.unexpanded.get(&span));
        written.unwrap_or(&line.value)
    }
}

impl Display for MountedShare {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let mode = if self.written.read_only { ":ro" } else { "" };
        write!(f, "{}:{}{mode}", self.written.host, self.written.guest)?;
        let masks: Vec<&str> = self.masks.iter().map(|mask| mask.value.as_str()).collect();
        match masks.is_empty() {
            true => Ok(()),
            false => write!(f, " without {}", masks.join(", ")),
        }
    }
}

impl Display for Volume {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let mode = if self.read_only { ":ro" } else { "" };
        write!(f, "{}:{}{mode}", self.name, self.to)
    }
}
