//! What `config --format kdl` prints comes to what `config` shows, whatever layers it came of.

#[path = "support/cases.rs"]
mod cases;
#[path = "support/meaning.rs"]
mod meaning;
#[path = "support/values.rs"]
mod values;

use cases::cases;
use meaning::compiled;
use proptest::prelude::*;
use std::fmt::Write;
use vagrantp::model::in_kdl::in_kdl;
use vagrantp::syntax::kdl::format::format;
use values::values;

/// Settings that any block may have, one a line.
const ANY: &[&str] = &[
    "memory \"2G\"",
    "memory \"{{ env.MEM }}\"",
    "cpus 3",
    "disk-size \"30G\"",
    "init sshd",
    "restart always",
    "autostart off",
    "autostart on",
    "hostname \"{{ machine.name }}\"",
    "boot-timeout \"2m\"",
    "stop-timeout \"{{ index }}s\"",
    "tags frontend shop",
    "packages git \"{{ env.WHO }}\"",
    "packages",
    "ssh user=\"{{ env.WHO }}\"",
    "ssh key=\"/keys/{{ machine.name }}\"",
    "env A=\"x y\" B=\"{% raw %}{{ b }}{% endraw %}\"",
    "env A=\"{{ env.SECRET }}/{{ machine.name }}/{{ count }}\"",
    "secret TOKEN\n    secret OTHER from=SECRET\n    secret KEY file=\"token\"",
    "volume data to=\"/data\"\n    volume more to=\"/more\" { read-only; }",
    "sync \".\" to=\"/w\" { mask \".env\" \"target\"; read-only; }",
    "sync \"./src:/src:ro\"",
    "sync",
    "ready port=80",
    "ready command=\"curl {{ env.SECRET }} {{ machine.name }}\"",
    "ready command=\"test -f '/a b'\" within=\"5s\"",
    "command sh \"-c\" \"echo \\\"{{ index }}\\\"\"",
    "engine-args podman \"--device=/dev/fuse\" \"{{ env.WHO }}\"",
    "ports \"auto:{{ 80 + index }}\" \"auto:{{ env.PORT }}\"",
    "ports",
    "network backend\n    network default",
    "provision \"a.yml\" { vars-file \"v.yml\"; vars n=1 f=1.5 b=#true t=\"1\" e=\"{{ env.SECRET }}\"; secret p from=SECRET; only-tags web; dry-run; }",
    "provision",
    "provider libvirt",
];

const OF_A_MACHINE: &[&str] = &[
    "count 2",
    "depends-on last",
    "id own",
    "vm \"debian/bookworm64\"\n    provider libvirt",
];

#[derive(Debug, Clone)]
struct Block {
    lines: Vec<&'static str>,
    used: bool,
}

fn block() -> impl Strategy<Value = Block> {
    let lines = prop::sample::subsequence(ANY, 0..8);
    (lines, any::<bool>()).prop_map(|(lines, used)| Block { lines, used })
}

fn project() -> impl Strategy<Value = String> {
    let machines = prop::collection::vec(
        (block(), prop::sample::subsequence(OF_A_MACHINE, 0..2)),
        1..4,
    );
    let profile = prop::option::of((
        block(),
        prop::sample::select(&["only a last;", "only \"*\";", ""][..]),
    ));
    (any::<bool>(), block(), block(), machines, profile).prop_map(|(named, defaults, template, machines, profile)| {
        let mut text = String::new();
        let default = if profile.is_some() { " { default-profile p; }" } else { "" };
        if named {
            let _ = writeln!(text, "project shop{default}");
        } else if profile.is_some() {
            let _ = writeln!(text, "project{default}");
        }
        let _ = writeln!(text, "network backend {{ internal; }}");
        write(&mut text, "defaults", &defaults.lines, "");
        let param = "param port 8080\n    param word \"x\"\n    env PORT=\"{{ param.port }}\" BOTH=\"{{ env.WHO ~ param.word ~ index }}\"";
        write(&mut text, "template t", &template.lines, param);
        let mut id = false;
        for (at, (block, own)) in machines.iter().enumerate() {
            let mut more = String::from(if own.iter().any(|line| line.starts_with("vm")) { "" } else { "container" });
            if block.used {
                let _ = write!(more, "\n    use t port={}", 9000 + at);
            }
            for line in own.iter().filter(|line| !line.starts_with("id") || !std::mem::replace(&mut id, true)) {
                let _ = write!(more, "\n    {line}");
            }
            let name = [&"a", &"b", &"c"][at];
            write(&mut text, &format!("machine {name}"), &block.lines, &more);
        }
        let _ = writeln!(text, "machine last {{ container \"redis:7\"; }}");
        if let Some((block, only)) = profile {
            let _ = writeln!(text, "profile p {{\n    {only}");
            write(&mut text, "machine \"*\"", &block.lines, "");
            let _ = writeln!(text, "}}");
        }
        text + "task test in=last {\n    run \"echo {{ 1 }}\" \n}\n"
    })
}

/// One of the lines of a setting that may stand once: the first.
fn write(text: &mut String, head: &str, lines: &[&str], more: &str) {
    let _ = writeln!(text, "{head} {{\n    {more}");
    let mut seen = Vec::new();
    for line in lines {
        let word = line.split(' ').next().unwrap_or_default();
        if !seen.contains(&word) {
            let _ = writeln!(text, "    {line}");
        }
        seen.push(word);
    }
    let _ = writeln!(text, "}}");
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn what_is_printed_means_the_same(text in project()) {
        let folder = tempfile::Builder::new().prefix("shop").tempdir().expect("a folder");
        for (name, content) in [("a.yml", "- hosts: all\n"), ("v.yml", "a: 1\n"), ("src/x", ""), ("token", "x")] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, content).expect("a file");
        }
        let before = compiled(folder.path(), "vagrantp.kdl", &text);
        if before.has_errors() {
            return Err(TestCaseError::reject("a configuration with errors"));
        }
        let mut meant = before.project.expect("it compiled");
        for shown in [false, true] {
            if shown {
                let all = meant.machines.iter_mut().chain(&mut meant.left_out);
                all.for_each(|machine| machine.unexpanded.clear());
            }
            let printed = in_kdl(&meant);
            let after = compiled(folder.path(), "vagrantp.kdl", &printed);
            prop_assert!(!after.has_errors(), "{:?}\n{printed}", after.findings);
            let found = after.project.expect("it compiled");
            let mut expected = values(&meant, shown);
            let mut came = values(&found, shown);
            // What a profile leaves out stands too where others depend on it.
            came.retain(|value| meant.machines.iter().any(|machine| value.starts_with(&format!("{} ", machine.key))));
            expected.sort();
            came.sort();
            prop_assert_eq!(came, expected, "{}", printed);
            prop_assert_eq!(in_kdl(&found), printed.clone());
            prop_assert_eq!(format(&printed), Some(printed));
        }
    }
}
