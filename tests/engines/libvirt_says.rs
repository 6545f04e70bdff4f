//! The sentences by which libvirt's failures are told apart, said by the libvirt of this host.

use crate::engine;
use crate::host::is_root;
use crate::place::Place;
use vagrantp::call::run::{Interrupt, run};
use vagrantp::call::{Call, Outcome};
use vagrantp::engine::libvirt::failed;

const URI: &str = "qemu:///system";

fn said(call: Call) -> Outcome {
    run(&call.env("LC_ALL", "C"), &Interrupt::none(), None)
}

fn virsh(words: &[&str]) -> Call {
    Call::read("virsh").args(["-q", "-c", URI]).args(words)
}

/// That a call fails, and what it is told for.
#[track_caller]
fn is_told_as(rule: u16, call: Call) {
    let outcome = said(call);
    let finding = failed(&outcome);
    assert!(!outcome.ok(), "{outcome:?}");
    assert_eq!(finding.rule.number, rule, "{outcome:?}");
}

#[track_caller]
fn must(words: &[&str]) {
    let outcome = said(virsh(words));
    assert!(outcome.ok(), "{outcome:?}");
}

#[test]
fn who_cannot_be_asked() {
    let nowhere = format!("{URI}?socket=/nowhere");
    is_told_as(
        5061,
        Call::read("virsh").args(["-q", "-c", &nowhere, "list"]),
    );
    if is_root() {
        let nobody = ["--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"];
        let call = Call::read("setpriv").args(nobody);
        is_told_as(5003, call.args(["virsh", "-q", "-c", URI, "list"]));
    }
}

/// A definition that is gone when the test ends.
struct Domain(String);

impl Domain {
    fn new(name: &str, devices: &str) -> Self {
        let domain = Domain(format!("vpe-says-{}-{name}", std::process::id()));
        let outcome = said(domain.definition("qemu", "", devices));
        assert!(outcome.ok(), "{outcome:?}");
        domain
    }

    fn definition(&self, kind: &str, cpu: &str, devices: &str) -> Call {
        let name = &self.0;
        virsh(&["define", "/dev/stdin"]).stdin(format!(
            "<domain type='{kind}'><name>{name}</name><memory unit='MiB'>32</memory>{cpu}\
             <os><type arch='x86_64'>hvm</type></os><devices>{devices}</devices></domain>"
        ))
    }
}

impl Drop for Domain {
    fn drop(&mut self) {
        said(virsh(&["destroy", &self.0]));
        said(virsh(&["undefine", &self.0]));
    }
}

#[test]
fn what_a_machine_lacks() {
    // An ordinary user mounts nothing that libvirt's daemon sees.
    if is_root() {
        a_pool_that_is_full();
    }
    is_told_as(1501, virsh(&["domuuid", "vpe-nosuch"]));
    is_told_as(5001, virsh(&["pool-info", "vpe-nosuch"]));
    for (name, rule, devices) in [
        (
            "net",
            1301,
            "<interface type='network'><source network='vpe-nosuch'/></interface>",
        ),
        (
            "bridge",
            1361,
            "<interface type='bridge'><source bridge='vpe-nosuch'/></interface>",
        ),
        (
            "disk",
            1162,
            "<disk type='file' device='disk'><source file='/vpe-nosuch.img'/><target dev='vda'/></disk>",
        ),
    ] {
        let domain = Domain::new(name, devices);
        is_told_as(rule, virsh(&["start", &domain.0]));
        // Without its uuid it is another one of this name.
        is_told_as(3003, domain.definition("qemu", "", ""));
    }
    let domain = Domain::new("cpu", "");
    said(virsh(&["undefine", &domain.0]));
    let passes = domain.definition("qemu", "<cpu mode='host-passthrough'/>", "");
    if said(passes).ok() {
        is_told_as(1161, virsh(&["start", &domain.0]));
    }
}

#[test]
fn a_subnet_of_another_network() {
    let number = std::process::id() % 250;
    let named = |name: &str| format!("vpe-says-{}-{name}", std::process::id());
    let create = |name: &str| {
        virsh(&["net-create", "/dev/stdin"]).stdin(format!(
            "<network><name>{}</name><ip address='10.95.{number}.1' prefix='24'/></network>",
            named(name)
        ))
    };
    let first = said(create("one"));
    let second = said(create("two"));
    for name in ["one", "two"] {
        said(virsh(&["net-destroy", &named(name)]));
    }
    assert!(first.ok(), "{first:?}");
    assert_eq!(failed(&second).rule.number, 1301, "{second:?}");
}

/// A pool on a file system of a few megabytes.
struct Pool<'a> {
    name: String,
    folder: String,
    _place: &'a Place,
}

impl<'a> Pool<'a> {
    fn new(place: &'a Place) -> Self {
        let folder = place.path().join("full").display().to_string();
        let name = place.id("pool");
        engine::run("mkdir", &["-p", &folder]).exits(0);
        engine::run("mount", &["-t", "tmpfs", "-o", "size=4m", "tmpfs", &folder]).exits(0);
        let pool = Pool {
            name,
            folder,
            _place: place,
        };
        must(&[
            "pool-create-as",
            &pool.name,
            "dir",
            "--target",
            &pool.folder,
        ]);
        pool
    }
}

impl Drop for Pool<'_> {
    fn drop(&mut self) {
        said(virsh(&["pool-destroy", &self.name]));
        engine::run("umount", &[&self.folder]);
    }
}

fn a_pool_that_is_full() {
    let place = Place::new();
    let pool = Pool::new(&place);
    let create = |name, allocation| {
        virsh(&[
            "vol-create-as",
            &pool.name,
            name,
            "64M",
            "--allocation",
            allocation,
        ])
    };
    is_told_as(4003, create("whole.img", "64M"));
    assert!(said(create("sparse.img", "0")).ok());
    let file = place.path().join("file");
    std::fs::write(&file, vec![b'x'; 16 << 20]).expect("a file");
    let file = file.display().to_string();
    is_told_as(
        4003,
        virsh(&["vol-upload", "sparse.img", &file, "--pool", &pool.name]),
    );
}
