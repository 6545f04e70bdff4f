//! Templates: what uses them, and what they take.

use crate::diagnostic::{Diagnostic, Sink};
use crate::spec::Spec;
use crate::spec::expression::is_expression;
use crate::spec::lower::{did_you_mean, not_evaluated};
use crate::syntax::document::{STANDARD, TemplateNode, UseNode};
use crate::syntax::{Literal, Word};
use std::collections::BTreeMap;

/// Each use names a template and gives it what it takes.
pub fn uses(spec: &Spec, uses: &[UseNode], sink: &mut Sink) {
    for node in uses {
        let name = &node.template.text;
        let Some(template) = spec.templates.iter().find(|there| there.name.text == *name) else {
            sink.push(
                Diagnostic::error(2602)
                    .message(format!("There is no template '{name}'"))
                    .at_origin(node.template.origin)
                    .label("not defined")
                    .help(unknown(spec, name)),
            );
            continue;
        };
        arguments(node, template, sink);
    }
}

/// What to write instead of a template that is not there.
fn unknown(spec: &Spec, name: &str) -> String {
    let is_standard = |standard: &&&str| standard.strip_prefix("std/") == Some(name);
    if let Some(standard) = STANDARD.iter().find(is_standard) {
        return format!("write `\"{standard}\"`");
    }
    let own = spec.templates.iter().map(|there| &*there.name.text);
    let known = own.chain(STANDARD.iter().copied());
    let none = match name.starts_with("std/") {
        true => format!("write {}", STANDARD.join(", ")),
        false => {
            format!("add `template {name}`, or use one of the standard library: `\"std/debian\"`")
        }
    };
    did_you_mean(name, known, &none)
}

fn arguments(node: &UseNode, template: &TemplateNode, sink: &mut Sink) {
    for (name, value) in &node.arguments {
        let param = template
            .params
            .iter()
            .find(|param| param.name.text == name.text);
        let Some(param) = param else {
            let known = template.params.iter().map(|param| &*param.name.text);
            sink.push(
                Diagnostic::error(2603)
                    .message(format!(
                        "Template '{}' has no parameter '{}'",
                        template.name.text, name.text
                    ))
                    .at_origin(name.origin)
                    .label("not one of its parameters")
                    .related("the template is here", template.name.origin)
                    .help(did_you_mean(
                        &name.text,
                        known,
                        "remove it: the template has none",
                    )),
            );
            continue;
        };
        if is_expression(&value.text) {
            sink.push(not_evaluated("use", value));
            continue;
        }
        let wanted = param.default.as_ref().map(|default| default.literal);
        if let Some(wanted) = wanted.filter(|wanted| *wanted != value.literal) {
            let (is, help) = match wanted {
                Literal::Number => ("a number", "write a number without quotes"),
                Literal::Keyword => ("`#true` or `#false`", "write `#true` or `#false`"),
                Literal::Text => ("a text", "write it in quotes"),
            };
            let mut finding = Diagnostic::error(2603)
                .message(format!("Parameter '{}' is {is}", name.text))
                .at_origin(value.origin)
                .help(help);
            if let Some(default) = &param.default {
                finding = finding.related("its default says so", default.origin);
            }
            sink.push(finding);
        }
    }
    for param in &template.params {
        let given = node
            .arguments
            .iter()
            .any(|(name, _)| name.text == param.name.text);
        if !given && param.default.is_none() {
            sink.push(
                Diagnostic::error(2603)
                    .message(format!(
                        "Template '{}' needs its parameter '{}'",
                        template.name.text, param.name.text
                    ))
                    .at_origin(node.template.origin)
                    .label("not given")
                    .related("it has no default", param.name.origin)
                    .help(format!(
                        "write `use {} {}=…`",
                        template.name.text, param.name.text
                    )),
            );
        }
    }
}

/// The parameters of a use: what it gives, and the defaults of the others.
pub fn params(node: &UseNode, template: &TemplateNode) -> BTreeMap<String, tera::Value> {
    let mut values = BTreeMap::new();
    for param in &template.params {
        let mut given = node.arguments.iter();
        let given = given.find(|(name, _)| name.text == param.name.text);
        let given = given.map(|(_, value)| value);
        // One of another form was told, and says nothing.
        let fits = |value: &&Word| {
            let default = param.default.as_ref();
            default.is_none_or(|default| default.literal == value.literal)
        };
        let word = match given {
            Some(given) => Some(given).filter(fits),
            None => param.default.as_ref(),
        };
        if let Some(word) = word {
            values.insert(param.name.text.clone(), typed(word));
        }
    }
    values
}

fn typed(word: &Word) -> tera::Value {
    match word.literal {
        Literal::Number => match (word.text.parse::<i64>(), word.text.parse::<f64>()) {
            (Ok(whole), _) => tera::Value::from(whole),
            (_, Ok(number)) => tera::Value::from(number),
            _ => tera::Value::from(word.text.clone()),
        },
        Literal::Keyword => tera::Value::from(word.text == "true"),
        Literal::Text => tera::Value::from(word.text.clone()),
    }
}
