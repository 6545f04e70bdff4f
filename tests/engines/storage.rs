//! Volumes outlive their machines, and masks hide.

use crate::engine::{inspect, podman};
use crate::place::Place;
use crate::shop::Shop;
use std::fs;

#[test]
fn a_volume_outlives_its_machines() {
    let place = Place::new();
    let shop = Shop::new(
        &place,
        "shop",
        "machine web { container; volume data to=\"/data\"; }\n\
         machine reader { container; volume data to=\"/odd, path:\" { read-only; }; depends-on web; }\n",
    );
    shop.run(&["up"]).exits(0);
    shop.guest("web", "echo kept >/data/file");
    assert_eq!(shop.guest("reader", "cat '/odd, path:/file'"), "kept");
    let said = shop.run(&["ssh", "reader", "-c", "touch '/odd, path:/new'"]);
    assert_ne!(said.status, 0, "it only reads");
    let id = shop.id("web");
    let volume = inspect(
        &id,
        "{{range .Mounts}}{{if eq .Type \"volume\"}}{{.Name}}{{end}}{{end}}",
    );
    assert_eq!(volume, shop.network("data"));

    shop.change("/data", "/data/there");
    shop.run(&["up", "--recreate", "web"]).exits(0);
    assert_eq!(shop.guest("web", "cat /data/there/file"), "kept");

    // Another machine has it still; then nobody has.
    let said = shop.run(&["rm", "--force", "web"]).exits(0);
    assert!(!said.flat().contains("volume"), "{}", said.report());
    shop.run(&["rm", "--force"])
        .exits(0)
        .says("volume data is kept");
    assert_eq!(podman(&["volume", "exists", &volume]).status, 0);
    shop.run(&["up", "web"]).exits(0);
    assert_eq!(shop.guest("web", "cat /data/there/file"), "kept");
    shop.run(&["rm", "--force"]).exits(0);

    // Also where no machine is left.
    shop.run(&["rm", "--force", "--volumes"])
        .exits(0)
        .says("volume data is removed");
    assert_ne!(podman(&["volume", "exists", &volume]).status, 0);
    shop.run(&["rm", "--force", "--volumes"])
        .exits(1)
        .says("1501");
}

#[test]
fn a_mask_hides() {
    let place = Place::new();
    let shop = Shop::new(
        &place,
        "shop",
        "machine web { container; sync \".\" to=\"/synced\" { mask \".env\" \"private\" \"missing\" \"a,b\"; }; }\n",
    );
    shop.file(".env", "TOKEN=hidden-file\n");
    shop.file("a,b", "hidden-too\n");
    shop.file("private/key", "hidden-folder\n");
    shop.file("plain", "seen\n");
    shop.run(&["up"]).exits(0);
    assert_eq!(shop.guest("web", "cat /synced/plain"), "seen");
    assert_eq!(
        shop.guest("web", "grep -r hidden- /synced || echo nothing"),
        "nothing"
    );
    assert_eq!(shop.guest("web", "ls -A /synced/private"), "");
    let said = shop.run(&[
        "ssh",
        "web",
        "-c",
        "rm -f /synced/.env; echo x >/synced/private/x",
    ]);
    assert_ne!(said.status, 0, "{}", said.report());
    let folder = place.path().join("shop");
    assert!(!folder.join("missing").exists(), "nothing was made for it");
    let own = fs::read_to_string(folder.join(".env")).expect("it is still there");
    assert_eq!(own, "TOKEN=hidden-file\n");
    shop.guest("web", "echo written >/synced/new");
    assert_eq!(
        fs::read_to_string(folder.join("new")).expect("a file"),
        "written\n"
    );
    shop.run(&["stop"]).exits(0);
    shop.run(&["up"]).exits(0);
    assert_eq!(
        shop.guest("web", "grep -r hidden- /synced || echo nothing"),
        "nothing"
    );
    shop.take_down();
}
