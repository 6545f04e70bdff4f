//! Names are bare, values quoted: which of the two a string is, where it stands.

use crate::settings::{Form, SETTINGS, Setting, Takes};
use std::borrow::Cow;

use Spelling::{AsWritten, Name, Value};

/// How a string is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// A name, or a word of a closed set: bare, if it looks like one.
    Name,
    /// A value: between quotes.
    Value,
    /// Either.
    AsWritten,
}

/// How the nodes that are no settings take their arguments.
const NODES: &[(&str, Spelling)] = &[
    ("container", Value),
    ("default-profile", Name),
    ("include", Value),
    ("machine", Name),
    ("only", Name),
    ("profile", Name),
    ("project", Name),
    ("run", Value),
    ("subnet", Value),
    ("task", Name),
    ("template", Name),
    ("use", Name),
    ("vm", Value),
];

/// How the argument of a node is written, of which `number` others are before it.
pub(super) fn argument(node: &str, number: usize) -> Spelling {
    let row = SETTINGS.iter().filter(|row| row.form != Form::Property);
    let row = row.rev().find(|row| row.own_name() == node);
    match (row.map(|row| row.form), number) {
        (Some(Form::Group), 0) => Name,
        (Some(_), _) => row.map_or(AsWritten, spelling),
        (None, 0) if node == "param" => Name,
        (None, _) => {
            let known = NODES.iter().find(|(name, _)| *name == node);
            known.map_or(AsWritten, |(_, spelling)| *spelling)
        }
    }
}

/// How the value of a property is written.
pub(super) fn property(node: &str, property: &str) -> Spelling {
    if [("profile", "extends"), ("task", "in")].contains(&(node, property)) {
        return Name;
    }
    let of_node = |owner: &str| owner.rsplit('.').next() == Some(node);
    let row = SETTINGS.iter().find(|row| {
        row.form == Form::Property && row.own_name() == property && row.owner().is_some_and(of_node)
    });
    row.map_or(AsWritten, spelling)
}

/// How the words of a setting are written.
fn spelling(row: &Setting) -> Spelling {
    match row.takes {
        Takes::Kind
        | Takes::Name
        | Takes::Provider
        | Takes::NetworkMode
        | Takes::Interface
        | Takes::Init
        | Takes::User
        | Takes::VariableName
        | Takes::Restart
        | Takes::Switch
        | Takes::ObjectName
        | Takes::PackageName => Name,
        _ => Value,
    }
}

/// A bare string, as it is to be written.
pub(super) fn bare(text: &str, spelling: Spelling) -> Cow<'_, str> {
    let quotes = match spelling {
        Name => !is_name(text),
        Value => true,
        AsWritten => false,
    };
    // What may be bare needs no escape.
    if quotes {
        format!("\"{text}\"").into()
    } else {
        text.into()
    }
}

/// A quoted string, as it is to be written.
pub(super) fn quoted(text: &str, spelling: Spelling) -> &str {
    let inside = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    inside
        .filter(|inside| spelling == Name && is_name(inside))
        .unwrap_or(text)
}

/// Narrower than what KDL allows to be bare: a pattern, or what looks like something else, is a value.
fn is_name(text: &str) -> bool {
    // `!@debug`: what is not tagged so.
    let name = text.strip_prefix('!').unwrap_or(text);
    let name = name.strip_prefix('@').unwrap_or(name);
    let first = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let rest = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    first && name.chars().all(rest) && !["true", "false", "null", "inf", "nan"].contains(&text)
}
