//! Lines of a script for debugfs(8).
//!
//! Its words end at blanks; within double quotes they do not, and two of them there are one. A line ends at a
//! newline and at its reader's 8192nd byte, in quotes too: what has no place in one line is refused.

use std::fmt::Write;

/// The longest line that debugfs surely reads as one.
const LONGEST: usize = 8000;

/// A script.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    text: String,
}

/// A word that no line can carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit(pub String);

impl Script {
    /// Adds a line: a command's name and its words.
    ///
    /// # Errors
    /// When a word has a control character, or the line would be too long.
    pub fn line(&mut self, command: &str, words: &[&str]) -> Result<(), Unfit> {
        let line = line(command, words)?;
        // Writing into a String does not fail.
        let _ = writeln!(self.text, "{line}");
        Ok(())
    }

    /// Whether it has no line.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// One line, without its newline.
///
/// # Errors
/// As for [`Script::line`].
pub fn line(command: &str, words: &[&str]) -> Result<String, Unfit> {
    let mut line = command.to_owned();
    for word in words {
        if word.chars().any(char::is_control) {
            return Err(Unfit((*word).to_owned()));
        }
        line.push(' ');
        line.push_str(&quoted(word));
        if line.len() > LONGEST {
            return Err(Unfit((*word).to_owned()));
        }
    }
    Ok(line)
}

fn quoted(word: &str) -> String {
    format!("\"{}\"", word.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::{Script, line};

    #[test]
    fn words_are_quoted_and_what_would_break_a_line_is_refused() {
        assert_eq!(line("rm", &["/a \"b\" c"]).unwrap(), r#"rm "/a ""b"" c""#);
        for word in ["/a\nrm /etc", "/a\rb", "/a\0b", &"x".repeat(9000)] {
            assert!(line("rm", &[word]).is_err());
            let mut script = Script::default();
            assert!(script.line("rm", &[word]).is_err() && script.is_empty());
        }
    }
}
