//! The command line, as transcripts that a person could have typed: `tests/commands/*.md`.
//!
//! A page's blocks are taken in their order. `env file=PATH` (or another language) writes a file,
//! relative to the project's folder. `sh fake=PROGRAM` puts a program on `PATH` (see
//! `support/world.rs`), `sh without=PROGRAM` takes one away. `console` is what is typed and what is
//! said: stdout and stderr together, and `exit N` where the status is not 0.
//! `VAGRANTP_BLESS=1` writes what was said.

#[path = "support/difference.rs"]
mod difference;
#[path = "support/page.rs"]
mod page;
#[path = "support/settled.rs"]
mod settled;
#[path = "support/tree.rs"]
mod tree;
#[path = "support/world.rs"]
mod world;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;
use world::World;

/// The page as it is when everything that it types was said again.
fn again(text: &str) -> String {
    let world = World::new(Path::new("shop"));
    let mut page = text.to_owned();
    for number in 0..page::blocks(text).len() {
        let block = page::blocks(&page).swap_remove(number);
        let words: Vec<&str> = block.info.split(' ').collect();
        let rest = words.get(1).and_then(|word| word.split_once('='));
        match (words[0], rest) {
            ("console", None) => {
                let said = block.text.lines().filter(|line| line.starts_with("$ "));
                let said: String = said.map(|line| typed(&world, line)).collect();
                page = page::replaced(&page, &block, &said);
            }
            (_, Some(("file", name))) => {
                let path = world.project.join(name);
                fs::create_dir_all(path.parent().expect("a file")).expect("its folder");
                fs::write(path, &block.text).expect("a file");
            }
            ("sh", Some(("fake", program))) => world.fake(program, &block.text),
            ("sh", Some(("without", program))) => {
                fs::remove_file(world.root().join("bin").join(program)).expect("it was there");
            }
            _ => panic!("a block of no known kind: {}", block.info),
        }
    }
    page
}

fn typed(world: &World, line: &str) -> String {
    let said = world.type_in(&line[2..]);
    let root = world.root().display().to_string();
    let mut text = settled::settled(&said.text(), &root);
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    let odd = text.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(odd, None, "{line}: a control character was said:\n{text:?}");
    let like_typed = text
        .lines()
        .any(|said| said.starts_with("$ ") || said.starts_with("```"));
    assert!(
        !like_typed,
        "{line}: what was said cannot be told from a page:\n{text}"
    );
    if said.status != 0 {
        text.push_str(&format!("exit {}\n", said.status));
    }
    format!("{line}\n{text}")
}

#[test]
fn every_page_says_what_is_said() {
    let pages: Vec<PathBuf> = tree::files("tests/commands");
    let (pages, wrong) = (Mutex::new(pages), Mutex::new(Vec::new()));
    let next = || pages.lock().expect("the pages").pop();
    let work = || {
        while let Some(path) = next() {
            let text = tree::text(&path);
            let said = std::panic::catch_unwind(|| again(&text));
            let said = said.unwrap_or_else(|_| format!("{text}\n(a panic; see above)\n"));
            if said == text {
            } else if std::env::var_os("VAGRANTP_BLESS").is_some() {
                fs::write(tree::root().join(&path), said).expect("a page can be written");
            } else {
                let lines = difference::lines(&text, &said);
                let name = path.display();
                wrong
                    .lock()
                    .expect("the list")
                    .push(format!("{name}:\n{lines}"));
            }
        }
    };
    thread::scope(|scope| {
        (0..4).for_each(|_| drop(scope.spawn(work)));
    });
    let wrong = wrong.into_inner().expect("the list");
    let hint = "`VAGRANTP_BLESS=1 cargo test --test commands` writes what was said";
    assert!(wrong.is_empty(), "{}\n{hint}", wrong.join("\n"));
}

#[test]
fn whatever_is_asked_under_json_is_answered_by_one_document() {
    let verbs: &[&[&str]] = &[
        &["up"],
        &["plan"],
        &["ssh", "--", "true"],
        &["ssh-config"],
        &["status"],
        &["ls"],
        &["stop"],
        &["rm"],
        &["check"],
        &["check", "nowhere.env", ".env"],
        &["config"],
        &["render"],
        &["explain", "MEMORY"],
        &["explain", "nothing"],
        &["status", "nobody"],
        &["-C", "nowhere", "up"],
        &["--file", "x.yaml", "up"],
        &["--profile", "dev", "up"],
        &["upp"],
        &["exec", "x"],
        &["up", "--provider=x"],
        &["--color"],
        &[],
    ];
    let engines = [
        "\"ps \"*) echo nonsense ;;",
        "\"ps \"*) die ;;",
        "\"run \"*) fail 125 'Error: localhost/nothing:1: image not known' ;;",
    ];
    let files = [
        "INFRA_TYPE=container\nIMAGE=redis:7\n",
        "INFRA_TYPE=container\nMEMORY=1\n",
        "A=1\n",
    ];
    for (engine, file) in engines
        .into_iter()
        .flat_map(|engine| files.map(|file| (engine, file)))
    {
        let world = World::new(Path::new("shop"));
        world.fake("podman", engine);
        fs::write(world.project.join(".env"), file).expect("a .env");
        for verb in verbs {
            let (said, complained) =
                world.run_apart(&[&["vagrantp", "--json"], *verb].concat(), &[]);
            let told = || format!("{verb:?} with {file:?} and {engine}:\n{}", said.text());
            let document: serde_json::Value = serde_json::from_slice(&said.bytes)
                .unwrap_or_else(|error| panic!("{error}: {}", told()));
            assert_eq!(document["exit"], said.status, "{}", told());
            assert_eq!(document["error"].is_null(), said.status == 0, "{}", told());
            assert_eq!(
                document["error"].is_null(),
                document["errors"] == serde_json::json!([]),
                "{}",
                told()
            );
            assert_eq!(String::from_utf8_lossy(&complained), "", "{}", told());
        }
    }
}

#[test]
fn a_pull_that_fails_tells_why() {
    // A registry's port, so that it is asked at all; the engine is a fake.
    let registry = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let place = registry.local_addr().expect("its address").to_string();
    let world = World::new(Path::new("shop"));
    let file = format!("INFRA_TYPE=container\nIMAGE={place}/shop:1\n");
    fs::write(world.project.join(".env"), file).expect("a .env");
    let cause = format!("reading manifest 1 in {place}/shop: manifest unknown");
    world.fake(
        "podman",
        &format!(
            "\"pull \"*) fail 125 'Trying to pull {place}/shop:1...' \\\n\
             'Error: initializing source docker://{place}/shop:1: {cause}' ;;"
        ),
    );
    let (said, _) = world.run_apart(&["vagrantp", "--json", "up"], &[]);
    let document: serde_json::Value = serde_json::from_slice(&said.bytes).expect("a document");
    let error = &document["error"];
    assert_eq!(
        (said.status, &error["rule"]),
        (1, &"1104".into()),
        "{document}"
    );
    let told = format!("{} {}", error["message"], error["details"]);
    assert!(told.contains(&cause), "{document}");
    assert_eq!(error["line"], 2, "{document}");
}
