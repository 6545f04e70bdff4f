//! A wrong word as a finding, in the words of the place where it stands.

use crate::diagnostic::Diagnostic;
use crate::settings::{Dialect, Form, Setting, Takes};
use crate::source::Origin;
use crate::syntax::{Word, kdl};
use crate::value::Flaw;

/// Which dialect a name is of: one of ours in a `.env` is its key, whatever stands before it.
fn dialect(row: &Setting, key: &Word) -> Dialect {
    match row.env {
        Some(env) if key.text.ends_with(env) => Dialect::Env,
        _ => Dialect::Kdl,
    }
}

/// The finding about a flaw of a word.
pub(super) fn finding(row: &Setting, key: &Word, word: &Word, flaw: Flaw) -> Diagnostic {
    let origin = word.part(flaw.range.clone());
    let (name, fix) = match (dialect(row, key), &flaw.fix) {
        (Dialect::Env, fix) => (row.key(), fix.clone()),
        (Dialect::Kdl, Some(fix)) => (row.name, kdl::rewritten(word, flaw.range.clone(), fix)),
        (Dialect::Kdl, None) => (row.name, None),
    };
    let finding = Diagnostic::error(row.rule)
        .message(format!("Invalid value for {name}: {}", flaw.message))
        .at_origin(origin)
        .help(help(row, key, &flaw))
        .label(flaw.label);
    match (fix, origin.span()) {
        (Some(fix), Some(span)) if word.verbatim => finding.fix(span, fix),
        _ => finding,
    }
}

/// What to do, in the words of the place where the value stands.
fn help(row: &Setting, key: &Word, flaw: &Flaw) -> String {
    let dialect = dialect(row, key);
    let (write, remove) = match (key.origin, dialect) {
        (Origin::Env(_), _) => ("set", "unset it"),
        (Origin::Flag(_), _) => ("write", "leave it out"),
        (_, Dialect::Env) => ("write", "remove the line"),
        (_, Dialect::Kdl) => ("write", "remove it"),
    };
    let help = match &flaw.instead {
        Some(value) if row.is_list() => format!("{write} `{value}`"),
        Some(value) if dialect == Dialect::Env => format!("{write} `{}={value}`", key.text),
        Some(value) if matches!(key.origin, Origin::Flag(_)) => {
            format!("{write} `{}={value}`", key.text)
        }
        Some(value) => format!("{write} `{}`", in_kdl(row, key, value)),
        None => flaw.help.clone(),
    };
    match (row.takes, row.default) {
        (Takes::Size(_) | Takes::Count, Some(default)) => {
            format!("{help}, or {remove} for the default of {default}")
        }
        _ => help,
    }
}

/// A value behind the name it has where it stands.
fn in_kdl(row: &Setting, key: &Word, value: &str) -> String {
    let bare = value.bytes().all(|byte| byte.is_ascii_digit())
        || matches!(
            row.takes,
            Takes::Provider
                | Takes::Init
                | Takes::Restart
                | Takes::Switch
                | Takes::ObjectName
                | Takes::NetworkMode
                | Takes::Name
                | Takes::VariableName
                | Takes::User
        );
    let value = match bare {
        true => value.to_owned(),
        false => format!("\"{value}\""),
    };
    match row.form {
        Form::Property => format!("{}={value}", key.text),
        _ => format!("{} {value}", key.text),
    }
}
