//! A configuration as `up` compiles it, asking nothing of the host.

use std::path::Path;
use vagrantp::commands::compile::{Compiled, Judging, Text, compile_text};
use vagrantp::model::files::Verdict;
use vagrantp::model::naming::Naming;

/// What comes of a good text.
pub fn compile(folder: &str, file: &str, text: &str) -> Compiled {
    let judging = Judging {
        verdict: Verdict::Act,
        host: false,
        every_profile: false,
        as_last_up: false,
    };
    let naming = Naming {
        recorded: None,
        suffix: "000000".into(),
        taken: &|_| false,
    };
    let text = Text::new(Path::new(folder), file, text.as_bytes(), &[]);
    let compiled = compile_text(&text, judging, &naming);
    assert!(!compiled.has_errors(), "{:?}", compiled.findings);
    compiled
}
