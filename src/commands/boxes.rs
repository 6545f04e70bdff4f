//! `box`: our own boxes are made, listed, put into libvirt's pool and removed. No project is needed; in one,
//! its own files of the recipe count.

use super::answer::Answer;
use super::{Session, own_template};
use crate::apply::boxes::{Built, Unpublished, built, no_release};
use crate::apply::{Doer, Halt, Shared};
use crate::call::quoted;
use crate::call::run::run as run_call;
use crate::diagnostic::Diagnostic;
use crate::engine::boxes::recipe::{self, Release};
use crate::engine::failure;
use crate::source::Origin;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What is to be done.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// Make a box where it is not there; with a path, as a file for Vagrant too.
    Build {
        /// The box.
        name: String,
        /// The file.
        output: Option<PathBuf>,
    },
    /// Put a box into libvirt's pool, made where it is not there.
    Publish {
        /// The box.
        name: String,
    },
    /// List the boxes that are here.
    List,
    /// Remove boxes from here, from Vagrant's store and from libvirt's pool; another's from the pool alone.
    Remove {
        /// The boxes.
        names: Vec<String>,
    },
}

/// Runs the verb.
pub fn run(session: &Session, wanted: &Wanted) -> u8 {
    let start = session.start();
    let folder = session.find_folder().unwrap_or(start);
    let mut answer = Answer::new("box", &folder);
    let overrides = |name: &str| own_template(&folder, name);
    let shared = Shared::default();
    let done = session
        .doer(&shared, &overrides)
        .map_err(Halt::from)
        .and_then(|doer| perform(session, &doer, wanted, &mut answer));
    match done {
        Ok(()) => {}
        Err(Halt::Failed(finding)) => answer.findings.push(session.advised(*finding)),
        Err(Halt::Interrupted) => answer.exit = Some(super::answer::INTERRUPTED),
    }
    session.finish(&answer)
}

fn perform(
    session: &Session,
    doer: &Doer,
    wanted: &Wanted,
    answer: &mut Answer,
) -> Result<(), Halt> {
    match wanted {
        Wanted::Build { name, output } => {
            let built = doer.own_box(release(name)?, Origin::Default)?;
            session.ui.out(&format!(
                "{} {} is ready, {} MB",
                built.host_box.name,
                built.host_box.version,
                built.size >> 20
            ));
            answer.extra.push(("box", document(&built)));
            match output {
                Some(file) => pack(session, &built, file),
                None => Ok(()),
            }
        }
        Wanted::Publish { name } => {
            let built = doer.own_box(release(name)?, Origin::Default)?;
            let base = doer.publish(&built.host_box)?;
            session.ui.out(&format!(
                "{} is in libvirt's pool {} as {}",
                built.host_box.name, base.pool, base.name
            ));
            answer.extra.push(("box", document(&built)));
            answer.extra.push(("volume", json!(base.path)));
            Ok(())
        }
        Wanted::List => {
            list(session, doer, answer);
            Ok(())
        }
        Wanted::Remove { names } => {
            for name in names {
                match recipe::release(name) {
                    None => unpublish(session, doer, name)?,
                    Some(_) => remove(session, doer, release(name)?)?,
                }
            }
            Ok(())
        }
    }
}

fn release(name: &str) -> Result<Release, Halt> {
    match recipe::release(name) {
        Some(Some(release)) => Ok(release),
        Some(None) => Err(no_release(name).into()),
        None => Err(Diagnostic::error(2902)
            .message(format!("'{name}' is no box that vagrantp makes"))
            .help(format!("write one of: {}", recipe::releases().join(", ")))
            .into()),
    }
}

fn pack(session: &Session, built: &Built, file: &Path) -> Result<(), Halt> {
    let file = session.start().join(file);
    let folder = built.host_box.image.parent().unwrap_or(Path::new("/"));
    let partial = file.with_extension("box.part");
    let call = recipe::pack(folder, &partial);
    session.ui.call(&call.to_string());
    let outcome = run_call(&call, &session.interrupt, None);
    let renamed = outcome.ok() && std::fs::rename(&partial, &file).is_ok();
    if !renamed {
        let _ = std::fs::remove_file(&partial);
        let finding = Diagnostic::error(1142)
            .message(format!("{} cannot be written", file.display()))
            .help("write the path of a file in a folder that can be written");
        return Err(failure::evidence(finding, &outcome).into());
    }
    session.ui.out(&recipe::by_hand(&file));
    Ok(())
}

fn all(doer: &Doer) -> Vec<(PathBuf, Built)> {
    let entries = std::fs::read_dir(doer.boxes_folder()).into_iter().flatten();
    let whole = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("debian-")
    };
    let paths = entries.flatten().map(|entry| entry.path()).filter(whole);
    let mut all: Vec<(PathBuf, Built)> = paths
        .filter_map(|path| built(&path).map(|built| (path, built)))
        .collect();
    all.sort_by_key(|(_, built)| built.made);
    all
}

fn list(session: &Session, doer: &Doer, answer: &mut Answer) {
    let all = all(doer);
    let row = |(_, built): &(PathBuf, Built)| {
        vec![
            built.host_box.name.clone(),
            built.host_box.version.clone(),
            format!("{} MB", built.size >> 20),
            built.made.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        ]
    };
    let rows: Vec<Vec<String>> = all.iter().map(row).collect();
    match rows.is_empty() {
        true => session.ui.out("no box"),
        false => session
            .ui
            .out_table(&["BOX", "VERSION", "SIZE", "MADE"], &rows),
    }
    let boxes: Vec<Value> = all.iter().map(|(_, built)| document(built)).collect();
    answer.extra.push(("boxes", boxes.into()));
}

fn remove(session: &Session, doer: &Doer, release: Release) -> Result<(), Halt> {
    let name = release.box_name();
    let mut all = all(doer);
    all.retain(|(_, built)| built.host_box.name == name);
    if all.is_empty() {
        return Err(Diagnostic::error(1501)
            .message(format!("There is no box {name} here"))
            .help("see which there are: vagrantp box ls")
            .into());
    }
    let mut used = None;
    for (folder, built) in all {
        let version = &built.host_box.version;
        match doer.remove_box(&built.host_box, &folder)? {
            None => session.ui.out(&format!("{name} {version} is removed")),
            Some(user) => used = Some((version.clone(), user)),
        }
    }
    used.map_or(Ok(()), |(version, user)| {
        Err(in_use(&format!("{name} {version}"), &user).into())
    })
}

/// Another's box is Vagrant's; what libvirt's pool has of it, Vagrant leaves there.
fn unpublish(session: &Session, doer: &Doer, name: &str) -> Result<(), Halt> {
    match doer.unpublish_box(name)? {
        Unpublished::Removed => {
            session.ui.out(&format!(
                "{name} is out of libvirt's pool; Vagrant's own copy goes by: vagrant box remove {}",
                quoted(name)
            ));
            Ok(())
        }
        Unpublished::Used(user) => Err(in_use(name, &user).into()),
        Unpublished::Absent => Err(Diagnostic::error(1501)
            .message(format!("There is no box {name} in libvirt's pool"))
            .help("see vagrantp's own: vagrantp box ls, and Vagrant's: vagrant box list")
            .into()),
    }
}

fn in_use(what: &str, user: &str) -> Diagnostic {
    Diagnostic::error(3102)
        .message(format!(
            "The box {what} is in use: the disk {user} stands on it"
        ))
        .help("remove its machine first, see: vagrantp ls; then again: vagrantp box rm")
}

fn document(built: &Built) -> Value {
    let host_box = &built.host_box;
    json!({
        "name": host_box.name,
        "version": host_box.version,
        "image": host_box.image,
        "kernel": host_box.boot.as_ref().map(|boot| &boot.kernel),
        "initrd": host_box.boot.as_ref().map(|boot| &boot.initrd),
        "command_line": host_box.boot.as_ref().map(|boot| &boot.command_line),
        "size_bytes": built.size,
        "virtual_size_bytes": host_box.virtual_size,
        "user": host_box.user,
        "created_at": built.made,
    })
}
