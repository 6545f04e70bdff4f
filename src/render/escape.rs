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

/// A word of sh(1).
pub struct Sh;

impl Filter<&str, TeraResult<Value>> for Sh {
    fn call(&self, value: &str, _: Kwargs, _: &State) -> TeraResult<Value> {
        if value.contains('\0') {
            return Err(tera::Error::message("a shell has no way to write NUL"));
        }
        Ok(Value::from(format!("'{}'", value.replace('\'', r"'\''"))))
    }
    fn is_safe(&self) -> bool {
        true
    }
}

/// A string literal of Ruby, single-quoted where that says everything.
pub struct Ruby;

impl Filter<&str, TeraResult<Value>> for Ruby {
    fn call(&self, value: &str, _: Kwargs, _: &State) -> TeraResult<Value> {
        Ok(Value::from(ruby(value)))
    }
    fn is_safe(&self) -> bool {
        true
    }
}

/// Ruby's lexer makes one LF of CR LF, in every literal: what is no plain character is written by its number.
/// Single quotes know two escapes; `\u` of double ones makes the string UTF-8 whatever the locale.
pub fn ruby(value: &str) -> String {
    if value.chars().any(is_unseen) {
        let escaped: String = value.chars().map(ruby_escape).collect();
        return format!("\"{escaped}\"");
    }
    let escaped = value.replace('\\', "\\\\").replace('\'', "\\'");
    format!("'{escaped}'")
}

fn ruby_escape(c: char) -> String {
    match c {
        '"' | '\\' | '#' => format!("\\{c}"),
        '\n' => "\\n".into(),
        c if is_unseen(c) => format!("\\u{{{:x}}}", u32::from(c)),
        c => c.into(),
    }
}

/// Characters that a person who reads the file would not see, or see elsewhere.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Text of XML, or of an attribute between single quotes, for what hands it on unescaped: it still needs a
/// filter for the file that it is in.
pub struct Xml;

impl Filter<&str, TeraResult<Value>> for Xml {
    fn call(&self, value: &str, _: Kwargs, _: &State) -> TeraResult<Value> {
        let text = xml(value).ok_or_else(|| {
            tera::Error::message(format!("XML has no way to write a character of {value:?}"))
        });
        Ok(Value::from(text?))
    }
}

/// The text for XML 1.0; nothing where it has a character that XML has not.
pub fn xml(value: &str) -> Option<String> {
    let escape = |c: char| match c {
        '&' => Some("&amp;".to_owned()),
        '<' => Some("&lt;".to_owned()),
        '>' => Some("&gt;".to_owned()),
        '\'' => Some("&apos;".to_owned()),
        '\t' | '\n' | '\r' | '\u{7f}'..='\u{9f}' => Some(format!("&#{};", u32::from(c))),
        ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => Some(c.into()),
        _ => None,
    };
    value.chars().map(escape).collect()
}
