//! The machine is one to live in: users, keys, host keys, and commands passed through whole.

use crate::engine;
use crate::host::{is_root, until};
use crate::place::Place;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn mode(path: &Path) -> u32 {
    fs::metadata(path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        .permissions()
        .mode()
        & 0o777
}

/// An ssh_config file for plain ssh, and the machine's name in it.
fn plain_ssh(project: &crate::project::Project, config: &Path, line: &str) -> crate::said::Said {
    let text = project.run(&["ssh-config"]).exits(0).out();
    // Without the shared connection: a session of its own, from the TCP connection on.
    fs::write(config, text).expect("a file");
    let config = config.display().to_string();
    let id = project.id();
    engine::run(
        "ssh",
        &[
            "-F",
            &config,
            "-o",
            "ControlPath=none",
            "-o",
            "BatchMode=yes",
            &id,
            line,
        ],
    )
}

#[test]
fn root_enters_with_a_key_made_for_the_machine() {
    let place = Place::new();
    let project = place.project("web", "");
    project.up().says("vagrantp ssh");
    assert_eq!(project.guest("id -un; echo $HOME"), "root\n/root");
    assert_eq!(project.guest("hostname"), project.id());

    let folder = project.machine_folder();
    assert_eq!(mode(&place.state()), 0o700);
    assert_eq!(mode(&folder.join("key")), 0o600);
    assert_eq!(mode(&folder.join("keys/host_key")), 0o600);
    let own: Vec<_> = fs::read_dir(project.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != ".env")
        .collect();
    assert_eq!(own, [".vagrantp"], "no secret in the project");
    project.take_down();
}

#[test]
fn a_user_is_made_with_sudo_a_home_and_the_images_path() {
    let place = Place::new();
    let project = place.project("web", "SSH_USER=dev\n");
    project.up();
    assert_eq!(project.guest("id -un; id -gn; pwd"), "dev\ndev\n/home/dev");
    assert_eq!(project.guest("sudo -n id -u"), "0");
    assert_eq!(project.guest("sudo -n -u dev id -un"), "dev");
    assert_eq!(
        project.guest("getent passwd dev | cut -d: -f7"),
        "/bin/bash"
    );
    assert_eq!(
        project.guest("touch ~/mine && stat -c %U ~/mine ~/.bashrc"),
        "dev\ndev"
    );
    assert_eq!(project.guest("echo $LANG"), "C.UTF-8");
    let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    assert_eq!(project.guest("echo $PATH"), path);
    assert_eq!(project.guest("bash -lc 'echo $PATH'"), path);

    project.run(&["stop"]).exits(0);
    project.up();
    assert_eq!(project.guest("stat -c %U ~/mine; sudo -n id -u"), "dev\n0");
    project.take_down();
}

#[test]
fn a_key_of_ones_own_opens_it_with_and_without_its_public_half() {
    let place = Place::new();
    for (name, with_public) in [("with", true), ("without", false)] {
        let key = place.path().join(format!("id_{name}"));
        let shown = key.display().to_string();
        engine::run(
            "ssh-keygen",
            &["-q", "-t", "ed25519", "-N", "", "-C", "mine", "-f", &shown],
        )
        .exits(0);
        if !with_public {
            fs::remove_file(key.with_extension("pub")).unwrap();
        }
        let project = place.project(name, &format!("SSH_USER=dev\nSSH_KEY={shown}\n"));
        project.up();
        assert_eq!(project.guest("id -un"), "dev");
        let folder = project.machine_folder();
        assert!(!folder.join("key").exists(), "no second key is made");
        let public = engine::run("ssh-keygen", &["-y", "-f", &shown])
            .exits(0)
            .word();
        let taken = project.guest("cat /etc/vagrantp/authorized_keys");
        let two = |text: &str| text.split(' ').take(2).collect::<Vec<_>>().join(" ");
        assert_eq!(two(&taken), two(&public));

        plain_ssh(&project, &place.path().join("config"), "id -un")
            .exits(0)
            .says("dev");
        project.take_down();
        assert!(key.exists(), "the user's key stays the user's");
    }
}

#[test]
fn the_host_key_is_ours_from_the_first_connection_and_a_swapped_one_is_refused() {
    let place = Place::new();
    let project = place.project("web", "");
    project.up();
    let folder = project.machine_folder();
    let known = fs::read_to_string(folder.join("known_hosts")).unwrap();
    let in_guest = project.guest("ssh-keygen -y -f /etc/vagrantp/host_key");
    let key: Vec<&str> = in_guest.split(' ').take(2).collect();
    assert_eq!(known, format!("{} {}\n", project.id(), key.join(" ")));
    let port = project.record()["access"]["port"].to_string();
    let scanned = engine::run("ssh-keyscan", &["-t", "ed25519", "-p", &port, "127.0.0.1"]);
    scanned.exits(0).says(key[1]);
    plain_ssh(&project, &place.path().join("config"), "true").exits(0);

    // Someone else answers: another key in the same place, and the warm connection is gone.
    project.guest(
        "rm /etc/vagrantp/host_key && ssh-keygen -q -t ed25519 -N '' -f /etc/vagrantp/host_key",
    );
    project.guest("kill -HUP 1");
    let config = folder.join("ssh_config").display().to_string();
    engine::run("ssh", &["-F", &config, "-O", "exit", &project.id()]).exits(0);
    until("the swapped key", || {
        let scanned = engine::run("ssh-keyscan", &["-t", "ed25519", "-p", &port, "127.0.0.1"]);
        let answers = scanned.out().contains("ssh-ed25519");
        (answers && !scanned.out().contains(key[1])).then_some(())
    });
    let refused = project.run(&["ssh", "-c", "touch /got-in"]).exits(1);
    refused
        .says("1401")
        .says(&project.id())
        .says("Host key verification failed");
    plain_ssh(&project, &place.path().join("config"), "true").exits(255);
    assert!(
        !engine::podman(&["exec", &project.id(), "ls", "/"])
            .out()
            .contains("got-in")
    );

    // Nothing stale: a new machine, a new key, the same name.
    project.take_down();
    project.up();
    let anew = fs::read_to_string(project.machine_folder().join("known_hosts")).unwrap();
    assert_eq!(anew.lines().count(), 1);
    assert_ne!(anew, known);
    assert_eq!(project.guest("echo in"), "in");
    project.take_down();
}

#[test]
fn commands_pass_through_whole() {
    let place = Place::new();
    let project = place.project("web", "");
    project.up();
    for status in [0, 1, 42, 127, 254] {
        project
            .run(&["ssh", "-c", &format!("exit {status}")])
            .exits(status);
    }
    project.run(&["ssh", "-c", "exit 255"]).exits(255);
    project.run(&["ssh", "--", "false"]).exits(1);
    let words = [
        "ssh", "--", "printf", "%s|", "a b", "$x", "it's", "*", "", "\\n", "ä",
    ];
    assert_eq!(project.run(&words).exits(0).out(), "a b|$x|it's|*||\\n|ä|");
    let said = project
        .run(&["ssh", "-c", "echo $((6 * 7)); echo oops >&2"])
        .exits(0);
    assert_eq!((said.out().as_str(), said.err.as_str()), ("42\n", "oops\n"));

    let bytes: Vec<u8> = (0..1_000_000_u32)
        .map(|number| ((number * 31) >> 3) as u8)
        .collect();
    let back = project.run_with(&["ssh", "-c", "cat"], &bytes).exits(0);
    assert!(back.bytes == bytes, "stdin comes out as it went in");
    let large = project
        .run(&["ssh", "-c", "head -c 20000000 /dev/zero"])
        .exits(0);
    assert_eq!(large.bytes.len(), 20_000_000);

    // From a folder of the project, and from elsewhere.
    let below = project.path().join("a/b");
    fs::create_dir_all(&below).unwrap();
    let mut command = project.command(&["ssh", "-c", "echo here"]);
    let output = command.current_dir(&below).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "here\n");
    let folder = project.path().display().to_string();
    let mut command = project.command(&["-C", &folder, "ssh", "-c", "echo there"]);
    let output = command.current_dir("/").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "there\n");
    project.take_down();
}

#[test]
fn the_warm_way_in_starts_ssh_and_nothing_else() {
    let place = Place::new();
    let project = place.project("web", "");
    project.up();
    let trace = place.path().join("trace");
    let mut command = engine::bare("strace");
    command.args(["-f", "-e", "trace=execve", "-o"]).arg(&trace);
    let inner = project.command(&["ssh", "-c", "true"]);
    command
        .current_dir(project.path())
        .arg(inner.get_program())
        .args(inner.get_args());
    for (name, value) in inner.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    let output = command.output().expect("strace is needed");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = fs::read_to_string(&trace).unwrap();
    let programs: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("execve(") && line.trim_end().ends_with("= 0"))
        .filter_map(|line| line.split('"').nth(1)?.rsplit('/').next())
        .collect();
    // The second is vagrantp, however its copy is called.
    assert!(
        matches!(programs[..], ["timeout", _, "ssh"]),
        "{programs:?}\n{text}"
    );
    project.take_down();
}

#[test]
fn a_folder_below_home_is_not_needed() {
    // The user's own ssh configuration has no say: it would send the session elsewhere.
    let place = Place::new();
    let ssh = place.path().join("home/.ssh");
    fs::create_dir_all(&ssh).unwrap();
    fs::write(
        ssh.join("config"),
        "Host *\n  ProxyCommand false\n  User nobody\n",
    )
    .unwrap();
    let project = place.project("web", "");
    project.up();
    assert_eq!(project.guest("id -u"), "0");
    assert!(!ssh.join("known_hosts").exists());
    let user = engine::inspect(&project.id(), "{{.Config.User}}");
    assert!(is_root() || user.is_empty() || user == "0", "{user}");
    project.take_down();
}
