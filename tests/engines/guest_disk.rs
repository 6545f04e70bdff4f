//! What is written into a guest's disk stands there, as debugfs reads it in a copy that QEMU makes.

use crate::guest_box::{Cut, GuestBox, Tree};
use crate::guest_seed::{meant, runs, scratch, written};
use vagrantp::apply::guest_disk::seed;
use vagrantp::engine::guest_disk::growth::Growth;
use vagrantp::engine::guest_disk::{DataDisk, GuestSeed, GuestShare};

#[test]
fn keys_names_and_cards_stand_in_every_cut_and_kind() {
    for (cut, kind) in [
        (Cut::Whole, "ext4"),
        (Cut::Mbr, "ext4"),
        (Cut::Gpt, "ext3"),
        (Cut::Whole, "ext2"),
    ] {
        let made = GuestBox::new(&Tree::networkd(), cut, kind);
        let account = written(&made, &meant());
        assert!(account.is_there && account.owner == (1000, 1000));
        // A second time changes nothing.
        for time in 0..2 {
            assert_eq!(
                made.cat("/etc/ssh/ssh_host_ed25519_key"),
                "our private key\n"
            );
            assert_eq!(made.owner("/etc/ssh/ssh_host_ed25519_key"), "0600 0 0");
            assert!(!made.names("/etc/ssh").contains(&"ssh_host_rsa_key".into()));
            let keys = "/home/vagrant/.ssh/authorized_keys";
            assert_eq!(made.cat(keys), "ssh-ed25519 AAAAC3 user\n");
            assert_eq!(made.owner(keys), "0600 1000 1000");
            assert_eq!(made.owner("/home/vagrant/.ssh"), "0700 1000 1000");
            assert_eq!(made.cat("/etc/hostname"), "web\n");
            let hosts = "127.0.0.1 localhost\n127.0.1.1 web\n10.9.9.9 other\n";
            assert_eq!(made.cat("/etc/hosts"), hosts);
            assert!(!made.cat("/etc/machine-id").starts_with("0123456789abcdef"));
            let config = made.cat("/etc/ssh/sshd_config");
            assert!(
                config.starts_with("# vagrantp begin\nHostKey /etc/ssh/ssh_host_ed25519_key\n")
            );
            assert_eq!(config.matches("vagrantp begin").count(), 1, "{config}");
            assert!(made.cat("/etc/shadow").contains("\nvagrant:*:19000:"));
            assert_eq!(made.owner("/etc/shadow"), "0640 0 0");
            assert_eq!(
                made.names("/etc/systemd/network"),
                [
                    "05-vagrantp-0.network",
                    "05-vagrantp-1.network",
                    "05-vagrantp-2.network"
                ]
            );
            let card = made.cat("/etc/systemd/network/05-vagrantp-1.network");
            assert!(card.contains("\nMACAddress=52:54:00:00:00:02\n"), "{card}");
            assert!(card.ends_with("\nAddress=10.20.0.5/24\n"), "{card}");
            let card = made.cat("/etc/systemd/network/05-vagrantp-2.network");
            assert!(card.ends_with("\nAddress=10.0.2.15/24\n"), "{card}");
            made.is_sound();
            if time == 0 {
                written(&made, &meant());
            }
        }
    }
}

#[test]
fn the_root_is_as_large_as_the_disk() {
    let grows = || Tree::networkd().file("usr/lib/systemd/systemd-growfs", "");
    for (tree, cut, growth, size) in [
        (grows(), Cut::Whole, Growth::Whole, 0),
        (grows(), Cut::Mbr, Growth::Whole, 1012),
        (grows(), Cut::Gpt, Growth::Whole, 1011),
        (grows(), Cut::Enclosed, Growth::Enclosed, 48),
        (Tree::networkd(), Cut::Mbr, Growth::Unaided, 1012),
    ] {
        let has_program = growth != Growth::Unaided;
        let made = GuestBox::new(&tree, cut, "ext4");
        for _ in 0..2 {
            let seeded = seed(&runs, &scratch(&made), &made.overlay(), &meant());
            let seeded = seeded.unwrap_or_else(|halt| panic!("{halt:?}"));
            assert_eq!(seeded.growth, growth);
            assert_eq!(made.root_size(), size);
            let fstab = made.cat("/etc/fstab");
            assert_eq!(
                fstab.contains("defaults,x-systemd.growfs 0"),
                has_program,
                "{fstab}"
            );
            made.is_sound();
        }
    }
}

#[test]
fn a_card_less_than_before_is_gone() {
    let made = GuestBox::new(&Tree::networkd(), Cut::Whole, "ext4");
    written(&made, &meant());
    let mut less = meant();
    less.nics.truncate(1);
    written(&made, &less);
    assert_eq!(
        made.names("/etc/systemd/network"),
        ["05-vagrantp-0.network"]
    );
}

#[test]
fn ifupdown_gets_stanzas_and_keeps_its_bridges() {
    let made = GuestBox::new(&Tree::ifupdown(), Cut::Whole, "ext4");
    for _ in 0..2 {
        written(&made, &meant());
        let text = made.cat("/etc/network/interfaces");
        let expected = "source /etc/network/interfaces.d/*\nauto lo\niface lo inet loopback\n\n\
                        # The card\nauto br7\niface br7 inet manual\n    bridge_ports none\n\
                        # vagrantp begin\nauto vp0\niface vp0 inet dhcp\n\
                        auto vp1\niface vp1 inet static\n    address 10.20.0.5/24\n\
                        auto vp2\niface vp2 inet static\n    address 10.0.2.15/24\n# vagrantp end\n";
        assert_eq!(text, expected);
    }
    let link = made.cat("/etc/systemd/network/05-vagrantp-1.link");
    assert!(
        link.ends_with("[Match]\nMACAddress=52:54:00:00:00:02\n\n[Link]\nName=vp1\n"),
        "{link}"
    );
    // Without udev the kernel's names are all there is.
    let tree = Tree::ifupdown().without("usr/lib/systemd/systemd-udevd");
    let made = GuestBox::new(&tree, Cut::Whole, "ext4");
    written(&made, &meant());
    assert!(
        made.cat("/etc/network/interfaces")
            .contains("\nauto eth0\niface eth0 inet dhcp\n")
    );
}

#[test]
fn network_manager_gets_profiles_that_only_root_reads() {
    let made = GuestBox::new(&Tree::network_manager(), Cut::Gpt, "ext4");
    written(&made, &meant());
    let path = "/etc/NetworkManager/system-connections/vagrantp-1.nmconnection";
    assert_eq!(made.owner(path), "0600 0 0");
    let text = made.cat(path);
    assert!(text.contains("\nmac-address=52:54:00:00:00:02\n"), "{text}");
    assert!(
        text.contains("\naddress1=10.20.0.5/24\nnever-default=true\n"),
        "{text}"
    );
}

#[test]
fn a_user_whom_the_box_lacks_is_made() {
    let made = GuestBox::new(&Tree::networkd(), Cut::Whole, "ext4");
    let dev = GuestSeed {
        user: "dev".into(),
        uid: Some(1000),
        ..meant()
    };
    // 1000 is a user's and 1001 a group's.
    let account = written(&made, &dev);
    assert_eq!((account.owner, account.is_there), ((1002, 1002), false));
    assert!(
        made.cat("/etc/passwd")
            .ends_with("\ndev:x:1002:1002::/home/dev:/bin/bash\n")
    );
    assert!(made.cat("/etc/group").ends_with("\ndev:x:1002:\n"));
    assert!(
        made.cat("/etc/shadow")
            .ends_with("\ndev:*:19000:0:99999:7:::\n")
    );
    assert_eq!(
        made.cat("/etc/sudoers.d/vagrantp"),
        "dev ALL=(ALL:ALL) NOPASSWD: ALL\n"
    );
    assert_eq!(made.owner("/etc/sudoers.d/vagrantp"), "0440 0 0");
    assert_eq!(made.owner("/home/dev"), "0755 1002 1002");
    assert_eq!(made.cat("/home/dev/.profile"), "# profile\n");
    assert_eq!(
        made.owner("/home/dev/.ssh/authorized_keys"),
        "0600 1002 1002"
    );
    // Another time the account is there, and is the same.
    let account = written(&made, &dev);
    assert_eq!((account.owner, account.is_there), ((1002, 1002), true));
    made.is_sound();
}

#[test]
fn mounts_and_variables_stand_whatever_is_in_them() {
    let made = GuestBox::new(&Tree::networkd(), Cut::Whole, "ext4");
    let odd = "a \"b\" \\c $d `e` #f 'g' {{h}} é";
    let text = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let all = GuestSeed {
        shares: vec![
            GuestShare {
                tag: "sync-0".into(),
                path: "/work space/\"in\" #1".into(),
                read_only: true,
            },
            GuestShare {
                tag: "sync-1".into(),
                path: "/home/vagrant/code".into(),
                read_only: false,
            },
        ],
        disks: vec![DataDisk {
            serial: "disk-data".into(),
            path: "/mnt/data".into(),
        }],
        env: vec![
            text("APP", "dev"),
            text("ODD", odd),
            text("TWO", "a\nSetEnv X=1"),
            text("BAD NAME", "x"),
        ],
        secrets: vec![text("TOKEN", "hush hush")],
        masked: vec!["apt-daily.timer".into()],
        ..meant()
    };
    for _ in 0..2 {
        written(&made, &all);
        let fstab = "/dev/vda / ext4 defaults 0 0\n# vagrantp begin\n\
                     sync-0 /work\\040space/\"in\"\\040\\0431 virtiofs ro,nofail 0 0\n\
                     sync-1 /home/vagrant/code virtiofs rw,nofail 0 0\n\
                     /dev/disk/by-id/virtio-disk-data /mnt/data ext4 defaults,nofail,x-systemd.makefs,x-systemd.growfs 0 2\n\
                     # vagrantp end\n";
        assert_eq!(made.cat("/etc/fstab"), fstab);
        assert_eq!(made.names("/work space"), ["\"in\" #1"]);
        assert_eq!(made.owner("/home/vagrant/code"), "0755 1000 1000");
        assert_eq!(made.owner("/mnt/data"), "0755 0 0");
        assert_eq!(
            made.cat("/etc/environment"),
            "# vagrantp begin\nAPP=dev\n# vagrantp end\n"
        );
        let config = made.cat("/etc/ssh/sshd_config");
        let line =
            r##"SetEnv "APP=dev" "ODD=a \"b\" \\c $d `e` #f 'g' {{h}} é" "TOKEN=hush hush""##;
        assert!(config.lines().any(|one| one == line), "{config}");
        assert_eq!(made.owner("/etc/ssh/sshd_config"), "0600 0 0");
        let unit = made.debugfs("stat /etc/systemd/system/apt-daily.timer");
        assert!(unit.contains("Fast link dest: \"/dev/null\""), "{unit}");
        made.is_sound();
    }
}
