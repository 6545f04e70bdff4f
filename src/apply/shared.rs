//! What several machines need and one of them makes: the others wait for it.

use super::Halt;
use super::acceleration::Known;
use super::provision::{Done, Member};
use super::rounds::Rounds;
use crate::diagnostic::Diagnostic;
use crate::engine::ansible::inventory::Host;
use crate::engine::boxes::{BaseVolume, HostBox};
use crate::engine::image::Base;
use crate::engine::podman::Bridge;
use crate::value::{Choice, Provider};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What the steps of one run have in common.
#[derive(Default)]
pub struct Shared {
    /// Images, by what is written.
    pub(super) images: Once<Base>,
    /// Layers, by their tags.
    pub(super) layers: Once<()>,
    /// Boxes, by their names.
    pub(super) boxes: Once<HostBox>,
    /// Boxes in libvirt's pool, by their volumes' names.
    pub(super) volumes: Once<BaseVolume>,
    /// What runs the guests of this host.
    pub(super) acceleration: Once<Known>,
    /// Networks, by their names.
    pub(super) networks: Once<()>,
    /// What playbooks require, by its folder.
    pub(super) requirements: Once<()>,
    /// Where machines meet that are provisioned by the same.
    pub(super) rounds: Rounds<Member, Done>,
    ranks: Mutex<HashMap<String, usize>>,
    reached: Mutex<BTreeMap<String, Host>>,
    further: Mutex<Vec<Diagnostic>>,
    users: Mutex<HashMap<(&'static str, String), usize>>,
    told: Mutex<HashSet<String>>,
    bridges: Mutex<HashSet<Bridge>>,
    keeps_sockets: AtomicBool,
}

impl Shared {
    /// Notes a finding beside the one that ends a step.
    pub(super) fn adds(&self, finding: Diagnostic) {
        lock(&self.further).push(finding);
    }

    /// What was found beside what ended the steps.
    pub fn further(&self) -> Vec<Diagnostic> {
        std::mem::take(&mut *lock(&self.further))
    }

    /// Notes how many others must come before a machine, one after the other.
    pub(super) fn ranks(&self, machine: &str, rank: usize) {
        lock(&self.ranks).insert(machine.to_owned(), rank);
    }

    pub(super) fn rank_of(&self, machine: &str) -> usize {
        lock(&self.ranks).get(machine).copied().unwrap_or(0)
    }

    /// A machine can be entered: from now on plays may look at it.
    pub(super) fn reach(&self, host: Host) {
        lock(&self.reached).insert(host.name.clone(), host);
    }

    /// All machines that can be entered.
    pub(super) fn reached(&self) -> Vec<Host> {
        lock(&self.reached).values().cloned().collect()
    }

    /// Nobody waits for a machine any more: its step has ended, or will never begin.
    pub fn leave(&self, machine: &str) {
        self.rounds.leave(machine);
    }

    /// Whether this is the first time that something is told.
    pub(super) fn tells(&self, text: &str) -> bool {
        lock(&self.told).insert(text.to_owned())
    }

    /// Whether a bridge is still to be given the hardware address that it has.
    pub(super) fn keeps(&self, bridge: &Bridge) -> bool {
        lock(&self.bridges).insert(bridge.clone())
    }

    /// The server of names was seen to keep its sockets where it reads names anew.
    pub(super) fn keep_sockets(&self) {
        self.keeps_sockets.store(true, Ordering::Relaxed);
    }

    /// Whether it was.
    pub(super) fn keeps_sockets(&self) -> bool {
        self.keeps_sockets.load(Ordering::Relaxed)
    }

    /// A step uses a network of an engine's from now on: the last one that leaves it takes it away. Engines have
    /// networks of one name.
    pub fn joins(&self, provider: Provider, network: &str) {
        let key = (provider.word(), network.to_owned());
        *lock(&self.users).entry(key).or_default() += 1;
    }

    /// Whether no other step uses a network.
    pub(super) fn is_alone(&self, provider: Provider, network: &str) -> bool {
        let users = lock(&self.users);
        let users = users.get(&(provider.word(), network.to_owned()));
        users.is_none_or(|users| *users <= 1)
    }

    /// Leaves a network; whether none of the other steps uses it any more.
    pub(super) fn leaves(&self, provider: Provider, network: &str) -> bool {
        let mut users = lock(&self.users);
        let Some(left) = users.get_mut(&(provider.word(), network.to_owned())) else {
            return true;
        };
        *left = left.saturating_sub(1);
        *left == 0
    }
}

/// One slot a key: whoever comes first fills it, and what came of that is everyone's.
pub(super) struct Once<T>(Mutex<HashMap<String, Slot<T>>>);

type Slot<T> = Arc<Mutex<Option<Result<T, Diagnostic>>>>;

impl<T> Default for Once<T> {
    fn default() -> Self {
        Once(Mutex::default())
    }
}

impl<T: Clone> Once<T> {
    /// What a key stands for: made by the first who asks. After an interrupt nobody has made it.
    pub(super) fn get(&self, key: &str, make: impl FnOnce() -> Result<T, Halt>) -> Result<T, Halt> {
        let slot = lock(&self.0).entry(key.to_owned()).or_default().clone();
        let mut slot = lock(&slot);
        if let Some(made) = &*slot {
            return made.clone().map_err(Halt::from);
        }
        let made = make();
        match &made {
            Ok(value) => *slot = Some(Ok(value.clone())),
            Err(Halt::Failed(finding)) => *slot = Some(Err((**finding).clone())),
            Err(Halt::Interrupted) => {}
        }
        made
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{Halt, Once, Shared};
    use crate::diagnostic::Diagnostic;
    use crate::value::Provider;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn one_makes_it_and_all_have_it() {
        let (once, made) = (Once::default(), AtomicUsize::new(0));
        let make = || {
            std::thread::yield_now();
            Ok(made.fetch_add(1, Ordering::SeqCst))
        };
        std::thread::scope(|scope| {
            let all: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| once.get("image", make).unwrap()))
                .collect();
            assert!(all.into_iter().all(|one| one.join().unwrap() == 0));
        });
        assert_eq!(once.get("other", make).unwrap(), 1);
    }

    #[test]
    fn a_failure_is_of_all_and_an_interrupt_of_nobody() {
        let once: Once<()> = Once::default();
        let interrupted = once.get("image", || Err(Halt::Interrupted));
        assert!(matches!(interrupted, Err(Halt::Interrupted)));
        let failed = once.get("image", || Err(Diagnostic::error(1104).into()));
        assert!(matches!(failed, Err(Halt::Failed(_))));
        let again = once.get("image", || Ok(()));
        assert!(matches!(again, Err(Halt::Failed(finding)) if finding.rule.number == 1104));
    }

    #[test]
    fn the_last_one_takes_a_network_away() {
        let shared = Shared::default();
        let (podman, libvirt) = (Provider::Podman, Provider::Libvirt);
        for name in ["a", "b", "a"] {
            shared.joins(podman, name);
        }
        shared.joins(libvirt, "a");
        let leaves = |name: &str| shared.leaves(podman, name);
        assert!(!leaves("a") && leaves("b") && shared.leaves(libvirt, "a") && leaves("a"));
        assert!(leaves("of nobody"));
    }
}
