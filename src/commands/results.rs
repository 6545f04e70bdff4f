//! What came of a verb for each of several machines: a table, and rows of the document.

use super::machines::Known;
use super::status::{place, published};
use super::together::Came;
use crate::plan::Action;
use crate::state::record::{MachineRecord, Stage};
use crate::ui::Ui;
use serde_json::{Value, json};

const NOT_READY: u16 = 1202;
const CUT: &str = "interrupted";
const LEFT: &str = "not begun";

/// What came of it for one machine.
pub struct Row {
    /// Its name.
    pub machine: String,
    /// In a word or two.
    pub result: &'static str,
    /// Where it is now, and what it publishes.
    pub at: Option<(String, String)>,
    /// Why, where that is not plain.
    pub why: String,
    waits_for: Option<String>,
}

impl Row {
    /// Of a machine with what was to be done to it, and the record that it has now.
    pub fn of(
        known: &Known,
        action: Option<&Action>,
        came: &Came,
        record: Option<&MachineRecord>,
        differs: bool,
    ) -> Self {
        let runs = || record.filter(|record| record.stage == Stage::Running);
        let (result, why, at) = match (came, action) {
            (Came::Done, Some(action)) => (done(action), String::new(), runs()),
            (Came::Done, None) => (stays(known), String::new(), runs()),
            (Came::Failed(finding), _) => {
                let why = format!("{} {}", finding.rule.number, finding.rule.title);
                // One that is only not ready may be entered.
                let entered = record.filter(|_| finding.rule.number == NOT_READY);
                ("failed", why, entered)
            }
            (Came::Interrupted, Some(action)) => (CUT, left(action).into(), None),
            (Came::Interrupted, None) => (CUT, "running, and may not be ready".into(), None),
            (Came::Waits(name), _) => ("not started", format!("waits for {name}"), None),
            (Came::Left, _) => (LEFT, String::new(), None),
        };
        let waits_for = match came {
            Came::Waits(name) => Some(name.clone()),
            _ => None,
        };
        let ports = |record: &MachineRecord| {
            let all: Vec<String> = record.networking.ports.iter().map(published).collect();
            all.join(" ")
        };
        Row {
            machine: known.name.clone(),
            result,
            at: at.map(|record| (place(record), ports(record))),
            why: match differs {
                true => "runs otherwise than written".into(),
                false => why,
            },
            waits_for,
        }
    }

    /// Of a machine to which nothing was to be done.
    pub fn stays(known: &Known) -> Self {
        let record = known.record.as_ref();
        Row::of(known, None, &Came::Done, record, false)
    }

    /// As a row of the document.
    pub fn document(&self) -> Value {
        json!({
            "machine": self.machine,
            "result": self.result,
            "detail": Some(&self.why).filter(|why| !why.is_empty()),
            "waits_for": self.waits_for,
        })
    }
}

/// What a step leaves behind that was cut short.
pub fn left(action: &Action) -> &'static str {
    match action {
        Action::Provision => "running, and half provisioned",
        Action::Start | Action::Set(_) | Action::Finish => "running, and may not be ready",
        Action::Stop { .. } => "still stopping",
        Action::Remove { .. } | Action::Forget => "half removed",
        Action::Replace => "not yet replaced",
        _ => "half made",
    }
}

fn done(action: &Action) -> &'static str {
    match action {
        Action::Create | Action::Resume => "created",
        Action::Finish => "finished",
        Action::Start => "started",
        Action::Set(_) => "changed",
        Action::Recreate { .. } => "made anew",
        Action::Provision => "provisioned",
        Action::Replace => "replaced",
        Action::Stop { .. } => "stopped",
        Action::Remove { .. } => "removed",
        Action::Forget => "forgotten",
    }
}

fn stays(known: &Known) -> &'static str {
    use crate::plan::situation::State;
    match known.situation().state {
        State::Running => "running",
        State::Stopped => "stopped",
        State::NotCreated => "not created",
        State::Creating => "creating",
        State::Removing => "removing",
    }
}

/// Shows the table of all rows.
pub fn show(rows: &[Row], ui: &Ui) {
    let is_placed = rows.iter().any(|row| row.at.is_some());
    let blank = |text: Option<String>| text.filter(|text| !text.is_empty()).unwrap_or("–".into());
    let cells = |row: &Row| {
        let (place, ports) = row.at.clone().unzip();
        let mut cells = vec![row.machine.clone(), row.result.to_owned()];
        if is_placed {
            cells.extend([blank(place), blank(ports)]);
        }
        cells.push(row.why.clone());
        cells
    };
    let rows: Vec<Vec<String>> = rows.iter().map(cells).collect();
    let header: &[&str] = match is_placed {
        true => &["MACHINE", "RESULT", "WHERE", "PORTS", "NOTES"],
        false => &["MACHINE", "RESULT", "NOTES"],
    };
    ui.out_table(header, &rows);
}

/// The last line of what an interrupt cut short: what is left of each machine, and how to go on.
pub fn interrupted(rows: &[Row], go_on: &str) -> String {
    let cut = rows.iter().filter(|row| row.result == CUT);
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for row in cut {
        match groups.iter_mut().find(|(state, _)| *state == row.why) {
            Some((_, names)) => names.push(&row.machine),
            None => groups.push((&row.why, vec![&row.machine])),
        }
    }
    let told = |(state, names): (&str, Vec<&str>)| match names[..] {
        [name] => format!("{name} is {state}"),
        _ => format!("{} are {state}", names.join(", ")),
    };
    let mut parts: Vec<String> = groups.into_iter().map(told).collect();
    let left = rows.iter().filter(|row| row.result == LEFT);
    let left: Vec<&str> = left.map(|row| row.machine.as_str()).collect();
    if !left.is_empty() {
        parts.push(format!("not begun: {}", left.join(", ")));
    }
    format!("interrupted: {}; {go_on}", parts.join("; "))
}
