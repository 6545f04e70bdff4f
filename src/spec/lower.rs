//! Document → Spec: words become values; a wrong one is a finding at its exact part.

use super::{MachineSpec, Value, Written};
use crate::diagnostic::{Diagnostic, Sink};
use crate::settings::{self, Setting, SizeRule, Takes};
use crate::source::Located;
use crate::syntax::{Entry, Section, Word};
use crate::value::{
    Choice, Flaw, HostName, ImageRef, Init, Kind, NetworkMode, PortRule, Provider, Share, Size,
    UserName,
};

/// Reads the settings of one layer.
pub fn lower(section: &Section, sink: &mut Sink) -> MachineSpec {
    let mut spec = MachineSpec::default();
    for entry in &section.entries {
        let row = settings::by_name(entry.setting).expect("documents use the vocabulary");
        spec.settings.insert(row.name, written(row, entry, sink));
    }
    spec
}

fn written(row: &Setting, entry: &Entry, sink: &mut Sink) -> Written {
    let key = Located::new(entry.key.text.clone(), entry.key.origin);
    let mut written = Written {
        key,
        values: Vec::new(),
        wrong: entry.values.is_empty(),
    };
    for word in &entry.values {
        match read(row.takes, &word.text) {
            Ok(values) => {
                let located = values
                    .into_iter()
                    .map(|value| Located::new(value, word.origin));
                written.values.extend(located);
            }
            Err(flaw) => {
                written.wrong = true;
                sink.push(finding(row, entry, word, flaw));
            }
        }
    }
    written
}

fn read(takes: Takes, text: &str) -> Result<Vec<Value>, Flaw> {
    let one = |value| Ok(vec![value]);
    match takes {
        Takes::Kind => one(Value::Kind(Kind::parse(text)?)),
        Takes::Name => one(Value::Name(HostName::parse(text)?)),
        Takes::Size(rule) => one(Value::Size(size(text, rule)?)),
        Takes::Count => one(Value::Count(count(text)?)),
        Takes::Provider => one(Value::Provider(Provider::parse(text)?)),
        Takes::NetworkMode => one(Value::NetworkMode(NetworkMode::parse(text)?)),
        Takes::Interface => one(Value::Text(interface(text)?)),
        Takes::Ip => one(Value::Ip(text.parse().map_err(|_| {
            let help = "write four numbers from 0 to 255, such as `10.20.0.5`";
            Flaw::whole(text, "must be an IPv4 address", help)
        })?)),
        Takes::Ports => Ok(PortRule::parse(text)?
            .into_iter()
            .map(Value::Port)
            .collect()),
        Takes::Image => one(Value::Image(ImageRef::parse(text)?)),
        Takes::BoxName => one(Value::Text(box_name(text)?)),
        Takes::Init => one(Value::Init(Init::parse(text)?)),
        Takes::User => one(Value::User(UserName::parse(text)?)),
        Takes::Path => one(Value::Text(path(text)?)),
        Takes::Share => one(Value::Share(Share::parse(text)?)),
        Takes::VariableName => one(Value::Text(variable_name(text)?)),
    }
}

fn size(text: &str, rule: &SizeRule) -> Result<Size, Flaw> {
    let bare = text.bytes().all(|byte| byte.is_ascii_digit());
    if bare
        && text
            .parse()
            .is_ok_and(|number: u64| number >= rule.mistaken)
    {
        let fix = format!("{text}{}", rule.meant);
        let message = format!("a bare number is {}B", rule.bare);
        return Err(Flaw::whole(
            text,
            message,
            format!("write `{fix}` if that is what is meant"),
        )
        .label("far too large")
        .fix(fix));
    }
    let size = Size::parse(text, rule.bare)?;
    if size < Size::mib(rule.least_mib) {
        let least = Size::mib(rule.least_mib);
        return Err(Flaw::whole(
            text,
            format!("must be ≥ {}", rule.least),
            format!("write `{least}`"),
        )
        .label(readable(size)));
    }
    Ok(size)
}

fn readable(size: Size) -> String {
    let text = size.to_string();
    let (number, unit) = text.split_at(text.len() - 1);
    match unit {
        "B" => format!("{number} bytes"),
        unit => format!("{number} {unit}B"),
    }
}

fn count(text: &str) -> Result<u32, Flaw> {
    match text.parse() {
        Ok(count) if count >= 1 && !text.starts_with('+') => Ok(count),
        _ => Err(Flaw::whole(
            text,
            "must be a whole number ≥ 1",
            "write a number such as `2`",
        )),
    }
}

/// At most 15 bytes, no `/` or blank (the kernel's `dev_valid_name`).
fn interface(text: &str) -> Result<String, Flaw> {
    let plain = |c: char| c.is_ascii_graphic() && c != '/' && c != ':';
    if (1..=15).contains(&text.len()) && text.chars().all(plain) && !text.starts_with(['-', '.']) {
        return Ok(text.to_owned());
    }
    let message = "must be the name of an interface: at most 15 letters, digits and `.-_`";
    Err(Flaw::whole(
        text,
        message,
        "write a name that `ip link` shows, such as `eth0`",
    ))
}

fn box_name(text: &str) -> Result<String, Flaw> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphanumeric()) && part.chars().all(plain)
    };
    if text.split('/').count() <= 2 && text.split('/').all(part) {
        return Ok(text.to_owned());
    }
    let message = "must be the name of a Vagrant box";
    Err(Flaw::whole(
        text,
        message,
        "write a name such as `debian/bookworm64`",
    ))
}

fn path(text: &str) -> Result<String, Flaw> {
    if text.chars().any(char::is_control) {
        let message = "must be a path without control characters";
        return Err(Flaw::whole(text, message, "write the path on one line"));
    }
    Ok(text.to_owned())
}

fn variable_name(text: &str) -> Result<String, Flaw> {
    let first = |c: char| c.is_ascii_alphabetic() || c == '_';
    if text.starts_with(first) && text.chars().all(|c| first(c) || c.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    let message = "must be the name of a variable: letters, digits and `_`";
    Err(Flaw::whole(
        text,
        message,
        "write a name such as `DB_PASSWORD`",
    ))
}

fn finding(row: &Setting, entry: &Entry, word: &Word, flaw: Flaw) -> Diagnostic {
    let name = plain_key(&entry.key.text);
    let origin = word.part(flaw.range.clone());
    let mut help = flaw.help;
    if let Some(default) = row.default
        && help.starts_with("write `")
        && !help.contains(',')
    {
        let written = help.trim_start_matches("write `").to_owned();
        if row.merge == settings::Merge::Replace && !written.contains(' ') {
            help = format!("write `{name}={written}");
        }
        help = format!("{help}, or remove the line for the default of {default}");
    }
    let mut finding = Diagnostic::error(row.rule)
        .message(format!("Invalid value for {name}: {}", flaw.message))
        .at_origin(origin)
        .label(flaw.label)
        .help(help);
    if let (Some(fix), Some(span), true) = (flaw.fix, origin.span(), word.verbatim) {
        finding = finding.fix(span, fix);
    }
    finding
}

/// `MEMORY` for `VAGRANTP_MEMORY`: the messages name the setting, the place shows the spelling.
fn plain_key(key: &str) -> &str {
    key.strip_prefix("VAGRANTP_").unwrap_or(key)
}
