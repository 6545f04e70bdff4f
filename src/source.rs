//! Texts, places in them, and values that remember where they came from.

use std::path::{Path, PathBuf};

/// Names one text of a [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(u32);

/// A stretch of a text, in bytes; `end` is exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The text.
    pub source: SourceId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// A span of `source` from `start` to `end`.
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        Span {
            source,
            start: start as u32,
            end: end.max(start) as u32,
        }
    }

    /// The part of this span between two offsets counted from its start.
    pub fn sub(self, start: usize, end: usize) -> Self {
        let at = |offset: usize| (self.start + offset as u32).min(self.end) as usize;
        Span::new(self.source, at(start), at(end))
    }
}

/// A line and a column, both from 1; the column counts Unicode characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

/// One text: a file, a template of the standard library, or an override of the environment or the command line.
#[derive(Debug, Clone)]
pub struct Source {
    /// The file, where the text is one.
    pub path: Option<PathBuf>,
    /// How messages name it.
    pub name: String,
    /// The text, without a byte-order mark.
    pub text: String,
    /// Stretches that are never shown: the application's own values, which may be secrets.
    pub hidden: Vec<Span>,
    /// The `include` that led to the file, where one did.
    pub included: Option<Span>,
    /// Whether the text is one override of the environment or the command line, whose name is its place.
    pub is_word: bool,
    line_starts: Vec<u32>,
}

impl Source {
    fn new(path: Option<PathBuf>, name: String, text: String) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = std::iter::once(0)
            .chain(breaks.map(|(at, _)| at as u32 + 1))
            .collect();
        Source {
            path,
            name,
            text,
            hidden: Vec::new(),
            included: None,
            is_word: false,
            line_starts,
        }
    }

    /// The line (from 0) that holds a byte.
    pub fn line_of(&self, offset: u32) -> usize {
        self.line_starts.partition_point(|start| *start <= offset) - 1
    }

    /// Where a byte stands.
    pub fn position(&self, offset: u32) -> Position {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.line_of(offset as u32);
        let start = self.line_starts[line] as usize;
        Position {
            line: line + 1,
            column: self.text[start..offset].chars().count() + 1,
        }
    }

    /// The byte range of a line (from 0), without its line break.
    pub fn line_range(&self, line: usize) -> std::ops::Range<usize> {
        let start = self.line_starts[line] as usize;
        let end = self
            .line_starts
            .get(line + 1)
            .map_or(self.text.len(), |next| *next as usize);
        let text = self.text[start..end].trim_end_matches(['\n', '\r']);
        start..start + text.len()
    }
}

/// All texts of one run.
#[derive(Debug, Clone, Default)]
pub struct Sources(Vec<Source>);

impl Sources {
    /// Adds a file's text.
    pub fn add_file(&mut self, path: &Path, name: String, text: String) -> SourceId {
        self.add(Source::new(Some(path.to_owned()), name, text))
    }

    /// Adds a text that is no file, such as a template of the standard library.
    pub fn add_text(&mut self, name: &str, text: String) -> SourceId {
        self.add(Source::new(None, name.to_owned(), text))
    }

    /// Adds one override of the environment or the command line: its name is its place.
    pub fn add_word(&mut self, name: &str, text: String) -> SourceId {
        let source = Source::new(None, name.to_owned(), text);
        self.add(Source {
            is_word: true,
            ..source
        })
    }

    fn add(&mut self, source: Source) -> SourceId {
        self.0.push(source);
        SourceId(self.0.len() as u32 - 1)
    }

    /// Hides stretches of a text from everything that shows it.
    pub fn hide(&mut self, id: SourceId, hidden: &[Span]) {
        self.0[id.0 as usize].hidden = hidden.to_vec();
    }

    /// Notes the `include` that led to a file.
    pub fn led(&mut self, id: SourceId, include: Span) {
        self.0[id.0 as usize].included = Some(include);
    }

    /// The includes that led to a text, the nearest first.
    pub fn way(&self, id: SourceId) -> impl Iterator<Item = Span> {
        std::iter::successors(self.get(id).included, |include| {
            self.get(include.source).included
        })
    }

    /// The text of an id that this set gave out.
    pub fn get(&self, id: SourceId) -> &Source {
        &self.0[id.0 as usize]
    }

    /// The files among the texts, in the order in which they were read.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().filter_map(|source| source.path.as_deref())
    }

    /// The text that a span covers.
    pub fn slice(&self, span: Span) -> &str {
        let text = &self.get(span.source).text;
        text.get(span.start as usize..span.end as usize)
            .unwrap_or("")
    }

    /// Where a span begins.
    pub fn position(&self, span: Span) -> Position {
        self.get(span.source).position(span.start)
    }

    /// `file:line:column` of a span; the name of an override.
    pub fn place(&self, span: Span) -> String {
        let source = self.get(span.source);
        if source.is_word {
            return source.name.clone();
        }
        let Position { line, column } = source.position(span.start);
        format!("{}:{line}:{column}", source.name)
    }
}

/// Which layer a value was written in, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// In the `.env`, or in the machine's own block.
    Written(Span),
    /// In `defaults`.
    Defaults(Span),
    /// In a template.
    Template(Span),
    /// In a profile.
    Profile(Span),
    /// On the command line.
    Flag(Span),
    /// In a `VAGRANTP_*` variable.
    Env(Span),
    /// Nowhere: the built-in default.
    Default,
}

impl Origin {
    /// The place, where there is one.
    pub fn span(self) -> Option<Span> {
        match self {
            Origin::Written(span)
            | Origin::Defaults(span)
            | Origin::Template(span)
            | Origin::Profile(span)
            | Origin::Flag(span)
            | Origin::Env(span) => Some(span),
            Origin::Default => None,
        }
    }

    /// The same layer, at another place of it.
    pub fn at(self, span: Span) -> Self {
        match self {
            Origin::Written(_) => Origin::Written(span),
            Origin::Defaults(_) => Origin::Defaults(span),
            Origin::Template(_) => Origin::Template(span),
            Origin::Profile(_) => Origin::Profile(span),
            Origin::Flag(_) => Origin::Flag(span),
            Origin::Env(_) => Origin::Env(span),
            Origin::Default => Origin::Default,
        }
    }

    /// The layer's name, as `config --origins` shows it.
    pub fn layer(self) -> &'static str {
        match self {
            Origin::Written(_) => "written",
            Origin::Defaults(_) => "defaults",
            Origin::Template(_) => "template",
            Origin::Profile(_) => "profile",
            Origin::Flag(_) => "flag",
            Origin::Env(_) => "environment",
            Origin::Default => "default",
        }
    }
}

/// A value and where it came from. Equality ignores the origin, so a moved comment is no change.
#[derive(Debug, Clone, Copy)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub origin: Origin,
}

impl<T> Located<T> {
    /// A value with its origin.
    pub fn new(value: T, origin: Origin) -> Self {
        Located { value, origin }
    }

    /// The place, where there is one.
    pub fn span(&self) -> Option<Span> {
        self.origin.span()
    }
}

impl<T: PartialEq> PartialEq for Located<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Located<T> {}

impl<T: std::fmt::Display> std::fmt::Display for Located<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.value.fmt(f)
    }
}

impl<T> std::ops::Deref for Located<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}
