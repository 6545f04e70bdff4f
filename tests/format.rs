//! `fmt` changes how a text looks, and nothing else: for any text, and for all that are in this project.

#[path = "support/cases.rs"]
mod cases;
#[path = "support/kdl_texts.rs"]
mod kdl_texts;
#[path = "support/tree.rs"]
mod tree;

use ::kdl::KdlDocument;
use cases::cases;
use proptest::prelude::*;
use std::path::Path;
use vagrantp::diagnostic::Sink;
use vagrantp::source::Sources;
use vagrantp::syntax::kdl::format::format;
use vagrantp::syntax::kdl::{
    self,
    scan::{Kind, Token, scan},
};

/// What the kdl crate reads, without how it is written.
fn meaning(document: &KdlDocument, into: &mut String) {
    for node in document.nodes() {
        let ty = node.ty().map(|ty| ty.value());
        *into += &format!("{ty:?} {:?}", node.name().value());
        for entry in node.entries() {
            let name = entry.name().map(|name| name.value());
            let ty = entry.ty().map(|ty| ty.value());
            *into += &format!(" {name:?} {ty:?} {:?}", entry.value());
        }
        if let Some(children) = node.children() {
            *into += "{\n";
            meaning(children, into);
            *into += "}";
        }
        *into += "\n";
    }
}

fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// All comments, in their order.
fn comments(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for token in scan(text) {
        match token.kind {
            Kind::LineComment | Kind::BlockComment => {
                found.push(lines(token.text(text).trim_end()))
            }
            Kind::Escline => found.extend(comments(token.text(text).trim_start_matches('\\'))),
            _ => {}
        }
    }
    found
}

/// All words and signs, those that are taken away as well, without the blanks of longer strings.
fn words(text: &str) -> Vec<(Kind, String)> {
    let blank = |token: &Token| {
        token.kind.is_space()
            || matches!(
                token.kind,
                Kind::Newline | Kind::Semicolon | Kind::LineComment
            )
    };
    let word = |token: Token| match (token.kind, token.text(text)) {
        (Kind::Word, word) => (Kind::Quoted, format!("\"{word}\"")),
        (Kind::Multiline | Kind::Raw, word) => {
            let lines = lines(word);
            let lines = lines.split(['\n', '\u{85}', '\u{2028}']).map(str::trim);
            (token.kind, lines.collect::<Vec<_>>().join("\n"))
        }
        (kind, word) => (kind, lines(word)),
    };
    scan(text)
        .into_iter()
        .filter(|token| !blank(token))
        .map(word)
        .collect()
}

/// Whether the text was KDL, and so could be held to what it says.
fn holds(text: &str) -> Result<bool, String> {
    let Some(once) = format(text) else {
        return match read(text) {
            None => Ok(false),
            Some(_) => Err(format!("KDL without a layout\n{text}")),
        };
    };
    let told = |what: &str| Err(format!("{what}\n--- before\n{text}\n--- after\n{once}\n"));
    if comments(text) != comments(&once) {
        return told("comments");
    }
    if format(&once).as_ref() != Some(&once) {
        return told(&format!("twice:\n{:?}", format(&once)));
    }
    if words(text) != words(&once) {
        return told(&format!("words {:?} {:?}", words(text), words(&once)));
    }
    let Some(before) = read(text) else {
        return Ok(false);
    };
    match read(&once) {
        None => told("no KDL"),
        Some(after) if before != after => told(&format!("meaning\n{before}\n{after}")),
        Some(_) if !is_clean(&once) => told("layout"),
        Some(_) => Ok(true),
    }
}

/// What a text means, where it is right.
fn read(text: &str) -> Option<String> {
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let id = sources.add_text("vagrantp.kdl", text.to_owned());
    let document = kdl::parse(&sources, id, &mut sink)?;
    let mut text = String::new();
    meaning(&document, &mut text);
    Some(text)
}

/// Whether lines end as in any file, and blank ones are alone.
fn is_clean(text: &str) -> bool {
    // What is within a comment or a string of several lines stays as it is.
    let within = ["\"\"\"", "/*"].iter().any(|begin| text.contains(begin));
    let several = text.contains("\n\n\n") && !within;
    !several && !text.contains('\r') && !text.starts_with(['\u{feff}', '\n'])
}

#[test]
fn every_kdl_file_of_the_project_means_the_same() {
    let files = tree::files("").into_iter();
    for path in files.filter(|path| path.extension().is_some_and(|end| end == "kdl")) {
        if let Err(what) = holds(&tree::text(&path)) {
            panic!("{}: {what}", path.display());
        }
    }
}

#[test]
fn what_is_there_to_be_read_is_laid_out() {
    let shop = Path::new("tests/format/shop.kdl").to_owned();
    let folders = ["examples", "stdlib-templates"].into_iter();
    let files = folders.flat_map(tree::files).chain([shop]);
    for path in files.filter(|path| path.extension().is_some_and(|end| end == "kdl")) {
        let text = tree::text(&path);
        let name = path.display();
        assert_eq!(format(&text), Some(text), "`vagrantp fmt {name}` mends it");
    }
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn a_document_keeps_its_meaning(text in kdl_texts::document()) {
        match holds(&text) {
            Ok(was_kdl) => { prop_assume!(was_kdl) },
            Err(what) => { prop_assert!(false, "{what}") },
        }
    }

    #[test]
    fn any_text_is_kept_or_left_alone(text in kdl_texts::noise()) {
        if let Err(what) = holds(&text) {
            prop_assert!(false, "{what}");
        }
    }
}
