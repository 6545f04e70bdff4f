//! What no user means, and some do: every verb meets it with a clear answer and loses nothing.
//!
//! No crash, no hang, bounded memory, no byte that a terminal would obey, an exit status of the
//! book, one document under `--json`, and nothing started where the answer is no.

#[path = "support/sarif.rs"]
mod sarif;
#[path = "support/world.rs"]
mod world;

use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::{Duration, Instant};
use world::World;

/// No verb takes longer over a small file, however busy the machine.
const CEILING: Duration = Duration::from_secs(10);

/// In KiB of address space: much more than is needed, much less than a file that never ends.
const MEMORY: &str = "ulimit -v 1500000; exec vagrantp \"$@\"";

const VERBS: &[&[&str]] = &[
    &["check"],
    &["check", "--format", "short"],
    &["check", "--json"],
    &["check", "--format", "sarif"],
    &["check", "--format", "github"],
    &["config", "--json"],
    &["config", "--format", "kdl"],
    &["config", "--format", "env", "--json"],
    &["convert", "--stdout"],
    &["render"],
    &["render", "--json"],
    &["plan", "-v"],
    &["up"],
    &["status"],
    &["status", "--json"],
    &["ssh-config"],
    &["ssh", "--", "true"],
    &["stop"],
    &["rm", "-f", "--json"],
];

/// Those that say all where nothing comes up.
const FEW: &[&[&str]] = &[
    &["check"],
    &["check", "--format", "short"],
    &["check", "--json"],
    &["check", "--format", "sarif"],
    &["check", "--format", "github"],
    &["plan", "-v"],
    &["up"],
    &["rm", "-f", "--json"],
];

/// Runs all verbs; the statuses of `check` and `up`.
fn meet(name: &str, world: &World) -> (i32, i32) {
    run(name, world, VERBS)
}

fn run(name: &str, world: &World, verbs: &[&[&str]]) -> (i32, i32) {
    let (mut check, mut up) = (0, 0);
    for verb in verbs {
        let began = Instant::now();
        let words = [&["sh", "-c", MEMORY, "sh"], *verb].concat();
        let (said, complained) = world.run_apart(&words, &[]);
        let text = format!("{}{}", said.text(), String::from_utf8_lossy(&complained));
        let told = || {
            format!(
                "{name}: vagrantp {}: exit {}\n{text}",
                verb.join(" "),
                said.status
            )
        };
        assert!(began.elapsed() < CEILING, "too long: {}", told());
        for bytes in [&said.bytes, &complained] {
            let odd = bytes
                .iter()
                .find(|byte| **byte < 0x20 && !matches!(byte, b'\n' | b'\t'));
            assert_eq!(odd, None, "a control character: {:?}", told());
            assert!(std::str::from_utf8(bytes).is_ok(), "no UTF-8: {}", told());
        }
        assert!(
            !text.contains("panicked") && !text.contains("RUST_BACKTRACE"),
            "{}",
            told()
        );
        let acts = !matches!(verb[0], "check" | "config" | "render" | "convert");
        let known = if acts { 0..=6 } else { 0..=2 };
        assert!(
            known.contains(&said.status),
            "no status of ours: {}",
            told()
        );
        if said.status != 0 {
            assert!(text.contains("error"), "no word of why: {}", told());
        }
        if verb.contains(&"--json") {
            let document: Result<serde_json::Value, _> = serde_json::from_slice(&said.bytes);
            assert!(document.is_ok(), "not one document: {}", told());
        }
        if verb.contains(&"sarif") {
            let log: serde_json::Value = serde_json::from_slice(&said.bytes).unwrap_or_default();
            assert_eq!(sarif::flaw(&log), Ok(()), "{}", told());
        }
        if verb.contains(&"github") {
            let command =
                |line: &str| line.starts_with("::error ") || line.starts_with("::warning ");
            assert!(said.text().lines().all(command), "no command: {}", told());
        }
        match *verb {
            ["check"] => check = said.status,
            ["up"] => {
                up = said.status;
                let made = fs::read_dir(world.root().join(".engine")).map_or(0, Iterator::count);
                assert_eq!(made, usize::from(up == 0), "what was started? {}", told());
            }
            _ => {}
        }
    }
    let left = fs::read_dir(world.root().join(".engine")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "{name}: rm left something");
    (check, up)
}

fn shop(content: &[u8]) -> World {
    let world = World::new(Path::new("shop"));
    fs::write(world.project.join(".env"), content).expect("a .env");
    world
}

const GOOD: &str = "INFRA_TYPE=container\nIMAGE=redis:7\n";

#[test]
fn lines_that_are_not_ours_do_no_harm() {
    let lines = [
        "# don't panic, it's a comment",
        "APP_NAME=My App",
        "PASSWORD=pa$$word",
        "PASSWORD='pa$$word'",
        "GREETING=\"say \\\"hi\\\"\"",
        "POEM=\"roses\nviolets\"",
        "QUERY=a&b=c;d|e>f",
        "KEY=-----BEGIN\\nEND",
        "JSON={\"a\": [1, 2]}",
        "URL=http://u:p@h/#x",
        "export DEBUG=1",
        "A=1\nA=2",
        // A comment, so nothing.
        "INFRA_ID=#{}",
        "\u{1b}[31m=1",
        "=",
        "PROMPT=\"\\u001b[31m\"",
    ];
    for line in lines {
        for text in [format!("{GOOD}{line}\n"), format!("{line}\n{GOOD}")] {
            let (_, up) = run(line, &shop(text.as_bytes()), FEW);
            assert_eq!(up, 0, "{text}");
        }
    }
}

#[test]
fn line_ends_and_marks_do_no_harm() {
    let crlf = GOOD.replace('\n', "\r\n");
    for text in [
        crlf.clone(),
        format!("\u{feff}{GOOD}"),
        format!("\u{feff}{crlf}"),
    ] {
        assert_eq!(meet(&text, &shop(text.as_bytes())), (0, 0), "{text:?}");
    }
}

#[test]
fn values_that_would_be_more_than_a_value_are_errors() {
    let lines = [
        "IMAGE=--privileged",
        "IMAGE='redis:7; rm -rf /'",
        "IMAGE=\"redis:7\\nevil\"",
        "IMAGE=\"red\x1b]0;is\x07:7\"",
        "INFRA_ID='#{`id`}'",
        "INFRA_ID=--privileged",
        "INFRA_ID=\"a\\nb\"",
        "INFRA_ID='\u{202e}pohs'",
        "SSH_USER=--privileged",
        "SSH_USER='a;b'",
        "SSH_USER=\"a\nb\"",
        "MEMORY=\"1G\x1b[2J\"",
        "PORTS='8080:80 --privileged'",
        "PORTS=\"18431:80\x08\x08\"",
        "SYNC='.:/w:ro,dst=/etc'",
        "SYNC=/proc/nothing:/w",
        "CPUS=99999999999999999999999",
        "MEMORY=99999999999999999999999T",
        "IP_ADDRESS=10.1.2.3;reboot",
        "NETWORK_MODE=host",
        "INIT='systemd --privileged'",
        "INFRA_TYPE=container --privileged",
        "INFRA_TYPE=",
        "SSH_KEY=/dev/zero",
        "SSH_KEY=.",
        "PROVISIONING_PLAYBOOK=/dev/zero",
        "PROVISIONING_PLAYBOOK=../../../../etc/shadow",
        "IMAGE",
        "IMAGE=\"redis:7",
    ];
    for line in lines {
        let world = shop(format!("{GOOD}{line}\n").as_bytes());
        let (check, up) = run(line, &world, FEW);
        assert!(check == 2 || up == 2, "{line}: check {check}, up {up}");
    }
}

#[test]
fn bytes_that_are_no_text_are_errors() {
    let utf_16: Vec<u8> = GOOD.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = GOOD.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let noise: Vec<u8> = (0..4096u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let cases: [(&str, Vec<u8>); 8] = [
        ("UTF-16 with a mark", [b"\xff\xfe", &utf_16[..]].concat()),
        ("UTF-16, the other end", [b"\xfe\xff", &big[..]].concat()),
        ("UTF-16 without a mark", utf_16),
        ("Latin 1", [GOOD.as_bytes(), b"NAME=M\xfcller\n"].concat()),
        ("noise", noise.clone()),
        ("noise of ours", [GOOD.as_bytes(), &noise].concat()),
        ("NUL", [GOOD.as_bytes(), b"A=\0\n"].concat()),
        ("nothing", Vec::new()),
    ];
    for (name, bytes) in cases {
        assert_eq!(meet(name, &shop(&bytes)), (2, 2), "{name}");
    }
}

#[test]
fn files_without_end_are_errors() {
    let world = shop(b"");
    let file = File::create(world.project.join(".env")).expect("a .env");
    file.set_len(100 << 20).expect("100 MB");
    assert_eq!(meet("100 MB of nothing", &world), (2, 2));
    let world = shop(&[GOOD.as_bytes(), &b"A=1\n".repeat(25 << 18)].concat());
    meet("many lines", &world);
    let world = shop(format!("{GOOD}A={}\n", "x".repeat(900_000)).as_bytes());
    meet("a long line", &world);
}

#[test]
fn values_that_grow_stay_bounded() {
    let mut text = "A0=xxxxxxxxxxxxxxxx\n".to_owned();
    for level in 1..40 {
        let below = format!("${{A{}}}", level - 1);
        text.push_str(&format!("A{level}={}\n", below.repeat(10)));
    }
    text.push_str(&format!("INFRA_ID=${{A39}}\n{GOOD}"));
    meet(
        "a value ten times its own, forty times",
        &shop(text.as_bytes()),
    );
    let round = format!("A=${{B}}\nB=${{A}}\nINFRA_ID=${{A}}\n{GOOD}");
    meet("values that need each other", &shop(round.as_bytes()));
}

#[test]
fn what_is_no_file_is_an_error() {
    type Make = fn(&Path);
    let cases: [(&str, Make); 7] = [
        ("nothing", |_| ()),
        ("a folder", |path| fs::create_dir(path).expect("a folder")),
        ("a FIFO", |path| {
            let name = std::process::Command::new("mkfifo").arg(path).status();
            assert!(name.expect("mkfifo").success());
        }),
        ("a loop", |path| symlink(".env", path).expect("a link")),
        ("a link to nothing", |path| {
            symlink("nothing", path).expect("a link")
        }),
        ("/dev/zero", |path| {
            symlink("/dev/zero", path).expect("a link")
        }),
        ("/dev/tty", |path| {
            symlink("/dev/tty", path).expect("a link")
        }),
    ];
    for (name, make) in cases {
        let world = World::new(Path::new("shop"));
        make(&world.project.join(".env"));
        assert_eq!(meet(name, &world), (2, 2), "{name}");
    }
}

#[test]
fn a_file_that_may_not_be_read_is_an_error() {
    let world = shop(GOOD.as_bytes());
    let program = world.root().join("bin/vagrantp");
    fs::remove_file(&program).expect("a link");
    // Where others may start it.
    fs::copy(env!("CARGO_BIN_EXE_vagrantp"), &program).expect("the program");
    fs::set_permissions(world.root(), Permissions::from_mode(0o755)).expect("ours");
    fs::set_permissions(world.project.join(".env"), Permissions::from_mode(0o000)).expect("ours");
    // Root may read everything.
    let someone = if rustix::process::geteuid().is_root() {
        "setpriv --reuid 65534 --regid 65534 --clear-groups "
    } else {
        ""
    };
    for verb in ["check", "up", "plan", "status"] {
        let said = world.type_in(&format!("{someone}vagrantp {verb}"));
        let text = said.text();
        assert_eq!(said.status, 2, "{verb}: {text}");
        assert!(
            text.contains(".env cannot be read: permission denied"),
            "{verb}: {text}"
        );
        assert!(text.contains("ls -l .env"), "{verb}: {text}");
    }
}

#[test]
fn folders_that_are_no_host_names_do_no_harm() {
    let long = "x".repeat(255);
    let names: [&[u8]; 20] = [
        "🦀".as_bytes(),
        "日本語".as_bytes(),
        b"-x",
        b"--privileged",
        b"a b",
        b"...",
        b"%s%n",
        b"$(reboot)",
        b"`id`",
        b"a,b:c\"d'e;f",
        b"#{x}",
        b"{{ x }}",
        b"a\\b",
        b"a\nb",
        b"a\x1b[31mb",
        b"a\tb",
        b"\xff\xfe",
        b"\xe2\x80\xaepohs",
        b"ALL CAPS",
        long.as_bytes(),
    ];
    for name in names {
        let shown = String::from_utf8_lossy(name);
        for (more, verbs) in [("", FEW), ("INFRA_ID=named\nSYNC=.\n", VERBS)] {
            let world = World::new(Path::new(OsStr::from_bytes(name)));
            fs::write(world.project.join(".env"), format!("{GOOD}{more}")).expect("a .env");
            let (check, up) = run(&format!("{shown:?} {more}"), &world, verbs);
            assert!(
                up == 0 || check == 2,
                "{shown:?} {more}: check {check}, up {up}"
            );
        }
    }
}
