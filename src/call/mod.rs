//! What is to be run, as data, and what came of it.

pub mod run;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Whether a command changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Only looks: an interrupt ends it.
    Read,
    /// Changes something: it runs in a session of its own, with its output in files, and an
    /// interrupt lets it finish (a signalled Podman leaks networks).
    Change,
    /// Changes something as well, and stops in order at INT, as Ansible and Vagrant with
    /// VirtualBox do: an interrupt hands it on.
    Stoppable,
}

/// A command to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Looked up on `PATH`.
    pub program: String,
    /// Each passed as it is; no shell is between.
    pub args: Vec<String>,
    /// Variables set for it.
    pub env: Vec<(String, String)>,
    /// Variables of ours that it does not see.
    pub without: Vec<String>,
    /// What it reads; nothing where `None`.
    pub stdin: Option<Vec<u8>>,
    /// Where it runs.
    pub cwd: Option<PathBuf>,
    /// Whether it changes anything.
    pub effect: Effect,
    /// How long it may take.
    pub deadline: Duration,
}

impl Call {
    /// A command that only looks, with a deadline of 30 s.
    pub fn read(program: &str) -> Self {
        Call {
            program: program.into(),
            args: Vec::new(),
            env: Vec::new(),
            without: Vec::new(),
            stdin: None,
            cwd: None,
            effect: Effect::Read,
            deadline: Duration::from_secs(30),
        }
    }

    /// A command that changes something, with a deadline of 120 s.
    pub fn change(program: &str) -> Self {
        Call {
            effect: Effect::Change,
            deadline: Duration::from_secs(120),
            ..Self::read(program)
        }
    }

    /// Adds an argument.
    pub fn arg(mut self, arg: impl ToString) -> Self {
        self.args.push(arg.to_string());
        self
    }

    /// Adds arguments.
    pub fn args<T: ToString>(mut self, args: impl IntoIterator<Item = T>) -> Self {
        self.args
            .extend(args.into_iter().map(|arg| arg.to_string()));
        self
    }

    /// Sets a variable.
    pub fn env(mut self, name: &str, value: impl ToString) -> Self {
        self.env.push((name.into(), value.to_string()));
        self
    }

    /// Sets what it reads.
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(bytes.into());
        self
    }

    /// Sets how long it may take.
    pub fn within(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }
}

impl fmt::Display for Call {
    /// A line to paste into a POSIX shell. What goes to stdin is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.env {
            write!(f, "{name}={} ", quoted(value))?;
        }
        f.write_str(&quoted(&self.program))?;
        for arg in &self.args {
            write!(f, " {}", quoted(arg))?;
        }
        Ok(())
    }
}

/// A word for a POSIX shell; control characters as `$'\x1b'`.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else if word.chars().any(char::is_control) {
        let escaped: String = word.chars().map(escape).collect();
        format!("$'{escaped}'")
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn escape(c: char) -> String {
    match c {
        '\'' | '\\' => format!("\\{c}"),
        c if c.is_control() => {
            let mut buffer = [0; 4];
            let bytes = c.encode_utf8(&mut buffer).bytes();
            bytes.map(|byte| format!("\\x{byte:02x}")).collect()
        }
        c => c.to_string(),
    }
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// With this status.
    Exit(i32),
    /// By this signal.
    Signal(i32),
    /// It was still running at its deadline, and was ended.
    Deadline(Duration),
    /// An interrupt of the user's ended it.
    Interrupted,
    /// It could not be started.
    NotStarted(String),
}

/// What came of a call.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The call as a line to paste.
    pub line: String,
    /// How it ended.
    pub end: End,
    /// What it printed, lossily decoded.
    pub stdout: String,
    /// What it complained, lossily decoded.
    pub stderr: String,
    /// How long it took.
    pub took: Duration,
}

impl Outcome {
    /// Whether it exited with 0.
    pub fn ok(&self) -> bool {
        self.end == End::Exit(0)
    }

    /// The last lines of what it complained, or printed where it complained nothing.
    pub fn tail(&self, lines: usize) -> Vec<String> {
        let text = if self.stderr.trim().is_empty() {
            &self.stdout
        } else {
            &self.stderr
        };
        let all: Vec<&str> = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        let from = all.len().saturating_sub(lines);
        all[from..].iter().map(ToString::to_string).collect()
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Exit(status) => write!(f, "exit status {status}"),
            End::Signal(signal) => write!(f, "ended by signal {signal}"),
            End::Deadline(after) => write!(f, "no end after {} s", after.as_secs()),
            End::Interrupted => f.write_str("interrupted"),
            End::NotStarted(why) => write!(f, "not started: {why}"),
        }
    }
}
