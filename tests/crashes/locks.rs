//! Several vagrantps at once.

use crate::processes::runs;
use crate::remains::{containers, none_remains, one_runs};
use crate::world::World;

#[test]
fn two_ups_of_one_project_make_one_machine() {
    let world = World::new("twice");
    let mut first = world.start(&["up"]);
    assert!(first.until(|| runs("podman", "run", world.id())));
    let refused = world.run(&["up"]);
    assert_eq!(refused.status, 1, "{refused}");
    assert!(refused.stderr.contains("1701"), "{refused}");
    let who = format!("vagrantp up (process {}, for ", first.pid());
    let words: Vec<&str> = refused.stderr.split_whitespace().collect();
    let flat = words.join(" ");
    assert!(flat.contains(&who), "{refused}");
    let waited = world.run(&["up", "--lock-timeout", "60"]);
    let first = first.end();
    assert_eq!(first.status, 0, "{first}");
    assert_eq!(
        waited.status, 3,
        "it waited, and there was nothing to do: {waited}"
    );
    one_runs(&world, "after both");
    world.must(&["rm", "-f"]);
    none_remains(&world, &world.uuid(), "rm");
}

#[test]
fn fresh_ups_at_the_same_moment_agree() {
    let world = World::new("race");
    let all: Vec<_> = (0..3)
        .map(|_| world.start(&["up", "--lock-timeout", "60"]))
        .collect();
    let mut statuses: Vec<i32> = all.into_iter().map(|one| one.end().status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [0, 3, 3]);
    one_runs(&world, "after all three");
    world.must(&["rm", "-f"]);
    none_remains(&world, &world.uuid(), "rm");
}

#[test]
fn two_projects_at_once_do_not_wait_for_each_other() {
    let world = World::new("pair");
    let other = world.projects().join(format!("{}-b", world.id()));
    std::fs::create_dir(&other).unwrap();
    std::fs::write(
        other.join(".env"),
        "INFRA_TYPE=container\nMEMORY=512M\nCPUS=1\n",
    )
    .unwrap();
    let first = world.start(&["up"]);
    let second = crate::world::Started::of(&mut world.vagrantp_in(&other, &["up"]), world.home());
    let (first, second) = (first.end(), second.end());
    assert_eq!((first.status, second.status), (0, 0), "{first}{second}");
    one_runs(&world, "beside another");
    assert_eq!(world.run_in(&other, &["rm", "-f"]).status, 0);
    assert_eq!(containers(&world).len(), 1);
    world.must(&["rm", "-f"]);
    none_remains(&world, &world.uuid(), "rm");
}
