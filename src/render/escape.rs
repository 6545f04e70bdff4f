//! Values for the language they land in. Each filter's output passes the renderer; nothing else does.

use tera::{Filter, Kwargs, State, TeraResult, Value};

/// A JSON string.
pub struct Json;

impl Filter<&str, TeraResult<Value>> for Json {
    fn call(&self, value: &str, _: Kwargs, _: &State) -> TeraResult<Value> {
        Ok(Value::from(serde_json::Value::from(value).to_string()))
    }
    fn is_safe(&self) -> bool {
        true
    }
}

/// A quoted argument of ssh_config(5): `"` and `\` escaped; `%` doubled, as ssh expands tokens.
pub struct SshWord;

impl Filter<&str, TeraResult<Value>> for SshWord {
    fn call(&self, value: &str, _: Kwargs, _: &State) -> TeraResult<Value> {
        if value.chars().any(char::is_control) {
            return Err(tera::Error::message(
                "ssh_config has no way to write a control character",
            ));
        }
        if value.contains("${") {
            return Err(tera::Error::message(
                "ssh_config has no way to write `${`: ssh takes it for a variable",
            ));
        }
        Ok(Value::from(ssh_word(value)))
    }
    fn is_safe(&self) -> bool {
        true
    }
}

fn ssh_word(value: &str) -> String {
    let escaped = value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('%', "%%");
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./@".contains(c);
    if value.chars().all(plain) && !value.is_empty() {
        value.to_owned()
    } else {
        format!("\"{escaped}\"")
    }
}
