//! `render`: what the engine would be given, without giving it.

use super::understood::{Understood, understood};
use super::whose::identity_of;
use super::{Session, disk, own_template};
use crate::engine::podman::{Ids, Network, RunInputs};
use crate::engine::{access, image, podman};
use crate::plan::remember::{digest, remember};
use crate::render;
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
        if machine.kind.value == Kind::Vm {
            answer
                .findings
                .extend(super::unsupported::unsupported(&project));
            continue;
        }
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
        let folder = session.state.machine(&me);
        let network = Network::of(machine, identity.uuid);
        let name = match &machine.image.value {
            ImageRef::Registry(full) => full.clone(),
            ImageRef::Containerfile(path) => image::containerfile_tag(&project.folder.join(path)),
        };
        let owner = disk::owner_of_shared(machine);
        let rootless = !rustix::process::geteuid().is_root();
        let context = podman::run_context(&RunInputs {
            machine,
            record: &record,
            digest: &digest(&record),
            image: &name,
            keys: &folder.keys(),
            network: &network,
            ids: Ids::of(machine, owner, rootless),
        });
        let mut shown = vec![network.create().to_string()];
        match render::podman_run(&context, &overrides) {
            Ok(args) => shown.push(podman::run(args).to_string()),
            Err(finding) => answer.findings.push(finding),
        }
        let control = std::path::Path::new("CONTROL");
        let key = folder.key_of(&record);
        let context = access::ssh_context(&record, &key, &folder.known_hosts(), control);
        match render::ssh_config(&context, &overrides) {
            Ok(text) => shown.push(format!("\n{}", text.trim_end())),
            Err(finding) => answer.findings.push(finding),
        }
        let shown = shown.join("\n");
        session.ui.out(&shown);
        answer.extra.push(("rendered", shown.into()));
    }
    session.finish(&answer)
}
