//! The two ways to write a setting.

use super::{Form, Setting, of};

/// How a file writes settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `MEMORY=4G`
    Env,
    /// `memory "4G"`
    Kdl,
}

impl Dialect {
    /// The dialect of a file, by its ending.
    pub fn of_file(name: &str) -> Self {
        match name.to_ascii_lowercase().ends_with(".kdl") {
            true => Dialect::Kdl,
            false => Dialect::Env,
        }
    }

    /// Whether a file of this kind can say a setting.
    pub fn has(self, row: &Setting) -> bool {
        self == Dialect::Kdl || row.env.is_some()
    }

    /// What a setting is called.
    pub fn name(self, row: &Setting) -> &'static str {
        match self {
            Dialect::Env => row.key(),
            Dialect::Kdl => row.name,
        }
    }

    /// What the setting of a KDL name is called.
    pub fn called(self, name: &str) -> &'static str {
        self.name(of(name))
    }

    /// How a setting is done without.
    pub fn removed(self) -> &'static str {
        match self {
            Dialect::Env => "remove the line",
            Dialect::Kdl => "remove it",
        }
    }

    /// A setting with a value, as it would be written. What is part of a node is named with it.
    pub fn write(self, row: &Setting, value: &str) -> String {
        match (self, row.form, row.owner()) {
            (Dialect::Env, ..) => format!("{}={value}", row.key()),
            (_, Form::Kind, _) => value.to_owned(),
            (_, Form::Property, Some("network")) => {
                format!("network bridge {}={value}", row.own_name())
            }
            (_, Form::Property, Some(owner)) => format!("{owner} {}={value}", row.own_name()),
            _ => format!("{} {value}", row.own_name()),
        }
    }
}
