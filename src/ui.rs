//! The only module that prints: results to stdout, all else to stderr.

mod line;
mod plain;
mod progress;
mod table;

pub use plain::plain;
pub use progress::Stage;
pub use table::table;

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use progress::Board;

/// What the user wants to see.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// No progress.
    pub quiet: bool,
    /// Each engine command, as a line to paste.
    pub verbose: bool,
    /// One document on stdout, and no progress.
    pub json: bool,
    /// Whether to colour.
    pub color: ColorChoice,
    /// Where results go.
    pub voice: Voice,
}

/// Where results and complaints go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Voice {
    /// Results to stdout, all else to stderr.
    #[default]
    Aloud,
    /// All to stderr: stdout is somebody else's.
    Aside,
    /// Nowhere: a program asks, and gets them as values. Progress is shown or not as ever.
    Silent,
}

/// When to colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ColorChoice {
    /// On a terminal that can, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What is printed through; shared by reference among threads.
///
/// Text is made plain on its way, but for the `styled` pair, which takes what already is.
pub struct Ui {
    options: Options,
    color: bool,
    color_out: bool,
    board: Board,
}

impl Ui {
    /// Looks at the terminal once.
    pub fn new(options: Options) -> Self {
        let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let color = |is_terminal: bool| match options.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => is_terminal && !is_dumb && !no_color,
        };
        let is_live = io::stderr().is_terminal() && !is_dumb;
        let color_err = color(io::stderr().is_terminal());
        Ui {
            options,
            color: color_err,
            color_out: color(io::stdout().is_terminal()),
            board: Board::new(Box::new(io::stderr()), is_live, color_err),
        }
    }

    /// Prints rows under a header as a part of the result, no wider than the terminal that they go to.
    pub fn out_table(&self, header: &[&str], rows: &[Vec<String>]) {
        self.out(&table(header, rows, self.columns()));
    }

    /// Prints a sentence of the result; on a terminal in lines that break between words.
    pub fn out_sentence(&self, text: &str) {
        match self.columns() {
            Some(columns) => self.out(&table::wrapped(&plain(text), columns).join("\n")),
            None => self.out(text),
        }
    }

    /// Prints a line of the result to stdout; under `--json` nothing, the document says it.
    pub fn out(&self, text: &str) {
        self.out_styled(&plain(text));
    }

    /// As [`Ui::out`], for text that is safe already and may hold colours.
    pub fn out_styled(&self, text: &str) {
        if self.options.json {
            return;
        }
        match self.options.voice {
            Voice::Aloud => {
                self.board.settle();
                to_stdout(text);
            }
            Voice::Aside => self.board.print(text),
            Voice::Silent => {}
        }
    }

    /// Prints a text for another program to stdout as it is; on a terminal it is made plain.
    pub fn text(&self, text: &str) {
        if self.options.json || text.is_empty() {
            return;
        }
        self.board.settle();
        let text = text.strip_suffix('\n').unwrap_or(text);
        if io::stdout().is_terminal() {
            to_stdout(&plain(text));
        } else {
            to_stdout(text);
        }
    }

    /// Prints a line to stderr, above what is in progress.
    pub fn err(&self, text: &str) {
        self.err_styled(&plain(text));
    }

    /// Prints a sentence to stderr; on a terminal in lines that break between words.
    pub fn err_sentence(&self, text: &str) {
        match io::stderr().is_terminal() {
            true => self.err(&table::wrapped(&plain(text), self.width()).join("\n")),
            false => self.err(text),
        }
    }

    /// As [`Ui::err`], for text that is safe already and may hold colours.
    pub fn err_styled(&self, text: &str) {
        if self.options.voice != Voice::Silent {
            self.board.print(text);
        }
    }

    /// Puts a question to the terminal, without a line break.
    pub fn ask(&self, question: &str) {
        self.board.settle();
        let mut stderr = io::stderr();
        let _ = write!(stderr, "{}", plain(question)).and_then(|()| stderr.flush());
    }

    /// Prints the one document of `--json` to stdout.
    pub fn document(&self, document: &serde_json::Value) {
        if self.options.voice != Voice::Aloud {
            return;
        }
        // A value has string keys only, so it always has a text.
        let text = serde_json::to_string_pretty(document).unwrap_or_default();
        self.board.settle();
        to_stdout(&plain::escaped(&text));
    }

    /// Under `-v`, shows an engine's command.
    pub fn call(&self, line: &str) {
        if self.options.verbose {
            let line = format!("$ {}", plain(line));
            self.err_styled(&line::painted(&line, line::DIM, self.color));
        }
    }

    /// Prints the first line: what is worked on.
    pub fn headline(&self, text: &str) {
        if self.shows_progress() {
            let text = plain(text);
            match io::stderr().is_terminal() {
                true => self.board.print(&plain::shortened(&text, self.width())),
                false => self.board.print(&text),
            }
        }
    }

    /// Shows a stage in progress until its handle says how it went.
    ///
    /// Without a machine's name each stage leaves its line, as when one machine comes up; with
    /// one, a terminal shows one line a machine, which its stages share. `eta` is how long the
    /// whole stage took in the past.
    pub fn stage(&self, machine: &str, stage: &str, text: &str, eta: Option<Duration>) -> Stage {
        let line = line::Line::new(machine, stage, text, eta);
        self.board.begin(line, self.shows_progress())
    }

    /// Leaves what is in progress where it stands, before another program has the terminal.
    pub fn settle(&self) {
        self.board.settle();
    }

    /// Whether stderr is coloured.
    pub fn color(&self) -> bool {
        self.color
    }

    /// Whether stdout is coloured.
    pub fn color_out(&self) -> bool {
        self.color_out
    }

    /// The columns of the terminal that results go to, where they go to one.
    pub fn columns(&self) -> Option<usize> {
        let is_terminal = match self.options.voice {
            Voice::Aloud => io::stdout().is_terminal(),
            Voice::Aside => io::stderr().is_terminal(),
            Voice::Silent => false,
        };
        let size = || match self.options.voice {
            Voice::Aloud => line::size_of(io::stdout()),
            _ => line::size_of(io::stderr()),
        };
        is_terminal.then(|| size().0)
    }

    /// The columns of the terminal, 80 where there is none.
    pub fn width(&self) -> usize {
        line::terminal_size().0
    }

    /// Whether somebody is there to be asked.
    pub fn is_terminal(&self) -> bool {
        let asks = !self.options.json && self.options.voice != Voice::Silent;
        asks && io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    fn shows_progress(&self) -> bool {
        !self.options.quiet && !self.options.json
    }
}

fn to_stdout(text: &str) {
    let mut stdout = io::stdout().lock();
    let written = writeln!(stdout, "{text}").and_then(|()| stdout.flush());
    match written {
        Ok(()) => {}
        // Whoever read it has enough, as with `| head`: the status a SIGPIPE would give.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(141),
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: stdout cannot be written: {error}");
            std::process::exit(1)
        }
    }
}
