//! One word as a value.

use crate::settings::{Setting, SizeRule, Takes};
use crate::spec::Value;
use crate::syntax::Word;
use crate::value::{
    Choice, Flaw, HostName, ImageRef, Init, Kind, NetworkMode, NetworkName, ObjectName, PortRule,
    Provider, Restart, Share, Size, Switch, UserName, guest_path, parse_duration,
};
use std::net::Ipv4Addr;

/// Reads a word as the row says.
///
/// # Errors
/// With what is wrong, and where in it.
pub fn read(row: &Setting, key: &Word, text: &str) -> Result<Vec<Value>, Flaw> {
    let one = |value| Ok(vec![value]);
    match row.takes {
        Takes::Kind => one(Value::Kind(Kind::parse(text)?)),
        Takes::Name => one(Value::Name(HostName::parse(text)?)),
        Takes::Size(rule) => one(Value::Size(size(text, row, rule)?)),
        Takes::Count => one(Value::Count(count(text)?)),
        Takes::Provider => one(Value::Provider(Provider::parse(text)?)),
        Takes::NetworkMode => one(Value::Network(network(text, key)?)),
        Takes::Interface => one(Value::Text(interface(text)?)),
        Takes::Ip => one(Value::Ip(address(text)?)),
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
        Takes::Duration => one(Value::Duration(parse_duration(text)?)),
        Takes::Port => one(Value::Number(port(text)?)),
        Takes::Restart => one(Value::Restart(Restart::parse(text)?)),
        Takes::Switch => one(Value::Switch(Switch::parse(text)?)),
        Takes::ObjectName => one(Value::Object(ObjectName::parse(text)?)),
        Takes::GuestPath => one(Value::Text(guest_path(text)?)),
        Takes::SharedPath => one(Value::Text(shared_path(text)?)),
        Takes::PackageName => one(Value::Text(package(text)?)),
        Takes::Text => one(Value::Text(self::text(text)?)),
        Takes::Nothing => Ok(Vec::new()),
    }
}

/// A `.env` knows two networks; a `vagrantp.kdl` makes its own too.
fn network(text: &str, key: &Word) -> Result<NetworkName, Flaw> {
    if key.text == "network" {
        return NetworkName::parse(text);
    }
    NetworkMode::parse(text).map(|mode| match mode {
        NetworkMode::Default => NetworkName::Default,
        NetworkMode::Bridge => NetworkName::Bridge,
    })
}

fn port(text: &str) -> Result<u16, Flaw> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<u16>() {
        Ok(port) if port > 0 && digits => Ok(port),
        _ => Err(Flaw::whole(
            text,
            "must be a port from 1 to 65535",
            "write a number such as `80`",
        )),
    }
}

/// A path below a shared folder, that cannot lead out of it.
fn shared_path(text: &str) -> Result<String, Flaw> {
    let path = path(text)?;
    let parts: Vec<&str> = path
        .split('/')
        .filter(|part| !matches!(*part, "" | "."))
        .collect();
    if parts.is_empty() || path.starts_with('/') || parts.contains(&"..") {
        let message = "must be a path inside the shared folder";
        return Err(Flaw::whole(text, message, "write a path such as `.env`"));
    }
    Ok(parts.join("/"))
}

/// What the package managers take: a name, maybe with a version behind `=`.
fn package(text: &str) -> Result<String, Flaw> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "+-._:=~^@/*".contains(c);
    if text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(plain) {
        return Ok(text.to_owned());
    }
    let message = "must be the name of a package";
    Err(Flaw::whole(text, message, "write a name such as `git`"))
}

/// Environments and command lines end at a NUL; nothing else in a text is wrong.
pub fn text(text: &str) -> Result<String, Flaw> {
    if text.contains('\0') {
        return Err(Flaw::whole(text, "must be without NUL", "remove the NUL"));
    }
    Ok(text.to_owned())
}

fn address(text: &str) -> Result<Ipv4Addr, Flaw> {
    let message = "must be an IPv4 address";
    text.parse().map_err(|_| match text.split_once('/') {
        Some((address, prefix)) if address.parse::<Ipv4Addr>().is_ok() => {
            Flaw::instead(text, message, address).label(format!("`/{prefix}` is too much"))
        }
        _ => {
            let help = "write four numbers from 0 to 255, such as `10.20.0.5`";
            Flaw::whole(text, message, help)
        }
    })
}

fn size(text: &str, row: &Setting, rule: &SizeRule) -> Result<Size, Flaw> {
    let number = Some(text)
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|text| text.parse::<u64>().ok());
    if number.is_some_and(|number| number >= rule.mistaken) {
        let message = format!("a bare number counts {}B", rule.bare);
        let meant = format!("{text}{}", rule.meant);
        let size = Size::parse(&meant, rule.bare)?;
        return Err(Flaw::instead(text, message, meant).label(format!("surely {}", readable(size))));
    }
    let size = Size::parse(text, rule.bare).map_err(|flaw| Flaw {
        help: format!("write a size such as `{}`", row.example),
        ..flaw
    })?;
    let least = Size::mib(rule.least_mib);
    if size < least {
        let message = format!("must be ≥ {}", rule.least);
        return Err(Flaw::instead(text, message, least.to_string()).label(readable(size)));
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
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let message = "must be a whole number ≥ 1";
    match text.parse() {
        Ok(0) => Err(Flaw::instead(text, message, "1")),
        Ok(count) if digits => Ok(count),
        Err(_) if digits && !text.is_empty() => {
            let message = "must be a number that a host can have";
            Err(Flaw::whole(text, message, "write a number such as `4`"))
        }
        _ => Err(Flaw::whole(text, message, "write a number such as `4`")),
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
    // Boxes of ours are of a release: `std/debian@trixie`.
    let name = match text.split_once('@') {
        Some((name, release)) if name.starts_with("std/") && part(release) => name,
        _ => text,
    };
    if name.split('/').count() <= 2 && name.split('/').all(part) {
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

pub fn variable_name(text: &str) -> Result<String, Flaw> {
    let first = |c: char| c.is_ascii_alphabetic() || c == '_';
    if text.starts_with(first) && text.chars().all(|c| first(c) || c.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    let message = "must be the name of a variable: letters, digits and `_`";
    let plain = |c: char| match c {
        _ if first(c) || c.is_ascii_digit() => c,
        _ => '_',
    };
    let mut near: String = text.trim().chars().map(plain).collect();
    if near.starts_with(|c: char| c.is_ascii_digit()) {
        near.insert(0, '_');
    }
    Err(match near.contains(|c: char| c.is_ascii_alphanumeric()) {
        true => Flaw::instead(text, message, near),
        false => Flaw::whole(text, message, "write a name such as `APP_ENV`"),
    })
}
