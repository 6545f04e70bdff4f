//! Which machines a verb is about.

use super::machines::Known;
use crate::diagnostic::Diagnostic;
use crate::model::{Machine, Project};
use crate::plan::order::Order;
use crate::value::nearest;
use globset::{GlobBuilder, GlobMatcher};

/// What a machine is called by.
#[derive(Debug, Clone, Default)]
pub struct Called {
    /// Its name.
    pub name: String,
    /// The node that it is one of, where that has a `count`.
    pub node: Option<String>,
    /// Its groups.
    pub tags: Vec<String>,
}

/// What targets call a written machine by.
pub fn called(machine: &Machine) -> Called {
    Called {
        name: machine.name.clone(),
        node: machine.instance.as_ref().map(|one| one.node.clone()),
        tags: machine.tags.iter().map(|tag| tag.to_string()).collect(),
    }
}

/// The names of what must be ready before a written machine.
fn needs_of(machine: &Machine) -> Vec<&str> {
    let names = machine.depends_on.iter();
    names.map(|name| name.value.as_str()).collect()
}

impl Known<'_> {
    /// What targets call it by.
    pub fn called(&self) -> Called {
        let ties = self.record.as_ref().map(|record| &record.ties);
        match self.meant {
            Some(machine) => called(machine),
            None => Called {
                name: self.name.clone(),
                node: ties.and_then(|ties| ties.node.clone()),
                tags: ties.map(|ties| ties.tags.clone()).unwrap_or_default(),
            },
        }
    }

    /// Its name and what must be ready before it, as written, else as remembered.
    pub fn tied(&self) -> (&str, Vec<&str>) {
        let needs = match (self.meant, &self.record) {
            (Some(machine), _) => needs_of(machine),
            (None, Some(record)) => {
                let names = record.ties.depends_on.iter();
                names.map(String::as_str).collect()
            }
            (None, None) => Vec::new(),
        };
        (&self.name, needs)
    }
}

/// The positions of the machines that the targets name, by name, pattern, `@tag`, or the name of a
/// `count`; all without targets.
///
/// # Errors
/// When a target matches nothing: then nothing is done.
pub fn select(machines: &[Called], targets: &[String]) -> Result<Vec<usize>, Diagnostic> {
    if targets.is_empty() {
        return Ok((0..machines.len()).collect());
    }
    let mut chosen = Vec::new();
    for target in targets {
        let tag = target.strip_prefix('@');
        let matcher = matcher(target, tag.unwrap_or(target))?;
        let matches = |machine: &Called| match tag {
            Some(_) => machine.tags.iter().any(|tag| matcher.is_match(tag)),
            None => {
                let node = machine.node.iter();
                let mut names = node.chain(std::iter::once(&machine.name));
                names.any(|name| matcher.is_match(name))
            }
        };
        let all = 0..machines.len();
        let matching: Vec<usize> = all.filter(|place| matches(&machines[*place])).collect();
        if matching.is_empty() {
            return Err(unmatched(target, machines));
        }
        chosen.extend(matching);
    }
    chosen.sort_unstable();
    chosen.dedup();
    Ok(chosen)
}

/// The machines that `up` and `plan` are about, by their places among all written ones and whether each
/// is asked for: what the targets name, or all that come up by themselves, and what those need.
///
/// # Errors
/// When a target matches nothing that the profile has, or nothing comes up by itself.
pub fn wanted(
    project: &Project,
    targets: &[String],
    without_needs: bool,
) -> Result<Vec<(usize, bool)>, Diagnostic> {
    let machines = &project.machines;
    let names: Vec<Called> = machines.iter().map(called).collect();
    let mut chosen = match select(&names, targets) {
        Ok(chosen) => chosen,
        Err(finding) => return Err(left_out(project, targets).unwrap_or(finding)),
    };
    if targets.is_empty() {
        chosen.retain(|place| machines[*place].autostart.value);
    }
    if chosen.is_empty() {
        return Err(Diagnostic::error(2901)
            .message("No machine of this project comes up by itself")
            .help(match machines.first() {
                Some(machine) => format!("name one: vagrantp up {}", machine.name),
                None => "name a profile that has one, or none: --no-profile".into(),
            }));
    }
    let order = order_of(project);
    let places = match without_needs {
        true => order.sorted(&chosen),
        false => order.with_needs(&chosen),
    };
    let places = places.into_iter();
    Ok(places
        .map(|place| (place, chosen.contains(&place)))
        .collect())
}

/// The order of all written machines.
pub fn order_of(project: &Project) -> Order {
    let tied = project
        .all()
        .map(|machine| (machine.name.as_str(), needs_of(machine)));
    Order::of(&tied.collect::<Vec<_>>())
}

/// Why a target matches nothing, where it would without the profile.
fn left_out(project: &Project, targets: &[String]) -> Option<Diagnostic> {
    let here: Vec<Called> = project.machines.iter().map(called).collect();
    let out: Vec<Called> = project.left_out.iter().map(called).collect();
    let alone = |target: &String| std::slice::from_ref(target).to_vec();
    let target = targets.iter().find(|target| {
        select(&here, &alone(target)).is_err() && select(&out, &alone(target)).is_ok()
    })?;
    let profiles = project.profiles.join(", ");
    Some(
        Diagnostic::error(2902)
            .message(format!(
                "The profile {profiles} leaves out what '{target}' names"
            ))
            .help(
                "bring it up without the profile: --no-profile, or add it to the profile's `only`",
            ),
    )
}

fn matcher(target: &str, pattern: &str) -> Result<GlobMatcher, Diagnostic> {
    let glob = GlobBuilder::new(pattern).literal_separator(true).build();
    let glob = glob.map_err(|error| {
        Diagnostic::error(2901)
            .message(format!(
                "The target '{target}' is no pattern: {}",
                error.kind()
            ))
            .help("write a machine's name, or a pattern such as 'web*'")
    })?;
    Ok(glob.compile_matcher())
}

fn unmatched(target: &str, machines: &[Called]) -> Diagnostic {
    let tagged = machines.iter().flat_map(|machine| &machine.tags);
    let tags: Vec<String> = tagged.map(|tag| format!("@{tag}")).collect();
    let names = machines.iter().map(|machine| machine.name.as_str());
    let nodes = machines
        .iter()
        .filter_map(|machine| machine.node.as_deref());
    let words = names
        .clone()
        .chain(nodes)
        .chain(tags.iter().map(|tag| &**tag));
    let of_tag = target.strip_prefix('@');
    let help = match (nearest(target, words), of_tag) {
        (Some(near), _) => format!("write `{near}`"),
        (None, Some(_)) if !tags.is_empty() => {
            let mut tags = tags;
            tags.sort_unstable();
            tags.dedup();
            format!("write one of: {}", tags.join(", "))
        }
        _ if machines.is_empty() => "leave the target out: this project has no machine yet".into(),
        _ => format!("write one of: {}", names.collect::<Vec<_>>().join(", ")),
    };
    let message = match of_tag {
        Some(tag) => format!("No machine of this project has the tag '{tag}'"),
        None => format!("No machine of this project is called '{target}'"),
    };
    Diagnostic::error(2902).message(message).help(help)
}

#[cfg(test)]
mod tests {
    use super::{Called, select};

    fn machine(name: &str, node: Option<&str>, tags: &[&str]) -> Called {
        Called {
            name: name.into(),
            node: node.map(str::to_owned),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        }
    }

    fn shop() -> Vec<Called> {
        vec![
            machine("web", None, &["frontend"]),
            machine("db", None, &["data"]),
            machine("node-1", Some("node"), &["data", "many"]),
            machine("node-2", Some("node"), &["data", "many"]),
        ]
    }

    fn chosen(targets: &[&str]) -> Result<Vec<usize>, String> {
        let targets: Vec<String> = targets.iter().map(|target| (*target).to_owned()).collect();
        let told = |finding: crate::diagnostic::Diagnostic| {
            format!("{} {}", finding.message, finding.help.unwrap_or_default())
        };
        select(&shop(), &targets).map_err(told)
    }

    #[test]
    fn by_name_pattern_tag_and_count() {
        assert_eq!(chosen(&[]), Ok(vec![0, 1, 2, 3]));
        assert_eq!(chosen(&["db", "web"]), Ok(vec![0, 1]));
        assert_eq!(chosen(&["node"]), Ok(vec![2, 3]));
        assert_eq!(chosen(&["node-[2-9]", "w*"]), Ok(vec![0, 3]));
        assert_eq!(chosen(&["@data"]), Ok(vec![1, 2, 3]));
        assert_eq!(chosen(&["@d*", "db"]), Ok(vec![1, 2, 3]));
    }

    #[test]
    fn every_target_matches_something() {
        let wrong = |target: &str| chosen(&["web", target]).unwrap_err();
        assert_eq!(
            wrong("nod"),
            "No machine of this project is called 'nod' write `node`"
        );
        assert_eq!(
            wrong("@dat"),
            "No machine of this project has the tag 'dat' write `@data`"
        );
        assert_eq!(
            wrong("@x"),
            "No machine of this project has the tag 'x' write one of: @data, @frontend, @many"
        );
        let none = wrong("nothing-like-it");
        assert!(
            none.ends_with("write one of: web, db, node-1, node-2"),
            "{none}"
        );
        assert!(wrong("[").starts_with("The target '[' is no pattern"));
    }
}
