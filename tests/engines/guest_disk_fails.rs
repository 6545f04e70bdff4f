//! What a disk, a value or a kill does to the writing of a guest's disk.

use crate::engine::bare;
use crate::guest_box::{Cut, GuestBox, Tree};
use crate::guest_seed::{daemons, is_left_alone, meant, refused, runs, scratch, written};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fs;
use vagrantp::apply::guest_disk::{clear, seed};
use vagrantp::call::Call;
use vagrantp::engine::guest_disk::script::Script;
use vagrantp::engine::guest_disk::{GuestSeed, GuestShare};

#[test]
fn a_box_that_cannot_be_written_is_told() {
    let made = GuestBox::new(&Tree::new(), Cut::Whole, "ext4");
    assert_eq!(refused(&made, &meant()).rule.number, 1351);
    let made = GuestBox::new(
        &Tree::networkd().without("usr/sbin/sshd"),
        Cut::Whole,
        "ext4",
    );
    assert!(refused(&made, &meant()).message.contains("no ssh server"));
    let made = GuestBox::new(&Tree::networkd().without("etc/passwd"), Cut::Mbr, "ext4");
    let found = refused(&made, &meant());
    assert_eq!(found.rule.number, 1152);
    assert!(
        found.message.ends_with("found: ext without /etc/passwd"),
        "{found}"
    );
    fs::write(made.overlay(), "no disk").unwrap();
    assert_eq!(refused(&made, &meant()).rule.number, 1151);
}

#[test]
fn a_value_that_would_break_a_line_is_refused() {
    let made = GuestBox::new(&Tree::networkd(), Cut::Whole, "ext4");
    for path in ["/a\nrm /etc/passwd", &format!("/{}", "long/".repeat(2000))] {
        let share = GuestShare {
            tag: "t".into(),
            path: path.into(),
            read_only: false,
        };
        let found = refused(
            &made,
            &GuestSeed {
                shares: vec![share],
                ..meant()
            },
        );
        assert_eq!(found.rule.number, 1151, "{found}");
    }
    assert!(made.cat("/etc/passwd").contains("vagrant"));
}

#[test]
fn without_fuse_a_copy_is_written() {
    for cut in [Cut::Whole, Cut::Mbr] {
        let made = GuestBox::new(&Tree::networkd(), cut, "ext4");
        let no_daemon = |call: &Call| match call.program.as_str() {
            "qemu-storage-daemon" => runs(&Call::read("false")),
            _ => runs(call),
        };
        let account = seed(&no_daemon, &scratch(&made), &made.overlay(), &meant());
        assert!(account.is_ok(), "{account:?}");
        is_left_alone(&made);
        assert_eq!(made.cat("/etc/hostname"), "web\n");
        made.is_sound();
        // Still an overlay, not a copy of the box.
        let info = bare("qemu-img")
            .arg("info")
            .arg(made.overlay())
            .output()
            .unwrap();
        assert!(String::from_utf8_lossy(&info.stdout).contains("box.qcow2"));
        assert!(fs::metadata(made.overlay()).unwrap().len() < 4 << 20);
    }
}

#[test]
fn what_a_killed_one_left_behind_goes() {
    let made = GuestBox::new(&Tree::networkd(), Cut::Whole, "ext4");
    // Killed after the disk was shown: as if debugfs never came back.
    for is_daemon_killed in [false, true] {
        let folder = scratch(&made);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("disk"), "").unwrap();
        let call =
            vagrantp::engine::guest_disk::calls::export(&made.overlay(), &folder.join("disk"));
        assert!(runs(&call).ok());
        let daemons = daemons(&made);
        assert_eq!(daemons.len(), 1);
        if is_daemon_killed {
            let killed = bare("kill").args(["-KILL", &daemons[0]]).status();
            assert!(killed.unwrap().success());
        }
        clear(&runs, &folder);
        is_left_alone(&made);
    }
    written(&made, &meant());
    made.is_sound();
}

#[test]
fn a_journal_with_something_in_it_is_played_back_first() {
    let made = GuestBox::new(&Tree::networkd(), Cut::Whole, "ext4");
    let raw = made.at("disk.raw").display().to_string();
    let script = made.at("journal");
    // A transaction that writes a block of /etc/hostname's, and was never checkpointed.
    let block = made.debugfs("blocks /etc/hostname");
    fs::write(
        made.at("block"),
        [b"journalled\n".as_slice(), &[0; 4085]].concat(),
    )
    .unwrap();
    let write = format!(
        "jo\njw -b {} {}\njc\n",
        block.trim(),
        made.at("block").display()
    );
    fs::write(&script, write).unwrap();
    let base = made.at("box.qcow2").display().to_string();
    crate::engine::run(
        "/usr/sbin/debugfs",
        &["-w", "-f", &script.display().to_string(), &raw],
    )
    .exits(0);
    crate::engine::run("qemu-img", &["convert", "-O", "qcow2", &raw, &base]).exits(0);
    made.fresh();
    assert!(made.debugfs("features").contains("needs_recovery"));
    written(&made, &meant());
    assert!(!made.debugfs("features").contains("needs_recovery"));
    assert_eq!(made.cat("/etc/hostname"), "web\n");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a name holds, it is one word of one line to the real debugfs.
    #[test]
    fn names_stay_names(names in prop::collection::btree_set("[ -.0-~é€\u{202e}🙂]{1,40}|\"+ ?rm /etc/passwd|<2>|[!#].{0,9}\"", 1..30)) {
        let fits = |name: &String| ![".", ".."].contains(&name.as_str()) && !name.contains(['/', '\n']);
        let names: BTreeSet<String> = names.into_iter().filter(fits).collect();
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        fs::create_dir_all(folder.path().join("tree/etc")).unwrap();
        fs::write(at("tree/etc/passwd"), "root\n").unwrap();
        let tree = at("tree");
        crate::engine::run("/usr/sbin/mke2fs", &["-q", "-t", "ext4", "-d", &tree, &at("disk"), "8M"]).exits(0);
        let mut script = Script::default();
        script.line("mkdir", &["/in"]).unwrap();
        let written: BTreeSet<String> = names
            .into_iter()
            .filter(|name| script.line("mkdir", &[&format!("/in/{name}")]).is_ok())
            .collect();
        fs::write(at("script"), script.text()).unwrap();
        crate::engine::run("/usr/sbin/debugfs", &["-w", "-f", &at("script"), &at("disk")]).exits(0);
        let said = crate::engine::run("/usr/sbin/debugfs", &["-R", "ls -p /in", &at("disk")]).exits(0).out();
        let read: BTreeSet<String> = said
            .lines()
            .filter_map(|line| line.split('/').nth(5))
            .filter(|name| ![".", ".."].contains(name))
            .map(str::to_owned)
            .collect();
        prop_assert_eq!(read, written);
        let kept = crate::engine::run("/usr/sbin/debugfs", &["-R", "cat /etc/passwd", &at("disk")]).exits(0);
        prop_assert_eq!(kept.out(), "root\n");
    }
}
