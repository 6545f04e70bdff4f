//! `render`: what the engine would be given, without giving it.

use super::understood::{Understood, understood};
use super::whose::identity_of;
use super::{Session, disk, own_template};
use crate::apply::lies_at;
use crate::engine::podman::{Ids, RunInputs};
use crate::engine::{access, image, podman};
use crate::model::joined::Joined;
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
                .extend(super::unsupported::unsupported(std::iter::once(machine)));
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
        let joined = Joined::all(machine, identity.uuid);
        let hidden = machine.hidden_names();
        let secret = |name: &String| ("SECRET".to_owned(), name.clone());
        let secrets: Vec<(String, String)> = hidden.iter().map(secret).collect();
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
            networks: &joined,
            hidden: &hidden,
            secrets: &secrets,
            look: &lies_at,
            ids: Ids::of(machine, owner, rootless),
        });
        let networks = joined.iter().map(|joined| &joined.network);
        let mut shown: Vec<String> = networks
            .map(|network| podman::create_network(network).to_string())
            .collect();
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
