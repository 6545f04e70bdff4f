//! `up`: every machine runs as written.

use super::answer::{Answer, INTERRUPTED};
use super::compile::{Compiled, Judging, identity_of};
use super::find::Located;
use super::machines::{Known, known, to_json};
use super::{Session, disk, own_template, targets};
use crate::apply::{Halt, Job};
use crate::call::run::run as run_call;
use crate::diagnostic::{Diagnostic, Severity};
use crate::engine::image::{self, Base};
use crate::model::files::Verdict;
use crate::model::host::Host;
use crate::model::{Machine, Project};
use crate::plan::conflicts::{self, View};
use crate::plan::reconcile::{Subject, reconcile};
use crate::plan::remember::remember;
use crate::plan::{Action, Goal, Plan};
use crate::source::Sources;
use crate::state::ledger::Ledger;
use crate::state::observed::ObservedMachine;
use crate::state::project::{self, ProjectIdentity};
use crate::state::record::MachineRecord;
use crate::state::{host, listeners};
use crate::value::{ImageRef, Init, Kind};

/// What `up` takes.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    /// Machines; all without any.
    pub targets: Vec<String>,
    /// "Already so" is success.
    pub ensure: bool,
    /// Apply what a running machine takes live.
    pub apply: bool,
    /// Make anew what cannot be applied live.
    pub recreate: bool,
    /// Only say what would be done.
    pub dry_run: bool,
    /// `plan`: exit 10 where something would change.
    pub detailed_exitcode: bool,
}

impl Arguments {
    fn goal(&self) -> Goal {
        Goal::Up {
            ensure: self.ensure || self.dry_run,
            apply: self.apply,
            recreate: self.recreate,
        }
    }
}

/// A configuration that compiles, and all that is known of its machines.
struct Scene {
    located: Located,
    compiled: Compiled,
    identity: ProjectIdentity,
    host: Host,
}

/// Runs the verb.
pub fn run(session: &Session, arguments: &Arguments) -> u8 {
    let command = if arguments.dry_run { "plan" } else { "up" };
    let located = match session.find() {
        Ok(located) => located,
        Err(not_found) => {
            let (sources, finding) = *not_found;
            let mut answer = Answer::finding(command, &session.start(), finding);
            answer.sources = sources;
            return session.finish(&answer);
        }
    };
    let mut answer = Answer::new(command, &located.folder);
    answer.file = Some(located.file.clone());
    match prepare(session, located, &mut answer) {
        Err(finding) => answer.findings.push(*finding),
        Ok(None) => {}
        Ok(Some(scene)) => {
            let result = if arguments.dry_run {
                dry_run(session, arguments, scene, &mut answer)
            } else {
                act(session, arguments, scene, &mut answer)
            };
            if let Err(finding) = result {
                answer.findings.push(*finding);
            }
        }
    }
    let exit = session.finish(&answer);
    let (errors, _) = crate::diagnostic::report::count(&answer.findings);
    if errors > 1 && exit != INTERRUPTED && !session.options.ui.json {
        session
            .ui
            .err(&format!("{errors} errors, nothing was started"));
    }
    exit
}

type Failure = Box<Diagnostic>;

/// Says the first line, and compiles.
fn prepare(
    session: &Session,
    located: Located,
    answer: &mut Answer,
) -> Result<Option<Scene>, Failure> {
    let identity = session.identify(&located.folder)?;
    let ledger = Ledger::read(&session.state);
    let judging = Judging {
        verdict: Verdict::Act,
        host: true,
    };
    let compiled = session.compile(&located, judging, &identity, &ledger);
    let name = compiled
        .project
        .as_ref()
        .and_then(|project| project.machines.first());
    let name = name.map_or_else(
        || super::shown(&located.folder),
        |machine| machine.id.to_string(),
    );
    session
        .ui
        .headline(&format!("{name} · {}", place(&located)));
    if compiled.has_errors() {
        answer.sources = compiled.sources;
        answer.findings = compiled.findings;
        return Ok(None);
    }
    answer.name = Some(name);
    Ok(Some(Scene {
        located,
        compiled,
        identity,
        host: host::gather(),
    }))
}

fn place(located: &Located) -> String {
    match super::shown(&located.folder).as_str() {
        "." => located.file.clone(),
        folder => format!("{folder}/{}", located.file),
    }
}

/// This version makes containers.
pub fn no_vm_yet(machine: &Machine) -> Diagnostic {
    Diagnostic::error(5005)
        .message("This version of vagrantp does not make virtual machines yet")
        .at_origin(machine.kind.origin)
        .help("write `INFRA_TYPE=container`; `check` judges the vm's settings already")
}

fn not_yet(project: &Project) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for machine in &project.machines {
        if machine.kind.value == Kind::Vm {
            found.push(no_vm_yet(machine));
        }
        if machine.network.value == crate::value::NetworkMode::Bridge {
            found.push(
                Diagnostic::error(5005)
                    .message("This version of vagrantp does not make bridged containers yet")
                    .at_origin(machine.network.origin)
                    .help("write `NETWORK_MODE=default`, and publish ports"),
            );
        }
        if let Some(provision) = &machine.provision {
            found.push(
                Diagnostic::warning(5005)
                    .message("This version of vagrantp does not run playbooks yet")
                    .at_origin(provision.playbook.origin)
                    .help("run it over `vagrantp ssh-config`: ansible-playbook --ssh-common-args '-F FILE'"),
            );
        }
    }
    found
}

/// What would be done.
fn dry_run(
    session: &Session,
    arguments: &Arguments,
    scene: Scene,
    answer: &mut Answer,
) -> Result<(), Failure> {
    let Scene {
        compiled,
        identity,
        host,
        ..
    } = scene;
    let project = compiled.project.as_ref().expect("it compiled");
    let ledger = Ledger::read(&session.state);
    let refused = not_yet(project);
    let stops = refused
        .iter()
        .any(|found| found.severity == Severity::Error);
    answer.findings.extend(refused);
    let observed = if stops { Vec::new() } else { session.look()? };
    let all = written(known(
        Some(&compiled),
        identity.uuid,
        Some(&compiled.file),
        &ledger,
        &observed,
    ));
    let chosen = choose(&all, &arguments.targets)?;
    let mut plan = decide(&chosen, arguments.goal());
    judge(&mut plan, project, &identity, &host, &ledger, &observed);
    answer.machines = chosen
        .iter()
        .map(|known| to_json(known, &compiled.folder))
        .collect();
    answer
        .extra
        .push(("plan", plan_json(&plan, &compiled.sources)));
    let text = plan.text(&compiled.sources);
    let differs = |finding: &Diagnostic| matches!(finding.rule.number, 3002 | 3005);
    if text.is_empty() && plan.refusals.is_empty() {
        session
            .ui
            .out("nothing to do: every machine runs as written");
    } else {
        session.ui.out(text.trim_end());
    }
    if !plan.pending.is_empty() {
        session.ui.out(&closing(&plan));
    }
    let changes = plan.changes();
    // What differs is what a plan is about: told in its rows, not as an error.
    answer.findings.extend(
        plan.refusals
            .into_iter()
            .filter(|finding| !differs(finding)),
    );
    answer.findings.extend(plan.notes);
    answer.findings.extend(compiled.findings);
    answer.sources = compiled.sources;
    let refused = answer
        .findings
        .iter()
        .any(|found| found.severity == Severity::Error);
    if arguments.detailed_exitcode && changes && !refused {
        answer.exit = Some(10);
    }
    Ok(())
}

fn closing(plan: &Plan) -> String {
    use crate::settings::Class;
    let worst = plan
        .pending
        .iter()
        .map(|(_, difference)| difference.class)
        .max();
    let live = plan
        .pending
        .iter()
        .any(|(_, difference)| difference.class == Class::Live);
    let flags = match worst {
        Some(Class::Recreate | Class::LosesData) => "--recreate",
        _ if live => "--apply",
        _ => "",
    };
    let lost = if worst == Some(Class::LosesData) {
        "what is in it is lost"
    } else {
        "nothing is lost"
    };
    format!("`vagrantp up {flags}` does it; {lost}.")
}

fn plan_json(plan: &Plan, sources: &Sources) -> serde_json::Value {
    let steps = plan.steps.iter().map(|step| {
        let causes: Vec<serde_json::Value> = step
            .causes
            .iter()
            .map(|cause| {
                let at = cause
                    .origin
                    .and_then(|origin| origin.span())
                    .map(|span| sources.place(span));
                serde_json::json!({"text": cause.text, "place": at})
            })
            .collect();
        serde_json::json!({"machine": step.machine, "action": step.action.verb(), "causes": causes})
    });
    let pending = plan.pending.iter().map(|(machine, difference)| {
        serde_json::json!({"machine": machine, "setting": difference.setting, "from": difference.from, "to": difference.to})
    });
    serde_json::json!({"steps": steps.collect::<Vec<_>>(), "pending": pending.collect::<Vec<_>>()})
}

/// Only the machines that the configuration has: what is left over is not `up`'s.
fn written(all: Vec<Known>) -> Vec<Known> {
    all.into_iter()
        .filter(|known| known.meant.is_some())
        .collect()
}

fn choose<'a>(all: &[Known<'a>], wanted: &[String]) -> Result<Vec<Known<'a>>, Failure> {
    let names: Vec<String> = all.iter().map(|known| known.name.clone()).collect();
    let chosen = targets::select(&names, wanted)?;
    Ok(chosen.into_iter().map(|index| all[index].clone()).collect())
}

fn decide(chosen: &[Known], goal: Goal) -> Plan {
    let subjects: Vec<Subject> = chosen.iter().map(Known::subject).collect();
    reconcile(&subjects, goal)
}

fn judge(
    plan: &mut Plan,
    project: &Project,
    identity: &ProjectIdentity,
    host: &Host,
    ledger: &Ledger,
    observed: &[ObservedMachine],
) {
    let view = View {
        host,
        ledger,
        observed,
        listens: &|address, port, protocol| {
            listeners::bindable(address, port, protocol).err()?;
            listeners::listener(address, port, protocol).or(Some(listeners::Listener {
                pid: None,
                command: None,
                address,
            }))
        },
        verdict: Verdict::Act,
    };
    let me = |machine: &Machine| identity_of(project, machine, identity.uuid);
    conflicts::judge(plan, project, &me, &view);
}

/// Looks, decides, reserves, and does.
fn act(
    session: &Session,
    arguments: &Arguments,
    scene: Scene,
    answer: &mut Answer,
) -> Result<(), Failure> {
    let Scene {
        located,
        mut compiled,
        mut identity,
        host,
    } = scene;
    let refused = not_yet(compiled.project.as_ref().expect("it compiled"));
    let stops = refused
        .iter()
        .any(|found| found.severity == Severity::Error);
    answer.findings.extend(refused);
    answer.findings.append(&mut compiled.findings);
    if stops {
        answer.sources = compiled.sources;
        return Ok(());
    }
    if !session.state.root().exists() {
        session
            .state
            .prepare()
            .map_err(|error| error.diagnostic())?;
    }
    let machine = compiled
        .project
        .as_ref()
        .and_then(|project| project.machines.first());
    let derived = machine
        .filter(|machine| machine.id.span().is_none())
        .map(|m| m.id.to_string());
    if let Some(derived) = derived {
        identity.infrastructure_id = Some(derived);
    }
    project::settle(&located.folder, &session.state, &mut identity)
        .map_err(|error| error.diagnostic())?;
    let _lock = session
        .hold(identity.uuid, "up")
        .map_err(|error| error.diagnostic())?;
    let (observed, base) = look(session, &compiled);
    let observed = observed?;
    let result = locked(
        session, arguments, &compiled, &identity, &host, &observed, base, answer,
    );
    answer.sources = compiled.sources;
    result
}

/// The engine's two questions at once: what is there, and is the image.
fn look(
    session: &Session,
    compiled: &Compiled,
) -> (Result<Vec<ObservedMachine>, Diagnostic>, Option<Base>) {
    let machine = compiled
        .project
        .as_ref()
        .and_then(|project| project.machines.first());
    let names = match machine.map(|machine| &machine.image.value) {
        Some(ImageRef::Registry(reference)) => image::candidates(reference),
        _ => Vec::new(),
    };
    std::thread::scope(|scope| {
        let asked = (!names.is_empty()).then(|| {
            scope.spawn(|| {
                let outcome = run_call(&image::inspect(&names), &session.interrupt, None);
                image::read_inspect(&outcome, &names).ok().flatten()
            })
        });
        let observed = session.look();
        (
            observed,
            asked.and_then(|thread| thread.join().ok()).flatten(),
        )
    })
}

#[expect(clippy::too_many_arguments, reason = "the scene under the lock, once")]
fn locked(
    session: &Session,
    arguments: &Arguments,
    compiled: &Compiled,
    identity: &ProjectIdentity,
    host: &Host,
    observed: &[ObservedMachine],
    base: Option<Base>,
    answer: &mut Answer,
) -> Result<(), Failure> {
    let project = compiled.project.as_ref().expect("it compiled");
    let interrupted = || session.interrupt.count() > 0;
    let mut ledger =
        Ledger::hold(&session.state, &interrupted).map_err(|error| error.diagnostic())?;
    let damaged: Vec<Diagnostic> = ledger
        .damaged
        .iter()
        .map(|error| error.diagnostic())
        .collect();
    let all = written(known(
        Some(compiled),
        identity.uuid,
        Some(&compiled.file),
        &ledger,
        observed,
    ));
    let chosen = choose(&all, &arguments.targets)?;
    let mut plan = decide(&chosen, arguments.goal());
    judge(&mut plan, project, identity, host, &ledger, observed);
    answer
        .findings
        .extend(damaged.into_iter().map(|mut finding| {
            finding.severity = Severity::Warning;
            finding
        }));
    let blocked = plan
        .refusals
        .iter()
        .any(|finding| finding.exit() != 3 || matches!(finding.rule.number, 3003 | 3004));
    answer.findings.append(&mut plan.notes);
    answer.findings.append(&mut plan.refusals);
    if blocked || plan.steps.is_empty() {
        drop(ledger);
        if !blocked && answer.exit() == 0 {
            report(session, chosen.first(), compiled, None);
        }
        answer.machines = chosen
            .iter()
            .map(|known| to_json(known, &compiled.folder))
            .collect();
        return Ok(());
    }
    let records = reserve(
        &mut ledger,
        session,
        compiled,
        project,
        identity,
        &chosen,
        &plan,
    )?;
    drop(ledger);
    session.tell(answer, &compiled.sources);
    let overrides = |name: &str| own_template(&compiled.folder, name);
    let doer = session
        .doer(&overrides)
        .map_err(|error| error.diagnostic())?;
    let mut base = base;
    for step in &plan.steps {
        let Some(known) = chosen.iter().find(|known| known.name == step.machine) else {
            continue;
        };
        let Some(machine) = known.meant else { continue };
        let (_, record) = records
            .iter()
            .find(|(name, _)| *name == step.machine)
            .expect("every step has its record");
        let mut job = Job {
            step,
            machine: Some(machine),
            identity: known.identity.clone(),
            record: record.clone(),
            found: known.found,
            base: base.take(),
            owner: machine
                .shares
                .first()
                .and_then(|share| disk::owner(&share.host)),
        };
        match doer.step(&mut job) {
            Ok(()) => report(session, Some(known), compiled, Some(&job.record)),
            Err(Halt::Failed(finding)) => answer.findings.push(*finding),
            Err(Halt::Interrupted) => {
                answer.exit = Some(INTERRUPTED);
                session.ui.err(&format!(
                    "interrupted: {} is {}; `vagrantp up` goes on, `vagrantp rm` removes it",
                    job.record.id,
                    match &step.action {
                        Action::Start | Action::Set(_) => "as the engine left it",
                        _ => "half made",
                    }
                ));
            }
        }
    }
    let after = Ledger::read(&session.state);
    answer.machines = chosen
        .iter()
        .map(|known| {
            let record = after
                .entry(&known.identity)
                .map(|entry| entry.record.clone());
            let running = record.as_ref().map(|record| ran(record, known.found));
            let known = Known {
                record,
                found: running.as_ref().and_then(Option::as_ref),
                ..known.clone()
            };
            to_json(&known, &compiled.folder)
        })
        .collect();
    Ok(())
}

/// What the engine would now show of a machine whose step succeeded: it is not asked again.
fn ran(record: &MachineRecord, before: Option<&ObservedMachine>) -> Option<ObservedMachine> {
    use crate::state::observed::Seen;
    use crate::state::record::Stage;
    if record.stage != Stage::Running {
        return before.cloned();
    }
    Some(ObservedMachine {
        name: record.id.clone(),
        engine_id: record.engine_id.clone()?,
        state: Seen::Running,
        word: "running".into(),
        exit_code: 0,
        project: Some(record.project),
        path: Some(record.project_path.clone()),
        digest: None,
        ports: Vec::new(),
    })
}

/// Gives out ports under the ledger's lock, and writes down what each machine is about to be.
fn reserve<'a>(
    ledger: &mut Ledger,
    session: &Session,
    compiled: &Compiled,
    project: &Project,
    identity: &ProjectIdentity,
    chosen: &[Known<'a>],
    plan: &Plan,
) -> Result<Vec<(String, MachineRecord)>, Failure> {
    let mut records = Vec::new();
    let fixed = project.machines.iter().flat_map(Machine::fixed_ports);
    ledger.avoid(fixed.filter_map(|port| match port.host {
        crate::value::HostPort::Fixed(host) => Some(host),
        crate::value::HostPort::Auto => None,
    }));
    for step in &plan.steps {
        let known = chosen.iter().find(|known| known.name == step.machine);
        let Some((known, machine)) = known.and_then(|known| Some((known, known.meant?))) else {
            continue;
        };
        let me = identity_of(project, machine, identity.uuid);
        let before = known.record.as_ref();
        // What only starts or goes on keeps what it was made as.
        let makes = matches!(
            step.action,
            Action::Create | Action::Resume | Action::Recreate { .. } | Action::Set(_)
        );
        let starts_changed = step.action == Action::Start && step.causes.len() > 1;
        let record = match before.filter(|_| !makes && !starts_changed) {
            Some(record) => {
                let mut record = record.clone();
                record.project_path = project.folder.clone();
                Some(record)
            }
            None => {
                let listening = |port: u16| {
                    let tcp = listeners::bindable(
                        std::net::Ipv4Addr::UNSPECIFIED,
                        port,
                        crate::value::Protocol::Tcp,
                    );
                    let udp = listeners::bindable(
                        std::net::Ipv4Addr::UNSPECIFIED,
                        port,
                        crate::value::Protocol::Udp,
                    );
                    tcp.is_err() || udp.is_err()
                };
                let mut pick = |guest| ledger.pick_auto(&me, guest, &listening);
                let now = jiff::Timestamp::now();
                let mut record = remember(
                    project,
                    machine,
                    &me,
                    before,
                    &compiled.sources,
                    &mut pick,
                    now,
                );
                if let (Some(record), Some(before), Action::Set(_) | Action::Start) =
                    (&mut record, before, &step.action)
                {
                    record.created_at = before.created_at;
                    record.access = before.access.clone();
                    record.stage = before.stage;
                    // Only what is live is applied by these.
                    for (name, value) in &before.applied {
                        if !matches!(name.as_str(), "memory" | "cpus") {
                            record.applied.insert(name.clone(), value.clone());
                        }
                    }
                    record.applied.retain(|name, _| {
                        before.applied.contains_key(name)
                            || matches!(name.as_str(), "memory" | "cpus")
                    });
                    record.networking = before.networking.clone();
                }
                record
            }
        };
        let record = record.ok_or_else(|| {
            Diagnostic::error(6003)
                .message("No port is left to give out on this host")
                .help("remove machines that are not needed: vagrantp ls")
        })?;
        session
            .state
            .machine(&me)
            .save(&record)
            .map_err(|error| error.diagnostic())?;
        records.push((step.machine.clone(), record));
    }
    Ok(records)
}

/// The last lines: where it is and what to do next.
fn report(
    session: &Session,
    known: Option<&Known>,
    compiled: &Compiled,
    record: Option<&MachineRecord>,
) {
    let Some(known) = known else { return };
    let Some(record) = record.or(known.record.as_ref()) else {
        return;
    };
    let ui = &session.ui;
    let flags = super::ssh::flags(session, &compiled.folder);
    ui.out(&format!("{} is running", record.id));
    match record.access.init {
        Init::Image => ui.out(&format!(
            "  enter   vagrantp{flags} ssh      (by exec: the image's own command runs)"
        )),
        _ => ui.out(&format!("  ssh     vagrantp{flags} ssh")),
    }
    let mut label = "ports";
    for port in &record.networking.ports {
        let auto = if port.auto { "  (auto)" } else { "" };
        let url = url(port)
            .map(|url| format!("    {url}"))
            .unwrap_or_default();
        let address = if port.address.is_unspecified() {
            String::new()
        } else {
            format!("{}:", port.address)
        };
        let udp = if port.protocol == crate::value::Protocol::Udp {
            "/udp"
        } else {
            ""
        };
        ui.out(&format!(
            "  {label:6}  {address}{} → {}{udp}{url}{auto}",
            port.host_port, port.container_port
        ));
        label = "";
    }
    for share in known.meant.iter().flat_map(|machine| &machine.shares) {
        ui.out(&format!("  share   {}", share.value));
    }
    ui.out(&format!("  stop    vagrantp{flags} stop"));
    if known.meant.is_some_and(|machine| machine.shares.is_empty()) && record.durations.len() < 3 {
        ui.out("  no folder is shared: `SYNC=.` in the configuration shares this one");
    }
}

fn url(port: &crate::state::record::PublishedPort) -> Option<String> {
    let scheme = match (port.container_port, port.protocol) {
        (_, crate::value::Protocol::Udp) => return None,
        (80 | 3000 | 5000 | 8000 | 8080, _) => "http",
        (443 | 8443, _) => "https",
        _ => return None,
    };
    let host = if port.address.is_unspecified() {
        std::net::Ipv4Addr::LOCALHOST
    } else {
        port.address
    };
    Some(format!("{scheme}://{host}:{}", port.host_port))
}
