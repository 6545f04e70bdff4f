//! Text to the `kdl` crate's document.

use super::check::check;
use super::clump::error;
use crate::diagnostic::{Severity, Sink};
use crate::source::{SourceId, Sources, Span};
use kdl::{KdlDocument, KdlError};
use std::ops::Range;

/// The document of a text, or nothing and what is wrong with the text: every mistake, one finding each.
///
/// Comments and what `/-` comments out are blanks to the document, so it does not write the text back.
/// All its places are the text's. It takes time in proportion to the text, and little stack.
pub fn parse(sources: &Sources, id: SourceId, sink: &mut Sink) -> Option<KdlDocument> {
    let text = &sources.get(id).text;
    let checked = check(text, id);
    let good = checked
        .found
        .iter()
        .all(|found| found.severity != Severity::Error);
    checked.found.into_iter().for_each(|found| sink.push(found));
    if !good {
        return None;
    }
    match KdlDocument::parse_v2(&shielded(text, checked.commented)) {
        Ok(document) => Some(document),
        Err(flaws) => {
            sink.push(unread(text, id, &flaws));
            None
        }
    }
}

/// A copy of equal length, with blanks for what is commented out: the crate takes time that doubles with
/// each `/-` in another, and stack for each `*` of a comment.
fn shielded(text: &str, mut commented: Vec<Range<usize>>) -> String {
    commented.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
    let mut out = String::with_capacity(text.len());
    for range in commented {
        let start = range.start.max(out.len());
        out.push_str(&text[out.len()..start]);
        out.extend(std::iter::repeat_n(' ', range.end.saturating_sub(start)));
    }
    out.push_str(&text[out.len()..]);
    out
}

/// What the crate alone does not understand.
fn unread(text: &str, id: SourceId, flaws: &KdlError) -> crate::diagnostic::Diagnostic {
    let place = flaws.diagnostics.first().map_or(0..0, |flaw| {
        let start = flaw.span.offset().min(text.len());
        start..(start + flaw.span.len()).min(text.len())
    });
    error("The line is not KDL 2")
        .at(Span::new(id, place.start, place.end))
        .label("not understood")
        .help("write each node as `name argument property=value { … }`")
}
