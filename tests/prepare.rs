//! `up --setup`: what is missing on which distribution, what mends a probe, and what is refused.

use std::process::{Command, Stdio};
use vagrantp::call::{Call, End, Outcome};
use vagrantp::engine::failure;
use vagrantp::engine::rootless::{has_range, next_free};
use vagrantp::engine::setup::{
    ANSIBLE, DROP_IN_TEXT, Manager, drop_in_by_hand, drop_in_mends, too_old,
};
use vagrantp::model::host::Distribution;
use vagrantp::value::Provider;

fn distribution(id: &str, like: &[&str]) -> Distribution {
    Distribution {
        id: id.into(),
        like: like.iter().map(ToString::to_string).collect(),
        ..Distribution::default()
    }
}

fn outcome(status: i32, stdout: &str, stderr: &str) -> Outcome {
    Outcome {
        line: "podman".into(),
        end: End::Exit(status),
        stdout: stdout.into(),
        stderr: stderr.into(),
        took: std::time::Duration::ZERO,
    }
}

#[test]
fn a_descendant_is_set_up_as_what_it_descends_from() {
    let of = |id: &str, like: &[&str]| Manager::of(&distribution(id, like));
    assert_eq!(of("debian", &[]), Some(Manager::Apt));
    assert_eq!(of("linuxmint", &["ubuntu", "debian"]), Some(Manager::Apt));
    assert_eq!(
        of("rocky", &["rhel", "centos", "fedora"]),
        Some(Manager::Dnf)
    );
    assert_eq!(
        of("opensuse-leap", &["suse", "opensuse"]),
        Some(Manager::Zypper)
    );
    assert_eq!(of("alpine", &[]), Some(Manager::Apk));
    assert_eq!(of("manjaro", &["arch"]), Some(Manager::Pacman));
    assert_eq!(of("nixos", &[]), None);
}

/// A release of Debian's, or one of a distribution that is made from it.
fn release(codename: &str) -> Distribution {
    Distribution {
        codename: codename.into(),
        ..distribution("debian", &[])
    }
}

/// All that a provider needs where the tests run.
fn packages(manager: Manager, provider: Provider) -> Vec<&'static str> {
    manager.packages(provider, &release("bookworm"))
}

#[test]
fn what_shares_folders_is_a_package_of_its_own_where_qemu_does_not_bring_it() {
    let has = |manager: Manager, codename, provider| {
        let packages = manager.packages(provider, &release(codename));
        packages.contains(&"virtiofsd")
    };
    for codename in ["trixie", "forky", "noble"] {
        assert!(has(Manager::Apt, codename, Provider::Libvirt), "{codename}");
        assert!(!has(Manager::Apt, codename, Provider::Podman));
    }
    for codename in ["bookworm", "jammy"] {
        assert!(
            !has(Manager::Apt, codename, Provider::Libvirt),
            "{codename}"
        );
    }
    assert!(has(Manager::Dnf, "", Provider::Libvirt));
}

/// What is missing of all that the engine needs.
fn missing(manager: Manager, said: &Outcome) -> Vec<&'static str> {
    manager.missing(&packages(manager, Provider::Podman), said)
}

#[test]
fn only_what_is_missing_is_installed() {
    let packages = packages(Manager::Apt, Provider::Podman);
    let answer = packages
        .iter()
        .filter(|name| !["runc", "uidmap"].contains(name))
        .fold("uidmap=config-files\n".to_owned(), |text, name| {
            text + name + "=installed\n"
        });
    let wanted = [&packages[..], &[ANSIBLE]].concat();
    let said = outcome(1, &answer, "no packages found matching runc");
    let missing = Manager::Apt.missing(&wanted, &said);
    assert_eq!(missing, ["runc", "uidmap", "ansible-core"]);
    let lines: Vec<String> = Manager::Apt
        .install(&missing)
        .iter()
        .map(Call::to_string)
        .collect();
    assert_eq!(
        lines,
        [
            "DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 update",
            "DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install --yes \
             --no-install-recommends runc uidmap ansible-core",
        ]
    );
}

#[test]
fn each_package_managers_answer_is_read() {
    let said = outcome(1, "podman-5.0\nno package provides runc\n", "");
    assert_eq!(missing(Manager::Dnf, &said), ["runc"]);
    let said = outcome(127, "crun\n", "");
    assert_eq!(missing(Manager::Pacman, &said), ["crun"]);
    let all_but_podman = packages(Manager::Apk, Provider::Podman)[1..].join("\n");
    let said = outcome(1, &all_but_podman, "");
    assert_eq!(missing(Manager::Apk, &said), ["podman"]);
}

#[test]
fn every_provider_has_its_packages_and_every_program_its_package() {
    let managers = [
        Manager::Apt,
        Manager::Dnf,
        Manager::Apk,
        Manager::Zypper,
        Manager::Pacman,
    ];
    for manager in managers {
        let of = |provider| packages(manager, provider);
        assert!(of(Provider::Podman).contains(&"podman"));
        for provider in [Provider::Libvirt, Provider::Virtualbox] {
            assert!(of(provider).contains(&"vagrant"));
            assert!(of(provider).contains(&manager.package("ssh")));
        }
        assert!(of(Provider::Libvirt).contains(&manager.package("virsh")));
    }
    assert_eq!(Manager::Apt.by_hand("virsh"), "apt install libvirt-clients");
    // What the tests are set up with is what `--setup` installs.
    let setup = include_str!("setup");
    for package in packages(Manager::Apt, Provider::Libvirt) {
        assert!(
            setup.contains(&format!("{package} ")) || setup.contains(&format!("{package}\n")),
            "{package}"
        );
    }
}

/// A host as root's, whose programs are scripts; what was asked of them.
fn set_up(programs: &[(&str, &str)]) -> (String, String) {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = "INFRA_TYPE=vm\nPROVIDER=libvirt\n";
    std::fs::write(folder.path().join(".env"), text).expect("it is written");
    for (name, text) in programs {
        let path = folder.path().join(name);
        let text = format!("#!/bin/sh\necho {name} \"$@\" >>calls\n{text}\n");
        std::fs::write(&path, text).expect("it is written");
        let runs = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&path, runs).expect("it is our own");
    }
    let output = Command::new(env!("CARGO_BIN_EXE_vagrantp"))
        .args(["up", "--setup", "-y"])
        .current_dir(folder.path())
        .env("XDG_STATE_HOME", folder.path().join("state"))
        .env("XDG_CACHE_HOME", folder.path().join("cache"))
        .env("PATH", format!("{}:/bin", folder.path().display()))
        .stdin(Stdio::null())
        .output()
        .expect("it runs");
    let calls = std::fs::read_to_string(folder.path().join("calls")).unwrap_or_default();
    (String::from_utf8_lossy(&output.stderr).into_owned(), calls)
}

#[test]
fn libvirt_gets_its_daemon_and_its_pool() {
    let virsh = r#"
if ! [ -e running ]; then
    echo "error: failed to connect to the hypervisor" >&2
    echo "error: Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory" >&2
    exit 1
fi
case "$*" in
*pool-info*)
    [ -e pool ] && { echo 'State:          running'; exit; }
    echo "error: failed to get pool 'default'" >&2
    echo "error: Storage pool not found: no storage pool with matching name 'default'" >&2
    exit 1 ;;
*pool-start*) >pool ;;
*pool-*) ;;
*) # That is all: nothing is to be made.
    echo "error: failed to connect to the hypervisor" >&2
    exit 1 ;;
esac"#;
    let begin = ">running";
    let installed = "for name; do echo \"$name=installed\"; done";
    let (said, calls) = set_up(&[
        ("dpkg-query", installed),
        ("virsh", virsh),
        ("virtlogd", ""),
        ("libvirtd", begin),
        ("systemctl", begin),
    ]);
    let said_so = |text: &str| assert!(said.contains(text), "{text}: {said}\n{calls}");
    said_so("setup: every package is installed");
    if !rustix::process::geteuid().is_root() {
        said_so("Provider 'libvirt' is not installed or not configured: this needs root");
        said_so("    sudo ");
        return;
    }
    said_so("setup: the libvirt daemon does not run; this starts it:");
    said_so("setup: libvirt has no pool for disks; this makes it:");
    let words = [
        "pool-define-as default dir",
        "pool-build",
        "pool-autostart",
        "pool-start",
    ];
    let mut rest = &*calls;
    for word in words {
        let (_, after) = rest
            .split_once(word)
            .unwrap_or_else(|| panic!("{word}: {calls}"));
        rest = after;
    }
}

#[test]
fn the_drop_in_is_for_what_it_mends() {
    let mends = |stderr: &str| drop_in_mends(&outcome(126, "", stderr));
    assert!(mends(
        "Error: OCI runtime error: crun: cgroups in hybrid mode not supported, drop all controllers from cgroupv2"
    ));
    assert!(mends(
        "Error: crun: setrlimit `RLIMIT_NOFILE`: Operation not permitted: OCI permission denied"
    ));
    assert!(mends(
        "Error: runc: runc create failed: unable to start container process: error during container init: error setting rlimits for ready process: error setting rlimit type 7: operation not permitted: OCI permission denied"
    ));
    assert!(!mends(
        "Error: netavark: No such file or directory (os error 2)"
    ));
}

#[test]
fn subordinate_ids_are_found_and_given_out_anew() {
    let text = "# comment\nann:100000:65536\nbob:165536:1000\n1005:300000:65536\nbroken:x\n";
    assert!(has_range(text, "ann", 1000));
    assert!(!has_range(text, "bob", 1001), "a range too small");
    assert!(has_range(text, "eve", 1005), "by number");
    assert!(!has_range(text, "an", 1000));
    assert_eq!(next_free(text), 365_536);
    assert_eq!(next_free(""), 100_000);
}

#[test]
fn an_old_podman_is_told_by_its_version() {
    let old = |text: &str| too_old(&outcome(0, text, ""));
    assert_eq!(old("podman version 3.4.4\n").as_deref(), Some("3.4.4"));
    assert_eq!(old("podman version 4.3.1\n"), None);
    assert_eq!(old("podman version 5.0.0-dev\n"), None);
    assert_eq!(old("garbage"), None);
    let unknown = failure::read(&outcome(125, "", "Error: unknown flag: --isolate"));
    assert_eq!(unknown.rule.number, 5002);
}

#[test]
fn without_a_terminal_a_yes_must_be_said_before() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join(".env"), "INFRA_TYPE=container\n").expect("it is written");
    let output = Command::new(env!("CARGO_BIN_EXE_vagrantp"))
        .args(["up", "--setup"])
        .current_dir(folder.path())
        .env("XDG_STATE_HOME", folder.path().join("state"))
        // Nothing may be called.
        .env("PATH", "/nowhere")
        .stdin(Stdio::null())
        .output()
        .expect("it runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("without a terminal it"), "{stderr}");
    assert!(stderr.contains("vagrantp up --setup -y"), "{stderr}");
}

#[test]
fn a_missing_engine_is_named_with_this_distributions_command() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(
        folder.path().join(".env"),
        "INFRA_TYPE=container\nMEMROY=1G\n",
    )
    .expect("it is written");
    for verb in ["up", "plan"] {
        let output = Command::new(env!("CARGO_BIN_EXE_vagrantp"))
            .arg(verb)
            .current_dir(folder.path())
            .env("XDG_STATE_HOME", folder.path().join("state"))
            .env("PATH", "/nowhere")
            .stdin(Stdio::null())
            .output()
            .expect("it runs");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(5), "{verb}: {stderr}");
        let sentence = "error[5001]: Provider 'podman' is not installed or not configured\n";
        assert!(stderr.contains(sentence), "{verb}: {stderr}");
        assert!(stderr.contains("vagrantp up --setup"), "{verb}: {stderr}");
        assert_eq!(
            stderr.matches("warning[2301]").count(),
            1,
            "{verb}: {stderr}"
        );
    }
}

#[test]
fn the_drop_in_by_hand_writes_the_same() {
    let lines = drop_in_by_hand("");
    let (print, _) = lines[1].split_once(" | ").expect("it is piped");
    let output = Command::new("sh").args(["-c", print]).output();
    let output = output.expect("there is a shell");
    assert_eq!(String::from_utf8_lossy(&output.stdout), DROP_IN_TEXT);
    let setup = include_str!("setup").replace("\t\t", "");
    assert!(setup.contains(DROP_IN_TEXT), "tests/setup writes the same");
}

#[test]
fn an_old_podman_is_asked_for_its_version_when_it_knows_not_what_it_was_asked() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join(".env"), "INFRA_TYPE=container\n").expect("it is written");
    let podman = folder.path().join("podman");
    let script = "#!/bin/sh\n\
        [ \"$1\" = --version ] && { echo 'podman version 3.4.4'; exit 0; }\n\
        echo 'Error: unknown flag: --no-trunc' >&2; exit 125\n";
    std::fs::write(&podman, script).expect("it is written");
    let runs = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&podman, runs).expect("it is our own");
    let output = Command::new(env!("CARGO_BIN_EXE_vagrantp"))
        .arg("plan")
        .current_dir(folder.path())
        .env("XDG_STATE_HOME", folder.path().join("state"))
        .env("PATH", folder.path())
        .stdin(Stdio::null())
        .output()
        .expect("it runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(5), "{stderr}");
    let sentence = "error[5002]: The provider is too old: podman 3.4.4, 4.3 is needed\n";
    assert!(stderr.contains(sentence), "{stderr}");
    assert!(stderr.contains("unknown flag: --no-trunc"), "{stderr}");
}
