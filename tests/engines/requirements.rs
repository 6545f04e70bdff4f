//! What a playbook requires: a role in an archive and a collection in a repository of this host, installed by the
//! real ansible-galaxy without any server, and asked for no second time.

use crate::engine;
use crate::place::Place;
use std::fs;
use std::path::Path;

const PLAY: &str = "- hosts: all
  gather_facts: false
  roles:
    - greet
    - acme.tools.hi
";

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn role(folder: &Path, says: &str) {
    let tasks = format!("- copy:\n    content: \"{says}\\n\"\n    dest: /etc/{says}\n");
    write(&folder.join("tasks/main.yml"), &tasks);
    write(
        &folder.join("meta/main.yml"),
        "galaxy_info: {author: a, description: d, license: MIT, min_ansible_version: \"2.10\", platforms: []}\ndependencies: []\n",
    );
}

/// An archive of a role, as galaxy has it.
fn archive(project: &Path, says: &str) {
    role(&project.join("made/greet"), says);
    let made = project.join("made").display().to_string();
    let archive = project.join("greet.tar.gz").display().to_string();
    engine::run("tar", &["-C", &made, "-czf", &archive, "greet"]).exits(0);
    fs::remove_dir_all(project.join("made")).unwrap();
}

/// A repository that holds a collection.
fn repository(folder: &Path) {
    write(
        &folder.join("galaxy.yml"),
        "namespace: acme\nname: tools\nversion: 1.2.0\nreadme: README.md\nauthors: [a]\n",
    );
    write(&folder.join("README.md"), "tools\n");
    role(&folder.join("roles/hi"), "by-collection");
    let path = folder.display().to_string();
    let git = |words: &[&str]| {
        let mut all = vec![
            "-C",
            &path,
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.org",
        ];
        all.extend(words);
        engine::run("git", &all).exits(0);
    };
    git(&["init", "--quiet"]);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "first"]);
}

#[test]
fn what_is_required_is_installed_once() {
    let place = Place::new();
    let project = place.project("web", "PROVISIONING_PLAYBOOK=site.yml\n");
    let path = project.path();
    let repository_folder = place.path().join("tools");
    repository(&repository_folder);
    archive(path, "by-role");
    fs::write(path.join("site.yml"), PLAY).unwrap();
    let requirements = format!(
        "roles:\n  - name: greet\n    src: greet.tar.gz\ncollections:\n  - name: git+file://{}\n    type: git\n",
        repository_folder.display()
    );
    fs::write(path.join("requirements.yml"), &requirements).unwrap();
    project.run(&["check"]).exits(0);
    project.up().says("requirements.yml  roles and collections");
    assert_eq!(
        project.guest("cat /etc/by-role /etc/by-collection"),
        "by-role\nby-collection"
    );

    // It is there: not even the repository is looked at.
    fs::remove_dir_all(&repository_folder).unwrap();
    let said = project.run(&["provision"]).exits(0);
    assert!(!said.err.contains("require"), "{}", said.report());
    assert_eq!(project.run(&["up"]).status, 3);

    // Another archive under the same name is another requirement.
    fs::write(
        path.join("requirements.yml"),
        "roles:\n  - name: greet\n    src: greet.tar.gz\n",
    )
    .unwrap();
    fs::write(
        path.join("site.yml"),
        PLAY.replace("    - acme.tools.hi\n", ""),
    )
    .unwrap();
    archive(path, "by-another");
    project.run(&["status"]).exits(0).says("provisioned: stale");
    project.up().says("requirements.yml  roles");
    assert_eq!(project.guest("cat /etc/by-another"), "by-another");
    project.take_down();
}

#[test]
fn what_cannot_be_had_is_told_at_its_line_and_nothing_is_run() {
    let place = Place::new();
    let project = place.project("web", "PROVISIONING_PLAYBOOK=site.yml\n");
    let path = project.path();
    fs::write(
        path.join("site.yml"),
        "- hosts: all\n  gather_facts: false\n  tasks:\n    - copy: content=x dest=/etc/ran\n",
    )
    .unwrap();
    // Nobody listens there: a server that is not to be reached.
    fs::write(
        path.join("requirements.yml"),
        "collections:\n  - name: acme.absent\n    source: http://127.0.0.1:9/\n",
    )
    .unwrap();
    let said = project.run(&["up"]).exits(7);
    let said = said.says("error[7013]: What requirements.yml lists cannot be installed");
    let said = said.says("does not answer");
    let said = said.says("requirements.yml:2:");
    said.says("try it again where that server can be reached");
    project.guest("test ! -e /etc/ran");
    fs::write(
        path.join("requirements.yml"),
        "roles:\n  - name: x\n   src: y\n",
    )
    .unwrap();
    let said = project.run(&["up"]).exits(7);
    let said = said.says("ansible-galaxy refuses it");
    said.says("did not find expected '-' indicator");
    fs::write(path.join("requirements.yml"), "---\n").unwrap();
    project.up();
    project.guest("test -e /etc/ran");
    project.take_down();
}
