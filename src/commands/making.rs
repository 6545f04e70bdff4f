//! Spec → Project, under any choice of profiles.

use crate::diagnostic::Sink;
use crate::model::Project;
use crate::model::files::Surroundings;
use crate::model::naming::Naming;
use crate::model::resolve::{Place, resolve};
use crate::model::rules::rules;
use crate::model::task;
use crate::spec::Spec;
use crate::spec::compose::{World, compose};

/// What a project is made of, under any choice of profiles.
pub struct Making<'a> {
    /// What is written.
    pub spec: &'a Spec,
    /// Where.
    pub place: Place<'a>,
    /// What it is called.
    pub naming: &'a Naming<'a>,
    /// Variables of the environment and the `.env`.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// What the rules may ask.
    pub around: Surroundings<'a>,
}

impl Making<'_> {
    /// The project under these profiles, judged by all rules.
    pub fn project(&self, profiles: &[String], sink: &mut Sink) -> Option<Project> {
        let word = self
            .spec
            .project
            .as_ref()
            .and_then(|project| project.name.as_ref());
        let folder = self.place.folder.file_name().unwrap_or_default();
        let world = World {
            variable: self.variable,
            project_name: word.map_or_else(
                || folder.to_string_lossy().into_owned(),
                |word| word.text.clone(),
            ),
            project_dir: self.place.folder.display().to_string(),
        };
        let composed = compose(self.spec, profiles, &world, sink);
        let mut project = resolve(
            self.spec,
            &composed,
            profiles,
            &self.place,
            self.naming,
            sink,
        )?;
        task::evaluate(&mut project, &composed, self.variable, sink);
        rules(&project, &self.around, sink);
        Some(project)
    }
}
