use super::{ProjectIdentity, look, settle};
use crate::state::folder::StateFolder;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

struct Place {
    base: tempfile::TempDir,
    state: StateFolder,
}

impl Place {
    fn new() -> Self {
        let base = tempfile::tempdir().unwrap();
        fs::create_dir(base.path().join("blog")).unwrap();
        let state = StateFolder::new(base.path().join("state/vagrantp"));
        Place { base, state }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.base.path().canonicalize().unwrap().join(name)
    }

    fn look(&self, name: &str) -> ProjectIdentity {
        look(&self.path(name), &self.state).unwrap()
    }

    fn settle(&self, name: &str) -> ProjectIdentity {
        let mut identity = self.look(name);
        settle(&self.path(name), &self.state, &mut identity).unwrap();
        assert_eq!(identity.uuid, self.look(name).uuid);
        identity
    }

    fn run(&self, program: &str, args: &[&str]) {
        let folder = self.base.path();
        let mut command = Command::new(program);
        let status = command.args(args).current_dir(folder).status();
        assert!(status.unwrap().success(), "{program} {args:?}");
    }
}

fn lose(project: &Path) {
    fs::remove_dir_all(project.join(".vagrantp")).unwrap();
}

#[test]
fn looking_writes_nothing_and_settling_ignores_itself() {
    let place = Place::new();
    assert!(place.look("blog").fresh);
    assert!(!place.path("blog/.vagrantp").exists() && !place.state.root().exists());
    let mut identity = place.settle("blog");
    assert!(!identity.fresh && !place.look("blog").fresh);
    let ignored = fs::read_to_string(place.path("blog/.vagrantp/.gitignore")).unwrap();
    assert_eq!(ignored, "*\n");

    identity.infrastructure_id = Some("blog-1a2b".to_owned());
    settle(&place.path("blog"), &place.state, &mut identity).unwrap();
    place.settle("blog");
    let again = place.look("blog").infrastructure_id;
    assert_eq!(again.as_deref(), Some("blog-1a2b"));
}

#[test]
fn of_two_that_settle_a_fresh_folder_the_second_learns_the_first_ones_uuid() {
    let place = Place::new();
    let (mut first, mut second) = (place.look("blog"), place.look("blog"));
    assert_ne!(first.uuid, second.uuid);
    settle(&place.path("blog"), &place.state, &mut first).unwrap();
    settle(&place.path("blog"), &place.state, &mut second).unwrap();
    assert_eq!(first.uuid, second.uuid);
}

#[test]
fn a_moved_project_is_the_same() {
    let place = Place::new();
    let before = place.settle("blog");
    fs::rename(place.path("blog"), place.path("site")).unwrap();
    let moved = place.look("site");
    assert_eq!(moved.uuid, before.uuid);
    assert_eq!(moved.moved_from, Some(place.path("blog")));
    assert_eq!(place.settle("site").moved_from, Some(place.path("blog")));
    assert_eq!(place.look("site").moved_from, None);
}

#[test]
fn a_copy_is_another_project_and_the_original_stays() {
    let place = Place::new();
    let mut original = place.look("blog");
    original.infrastructure_id = Some("blog".to_owned());
    settle(&place.path("blog"), &place.state, &mut original).unwrap();
    place.run("cp", &["-a", "blog", "copy"]);
    let copy = place.settle("copy");
    assert_ne!(copy.uuid, original.uuid);
    assert_eq!(copy.copied_from, Some(place.path("blog")));
    assert_eq!(copy.infrastructure_id, None);
    let again = place.look("copy");
    assert_eq!((again.uuid, again.copied_from), (copy.uuid, None));
    assert_eq!(place.look("blog").uuid, original.uuid);
}

#[test]
fn an_original_that_moved_is_told_from_the_copy_in_its_place() {
    let place = Place::new();
    let original = place.settle("blog");
    fs::rename(place.path("blog"), place.path("old")).unwrap();
    place.run("cp", &["-a", "old", "blog"]);
    assert_eq!(place.settle("old").uuid, original.uuid);
    assert_ne!(place.settle("blog").uuid, original.uuid);
}

#[test]
fn a_link_to_a_project_is_the_project() {
    let place = Place::new();
    let original = place.settle("blog");
    place.run("ln", &["-s", "blog", "link"]);
    let linked = place.look("link");
    assert_eq!(linked, place.look("blog"));
    assert_eq!(linked.uuid, original.uuid);
}

#[test]
fn a_cleaned_or_damaged_project_is_found_by_its_path() {
    let place = Place::new();
    let original = place.settle("blog");
    lose(&place.path("blog"));
    let found = place.look("blog");
    assert_eq!((found.uuid, found.recovered), (original.uuid, true));
    place.settle("blog");
    assert!(!place.look("blog").recovered);

    fs::write(place.path("blog/.vagrantp/project.json"), "{\"schema\":1,").unwrap();
    assert_eq!(place.settle("blog").uuid, original.uuid);

    fs::remove_dir_all(place.path("blog")).unwrap();
    fs::create_dir(place.path("blog")).unwrap();
    assert_eq!(place.look("blog").uuid, original.uuid, "cloned anew");
}

#[test]
fn a_new_folder_with_the_old_name_of_a_renamed_project_is_new() {
    let place = Place::new();
    let original = place.settle("blog");
    fs::rename(place.path("blog"), place.path("blog-old")).unwrap();
    fs::create_dir(place.path("blog")).unwrap();
    assert!(place.look("blog").fresh);
    assert_eq!(place.look("blog-old").uuid, original.uuid);
}

#[test]
fn a_link_in_place_of_the_folder_is_not_followed() {
    let place = Place::new();
    fs::create_dir(place.path("elsewhere")).unwrap();
    place.run("ln", &["-s", "../elsewhere", "blog/.vagrantp"]);
    let mut identity = place.look("blog");
    let refused = settle(&place.path("blog"), &place.state, &mut identity).unwrap_err();
    let finding = refused.diagnostic();
    assert_eq!(finding.rule.number, 1801);
    assert!(finding.message.contains("a file stands where"));
    assert_eq!(fs::read_dir(place.path("elsewhere")).unwrap().count(), 0);
}
