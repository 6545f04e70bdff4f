//! The box of a machine: our own, made from the package mirror; Vagrant's, from its store; or a file.

mod build;
mod fingerprint;
mod foreign;
mod publish;
mod remove;

pub use build::{Built, built};
pub use remove::Unpublished;

use super::{Doer, Halt};
use crate::diagnostic::Diagnostic;
use crate::engine::boxes::HostBox;
use crate::engine::boxes::recipe::{self, Recipe, Release};
use crate::model::Machine;
use crate::render::stdlib_text;
use crate::source::Origin;
use std::path::{Path, PathBuf};

impl Doer<'_> {
    /// The box of a machine, on this host and known to Vagrant. Our own is made where it is not there; of
    /// another's Vagrant is asked.
    ///
    /// # Errors
    /// When it cannot be had or made.
    pub fn box_for(&self, machine: &Machine) -> Result<HostBox, Halt> {
        let name = &machine.box_name;
        let boxes = &self.shared.boxes;
        boxes.get(&name.value, || self.box_named(&name.value, name.origin))
    }

    fn box_named(&self, name: &str, origin: Origin) -> Result<HostBox, Halt> {
        let found = match recipe::release(name) {
            Some(Some(release)) => self.own_box(release, origin)?.host_box,
            Some(None) => return Err(no_release(name).at_origin(origin).into()),
            None => self.foreign_box(name, origin)?,
        };
        Ok(found)
    }

    /// Our own box of a release, made where it is not there, and shown to Vagrant.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn own_box(&self, release: Release, origin: Origin) -> Result<Built, Halt> {
        let recipe = self.recipe(release);
        let folder = self.boxes_folder().join(recipe.folder());
        let built = match built(&folder) {
            Some(built) => built,
            None => self.build_box(&recipe, &folder, origin)?,
        };
        self.show_to_vagrant(&built, &folder)?;
        Ok(built)
    }

    /// What a release's box is made of, with the project's own files.
    pub fn recipe(&self, release: Release) -> Recipe {
        let processor = std::env::consts::ARCH;
        Recipe::new(release, processor, &|name| {
            stdlib_text(name, self.overrides)
        })
    }

    /// Where our own boxes are.
    pub fn boxes_folder(&self) -> PathBuf {
        self.cache.join("boxes")
    }

    fn no_box_folder(&self, path: &Path, error: &std::io::Error) -> Diagnostic {
        Diagnostic::error(1801)
            .message(format!("{} cannot be written: {error}", path.display()))
            .help("free space there, or set XDG_CACHE_HOME to a folder that can be written")
    }
}

/// That a release is none that can be made.
pub fn no_release(name: &str) -> Diagnostic {
    Diagnostic::error(1141)
        .message(format!(
            "The box {name} cannot be had: there is no such release"
        ))
        .help(format!("write one of: {}", recipe::releases().join(", ")))
}
