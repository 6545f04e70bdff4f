use super::page::{Label, Page};
use super::plain::plain;
use super::wrap::wrap;
use super::{Style, word};
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{SourceId, Sources, Span};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};
use std::collections::HashSet;
use std::fmt;

/// The findings as a person reads them: sentence, lines with what is wrong underlined, evidence,
/// help, and once a rule where to read on.
pub fn pretty(diagnostics: &[Diagnostic], sources: &Sources, style: Style) -> String {
    let mut out = String::new();
    let mut told = HashSet::new();
    let mut ways = HashSet::new();
    for found in diagnostics {
        header(&mut out, found, style);
        let source = found.span.map(|span| span.source);
        let way = source.filter(|source| !ways.insert(*source));
        let way: Vec<Span> = way.map_or(Vec::new(), |source| sources.way(source).collect());
        for page in pages(found, sources, style.width, &way) {
            out.push_str(&draw(&page, found.severity, style));
        }
        for line in found.details.iter().flat_map(|line| line.lines()) {
            out.push_str(format!("    {}", plain(line)).trim_end());
            out.push('\n');
        }
        if let Some(help) = &found.help {
            footer(&mut out, "help", help, style);
        }
        if told.insert(found.rule.number) {
            let explain = format!("vagrantp explain {}", found.rule.number);
            footer(&mut out, "more", &explain, style);
        }
    }
    out
}

fn header(out: &mut String, found: &Diagnostic, style: Style) {
    let tag = format!("{}[{}]", word(found.severity), found.rule.number);
    let color = match found.severity {
        Severity::Error => "31;1",
        Severity::Warning => "33;1",
    };
    // The tag counts in the first line's width but is painted after.
    let sentence = format!("{tag}: {}", plain(&found.message));
    let text = wrap(&sentence, style.width, style.width.saturating_sub(2)).join("\n  ");
    out.push_str(&text.replacen(&tag, &paint(&tag, color, style), 1));
    out.push('\n');
}

fn footer(out: &mut String, name: &str, text: &str, style: Style) {
    const INDENT: usize = 8;
    let room = style.width.saturating_sub(INDENT);
    let lines = text.lines();
    let wrapped: Vec<String> = lines
        .flat_map(|line| wrap(&plain(line), room, room))
        .collect();
    let tag = paint(&format!("{name}:"), "36", style);
    let rest = wrapped.join(&format!("\n{}", " ".repeat(INDENT)));
    out.push_str(&format!("  {tag} {rest}\n"));
}

fn paint(text: &str, color: &str, style: Style) -> String {
    match style.color {
        true => format!("\x1b[{color}m{text}\x1b[0m"),
        false => text.to_owned(),
    }
}

/// A page for lines that follow each other; the one with the finding's own place first.
/// How a file was included is shown once, with the first finding in it.
fn pages(found: &Diagnostic, sources: &Sources, width: usize, told: &[Span]) -> Vec<Page> {
    let own = found.span.map(|span| (span, &found.label, true));
    let related = found.related.iter();
    let related = related.filter(|place| !told.contains(&place.span));
    let places = own
        .into_iter()
        .chain(related.map(|place| (place.span, &place.message, false)));
    let mut labels: Vec<(SourceId, usize, Label)> = places
        .map(|(span, text, primary)| {
            let source = sources.get(span.source);
            let line = source.line_of(span.start.min(source.text.len() as u32));
            let text = plain(text);
            let label = Label {
                span,
                text,
                primary,
            };
            (span.source, line, label)
        })
        .collect();
    labels.sort_by_key(|(source, line, _)| (*source, *line));
    let mut chains: Vec<_> = labels
        .chunk_by(|a, b| a.0 == b.0 && b.1 - a.1 <= 1)
        .collect();
    chains.sort_by_key(|chain| !chain.iter().any(|(_, _, label)| label.primary));
    let page = |chain: &[(SourceId, usize, Label)]| {
        let labels = chain.iter().map(|(_, line, label)| (*line, label));
        Page::new(sources.get(chain[0].0), labels.collect(), width)
    };
    chains.into_iter().map(page).collect()
}

fn draw(page: &Page, severity: Severity, style: Style) -> String {
    let theme = match (style.unicode, style.color) {
        (true, true) => GraphicalTheme::unicode(),
        (true, false) => GraphicalTheme::unicode_nocolor(),
        (false, true) => GraphicalTheme::ascii(),
        (false, false) => GraphicalTheme::none(),
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_links(false)
        .without_syntax_highlighting()
        .with_context_lines(0)
        .with_width(style.width);
    let mut out = String::new();
    let drawn = handler.render_report(&mut out, &Snippet { page, severity });
    drawn.expect("a page holds all that its labels ask for");
    // The first line is miette's own header, empty here.
    let mut lines = out.lines().skip(1).map(|line| line.trim_end().to_owned());
    let head = lines.next().map(|line| page.headed(&line));
    let lines = head.into_iter().chain(lines);
    lines.map(|line| line + "\n").collect()
}

/// A finding without words: miette draws its lines.
#[derive(Debug)]
struct Snippet<'a> {
    page: &'a Page,
    severity: Severity,
}

impl fmt::Display for Snippet<'_> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Snippet<'_> {}

impl miette::Diagnostic for Snippet<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.page)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.page.labels.iter().cloned()))
    }
}
