//! Bytes become text, or a finding that names what they are instead.

use crate::diagnostic::Diagnostic;
use crate::source::{SourceId, Span};
use std::ops::Range;

/// The largest file that is read.
pub const LIMIT: usize = 16 << 20;

/// Why bytes are no text of ours, with what can be shown of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeFlaw {
    /// What is wrong, one sentence without a full stop.
    pub message: &'static str,
    /// What the place is labelled with.
    pub label: String,
    /// What to do.
    pub help: &'static str,
    /// The bytes as text, as well as it goes: the source to show. Empty where none would help.
    pub text: String,
    /// The wrong part of `text`.
    pub range: Range<usize>,
    /// Its line, from 1.
    pub line: usize,
    /// Its column, from 1, in characters.
    pub column: usize,
}

impl DecodeFlaw {
    /// The finding, once `text` has become the source `id`.
    pub fn diagnostic(&self, id: SourceId) -> Diagnostic {
        Diagnostic::error(2402)
            .message(self.message)
            .at(Span::new(id, self.range.start, self.range.end))
            .label(&*self.label)
            .help(self.help)
    }

    fn new(message: &'static str, text: String, range: Range<usize>) -> Self {
        let before = &text[..range.start];
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        DecodeFlaw {
            message,
            label: String::new(),
            help: "save the file as UTF-8",
            line: before.matches('\n').count() + 1,
            column,
            text,
            range,
        }
    }

    fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    fn help(mut self, help: &'static str) -> Self {
        self.help = help;
        self
    }
}

/// The text of UTF-8 bytes, without a byte-order mark.
///
/// # Errors
/// When they are another encoding, no text at all, or more than [`LIMIT`].
pub fn decode(bytes: &[u8]) -> Result<String, DecodeFlaw> {
    if bytes.len() > LIMIT {
        let message = "The file is larger than 16 MB";
        let help = "name the right file with `--file`";
        return Err(DecodeFlaw::new(message, String::new(), 0..0).help(help));
    }
    if let Some((order, body)) = utf16(bytes) {
        let units = body.chunks_exact(2).map(|pair| order([pair[0], pair[1]]));
        let units: Vec<u16> = units.collect();
        let text = String::from_utf16_lossy(&units);
        let first = text.lines().next().unwrap_or("").len();
        return Err(DecodeFlaw::new(
            "The file is UTF-16, not UTF-8",
            text,
            0..first,
        ));
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        let start = String::from_utf8_lossy(&bytes[..at]).len();
        let text = String::from_utf8_lossy(bytes).into_owned();
        return Err(DecodeFlaw::new(
            "The file is binary: it holds a NUL byte",
            text,
            start..start + 1,
        )
        .label("a NUL byte")
        .help("name the right file with `--file`, or remove the byte"));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => Err(not_utf8(bytes, error.valid_up_to())),
    }
}

fn not_utf8(bytes: &[u8], at: usize) -> DecodeFlaw {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let byte = bytes[at];
    let range = at..at + char::REPLACEMENT_CHARACTER.len_utf8();
    let flaw = DecodeFlaw::new("The file is not UTF-8", text, range);
    // Latin-1 is what editors that do not write UTF-8 mostly write; its letters are those of Unicode.
    match byte {
        0xA0.. => flaw.label(format!(
            "the byte 0x{byte:02X}, `{}` in Latin-1",
            char::from(byte)
        )),
        _ => flaw.label(format!("the byte 0x{byte:02X}")),
    }
}

type ByteOrder = fn([u8; 2]) -> u16;

/// How two bytes become a unit, and the bytes after the mark, of what is UTF-16 by its mark or by its NUL bytes.
fn utf16(bytes: &[u8]) -> Option<(ByteOrder, &[u8])> {
    match bytes {
        [0xFF, 0xFE, body @ ..] => Some((u16::from_le_bytes, body)),
        [0xFE, 0xFF, body @ ..] => Some((u16::from_be_bytes, body)),
        [1..=255, 0, 1..=255, 0, ..] => Some((u16::from_le_bytes, bytes)),
        [0, 1..=255, 0, 1..=255, ..] => Some((u16::from_be_bytes, bytes)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{LIMIT, decode};

    #[test]
    fn utf8_is_itself_without_its_mark() {
        assert_eq!(decode(b"\xEF\xBB\xBFA=\xC3\xA9\r\n").unwrap(), "A=é\r\n");
        assert_eq!(decode(b"").unwrap(), "");
    }

    #[test]
    fn other_encodings_are_named_at_their_line() {
        for (bytes, message, line, column) in [
            (&b"A=1\nB=caf\xE9\nC=2"[..], "The file is not UTF-8", 2, 6),
            (b"\xFF\xFEA\0=\0", "The file is UTF-16, not UTF-8", 1, 1),
            (b"\xFE\xFF\0A\0=", "The file is UTF-16, not UTF-8", 1, 1),
            (b"A\0=\x001\0", "The file is UTF-16, not UTF-8", 1, 1),
            (b"\0A\0=", "The file is UTF-16, not UTF-8", 1, 1),
            (
                b"A=1\n\x7FELF\0",
                "The file is binary: it holds a NUL byte",
                2,
                5,
            ),
            (b"A=\xC3", "The file is not UTF-8", 1, 3),
        ] {
            let flaw = decode(bytes).unwrap_err();
            assert_eq!(
                (flaw.message, flaw.line, flaw.column),
                (message, line, column)
            );
            assert!(flaw.text.get(flaw.range.clone()).is_some(), "{flaw:?}");
        }
        let flaw = decode(b"caf\xE9").unwrap_err();
        assert_eq!(flaw.label, "the byte 0xE9, `é` in Latin-1");
        assert_eq!(&flaw.text[flaw.range], "\u{FFFD}");
    }

    #[test]
    fn a_huge_file_is_refused() {
        assert!(decode(&vec![b'a'; LIMIT]).is_ok());
        let flaw = decode(&vec![b'a'; LIMIT + 1]).unwrap_err();
        assert_eq!(flaw.message, "The file is larger than 16 MB");
    }
}
