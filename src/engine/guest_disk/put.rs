//! What is to lie in the guest's file system.

use super::found::Found;
use super::script::{Script, Unfit};

/// One thing in the guest's file system, by its whole path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// A folder. One that is there keeps its owner and mode, unless it `is_fixed`.
    Folder {
        /// Where.
        path: String,
        /// Its permission bits.
        mode: u32,
        /// Its owner and group.
        owner: (u32, u32),
        /// Whether owner and mode are set on one that is there too.
        is_fixed: bool,
    },
    /// A file, in place of what is there.
    File {
        /// Where.
        path: String,
        /// What it holds.
        bytes: Vec<u8>,
        /// Its permission bits.
        mode: u32,
        /// Its owner and group.
        owner: (u32, u32),
    },
    /// A symbolic link, in place of what is there.
    Link {
        /// Where.
        path: String,
        /// What it names.
        target: String,
    },
    /// Nothing: a file or link that is there goes.
    Gone {
        /// Where.
        path: String,
    },
    /// What is there, of another owner.
    Owned {
        /// Where.
        path: String,
        /// Its owner and group.
        owner: (u32, u32),
    },
}

impl Put {
    /// A file of root's.
    pub fn file(path: impl Into<String>, text: impl Into<String>, mode: u32) -> Self {
        Put::File {
            path: path.into(),
            bytes: text.into().into_bytes(),
            mode,
            owner: (0, 0),
        }
    }

    /// A folder of root's, where there is none.
    pub fn folder(path: impl Into<String>) -> Self {
        Put::Folder {
            path: path.into(),
            mode: 0o755,
            owner: (0, 0),
            is_fixed: false,
        }
    }

    /// Where it lies.
    pub fn path(&self) -> &str {
        match self {
            Put::Folder { path, .. }
            | Put::File { path, .. }
            | Put::Link { path, .. }
            | Put::Gone { path }
            | Put::Owned { path, .. } => path,
        }
    }
}

/// The folders on the way to a path, the outermost first.
pub fn above(path: &str) -> Vec<&str> {
    let ends = path.char_indices().filter(|(at, c)| *c == '/' && *at > 0);
    ends.map(|(at, _)| &path[..at]).collect()
}

/// The script that brings all this about, on a disk that holds what was found. `source` says where the bytes of
/// the file at a place in the list lie on the host.
///
/// # Errors
/// When a path has no place in a script.
pub fn script(
    puts: &[Put],
    found: &Found,
    source: &dyn Fn(usize) -> String,
) -> Result<Script, Unfit> {
    let mut script = Script::default();
    let mut made: Vec<&str> = Vec::new();
    for (at, put) in puts.iter().enumerate() {
        let path = put.path();
        let is_there = found.entry(path).is_some() || made.contains(&path);
        match put {
            Put::Folder {
                mode,
                owner,
                is_fixed,
                ..
            } => {
                if !is_there {
                    script.line("mkdir", &[path])?;
                }
                if !is_there || *is_fixed {
                    attributes(&mut script, path, 0o040_000 | mode, *owner)?;
                }
            }
            Put::File { mode, owner, .. } => {
                if is_there {
                    script.line("rm", &[path])?;
                }
                script.line("write", &[&source(at), path])?;
                attributes(&mut script, path, 0o100_000 | mode, *owner)?;
            }
            Put::Link { target, .. } => {
                if is_there {
                    script.line("rm", &[path])?;
                }
                script.line("symlink", &[path, target])?;
            }
            Put::Gone { .. } => {
                if is_there {
                    script.line("rm", &[path])?;
                }
            }
            Put::Owned { owner, .. } => own(&mut script, path, *owner)?,
        }
        made.push(path);
    }
    Ok(script)
}

fn attributes(script: &mut Script, path: &str, mode: u32, owner: (u32, u32)) -> Result<(), Unfit> {
    script.line("sif", &[path, "mode", &format!("0{mode:o}")])?;
    own(script, path, owner)
}

fn own(script: &mut Script, path: &str, (uid, gid): (u32, u32)) -> Result<(), Unfit> {
    script.line("sif", &[path, "uid", &uid.to_string()])?;
    script.line("sif", &[path, "gid", &gid.to_string()])
}
