//! A `.env` becomes a document. The file is the application's too: what is not ours is read for `{{ env.X }}`
//! and for secrets, and never said.

use super::document::MachineNode;
use super::expand::Reading;
use super::misspelt::{PREFIX, meant};
use super::references::References;
use super::scan::{Content, Item, Pair, scan};
use super::shield::{self, Value, Variables};
use super::slips::Slips;
use super::written::{self, Written};
use super::{Document, Literal, Word, list};
use crate::diagnostic::{Diagnostic, Severity, Sink};
use crate::settings::{Setting, by_env};
use crate::source::{Origin, SourceId, Sources, Span};
use std::collections::HashSet;
use std::fmt;
use std::ops::Range;

/// So many unreadable lines that are not ours are told one by one.
const TOLD: usize = 20;

/// What a `.env` says.
#[derive(Debug)]
pub struct DotEnv {
    /// The settings: one section. An entry without values was written, cannot be read, and has been reported.
    pub document: Document,
    /// Every pair that can be read, ours or not, in order.
    pub variables: Vec<Variable>,
    /// The key that sets `INFRA_TYPE`, if one does.
    pub infra_type: Option<Span>,
    /// What must not be shown: the values of keys that are not ours, and unreadable lines that are not.
    pub foreign: Vec<Span>,
}

/// A pair of the file.
#[derive(Clone)]
pub struct Variable {
    /// The key.
    pub name: String,
    /// The value.
    pub value: Word,
}

/// Without the value, which may be a secret.
impl fmt::Debug for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let span = self.value.origin.span();
        write!(f, "Variable({} at {span:?})", self.name)
    }
}

/// Reads a `.env`. `environment` is the process environment, in which `${X}` is looked up first.
pub fn parse(
    sources: &Sources,
    id: SourceId,
    environment: &dyn Fn(&str) -> Option<String>,
    sink: &mut Sink,
) -> DotEnv {
    let source = sources.get(id);
    let text = source.text.as_str();
    let items = scan(text, &|key| row(key).is_some());
    let mut reader = Reader {
        text,
        id,
        claimed: claimed(text, &items),
        references: References::new(text, id, &items),
        written: Vec::new(),
        variables: Vec::new(),
        foreign: Vec::new(),
        unreadable: Vec::new(),
        misspelt: HashSet::new(),
        sink,
    };
    for item in &items {
        reader.broken(item);
    }
    shield::values(
        text,
        &items,
        environment,
        &mut |pair, reading, value, variables| {
            reader.pair(pair, reading, value, variables);
        },
    );
    let first = source.line_range(0);
    reader.finish(Span::new(id, first.start, first.end))
}

/// The setting of a key, plain or with our prefix.
fn row(key: &str) -> Option<&'static Setting> {
    by_env(key.strip_prefix(PREFIX).unwrap_or(key))
}

/// The plain keys that are the application's, since the file has them with our prefix too.
fn claimed(text: &str, items: &[Item]) -> HashSet<&'static str> {
    let keys = items.iter().filter_map(|item| key_of(text, item));
    let prefixed = keys.filter_map(|key| text[key].strip_prefix(PREFIX));
    prefixed.filter_map(by_env).map(Setting::key).collect()
}

/// The key that a line is about: `MEMORY: 4G` is about `MEMORY`, `MEMORY-LIMIT=4G` is not.
fn key_of(text: &str, item: &Item) -> Option<Range<usize>> {
    match &item.content {
        Content::Blank => None,
        Content::Pair(pair) => Some(pair.key.clone()),
        Content::Broken(broken) => {
            let key = broken.key.clone()?;
            let after = text[key.end..item.span.end].chars().next();
            let ends = after.is_none_or(|c| c.is_whitespace() || ":+?=".contains(c));
            ends.then_some(key)
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    id: SourceId,
    claimed: HashSet<&'static str>,
    references: References<'a>,
    written: Vec<Written>,
    variables: Vec<Variable>,
    foreign: Vec<Span>,
    unreadable: Vec<Diagnostic>,
    misspelt: HashSet<&'a str>,
    sink: &'a mut Sink,
}

impl<'a> Reader<'a> {
    /// The setting that a key of this file is.
    fn setting(&self, key: &str) -> Option<&'static Setting> {
        row(key).filter(|_| key.starts_with(PREFIX) || !self.claimed.contains(key))
    }

    fn broken(&mut self, item: &Item) {
        let Content::Broken(broken) = &item.content else {
            return;
        };
        let text = self.text;
        let slips = Slips { text, id: self.id };
        let line = text[item.span.clone()].trim_end_matches(['\n', '\r']);
        let end = item.span.start + line.len();
        let ours = key_of(text, item).and_then(|key| {
            let setting = self.setting(&text[key.clone()])?;
            Some((setting, key))
        });
        if let Some((setting, key)) = ours {
            self.sink.push(slips.broken(item, broken, Some(setting)));
            let key = self.word(key.clone(), &text[key], true);
            let values = Some(Vec::new());
            self.written.push(Written {
                setting,
                key,
                values,
            });
            return;
        }
        self.foreign.push(self.span(item.span.start..end));
        let start = item.span.start + (line.len() - line.trim_start().len());
        let head = line
            .trim_start()
            .split(['=', ':'])
            .next()
            .unwrap_or("")
            .trim_end();
        match meant(head, None).filter(|_| line.contains(['=', ':'])) {
            Some(meant) => self.near_miss(start..start + head.len(), &meant),
            None => {
                let found = slips.broken(item, broken, None);
                match found.severity {
                    Severity::Error => self.sink.push(found),
                    Severity::Warning => self.unreadable.push(found),
                }
            }
        }
    }

    fn pair(&mut self, pair: &Pair, reading: &Reading, value: &Value, variables: &Variables) {
        let text = self.text;
        let name = &text[pair.key.clone()];
        let setting = self.setting(name);
        let word = match value {
            Value::Text(value) => Some(self.value(pair, value)),
            Value::Unreadable | Value::TooLarge => None,
        };
        if let Some(word) = &word {
            let value = word.clone();
            let name = name.to_owned();
            self.variables.push(Variable { name, value });
        }
        let Some(setting) = setting else {
            self.foreign.push(self.span(pair.value.clone()));
            self.application(pair, reading, value);
            return;
        };
        self.references.check(pair, reading, variables, self.sink);
        let values = match word {
            Some(word) if word.text.is_empty() => None,
            Some(word) if reading.backslash => {
                self.sink.push(self.continued(pair));
                Some(self.split(word, setting))
            }
            Some(word) => Some(self.split(word, setting)),
            None => Some(self.unreadable(pair, reading, value, setting)),
        };
        let key = self.word(pair.key.clone(), name, true);
        self.written.push(Written {
            setting,
            key,
            values,
        });
    }

    /// A pair of the application.
    fn application(&mut self, pair: &Pair, reading: &Reading, value: &Value) {
        let key = &self.text[pair.key.clone()];
        let known = match value {
            Value::Text(value) => Some(value.as_str()),
            _ => None,
        };
        if row(key).is_none()
            && let Some(meant) = meant(key, known)
            && !(meant.len().abs_diff(key.len()) == 1 && self.references.defines(&meant))
        {
            self.near_miss(pair.key.clone(), &meant);
        }
        let slips = Slips {
            text: self.text,
            id: self.id,
        };
        match value {
            Value::Text(_) => {}
            Value::Unreadable => self.unreadable.push(slips.unreadable(pair, reading, None)),
            Value::TooLarge => {
                let found = Diagnostic::warning(2401).at(self.span(pair.value.clone()));
                self.unreadable
                    .push(found.message(TOO_LARGE).help(WITHOUT_REFERENCES));
            }
        }
    }

    /// Reports a value of ours; what can be read of it all the same is returned.
    fn unreadable(
        &mut self,
        pair: &Pair,
        reading: &Reading,
        value: &Value,
        setting: &Setting,
    ) -> Vec<Word> {
        let raw = &self.text[pair.value.clone()];
        if *value == Value::TooLarge {
            let found = Diagnostic::error(2401).at(self.span(pair.value.clone()));
            self.sink
                .push(found.message(TOO_LARGE).help(WITHOUT_REFERENCES));
            return Vec::new();
        }
        // `8080:80, 443:443` is a list with blanks before it is a value without quotes.
        if setting.is_list() && !raw.contains(['\'', '"', '\\', '$']) {
            let word = self.word(pair.value.clone(), raw, true);
            let words = list::split(&word, setting, self.sink);
            if !words
                .iter()
                .any(|word| word.text.contains(char::is_whitespace))
            {
                return words;
            }
        }
        let slips = Slips {
            text: self.text,
            id: self.id,
        };
        self.sink
            .push(slips.unreadable(pair, reading, Some(setting)));
        Vec::new()
    }

    fn split(&mut self, word: Word, setting: &Setting) -> Vec<Word> {
        match setting.is_list() {
            false => vec![word],
            true => list::split(&word, setting, self.sink),
        }
    }

    /// A value that ends in a backslash.
    fn continued(&self, pair: &Pair) -> Diagnostic {
        let end = pair.value.end;
        Diagnostic::error(2401)
            .message("A value does not go on after a backslash")
            .at(self.span(end - 1..end))
            .label("the next line is a line of its own")
            .help("write the value on one line")
            .fix(self.span(end - 1..end), "")
    }

    fn near_miss(&mut self, key: Range<usize>, meant: &str) {
        let text = self.text;
        let name = &text[key.clone()];
        if !self.misspelt.insert(name) {
            return;
        }
        let place = self.span(key);
        self.sink.push(
            Diagnostic::warning(2301)
                .message(format!("`{name}` looks like `{meant}`"))
                .at(place)
                .label("not a setting")
                .help(format!(
                    "write `{meant}`, or rename it if it is the application's"
                ))
                .fix(place, meant),
        );
    }

    /// The word of a value: the part inside the quotes where nothing in it is written otherwise.
    fn value(&self, pair: &Pair, text: &str) -> Word {
        let whole = pair.value.clone();
        let raw = &self.text[whole.clone()];
        let inner = whole.start + 1..whole.end.saturating_sub(1).max(whole.start + 1);
        let quoted =
            raw.len() >= 2 && raw.starts_with(['\'', '"']) && raw[1..].ends_with(['\'', '"']);
        match () {
            () if raw == text => self.word(whole, text, true),
            () if raw.strip_suffix('\\') == Some(text) => {
                self.word(whole.start..whole.end - 1, text, true)
            }
            () if quoted && &self.text[inner.clone()] == text => self.word(inner, text, true),
            () => self.word(whole, text, false),
        }
    }

    fn word(&self, range: Range<usize>, text: &str, verbatim: bool) -> Word {
        Word {
            text: text.to_owned(),
            origin: self.written(range),
            verbatim,
            literal: Literal::Text,
        }
    }

    fn written(&self, range: Range<usize>) -> Origin {
        Origin::Written(self.span(range))
    }

    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.id, range.start, range.end)
    }

    fn finish(mut self, head: Span) -> DotEnv {
        let more = self.unreadable.len().saturating_sub(TOLD);
        let rest = self.unreadable.get(TOLD).and_then(|found| found.span);
        self.unreadable.truncate(TOLD);
        self.sink.found.append(&mut self.unreadable);
        if let Some(span) = rest {
            let message = format!("{more} more lines, which are not vagrantp's, cannot be read");
            let help = "name the right file with `--file`, if this one is no `.env`";
            self.sink.push(
                Diagnostic::warning(2401)
                    .message(message)
                    .at(span)
                    .help(help),
            );
        }
        let section = written::settle(self.written, self.sink);
        let kind = section.entries.iter().find(|entry| entry.setting == "kind");
        let infra_type = kind.and_then(|entry| entry.key.origin.span());
        DotEnv {
            document: Document {
                machines: vec![MachineNode {
                    name: None,
                    uses: Vec::new(),
                    section,
                }],
                ..Document::empty(self.id, head)
            },
            variables: self.variables,
            infra_type,
            foreign: self.foreign,
        }
    }
}

const TOO_LARGE: &str = "The references in the file make its values larger than 16 MB";
const WITHOUT_REFERENCES: &str = "write the value without references";
