//! What Podman needs of a host to run as an ordinary user, and what root does about it.

use super::{Failure, Work};
use crate::engine::rootless;
use std::fs;
use std::path::Path;

impl Work<'_> {
    /// Looks at the user's ids, devices, run folder and storage. What stops a container is an
    /// error with its commands; what only slows it is said.
    pub(super) fn ordinary_user(&self) -> Result<(), Failure> {
        let mut commands = Vec::new();
        let user = &self.host.user;
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let (uids, gids) = (read("/etc/subuid"), read("/etc/subgid"));
        let has = |text: &str| rootless::has_range(text, user, self.host.uid);
        if !has(&uids) || !has(&gids) {
            self.say("setup: this user has no subordinate ids in /etc/subuid and /etc/subgid");
            let first = rootless::next_free(&uids).max(rootless::next_free(&gids));
            let last = first + rootless::RANGE - 1;
            commands.push(format!(
                "sudo usermod --add-subuids {first}-{last} --add-subgids {first}-{last} {user}"
            ));
        }
        if !opens("/dev/net/tun") {
            self.say("setup: this user cannot open /dev/net/tun");
            commands.push(match Path::new("/dev/net/tun").exists() {
                true => "sudo chmod 0666 /dev/net/tun".to_owned(),
                false => "sudo modprobe tun".to_owned(),
            });
        }
        if !commands.is_empty() {
            return Err(self.by_root(commands));
        }
        if !self.has_run_folder() {
            self.say(
                "setup: note: there is no run folder of this user's: log in anew, or once: \
                 sudo loginctl enable-linger",
            );
        }
        let driver = self.ask(&rootless::storage_driver());
        let driver = driver.stdout.trim();
        if driver == "vfs" {
            self.say(
                "setup: note: this user's storage is vfs, which copies whole images: write \
                 driver = \"overlay\" under [storage] in ~/.config/containers/storage.conf, then: \
                 podman system reset",
            );
        }
        if driver == "vfs" && !opens("/dev/fuse") {
            self.say("setup: note: overlay storage may need /dev/fuse: sudo chmod 0666 /dev/fuse");
        }
        Ok(())
    }

    fn has_run_folder(&self) -> bool {
        let named = super::super::environment("XDG_RUNTIME_DIR");
        let usual = format!("/run/user/{}", self.host.uid);
        Path::new(named.as_deref().unwrap_or(&usual)).is_dir()
    }
}

fn opens(path: &str) -> bool {
    fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .is_ok()
}
