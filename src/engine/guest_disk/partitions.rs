//! Where on a disk a file system that can be written may lie: MBR, GPT, or the whole disk.

/// The length of a sector, as QEMU's disks have it.
const SECTOR: u64 = 512;
/// How much of the disk's beginning [`areas`] reads: a GPT with all its usual entries.
pub const HEAD: usize = 34 * SECTOR as usize;
/// How much of an area's beginning [`holds`] reads.
pub const AREA_HEAD: usize = 0x1_0048;

/// A part of the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// Its first byte.
    pub start: u64,
    /// Its length in bytes; of the whole disk 0.
    pub length: u64,
    /// Which partition it is, counted from 1; the whole disk is 0.
    pub number: u32,
    /// Whether no other one lies behind it.
    pub is_last: bool,
}

/// What lies in an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// ext2, ext3 or ext4.
    Ext {
        /// Whether its journal holds what was not written yet, and would undo ours.
        is_unclean: bool,
        /// Its length in bytes.
        length: u64,
    },
    /// Something else that is known by name.
    Other(&'static str),
    /// Nothing that is known.
    Unknown,
}

/// The areas in which a root may lie, the largest first: the partitions, else the whole disk.
///
/// Extended partitions are listed as what they are, not looked into: no box's root lies in one.
pub fn areas(head: &[u8]) -> Vec<Area> {
    let whole = Area {
        start: 0,
        length: 0,
        number: 0,
        is_last: true,
    };
    let mut areas = match (mbr(head), holds(head)) {
        // A boot sector's place is free in ext, and may hold anything.
        (_, Holds::Ext { .. }) | (None, _) => return vec![whole],
        (Some(all), _) if all.iter().any(|(kind, _)| *kind == 0xEE) => gpt(head),
        (Some(all), _) => all.into_iter().map(|(_, area)| area).collect(),
    };
    let last = areas.iter().map(|area| area.start).max();
    areas
        .iter_mut()
        .for_each(|area| area.is_last = Some(area.start) == last);
    areas.sort_by_key(|area| std::cmp::Reverse(area.length));
    areas
}

fn mbr(head: &[u8]) -> Option<Vec<(u8, Area)>> {
    if head.get(510..512)? != [0x55, 0xAA] {
        return None;
    }
    let entries = head.get(446..510)?.chunks_exact(16);
    let used = (1..).zip(entries).filter(|(_, entry)| entry[4] != 0);
    let all: Vec<_> = used
        .map(|(number, entry)| {
            let area = Area {
                start: u64::from(u32_at(entry, 8)) * SECTOR,
                length: u64::from(u32_at(entry, 12)) * SECTOR,
                number,
                is_last: false,
            };
            (entry[4], area)
        })
        .collect();
    (!all.is_empty()).then_some(all)
}

fn gpt(head: &[u8]) -> Vec<Area> {
    let Some(header) = head.get(512..1024).filter(|h| h.starts_with(b"EFI PART")) else {
        return Vec::new();
    };
    let first = (u64_at(header, 72).saturating_mul(SECTOR)).min(head.len() as u64) as usize;
    let count = u32_at(header, 80).min(128) as usize;
    let size = (u32_at(header, 84) as usize).clamp(128, 4096);
    let entries = head[first..].chunks_exact(size).take(count);
    let entries = (1..).zip(entries);
    let used = entries.filter(|(_, entry)| entry[..16].iter().any(|byte| *byte != 0));
    used.filter_map(|(number, entry)| {
        let (from, to) = (u64_at(entry, 32), u64_at(entry, 40));
        Some(Area {
            start: from.checked_mul(SECTOR)?,
            length: to.checked_sub(from)?.checked_add(1)?.checked_mul(SECTOR)?,
            number,
            is_last: false,
        })
    })
    .collect()
}

/// What lies in an area, by its first [`AREA_HEAD`] bytes.
pub fn holds(head: &[u8]) -> Holds {
    let at = |from: usize, what: &[u8]| head.get(from..from + what.len()) == Some(what);
    if at(1080, &[0x53, 0xEF]) {
        let incompatible = u32_at(head, 1120);
        let is_large = incompatible & 0x80 != 0;
        let blocks = u64::from(u32_at(head, 1028));
        let blocks = match is_large {
            true => blocks | u64::from(u32_at(head, 1024 + 0x150)) << 32,
            false => blocks,
        };
        let block = 1024_u64.checked_shl(u32_at(head, 1048)).unwrap_or(0);
        return Holds::Ext {
            is_unclean: incompatible & 4 != 0,
            length: blocks.saturating_mul(block),
        };
    }
    let known: [(usize, &[u8], &str); 8] = [
        (0, b"XFSB", "xfs"),
        (0x1_0040, b"_BHRfS_M", "btrfs"),
        (1024, &[0x10, 0x20, 0xF5, 0xF2], "f2fs"),
        (0, b"hsqs", "squashfs"),
        (0, b"LUKS\xBA\xBE", "an encrypted volume (LUKS)"),
        (536, b"LVM2 001", "an LVM volume"),
        (82, b"FAT32", "FAT"),
        (3, b"NTFS", "NTFS"),
    ];
    let name = known.iter().find(|(from, what, _)| at(*from, what));
    name.map_or(Holds::Unknown, |(_, _, name)| Holds::Other(name))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let four = bytes.get(at..at + 4).and_then(|four| four.try_into().ok());
    four.map_or(0, u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let eight = bytes
        .get(at..at + 8)
        .and_then(|eight| eight.try_into().ok());
    eight.map_or(0, u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::{Area, HEAD, Holds, areas, holds};

    fn mbr(entries: &[(u8, u32, u32)]) -> Vec<u8> {
        let mut head = vec![0; HEAD];
        for (at, (kind, start, length)) in entries.iter().enumerate() {
            let from = 446 + at * 16;
            head[from + 4] = *kind;
            head[from + 8..from + 12].copy_from_slice(&start.to_le_bytes());
            head[from + 12..from + 16].copy_from_slice(&length.to_le_bytes());
        }
        head[510..512].copy_from_slice(&[0x55, 0xAA]);
        head
    }

    #[test]
    fn the_largest_partition_comes_first() {
        let found = areas(&mbr(&[(0x83, 2048, 1000), (0x82, 4096, 9000)]));
        let area = |start: u64, length: u64, number: u32, is_last: bool| Area {
            start: start * 512,
            length: length * 512,
            number,
            is_last,
        };
        assert_eq!(
            found,
            [area(4096, 9000, 2, true), area(2048, 1000, 1, false)]
        );
        let whole = [area(0, 0, 0, true)];
        assert_eq!(areas(&[0; HEAD]), whole);
        assert_eq!(areas(b""), whole);
        assert_eq!(areas(&mbr(&[])), whole);
    }

    #[test]
    fn a_gpt_that_lies_about_itself_breaks_nothing() {
        let mut head = mbr(&[(0xEE, 1, u32::MAX)]);
        assert_eq!(areas(&head), []);
        head[512..520].copy_from_slice(b"EFI PART");
        head[512 + 72..1024].fill(0xFF);
        assert_eq!(areas(&head), []);
        head[512 + 72..512 + 80].copy_from_slice(&2_u64.to_le_bytes());
        head[1024..].fill(0xFF);
        assert_eq!(areas(&head), []);
    }

    #[test]
    fn file_systems_are_known_by_name() {
        assert_eq!(holds(b"XFSB"), Holds::Other("xfs"));
        assert_eq!(holds(&[0; 2048]), Holds::Unknown);
        let mut ext = [0; 2048];
        ext[1080..1082].copy_from_slice(&[0x53, 0xEF]);
        ext[1028] = 7;
        ext[1048] = 2;
        let found = |is_unclean: bool| Holds::Ext {
            is_unclean,
            length: 7 << 12,
        };
        assert_eq!(holds(&ext), found(false));
        ext[1120] = 4;
        assert_eq!(holds(&ext), found(true));
    }
}
