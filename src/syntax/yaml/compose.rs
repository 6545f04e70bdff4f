//! Events become a tree, with all that Ansible's own reader refuses or warns of on the way.

use super::flaws;
use super::places::Places;
use super::{Data, Map, Node, Read};
use crate::diagnostic::{Diagnostic, Sink};
use crate::source::{Origin, SourceId, Span};
use libyaml_safer::{Event, EventData, Parser, ScalarStyle};
use std::collections::HashMap;
use std::rc::Rc;

/// Deeper than people write, and than Python likes.
const DEEPEST: usize = 200;

/// Tags that Ansible has a meaning for, behind `tag:yaml.org,2002:`.
const TAGS: &[&str] = &[
    "null",
    "bool",
    "int",
    "float",
    "binary",
    "timestamp",
    "omap",
    "pairs",
    "set",
    "str",
    "seq",
    "map",
    "python/dict",
    "python/unicode",
];

/// Reads a text. What Ansible would refuse is an error, what it would warn of a warning.
pub fn read(text: &str, id: SourceId, sink: &mut Sink) -> Read {
    if text.starts_with("$ANSIBLE_VAULT;") {
        return Read::Unjudged;
    }
    let places = Places::new(text, id);
    let mut bytes = text.as_bytes();
    let mut parser = Parser::new();
    parser.set_input_string(&mut bytes);
    let mut composer = Composer {
        parser,
        places: &places,
        text,
        anchors: HashMap::new(),
        found: Vec::new(),
    };
    let read = composer.document();
    // What is JSON is read as that first, and JSON may hold tabs.
    let is_json = || {
        let json = text.trim_start().starts_with(['{', '[', '"']);
        json && serde_json::from_str::<serde_json::Value>(text).is_ok()
    };
    match read {
        Ok(_) | Err(Stop::Flaw) if !composer.found.is_empty() && is_json() => Read::Unjudged,
        Ok(read) => {
            let broken = composer.found.iter().any(|found| found.rule.number == 2701);
            composer
                .found
                .into_iter()
                .for_each(|found| sink.push(found));
            if broken { Read::Broken } else { read }
        }
        Err(Stop::Deep) => Read::Unjudged,
        Err(Stop::Flaw) => {
            // What went before may come of the same slip.
            composer
                .found
                .pop()
                .into_iter()
                .for_each(|last| sink.push(last));
            Read::Broken
        }
    }
}

/// Why reading ends early.
enum Stop {
    /// It was found out and told.
    Flaw,
    /// It is nested too deeply.
    Deep,
}

struct Composer<'a> {
    parser: Parser<&'a mut &'a [u8]>,
    places: &'a Places,
    text: &'a str,
    /// Nothing while the value itself is still being read.
    anchors: HashMap<String, (Span, Option<Rc<Node>>)>,
    found: Vec<Diagnostic>,
}

impl Composer<'_> {
    fn next(&mut self) -> Result<Event, Stop> {
        self.parser.parse().map_err(|error| {
            self.found.push(flaws::told(&error, self.text, self.places));
            Stop::Flaw
        })
    }

    fn document(&mut self) -> Result<Read, Stop> {
        self.next()?;
        let first = self.next()?;
        if let EventData::StreamEnd = first.data {
            return Ok(Read::Empty);
        }
        let event = self.next()?;
        let root = self.node(event, 0)?;
        self.next()?;
        let event = self.next()?;
        if let EventData::DocumentStart { .. } = event.data {
            let span = self.places.span(event.start_mark, event.end_mark);
            self.found.push(
                Diagnostic::error(2701)
                    .message("Ansible reads one document a file, and a second begins here")
                    .at(span)
                    .help("remove the `---`, or move what follows to a file of its own"),
            );
        }
        Ok(match root.is_null() {
            true => Read::Empty,
            false => Read::Holds(root),
        })
    }

    fn node(&mut self, event: Event, depth: usize) -> Result<Rc<Node>, Stop> {
        if depth > DEEPEST {
            return Err(Stop::Deep);
        }
        let span = self.places.span(event.start_mark, event.end_mark);
        match event.data {
            EventData::Alias { anchor } => Ok(self.alias(&anchor, span)),
            EventData::Scalar {
                anchor,
                tag,
                value,
                style,
                ..
            } => {
                let plain = style == ScalarStyle::Plain;
                let data = Data::Scalar { text: value, plain };
                self.opened(anchor.as_ref(), span);
                Ok(self.closed(anchor, Node { span, tag, data }))
            }
            EventData::SequenceStart { anchor, tag, .. } => {
                self.opened(anchor.as_ref(), span);
                let mut items = Vec::new();
                let end = loop {
                    let event = self.next()?;
                    match event.data {
                        EventData::SequenceEnd => break event,
                        _ => items.push(self.node(event, depth + 1)?),
                    }
                };
                let span = self.places.span(event.start_mark, end.end_mark);
                let data = Data::List(items);
                Ok(self.closed(anchor, Node { span, tag, data }))
            }
            EventData::MappingStart { anchor, tag, .. } => {
                self.opened(anchor.as_ref(), span);
                let mut own = Vec::new();
                let end = loop {
                    let event = self.next()?;
                    if let EventData::MappingEnd = event.data {
                        break event;
                    }
                    let key = self.node(event, depth + 1)?;
                    let event = self.next()?;
                    own.push((key, self.node(event, depth + 1)?));
                };
                let span = self.places.span(event.start_mark, end.end_mark);
                let data = Data::Map(self.map(own, span));
                Ok(self.closed(anchor, Node { span, tag, data }))
            }
            _ => Err(Stop::Deep),
        }
    }

    fn alias(&mut self, anchor: &str, span: Span) -> Rc<Node> {
        match self.anchors.get(anchor) {
            Some((_, Some(node))) => return node.clone(),
            Some((_, None)) => {}
            None => self.found.push(
                Diagnostic::error(2701)
                    .message(format!("Nothing is called `&{anchor}` above"))
                    .at(span)
                    .help(format!(
                        "write `&{anchor}` before the value that is meant, or quote the text"
                    )),
            ),
        }
        Rc::new(Node {
            span,
            tag: None,
            data: Data::Itself,
        })
    }

    fn opened(&mut self, anchor: Option<&String>, span: Span) {
        let Some(anchor) = anchor else { return };
        let span = span.sub(0, anchor.len() + 1);
        if let Some((first, _)) = self.anchors.insert(anchor.clone(), (span, None)) {
            self.found.push(
                Diagnostic::error(2701)
                    .message(format!("`&{anchor}` names two values"))
                    .at(span)
                    .related("first here", Origin::Written(first))
                    .help("give the second another name"),
            );
        }
    }

    fn closed(&mut self, anchor: Option<String>, node: Node) -> Rc<Node> {
        self.tag(&node);
        let node = Rc::new(node);
        if let Some(anchor) = anchor
            && let Some((_, value)) = self.anchors.get_mut(&anchor)
        {
            *value = Some(node.clone());
        }
        node
    }

    fn tag(&mut self, node: &Node) {
        let Some(tag) = &node.tag else { return };
        let standard = tag.strip_prefix("tag:yaml.org,2002:");
        let known = match standard {
            Some(name) => TAGS.contains(&name),
            None => matches!(&**tag, "!" | "!vault" | "!vault-encrypted" | "!unsafe"),
        };
        if !known {
            let shown = standard.map_or(tag.clone(), |name| format!("!!{name}"));
            self.found.push(
                Diagnostic::error(2701)
                    .message(format!("Ansible knows no tag `{shown}`"))
                    .at(self.places.bytes(
                        node.span.start as usize,
                        self.word_end(node.span.start as usize),
                    ))
                    .help("quote the value where it is a text, or remove the tag"),
            );
        }
    }

    fn word_end(&self, start: usize) -> usize {
        let rest = &self.text[start..];
        start + rest.find([' ', '\n', '\r', '\t']).unwrap_or(rest.len())
    }

    /// Keys with values: each key once, and no key that is a list or a mapping.
    fn map(&mut self, own: Vec<(Rc<Node>, Rc<Node>)>, span: Span) -> Map {
        let mut map = Map::default();
        let mut seen: HashMap<(String, bool), Span> = HashMap::new();
        for (key, value) in own {
            match &key.data {
                Data::Scalar { text, plain } if text == "<<" && *plain => {
                    self.merge(&value, &mut map);
                    continue;
                }
                Data::Scalar { text, .. } => {
                    let first = seen.insert((text.clone(), key.text().is_some()), key.span);
                    if let Some(first) = first {
                        self.found.push(written_twice(text, key.span, first));
                    }
                }
                _ => self.found.push(flaws::key_of_parts(&key, span, self.text)),
            }
            map.own.push((key, value));
        }
        map
    }

    fn merge(&mut self, value: &Node, map: &mut Map) {
        let one = |node: &Node, map: &mut Map| match node.map() {
            Some(other) => {
                let pairs = other.merged.iter().chain(&other.own);
                map.merged.extend(pairs.cloned());
                true
            }
            None => matches!(node.data, Data::Itself),
        };
        let fits = match &value.data {
            // The first of several mappings wins.
            Data::List(items) => items.iter().rev().all(|item| one(item, map)),
            _ => one(value, map),
        };
        if !fits {
            self.found.push(
                Diagnostic::error(2701)
                    .message("`<<` takes a mapping, or a list of mappings")
                    .at(value.span)
                    .help("write the name of a mapping: `<<: *name`"),
            );
        }
    }
}

fn written_twice(key: &str, second: Span, first: Span) -> Diagnostic {
    Diagnostic::warning(2707)
        .message(format!(
            "`{key}` is written twice, and Ansible uses the last"
        ))
        .at(second)
        .related("first here", Origin::Written(first))
        .help("remove one of the two")
}
