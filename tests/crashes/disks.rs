//! A state folder that is full, or cannot be written.

use crate::remains::{none_remains, one_runs};
use crate::world::{Ran, World, root, tool};
use std::fs;
use std::path::PathBuf;

/// A small file system of a test's own; only root can mount one.
struct Disk(PathBuf);

impl Disk {
    fn mount(at: PathBuf, size: &str) -> Self {
        let path = at.to_str().unwrap().to_owned();
        tool(
            "mount",
            &["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs", &path],
        );
        Disk(at)
    }

    fn remount(&self, how: &str) {
        let how = format!("remount,{how}");
        tool("mount", &["-o", &how, self.0.to_str().unwrap()]);
    }

    /// Writes until nothing fits any more.
    fn fill(&self) {
        use std::io::Write;
        let mut file = fs::File::create(self.0.join("ballast")).unwrap();
        while file.write_all(&[0; 512]).is_ok() {}
    }

    fn free(&self) {
        fs::remove_file(self.0.join("ballast")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount")
            .arg("-l")
            .arg(&self.0)
            .output();
    }
}

fn says(ran: &Ran, sentence: &str) {
    let flat: Vec<&str> = ran
        .stderr
        .split(['\n', ' ', '│'])
        .filter(|word| !word.is_empty())
        .collect();
    assert_eq!(ran.status, 1, "{ran}");
    assert!(flat.join(" ").contains(sentence), "{ran}");
}

#[test]
fn a_full_state_folder_is_told_and_loses_nothing() {
    if !root() {
        // An ordinary user's own state folder, made unwritable, stands for it below.
        return;
    }
    let world = World::new("full");
    let disk = Disk::mount(world.state_home(), "256k");
    disk.fill();
    says(&world.run(&["up"]), "the disk is full");
    disk.free();
    world.must(&["up"]);
    one_runs(&world, "after the disk was freed");
    let before = world.record();
    disk.fill();
    let stop = world.run(&["stop"]);
    assert_eq!(
        stop.status, 0,
        "a full disk keeps nobody from stopping: {stop}"
    );
    assert_eq!(world.record(), before, "the record before still stands");
    let rm = world.run(&["rm", "-f"]);
    assert_eq!(
        rm.status, 0,
        "a full disk keeps nobody from freeing it: {rm}"
    );
    none_remains(&world, &world.uuid(), "rm with a full disk");
}

#[test]
fn a_read_only_state_folder_is_told_and_loses_nothing() {
    let world = World::new("fixed");
    if !root() {
        let shut = |mode| {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
            fs::set_permissions(world.state_home(), mode).unwrap();
        };
        shut(0o500);
        says(&world.run(&["up"]), "permission denied");
        shut(0o700);
        return;
    }
    let disk = Disk::mount(world.state_home(), "4m");
    disk.remount("ro");
    says(&world.run(&["up"]), "the filesystem is read-only");
    disk.remount("rw");
    world.must(&["up"]);
    disk.remount("ro");
    let status = world.must(&["status"]);
    assert!(status.stdout.contains("running"), "{status}");
    one_runs(&world, "with a read-only state folder");
    says(&world.run(&["stop"]), "the filesystem is read-only");
    one_runs(&world, "with a read-only state folder, still");
    disk.remount("rw");
    world.must(&["rm", "-f"]);
    none_remains(&world, &world.uuid(), "rm");
}
