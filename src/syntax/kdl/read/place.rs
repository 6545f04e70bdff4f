//! Where a node stands, and which nodes may stand there.

use crate::settings::{self, Form, SETTINGS, Setting, Stands};

/// A kind of block.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// The file itself.
    Top,
    /// `project`
    Project,
    /// `network` beside the machines.
    Network,
    /// `defaults`
    Defaults,
    /// `template`
    Template,
    /// `machine`
    Machine,
    /// `profile`
    Profile,
    /// `machine` in a profile.
    Override,
    /// `task`
    Task,
    /// What qualifies a setting.
    Part(&'static Setting),
}

impl Place {
    /// The names of all nodes that may stand there.
    pub(super) fn nodes(self) -> Vec<&'static str> {
        match self {
            Place::Top => TOP.to_vec(),
            Place::Project => vec!["default-profile"],
            Place::Network => vec!["subnet", "internal"],
            Place::Profile => vec!["only", "machine"],
            Place::Task => vec!["run"],
            Place::Part(row) => children(row).map(Setting::own_name).collect(),
            Place::Defaults | Place::Override => settings_but_of_one().collect(),
            Place::Template => settings_but_of_one().chain(["use", "param"]).collect(),
            Place::Machine => {
                let own = rows().filter(|row| row.stands == Stands::Machine);
                let own = own.map(|row| row.name);
                settings_but_of_one().chain(own).chain(["use"]).collect()
            }
        }
    }

    /// Whether settings stand there.
    pub(super) fn has_settings(self) -> bool {
        use Place::{Defaults, Machine, Override, Template};
        matches!(self, Defaults | Template | Machine | Override)
    }

    /// What messages call it.
    pub(super) fn called(self) -> String {
        let name = match self {
            Place::Top => return "at the top of the file".into(),
            Place::Project => "project",
            Place::Network => "network",
            Place::Defaults => "defaults",
            Place::Template => "template",
            Place::Machine => "machine",
            Place::Profile => "profile",
            Place::Override => "machine` of a `profile",
            Place::Task => "task",
            Place::Part(row) => row.own_name(),
        };
        match name {
            "defaults" => "in `defaults`".into(),
            "extra-disk" => "in an `extra-disk`".into(),
            _ => format!("in a `{name}`"),
        }
    }
}

/// The nodes of a file.
pub(super) const TOP: &[&str] = &[
    "project", "include", "network", "defaults", "template", "machine", "profile", "task",
];

/// What qualifies a setting from within its block.
pub(super) fn children(row: &'static Setting) -> impl Iterator<Item = &'static Setting> {
    settings::parts_of(row.name).filter(|part| part.form != Form::Property)
}

/// Rows that are no parts of others.
fn rows() -> impl Iterator<Item = &'static Setting> {
    let alone = |row: &&Setting| row.owner().is_none() && row.form != Form::OfKind;
    SETTINGS.iter().filter(alone)
}

/// Whether a name is the node of a setting.
pub(super) fn is_setting(name: &str) -> bool {
    settings_but_of_one().any(|known| known == name)
        || rows().any(|row| row.stands == Stands::Machine && row.name == name)
}

/// The nodes of settings that several machines may share.
fn settings_but_of_one() -> impl Iterator<Item = &'static str> {
    let shared = rows().filter(|row| row.stands == Stands::Everywhere);
    let nodes = shared.flat_map(|row| match row.form {
        Form::Kind => &["vm", "container"],
        _ => std::slice::from_ref(&row.name),
    });
    nodes.copied().chain(groups())
}

/// Owners of properties that are no settings themselves: `ssh`.
fn groups() -> impl Iterator<Item = &'static str> {
    let owners = SETTINGS.iter().filter_map(Setting::owner);
    let lone = owners.filter(|owner| settings::by_name(owner).is_none());
    let mut seen = Vec::new();
    lone.filter(move |owner| {
        let new = !seen.contains(owner);
        seen.push(owner);
        new
    })
}
