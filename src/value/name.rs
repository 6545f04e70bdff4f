use super::Flaw;
use std::fmt;

/// A host name of one label: `[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?` (RFC 1123).
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct HostName(String);

impl HostName {
    /// The longest, in bytes.
    pub const MAX: usize = 63;

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads a name as it is written.
    ///
    /// # Errors
    /// When it is none; the fix is the nearest valid name.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        if valid(text) {
            return Ok(HostName(text.to_owned()));
        }
        let message = "must be a host name: a-z, 0-9 and inner hyphens, at most 63 characters";
        Err(match Self::derive(text) {
            Some(name) => Flaw::instead(text, message, name.0),
            None => Flaw::whole(text, message, "write a name such as `blog`"),
        }
        .label(too_long(text, Self::MAX)))
    }

    /// The nearest valid name to any text, such as a folder's name.
    pub fn derive(text: &str) -> Option<Self> {
        let lower = text.to_lowercase();
        let mapped: String = lower
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        let words: Vec<&str> = mapped.split('-').filter(|word| !word.is_empty()).collect();
        let mut name = words.join("-");
        name.truncate(Self::MAX);
        let name = name.trim_end_matches('-');
        valid(name).then(|| HostName(name.to_owned()))
    }

    /// This name with a suffix, shortened to fit.
    pub fn with_suffix(&self, suffix: &str) -> Self {
        let room = Self::MAX - suffix.len() - 1;
        let stem = self.0[..self.0.len().min(room)].trim_end_matches('-');
        HostName(format!("{stem}-{suffix}"))
    }
}

/// How long a text is, where it is longer than it may be.
fn too_long(text: &str, most: usize) -> String {
    match text.chars().count() {
        count if count > most => format!("{count} characters"),
        _ => String::new(),
    }
}

fn valid(text: &str) -> bool {
    let bytes = text.as_bytes();
    let inner = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
    (1..=HostName::MAX).contains(&bytes.len())
        && bytes.iter().all(inner)
        && bytes[0] != b'-'
        && bytes[bytes.len() - 1] != b'-'
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a machine, profile, template, task, network, volume or tag: a host name that begins with a letter.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct ObjectName(String);

impl ObjectName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads a name.
    ///
    /// # Errors
    /// When it is none; the fix is the nearest valid name.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        let begins = |text: &str| text.starts_with(|c: char| c.is_ascii_lowercase());
        if valid(text) && begins(text) {
            return Ok(ObjectName(text.to_owned()));
        }
        let message =
            "must be a-z, 0-9 and inner hyphens, beginning with a letter, at most 63 characters";
        let near = HostName::derive(text).filter(|name| begins(name.as_str()));
        Err(match near {
            Some(name) => Flaw::instead(text, message, name.0),
            None => Flaw::whole(text, message, "write a name such as `web`"),
        }
        .label(too_long(text, HostName::MAX)))
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a machine's network is called: one of the project's own, or one of the two that need no name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum NetworkName {
    /// Behind the host.
    Default,
    /// The host's own network.
    Bridge,
    /// One that the project makes.
    Own(ObjectName),
}

impl NetworkName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        match self {
            NetworkName::Default => "default",
            NetworkName::Bridge => "bridge",
            NetworkName::Own(name) => name.as_str(),
        }
    }

    /// Reads a name.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        Ok(match text {
            "default" => NetworkName::Default,
            "bridge" => NetworkName::Bridge,
            _ => NetworkName::Own(ObjectName::parse(text)?),
        })
    }
}

impl fmt::Display for NetworkName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A POSIX user name: `[a-z_][a-z0-9_-]*`, at most 32 characters (useradd(8)).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct UserName(String);

impl UserName {
    /// The longest, in bytes.
    pub const MAX: usize = 32;

    /// The superuser.
    pub fn root() -> Self {
        UserName("root".into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads a name.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        let first = |c: char| c.is_ascii_lowercase() || c == '_';
        let rest = |c: char| first(c) || c.is_ascii_digit() || c == '-';
        if text.starts_with(first) && text.chars().all(rest) && text.len() <= Self::MAX {
            return Ok(UserName(text.to_owned()));
        }
        let message = "must be a user name: a-z, 0-9, `_` and `-`, beginning with a letter, at most 32 characters";
        let folded = text.to_ascii_lowercase();
        Err(if folded != text && Self::parse(&folded).is_ok() {
            Flaw::instead(text, message, folded)
        } else {
            Flaw::whole(text, message, "write a name such as `dev`")
        }
        .label(too_long(text, Self::MAX)))
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::HostName;

    #[test]
    fn a_name_is_made_from_any_folder() {
        for (folder, name) in [
            ("blog", Some("blog")),
            ("My Shop.v2", Some("my-shop-v2")),
            ("--x--", Some("x")),
            ("Ärger", Some("rger")),
            ("日本", None),
            ("", None),
        ] {
            assert_eq!(
                HostName::derive(folder).as_ref().map(HostName::as_str),
                name
            );
        }
        let long = HostName::derive(&"a".repeat(100)).unwrap();
        assert_eq!(long.as_str().len(), 63);
        assert_eq!(long.with_suffix("1234").as_str().len(), 63);
    }
}
