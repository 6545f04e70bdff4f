//! The playbooks of `examples/provisioned` on virtual machines: nginx, whose page holds what redis says.

use crate::engine;
use crate::example::{answer, published, put};
use crate::host::until;
use crate::project::Project;
use crate::provisioned::PROVISIONED;
use std::fs;

/// The database's own block. Packages come from a folder.
pub(super) const DATABASE: &str = r#"sync "near" to="/srv/near" { read-only; }
    provision "near.sh"
    provision "db.yml" {
        vars greeting="Hello from the database"
        secret db_password from=DB_PASSWORD
    }"#;
/// The web server's.
pub(super) const WEB: &str = r#"ports "auto:80"
    sync "near" to="/srv/near" { read-only; }
    provision "near.sh"
    provision "web.yml" {
        secret db_password from=DB_PASSWORD
    }"#;

const NEAR: &str = include_str!("near.sh");
const SOURCES: &str = "#!/bin/sh\nset -e\nrm -f /etc/apt/sources.list.d/*\n\
                       echo 'deb [trusted=yes] file:/srv/near ./' >/etc/apt/sources.list\n";
const PACKAGES: &[&str] = &[
    "redis-server",
    "redis-tools",
    "nginx",
    "cron",
    "python3-apt",
];

/// Puts them where they are written.
pub(super) fn written(project: &Project) {
    // The configuration is the machines' own.
    put(project.path(), &PROVISIONED[1..]);
    fs::create_dir(project.path().join("near")).expect("a folder");
    fs::write(project.path().join("near.sh"), SOURCES).expect("a file");
}

/// Gets what a guest lacks.
pub(super) fn get_packages(project: &Project) {
    let status = project.path().join("status");
    let said = project.run(&["ssh", "db", "-c", "cat /var/lib/dpkg/status"]);
    fs::write(&status, said.exits(0).out()).expect("a file");
    let (status, near) = (status.display(), project.path().join("near"));
    let words = [
        "-c",
        NEAR,
        "sh",
        &status.to_string(),
        &near.display().to_string(),
    ];
    engine::run("sh", &[&words[..], PACKAGES].concat()).exits(0);
}

/// Asks the services from the host.
pub(super) fn serves(project: &Project) {
    let port = published(project, "web");
    let page = until("nginx", || answer(port).ok());
    assert!(page.contains("<p>Hello from the database\n"), "{page}");
}
