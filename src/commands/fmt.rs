//! `fmt`: the layout of KDL files, and nothing else of them.

use super::answer::Answer;
use super::disk::read_regular;
use super::find::{Located, unreadable};
use super::load::Loading;
use super::{Session, shown};
use crate::diagnostic::{Diagnostic, Sink};
use crate::source::Sources;
use crate::state::replace_file;
use crate::syntax::kdl::format::format;
use crate::syntax::{decode, kdl};
use serde_json::{Value, json};
use similar::TextDiff;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The exit status where something would change, as that of `plan --detailed-exitcode`.
const WOULD_CHANGE: u8 = 10;

/// A difference that is longer in finding is not the shortest.
const PATIENCE: Duration = Duration::from_millis(500);

/// What `fmt` takes.
#[derive(Debug, Clone)]
pub struct Arguments {
    /// Files; the project's where none is named.
    pub files: Vec<PathBuf>,
    /// Only say which would change.
    pub check: bool,
    /// Only show what would change.
    pub diff: bool,
    /// From stdin to stdout.
    pub stdin: bool,
}

/// A text to format.
struct Given {
    name: String,
    /// The file that it is, where it is one.
    path: Option<PathBuf>,
    bytes: Vec<u8>,
}

/// Runs the verb.
pub fn run(session: &Session, arguments: &Arguments) -> u8 {
    let mut answer = Answer::new("fmt", &session.start());
    let given = match given(session, arguments, &mut answer) {
        Ok(given) => given,
        Err(exit) => return exit,
    };
    let each = given.iter();
    let files: Vec<Value> = each
        .filter_map(|one| format_one(session, arguments, one, &mut answer))
        .collect();
    let changes = files.iter().any(|file| file["changed"] == true);
    answer.extra.push(("files", files.into()));
    if !answer.has_errors() {
        let only_tells = arguments.check || arguments.diff;
        answer.exit = (changes && only_tells).then_some(WOULD_CHANGE);
        if !changes && !arguments.diff && !arguments.stdin {
            session.ui.out("nothing to change");
        }
    }
    session.finish(&answer)
}

/// Formats one text and does with it what is asked for; what came of it, as data.
fn format_one(
    session: &Session,
    arguments: &Arguments,
    given: &Given,
    answer: &mut Answer,
) -> Option<Value> {
    let text = layout(given, answer)?;
    let name = &given.name;
    let changed = text.as_bytes() != given.bytes;
    let mut file = json!({"file": name, "changed": changed});
    if arguments.diff {
        let diff = if changed {
            difference(given, &text)
        } else {
            String::new()
        };
        session.ui.text(&diff);
        file["diff"] = diff.into();
    } else if arguments.check {
        if changed {
            session.ui.out(&format!("would change {name}"));
        }
    } else if let Some(path) = &given.path {
        if changed {
            match replace_file(path, text.as_bytes()) {
                Ok(()) => session.ui.out(&format!("changed {name}")),
                Err(error) => {
                    answer.findings.push(unwritable(given, &error));
                    return None;
                }
            }
        }
    } else {
        session.ui.text(&text);
        file["text"] = text.into();
    }
    Some(file)
}

/// What is to be formatted, or, told already, why that is not known. A file that cannot be read is a
/// finding, and the others go on.
fn given(session: &Session, arguments: &Arguments, answer: &mut Answer) -> Result<Vec<Given>, u8> {
    if arguments.stdin {
        return Ok(stdin(answer).into_iter().collect());
    }
    let mut paths = Vec::new();
    if arguments.files.is_empty() {
        let located = session.find();
        let located = located.map_err(|not_found| session.not_found("fmt", not_found))?;
        answer.folder = located.folder.clone();
        answer.file = Some(located.file.clone());
        paths.extend(files_of_project(&located));
    } else {
        let start = session.start();
        let files = arguments.files.iter();
        paths.extend(files.map(|file| (file.display().to_string(), start.join(file))));
    }
    let each = paths.into_iter().map(|(name, path)| read(name, path));
    let each = each.filter_map(|read| read.map_err(|found| answer.findings.push(found)).ok());
    Ok(each.collect())
}

/// The KDL files that make a project, those that lie in its folder.
fn files_of_project(located: &Located) -> Vec<(String, PathBuf)> {
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    // What they say together, and all that is wrong with it, is for `check`.
    let loading = Loading {
        folder: &located.folder,
        file: &located.file,
        variables: &[],
        flags: &[],
        own: &|_| None,
        sources: &mut sources,
        sink: &mut sink,
    };
    loading.load(&located.bytes);
    let main = located.folder.join(&located.file);
    let is_ours = |path: &&Path| {
        let is_kdl = path.extension().is_some_and(|ending| ending == "kdl");
        **path == main || (is_kdl && path.starts_with(&located.folder))
    };
    let paths = sources.files().filter(is_ours);
    paths.map(|path| (shown(path), path.to_owned())).collect()
}

fn stdin(answer: &mut Answer) -> Option<Given> {
    let mut bytes = Vec::new();
    let limit = decode::LIMIT as u64 + 1;
    let read = std::io::stdin().lock().take(limit).read_to_end(&mut bytes);
    let found = match read {
        Err(error) => format!("stdin cannot be read: {error}"),
        Ok(_) if bytes.len() > decode::LIMIT => {
            let limit = decode::LIMIT >> 20;
            format!("stdin cannot be read: it is larger than {limit} MB")
        }
        Ok(_) => {
            return Some(Given {
                name: "stdin".into(),
                path: None,
                bytes,
            });
        }
    };
    let found = Diagnostic::error(2002).message(found);
    answer
        .findings
        .push(found.help("give the text of a .kdl file"));
    None
}

fn read(name: String, path: PathBuf) -> Result<Given, Diagnostic> {
    if path.extension().is_none_or(|ending| ending != "kdl") {
        return Err(Diagnostic::error(2403)
            .message(format!("{name} is left as it is: fmt is for .kdl files"))
            .help(match name.as_str() {
                "-" => "format what comes in: vagrantp fmt --stdin".to_owned(),
                _ => "name a .kdl file".to_owned(),
            }));
    }
    match read_regular(&path, decode::LIMIT as u64) {
        Err(why) => Err(unreadable(&name, &why)),
        Ok(bytes) => Ok(Given {
            name,
            path: Some(path),
            bytes,
        }),
    }
}

/// The text in its layout; nothing where it has mistakes, which are told.
fn layout(given: &Given, answer: &mut Answer) -> Option<String> {
    let path = given.path.as_deref().unwrap_or(Path::new(&given.name));
    let name = given.name.clone();
    let text = match decode::decode(&given.bytes) {
        Ok(text) => text,
        Err(flaw) => {
            let id = answer.sources.add_file(path, name, flaw.text.clone());
            answer.findings.push(flaw.diagnostic(id));
            return None;
        }
    };
    let mut sink = Sink::default();
    let id = answer.sources.add_file(path, name, text);
    let is_kdl = kdl::parse(&answer.sources, id, &mut sink).is_some();
    if !is_kdl {
        answer.findings.append(&mut sink.into_sorted());
        return None;
    }
    let layout = format(&answer.sources.get(id).text);
    if layout.is_none() {
        let message = format!("vagrantp knows no layout for {}", given.name);
        let bug = Diagnostic::error(1001).message(message);
        answer
            .findings
            .push(bug.help("report it with the file; nothing of it was changed"));
    }
    layout
}

fn difference(given: &Given, text: &str) -> String {
    let old = String::from_utf8_lossy(&given.bytes);
    let lines = TextDiff::configure()
        .timeout(PATIENCE)
        .diff_lines(old.as_ref(), text);
    let mut lines = lines.unified_diff();
    lines.header(&given.name, &given.name).to_string()
}

fn unwritable(given: &Given, error: &std::io::Error) -> Diagnostic {
    let name = &given.name;
    Diagnostic::error(1804)
        .message(format!("{name} cannot be written: {error}"))
        .help(format!(
            "see its permissions: ls -l {}",
            crate::call::quoted(name)
        ))
}
