//! What differs from run to run, settled: the world's folder, ids, times, ports, processes.
//! Everything keeps its width, so that columns and line breaks stay.

/// As long as a world's folder.
pub const HOME: &str = "/home/av/world";

/// A text in which two runs are alike.
pub fn settled(text: &str, root: &str) -> String {
    assert_eq!(root.len(), HOME.len(), "the world's folder keeps its width");
    let text = text.replace(root, HOME);
    let lines: Vec<String> = text.split('\n').map(line).collect();
    lines.join("\n")
}

fn line(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        if !before.is_ascii_alphanumeric()
            && let Some((word, stand_in)) = changing(rest)
        {
            out.push_str(&stand_in);
            before = '0';
            rest = &rest[word..];
            continue;
        }
        out.push(first);
        before = first;
        rest = &rest[first.len_utf8()..];
    }
    took(out)
}

/// How long the changing word is that the text begins with, and what stands for it.
fn changing(text: &str) -> Option<(usize, String)> {
    let moment = "0000-00-00T00:00:00";
    if like(text, moment) {
        let end = text.find('Z').filter(|end| *end <= 30)? + 1;
        return Some((end, "2026-01-01T00:00:00Z".into()));
    }
    let uuid = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    if like(text, uuid) {
        return Some((uuid.len(), uuid.replace('x', "0")));
    }
    let word = text
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(text.len());
    let hex = |word: &str| {
        word.bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    if word >= 12 && hex(&text[..word]) {
        return Some((word, "0".repeat(word)));
    }
    // Where `auto` ports are given out.
    let number: u32 = text[..word].parse().ok()?;
    (word == 5 && (20_000..=32_767).contains(&number)).then(|| (word, "30000".into()))
}

/// `0` is any digit, `x` any of a hexadecimal number.
fn like(text: &str, form: &str) -> bool {
    let fits = |(found, meant): (u8, u8)| match meant {
        b'0' => found.is_ascii_digit(),
        b'x' => found.is_ascii_hexdigit(),
        other => found == other,
    };
    text.len() >= form.len() && text.bytes().zip(form.bytes()).all(fits)
}

/// A stage's line ends in how long it took.
fn took(text: String) -> String {
    let Some(body) = text.strip_suffix(" s") else {
        return text;
    };
    let from = body
        .rfind(|c: char| c != '.' && !c.is_ascii_digit())
        .map_or(0, |at| at + 1);
    if !body[from..].contains('.') {
        return text;
    }
    let zeros: String = body[from..]
        .chars()
        .map(|c| if c == '.' { c } else { '0' })
        .collect();
    format!("{}{zeros} s", &body[..from])
}

#[test]
fn settles_what_changes_and_nothing_else() {
    let text = "  create  /tmp/vp-AbC123/x 0d7b1c2e-06b9-4c2d-951f-84adf953c03a 31716 → 80   1.2 s";
    let expected =
        "  create  /home/av/world/x 00000000-0000-0000-0000-000000000000 30000 → 80   0.0 s";
    assert_eq!(settled(text, "/tmp/vp-AbC123"), expected);
    assert_eq!(
        settled("at 2026-11-24T10:00:00.5Z", "/tmp/vp-AbC123"),
        "at 2026-01-01T00:00:00Z"
    );
    assert_eq!(
        settled("8080 defaced 18431", "/tmp/vp-AbC123"),
        "8080 defaced 18431"
    );
}
