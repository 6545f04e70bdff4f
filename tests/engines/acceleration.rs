//! Whether guests run by the processor itself, tried with the real QEMU.

use std::cell::Cell;
use std::time::Duration;
use vagrantp::apply::acceleration::{acceleration, told_once};
use vagrantp::call::run::{Interrupt, run};
use vagrantp::call::{Call, End};
use vagrantp::engine::acceleration::{Acceleration, boot_sector, ran, trial};

#[test]
fn the_guest_of_the_trial_runs_where_it_is_emulated() {
    let folder = tempfile::tempdir().unwrap();
    let sector = folder.path().join("a, sector");
    std::fs::write(&sector, boot_sector()).unwrap();
    // Many tests share the processors.
    let within = |seconds| {
        let call = trial(&sector, "tcg", Duration::from_secs(seconds));
        run(&call, &Interrupt::none(), None)
    };
    let outcome = within(60);
    assert!(ran(&outcome), "{outcome:?}");
    // One that does not end by itself is ended.
    std::fs::write(&sector, [0; 512]).unwrap();
    let outcome = within(2);
    assert!(!ran(&outcome), "{outcome:?}");
    assert!(!matches!(outcome.end, End::Deadline(_)), "{outcome:?}");
}

#[test]
fn it_is_tried_once_and_told_once_a_project() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let count = Cell::new(0);
    let counted = |call: &Call| {
        count.set(count.get() + 1);
        run(call, &Interrupt::none(), None)
    };
    let first = acceleration(&counted, &cache, None).unwrap();
    let tries = count.get();
    assert!(tries <= 1);
    assert_eq!(acceleration(&counted, &cache, None).unwrap(), first);
    assert_eq!(count.get(), tries, "it is remembered");
    for (word, meant) in [("kvm", Acceleration::Kvm), ("qemu", Acceleration::Emulated)] {
        let known = acceleration(&counted, &cache, Some(word)).unwrap();
        assert_eq!(known.acceleration, meant);
        assert_eq!(known.why, None, "who says so need not be told");
    }
    assert_eq!(count.get(), tries);
    let (one, two) = (uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2));
    let is_told = first.why.is_some();
    assert_eq!(told_once(&cache, one, &first).is_some(), is_told);
    assert!(told_once(&cache, one, &first).is_none());
    assert_eq!(told_once(&cache, two, &first).is_some(), is_told);
}
