//! A user's place on this host for one test: a home, a state folder, and projects in it.

use crate::engine;
use crate::host::is_root;
use crate::project::Project;
use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// One test's own home and state. What is left in it when the test ends, also by a panic, is removed.
pub struct Place {
    root: PathBuf,
    name: String,
    folders: RefCell<Vec<PathBuf>>,
}

impl Place {
    /// A new one. The first of all makes the ssh layer, so that tests at once do not build it twice.
    pub fn new() -> Self {
        Place::layer();
        Place::bare()
    }

    /// The beginning of a Containerfile whose image needs no packages to be lived in: it has the layer's.
    pub fn lived_in() -> String {
        format!("FROM {}\nENTRYPOINT []\nCMD [\"bash\"]\n", Place::layer())
    }

    /// The image with the ssh layer over `debian:12`.
    pub fn layer() -> &'static str {
        static LAYER: OnceLock<Option<String>> = OnceLock::new();
        let made = LAYER.get_or_init(|| {
            let first = || {
                let place = Place::bare();
                let project = place.project("layer", "");
                project.up();
                let layer = engine::inspect(&project.id(), "{{.ImageName}}");
                project.take_down();
                layer
            };
            std::panic::catch_unwind(first).ok()
        });
        made.as_deref()
            .expect("no machine at all comes up: see the first test that failed")
    }

    fn bare() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("vpe-{}-{count}", std::process::id());
        let root = std::env::temp_dir().join(&name);
        let config = root.join("home/.config");
        fs::create_dir_all(&config).expect("a temporary folder");
        // Podman's configuration is the real user's, as its storage is. Not by XDG_CONFIG_HOME: with it,
        // `podman commit` 4.3 does not find its own defaults ("runroot must be set").
        let real = engine::home().join(".config/containers");
        std::os::unix::fs::symlink(real, config.join("containers")).expect("a link");
        Place {
            root,
            name,
            folders: RefCell::default(),
        }
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// The state folder of vagrantp.
    pub fn state(&self) -> PathBuf {
        self.root.join("state/vagrantp")
    }

    /// An instance id that no other test has.
    pub fn id(&self, name: &str) -> String {
        format!("{}-{name}", self.name)
    }

    /// A project of a small container with an id of its own; `lines` follow from line 5 on.
    pub fn project(&self, name: &str, lines: &str) -> Project<'_> {
        let id = self.id(name);
        let text = format!("INFRA_TYPE=container\nINFRA_ID={id}\nMEMORY=512M\nCPUS=1\n{lines}");
        self.verbatim(name, &text)
    }

    /// A project of several machines under a name that no other test has: `text` follows the project's node.
    pub fn fleet(&self, folder: &str, text: &str) -> Project<'_> {
        let project = self.kdl(folder, "");
        project.write_kdl(text);
        project
    }

    /// A project with exactly this `.env`, in this folder of the place.
    pub fn verbatim(&self, folder: &str, text: &str) -> Project<'_> {
        self.written(folder, ".env", text)
    }

    /// A project with exactly this `vagrantp.kdl`, in this folder of the place.
    pub fn kdl(&self, folder: &str, text: &str) -> Project<'_> {
        self.written(folder, "vagrantp.kdl", text)
    }

    fn written(&self, folder: &str, file: &str, text: &str) -> Project<'_> {
        let path = self.root.join(folder);
        fs::create_dir_all(&path).expect("a folder for the project");
        fs::write(path.join(file), text).expect("its configuration");
        self.folders.borrow_mut().push(path.clone());
        Project::new(self, path)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        for folder in self.folders.borrow().iter() {
            let project = Project::new(self, folder.clone());
            let Some(uuid) = project.uuid() else { continue };
            project.run(&["rm", "--force", "--ensure", "--volumes"]);
            let label = format!("label=vagrantp.project={uuid}");
            engine::podman(&["rm", "--force", "--time", "0", "--filter", &label]);
            let ours = format!("name={}", project.network());
            let named = engine::podman(&["network", "ls", "--quiet", "--filter", &ours]);
            for network in named.out().lines() {
                engine::podman(&["network", "rm", network]);
            }
        }
        if is_root() {
            let _ = fs::remove_dir_all(&self.root);
        } else {
            // What a machine wrote may belong to ids that only Podman may touch.
            let root = self.root.display().to_string();
            engine::podman(&["unshare", "rm", "-rf", &root]);
        }
    }
}
