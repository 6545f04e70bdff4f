//! Whose a machine is, in the words that the provider keeps as its description from its making on.

use crate::state::record::MachineRecord;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use uuid::Uuid;

const BEFORE: &str = "vagrantp ";

/// What the description says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// The instance id.
    pub instance: String,
    /// The project.
    pub project: Uuid,
    /// The project's folder.
    pub folder: PathBuf,
    /// The digest of what it was made as.
    pub digest: String,
}

impl Label {
    /// The label of a machine that is about to be made.
    pub fn of(record: &MachineRecord, digest: &str) -> Self {
        Label {
            instance: record.id.clone(),
            project: record.project,
            folder: record.project_path.clone(),
            digest: digest.to_owned(),
        }
    }

    /// Reads a description; nothing where it is none of ours.
    pub fn read(description: &str) -> Option<Self> {
        serde_json::from_str(description.trim().strip_prefix(BEFORE)?).ok()
    }
}

impl std::fmt::Display for Label {
    /// One line of ASCII, whatever the folder is called: providers keep no other text whole.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let json = serde_json::to_string(self).map_err(|_| std::fmt::Error)?;
        f.write_str(BEFORE)?;
        for c in json.chars() {
            if (' '..='~').contains(&c) {
                write!(f, "{c}")?;
            } else {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(f, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Label;

    #[test]
    fn any_folder_comes_back_from_plain_ascii() {
        let label = Label {
            instance: "shop".into(),
            project: uuid::Uuid::nil(),
            folder: "/home/ä/<b>&'\"\u{7f}\n\u{fffe}😀".into(),
            digest: "0011".into(),
        };
        let text = label.to_string();
        assert!(text.chars().all(|c| (' '..='~').contains(&c)), "{text}");
        assert_eq!(Label::read(&text), Some(label));
        assert_eq!(Label::read("somebody else's"), None);
    }
}
