//! Which machine, and how its name stands in a path.

use super::record::MachineRecord;
use crate::value::Kind;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Which machine: what stays the same when its id, its settings or its project's path change.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Identity {
    /// The project.
    pub project: Uuid,
    /// The configuration file's name in the project's folder.
    pub file: String,
    /// The machine's name in the file; empty for the one machine of a `.env`.
    pub machine: String,
    /// VM or container: a machine that changes kind is another one.
    pub kind: Kind,
}

impl Identity {
    /// The identity that a record tells of.
    pub fn of(record: &MachineRecord) -> Self {
        Identity {
            project: record.project,
            file: record.config_file.clone(),
            machine: record.machine.clone(),
            kind: record.infra_type,
        }
    }
}

/// A name as one part of a path: bytes other than letters, digits, `-`, `_` and `.` as `%XX`; what
/// is too long for a file name is named by its digest.
pub(super) fn on_disk(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let dots = name.bytes().all(|byte| byte == b'.');
    let escaped: String = name
        .bytes()
        .map(|byte| match byte {
            byte if plain(byte) && !dots => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    if escaped.len() <= 200 {
        return escaped;
    }
    format!("%{}", digest(name.as_bytes()))
}

/// In hexadecimal digits.
pub(super) fn digest(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The name that [`on_disk`] wrote.
pub(super) fn meant(name: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut parts = name.split('%');
    bytes.extend(parts.next()?.bytes());
    for part in parts {
        let (hex, rest) = part.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(hex, 16).ok()?);
        bytes.extend(rest.bytes());
    }
    let text = String::from_utf8(bytes).ok()?;
    (on_disk(&text) == name || name == "%5F").then_some(text)
}

#[cfg(test)]
mod tests {
    use super::{meant, on_disk};

    #[test]
    fn any_name_is_one_part_of_a_path_and_is_read_back() {
        for (name, part) in [
            (".env", ".env"),
            ("deploy/web.env", "deploy%2Fweb.env"),
            ("..", "%2E%2E"),
            ("ä 100%", "%C3%A4%20100%25"),
            ("line\n", "line%0A"),
        ] {
            assert_eq!(on_disk(name), part);
            assert_eq!(meant(part).as_deref(), Some(name));
        }
        let long = on_disk(&"x".repeat(1000));
        assert!(long.len() <= 255 && meant(&long).is_none());
        for wrong in ["%", "%2", "%zz", "%2e%2e", "a b", "%ä"] {
            assert_eq!(meant(wrong), None, "{wrong}");
        }
    }
}
