//! Which profiles are meant, with their parents, and which machines they are about.

use super::Spec;
use super::select::{Candidate, Pattern};
use crate::syntax::document::ProfileNode;
use std::collections::HashSet;

/// The choices of profiles that `check` judges: none, and each alone.
pub fn choices(spec: &Spec) -> Vec<Vec<String>> {
    let mut seen = HashSet::new();
    let names = spec
        .profiles
        .iter()
        .map(|profile| profile.name.text.clone());
    let each = names
        .filter(|name| seen.insert(name.clone()))
        .map(|name| vec![name]);
    std::iter::once(Vec::new()).chain(each).collect()
}

/// The profiles asked for, each behind its parents, each once.
pub(super) fn chain<'a>(spec: &'a Spec, asked: &[String]) -> Vec<&'a ProfileNode> {
    let mut chain: Vec<&ProfileNode> = Vec::new();
    for name in asked {
        let mut line = ancestry(spec, name);
        line.reverse();
        for profile in line {
            if !chain.iter().any(|there| std::ptr::eq(*there, profile)) {
                chain.push(profile);
            }
        }
    }
    chain
}

/// A profile, its parent, and so on; a loop was told and ends it.
fn ancestry<'a>(spec: &'a Spec, name: &str) -> Vec<&'a ProfileNode> {
    let find = |name: &str| {
        spec.profiles
            .iter()
            .find(|profile| profile.name.text == name)
    };
    let mut line: Vec<&ProfileNode> = Vec::new();
    let mut next = find(name);
    while let Some(profile) = next {
        if line.iter().any(|there| std::ptr::eq(*there, profile)) {
            break;
        }
        line.push(profile);
        next = profile
            .extends
            .as_ref()
            .and_then(|parent| find(&parent.text));
    }
    line
}

/// Which machines profiles are about.
pub(super) struct Only(Vec<Choosing>);

/// The patterns of one profile.
struct Choosing {
    takes: Vec<Pattern>,
    leaves: Vec<Pattern>,
}

/// The union of what the profiles asked for say; nothing where one of them leaves it open.
pub(super) fn only(spec: &Spec, asked: &[String]) -> Option<Only> {
    if asked.is_empty() {
        return None;
    }
    let mut all = Vec::new();
    for name in asked {
        let line = ancestry(spec, name);
        let words = line.iter().find_map(|profile| profile.only.as_ref())?;
        let mut choosing = Choosing {
            takes: Vec::new(),
            leaves: Vec::new(),
        };
        for word in words {
            let (list, text) = match word.text.strip_prefix('!') {
                Some(text) => (&mut choosing.leaves, text),
                None => (&mut choosing.takes, &*word.text),
            };
            list.extend(Pattern::parse(text));
        }
        all.push(choosing);
    }
    Some(Only(all))
}

impl Only {
    /// Whether it is about a machine.
    pub(super) fn takes(&self, machine: &Candidate) -> bool {
        self.0.iter().any(|choosing| {
            let all = choosing.takes.is_empty();
            let taken = all
                || choosing
                    .takes
                    .iter()
                    .any(|pattern| pattern.matches(machine));
            taken
                && !choosing
                    .leaves
                    .iter()
                    .any(|pattern| pattern.matches(machine))
        })
    }
}
