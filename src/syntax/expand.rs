//! What in a written value is not itself: its references, and the first thing that makes it unreadable.
//!
//! dotenvy decides what a value means, but says neither where a reference stands nor why it gave up. This walks
//! a value in the same steps; a property test holds the two together.

use std::ops::Range;

/// What was found in a value. Places are offsets in it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// `$X` and `${X}`, in order.
    pub references: Vec<Reference>,
    /// Why it cannot be read, if so.
    pub flaw: Option<Flaw>,
    /// Whether it ends in a backslash, which is dropped.
    pub backslash: bool,
}

/// A reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// From `$` to the end of the name, or to `}`.
    pub range: Range<usize>,
    /// The name; empty for a lone `$`.
    pub name: Range<usize>,
}

/// Why a value cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// Text after a blank that no quotes hold. The place is the text's.
    Space(usize),
    /// A backslash before something that it does not escape.
    Escape(usize),
    /// A `${` that nothing closes.
    OpenReference(usize),
    /// A quote that nothing closes.
    OpenQuote(usize),
    /// A `$X` right before a quote or a backslash, which dotenvy then takes for a part of the value.
    Bare(Reference),
}

/// Reads a value as written, without blanks around it.
pub fn read(raw: &str) -> Reading {
    let mut reading = Reading::default();
    let mut chars = raw.char_indices().peekable();
    let mut quote: Option<(char, usize)> = None;
    while let Some((at, char)) = chars.next() {
        match (quote.map(|(quote, _)| quote), char) {
            (Some('\''), '\'') => quote = None,
            (Some('\''), _) => {}
            (_, '$') => {
                let Some(reference) = reference(raw, at) else {
                    reading.flaw = Some(Flaw::OpenReference(at));
                    return reading;
                };
                let end = reference.range.end;
                while chars.next_if(|(at, _)| *at < end).is_some() {}
                // dotenvy ends a bare name by taking the character after it as it is, whatever it means.
                if reference.name.end == end {
                    let next = chars
                        .next_if(|(_, char)| *char != '$')
                        .map(|(_, char)| char);
                    let means = match quote {
                        None => matches!(next, Some('"' | '\'' | '\\')),
                        Some(_) => matches!(next, Some('"' | '\\')),
                    };
                    if means {
                        reading.flaw = Some(Flaw::Bare(reference));
                        return reading;
                    }
                }
                reading.references.push(reference);
            }
            (Some(_), '"') => quote = None,
            (None, '"' | '\'') => quote = Some((char, at)),
            (_, '\\') => match chars.next() {
                Some((_, '\\' | '\'' | '"' | '$' | ' ' | 'n')) => {}
                Some(_) => {
                    reading.flaw = Some(Flaw::Escape(at));
                    return reading;
                }
                None => reading.backslash = true,
            },
            (None, ' ' | '\t') => {
                while chars
                    .next_if(|(_, char)| matches!(char, ' ' | '\t'))
                    .is_some()
                {}
                reading.flaw = match chars.peek() {
                    None | Some((_, '#')) => None,
                    Some((at, _)) => Some(Flaw::Space(*at)),
                };
                return reading;
            }
            _ => {}
        }
    }
    reading.flaw = quote.map(|(_, at)| Flaw::OpenQuote(at));
    reading
}

/// The reference whose `$` stands at `at`; nothing where its brace is not closed.
fn reference(raw: &str, at: usize) -> Option<Reference> {
    let rest = &raw[at + 1..];
    if let Some(braced) = rest.strip_prefix('{') {
        let length = braced.find('}')?;
        let name = at + 2..at + 2 + length;
        return Some(Reference {
            range: at..name.end + 1,
            name,
        });
    }
    let length = rest
        .find(|c: char| !c.is_alphanumeric())
        .unwrap_or(rest.len());
    let name = at + 1..at + 1 + length;
    Some(Reference {
        range: at..name.end,
        name,
    })
}

#[cfg(test)]
mod tests {
    use super::{Flaw, read};

    fn names(raw: &str) -> Vec<&str> {
        let references = read(raw).references;
        references.into_iter().map(|r| &raw[r.name]).collect()
    }

    #[test]
    fn references_are_found_as_dotenvy_finds_them() {
        for (raw, expected) in [
            ("${A}/$B", &["A", "B"][..]),
            ("'${A}'", &[]),
            ("\"${A}\"", &["A"]),
            (r"\$A", &[]),
            ("pa$$word", &["", "word"]),
            ("$A_z", &["A"]),
            ("${A:-d}", &["A:-d"]),
            ("a$", &[""]),
            ("${}", &[""]),
        ] {
            assert_eq!(names(raw), expected, "{raw}");
        }
    }

    #[test]
    fn flaws_have_their_places() {
        for (raw, expected) in [
            ("a b", Some(Flaw::Space(2))),
            (r"C:\dir", Some(Flaw::Escape(2))),
            ("a${b", Some(Flaw::OpenReference(1))),
            ("'a b' ", None),
            ("\"a\" b", Some(Flaw::Space(4))),
            ("$a b", None),
        ] {
            assert_eq!(read(raw).flaw, expected, "{raw}");
        }
        assert!(matches!(read("\"a/$b\"").flaw, Some(Flaw::Bare(r)) if r.range == (3..5)));
        assert!(read(r"a\").backslash);
    }
}
