//! The namespace of an ordinary user's networks, where a killed Podman left it half made.

use super::{Doer, Halt};
use crate::call::Outcome;
use crate::call::run::end_left_behind;
use crate::engine::podman::user_networks;

impl Doer<'_> {
    /// Clears what a killed Podman left, and says whether the call that failed may be made again. What containers
    /// still run in is left alone.
    pub(super) fn mends_networks(&self, outcome: &Outcome) -> Result<bool, Halt> {
        if !self.rootless || !user_networks::are_half_made(outcome) {
            return Ok(false);
        }
        let _alone = self.alone();
        self.go_on()?;
        // Another one may have done it meanwhile.
        if self.run(&user_networks::are_whole()).ok() {
            return Ok(true);
        }
        if user_networks::read_in_use(&self.run(&user_networks::in_use())) {
            return Ok(false);
        }
        let storage = self.run(&user_networks::storage());
        let (Some(name), Some(runtime)) =
            (user_networks::read_file(&storage), self.runtime.parent())
        else {
            return Ok(false);
        };
        let file = runtime.join("netns").join(name);
        self.go_on()?;
        let gone = std::fs::remove_file(&file).is_ok();
        // Its way to the outside world would run on for nobody.
        let file = file.display().to_string();
        end_left_behind("slirp4netns", &|words: &[String]| words.contains(&file));
        Ok(gone)
    }
}
