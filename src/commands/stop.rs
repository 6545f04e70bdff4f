//! `stop`: graceful, or at once. Needs only the record.

use super::Session;
use super::remove::{Verb, each};
use crate::plan::Goal;

/// Runs the verb.
pub fn run(session: &Session, wanted: &[String], force: bool, ensure: bool) -> u8 {
    each(
        session,
        &Verb {
            name: "stop",
            wanted,
            goal: Goal::Stop { force, ensure },
            done: |known| format!("{known} is stopped"),
            ask: false,
            volumes: false,
        },
    )
}
