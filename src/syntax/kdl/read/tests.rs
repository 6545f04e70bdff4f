//! Whole documents, dumped as text.

use crate::diagnostic::Sink;
use crate::source::{Origin, Sources};
use crate::syntax::document::{Document, UseNode};
use crate::syntax::{Entry, Section, Word};
use std::fmt::Write as _;
use std::path::Path;

/// What a text says, and what is wrong with it.
fn read(text: &str) -> (String, Vec<String>) {
    let mut sources = Sources::default();
    let id = sources.add_file(
        Path::new("vagrantp.kdl"),
        "vagrantp.kdl".into(),
        text.into(),
    );
    let mut sink = Sink::default();
    let document = super::read(&sources, id, false, &mut sink).expect("the text is KDL");
    let said = Dump { sources: &sources }.document(&document);
    let found = sink.into_sorted();
    (said, found.iter().map(ToString::to_string).collect())
}

fn said(text: &str) -> String {
    let (said, found) = read(text);
    assert_eq!(found, [""; 0], "{text}");
    said
}

/// Words as `text`, with `@written` where the text that their place holds is another.
struct Dump<'a> {
    sources: &'a Sources,
}

impl Dump<'_> {
    fn word(&self, word: &Word) -> String {
        let span = word.origin.span().expect("all is written");
        let there = self.sources.slice(span);
        assert_eq!(word.verbatim, there == word.text, "{word:?}");
        let literal = match word.literal {
            crate::syntax::Literal::Text => "",
            crate::syntax::Literal::Number => "n",
            crate::syntax::Literal::Keyword => "#",
        };
        match word.verbatim {
            true => format!("{literal}{}", word.text),
            false => format!("{literal}{}@{there}", word.text),
        }
    }

    fn entries(&self, out: &mut String, depth: usize, entries: &[Entry]) {
        for entry in entries {
            let mut line = format!("{:depth$}{}", "", entry.setting);
            if entry.setting.rsplit('.').next() != Some(&*entry.key.text) {
                let _ = write!(line, " ({})", entry.key.text);
            }
            for value in &entry.values {
                let _ = write!(line, " {}", self.word(value));
            }
            match entry.key.origin {
                Origin::Written(_) => {}
                other => line.push_str(&format!(" <{}>", other.layer())),
            }
            out.push_str(&line);
            out.push('\n');
            self.entries(out, depth + 2, &entry.parts);
        }
    }

    fn section(&self, out: &mut String, uses: &[UseNode], section: &Section) {
        for node in uses {
            let _ = write!(out, "  use {}", self.word(&node.template));
            for (name, value) in &node.arguments {
                let _ = write!(out, " {}={}", self.word(name), self.word(value));
            }
            out.push('\n');
        }
        self.entries(out, 2, &section.entries);
    }

    fn document(&self, document: &Document) -> String {
        let mut out = String::new();
        let option =
            |word: &Option<Word>| word.as_ref().map_or("-".to_owned(), |word| self.word(word));
        let all = |words: &[Word]| {
            words
                .iter()
                .map(|word| self.word(word))
                .collect::<Vec<_>>()
                .join(" ")
        };
        if let Some(project) = &document.project {
            let (name, profile) = (option(&project.name), option(&project.default_profile));
            let _ = writeln!(out, "project {name} default-profile {profile}");
        }
        for include in &document.includes {
            let _ = writeln!(out, "include {}", self.word(include));
        }
        for network in &document.networks {
            let (subnet, internal) = (option(&network.subnet), option(&network.internal));
            let _ = writeln!(
                out,
                "network {} {subnet} {internal}",
                self.word(&network.name)
            );
        }
        if let Some((place, section)) = &document.defaults {
            let _ = writeln!(out, "{}", self.sources.slice(*place));
            self.section(&mut out, &[], section);
        }
        for template in &document.templates {
            let _ = writeln!(out, "template {}", self.word(&template.name));
            for param in &template.params {
                let _ = writeln!(
                    out,
                    "  param {} {}",
                    self.word(&param.name),
                    option(&param.default)
                );
            }
            self.section(&mut out, &template.uses, &template.section);
        }
        for machine in &document.machines {
            let _ = writeln!(out, "machine {}", option(&machine.name));
            self.section(&mut out, &machine.uses, &machine.section);
        }
        for profile in &document.profiles {
            let only = profile.only.as_deref().map_or("-".to_owned(), all);
            let (name, extends) = (self.word(&profile.name), option(&profile.extends));
            let _ = writeln!(out, "profile {name} extends {extends} only {only}");
            for node in &profile.overrides {
                let _ = writeln!(out, " machine {}", self.word(&node.target));
                self.section(&mut out, &[], &node.section);
            }
        }
        for task in &document.tasks {
            let (name, machine) = (self.word(&task.name), option(&task.machine));
            let _ = writeln!(out, "task {name} in {machine}: {}", all(&task.run));
        }
        out
    }
}

/// The example of the language's description, whole.
#[test]
fn the_example_says_what_it_says() {
    let text = include_str!("../../../../tests/kdl/valid/language.kdl");
    let expected = "\
project shop default-profile dev
include machines/*.kdl
network backend 10.20.0.0/24 internal
defaults
  memory 2G <defaults>
  provider libvirt <defaults>
  ssh.user dev <defaults>
template web-base
  param port n8080
  kind (container) container <template>
  image (container) debian:12 <template>
  ports {{ param.port }}:80 <template>
machine web
  use web-base port=n9090
  tags frontend
  depends-on db
  ready
    ready.port n80
    ready.within 30s
  sync .
    sync.to /workspace
    sync.mask .env
  env APP_ENV dev
  env DB_HOST db
  secret API_TOKEN
  packages git curl
  provision playbooks/web.yml
    provision.vars release {{ env.RELEASE }}
    provision.secret db_password
      provision.secret.from DB_PASSWORD
machine db
  kind (vm) vm
  box (vm) debian/bookworm64
  disk-size 40G
  extra-disk data
    extra-disk.size 10G
  network bridge
    network.interface br0
    network.ip 192.168.1.100
  restart always
machine cache
  kind (container) container
  image (container) redis:7
  init image
  network backend
    network.ip 10.20.0.5
  volume cache-data
    volume.to /data
machine node
  count n3
  kind (container) container
  network backend
    network.ip 10.20.0.{{ 10 + index }}
profile dev extends - only web db cache
 machine web*
  memory 512M <profile>
profile ci extends dev only -
 machine *
  kind (container) container <profile>
  cpus n1 <profile>
task test in web: cargo test
";
    assert_eq!(said(text), expected);
}

#[test]
fn values_are_decoded_and_keep_their_place() {
    let text = r##"machine "web" {
    env A=0x10 B=1.50 C=1e3 D=#true E=#null F="a\tb" G=#"C:\dir"# H=007 I=-1_000 J="" K=#inf "L"="é" M=é
    command """
        a
        b
        """ ""
    "memory" "2G"
}
"##;
    let expected = r##"machine web
  env A n16@0x10
  env B n1.50
  env C n1000@1e3
  env D #true@#true
  env E #null@#null
  env F a	b@"a\tb"
  env G C:\dir
  env H n7@007
  env I n-1000@-1_000
  env J 
  env K #inf@#inf
  env L é
  env M é
  command a
b@"""
        a
        b
        """ 
  memory 2G
"##;
    assert_eq!(said(text), expected);
}

#[test]
fn lists_are_emptied_by_their_name_alone() {
    let text = "machine web { ports; env; network; provision; engine-args; secret; }";
    let expected = "machine web\n  ports\n  env\n  network\n  provision\n  engine-args\n  secret\n";
    assert_eq!(said(text), expected);
}

#[test]
fn what_was_meant_is_read_on() {
    let (said, found) = read(
        "machin web {\n memroy \"2G\"\n image \"debian:12\"\n PROVIDER podman\n dependsOn db\n environment A=b\n}",
    );
    let expected = "\
machine web
  memory 2G
  kind (container) container@image
  image (container) debian:12
  provider podman
  depends-on db
  env A b
";
    assert_eq!(said, expected);
    assert_eq!(found.len(), 6, "{found:?}");
    assert!(
        found.iter().all(|found| found.starts_with("2406 ")),
        "{found:?}"
    );
}

#[test]
fn a_wrong_value_is_unknown_and_nothing_else() {
    let (said, found) = read(
        "machine web { memory; cpus 1 2; ports \"\"; vm \"a\" \"b\"; volume to=\"/x\"; ready; hostname \"${H}\"; }",
    );
    let expected = "\
machine web
  memory
  cpus
  kind (vm) vm
  box (vm)
  ready
  hostname
";
    assert_eq!(said, expected);
    let rules: Vec<&str> = found.iter().map(|found| &found[..4]).collect();
    assert_eq!(rules, ["2407", "2407", "2110", "2407", "2407", "2407"]);
}

/// Whatever the nodes, places are places of the text.
#[test]
fn any_shape_is_read() {
    let names = "project include network defaults template machine profile task vm container use param only run \
        memory ports env ssh sync ready provision vars secret engine-args internal count id x image MEMORY";
    let shapes = [
        "",
        " a",
        " a b",
        " a=1",
        " a a=1 a=2",
        " { }",
        " { x; }",
        " a { b c; }",
        " \"\"",
        " #true",
        " 1 2 3",
        " \"${X}\"",
    ];
    let names: Vec<&str> = names.split_whitespace().collect();
    for shape in shapes {
        let nodes = |names: &[&str]| {
            names
                .iter()
                .map(|name| format!("{name}{shape}\n"))
                .collect::<String>()
        };
        let inner = nodes(&names);
        let outer = names
            .iter()
            .map(|name| format!("{name} a {{\n{inner}}}\n"))
            .collect::<String>();
        read(&nodes(&names));
        read(&outer);
    }
}
