//! dotenvy's own reading of the lines, from a copy in which nothing can mislead it.
//!
//! The copy has the lines of the text, one for one. In it comments and broken lines are blank, since quotes in
//! them would open values; a backslash in single quotes is written so that it escapes nothing; and every
//! reference names one variable of ours, whose value marks the place. So dotenvy never looks into the
//! environment of the process: what a reference means is put in afterwards, from the environment given.
//!
//! dotenvy is handed one line a read. What it has been handed when it yields a pair ends with that pair.

use super::expand::{self, Reading, Reference};
use super::scan::{Item, Pair};
use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::{cell::Cell, rc::Rc};

/// How much all expanded values of a file may hold together: references to references double quickly.
const LIMIT: usize = 16 << 20;

// What stands for a reference, for a backslash, and for the character that begins them.
const MARK: char = '\u{E000}';
const REFERENCE: char = 'r';
const BACKSLASH: char = 'b';
const ITSELF: char = 'e';

/// A pair as dotenvy reads it.
#[derive(Debug, PartialEq, Eq)]
pub enum Value {
    /// The value.
    Text(String),
    /// It cannot be read.
    Unreadable,
    /// Its references make it larger than anything of sense.
    TooLarge,
}

/// The variables that references mean.
pub struct Variables<'a> {
    environment: &'a dyn Fn(&str) -> Option<String>,
    /// With the place of the key that defined each.
    file: HashMap<String, (String, usize)>,
    room: usize,
}

impl Variables<'_> {
    /// What the environment says of a name.
    pub fn outer(&self, name: &str) -> Option<String> {
        (self.environment)(name)
    }

    /// What the lines so far say of a name, and where its key stands.
    pub fn inner(&self, name: &str) -> Option<(&str, usize)> {
        self.file.get(name).map(|(value, at)| (value.as_str(), *at))
    }

    /// The environment wins, undefined is empty.
    fn resolve(&self, name: &str) -> String {
        let inner = || self.inner(name).unwrap_or_default().0.to_owned();
        self.outer(name).unwrap_or_else(inner)
    }

    /// The value that dotenvy made of the copy, with what the marks stand for.
    fn fill(&mut self, marked: &str, raw: &str, references: &[Reference]) -> Value {
        let mut names = names(raw, references).peekable();
        let expands = names.peek().is_some();
        let mut text = String::with_capacity(marked.len());
        let mut chars = marked.chars();
        while let Some(char) = chars.next() {
            if char != MARK {
                text.push(char);
                continue;
            }
            match chars.next() {
                Some(REFERENCE) => text.push_str(&self.resolve(names.next().unwrap_or_default())),
                Some(BACKSLASH) => text.push('\\'),
                _ => text.push(MARK),
            }
            if expands && text.len() > self.room {
                return Value::TooLarge;
            }
        }
        if expands {
            self.room = self.room.saturating_sub(text.len());
        }
        Value::Text(text)
    }
}

/// Has dotenvy read every pair of `items`, in order. `each` is given the variables as they were before the pair.
pub fn values(
    text: &str,
    items: &[Item],
    environment: &dyn Fn(&str) -> Option<String>,
    each: &mut dyn FnMut(&Pair, &Reading, &Value, &Variables),
) {
    let pairs = || items.iter().filter_map(Item::pair);
    let readings: Vec<Reading> = pairs()
        .map(|pair| expand::read(&text[pair.value.clone()]))
        .collect();
    let alias = alias(text, pairs(), environment);
    let (copy, ends) = copy(text, items, &readings, &alias);
    let (gate, handed) = Gate::new(copy);
    let mut decoded = dotenvy::from_read_iter(gate);
    decoded.next(); // The alias.
    let mut variables = Variables {
        environment,
        file: HashMap::new(),
        room: LIMIT,
    };
    let mut yielded = None;
    for ((pair, reading), end) in pairs().zip(&readings).zip(ends) {
        // Each pair that is not blank in the copy yields once; the end proves that it is this one.
        while reading.flaw.is_none() && handed.get() < end {
            match decoded.next() {
                Some(result) => yielded = result.ok(),
                None => break,
            }
        }
        let value = match yielded.take() {
            Some((_, marked)) if handed.get() == end => {
                variables.fill(&marked, &text[pair.value.clone()], &reading.references)
            }
            _ => Value::Unreadable,
        };
        each(pair, reading, &value, &variables);
        if let Value::Text(value) = value {
            let key = text[pair.key.clone()].to_owned();
            variables.file.insert(key, (value, pair.key.start));
        }
    }
}

/// The names of references that have one.
fn names<'a>(raw: &'a str, references: &'a [Reference]) -> impl Iterator<Item = &'a str> {
    let names = references.iter().map(|r| &raw[r.name.clone()]);
    names.filter(|name| !name.is_empty())
}

/// A name that neither the environment nor the file defines, so that only the copy's first line does.
fn alias<'a>(
    text: &str,
    pairs: impl Iterator<Item = &'a Pair>,
    environment: &dyn Fn(&str) -> Option<String>,
) -> String {
    let keys: HashSet<&str> = pairs.map(|pair| &text[pair.key.clone()]).collect();
    (0..)
        .map(|n: u32| format!("VagrantpReference{n}"))
        .find(|name| !keys.contains(name.as_str()) && environment(name).is_none())
        .expect("a file has fewer keys than there are numbers")
}

/// The copy, and where each pair ends in it.
fn copy(text: &str, items: &[Item], readings: &[Reading], alias: &str) -> (String, Vec<usize>) {
    let mut copy = format!("{alias}={MARK}{REFERENCE}\n");
    let mut ends = Vec::new();
    let mut readings = readings.iter();
    for item in items {
        match item.pair().zip(item.pair().and_then(|_| readings.next())) {
            Some((pair, reading)) if reading.flaw.is_none() => {
                copy.push_str(&text[item.span.start..=pair.equals]);
                write(&mut copy, &text[pair.value.clone()], reading, alias);
                copy.push('\n');
                ends.push(copy.len());
            }
            pair => {
                copy.extend(std::iter::repeat_n('\n', item.lines));
                ends.extend(pair.map(|_| copy.len()));
            }
        }
    }
    (copy, ends)
}

/// Writes a value with its marks.
fn write(copy: &mut String, raw: &str, reading: &Reading, alias: &str) {
    let mut references = reading.references.iter().peekable();
    let mut quote = None;
    let mut chars = raw.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        if let Some(reference) = references.next_if(|r| r.range.start == at) {
            let name = if reference.name.is_empty() { "" } else { alias };
            copy.push_str(&raw[at..reference.name.start]);
            copy.push_str(name);
            copy.push_str(&raw[reference.name.end..reference.range.end]);
            while chars.next_if(|(at, _)| *at < reference.range.end).is_some() {}
            continue;
        }
        match (quote, char) {
            (Some('\''), '\\') => {
                copy.extend([MARK, BACKSLASH]);
                continue;
            }
            (_, '\\') => {
                copy.push(char);
                copy.extend(chars.next().map(|(_, char)| char));
                continue;
            }
            (None, '"' | '\'') => quote = Some(char),
            (Some(open), _) if open == char => quote = None,
            _ => {}
        }
        copy.push(char);
        copy.extend((char == MARK).then_some(ITSELF));
    }
}

/// Hands out one line a read, and tells how much it has handed out.
struct Gate {
    text: String,
    handed: Rc<Cell<usize>>,
}

impl Gate {
    fn new(text: String) -> (Self, Rc<Cell<usize>>) {
        let handed = Rc::new(Cell::new(0));
        let gate = Gate {
            text,
            handed: Rc::clone(&handed),
        };
        (gate, handed)
    }
}

impl Read for Gate {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let rest = &self.text.as_bytes()[self.handed.get()..];
        let rest = &rest[..rest.len().min(buffer.len())];
        let line = rest
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(rest.len(), |at| at + 1);
        buffer[..line].copy_from_slice(&rest[..line]);
        self.handed.set(self.handed.get() + line);
        Ok(line)
    }
}
