//! A root that has all of its machine's disk. Its partition is made longer in the disk; its file system grows when
//! the guest starts, by systemd: resize2fs takes the file of a disk for the file system, and would cut it off.

use super::accounts::lines;
use super::found::Found;
use super::partitions::Area;
use std::ops::Range;

/// The option of fstab's at which systemd-growfs(8) works.
const OPTION: &[u8] = b"x-systemd.growfs";
/// Less than this is not worth a change: a second partition table may lie behind the last partition.
const SLACK: u64 = 1 << 20;

/// What becomes of a root on its disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Growth {
    /// It has all of the disk, at the latest once the guest has started.
    Whole,
    /// Another partition lies behind it.
    Enclosed,
    /// Nothing in the guest makes it larger.
    Unaided,
}

/// What becomes of a root in an area, by its file system's length and the disk's, in bytes.
pub fn growth(area: &Area, file_system: u64, disk: u64, found: &Found) -> Growth {
    let length = match area.number {
        0 => disk,
        _ => area.length,
    };
    if is_short(area, disk) {
        Growth::Enclosed
    } else if file_system.saturating_add(SLACK) >= length || grows_itself(found) {
        Growth::Whole
    } else {
        Growth::Unaided
    }
}

/// Whether an area ends before the disk does.
pub fn is_short(area: &Area, disk: u64) -> bool {
    let end = area.start.saturating_add(area.length);
    area.number != 0 && end.saturating_add(SLACK) < disk
}

/// The guest's fstab as it is to be, where it is to be another one.
pub fn fstab(found: &Found) -> Option<Vec<u8>> {
    let text = found.bytes("/etc/fstab")?;
    if !grows_itself(found) {
        return None;
    }
    let options = options_of_root(text)?;
    if holds_option(&text[options.clone()]) {
        return None;
    }
    let (before, after) = text.split_at(options.end);
    Some([before, b",", OPTION, after].concat())
}

fn grows_itself(found: &Found) -> bool {
    let folders = ["/usr/lib/systemd", "/lib/systemd"];
    let mut programs = folders
        .map(|folder| format!("{folder}/systemd-growfs"))
        .into_iter();
    let text = found.bytes("/etc/fstab").unwrap_or_default();
    programs.any(|path| found.entry(&path).is_some()) && options_of_root(text).is_some()
}

fn holds_option(options: &[u8]) -> bool {
    options
        .split(|byte| *byte == b',')
        .any(|option| option == OPTION)
}

/// Where the options of `/` stand in an fstab(5).
fn options_of_root(text: &[u8]) -> Option<Range<usize>> {
    let mut from = 0;
    for line in lines(text) {
        let mut fields = fields(line);
        let (spec, place) = (fields.next(), fields.next());
        let is_root = spec.is_some_and(|spec| line[spec.start] != b'#')
            && place.is_some_and(|place| &line[place] == b"/");
        if let (true, Some(options)) = (is_root, fields.nth(1)) {
            return Some(from + options.start..from + options.end);
        }
        from += line.len() + 1;
    }
    None
}

fn fields(line: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let words = line.split(u8::is_ascii_whitespace);
    let placed = words.scan(0, |at, word| {
        let start = *at;
        *at += word.len() + 1;
        Some(start..start + word.len())
    });
    placed.filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{holds_option, options_of_root};

    #[test]
    fn the_options_of_the_root_are_found() {
        let text: &[u8] = b"# UUID=x / y z\n\n/dev/vdb\t/data ext4 defaults\n\
                            UUID=1\t/  ext4\trw,x-systemd.growfs\t0 1\n";
        let options = options_of_root(text).expect("it is there");
        assert_eq!(&text[options.clone()], b"rw,x-systemd.growfs");
        assert!(holds_option(&text[options]));
        assert!(!holds_option(b"rw,x-systemd.growfsx"));
        assert_eq!(options_of_root(b"/dev/vda / ext4"), None);
        assert_eq!(options_of_root(b""), None);
    }
}
