//! `{{ … }}` in a written text: what it may name, and what it comes to for one machine.

use crate::diagnostic::{Diagnostic, Sink};
use crate::syntax::Word;
use crate::value::nearest;
use std::collections::BTreeMap;
use std::ops::Range;
use tera::{Context, Tera, Value};

/// What an expression may name.
pub struct Names<'a> {
    /// The parameters of the template that it stands in.
    pub params: Option<&'a [&'a str]>,
    /// Whether the `.env` or the environment has a variable.
    pub has_variable: &'a dyn Fn(&str) -> bool,
    /// Whether an unset variable is an error, or a warning.
    pub strict: bool,
}

/// The roots of all names, with what stands behind them.
const ROOTS: &[(&str, &[&str])] = &[
    ("env", &[]),
    ("param", &[]),
    ("project", &["name", "dir"]),
    ("profile", &["name"]),
    ("machine", &["name", "kind"]),
    ("index", &[]),
    ("count", &[]),
];

/// Whether a text has anything to evaluate.
pub fn is_expression(text: &str) -> bool {
    text.contains("{{") || text.contains("{%") || text.contains("{#")
}

/// Whether a text's value depends on a variable of the environment, which may be a secret.
pub fn uses_env(text: &str) -> bool {
    let parts = pieces(text).0;
    let mut expressions = parts.into_iter().filter_map(|piece| match piece {
        Piece::Expression(range) => Some(range),
        Piece::Text(_) | Piece::Raw(_) => None,
    });
    expressions.any(|range| {
        names_in(&text[range])
            .iter()
            .any(|(name, _)| name[0] == "env")
    })
}

/// What a text is made of.
#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Text(Range<usize>),
    Raw(Range<usize>),
    /// Between the braces.
    Expression(Range<usize>),
}

/// What is wrong with a text as such.
#[derive(Debug, Clone, PartialEq)]
enum Slip {
    Unclosed(Range<usize>),
    Statement(Range<usize>),
    Comment(Range<usize>),
}

/// Cuts a text into its pieces; a slip ends at its own end, and cutting goes on.
fn pieces(text: &str) -> (Vec<Piece>, Vec<Slip>) {
    let (mut pieces, mut slips) = (Vec::new(), Vec::new());
    let mut at = 0;
    while let Some(open) = text[at..].find('{').map(|found| at + found) {
        let rest = &text[open..];
        let (kind, close) = match rest.as_bytes().get(1) {
            Some(b'{') => ('x', "}}"),
            Some(b'%') => ('%', "%}"),
            Some(b'#') => ('#', "#}"),
            _ => {
                pieces.push(Piece::Text(at..open + 1));
                at = open + 1;
                continue;
            }
        };
        pieces.push(Piece::Text(at..open));
        let Some(length) = rest.find(close).map(|end| end + 2) else {
            slips.push(Slip::Unclosed(open..open + 2));
            at = text.len();
            break;
        };
        let whole = open..open + length;
        at = whole.end;
        match kind {
            'x' => pieces.push(Piece::Expression(whole.start + 2..whole.end - 2)),
            '#' => slips.push(Slip::Comment(whole)),
            _ if statement(&text[whole.clone()]) == "raw" => {
                let ends = [
                    "{% endraw %}",
                    "{%- endraw -%}",
                    "{%endraw%}",
                    "{%- endraw %}",
                    "{% endraw -%}",
                ];
                let end = ends
                    .iter()
                    .filter_map(|word| Some((text[at..].find(word)?, word.len())))
                    .min();
                match end {
                    Some((end, length)) => {
                        pieces.push(Piece::Raw(at..at + end));
                        at += end + length;
                    }
                    None => {
                        slips.push(Slip::Unclosed(whole));
                        at = text.len();
                    }
                }
            }
            _ => slips.push(Slip::Statement(whole)),
        }
    }
    pieces.push(Piece::Text(at..text.len()));
    (pieces, slips)
}

fn statement(text: &str) -> &str {
    text.trim_start_matches("{%")
        .trim_end_matches("%}")
        .trim_matches('-')
        .trim()
}

/// A name as its parts, `env` and `HOME`, and its place.
type Name<'a> = (Vec<&'a str>, Range<usize>);

/// The names in an expression: words that are no literals, keywords, filters or arguments' names.
fn names_in(text: &str) -> Vec<Name<'_>> {
    const KEYWORDS: [&str; 11] = [
        "and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "loop",
    ];
    let bytes = text.as_bytes();
    let mut names = Vec::new();
    let mut at = 0;
    let mut filter = false;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' | b'\'' | b'`' => {
                let rest = &bytes[at + 1..];
                at += rest
                    .iter()
                    .position(|end| *end == byte)
                    .map_or(bytes.len(), |end| end + 2);
            }
            b'|' => {
                filter = true;
                at += 1;
            }
            b'0'..=b'9' => {
                let number = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'.';
                at += bytes[at..].iter().take_while(|byte| number(byte)).count();
            }
            _ if byte.is_ascii_alphabetic() || byte == b'_' || byte == b'.' => {
                let word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.".contains(byte);
                let length = bytes[at..].iter().take_while(|byte| word(byte)).count();
                let name = &text[at..at + length];
                let after = text[at + length..].trim_start();
                let argument = after.starts_with('=') && !after.starts_with("==");
                if !filter && !argument && !KEYWORDS.contains(&name) {
                    names.push((name.split('.').collect(), at..at + length));
                }
                filter = false;
                at += length;
            }
            _ => at += text[at..].chars().next().map_or(1, char::len_utf8),
        }
    }
    names
}

/// Judges a written text: everything in it that no machine could make a value of.
pub fn judge(word: &Word, names: &Names, sink: &mut Sink) {
    let text = &word.text;
    let (pieces, slips) = pieces(text);
    for slip in slips {
        sink.push(slipped(word, slip));
    }
    for piece in pieces {
        if let Piece::Expression(range) = piece {
            judge_expression(word, range, names, sink);
        }
    }
}

fn slipped(word: &Word, slip: Slip) -> Diagnostic {
    let (range, message, help) = match slip {
        Slip::Unclosed(range) => (
            range,
            "`{{` is not closed",
            "write `}}` behind it, or `{% raw %}…{% endraw %}` around braces that are not ours",
        ),
        Slip::Statement(range) => (
            range,
            "Only `{{ … }}` and `{% raw %}` are evaluated",
            "write the value out, or `{% raw %}` before and `{% endraw %}` after it if it is another program's",
        ),
        Slip::Comment(range) => (
            range,
            "`{# … #}` is not read",
            "write a comment of KDL: `// …`",
        ),
    };
    Diagnostic::error(2501)
        .message(message)
        .at_origin(word.part(range))
        .help(help)
}

fn judge_expression(word: &Word, range: Range<usize>, names: &Names, sink: &mut Sink) {
    let expression = &word.text[range.clone()];
    let whole = word.part(range.start - 2..range.end + 2);
    let before = sink.found.len();
    for (name, place) in names_in(expression) {
        let place = word.part(range.start + place.start..range.start + place.end);
        if let Some(finding) = unknown(&name, names) {
            sink.push(finding.at_origin(place));
            if name[0].is_empty() || is_jinjas(&name) {
                return;
            }
        }
    }
    if sink.found.len() > before {
        return;
    }
    let mut tera = Tera::default();
    if let Err(error) = tera.add_raw_template("text", &format!("{{{{{expression}}}}}")) {
        let error = error.to_string();
        let why = error
            .lines()
            .map(str::trim)
            .find(|line| line.starts_with('='))
            .unwrap_or("");
        let why = why.trim_start_matches(['=', ' ']);
        let message = match why {
            "" => "The expression cannot be read".to_owned(),
            why => format!("The expression cannot be read: {why}"),
        };
        sink.push(
            Diagnostic::error(2501)
                .message(message)
                .at_origin(whole)
                .help("write a name or a sum, such as `{{ env.RELEASE }}` or `{{ 10 + index }}`"),
        );
    }
}

/// What Ansible's Jinja and Go's templates put between the same braces.
fn is_jinjas(name: &[&str]) -> bool {
    name[0].starts_with("ansible_")
        || [
            "inventory_hostname",
            "item",
            "hostvars",
            "groups",
            "vars",
            "lookup",
            "playbook_dir",
        ]
        .contains(&name[0])
}

fn unknown(name: &[&str], names: &Names) -> Option<Diagnostic> {
    let shown = name.join(".");
    let error = |message: String| Diagnostic::error(2502).message(message);
    if name[0].is_empty() || is_jinjas(name) {
        let whose = if name[0].is_empty() {
            "Go's templates"
        } else {
            "Jinja"
        };
        return Some(
            error(
                format!("`{shown}` is {whose}', and vagrantp would evaluate it")
                    .replace("Jinja'", "Jinja's"),
            )
            .help("write `{% raw %}` before `{{` and `{% endraw %}` after `}}`"),
        );
    }
    let Some((_, members)) = ROOTS.iter().find(|(root, _)| *root == name[0]) else {
        let roots = ROOTS.iter().map(|(root, _)| *root);
        let finding = error(format!("There is no `{shown}`")).label("not defined");
        let in_param = names.params.is_some_and(|params| params.contains(&name[0]));
        let help = match nearest(name[0], roots) {
            _ if in_param => format!("write `param.{}`", name[0]),
            _ if (names.has_variable)(name[0]) => format!("write `env.{}`", name[0]),
            Some(near) if name.len() > 1 => format!("write `{near}.{}`", name[1..].join(".")),
            Some(near) => format!("write `{near}`"),
            None => "write `env.NAME`, `param.NAME`, `project.name`, `project.dir`, `profile.name`, `machine.name`, `machine.kind`, `index` or `count`".into(),
        };
        return Some(finding.help(help));
    };
    match (name[0], &name[1..]) {
        ("index" | "count", []) => None,
        ("index" | "count", _) => {
            Some(error(format!("`{}` is a number", name[0])).help(format!("write `{}`", name[0])))
        }
        ("env", [variable]) => unset(variable, names),
        ("param", [param]) => unknown_param(param, names),
        ("env" | "param", _) => {
            Some(error(format!("`{shown}` is no name")).help(format!("write `{}.NAME`", name[0])))
        }
        (root, [member]) if members.contains(member) => {
            let _ = root;
            None
        }
        (root, rest) => {
            let near = rest
                .first()
                .and_then(|word| nearest(word, members.iter().copied()));
            let listed: Vec<String> = members
                .iter()
                .map(|member| format!("`{root}.{member}`"))
                .collect();
            let help = match near {
                Some(near) => format!("write `{root}.{near}`"),
                None => format!("write {}", listed.join(" or ")),
            };
            Some(
                error(format!("There is no `{shown}`"))
                    .label("not defined")
                    .help(help),
            )
        }
    }
}

fn unset(variable: &str, names: &Names) -> Option<Diagnostic> {
    if (names.has_variable)(variable) {
        return None;
    }
    let finding = match names.strict {
        true => Diagnostic::error(2503),
        false => Diagnostic::warning(2503),
    };
    Some(
        finding
            .message(format!("{variable} is not set"))
            .label("neither in the .env nor in the environment")
            .help(format!("add a line `{variable}=…` to the .env, or write `{{{{ env.{variable} | default(value=\"\") }}}}`")),
    )
}

fn unknown_param(param: &str, names: &Names) -> Option<Diagnostic> {
    let error = Diagnostic::error(2502);
    let Some(params) = names.params else {
        return Some(
            error
                .message(format!("`param.{param}` stands outside a template"))
                .help("write the value, or put the setting into a `template` with this `param`"),
        );
    };
    if params.contains(&param) {
        return None;
    }
    let help = match nearest(param, params.iter().copied()) {
        Some(near) => format!("write `param.{near}`"),
        None => format!("add `param {param}` to the template"),
    };
    Some(
        error
            .message(format!("The template has no parameter `{param}`"))
            .label("not defined")
            .help(help),
    )
}

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
