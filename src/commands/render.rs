//! `render`: what the engine would be given, without giving it.

use super::understood::{Understood, understood};
use super::whose::identity_of;
use super::{Session, disk, own_template};
use crate::apply::lies_at;
use crate::diagnostic::Diagnostic;
use crate::engine::podman::{Ids, RunInputs};
use crate::engine::vagrant::{self, Driver, FileInputs, Libvirt};
use crate::engine::{access, image, podman};
use crate::model::joined::Joined;
use crate::model::{Machine, Project};
use crate::plan::remember::{digest, remember};
use crate::render;
use crate::state::folder::MachineFolder;
use crate::state::record::MachineRecord;
use crate::value::{ImageRef, Kind};

/// Runs the verb.
pub fn run(session: &Session) -> u8 {
    let Understood {
        mut answer,
        project,
        identity,
        ledger,
    } = match understood(session, "render") {
        Ok(understood) => understood,
        Err(exit) => return exit,
    };
    let overrides = |name: &str| own_template(&project.folder, name);
    for machine in &project.machines {
        let me = identity_of(&project, machine, identity.uuid, &ledger);
        let before = ledger.entry(&me).map(|entry| &entry.record);
        // A port that is given out only by `up` is shown as 0.
        let record = remember(
            &project,
            machine,
            &me,
            before,
            &answer.sources,
            &mut |_| Some(0),
            jiff::Timestamp::now(),
        );
        let Some(record) = record else { continue };
        let view = View {
            project: &project,
            machine,
            record: &record,
            joined: Joined::all(machine, identity.uuid),
            folder: session.state.machine(&me),
            overrides: &overrides,
        };
        let mut shown = Vec::new();
        let parts = match machine.kind.value {
            Kind::Vm => [view.vagrantfile(), view.ssh_config()],
            Kind::Container => [view.podman(), view.ssh_config()],
        };
        for part in parts {
            match part {
                Ok(text) => shown.push(text),
                Err(finding) => answer.findings.push(finding),
            }
        }
        let shown = shown.join("\n\n");
        session.ui.out(&shown);
        answer.extra.push(("rendered", shown.into()));
    }
    session.finish(&answer)
}

/// What is known of one machine.
struct View<'a> {
    project: &'a Project,
    machine: &'a Machine,
    record: &'a MachineRecord,
    joined: Vec<Joined>,
    folder: MachineFolder,
    overrides: render::Overrides<'a>,
}

impl View<'_> {
    fn podman(&self) -> Result<String, Diagnostic> {
        let machine = self.machine;
        let hidden = machine.hidden_names();
        let secret = |name: &String| ("SECRET".to_owned(), name.clone());
        let secrets: Vec<(String, String)> = hidden.iter().map(secret).collect();
        let name = match &machine.image.value {
            ImageRef::Registry(full) => full.clone(),
            ImageRef::Containerfile(path) => {
                image::containerfile_tag(&self.project.folder.join(path))
            }
        };
        let owner = disk::owner_of_shared(machine);
        let rootless = !rustix::process::geteuid().is_root();
        let context = podman::run_context(&RunInputs {
            machine,
            record: self.record,
            digest: &digest(self.record),
            image: &name,
            keys: &self.folder.keys(),
            networks: &self.joined,
            hidden: &hidden,
            secrets: &secrets,
            look: &lies_at,
            ids: Ids::of(machine, owner, rootless),
        });
        let networks = self.joined.iter().map(|joined| &joined.network);
        let mut shown: Vec<String> = networks
            .map(|network| podman::create_network(network).to_string())
            .collect();
        let args = render::podman_run(&context, self.overrides)?;
        shown.push(podman::run(args).to_string());
        Ok(shown.join("\n"))
    }

    /// As Vagrant is given it; under libvirt for software emulation, which runs anywhere.
    fn vagrantfile(&self) -> Result<String, Diagnostic> {
        let context = vagrant::file_context(&FileInputs {
            machine: self.machine,
            record: self.record,
            digest: &digest(self.record),
            box_name: self.machine.box_name.as_str(),
            keys: &[self.folder.key_of(self.record)],
            networks: &self.joined,
            setup: None,
            libvirt: Libvirt::only(Driver::Qemu),
        });
        let text = render::vagrantfile(&context, self.overrides)?;
        Ok(text.trim_end().to_owned())
    }

    fn ssh_config(&self) -> Result<String, Diagnostic> {
        let control = std::path::Path::new("CONTROL");
        let key = self.folder.key_of(self.record);
        let known_hosts = self.folder.known_hosts();
        let context = access::ssh_context(self.record, &key, &known_hosts, control);
        let text = render::ssh_config(&context, self.overrides)?;
        Ok(text.trim_end().to_owned())
    }
}
