//! A `.env` rewritten as KDL: its settings in their order, with the comments that belong to them.
//!
//! A comment belongs to the line right below it. What belongs to a line of the application stays in the `.env`, and
//! so does a line of the application that is commented out.

mod nodes;
mod references;
mod sorting;

use super::dotenv::DotEnv;
use super::kdl::write::{Node, write};
use super::scan::{Item, scan};
use super::{Entry, expand};
use crate::settings::{Setting, by_env};
use crate::source::{SourceId, Sources, Span};
use crate::value::Kind;
use sorting::{Sorted, sort};
use std::collections::HashSet;
use std::ops::Range;

/// What the rewriting is told.
pub struct Rewriting<'a> {
    /// The texts.
    pub sources: &'a Sources,
    /// The `.env`.
    pub id: SourceId,
    /// What it says.
    pub read: &'a DotEnv,
    /// What the machine is.
    pub kind: Kind,
    /// The machine's name in the new file.
    pub name: &'a str,
    /// Its instance id.
    pub instance: &'a str,
    /// What `{{ env.NAME }}` will be.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// Whether the keys are taken out of the `.env`.
    pub remove: bool,
}

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Rewritten {
    /// The `vagrantp.kdl`.
    pub kdl: String,
    /// The `.env` without what the other says; the same text where nothing is to be removed.
    pub rest: String,
    /// Keys that stay, since lines of the application refer to them.
    pub kept: Vec<String>,
}

impl Rewriting<'_> {
    /// Rewrites it.
    pub fn rewritten(&self) -> Rewritten {
        let text = self.sources.get(self.id).text.as_str();
        let items = scan(text, &|key| row(key).is_some());
        let kept = self.referred(text, &items);
        let layer = !self.remove || kept.iter().any(|key| is_kind(key));
        let Sorted {
            groups,
            head,
            behind,
            taken,
        } = sort(self, text, &items);
        let machine = Node::new("machine").name(self.name).above(head);
        let machine = machine.children(self.nodes(&groups, layer));
        let kdl = write(&[machine], &behind);
        let rest = match self.remove {
            true => rest(text, &items, &taken, &kept),
            false => text.to_owned(),
        };
        Rewritten { kdl, rest, kept }
    }

    /// The keys of ours that values of the application refer to.
    fn referred(&self, text: &str, items: &[Item]) -> Vec<String> {
        let mut names = HashSet::new();
        for pair in items.iter().filter_map(Item::pair) {
            if !self.is_ours(&pair.value) {
                let raw = &text[pair.value.clone()];
                let references = expand::read(raw).references;
                names.extend(references.into_iter().map(|reference| &raw[reference.name]));
            }
        }
        let ours = items.iter().filter_map(Item::pair);
        let ours = ours.filter(|pair| self.is_ours(&pair.value));
        let mut kept: Vec<String> = ours
            .map(|pair| text[pair.key.clone()].to_owned())
            .filter(|key| self.remove && names.contains(key.as_str()))
            .collect();
        kept.dedup();
        kept
    }

    /// Whether the value of a pair is one of ours.
    fn is_ours(&self, value: &Range<usize>) -> bool {
        let span = Span::new(self.id, value.start, value.end);
        !self.read.foreign.contains(&span)
    }

    fn entry(&self, key: &Range<usize>) -> Option<&Entry> {
        let span = Span::new(self.id, key.start, key.end);
        let section = &self.read.document.machines.first()?.section;
        let mut entries = section.entries.iter();
        entries.find(|entry| entry.key.origin.span() == Some(span))
    }
}

/// The setting of a key, plain or with our prefix.
fn row(key: &str) -> Option<&'static Setting> {
    by_env(key.strip_prefix("VAGRANTP_").unwrap_or(key))
}

fn is_kind(key: &str) -> bool {
    row(key).is_some_and(|row| row.name == "kind")
}

/// The text without the lines that were taken, but for those with these keys, and without the blank lines that would
/// be left together.
fn rest(text: &str, items: &[Item], taken: &[usize], kept: &[String]) -> String {
    let mut out = String::new();
    let mut blank = true;
    for (at, item) in items.iter().enumerate() {
        let key = item.pair().map(|pair| &text[pair.key.clone()]);
        let stays = key.is_some_and(|key| kept.iter().any(|kept| kept == key));
        if taken.contains(&at) && !stays {
            continue;
        }
        let line = &text[item.span.clone()];
        let is_blank = line.trim().is_empty();
        if !(is_blank && blank) {
            out.push_str(line);
        }
        blank = is_blank;
    }
    if blank {
        let end = out.trim_end_matches(['\n', '\r', ' ', '\t']).len();
        let more = if end > 0 { 1 } else { 0 };
        out.truncate(end);
        out.extend(std::iter::repeat_n('\n', more));
    }
    out
}
