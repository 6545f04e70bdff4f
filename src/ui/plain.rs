//! Text that cannot do anything to a terminal.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The text with one visible glyph for each character that would steer a terminal or reorder
/// what is read; line ends and tabs stay.
pub fn plain(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| glyph(c) == c) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(glyph).collect())
}

fn glyph(c: char) -> char {
    match c {
        '\n' | '\t' => c,
        // The pictures of control characters lie in their order.
        '\0'..='\x1f' => char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}'),
        '\x7f' => '\u{2421}',
        '\u{80}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c => c,
    }
}

/// The text as one line of at most so many columns; what is cut off shows as `…`.
pub(super) fn fitted(text: &str, columns: usize) -> String {
    let text = plain(text).replace(['\n', '\t'], " ");
    if text.width() <= columns {
        return text;
    }
    let mut used = 1;
    let kept = text.chars().take_while(|c| {
        used += c.width().unwrap_or(0);
        used <= columns
    });
    let kept: String = kept.collect();
    format!("{}…", kept.trim_end())
}

/// JSON with what would steer a terminal as escapes: the same document, safe to look at.
pub(super) fn escaped(json: &str) -> Cow<'_, str> {
    if json.chars().all(|c| glyph(c) == c) {
        return Cow::Borrowed(json);
    }
    let escape = |c: char| match glyph(c) == c {
        true => c.to_string(),
        false => format!("\\u{:04x}", c as u32),
    };
    Cow::Owned(json.chars().map(escape).collect())
}

/// The text in at most so many columns. The middle is left out: names that begin alike end otherwise.
pub(super) fn shortened(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(1);
    let take = |chars: &mut dyn Iterator<Item = char>, room: usize| -> String {
        let mut used = 0;
        let fits = chars.take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= room
        });
        fits.collect()
    };
    let end = take(&mut text.chars().rev(), room / 2);
    let begin = take(&mut text.chars(), room - room / 2);
    let end: String = end.chars().rev().collect();
    format!("{begin}…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(
            plain("a\x1b[31m\r\u{202e}\u{9b}\x7f\n"),
            "a␛[31m␍\u{fffd}\u{fffd}␡\n"
        );
        assert!(matches!(plain("Grüße\t→"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_line_fits_its_columns() {
        assert_eq!(fitted("abc", 3), "abc");
        assert_eq!(fitted("abcd", 3), "ab…");
        assert_eq!(fitted("日本語", 4), "日…");
        assert_eq!(fitted("ab\ncd", 9), "ab cd");
        assert_eq!(fitted("ab cd", 4), "ab…");
    }

    #[test]
    fn an_escaped_document_is_the_same_document() {
        let value = serde_json::json!({"a": "\u{202e}\u{9b}\x7f\x1b\n"});
        let text = value.to_string();
        let safe = escaped(&text);
        assert!(safe.is_ascii(), "{safe}");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&safe).unwrap(),
            value
        );
    }
}
