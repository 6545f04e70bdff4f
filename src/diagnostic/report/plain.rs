/// A text on one line that no terminal obeys: a line break or a tab is a space, and every control,
/// direction or invisible character is one visible glyph.
pub fn plain(text: &str) -> String {
    let one = |c: char| match c {
        '\n' | '\t' => ' ',
        c => glyph(c),
    };
    text.replace("\r\n", "\n").chars().map(one).collect()
}

/// The visible stand-in of a character that must not reach a terminal; other characters as they are.
pub(super) fn glyph(c: char) -> char {
    match c {
        '\0'..='\x1f' => char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}'),
        '\x7f' => '\u{2421}',
        '\u{80}'..='\u{9f}' | '\u{2028}' | '\u{2029}' => '\u{fffd}',
        c if directs(c) || hides(c) => '\u{fffd}',
        c => c,
    }
}

/// Turns the direction of what follows, so that a text reads otherwise than it is.
fn directs(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Takes no room, so that two texts look alike. The joiner of emoji and of several scripts stays.
fn hides(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// How many columns of a terminal a character takes: near enough to fit lines.
pub(super) fn columns(c: char) -> usize {
    match c {
        '\t' => 4,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}
