//! Words become values; a wrong one is a finding at its exact part.

mod read;
mod wrong;

use super::expression::{self, Names, Values};
use super::merge::{Merged, Scope, Settings as MergedSettings};
use super::{MachineSpec, Settings, Value, Variable, Written};
use crate::diagnostic::{Diagnostic, Sink};
use crate::settings::{self, Form, Setting, Takes};
use crate::source::{Located, Origin};
use crate::syntax::document::UseNode;
use crate::syntax::{Entry, Section, Word};
use crate::value::{Flaw, Kind, Provider, nearest};
use wrong::finding;

/// More values than a setting can make use of: every port, in both protocols.
const MOST: usize = 2 * 65_535;

/// Judges what a block writes, whether it will be overridden or not. Settings of the other kind are
/// not judged: they are ignored.
pub fn judge(section: &Section, kind: Option<Kind>, names: &Names, sink: &mut Sink) {
    judge_entries(&section.entries, kind, names, sink);
}

fn judge_entries(entries: &[Entry], kind: Option<Kind>, names: &Names, sink: &mut Sink) {
    for entry in entries {
        let row = settings::of(entry.setting);
        if is_foreign(row, kind) {
            continue;
        }
        let mut read = 0;
        for (position, word) in entry.values.iter().enumerate() {
            if expression::is_expression(&word.text) {
                match may_be_expression(row, entry.form(position)) {
                    true => expression::judge(word, names, sink),
                    false => sink.push(not_evaluated(&entry.key.text, word)),
                }
                continue;
            }
            match value(
                row,
                &entry.key,
                entry.form(position),
                &entry.values,
                word,
                &word.text,
            ) {
                Ok(values) => read += values.len(),
                Err(flaw) => {
                    let finding = finding(row, &entry.key, word, flaw);
                    sink.push_of_value(word.origin.span(), finding);
                }
            }
            if read > MOST {
                let flaw = Flaw::whole(&word.text, "the list is too long", "remove the rest of it");
                sink.push(finding(row, &entry.key, word, flaw));
                break;
            }
        }
        judge_entries(&entry.parts, kind, names, sink);
    }
}

fn is_foreign(row: &Setting, kind: Option<Kind>) -> bool {
    kind.is_some_and(|kind| row.is_foreign_to(kind))
}

/// Braces where a name stands that must be known before any value is.
pub fn not_evaluated(what: &str, word: &Word) -> Diagnostic {
    Diagnostic::error(2501)
        .message(format!("`{what}` is not evaluated"))
        .at_origin(word.origin)
        .help("write the value out")
}

/// What a word of an entry is, by its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Value,
    /// The name of a pair, or the engine of a group.
    Head,
    /// What stands behind it.
    Tail,
}

impl Entry {
    fn form(&self, position: usize) -> Role {
        role(settings::of(self.setting), position)
    }
}

fn role(row: &Setting, position: usize) -> Role {
    match (row.form, position) {
        (Form::Pairs | Form::Group, 0) => Role::Head,
        (Form::Pairs | Form::Group, _) => Role::Tail,
        _ => Role::Value,
    }
}

/// Names of things are not evaluated: what depends on what is known before any value is.
fn may_be_expression(row: &Setting, role: Role) -> bool {
    let name = matches!(
        row.takes,
        Takes::ObjectName | Takes::VariableName | Takes::Kind
    );
    !name && role != Role::Head && row.name != "count"
}

/// Values come of the merged words of one machine, evaluated for it. What was judged as written is not
/// told again. `uses` are what scopes count.
pub fn lower<'v>(
    merged: &MergedSettings,
    kind: Option<Kind>,
    values: &dyn Fn(Scope) -> Values<'v>,
    uses: &[&UseNode],
    sink: &mut Sink,
) -> MachineSpec {
    let mut lowering = Lowering {
        kind,
        values,
        uses,
        spec: MachineSpec::default(),
        sink,
    };
    let settings = lowering.settings(merged);
    MachineSpec {
        settings,
        ..lowering.spec
    }
}

struct Lowering<'a, 'v> {
    kind: Option<Kind>,
    values: &'a dyn Fn(Scope) -> Values<'v>,
    uses: &'a [&'a UseNode],
    spec: MachineSpec,
    sink: &'a mut Sink,
}

impl Lowering<'_, '_> {
    fn settings(&mut self, merged: &MergedSettings) -> Settings {
        let mut settings = Settings::new();
        for (name, items) in merged {
            let written: Vec<Written> = items.iter().map(|item| self.written(item)).collect();
            settings.insert(*name, written);
        }
        settings
    }

    fn written(&mut self, item: &Merged) -> Written {
        let Merged {
            row, key, values, ..
        } = item;
        let mut written = Written {
            key: Located::new(key.text.clone(), key.origin),
            values: Vec::new(),
            wrong: values.is_empty()
                && matches!(row.form, Form::One | Form::Property | Form::OfKind),
            parts: Settings::new(),
        };
        if is_foreign(row, self.kind) {
            return written;
        }
        for (position, word) in values.iter().enumerate().take(MOST) {
            let role = role(row, position);
            match self.evaluated(item, word, role) {
                Some(text) => match value(row, key, role, values, word, &text) {
                    Ok(values) => {
                        let origin = word.origin;
                        written
                            .values
                            .extend(values.into_iter().map(|value| Located::new(value, origin)));
                    }
                    Err(flaw) => {
                        written.wrong = true;
                        self.came_wrong(item, word, &text, flaw);
                    }
                },
                None => written.wrong = true,
            }
        }
        written.parts = self.settings(&item.parts);
        written
    }

    /// A word's text for this machine; nothing where none comes of it.
    fn evaluated(&mut self, item: &Merged, word: &Word, role: Role) -> Option<String> {
        if !expression::is_expression(&word.text) || !may_be_expression(item.row, role) {
            return Some(word.text.clone());
        }
        let values = (self.values)(item.scope);
        match expression::evaluate(&word.text, &values) {
            Ok(text) => {
                if let (Some(span), Some(given)) = (word.origin.span(), self.given(item, word)) {
                    self.spec.given.insert(span, given);
                }
                if expression::uses_env(&word.text)
                    && let Some(span) = word.origin.span()
                {
                    let text = expression::unexpanded(&word.text, &values);
                    self.spec.unexpanded.insert(span, text);
                }
                Some(text)
            }
            Err(None) => None,
            Err(Some(why)) => {
                self.sink.push(
                    Diagnostic::error(2504)
                        .message(format!("No value comes of this: {why}"))
                        .at_origin(word.origin)
                        .help("write an expression that has a value for every machine"),
                );
                None
            }
        }
    }

    /// Where the parameters of a template's text are given: the first of them, else the `use`.
    fn given(&self, item: &Merged, word: &Word) -> Option<Origin> {
        let params = expression::params_of(&word.text);
        let node = self.uses.get(item.scope?).filter(|_| !params.is_empty())?;
        let mut arguments = node.arguments.iter();
        let argument = arguments.find(|(name, _)| params.contains(&name.text.as_str()));
        Some(argument.map_or(node.template.origin, |(_, value)| value.origin))
    }

    /// What is no value once it is evaluated; what is none as written was told.
    fn came_wrong(&mut self, item: &Merged, word: &Word, text: &str, flaw: Flaw) {
        if text == word.text {
            return;
        }
        let whole = Flaw {
            range: 0..word.text.len(),
            fix: None,
            ..flaw
        };
        let mut finding = finding(item.row, item.key, word, whole);
        finding.label = match expression::uses_env(&word.text) {
            true => "evaluates to something else, which is not shown".into(),
            false => format!("evaluates to `{text}`"),
        };
        if let Some(given) = self.given(item, word) {
            finding = finding.related("by what is given here", given);
        }
        self.sink.push(finding);
    }
}

/// The values of one word.
fn value(
    row: &'static Setting,
    key: &Word,
    role: Role,
    all: &[Word],
    word: &Word,
    text: &str,
) -> Result<Vec<Value>, Flaw> {
    match (row.form, role) {
        (Form::Pairs, Role::Head) => {
            // The pair's value stands behind it.
            read::variable_name(text).map_err(|flaw| match &flaw.instead {
                Some(name) => Flaw {
                    help: format!("write `{name}=…`"),
                    instead: None,
                    ..flaw
                },
                None => flaw,
            })?;
            Ok(Vec::new())
        }
        (Form::Pairs, _) => {
            let name = Located::new(all[0].text.clone(), all[0].origin);
            let value = Located::new(read::text(text)?, word.origin);
            let literal = word.literal;
            Ok(vec![Value::Pair(Variable {
                name,
                value,
                literal,
            })])
        }
        (Form::Group, Role::Head) => {
            engine(text)?;
            Ok(Vec::new())
        }
        (Form::Group, _) => match engine(&all[0].text) {
            Ok(engine) => Ok(vec![Value::EngineArg(engine, read::text(text)?)]),
            Err(_) => Ok(Vec::new()),
        },
        _ => read::read(row, key, text),
    }
}

fn engine(text: &str) -> Result<Provider, Flaw> {
    use crate::value::Choice;
    Provider::parse(text).map_err(|flaw| match &flaw.instead {
        Some(engine) => Flaw {
            help: format!("write `engine-args {engine}`, and the arguments behind it"),
            instead: None,
            ..flaw
        },
        None => flaw,
    })
}

/// The kind that a block sets.
pub fn kind_of(section: &Section) -> Option<Kind> {
    use crate::value::Choice;
    let entry = section
        .entries
        .iter()
        .rfind(|entry| entry.setting == "kind")?;
    Kind::parse(&entry.values.last()?.text).ok()
}

/// The nearest name to one that is not there, as help; `none` where no name is near.
pub fn did_you_mean<'a>(text: &str, known: impl Iterator<Item = &'a str>, none: &str) -> String {
    match nearest(text, known) {
        Some(near) => format!("write `{near}`"),
        None => none.to_owned(),
    }
}
