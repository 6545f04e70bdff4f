//! What is there: each engine that matters is asked one question, all at once.

use super::Session;
use super::compile::Judging;
use super::targets::Called;
use crate::diagnostic::Diagnostic;
use crate::engine::{libvirt, podman, virtualbox};
use crate::model::Project;
use crate::state::ledger::Ledger;
use crate::state::observed::ObservedMachine;
use crate::state::project::ProjectIdentity;
use crate::value::{Kind, Provider};

impl Session {
    /// Asks the engines of all machines that are remembered, and of those that are written. Where nothing is
    /// known at all, a container may still be there.
    pub(super) fn look(&self, written: &[Provider]) -> Result<Vec<ObservedMachine>, Diagnostic> {
        let mut engines = self.remembered_engines();
        engines.extend_from_slice(written);
        if engines.is_empty() {
            engines.push(Provider::Podman);
        }
        engines.sort_by_key(|engine| *engine as u8);
        engines.dedup();
        if let [one] = engines[..] {
            return self.ask_engine(one);
        }
        let answers: Vec<_> = std::thread::scope(|scope| {
            let ask = |engine: &Provider| {
                let engine = *engine;
                scope.spawn(move || self.ask_engine(engine))
            };
            let asked: Vec<_> = engines.iter().map(ask).collect();
            let joined = asked.into_iter();
            joined
                .map(|thread| thread.join().expect("it does not panic"))
                .collect()
        });
        let answers: Result<Vec<_>, Diagnostic> = answers.into_iter().collect();
        Ok(answers?.into_iter().flatten().collect())
    }

    /// The same, where no engine at all means that nothing is there.
    pub(super) fn look_if_there(
        &self,
        written: &[Provider],
    ) -> Result<Vec<ObservedMachine>, Diagnostic> {
        match self.look(written) {
            Err(finding) if finding.rule.number == 5001 && !self.remembers_any() => Ok(Vec::new()),
            other => other,
        }
    }

    /// What runs the machines that are written, where none of the project is remembered: its records may be lost.
    pub(super) fn written_engines(&self, identity: &ProjectIdentity) -> Vec<Provider> {
        let ledger = Ledger::read(&self.state);
        let is_known = ledger.project(identity.uuid).next().is_some();
        let project = (!is_known).then(|| self.written(identity, &ledger));
        let machines = project.iter().flatten().flat_map(Project::all);
        machines.map(|machine| machine.provider.value).collect()
    }

    /// Machines that are remembered, in the order in which they are written; others are the last.
    pub(super) fn as_written(
        &self,
        identity: &ProjectIdentity,
        mut machines: Vec<Called>,
    ) -> Vec<Called> {
        let project = self.written(identity, &Ledger::read(&self.state));
        machines.sort_by_key(|called| {
            let mut written = project.iter().flat_map(Project::all);
            let machine = written.find(|machine| machine.name == called.name);
            machine.map_or(usize::MAX, |machine| machine.place)
        });
        machines
    }

    /// The project as it is written, where it compiles.
    fn written(&self, identity: &ProjectIdentity, ledger: &Ledger) -> Option<Project> {
        let located = self.find().ok()?;
        let judging = Judging {
            as_last_up: true,
            ..Judging::WITHOUT_HOST
        };
        self.compile(&located, judging, identity, ledger).project
    }

    fn remembered_engines(&self) -> Vec<Provider> {
        let ledger = Ledger::read(&self.state);
        let recorded = ledger.entries.iter().map(|entry| entry.record.provider);
        let damaged = ledger.damaged_folders.iter();
        let damaged = damaged.map(|folder| match folder.identity().map(|it| it.kind) {
            Some(Kind::Vm) => Provider::Libvirt,
            Some(Kind::Container) | None => Provider::Podman,
        });
        recorded.chain(damaged).collect()
    }

    fn remembers_any(&self) -> bool {
        !self.state.machines().is_empty()
    }

    fn ask_engine(&self, engine: Provider) -> Result<Vec<ObservedMachine>, Diagnostic> {
        match engine {
            Provider::Podman => self.ask_podman(),
            Provider::Libvirt => libvirt::read_look(&self.call(&libvirt::look()))
                .map_err(|finding| self.advised(finding)),
            Provider::Virtualbox => self.ask_virtualbox(),
        }
    }

    /// VirtualBox tells the names of all in one answer, and what each is in one more.
    fn ask_virtualbox(&self) -> Result<Vec<ObservedMachine>, Diagnostic> {
        let listed = virtualbox::read_list(&self.call(&virtualbox::list()))?;
        let each = listed.iter().map(|uuid| self.call(&virtualbox::look(uuid)));
        Ok(each
            .filter_map(|told| virtualbox::read_look(&told))
            .collect())
    }

    fn ask_podman(&self) -> Result<Vec<ObservedMachine>, Diagnostic> {
        let mut outcome = self.call(&podman::look());
        // Bounded by how many containers may go one after the other while we look.
        for _ in 0..20 {
            if !podman::was_crossed(&outcome) || self.interrupt.count() > 0 {
                break;
            }
            outcome = self.call(&podman::look());
        }
        podman::read_look(&outcome).map_err(|finding| self.advised(finding))
    }
}
