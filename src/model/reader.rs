//! Typed reading of a composed machine, or of the parts of one of its items.

use super::resolve::Place;
use crate::settings;
use crate::source::{Located, Origin};
use crate::spec::{Settings, Value, Written};
use crate::value::{Size, parse_duration};
use std::path::PathBuf;
use std::time::Duration;

/// Reads settings. What was wrong has been told, and is as if it were not written.
pub struct Reader<'a> {
    /// What is written.
    pub settings: &'a Settings,
    /// Where the project stands.
    pub place: &'a Place<'a>,
}

/// A value that nobody wrote.
pub fn default<T>(value: T) -> Located<T> {
    Located::new(value, Origin::Default)
}

impl<'a> Reader<'a> {
    /// The parts of an item.
    pub fn parts(&self, item: &'a Written) -> Reader<'a> {
        Reader {
            settings: &item.parts,
            place: self.place,
        }
    }

    /// The items of a setting.
    pub fn items(&self, setting: &str) -> impl Iterator<Item = &'a Written> + use<'a> {
        self.settings.get(setting).into_iter().flatten()
    }

    /// Whether a setting is written, rightly or not.
    pub fn is_written(&self, setting: &str) -> bool {
        self.items(setting).next().is_some()
    }

    /// Whether a setting is written wrongly.
    pub fn is_wrong(&self, setting: &str) -> bool {
        self.items(setting).any(|item| item.wrong)
    }

    /// The last value.
    pub fn one<T>(&self, setting: &str, take: impl Fn(&Value) -> Option<T>) -> Option<Located<T>> {
        let value = self.items(setting).last()?.values.last()?;
        take(&value.value).map(|taken| Located::new(taken, value.origin))
    }

    /// All values of all items.
    pub fn all<T>(&self, setting: &str, take: impl Fn(&Value) -> Option<T>) -> Vec<Located<T>> {
        let values = self.items(setting).flat_map(|item| &item.values);
        let located = |value: &Located<Value>| {
            take(&value.value).map(|taken| Located::new(taken, value.origin))
        };
        values.filter_map(located).collect()
    }

    /// The last value, else the default.
    pub fn choice<T>(
        &self,
        setting: &str,
        otherwise: T,
        take: impl Fn(&Value) -> Option<T>,
    ) -> Located<T> {
        self.one(setting, take)
            .unwrap_or_else(|| default(otherwise))
    }

    /// A text.
    pub fn text(&self, setting: &str) -> Option<Located<String>> {
        self.one(setting, text)
    }

    /// All texts.
    pub fn texts(&self, setting: &str) -> Vec<Located<String>> {
        self.all(setting, text)
    }

    /// A path, absolute.
    pub fn path(&self, setting: &str) -> Option<Located<PathBuf>> {
        let text = self.text(setting)?;
        Some(Located::new(self.place.absolute(&text.value), text.origin))
    }

    /// A size, else the table's default.
    pub fn size(&self, setting: &str) -> Located<Size> {
        let row = settings::of(setting);
        let written = self.one(setting, |value| match value {
            Value::Size(size) => Some(*size),
            _ => None,
        });
        written.unwrap_or_else(|| {
            let (settings::Takes::Size(rule), Some(text)) = (row.takes, row.default) else {
                unreachable!("sizes have a default");
            };
            default(Size::parse(text, rule.bare).expect("the table's default is a size"))
        })
    }

    /// A duration, else the table's default.
    pub fn duration(&self, setting: &str) -> Located<Duration> {
        let text = settings::of(setting).default.unwrap_or_default();
        let otherwise = parse_duration(text).expect("the table's default is a duration");
        self.choice(setting, otherwise, |value| match value {
            Value::Duration(duration) => Some(*duration),
            _ => None,
        })
    }
}

/// A text of any kind.
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Object(name) => Some(name.to_string()),
        _ => None,
    }
}
