//! A box whose guest says one line on its console and then does nothing: what an `up` does until a guest is to
//! answer, and what it tells when none does, at the price of no boot.

use crate::engine::{self, virsh};
use crate::guest_box::{Cut, GuestBox, Tree};
use crate::place::Place;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

/// What it says.
pub const SAYS: &str = "nothing here to boot";

/// A box of its own in a place's Vagrant. What libvirt's pool has of it goes with it.
pub struct DeadBox {
    name: String,
}

impl DeadBox {
    pub fn new(place: &Place) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("dead-{}-{count}", std::process::id());
        let shelf = format!("home/.vagrant.d/boxes/vptest-VAGRANTSLASH-{name}/0/libvirt");
        let shelf = place.path().join(shelf);
        fs::create_dir_all(&shelf).expect("a folder");
        let made = GuestBox::new(&Tree::networkd(), Cut::Mbr, "ext4");
        let raw = made.at("disk.raw");
        let disk = fs::File::options().write(true).open(&raw).expect("a disk");
        std::os::unix::fs::FileExt::write_all_at(&disk, &boot_code(), 0).expect("it is written");
        let words = [
            "convert",
            "-O",
            "qcow2",
            &text(&raw),
            &text(&shelf.join("box.img")),
        ];
        engine::run("qemu-img", &words).exits(0);
        let metadata = r#"{"provider":"libvirt","format":"qcow2","virtual_size":1}"#;
        fs::write(shelf.join("metadata.json"), metadata).expect("a file of the box");
        let vagrantfile = "Vagrant.configure('2') { |config| }\n";
        fs::write(shelf.join("Vagrantfile"), vagrantfile).expect("a file of the box");
        DeadBox { name }
    }

    /// A machine of it in KDL that is given few seconds; what is in its block beside.
    pub fn machine(&self, name: &str, rest: &str) -> String {
        format!(
            "machine {name} {{ vm \"vptest/{}\"; provider libvirt; memory \"512M\"; cpus 1; \
             disk-size \"5G\"; boot-timeout \"10s\"; {rest} }}\n",
            self.name
        )
    }
}

impl Drop for DeadBox {
    fn drop(&mut self) {
        let listed = virsh(&["vol-list", "default"]).out();
        let names = listed
            .lines()
            .filter_map(|line| line.split_whitespace().next());
        let start = format!("vptest-VAGRANTSLASH-{}_", self.name);
        for name in names.filter(|name| name.starts_with(&start)) {
            virsh(&["vol-delete", name, "--pool", "default"]);
        }
    }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// What the BIOS runs, before the table of partitions: each byte to the serial port, then nothing for good.
fn boot_code() -> Vec<u8> {
    // xor ax, ax; mov ds, ax; mov si, 7C16h; cld; again: lodsb; test al, al; jz end; mov dx, 3F8h; out dx, al;
    // jmp again; end: hlt; jmp end
    let code = [
        0x31, 0xC0, 0x8E, 0xD8, 0xBE, 0x16, 0x7C, 0xFC, 0xAC, 0x84, 0xC0, 0x74, 0x06, 0xBA, 0xF8,
        0x03, 0xEE, 0xEB, 0xF5, 0xF4, 0xEB, 0xFD,
    ];
    [&code, SAYS.as_bytes(), b"\r\n\0"].concat()
}
