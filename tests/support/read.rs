//! One `.env`, read.

use vagrantp::diagnostic::Sink;
use vagrantp::source::{SourceId, Sources};
use vagrantp::syntax::dotenv::{DotEnv, parse};

/// What reading found.
pub struct Read {
    pub sources: Sources,
    pub id: SourceId,
    pub found: DotEnv,
    pub sink: Sink,
}

pub fn read_with(text: &str, environment: &[(&str, &str)]) -> Read {
    let mut sources = Sources::default();
    let id = sources.add_text(".env", text.to_owned());
    let mut sink = Sink::default();
    let look = |name: &str| {
        let row = environment.iter().find(|(key, _)| *key == name);
        row.map(|(_, value)| value.to_string())
    };
    let found = parse(&sources, id, &look, &mut sink);
    Read {
        sources,
        id,
        found,
        sink,
    }
}

pub fn read(text: &str) -> Read {
    read_with(text, &[])
}

impl Read {
    /// Every word that says it is verbatim is.
    pub fn check_places(&self) {
        let entries = self.found.document.machines[0].section.entries.iter();
        let words = entries.flat_map(|entry| entry.values.iter().chain([&entry.key]));
        for word in words.chain(self.found.variables.iter().map(|v| &v.value)) {
            let span = word.origin.span().expect("all is written");
            let text = &self.sources.get(self.id).text;
            let slice = text.get(span.start as usize..span.end as usize);
            let slice = slice.expect("a span lies on characters");
            assert!(
                !word.verbatim || slice == word.text,
                "{slice:?} is not {:?}",
                word.text
            );
        }
        for finding in &self.sink.found {
            for span in finding
                .span
                .iter()
                .chain(finding.fix.iter().map(|fix| &fix.span))
            {
                let text = &self.sources.get(self.id).text;
                assert!(
                    text.get(span.start as usize..span.end as usize).is_some(),
                    "{finding:?}"
                );
            }
        }
    }
}
