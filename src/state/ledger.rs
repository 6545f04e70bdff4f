//! Which ids and ports are given out on this host. The records are the ledger: there is no second
//! file that could disagree with them.

use super::StateError;
use super::folder::{Identity, MachineFolder, StateFolder};
use super::lock::{self, Lock, LockError};
use super::record::{MachineRecord, PublishedPort};
use crate::value::Protocol;
use sha2::{Digest, Sha256};
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;
use std::time::Duration;
use uuid::Uuid;

/// Picked ports begin here, above what people write by hand.
const FIRST: u16 = 20_000;

/// How long the ledger may be held by others. Each holds it for as long as a few writes take.
const PATIENCE: Duration = Duration::from_secs(60);

/// All that is given out, and the lock under which more can be.
#[derive(Debug)]
pub struct Ledger {
    /// One for each record that can be read.
    pub entries: Vec<LedgerEntry>,
    /// Why each of the others cannot be read.
    pub damaged: Vec<StateError>,
    /// Where those are, in the same order.
    pub damaged_folders: Vec<MachineFolder>,
    state: StateFolder,
    taken: Vec<u16>,
    _lock: Option<Lock>,
}

/// A machine and its record.
#[derive(Debug, Clone)]
pub struct LedgerEntry {
    /// Where it is remembered.
    pub folder: MachineFolder,
    /// What is remembered.
    pub record: MachineRecord,
}

impl Ledger {
    /// What is given out now. For looking: nothing may be given out by what this shows.
    pub fn read(state: &StateFolder) -> Self {
        let (mut entries, mut damaged) = (Vec::new(), Vec::new());
        let mut damaged_folders = Vec::new();
        for folder in state.machines() {
            match folder.load() {
                Ok(Some(record)) => entries.push(LedgerEntry { folder, record }),
                Ok(None) => {}
                Err(error) => {
                    damaged.push(error);
                    damaged_folders.push(folder);
                }
            }
        }
        Ledger {
            entries,
            damaged,
            damaged_folders,
            state: state.clone(),
            taken: Vec::new(),
            _lock: None,
        }
    }

    /// The same under the ledger's lock, for giving out: save a record with `Stage::Reserved`
    /// that holds the ids and ports, then drop this.
    ///
    /// # Errors
    /// When the lock is not had.
    pub fn hold(state: &StateFolder, interrupted: &dyn Fn() -> bool) -> Result<Self, LockError> {
        let lock = Self::lock(state, interrupted)?;
        Ok(Ledger {
            _lock: Some(lock),
            ..Self::read(state)
        })
    }

    /// The ledger's lock alone.
    pub(super) fn lock(
        state: &StateFolder,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<Lock, LockError> {
        state.prepare()?;
        let path = state.ledger_lock_path();
        lock::acquire(&path, "vagrantp", PATIENCE, interrupted)
    }

    /// The machines with an instance id.
    pub fn by_id<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a LedgerEntry> {
        self.entries
            .iter()
            .filter(move |entry| entry.record.id == id)
    }

    /// The machines of a project.
    pub fn project(&self, project: Uuid) -> impl Iterator<Item = &LedgerEntry> {
        let of = move |entry: &&LedgerEntry| entry.record.project == project;
        self.entries.iter().filter(of)
    }

    /// The profiles that the last `up` of a project's file used; nothing before the first.
    pub fn profiles_of(&self, project: Uuid, file: &str) -> Option<Vec<String>> {
        let records = self.project(project).map(|entry| &entry.record);
        let of_file = records.filter(|record| record.config_file == file);
        let last = of_file.max_by_key(|record| record.ties.since)?;
        Some(last.ties.profiles.clone())
    }

    /// A machine's own entry.
    pub fn entry(&self, identity: &Identity) -> Option<&LedgerEntry> {
        let folder = self.state.machine(identity);
        self.entries.iter().find(|entry| entry.folder == folder)
    }

    /// The machines of a project whose records cannot be read.
    pub fn damaged_of(&self, project: Uuid) -> impl Iterator<Item = Identity> {
        let all = self
            .damaged_folders
            .iter()
            .filter_map(MachineFolder::identity);
        all.filter(move |identity| identity.project == project)
    }

    /// Whether a machine's record is there and cannot be read.
    pub fn is_damaged(&self, identity: &Identity) -> bool {
        self.damaged_folders.contains(&self.state.machine(identity))
    }

    /// The ports that other machines hold, stopped ones too.
    pub fn ports_of_others(
        &self,
        me: &Identity,
    ) -> impl Iterator<Item = (&LedgerEntry, PublishedPort)> {
        let mine = self.state.machine(me);
        self.entries
            .iter()
            .filter(move |entry| entry.folder != mine)
            .flat_map(|entry| entry.ports().map(move |port| (entry, port)))
    }

    /// The ports that a machine holds itself.
    pub fn ports_of(&self, me: &Identity) -> impl Iterator<Item = (&LedgerEntry, PublishedPort)> {
        let mine = self.state.machine(me);
        let entries = self.entries.iter();
        entries
            .filter(move |entry| entry.folder == mine)
            .flat_map(|entry| entry.ports().map(move |port| (entry, port)))
    }

    /// Keeps ports from being picked that no record holds yet, such as the fixed ones that the
    /// same machine asks for.
    pub fn avoid(&mut self, ports: impl IntoIterator<Item = u16>) {
        self.taken.extend(ports);
    }

    /// A free port for `auto:guest`, below the ephemeral range. It is no port that any record
    /// holds, whatever its address or protocol, nor one that this ledger picked before, nor one
    /// for which `listening` is true. The same machine begins its search at the same place, so
    /// that a port mostly outlives `rm` and `up`. `None` when all are taken.
    pub fn pick_auto(
        &mut self,
        me: &Identity,
        guest: u16,
        listening: &dyn Fn(u16) -> bool,
    ) -> Option<u16> {
        let held: Vec<u16> = self
            .entries
            .iter()
            .flat_map(LedgerEntry::ports)
            .map(|port| port.host_port)
            .collect();
        let range = pickable(super::host::ephemeral_ports());
        let (first, count) = (*range.start(), u64::from(*range.end() - *range.start()) + 1);
        let start = seed(me, guest) % count;
        let port = (0..count)
            .map(|step| first + ((start + step) % count) as u16)
            .find(|port| !held.contains(port) && !self.taken.contains(port) && !listening(*port))?;
        self.taken.push(port);
        Some(port)
    }
}

impl LedgerEntry {
    /// The ports that it holds on the host, the one of its sshd included.
    pub fn ports(&self) -> impl Iterator<Item = PublishedPort> {
        let access = &self.record.access;
        // One that has an address of its own takes no port of the host's.
        let port = access.port.filter(|_| access.address.is_loopback());
        let ssh = port.map(|host_port| PublishedPort {
            address: Ipv4Addr::LOCALHOST,
            host_port,
            container_port: 22,
            protocol: Protocol::Tcp,
            auto: true,
        });
        self.record.networking.ports.iter().cloned().chain(ssh)
    }
}

/// The ports to pick from, given the ones that the system hands out by itself.
fn pickable(ephemeral: RangeInclusive<u16>) -> RangeInclusive<u16> {
    const ENOUGH: u16 = 1000;
    let (low, high) = (*ephemeral.start(), *ephemeral.end());
    if low >= FIRST + ENOUGH {
        FIRST..=low - 1
    } else if high <= u16::MAX - ENOUGH {
        high + 1..=u16::MAX
    } else if low >= 1024 + ENOUGH {
        1024..=low - 1
    } else {
        // The system hands out nearly everything. What is picked here is at least not in use.
        FIRST..=FIRST + 9_999
    }
}

fn seed(me: &Identity, guest: u16) -> u64 {
    let mut digest = Sha256::new();
    digest.update(me.project);
    for part in [&me.file, &me.machine] {
        digest.update(part);
        digest.update([0]);
    }
    digest.update([me.kind as u8]);
    digest.update(guest.to_be_bytes());
    let first = digest.finalize()[..8].try_into();
    u64::from_be_bytes(first.expect("eight bytes are eight bytes"))
}

#[cfg(test)]
mod tests {
    use super::pickable;

    #[test]
    fn ports_are_picked_outside_the_ephemeral_range() {
        assert_eq!(pickable(32768..=60999), 20_000..=32_767);
        assert_eq!(pickable(10_000..=60_000), 60_001..=65_535);
        assert_eq!(pickable(15_000..=65_535), 1024..=14_999);
        assert_eq!(pickable(1024..=65_535), 20_000..=29_999);
    }
}
