//! Where a task stands, and how sure it is that it runs.

use crate::syntax::yaml::Map;
use std::path::PathBuf;

/// What stands around a list of tasks.
#[derive(Debug, Clone)]
pub struct Context {
    /// The playbook's folder.
    pub base: PathBuf,
    /// The folder of the file that holds the tasks.
    pub folder: PathBuf,
    /// The role that they belong to, then those that led to it.
    pub roles: Vec<PathBuf>,
    /// Whether they are handlers.
    pub handlers: bool,
    /// Whether names are looked for in collections too.
    pub collections: bool,
    /// Whether Ansible reads them for sure.
    pub read: bool,
    /// Whether it runs them for sure.
    pub run: bool,
    /// Whether something is included around them as it runs: a circle may then have an end.
    pub dynamic: bool,
}

impl Context {
    /// The context of what stands in a block, a task or a role's entry with these keywords.
    pub fn under(&self, map: &Map) -> Context {
        let mut context = self.clone();
        let conditions = ["when", "loop", "ignore_errors", "until"];
        let with =
            |(name, ..): (&str, _, _)| name.starts_with("with_") || conditions.contains(&name);
        if map.named().any(with) || never(map) {
            context.run = false;
        }
        if map.get("collections").is_some() {
            context.collections = true;
        }
        context
    }

    /// The context of a file that is read as its tasks are.
    pub fn imported(&self, folder: PathBuf) -> Context {
        Context {
            folder,
            ..self.clone()
        }
    }

    /// The context of a file that is read only as its tasks come to run.
    pub fn included(&self, folder: PathBuf) -> Context {
        Context {
            folder,
            read: self.run,
            dynamic: true,
            ..self.clone()
        }
    }
}

/// Whether tags may leave it out.
fn never(map: &Map) -> bool {
    let Some(tags) = map.get("tags") else {
        return false;
    };
    let held =
        |text: Option<&str>| text.is_none_or(|text| text.contains("never") || text.contains("{{"));
    match tags.list() {
        Some(items) => items.iter().any(|item| held(item.text())),
        None => held(tags.text()),
    }
}
