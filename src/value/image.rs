use super::Flaw;
use std::fmt;

/// Where a container's root comes from.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ImageRef {
    /// A reference, complete with its registry: `docker.io/library/debian:12`, `localhost/app:latest`.
    Registry(String),
    /// A Containerfile, as written.
    Containerfile(String),
}

impl ImageRef {
    /// Reads a reference, expanding short names as Docker does, or the path of a Containerfile
    /// (which begins with `./`, `../`, `/` or `~/`).
    ///
    /// # Errors
    /// When it is neither (the grammar is that of the distribution project's `reference` package).
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        if ["./", "../", "/", "~/"]
            .iter()
            .any(|start| text.starts_with(start))
        {
            return Ok(ImageRef::Containerfile(text.to_owned()));
        }
        let bad = |range, message: &str| {
            Err(Flaw::part(
                range,
                message,
                "write a reference such as `debian:12` or `ghcr.io/org/image:tag`, or a path such as `./Containerfile`",
            ))
        };
        let (name_and_tag, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        let slash = name_and_tag.rfind('/').map_or(0, |at| at + 1);
        let (name, tag) = match name_and_tag[slash..].find(':') {
            Some(at) => (
                &name_and_tag[..slash + at],
                Some(&name_and_tag[slash + at + 1..]),
            ),
            None => (name_and_tag, None),
        };
        if let Some(digest) = digest {
            let hex = digest.strip_prefix("sha256:").unwrap_or("");
            if hex.len() != 64 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
                let start = name_and_tag.len() + 1;
                return bad(
                    start..text.len(),
                    "the digest must be `sha256:` and 64 hex digits",
                );
            }
        }
        if tag == Some("") {
            return Err(Flaw::part(
                name.len()..name.len() + 1,
                "a tag must follow the `:`",
                "write the tag, as in `debian:12`, or remove the `:`",
            ));
        }
        if let Some(tag) = tag {
            let first = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
            let inner = |b: u8| first(b) || b == b'.' || b == b'-';
            if tag.len() > 128 || !first(tag.as_bytes()[0]) || !tag.bytes().all(inner) {
                let start = name.len() + 1;
                return bad(
                    start..start + tag.len(),
                    "the tag must be letters, digits, `_`, `.` and `-`",
                );
            }
        }
        let (registry, path) = split_registry(name);
        let mut at = name.len() - path.len();
        for part in path.split('/') {
            let lower = part.to_ascii_lowercase();
            if lower != part
                && lower
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
            {
                let range = at..at + part.len();
                let whole = [&text[..range.start], &lower, &text[range.end..]].concat();
                return Err(Flaw {
                    range,
                    fix: Some(lower),
                    ..Flaw::instead(text, "a repository must be lower case", whole)
                });
            }
            let alnum = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
            let bytes = part.as_bytes();
            let ends = |b: Option<&u8>| b.is_some_and(|b| alnum(*b));
            if !ends(bytes.first())
                || !ends(bytes.last())
                || !bytes.iter().all(|b| alnum(*b) || b"._-".contains(b))
            {
                return bad(at..at + part.len(), "must be an image reference");
            }
            at += part.len() + 1;
        }
        let tail = match (tag, digest) {
            (None, None) => ":latest".to_owned(),
            _ => text[name.len()..].to_owned(),
        };
        Ok(ImageRef::Registry(match registry {
            Some(registry) => format!("{registry}/{path}{tail}"),
            None if path.contains('/') => format!("docker.io/{path}{tail}"),
            None => format!("docker.io/library/{path}{tail}"),
        }))
    }
}

/// The registry is the first part if it has a dot or a colon, or is `localhost`.
fn split_registry(name: &str) -> (Option<&str>, &str) {
    match name.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => {
            (Some(first), rest)
        }
        _ => (None, name),
    }
}

impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ImageRef::Registry(text) => {
                f.write_str(text.strip_prefix("docker.io/library/").unwrap_or(text))
            }
            ImageRef::Containerfile(text) => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ImageRef;

    #[test]
    fn short_names_expand_as_docker_does() {
        for (text, full) in [
            ("debian:12", "docker.io/library/debian:12"),
            ("redis", "docker.io/library/redis:latest"),
            ("org/app:1", "docker.io/org/app:1"),
            ("localhost/app", "localhost/app:latest"),
            ("ghcr.io/a/b:c", "ghcr.io/a/b:c"),
            ("localhost:5000/x", "localhost:5000/x:latest"),
        ] {
            assert_eq!(
                ImageRef::parse(text),
                Ok(ImageRef::Registry(full.into())),
                "{text}"
            );
        }
        for text in [
            "Debian",
            "debian:",
            "a b",
            "--privileged",
            "x@sha256:1",
            "",
            ":12",
        ] {
            assert!(ImageRef::parse(text).is_err(), "{text}");
        }
    }
}
