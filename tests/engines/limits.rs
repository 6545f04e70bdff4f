//! Memory and CPUs, read back from inside.

use crate::host::{self, cgroups_are_v2, limits_are_enforced};
use crate::place::Place;
use crate::project::Project;

/// Memory in bytes and CPUs in hundredths, as the guest's own cgroup says them.
#[track_caller]
pub fn inside(project: &Project) -> (u64, u64) {
    let number = |line: &str| -> u64 {
        let text = project.guest(line);
        text.parse()
            .unwrap_or_else(|_| panic!("{line} says {text}"))
    };
    if cgroups_are_v2() {
        let memory = number("cat /sys/fs/cgroup/memory.max");
        let cpus = number("read q p </sys/fs/cgroup/cpu.max; echo $((q * 100 / p))");
        return (memory, cpus);
    }
    let memory = number("cat /sys/fs/cgroup/memory/memory.limit_in_bytes");
    let quota = "cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us";
    let period = "cat /sys/fs/cgroup/cpu/cpu.cfs_period_us";
    (memory, number(quota) * 100 / number(period))
}

#[test]
fn limits_hold_inside_or_one_warning_says_that_they_do_not() {
    let place = Place::new();
    let project = place.project("web", "");
    let up = project.up();
    if limits_are_enforced() {
        assert_eq!(inside(&project), (512 << 20, 100));
        // For real: what is more than allowed is not had.
        project.run(&["ssh", "-c", "python3 -c 'bytearray(1 << 30)'"]);
        let greedy = "python3 -c 'b = bytearray(1400 << 20); print(len(b))'";
        assert_ne!(project.run(&["ssh", "-c", greedy]).status, 0);
    } else {
        let told = up.err.matches("not enforced").count();
        assert_eq!(told, 1, "{}", up.report());
        project.run(&["status"]).exits(0).says("not enforced");
    }
    assert_eq!(project.guest("echo alive"), "alive");
    project.take_down();
}

#[test]
fn more_than_the_host_has_is_refused_with_both_figures() {
    let place = Place::new();
    let (memory, cpus) = (host::memory_mb(), host::cpus());
    let id = place.id("web");
    let text = |memory: u64, cpus: usize| {
        format!("INFRA_TYPE=container\nINFRA_ID={id}\nMEMORY={memory}\nCPUS={cpus}\n")
    };
    let project = place.verbatim("web", &text(memory * 2, 1));
    let said = project.run(&["up"]).exits(4).says(".env:3:");
    said.says(&format!(
        "Insufficient RAM: need {}MB, {memory}MB available",
        memory * 2
    ));
    project.write(&text(512, cpus + 1));
    let said = project.run(&["up"]).exits(4).says(".env:4:");
    said.says(&format!("need {}, {cpus} available", cpus + 1));
    project.write(&text(memory * 2, cpus + 1));
    let both = project.run(&["up", "--json"]).exits(4).json();
    let rules: Vec<_> = both["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| &error["rule"])
        .collect();
    assert_eq!(rules, ["4001", "4002"], "all that is wrong, in one run");
    project.run(&["plan"]).exits(4);
    project.run(&["check"]).exits(0);
    assert_eq!(project.containers(), [""; 0]);
    assert_eq!(project.machine_folders().len(), 0);
}
