//! The embedded standard library; a project overrides a file by the same path under its `templates/`.

use std::borrow::Cow;

macro_rules! files {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../stdlib-templates/", $name)))),*]
    };
}

/// Every file, by its path.
pub const FILES: &[(&str, &str)] = files! {
    "boxes/debian/after.sh"
    "boxes/debian/before.sh"
    "boxes/debian/dhcp.network"
    "boxes/debian/disk.sh"
    "boxes/debian/fstab"
    "boxes/debian/hostkeys.service"
    "boxes/debian/initramfs-modules"
    "boxes/debian/initramfs.conf"
    "boxes/debian/masked"
    "boxes/debian/packages"
    "boxes/debian/sshd.conf"
    "engines/ansible/packages.yml.tera"
    "engines/ansible/script.yml.tera"
    "engines/ansible/vagrantp_events.py"
    "engines/podman/init.sh"
    "engines/podman/layer.sh"
    "engines/podman/run.json.tera"
    "engines/podman/sshd_config"
    "engines/ssh_config.tera"
    "engines/vagrant/Vagrantfile.tera"
    "engines/vagrant/keys.sh.tera"
    "engines/vagrant/vagrantp.rb"
    "machines/alpine.kdl"
    "machines/debian.kdl"
    "machines/fedora.kdl"
    "machines/nginx.kdl"
    "machines/node-dev.kdl"
    "machines/postgres.kdl"
    "machines/python-dev.kdl"
    "machines/redis.kdl"
    "machines/rust-dev.kdl"
    "machines/systemd.kdl"
    "machines/ubuntu.kdl"
};

macro_rules! pages {
    ($($name:literal)*) => {
        &[$((
            concat!("std/", $name),
            include_str!(concat!("../../book/src/templates/", $name, ".md")),
        )),*]
    };
}

/// The page of each machine template, by its name.
pub const PAGES: &[(&str, &str)] = pages! {
    "debian"
    "ubuntu"
    "fedora"
    "alpine"
    "postgres"
    "redis"
    "nginx"
    "rust-dev"
    "node-dev"
    "python-dev"
    "systemd"
};

/// A machine template's text; nothing where there is none.
pub fn machine(name: &str, own: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let embedded = || FILES.iter().find(|(path, _)| *path == name);
    own(name).or_else(|| Some(embedded()?.1.to_owned()))
}

/// A file's text.
///
/// # Panics
/// When there is no such file: the names are constants of this program.
pub fn text(name: &str, overrides: super::Overrides) -> Cow<'static, str> {
    if let Some(own) = overrides(name) {
        return Cow::Owned(own);
    }
    let row = FILES.iter().find(|(path, _)| *path == name);
    Cow::Borrowed(row.expect("every template in use is embedded").1)
}
