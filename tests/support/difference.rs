//! Two texts, line by line.

/// The lines that differ: `-` was expected, `+` was found, with a line of context before.
pub fn lines(expected: &str, actual: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), actual.lines().collect());
    let mut out = String::new();
    let (mut a, mut b) = (0, 0);
    while a < old.len() || b < new.len() {
        if old.get(a) == new.get(b) {
            (a, b) = (a + 1, b + 1);
            continue;
        }
        if a > 0 && out.is_empty() {
            out.push_str(&format!("    {}\n", old[a - 1]));
        }
        let (gone, come) = step(&old[a..], &new[b..]);
        old[a..a + gone]
            .iter()
            .for_each(|line| out.push_str(&format!("  - {line}\n")));
        new[b..b + come]
            .iter()
            .for_each(|line| out.push_str(&format!("  + {line}\n")));
        (a, b) = (a + gone, b + come);
    }
    if out.is_empty() {
        out.push_str("    (only line ends differ)\n");
    }
    out
}

/// How many lines of each until both go on alike: the fewest.
fn step(old: &[&str], new: &[&str]) -> (usize, usize) {
    for sum in 1..old.len() + new.len() {
        for gone in 0..=sum.min(old.len()) {
            let come = sum - gone;
            if come <= new.len() && gone < old.len() && come < new.len() && old[gone] == new[come] {
                return (gone, come);
            }
        }
    }
    (old.len(), new.len())
}

#[test]
fn shows_what_differs() {
    assert_eq!(
        lines("a\nb\nc\n", "a\nx\ny\nc\n"),
        "    a\n  - b\n  + x\n  + y\n"
    );
    assert_eq!(lines("a\n", "a\nb\n"), "    a\n  + b\n");
}
