//! Vagrant's own store of boxes, read without Vagrant: `boxes/ORG-VAGRANTSLASH-NAME/VERSION/[ARCH/]PROVIDER`.

use crate::call::{Call, Outcome};
use serde::Deserialize;
use std::cmp::Ordering;
use std::time::Duration;

const ADD: Duration = Duration::from_secs(3600);

/// The folder of a box in the store.
pub fn folder_name(name: &str) -> String {
    name.replace('/', "-VAGRANTSLASH-")
}

/// The name of the box of a folder in the store.
pub fn box_name(folder: &str) -> String {
    folder.replace("-VAGRANTSLASH-", "/")
}

/// What a box says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    /// The disk's file in the box.
    pub image: String,
    /// Its format.
    pub format: String,
    /// In bytes; nothing where only the disk itself says it.
    pub virtual_size: Option<u64>,
}

#[derive(Deserialize)]
struct Written {
    provider: Option<String>,
    format: Option<String>,
    virtual_size: Option<serde_json::Value>,
    #[serde(default)]
    disks: Vec<Disk>,
}

#[derive(Deserialize)]
struct Disk {
    path: Option<String>,
    format: Option<String>,
}

/// Reads a box's `metadata.json`.
///
/// # Errors
/// Why it is none of a box that can be used.
pub fn read_metadata(text: &str) -> Result<Metadata, String> {
    let written: Written = serde_json::from_str(text)
        .map_err(|error| format!("its metadata.json cannot be read: {error}"))?;
    let provider = written.provider.unwrap_or_default();
    if provider != "libvirt" {
        return Err(format!("it is a box for '{provider}', not for libvirt"));
    }
    if written.disks.len() > 1 {
        return Err("it has several disks".to_owned());
    }
    if let Some(disk) = written.disks.into_iter().next() {
        let image = disk.path.unwrap_or_else(|| "box.img".to_owned());
        if image.split('/').any(|part| part == "..") || image.starts_with('/') {
            return Err("its disk is outside of it".to_owned());
        }
        return Ok(Metadata {
            image,
            format: disk.format.unwrap_or_else(|| "qcow2".to_owned()),
            virtual_size: None,
        });
    }
    let size = written.virtual_size.and_then(|size| match size {
        serde_json::Value::Number(number) => number.as_f64(),
        serde_json::Value::String(text) => text.trim().parse().ok(),
        _ => None,
    });
    Ok(Metadata {
        image: "box.img".to_owned(),
        format: written.format.unwrap_or_else(|| "qcow2".to_owned()),
        virtual_size: size.map(|gigabytes| (gigabytes * f64::from(1 << 30)) as u64),
    })
}

/// The user that a box's own Vagrantfile names.
pub fn user(vagrantfile: &str) -> Option<&str> {
    let mut lines = vagrantfile.lines().map(str::trim);
    let line = lines.find(|line| !line.starts_with('#') && line.contains(".ssh.username"))?;
    let value = line.split_once('=')?.1.trim();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let name = value[1..].split(quote).next()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    (!name.is_empty() && name.chars().all(plain)).then_some(name)
}

/// The order of two versions, as Vagrant has it for those without letters.
pub fn order(one: &str, other: &str) -> Ordering {
    let numbers = |text: &str| -> Vec<u64> {
        let parts = text.split(['.', '_', '-']);
        parts.map(|part| part.parse().unwrap_or(0)).collect()
    };
    numbers(one).cmp(&numbers(other))
}

/// Has Vagrant fetch a box, or take one from a file.
pub fn add(name: &str, from: &str) -> Call {
    Call::change("vagrant")
        .args(["box", "add", "--provider", "libvirt"])
        .args(if from == name {
            vec![name.to_owned()]
        } else {
            vec!["--name".to_owned(), name.to_owned(), from.to_owned()]
        })
        .env("VAGRANT_CHECKPOINT_DISABLE", "1")
        .within(ADD)
}

/// Whether Vagrant had no box to add: it is unknown, or its server does not answer.
pub fn not_found(outcome: &Outcome) -> bool {
    let text = format!("{}{}", outcome.stderr, outcome.stdout);
    [
        "could not be found or",
        "Couldn't open file",
        "An error occurred while downloading the remote file",
    ]
    .iter()
    .any(|sentence| text.contains(sentence))
}

/// The last thing that Vagrant said that is a cause: `Could not resolve host: …`.
pub fn cause(outcome: &Outcome) -> String {
    let text = format!("{}\n{}", outcome.stdout, outcome.stderr);
    let lines = text.lines().rev().map(str::trim);
    let mut lines = lines.map(|line| line.strip_prefix("Error: ").unwrap_or(line));
    let line = lines.find(|line| {
        ["Could not", "Couldn't", "The requested URL", "Failed to"]
            .iter()
            .any(|start| line.starts_with(start))
    });
    line.map_or_else(|| "it is unknown to its server".to_owned(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_of_both_forms_is_read() {
        let first = r#"{"provider":"libvirt","format":"qcow2","virtual_size":2}"#;
        assert_eq!(read_metadata(first).unwrap().virtual_size, Some(2 << 30));
        let second = r#"{"provider":"libvirt","disks":[{"path":"a.img"}]}"#;
        let metadata = read_metadata(second).unwrap();
        assert_eq!(
            (metadata.image.as_str(), metadata.virtual_size),
            ("a.img", None)
        );
        for bad in [
            r#"{"provider":"virtualbox"}"#,
            "[",
            r#"{"provider":"libvirt","disks":[{"path":"../x"}]}"#,
        ] {
            assert!(read_metadata(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_user_is_what_the_box_names() {
        assert_eq!(user("  config.ssh.username = \"dev\"\n"), Some("dev"));
        assert_eq!(user("config.ssh.username = 'a;b'"), None);
        assert_eq!(user("# config.ssh.username = 'a'"), None);
    }

    #[test]
    fn versions_are_ordered_by_number() {
        assert_eq!(order("12.10.1", "12.9.3"), Ordering::Greater);
        assert_eq!(order("0", "0"), Ordering::Equal);
    }
}
