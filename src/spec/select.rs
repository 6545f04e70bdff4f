//! Which machines a pattern means: a name, a glob or a tag.

use globset::{Glob, GlobBuilder, GlobMatcher};

/// A pattern, ready to match.
#[derive(Debug, Clone)]
pub enum Pattern {
    /// Exactly this name.
    Name(String),
    /// A glob of names.
    Glob(GlobMatcher),
    /// All with this tag.
    Tag(String),
}

/// What a machine answers to.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The name of its node.
    pub node: &'a str,
    /// Its own, where a `count` makes it another.
    pub name: &'a str,
    /// Its tags.
    pub tags: &'a [String],
}

impl Pattern {
    /// Reads one.
    ///
    /// # Errors
    /// With the reason, where a glob is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(tag) = text.strip_prefix('@') {
            return Ok(Pattern::Tag(tag.to_owned()));
        }
        if !text.contains(['*', '?', '[', '{']) {
            return Ok(Pattern::Name(text.to_owned()));
        }
        let glob: Result<Glob, _> = GlobBuilder::new(text).literal_separator(true).build();
        match glob {
            Ok(glob) => Ok(Pattern::Glob(glob.compile_matcher())),
            Err(error) => Err(error.kind().to_string()),
        }
    }

    /// Whether a machine answers to it.
    pub fn matches(&self, machine: &Candidate) -> bool {
        match self {
            Pattern::Name(name) => machine.node == name || machine.name == name,
            Pattern::Glob(glob) => glob.is_match(machine.node) || glob.is_match(machine.name),
            Pattern::Tag(tag) => machine.tags.iter().any(|there| there == tag),
        }
    }
}
