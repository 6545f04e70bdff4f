//! What a written text comes to for one machine.

use super::pieces::{Piece, names_in, pieces};
use super::reason;
use std::collections::BTreeMap;
use tera::{Context, Tera, Value};

/// The values of all names, for one machine.
#[derive(Clone, Copy)]
pub struct Values<'a> {
    /// Variables of the environment and the `.env`.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// The parameters of the `use` that the text came with.
    pub params: &'a BTreeMap<String, Value>,
    /// `project`, `profile`, `machine`, `index`, `count`.
    pub context: &'a BTreeMap<String, Value>,
}

/// A written text for one machine.
///
/// # Errors
/// Where no value comes of it: with the reason, unless that was told when the text was judged.
pub fn evaluate(text: &str, values: &Values) -> Result<String, Option<String>> {
    let (pieces, _) = pieces(text);
    let mut out = String::with_capacity(text.len());
    for piece in pieces {
        match piece {
            Piece::Text(range) | Piece::Raw(range) => out.push_str(&text[range]),
            Piece::Expression(range) => out.push_str(&expression(&text[range], values)?),
        }
    }
    Ok(out)
}

pub(super) fn expression(text: &str, values: &Values) -> Result<String, Option<String>> {
    let names = names_in(text);
    let defaults = text.contains("default(");
    if !defaults && names.iter().any(|(name, _)| value(name, values).is_none()) {
        return Err(None);
    }
    // Nearly all are one name: that needs no engine.
    if let [(name, _)] = &names[..]
        && name.join(".") == text.trim()
        && let Some(value) = value(name, values)
    {
        return Ok(shown(&value));
    }
    let mut context = Context::new();
    let mut roots: BTreeMap<&str, BTreeMap<String, Value>> = BTreeMap::new();
    for (name, _) in &names {
        match (&name[..], value(name, values)) {
            ([root], Some(value)) => context.insert(root.to_string(), &value),
            ([root, rest], Some(value)) => {
                roots
                    .entry(root)
                    .or_default()
                    .insert((*rest).to_owned(), value);
            }
            ([root, _], None) => {
                roots.entry(root).or_default();
            }
            _ => {}
        }
    }
    for (root, members) in &roots {
        context.insert(root.to_string(), members);
    }
    let mut tera = Tera::default();
    let template = format!("{{{{{text}}}}}");
    // What cannot be read was told.
    tera.add_raw_template("text", &template).map_err(|_| None)?;
    let rendered = tera.render("text", &context);
    rendered.map_err(|error| Some(reason(&error)))
}

pub(super) fn value(name: &[&str], values: &Values) -> Option<Value> {
    match name {
        ["env", variable] => (values.variable)(variable).map(Value::from),
        ["param", param] => values.params.get(*param).cloned(),
        [root] => values.context.get(*root).cloned(),
        [root, member] => values.context.get(&format!("{root}.{member}")).cloned(),
        _ => None,
    }
}

pub(super) fn shown(value: &Value) -> String {
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::{Values, evaluate};
    use std::collections::BTreeMap;
    use tera::Value;

    fn value(text: &str) -> Result<String, Option<String>> {
        let variable = |name: &str| (name == "RELEASE").then(|| "1.2 {{ x }}".to_owned());
        let params = BTreeMap::from([("port".to_owned(), Value::from(80))]);
        let context = BTreeMap::from([
            ("index".to_owned(), Value::from(3)),
            ("machine.name".to_owned(), Value::from("node-3")),
        ]);
        let values = Values {
            variable: &variable,
            params: &params,
            context: &context,
        };
        evaluate(text, &values)
    }

    #[test]
    fn a_text_is_evaluated_once() {
        for (text, expected) in [
            ("plain {x} } }}", "plain {x} } }}"),
            ("{{ machine.name }}", "node-3"),
            ("a{{param.port}}:{{ index }}b", "a80:3b"),
            ("10.0.0.{{ 10 + index }}", "10.0.0.13"),
            ("{{ index * 2 - 1 }}", "5"),
            ("{{ machine.name | upper }}", "NODE-3"),
            // What a value holds is not evaluated again.
            ("{{ env.RELEASE }}", "1.2 {{ x }}"),
            ("{{ env.NOT | default(value=\"none\") }}", "none"),
            ("{% raw %}{{ x }}{% endraw %} {{ index }}", "{{ x }} 3"),
            ("{{ \"}\" ~ index }}", "}3"),
        ] {
            assert_eq!(value(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_has_no_value_says_why_unless_that_was_told() {
        assert_eq!(value("{{ env.NOT }}"), Err(None));
        assert_eq!(value("{{ param.nothing }}"), Err(None));
        assert!(matches!(value("{{ 1 / machine.name }}"), Err(Some(_))));
    }
}
