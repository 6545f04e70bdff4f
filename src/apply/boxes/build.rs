//! Our own box is made: packages, disk, image. Each stage leaves its part behind, for the next build to go on
//! from where this one is cut short; the box itself is there whole or not at all.

use super::{Doer, Halt, fingerprint};
use crate::call::run::{run, wait_for_left_behind};
use crate::call::{Call, Outcome};
use crate::diagnostic::Diagnostic;
use crate::engine::boxes::recipe::{self, Recipe};
use crate::engine::boxes::{DirectBoot, HostBox};
use crate::engine::failure;
use crate::engine::namespace::absent;
use crate::source::Origin;
use crate::state::lock;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// As long as another process may take to make the same.
const OTHER: Duration = Duration::from_secs(1800);
/// How long each stage takes where none was measured here yet, in seconds.
const USUAL: &[(&str, f64)] = &[("packages", 60.0), ("disk", 4.0), ("image", 4.0)];

const SCHEMA: u32 = 1;
/// What is remembered of a box, beside it.
const NOTE: &str = "box.json";
const TAR: &str = "files.tar";
const PARTIAL: &str = "files.tar.part";

/// A box of our own that is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// The box.
    pub host_box: HostBox,
    /// The size of its image's file.
    pub size: u64,
    /// When it was made.
    pub made: jiff::Timestamp,
}

/// What is remembered of it.
#[derive(Serialize, Deserialize)]
struct Note {
    schema: u32,
    name: String,
    version: String,
    user: String,
    virtual_size: u64,
    command_line: String,
    made: jiff::Timestamp,
}

/// The box of a folder, where all of it is there.
pub fn built(folder: &Path) -> Option<Built> {
    let text = fs::read_to_string(folder.join(NOTE)).ok()?;
    let note: Note = serde_json::from_str(&text).ok()?;
    let image = folder.join("box.img");
    let size = image.metadata().ok()?.len();
    let (kernel, initrd) = (folder.join("kernel"), folder.join("initrd"));
    if note.schema != SCHEMA || !kernel.is_file() || !initrd.is_file() {
        return None;
    }
    Some(Built {
        host_box: HostBox {
            name: note.name,
            version: note.version,
            image,
            format: "qcow2".to_owned(),
            virtual_size: note.virtual_size,
            boot: Some(DirectBoot {
                kernel,
                initrd,
                command_line: note.command_line,
            }),
            user: note.user,
            written: 0,
        },
        size,
        made: note.made,
    })
}

impl Doer<'_> {
    /// Makes the box of a recipe in its folder, or finds that another process just did.
    pub(super) fn build_box(
        &self,
        recipe: &Recipe,
        folder: &Path,
        origin: Origin,
    ) -> Result<Built, Halt> {
        let boxes = self.boxes_folder();
        crate::state::make_folder(&boxes)?;
        let suite = recipe.release.suite;
        let path = boxes.join(format!("debian-{suite}.lock"));
        let interrupted = || self.interrupt.count() > 0;
        let _lock = lock::acquire(&path, "vagrantp box build", OTHER, &interrupted)
            .map_err(|error| error.diagnostic())?;
        if let Some(built) = built(folder) {
            return Ok(built);
        }
        let work = Work {
            doer: self,
            recipe,
            origin,
            making: boxes.join(format!("making-{}", recipe.folder())),
        };
        work.let_end();
        self.go_on()?;
        work.clear_others(&boxes);
        let written = work.recipe_files();
        written.map_err(|error| self.no_box_folder(&work.making, &error))?;
        work.packages()?;
        work.disk()?;
        work.image()?;
        let finished = work.finish(folder);
        finished.map_err(|error| self.no_box_folder(folder, &error))?;
        let built = built(folder);
        built.ok_or_else(|| work.failed("it was made and is not there", None).into())
    }
}

/// One build.
struct Work<'a> {
    doer: &'a Doer<'a>,
    recipe: &'a Recipe,
    origin: Origin,
    making: PathBuf,
}

impl Work<'_> {
    /// A killed build's command still writes there.
    fn let_end(&self) {
        let place = self.making.display().to_string();
        let meant = |words: &[String]| words.iter().any(|word| word.starts_with(&place));
        for program in ["mmdebstrap", "unshare", "sh", "qemu-img"] {
            let interrupt = self.doer.interrupt;
            wait_for_left_behind(program, &meant, interrupt, OTHER, &mut || {});
        }
    }

    /// What builds of other recipes of this release left there.
    fn clear_others(&self, boxes: &Path) {
        let start = format!("making-debian-{}-", self.recipe.release.suite);
        for entry in fs::read_dir(boxes).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let old = name.starts_with(".read-back-");
            if (name.starts_with(&start) && entry.path() != self.making) || old {
                self.remove(&scratch_of(&entry.path()));
                self.remove(&entry.path());
            }
        }
    }

    fn recipe_files(&self) -> io::Result<()> {
        let folder = self.making.join("recipe");
        fs::create_dir_all(&folder)?;
        for (name, text) in &self.recipe.files {
            fs::write(folder.join(name), text)?;
        }
        Ok(())
    }

    fn packages(&self) -> Result<(), Halt> {
        let tar = self.making.join(TAR);
        if tar.is_file() {
            return Ok(());
        }
        let suite = self.recipe.release.suite;
        let text = format!("Debian {suite} from the package mirror, once");
        let scratch = scratch_of(&self.making);
        self.remove(&scratch);
        // The root of the user namespace in which an ordinary user installs them is somebody else.
        let made = fs::DirBuilder::new().mode(0o755).create(&scratch);
        made.map_err(|error| self.doer.no_box_folder(&scratch, &error))?;
        let is_root = !self.doer.rootless;
        let call = self
            .recipe
            .install(&self.making, PARTIAL, &scratch, is_root);
        let done = self.stage("packages", &text, &call);
        self.remove(&scratch);
        done?;
        let renamed = fs::rename(self.making.join(PARTIAL), &tar);
        renamed.map_err(|error| self.doer.no_box_folder(&self.making, &error).into())
    }

    fn disk(&self) -> Result<(), Halt> {
        let tree = scratch_of(&self.making);
        let is_root = !self.doer.rootless;
        let call = recipe::make_disk(&self.making, TAR, &tree, is_root);
        let done = self.stage("disk", "one file system, booted directly", &call);
        if done.is_err() {
            self.remove(&tree);
        }
        done
    }

    fn image(&self) -> Result<(), Halt> {
        self.stage("image", "compressed", &recipe::compress(&self.making))
    }

    fn stage(&self, name: &str, text: &str, call: &Call) -> Result<(), Halt> {
        let doer = self.doer;
        doer.go_on()?;
        let stage = doer.stage(name, text, Some(self.eta(name)));
        doer.ui.call(&call.to_string());
        let outcome = run(
            call,
            doer.interrupt,
            Some(&mut |line| stage.detail(line.trim_start_matches("I: "))),
        );
        doer.go_on()?;
        if let Some(program) = absent(call, &outcome) {
            return Err(Diagnostic::error(5004)
                .message(format!("{program} is not installed: it makes our box"))
                .at_origin(self.origin)
                .help(failure::install(program))
                .into());
        }
        if !outcome.ok() {
            return Err(self
                .failed(&format!("{name} failed"), Some(&outcome))
                .into());
        }
        self.measured(name, outcome.took);
        stage.done(text);
        Ok(())
    }

    fn failed(&self, why: &str, outcome: Option<&Outcome>) -> Diagnostic {
        let name = self.recipe.release.box_name();
        let finding = Diagnostic::error(1142)
            .message(format!("The box {name} cannot be made: {why}"))
            .at_origin(self.origin)
            .help("mend what the last lines say, and try again; what is done already is kept");
        match outcome {
            Some(outcome) => failure::evidence(finding, outcome),
            None => finding,
        }
    }

    /// All of it gets its place at once.
    fn finish(&self, folder: &Path) -> io::Result<()> {
        let made = jiff::Timestamp::now();
        let name = self.recipe.release.box_name();
        let day = made.strftime("%Y%m%d");
        let number = self.recipe.release.number;
        // Two builds of one recipe are two boxes: machines of one never stand on the other.
        let only = only_one(&self.making.join("box.img"), made)?;
        let command_line = self.recipe.command_line();
        let note = Note {
            schema: SCHEMA,
            name,
            version: format!("{number}.{day}.{only}"),
            user: recipe::USER.to_owned(),
            virtual_size: recipe::VIRTUAL_SIZE,
            command_line: command_line.clone(),
            made,
        };
        let note = serde_json::to_string_pretty(&note).unwrap_or_default();
        fs::write(self.making.join("metadata.json"), recipe::metadata())?;
        fs::write(
            self.making.join("Vagrantfile"),
            recipe::vagrantfile(&command_line),
        )?;
        for name in [TAR, PARTIAL, "disk.raw"] {
            let _ = fs::remove_file(self.making.join(name));
        }
        fs::write(self.making.join(NOTE), note)?;
        for name in ["box.img", "kernel", "initrd", NOTE] {
            fs::File::open(self.making.join(name))?.sync_all()?;
        }
        // One that is incomplete, since it is not taken for one.
        let _ = fs::remove_dir_all(folder);
        fs::rename(&self.making, folder)
    }

    fn remove(&self, folder: &Path) {
        if folder.symlink_metadata().is_err() {
            return;
        }
        if fs::remove_dir_all(folder).is_err() && fs::remove_file(folder).is_err() {
            self.doer.run(&recipe::remove(folder, !self.doer.rootless));
        }
    }

    fn durations(&self) -> BTreeMap<String, f64> {
        let text = fs::read_to_string(self.doer.boxes_folder().join("durations.json"));
        serde_json::from_str(&text.unwrap_or_default()).unwrap_or_default()
    }

    fn eta(&self, stage: &str) -> Duration {
        let usual = USUAL.iter().find(|(name, _)| *name == stage);
        let measured = self.durations().get(stage).copied();
        let seconds = measured
            .or(usual.map(|(_, seconds)| *seconds))
            .unwrap_or(1.0);
        Duration::try_from_secs_f64(seconds).unwrap_or_default()
    }

    fn measured(&self, stage: &str, took: Duration) {
        let mut durations = self.durations();
        durations.insert(stage.to_owned(), took.as_secs_f64());
        let text = serde_json::to_string(&durations).unwrap_or_default();
        // A guess that is lost costs nothing.
        let _ = fs::write(self.doer.boxes_folder().join("durations.json"), text);
    }
}

/// Where what lies between is, in memory where it may: of one name, so that the next build takes over what a
/// killed one left there.
fn scratch_of(making: &Path) -> PathBuf {
    let digest = Sha256::digest(making.as_os_str().as_encoded_bytes());
    let name = format!("vagrantp-box-{:.16}", format!("{digest:x}"));
    super::super::container::scratch().join(name)
}

/// A number that no other build has.
fn only_one(path: &Path, made: jiff::Timestamp) -> io::Result<u32> {
    let content = fingerprint::of_file(path)?;
    let mut hash = Sha256::new_with_prefix(content);
    hash.update(made.as_nanosecond().to_le_bytes());
    hash.update(std::process::id().to_le_bytes());
    let bytes = hash.finalize();
    Ok(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
}
