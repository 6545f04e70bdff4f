//! Secrets in what others print: each is hidden wherever it stands.

use std::borrow::Cow;

/// What stands in the place of a secret.
pub const HIDDEN: &str = "********";

/// Shorter ones are hidden only where they stand as words: they are in half of all words else.
const SHORT: usize = 4;

/// Hides values.
#[derive(Clone, Default)]
pub struct Mask {
    /// Longest first, so that no part of one is left.
    secrets: Vec<String>,
}

impl Mask {
    /// Hides these values, and each line of those that have several.
    pub fn new(values: impl IntoIterator<Item = String>) -> Self {
        let mut secrets: Vec<String> = Vec::new();
        for value in values {
            let lines = value.lines().map(str::trim);
            let lines = lines.filter(|line| line.len() >= SHORT && *line != value);
            secrets.extend(lines.map(str::to_owned));
            // As JSON and Python's repr show it.
            let quoted = serde_json::Value::from(value.as_str()).to_string();
            secrets.push(quoted[1..quoted.len() - 1].to_owned());
            secrets.push(value);
        }
        Self::sorted(secrets)
    }

    /// Hides all that any of these hides.
    pub fn all<'a>(masks: impl Iterator<Item = &'a Mask>) -> Self {
        let secrets = masks.flat_map(|mask| mask.secrets.clone());
        Self::sorted(secrets.collect())
    }

    fn sorted(mut secrets: Vec<String>) -> Self {
        secrets.retain(|secret| !secret.trim().is_empty());
        secrets.sort_by(|one, other| (other.len(), other).cmp(&(one.len(), one)));
        secrets.dedup();
        Mask { secrets }
    }

    /// The text without them.
    pub fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut shown = Cow::Borrowed(text);
        for secret in &self.secrets {
            if shown.contains(secret.as_str()) {
                shown = Cow::Owned(replaced(&shown, secret));
            }
        }
        shown
    }
}

fn replaced(text: &str, secret: &str) -> String {
    if secret.chars().count() >= SHORT {
        return text.replace(secret, HIDDEN);
    }
    let mut shown = String::new();
    let mut last = 0;
    for (at, _) in text.match_indices(secret) {
        let end = at + secret.len();
        let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let before = text[..at].chars().next_back();
        if !is_word(before) && !is_word(text[end..].chars().next()) {
            shown += &text[last..at];
            shown += HIDDEN;
            last = end;
        }
    }
    shown + &text[last..]
}

#[cfg(test)]
mod tests {
    use super::Mask;

    #[test]
    fn secrets_are_hidden_wherever_they_stand() {
        let mask =
            Mask::new(["s3cr3t", "s3cr3t-long", "ab", "two\nlines \"here\"", ""].map(String::from));
        for (text, shown) in [
            ("x=s3cr3t-long;s3cr3t", "x=********;********"),
            ("ab abc (ab)", "******** abc (********)"),
            ("lines \"here\" alone", "******** alone"),
            (r#"{"a":"two\nlines \"here\""}"#, r#"{"a":"********"}"#),
            ("nothing", "nothing"),
        ] {
            assert_eq!(mask.hide(text), shown);
        }
    }
}
