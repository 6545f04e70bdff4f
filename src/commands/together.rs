//! Several machines at once: each one's step in its turn, and what came of it.

use super::Session;
use super::machines::Known;
use crate::apply::walk::{Ended, Fate, walk};
use crate::apply::{Doer, Halt, Job};
use crate::diagnostic::Diagnostic;
use crate::plan::order::Order;
use crate::state::record::Stage;
use std::sync::{Mutex, PoisonError};

/// How many machines are worked on at once, where nothing else is said: each waits more than it works.
const AT_ONCE: usize = 16;

/// What is to be done to one machine.
pub struct Errand<'a> {
    /// The machine.
    pub known: &'a Known<'a>,
    /// What is done to what it was, before it.
    pub replaces: Option<Job<'a>>,
    /// What is done; nothing where it is as it should be, or stays as it is.
    pub job: Option<Job<'a>>,
    /// Without a step: whether what needs it may begin.
    pub stands: bool,
}

impl<'a> Errand<'a> {
    /// Nothing, as long as no step says otherwise.
    pub fn none(known: &'a Known<'a>, stands: bool) -> Self {
        Errand {
            known,
            replaces: None,
            job: None,
            stands,
        }
    }

    /// What is being done: to what it was, as long as that is not begun, and to the machine, where anything is.
    pub fn acts(&self) -> Option<&Job<'a>> {
        let former = self.replaces.as_ref();
        let waits = former.filter(|former| former.record.stage != Stage::Removing);
        waits.or(self.job.as_ref()).or(former)
    }
}

/// What came of it.
#[derive(Debug)]
pub enum Came {
    /// It is done, or nothing was to be done.
    Done,
    /// It failed.
    Failed(Box<Diagnostic>),
    /// An interrupt cut it short.
    Interrupted,
    /// It was not begun: a machine of this name, which it needs, is not there.
    Waits(String),
    /// It was not begun before an interrupt came.
    Left,
}

/// Runs all errands, each when its turn is. Where the order is only a courtesy, as on the way down, a
/// failure keeps nothing from its turn.
pub fn run<'a>(
    session: &Session,
    doer: &Doer,
    errands: Vec<Errand<'a>>,
    order: &Order,
    is_courtesy: bool,
) -> Vec<(Errand<'a>, Came)> {
    let is_waited_for: Vec<bool> = {
        let back = order.reversed();
        let acts = |place: &usize| errands[*place].acts().is_some();
        (0..errands.len())
            .map(|place| !is_courtesy && back.needs(place).iter().any(acts))
            .collect()
    };
    let shows = errands
        .iter()
        .zip(&is_waited_for)
        .filter(|(errand, waited)| {
            let waits = || errand.known.meant.is_some_and(|it| it.ready.is_some());
            errand.acts().is_some() || (**waited && waits())
        });
    let names: Vec<&str> = shows
        .map(|(errand, _)| errand.known.name.as_str())
        .collect();
    let width = names.iter().map(|name| name.chars().count()).max();
    let width = width.filter(|_| names.len() > 1);
    let at_most = session.options.parallel.unwrap_or(AT_ONCE);
    let jobs = errands.iter().enumerate();
    let jobs = jobs.filter_map(|(place, errand)| Some((errand.job.as_ref()?, order.rank(place))));
    // Who waits for others takes a turn: where there are too few, each is provisioned by itself.
    if jobs.clone().count() <= at_most {
        doer.expect(jobs);
    }
    let needing = order.reversed();
    let names_of: Vec<&str> = errands.iter().map(|errand| &*errand.known.name).collect();
    let slots: Vec<Mutex<(Errand, Came)>> = errands
        .into_iter()
        .map(|errand| Mutex::new((errand, Came::Left)))
        .collect();
    let work = |place: usize| {
        let mut slot = slots[place].lock().unwrap_or_else(PoisonError::into_inner);
        let (errand, came) = &mut *slot;
        let label = width.map(|width| format!("{:width$}", errand.known.name));
        let doer = doer.labelled(&label.unwrap_or_default());
        let (result, ended);
        (result, ended) = match once(&doer, errand, is_waited_for[place]) {
            Ok(true) => (Came::Done, Ended::Done),
            // It stays as it is, which was told already; what needs it cannot begin.
            Ok(false) => (Came::Done, Ended::Failed),
            Err(Halt::Failed(finding)) => (Came::Failed(finding), Ended::Failed),
            Err(Halt::Interrupted) => (Came::Interrupted, Ended::Interrupted),
        };
        *came = result;
        // Whoever would have been provisioned with it goes on.
        doer.shared.leave(&errand.known.name);
        if ended != Ended::Done {
            for other in needing.with_needs(&[place]) {
                doer.shared.leave(names_of[other]);
            }
        }
        ended
    };
    let is_over = || session.interrupt.count() > 0;
    let fates = walk(order, at_most, is_courtesy, &is_over, &work);
    let mut done: Vec<(Errand, Came)> = slots
        .into_iter()
        .map(|slot| slot.into_inner().unwrap_or_else(PoisonError::into_inner))
        .collect();
    for (place, fate) in fates.into_iter().enumerate() {
        if let Fate::Waits(other) = fate {
            let name = done[other].0.known.name.clone();
            done[place].1 = match done[place].0.acts() {
                Some(_) => Came::Waits(name),
                None => Came::Done,
            };
        } else if fate == Fate::Left && done[place].0.acts().is_none() {
            done[place].1 = Came::Done;
        }
    }
    done
}

/// Does one; whether what needs it may begin.
fn once(doer: &Doer, errand: &mut Errand, is_waited_for: bool) -> Result<bool, Halt> {
    if let Some(former) = &mut errand.replaces {
        // What it is made from is here before what it was goes: it may be had from nowhere.
        if let Some(job) = &mut errand.job {
            doer.fetch(job)?;
        }
        doer.step(former)?;
    }
    if let Some(job) = &mut errand.job {
        doer.step(job)?;
        return Ok(true);
    }
    if errand.stands
        && is_waited_for
        && let (Some(machine), Some(record)) = (errand.known.meant, &errand.known.record)
        && let Some(made) = doer.made(&errand.known.identity, record)
    {
        doer.is_still_ready(machine, &made)?;
    }
    Ok(errand.stands)
}

/// The order of machines, as written, else as remembered.
pub fn order_of(all: &[Known]) -> Order {
    let tied: Vec<(&str, Vec<&str>)> = all.iter().map(Known::tied).collect();
    Order::of(&tied)
}

/// Failures of several machines, each cause once, with the machines that it is about.
pub fn gathered(failures: Vec<(String, Diagnostic)>) -> Vec<Diagnostic> {
    let mut groups: Vec<(Vec<String>, Diagnostic)> = Vec::new();
    for (name, finding) in failures {
        let same = |(_, other): &&mut (Vec<String>, Diagnostic)| {
            let is = |finding: &Diagnostic| {
                let message = finding.message.clone();
                (
                    finding.rule.number,
                    finding.span,
                    message,
                    finding.details.clone(),
                )
            };
            is(other) == is(&finding)
        };
        match groups.iter_mut().find(same) {
            Some((names, _)) => names.push(name),
            None => groups.push((vec![name], finding)),
        }
    }
    let told = |(names, mut finding): (Vec<String>, Diagnostic)| {
        let line = match &names[..] {
            [name] if finding.message.contains(&format!("{name}'")) => return finding,
            [name] => format!("machine: {name}"),
            names => format!("machines: {}", names.join(", ")),
        };
        finding.details.insert(0, line);
        finding
    };
    groups.into_iter().map(told).collect()
}
