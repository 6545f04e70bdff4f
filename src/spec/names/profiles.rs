//! Profiles: their parents, what they are about, and what they say otherwise.

use super::Known;
use crate::diagnostic::{Diagnostic, Sink};
use crate::spec::Spec;
use crate::spec::chain::{Link, loops};
use crate::spec::expression::Names;
use crate::spec::lower::{did_you_mean, judge, kind_of};
use crate::spec::select::Pattern;
use crate::syntax::Word;
use crate::value::{Kind, nearest};

pub fn profiles(spec: &Spec, outside: &Names, known: &Known, sink: &mut Sink) {
    let names = || spec.profiles.iter().map(|profile| &*profile.name.text);
    let mut links = Vec::new();
    let unknown = |word: &Word, but: &str, sink: &mut Sink| {
        sink.push(
            Diagnostic::error(2604)
                .message(format!("There is no profile '{}'", word.text))
                .at_origin(word.origin)
                .label("not defined")
                .help(did_you_mean(
                    &word.text,
                    names().filter(|name| *name != but),
                    &format!("add `profile {}`", word.text),
                )),
        );
    };
    let default = spec
        .project
        .as_ref()
        .and_then(|project| project.default_profile.as_ref());
    if let Some(word) = default.filter(|word| !names().any(|name| name == word.text)) {
        unknown(word, "", sink);
    }
    for profile in &spec.profiles {
        if let Some(parent) = &profile.extends {
            match names().any(|name| name == parent.text) {
                true => links.push(Link {
                    from: &profile.name.text,
                    to: &parent.text,
                    origin: parent.origin,
                }),
                false => unknown(parent, &profile.name.text, sink),
            }
        }
        for word in profile.only.iter().flatten() {
            let bare = word
                .slice(word.text.len() - word.text.trim_start_matches('!').len()..word.text.len());
            target(&bare, known, "`only`", sink);
        }
        for node in &profile.overrides {
            target(&node.target, known, "the profile", sink);
            let kind = known_kind(spec, &node.target);
            judge(&node.section, kind, outside, sink);
        }
    }
    loops("Profiles", &links, sink);
    let mut links = Vec::new();
    for template in &spec.templates {
        let from = &*template.name.text;
        links.extend(template.uses.iter().map(|node| Link {
            from,
            to: &node.template.text,
            origin: node.template.origin,
        }));
    }
    loops("Templates", &links, sink);
}

/// The kind of the one machine that a target names, where its own block sets it.
fn known_kind(spec: &Spec, target: &Word) -> Option<Kind> {
    let mut all = spec.machines.iter();
    let named = all.find(|machine| {
        machine
            .name
            .as_ref()
            .is_some_and(|name| name.text == target.text)
    });
    named.and_then(|machine| kind_of(&machine.section))
}

/// A literal name must be there; a glob or tag that matches nothing is told and does nothing.
pub fn target(word: &Word, known: &Known, place: &str, sink: &mut Sink) {
    let nothing = |what: String, near: Option<&str>| {
        Diagnostic::warning(2607)
            .message(what)
            .at_origin(word.origin)
            .label("matches nothing")
            .help(match near {
                Some(near) => format!("write `\"@{near}\"`"),
                None => format!("write a name that is there, or remove it from {place}"),
            })
    };
    match Pattern::parse(&word.text) {
        Err(why) => sink.push(
            Diagnostic::error(2607)
                .message(format!("The pattern cannot be read: {why}"))
                .at_origin(word.origin)
                .help("write a name, or a glob such as `web*`"),
        ),
        Ok(Pattern::Name(name)) if !known.has(&name) => sink.push(
            Diagnostic::error(2601)
                .message(format!("There is no machine '{name}'"))
                .at_origin(word.origin)
                .label("not defined")
                .help(known.nearest(&name)),
        ),
        Ok(Pattern::Glob(glob)) if !known.names.iter().any(|name| glob.is_match(name)) => {
            let what = format!("No machine's name matches '{}'", word.text);
            sink.push(nothing(what, None));
        }
        Ok(Pattern::Tag(tag)) if !known.tags.contains(&*tag) => {
            let near = nearest(&tag, known.tags.iter().copied());
            sink.push(nothing(format!("No machine has the tag '{tag}'"), near));
        }
        Ok(_) => {}
    }
}
