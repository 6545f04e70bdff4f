//! A task as a machine's shell runs it.

use crate::value::Init;
use std::time::Duration;

/// The variable by which the processes of one run know each other.
pub const TOKEN: &str = "VAGRANTP_RUN";

/// How long [`interrupt`] may take.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// A line of shell that interrupts what still runs of a run.
pub fn interrupt(token: &str) -> String {
    format!(
        "for p in /proc/[0-9]*; do tr '\\0' '\\n' 2>/dev/null <$p/environ | grep -qx {TOKEN}={token} && \
         kill -INT ${{p#/proc/}}; done 2>/dev/null; true"
    )
}

/// What a task's lines are run with.
#[derive(Debug, Default)]
pub struct Script<'a> {
    /// The task's name: `$0` of its lines.
    pub name: &'a str,
    /// The lines, in order.
    pub lines: &'a [&'a str],
    /// `"$@"` of each line.
    pub args: &'a [String],
    /// Where they run; the home without.
    pub folder: Option<&'a str>,
    /// Lines that come in variables, by their number and the variable's name: what may be a secret is in no
    /// command line.
    pub carried: &'a [(usize, String)],
    /// Variables to set.
    pub env: &'a [(&'a str, &'a str)],
    /// Variables whose values come in others, by these names: what may be a secret is in no command line.
    pub passed: &'a [(&'a str, String)],
}

impl Script<'_> {
    /// The one line for the machine's shell. Each line of the task has a shell of its own, and the first
    /// that fails is the last.
    ///
    /// With sshd it is begun by the user's shell as at a login, so that `PATH` is what an interactive session
    /// has; an image's own environment is complete without, and a login would reset it.
    pub fn line(&self, init: Init) -> String {
        // An interrupt ends the line; this shell lives on to pass its status.
        let mut text = String::from("trap : INT\n");
        if let Some(folder) = self.folder {
            text += &format!("cd {} || exit\n", literal(folder));
        }
        for (name, value) in self.env {
            text += &format!("export {name}={}\n", literal(value));
        }
        for (name, carrier) in self.passed {
            text += &format!("export {name}=\"${carrier}\"; unset {carrier}\n");
        }
        let words: Vec<String> = std::iter::once(self.name)
            .chain(self.args.iter().map(String::as_str))
            .map(literal)
            .collect();
        let words = words.join(" ");
        for (number, line) in self.with_args().into_iter().enumerate() {
            let carrier = self.carried.iter().find(|(at, _)| *at == number);
            let line = literal(&match carrier {
                Some((_, carrier)) => format!("eval \"${carrier}\""),
                None => line,
            });
            text += &format!("\"${{SHELL:-/bin/sh}}\" -c {line} {words} || exit\n");
        }
        match init {
            Init::Image => text,
            _ => {
                let inner = format!("exec sh -c {}", literal(&text));
                format!("exec \"$SHELL\" -l -c {}", literal(&inner))
            }
        }
    }

    /// The lines; where none says where the arguments go, they go to the end of the last.
    pub fn with_args(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.lines.iter().map(ToString::to_string).collect();
        let placed = lines.iter().any(|line| names_arguments(line));
        if let (Some(last), false, false) = (lines.last_mut(), placed, self.args.is_empty()) {
            last.truncate(last.trim_end().len());
            last.push_str(" \"$@\"");
        }
        lines
    }
}

/// Whether a line of shell has `$@`, `$*`, `$#`, or one of `$1` to `$9`, with braces or without.
fn names_arguments(line: &str) -> bool {
    line.split('$').skip(1).any(|after| {
        let (after, braces) = match after.strip_prefix('{') {
            Some(after) => (after, true),
            None => (after, false),
        };
        // `${#NAME}` is the length of a variable.
        if braces && after.starts_with('#') && !after.starts_with("#}") {
            return false;
        }
        after.starts_with(['@', '*', '#', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
    })
}

/// A word that every shell reads as it is.
fn literal(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn said(script: &Script) -> (String, i32) {
        let mut all = Vec::new();
        for init in [Init::Image, Init::Sshd] {
            let output = Command::new("sh")
                .args(["-c", &script.line(init)])
                .env("SHELL", "/bin/sh")
                .env("HOME", "/")
                .output()
                .unwrap();
            let out = String::from_utf8(output.stdout).unwrap();
            all.push((out, output.status.code().unwrap()));
        }
        assert_eq!(all[0], all[1]);
        all.remove(0)
    }

    #[test]
    fn lines_run_in_order_until_one_fails() {
        let script = Script {
            name: "t",
            lines: &["echo one", "echo two; exit 7", "echo three"],
            ..Script::default()
        };
        assert_eq!(said(&script), ("one\ntwo\n".into(), 7));
    }

    #[test]
    fn arguments_go_where_a_line_says_or_to_the_end() {
        let args = ["a b", "$x", "it's", "*", "", "\\n", "a\nb"].map(str::to_owned);
        let shown = "a b|$x|it's|*||\\n|a\nb|";
        for lines in [
            &["true", "printf '%s|'"][..],
            &["printf '%s|' \"$@\"", "true"],
            &["printf '%s|' \"${@}\""],
        ] {
            let script = Script {
                name: "t",
                lines,
                args: &args,
                ..Script::default()
            };
            assert_eq!(said(&script), (shown.into(), 0), "{lines:?}");
        }
        let script = Script {
            name: "t",
            lines: &["echo $0 $# ${2}"],
            args: &args,
            ..Script::default()
        };
        assert_eq!(said(&script), ("t 7 $x\n".into(), 0));
    }

    #[test]
    fn folder_and_variables_are_there() {
        let script = Script {
            name: "t",
            lines: &["pwd; echo \"$A\""],
            folder: Some("/usr"),
            env: &[("A", "it's $HOME")],
            ..Script::default()
        };
        assert_eq!(said(&script), ("/usr\nit's $HOME\n".into(), 0));
        let script = Script {
            folder: Some("/nowhere"),
            ..script
        };
        let (out, status) = said(&script);
        assert_eq!(out, "");
        assert_ne!(status, 0);
    }
}
