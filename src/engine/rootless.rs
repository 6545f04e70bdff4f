//! What rootless Podman needs: subordinate ids and a storage driver, as the system's files tell.

use crate::call::Call;

/// As many ids as a container's users need.
pub const RANGE: u32 = 65_536;

/// Whether a user has a range of subordinate ids, from the text of `/etc/subuid` or `/etc/subgid`.
pub fn has_range(text: &str, user: &str, uid: u32) -> bool {
    let own = |name: &str| name == user || name == uid.to_string();
    lines(text).any(|(name, _, count)| own(name) && count >= RANGE)
}

/// The first id that nobody's range holds.
pub fn next_free(text: &str) -> u32 {
    let ends = lines(text).map(|(_, first, count)| first.saturating_add(count));
    ends.max().unwrap_or(0).max(100_000)
}

/// `name:first:count`, where a line is one.
fn lines(text: &str) -> impl Iterator<Item = (&str, u32, u32)> {
    text.lines().filter_map(|line| {
        let mut words = line.trim().splitn(3, ':');
        let name = words.next()?;
        Some((
            name,
            words.next()?.parse().ok()?,
            words.next()?.parse().ok()?,
        ))
    })
}

/// Asks for the storage driver. It takes a quarter of a second, so only setting up asks.
pub fn storage_driver() -> Call {
    Call::read("podman").args(["info", "--format", "{{.Store.GraphDriverName}}"])
}
