//! The processes that a command starts, by `strace`.

use rustix::process::{Pid, Signal, kill_process};
use std::collections::HashMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// What a command started: the programs that it started itself, and how many there were in all.
pub struct Started {
    pub direct: Vec<String>,
    pub all: usize,
}

/// Runs a command under `strace`. `None` where there is no `strace`.
pub fn started(command: &Command) -> Option<Started> {
    let folder = tempfile::tempdir().expect("there is a temporary folder");
    let mut traced = Command::new("strace");
    traced
        .args(["-ff", "-s", "200", "-e"])
        .args(["trace=execve,clone,clone3,vfork,fork", "-o"])
        .arg(folder.path().join("trace"))
        // What goes on in the background keeps strace; the line says that the command ended.
        .args(["sh", "-c", "\"$@\" >/dev/null 2>&1; echo done", "sh"])
        .arg(command.get_program())
        .args(command.get_args())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    if let Some(place) = command.get_current_dir() {
        traced.current_dir(place);
    }
    for (name, value) in command.get_envs() {
        traced.env(name, value.unwrap_or_default());
    }
    let mut strace = traced.spawn().ok()?;
    let mut line = String::new();
    let _ = BufReader::new(strace.stdout.take()?).read_line(&mut line);
    let pid = Pid::from_child(&strace);
    let _ = kill_process(pid, Signal::KILL);
    let _ = strace.wait();
    Some(read(folder.path()))
}

/// One file a thread or process, named after it: what it executed, and whom it made.
fn read(folder: &Path) -> Started {
    let mut programs: HashMap<String, Vec<String>> = HashMap::new();
    let mut parents: HashMap<String, String> = HashMap::new();
    for entry in fs::read_dir(folder).expect("our own folder").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let me = name.rsplit('.').next().unwrap_or_default().to_owned();
        for line in fs::read_to_string(entry.path()).unwrap_or_default().lines() {
            let Some((call, result)) = line.rsplit_once(" = ") else {
                continue;
            };
            if call.starts_with("execve(") && result == "0" {
                programs.entry(me.clone()).or_default().push(words(call));
            } else if !call.starts_with("execve(") && !result.starts_with('-') {
                parents.insert(result.trim().to_owned(), me.clone());
            }
        }
    }
    // Threads execute nothing: what they started, their process started.
    let starter = |id: &String| {
        let mut above = parents.get(id);
        while let Some(parent) = above.filter(|parent| !programs.contains_key(*parent)) {
            above = parents.get(parent);
        }
        above
    };
    let is_ours = |ran: &Vec<String>| ran[0].starts_with("vagrantp");
    let root = programs.iter().find(|(_, ran)| is_ours(ran));
    let root = root.map(|(id, _)| id);
    let mut direct: Vec<String> = programs
        .iter()
        .filter(|(id, _)| root.is_some() && starter(id) == root)
        .map(|(_, ran)| ran[0].clone())
        .collect();
    direct.sort();
    Started {
        direct,
        // Without the shell and vagrantp.
        all: programs.len().saturating_sub(2),
    }
}

/// The program's name and its first word, such as `podman run`.
fn words(call: &str) -> String {
    let list = call.split_once('[').map_or("", |(_, list)| list);
    let mut words = list.split('"').skip(1).step_by(2);
    let program = words.next().unwrap_or("?");
    let program = program.rsplit('/').next().unwrap_or(program);
    let verb = words.find(|word| !word.starts_with('-') && !word.contains('/'));
    format!("{program} {}", verb.unwrap_or(""))
        .trim()
        .to_owned()
}
