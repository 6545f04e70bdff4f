//! What runs in a machine, what it is called, and what the engine does when it ends.

use crate::engine::{inspect, run};
use crate::host::until;
use crate::place::Place;
use crate::shop::Shop;
use std::time::{Duration, Instant};

#[test]
fn a_command_runs_and_is_started_again() {
    let place = Place::new();
    let shop = Shop::new(
        &place,
        "shop",
        "machine web {\n    container\n    command sh \"-c\" \"trap '' TERM; while :; do sleep 1; done # $HOME `id`\"\n    hostname shop-front\n    restart always\n    stop-timeout \"1s\"\n    engine-args podman \"--cap-drop=NET_RAW\" \"--label=own=a b\"\n}\n",
    );
    shop.run(&["up"]).exits(0);
    let id = shop.id("web");
    assert_eq!(shop.record("web")["access"]["init"], "image");
    assert_eq!(
        inspect(&id, "{{index .Config.Cmd 2}}"),
        "trap '' TERM; while :; do sleep 1; done # $HOME `id`"
    );
    assert_eq!(shop.guest("web", "hostname"), "shop-front");
    assert_eq!(inspect(&id, "{{index .Config.Labels \"own\"}}"), "a b");
    assert!(inspect(&id, "{{.HostConfig.CapDrop}}").contains("NET_RAW"));
    assert_eq!(inspect(&id, "{{.HostConfig.RestartPolicy.Name}}"), "always");

    // It is started again where it ends by itself, and stays stopped where it is told to.
    let before = inspect(&id, "{{.State.StartedAt}}");
    // By the host: what Podman is told to kill, it takes for stopped.
    run("kill", &["-9", &inspect(&id, "{{.State.Pid}}")]).exits(0);
    until("the restart", || {
        let now = inspect(&id, "{{.State.StartedAt}} {{.State.Running}}");
        (!now.starts_with(&before) && now.ends_with("true")).then_some(())
    });
    let began = Instant::now();
    shop.run(&["stop"]).exits(0);
    assert!(
        began.elapsed() < Duration::from_secs(8),
        "its own grace is 1 s"
    );
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(inspect(&id, "{{.State.Running}}"), "false");
    shop.run(&["up"]).exits(0);

    // Without its command it is another machine: its image would keep the command.
    shop.change("    restart always\n", "");
    let said = shop.run(&["up"]).exits(3);
    said.says("restart always → –");
    shop.run(&["up", "--recreate"]).exits(0);
    assert_eq!(inspect(&id, "{{.HostConfig.RestartPolicy.Name}}"), "");
    shop.take_down();
}
