//! A virtual machine's `up` is killed while it is made: the next `rm` leaves nothing, the next `up` converges.

use crate::remains::none_remains;
use crate::world::{World, tool};
use rustix::process::Signal;
use std::time::Duration;

/// When it is killed, in tenths of a second: Vagrant defines, the disk is written, the guest starts.
const MOMENTS: [u64; 6] = [3, 9, 15, 22, 30, 60];

#[test]
fn a_guest_is_killed_on_its_way_up_at_any_moment() {
    let world = World::new("guest");
    world.write(
        "INFRA_TYPE=vm\nPROVIDER=libvirt\nMEMORY=640M\nCPUS=1\nDISK_SIZE=5G\nPORTS=auto:80\n",
    );
    world.must(&["box", "build", "std/debian"]);
    world.must(&["box", "publish", "std/debian"]);
    for (round, moment) in MOMENTS.into_iter().enumerate() {
        let mut up = world.start(&["up"]);
        up.let_run(Duration::from_millis(moment * 100));
        match round % 2 {
            0 => up.signal(Signal::KILL),
            _ => up.signal_group(Signal::KILL),
        }
        up.end();
        let when = format!("killed after {moment} tenths of a second");
        if round + 1 == MOMENTS.len() {
            let again = world.run(&["up", "--lock-timeout", "60"]);
            assert_eq!(again.status, 0, "{when}: {again}");
            let inside = world.must(&["ssh", "-c", "hostname"]);
            assert_eq!(inside.stdout.trim(), world.id());
        }
        let uuid = crate::world::uuid_in(&world.project());
        let rm = world.run(&["rm", "-f", "--lock-timeout", "60"]);
        let nothing = rm.status == 1 && rm.stderr.contains("1501");
        assert!(rm.status == 0 || nothing, "{when}: rm: {rm}");
        none_remains(
            &world,
            &uuid.unwrap_or_else(|| world.id().to_owned()),
            &when,
        );
    }
    world.must(&["box", "rm", "std/debian"]);
    let boxes = tool(
        "virsh",
        &["-q", "-c", "qemu:///system", "vol-list", "default"],
    );
    assert!(!boxes.contains(world.id()), "{boxes}");
}
