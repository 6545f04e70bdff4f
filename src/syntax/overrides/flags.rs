//! `--set [machine.]setting=value`, as texts of their own that messages can point into.

use super::on_one_line;
use crate::diagnostic::{Diagnostic, Sink};
use crate::settings::{self, Form, SETTINGS, Setting};
use crate::source::{Origin, Sources, Span};
use crate::syntax::{Entry, Literal, Section, Word, list};
use crate::value::nearest;

/// What `--set` says, each for one machine or for all. Each word becomes a source.
pub fn flags(
    words: &[String],
    sources: &mut Sources,
    sink: &mut Sink,
) -> Vec<(Option<String>, Section)> {
    let mut all = Vec::new();
    for word in words {
        let line = on_one_line(word);
        let (verbatim, end) = (*word == line, line.len());
        let setting = line.split('=').next().unwrap_or_default();
        let id = sources.add_word(&format!("--set {setting}"), line.clone());
        let flag = Flag {
            word,
            verbatim,
            place: Span::new(id, 0, end),
        };
        match flag.read(sink) {
            Ok(said) => all.push(said),
            Err(finding) => sink.push(*finding),
        }
    }
    all
}

/// One `--set`.
struct Flag<'a> {
    word: &'a str,
    verbatim: bool,
    place: Span,
}

impl Flag<'_> {
    fn read(&self, sink: &mut Sink) -> Result<(Option<String>, Section), Box<Diagnostic>> {
        let name = self.word.split_once('=').map(|(name, _)| name);
        let has_name = |name: &&str| !name.is_empty() && !name.starts_with('.');
        let Some(name) = name.filter(has_name) else {
            let finding = Diagnostic::error(2901)
                .message("`--set` takes `setting=value`")
                .at(self.place)
                .help("write `--set memory=4G`, or `--set web.memory=4G` for one machine");
            return Err(Box::new(finding));
        };
        let (machine, setting) = match (row(name), name.split_once('.')) {
            (None, Some((machine, setting))) => (Some(machine.to_owned()), setting),
            _ => (None, name),
        };
        let key = self.part(name.len() - setting.len(), name.len());
        let Some(row) = row(setting) else {
            return Err(Box::new(unknown(&key)));
        };
        let value = self.part(name.len() + 1, self.word.len());
        let values = match row.is_list() || row.form == Form::Many {
            true => list::split(&value, row, sink),
            false => vec![value],
        };
        let entry = Entry {
            setting: row.name,
            key,
            values,
            parts: Vec::new(),
        };
        let entries = vec![entry];
        Ok((machine, Section { entries }))
    }

    fn part(&self, start: usize, end: usize) -> Word {
        Word {
            text: self.word[start..end].to_owned(),
            origin: Origin::Flag(match self.verbatim {
                true => self.place.sub(start, end),
                false => self.place,
            }),
            verbatim: self.verbatim,
            literal: Literal::Text,
        }
    }
}

/// The row of a setting that one value says.
fn row(name: &str) -> Option<&'static Setting> {
    settings::by_name(name).filter(can)
}

fn can(row: &&Setting) -> bool {
    let is_part = row
        .owner()
        .is_some_and(|owner| settings::by_name(owner).is_some());
    // How many machines there are is said where they are.
    let one = row.name != "count"
        && matches!(
            row.form,
            Form::One | Form::Many | Form::Property | Form::OfKind
        );
    one && (!is_part || row.env.is_some())
}

fn unknown(key: &Word) -> Diagnostic {
    let first = key.text.split('.').next().unwrap_or_default();
    if matches!(first, "vm" | "container") || settings::by_name(first).is_some() {
        return Diagnostic::error(2901)
            .message(format!("`--set` cannot say `{}`", key.text))
            .at_origin(key.origin)
            .label("said in the file alone")
            .help("write it into the machine's block, or into a profile");
    }
    let names = SETTINGS.iter().filter(can).map(|row| row.name);
    let help = match nearest(&key.text, names) {
        Some(near) => format!("write `{near}`"),
        None => "write a setting such as `memory`, or `web.memory` for one machine".into(),
    };
    Diagnostic::error(2901)
        .message(format!("`--set` knows no setting `{}`", key.text))
        .at_origin(key.origin)
        .label("not a setting")
        .help(help)
}
