//! What a text comes to, value by value.

use std::fs;
use std::path::Path;
use vagrantp::commands::compile::{Compiled, Judging, Text, compile_text};
use vagrantp::model::naming::Naming;

/// The environment of the tests.
pub const AROUND: [(&str, &str); 4] = [
    ("WHO", "dev"),
    ("SECRET", "hunter2"),
    ("MEM", "3G"),
    ("PORT", "9999"),
];

/// The same, as the program takes it.
pub fn environment() -> Vec<(String, String)> {
    let owned = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
    AROUND.map(owned).to_vec()
}

/// A text that is the file `file` of a folder, compiled.
pub fn compiled(folder: &Path, file: &str, text: &str) -> Compiled {
    fs::write(folder.join(file), text).expect("a file");
    let variables = environment();
    let naming = Naming {
        recorded: None,
        suffix: "000000".into(),
        taken: &|_| false,
    };
    let text = Text::new(folder, file, text.as_bytes(), &variables);
    compile_text(&text, Judging::WITHOUT_HOST, &naming)
}
