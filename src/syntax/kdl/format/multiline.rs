use super::super::characters::{breaks, is_space};

/// A string on several lines, `"""` or raw, with other blanks before its lines. None where its value would
/// change with them, or it is not on several lines.
pub(super) fn indented(text: &str, indent: &str) -> Option<String> {
    let hashes = text.len() - text.trim_start_matches('#').len();
    let quotes = ["\"\"\"", &text[..hashes]].concat();
    let body = text[hashes..]
        .strip_prefix("\"\"\"")?
        .strip_suffix(&quotes)?;
    if hashes == 0 && takes_back_blanks(body) {
        return None;
    }
    let body = body.replace("\r\n", "\n");
    let mut lines: Vec<&str> = body.split(breaks).collect();
    let (first, old) = (lines.remove(0), lines.pop()?);
    if !first.is_empty() || !old.chars().all(is_space) {
        return None;
    }
    let mut result = text[..hashes + 3].to_owned();
    for line in lines {
        result.push('\n');
        // A line of blanks is an empty line, whatever the blanks.
        if !line.chars().all(is_space) {
            result.push_str(indent);
            result.push_str(line.strip_prefix(old)?);
        }
    }
    Some(format!("{result}\n{indent}{quotes}"))
}

/// Whether a backslash stands before blanks: the lines are then not those that are seen.
fn takes_back_blanks(text: &str) -> bool {
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let escaped = if c == '\\' { chars.next() } else { None };
        if escaped.is_some_and(|c| is_space(c) || breaks(c)) {
            return true;
        }
    }
    false
}
