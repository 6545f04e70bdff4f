//! What Vagrant and others write for a provisioner, where the path of a playbook or a script is wanted.

use super::node::Node;
use super::{Reader, misformed};
use crate::syntax::Word;

/// Kinds of provisioners of Vagrant.
const KINDS: &[&str] = &[
    "shell",
    "ansible",
    "ansible_local",
    "ansible-local",
    "file",
    "inline",
];

/// What they call the path.
const PATHS: &[&str] = &["playbook", "path", "script", "file", "source"];

impl Reader<'_> {
    /// Whether a `provision` is written in another tool's way, which is told.
    pub(super) fn provisioner(&mut self, node: &Node) -> bool {
        let inside = node.arguments.is_empty() && self.path_within(node);
        inside || self.kind_of_provisioner(node)
    }

    /// `provision { playbook "site.yml"; }`
    fn path_within(&mut self, node: &Node) -> bool {
        let nodes = node.block.iter().flat_map(|block| block.nodes);
        let mut paths = nodes.filter(|child| PATHS.contains(&child.name().value()));
        let Some(raw) = paths.next() else {
            return false;
        };
        let child = self.node(raw);
        let [path] = &child.arguments[..] else {
            return false;
        };
        let found = misformed("The path stands behind `provision`, before its block")
            .at_origin(child.name.origin)
            .label("a node")
            .help(format!("write `provision {} {{ … }}`", self.raw(path)));
        self.sink.push(found);
        true
    }

    /// `provision shell inline="apt update"`, `provision ansible playbook="site.yml"`
    fn kind_of_provisioner(&mut self, node: &Node) -> bool {
        let Some(kind) = node.arguments.first() else {
            return false;
        };
        let property = |names: &[&str]| -> Option<&Word> {
            let mut all = node.properties.iter();
            let found = all.find(|(name, _)| names.contains(&&*name.text));
            found.map(|(_, value)| value)
        };
        let path = property(PATHS).or(node.arguments.get(1));
        let inline = property(&["inline", "command", "run"]).is_some();
        if !KINDS.contains(&&*kind.text) || (path.is_none() && !inline) {
            return false;
        }
        let help = match path {
            Some(path) if !inline => format!("write `provision {}`", self.raw(path)),
            _ => {
                "write the lines to a script, and its path here: `provision \"./setup.sh\"`".into()
            }
        };
        self.sink.push(
            misformed("`provision` takes the path of a playbook or a script")
                .at_origin(kind.origin)
                .label("a kind of provisioner")
                .help(help),
        );
        true
    }
}
