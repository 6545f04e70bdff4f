//! Keys that are nearly ours. A `.env` is the application's too, so near is not enough: the names that
//! applications use (`PORT`, `IMAGES`, `SSL_KEY`, `GPUS`) must not be taken for slips.

use crate::settings::{SETTINGS, Setting, Takes, by_env};
use crate::value::{Choice, Kind, PortRule, Provider, nearest};

/// What every key of ours may begin with, in a `.env`, and must in the environment.
pub const PREFIX: &str = "VAGRANTP_";

/// Variables of ours that are no settings.
const NO_SETTINGS: [&str; 4] = ["FILE", "PROFILE", "LOG", "FAILPOINT"];

/// The key of ours that `key` was surely meant to be. The value helps where the name alone does not tell.
pub fn meant(key: &str, value: Option<&str>) -> Option<String> {
    if let Some(rest) = key.strip_prefix(PREFIX) {
        return meant_after_prefix(rest).map(|row| format!("{PREFIX}{}", row.key()));
    }
    let letters = letters(key)?;
    let row = SETTINGS
        .iter()
        .find(|row| near(key, &letters, row, value))?;
    Some(row.key().to_owned())
}

/// The setting that was meant by a name after our prefix, where no application has a say.
fn meant_after_prefix(rest: &str) -> Option<&'static Setting> {
    if by_env(rest).is_some() || NO_SETTINGS.contains(&rest) || rest.len() > LONGEST {
        return None;
    }
    let keys = SETTINGS.iter().filter_map(|row| row.env);
    by_env(nearest(rest, keys.chain(NO_SETTINGS))?)
}

/// Nothing longer is near any key.
const LONGEST: usize = 32;

/// A key without case and without anything between its letters.
fn letters(key: &str) -> Option<String> {
    let letters = key.chars().filter(char::is_ascii_alphanumeric);
    (key.len() <= LONGEST).then(|| letters.map(|c| c.to_ascii_uppercase()).collect())
}

fn near(key: &str, letters: &str, row: &Setting, value: Option<&str>) -> bool {
    let Some(name) = row.env else { return false };
    let length = name.len() - name.matches('_').count();
    if length.abs_diff(letters.len()) > 2 {
        return false;
    }
    if Some(letters) == self::letters(name).as_deref() {
        return key != name;
    }
    if plural(letters, name) {
        return name.starts_with("PROVISIONING_") || value.is_some_and(|v| fits(v, row.takes));
    }
    let upper = key.to_ascii_uppercase();
    let parts: Vec<&str> = upper.split('_').collect();
    let known: Vec<&str> = name.split('_').collect();
    parts.len() == known.len()
        && parts
            .iter()
            .zip(&known)
            .all(|(part, known)| slip(part, known, known.len() > 5 || parts.len() > 1))
}

/// Whether they differ by a final S, written as letters only.
fn plural(letters: &str, key: &str) -> bool {
    let key = key.replace('_', "");
    letters.strip_suffix('S') == Some(&key) || key.strip_suffix('S') == Some(letters)
}

/// Whether a part of a key is another, mistyped. Short ones are too many: only their letters may change places.
fn slip(part: &str, known: &str, long: bool) -> bool {
    if part == known {
        return true;
    }
    if part.len().abs_diff(known.len()) > 1 {
        return false;
    }
    let sorted = |text: &str| {
        let mut bytes = text.as_bytes().to_vec();
        bytes.sort_unstable();
        bytes
    };
    let swapped = sorted(part) == sorted(known) && strsim::osa_distance(part, known) <= 2;
    let room = match known.len() {
        0..=3 => 0,
        4..=5 => 1,
        _ => 2,
    };
    // Hardly anyone mistypes the first letter.
    let first = part.as_bytes().first() == known.as_bytes().first();
    swapped || (long && first && strsim::osa_distance(part, known) <= room)
}

/// Whether a value reads as one of a setting that does not take nearly everything.
fn fits(value: &str, takes: Takes) -> bool {
    match takes {
        Takes::Ports => value
            .split(',')
            .all(|word| PortRule::parse(word.trim()).is_ok()),
        Takes::Count => value.parse::<u32>().is_ok_and(|count| count > 0),
        Takes::Provider => Provider::parse(value).is_ok(),
        Takes::Kind => Kind::parse(value).is_ok(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::meant;

    #[test]
    fn slips_are_seen() {
        for (key, value, expected) in [
            ("MEMROY", "4096", "MEMORY"),
            ("MEMOR", "4096", "MEMORY"),
            ("INFRA_TPYE", "vm", "INFRA_TYPE"),
            ("INFA_TYPE", "vm", "INFRA_TYPE"),
            ("infra_type", "vm", "INFRA_TYPE"),
            ("INFRA-TYPE", "vm", "INFRA_TYPE"),
            ("INFRATYPE", "vm", "INFRA_TYPE"),
            ("Memory", "4096", "MEMORY"),
            ("IP_ADRESS", "10.0.0.2", "IP_ADDRESS"),
            ("PROVDIER", "libvirt", "PROVIDER"),
            ("SNYC", ".", "SYNC"),
            ("IMGAE", "debian", "IMAGE"),
            ("PORT", "8080:80", "PORTS"),
            ("CPU", "4", "CPUS"),
            ("DISKSIZE", "20G", "DISK_SIZE"),
            ("PROVISIONING_SECRET", "A", "PROVISIONING_SECRETS"),
            ("PROVISONING_PLAYBOOK", "a.yml", "PROVISIONING_PLAYBOOK"),
            ("VAGRANTP_MEMROY", "4096", "VAGRANTP_MEMORY"),
            ("VAGRANTP_memory", "4096", "VAGRANTP_MEMORY"),
            ("VAGRANTP_PORT", "8080:80", "VAGRANTP_PORTS"),
        ] {
            assert_eq!(meant(key, Some(value)).as_deref(), Some(expected), "{key}");
        }
    }

    #[test]
    fn names_of_applications_are_not() {
        for (key, value) in [
            ("PORT", "3000"),
            ("PORT", ""),
            ("CPU", "amd64"),
            ("GPUS", "1"),
            ("IMAGES", "./public/images"),
            ("IMAGE_URL", "https://x"),
            ("SYNC_URL", "https://x"),
            ("ASYNC", "1"),
            ("UNIT", "px"),
            ("POSTS", "10"),
            ("SSL_KEY", "/etc/ssl/key.pem"),
            ("SSO_USER", "a"),
            ("API_KEY", "abc"),
            ("SSH_KEYS", "a b"),
            ("PROVIDERS", "google,github"),
            ("MEMO", "buy milk"),
            ("BOX_ID", "7"),
            ("APP_TYPE", "web"),
            ("NETWORK", "mainnet"),
            ("MEMORY_LIMIT", "512M"),
            ("VAGRANTP_FILE", "x"),
            ("VAGRANTP_PROFILE", "x"),
            ("VAGRANTP_LOG", "x"),
            ("VAGRANTP_MEMORY", "1"),
            ("MEMORY", "1"),
            ("", ""),
        ] {
            assert_eq!(meant(key, Some(value)), None, "{key}={value}");
        }
        assert_eq!(meant(&"M".repeat(1 << 20), None), None);
    }
}
