//! Rust text as the house rules see it: without comments, strings and tests, as paths.

/// One path as it is used: `std::fs::read`, `crate::value::Size`, `.exists` for a method or field.
/// Those in braces are written out. `after` is the character that follows, spaces aside.
#[derive(Debug, PartialEq, Eq)]
pub struct Used {
    pub path: String,
    pub after: char,
}

/// The paths of a text that went through [`code`].
pub fn paths(code: &str) -> Vec<Used> {
    let chars: Vec<char> = code.chars().collect();
    let mut used = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if starts(chars[at]) {
            let method = at > 0 && chars[at - 1] == '.' && (at < 2 || chars[at - 2] != '.');
            at = path(&chars, at, if method { "." } else { "" }, &mut used);
        } else if chars[at].is_ascii_digit() {
            let digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
            while at < chars.len() && (inner(chars[at]) || chars[at] == '.' && digit(at + 1)) {
                at += 1;
            }
        } else {
            at += 1;
        }
    }
    used
}

fn starts(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn inner(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn path(chars: &[char], mut at: usize, prefix: &str, used: &mut Vec<Used>) -> usize {
    let mut path = prefix.to_owned();
    loop {
        while at < chars.len() && inner(chars[at]) {
            path.push(chars[at]);
            at += 1;
        }
        match (chars.get(at), chars.get(at + 1), chars.get(at + 2)) {
            (Some(':'), Some(':'), Some('{')) => {
                return group(chars, at + 3, &format!("{path}::"), used);
            }
            (Some(':'), Some(':'), Some(next)) if starts(*next) => {
                path.push_str("::");
                at += 2;
            }
            _ => break,
        }
    }
    let after = chars[at..].iter().find(|c| !c.is_whitespace());
    let after = after.copied().unwrap_or(' ');
    used.push(Used { path, after });
    at
}

fn group(chars: &[char], mut at: usize, prefix: &str, used: &mut Vec<Used>) -> usize {
    while at < chars.len() {
        match chars[at] {
            '}' => return at + 1,
            c if starts(c) => at = path(chars, at, prefix, used),
            _ => at += 1,
        }
    }
    at
}

/// A text without comments, the insides of strings, and what stands under `#[cfg(test)]`.
pub fn code(text: &str) -> String {
    without_tests(&without_comments(text))
}

fn without_comments(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skip = match c {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |at| at + 2),
            '"' => string(rest),
            'r' if !out.ends_with(inner) && raw(rest).is_some() => raw(rest).unwrap_or(1),
            '\'' => character(rest),
            c => {
                out.push(c);
                rest = &rest[c.len_utf8()..];
                continue;
            }
        };
        out.push_str(if c == '"' || c == 'r' { "\"\"" } else { " " });
        rest = &rest[skip..];
    }
    out
}

fn string(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn raw(rest: &str) -> Option<usize> {
    let hashes = rest[1..].len() - rest[1..].trim_start_matches('#').len();
    let opening = 1 + hashes + 1;
    rest[1 + hashes..].starts_with('"').then(|| {
        let end = format!("\"{}", "#".repeat(hashes));
        let inside = rest[opening..].find(&end);
        inside.map_or(rest.len(), |at| opening + at + end.len())
    })
}

/// A character literal; the tick of a lifetime is one character.
fn character(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => {
            chars.next();
            chars.find(|(_, c)| *c == '\'').map_or(1, |(at, _)| at + 1)
        }
        Some(_) => match chars.next() {
            Some((at, '\'')) => at + 1,
            _ => 1,
        },
        None => 1,
    }
}

fn without_tests(code: &str) -> String {
    let mut out = String::new();
    let mut rest = code;
    while let Some(at) = rest.find("#[cfg(test)]") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (mut depth, mut end) = (0, rest.len());
        for (at, c) in rest.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ';' if depth == 0 => {}
                _ => continue,
            }
            if depth == 0 {
                end = at + 1;
                break;
            }
        }
        rest = &rest[end..];
    }
    out + rest
}

#[test]
fn comments_strings_and_tests_are_not_code() {
    let text = r###"
        //! std::fs
        /* std::fs */ fn a<'a>(b: &'a str) -> char { '"' }
        const C: &str = r#"std::"fs"#; const D: char = '\''; // std::fs
        const E: &str = "std\"::fs";
        #[cfg(test)]
        mod tests { fn f() { std::fs::read(); } }
        #[cfg(test)]
        mod more;
        fn g() { std::env::var("x").exists(); }
    "###;
    let used = paths(&code(text));
    let words: Vec<&str> = used.iter().map(|used| used.path.as_str()).collect();
    assert!(!words.iter().any(|word| word.contains("fs")), "{words:?}");
    assert!(words.contains(&"std::env::var") && words.contains(&".exists"));
}

#[test]
fn braces_are_written_out() {
    let used = paths("use crate::{a::{b, c as d}, e};\nf!(1..x)");
    let words: Vec<&str> = used.iter().map(|used| used.path.as_str()).collect();
    for word in ["crate::a::b", "crate::a::c", "crate::e", "x"] {
        assert!(words.contains(&word), "{word} in {words:?}");
    }
    assert_eq!(
        used.iter()
            .find(|used| used.path == "f")
            .map(|used| used.after),
        Some('!')
    );
}
