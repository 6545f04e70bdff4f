//! A decision on a made-up host: nothing is asked of the real one, and nothing is done.

use super::compiled;
use super::facts::{self, host, listens, seen};
use std::fmt::Write;
use std::net::Ipv4Addr;
use tempfile::TempDir;
use uuid::Uuid;
use vagrantp::commands::compile::Compiled;
use vagrantp::commands::whose::own_identity;
use vagrantp::diagnostic::{Diagnostic, Severity};
use vagrantp::model::files::Verdict;
use vagrantp::model::host::Host;
use vagrantp::model::{Machine, Project};
use vagrantp::plan::conflicts::{View, judge};
use vagrantp::plan::difference::differences;
use vagrantp::plan::reconcile::{Subject, reconcile};
use vagrantp::plan::remember::remember;
use vagrantp::plan::situation::{State, situation};
use vagrantp::plan::turned::Former;
use vagrantp::plan::{Goal, Plan};
use vagrantp::state::folder::{Identity, StateFolder};
use vagrantp::state::ledger::Ledger;
use vagrantp::state::listeners::Listener;
use vagrantp::state::observed::ObservedMachine;
use vagrantp::state::record::{MachineRecord, Stage};
use vagrantp::ui::table;
use vagrantp::value::{Kind, PortRule};

const OURS: Uuid = Uuid::from_u128(0x0f0f);

/// A decision, with all that it is made of.
pub struct Decision {
    compiled: Compiled,
    goal: String,
    record: Option<MachineRecord>,
    former: Option<(Identity, State)>,
    observed: Vec<ObservedMachine>,
    listeners: Vec<(PortRule, Listener)>,
    host: Host,
    ledger: Ledger,
    _state: TempDir,
}

impl Decision {
    /// Reads a page: its sections `config`, `goal`, and, where there is anything to say, `found`,
    /// `remembered`, `formerly` (of the other kind), `elsewhere`, `listens` and `host`.
    pub fn read(page: &str) -> Self {
        let temporary = tempfile::tempdir().expect("there is a temporary folder");
        let state = StateFolder::new(temporary.path().join("vagrantp"));
        let compiled = compile("/srv/shop", section(page, "config"));
        let remembered = |name: &str| {
            let mut remembered = section(page, name).lines();
            let stage = remembered.next().filter(|line| *line != "nothing")?;
            let text: String = remembered.map(|line| format!("{line}\n")).collect();
            let mut made = recorded(&compile("/srv/shop", &text), OURS);
            made.stage = stage_of(stage);
            save(&state, &made);
            Some(made)
        };
        let (record, former) = (remembered("remembered"), remembered("formerly"));
        let mut observed: Vec<ObservedMachine> =
            lines(page, "found").map(|line| seen(line, OURS)).collect();
        for (number, line) in lines(page, "elsewhere").enumerate() {
            let (id, rest) = line
                .split_once(' ')
                .expect("a machine elsewhere has a state");
            let mut words = rest.split_whitespace();
            let state_word = words.next().unwrap_or_default();
            let settings: String = words.map(|word| format!("{word}\n")).collect();
            let text = format!("INFRA_TYPE=container\nINFRA_ID={id}\n{settings}");
            let project = Uuid::from_u128(number as u128 + 1);
            let mut made = recorded(&compile(&format!("/srv/{id}"), &text), project);
            made.stage = stage_of(state_word);
            save(&state, &made);
            observed.push(seen(&format!("{id} {state_word}"), project));
        }
        let former = former.map(|former| {
            let found = found_as(&observed, &former.id, former.infra_type);
            let state = situation(Some(&former), found)
                .expect("a known state")
                .state;
            (Identity::of(&former), state)
        });
        Decision {
            compiled,
            goal: section(page, "goal").trim().to_owned(),
            record,
            former,
            observed,
            listeners: lines(page, "listens").map(listens).collect(),
            host: host(lines(page, "host")),
            ledger: Ledger::read(&state),
            _state: temporary,
        }
    }

    /// The verb that is asked for.
    pub fn verb(&self) -> &str {
        self.goal.split(' ').next().unwrap_or_default()
    }

    /// The cell of the state table.
    pub fn cell(&self) -> &'static str {
        let subject = self.subject();
        let differs = subject.record.is_some_and(|record| {
            let found = differences(self.machine(), record);
            !found.is_empty()
        });
        match situation(subject.record, subject.found).map(|found| found.state) {
            Ok(State::NotCreated) => "not_created",
            Ok(State::Creating) => "creating",
            Ok(State::Removing) => "removing",
            Ok(State::Running) if differs => "running, differs",
            Ok(State::Running) => "running as written",
            Ok(State::Stopped) if differs => "stopped, differs",
            Ok(State::Stopped) => "stopped",
            Err(_) => "unknown",
        }
    }

    /// The page, with the plan that comes of it.
    pub fn page(&self, page: &str) -> String {
        let plan = self.plan();
        let at = page.find("-- plan\n").unwrap_or(page.len());
        let mut text = format!("{}-- plan\n", &page[..at]);
        let rows = plan.rows(&self.compiled.sources);
        for line in table(&[], &rows, None).lines() {
            text += line;
            text.push('\n');
        }
        let refusals = plan.refusals.iter().map(|refusal| &refusal.finding);
        for finding in refusals.chain(&plan.notes) {
            self.tell(finding, &mut text);
        }
        let exit = match self.verb() {
            "plan" => plan.exit_of_plan(self.has("--detailed-exitcode")),
            _ => plan.exit(),
        };
        let _ = writeln!(text, "exit {exit}");
        if page.contains("-- record\n") {
            text.push_str("-- record\n");
            text.push_str(&self.new_record());
        }
        text
    }

    fn plan(&self) -> Plan {
        let goal = self.goal();
        let subjects = [self.subject()];
        let mut plan = reconcile(&subjects, goal);
        if matches!(goal, Goal::Up { .. }) {
            let listens = |address: Ipv4Addr, port, protocol| {
                let wanted = facts::port(&format!("{address}:{port}:1/{protocol}"));
                let holds = |held: &&(PortRule, Listener)| held.0.clashes(&wanted);
                self.listeners.iter().find(holds).map(|held| held.1.clone())
            };
            let view = View {
                host: &self.host,
                dialect: self.project().dialect,
                ledger: &self.ledger,
                observed: &self.observed,
                listens: &listens,
                verdict: Verdict::Act,
            };
            let me = |machine: &Machine| own_identity(self.project(), machine, OURS);
            judge(&mut plan, &subjects, &me, &view);
        }
        plan
    }

    fn tell(&self, finding: &Diagnostic, text: &mut String) {
        let head = match finding.severity {
            Severity::Error => format!("exit {}", finding.exit()),
            Severity::Warning => "note  ".to_owned(),
        };
        let place = finding.span.map(|span| self.compiled.sources.place(span));
        let place = place.map(|place| format!("  {place}")).unwrap_or_default();
        let (number, message) = (finding.rule.number, &finding.message);
        let _ = writeln!(text, "{head}  {number}  {message}{place}");
        let label = Some(&finding.label).filter(|label| !label.is_empty());
        let help = finding.help.as_ref().map(|help| format!("help: {help}"));
        let related = finding.related.iter().map(|related| {
            let place = self.compiled.sources.place(related.span);
            format!("{}  {place}", related.message)
        });
        let related: Vec<String> = related.collect();
        let lines = label.into_iter().chain(&related);
        for line in lines.chain(&finding.details).chain(&help) {
            let _ = writeln!(text, "        {line}");
        }
    }

    /// What would be remembered: free ports are given out from 20000 on.
    fn new_record(&self) -> String {
        let mut next = 19_999;
        let mut pick = |_| {
            next += 1;
            Some(next)
        };
        let me = own_identity(self.project(), self.machine(), OURS);
        let record = remember(
            self.project(),
            self.machine(),
            &me,
            self.record.as_ref(),
            &self.compiled.sources,
            &mut pick,
            jiff::Timestamp::UNIX_EPOCH,
        );
        let record = record.expect("ports are left");
        let mut text = String::new();
        for port in &record.networking.ports {
            let auto = if port.auto { "  auto" } else { "" };
            let rule = port.rule();
            let _ = writeln!(text, "port  {rule}{auto}");
        }
        if let Some(port) = record.access.port {
            let _ = writeln!(text, "ssh   {port}");
        }
        for (name, value) in &record.applied {
            let place = record.places.get(name);
            let place = place.map(|place| format!("  {place}")).unwrap_or_default();
            let _ = writeln!(text, "{name}={value}{place}");
        }
        text
    }

    fn subject(&self) -> Subject<'_> {
        let machine = self.machine();
        let id = self
            .record
            .as_ref()
            .map_or(machine.id.as_str(), |record| &record.id);
        Subject {
            name: &machine.name,
            named: true,
            meant: Some(machine),
            record: self.record.as_ref(),
            damaged: false,
            found: found_as(&self.observed, id, machine.kind.value),
            former: self.former.as_ref().map(|(identity, state)| Former {
                identity,
                state: *state,
            }),
        }
    }

    fn goal(&self) -> Goal {
        let (force, ensure) = (self.has("--force"), self.has("--ensure"));
        match self.verb() {
            verb @ ("up" | "plan") => Goal::Up {
                ensure: ensure || verb == "plan",
                apply: self.has("--apply"),
                recreate: self.has("--recreate"),
                provision: !self.has("--no-provision"),
            },
            "stop" => Goal::Stop { force, ensure },
            "rm" => Goal::Remove { force, ensure },
            other => panic!("no verb: {other}"),
        }
    }

    fn has(&self, flag: &str) -> bool {
        self.goal.split(' ').any(|word| word == flag)
    }

    fn project(&self) -> &Project {
        self.compiled.project.as_ref().expect("the config is right")
    }

    fn machine(&self) -> &Machine {
        &self.project().machines[0]
    }
}

/// What an engine of the machine's kind has of it.
fn found_as<'a>(
    observed: &'a [ObservedMachine],
    id: &str,
    kind: Kind,
) -> Option<&'a ObservedMachine> {
    let ours = |seen: &&ObservedMachine| seen.name == id && seen.project == Some(OURS);
    let mut of_kind = observed.iter().filter(|seen| seen.provider.kind() == kind);
    of_kind.find(ours)
}

/// The text between a heading and the next one; empty where it is not there.
fn section<'a>(page: &'a str, name: &str) -> &'a str {
    let head = format!("-- {name}\n");
    let Some(at) = page.find(&head) else {
        return "";
    };
    let rest = &page[at + head.len()..];
    rest.split_inclusive("-- ")
        .next()
        .map_or("", |text| text.trim_end_matches("-- "))
}

fn lines<'a>(page: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let nothing = |line: &&str| !line.is_empty() && *line != "nothing";
    section(page, name).lines().filter(nothing)
}

fn compile(folder: &str, text: &str) -> Compiled {
    let file = match text.lines().any(|line| line.starts_with("INFRA_TYPE")) {
        true => ".env",
        false => "vagrantp.kdl",
    };
    compiled::compile(folder, file, text)
}

fn recorded(compiled: &Compiled, project: Uuid) -> MachineRecord {
    let meant = compiled.project.as_ref().expect("it compiled");
    let me = own_identity(meant, &meant.machines[0], project);
    let mut next = 30_000 + (project.as_u128() as u16 % 100) * 10;
    let mut pick = |_| {
        next += 1;
        Some(next)
    };
    let machine = &meant.machines[0];
    let now = jiff::Timestamp::UNIX_EPOCH;
    let mut record = remember(meant, machine, &me, None, &compiled.sources, &mut pick, now)
        .expect("ports are left");
    if let Some(ip) = record.networking.ip_address {
        let [a, b, c, _] = ip.octets();
        record.networking.networks = vec![format!("vagrantp-{a}.{b}.{c}.0")];
    }
    record
}

fn save(state: &StateFolder, record: &MachineRecord) {
    let folder = state.machine(&Identity::of(record));
    folder.save(record).expect("a state folder of our own");
}

fn stage_of(word: &str) -> Stage {
    match word {
        "reserved" => Stage::Reserved,
        "keeping" => Stage::Keeping,
        "creating" => Stage::Creating,
        "starting" => Stage::Starting,
        "running" => Stage::Running,
        "stopped" => Stage::Stopped,
        "removing" => Stage::Removing,
        other => panic!("no stage: {other}"),
    }
}
