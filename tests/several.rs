//! Decisions about several machines: who is meant, what their memory comes to, what is remembered of them.

#[path = "support/compiled.rs"]
mod compiled;
#[path = "support/facts.rs"]
mod facts;

use uuid::Uuid;
use vagrantp::commands::compile::Compiled;
use vagrantp::commands::targets::wanted;
use vagrantp::commands::whose::own_identity;
use vagrantp::model::files::Verdict;
use vagrantp::model::{Machine, Project};
use vagrantp::plan::conflicts::{View, judge};
use vagrantp::plan::reconcile::{Subject, reconcile};
use vagrantp::plan::remember::remember;
use vagrantp::plan::{Action, Goal, Plan};
use vagrantp::state::folder::StateFolder;
use vagrantp::state::ledger::Ledger;
use vagrantp::state::observed::ObservedMachine;
use vagrantp::state::record::{MachineRecord, Stage};
use vagrantp::value::HostPort;

const OURS: Uuid = Uuid::from_u128(0x0f0f);
const UP: Goal = Goal::Up {
    ensure: false,
    apply: false,
    recreate: false,
    provision: true,
};

fn compile(text: &str) -> Compiled {
    compiled::compile("/srv/shop", "vagrantp.kdl", text)
}

fn project(compiled: &Compiled) -> &Project {
    compiled.project.as_ref().expect("it compiled")
}

/// What `up` is about: names, those that are only needed in brackets.
fn meant(text: &str, targets: &[&str], without_needs: bool) -> Result<String, String> {
    let compiled = compile(text);
    let project = project(&compiled);
    let targets: Vec<String> = targets.iter().map(|target| (*target).to_owned()).collect();
    let all: Vec<&Machine> = project.all().collect();
    let shown = |(place, named): (usize, bool)| match named {
        true => all[place].name.clone(),
        false => format!("({})", all[place].name),
    };
    wanted(project, &targets, without_needs)
        .map(|wanted| wanted.into_iter().map(shown).collect::<Vec<_>>().join(" "))
        .map_err(|finding| format!("{} {}", finding.rule.number, finding.message))
}

const SHOP: &str = "project shop { default-profile dev; }
machine web { container; depends-on api; }
machine api { container; depends-on db; }
machine db { container; }
machine node { count 2; container; tags many; depends-on db; }
machine off { container; autostart off; }
machine debug { container; }
profile dev { only web api node off; }
";

#[test]
fn up_is_about_what_comes_up_by_itself_and_all_that_it_needs() {
    assert_eq!(
        meant(SHOP, &[], false).as_deref(),
        Ok("(db) api web node-1 node-2")
    );
    assert_eq!(
        meant(SHOP, &["web"], false).as_deref(),
        Ok("(db) (api) web")
    );
    assert_eq!(meant(SHOP, &["web"], true).as_deref(), Ok("web"));
    assert_eq!(meant(SHOP, &["off"], false).as_deref(), Ok("off"));
    assert_eq!(
        meant(SHOP, &["@many", "api"], true).as_deref(),
        Ok("api node-1 node-2")
    );
    assert_eq!(
        meant(SHOP, &["debug"], false),
        Err("2902 The profile dev leaves out what 'debug' names".into())
    );
    let none = "machine off { container; autostart off; }";
    assert_eq!(
        meant(none, &[], false),
        Err("2901 No machine of this project comes up by itself".into())
    );
}

/// Plans `up` of all machines, as found, on a host about which is known what differs from a roomy one, and
/// on which a process listens on 8080.
fn plan(compiled: &Compiled, found: &[(&str, &MachineRecord)], named: bool, host: &[&str]) -> Plan {
    let (held, listener) = facts::listens("8080:1 4711 nginx");
    let project = project(compiled);
    let observed: Vec<ObservedMachine> = found
        .iter()
        .map(|(line, _)| facts::seen(line, OURS))
        .collect();
    let subject = |machine: &'_ Machine| {
        let at = found
            .iter()
            .position(|(_, record)| record.machine == machine.name);
        (at.map(|at| found[at].1), at)
    };
    let subjects: Vec<Subject> = project
        .machines
        .iter()
        .map(|machine| {
            let (record, at) = subject(machine);
            Subject {
                name: &machine.name,
                named,
                meant: Some(machine),
                record,
                damaged: false,
                found: at.map(|at| &observed[at]),
                former: None,
            }
        })
        .collect();
    let mut plan = reconcile(&subjects, UP);
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = Ledger::read(&StateFolder::new(folder.path().join("state")));
    let host = facts::host(host.iter().copied());
    let view = View {
        host: &host,
        dialect: project.dialect,
        ledger: &ledger,
        observed: &[],
        listens: &|_, port, _| {
            let is_held = held.host == HostPort::Fixed(port);
            is_held.then(|| listener.clone())
        },
        verdict: Verdict::Act,
    };
    let me = |machine: &Machine| own_identity(project, machine, OURS);
    judge(&mut plan, &subjects, &me, &view);
    plan
}

fn recorded(compiled: &Compiled, name: &str) -> MachineRecord {
    let project = project(compiled);
    let machine = project.all().find(|machine| machine.name == name);
    let machine = machine.expect("it is written");
    let me = own_identity(project, machine, OURS);
    let now = jiff::Timestamp::UNIX_EPOCH;
    let mut pick = |_| Some(20_000);
    let record = remember(
        project,
        machine,
        &me,
        None,
        &compiled.sources,
        &mut pick,
        now,
    );
    MachineRecord {
        stage: Stage::Running,
        ..record.expect("ports are left")
    }
}

#[test]
fn memory_is_what_all_that_start_need_together() {
    let text = "defaults { provider libvirt; memory \"2048M\"; cpus 1; }
machine one { vm; }
machine two { vm; }
machine three { vm; }
machine box { container; memory \"512M\"; }
";
    let compiled = compile(text);
    let plan = plan(&compiled, &[], true, &["memory 16000M", "available 5000M"]);
    let told: Vec<String> = plan
        .refusals
        .iter()
        .map(|refusal| format!("{} {}", refusal.subject, refusal.finding))
        .collect();
    assert_eq!(
        told,
        ["2 4001 Insufficient RAM: need 6144MB, 5000MB available"]
    );
    let details = &plan.refusals[0].finding.details;
    assert_eq!(
        details,
        &["2048MB for one", "2048MB for two", "2048MB for three"]
    );
}

#[test]
fn what_stands_in_the_way_is_its_machines() {
    let text = "machine one { container; }\nmachine two { container; ports \"8080:80\"; }\n";
    let plan = plan(&compile(text), &[], true, &[]);
    let subjects: Vec<usize> = plan.steps.iter().map(|step| step.subject).collect();
    assert_eq!(subjects, [0, 1]);
    assert_eq!(plan.refusals.len(), 1);
    let refusal = &plan.refusals[0];
    assert_eq!((refusal.subject, refusal.finding.rule.number), (1, 6002));
}

#[test]
fn what_is_only_needed_has_only_to_run() {
    let compiled =
        compile("machine web { container; depends-on db; }\nmachine db { container; }\n");
    let before = compile("machine db { container; memory \"512M\"; }\n");
    let db = recorded(&before, "db");
    let line = format!("{} running", db.id);
    let found = [(line.as_str(), &db)];
    let asked = plan(&compiled, &found, true, &[]);
    assert_eq!(asked.refusals[0].finding.rule.number, 3002);
    assert_eq!(asked.refusals[0].subject, 1);
    let needed = plan(&compiled, &found, false, &[]);
    assert!(needed.refusals.is_empty());
    assert!(needed.notes.iter().any(|note| note.rule.number == 3002));
    assert_eq!(needed.steps.len(), 1);
    assert_eq!(
        (needed.steps[0].subject, &needed.steps[0].action),
        (0, &Action::Create)
    );
}

#[test]
fn the_record_knows_the_ties_and_the_ledger_the_last_profiles() {
    let compiled = compile(SHOP);
    let folder = tempfile::tempdir().expect("a folder");
    let state = StateFolder::new(folder.path().join("state"));
    assert_eq!(Ledger::read(&state).profiles_of(OURS, "vagrantp.kdl"), None);
    let mut node = recorded(&compiled, "node-2");
    assert_eq!(node.ties.node.as_deref(), Some("node"));
    assert_eq!(node.ties.tags, ["many"]);
    assert_eq!(node.ties.depends_on, ["db"]);
    assert_eq!(node.ties.profiles, ["dev"]);
    let mut web = recorded(&compiled, "web");
    web.ties.profiles = vec!["ci".into()];
    web.ties.since = Some(jiff::Timestamp::MAX);
    // Stopped later: that says nothing of profiles.
    node.updated_at = jiff::Timestamp::MAX;
    for (name, record) in [("node-2", &node), ("web", &web)] {
        let project = project(&compiled);
        let machine = project.all().find(|machine| machine.name == name);
        let me = own_identity(project, machine.expect("it is written"), OURS);
        state
            .machine(&me)
            .save(record)
            .expect("a folder of our own");
    }
    let ledger = Ledger::read(&state);
    let last = ledger.profiles_of(OURS, "vagrantp.kdl");
    assert_eq!(last, Some(vec!["ci".to_owned()]));
    assert_eq!(ledger.profiles_of(OURS, ".env"), None);
}
