//! Other texts in the place of a word.

use super::clump::quoted;
use super::words::valid;
use crate::syntax::{Literal, Word};
use std::ops::Range;

/// What to write over a part of a word so that it is still one word. Nothing where that depends on whether
/// the word is in quotes, which is not known of one that needs none.
pub fn rewritten(word: &Word, part: Range<usize>, text: &str) -> Option<String> {
    let whole = part == (0..word.text.len());
    match word.literal {
        _ if text.contains(['"', '\\']) => None,
        _ if valid(text) => Some(text.to_owned()),
        Literal::Text if !is_bare(&word.text) => Some(text.to_owned()),
        Literal::Number if whole => Some(quoted(text)),
        _ => None,
    }
}

/// Whether a text can stand without quotes, and is a text then.
fn is_bare(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-']);
    valid(text) && !digits.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::rewritten;
    use crate::source::Origin;
    use crate::syntax::{Literal, Word};

    #[test]
    fn a_word_stays_one_word() {
        let word = |text: &str, literal| Word {
            text: text.into(),
            origin: Origin::Default,
            verbatim: true,
            literal,
        };
        for (text, literal, instead, expected) in [
            ("80", Literal::Number, "80:80", Some("\"80:80\"")),
            ("0", Literal::Number, "1", Some("1")),
            ("80", Literal::Text, "80:80", Some("80:80")),
            ("./x", Literal::Text, "/x", Some("/x")),
            ("data", Literal::Text, "/data", None),
            ("Web_1", Literal::Text, "web-1", Some("web-1")),
        ] {
            let word = word(text, literal);
            let found = rewritten(&word, 0..text.len(), instead);
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }
}
