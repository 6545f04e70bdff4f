//! KDL 2 as it is read: every production of its grammar, and every mistake at its place.
//!
//! `tests/kdl/valid` finds nothing. `tests/kdl/invalid` finds what is written under its lines (see
//! `support/carets.rs`), or beside it in a `.expect` file where the lines cannot bear comments.
//! `VAGRANTP_BLESS=1` writes what was found.

#[path = "support/carets.rs"]
mod carets;
#[path = "support/difference.rs"]
mod difference;

use std::fs;
use std::path::{Path, PathBuf};
use vagrantp::diagnostic::{Diagnostic, Severity, Sink};
use vagrantp::source::Sources;
use vagrantp::syntax::kdl::parse;

fn cases(folder: &str) -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/kdl")
        .join(folder);
    let entries = fs::read_dir(folder).expect("the cases").flatten();
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "kdl"))
        .collect();
    paths.sort();
    let texts = paths.into_iter().map(|path| {
        let text = fs::read_to_string(&path).expect("a case");
        (path, text)
    });
    texts.collect()
}

fn check(path: &Path, text: &str) -> (Sources, Vec<Diagnostic>, bool) {
    let mut sources = Sources::default();
    let id = sources.add_file(path, "vagrantp.kdl".into(), text.to_owned());
    let mut sink = Sink::default();
    let document = parse(&sources, id, &mut sink);
    (sources, sink.into_sorted(), document.is_some())
}

#[test]
fn what_is_valid_finds_nothing() {
    let mut wrong = Vec::new();
    for (path, text) in cases("valid") {
        let (sources, found, read) = check(&path, &text);
        if !found.is_empty() || !read {
            wrong.push(format!(
                "{}:\n{}",
                path.display(),
                carets::list(&sources, &found)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_invalid_finds_what_it_says() {
    let bless = std::env::var_os("VAGRANTP_BLESS").is_some();
    let mut wrong = Vec::new();
    for (path, text) in cases("invalid") {
        let twin = path.with_extension("kdl.expect");
        let bare = match twin.exists() {
            true => text.clone(),
            false => carets::stripped(&text, carets::comment("x.kdl")),
        };
        let (sources, found, read) = check(&path, &bare);
        let errors = found.iter().any(|found| found.severity == Severity::Error);
        if errors == read {
            wrong.push(format!(
                "{}: errors: {errors}, read: {read}",
                path.display()
            ));
        }
        let (file, expected, actual) = match twin.exists() {
            true => {
                let expected = fs::read_to_string(&twin).expect("a list");
                (twin, expected, Ok(carets::list(&sources, &found)))
            }
            false => {
                let actual = carets::annotate(&bare, "//", &sources, &found);
                (path.clone(), text, actual)
            }
        };
        match actual {
            Ok(actual) if actual == expected => {}
            Ok(actual) if bless => fs::write(&file, actual).expect("a case can be written"),
            Ok(actual) => wrong.push(format!(
                "{}:\n{}",
                file.display(),
                difference::lines(&expected, &actual)
            )),
            Err(why) => wrong.push(format!("{}: {why}", file.display())),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_fix_is_right_at_once() {
    let mut wrong = Vec::new();
    for (path, text) in cases("invalid") {
        let bare = match path.with_extension("kdl.expect").exists() {
            true => text,
            false => carets::stripped(&text, carets::comment("x.kdl")),
        };
        let (_, found, _) = check(&path, &bare);
        let fixes = found.iter().filter_map(|found| found.fix.clone());
        let mut fixed = bare.clone();
        let count = found.len();
        let mut fixes: Vec<_> = fixes.collect();
        let all = fixes.len() == count;
        fixes.sort_by_key(|fix| std::cmp::Reverse(fix.span));
        for fix in fixes {
            let range = fix.span.start as usize..fix.span.end as usize;
            fixed.replace_range(range, &fix.replacement);
        }
        let (sources, left, read) = check(&path, &fixed);
        if (all && !read) || left.len() + fixes_of(&found) > count {
            wrong.push(format!(
                "{}:\n{fixed}\n{}",
                path.display(),
                carets::list(&sources, &left)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn fixes_of(found: &[Diagnostic]) -> usize {
    found.iter().filter(|found| found.fix.is_some()).count()
}
