//! What a `.env` comes to, it comes to as `vagrantp.kdl` too; and what `config` prints as a file comes to what
//! `config` shows.

#[path = "support/cases.rs"]
mod cases;
#[path = "support/findings.rs"]
mod findings;
#[path = "support/meaning.rs"]
mod meaning;
#[path = "support/values.rs"]
mod values;

use cases::cases;
use meaning::{AROUND, compiled, environment};
use proptest::prelude::*;
use std::fs;
use tempfile::TempDir;
use vagrantp::diagnostic::Sink;
use vagrantp::model::Project;
use vagrantp::model::in_env::in_env;
use vagrantp::model::naming::machine_name;
use vagrantp::source::Sources;
use vagrantp::syntax::convert::{Rewriting, Rewritten};
use vagrantp::syntax::dotenv;
use vagrantp::syntax::kdl::format::format;
use values::values;

/// The same without the machines' names, which a `.env` has none of.
fn nameless(project: &Project) -> Vec<String> {
    let all = values(project, true).into_iter();
    all.map(|line| {
        line.split_once(' ')
            .map_or(String::new(), |(_, rest)| rest.to_owned())
    })
    .collect()
}

fn rewritten(text: &str, project: &Project, remove: bool) -> Rewritten {
    let mut sources = Sources::default();
    let id = sources.add_text(".env", text.to_owned());
    let around = |name: &str| {
        let found = AROUND.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    let read = dotenv::parse(&sources, id, &around, &mut Sink::default());
    let variable = |name: &str| {
        let own = || read.variables.iter().rev().find(|found| found.name == name);
        around(name).or_else(|| Some(own()?.value.text.clone()))
    };
    let machine = &project.machines[0];
    Rewriting {
        sources: &sources,
        id,
        read: &read,
        kind: machine.kind.value,
        name: &machine_name(machine.id.as_str()),
        instance: machine.id.as_str(),
        variable: &variable,
        remove,
    }
    .rewritten()
}

/// Lines of settings that fit together, each a choice of spellings.
const LINES: &[&[&str]] = &[
    &[
        "MEMORY=4G",
        "MEMORY=\"1.5 GiB\"",
        "MEMORY=2048",
        "VAGRANTP_MEMORY=3G\nMEMORY=app",
    ],
    &["CPUS=4", "CPUS='1'", "export CPUS=3"],
    &[
        "INFRA_ID=blog",
        "INFRA_ID=1-blog",
        "INFRA_ID=host",
        "INFRA_ID=${WHO}-blog",
    ],
    &["DISK_SIZE=50G", "DISK_SIZE=${DISK}"],
    &["NETWORK_MODE=default", "NETWORK_MODE=bridge"],
    &["NETWORK_INTERFACE=eth0"],
    &["IP_ADDRESS=10.20.0.5", "IP_ADDRESS=192.168.56.9"],
    &[
        "PORTS=8080:80,auto:443",
        "PORTS=127.0.0.1:53:53/udp,8000-8003:80-83",
        "PORTS=8080:80,8081:80",
    ],
    &["IMAGE=redis:7", "IMAGE=./Containerfile"],
    &["BOX=debian/bookworm64"],
    &["INIT=sshd", "INIT=systemd"],
    &[
        "SSH_USER=dev",
        "SSH_USER=${WHO}",
        "SSH_USER=\"${WHO}\"",
        "SSH_USER='dev'",
        "SSH_USER={{ env.WHO }}",
    ],
    &["SSH_KEY=id_ed25519", "SSH_KEY=./${KEY}"],
    &["SYNC=.", "SYNC=./src:/src:ro,.:/w", "SYNC='./src:/a b'"],
    &[
        "PROVISIONING_PLAYBOOK=playbooks/site.yml",
        "PROVISIONING_PLAYBOOK=playbooks/site.yml\nPROVISIONING_VARS=vars.yml\nPROVISIONING_SECRETS=SECRET,APP",
    ],
    &["CPUS=", "MEMORY=''"],
];

const APPLICATION: &[&str] = &[
    "APP=1",
    "TOKEN='two words' # comment-of-the-application",
    "URL=http://u:p@h/#x",
    "JSON='{\"a\": 1}'",
    "USES=${MEMORY}",
    "# OLD=commented-out",
    "# about the application\nAPP_NAME=x",
];

#[derive(Debug, Clone)]
enum Line {
    Ours(&'static str, bool),
    Comment,
    Blank,
    Application(&'static str),
}

fn dotenv() -> impl Strategy<Value = String> {
    let kind = prop::sample::select(
        &[
            "INFRA_TYPE=container",
            "INFRA_TYPE=vm\nPROVIDER=libvirt",
            "export INFRA_TYPE='container'",
        ][..],
    );
    let ours = prop::sample::subsequence(LINES, 0..=LINES.len());
    let ours = ours.prop_flat_map(|lines| {
        let each: Vec<_> = lines
            .into_iter()
            .map(|line| (prop::sample::select(line), any::<bool>()))
            .collect();
        each
    });
    let other = prop_oneof![
        2 => Just(Line::Comment),
        2 => Just(Line::Blank),
        1 => prop::sample::select(APPLICATION).prop_map(Line::Application),
    ];
    let others = prop::collection::vec((other, any::<prop::sample::Index>()), 0..10);
    (kind, ours, others, any::<bool>()).prop_map(|(kind, ours, others, crlf)| {
        let ours = ours
            .into_iter()
            .map(|(line, comment)| Line::Ours(line, comment));
        let mut lines: Vec<Line> = std::iter::once(Line::Ours(kind, false))
            .chain(ours)
            .collect();
        for (line, at) in others {
            lines.insert(at.index(lines.len() + 1), line);
        }
        let mut text = String::from("DISK=30G\nKEY=id_ed25519\n");
        for (at, line) in lines.iter().enumerate() {
            match line {
                Line::Ours(line, true) => text.push_str(&format!("{line} # said-{at}\n")),
                Line::Ours(line, false) | Line::Application(line) => {
                    text.push_str(&format!("{line}\n"));
                }
                Line::Comment => text.push_str(&format!("#  it's said-{at} \u{1f980}\n")),
                Line::Blank => text.push('\n'),
            }
        }
        match crlf {
            true => text.replace('\n', "\r\n"),
            false => text,
        }
    })
}

fn said(text: &str) -> Vec<&str> {
    let words = text.split_whitespace();
    words.filter(|word| word.starts_with("said-")).collect()
}

fn is_converted(text: &str) -> Result<(), TestCaseError> {
    let project: TempDir = findings::project();
    let folder = project.path();
    let before = compiled(folder, ".env", text);
    if before.has_errors() {
        return Err(TestCaseError::reject("a configuration with errors"));
    }
    let meant = before.project.as_ref().expect("it compiled");
    let expected = nameless(meant);
    let (_, before_told) = findings::findings(folder, ".env", text.as_bytes(), &environment());
    for remove in [false, true] {
        let Rewritten { kdl, rest, .. } = rewritten(text, meant, remove);
        fs::write(folder.join(".env"), &rest).expect("a file");
        let after = compiled(folder, "vagrantp.kdl", &kdl);
        prop_assert!(!after.has_errors(), "{:?}\n{kdl}", after.findings);
        let found = after.project.as_ref().expect("it compiled");
        prop_assert_eq!(nameless(found), expected.clone(), "{}", kdl);
        let (_, told) = findings::findings(folder, "vagrantp.kdl", kdl.as_bytes(), &environment());
        prop_assert!(told.len() <= before_told.len(), "{told:?}\n{before_told:?}");
        prop_assert_eq!(format(&kdl), Some(kdl.clone()));
        for comment in said(text) {
            let in_kdl = said(&kdl).contains(&comment);
            let stays = said(&rest).contains(&comment);
            prop_assert!(in_kdl || stays, "{comment} is lost:\n{kdl}\n{rest}");
            prop_assert!(
                !(remove && in_kdl && stays && !kept(&rest, comment)),
                "{comment} twice"
            );
        }
        if remove {
            for line in ["APP=1", "APP_NAME=x", "# OLD=commented-out", "JSON="] {
                prop_assert_eq!(rest.contains(line), text.contains(line), "{}", line);
            }
            prop_assert!(!rest.contains("INFRA_TYPE"), "{}", rest);
        } else {
            prop_assert_eq!(rest.as_str(), text);
        }
    }
    Ok(())
}

/// A line that the application refers to stays with what is said of it.
fn kept(rest: &str, comment: &str) -> bool {
    rest.lines()
        .any(|line| line.contains("MEMORY") && line.contains(comment))
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn a_dotenv_means_the_same_as_kdl(text in dotenv()) {
        is_converted(&text)?;
    }

    #[test]
    fn a_dotenv_means_the_same_printed_as_one(text in dotenv()) {
        let project: TempDir = findings::project();
        let before = compiled(project.path(), ".env", &text);
        prop_assume!(!before.has_errors());
        let meant = before.project.as_ref().expect("it compiled");
        let printed = in_env(meant).expect("a .env says what a .env said");
        let after = compiled(project.path(), ".env", &format!("{printed}DISK=30G\nKEY=id_ed25519\nAPP=1\n"));
        prop_assert!(!after.has_errors(), "{:?}\n{printed}", after.findings);
        let found = after.project.as_ref().expect("it compiled");
        prop_assert_eq!(values(found, false), values(meant, false), "{}", printed);
    }
}
