//! Keys, names and networks get into the machine's disk before its first start.

use super::super::guest_disk;
use super::super::keys::read;
use super::super::{Halt, Job};
use super::Domain;
use super::create::{BRIDGE, FORWARDS};
use super::share;
use crate::call::Call;
use crate::diagnostic::Diagnostic;
use crate::engine::boxes::{BaseVolume, HostBox};
use crate::engine::guest_disk::growth::Growth;
use crate::engine::guest_disk::{Addressing, DataDisk, GuestSeed, Nic};
use crate::engine::{libvirt, qcow, vagrant};
use crate::model::Machine;
use crate::model::joined::Joined;
use crate::source::Origin;
use std::fs;

impl Domain<'_, '_> {
    /// The disk that Vagrant made is empty; ours has the keys in it, and replaces it.
    pub(super) fn fill(
        &self,
        job: &Job,
        machine: &Machine,
        host_box: &HostBox,
        base: &BaseVolume,
    ) -> Result<(), Halt> {
        let folder = self.0.folder(job);
        let scratch = folder.path().join("seed");
        let overlay = folder.path().join("overlay.qcow2");
        let bytes = machine.disk_size.value.bytes().max(host_box.virtual_size);
        let gib = 1 << 30;
        let bytes = bytes.div_ceil(gib) * gib;
        let run = |call: &Call| self.0.run(call);
        let own_base = folder.path().join("base.img");
        for left in [&overlay, &own_base] {
            let _ = fs::remove_file(left);
        }
        let kept = self.kept(job);
        match &kept {
            None => {
                let call = qcow::overlay(&host_box.image, &host_box.format, &overlay, bytes);
                self.must(&call)?;
            }
            Some(kept) => {
                let is_of_now = host_box.parts()[0].name == base.name;
                let readable = if is_of_now {
                    &host_box.image
                } else {
                    &own_base
                };
                if !is_of_now {
                    self.must(&libvirt::download(&base.name, &own_base))?;
                }
                self.overlay_of_kept(kept, (readable, &host_box.format), &overlay, bytes)?;
            }
        }
        let seed = self.seed(job, machine)?;
        let result = guest_disk::seed(&run, &scratch, &overlay, &seed);
        let result = result.and_then(|seeded| {
            let small = stays_small(machine, &host_box.name, seeded.growth);
            if let Some(finding) = small.filter(|_| bytes > host_box.virtual_size) {
                self.0.shared.adds(finding);
            }
            self.must(&qcow::rebase(&base.path, &host_box.format, &overlay))?;
            self.must(&libvirt::upload(
                &format!("{}.img", job.record.id),
                &overlay,
            ))
        });
        for left in [&overlay, &own_base] {
            let _ = fs::remove_file(left);
        }
        result?;
        match &kept {
            Some(kept) => self.put_disks_back(job, kept),
            None => Ok(()),
        }
    }

    fn seed(&self, job: &Job, machine: &Machine) -> Result<GuestSeed, Halt> {
        let folder = self.0.folder(job);
        let keys = folder.keys();
        let hostname = machine.hostname.as_ref().map(|name| name.to_string());
        let variables = |secret: bool| {
            let hidden = self.0.values.hidden(machine);
            let plain = machine.env.iter().filter(|variable| {
                hidden
                    .iter()
                    .all(|hidden| hidden.name != variable.name.value)
            });
            match secret {
                true => hidden
                    .iter()
                    .map(|it| (it.name.clone(), it.value.clone()))
                    .collect(),
                false => plain
                    .map(|it| (it.name.value.clone(), it.value.value.clone()))
                    .collect::<Vec<_>>(),
            }
        };
        Ok(GuestSeed {
            user: job.record.access.user.clone(),
            // What is on a kept disk has its owner.
            uid: job
                .owner
                .map(|(uid, _)| uid)
                .filter(|_| self.kept(job).is_none()),
            shares: share::mounts(machine),
            hostname: hostname.unwrap_or_else(|| job.record.id.clone()),
            host_key: read(&keys.join("host_key"))?,
            host_key_public: read(&keys.join("host_key.pub"))?,
            authorized_keys: read(&keys.join("authorized_keys"))?,
            nics: self.nics(job, machine)?,
            env: variables(false),
            secrets: variables(true),
            disks: machine
                .extra_disks
                .iter()
                .map(|disk| mounted(disk.name.as_str()))
                .collect(),
            ..GuestSeed::default()
        })
    }

    /// The first card has the default route.
    fn nics(&self, job: &Job, machine: &Machine) -> Result<Vec<Nic>, Halt> {
        let vm = job.record.vm.clone().unwrap_or_default();
        let joined = Joined::all(machine, job.identity.project);
        let mut nics = Vec::new();
        for (place, joined) in joined.iter().enumerate() {
            let Some(mac) = vm.macs.get(&joined.network.name) else {
                continue;
            };
            let addressing = match joined.address {
                Some(ip) => {
                    let net = self.network_of(&joined.network.name)?;
                    let leads_out = place == 0 && !joined.network.internal;
                    Addressing::Fixed {
                        ip,
                        prefix: net.subnet.prefix,
                        gateway: leads_out.then_some(net.host),
                        dns: Some(net.host),
                    }
                }
                None => Addressing::Dhcp { routes: place == 0 },
            };
            let written = machine.networks.get(place);
            nics.push(Nic {
                mac: mac.clone(),
                addressing,
                origin: written.map_or(Origin::Default, |network| network.name.origin),
            });
        }
        if let (Some(bridge), Some(mac)) = (machine.bridge(), vm.macs.get(BRIDGE)) {
            let addressing = match &bridge.ip {
                Some(ip) => Addressing::Fixed {
                    ip: ip.value,
                    prefix: 24,
                    gateway: None,
                    dns: None,
                },
                None => Addressing::Dhcp { routes: false },
            };
            nics.push(Nic {
                mac: mac.clone(),
                addressing,
                origin: bridge.name.origin,
            });
        }
        nics.extend(vm.macs.get(FORWARDS).map(|mac| Nic::forward(mac)));
        Ok(nics)
    }
}

/// A disk that is larger than what the guest has of it.
fn stays_small(machine: &Machine, box_name: &str, growth: Growth) -> Option<Diagnostic> {
    let why = match growth {
        Growth::Whole => return None,
        Growth::Enclosed => "another partition lies behind it",
        Growth::Unaided => "no systemd-growfs is in the box, or no line of / in its fstab",
    };
    let message = format!("The root file system of {box_name} stays as it is: {why}");
    Some(
        Diagnostic::warning(1153)
            .message(message)
            .at_origin(machine.disk_size.origin)
            .help("make it larger in the guest, write an `extra-disk`, or use another box"),
    )
}

/// The volume of a machine's further disk, as vagrant-libvirt names it.
pub(super) fn further(id: &str, place: usize) -> String {
    let letter = char::from(b'b' + u8::try_from(place % 25).unwrap_or(0));
    format!("{id}-vd{letter}.qcow2")
}

/// Where the guest has a further disk.
fn mounted(name: &str) -> DataDisk {
    DataDisk {
        serial: vagrant::serial(name),
        path: format!("/mnt/{name}"),
    }
}
