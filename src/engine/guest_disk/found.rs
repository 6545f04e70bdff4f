//! What a guest's file system holds: listings of folders, and texts of files.

use super::script::{Script, Unfit, line};
use std::collections::BTreeMap;

/// A larger file is none of those that are read.
const LARGEST: u64 = 1 << 20;

/// What was found so far.
#[derive(Debug, Clone, Default)]
pub struct Found {
    listings: BTreeMap<String, Vec<Entry>>,
    texts: BTreeMap<String, Vec<u8>>,
}

/// One name in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Type and permission bits.
    pub mode: u32,
    /// Its owner and group.
    pub owner: (u32, u32),
    /// Its size; folders tell none.
    pub size: Option<u64>,
}

impl Entry {
    /// Whether it is a folder.
    pub fn is_folder(&self) -> bool {
        self.mode & 0o170_000 == 0o040_000
    }

    /// Whether it is a plain file.
    pub fn is_file(&self) -> bool {
        self.mode & 0o170_000 == 0o100_000
    }

    /// Whether it is a symbolic link.
    pub fn is_link(&self) -> bool {
        self.mode & 0o170_000 == 0o120_000
    }
}

impl Found {
    /// The script that lists folders.
    ///
    /// # Errors
    /// When a path has no place in a script.
    pub fn listing(paths: &[String]) -> Result<Script, Unfit> {
        let mut script = Script::default();
        for path in paths {
            script.line("ls -p", &[&inside(path)])?;
        }
        Ok(script)
    }

    /// Takes in the answer to [`Found::listing`]. Each command stands before its answer.
    pub fn take_listing(&mut self, paths: &[String], answer: &str) {
        let mut current: Option<&String> = None;
        let heads: BTreeMap<String, &String> = paths
            .iter()
            .filter_map(|path| {
                let command = line("ls -p", &[&inside(path)]).ok()?;
                Some((format!("debugfs: {command}"), path))
            })
            .collect();
        for path in paths {
            self.listings.insert(path.clone(), Vec::new());
        }
        for text in answer.lines() {
            if let Some(path) = heads.get(text) {
                current = Some(path);
            } else if let (Some(path), Some(entry)) = (current, entry(text)) {
                self.listings.entry(path.clone()).or_default().push(entry);
            }
        }
    }

    /// The script that writes those of the files which are there into files of the host's.
    ///
    /// # Errors
    /// When a path has no place in a script.
    pub fn dump(
        &self,
        paths: &[String],
        target: &dyn Fn(usize) -> String,
    ) -> Result<Script, Unfit> {
        let mut script = Script::default();
        for (at, path) in paths.iter().enumerate() {
            let entry = self.entry(path).filter(|entry| entry.is_file());
            if entry.is_some_and(|entry| entry.size.is_some_and(|size| size <= LARGEST)) {
                script.line("dump", &[path, &target(at)])?;
            }
        }
        Ok(script)
    }

    /// Takes in what a file holds.
    pub fn take_text(&mut self, path: &str, bytes: Vec<u8>) {
        self.texts.insert(path.to_owned(), bytes);
    }

    /// Whether a folder was listed, there or not.
    pub fn knows(&self, folder: &str) -> bool {
        self.listings.contains_key(folder)
    }

    /// Whether a folder that was listed is there.
    pub fn has_folder(&self, path: &str) -> bool {
        self.listings.get(path).is_some_and(|all| !all.is_empty())
    }

    /// What lies at a path, in a folder that was listed.
    pub fn entry(&self, path: &str) -> Option<&Entry> {
        let (folder, name) = path.rsplit_once('/')?;
        let folder = if folder.is_empty() { "/" } else { folder };
        let mut all = self.listings.get(folder)?.iter();
        all.find(|entry| entry.name == name)
    }

    /// The names in a folder that was listed, but `.` and `..`.
    pub fn entries(&self, folder: &str) -> impl Iterator<Item = &Entry> {
        let all = self.listings.get(folder).into_iter().flatten();
        all.filter(|entry| entry.name != "." && entry.name != "..")
    }

    /// What a file that was read holds; one that was not there holds nothing. Bytes that are no UTF-8 become
    /// marks of it: none of the files that are changed has them.
    pub fn text(&self, path: &str) -> String {
        let bytes = self.texts.get(path).map(Vec::as_slice).unwrap_or_default();
        String::from_utf8_lossy(bytes).into_owned()
    }

    /// The bytes of a file that was read.
    pub fn bytes(&self, path: &str) -> Option<&[u8]> {
        self.texts.get(path).map(Vec::as_slice)
    }
}

/// A folder's own entries, also where its path is a link.
fn inside(path: &str) -> String {
    match path {
        "/" => "/".to_owned(),
        path => format!("{path}/."),
    }
}

/// `/INODE/MODE/UID/GID/NAME/SIZE/`.
fn entry(line: &str) -> Option<Entry> {
    let mut parts = line.strip_prefix('/')?.split('/').skip(1);
    let mode = u32::from_str_radix(parts.next()?, 8).ok()?;
    let owner = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let name = parts.next()?.to_owned();
    let size = parts.next()?.parse().ok();
    Some(Entry {
        name,
        mode,
        owner,
        size,
    })
}

#[cfg(test)]
mod tests {
    use super::Found;

    #[test]
    fn listings_are_read_each_under_its_command() {
        let paths = ["/".to_owned(), "/etc".to_owned(), "/nix".to_owned()];
        let answer = "debugfs: ls -p \"/\"\n/2/040755/0/0/.//\n/12/040755/0/0/etc//\n\n\
                      debugfs: ls -p \"/etc/.\"\n/12/040755/0/0/.//\n/16/100640/1000/7/a \"b/3/\n\
                      /18/120777/0/0/l/9/\n\ndebugfs: ls -p \"/nix/.\"\n";
        let mut found = Found::default();
        found.take_listing(&paths, answer);
        assert!(found.has_folder("/etc") && !found.has_folder("/nix") && found.knows("/nix"));
        let file = found.entry("/etc/a \"b").expect("it is listed");
        assert!(file.is_file() && file.owner == (1000, 7) && file.size == Some(3));
        assert!(found.entry("/etc/l").is_some_and(super::Entry::is_link));
        assert!(found.entry("/etc").is_some_and(super::Entry::is_folder));
        let names: Vec<_> = found.entries("/etc").map(|entry| &entry.name).collect();
        assert_eq!(names, ["a \"b", "l"]);
    }
}
