//! A project of many machines, in a `vagrantp.kdl`.

use crate::engine;
use crate::place::Place;
use crate::project::Project;
use crate::said::Said;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

/// One project; its machines' ids are `<id>-<machine>`.
pub struct Shop<'a> {
    project: Project<'a>,
    id: String,
}

/// The first three numbers of a /24 that no other test uses.
pub fn subnet() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = std::process::id() * 8 + NEXT.fetch_add(1, Ordering::Relaxed);
    format!("10.{}.{}", 200 + number / 250 % 50, number % 250)
}

impl<'a> Shop<'a> {
    /// A project whose small containers are these.
    pub fn new(place: &'a Place, folder: &str, text: &str) -> Self {
        let shop = Shop {
            project: place.kdl(folder, ""),
            id: place.id(folder),
        };
        shop.write(text);
        shop
    }

    /// Writes its configuration anew.
    pub fn write(&self, text: &str) {
        let head = format!(
            "project {}\ndefaults {{ memory \"512M\"; cpus 1; }}\n",
            self.id
        );
        self.file("vagrantp.kdl", &format!("{head}{text}"));
    }

    /// Writes a file into its folder.
    pub fn file(&self, name: &str, text: &str) {
        let path = self.project.path().join(name);
        let folder = path.parent().expect("a folder");
        fs::create_dir_all(folder).expect("a folder");
        fs::write(path, text).expect("a file of the project");
    }

    /// Changes its configuration.
    #[track_caller]
    pub fn change(&self, from: &str, to: &str) {
        let path = self.project.path().join("vagrantp.kdl");
        let text = fs::read_to_string(&path).expect("its configuration");
        assert!(text.contains(from), "{from} is not in {text}");
        fs::write(path, text.replacen(from, to, 1)).expect("its configuration");
    }

    /// Runs vagrantp.
    #[track_caller]
    pub fn run(&self, words: &[&str]) -> Said {
        self.project.run(words)
    }

    /// Runs vagrantp with variables of the environment.
    #[track_caller]
    pub fn run_with(&self, variables: &[(&str, &str)], words: &[&str]) -> Said {
        let mut command = self.project.command(words);
        let output = command.envs(variables.iter().copied()).output();
        let output = output.expect("timeout is there");
        Said::of(format!("vagrantp {}", words.join(" ")), output)
    }

    /// Asks a guest; the answer without its line's end.
    #[track_caller]
    pub fn guest(&self, machine: &str, line: &str) -> String {
        self.run(&["ssh", machine, "-c", line]).exits(0).word()
    }

    /// The id of a machine.
    pub fn id(&self, machine: &str) -> String {
        format!("{}-{machine}", self.id)
    }

    /// The folder that remembers a machine.
    pub fn machine_folder(&self, machine: &str) -> PathBuf {
        let folders = self.project.machine_folders().into_iter();
        let name = format!("{machine}.container");
        let mut named = folders.filter(|folder| folder.file_name().is_some_and(|it| *it == *name));
        named.next().expect("the machine is remembered")
    }

    /// What is remembered of a machine.
    pub fn record(&self, machine: &str) -> Value {
        let text = fs::read_to_string(self.machine_folder(machine).join("record.json"));
        serde_json::from_str(&text.expect("a record")).expect("JSON")
    }

    /// All that is remembered, as text.
    pub fn remembered(&self) -> String {
        let folders = self.project.machine_folders();
        let files = folders
            .iter()
            .flat_map(|folder| fs::read_dir(folder).expect("a folder"));
        let paths = files.map(|file| file.expect("a file").path());
        let texts = paths.filter_map(|path| fs::read(path).ok());
        let texts = texts.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        texts.collect()
    }

    /// The engine's name of its network of this name; the one without a name is `""`.
    pub fn network(&self, name: &str) -> String {
        match name {
            "" => self.project.network(),
            name => format!("{}-{name}", self.project.network()),
        }
    }

    /// Removes all of it with its volumes, and proves that nothing is left.
    #[track_caller]
    pub fn take_down(&self) {
        self.run(&["rm", "--force", "--volumes"]).exits(0);
        assert_eq!(self.project.containers(), [""; 0]);
        assert_eq!(self.project.machine_folders(), Vec::<PathBuf>::new());
        let ours = self.project.network();
        let lists: [&[&str]; 3] = [
            &["network", "ls", "--format", "{{.Name}}"],
            &["volume", "ls", "--format", "{{.Name}}"],
            &["secret", "ls", "--format", "{{.Name}}"],
        ];
        for list in lists {
            let names = engine::ask(list);
            assert!(!names.contains(&ours), "{list:?} has {names}");
        }
    }
}
