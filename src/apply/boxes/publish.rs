//! A box gets into libvirt's pool: once, and never by halves for whoever takes it from there.
//!
//! libvirt cannot rename a volume, and vagrant-libvirt looks for one by its name alone. So what is there says
//! nothing; a further volume, the marker, comes when all parts were read back and are right. Without it each
//! part is compared with its file, and put there anew where it differs and nothing stands on it.

use super::{Doer, Halt, fingerprint};
use crate::call::Outcome;
use crate::call::run::wait_for_left_behind;
use crate::diagnostic::Diagnostic;
use crate::engine::boxes::{BaseVolume, DirectBoot, HostBox, Part, failure, volumes};
use crate::state::lock;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// As long as another process may take to put the same there.
pub(super) const OTHER: Duration = Duration::from_secs(1800);

/// The pool's volumes and their files.
type Volumes = Vec<(String, PathBuf)>;

impl Doer<'_> {
    /// A box in libvirt's pool, put there if it is not: under the name that vagrant-libvirt looks for.
    ///
    /// # Errors
    /// When libvirt does not take it.
    pub fn publish(&self, host_box: &HostBox) -> Result<BaseVolume, Halt> {
        let volumes = &self.shared.volumes;
        volumes.get(&host_box.stem(), || self.publish_box(host_box))
    }

    fn publish_box(&self, host_box: &HostBox) -> Result<BaseVolume, Halt> {
        let what = format!("The box {}", host_box.name);
        let parts = host_box.parts();
        let print = fingerprint::of(&parts)
            .map_err(|error| self.unreadable(host_box, &error.to_string()))?;
        let stem = host_box.stem();
        let marker = volumes::marker(&stem, &print);
        let found = self.volumes(&what)?;
        if let Some(base) = complete(&found, host_box, &parts, &marker) {
            return Ok(base);
        }
        let stage = self.stage(
            "box",
            &format!("{} goes into libvirt's pool", host_box.name),
            None,
        );
        let interrupted = || self.interrupt.count() > 0;
        let _lock = lock::acquire_for_all("pool", "vagrantp", OTHER, &interrupted)
            .map_err(|error| error.diagnostic())?;
        self.wait_for_uploads(&parts, &marker);
        self.go_on()?;
        // Files that somebody removed by hand, and those of a libvirt that was ended.
        self.run(&volumes::refresh());
        let found = self.volumes(&what)?;
        if complete(&found, host_box, &parts, &marker).is_none() {
            self.put(&found, host_box, &parts, &marker)?;
        }
        let found = self.volumes(&what)?;
        let base = complete(&found, host_box, &parts, &marker);
        let base = base.ok_or_else(|| self.unreadable(host_box, "it came and is gone"))?;
        stage.done(&format!("{} is in libvirt's pool", host_box.name));
        Ok(base)
    }

    fn put(
        &self,
        found: &Volumes,
        host_box: &HostBox,
        parts: &[Part],
        marker: &str,
    ) -> Result<(), Halt> {
        let what = format!("The box {}", host_box.name);
        // What said that it is complete is wrong from now on.
        let stem = host_box.stem();
        for (name, _) in found
            .iter()
            .filter(|(name, _)| volumes::is_marker(name, &stem))
        {
            self.virsh(&volumes::delete(name), &what)?;
        }
        let mut missing = Vec::new();
        for part in parts {
            match path_of(found, &part.name) {
                Some(_) if self.holds(part)? => {}
                there => missing.push((part, there)),
            }
        }
        for (part, there) in &missing {
            if let Some(path) = there {
                self.unused(found, part, path)?;
                self.virsh(&volumes::delete(&part.name), &what)?;
            }
        }
        let lengths = missing.iter().filter_map(|(part, _)| length(&part.file));
        self.room(host_box, lengths.sum())?;
        for (part, _) in &missing {
            let length = length(&part.file).unwrap_or(0);
            let capacity = part.capacity.unwrap_or(length);
            self.virsh(&volumes::create(&part.name, capacity, &part.format), &what)?;
            self.virsh(&volumes::upload(part), &what)?;
            if !self.holds(part)? {
                let told = format!("{} does not hold what was put there", part.name);
                return Err(self.unreadable(host_box, &told).into());
            }
        }
        self.virsh(&volumes::create(marker, 0, "raw"), &what)?;
        Ok(())
    }

    /// All volumes of the pool; the pool is made or started where that is needed, as Vagrant would.
    fn volumes(&self, what: &str) -> Result<Volumes, Halt> {
        self.go_on()?;
        let mut outcome = self.run(&volumes::list());
        if volumes::no_pool(&outcome) {
            for call in volumes::define_pool() {
                // Another may have made it meanwhile: what counts is what is there then.
                self.run(&call);
            }
            outcome = self.run(&volumes::list());
        } else if volumes::pool_stopped(&outcome) {
            self.run(&volumes::start_pool());
            outcome = self.run(&volumes::list());
        }
        self.took(&outcome, what)?;
        Ok(volumes::read_list(&outcome))
    }

    fn virsh(&self, call: &crate::call::Call, what: &str) -> Result<Outcome, Halt> {
        self.go_on()?;
        let outcome = self.run(call);
        self.took(&outcome, what)?;
        Ok(outcome)
    }

    fn took(&self, outcome: &Outcome, what: &str) -> Result<(), Halt> {
        match outcome.ok() {
            true => Ok(()),
            false if self.interrupt.count() > 0 => Err(Halt::Interrupted),
            false => Err(failure::read(outcome, what).into()),
        }
    }

    /// Whether a volume holds what the file does: read back and compared.
    fn holds(&self, part: &Part) -> Result<bool, Halt> {
        let folder = self.boxes_folder();
        crate::state::make_folder(&folder)?;
        let copy = tempfile::Builder::new()
            .prefix(".read-back-")
            .tempfile_in(&folder);
        let copy = copy.map_err(|error| self.no_box_folder(&folder, &error))?;
        let wanted = length(&part.file).unwrap_or(0);
        self.go_on()?;
        let outcome = self.run(&volumes::download(&part.name, copy.path(), wanted));
        self.go_on()?;
        Ok(outcome.ok() && fingerprint::same(&part.file, copy.path()).unwrap_or(false))
    }

    /// Nothing stands on a volume that holds something else.
    fn unused(&self, found: &Volumes, part: &Part, path: &Path) -> Result<(), Halt> {
        for (name, _) in found.iter().filter(|(name, _)| *name != part.name) {
            let outcome = self.run(&volumes::describe(name));
            if outcome.ok() && volumes::stands_on(&outcome, path) {
                return Err(Diagnostic::error(1143)
                    .message(format!(
                        "The volume {} in libvirt's pool holds something else than its box, and {name} stands on it",
                        part.name
                    ))
                    .help(format!("remove the machine of {name}, and try again"))
                    .into());
            }
        }
        Ok(())
    }

    /// The pool has room for so much.
    fn room(&self, host_box: &HostBox, needed: u64) -> Result<(), Halt> {
        let outcome = self.virsh(&volumes::room(), &format!("The box {}", host_box.name))?;
        match volumes::read_room(&outcome) {
            Some(free) if free < needed => Err(Diagnostic::error(4003)
                .message(format!(
                    "Insufficient disk space: the box {} needs {}MB, {}MB available in libvirt's pool",
                    host_box.name,
                    needed.div_ceil(1 << 20),
                    free >> 20
                ))
                .help("free space where the pool is: virsh -c qemu:///system pool-info default")
                .into()),
            _ => Ok(()),
        }
    }

    /// What a killed vagrantp began goes on: it is let end, by whomever it was begun.
    fn wait_for_uploads(&self, parts: &[Part], marker: &str) {
        let mut names: Vec<String> = parts.iter().map(|part| part.name.clone()).collect();
        names.push(marker.to_owned());
        let meant = |words: &[String]| volumes::fills(words, &names);
        wait_for_left_behind("virsh", &meant, self.interrupt, OTHER, &mut || {});
    }

    fn unreadable(&self, host_box: &HostBox, why: &str) -> Diagnostic {
        Diagnostic::error(1143)
            .message(format!(
                "The box {} cannot be put into libvirt's pool: {why}",
                host_box.name
            ))
            .help("try again; `vagrantp box rm` removes a box of vagrantp's, to be made anew")
    }
}

/// The box as it is in the pool, where all of it is.
fn complete(
    found: &Volumes,
    host_box: &HostBox,
    parts: &[Part],
    marker: &str,
) -> Option<BaseVolume> {
    path_of(found, marker).filter(|path| stands(path))?;
    let paths: Option<Vec<&PathBuf>> = parts
        .iter()
        .map(|part| path_of(found, &part.name).filter(|path| stands(path)))
        .collect();
    let mut paths = paths?.into_iter();
    let path = paths.next()?.clone();
    let boot = match &host_box.boot {
        None => None,
        Some(boot) => Some(DirectBoot {
            kernel: paths.next()?.clone(),
            initrd: paths.next()?.clone(),
            command_line: boot.command_line.clone(),
        }),
    };
    Some(BaseVolume {
        pool: volumes::POOL.to_owned(),
        name: parts.first()?.name.clone(),
        path,
        boot,
    })
}

fn path_of<'a>(found: &'a Volumes, name: &str) -> Option<&'a PathBuf> {
    let row = found.iter().find(|(volume, _)| volume == name)?;
    Some(&row.1)
}

/// libvirt goes on naming a file that somebody removed. Where this user may not look, it is believed.
fn stands(path: &Path) -> bool {
    match path.symlink_metadata() {
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
        Ok(_) => true,
    }
}

fn length(file: &Path) -> Option<u64> {
    Some(file.metadata().ok()?.len())
}
