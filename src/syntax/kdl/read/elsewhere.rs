//! Nodes that stand somewhere, but not here.

use super::place::{Place, TOP, is_setting};
use super::sample::{property, sample};
use crate::settings::{Form, SETTINGS, by_name};

/// What to do with a node that has a meaning elsewhere.
pub(super) fn elsewhere(place: Place, name: &str) -> Option<String> {
    if is_setting(name) {
        return setting(place, name);
    }
    let into = match name {
        "template" if matches!(place, Place::Machine | Place::Template) => {
            return Some(
                "write `use NAME` for a template that is there, or move it to the top of the file"
                    .into(),
            );
        }
        _ if TOP.contains(&name) => return Some("move it to the top of the file".into()),
        "use" => "a `machine` or a `template`",
        "param" => "a `template`",
        "only" => "a `profile`",
        "subnet" | "internal" => "a `network` at the top of the file",
        "run" => "a `task`",
        "default-profile" => "`project`",
        _ => return part(name),
    };
    Some(format!("put it into {into}"))
}

fn setting(place: Place, name: &str) -> Option<String> {
    Some(match (place, name) {
        (Place::Top, "vm" | "container") => format!("write `machine NAME {{ {name}; }}`"),
        (Place::Top, "id" | "count") => "put it into a `machine`".into(),
        (Place::Top, _) => "put it into `defaults { … }` or a `machine`".into(),
        (Place::Profile, "id" | "count") => {
            "put it into the `machine` at the top of the file".into()
        }
        (Place::Profile, _) => {
            "put it into a `machine` of the profile, as in `machine \"*\" { … }`".into()
        }
        (Place::Part(row), _) => format!("move it out of the block of `{}`", row.own_name()),
        (_, "id" | "count") => "put it into the `machine` that it is for".into(),
        _ => "put it into a `machine`".into(),
    })
}

/// What qualifies a setting, though it stands alone.
fn part(name: &str) -> Option<String> {
    let row = SETTINGS
        .iter()
        .find(|row| row.owner().is_some() && row.own_name() == name)?;
    let owner = row.owner()?;
    Some(match (row.form, owner) {
        (Form::Property, "ssh") => format!("write `ssh {}`", property(row)),
        (Form::Property, _) => format!(
            "write it behind its `{owner}`, as in `{}`",
            sample(owner, by_name(owner))
        ),
        _ => format!("put it into the block of a `{owner}`"),
    })
}
