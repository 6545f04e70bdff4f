//! Which profiles are meant: those that are asked for, else the project's own default.

use super::{Session, environment};
use crate::diagnostic::{Diagnostic, Sink};
use crate::settings::Dialect;
use crate::spec::Spec;
use crate::spec::lower::did_you_mean;

/// Which profiles a configuration is compiled for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Profiles {
    /// The project's own default.
    Default,
    /// None.
    None,
    /// These, in order.
    Named(Vec<String>),
    /// These, as far as they are still there.
    Remembered(Vec<String>),
}

impl Session {
    /// The profiles that are asked for: by `--profile`, by `--no-profile`, or in the environment.
    pub(super) fn profiles(&self) -> Profiles {
        let variable = environment("VAGRANTP_PROFILE").unwrap_or_default();
        let names = |list: &str| -> Vec<String> {
            let words = list.split(',').map(str::trim);
            words
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let asked: Vec<String> = self
            .options
            .profiles
            .iter()
            .flat_map(|list| names(list))
            .collect();
        let set = names(&variable);
        match (self.options.no_profile, asked.is_empty(), set.is_empty()) {
            (true, ..) => Profiles::None,
            (false, true, true) => Profiles::Default,
            (false, true, false) => Profiles::Named(set),
            (false, false, _) => Profiles::Named(asked),
        }
    }
}

/// The profiles that are meant; nothing where one is not there.
pub(super) fn asked(spec: &Spec, profiles: &Profiles, sink: &mut Sink) -> Option<Vec<String>> {
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
