//! What can be known of a playbook before Ansible reads it.

use saphyr::{LoadableYamlNode, Yaml};

/// Whether a text is a list of plays; the error completes "site.yml …".
pub fn list_of_plays(text: &str) -> Result<(), String> {
    let document = load(text)?;
    let Some(plays) = document.as_sequence() else {
        return Err("is not a list of plays".into());
    };
    for (index, play) in plays.iter().enumerate() {
        let known = [
            "hosts",
            "import_playbook",
            "ansible.builtin.import_playbook",
        ];
        let is_play = known.iter().any(|key| play.as_mapping_get(key).is_some());
        if !is_play {
            return Err(format!(
                "is not a list of plays: item {} has no `hosts`",
                index + 1
            ));
        }
    }
    if plays.is_empty() {
        return Err("holds no play".into());
    }
    Ok(())
}

/// Whether a text is a mapping of variables; the error completes "vars.yml …".
pub fn mapping(text: &str) -> Result<(), String> {
    if load(text)?.is_mapping() {
        Ok(())
    } else {
        Err("is not a mapping of names to values".into())
    }
}

fn load(text: &str) -> Result<Yaml<'_>, String> {
    let documents = Yaml::load_from_str(text).map_err(|error| {
        let at = error.marker();
        format!(
            "is not YAML: {} (line {}, column {})",
            error.info(),
            at.line(),
            at.col() + 1
        )
    })?;
    documents.into_iter().next().ok_or("is empty".into())
}
