//! A text as it is laid out: all of it but blanks, line breaks and semicolons, which are made anew.

/// What stands between `{` and `}`, or in a whole text.
#[derive(Debug, Default)]
pub(super) struct Block<'a> {
    /// Comments behind the `{`.
    pub(super) head: Vec<&'a str>,
    pub(super) items: Vec<Item<'a>>,
    /// Whether no line break is in it, and nothing that needs one.
    pub(super) is_one_line: bool,
}

/// What stands on lines of its own.
#[derive(Debug)]
pub(super) struct Item<'a> {
    /// Whether a blank line is before it.
    pub(super) is_apart: bool,
    /// Comments before the node, on its line; all there is where there is no node.
    pub(super) comments: Vec<&'a str>,
    pub(super) node: Option<Node<'a>>,
}

/// A node.
#[derive(Debug)]
pub(super) struct Node<'a> {
    pub(super) dash: Option<Dash<'a>>,
    /// The name first; each with the gap before it.
    pub(super) parts: Vec<(Vec<Gap<'a>>, Part<'a>)>,
    /// Comments behind it, on its line.
    pub(super) after: Vec<&'a str>,
}

/// A `/-`, and what stands between it and what it takes away.
#[derive(Debug)]
pub(super) struct Dash<'a> {
    pub(super) is_apart: bool,
    pub(super) comments: Vec<&'a str>,
}

/// A word of a node, or its block.
#[derive(Debug)]
pub(super) enum Part<'a> {
    Entry(Option<Dash<'a>>, Vec<Bit<'a>>),
    Block(Option<Dash<'a>>, Block<'a>),
}

/// A piece of an argument or a property: no blanks are between them.
#[derive(Debug)]
pub(super) enum Bit<'a> {
    Sign(&'static str),
    Gap(Vec<Gap<'a>>),
    /// Written as it is.
    Plain(&'a str),
    /// What a node or a property is called.
    Name(&'a str),
    /// A string without quotes.
    Bare(&'a str),
    /// A string with quotes, of any kind.
    Quoted(&'a str),
}

/// What stands between two words of a node, beside blanks.
#[derive(Debug)]
pub(super) enum Gap<'a> {
    Comment(&'a str),
    /// A backslash that takes a line break back, with the comments between them.
    Break(Vec<&'a str>),
}

impl<'a> Gap<'a> {
    pub(super) fn into_comments(self) -> Vec<&'a str> {
        match self {
            Gap::Comment(comment) => vec![comment],
            Gap::Break(comments) => comments,
        }
    }
}

impl Item<'_> {
    /// Whether it may stand in a block of one line: the kdl crate reads no `;` behind a node that is
    /// taken away.
    pub(super) fn is_flat(&self) -> bool {
        let is_flat = |(_, part): &(Vec<Gap>, Part)| match part {
            Part::Entry(..) => true,
            Part::Block(_, block) => block.is_one_line,
        };
        let mut nodes = self.node.iter();
        nodes.all(|node| node.dash.is_none() && node.parts.iter().all(is_flat))
    }
}

impl Node<'_> {
    /// What it is called.
    pub(super) fn name(&self) -> &str {
        match self.parts.first() {
            Some((_, Part::Entry(_, bits))) => name(bits).unwrap_or_default(),
            _ => "",
        }
    }
}

/// What a property is called, without quotes; an argument has no name.
pub(super) fn name<'a>(bits: &[Bit<'a>]) -> Option<&'a str> {
    bits.iter().find_map(|bit| match bit {
        Bit::Name(name) => Some(name.trim_matches('"')),
        _ => None,
    })
}

impl Bit<'_> {
    pub(super) fn become_name(&mut self) {
        if let Bit::Bare(text) | Bit::Quoted(text) = self {
            *self = Bit::Name(text);
        }
    }
}
