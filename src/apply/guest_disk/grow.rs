//! The root's partition becomes as long as the disk lets it.

use super::{Work, checked, program};
use crate::apply::Halt;
use crate::engine::guest_disk::calls;
use crate::engine::guest_disk::found::Found;
use crate::engine::guest_disk::growth::{Growth, growth, is_short};
use crate::engine::guest_disk::partitions::{AREA_HEAD, Area, HEAD, Holds, areas, holds};
use std::fs;

impl Work<'_> {
    pub(super) fn grow(&self, area: Area, found: &Found) -> Result<Growth, Halt> {
        let disk = fs::metadata(&self.file).map_or(0, |file| file.len());
        let mut area = area;
        if area.is_last && is_short(&area, disk) {
            let call = calls::extend_partition(&program("sfdisk"), &self.file, area.number);
            let what = "its last partition cannot be made longer";
            checked((self.run)(&call), "sfdisk", what)?;
            let mut now = areas(&self.bytes(0, HEAD)).into_iter();
            area = now.find(|now| now.start == area.start).unwrap_or(area);
        }
        let length = match holds(&self.bytes(area.start, AREA_HEAD)) {
            Holds::Ext { length, .. } => length,
            _ => 0,
        };
        Ok(growth(&area, length, disk, found))
    }
}
