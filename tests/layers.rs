//! The layers of a `vagrantp.kdl` come to what a model of them says that knows nothing of the program:
//! for each value, what it is and which layer it came from.

#[path = "support/by_hand.rs"]
mod by_hand;
#[path = "support/cases.rs"]
mod cases;
#[path = "support/said.rs"]
mod said;

use by_hand::{LAYERS, Layer, Resolved, by_hand};
use cases::cases;
use proptest::prelude::*;
use said::{Said, said};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use vagrantp::commands::compile::{Compiled, Judging, Text, compile_text};
use vagrantp::commands::profiles::Profiles;
use vagrantp::model::naming::Naming;
use vagrantp::source::Origin;

/// What the program says.
fn resolved(layers: &BTreeMap<Layer, Said>) -> Resolved {
    let kdl = |layer: Layer| layers.get(&layer).map(Said::kdl).unwrap_or_default();
    let mut main = String::from("project shop\n");
    let _ = writeln!(main, "defaults {{\n{}}}", kdl(Layer::Defaults));
    let _ = writeln!(main, "template first {{\n{}}}", kdl(Layer::First));
    let _ = writeln!(main, "template second {{\n{}}}", kdl(Layer::Second));
    // Its own settings win wherever `use` stands.
    let _ = writeln!(
        main,
        "machine web {{\n    container\n{}    use first\n    use second\n}}",
        kdl(Layer::Machine)
    );
    let _ = writeln!(
        main,
        "profile parent {{\n    machine \"w*\" {{\n{}    }}\n}}",
        kdl(Layer::Parent)
    );
    let _ = writeln!(
        main,
        "profile child extends=parent {{\n    machine web {{\n{}    }}\n}}",
        kdl(Layer::Child)
    );
    let folder = tempfile::tempdir().expect("there is a temporary folder");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("it is ours")
    };
    for host in ["a", "b", "c"] {
        std::fs::create_dir(folder.path().join(host)).expect("it is ours");
        write(&format!("{host}.yml"), "- hosts: all\n");
    }
    if layers.contains_key(&Layer::Local) {
        write(
            "vagrantp.local.kdl",
            &format!("machine web {{\n{}}}\n", kdl(Layer::Local)),
        );
    }
    if let Some(said) = layers.get(&Layer::Env) {
        let mut env = String::from("INFRA_TYPE=vm\n");
        said.memory
            .into_iter()
            .for_each(|memory| env.push_str(&format!("MEMORY={memory}\n")));
        said.cpus
            .into_iter()
            .for_each(|cpus| env.push_str(&format!("CPUS={cpus}\n")));
        if !said.ports.is_empty() {
            let rules: Vec<String> = said
                .ports
                .iter()
                .map(|(guest, host)| format!("{host}:{guest}"))
                .collect();
            let _ = writeln!(env, "PORTS={}", rules.join(","));
        }
        write(".env", &env);
    }
    let mut variables = Vec::new();
    if let Some(said) = layers.get(&Layer::Variable) {
        let mut set =
            |name: &str, value: String| variables.push((format!("VAGRANTP_{name}"), value));
        said.memory
            .into_iter()
            .for_each(|memory| set("MEMORY", memory.to_string()));
        said.cpus
            .into_iter()
            .for_each(|cpus| set("CPUS", cpus.to_string()));
        if !said.ports.is_empty() {
            let rules: Vec<String> = said
                .ports
                .iter()
                .map(|(guest, host)| format!("{host}:{guest}"))
                .collect();
            set("PORTS", rules.join(","));
        }
    }
    let mut flags = Vec::new();
    if let Some(said) = layers.get(&Layer::Flag) {
        said.memory
            .into_iter()
            .for_each(|memory| flags.push(format!("memory={memory}M")));
        said.cpus
            .into_iter()
            .for_each(|cpus| flags.push(format!("web.cpus={cpus}")));
        said.restart
            .into_iter()
            .for_each(|word| flags.push(format!("restart={word}")));
    }
    let compiled = compile(folder.path(), &main, &variables, &flags);
    assert!(!compiled.has_errors(), "{main}\n{:#?}", compiled.findings);
    let project = compiled.project.as_ref().expect("no error");
    let known = [
        "cpus",
        "memory",
        "restart",
        "ssh.user",
        "ready",
        "tags",
        "packages",
        "ports",
        "env",
        "volume",
        "sync",
        "secret",
        "secret.from",
        "provision",
    ];
    let values = project.machines[0].values().into_iter();
    let mut all: Resolved = values
        .filter(|value| known.contains(&value.setting) && value.origin != Origin::Default)
        .map(|value| {
            let folder = format!("{}/", folder.path().display());
            (
                value.setting,
                value.text.replace(&folder, ""),
                layer(&compiled, &main, value.origin),
            )
        })
        .collect();
    all.sort();
    all
}

fn compile(
    folder: &Path,
    main: &str,
    variables: &[(String, String)],
    flags: &[String],
) -> Compiled {
    let text = Text {
        profiles: Profiles::Named(vec!["child".into()]),
        flags,
        ..Text::new(folder, "vagrantp.kdl", main.as_bytes(), variables)
    };
    let naming = Naming {
        recorded: None,
        suffix: String::new(),
        taken: &|_| false,
    };
    compile_text(&text, Judging::WITHOUT_HOST, &naming)
}

/// The layer of a place, as a reader of the files would tell it.
fn layer(compiled: &Compiled, main: &str, origin: Origin) -> Layer {
    let span = origin.span().expect("it is written");
    let source = compiled.sources.get(span.source);
    let block = || {
        let before = &main[..span.start as usize];
        let at = |word: &str| before.rfind(word).unwrap_or(0);
        let blocks = [
            ("\ndefaults {", Layer::Defaults),
            ("\ntemplate first", Layer::First),
            ("\ntemplate second", Layer::Second),
            ("\nmachine web", Layer::Machine),
            ("\nprofile parent", Layer::Parent),
            ("\nprofile child", Layer::Child),
        ];
        blocks
            .into_iter()
            .max_by_key(|(word, _)| at(word))
            .expect("some")
            .1
    };
    let found = match source.name.as_str() {
        ".env" => Layer::Env,
        "vagrantp.local.kdl" => Layer::Local,
        name if name.starts_with("VAGRANTP_") => Layer::Variable,
        name if name.starts_with("--set ") => Layer::Flag,
        _ => block(),
    };
    let word = match found {
        Layer::Env | Layer::Machine | Layer::Local => "written",
        Layer::Defaults => "defaults",
        Layer::First | Layer::Second => "template",
        Layer::Parent | Layer::Child => "profile",
        Layer::Variable => "environment",
        Layer::Flag => "flag",
    };
    assert_eq!(origin.layer(), word, "{found:?}");
    found
}

/// What the layer can say at all.
fn cut(layer: Layer, said: Said) -> Said {
    let lists = |said: Said| Said {
        no_ports: false,
        ..said
    };
    match layer {
        Layer::Env | Layer::Variable => Said {
            memory: said.memory,
            cpus: said.cpus,
            ports: if layer == Layer::Variable {
                said.ports
            } else {
                BTreeMap::new()
            },
            ..Said::default()
        },
        Layer::Flag => Said {
            memory: said.memory,
            cpus: said.cpus,
            restart: said.restart,
            ..Said::default()
        },
        _ if said.no_ports => said,
        _ => lists(said),
    }
}

proptest! {
    #![proptest_config(cases(200))]
    #[test]
    fn layers_come_to_what_the_model_says(
        said in prop::collection::vec(prop::option::weighted(0.6, said()), LAYERS.len()),
    ) {
        let layers = LAYERS.into_iter().zip(said);
        let mut layers: BTreeMap<Layer, Said> = layers
            .filter_map(|(layer, said)| Some((layer, cut(layer, said?))))
            .collect();
        // How long it may take goes with a probe, of the same layer or a lower one.
        let mut probed = false;
        for said in layers.values_mut() {
            probed |= said.ready.is_some();
            said.within = said.within.filter(|_| probed);
        }
        prop_assert_eq!(resolved(&layers), by_hand(&layers));
    }
}
