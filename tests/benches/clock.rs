//! Times of things that take turns, so that a busy moment of the machine meets all of them.

use std::time::{Duration, Instant};

/// What is timed: what is to be done, returning how long the timed part of it took.
pub struct Contender<'a> {
    pub name: &'a str,
    pub once: Box<dyn FnMut() -> Duration + 'a>,
}

/// The times of one contender, sorted.
pub struct Times(Vec<Duration>);

impl Times {
    /// The middle one.
    pub fn median(&self) -> Duration {
        self.0[self.0.len() / 2]
    }

    fn line(&self, name: &str) -> String {
        let ms = |time: Duration| format!("{:8.1}", time.as_secs_f64() * 1000.0);
        let (first, last) = (self.0[0], self.0[self.0.len() - 1]);
        let (median, count) = (ms(self.median()), self.0.len());
        format!(
            "  {name:40}{median} ms   min {}  max {}  of {count}",
            ms(first),
            ms(last)
        )
    }
}

/// How long something takes.
pub fn timed(what: impl FnOnce()) -> Duration {
    let began = Instant::now();
    what();
    began.elapsed()
}

/// Lets all contenders take turns, after one turn each that does not count, and prints their times.
pub fn race(rounds: usize, mut contenders: Vec<Contender>) -> Vec<Times> {
    let mut all = vec![Vec::new(); contenders.len()];
    for round in 0..=rounds {
        for (times, contender) in all.iter_mut().zip(&mut contenders) {
            let time = (contender.once)();
            if round > 0 {
                times.push(time);
            }
        }
    }
    let all: Vec<Times> = all
        .into_iter()
        .map(|mut times| {
            times.sort();
            Times(times)
        })
        .collect();
    for (times, contender) in all.iter().zip(&contenders) {
        println!("{}", times.line(contender.name));
    }
    all
}

/// Prints how two medians relate, and what is asked of them.
pub fn ratio(what: &str, one: &Times, other: &Times, asked: &str) {
    let ratio = one.median().as_secs_f64() / other.median().as_secs_f64();
    println!("  → {what}: {ratio:.2} ×   (asked: {asked})\n");
}
