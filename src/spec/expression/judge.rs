//! What in a written text no machine could make a value of.

use super::pieces::{Piece, Slip, names_in, pieces};
use super::reason;
use crate::diagnostic::{Diagnostic, Sink};
use crate::source::Origin;
use crate::syntax::Word;
use crate::value::nearest;
use std::ops::Range;
use tera::Tera;

/// What an expression may name.
pub struct Names<'a> {
    /// The parameters of the template that it stands in.
    pub params: Option<&'a [&'a str]>,
    /// Whether the `.env` or the environment has a variable.
    pub has_variable: &'a dyn Fn(&str) -> bool,
    /// The nearest name of a variable that one of them has.
    pub near_variable: &'a dyn Fn(&str) -> Option<String>,
    /// What is wrong with the line of the `.env` that should set a variable.
    pub unread: &'a dyn Fn(&str) -> Option<Diagnostic>,
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

/// Judges a written text: everything in it that no machine could make a value of.
pub fn judge(word: &Word, names: &Names, sink: &mut Sink) {
    let text = &word.text;
    let (pieces, slips) = pieces(text);
    // Of a statement's parts the first tells it all.
    let mut told = false;
    for slip in slips {
        let statement = matches!(slip, Slip::Statement(_));
        if !(statement && std::mem::replace(&mut told, statement)) {
            sink.push(slipped(word, slip));
        }
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
    let has_default = expression.contains("default(");
    for (name, place) in names_in(expression) {
        if has_default && name[0] == "env" {
            continue;
        }
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
    // A name alone needs no engine.
    if let [(_, place)] = &names_in(expression)[..]
        && expression[place.clone()] == *expression.trim()
    {
        return;
    }
    if let Some((place, help)) = nameless_argument(expression) {
        sink.push(
            Diagnostic::error(2501)
                .message("The argument of a filter has a name")
                .at_origin(word.part(range.start + place.start..range.start + place.end))
                .label("as in Jinja")
                .help(help),
        );
        return;
    }
    let mut tera = Tera::default();
    if let Err(error) = tera.add_raw_template("text", &format!("{{{{{expression}}}}}")) {
        let why = reason(&error);
        let message = format!("The expression cannot be read: {why}");
        sink.push(
            Diagnostic::error(2501)
                .message(message)
                .at_origin(whole)
                .help("write a name or a sum, such as `{{ env.RELEASE }}` or `{{ 10 + index }}`"),
        );
    }
}

/// `default('x')`, with the place of its argument.
fn nameless_argument(expression: &str) -> Option<(Range<usize>, String)> {
    let start = expression.find("default(")? + "default(".len();
    let quote = expression[start..].chars().next()?;
    let inner = expression[start + 1..].split(quote).next()?;
    let end = start + 1 + inner.len() + 1;
    let closes = expression.get(end..)?.trim_start().starts_with(')');
    (matches!(quote, '\'' | '"') && closes && !inner.contains('\''))
        .then(|| (start..end, format!("write `default(value='{inner}')`")))
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
        let whose = match name[0].is_empty() {
            true => "a Go template",
            false => "Jinja",
        };
        return Some(
            error(format!(
                "`{shown}` looks like {whose}, and would be evaluated here"
            ))
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
            None if let Some(near) = (names.near_variable)(name[0]) => format!("write `env.{near}`"),
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
        ("env", [""]) => Some(
            error("`env.` has the name of a variable behind it".into())
                .label("nothing is behind it")
                .help("write `env.NAME`"),
        ),
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
    if let Some(why) = (names.unread)(variable) {
        return Some(
            finding
                .message(format!(
                    "{variable} is not set: its line in the .env cannot be read"
                ))
                .label("not set")
                .related(
                    &*why.message,
                    why.span.map_or(Origin::Default, Origin::Written),
                )
                .help(why.help.as_deref().unwrap_or("mend that line")),
        );
    }
    Some(
        finding
            .message(format!("{variable} is not set"))
            .label("neither in the .env nor in the environment")
            .help(match (names.near_variable)(variable) {
                Some(near) => format!("write `env.{near}`"),
                None => format!("add a line `{variable}=…` to the .env, or write `{{{{ env.{variable} | default(value='') }}}}`"),
            }),
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

#[cfg(test)]
mod tests {
    use super::{Names, judge};
    use crate::diagnostic::Sink;
    use crate::source::{Origin, Sources, Span};
    use crate::syntax::{Literal, Word};

    /// What is told of a text: the rule, the place and the help.
    fn told(text: &str, params: Option<&[&str]>) -> Vec<(u16, String, String)> {
        let mut sources = Sources::default();
        let id = sources.add_text("text", text.to_owned());
        let word = Word {
            text: text.to_owned(),
            origin: Origin::Written(Span::new(id, 0, text.len())),
            verbatim: true,
            literal: Literal::Text,
        };
        let names = Names {
            params,
            has_variable: &|name| name == "HOME",
            near_variable: &|name| (name == "HOEM").then(|| "HOME".into()),
            unread: &|_| None,
            strict: false,
        };
        let mut sink = Sink::default();
        judge(&word, &names, &mut sink);
        let found = sink.found.into_iter().map(|found| {
            let place = sources.slice(found.span.expect("a place")).to_owned();
            (found.rule.number, place, found.help.unwrap_or_default())
        });
        found.collect()
    }

    #[test]
    fn what_can_be_evaluated_is_not_told() {
        for text in [
            "plain",
            "echo ${#name}",
            "{{ env.HOME }}",
            "{{ project.name }}-{{ index + 1 }}/{{ count }}",
            "{% raw %}{{ .State }}{% endraw %}",
            "{{ machine.kind | upper }}",
            "{{ \"a.b\" ~ profile.name }}",
        ] {
            assert_eq!(told(text, None), [], "{text}");
        }
        assert_eq!(told("{{ param.port }}", Some(&["port"])), []);
    }

    #[test]
    fn each_slip_is_told_at_its_own_place() {
        for (text, rule, place, help) in [
            ("x {{ index", 2501, "{{", "write `}}` behind it"),
            ("{{ 10 + }}", 2501, "{{ 10 + }}", "write a name or a sum"),
            ("{% if x %}", 2501, "{% if x %}", "write the value out"),
            ("{# x #}", 2501, "{# x #}", "write a comment of KDL"),
            (
                "{{ machin.name }}",
                2502,
                "machin.name",
                "write `machine.name`",
            ),
            (
                "{{ machine.nam }}",
                2502,
                "machine.nam",
                "write `machine.name`",
            ),
            ("{{ HOME }}", 2502, "HOME", "write `env.HOME`"),
            (
                "{{ param.port }}",
                2502,
                "param.port",
                "write the value, or put",
            ),
            ("{{ env.NOT }}", 2503, "env.NOT", "add a line `NOT=…`"),
            ("{{ env.HOEM }}", 2503, "env.HOEM", "write `env.HOME`"),
            ("{{ HOEM }}", 2502, "HOEM", "write `env.HOME`"),
            ("{{ .State }}", 2502, ".State", "write `{% raw %}`"),
            (
                "{{ ansible_hostname }}",
                2502,
                "ansible_hostname",
                "write `{% raw %}`",
            ),
            ("{{ index.x }}", 2502, "index.x", "write `index`"),
        ] {
            let told = told(text, None);
            let [(number, at, said)] = &told[..] else {
                panic!("{text}: {told:?}");
            };
            assert_eq!((*number, &**at), (rule, place), "{text}");
            assert!(said.starts_with(help), "{text}: {said}");
        }
        let told = told("{{ prt }} {{ param.prt }}", Some(&["port"]));
        assert_eq!(told.len(), 2);
        assert_eq!(told[1].2, "write `param.port`");
    }
}
