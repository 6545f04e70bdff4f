//! What a value without quotes is taken for.

/// Whether it is nothing.
pub fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// Whether it is a text for sure: what may be a number, a time or a truth is not.
pub fn is_text(text: &str) -> bool {
    let truth = ["yes", "no", "true", "false", "on", "off"];
    let cases = |word: &&str| {
        let mut capital = word.to_string();
        capital[..1].make_ascii_uppercase();
        [word.to_string(), word.to_uppercase(), capital].contains(&text.to_owned())
    };
    let number = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
        && !text.contains(|c: char| !c.is_ascii_alphanumeric() && !"+-._: ".contains(c));
    let counts = text.starts_with(['+', '-', '.']) || text.contains(|c: char| c.is_ascii_digit());
    let other = is_null(text) || truth.iter().any(cases) || text == "=";
    !other && (is_path(text) || !number || !counts)
}

/// `1.yml` is no number, and a common name of a file.
fn is_path(text: &str) -> bool {
    let end = text.rsplit('.').next().unwrap_or_default();
    text.contains('.') && end.starts_with(|c: char| c.is_ascii_lowercase() && !"einx".contains(c))
}

#[test]
fn numbers_times_and_truths_are_no_texts() {
    for text in [
        "",
        "~",
        "yes",
        "Off",
        "TRUE",
        "1",
        "-1",
        "+1",
        "0x1f",
        "1.5",
        ".5",
        "1e3",
        ".inf",
        ".nan",
        "2026-11-24",
        "2026-11-24 10:00:00 Z",
        "1:30",
        "1_000",
        "=",
    ] {
        assert!(!is_text(text), "{text}");
    }
    for text in [
        "site.yml",
        "./a",
        "../b/c.yml",
        "yEs",
        "apt",
        "a-1",
        "1.yml",
        "10_base.yaml",
        "x86",
        "nope",
        "{{ x }}",
        "1/2",
    ] {
        assert!(is_text(text), "{text}");
    }
}
