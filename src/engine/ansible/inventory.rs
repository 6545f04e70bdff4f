//! The machines as Ansible's inventory.

use crate::call::quoted;
use crate::engine::access::PYTHON;
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// A machine that can be entered.
#[derive(Clone)]
pub struct Host {
    /// Its name in the project, which plays address.
    pub name: String,
    /// Its name in its ssh_config.
    pub id: String,
    /// Its ssh_config.
    pub config: PathBuf,
    /// Its tags: the groups `tag-NAME`.
    pub tags: Vec<String>,
    /// The node that it is one of, where that has a `count`: a group too.
    pub node: Option<String>,
    /// Whether its Python is where distributions have it; else Ansible looks for one.
    pub has_python: bool,
    /// Its variables, which may be secrets.
    pub vars: Vec<(String, String)>,
}

/// The variable that holds all that are given to a machine.
const GIVEN: &str = "vagrantp_vars";

/// What is given to the machines, as a value of `--extra-vars`: nothing else has a say in a variable that is written
/// beside its playbook. It holds names alone; the values are each machine's own, and in no command line.
pub fn extra_vars<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let template = |name: &String| format!("{{{{ {GIVEN}[{}] }}}}", Value::from(name.as_str()));
    let vars: Map<String, Value> = names
        .map(|name| (name.clone(), template(name).into()))
        .collect();
    Value::from(vars).to_string()
}

/// The inventory as the JSON that Ansible reads as YAML.
pub fn inventory(hosts: &[&Host]) -> Vec<u8> {
    let mut all = Map::new();
    let mut groups: Map<String, Value> = Map::new();
    for host in hosts {
        let config = host.config.display().to_string();
        let mut vars = Map::new();
        // Whatever lies in a value is a value: templates in it are not evaluated.
        for (name, value) in &host.vars {
            vars.insert(name.clone(), text(value));
        }
        // What others ask of a machine's variables does not see those of a command line.
        vars.insert(GIVEN.into(), vars.clone().into());
        vars.insert("ansible_host".into(), text(&host.id));
        let args = format!("-F {}", quoted(&config));
        vars.insert("ansible_ssh_common_args".into(), text(&args));
        let python = if host.has_python {
            PYTHON
        } else {
            "auto_silent"
        };
        vars.insert("ansible_python_interpreter".into(), python.into());
        all.insert(host.name.clone(), vars.into());
        let tags = host.tags.iter().map(|tag| format!("tag-{tag}"));
        for group in tags.chain(host.node.clone()) {
            let group = groups.entry(group).or_insert_with(|| json!({"hosts": {}}));
            group["hosts"][&host.name] = Value::Null;
        }
    }
    let document = json!({"all": {"hosts": all, "children": groups}});
    document.to_string().into_bytes()
}

fn text(value: &str) -> Value {
    json!({"__ansible_unsafe": value})
}

#[cfg(test)]
mod tests {
    use super::{Host, extra_vars, inventory};
    use serde_json::{Value, json};

    #[test]
    fn values_are_data_and_tags_are_groups() {
        let host = |name: &str, tags: &[&str]| Host {
            name: name.into(),
            id: format!("shop-{name}"),
            config: "/a b/ssh_config".into(),
            tags: tags.iter().map(ToString::to_string).collect(),
            node: name.starts_with("node").then(|| "node".into()),
            has_python: name == "web",
            vars: vec![("greeting".into(), "{{ it's }}\n\"".into())],
        };
        let bytes = inventory(&[&host("web", &["front"]), &host("node-1", &["front"])]);
        let found: Value = serde_json::from_slice(&bytes).unwrap();
        let web = &found["all"]["hosts"]["web"];
        assert_eq!(
            web["greeting"],
            json!({"__ansible_unsafe": "{{ it's }}\n\""})
        );
        assert_eq!(web["vagrantp_vars"]["greeting"], web["greeting"]);
        assert_eq!(
            extra_vars([&"greeting".into()].into_iter()),
            r#"{"greeting":"{{ vagrantp_vars[\"greeting\"] }}"}"#
        );
        assert_eq!(
            web["ansible_ssh_common_args"]["__ansible_unsafe"],
            "-F '/a b/ssh_config'"
        );
        let python = |name: &str| &found["all"]["hosts"][name]["ansible_python_interpreter"];
        assert_eq!(
            (python("web"), python("node-1")),
            (&json!("/usr/bin/python3"), &json!("auto_silent"))
        );
        let groups = &found["all"]["children"];
        assert_eq!(
            groups["tag-front"],
            json!({"hosts": {"web": null, "node-1": null}})
        );
        assert_eq!(groups["node"], json!({"hosts": {"node-1": null}}));
    }
}
