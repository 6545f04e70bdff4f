//! Which profiles are meant.

use super::compile::Profiles;
use crate::diagnostic::{Diagnostic, Sink};
use crate::settings::Dialect;
use crate::spec::Spec;
use crate::spec::lower::did_you_mean;

/// The profiles that are meant; nothing where one is not there.
pub fn asked(spec: &Spec, profiles: &Profiles, sink: &mut Sink) -> Option<Vec<String>> {
    let default = || {
        let word = spec.project.as_ref()?.default_profile.as_ref()?;
        Some(word.text.clone())
    };
    let there = |name: &String| {
        spec.profiles
            .iter()
            .any(|profile| profile.name.text == *name)
    };
    let names = match profiles {
        Profiles::None => return Some(Vec::new()),
        // One that is not there was told where it is written.
        Profiles::Default => return Some(default().into_iter().filter(there).collect()),
        Profiles::Remembered(names) => {
            return Some(names.iter().filter(|name| there(name)).cloned().collect());
        }
        Profiles::Named(names) => names,
    };
    if spec.dialect == Dialect::Env {
        sink.push(
            Diagnostic::error(2903)
                .message("Profiles need a vagrantp.kdl: a .env describes one machine")
                .help("leave --profile and VAGRANTP_PROFILE out, or make one: vagrantp convert"),
        );
        return Some(Vec::new());
    }
    let missing: Vec<&String> = names.iter().filter(|name| !there(name)).collect();
    for name in &missing {
        let known: Vec<&str> = spec
            .profiles
            .iter()
            .map(|profile| &*profile.name.text)
            .collect();
        let none = match known.is_empty() {
            true => "leave --profile and VAGRANTP_PROFILE out: the file has none".into(),
            false => format!("write one of: {}", known.join(", ")),
        };
        sink.push(
            Diagnostic::error(2604)
                .message(format!("There is no profile '{name}' to choose"))
                .help(did_you_mean(name, known.into_iter(), &none)),
        );
    }
    missing.is_empty().then(|| names.clone())
}
