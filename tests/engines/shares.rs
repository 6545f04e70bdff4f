//! Shared folders: the caller's files are the machine user's, in both directions.

use crate::host::is_root;
use crate::place::Place;
use crate::project::Project;
use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;

fn owner(path: &Path) -> (u32, u32) {
    let meta = fs::metadata(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    (meta.uid(), meta.gid())
}

fn me() -> (u32, u32) {
    (
        rustix::process::geteuid().as_raw(),
        rustix::process::getegid().as_raw(),
    )
}

/// A file of each side is the other side's user's.
#[track_caller]
fn both_ways(project: &Project, user: &str, outside: (u32, u32)) {
    let host = project.path().join("from-host");
    fs::write(&host, "outside\n").unwrap();
    if is_root() {
        chown(&host, Some(outside.0), Some(outside.1)).unwrap();
    }
    assert_eq!(
        project.guest("cat /workspace/from-host; stat -c %U /workspace/from-host"),
        format!("outside\n{user}")
    );
    project.guest("echo changed >> /workspace/from-host");
    assert_eq!(fs::read_to_string(&host).unwrap(), "outside\nchanged\n");
    project.guest("mkdir /workspace/dir && echo inside > /workspace/dir/from-guest");
    let guest = project.path().join("dir/from-guest");
    assert_eq!(fs::read_to_string(&guest).unwrap(), "inside\n");
    assert_eq!(owner(&guest), outside);
    fs::remove_dir_all(project.path().join("dir")).unwrap();
    assert_eq!(project.guest("ls /workspace"), "from-host");
}

#[test]
fn files_are_the_callers_outside_and_roots_inside() {
    let place = Place::new();
    let project = place.project("web", "SYNC=.\n");
    project.up();
    both_ways(&project, "root", me());
    project.run(&["stop"]).exits(0);
    project.up();
    both_ways(&project, "root", me());
    project.take_down();
    assert!(
        project.path().join("from-host").exists(),
        "the user's files stay"
    );
}

#[test]
fn files_are_the_owners_outside_and_the_machine_users_inside() {
    let place = Place::new();
    let project = place.project("web", "SYNC=.\nSSH_USER=dev\n");
    // Root shares the folder of someone who is not root; everyone else their own.
    let outside = if is_root() { (4321, 4322) } else { me() };
    if is_root() {
        chown(project.path(), Some(outside.0), Some(outside.1)).unwrap();
    }
    project.up();
    assert_eq!(project.guest("id -un"), "dev");
    both_ways(&project, "dev", outside);
    assert_eq!(project.guest("sudo -n id -u; stat -c %U ~"), "0\ndev");
    project.take_down();
}

/// The machine makes its user's home on its first start; a folder of the host in its place is none of its.
#[test]
fn a_folder_shared_as_the_home_stays_as_it_is() {
    let place = Place::new();
    let project = place.project("web", "SYNC=src:/home/dev\nSSH_USER=dev\n");
    let folder = project.path().join("src");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("file"), "mine\n").unwrap();
    let before = (me(), fs::metadata(&folder).unwrap().mode());
    project.up();
    assert_eq!(project.guest("id -un; cat ~/file"), "dev\nmine");
    assert_eq!(
        (owner(&folder), fs::metadata(&folder).unwrap().mode()),
        before
    );
    let names = fs::read_dir(&folder).unwrap();
    let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["file"]);
    project.take_down();
}

#[test]
fn several_shares_some_read_only() {
    let place = Place::new();
    let project = place.project("web", "SYNC=src:/code,docs:/docs:ro,../data:/srv/data\n");
    for (folder, text) in [("src", "code"), ("docs", "words"), ("../data", "numbers")] {
        let folder = project.path().join(folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("file"), text).unwrap();
    }
    project.up();
    assert_eq!(
        project.guest("cat /code/file /docs/file /srv/data/file"),
        "codewordsnumbers"
    );
    project.guest("echo more > /code/new && echo more > /srv/data/new");
    assert!(project.path().join("src/new").exists());
    assert!(place.path().join("data/new").exists());
    project
        .run(&["ssh", "-c", "echo more > /docs/new"])
        .exits(1)
        .says("Read-only file system");
    assert!(!project.path().join("docs/new").exists());
    let status = project.run(&["ssh", "-c", "rm /docs/file"]).status;
    assert_ne!(status, 0);
    assert!(project.path().join("docs/file").exists());
    project.take_down();
}

#[test]
fn a_folder_may_have_any_name() {
    let place = Place::new();
    let id = place.id("odd");
    let name = "od d,na:me'\"é\\$x;#";
    let text = format!(
        "INFRA_TYPE=container\nINFRA_ID={id}\nMEMORY=512M\nCPUS=1\nSYNC=\".:/workspace,a b/c:/c\"\n"
    );
    let project = place.verbatim(name, &text);
    fs::create_dir_all(project.path().join("a b/c")).unwrap();
    fs::write(project.path().join("a b/c/file"), "found").unwrap();
    project.up();
    assert_eq!(
        project.guest("cat '/workspace/a b/c/file' /c/file"),
        "foundfound"
    );
    project.guest("echo back > /workspace/back");
    assert_eq!(
        fs::read_to_string(project.path().join("back")).unwrap(),
        "back\n"
    );
    project.run(&["status"]).exits(0).says("running");
    project.run(&["stop"]).exits(0);
    project.up();
    assert_eq!(project.guest("cat /workspace/back"), "back");
    project.take_down();
}

#[test]
fn an_id_is_made_of_a_folder_that_is_no_host_name() {
    let place = Place::new();
    let folder = format!("My Web_App {}", place.id("x"));
    let project = place.verbatim(&folder, "INFRA_TYPE=container\nMEMORY=512M\nCPUS=1\n");
    project.up();
    let id = project.id();
    assert!(id.starts_with("my-web-app-"), "{id}");
    assert_eq!(project.guest("hostname"), id);
    project.take_down();
}
