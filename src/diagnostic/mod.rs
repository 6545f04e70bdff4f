//! What is wrong, where, and what to do about it.

pub mod codes;
pub mod report;

use crate::source::{Origin, Sources, Span};
use codes::Rule;
use std::collections::HashSet;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is done while one stands.
    Error,
    /// Told, and work goes on.
    Warning,
}

/// A second place that explains the first.
#[derive(Debug, Clone)]
pub struct Related {
    /// What is there.
    pub message: String,
    /// Where.
    pub span: Span,
}

/// A replacement that has one right answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What is replaced.
    pub span: Span,
    /// By what.
    pub replacement: String,
}

/// One finding. Messages are plain text; the report makes them safe to print.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// Its row in the catalogue.
    pub rule: &'static Rule,
    /// Error, or warning.
    pub severity: Severity,
    /// What is wrong, one sentence without a full stop.
    pub message: String,
    /// The place in the user's files.
    pub span: Option<Span>,
    /// What the place is labelled with.
    pub label: String,
    /// What to do: begins with a verb and can be done.
    pub help: Option<String>,
    /// Places that explain it.
    pub related: Vec<Related>,
    /// The one right replacement, where there is one.
    pub fix: Option<Fix>,
    /// Evidence: an engine's command, status and last lines. Several lines.
    pub details: Vec<String>,
}

impl Diagnostic {
    /// An error of rule `number`, with the catalogue's sentence as its message.
    pub fn error(number: u16) -> Self {
        Self::new(Severity::Error, number)
    }

    /// A warning of rule `number`, with the catalogue's sentence as its message.
    pub fn warning(number: u16) -> Self {
        Self::new(Severity::Warning, number)
    }

    fn new(severity: Severity, number: u16) -> Self {
        let rule = codes::rule(number);
        Diagnostic {
            rule,
            severity,
            message: rule.title.to_owned(),
            span: None,
            label: String::new(),
            help: None,
            related: Vec::new(),
            fix: None,
            details: Vec::new(),
        }
    }

    /// Sets the sentence.
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// Sets the place.
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// Sets the place to an origin's, where it has one.
    pub fn at_origin(mut self, origin: Origin) -> Self {
        self.span = origin.span();
        self
    }

    /// Sets what the place is labelled with.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Sets what to do.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a place that explains it, where the origin has one.
    pub fn related(mut self, message: impl Into<String>, origin: Origin) -> Self {
        if let Some(span) = origin.span() {
            let message = message.into();
            self.related.push(Related { message, span });
        }
        self
    }

    /// Sets the one right replacement.
    pub fn fix(mut self, span: Span, replacement: impl Into<String>) -> Self {
        let replacement = replacement.into();
        self.fix = Some(Fix { span, replacement });
        self
    }

    /// Adds lines of evidence.
    pub fn details(mut self, lines: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.details.extend(lines.into_iter().map(Into::into));
        self
    }

    /// Adds the includes that led to its file, the nearest first.
    pub fn with_way(mut self, sources: &Sources) -> Self {
        let mut file = self.span.map(|span| span.source);
        for include in file.into_iter().flat_map(|file| sources.way(file)) {
            let name = file.map_or("", |file| &sources.get(file).name);
            let message = format!("{name} is included here");
            file = Some(include.source);
            self.related.push(Related {
                message,
                span: include,
            });
        }
        self
    }

    /// The same, told where it stops nothing.
    pub fn as_warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// The exit status of an action that this stops.
    pub fn exit(&self) -> u8 {
        self.rule.exit()
    }
}

impl std::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.rule.number, self.message)
    }
}

/// Collects findings; stages go on after one.
#[derive(Debug, Default)]
pub struct Sink {
    /// In the order found.
    pub found: Vec<Diagnostic>,
    /// References that were told to be empty, in source order, and which finding says it.
    empty: Vec<(Span, usize)>,
}

impl Sink {
    /// Adds a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if let (2303, Some(span)) = (diagnostic.rule.number, diagnostic.span) {
            self.empty.push((span, self.found.len()));
        }
        self.found.push(diagnostic);
    }

    /// Adds an error about a value. Where a reference in the value was told to be empty, that is the
    /// cause, and becomes the error: one slip is one finding.
    pub fn push_of_value(&mut self, value: Option<Span>, error: Diagnostic) {
        let cause = value.and_then(|whole| {
            let start = |span: &Span| (span.source, span.start);
            let before = |(part, _): &(Span, usize)| start(part) < start(&whole);
            let after = self.empty.partition_point(before);
            let (part, at) = self.empty.get(after)?;
            (part.source == whole.source && part.end <= whole.end).then_some(*at)
        });
        match cause.and_then(|at| self.found.get_mut(at)) {
            Some(cause) => cause.severity = Severity::Error,
            None => self.push(error),
        }
    }

    /// Whether an error was found.
    pub fn has_errors(&self) -> bool {
        self.found.iter().any(|d| d.severity == Severity::Error)
    }

    /// All findings in source order; what has no place comes first. What several profiles have in
    /// common is told once.
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.found.sort_by_key(|d| d.span);
        let mut told: HashSet<(u16, Option<Span>, String)> = HashSet::new();
        self.found
            .retain(|found| told.insert((found.rule.number, found.span, found.message.clone())));
        self.found
    }
}
