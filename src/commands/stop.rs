//! `stop`: graceful, or at once. Needs only the record.

use super::Session;
use super::remove::each;
use crate::plan::Goal;

/// Runs the verb.
pub fn run(session: &Session, wanted: &[String], force: bool, ensure: bool) -> u8 {
    each(
        session,
        "stop",
        wanted,
        Goal::Stop { force, ensure },
        |known| format!("{known} is stopped"),
    )
}
