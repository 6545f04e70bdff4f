//! Boxes: what a virtual machine's disk begins with, where Vagrant keeps it, and as volumes of libvirt.

pub mod failure;
pub mod recipe;
pub mod store;
pub mod volumes;

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A box that is on this host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostBox {
    /// What Vagrant calls it: `std/debian`, `org/name`.
    pub name: String,
    /// The version that Vagrant has of it. `0` where it was added from a file.
    pub version: String,
    /// Its disk's file.
    pub image: PathBuf,
    /// That file's format: `qcow2`.
    pub format: String,
    /// How large its machine sees the disk, in bytes.
    pub virtual_size: u64,
    /// What is booted directly, where it has no boot loader.
    pub boot: Option<DirectBoot>,
    /// The user that it has for whoever enters.
    pub user: String,
    /// When the file was last written, in seconds since 1970: a part of the volume's name where the version
    /// is none.
    pub written: u64,
}

/// What is booted directly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectBoot {
    /// The kernel's file.
    pub kernel: PathBuf,
    /// The initial ramdisk's file.
    pub initrd: PathBuf,
    /// The kernel's command line.
    pub command_line: String,
}

/// A box in libvirt's pool, complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseVolume {
    /// The pool's name.
    pub pool: String,
    /// The volume's name: the one that vagrant-libvirt looks for.
    pub name: String,
    /// Its file, on libvirt's host.
    pub path: PathBuf,
    /// The same of what is booted directly.
    pub boot: Option<DirectBoot>,
}

impl HostBox {
    /// What the volumes' names begin with, as vagrant-libvirt makes them.
    pub fn stem(&self) -> String {
        let version = match self.version.as_str() {
            "" | "0" => format!("0_{}", self.written),
            version => version.to_owned(),
        };
        format!("{}{version}_box", volumes_of(&self.name))
    }

    /// The files that become volumes, and the volumes' names; the disk first.
    pub fn parts(&self) -> Vec<Part> {
        let stem = self.stem();
        let mut parts = vec![Part {
            name: format!("{stem}.img"),
            file: self.image.clone(),
            format: self.format.clone(),
            capacity: Some(self.virtual_size),
        }];
        if let Some(boot) = &self.boot {
            for (end, file) in [("kernel", &boot.kernel), ("initrd", &boot.initrd)] {
                parts.push(Part {
                    name: format!("{stem}.{end}"),
                    file: file.clone(),
                    format: "raw".to_owned(),
                    capacity: None,
                });
            }
        }
        parts
    }
}

/// What the names of a box's volumes begin with, whatever its version.
pub fn volumes_of(name: &str) -> String {
    format!("{}_vagrant_box_image_", store::folder_name(name))
}

/// A file that becomes a volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The volume's name.
    pub name: String,
    /// The file.
    pub file: PathBuf,
    /// Its format.
    pub format: String,
    /// What a machine sees of it, where that is not the file's own size.
    pub capacity: Option<u64>,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::HostBox;

    #[test]
    fn volumes_are_named_as_vagrant_looks_for_them() {
        let mut base = HostBox {
            name: "org/x".into(),
            version: "1.2".into(),
            image: "/b/box.img".into(),
            format: "qcow2".into(),
            virtual_size: 1,
            boot: None,
            user: "vagrant".into(),
            written: 1_795_540_655,
        };
        let name = |base: &HostBox| base.parts()[0].name.clone();
        assert_eq!(
            name(&base),
            "org-VAGRANTSLASH-x_vagrant_box_image_1.2_box.img"
        );
        base.version = "0".into();
        assert_eq!(
            name(&base),
            "org-VAGRANTSLASH-x_vagrant_box_image_0_1795540655_box.img"
        );
    }
}
