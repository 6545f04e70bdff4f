//! The example of provisioning, as it stands in `examples/provisioned`: real packages, services, users, cron. One
//! bring-up for all that is asked. Where the host lets systemd run, the web server has it and the database does not.

use crate::example::{Files, answer, example, files, published};
use crate::host::{cgroups_are_v2, is_root, until};
use crate::place::Place;
use crate::project::Project;
use std::fs;

/// Its files.
pub const PROVISIONED: Files = files!(
    "provisioned":
    "vagrantp.kdl"
    ".env"
    "db.yml"
    "web.yml"
    "roles/people/defaults/main.yml"
    "roles/people/tasks/main.yml"
    "roles/people/templates/sudoers.j2"
    "templates/page.html.j2"
    "templates/redis.conf.j2"
    "templates/site.conf.j2"
);

/// vagrantp with the profile that this host can have.
fn words<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let profile: &[&str] = match is_root() || cgroups_are_v2() {
        true => &["--profile", "systemd"],
        false => &[],
    };
    [profile, words].concat()
}

fn in_guest(project: &Project, machine: &str, line: &str) -> String {
    project.run(&["ssh", machine, "-c", line]).exits(0).word()
}

#[test]
fn a_page_holds_what_the_database_says_and_stays_so() {
    let place = Place::new();
    let project = example(&place, "provisioned", PROVISIONED);
    // Each at a time: packages come from a mirror, and a busy host has its time.
    project.run(&words(&["up", "db"])).exits(0);
    project.run(&words(&["up"])).exits(0);
    let port = published(&project, "web");
    let page = answer(port).expect("nginx answers");
    assert!(page.contains("<p>Hello from the database\n"), "{page}");
    assert!(page.contains("X-Made-By: vagrantp\r\n"), "{page}");
    for machine in ["web", "db"] {
        let guest = |line: &str| in_guest(&project, machine, line);
        assert_eq!(guest("su ada -c 'sudo -n id -u'"), "0");
        assert_eq!(
            guest("su grace -c 'sudo -n id -u' 2>/dev/null || id -un grace"),
            "grace"
        );
    }
    let cron = in_guest(&project, "web", "crontab -l; pgrep -c cron");
    assert!(cron.contains("date >/var/www/site/time\n1"), "{cron}");

    // Nothing is to be done, until what a playbook uses is another.
    project.run(&words(&["up"])).exits(3).says("already exists");
    let template = project.path().join("templates/page.html.j2");
    fs::write(&template, "{{ answer.stdout_lines[1] }}, again\n").expect("a template");
    project.run(&["status"]).exits(0).says("provisioned: stale");
    project.run(&words(&["up"])).exits(0).says("1 changed");
    let page = answer(port).expect("nginx answers");
    assert!(
        page.ends_with("\r\nHello from the database, again\n"),
        "{page}"
    );

    // What was done once is done: the second run of each changes nothing.
    for machine in ["db", "web"] {
        let proved = project.run(&["provision", "--verify", machine]).exits(0);
        proved.says("again").says("0 changed");
    }

    // Under systemd services come up with their machine; else the playbook starts them.
    project.run(&["stop", "web"]).exits(0);
    project
        .run(&words(&["up"]))
        .exits(0)
        .says("unchanged since it went well");
    if in_guest(&project, "web", "cat /proc/1/comm") != "systemd" {
        assert!(answer(port).is_err());
        project
            .run(&["provision", "web"])
            .exits(0)
            .says("1 changed");
    }
    let again = until("nginx", || answer(port).ok());
    assert_eq!(again.lines().last(), page.lines().last());

    project.run(&["rm", "--force"]).exits(0);
    assert_eq!(project.containers(), [""; 0]);
    assert_eq!(project.machine_folders().len(), 0);
}
