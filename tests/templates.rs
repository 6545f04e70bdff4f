//! What a template may see is a contract, and no value is more than one word of what it lands in.

#[path = "support/cases.rs"]
mod cases;

use cases::cases;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::path::Path;
use vagrantp::render::context::{PodmanRun, SshConfig};
use vagrantp::render::{podman_run, ssh_config};

const RUN: &str = "engines/podman/run.json.tera";
const SSH: &str = "engines/ssh_config.tera";

fn stdlib(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("stdlib-templates");
    std::fs::read_to_string(path.join(name)).expect("a template of ours")
}

fn run_of(word: &str) -> PodmanRun {
    let list = |prefix: &str| vec![format!("{prefix}{word}"), word.to_owned()];
    PodmanRun {
        id: word.into(),
        hostname: format!("h{word}"),
        labels: list("label="),
        memory: word.into(),
        cpus: word.into(),
        networks: list("net:"),
        ports: list("1:"),
        mounts: list("type=bind,"),
        options: list("--x="),
        environment: list("A="),
        secrets: list("name,type=env,target="),
        engine_args: list("--device="),
        image: word.into(),
        command: list(""),
    }
}

fn ssh_of(word: &str) -> SshConfig {
    SshConfig {
        id: "shop".into(),
        address: "127.0.0.1".into(),
        port: Some(2222),
        exec: Some(format!("shop-{word}")),
        user: word.into(),
        key: format!("/keys/{word}"),
        known_hosts: word.into(),
        control: word.into(),
        environment: vec![format!("A={word}")],
    }
}

/// The arguments that the context asks for, in the template's order.
fn expected(run: &PodmanRun) -> Vec<String> {
    let mut words: Vec<String> = ["run", "--detach", "--pull=never"].map(String::from).into();
    let mut option = |name: &str, value: &str| words.extend([name.to_owned(), value.to_owned()]);
    option("--name", &run.id);
    option("--hostname", &run.hostname);
    run.labels.iter().for_each(|label| option("--label", label));
    option("--memory", &run.memory);
    option("--cpus", &run.cpus);
    option("--log-driver", "k8s-file");
    option("--log-opt", "max-size=10mb");
    words.push("--no-healthcheck".into());
    let lists = [
        ("--network", &run.networks),
        ("--publish", &run.ports),
        ("--mount", &run.mounts),
        ("", &run.options),
        ("--env", &run.environment),
        ("--secret", &run.secrets),
        ("", &run.engine_args),
    ];
    for (name, values) in lists {
        for value in values {
            words.extend((!name.is_empty()).then(|| name.to_owned()));
            words.push(value.clone());
        }
    }
    words.push(run.image.clone());
    words.extend(run.command.iter().cloned());
    words
}

/// Names that a template asks its context for: what stands in `{{ }}` and after `in` and `if`, loop variables aside.
fn asked(template: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut own = BTreeSet::new();
    let tags = template.replace("{{", "{%");
    for tag in tags.split("{%").skip(1) {
        let tag = tag.split('}').next().unwrap_or_default();
        let words: Vec<&str> = tag
            .split(|c: char| !(c.is_alphanumeric() || "_|".contains(c)))
            .filter(|word| !word.is_empty())
            .collect();
        match words[..] {
            ["for", name, "in", list] => {
                own.insert(name.to_owned());
                names.insert(list.to_owned());
            }
            ["if", name] | [name, "|", _] => {
                names.insert(name.to_owned());
            }
            ["endfor" | "endif"] => {}
            [name] => {
                names.insert(name.to_owned());
            }
            _ => panic!("this test does not understand {tag}"),
        }
    }
    &names - &own
}

fn fields(context: impl serde::Serialize) -> BTreeSet<String> {
    let value = serde_json::to_value(context).expect("plain data");
    let names = value.as_object().expect("a struct").keys();
    names.cloned().collect()
}

#[test]
fn every_name_that_a_template_uses_is_in_the_contract() {
    assert_eq!(asked(&stdlib(RUN)), fields(run_of("x")));
    assert_eq!(asked(&stdlib(SSH)), fields(ssh_of("x")));
}

/// Authors of overriding templates rely on these: one may come, none may go.
#[test]
fn the_contract_holds() {
    let names = |names: &str| names.split(' ').map(String::from).collect::<BTreeSet<_>>();
    let run = names("id labels memory cpus networks ports mounts options environment image");
    assert!(fields(run_of("x")).is_superset(&run));
    let ssh = names("id port user key known_hosts control environment");
    assert!(fields(ssh_of("x")).is_superset(&ssh));
}

#[test]
fn what_no_filter_has_escaped_does_not_pass() {
    for template in [
        "[{{ id }}]",
        "[\"{{ id }}\"]",
        "[{{ labels }}]",
        "[{{ id | upper }}]",
    ] {
        let own = |name: &str| (name == RUN).then(|| template.to_owned());
        let refused = podman_run(&run_of("x"), &own).expect_err(template);
        let said = refused.details.join("\n");
        assert!(
            said.contains("a value without `| json`, `| ssh`, `| ruby` or `| sh`"),
            "{said}"
        );
        let own = |name: &str| (name == SSH).then(|| "Host {{ user }}".to_owned());
        ssh_config(&ssh_of("x"), &own).expect_err("an unescaped value");
    }
}

#[test]
fn a_broken_template_is_named() {
    for template in [
        "{{ nothing | json }}",
        "{% if %}",
        "no list",
        "[1]",
        "{{ id | json }}",
    ] {
        let own = |name: &str| (name == RUN).then(|| template.to_owned());
        let refused = podman_run(&run_of("x"), &own).expect_err(template);
        assert!(refused.message.contains(RUN), "{refused}");
        assert!(refused.help.unwrap_or_default().contains("templates/"));
    }
}

fn hostile() -> impl Strategy<Value = String> {
    let parts = [
        "\"",
        "'",
        "\n",
        "\\",
        "--privileged",
        "#{x}",
        "{{ id }}",
        "{% raw %}",
        "\u{1b}[2J",
        "\0",
        ",",
        ":",
        "/a b",
        "$(id)",
        "`id`",
        "; rm -rf /",
        "%d",
        "é",
        "\u{202e}",
        "</script>",
        "&",
        "%%",
        "=",
        " ",
        "x",
    ];
    proptest::collection::vec(proptest::sample::select(parts.to_vec()), 0..8)
        .prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn a_value_is_one_argument(word in prop_oneof![hostile(), any::<String>()]) {
        let run = run_of(&word);
        let words = podman_run(&run, &|_| None).map_err(|found| TestCaseError::fail(found.to_string()))?;
        prop_assert_eq!(words, expected(&run));
    }

    /// A value stays on its line, and is there in quotes; what ssh_config cannot write is refused.
    #[test]
    fn a_value_is_one_word_of_ssh(word in prop_oneof![hostile(), any::<String>()]) {
        let plain = ssh_config(&ssh_of("x"), &|_| None).expect("a plain word").lines().count();
        match ssh_config(&ssh_of(&word), &|_| None) {
            Err(_) => {
                let unwritable = word.contains("${") || word.chars().any(char::is_control);
                prop_assert!(unwritable);
            }
            Ok(text) => {
                prop_assert_eq!(text.lines().count(), plain);
                let line = text.lines().find_map(|line| line.strip_prefix("  User ")).unwrap_or_default();
                prop_assert_eq!(unquoted(line), Some(word.replace('%', "%%")));
            }
        }
    }
}

/// One word as ssh reads it (`argv_split` of OpenSSH); nothing where it is more than one.
fn unquoted(line: &str) -> Option<String> {
    let Some(inner) = line.strip_prefix('"') else {
        return (!line.contains([' ', '"', '\'', '\\', '#'])).then(|| line.to_owned());
    };
    let mut word = String::new();
    let mut chars = inner.chars();
    loop {
        match chars.next()? {
            '\\' => word.push(chars.next()?),
            '"' => return chars.next().is_none().then_some(word),
            c => word.push(c),
        }
    }
}
