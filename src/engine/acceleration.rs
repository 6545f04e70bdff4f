//! Whether virtual machines run by the processor itself (KVM) or are emulated.
//!
//! A `/dev/kvm` that opens says little: there are hosts where every guest hangs under it. So a guest of 16
//! instructions is run: it writes `K` to its serial port and ends QEMU with a status of its own.

use crate::call::{Call, End, Outcome};
use crate::diagnostic::Diagnostic;
use crate::engine::failure::evidence;
use sha2::Digest;
use std::path::Path;
use std::time::Duration;

/// The variable that decides instead of the trial: `kvm` or `qemu`.
pub const VARIABLE: &str = "VAGRANTP_ACCELERATION";

/// How long a guest may take that needs a tenth of a second.
pub const DEADLINE: Duration = Duration::from_secs(2);

/// What runs the guests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceleration {
    /// The processor itself.
    Kvm,
    /// QEMU, in software.
    Emulated,
}

impl Acceleration {
    /// libvirt's word for it, which is the variable's too.
    pub fn word(self) -> &'static str {
        match self {
            Acceleration::Kvm => "kvm",
            Acceleration::Emulated => "qemu",
        }
    }

    /// The one of a word.
    pub fn parse(word: &str) -> Option<Self> {
        [Acceleration::Kvm, Acceleration::Emulated]
            .into_iter()
            .find(|acceleration| acceleration.word() == word)
    }

    /// A deadline: what is emulated has four times as long.
    pub fn patience(self, deadline: Duration) -> Duration {
        match self {
            Acceleration::Kvm => deadline,
            Acceleration::Emulated => deadline.saturating_mul(4),
        }
    }
}

/// Why guests are emulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// There is no `/dev/kvm`.
    Missing,
    /// This user may not open it, so nobody knows.
    Closed,
    /// It is open to its owner alone, and QEMU runs as another user.
    ClosedToQemu,
    /// The guest of the trial did not run.
    Hangs,
}

impl Why {
    const ALL: [Why; 4] = [Why::Missing, Why::Closed, Why::ClosedToQemu, Why::Hangs];

    fn word(self) -> &'static str {
        match self {
            Why::Missing => "missing",
            Why::Closed => "closed",
            Why::ClosedToQemu => "closed-to-qemu",
            Why::Hangs => "hangs",
        }
    }
}

/// What the trial's result depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The kernel's release and this boot's id.
    pub kernel: String,
    /// QEMU's file: where, how large, how old.
    pub qemu: String,
    /// `/dev/kvm`'s mode, owner and group, where it is there.
    pub device: Option<Device>,
    /// Whether this user can open it.
    pub opens: bool,
}

/// Who may open `/dev/kvm`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Device {
    /// Its permission bits.
    pub mode: u32,
    /// Its group.
    pub gid: u32,
}

impl Facts {
    /// What a result is remembered under.
    pub fn key(&self) -> String {
        let digest = sha2::Sha256::digest(format!("{self:?}").as_bytes());
        digest[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// What is known without a trial.
    pub fn at_once(&self) -> Option<Why> {
        match self.device {
            None => Some(Why::Missing),
            Some(device) if device.is_closed_to_qemu() => Some(Why::ClosedToQemu),
            Some(_) if !self.opens => Some(Why::Closed),
            Some(_) => None,
        }
    }
}

impl Device {
    /// Whether only root may open it: libvirt's QEMU runs as another user, of the device's group where that is
    /// none of root's.
    pub fn is_closed_to_qemu(self) -> bool {
        let by_group = self.mode & 0o060 == 0o060 && self.gid != 0;
        !by_group && self.mode & 0o006 != 0o006
    }
}

/// The guest of the trial: a disk of one sector.
pub fn boot_sector() -> [u8; 512] {
    let mut sector = [0; 512];
    // mov dx, 3F8h; mov al, 'K'; out dx, al; mov dx, 501h; mov al, 10h; out dx, al; hlt; jmp back
    let code = [
        0xBA, 0xF8, 0x03, 0xB0, 0x4B, 0xEE, 0xBA, 0x01, 0x05, 0xB0, 0x10, 0xEE, 0xF4, 0xEB, 0xFD,
    ];
    sector[..code.len()].copy_from_slice(&code);
    sector[510..].copy_from_slice(&[0x55, 0xAA]);
    sector
}

/// The trial, with the sector in a file. A guest that hangs is ended also where nobody waits for it any more.
pub fn trial(sector: &Path, accelerator: &str, at_most: Duration) -> Call {
    let file = sector.display().to_string().replace(',', ",,");
    Call::read("timeout")
        .args(["--signal=KILL", &at_most.as_secs().to_string()])
        .arg("qemu-system-x86_64")
        .args(["-accel", accelerator, "-machine", "pc", "-m", "16"])
        .args(["-nodefaults", "-no-user-config", "-display", "none"])
        .args(["-device", "isa-debug-exit,iobase=0x501,iosize=1", "-drive"])
        .arg(format!("file={file},format=raw,if=floppy,readonly=on"))
        .args(["-boot", "a", "-serial", "stdio"])
        .within(at_most * 2)
}

/// Whether the guest ran.
pub fn ran(outcome: &Outcome) -> bool {
    outcome.end == End::Exit(33) && outcome.stdout.contains('K')
}

/// A result as it is remembered: nothing is wrong with KVM, or this is.
pub fn remembered(key: &str, why: Option<Why>) -> String {
    format!("{key} {}\n", why.map_or("runs", Why::word))
}

/// A result that was remembered, where it is of the same facts.
pub fn recalled(key: &str, text: &str) -> Option<Option<Why>> {
    let (of, word) = text.trim_end().split_once(' ')?;
    if of != key {
        return None;
    }
    match word {
        "runs" => Some(None),
        word => {
            let mut all = Why::ALL.into_iter();
            all.find(|why| why.word() == word).map(Some)
        }
    }
}

/// What the variable says.
///
/// # Errors
/// When it is none of its words.
pub fn written(value: Option<&str>) -> Result<Option<Acceleration>, Diagnostic> {
    match value.filter(|value| !value.is_empty()) {
        None => Ok(None),
        Some(word) => Acceleration::parse(word).map(Some).ok_or_else(|| {
            Diagnostic::error(2901)
                .message(format!("{VARIABLE} is neither kvm nor qemu: {word}"))
                .help(format!(
                    "write {VARIABLE}=kvm or {VARIABLE}=qemu, or unset it"
                ))
        }),
    }
}

/// That guests are emulated here: told once a project.
pub fn emulated(why: Why) -> Diagnostic {
    let (cause, help) = match why {
        Why::Missing => (
            "this host has no /dev/kvm",
            "switch virtualization on in the firmware, or in the host's host where this one is virtual, and load kvm_intel or kvm_amd",
        ),
        Why::Closed => (
            "this user may not open /dev/kvm to try it",
            "as root: usermod --append --groups kvm USER, and log in anew; or say that it works: VAGRANTP_ACCELERATION=kvm",
        ),
        Why::ClosedToQemu => (
            "/dev/kvm is open to root alone, and QEMU runs as another user",
            OPEN,
        ),
        Why::Hangs => (
            "a guest of 16 instructions does not run under /dev/kvm",
            "see the host's kernel log; after a repair of it the next start tries anew, and VAGRANTP_ACCELERATION=kvm uses it untried",
        ),
    };
    Diagnostic::warning(5051)
        .message(format!(
            "Virtual machines are emulated, several times slower: {cause}"
        ))
        .help(help)
}

const OPEN: &str = "as root: chgrp kvm /dev/kvm; chmod 0660 /dev/kvm";

/// What libvirt knows of QEMU here. Asked twice: the second time it knows, unless it must try anew each time.
pub fn capabilities(uri: &str) -> Call {
    Call::read("virsh")
        .args(["-q", "-c", uri, "domcapabilities", "--virttype", "qemu"])
        .within(Duration::from_secs(150))
}

/// That libvirt tries QEMU anew at each definition and start, by its second answer.
pub fn tries_anew(second: &Outcome) -> Option<Diagnostic> {
    let is_slow = second.ok() && second.took > Duration::from_secs(1);
    is_slow.then(|| {
        let finding = Diagnostic::warning(5052)
            .message(format!(
                "libvirt tries QEMU anew for every machine, {} s each time: QEMU's user may not open /dev/kvm",
                second.took.as_secs()
            ))
            .help(OPEN);
        let mut said = second.clone();
        // Thousands of lines of XML are no evidence.
        said.stdout.clear();
        evidence(finding, &said)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_of_its_facts_alone() {
        let device = Device {
            mode: 0o660,
            gid: 107,
        };
        let facts = Facts {
            kernel: "6.1 boot".into(),
            qemu: "/usr/bin/qemu 1 2".into(),
            device: Some(device),
            opens: true,
        };
        assert_eq!(facts.at_once(), None);
        for why in Why::ALL.into_iter().map(Some).chain([None]) {
            let text = remembered(&facts.key(), why);
            assert_eq!(recalled(&facts.key(), &text), Some(why));
            let other = Facts {
                opens: false,
                ..facts.clone()
            };
            assert_eq!(recalled(&other.key(), &text), None);
        }
        assert_eq!(recalled(&facts.key(), "torn"), None);
        let closed = |mode, gid| Facts {
            device: Some(Device { mode, gid }),
            ..facts.clone()
        };
        assert_eq!(closed(0o600, 107).at_once(), Some(Why::ClosedToQemu));
        assert_eq!(closed(0o660, 0).at_once(), Some(Why::ClosedToQemu));
        assert_eq!(closed(0o660, 107).at_once(), None);
        assert_eq!(closed(0o666, 0).at_once(), None);
    }

    #[test]
    fn what_is_emulated_has_four_times_as_long() {
        let boot = Duration::from_secs(300);
        assert_eq!(Acceleration::Kvm.patience(boot), boot);
        assert_eq!(Acceleration::Emulated.patience(boot), boot * 4);
        assert_eq!(
            Acceleration::Emulated.patience(Duration::MAX),
            Duration::MAX
        );
    }

    #[test]
    fn the_variable_knows_two_words() {
        assert_eq!(written(Some("kvm")).unwrap(), Some(Acceleration::Kvm));
        assert_eq!(written(Some("qemu")).unwrap(), Some(Acceleration::Emulated));
        assert!(written(None).unwrap().is_none() && written(Some("")).unwrap().is_none());
        assert!(written(Some("tcg")).is_err());
    }
}
