//! What Vagrant is given. Each machine of `tests/vagrantfiles/*.kdl` is rendered beside it, to be read by a person;
//! each of them, and each machine of the examples as a vm of either provider, is read by the real `vagrant validate`;
//! and what a filter writes, the real `ruby` reads back. `VAGRANTP_BLESS=1` writes the rendered files.

#[path = "support/difference.rs"]
mod difference;
#[path = "support/tree.rs"]
mod tree;

use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use uuid::Uuid;
use vagrantp::commands::compile::{Judging, Text, compile_text};
use vagrantp::diagnostic::{Diagnostic, Severity};
use vagrantp::engine::vagrant::{Boot, Driver, FileInputs, Libvirt, file_context};
use vagrantp::model::joined::Joined;
use vagrantp::model::naming::Naming;
use vagrantp::model::{Machine, Project};
use vagrantp::plan::remember::{digest, remember};
use vagrantp::render;
use vagrantp::render::escape::{ruby, xml};
use vagrantp::source::Sources;
use vagrantp::state::folder::Identity;
use vagrantp::value::{Kind, Provider, Subnet};

/// A project, as it is meant.
fn project(folder: &Path, text: &str) -> (Project, Sources) {
    fs::write(folder.join("vagrantp.kdl"), text).expect("a file");
    let naming = Naming {
        recorded: None,
        suffix: "000000".into(),
        taken: &|_| false,
    };
    let text = Text::new(folder, "vagrantp.kdl", text.as_bytes(), &[]);
    let compiled = compile_text(&text, Judging::WITHOUT_HOST, &naming);
    let found = compiled.findings;
    // The examples' Containerfiles and playbooks do not lie here, and are no Vagrantfile's.
    let elsewhere = [2111, 2116];
    let is_error =
        |it: &Diagnostic| it.severity == Severity::Error && !elsewhere.contains(&it.rule.number);
    assert!(!found.iter().any(is_error), "{found:?}");
    let project = compiled.project.unwrap_or_else(|| panic!("{found:?}"));
    (project, compiled.sources)
}

/// A machine's Vagrantfile, with everything in it that can be, and a key that lies at `key`.
fn vagrantfile(meant: &(Project, Sources), machine: &Machine, key: &Path) -> String {
    let (project, sources) = meant;
    let me = Identity {
        project: Uuid::from_u128(0x5a),
        file: "vagrantp.kdl".into(),
        machine: machine.key.clone(),
        kind: Kind::Vm,
    };
    let mut port = 42_000;
    let mut pick = |_| {
        port += 1;
        Some(port)
    };
    let now = jiff::Timestamp::UNIX_EPOCH;
    let record = remember(project, machine, &me, None, sources, &mut pick, now);
    let record = record.expect("ports are left");
    let boot = Boot {
        kernel: Path::new("/images/it's.vmlinuz"),
        initrd: Path::new("/images/a&b.initrd"),
        command_line: "root=/dev/vda rw console=ttyS0",
    };
    let subnet = Subnet::parse("192.168.121.0/24").expect("a subnet");
    let context = file_context(&FileInputs {
        machine,
        record: &record,
        digest: &digest(&record),
        box_name: &machine.box_name.value,
        keys: &[key.to_owned()],
        networks: &Joined::all(machine, me.project),
        setup: Some(&key.with_extension("sh")),
        libvirt: Libvirt {
            driver: Driver::Qemu,
            pool: "default",
            boot: Some(boot),
            console: Some(Path::new("/state/console.log")),
            management: Some(("vagrantp", subnet)),
            mac: &|_| Some("52:54:00:00:00:5a".into()),
            words: &["-no-hpet".to_owned()],
        },
    });
    render::vagrantfile(&context, &|_| None).expect("the template is whole")
}

/// The pages, by name.
fn pages() -> Vec<(PathBuf, String)> {
    let files = tree::files("tests/vagrantfiles").into_iter();
    let pages = files.filter(|path| path.extension().is_some_and(|it| it == "kdl"));
    pages
        .map(|path| (path.clone(), tree::text(&path)))
        .collect()
}

#[test]
fn every_page_is_rendered_as_it_stands() {
    let mut wrong = Vec::new();
    for (page, text) in pages() {
        let folder = TempDir::new().expect("a folder");
        let meant = project(folder.path(), &text);
        let here = folder.path().display().to_string();
        for machine in &meant.0.machines {
            let said = vagrantfile(&meant, machine, Path::new("/state/key"));
            let said = said.replace(&here, "/home/dev/shop");
            let path = page.with_extension(format!("{}.Vagrantfile", machine.name));
            let there = fs::read_to_string(tree::root().join(&path)).unwrap_or_default();
            if there == said {
            } else if std::env::var_os("VAGRANTP_BLESS").is_some() {
                fs::write(tree::root().join(&path), &said).expect("it can be written");
            } else {
                let lines = difference::lines(&there, &said);
                wrong.push(format!("{}:\n{lines}", path.display()));
            }
        }
    }
    let hint = "`VAGRANTP_BLESS=1 cargo test --test vagrantfiles` writes them; read what it wrote";
    assert!(wrong.is_empty(), "{}\n{hint}", wrong.join("\n"));
}

/// Has one Vagrant read many Vagrantfiles, each as a machine of its own: a start of it lasts a second.
const MANY: &str = r#"
files = Dir.children(__dir__).grep(/\.rendered\z/).sort
configure = Vagrant.method(:configure)
blocks = files.map do |file|
  block = nil
  Vagrant.define_singleton_method(:configure) { |_version, &given| block = given }
  load File.join(__dir__, file)
  block
end
Vagrant.define_singleton_method(:configure, configure)
Vagrant.configure("2") do |config|
  blocks.each_with_index { |block, index| config.vm.define("machine-#{index}", &block) }
end
"#;

#[test]
fn vagrant_itself_finds_nothing_wrong() {
    let home = TempDir::new().expect("a folder");
    let folder = TempDir::with_prefix("it's \"#{abort}\" \n`id` ä").expect("a folder");
    let key = folder.path().join("key");
    for file in [&key, &key.with_extension("sh")] {
        fs::write(file, "").expect("a file");
    }
    let mut all = Vec::new();
    for (page, text) in pages() {
        all.push((page, text, None));
    }
    for path in tree::files("examples") {
        if path.file_name().is_some_and(|file| file == "vagrantp.kdl") {
            let text = tree::text(&path);
            all.push((path.clone(), text.clone(), Some(Provider::Libvirt)));
            all.push((path, text, Some(Provider::Virtualbox)));
        }
    }
    let mut names = Vec::new();
    for (path, text, provider) in all {
        let meant = project(folder.path(), &text);
        for machine in &meant.0.machines {
            let mut machine = machine.clone();
            if let Some(provider) = provider {
                machine.kind.value = Kind::Vm;
                machine.provider.value = provider;
            }
            let text = vagrantfile(&meant, &machine, &key);
            let file = folder.path().join(format!("{:03}.rendered", names.len()));
            fs::write(file, text).expect("a file");
            names.push(format!("{}: {}", path.display(), machine.name));
        }
    }
    fs::write(folder.path().join("Vagrantfile"), MANY).expect("a file");
    let said = Command::new("vagrant")
        .args(["validate", "--ignore-provider"])
        .current_dir(folder.path())
        .env("VAGRANT_HOME", home.path())
        .env_remove("VAGRANTP_PLUGIN")
        .output()
        .expect("vagrant is installed: tests/setup");
    let out = String::from_utf8_lossy(&said.stdout);
    let complaints = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "{out}{complaints}\n{names:#?}");
    assert_eq!(complaints, "");
    // It did read them, each one.
    let read = out.matches("Ignoring provider config").count();
    assert!(read == names.len() && read > 10, "{out}\n{names:#?}");
}

/// What Ruby reads, as it sees each literal: in hexadecimal, a line each.
fn read_by_ruby(literals: &[String], after: &str) -> Vec<String> {
    let folder = TempDir::new().expect("a folder");
    let script = folder.path().join("literals.rb");
    let text = format!(
        "require 'rexml/document'\n[\n{}\n].each {{ |it| puts {after}.unpack1('H*') }}\n",
        literals.join(",\n")
    );
    fs::write(&script, text).expect("a file");
    let said = Command::new("ruby")
        .arg(&script)
        .env("LC_ALL", "C")
        .output()
        .expect("ruby is installed: tests/setup");
    let complaint = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "{complaint}");
    let text = String::from_utf8(said.stdout).expect("ASCII");
    text.lines().map(str::to_owned).collect()
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// Any text, thick with what means something to Ruby or XML.
fn texts(words: &'static str) -> impl Strategy<Value = Vec<String>> {
    let of = prop_oneof![
        3 => proptest::sample::select(words.chars().collect::<Vec<_>>()),
        1 => any::<char>(),
    ];
    let text = proptest::collection::vec(of, 0..24).prop_map(String::from_iter);
    proptest::collection::vec(text, 300)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ruby_reads_back_what_is_written(texts in texts("\r\n\0\\'\"#{}$@`%_END=begin \u{85}\u{2028}")) {
        let literals: Vec<String> = texts.iter().map(|text| ruby(text)).collect();
        let unseen = |c: char| c.is_control();
        prop_assert!(!literals.iter().any(|literal| literal.contains(unseen)));
        prop_assert_eq!(read_by_ruby(&literals, "it"), texts.iter().map(|text| hex(text)).collect::<Vec<_>>());
    }

    #[test]
    fn xml_reads_back_what_is_written(texts in texts("<>&;'\"]]>-- \t\n\r#x")) {
        let writable = |text: &&String| xml(text).is_some();
        let texts: Vec<String> = texts.iter().filter(writable).cloned().collect();
        let literals = texts.iter().map(|text| {
            let xml = xml(text).expect("it is writable");
            ruby(&format!("<a b='{xml}'>{xml}</a>"))
        });
        let literals: Vec<String> = literals.collect();
        let (element, attribute) = ("(REXML::Document.new(it).root.text || '')", "REXML::Document.new(it).root.attributes['b']");
        let expected: Vec<String> = texts.iter().map(|text| hex(text)).collect();
        prop_assert_eq!(&read_by_ruby(&literals, element), &expected);
        prop_assert_eq!(&read_by_ruby(&literals, attribute), &expected);
    }
}
