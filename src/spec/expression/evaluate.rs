//! What a written text comes to for one machine.

use super::pieces::{Piece, names_in, pieces};
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

/// A written text for one machine whose `env.*` stay as they are written, and nothing else does: where it stands,
/// it means the same without its template, its profile and its `count`.
pub fn unexpanded(text: &str, values: &Values) -> String {
    let (pieces, _) = pieces(text);
    let mut out = String::with_capacity(text.len());
    for piece in pieces {
        match piece {
            Piece::Text(range) | Piece::Raw(range) => out.push_str(&super::literal(&text[range])),
            Piece::Expression(range) => {
                let inner = &text[range];
                let uses_env = names_in(inner).iter().any(|(name, _)| name[0] == "env");
                match expression(inner, values) {
                    Ok(value) if !uses_env => out.push_str(&super::literal(&value)),
                    _ => out.push_str(&format!("{{{{{}}}}}", settled(inner, values))),
                }
            }
        }
    }
    out
}

/// An expression in which every name has its value, those of `env` apart.
fn settled(text: &str, values: &Values) -> String {
    let mut out = text.to_owned();
    for (name, range) in names_in(text).into_iter().rev() {
        if name[0] != "env"
            && let Some(value) = value(&name, values)
        {
            out.replace_range(range, &written(&value));
        }
    }
    out
}

/// A value as an expression writes it.
fn written(value: &Value) -> String {
    let Some(text) = value.as_str() else {
        return shown(value);
    };
    let quote = ['"', '\'', '`']
        .into_iter()
        .find(|quote| !text.contains(*quote));
    let quote = quote.unwrap_or('"');
    format!("{quote}{text}{quote}")
}

fn expression(text: &str, values: &Values) -> Result<String, Option<String>> {
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
    let rendered = tera
        .add_raw_template("text", &template)
        .and_then(|()| tera.render("text", &context));
    rendered.map_err(|error| {
        let text = error.to_string();
        let reason = text
            .lines()
            .map(str::trim)
            .find(|line| line.starts_with('='));
        let reason = reason.or(text.lines().next()).unwrap_or_default();
        Some(reason.trim_start_matches(['=', ' ']).to_owned())
    })
}

fn value(name: &[&str], values: &Values) -> Option<Value> {
    match name {
        ["env", variable] => (values.variable)(variable).map(Value::from),
        ["param", param] => values.params.get(*param).cloned(),
        [root] => values.context.get(*root).cloned(),
        [root, member] => values.context.get(&format!("{root}.{member}")).cloned(),
        _ => None,
    }
}

fn shown(value: &Value) -> String {
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::{Values, evaluate, unexpanded};
    use std::collections::BTreeMap;
    use tera::Value;

    #[test]
    fn what_stays_unexpanded_means_the_same_where_nothing_but_env_is_known() {
        let params = BTreeMap::from([
            ("port".to_owned(), Value::from(80)),
            ("word".to_owned(), Value::from("a \"b\"")),
        ]);
        let context = BTreeMap::from([("index".to_owned(), Value::from(3))]);
        let variable = |name: &str| (name == "X").then(|| "x".to_owned());
        let values = Values {
            variable: &variable,
            params: &params,
            context: &context,
        };
        let none = BTreeMap::new();
        let bare = Values {
            params: &none,
            context: &none,
            ..values
        };
        for (text, expected) in [
            ("{{ env.X }}", "{{ env.X }}"),
            ("{{ param.port }}:{{env.X}}", "80:{{env.X}}"),
            ("{{ env.X ~ param.word }}", "{{ env.X ~ 'a \"b\"' }}"),
            ("{{ env.X ~ index }}", "{{ env.X ~ 3 }}"),
            (
                "{% raw %}{{ a }}{% endraw %}{{ env.X }}",
                "{% raw %}{{ a }}{% endraw %}{{ env.X }}",
            ),
        ] {
            let found = unexpanded(text, &values);
            assert_eq!(found, expected);
            assert_eq!(evaluate(&found, &bare), evaluate(text, &values), "{text}");
        }
    }
}
