//! What a file says, word by word. A `.env` and a `vagrantp.kdl` meet here.

use crate::source::{Origin, SourceId, Span};

/// What a written value was, before it became a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Literal {
    /// A text: quoted or bare.
    #[default]
    Text,
    /// A number of KDL.
    Number,
    /// `#true`, `#false`, `#null` and the like of KDL; the text is without `#`.
    Keyword,
}

/// A decoded text and the place it was written at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Decoded: quotes, escapes and `${X}` are gone.
    pub text: String,
    /// Where it stands.
    pub origin: Origin,
    /// Whether `text` is, byte for byte, what stands at the place.
    pub verbatim: bool,
    /// What it was.
    pub literal: Literal,
}

impl Word {
    /// The origin of a part of `text`; of the whole where the text is not verbatim.
    pub fn part(&self, range: std::ops::Range<usize>) -> Origin {
        match self.origin.span() {
            Some(span) if self.verbatim => self.origin.at(span.sub(range.start, range.end)),
            _ => self.origin,
        }
    }

    /// A part of this word as a word of its own.
    pub fn slice(&self, range: std::ops::Range<usize>) -> Word {
        Word {
            text: self.text[range.clone()].to_owned(),
            origin: self.part(range),
            verbatim: self.verbatim,
            literal: self.literal,
        }
    }
}

/// One setting as written: its name in the settings' vocabulary, and what it says.
///
/// A list (`ports`, `tags`) has its values; an item (`network`, `volume`) one value, its name, and its parts; a pair of
/// `env` or `vars` is an entry of two values, name and value; `engine-args` has the engine first. A list or an
/// item without a value empties what lower layers write. A flag has no value.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The setting's row, as in [`crate::settings`].
    pub setting: &'static str,
    /// The name as the user wrote it (`MEMORY`, `VAGRANTP_MEMORY`, `memory`, `ip`), with its place.
    pub key: Word,
    /// The values.
    pub values: Vec<Word>,
    /// Properties and children that qualify an item: `network.ip` of a `network`.
    pub parts: Vec<Entry>,
}

/// The settings of one machine, or of the defaults under all of them.
#[derive(Debug, Clone, Default)]
pub struct Section {
    /// In written order.
    pub entries: Vec<Entry>,
}

/// What a file says.
#[derive(Debug, Clone)]
pub struct Document {
    /// The file.
    pub source: SourceId,
    /// The place of the whole first line, for what is missing altogether.
    pub head: Span,
    /// `project`.
    pub project: Option<ProjectNode>,
    /// `include`, in written order.
    pub includes: Vec<Word>,
    /// `network` beside the machines.
    pub networks: Vec<NetworkNode>,
    /// `defaults`, with the place of its name.
    pub defaults: Option<(Span, Section)>,
    /// `template`.
    pub templates: Vec<TemplateNode>,
    /// `machine`; the nameless one of a `.env`.
    pub machines: Vec<MachineNode>,
    /// `profile`.
    pub profiles: Vec<ProfileNode>,
    /// `task`.
    pub tasks: Vec<TaskNode>,
}

impl Document {
    /// A file that says nothing.
    pub fn empty(source: SourceId, head: Span) -> Self {
        Document {
            source,
            head,
            project: None,
            includes: Vec::new(),
            networks: Vec::new(),
            defaults: None,
            templates: Vec::new(),
            machines: Vec::new(),
            profiles: Vec::new(),
            tasks: Vec::new(),
        }
    }
}

/// `project shop { default-profile dev; }`
#[derive(Debug, Clone)]
pub struct ProjectNode {
    /// The node's own name, for its place.
    pub key: Word,
    /// The project's name.
    pub name: Option<Word>,
    /// The profile where none is asked for.
    pub default_profile: Option<Word>,
}

/// `network backend { subnet "10.20.0.0/24"; internal; }`
#[derive(Debug, Clone)]
pub struct NetworkNode {
    /// Its name.
    pub name: Word,
    /// Its addresses.
    pub subnet: Option<Word>,
    /// The word `internal`, where it stands.
    pub internal: Option<Word>,
}

/// `template web-base { param port 8080; … }`
#[derive(Debug, Clone)]
pub struct TemplateNode {
    /// Its name.
    pub name: Word,
    /// Its parameters.
    pub params: Vec<ParamNode>,
    /// The templates it builds on.
    pub uses: Vec<UseNode>,
    /// Its settings.
    pub section: Section,
}

/// `param port 8080`
#[derive(Debug, Clone)]
pub struct ParamNode {
    /// Its name.
    pub name: Word,
    /// Its value where a `use` gives none; without one, every `use` must.
    pub default: Option<Word>,
}

/// `use web-base port=9090`
#[derive(Debug, Clone)]
pub struct UseNode {
    /// The template.
    pub template: Word,
    /// Parameters by name.
    pub arguments: Vec<(Word, Word)>,
}

/// `machine web { … }`
#[derive(Debug, Clone)]
pub struct MachineNode {
    /// Its name; none in a `.env`.
    pub name: Option<Word>,
    /// Its templates.
    pub uses: Vec<UseNode>,
    /// Its own settings.
    pub section: Section,
}

/// `profile ci extends=dev { only web; machine "*" { cpus 1; } }`
#[derive(Debug, Clone)]
pub struct ProfileNode {
    /// Its name.
    pub name: Word,
    /// Its parent.
    pub extends: Option<Word>,
    /// Which machines it is about: names, globs, `@tag`s, each with `!` in front to exclude. All of its `only` nodes.
    pub only: Option<Vec<Word>>,
    /// What it says otherwise, in written order.
    pub overrides: Vec<OverrideNode>,
}

/// `machine "web*" { memory "512M" }` in a profile.
#[derive(Debug, Clone)]
pub struct OverrideNode {
    /// A name or a glob.
    pub target: Word,
    /// The settings.
    pub section: Section,
}

/// `task test in=web { run "cargo test" }`
#[derive(Debug, Clone)]
pub struct TaskNode {
    /// Its name.
    pub name: Word,
    /// Its machine, where one is named.
    pub machine: Option<Word>,
    /// Its command lines, in order.
    pub run: Vec<Word>,
}

/// The templates of the standard library: `stdlib-templates/machines/NAME.kdl`.
pub const STANDARD: &[&str] = &[
    "std/debian",
    "std/ubuntu",
    "std/fedora",
    "std/alpine",
    "std/postgres",
    "std/redis",
    "std/nginx",
    "std/rust-dev",
    "std/node-dev",
    "std/python-dev",
    "std/systemd",
];
