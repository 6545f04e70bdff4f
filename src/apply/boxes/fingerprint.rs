//! Tells files apart without reading all of them.

use crate::engine::boxes::Part;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// How many pieces of a file are looked at.
const PIECES: u64 = 64;
const PIECE: usize = 4096;

/// Names the content of a box's files: their lengths and pieces of each.
pub(super) fn of(parts: &[Part]) -> io::Result<String> {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(of_file(&part.file)?);
    }
    let bytes = hash.finalize();
    Ok(bytes[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// The same of one file.
pub(super) fn of_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut hash = Sha256::new();
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    hash.update(length.to_le_bytes());
    let step = length.saturating_sub(PIECE as u64) / PIECES;
    let mut buffer = [0; PIECE];
    for piece in 0..=PIECES {
        let read = file.read_at(&mut buffer, step * piece)?;
        hash.update(&buffer[..read]);
    }
    Ok(hash.finalize().to_vec())
}

/// Whether two files hold the same.
pub(super) fn same(one: &Path, other: &Path) -> io::Result<bool> {
    let (mut one, mut other) = (File::open(one)?, File::open(other)?);
    let mut left = one.metadata()?.len();
    if other.metadata()?.len() != left {
        return Ok(false);
    }
    let (mut mine, mut theirs) = (vec![0; 1 << 20], vec![0; 1 << 20]);
    while left > 0 {
        let step = left.min(1 << 20) as usize;
        one.read_exact(&mut mine[..step])?;
        other.read_exact(&mut theirs[..step])?;
        if mine[..step] != theirs[..step] {
            return Ok(false);
        }
        left -= step as u64;
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
        std::fs::write(path("a"), &bytes).unwrap();
        std::fs::write(path("b"), &bytes).unwrap();
        std::fs::write(path("c"), &bytes[1..]).unwrap();
        assert!(same(&path("a"), &path("b")).unwrap());
        assert!(!same(&path("a"), &path("c")).unwrap());
        let part = |name: &str| Part {
            name: name.into(),
            file: path(name),
            format: "raw".into(),
            capacity: None,
        };
        assert_eq!(of(&[part("a")]).unwrap(), of(&[part("b")]).unwrap());
        assert_ne!(of(&[part("a")]).unwrap(), of(&[part("c")]).unwrap());
    }
}
