//! What is shown of a text that names `env`.

use super::evaluate::{Values, expression, shown, value};
use super::pieces::{Piece, names_in, pieces};
use tera::Value;

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

#[cfg(test)]
mod tests {
    use super::super::evaluate::{Values, evaluate};
    use super::unexpanded;
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
