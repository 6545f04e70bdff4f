use super::plain::columns;

/// The least room: in less, words stand out of the page.
const LEAST: usize = 20;

/// Breaks a text at spaces into lines that fit, the first in `first` columns and the others in
/// `rest`. A word is never broken, nor a `code` between backticks that fits on a line.
pub(super) fn wrap(text: &str, first: usize, rest: usize) -> Vec<String> {
    let cells = |text: &str| text.chars().map(columns).sum::<usize>();
    let mut room = first.max(LEAST);
    let mut lines = vec![String::new()];
    let mut taken = 0;
    for piece in pieces(text, rest.max(LEAST)) {
        if taken > 0 && taken + cells(piece.trim_end()) > room {
            room = rest.max(LEAST);
            lines.push(String::new());
            taken = 0;
        }
        taken += cells(piece);
        lines.last_mut().expect("there is a first").push_str(piece);
    }
    let trimmed = lines.iter().map(|line| line.trim_end().to_owned());
    trimmed.collect()
}

/// Words with the spaces after them; a short code between backticks is one word.
fn pieces(text: &str, room: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut code = None;
    for (at, c) in text.char_indices() {
        match (c, code) {
            ('`', None) if text[at + 1..].find('`').is_some_and(|end| end < room) => {
                code = Some(at);
            }
            ('`', Some(_)) => code = None,
            (' ', None) => {
                pieces.push(&text[start..=at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(&text[start..]);
    pieces
}
