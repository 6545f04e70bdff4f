//! The files that playbooks are made of, each read once.

use crate::diagnostic::{Diagnostic, Sink};
use crate::model::files::Disk;
use crate::source::Sources;
use crate::syntax::yaml::{self, Read};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// A file, read.
#[derive(Clone)]
pub struct Opened {
    /// What it holds.
    pub read: Read,
    /// What is wrong with it as YAML.
    pub found: Vec<Diagnostic>,
}

/// All that were read.
pub struct Texts<'a> {
    sources: &'a mut Sources,
    disk: &'a dyn Disk,
    opened: HashMap<PathBuf, Result<Opened, String>>,
}

impl<'a> Texts<'a> {
    /// None yet.
    pub fn new(sources: &'a mut Sources, disk: &'a dyn Disk) -> Self {
        Texts {
            sources,
            disk,
            opened: HashMap::new(),
        }
    }

    /// One of them, under the name that messages give it.
    pub fn open(&mut self, path: &Path, name: &str) -> Result<Opened, String> {
        if let Some(opened) = self.opened.get(path) {
            return opened.clone();
        }
        let opened = self.disk.read(path).map(|text| {
            let text = text.trim_start_matches('\u{feff}').to_owned();
            let id = self.sources.add_file(path, name.to_owned(), text.clone());
            let mut sink = Sink::default();
            Opened {
                read: yaml::read(&text, id, &mut sink),
                found: sink.found,
            }
        });
        self.opened.insert(path.to_owned(), opened.clone());
        opened
    }
}
