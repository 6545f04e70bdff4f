//! `run`: a task, in its machine, which is brought up where it does not run.

use super::answer::{Answer, INTERRUPTED};
use super::enter::{self, Inside};
use super::understood::{Understood, understood};
use super::whose::identity_of;
use super::{Options, Session, up};
use crate::call::Call;
use crate::diagnostic::Diagnostic;
use crate::engine::access;
use crate::engine::task::{self, Script};
use crate::model::{Machine, Project, Task};
use crate::settings::Dialect;
use crate::state::ledger::{Ledger, LedgerEntry};
use crate::state::record::Stage;
use crate::ui::{self, Voice};
use crate::value::nearest;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What `run` takes.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    /// The task; all are listed without.
    pub task: Option<String>,
    /// What its lines see as `"$@"`.
    pub args: Vec<String>,
}

/// Runs the verb: the status of the task's last line that ran.
pub fn run(session: &Session, arguments: &Arguments) -> u8 {
    let mut understood = match understood(session, "run") {
        Ok(understood) => understood,
        Err(exit) => return exit,
    };
    understood.answer.name = Some(understood.project.shown_name());
    // Warnings are `check`'s and `up`'s to tell: a task's own words are not to be searched for among them.
    understood.answer.findings.clear();
    let Some(name) = &arguments.task else {
        return list(session, understood);
    };
    match task(session, &mut understood, name, &arguments.args) {
        Ok(status) => status,
        Err(Stop::Told(exit)) => exit,
        Err(Stop::Found(finding)) => {
            understood.answer.findings.push(*finding);
            session.finish(&understood.answer)
        }
    }
}

/// Why no line of the task ran.
enum Stop {
    /// It is to be told.
    Found(Box<Diagnostic>),
    /// It was told.
    Told(u8),
}

impl From<Diagnostic> for Stop {
    fn from(finding: Diagnostic) -> Self {
        Stop::Found(Box::new(finding))
    }
}

impl From<Box<Diagnostic>> for Stop {
    fn from(finding: Box<Diagnostic>) -> Self {
        Stop::Found(finding)
    }
}

fn task(
    session: &Session,
    understood: &mut Understood,
    name: &str,
    args: &[String],
) -> Result<u8, Stop> {
    let project = &understood.project;
    let task = named(project, name)?;
    let machine = project.machine_of(task)?;
    let entry = match remembered(session, project, machine)? {
        Some(entry) if entry.record.stage == Stage::Running && session.runs(&entry.record) => entry,
        _ => {
            bring_up(session, &machine.name, &mut understood.answer)?;
            let entry = remembered(session, project, machine)?;
            let missing = || Diagnostic::error(1501).help("make it again: vagrantp up");
            entry.ok_or_else(missing)?
        }
    };
    let token = uuid::Uuid::new_v4().to_string();
    let terminal = enter::on_terminal();
    let (call, shown) = said(session, project, (task, machine), &entry, args, &token);
    let calls = [call, shown].map(|script| script.call(&entry, terminal));
    session.ui.call(&calls[1].to_string());
    let status = session.enter(&entry, &calls[0])?;
    if !ended_by_us(session, status, terminal) {
        return Ok(status);
    }
    if !terminal {
        // Only a terminal inside hands on that our side of the session is gone.
        let line = Inside::Line(task::interrupt(&token));
        session.call(&enter::call(&entry, &line, false).within(task::PATIENCE));
    }
    Ok(INTERRUPTED)
}

/// Whether an interrupt ended our side of a session. With a terminal inside, what ran there had it, and its
/// status is its own; without, ssh may die of it before we have heard it ourselves, and Podman calls it 0.
fn ended_by_us(session: &Session, status: u8, terminal: bool) -> bool {
    let heard = || session.interrupt.count() > 0;
    match status {
        255 if terminal => heard(),
        _ if terminal => false,
        129 | 130 | 143 | 255 => heard() || session.interrupt.wait(Duration::from_millis(50)),
        _ => heard(),
    }
}

fn named<'a>(project: &'a Project, name: &str) -> Result<&'a Task, Diagnostic> {
    if project.dialect == Dialect::Env {
        return Err(Diagnostic::error(2904)
            .message("Tasks need a vagrantp.kdl: a .env has none")
            .help("make one: vagrantp convert, or run a command: vagrantp ssh -- COMMAND"));
    }
    let mut tasks = project.tasks.iter();
    tasks
        .find(|task| task.name.as_str() == name)
        .ok_or_else(|| {
            let names: Vec<&str> = project
                .tasks
                .iter()
                .map(|task| task.name.as_str())
                .collect();
            let help = match (nearest(name, names.iter().copied()), &names[..]) {
                (Some(near), _) => format!("write `{near}`"),
                (None, []) => "write one into the file: task test { run \"cargo test\"; }".into(),
                (None, names) => format!("write one of: {}", names.join(", ")),
            };
            Diagnostic::error(2904)
                .message(format!("There is no task '{name}'"))
                .help(help)
        })
}

fn remembered(
    session: &Session,
    project: &Project,
    machine: &Machine,
) -> Result<Option<LedgerEntry>, Diagnostic> {
    let identity = session.identify(&project.folder)?;
    let ledger = Ledger::read(&session.state);
    let folder = session
        .state
        .machine(&identity_of(project, machine, identity.uuid, &ledger));
    let record = folder.load().map_err(|error| error.diagnostic())?;
    Ok(record.map(|record| LedgerEntry { folder, record }))
}

/// As `up --ensure MACHINE`, all of it on stderr: stdout is the task's.
fn bring_up(session: &Session, machine: &str, answer: &mut Answer) -> Result<(), Stop> {
    let ui = session.options.ui;
    let voice = match ui.voice {
        Voice::Aloud if !ui.json => Voice::Aside,
        _ => Voice::Silent,
    };
    let beside = Session::new(Options {
        ui: ui::Options {
            quiet: ui.quiet || ui.json,
            json: false,
            voice,
            ..ui
        },
        ..session.options.clone()
    });
    let beside = beside.map_err(|error| error.diagnostic())?;
    let arguments = up::Arguments {
        targets: vec![machine.to_owned()],
        ensure: true,
        ..up::Arguments::default()
    };
    let exit = up::run(&beside, &arguments);
    if exit == 0 {
        return Ok(());
    }
    if let Some(told) = beside.answered() {
        answer.told = match voice {
            Voice::Silent => 0,
            _ => told.findings.len(),
        };
        answer.findings = told.findings;
        answer.sources = told.sources;
    }
    answer.exit = Some(exit);
    Err(Stop::Told(session.finish(answer)))
}

/// A task's script, and the variables that are passed beside it.
struct Said {
    script: String,
    beside: Vec<(String, String)>,
}

impl Said {
    fn call(&self, entry: &LedgerEntry, terminal: bool) -> Call {
        let inside = Inside::Line(self.script.clone());
        enter::call_with(entry, &inside, terminal, &self.beside)
    }
}

/// What is said to the machine, and the same as it may be shown: a value that came of `env.*` may be a secret,
/// and is in no command line either.
fn said(
    session: &Session,
    project: &Project,
    (task, machine): (&Task, &Machine),
    entry: &LedgerEntry,
    args: &[String],
    token: &str,
) -> (Said, Said) {
    let folder = inside(session, project, machine);
    let lines: Vec<&str> = task.run.iter().map(|line| line.value.as_str()).collect();
    let mut plain = vec![(task::TOKEN, token)];
    let (mut beside, mut shown) = (Vec::new(), Vec::new());
    let mut passed = Vec::new();
    for variable in &machine.env {
        let span = variable.value.origin.span();
        match span.and_then(|span| machine.unexpanded.get(&span)) {
            None => plain.push((&variable.name.value, &variable.value.value)),
            Some(written) => {
                let carrier = format!("{}{}", access::CARRIER, beside.len());
                passed.push((variable.name.value.as_str(), carrier.clone()));
                beside.push((carrier.clone(), variable.value.value.clone()));
                shown.push((carrier, written.clone()));
            }
        }
    }
    let mut script = Script {
        name: task.name.as_str(),
        lines: &lines,
        args,
        folder: folder.as_deref(),
        carried: &[],
        env: &plain,
        passed: &passed,
    };
    let mut carried = Vec::new();
    for (number, (line, text)) in task.run.iter().zip(script.with_args()).enumerate() {
        let written = task.shown(line);
        if written != line.value {
            let carrier = format!("{}{}", access::CARRIER, beside.len());
            carried.push((number, carrier.clone()));
            beside.push((carrier.clone(), text));
            shown.push((carrier, written.to_owned()));
        }
    }
    script.carried = &carried;
    let script = script.line(entry.record.access.init);
    let said = |beside| Said {
        script: script.clone(),
        beside,
    };
    (said(beside), said(shown))
}

/// Where the host's working directory is in the machine, else where the project's folder is.
fn inside(session: &Session, project: &Project, machine: &Machine) -> Option<String> {
    let here = session.start();
    let below = here.starts_with(&project.folder).then_some(here.as_path());
    let places = below.into_iter().chain([project.folder.as_path()]);
    places.into_iter().find_map(|place| shared(machine, place))
}

fn shared(machine: &Machine, place: &Path) -> Option<String> {
    let holds = machine.shares.iter().filter_map(|share| {
        let host = share.host.canonicalize().ok()?;
        let rest = place.strip_prefix(&host).ok()?;
        Some((rest.to_owned(), &share.written.guest))
    });
    let (rest, guest) = holds.min_by_key(|(rest, _)| rest.components().count())?;
    let path: PathBuf = Path::new(guest).join(rest).components().collect();
    Some(path.display().to_string())
}

/// Tells what tasks there are.
fn list(session: &Session, understood: Understood) -> u8 {
    let Understood {
        mut answer,
        project,
        ..
    } = understood;
    if project.dialect == Dialect::Env
        && let Err(finding) = named(&project, "")
    {
        answer.findings.push(finding);
        return session.finish(&answer);
    }
    let tasks = &project.tasks;
    let machine = |task: &Task| project.machine_of(task).ok().map(|one| one.name.clone());
    let rows: Vec<Vec<String>> = tasks
        .iter()
        .flat_map(|task| {
            task.run.iter().enumerate().map(move |(index, line)| {
                let first = |text: String| if index == 0 { text } else { String::new() };
                vec![
                    first(task.name.to_string()),
                    first(machine(task).unwrap_or("–".into())),
                    task.shown(line).trim().replace('\n', " "),
                ]
            })
        })
        .collect();
    let documents: Vec<Value> = tasks
        .iter()
        .map(|task| {
            let lines: Vec<&str> = task.run.iter().map(|line| task.shown(line)).collect();
            json!({"name": task.name.as_str(), "machine": machine(task), "run": lines})
        })
        .collect();
    match rows.is_empty() {
        true => session.ui.out("no task"),
        false => session.ui.out_table(&["TASK", "MACHINE", "RUN"], &rows),
    }
    answer.extra.push(("tasks", documents.into()));
    session.finish(&answer)
}
