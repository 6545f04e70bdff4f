//! What builds on what: `extends`, `use`, `depends-on`. A loop is told whole, with its places.

use crate::diagnostic::{Diagnostic, Sink};
use crate::source::Origin;
use std::collections::{HashMap, HashSet};

/// One step from a thing to another, where it is written.
#[derive(Debug, Clone)]
pub struct Link<'a> {
    /// The thing that builds on another.
    pub from: &'a str,
    /// The other.
    pub to: &'a str,
    /// Where that is written.
    pub origin: Origin,
}

/// Tells each loop once, at the link that closes it. `what` completes "… go round in a circle".
pub fn loops(what: &str, links: &[Link], sink: &mut Sink) {
    let mut from: HashMap<&str, Vec<&Link>> = HashMap::new();
    for link in links {
        from.entry(link.from).or_default().push(link);
    }
    let mut done: HashSet<&str> = HashSet::new();
    for link in links {
        if !done.contains(link.from) {
            walk(link.from, &from, &mut done, what, sink);
        }
    }
}

/// A thing on the way, how many of its links were followed, and the link that led to it.
type Visit<'a> = (&'a str, usize, Option<&'a Link<'a>>);

/// Depth first and without recursion: a chain may be as long as a file.
fn walk<'a>(
    start: &'a str,
    from: &HashMap<&'a str, Vec<&'a Link<'a>>>,
    done: &mut HashSet<&'a str>,
    what: &str,
    sink: &mut Sink,
) {
    let mut way: Vec<Visit> = vec![(start, 0, None)];
    while let Some((node, followed, _)) = way.last_mut() {
        let Some(link) = from.get(node).and_then(|links| links.get(*followed)) else {
            done.insert(*node);
            way.pop();
            continue;
        };
        *followed += 1;
        if let Some(at) = way.iter().position(|(there, ..)| *there == link.to) {
            let round = way[at + 1..]
                .iter()
                .filter_map(|(_, _, led)| *led)
                .chain([*link]);
            tell(what, &round.collect::<Vec<_>>(), sink);
        } else if !done.contains(link.to) {
            way.push((link.to, 0, Some(*link)));
        }
    }
}

fn tell(what: &str, round: &[&Link], sink: &mut Sink) {
    let Some(last) = round.last() else { return };
    let names: Vec<&str> = round
        .iter()
        .map(|link| link.from)
        .chain([last.to])
        .collect();
    let mut finding = Diagnostic::error(2605)
        .message(format!(
            "{what} go round in a circle: {}",
            names.join(" → ")
        ))
        .at_origin(last.origin)
        .label(format!("back to '{}'", last.to))
        .help("take one of these links out");
    for link in &round[..round.len() - 1] {
        finding = finding.related(
            format!("'{}' leads to '{}' here", link.from, link.to),
            link.origin,
        );
    }
    sink.push(finding);
}

#[cfg(test)]
mod tests {
    use super::{Link, loops};
    use crate::diagnostic::Sink;
    use crate::source::Origin;

    fn told(pairs: &[(&str, &str)]) -> Vec<String> {
        let origin = Origin::Default;
        let links: Vec<Link> = pairs
            .iter()
            .map(|(from, to)| Link { from, to, origin })
            .collect();
        let mut sink = Sink::default();
        loops("profiles", &links, &mut sink);
        sink.found.into_iter().map(|found| found.message).collect()
    }

    #[test]
    fn every_loop_is_told_once() {
        assert!(told(&[("a", "b"), ("b", "c"), ("a", "c")]).is_empty());
        assert_eq!(
            told(&[("a", "a")]),
            ["profiles go round in a circle: a → a"]
        );
        assert_eq!(
            told(&[("x", "a"), ("a", "b"), ("b", "c"), ("c", "a"), ("d", "d")]),
            [
                "profiles go round in a circle: a → b → c → a",
                "profiles go round in a circle: d → d"
            ]
        );
    }

    #[test]
    fn a_long_chain_is_no_loop() {
        let names: Vec<String> = (0..5000).map(|at| format!("m{at}")).collect();
        let pairs: Vec<(&str, &str)> = names
            .windows(2)
            .map(|pair| (&*pair[0], &*pair[1]))
            .collect();
        assert!(told(&pairs).is_empty());
    }
}
