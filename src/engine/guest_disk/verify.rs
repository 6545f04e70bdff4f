//! Whether all that was written stands there.

use super::found::Found;
use super::put::Put;

/// The folders that must be listed anew to tell.
pub fn folders(puts: &[Put]) -> Vec<String> {
    let above = |put: &Put| match put.path().rsplit_once('/') {
        Some(("", _)) | None => "/".to_owned(),
        Some((folder, _)) => folder.to_owned(),
    };
    let mut all: Vec<String> = puts.iter().map(above).collect();
    all.sort();
    all.dedup();
    all
}

/// The files that must be read anew to tell.
pub fn files(puts: &[Put]) -> Vec<String> {
    let files = puts.iter().filter(|put| matches!(put, Put::File { .. }));
    files.map(|put| put.path().to_owned()).collect()
}

/// The first thing that is not as it should be, in words.
pub fn first_wrong(puts: &[Put], found: &Found) -> Option<String> {
    // Of two for one path the later stands.
    let lasts = puts.iter().enumerate().filter(|(at, put)| {
        let mut later = puts[at + 1..].iter();
        !later.any(|later| later.path() == put.path())
    });
    lasts
        .filter_map(|(_, put)| Some(format!("{} {}", put.path(), wrong(put, found)?)))
        .next()
}

fn wrong(put: &Put, found: &Found) -> Option<&'static str> {
    let path = put.path();
    let entry = found.entry(path);
    let Some(entry) = entry else {
        return match put {
            Put::Gone { .. } => None,
            _ => Some("is not there"),
        };
    };
    match put {
        Put::Gone { .. } => Some("is still there"),
        Put::Folder { .. } if !entry.is_folder() && !entry.is_link() => Some("is no folder"),
        Put::Folder {
            mode,
            owner,
            is_fixed: true,
            ..
        } if entry.owner != *owner || entry.mode & 0o7777 != *mode => {
            Some("has another owner or mode")
        }
        Put::Folder { .. } => None,
        Put::Owned { owner, .. } => (entry.owner != *owner).then_some("has another owner"),
        Put::Link { .. } => (!entry.is_link()).then_some("is no link"),
        Put::File { .. } if !entry.is_plain() => Some("is no file"),
        Put::File { mode, owner, .. } if entry.owner != *owner || entry.mode & 0o7777 != *mode => {
            Some("has another owner or mode")
        }
        Put::File { bytes, .. } => match found.bytes(path) {
            Some(read) if read == bytes => None,
            _ => Some("holds something else"),
        },
    }
}
