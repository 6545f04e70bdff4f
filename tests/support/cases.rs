//! How many cases a property is tried with.

use proptest::test_runner::Config;

/// As many as usual, or as `PROPTEST_CASES` says. What fails is shown, and becomes a case that can be read.
pub fn cases(usual: u32) -> Config {
    let asked = std::env::var("PROPTEST_CASES").ok();
    let cases = asked.and_then(|number| number.parse().ok());
    let cases = cases.unwrap_or(usual);
    Config {
        cases,
        failure_persistence: None,
        max_global_rejects: cases.saturating_mul(500),
        ..Config::default()
    }
}
