use super::plain::{columns, glyph, plain};
use super::wrap::wrap;
use crate::source::{Source, Span};
use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan};
use std::ops::Range;

/// The lines of one source that a report shows: cleaned, clipped to fit, labels moved along.
///
/// miette reads a text from its start for each label, cannot draw beyond column 65,535 and prints
/// control characters as they are; of a page it reads a few short safe lines.
#[derive(Debug)]
pub(super) struct Page {
    name: String,
    /// Whether the name alone is the place.
    is_word: bool,
    /// The shown lines, each ended by a space (for a label at the line's end) and a line break.
    text: String,
    lines: Vec<Line>,
    /// What is labelled, in offsets of `text`.
    pub labels: Vec<LabeledSpan>,
}

#[derive(Debug)]
struct Line {
    /// From 0, in the source.
    number: usize,
    /// In the page's text, with the line break.
    range: Range<usize>,
    /// Where each label begins: its offset in the page's text, and its column (from 0) in the source.
    columns: Vec<(usize, usize)>,
}

/// A label, placed in its source.
pub(super) struct Label {
    pub span: Span,
    pub text: String,
    pub primary: bool,
}

impl Page {
    /// A page, at most `width` columns wide, for labels and their lines (from 0), which follow each
    /// other.
    pub fn new(source: &Source, labels: Vec<(usize, &Label)>, width: usize) -> Self {
        let mut page = Page {
            name: plain(&source.name),
            is_word: source.is_word,
            text: String::new(),
            lines: Vec::new(),
            labels: Vec::new(),
        };
        let last = labels.last().map_or(0, |(line, _)| line + 1);
        let room = width.saturating_sub(last.to_string().len() + 5).max(20);
        for labels in labels.chunk_by(|a, b| a.0 == b.0) {
            page.add(source, labels, room);
        }
        page
    }

    /// What miette writes above the lines, as it is to be read.
    pub fn headed(&self, line: &str) -> String {
        let before = line.find('[').filter(|_| self.is_word);
        let Some((before, end)) = before.zip(line.rfind(']')) else {
            return line.to_owned();
        };
        format!("{}{}{}", &line[..=before], self.name, &line[end..])
    }

    fn add(&mut self, source: &Source, labels: &[(usize, &Label)], room: usize) {
        let number = labels[0].0;
        let bytes = source.line_range(number);
        let line = &source.text[bytes.clone()];
        let inner = |offset: u32| (offset as usize).clamp(bytes.start, bytes.end) - bytes.start;
        let anchor = labels.iter().find(|(_, label)| label.primary);
        let anchor = inner(anchor.unwrap_or(&labels[0]).1.span.start);
        let start = self.text.len();
        let hidden = |at: usize| {
            let at = (bytes.start + at) as u32;
            source
                .hidden
                .iter()
                .any(|span| (span.start..span.end).contains(&at))
        };
        let clip = Clip::of(line, anchor, room, &hidden, &mut self.text);
        let mut shown = Line {
            number,
            range: start..self.text.len(),
            columns: Vec::new(),
        };
        for (_, label) in labels {
            let from = clip.moved(inner(label.span.start));
            let next = self.text[from..].chars().next().map_or(1, char::len_utf8);
            let to = clip.moved(inner(label.span.end)).max(from + next);
            let column = source.position(label.span.start).column - 1;
            shown.columns.push((from, column));
            let cells = |text: &str| text.chars().map(columns).sum::<usize>();
            let stem = cells(&self.text[start..from]) + cells(&self.text[from..to]) / 2 + 4;
            let beside = room.saturating_sub(stem);
            let text = wrap(&label.text, beside, beside).join("\n");
            let text = (!text.is_empty()).then_some(text);
            self.labels.push(match label.primary {
                true => LabeledSpan::new_primary_with_span(text, from..to),
                false => LabeledSpan::new_with_span(text, from..to),
            });
        }
        self.lines.push(shown);
    }
}

/// The part of a line that is shown, and where each of its characters went.
struct Clip {
    /// Offset in the line → offset in the page, ascending; the last is the line's end.
    moved: Vec<(usize, usize)>,
}

impl Clip {
    /// Writes what fits of `line` around `anchor` to `page`.
    fn of(
        line: &str,
        anchor: usize,
        room: usize,
        hidden: &dyn Fn(usize) -> bool,
        page: &mut String,
    ) -> Self {
        let mut moved = Vec::new();
        let from = begin(line, anchor, room);
        if from > 0 {
            page.push('…');
        }
        let mut taken = usize::from(from > 0);
        let mut rest = line[from..].char_indices();
        let mut end = line.len();
        for (at, c) in &mut rest {
            taken += columns(c);
            if taken >= room {
                end = from + at;
                break;
            }
            moved.push((from + at, page.len()));
            page.push(match c {
                '\t' => c,
                _ if hidden(from + at) => '•',
                c => glyph(c),
            });
        }
        moved.push((end, page.len()));
        page.push_str(if end < line.len() { "…\n" } else { " \n" });
        Clip { moved }
    }

    /// Where a byte of the line stands in the page: at the edge where it was cut off.
    fn moved(&self, offset: usize) -> usize {
        let at = self.moved.partition_point(|(from, _)| *from <= offset);
        self.moved[at.saturating_sub(1)].1
    }
}

/// The first byte to show, so that `anchor` is within the room with some of what stands before it.
fn begin(line: &str, anchor: usize, room: usize) -> usize {
    let fits = |text: &str, room: usize| {
        let mut taken = 0;
        text.chars().all(|c| {
            taken += columns(c);
            taken < room
        })
    };
    if fits(line, room) || fits(&line[..floor(line, anchor)], room / 2) {
        return 0;
    }
    let mut taken = 0;
    let before = line[..floor(line, anchor)].char_indices().rev();
    let mut shown = before.take_while(|(_, c)| {
        taken += columns(*c);
        taken < room / 3
    });
    shown.by_ref().last().map_or(anchor, |(at, _)| at)
}

fn floor(text: &str, mut offset: usize) -> usize {
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

impl SourceCode for Page {
    /// Whole lines, whatever context is asked for; line and column are those of the source.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        _: usize,
        _: usize,
    ) -> Result<Box<dyn miette::SpanContents<'a> + 'a>, MietteError> {
        let holds = |offset: usize| self.lines.iter().position(|l| l.range.contains(&offset));
        let end = span.offset() + span.len().saturating_sub(1);
        let (Some(first), Some(last)) = (holds(span.offset()), holds(end)) else {
            return Err(MietteError::OutOfBounds);
        };
        let lines = &self.lines[first..=last];
        let range = lines[0].range.start..lines[lines.len() - 1].range.end;
        let known = lines[0].columns.iter().find(|(at, _)| *at == span.offset());
        let contents = MietteSpanContents::new_named(
            self.name.clone(),
            &self.text.as_bytes()[range.clone()],
            range.into(),
            lines[0].number,
            known.map_or(0, |(_, column)| *column),
            lines.len(),
        );
        Ok(Box::new(contents))
    }
}
