//! A configuration that compiles, and all that is known of its machines: what `up` and `plan` decide on.

use super::answer::Answer;
use super::compile::{Compiled, Judging};
use super::find::Located;
use super::machines::{Known, known};
use super::whose::{former_identity_of, identity_of};
use super::{Session, shown, targets};
use crate::diagnostic::Diagnostic;
use crate::model::files::Verdict;
use crate::model::host::Host;
use crate::model::{Machine, Project};
use crate::plan::conflicts::{self, View};
use crate::plan::order::Order;
use crate::plan::reconcile::{Subject, reconcile};
use crate::plan::situation::State;
use crate::plan::{Goal, Plan};
use crate::settings::Dialect;
use crate::state::host;
use crate::state::ledger::Ledger;
use crate::state::listeners::{self, Listener};
use crate::state::observed::ObservedMachine;
use crate::state::project::ProjectIdentity;
use crate::value::Provider;

/// What is meant, whose it is, and where.
pub struct Scene {
    /// The configuration.
    pub compiled: Compiled,
    /// Whose it is.
    pub identity: ProjectIdentity,
    /// The host.
    pub host: Host,
}

impl Scene {
    /// Says the first line, and compiles; nothing where an error stands in the way.
    ///
    /// # Errors
    /// When it cannot be told which project the folder is.
    pub fn set(
        session: &Session,
        located: &Located,
        as_last_up: bool,
        answer: &mut Answer,
    ) -> Result<Option<Scene>, Box<Diagnostic>> {
        let identity = session.identify(&located.folder)?;
        let ledger = Ledger::read(&session.state);
        let judging = Judging {
            verdict: Verdict::Act,
            host: true,
            every_profile: false,
            as_last_up,
        };
        let mut compiled = session.compile(located, judging, &identity, &ledger);
        let name = compiled.project.as_ref().map(Project::shown_name);
        let folder = shown(&located.folder);
        let place = match folder.as_str() {
            "." => located.file.clone(),
            folder => format!("{folder}/{}", located.file),
        };
        session.ui.headline(
            &name
                .as_ref()
                .map_or(place.clone(), |name| format!("{name} · {place}")),
        );
        answer.findings.append(&mut compiled.findings);
        answer.name = name;
        if compiled.project.is_none() || answer.has_errors() {
            answer.sources = compiled.sources;
            return Ok(None);
        }
        let host = host::gather();
        Ok(Some(Scene {
            compiled,
            identity,
            host,
        }))
    }

    /// Of projects whose folders have one name and that come up at once, one is first under the ledger's
    /// lock; the names of the others get a suffix. Whether one did.
    pub fn give_way(&mut self, ledger: &Ledger) -> bool {
        let uuid = self.identity.uuid;
        let Some(project) = &mut self.compiled.project else {
            return false;
        };
        let Some(base) = project.name.clone().filter(|name| name.span().is_none()) else {
            return false;
        };
        let holds = |machine: &Machine, mine: bool| {
            let mut entries = ledger.by_id(machine.id.as_str());
            entries.any(|entry| (entry.record.project == uuid) == mine)
        };
        let derived = |machine: &&Machine| machine.id.span().is_none();
        let gives = project
            .all()
            .filter(derived)
            .any(|machine| holds(machine, false) && !holds(machine, true));
        if !gives {
            return false;
        }
        let name = base.with_suffix(&self.identity.suffix());
        self.identity.infrastructure_id = Some(name.to_string());
        project.rename(&name);
        true
    }

    /// The project.
    ///
    /// # Panics
    /// Never: a scene is set only where one was compiled.
    pub fn project(&self) -> &Project {
        self.compiled
            .project
            .as_ref()
            .expect("a scene has a project")
    }

    /// What is to be done to the chosen machines, judged against the host.
    pub fn decide(
        &self,
        chosen: &[Known],
        goal: Goal,
        ledger: &Ledger,
        observed: &[ObservedMachine],
    ) -> Plan {
        let subjects: Vec<Subject> = chosen.iter().map(Known::subject).collect();
        let mut plan = reconcile(&subjects, goal);
        let project = self.compiled.project.as_ref();
        let view = View {
            host: &self.host,
            dialect: project.map_or(Dialect::Kdl, |project| project.dialect),
            ledger,
            observed,
            listens: &|address, port, protocol| {
                listeners::bindable(address, port, protocol).err()?;
                let unknown = Listener {
                    pid: None,
                    command: None,
                    address,
                };
                listeners::listener(address, port, protocol).or(Some(unknown))
            },
            verdict: Verdict::Act,
        };
        let me =
            |machine: &Machine| identity_of(self.project(), machine, self.identity.uuid, ledger);
        conflicts::judge(&mut plan, &subjects, &me, &view);
        // Without its profiles it would be told to do something else.
        let up = format!("vagrantp up{}", self.project().profile_flags());
        let refusals = plan.refusals.iter_mut().map(|refusal| &mut refusal.finding);
        for finding in refusals.chain(&mut plan.notes) {
            finding.help = finding
                .help
                .take()
                .map(|help| help.replace("vagrantp up", &up));
        }
        plan
    }
}

impl Scene {
    /// What runs the machines that are wanted.
    pub fn engines(&self, wanted: &[(usize, bool)]) -> Vec<Provider> {
        self.meant(wanted)
            .map(|machine| machine.provider.value)
            .collect()
    }

    /// The machines that are wanted, as meant.
    pub fn meant<'a>(&'a self, wanted: &'a [(usize, bool)]) -> impl Iterator<Item = &'a Machine> {
        let all: Vec<&Machine> = self.project().all().collect();
        wanted.iter().map(move |(place, _)| all[*place])
    }

    /// The order among the machines that are wanted.
    pub fn order(&self, wanted: &[(usize, bool)]) -> Order {
        let places: Vec<usize> = wanted.iter().map(|(place, _)| *place).collect();
        targets::order_of(self.project()).among(&places)
    }

    /// The machines that are wanted, in their order, with all that is known of them.
    pub fn chosen<'a>(
        &'a self,
        wanted: &[(usize, bool)],
        ledger: &Ledger,
        observed: &'a [ObservedMachine],
    ) -> Vec<Known<'a>> {
        let compiled = &self.compiled;
        let file = Some(compiled.file.as_str());
        let all = known(Some(compiled), self.identity.uuid, file, ledger, observed);
        // The written ones come first, each at its place.
        let one = |(place, named): &(usize, bool)| Known {
            named: *named,
            former: all[*place].meant.and_then(|machine| {
                let former = self.former(machine, &all, ledger)?;
                Some(Box::new(former.clone()))
            }),
            ..all[*place].clone()
        };
        wanted.iter().map(one).collect()
    }

    /// What a machine was while it was of the other kind, where that is still there. What has lost its record is known
    /// by its id.
    fn former<'k, 'a>(
        &self,
        machine: &Machine,
        all: &'k [Known<'a>],
        ledger: &Ledger,
    ) -> Option<&'k Known<'a>> {
        let before = former_identity_of(self.project(), machine, self.identity.uuid, ledger);
        let is_it = |other: &&Known| {
            let kind = other.identity.kind == before.kind;
            let is_lost = other.record.is_none() && !other.damaged;
            other.identity == before || is_lost && kind && other.name == machine.id.as_str()
        };
        let mut left = all.iter().filter(|other| is_left(other));
        left.find(is_it)
    }

    /// The machines that are there and that the configuration does not have any more.
    pub fn left_over<'a>(
        &'a self,
        ledger: &Ledger,
        observed: &'a [ObservedMachine],
    ) -> Vec<Known<'a>> {
        let compiled = &self.compiled;
        let file = Some(compiled.file.as_str());
        let mut all = known(Some(compiled), self.identity.uuid, file, ledger, observed);
        all.retain(is_left);
        all
    }
}

/// Whether something is there that is not written any more.
fn is_left(known: &Known) -> bool {
    known.left_over && known.situation().state != State::NotCreated
}
