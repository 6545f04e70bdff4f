//! One line of progress: stage, text, seconds.

use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use unicode_width::UnicodeWidthStr;

use super::plain::{fitted, shortened};

pub(super) const DIM: &str = "2";
const RED: &str = "31";

/// Where the seconds end.
const EDGE: usize = 72;

/// How a stage ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Done,
    Failed,
    Interrupted,
}

/// What is shown of a stage.
pub(super) struct Line {
    pub(super) machine: String,
    stage: String,
    text: String,
    detail: String,
    began: Instant,
    eta: Option<Duration>,
    ended: Option<(Duration, Ending)>,
}

impl Line {
    pub(super) fn new(machine: &str, stage: &str, text: &str, eta: Option<Duration>) -> Self {
        Line {
            machine: machine.into(),
            stage: stage.into(),
            text: text.into(),
            detail: String::new(),
            began: Instant::now(),
            eta,
            ended: None,
        }
    }

    pub(super) fn detail(&mut self, detail: &str) {
        self.detail = detail.into();
    }

    /// Stops its clock. The text says what came of it; an empty one leaves what is there.
    pub(super) fn end(&mut self, ending: Ending, text: &str) {
        self.ended = Some((self.began.elapsed(), ending));
        self.detail.clear();
        if !text.is_empty() {
            self.text = text.into();
        }
    }

    pub(super) fn is_active(&self) -> bool {
        self.ended.is_none()
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.ended
            .map_or_else(|| self.began.elapsed(), |(took, _)| took)
    }

    /// The line, on a terminal no wider than that nor than 72 columns.
    pub(super) fn shown(&self, width: Option<usize>, color: bool) -> String {
        let edge = width.map_or(EDGE, |width| EDGE.min(width.max(20)));
        let right = self.seconds(edge);
        let verdict = match self.ended {
            Some((_, Ending::Failed)) => "  failed",
            Some((_, Ending::Interrupted)) => "  interrupted",
            Some((_, Ending::Done)) | None => "",
        };
        let mut left = String::from("  ");
        let machine = match width {
            Some(_) => shortened(&self.machine, edge / 3),
            None => self.machine.clone(),
        };
        for word in [&machine, &self.stage] {
            if !word.is_empty() {
                let gap = 8usize.saturating_sub(word.width()).max(2);
                left += &format!("{word}{}", " ".repeat(gap));
            }
        }
        left += &self.text;
        if !self.detail.is_empty() {
            left += &format!("  {}", self.detail);
        }
        let taken = verdict.width() + right.width();
        let room = width.map_or(usize::MAX, |_| edge.saturating_sub(taken + 2));
        let left = fitted(&left, room);
        let gap = " ".repeat(edge.saturating_sub(taken + left.width()).max(2));
        let (verdict, right) = (painted(verdict, RED, color), painted(&right, DIM, color));
        format!("{left}{verdict}{gap}{right}")
    }

    fn seconds(&self, edge: usize) -> String {
        let elapsed = self.elapsed();
        let left = self.eta.and_then(|eta| eta.checked_sub(elapsed));
        match left.map(|left| left.as_secs_f64().ceil() as u64) {
            Some(left) if self.is_active() && left > 0 && edge == EDGE => {
                format!("{}, ~{} left", seconds(elapsed), whole(left))
            }
            _ => seconds(elapsed),
        }
    }
}

fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0..60 => format!("{:.1} s", time.as_secs_f64()),
        more => whole(more),
    }
}

fn whole(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// The text in a style, where colours are wanted.
pub(super) fn painted(text: &str, style: &str, color: bool) -> String {
    if color && !text.is_empty() {
        format!("\x1b[{style}m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

/// The columns and rows of stderr's terminal; 80 and 24 where there is none.
pub(super) fn terminal_size() -> (usize, usize) {
    size_of(std::io::stderr())
}

/// The same of any terminal.
pub(super) fn size_of(terminal: impl AsFd) -> (usize, usize) {
    let size = rustix::termios::tcgetwinsize(terminal);
    match size.map(|size| (size.ws_col, size.ws_row)) {
        Ok((columns, rows)) if columns > 0 && rows > 0 => (columns.into(), rows.into()),
        _ => (80, 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(line: Line, took: f64, ending: Ending) -> Line {
        let ended = Some((Duration::from_secs_f64(took), ending));
        Line { ended, ..line }
    }

    #[test]
    fn lines_look_as_sketched() {
        let image = Line::new("", "image", "debian:12 ready", None);
        let shown = ended(image, 0.04, Ending::Done).shown(Some(80), false);
        assert_eq!(
            shown,
            "  image   debian:12 ready                                          0.0 s"
        );
        let create = Line::new("web", "provision", "site.yml", None);
        let shown = ended(create, 75.2, Ending::Failed).shown(Some(80), false);
        assert_eq!(
            shown,
            "  web     provision  site.yml  failed                         1 min 15 s"
        );
    }

    #[test]
    fn what_runs_shows_its_detail_and_what_is_left() {
        let eta = Some(Duration::from_secs(4000));
        let mut line = Line::new("", "provision", "site.yml", eta);
        line.detail("7/12  Install nginx");
        let shown = line.shown(Some(80), false);
        assert!(
            shown.starts_with("  provision  site.yml  7/12  Install nginx   "),
            "{shown}"
        );
        assert!(shown.ends_with(" 0.0 s, ~66 min 40 s left"), "{shown}");
        assert_eq!(shown.width(), 72);
    }

    #[test]
    fn long_text_is_cut_and_narrow_terminals_fit() {
        let text = "日本".repeat(50);
        for width in [30, 40, 60, 80, 200] {
            let line = Line::new("a-machine-with-a-name", "image", &text, None);
            let shown = ended(line, 6000.0, Ending::Failed).shown(Some(width), false);
            assert_eq!(shown.width(), width.min(72), "{shown}");
        }
        let name = "n".repeat(70);
        let line = ended(
            Line::new(&name, "image", &text, None),
            6000.0,
            Ending::Failed,
        );
        assert!(
            line.shown(Some(80), false).contains("nn  image   日"),
            "{name}"
        );
        let log = line.shown(None, false);
        assert!(log.contains(&name) && log.contains(&text), "{log}");
    }
}
