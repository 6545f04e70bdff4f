//! What is remembered survives crashes, full disks and other processes.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::net::Ipv4Addr;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;
use uuid::Uuid;
use vagrantp::state::StateError;
use vagrantp::state::folder::{Identity, MachineFolder, StateFolder};
use vagrantp::state::given::Given;
use vagrantp::state::ledger::Ledger;
use vagrantp::state::lock;
use vagrantp::state::project;
use vagrantp::state::record::{
    Access, MachineRecord, Networking, Provisioned, PublishedPort, Resources, SCHEMA, Stage,
};
use vagrantp::value::{Init, Kind, NetworkMode, PortRule, Protocol, Provider};

const LONG: Duration = Duration::from_secs(60);

fn identity(machine: &str) -> Identity {
    Identity {
        project: Uuid::from_u128(7),
        file: "deploy/vagrantp.kdl".to_owned(),
        machine: machine.to_owned(),
        kind: Kind::Container,
    }
}

fn record(of: &Identity, ports: &[u16]) -> MachineRecord {
    let port = |host_port: &u16| PublishedPort {
        address: Ipv4Addr::UNSPECIFIED,
        host_port: *host_port,
        container_port: 80,
        protocol: Protocol::Tcp,
        auto: true,
    };
    MachineRecord {
        schema: SCHEMA,
        id: format!("blog-{}", of.machine),
        machine: of.machine.clone(),
        project: of.project,
        project_path: "/p/blog".into(),
        config_file: of.file.clone(),
        infra_type: of.kind,
        provider: Provider::Podman,
        stage: Stage::Reserved,
        engine_id: None,
        resources: Resources {
            memory_mb: 512,
            memory_bytes: 512 << 20,
            cpus: 1,
            disk_gb: 10,
            disk_bytes: 10 << 30,
        },
        networking: Networking {
            mode: NetworkMode::Default,
            ip_address: None,
            ports: ports.iter().map(port).collect(),
            networks: vec!["blog".to_owned()],
            attached: Vec::new(),
        },
        access: Access {
            init: Init::Sshd,
            user: "dev".to_owned(),
            key: None,
            port: None,
            exec: false,
        },
        applied: BTreeMap::from([("image".to_owned(), "debian:12".to_owned())]),
        places: BTreeMap::new(),
        kept: None,
        shared: Vec::new(),
        given: Given::default(),
        stop_timeout: None,
        ties: Default::default(),
        limits_set: false,
        provisioned: Provisioned::Never,
        provisions: Vec::new(),
        notes: Vec::new(),
        durations: BTreeMap::new(),
        created_at: None,
        updated_at: jiff::Timestamp::UNIX_EPOCH,
    }
}

struct Place {
    base: tempfile::TempDir,
    state: StateFolder,
}

fn place() -> Place {
    let base = tempfile::tempdir().unwrap();
    let state = StateFolder::new(base.path().join("state/vagrantp"));
    Place { base, state }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

fn saved(place: &Place, machine: &str, ports: &[u16]) -> MachineFolder {
    let identity = identity(machine);
    let folder = place.state.machine(&identity);
    folder.save(&record(&identity, ports)).unwrap();
    folder
}

#[test]
fn a_record_is_read_back_and_nobody_else_may() {
    let place = place();
    assert!(!place.state.root().exists());
    let folder = saved(&place, "web", &[8080]);
    let loaded = folder.load().unwrap().unwrap();
    assert_eq!(loaded, record(&identity("web"), &[8080]));
    assert_eq!(Identity::of(&loaded), identity("web"));
    assert_eq!(mode(place.state.root()), 0o700);
    assert_eq!(mode(folder.path()), 0o700);
    assert_eq!(mode(&folder.record_path()), 0o600);
    folder.write(&folder.public_key(), b"ssh", 0o644).unwrap();
    assert_eq!(mode(&folder.public_key()), 0o644);

    fs::set_permissions(place.state.root(), fs::Permissions::from_mode(0o755)).unwrap();
    folder.save(&loaded).unwrap();
    assert_eq!(mode(place.state.root()), 0o700);
}

#[test]
fn machines_are_listed_and_removed_with_what_is_empty_above_them() {
    let place = place();
    let folders: Vec<MachineFolder> = ["", "_", "db", "web"]
        .iter()
        .map(|machine| saved(&place, machine, &[]))
        .collect();
    for folder in &folders {
        let socket = folder.control_socket(Path::new("/run/user/1000/vagrantp"));
        assert!(socket.as_os_str().len() < 90);
        let record = folder.load().unwrap().unwrap();
        assert_eq!(folder.identity(), Some(Identity::of(&record)));
    }
    let mut sorted = folders.clone();
    sorted.sort();
    assert_eq!(place.state.machines(), sorted);

    fs::create_dir(folders[0].keys()).unwrap();
    fs::write(folders[0].keys().join("host_key"), "secret").unwrap();
    folders[0].remove().unwrap();
    folders[0].remove().unwrap();
    assert_eq!(place.state.machines().len(), 3);
    for folder in &folders[1..] {
        folder.remove().unwrap();
    }
    let machines = place.state.root().join("machines");
    assert_eq!(fs::read_dir(machines).unwrap().count(), 0);
}

#[test]
fn a_record_cut_short_anywhere_is_damaged() {
    let place = place();
    let folder = saved(&place, "web", &[8080]);
    let whole = fs::read(folder.record_path()).unwrap();
    // The last byte is the final line break, without which the record is whole.
    for end in 0..whole.len() - 1 {
        fs::write(folder.record_path(), &whole[..end]).unwrap();
        let error = folder.load().unwrap_err();
        assert!(
            matches!(error, StateError::Damaged { .. }),
            "{end}: {error}"
        );
    }
    for garbage in [&b"\0\0\0\0"[..], b"{}", b"[]", b"{\"schema\":1}", b"\xff{"] {
        fs::write(folder.record_path(), garbage).unwrap();
        let error = folder.load().unwrap_err();
        let finding = error.diagnostic();
        assert_eq!(finding.rule.number, 1802);
        assert!(finding.help.unwrap().contains("mv "));
        let path = folder.record_path();
        assert!(finding.message.contains(path.to_str().unwrap()));
    }
    let ledger = Ledger::read(&place.state);
    assert_eq!((ledger.entries.len(), ledger.damaged.len()), (0, 1));
    assert_eq!(folder.identity(), Some(identity("web")));
}

#[test]
fn a_newer_record_is_refused_whatever_else_is_in_it() {
    let place = place();
    let folder = saved(&place, "web", &[]);
    fs::write(
        folder.record_path(),
        "{\"schema\": 2, \"id\": {\"new\": []}}",
    )
    .unwrap();
    let error = folder.load().unwrap_err();
    assert!(matches!(error, StateError::Newer { schema: 2, .. }));
    assert_eq!(error.diagnostic().rule.number, 1803);
}

#[test]
fn a_file_where_a_folder_must_be_is_told() {
    let place = place();
    fs::write(place.base.path().join("state"), "").unwrap();
    let identity = identity("web");
    let refused = place.state.machine(&identity).save(&record(&identity, &[]));
    let finding = refused.unwrap_err().diagnostic();
    assert_eq!(finding.rule.number, 1801);
    assert!(finding.help.unwrap().contains("move away"));
}

#[test]
fn ports_of_others_clash_and_my_own_do_not() {
    let place = place();
    saved(&place, "web", &[8080]);
    let ledger = Ledger::read(&place.state);
    let rule = |text: &str| PortRule::parse(text).unwrap()[0];
    let clash = |text: &str, me: &str| {
        let found = ledger
            .ports_of_others(&identity(me))
            .find(|(_, held)| held.rule().clashes(&rule(text)));
        found.map(|(entry, port)| (entry.record.id.clone(), port.host_port))
    };
    let web = Some(("blog-web".to_owned(), 8080));
    assert_eq!(clash("8080:80", "db"), web);
    assert_eq!(clash("127.0.0.1:8080:80", "db"), web);
    assert_eq!(clash("8080:80/udp", "db"), None);
    assert_eq!(clash("8081:80", "db"), None);
    assert_eq!(clash("8080:80", "web"), None);
    assert_eq!(ledger.by_id("blog-web").count(), 1);
    assert_eq!(ledger.project(Uuid::from_u128(7)).count(), 1);
    assert!(ledger.entry(&identity("web")).is_some());
}

#[test]
fn a_picked_port_is_never_one_that_is_held_or_was_picked() {
    let place = place();
    let mut ledger = Ledger::hold(&place.state, &|| false).unwrap();
    let me = identity("web");
    let first = ledger.pick_auto(&me, 80, &|_| false).unwrap();
    let second = ledger.pick_auto(&me, 80, &|_| false).unwrap();
    assert_ne!(first, second);
    drop(ledger);

    let mut stopped = record(&identity("db"), &[first]);
    stopped.stage = Stage::Stopped;
    stopped.access.port = Some(second);
    let folder = place.state.machine(&identity("db"));
    folder.save(&stopped).unwrap();
    let mut ledger = Ledger::hold(&place.state, &|| false).unwrap();
    ledger.avoid([second + 1]);
    let third = ledger.pick_auto(&me, 80, &|_| false).unwrap();
    assert!(![first, second, second + 1].contains(&third));
    assert_eq!(ledger.pick_auto(&me, 80, &|_| true), None);
}

/// Runs one of the ignored tests below in a process of its own.
fn child(name: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--ignored", "--exact", "--nocapture", name])
        .env("VAGRANTP_TEST_FOLDER", folder);
    command
}

/// The folder that a child works in; it fails when it is run by itself.
fn given() -> PathBuf {
    let folder = std::env::var_os("VAGRANTP_TEST_FOLDER");
    folder.expect("this is a part of another test").into()
}

/// Many processes, several threads each, want ports at once, from a range that is barely enough.
#[test]
fn parallel_reservations_never_share_a_port() {
    let place = place();
    let mut children: Vec<Child> = (0..6)
        .map(|_| {
            let mut command = child("child_reserves", place.state.root());
            command.spawn().unwrap()
        })
        .collect();
    for child in &mut children {
        assert!(child.wait().unwrap().success());
    }
    let ledger = Ledger::read(&place.state);
    let mut ports: Vec<u16> = ledger
        .entries
        .iter()
        .flat_map(|entry| entry.ports())
        .map(|port| port.host_port)
        .collect();
    ports.sort_unstable();
    assert_eq!(ports, (20_100..20_148).collect::<Vec<u16>>());
}

#[test]
#[ignore = "a part of parallel_reservations_never_share_a_port"]
fn child_reserves() {
    let state = StateFolder::new(given());
    let reserve = || {
        let name = Uuid::new_v4().to_string();
        let identity = identity(&name);
        let busy = |port| !(20_100..20_148).contains(&port);
        let mut ledger = Ledger::hold(&state, &|| false).unwrap();
        let ports = [80, 443].map(|guest| ledger.pick_auto(&identity, guest, &busy).unwrap());
        let folder = state.machine(&identity);
        folder.save(&record(&identity, &ports)).unwrap();
    };
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(reserve);
        }
    });
}

/// Modes do not stop root, so real filesystems are mounted where nobody else sees them.
#[test]
fn a_full_disk_and_a_read_only_one_are_told_and_lose_nothing() {
    let place = place();
    let script = "mount -t tmpfs -o size=64k none \"$VAGRANTP_TEST_FOLDER\" || exit 77
        mkdir \"$VAGRANTP_TEST_FOLDER/blog\"
        \"$0\" --ignored --exact --nocapture child_fills || exit 1
        mount -o remount,ro \"$VAGRANTP_TEST_FOLDER\" || exit 77
        \"$0\" --ignored --exact --nocapture child_cannot_write || exit 1";
    let status = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", script])
        .arg(std::env::current_exe().unwrap())
        .env("VAGRANTP_TEST_FOLDER", place.base.path())
        .status();
    let code = status.expect("unshare (util-linux) runs").code();
    assert_ne!(code, Some(77), "no filesystem could be mounted here");
    assert_eq!(code, Some(0));
}

#[test]
#[ignore = "a part of a_full_disk_and_a_read_only_one_are_told_and_lose_nothing"]
fn child_fills() {
    let base = given();
    let state = StateFolder::new(base.join("state"));
    let mut project = project::look(&base.join("blog"), &state).unwrap();
    let identity = identity("web");
    let folder = state.machine(&identity);
    folder.save(&record(&identity, &[1])).unwrap();
    let mut filler = fs::File::create(base.join("filler")).unwrap();
    while filler.write_all(&[0; 512]).is_ok() {}

    let refused = folder.save(&record(&identity, &[2])).unwrap_err();
    let finding = refused.diagnostic();
    assert!(finding.message.ends_with("the disk is full"), "{finding}");
    assert_eq!(folder.load().unwrap().unwrap(), record(&identity, &[1]));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

    let refused = project::settle(&base.join("blog"), &state, &mut project).unwrap_err();
    let finding = refused.diagnostic();
    assert!(finding.message.ends_with("the disk is full"), "{finding}");
    // What frees the disk needs a lock, but no room.
    let lock = lock::acquire(&state.ledger_lock_path(), "rm", LONG, &|| false);
    drop(lock.unwrap());
    fs::remove_file(base.join("filler")).unwrap();
}

#[test]
#[ignore = "a part of a_full_disk_and_a_read_only_one_are_told_and_lose_nothing"]
fn child_cannot_write() {
    let base = given();
    let state = StateFolder::new(base.join("state"));
    let identity = identity("web");
    let folder = state.machine(&identity);
    for refused in [folder.save(&record(&identity, &[2])), folder.remove()] {
        let finding = refused.unwrap_err().diagnostic();
        assert!(finding.message.contains("the filesystem is read-only"));
        assert_eq!(finding.rule.number, 1801);
    }
    assert!(folder.load().unwrap().is_some());

    let elsewhere = tempfile::tempdir().unwrap();
    let state = StateFolder::new(elsewhere.path().join("state"));
    let mut project = project::look(&base.join("blog"), &state).unwrap();
    let refused = project::settle(&base.join("blog"), &state, &mut project).unwrap_err();
    let finding = refused.diagnostic();
    assert!(finding.message.contains("the filesystem is read-only"));
    assert!(finding.help.unwrap().contains("the project"));
}
