//! What messages call a machine's settings: as they are called where it is written.

use super::{Dialect, Machine};
use crate::settings;

impl Machine {
    /// How it is written: the one of a `.env` has no key.
    pub fn dialect(&self) -> Dialect {
        match self.key.is_empty() {
            true => Dialect::Env,
            false => Dialect::Kdl,
        }
    }

    /// What a setting of it is called where it is written.
    pub fn word(&self, setting: &str) -> &'static str {
        self.dialect().name(settings::of(setting))
    }

    /// A setting of it with a value, as it would be written there.
    pub fn written(&self, setting: &str, value: &str) -> String {
        let quoted = format!("\"{value}\"");
        let is_bare = value
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
        let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
        match self.dialect() {
            Dialect::Kdl if !is_bare && !is_number => {
                self.dialect().write(settings::of(setting), &quoted)
            }
            dialect => dialect.write(settings::of(setting), value),
        }
    }

    /// What to do where its id is taken.
    pub fn another_id(&self) -> &'static str {
        match (self.dialect(), &self.instance) {
            (Dialect::Env, _) => "write another INFRA_ID",
            // With `count` the project's name is all that can be chosen.
            (Dialect::Kdl, Some(_)) => "write another name for the `project`",
            (Dialect::Kdl, None) => "write another `id`",
        }
    }
}
