//! Broken, bent and oversized `vagrantp.kdl`s go through the whole of `check`: none crashes it or hangs it, and what is told
//! lies in the text.

#[path = "support/cases.rs"]
mod cases;
#[path = "support/tree.rs"]
mod tree;

use cases::cases;
use proptest::prelude::*;
use std::path::Path;
use std::time::{Duration, Instant};
use vagrantp::commands::check;
use vagrantp::diagnostic::report::{Style, pretty, short};

/// Every file of KDL that lies about here, right or wrong.
fn files() -> Vec<String> {
    let folders = [
        "examples",
        "tests/diagnostics",
        "tests/kdl",
        "stdlib-templates",
    ];
    let all = folders.into_iter().flat_map(tree::files);
    let kdl = all.filter(|path| path.extension().is_some_and(|end| end == "kdl"));
    kdl.map(|path| tree::text(&path)).collect()
}

/// Checks a text, and looks at all that is told of it. How much was told.
fn check(text: &str) -> usize {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (sources, found) = check::text(folder.path(), "vagrantp.kdl", text.as_bytes(), &[]);
    for finding in &found {
        let spans = finding.related.iter().map(|related| related.span);
        for span in spans.chain(finding.span) {
            let text = &sources.get(span.source).text;
            let (start, end) = (span.start as usize, span.end as usize);
            assert!(end <= text.len() && start <= end, "{finding:?}");
            assert!(
                text.is_char_boundary(start) && text.is_char_boundary(end),
                "{finding:?}"
            );
        }
        assert!(finding.help.is_some(), "{finding}");
    }
    for report in [
        pretty(&found, &sources, Style::BOOK),
        short(&found, &sources),
    ] {
        let odd = report.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(odd, None, "{report:?}");
    }
    found.len()
}

/// A cut, a swap or a word more.
#[derive(Debug, Clone)]
enum Bend {
    Cut(usize, usize),
    Copy(usize, usize, usize),
    Put(usize, &'static str),
}

fn bend() -> impl Strategy<Value = Bend> {
    let words = [
        "{",
        "}",
        "\"",
        "{{",
        "}}",
        "{%",
        "/-",
        "/*",
        "*/",
        "=",
        ";",
        "\\",
        "#true",
        "machine x",
        "use ",
        "count 9999999999",
        "${X}",
        "é\u{202e}",
        "\u{0}",
        "0x",
        "-1e999",
        "include \"*\"",
        "extends=a",
        "\n",
        "\r",
        "\"\"\"",
        "#\"",
    ];
    prop_oneof![
        (any::<usize>(), 0usize..40).prop_map(|(at, length)| Bend::Cut(at, length)),
        (any::<usize>(), 0usize..200, any::<usize>())
            .prop_map(|(from, length, to)| Bend::Copy(from, length, to)),
        (any::<usize>(), prop::sample::select(words.to_vec()))
            .prop_map(|(at, word)| Bend::Put(at, word)),
    ]
}

fn bent(text: &str, bends: &[Bend]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for bend in bends {
        let at = |place: usize| place % (chars.len() + 1);
        match bend {
            Bend::Cut(from, length) => {
                let from = at(*from);
                let to = (from + length).min(chars.len());
                chars.drain(from..to);
            }
            Bend::Copy(from, length, to) => {
                let (from, to) = (at(*from), at(*to));
                let copied = chars[from..(from + length).min(chars.len())].to_vec();
                chars.splice(to..to, copied);
            }
            Bend::Put(to, word) => {
                let to = at(*to);
                chars.splice(to..to, word.chars());
            }
        }
    }
    chars.into_iter().collect()
}

proptest! {
    #![proptest_config(cases(400))]
    #[test]
    fn a_bent_file_is_judged(
        file in any::<prop::sample::Index>(),
        bends in prop::collection::vec(bend(), 1..6),
    ) {
        let files = files();
        check(&bent(file.get::<String>(&files), &bends));
    }
}

#[test]
fn every_file_as_it_stands_is_judged() {
    for text in files() {
        check(&text);
    }
}

#[test]
fn bombs_end() {
    let machines = |count: usize| -> String {
        (0..count)
            .map(|at| {
                format!(
                    "machine m{at} {{ container; depends-on m{}; }}\n",
                    (at + 1) % count
                )
            })
            .collect()
    };
    let profiles = |count: usize| -> String {
        let chain = (0..count).map(|at| {
            format!(
                "profile p{at} extends=p{} {{ machine \"*\" {{ cpus 1; }}; }}\n",
                at + 1
            )
        });
        format!(
            "machine web {{ container; }}\n{}",
            chain.collect::<String>()
        )
    };
    let templates = |count: usize| -> String {
        // Each uses the next twice: as many ways as 2 to the power of their number.
        let chain = (0..count)
            .map(|at| format!("template t{at} {{ use t{}; use t{}; }}\n", at + 1, at + 1));
        format!(
            "machine web {{ use t0; }}\ntemplate t{count} {{ container; }}\n{}",
            chain.collect::<String>()
        )
    };
    let braces = format!(
        "machine web {{ container; env A=\"{}\"; }}",
        "{{ 1 + ".repeat(10_000)
    );
    let sums = format!(
        "machine web {{ container; env A=\"{{{{ {}1 }}}}\"; }}",
        "1 + ".repeat(5_000)
    );
    let nested = format!(
        "machine web {{ container; env A=\"{{{{ {}1{} }}}}\"; }}",
        "(".repeat(5_000),
        ")".repeat(5_000)
    );
    let counts = (0..20).map(|at| {
        format!("machine n{at} {{ count 1000; container; env A=\"{{{{ index }}}}\"; }}\n")
    });
    for (what, text) in [
        ("a circle of a thousand machines", machines(1000)),
        ("a chain of profiles", profiles(150)),
        ("templates that use each other twice", templates(40)),
        ("open braces", braces),
        ("a long sum", sums),
        ("a deep sum", nested),
        ("twenty thousand machines", counts.collect()),
        (
            "include of itself",
            "include \"vagrantp.kdl\"\ninclude \"**/*.kdl\"\n".into(),
        ),
    ] {
        let began = Instant::now();
        check(&text);
        // Not a time to be proud of: it only tells that it ends.
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "{what}: {:?}",
            began.elapsed()
        );
        println!("{what}: {:?}", began.elapsed());
    }
}

#[test]
fn the_files_are_there() {
    assert!(files().len() > 150 && Path::new("examples/fleet/vagrantp.kdl").exists());
}
