//! The words of a list: what stands between commas, without a blank anywhere around.

use super::Word;
use crate::diagnostic::{Diagnostic, Sink};
use crate::settings::Setting;

/// The words of a list setting's value. Every flaw is reported; what can be read beside it is read.
pub fn split(word: &Word, setting: &Setting, sink: &mut Sink) -> Vec<Word> {
    let text = &word.text;
    let error = |flaw: &str, range: std::ops::Range<usize>, label: &str, fix: &str| {
        let message = format!("Invalid value for {}: {flaw}", setting.key());
        let place = word.part(range);
        let error = Diagnostic::error(setting.rule).message(message);
        let error = error.at_origin(place).label(label);
        match place.span().filter(|_| word.verbatim) {
            Some(span) => error.fix(span, fix),
            None => error,
        }
    };
    if let Some(inner) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
        let bare = |item: &str| item.trim().trim_matches(['"', '\'']).to_owned();
        let fixed = inner.split(',').map(bare).collect::<Vec<_>>().join(",");
        let error = error("a list has no brackets", 0..text.len(), "brackets", &fixed);
        let error = error.help("write the words with commas between them and nothing else");
        sink.push_of_value(word.origin.span(), error);
        return Vec::new();
    }
    let mut words = Vec::new();
    let mut reported = None;
    let mut start = 0;
    for part in text.split(',') {
        let end = start + part.len();
        let lead = part.len() - part.trim_start().len();
        let trimmed = start + lead..start + lead.max(part.trim_end().len());
        if trimmed.is_empty() {
            // The comma before the missing word, or the one after the first.
            let comma = if start > 0 { start - 1 } else { end };
            if reported != Some(comma) && comma < text.len() {
                let error = error(
                    "a word is missing",
                    comma..comma + 1,
                    "nothing beside it",
                    "",
                );
                sink.push_of_value(word.origin.span(), error.help("remove this comma"));
            }
            reported = Some(comma);
        } else {
            for blank in [start..trimmed.start, trimmed.end..end] {
                if !blank.is_empty() {
                    let error = error("a list has no blanks", blank, "a blank", "");
                    sink.push_of_value(word.origin.span(), error.help("remove this blank"));
                }
            }
            words.push(word.slice(trimmed));
        }
        start = end + 1;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::split;
    use crate::diagnostic::Sink;
    use crate::settings::by_env;
    use crate::source::{Origin, Sources, Span};
    use crate::syntax::Literal;
    use crate::syntax::Word;

    /// The words, and the text after each fix.
    fn read(text: &str) -> (Vec<String>, Vec<String>) {
        let mut sources = Sources::default();
        let id = sources.add_text("list", text.to_owned());
        let word = Word {
            text: text.to_owned(),
            origin: Origin::Written(Span::new(id, 0, text.len())),
            verbatim: true,
            literal: Literal::Text,
        };
        let mut sink = Sink::default();
        let words = split(&word, by_env("PORTS").unwrap(), &mut sink);
        for word in &words {
            assert_eq!(sources.slice(word.origin.span().unwrap()), word.text);
        }
        let fixed = sink.found.into_iter().map(|found| {
            let fix = found.fix.expect("a flaw in place has its fix");
            let (start, end) = (fix.span.start as usize, fix.span.end as usize);
            format!("{}{}{}", &text[..start], fix.replacement, &text[end..])
        });
        let words = words.into_iter().map(|word| word.text).collect();
        (words, fixed.collect())
    }

    #[test]
    fn words_stand_between_commas() {
        for (text, words, fixed) in [
            ("1:1,2:2", &["1:1", "2:2"][..], &[][..]),
            ("1:1, 2:2", &["1:1", "2:2"], &["1:1,2:2"]),
            ("1:1 ,2:2", &["1:1", "2:2"], &["1:1,2:2"]),
            (" 1:1", &["1:1"], &["1:1"]),
            ("1:1,,2:2", &["1:1", "2:2"], &["1:1,2:2"]),
            ("1:1,", &["1:1"], &["1:1"]),
            (",1:1", &["1:1"], &["1:1"]),
            (",", &[], &[""]),
            ("[1:1, '2:2']", &[], &["1:1,2:2"]),
        ] {
            let (found, fixes) = read(text);
            assert_eq!(
                (&found[..], &fixes[..]),
                (&strings(words)[..], &strings(fixed)[..]),
                "{text}"
            );
        }
    }

    fn strings(words: &[&str]) -> Vec<String> {
        words.iter().map(ToString::to_string).collect()
    }
}
