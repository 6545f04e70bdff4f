//! What a command said, and what a test expects of it.

use serde_json::Value;
use std::process::Output;

/// A command that has ended.
pub struct Said {
    /// As it was given, for a failing test's report.
    pub line: String,
    /// Its exit status; -1 where a signal ended it.
    pub status: i32,
    /// Its stdout as it came.
    pub bytes: Vec<u8>,
    /// Its stderr.
    pub err: String,
}

impl Said {
    /// Of a command's output.
    pub fn of(line: String, output: Output) -> Self {
        Said {
            line,
            status: output.status.code().unwrap_or(-1),
            bytes: output.stdout,
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Its stdout as text.
    pub fn out(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Its stdout without the last line's end.
    pub fn word(&self) -> String {
        self.out().trim().to_owned()
    }

    /// Holds it to an exit status.
    #[track_caller]
    pub fn exits(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{}", self.report());
        self
    }

    /// Holds it to words, on stdout or stderr, whatever the lines they are broken into.
    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        let all = self.flat();
        assert!(
            all.contains(&flat(words)),
            "{words:?} is not said\n{}",
            self.report()
        );
        self
    }

    /// Stdout and stderr in one line, without what frames them.
    pub fn flat(&self) -> String {
        flat(&format!("{} {}", self.out(), self.err))
    }

    /// The one document of `--json`.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("no JSON: {error}\n{}", self.report()))
    }

    /// All of it.
    pub fn report(&self) -> String {
        let out: String = self.out().chars().take(8000).collect();
        format!(
            "$ {}\nexit {}\n--- stdout\n{out}\n--- stderr\n{}",
            self.line, self.status, self.err
        )
    }
}

fn flat(text: &str) -> String {
    let plain = text.replace(['│', '·', '╰', '─', '▶', '×', '⚠'], " ");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}
