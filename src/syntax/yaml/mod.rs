//! YAML as Ansible reads it: by the grammar of libyaml, in a tree that knows its places.
//!
//! Ansible's reader is libyaml, which is neither YAML 1.1 nor 1.2: what one of them forbids and libyaml takes
//! runs, and what it does not take does not. So its own grammar is used, and no other.

mod compose;
mod flaws;
mod places;
mod plain;

pub use compose::read;

use crate::source::Span;
use std::rc::Rc;

/// What a text holds.
#[derive(Debug, Clone)]
pub enum Read {
    /// What cannot be read was told.
    Broken,
    /// Nothing but comments.
    Empty,
    /// One document.
    Holds(Rc<Node>),
    /// Ansible may read it, and it is not judged: encrypted, JSON that is no YAML, or very deep.
    Unjudged,
}

/// A value with its place.
#[derive(Debug)]
pub struct Node {
    /// Where it stands, its tag and anchor with it.
    pub span: Span,
    /// As written, with its handle replaced: `!vault`, `tag:yaml.org,2002:str`.
    pub tag: Option<String>,
    /// What it is.
    pub data: Data,
}

/// What a value is.
#[derive(Debug)]
pub enum Data {
    /// A text, or what looks like a number, a truth or nothing.
    Scalar {
        /// Without quotes.
        text: String,
        /// Without quotes in the file too.
        plain: bool,
    },
    /// Items in order.
    List(Vec<Rc<Node>>),
    /// Keys with values.
    Map(Map),
    /// A value inside itself.
    Itself,
}

/// Keys with values, in the order written.
#[derive(Debug, Default)]
pub struct Map {
    /// Its own.
    pub own: Vec<(Rc<Node>, Rc<Node>)>,
    /// Those of `<<`, where it does not say them itself.
    pub merged: Vec<(Rc<Node>, Rc<Node>)>,
}

impl Node {
    /// Its items, where it is a list.
    pub fn list(&self) -> Option<&[Rc<Node>]> {
        match &self.data {
            Data::List(items) => Some(items),
            _ => None,
        }
    }

    /// Its keys and values, where it has any.
    pub fn map(&self) -> Option<&Map> {
        match &self.data {
            Data::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Its text, where Ansible takes it as one for sure.
    pub fn text(&self) -> Option<&str> {
        match (&self.data, self.tag.as_deref()) {
            (Data::Scalar { text, plain: true }, None) if plain::is_text(text) => Some(text),
            (Data::Scalar { text, plain: false }, None) => Some(text),
            (Data::Scalar { text, .. }, Some("!" | "!unsafe" | "tag:yaml.org,2002:str")) => {
                Some(text)
            }
            _ => None,
        }
    }

    /// Its text, where that has no expression in it.
    pub fn literal(&self) -> Option<&str> {
        self.text()
            .filter(|text| !text.contains("{{") && !text.contains("{%"))
    }

    /// Whether nothing is written.
    pub fn is_null(&self) -> bool {
        match &self.data {
            Data::Scalar { text, plain: true } => self.tag.is_none() && plain::is_null(text),
            _ => false,
        }
    }

    /// What messages call it.
    pub fn kind(&self) -> &'static str {
        match &self.data {
            Data::List(_) => "a list",
            Data::Map(_) => "a mapping",
            Data::Itself => "itself",
            Data::Scalar { .. } if self.is_null() => "nothing",
            Data::Scalar { .. } if self.text().is_some() => "a text",
            Data::Scalar { .. } => "a plain value",
        }
    }
}

impl Map {
    /// The value of a key; the last where there are several.
    pub fn get(&self, key: &str) -> Option<&Rc<Node>> {
        self.pair(key).map(|(_, value)| value)
    }

    /// A key and its value.
    pub fn pair(&self, key: &str) -> Option<(&Rc<Node>, &Rc<Node>)> {
        let own = self.own.iter().rev();
        let mut all = own.chain(self.merged.iter().rev());
        let pair = all.find(|(name, _)| name.text() == Some(key))?;
        Some((&pair.0, &pair.1))
    }

    /// All keys that are texts, each once, with their values.
    pub fn named(&self) -> impl Iterator<Item = (&str, &Rc<Node>, &Rc<Node>)> {
        let all = self.own.iter().chain(&self.merged);
        let named = all.filter_map(|(key, value)| Some((key.text()?, key, value)));
        named.filter(|(name, key, _)| {
            self.pair(name)
                .is_some_and(|(last, _)| Rc::ptr_eq(last, key))
        })
    }
}
