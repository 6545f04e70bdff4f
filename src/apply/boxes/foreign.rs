//! Boxes of others: in Vagrant's store, or to be had by it; and files.

use super::{Built, Doer, Halt};
use crate::call::End;
use crate::diagnostic::Diagnostic;
use crate::engine::boxes::{HostBox, recipe, store};
use crate::engine::failure::evidence;
use crate::source::Origin;
use std::fs;
use std::path::{Path, PathBuf};

/// Formats that Vagrant takes, and how their files begin.
const QCOW2: &[u8] = b"QFI\xfb";

impl Doer<'_> {
    pub(super) fn foreign_box(&self, name: &str, origin: Origin) -> Result<HostBox, Halt> {
        let stage = self.stage("box", name, None);
        let found = self.in_store(name, origin)?;
        if let Some(found) = found {
            stage.done(&format!("{name} {} ready", found.version));
            return Ok(found);
        }
        let call = store::add(name, name);
        self.go_on()?;
        self.ui.call(&call.to_string());
        let outcome =
            crate::call::run::run(&call, self.interrupt, Some(&mut |line| stage.detail(line)));
        self.go_on()?;
        if let End::NotStarted(_) = outcome.end {
            return Err(Diagnostic::error(5001)
                .message("Provider 'vagrant' is not installed or not configured")
                .at_origin(origin)
                .help("install Vagrant and its libvirt plugin: apt install vagrant vagrant-libvirt")
                .into());
        }
        if !outcome.ok() {
            let cause = match store::not_found(&outcome) {
                true => store::cause(&outcome),
                false => "Vagrant could not add it".to_owned(),
            };
            let finding = unavailable(name, &cause).at_origin(origin);
            return Err(evidence(finding, &outcome).into());
        }
        let found = self.in_store(name, origin)?;
        let found = found.ok_or_else(|| {
            unavailable(name, "Vagrant added it, and it is not there").at_origin(origin)
        })?;
        stage.done(&format!("{name} {} ready", found.version));
        Ok(found)
    }

    /// The newest version of a box in Vagrant's store that is for libvirt.
    fn in_store(&self, name: &str, origin: Origin) -> Result<Option<HostBox>, Halt> {
        let folder = store_folder()?.join(store::folder_name(name));
        let mut versions = names_in(&folder);
        versions.sort_by(|one, other| store::order(other, one));
        for version in versions {
            let places = [folder.join(&version)].into_iter();
            let places = places.flat_map(|place| {
                let deeper = names_in(&place).into_iter().map(|arch| place.join(arch));
                let deeper: Vec<PathBuf> = deeper.collect();
                [place].into_iter().chain(deeper)
            });
            let found = places
                .map(|place| place.join("libvirt"))
                .find(|place| place.is_dir());
            if let Some(place) = found {
                let read = read(name, &version, &place);
                return match read {
                    Ok(found) => Ok(Some(found)),
                    Err(why) => Err(unavailable(name, &why).at_origin(origin).into()),
                };
            }
        }
        Ok(None)
    }

    /// Shows a box of ours to Vagrant, which defines machines of boxes alone that are in its store. The image
    /// is a link: it is in libvirt's pool before Vagrant could want it.
    pub(super) fn show_to_vagrant(&self, built: &Built, folder: &Path) -> Result<(), Halt> {
        let host_box = &built.host_box;
        let shelf = store_folder()?.join(store::folder_name(&host_box.name));
        let place = shelf.join(&host_box.version).join("libvirt");
        let is_there = fs::read_link(place.join("box.img")).is_ok_and(|to| to == host_box.image);
        if is_there && place.join("metadata.json").is_file() {
            return Ok(());
        }
        // Another one may be doing the same: each file is there at once, and whole.
        let put = |name: &str, is_link: bool| {
            let from = folder.join(name);
            let new = place.join(format!("{name}.{}", std::process::id()));
            let _ = fs::remove_file(&new);
            match is_link {
                true => std::os::unix::fs::symlink(from, &new)?,
                false => fs::copy(from, &new).map(drop)?,
            }
            fs::rename(new, place.join(name))
        };
        let make = || -> std::io::Result<()> {
            fs::create_dir_all(&place)?;
            for name in ["metadata.json", "Vagrantfile"] {
                put(name, false)?;
            }
            for name in ["kernel", "initrd", "box.img"] {
                put(name, true)?;
            }
            Ok(())
        };
        make().map_err(|error| {
            Diagnostic::error(1801)
                .message(format!("{} cannot be written: {error}", place.display()))
                .help("free space there, or set VAGRANT_HOME to a folder that can be written")
                .into()
        })
    }
}

/// Takes a box of ours out of Vagrant's store.
pub(super) fn hide_from_vagrant(host_box: &HostBox) {
    if let Ok(store) = store_folder() {
        let shelf = store.join(store::folder_name(&host_box.name));
        let _ = fs::remove_dir_all(shelf.join(&host_box.version));
        // Fails where another version is there, which is right.
        let _ = fs::remove_dir(shelf);
    }
}

/// Where Vagrant keeps boxes.
fn store_folder() -> Result<PathBuf, Halt> {
    let set = std::env::var_os("VAGRANT_HOME").map(PathBuf::from);
    let set = set.filter(|path| path.is_absolute());
    let home = || {
        let home = std::env::var_os("HOME").map(PathBuf::from);
        let home = home.filter(|path| path.is_absolute());
        home.or_else(crate::state::host::home_of_user)
    };
    let folder = set.or_else(|| home().map(|home| home.join(".vagrant.d")));
    folder
        .map(|folder| folder.join("boxes"))
        .ok_or_else(|| crate::state::StateError::Homeless.into())
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
    names.sort();
    names
}

/// A box, as it lies in the store.
fn read(name: &str, version: &str, place: &Path) -> Result<HostBox, String> {
    let text = fs::read_to_string(place.join("metadata.json"))
        .map_err(|error| format!("its metadata.json cannot be read: {error}"))?;
    let metadata = store::read_metadata(&text)?;
    let image = place.join(&metadata.image);
    let mut head = [0; 32];
    let found = fs::File::open(&image)
        .and_then(|mut file| std::io::Read::read_exact(&mut file, &mut head).and(file.metadata()))
        .map_err(|error| format!("{} cannot be read: {error}", metadata.image))?;
    if metadata.format != "qcow2" || !head.starts_with(QCOW2) {
        return Err(format!("{} is no qcow2 file", metadata.image));
    }
    // As the format has it: bytes 24 to 31, the highest first.
    let virtual_size = u64::from_be_bytes(head[24..].try_into().unwrap_or_default());
    let written = found.modified().ok();
    let written = written.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    let user = fs::read_to_string(place.join("Vagrantfile")).unwrap_or_default();
    Ok(HostBox {
        name: name.to_owned(),
        version: version.to_owned(),
        image,
        format: metadata.format,
        virtual_size: virtual_size.max(metadata.virtual_size.unwrap_or(0)),
        boot: None,
        user: store::user(&user).unwrap_or(recipe::USER).to_owned(),
        written: written.map_or(0, |since| since.as_secs()),
    })
}

fn unavailable(name: &str, cause: &str) -> Diagnostic {
    Diagnostic::error(1141)
        .message(format!("The box {name} cannot be had: {cause}"))
        .help("write `std/debian`, which is made from the package mirror, or a box that is here: vagrant box list")
}
