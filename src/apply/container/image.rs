//! An image is found, pulled, built or bootstrapped; the layer is put over it. Each once, under a lock.

use super::{Doer, Halt, Job};
use crate::call::Call;
use crate::call::run::{reachable, run, wait_for_left_behind};
use crate::diagnostic::Diagnostic;
use crate::engine::failure;
use crate::engine::image::{self, Base, LayerFiles};
use crate::engine::namespace::absent;
use crate::model::Machine;
use crate::render::stdlib_text;
use crate::state::lock::{self, Lock};
use crate::ui::Stage;
use crate::value::{ImageRef, Init};
use std::path::Path;
use std::time::Duration;

/// As long as another process may take to build what we need too.
const OTHER_BUILD: Duration = Duration::from_secs(1800);
/// How long one call of a killed build may still go on.
const BUILD_CALL: Duration = Duration::from_secs(60);
/// How long a registry may take to answer at all, before Podman is let wait minutes for it.
const REGISTRY: Duration = Duration::from_secs(3);

impl Doer<'_> {
    /// The machine's image, here, and what `auto` means for it.
    pub(super) fn base(&self, job: &Job, machine: &Machine) -> Result<(Base, Init), Halt> {
        let shown = machine.image.to_string();
        let mut stage = Some(self.stage("image", &shown, None));
        let base = match &job.base {
            Some(base) => base.clone(),
            None => {
                let folder = &job.record.project_path;
                let images = &self.shared.images;
                images.get(&shown, || self.find(folder, machine, &mut stage))?
            }
        };
        let stage = stage.unwrap_or_else(|| self.stage("image", &shown, None));
        let init = base.init(machine.first_process());
        let stand_in = base.name.starts_with(image::STAND_IN);
        let suffix = if stand_in {
            " (bootstrapped from the package mirror)"
        } else {
            ""
        };
        let text = format!("{shown} ready{suffix}");
        match self.shared.tells(&text) {
            true => stage.done(&text),
            false => stage.withdraw(),
        }
        Ok((base, init))
    }

    /// Finds an image here, or has it. The stage that waits for it makes room for those of its making.
    fn find(
        &self,
        folder: &Path,
        machine: &Machine,
        stage: &mut Option<Stage>,
    ) -> Result<Base, Halt> {
        let written = match &machine.image.value {
            ImageRef::Registry(reference) => {
                let names = image::candidates(reference);
                if let Some(base) = self.here(&names)? {
                    return Ok(base);
                }
                if let Some(stage) = stage.take() {
                    stage.withdraw();
                }
                self.obtain(reference, &names, machine)?;
                let made = self.here(&names)?;
                return made.ok_or_else(|| self.unavailable(machine, "it came and is gone").into());
            }
            ImageRef::Containerfile(written) => written,
        };
        let path = folder.join(written);
        let stand_ins = self.stand_ins(&path, machine)?;
        let call = image::build_containerfile(&path, &stand_ins);
        let outcome = match stage {
            Some(stage) => self.run_shown(&call, stage),
            None => self.run(&call),
        };
        if !outcome.ok() {
            self.go_on()?;
            return Err(failure::evidence(
                Diagnostic::error(1105)
                    .message(format!("The image of {written} cannot be built"))
                    .at_origin(machine.image.origin)
                    .help("mend the step that failed; the command below runs it again"),
                &outcome,
            )
            .into());
        }
        let names = [image::containerfile_tag(&path)];
        let made = self.here(&names)?;
        made.ok_or_else(|| {
            self.unavailable(machine, "it was built and is not there")
                .into()
        })
    }

    fn here(&self, names: &[String]) -> Result<Option<Base>, Halt> {
        self.go_on()?;
        let outcome = self.run(&image::inspect(names));
        self.go_on()?;
        Ok(image::read_inspect(&outcome, names)?)
    }

    /// The bases of a Containerfile that a bootstrapped image stands for: Podman would ask a registry for them.
    fn stand_ins(&self, path: &Path, machine: &Machine) -> Result<Vec<(String, String)>, Halt> {
        // One that cannot be read is Podman's to tell of.
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let mut stand_ins = Vec::new();
        for written in image::bases(&text) {
            let Ok(ImageRef::Registry(reference)) = ImageRef::parse(written) else {
                continue;
            };
            if image::suite(&reference).is_none() {
                continue;
            }
            let names = image::candidates(&reference);
            if self.here(&names)?.is_none() {
                self.obtain(&reference, &names, machine)?;
            }
            let base = self.here(&names)?;
            let here = base.filter(|base| base.name.starts_with(image::STAND_IN));
            stand_ins.extend(here.map(|base| (written.to_owned(), base.name)));
        }
        Ok(stand_ins)
    }

    /// Pulls it where its registry answers; bootstraps a Debian where none does.
    fn obtain(&self, reference: &str, names: &[String], machine: &Machine) -> Result<(), Halt> {
        let _lock = self.lock(reference)?;
        if self.here(names)?.is_some() {
            return Ok(());
        }
        let registry = image::registry(reference);
        let silent = match &registry {
            None => return Err(self.unavailable(machine, "it is not on this host").into()),
            Some((host, port)) => reachable(host, *port, REGISTRY).err(),
        };
        let cause = match silent {
            Some(why) => why,
            None => {
                let stage = self.stage("pull", reference, None);
                let outcome = self.run_shown(&image::pull(reference), &stage);
                if outcome.ok() {
                    stage.done(reference);
                    return Ok(());
                }
                self.go_on()?;
                outcome
                    .tail(1)
                    .pop()
                    .unwrap_or_else(|| outcome.end.to_string())
            }
        };
        match image::suite(reference) {
            Some(suite) => self.bootstrap(&suite, machine, &cause),
            None => Err(self.unavailable(machine, &cause).into()),
        }
    }

    fn bootstrap(&self, suite: &str, machine: &Machine, cause: &str) -> Result<(), Halt> {
        let text = format!("Debian {suite} from the package mirror");
        let stage = self.stage("image", &text, Some(Duration::from_secs(30)));
        crate::state::make_folder(&self.cache)?;
        let tar = self.cache.join(format!("debian-{suite}.tar"));
        // One whose caller was killed still writes there.
        let meant = |words: &[String]| words.contains(&tar.display().to_string());
        wait_for_left_behind(
            "mmdebstrap",
            &meant,
            self.interrupt,
            OTHER_BUILD,
            &mut || {},
        );
        self.go_on()?;
        let call = image::bootstrap(suite, &tar, scratch(), !self.rootless);
        let outcome = self.run_shown(&call, &stage);
        if let Some(program) = absent(&call, &outcome) {
            return Err(Diagnostic::error(5004)
                .message(format!(
                    "{program} is not installed: it makes an image where no registry answers"
                ))
                .at_origin(machine.image.origin)
                .help(failure::install(program))
                .details([format!("the registry: {cause}")])
                .into());
        }
        let imported = outcome.ok().then(|| self.run(&image::import(&tar, suite)));
        let _ = std::fs::remove_file(&tar);
        match imported {
            Some(imported) if imported.ok() => {
                stage.done(&text);
                Ok(())
            }
            Some(imported) => {
                self.go_on()?;
                Err(failure::read(&imported).into())
            }
            None => {
                self.go_on()?;
                let finding = self
                    .unavailable(machine, cause)
                    .details(["bootstrapping it failed too:"]);
                Err(failure::evidence(finding, &outcome).into())
            }
        }
    }

    fn unavailable(&self, machine: &Machine, cause: &str) -> Diagnostic {
        Diagnostic::error(1104)
            .message(format!(
                "The image {} cannot be had: {cause}",
                machine.image
            ))
            .at_origin(machine.image.origin)
            .help(
                "write an image that is here (podman images), or see whether its registry answers",
            )
    }

    /// The tag of the layer over a base; none for an image that runs its own command.
    pub(super) fn layer(&self, base: &Base, init: Init) -> Option<String> {
        let text = |name: &str| stdlib_text(name, self.overrides);
        (init != Init::Image).then(|| {
            image::layer_tag(
                base,
                init,
                &LayerFiles {
                    layer: &text("engines/podman/layer.sh"),
                    init: &text("engines/podman/init.sh"),
                    sshd_config: &text("engines/podman/sshd_config"),
                },
            )
        })
    }

    /// Puts the layer over a base.
    pub(super) fn build_layer(&self, base: &Base, init: Init, tag: &str) -> Result<(), Halt> {
        let layers = &self.shared.layers;
        layers.get(tag, || self.build_layer_anew(base, init, tag))
    }

    fn build_layer_anew(&self, base: &Base, init: Init, tag: &str) -> Result<(), Halt> {
        let _lock = self.lock(tag)?;
        if let Some(name) = image::build_name(tag) {
            self.wait_for_build(&name);
        }
        if self.here(&[tag.to_owned()])?.is_some() {
            return Ok(());
        }
        let text = "sshd, sudo and python3 go into the image, once";
        let stage = self.stage("layer", text, Some(Duration::from_secs(12)));
        // Its own folder by name: what a killed build left there is taken over, not added to.
        let hash = tag.rsplit(':').next().unwrap_or_default();
        let files = self.cache_made()?.join(format!("layer-{hash}"));
        crate::state::make_folder(&files)?;
        for (name, source, mode) in [
            ("layer", "engines/podman/layer.sh", 0o755),
            ("init", "engines/podman/init.sh", 0o755),
            ("sshd_config", "engines/podman/sshd_config", 0o644),
        ] {
            write(
                &files.join(name),
                &stdlib_text(source, self.overrides),
                mode,
            )
            .map_err(|error| self.no_cache(&error))?;
        }
        let calls = image::build_layer(base, init, tag, &files);
        let last = calls.len() - 1;
        for (index, call) in calls.iter().enumerate() {
            self.go_on()?;
            let outcome = self.run_shown(call, &stage);
            if outcome.ok() {
                continue;
            }
            self.run(&calls[last]);
            self.go_on()?;
            if index == 3 {
                return Err(failure::evidence(
                    Diagnostic::error(1105)
                        .message(format!("The ssh layer cannot be put over {}", base.name))
                        .help("see the lines above; `INIT=image` runs the image without it"),
                    &outcome,
                )
                .into());
            }
            return Err(failure::read(&outcome).into());
        }
        stage.done(text);
        let _ = std::fs::remove_dir_all(&files);
        Ok(())
    }

    /// Removes what killed builds left behind; those that still go on are let be.
    pub fn clear_builds(&self) {
        for tag in self.state.image_locks() {
            let Some(name) = image::build_name(&tag) else {
                continue;
            };
            let path = self.state.image_lock_path(&tag);
            let Ok(_lock) = lock::acquire(&path, "vagrantp rm", Duration::ZERO, &|| false) else {
                continue;
            };
            self.wait_for_build(&name);
            if self.run(&image::is_there(&name)).ok() {
                self.run(&image::clear(&name));
            }
        }
    }

    /// Lets a call end that a killed build began; the packages' installation is not worth waiting for.
    fn wait_for_build(&self, name: &str) {
        let meant = |words: &[String]| {
            let names = |word: &String| word == name || word.starts_with(&format!("{name}:"));
            words.first().is_some_and(|verb| verb != "start") && words.iter().any(names)
        };
        wait_for_left_behind("podman", &meant, self.interrupt, BUILD_CALL, &mut || {});
    }

    fn cache_made(&self) -> Result<&Path, Halt> {
        crate::state::make_folder(&self.cache)?;
        Ok(&self.cache)
    }

    fn no_cache(&self, error: &std::io::Error) -> Diagnostic {
        Diagnostic::error(1801)
            .message(format!(
                "{} cannot be written: {error}",
                self.cache.display()
            ))
            .help("free space there, or set XDG_CACHE_HOME to a folder that can be written")
    }

    fn lock(&self, name: &str) -> Result<Lock, Halt> {
        let path = self.state.image_lock_path(name);
        let interrupted = || self.interrupt.count() > 0;
        self.state.prepare()?;
        lock::acquire(&path, "an image build", OTHER_BUILD, &interrupted)
            .map_err(|error| error.diagnostic().into())
    }

    /// Runs a call whose last line of output stands in its stage's line.
    fn run_shown(&self, call: &Call, stage: &Stage) -> crate::call::Outcome {
        self.ui.call(&call.to_string());
        run(call, self.interrupt, Some(&mut |line| stage.detail(line)))
    }
}

/// Memory-backed where the host has room in it for a minimal Debian.
pub(in crate::apply) fn scratch() -> &'static Path {
    let memory = Path::new("/dev/shm");
    let roomy = crate::state::host::free_disk(memory).is_some_and(|free| free > 1 << 30);
    if roomy { memory } else { Path::new("/tmp") }
}

fn write(path: &Path, text: &str, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, text)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
}
