//! A virtual machine's `up` is killed while it is made: the next `rm` leaves nothing, the next `up` converges.

use crate::processes;
use crate::remains::none_remains;
use crate::world::{Ran, Started, World, eventually, tool};
use rustix::process::Signal;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// When it is killed, in tenths of a second: Vagrant defines, the disk is written, the guest starts.
const MOMENTS: [u64; 6] = [3, 9, 15, 22, 30, 60];

#[test]
fn a_guest_is_killed_on_its_way_up_at_any_moment() {
    let world = World::new("guest");
    world.write(
        "INFRA_TYPE=vm\nPROVIDER=libvirt\nMEMORY=640M\nCPUS=1\nDISK_SIZE=5G\nPORTS=auto:80\n",
    );
    let scratch = a_build_is_killed(&world);
    let version = two_builds_are_one(&world, &scratch);
    published_once_whoever_dies(&world, &version);
    for (round, moment) in MOMENTS.into_iter().enumerate() {
        let mut up = world.start(&["up"]);
        up.let_run(Duration::from_millis(moment * 100));
        match round % 2 {
            0 => up.signal(Signal::KILL),
            _ => up.signal_group(Signal::KILL),
        }
        up.end();
        let when = format!("killed after {moment} tenths of a second");
        if round + 1 == MOMENTS.len() {
            let again = world.run(&["up", "--lock-timeout", "60"]);
            assert_eq!(again.status, 0, "{when}: {again}");
            let inside = world.must(&["ssh", "-c", "hostname"]);
            assert_eq!(inside.stdout.trim(), world.id());
            its_box_is_kept(&world, &version);
        }
        let uuid = crate::world::uuid_in(&world.project());
        let rm = world.run(&["rm", "-f", "--lock-timeout", "60"]);
        let nothing = rm.status == 1 && rm.stderr.contains("1501");
        assert!(rm.status == 0 || nothing, "{when}: rm: {rm}");
        none_remains(
            &world,
            &uuid.unwrap_or_else(|| world.id().to_owned()),
            &when,
        );
    }
    world.must(&["box", "rm", "std/debian"]);
    assert_eq!((boxes(&world).len(), pool(&version).len()), (0, 0));
}

/// Killed with all that it began while it installs, a build leaves nothing that the next one does not take over.
fn a_build_is_killed(world: &World) -> PathBuf {
    let mut build = world.start(&["box", "build", "std/debian"]);
    let home = world.home().display().to_string();
    let installs = || {
        let mut all = processes::naming(&home).into_iter();
        all.find(|it| it.words.iter().any(|word| word.ends_with("mmdebstrap")))
    };
    let mut scratch = None;
    let begun = build.until(|| {
        scratch = scratch.take().or_else(|| scratch_of(installs()?.pid));
        let entries = scratch.iter().flat_map(fs::read_dir).flatten();
        entries.count() > 0
    });
    build.signal(Signal::KILL);
    let ran = build.end();
    assert!(begun, "{ran}");
    processes::kill_naming(world.home());
    eventually("the end of what it began", || installs().is_none());
    let scratch = scratch.expect("it was seen");
    assert!(scratch.exists(), "killed so early, it tidies nothing up");
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    let name = scratch.display().to_string();
    assert!(!mounts.contains(&name), "{mounts}");
    scratch
}

/// Where a process keeps what lies between.
fn scratch_of(pid: u32) -> Option<PathBuf> {
    let text = fs::read_to_string(format!("/proc/{pid}/environ")).ok()?;
    let mut words = text.split('\0');
    let word = words.find_map(|word| word.strip_prefix("TMPDIR="))?;
    Some(PathBuf::from(word))
}

/// Two builds at once are one: the other waits for it, and has the same. Its version.
fn two_builds_are_one(world: &World, scratch: &Path) -> String {
    let builds = [(); 2].map(|()| world.start(&["box", "build", "std/debian"]));
    let [one, two] = builds.map(Started::end);
    assert_eq!((one.status, two.status), (0, 0), "{one}\n{two}");
    assert_eq!(one.stdout, two.stdout);
    let installed = |ran: &Ran| ran.stderr.contains("packages");
    assert!(installed(&one) != installed(&two), "{one}\n{two}");
    assert!(!scratch.exists(), "{}", scratch.display());
    let all = boxes(world);
    assert!(all.len() == 1 && all[0].starts_with("debian-"), "{all:?}");
    one.stdout
        .split(' ')
        .nth(1)
        .expect("its version")
        .to_owned()
}

/// What there is of boxes, whole or not.
fn boxes(world: &World) -> Vec<String> {
    let folder = fs::read_dir(world.home().join("cache/vagrantp/boxes"));
    let folders = folder.unwrap().flatten();
    let folders = folders.filter(|entry| entry.path().is_dir());
    let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    folders.map(name).collect()
}

/// Killed while it uploads, then two at once: the pool has the box once, and all of it.
fn published_once_whoever_dies(world: &World, version: &str) {
    let home = world.home().display().to_string();
    let mut publish = world.start(&["box", "publish", "std/debian"]);
    let begun = publish.until(|| processes::runs("virsh", "-q", &home));
    publish.signal(Signal::KILL);
    let ran = publish.end();
    assert!(begun, "{ran}");
    processes::kill_naming(world.home());
    let both = [(); 2].map(|()| world.start(&["box", "publish", "std/debian"]));
    let [one, two] = both.map(Started::end);
    assert_eq!((one.status, two.status), (0, 0), "{one}\n{two}");
    assert_eq!(one.stdout, two.stdout);
    let names = pool(version);
    assert_eq!(
        names.len(),
        4,
        "disk, kernel, ramdisk and that they are whole: {names:?}"
    );
    let made = world
        .home()
        .join("cache/vagrantp/boxes")
        .join(&boxes(world)[0]);
    for (end, file) in [
        (".img", "box.img"),
        (".kernel", "kernel"),
        (".initrd", "initrd"),
    ] {
        let name = names.iter().find(|name| name.ends_with(end)).unwrap();
        let copy = world.home().join("copy").display().to_string();
        virsh(&["vol-download", name, &copy, "--pool", "default"]);
        let length = fs::metadata(made.join(file)).unwrap().len().to_string();
        tool(
            "cmp",
            &["-n", &length, &made.join(file).display().to_string(), &copy],
        );
    }
}

/// The volumes of a version.
fn pool(version: &str) -> Vec<String> {
    let listed = virsh(&["vol-list", "default"]);
    let names = listed
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    let ours = names.filter(|name| name.contains(&format!("_{version}_box")));
    ours.map(str::to_owned).collect()
}

fn virsh(words: &[&str]) -> String {
    tool("virsh", &[&["-q", "-c", "qemu:///system"], words].concat())
}

/// A box that a machine stands on is not removed.
fn its_box_is_kept(world: &World, version: &str) {
    let refused = world.run(&["box", "rm", "std/debian"]);
    assert_eq!(refused.status, 3, "{refused}");
    let said = refused
        .stderr
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(said.contains("error[3102]"), "{refused}");
    assert!(said.contains(&format!("{}.img", world.id())), "{refused}");
    assert_eq!((boxes(world).len(), pool(version).len()), (1, 4));
}
