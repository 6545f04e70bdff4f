//! Nodes as a KDL text, in the layout of `fmt`: four blanks a level, a node a line, names bare and values quoted.

use super::characters::{breaks, is_forbidden};
use std::fmt::Write;

/// A node to write.
#[derive(Debug, Clone, Default)]
pub struct Node {
    words: Vec<String>,
    children: Option<Vec<Node>>,
    above: Vec<String>,
    beside: Option<String>,
}

impl Node {
    /// A node of this name, which must be one that can be bare.
    pub fn new(name: &str) -> Self {
        Node {
            words: vec![name.to_owned()],
            ..Node::default()
        }
    }

    /// With an argument that is a name: bare where it looks like one.
    pub fn name(mut self, text: &str) -> Self {
        self.words.push(name(text));
        self
    }

    /// With an argument that is a value.
    pub fn value(mut self, text: &str) -> Self {
        self.words.push(quoted(text));
        self
    }

    /// With an argument that is written as it is: a number, or a keyword.
    pub fn literal(mut self, text: &str) -> Self {
        self.words.push(text.to_owned());
        self
    }

    /// With a property whose value is a name.
    pub fn named(mut self, property: &str, text: &str) -> Self {
        self.words.push(format!("{property}={}", name(text)));
        self
    }

    /// With a property that has a value.
    pub fn with(mut self, property: &str, text: &str) -> Self {
        self.words.push(format!("{property}={}", quoted(text)));
        self
    }

    /// With a property that is written as it is.
    pub fn with_literal(mut self, property: &str, text: &str) -> Self {
        self.words.push(format!("{property}={text}"));
        self
    }

    /// With a node in its block.
    pub fn child(mut self, node: Node) -> Self {
        self.children.get_or_insert_default().push(node);
        self
    }

    /// With nodes in its block, where there are any.
    pub fn children(mut self, nodes: Vec<Node>) -> Self {
        if !nodes.is_empty() {
            self.children.get_or_insert_default().extend(nodes);
        }
        self
    }

    /// With comments on the lines above it. An empty one is a blank line.
    pub fn above(mut self, comments: Vec<String>) -> Self {
        self.above.extend(comments);
        self
    }

    /// With a comment behind it.
    pub fn beside(mut self, comment: Option<String>) -> Self {
        self.beside = comment;
        self
    }
}

/// Nodes and what is said behind the last of them. A blank line is between those that have blocks.
pub fn write(nodes: &[Node], behind: &[String]) -> String {
    let mut out = String::new();
    for (at, node) in nodes.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| &nodes[at]);
        let blocks = |node: &Node| node.children.is_some();
        if before.is_some_and(|before| blocks(before) || blocks(node)) {
            out.push('\n');
        }
        put(node, 0, &mut out);
    }
    if !behind.is_empty() {
        out.push('\n');
        comments(behind, 0, &mut out);
    }
    out
}

fn put(node: &Node, level: usize, out: &mut String) {
    comments(&node.above, level, out);
    indent(level, out);
    out.push_str(&node.words.join(" "));
    if node.children.is_some() {
        out.push_str(" {");
    }
    if let Some(comment) = &node.beside {
        let _ = write!(out, " //{}", on_one_line(comment));
    }
    out.push('\n');
    if let Some(children) = &node.children {
        for child in children {
            put(child, level + 1, out);
        }
        indent(level, out);
        out.push_str("}\n");
    }
}

fn indent(level: usize, out: &mut String) {
    out.extend(std::iter::repeat_n("    ", level));
}

fn comments(lines: &[String], level: usize, out: &mut String) {
    for line in lines {
        if !line.is_empty() {
            indent(level, out);
            let _ = write!(out, "//{}", on_one_line(line));
        }
        out.push('\n');
    }
}

/// A comment's text, with what would end its line or may not stand in a file spelled out.
fn on_one_line(text: &str) -> String {
    escaped(text.trim_end(), |_| None)
}

fn name(text: &str) -> String {
    let first = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let rest = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let keyword = ["true", "false", "null", "inf", "nan"].contains(&text);
    match first && text.chars().all(rest) && !keyword {
        true => text.to_owned(),
        false => quoted(text),
    }
}

fn quoted(text: &str) -> String {
    let escape = |c| match c {
        '"' => Some("\\\""),
        '\\' => Some("\\\\"),
        '\n' => Some("\\n"),
        '\r' => Some("\\r"),
        '\t' => Some("\\t"),
        _ => None,
    };
    format!("\"{}\"", escaped(text, escape))
}

fn escaped(text: &str, escape: impl Fn(char) -> Option<&'static str>) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match escape(c) {
            Some(escape) => out.push_str(escape),
            None if breaks(c) || is_forbidden(c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            None => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Node, write};

    #[test]
    fn a_text_is_laid_out() {
        let web = Node::new("machine")
            .name("web")
            .above(vec![" the shop".into(), String::new(), "!".into()])
            .child(Node::new("memory").value("2G").beside(Some(" two".into())))
            .child(Node::new("cpus").literal("2"))
            .child(
                Node::new("sync")
                    .value("a \"b\"\n\\")
                    .with("to", "/w")
                    .child(Node::new("read-only")),
            );
        let text = write(&[Node::new("project").name("shop"), web], &[" end".into()]);
        let expected = "project shop\n\n// the shop\n\n//!\nmachine web {\n    memory \"2G\" // two\n    cpus 2\n    \
                        sync \"a \\\"b\\\"\\n\\\\\" to=\"/w\" {\n        read-only\n    }\n}\n\n// end\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn what_may_not_stand_in_a_file_is_spelled_out() {
        let node = Node::new("env").with("A", "\u{1}\u{85}\u{202e}ä");
        let node = node.beside(Some(" a\u{2028}b\u{7f}".into()));
        assert_eq!(
            write(&[node], &[]),
            "env A=\"\\u{1}\\u{85}\\u{202e}ä\" // a\\u{2028}b\\u{7f}\n"
        );
        let names = Node::new("only").name("web*").name("!web").name("true");
        assert_eq!(write(&[names], &[]), "only \"web*\" \"!web\" \"true\"\n");
    }
}
