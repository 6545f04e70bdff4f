//! Virtual machines as VirtualBox keeps them: made by Vagrant, else asked, started and stopped by VBoxManage(1)
//! without Ruby. Its words are those of its manual (7.0) and those that Vagrant's own driver reads; they were
//! tried with a scripted VBoxManage only.

mod failure;
mod look;

pub use failure::{KNOWN, read as failed};
pub use look::{list, look, read_gone, read_list, read_look};

use crate::call::Call;
use crate::state::observed::ObservedMachine;
use crate::value::Size;

fn ask(words: &[&str]) -> Call {
    Call::read("VBoxManage").env("LC_ALL", "C").args(words)
}

fn act(words: &[&str]) -> Call {
    Call::change("VBoxManage").env("LC_ALL", "C").args(words)
}

/// Starts a machine without a window, or lets one go on that was paused.
pub fn start(found: Option<&ObservedMachine>, uuid: &str) -> Call {
    match found {
        Some(found) if found.word == "paused" => act(&["controlvm", uuid, "resume"]),
        _ => act(&["startvm", uuid, "--type", "headless"]),
    }
}

/// Asks the guest to shut down; nothing waits for it.
pub fn shut_down(uuid: &str) -> Call {
    act(&["controlvm", uuid, "acpipowerbutton"])
}

/// Ends the machine at once.
pub fn power_off(uuid: &str) -> Call {
    act(&["controlvm", uuid, "poweroff"])
}

/// Removes the machine and its disks.
pub fn remove(uuid: &str) -> Call {
    act(&["unregistervm", uuid, "--delete"])
}

/// Sets memory and CPUs of a machine that does not run.
pub fn set_limits(uuid: &str, memory: Size, cpus: u32) -> Call {
    let memory = memory.as_mib().to_string();
    let cpus = cpus.to_string();
    act(&["modifyvm", uuid, "--memory", &memory, "--cpus", &cpus])
}

/// Whether a command of VBoxManage's changes something of a machine: it is waited for where its caller was killed.
pub fn changes(words: &[String]) -> bool {
    const VERBS: &[&str] = &["startvm", "controlvm", "unregistervm", "modifyvm"];
    words
        .first()
        .is_some_and(|word| VERBS.contains(&word.as_str()))
}
