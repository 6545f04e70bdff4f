//! Progress, a task at a time.

use crate::engine::ansible::events::{Event, Kind};
use crate::engine::ansible::story::Story;
use crate::ui::Stage;

/// Shows which task is under way, and in a log which is over.
pub(super) struct Progress<'a> {
    stage: &'a Stage,
    machine: &'a str,
    under_way: Option<(String, f64)>,
    now: f64,
}

impl<'a> Progress<'a> {
    pub(super) fn new(stage: &'a Stage, machine: &'a str) -> Self {
        Progress {
            stage,
            machine,
            under_way: None,
            now: 0.0,
        }
    }

    /// Takes one event in.
    pub(super) fn take(&mut self, event: &Event, story: &Story) {
        self.now = event.t;
        let shown = match event.kind {
            Kind::Task => format!("{}  {}", story.count(), story.current),
            Kind::Handler => format!("{}  {} (handler)", story.count(), story.current),
            Kind::Play | Kind::Stats => return self.end(),
            _ => return,
        };
        self.end();
        self.stage.detail(&shown);
        self.under_way = Some((shown, event.t));
    }

    /// What was under way is over.
    pub(super) fn end(&mut self) {
        if let Some((shown, began)) = self.under_way.take() {
            // Below the lines of its machine, a step in.
            let machine = match self.machine {
                "" => String::new(),
                machine => format!("{machine:6}  "),
            };
            let took = (self.now - began).max(0.0);
            let shown = shown.replace(['\n', '\t'], " ");
            self.stage
                .part(&format!("  {machine}  {shown}  {took:.1} s"));
        }
    }
}
