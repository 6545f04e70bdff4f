//! The play of what is no playbook, where Ansible reads it.

use crate::apply::{Doer, Halt};
use crate::diagnostic::Diagnostic;
use crate::engine::ansible::generated::plain;
use crate::model::{Means, Provision};
use crate::render;
use crate::render::context::{Packages, Script};
use crate::state::folder::MachineFolder;
use std::path::{Path, PathBuf};

impl Doer<'_> {
    /// The playbook itself, or one that is written for a script or for packages into `callbacks`.
    pub(super) fn playbook(
        &self,
        folder: &MachineFolder,
        callbacks: &Path,
        provision: &Provision,
    ) -> Result<PathBuf, Halt> {
        let text = match &provision.means {
            Means::Playbook => return Ok(provision.playbook.value.clone()),
            Means::Packages(packages) => {
                let packages = packages.iter().map(|package| package.value.clone());
                let context = Packages {
                    packages: packages.collect(),
                };
                render::packages_play(&context, self.overrides)?
            }
            Means::Script => {
                let bytes = std::fs::read(&*provision.playbook).map_err(|why| {
                    Diagnostic::error(7004)
                        .message(format!(
                            "Provisioning failed: script '{}' cannot be read: {why}",
                            provision.name()
                        ))
                        .at_origin(provision.playbook.origin)
                        .help("put it there, or mend its name")
                })?;
                // A copy: its name is a word of a shell in the machine.
                let copy = callbacks.join(plain(&provision.name()));
                folder.write(&copy, &bytes, 0o600)?;
                let context = Script {
                    name: provision.name(),
                    command: crate::call::quoted(&copy.display().to_string()),
                    interpreter: interpreter(&provision.playbook, &bytes),
                };
                render::script_play(&context, self.overrides)?
            }
        };
        let path = callbacks.join(format!("{}.yml", plain(&provision.name())));
        folder.write(&path, text.as_bytes(), 0o600)?;
        Ok(path)
    }
}

/// What runs a script that does not say it by `#!`.
fn interpreter(script: &Path, bytes: &[u8]) -> Option<String> {
    let ending = script.extension().and_then(|ending| ending.to_str());
    let program = match ending {
        _ if bytes.starts_with(b"#!") => return None,
        Some("bash") => "bash",
        Some("py") => "python3",
        Some("pl") => "perl",
        Some("rb") => "ruby",
        _ => "sh",
    };
    Some(program.to_owned())
}
