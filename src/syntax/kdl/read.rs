//! The crate's document → what it says: every node read by its place, every slip of form one finding.
//!
//! What was surely meant is read on as that, so that a slip has no others behind it.

mod arguments;
mod checked;
mod elsewhere;
mod foreign;
mod item;
mod list;
mod machine;
mod name;
mod node;
mod once;
mod place;
mod profile;
mod properties;
mod provision;
mod sample;
mod section;
mod setting;
#[cfg(test)]
mod tests;
mod top;
mod unknown;
mod word;

use crate::diagnostic::{Diagnostic, Sink};
use crate::source::{Origin, SourceId, Sources, Span};
use crate::syntax::document::Document;
pub use name::is_pattern;
use place::Place;

/// What a `vagrantp.kdl` says, or nothing where it cannot be parsed, which is told. Where it says otherwise
/// what other files say, its machines may be patterns.
pub fn read(sources: &Sources, id: SourceId, is_local: bool, sink: &mut Sink) -> Option<Document> {
    let tree = super::parse(sources, id, sink)?;
    let source = sources.get(id);
    let line = source.line_range(0);
    let mut reader = Reader {
        text: &source.text,
        id,
        layer: Origin::Written,
        is_local,
        sink,
    };
    let mut document = Document::empty(id, Span::new(id, line.start, line.end));
    for raw in tree.nodes() {
        let mut node = reader.node(raw);
        if let Some(name) = reader.resolve(Place::Top, &mut node) {
            reader.top(name, &node, &mut document);
        }
    }
    Some(document)
}

/// Reads the nodes of one text.
struct Reader<'a> {
    text: &'a str,
    id: SourceId,
    /// The layer that the block belongs to.
    layer: fn(Span) -> Origin,
    /// Whether the file says otherwise what others say.
    is_local: bool,
    sink: &'a mut Sink,
}

/// A finding about the form of a node.
fn misformed(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(2407).message(message)
}

/// A finding about a name that has no meaning where it stands.
fn unknown(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(2406).message(message)
}
