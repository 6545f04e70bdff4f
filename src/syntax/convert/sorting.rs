//! Which comments and which settings go together.

use super::{Rewriting, row};
use crate::settings::{self, Setting};
use crate::syntax::Entry;
use crate::syntax::scan::{Content, Item, Pair};
use crate::value::{Choice, Kind};

/// A node to be, and what is said of it.
pub struct Group<'a> {
    /// The setting that the node is.
    pub anchor: &'static str,
    /// What it is made of, each with its value as it stands in the file.
    pub entries: Vec<(&'a Entry, &'a str)>,
    /// Comments above it; an empty one is a blank line.
    pub above: Vec<String>,
    /// Comments behind it.
    pub beside: Vec<String>,
}

/// The lines, sorted.
pub struct Sorted<'a> {
    /// In written order.
    pub groups: Vec<Group<'a>>,
    /// What is said of the file.
    pub head: Vec<String>,
    /// What is said behind all settings.
    pub behind: Vec<String>,
    /// The lines that went into any of these.
    pub taken: Vec<usize>,
}

/// Sorts the lines.
pub fn sort<'a>(rewriting: &'a Rewriting, text: &'a str, items: &[Item]) -> Sorted<'a> {
    let mut sorting = Sorting {
        rewriting,
        text,
        pending: Vec::new(),
        sorted: Sorted {
            groups: Vec::new(),
            head: Vec::new(),
            behind: Vec::new(),
            taken: Vec::new(),
        },
    };
    for (at, item) in items.iter().enumerate() {
        sorting.item(at, item);
    }
    sorting.sorted.behind = trimmed(sorting.take());
    sorting.sorted
}

/// A comment whose setting has not come yet.
struct Comment {
    /// Its line, where it has one of its own.
    line: Option<usize>,
    /// What it says; nothing for a blank line.
    text: String,
    /// Whether a line of ours came after it, that is no setting.
    ours: bool,
}

struct Sorting<'a> {
    rewriting: &'a Rewriting<'a>,
    text: &'a str,
    pending: Vec<Comment>,
    sorted: Sorted<'a>,
}

impl<'a> Sorting<'a> {
    fn item(&mut self, at: usize, item: &Item) {
        let comment = item.comment.clone().map(|range| &self.text[range][1..]);
        match (&item.content, comment) {
            (Content::Blank, Some(comment)) if is_of_the_application(comment) => {
                self.application();
            }
            (Content::Blank, Some(comment)) => self.pending.push(Comment {
                line: Some(at),
                text: comment.to_owned(),
                ours: false,
            }),
            (Content::Blank, None) => self.blank(),
            (Content::Pair(pair), comment) if self.rewriting.is_ours(&pair.value) => {
                self.sorted.taken.push(at);
                self.ours(pair, comment);
            }
            (Content::Pair(_) | Content::Broken(_), _) => self.application(),
        }
    }

    /// What stands above the first blank line is said of the whole file.
    fn blank(&mut self) {
        if self.sorted.groups.is_empty() && self.sorted.head.is_empty() {
            self.sorted.head = self.take();
        } else if self.pending.last().is_none_or(|last| !last.text.is_empty()) {
            self.pending.push(Comment {
                line: None,
                text: String::new(),
                ours: false,
            });
        }
    }

    /// What stands right above a line of the application stays with it.
    fn application(&mut self) {
        let stays = |last: &Comment| last.ours || last.text.is_empty();
        let before = self.pending.iter().rposition(stays);
        self.pending.truncate(before.map_or(0, |before| before + 1));
    }

    fn take(&mut self) -> Vec<String> {
        let pending = std::mem::take(&mut self.pending);
        let lines = pending.iter().filter_map(|comment| comment.line);
        self.sorted.taken.extend(lines);
        pending.into_iter().map(|comment| comment.text).collect()
    }

    fn ours(&mut self, pair: &Pair, comment: Option<&str>) {
        let kind = self.rewriting.kind;
        let written = &self.text[pair.key.start..pair.value.end];
        let entry = self.rewriting.entry(&pair.key);
        let told = match entry.map(|entry| settings::of(entry.setting)) {
            Some(row) if row.is_foreign_to(kind) => {
                Some(format!(" {written} is ignored: this is a {}", kind.word()))
            }
            Some(_) => None,
            // Empty, or overridden further down: only what is said of it counts.
            None => Some(String::new()),
        };
        if let Some(told) = told {
            let text = format!("{told}{}", comment.unwrap_or_default());
            if let Some(last) = self.pending.last_mut().filter(|_| text.is_empty()) {
                last.ours = true;
            } else if !text.is_empty() {
                let (line, ours) = (None, true);
                self.pending.push(Comment { line, text, ours });
            }
            return;
        }
        let Some(entry) = entry else { return };
        let above = self.take();
        let anchor = anchor(settings::of(entry.setting), kind);
        let groups = &mut self.sorted.groups;
        let raw = &self.text[pair.value.clone()];
        let beside = comment.map(str::to_owned);
        match groups.iter_mut().find(|group| group.anchor == anchor) {
            Some(group) => {
                group.entries.push((entry, raw));
                group.above.extend(trimmed(above));
                group.beside.extend(beside);
            }
            None => groups.push(Group {
                anchor,
                entries: vec![(entry, raw)],
                above: match groups.is_empty() {
                    true => trimmed(above),
                    false => above,
                },
                beside: beside.into_iter().collect(),
            }),
        }
    }
}

/// Without blank lines at its ends.
fn trimmed(mut texts: Vec<String>) -> Vec<String> {
    while texts.last().is_some_and(String::is_empty) {
        texts.pop();
    }
    let first = texts.iter().position(|text| !text.is_empty());
    texts.drain(..first.unwrap_or(0));
    texts
}

/// The setting whose node says this one.
fn anchor(row: &'static Setting, kind: Kind) -> &'static str {
    match (row.name, kind) {
        ("image", Kind::Container) | ("box", Kind::Vm) => "kind",
        _ => row.owner().unwrap_or(row.name),
    }
}

/// A line that is commented out, and is not ours.
fn is_of_the_application(comment: &str) -> bool {
    let line = comment.trim_start();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let Some((key, _)) = line.split_once('=') else {
        return false;
    };
    let key = key.trim_end();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !key.is_empty() && key.chars().all(plain) && row(key).is_none()
}
