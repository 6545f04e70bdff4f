//! What is in progress: live lines on a terminal, a line a finished stage elsewhere.

use std::io::Write;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::line::{Ending, Line, terminal_size};

/// How often a live line's seconds move.
const TICK: Duration = Duration::from_millis(100);
/// When a log without live lines hears that a stage still runs.
const LONG: Duration = Duration::from_secs(10);

/// All lines in progress, and the only way to stderr.
#[derive(Clone)]
pub(super) struct Board(Arc<Shared>);

struct Shared {
    is_live: bool,
    color: bool,
    state: Mutex<State>,
    /// Rung when a stage ends, so that the thread that moves the seconds may end too.
    changed: Condvar,
}

struct State {
    stderr: Box<dyn Write + Send>,
    rows: Vec<Row>,
    /// How many lines above the cursor are live ones.
    drawn: usize,
    next: u64,
    is_ticking: bool,
}

struct Row {
    id: u64,
    line: Line,
    is_told: bool,
}

impl Board {
    pub(super) fn new(stderr: Box<dyn Write + Send>, is_live: bool, color: bool) -> Self {
        let state = State {
            stderr,
            rows: Vec::new(),
            drawn: 0,
            next: 0,
            is_ticking: false,
        };
        Board(Arc::new(Shared {
            is_live,
            color,
            state: Mutex::new(state),
            changed: Condvar::new(),
        }))
    }

    /// Prints a line above what is in progress.
    pub(super) fn print(&self, text: &str) {
        let mut state = self.lock();
        if !state.is_active() {
            self.leave(&mut state);
        }
        self.draw(&mut state, &format!("{text}\n"));
    }

    /// Leaves the live lines where they stand; they are not drawn again but by their stages.
    pub(super) fn settle(&self) {
        let mut state = self.lock();
        self.draw(&mut state, "");
        self.leave(&mut state);
    }

    pub(super) fn begin(&self, line: Line, is_shown: bool) -> Stage {
        if !is_shown {
            return Stage::new(None);
        }
        let mut state = self.lock();
        let id = state.next;
        state.next += 1;
        let machine = &line.machine;
        let is_successor = |row: &Row| !machine.is_empty() && row.line.machine == *machine;
        let before = state.rows.iter().position(is_successor);
        let row = Row {
            id,
            line,
            is_told: false,
        };
        match before.filter(|_| self.0.is_live) {
            Some(place) => state.rows[place] = row,
            None => state.rows.push(row),
        }
        self.draw(&mut state, "");
        if !state.is_ticking {
            state.is_ticking = true;
            let board = self.clone();
            std::thread::spawn(move || board.tick());
        }
        Stage::new(Some((self.clone(), id)))
    }

    fn end(&self, id: u64, ending: Ending, text: &str) {
        let mut state = self.lock();
        let Some(place) = state.rows.iter().position(|row| row.id == id) else {
            return;
        };
        state.rows[place].line.end(ending, text);
        let is_shared = !state.rows[place].line.machine.is_empty();
        if self.0.is_live && is_shared {
            self.draw(&mut state, "");
        } else {
            let row = state.rows.remove(place);
            let shown = row.line.shown(self.width(), self.0.color);
            self.draw(&mut state, &format!("{shown}\n"));
        }
        self.0.changed.notify_one();
    }

    fn take_back(&self, id: u64) {
        let mut state = self.lock();
        state.rows.retain(|row| row.id != id);
        self.draw(&mut state, "");
        self.0.changed.notify_one();
    }

    fn detail(&self, id: u64, detail: &str) {
        // Only noted: builds write thousands of lines, and the next tick shows the last.
        let mut state = self.lock();
        if let Some(row) = state.rows.iter_mut().find(|row| row.id == id) {
            row.line.detail(detail);
        }
    }

    /// Keeps the lines moving while any stage runs.
    fn tick(&self) {
        let mut state = self.lock();
        while state.is_active() {
            let waited = self.0.changed.wait_timeout(state, TICK);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            if self.0.is_live {
                self.draw(&mut state, "");
            } else {
                self.tell_long(&mut state);
            }
        }
        state.is_ticking = false;
    }

    fn tell_long(&self, state: &mut State) {
        let mut told = String::new();
        for row in &mut state.rows {
            if !row.is_told && row.line.elapsed() >= LONG {
                row.is_told = true;
                told += &format!("{} …\n", row.line.shown(self.width(), self.0.color));
            }
        }
        self.draw(state, &told);
    }

    /// Writes text above the live lines, and those anew, in one go.
    fn draw(&self, state: &mut State, above: &str) {
        let (width, height) = (self.width(), terminal_size().1);
        let mut page = String::new();
        // Line by line, as clearing from the top of a small screen fills its history with copies;
        // only what is printed above may wrap, and needs all of it cleared.
        let is_moving = state.drawn > 0;
        if is_moving {
            page += &format!("\x1b[{}A\r", state.drawn);
        }
        if is_moving && !above.is_empty() {
            page += "\x1b[J";
        }
        let clear = if is_moving { "\x1b[2K" } else { "" };
        page += above;
        state.drawn = 0;
        if self.0.is_live {
            // What scrolled off cannot be drawn over: what has ended makes room first.
            let fits = height.saturating_sub(1).max(1);
            while state.rows.len() > fits
                && let Some(place) = state.rows.iter().position(|row| !row.line.is_active())
            {
                let row = state.rows.remove(place);
                page += &format!("{clear}{}\n", row.line.shown(width, self.0.color));
            }
            for row in state.rows.iter().take(fits) {
                page += &format!("{clear}{}\n", row.line.shown(width, self.0.color));
                state.drawn += 1;
            }
        }
        if is_moving {
            page += "\x1b[J";
        }
        // Nobody reading the progress is no reason to stop half-way.
        let _ = state.stderr.write_all(page.as_bytes());
        let _ = state.stderr.flush();
    }

    fn leave(&self, state: &mut State) {
        if self.0.is_live {
            state.drawn = 0;
            state.rows.retain(|row| row.line.is_active());
        }
    }

    /// The columns to keep within; a log has none.
    fn width(&self) -> Option<usize> {
        self.0.is_live.then(|| terminal_size().0)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_active(&self) -> bool {
        self.rows.iter().any(|row| row.line.is_active())
    }
}

/// A stage in progress. Dropped without a word it counts as failed.
pub struct Stage {
    /// Where it is shown, until it has ended.
    at: Option<(Board, u64)>,
    is_interrupted: Box<dyn Fn() -> bool + Send + Sync>,
}

impl Stage {
    fn new(at: Option<(Board, u64)>) -> Self {
        Stage {
            at,
            is_interrupted: Box::new(|| false),
        }
    }

    /// Dropped without a word it counts as interrupted where the user was at it.
    pub fn or_interrupted(
        mut self,
        is_interrupted: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Self {
        self.is_interrupted = Box::new(is_interrupted);
        self
    }

    /// Shows what it is at.
    pub fn detail(&self, detail: &str) {
        if let Some((board, id)) = &self.at {
            board.detail(*id, detail);
        }
    }

    /// One part of it is over: a log without live lines has a line of it.
    pub fn part(&self, text: &str) {
        if let Some((board, _)) = &self.at
            && !board.0.is_live
        {
            board.print(&super::plain(text));
        }
    }

    /// It went well, and what came of it; an empty text leaves the one it began with.
    pub fn done(mut self, text: &str) {
        if let Some((board, id)) = self.at.take() {
            board.end(id, Ending::Done, text);
        }
    }

    /// It was not needed after all, or comes again later: nothing is left of it.
    pub fn withdraw(mut self) {
        if let Some((board, id)) = self.at.take() {
            board.take_back(id);
        }
    }

    /// It failed; the report follows elsewhere.
    pub fn failed(self) {
        drop(self);
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Some((board, id)) = self.at.take() {
            let ending = match (self.is_interrupted)() {
                true => Ending::Interrupted,
                false => Ending::Failed,
            };
            board.end(id, ending, "");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn board(is_live: bool) -> (Board, impl Fn() -> String) {
        let paper = Paper::default();
        let written = paper.clone();
        let board = Board::new(Box::new(paper), is_live, false);
        (board, move || {
            String::from_utf8(written.0.lock().unwrap().clone()).unwrap()
        })
    }

    fn line(machine: &str, stage: &str, text: &str) -> Line {
        Line::new(machine, stage, text, None)
    }

    #[test]
    fn a_log_has_each_line_once_and_no_escapes() {
        let (board, written) = board(false);
        let image = board.begin(line("", "image", "debian:12"), true);
        image.detail("Copying blob");
        board.print("note");
        image.done("debian:12 ready");
        board
            .begin(line("", "create", "container\x1b[2J"), true)
            .failed();
        drop(board.begin(line("", "hidden", "quiet"), false));
        assert_eq!(
            written(),
            "note\n\
             \x20 image   debian:12 ready                                          0.0 s\n\
             \x20 create  container␛[2J  failed                                    0.0 s\n"
        );
    }

    #[test]
    fn a_terminal_ends_with_a_line_a_machine() {
        let (board, written) = board(true);
        let web = board.begin(line("web", "image", "debian:12"), true);
        let db = board.begin(line("db", "box", "std/debian"), true);
        board.print("note");
        web.done("ready");
        board
            .begin(line("web", "create", "container"), true)
            .done("made");
        db.failed();
        board.settle();
        board.print("last");
        let text = written();
        let page = text.rsplit('\r').next().unwrap();
        let page = page.replace("\x1b[2K", "").replace("\x1b[J", "");
        assert_eq!(
            page,
            "  web     create  made                                             0.0 s\n\
             \x20 db      box     std/debian  failed                               0.0 s\n\
             last\n"
        );
        assert_eq!(text.matches("note\n").count(), 1);
    }

    #[test]
    fn its_thread_ends_with_the_last_stage() {
        let (board, _) = board(false);
        board.begin(line("", "image", "x"), true).done("");
        for _ in 0..100 {
            if !board.lock().is_ticking {
                return;
            }
            let state = board.lock();
            let _ = board.0.changed.wait_timeout(state, TICK);
        }
        panic!("it ticks on");
    }
}
