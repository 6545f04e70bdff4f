//! Findings at places that an engine has told: the file is read, so that the report can show its line.

use super::disk::read_regular;
use crate::diagnostic::Diagnostic;
use crate::source::{Sources, Span};
use std::path::Path;

/// Files that are shown are small.
const LARGEST: u64 = 4 << 20;

/// The finding at its place. Where its file cannot be read, the place is told as evidence.
pub fn placed(mut finding: Diagnostic, folder: &Path, sources: &mut Sources) -> Diagnostic {
    let Some(beside) = finding.beside.take() else {
        return finding;
    };
    let read = || {
        let bytes = read_regular(&beside.file, LARGEST).ok()?;
        String::from_utf8(bytes).ok()
    };
    let known = sources.of_file(&beside.file);
    let source = known.or_else(|| {
        let text = read()?;
        let name = beside.file.strip_prefix(folder).unwrap_or(&beside.file);
        Some(sources.add_file(&beside.file, name.display().to_string(), text))
    });
    let span = source.and_then(|id| {
        let source = sources.get(id);
        let line = beside.line.checked_sub(1)?;
        if line > source.line_of(source.text.len() as u32) {
            return None;
        }
        let range = source.line_range(line);
        let text = &source.text[range.clone()];
        let indent = text.len() - text.trim_start().len();
        let column = beside.column.and_then(|column| column.checked_sub(1));
        let begin = column.and_then(|column| text.char_indices().nth(column));
        let begin = begin.map_or(indent, |(at, _)| at).max(indent);
        let end = range.start + text.trim_end().len();
        Some(Span::new(id, (range.start + begin).min(end), end))
    });
    match span {
        Some(span) => finding.at(span),
        None => {
            let line = format!("at {}:{}", beside.file.display(), beside.line);
            finding.details([line])
        }
    }
}
