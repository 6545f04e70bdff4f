//! A seed as tests mean it, and what comes of writing it.

use crate::guest_box::GuestBox;
use std::fs;
use std::path::{Path, PathBuf};
use vagrantp::apply::Halt;
use vagrantp::apply::guest_disk::{Account, seed};
use vagrantp::call::run::{Interrupt, run};
use vagrantp::call::{Call, Outcome};
use vagrantp::diagnostic::Diagnostic;
use vagrantp::engine::guest_disk::{Addressing, GuestSeed, Nic};
use vagrantp::source::Origin;

pub fn runs(call: &Call) -> Outcome {
    run(call, &Interrupt::none(), None)
}

pub fn nic(mac: &str, addressing: Addressing) -> Nic {
    Nic {
        mac: mac.to_owned(),
        addressing,
        origin: Origin::Default,
    }
}

pub fn meant() -> GuestSeed {
    let fixed = Addressing::Fixed {
        ip: [10, 20, 0, 5].into(),
        prefix: 24,
        gateway: None,
        dns: None,
    };
    GuestSeed {
        user: "vagrant".into(),
        hostname: "web".into(),
        host_key: "our private key\n".into(),
        host_key_public: "ssh-ed25519 AAAAC3 ours\n".into(),
        authorized_keys: "ssh-ed25519 AAAAC3 user\n".into(),
        nics: vec![
            nic("52:54:00:00:00:01", Addressing::Dhcp { routes: true }),
            nic("52:54:00:00:00:02", fixed),
            Nic::forward("52:54:00:00:00:03"),
        ],
        ..GuestSeed::default()
    }
}

pub fn scratch(made: &GuestBox) -> PathBuf {
    made.at("a \"machine's\", folder/guest_disk")
}

#[track_caller]
pub fn written(made: &GuestBox, meant: &GuestSeed) -> Account {
    let seeded = seed(&runs, &scratch(made), &made.overlay(), meant);
    let seeded = seeded.unwrap_or_else(|halt| panic!("{halt:?}"));
    is_left_alone(made);
    seeded.account
}

/// No daemon, no mount and no file is left behind.
#[track_caller]
pub fn is_left_alone(made: &GuestBox) {
    let folder = scratch(made).display().to_string();
    assert!(!Path::new(&folder).exists());
    assert!(daemons(made).is_empty());
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    assert!(
        !mounts.contains(&made.at("").display().to_string()),
        "{mounts}"
    );
}

/// The daemons that show the box's overlay, by their ids.
pub fn daemons(made: &GuestBox) -> Vec<String> {
    let folder = made.at("").display().to_string();
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let ours = entries.filter(|entry| {
        let line = fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default();
        line.starts_with("qemu-storage-daemon") && line.contains(&folder)
    });
    ours.map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

#[track_caller]
pub fn refused(made: &GuestBox, meant: &GuestSeed) -> Diagnostic {
    match seed(&runs, &scratch(made), &made.overlay(), meant) {
        Err(Halt::Failed(found)) => {
            is_left_alone(made);
            *found
        }
        other => panic!("{other:?}"),
    }
}
