//! Which machine comes before which: what one depends on comes first.

use std::collections::HashMap;

/// Who needs whom among some machines, each by its place among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    needs: Vec<Vec<usize>>,
}

impl Order {
    /// Of machines with their names and the names that each depends on. A name that none of them bears
    /// is passed over; one that several bear, as what is left of another kind, means all of them.
    pub fn of(machines: &[(&str, Vec<&str>)]) -> Self {
        let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
        for (place, (name, _)) in machines.iter().enumerate() {
            places.entry(name).or_default().push(place);
        }
        let needs = machines.iter().enumerate().map(|(own, (_, wanted))| {
            let all = wanted.iter().filter_map(|name| places.get(name)).flatten();
            let mut all: Vec<usize> = all.copied().filter(|place| *place != own).collect();
            all.sort_unstable();
            all.dedup();
            all
        });
        Order {
            needs: needs.collect(),
        }
    }

    /// How many machines there are.
    pub fn len(&self) -> usize {
        self.needs.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.needs.is_empty()
    }

    /// What a machine needs itself.
    pub fn needs(&self, place: usize) -> &[usize] {
        &self.needs[place]
    }

    /// How many must come before it, one after the other.
    pub fn rank(&self, place: usize) -> usize {
        let mut ranks = vec![0; self.len()];
        for one in self.with_needs(&[place]) {
            let below = self.needs[one].iter().map(|other| ranks[*other] + 1);
            ranks[one] = below.max().unwrap_or(0);
        }
        ranks[place]
    }

    /// The chosen and all that they need, directly or not: each after what it needs, else by their places.
    pub fn with_needs(&self, chosen: &[usize]) -> Vec<usize> {
        let mut sorted = Vec::new();
        let mut seen = vec![false; self.len()];
        let mut places = chosen.to_vec();
        places.sort_unstable();
        for place in places {
            self.visit(place, &mut seen, &mut sorted);
        }
        sorted
    }

    /// The chosen alone, in the same order.
    pub fn sorted(&self, chosen: &[usize]) -> Vec<usize> {
        let mut all = self.with_needs(chosen);
        all.retain(|place| chosen.contains(place));
        all
    }

    /// The order among the chosen alone, by their places in the list: also what is needed through
    /// one that is not chosen comes first.
    pub fn among(&self, chosen: &[usize]) -> Order {
        let needs = chosen.iter().map(|own| {
            let all = self.with_needs(&[*own]);
            let place = |other: &usize| chosen.iter().position(|chosen| chosen == other);
            let mut places: Vec<usize> = all
                .iter()
                .filter(|other| *other != own)
                .filter_map(place)
                .collect();
            places.sort_unstable();
            places
        });
        Order {
            needs: needs.collect(),
        }
    }

    /// The other way round: what is needed comes last.
    pub fn reversed(&self) -> Order {
        let mut needs = vec![Vec::new(); self.len()];
        for (place, others) in self.needs.iter().enumerate() {
            for other in others {
                needs[*other].push(place);
            }
        }
        Order { needs }
    }

    /// A loop, which no right configuration has and old records may, ends where it began.
    fn visit(&self, place: usize, seen: &mut [bool], sorted: &mut Vec<usize>) {
        // By hand: a chain may be longer than the stack is deep.
        let mut path = vec![(place, 0)];
        if std::mem::replace(&mut seen[place], true) {
            return;
        }
        while let Some((place, next)) = path.last_mut() {
            match self.needs[*place].get(*next) {
                Some(other) => {
                    *next += 1;
                    if !std::mem::replace(&mut seen[*other], true) {
                        path.push((*other, 0));
                    }
                }
                None => {
                    sorted.push(*place);
                    path.pop();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Order;

    /// web needs cache and db, cache needs db, tools stands alone.
    fn shop() -> Order {
        Order::of(&[
            ("web", vec!["cache", "db", "nobody"]),
            ("cache", vec!["db"]),
            ("tools", vec![]),
            ("db", vec![]),
        ])
    }

    #[test]
    fn what_is_needed_comes_first() {
        assert_eq!(shop().with_needs(&[0]), [3, 1, 0]);
        assert_eq!(shop().with_needs(&[0, 1, 2, 3]), [3, 1, 0, 2]);
        assert_eq!(shop().sorted(&[0, 3]), [3, 0]);
        assert_eq!(shop().needs(0), [1, 3]);
    }

    #[test]
    fn the_way_back_is_the_other_way_round() {
        let back = shop().reversed();
        assert_eq!(back.with_needs(&[3]), [0, 1, 3]);
        assert_eq!(back.with_needs(&[2]), [2]);
    }

    #[test]
    fn what_is_needed_through_another_comes_first_too() {
        let chain = Order::of(&[("a", vec!["b"]), ("b", vec!["c"]), ("c", vec![])]);
        let ends = chain.among(&[0, 2]);
        assert_eq!(ends.needs(0), [1]);
        assert!(ends.needs(1).is_empty());
    }

    #[test]
    fn a_name_may_mean_several_and_a_loop_ends() {
        let twins = Order::of(&[("a", vec!["b"]), ("b", vec![]), ("b", vec![])]);
        assert_eq!(twins.needs(0), [1, 2]);
        let circle = Order::of(&[("a", vec!["b"]), ("b", vec!["a"])]);
        assert_eq!(circle.with_needs(&[0]), [1, 0]);
        let names: Vec<String> = (0..100_000).map(|number| number.to_string()).collect();
        let next = |place: usize| names.get(place + 1).map(String::as_str);
        let chain: Vec<(&str, Vec<&str>)> = (0..names.len())
            .map(|place| (names[place].as_str(), next(place).into_iter().collect()))
            .collect();
        assert_eq!(Order::of(&chain).with_needs(&[0]).len(), 100_000);
    }
}
