//! Lists of tasks, blocks, and what a task is made of.

use super::action::Action;
use super::context::Context;
use super::judge::Judge;
use super::keywords::Part;
use super::modules::{self, BUILTIN};
use super::play::{first_line, written};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::spec::lower::did_you_mean;
use crate::syntax::yaml::{Map, Node};
use crate::value::nearest;
use std::rc::Rc;

impl Judge<'_, '_> {
    /// Judges the value of a keyword that takes tasks.
    pub(super) fn task_list(&mut self, node: &Node, keyword: &str, context: &Context) {
        if node.is_null() {
            return;
        }
        let Some(items) = node.list() else {
            let message = format!(
                "`{keyword}` takes a list of tasks, and this is {}",
                node.kind()
            );
            return self.form(
                context,
                message,
                first_line(node),
                "begin each task with `- `",
            );
        };
        for item in items {
            match item.map() {
                Some(map)
                    if ["block", "rescue", "always"]
                        .iter()
                        .any(|name| map.get(name).is_some()) =>
                {
                    self.block(map, context);
                }
                Some(map) => self.task(map, item, context),
                None if item.is_null() => {}
                None => {
                    let message = format!("A task is a mapping, and this is {}", item.kind());
                    self.form(
                        context,
                        message,
                        item.span,
                        "write `- name: …`, and the module below it",
                    );
                }
            }
        }
    }

    fn form(&mut self, context: &Context, message: String, at: Span, help: &str) {
        let finding = Diagnostic::error(2702).message(message).at(at).help(help);
        self.tell(context.read, finding);
    }

    fn block(&mut self, map: &Map, context: &Context) {
        if !self.counts() {
            return;
        }
        self.keywords(map, Part::Block, context.read);
        let inner = context.under(map);
        self.vars(map, context, "a block");
        self.notify(map);
        let rescued = map.get("rescue").is_some();
        for name in ["block", "rescue", "always"] {
            let Some((key, tasks)) = map.pair(name) else {
                continue;
            };
            if name != "block" && map.get("block").is_none() && !tasks.is_null() {
                let message = format!("`{name}` belongs to a `block`, and there is none");
                self.form(
                    context,
                    message,
                    key.span,
                    "add the tasks that it belongs to: `block:`",
                );
            }
            let inner = Context {
                run: inner.run && name == "block" && !rescued,
                ..inner.clone()
            };
            self.task_list(tasks, name, &inner);
        }
    }

    fn task(&mut self, map: &Map, node: &Node, context: &Context) {
        if !self.counts() {
            return;
        }
        let part = match context.handlers {
            true => Part::Handler,
            false => Part::Task,
        };
        let inner = context.under(map);
        self.vars(map, context, part.name());
        self.notify(map);
        if let Some(control) = map.get("loop_control").and_then(|value| value.map()) {
            self.keywords(control, Part::LoopControl, context.read);
        }
        let own = |name: &str| {
            part.has(name) || (name == "listen" && part == Part::Task) || name == "static"
        };
        let others: Vec<(&str, Span, &Rc<Node>)> = map
            .named()
            .filter(|(name, ..)| !own(name) && !name.starts_with("with_"))
            .map(|(name, key, value)| (name, key.span, value))
            .collect();
        for (name, key, _) in map.named() {
            if own(name) && !part.has(name) {
                self.no_keyword(name, key.span, part, context.read);
            }
        }
        let old = map.pair("action").or(map.pair("local_action"));
        match old {
            Some((key, value)) => {
                for (name, at, _) in others {
                    self.one_too_many(name, at, key.span, "action", part, &inner);
                }
                if let Some(action) = Action::old_style(value) {
                    self.action(&action, map, &inner, part);
                }
            }
            None => self.new_style(map, node, &others, &inner, part),
        }
    }

    /// The module is the one key that is no keyword.
    fn new_style(
        &mut self,
        map: &Map,
        node: &Node,
        others: &[(&str, Span, &Rc<Node>)],
        context: &Context,
        part: Part,
    ) {
        let known = |name: &str| modules::may_be_known(name);
        let chosen = others.iter().find(|(name, ..)| known(name));
        let chosen = chosen.or(others
            .iter()
            .find(|(name, ..)| nearest(name, part.keywords()).is_none()));
        let Some((name, at, value)) = chosen.or(others.first()) else {
            // What has other keywords only.
            let at = map.own.first().map_or(node.span, |(key, _)| key.span);
            let finding = Diagnostic::error(2704)
                .message("A task runs a module, and this one names none")
                .at(at)
                .help("add a module, such as `ansible.builtin.apt:`, or remove the task");
            return self.tell(context.read, finding);
        };
        for (other, place, _) in others.iter().filter(|(other, ..)| other != name) {
            self.one_too_many(other, *place, *at, name, part, context);
        }
        if !known(name) && !self.lies_beside(name, context) {
            self.unknown_module(name, *at, part, others.len() == 1);
        }
        let action = Action {
            name: (*name).to_owned(),
            at: *at,
            value: (*value).clone(),
            old: false,
        };
        self.action(&action, map, context, part);
    }

    /// A key beside the module: a misspelt keyword, or a second module.
    fn one_too_many(
        &mut self,
        name: &str,
        at: Span,
        first: Span,
        module: &str,
        part: Part,
        context: &Context,
    ) {
        if !modules::may_be_known(name) && nearest(name, part.keywords()).is_some() {
            return self.no_keyword(name, at, part, context.read);
        }
        if !modules::may_be_known(name) {
            let finding = Diagnostic::error(2703)
                .message(format!(
                    "`{name}` is neither a keyword of {} nor a module",
                    part.name()
                ))
                .at(at)
                .related("the task's module", written(first))
                .help("indent it below the module where it is one of its arguments, or remove it");
            return self.tell(context.read, finding);
        }
        let finding = Diagnostic::error(2704)
            .message(format!(
                "A task runs one module, and this one names `{module}` and `{name}`"
            ))
            .at(at)
            .related("the first", written(first))
            .help("begin a second task with `- `");
        self.tell(context.read, finding);
    }

    fn unknown_module(&mut self, name: &str, at: Span, part: Part, alone: bool) {
        let keywords = part.keywords().filter(|_| alone);
        let known = BUILTIN.iter().copied().chain(keywords);
        let other = "write the name with its collection, such as `community.general.ufw`";
        let finding = Diagnostic::warning(2709)
            .message(format!("Ansible has no module `{name}`"))
            .at(at)
            .help(did_you_mean(name, known, other));
        self.tell(true, finding);
    }

    /// Variables are a mapping, or a list of mappings.
    pub(super) fn vars(&mut self, map: &Map, context: &Context, of: &str) {
        let Some((key, value)) = map.pair("vars") else {
            return;
        };
        let listed = value
            .list()
            .is_some_and(|items| items.iter().all(|item| item.map().is_some()));
        if !value.is_null() && value.map().is_none() && !listed {
            let message = format!(
                "`vars` of {of} takes names with values, and this is {}",
                value.kind()
            );
            self.form(
                context,
                message,
                key.span,
                "write `name: value` lines below it",
            );
        }
    }

    fn notify(&mut self, map: &Map) {
        let Some(value) = map.get("notify") else {
            return;
        };
        let one = [value.clone()];
        for item in value.list().unwrap_or(&one) {
            if let Some(name) = item.literal() {
                self.notified.push((name.to_owned(), item.span));
            }
        }
    }
}
