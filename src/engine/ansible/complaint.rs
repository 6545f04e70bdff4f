//! What Ansible complains on stderr before any task, or instead of one.

use std::path::PathBuf;

/// An `ERROR!` of Ansible's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// What is wrong, in one line.
    pub message: String,
    /// The file and line that it is about.
    pub place: Option<(PathBuf, usize)>,
    /// The column that it names.
    pub column: Option<usize>,
    /// All that it said, without warnings.
    pub lines: Vec<String>,
}

/// The first complaint, if there is one.
pub fn read(stderr: &str) -> Option<Complaint> {
    let at = begin(stderr)?;
    let rest = stderr[at..].trim_start_matches("ERROR!").trim();
    let end = rest.find("\nERROR!").unwrap_or(rest.len());
    let text = &rest[..end];
    let lines: Vec<String> = without_place(text)
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(str::to_owned)
        .collect();
    let sentence = text.split("\n\n").next().unwrap_or_default();
    let sentence = sentence.split_whitespace().collect::<Vec<_>>().join(" ");
    let (place, column) = position(text).unzip();
    Some(Complaint {
        message: yaml(text).unwrap_or(sentence),
        place,
        column,
        lines,
    })
}

/// A text without the place at its end, which is shown otherwise.
pub fn without_place(text: &str) -> &str {
    let end = text.find("The error appears to be in '");
    text[..end.unwrap_or(text.len())].trim_end()
}

/// Where `ERROR!` begins a line: a task's own words may hold it.
fn begin(stderr: &str) -> Option<usize> {
    if stderr.starts_with("ERROR!") {
        return Some(0);
    }
    stderr.find("\nERROR!").map(|at| at + 1)
}

/// What YAML's own reader says, which comes behind Ansible's trying JSON first.
fn yaml(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("Syntax Error while loading YAML.\n")?;
    let line = rest.lines().next()?.trim();
    Some(format!("the YAML cannot be read: {line}"))
}

/// The place in `The error appears to be in 'F': line L, column C`.
fn position(text: &str) -> Option<((PathBuf, usize), usize)> {
    let (_, rest) = text.split_once("The error appears to be in '")?;
    let (file, rest) = rest.split_once("': line ")?;
    let (line, rest) = rest.split_once(", column ")?;
    let column: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let place = (file.into(), line.parse().ok()?);
    Some((place, column.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_complaint_has_its_sentence_and_its_place() {
        // Recorded from ansible-core 2.14.18.
        let said = "[WARNING]: x\nERROR! couldn't resolve module/action 'aptt'. This often indicates a misspelling, missing collection, or incorrect module path.\n\nThe error appears to be in '/p/site.yml': line 4, column 7, but may\nbe elsewhere in the file depending on the exact syntax problem.\n\nThe offending line appears to be:\n\n  tasks:\n    - name: Install\n      ^ here\n";
        let found = read(said).unwrap();
        assert!(
            found
                .message
                .starts_with("couldn't resolve module/action 'aptt'")
        );
        assert_eq!(found.place, Some(("/p/site.yml".into(), 4)));
        assert_eq!(found.column, Some(7));
        let said = "ERROR! We were unable to read either as JSON nor YAML, these are the errors we got from each:\nJSON: Expecting value: line 1 column 1 (char 0)\n\nSyntax Error while loading YAML.\n  found unexpected end of stream\n\nThe error appears to be in '/p/site.yml': line 9, column 1, but may\n";
        let found = read(said).unwrap();
        assert_eq!(
            found.message,
            "the YAML cannot be read: found unexpected end of stream"
        );
        assert_eq!(read("fatal: ERROR! not at a line's begin"), None);
    }
}
