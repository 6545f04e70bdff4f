//! The files of a configuration, read and put together: the main one, what it includes, the local one
//! and the `.env` beside it.

use super::disk::{Unreadable, read_regular};
use super::files_of::{Matched, files_of};
use crate::diagnostic::{Diagnostic, Sink};
use crate::settings::Dialect;
use crate::source::{SourceId, Sources, Span};
use crate::spec::Spec;
use crate::spec::beside::beside;
use crate::spec::gather::{Part, gather};
use crate::syntax::document::{Document, STANDARD, UseNode};
use crate::syntax::dotenv::{self, DotEnv};
use crate::syntax::overrides::{flags, overrides};
use crate::syntax::{Word, decode, kdl};
use crate::value::expand_home;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

/// What the files say together.
pub struct Loaded {
    /// All that is written, where it can be read.
    pub spec: Option<Spec>,
    /// The variables of the `.env`, ours or not: they may be secrets.
    pub variables: BTreeMap<String, String>,
    /// What is wrong with lines of the `.env` that cannot be read, by the variables that they should set.
    pub unread: BTreeMap<String, Diagnostic>,
    /// The `.env` itself, where it is the configuration.
    pub dotenv: Option<DotEnv>,
}

/// Reads a configuration whose main file has these bytes. Every file becomes a source.
pub struct Loading<'a> {
    /// The project's folder.
    pub folder: &'a Path,
    /// The main file's name in it.
    pub file: &'a str,
    /// The process environment.
    pub variables: &'a [(String, String)],
    /// The words of `--set`.
    pub flags: &'a [String],
    /// A project's own version of a file of the standard library.
    pub own: &'a dyn Fn(&str) -> Option<String>,
    /// The texts.
    pub sources: &'a mut Sources,
    /// The findings.
    pub sink: &'a mut Sink,
}

/// Files that were read, and those that are being read, by their real paths.
#[derive(Default)]
struct Way {
    seen: HashSet<PathBuf>,
    open: Vec<(PathBuf, String)>,
}

impl Loading<'_> {
    /// Reads all of it. Nothing is loaded where the main file is no text, which is told.
    pub fn load(mut self, bytes: &[u8]) -> Loaded {
        let id = self.text(self.folder.join(self.file), self.file.to_owned(), bytes);
        let environment = self.variables.iter().cloned();
        let environment = overrides(environment, self.sources, self.sink);
        let flags = flags(self.flags, self.sources, self.sink);
        let mut loaded = match (id, Dialect::of_file(self.file)) {
            (None, _) => Loaded {
                spec: None,
                variables: BTreeMap::new(),
                unread: BTreeMap::new(),
                dotenv: None,
            },
            (Some(id), Dialect::Env) => self.env(id),
            (Some(id), Dialect::Kdl) => self.kdl(id),
        };
        if let Some(spec) = &mut loaded.spec {
            spec.environment = environment;
            spec.flags = flags;
            beside(spec, self.sink);
        }
        loaded
    }

    fn text(&mut self, path: PathBuf, name: String, bytes: &[u8]) -> Option<SourceId> {
        match decode::decode(bytes) {
            Ok(text) => Some(self.sources.add_file(&path, name, text)),
            Err(flaw) => {
                let id = self.sources.add_file(&path, name, flaw.text.clone());
                self.sink.push(flaw.diagnostic(id));
                None
            }
        }
    }

    fn env(&mut self, id: SourceId) -> Loaded {
        let around = self.variables;
        let lookup = |name: &str| look_up(around, name);
        let read = dotenv::parse(self.sources, id, &lookup, self.sink);
        self.sources.hide(id, &read.foreign);
        let spec = gather(
            Dialect::Env,
            vec![(Part::Main, read.document.clone())],
            self.sink,
        );
        Loaded {
            spec,
            variables: variables(&read),
            unread: BTreeMap::new(),
            dotenv: Some(read),
        }
    }

    fn kdl(&mut self, id: SourceId) -> Loaded {
        let mut documents = Vec::new();
        let mut way = Way::default();
        let path = self.folder.join(self.file);
        way.seen.insert(real(&path));
        let main = self.document(Part::Main, id, path, &mut way, &mut documents);
        let name = format!("{}.local.kdl", self.file.trim_end_matches(".kdl"));
        let local = self.folder.join(&name);
        match read_regular(&local, decode::LIMIT as u64) {
            Ok(bytes) => {
                if let Some(id) = self.text(local.clone(), name, &bytes) {
                    self.document(Part::Local, id, local, &mut way, &mut documents);
                }
            }
            Err(Unreadable::Missing) => {}
            Err(why) => self.sink.push(
                Diagnostic::error(2002)
                    .message(format!("{name} cannot be read: {why}"))
                    .help("put a plain text file in its place, or remove it"),
            ),
        }
        self.standard(&mut documents);
        let mut unread = BTreeMap::new();
        let beside = self.env_beside(&mut unread);
        let variables = beside.as_ref().map(variables).unwrap_or_default();
        let spec = main
            .then(|| gather(Dialect::Kdl, documents, self.sink))
            .flatten();
        let spec = spec.map(|spec| Spec {
            beneath: beside
                .filter(|read| read.infra_type.is_some())
                .and_then(|read| read.document.machines.into_iter().next())
                .map(|machine| machine.section),
            ..spec
        });
        Loaded {
            spec,
            variables,
            unread,
            dotenv: None,
        }
    }

    /// Reads one file and, behind it, what it includes. Whether it could be read.
    fn document(
        &mut self,
        part: Part,
        id: SourceId,
        path: PathBuf,
        way: &mut Way,
        documents: &mut Vec<(Part, Document)>,
    ) -> bool {
        let Some(document) = kdl::read(self.sources, id, part == Part::Local, self.sink) else {
            return false;
        };
        let includes = document.includes.clone();
        documents.push((part, document));
        let shown = self.sources.get(id).name.clone();
        way.open.push((real(&path), shown));
        for word in &includes {
            self.include(word, &path, way, documents);
        }
        way.open.pop();
        true
    }

    fn include(
        &mut self,
        word: &Word,
        from: &Path,
        way: &mut Way,
        documents: &mut Vec<(Part, Document)>,
    ) {
        let base = from.parent().unwrap_or(self.folder);
        let error = |message: String| {
            Diagnostic::error(2610)
                .message(message)
                .at_origin(word.origin)
        };
        let home = look_up(self.variables, "HOME").map(PathBuf::from);
        let path = expand_home(&word.text, home.as_deref());
        let files = match files_of(base, &path.to_string_lossy()) {
            Matched::Files(files) => files,
            Matched::Nothing => {
                self.sink.push(
                    Diagnostic::warning(2610)
                        .message(format!("No file matches '{}'", word.text))
                        .at_origin(word.origin)
                        .label("matches nothing")
                        .help("write a pattern that matches, or remove the line"),
                );
                return;
            }
            Matched::Wrong(why) => {
                self.sink.push(
                    error(format!("The pattern cannot be read: {why}"))
                        .help("write a path, or a glob such as `machines/*.kdl`"),
                );
                return;
            }
        };
        for file in files {
            let real = real(&file);
            if let Some(at) = way.open.iter().position(|(open, _)| *open == real) {
                let mut names: Vec<&str> = way.open[at..].iter().map(|(_, name)| &**name).collect();
                names.push(names[0]);
                self.sink.push(
                    Diagnostic::error(2605)
                        .message(format!(
                            "Includes go round in a circle: {}",
                            names.join(" → ")
                        ))
                        .at_origin(word.origin)
                        .label(format!("back to {}", names[0]))
                        .help("take one of these links out"),
                );
                continue;
            }
            if way.seen.contains(&real) {
                continue;
            }
            let name = self.shown(&file);
            match read_regular(&file, decode::LIMIT as u64) {
                Ok(bytes) => {
                    let id = self.text(file.clone(), name, &bytes);
                    // Of what is no text the finding alone knows the source.
                    let told = || Some(self.sink.found.last()?.span?.source);
                    if let (Some(id), Some(include)) = (id.or_else(told), word.origin.span()) {
                        self.sources.led(id, include);
                    }
                    if let Some(id) = id {
                        way.seen.insert(real);
                        self.document(Part::Included, id, file, way, documents);
                    }
                }
                Err(Unreadable::Missing) => self.sink.push(
                    error(format!("There is no file {name}"))
                        .label("not found")
                        .help("write the path of a file that exists, relative to this one"),
                ),
                Err(_) if file.is_dir() => self.sink.push(
                    error(format!("{name} is a folder"))
                        .label("not a file")
                        .help(format!(
                            "write `include \"{}/*.kdl\"`",
                            word.text.trim_end_matches('/')
                        )),
                ),
                Err(why) => self.sink.push(
                    error(format!("{name} cannot be read: {why}"))
                        .help("put a plain text file in its place"),
                ),
            }
        }
    }

    /// A file's path as messages name it: relative to the project inside it.
    fn shown(&self, file: &Path) -> String {
        let inside = file.strip_prefix(self.folder);
        inside.unwrap_or(file).display().to_string()
    }

    /// The templates of the standard library that are used, and those that they use.
    fn standard(&mut self, documents: &mut Vec<(Part, Document)>) {
        let mut wanted: BTreeSet<String> = BTreeSet::new();
        let mut at = 0;
        while let Some((_, document)) = documents.get(at) {
            at += 1;
            let machines = document.machines.iter().flat_map(|machine| &machine.uses);
            let templates = document
                .templates
                .iter()
                .flat_map(|template| &template.uses);
            let names: Vec<String> = machines
                .chain(templates)
                .map(|node: &UseNode| node.template.text.clone())
                .collect();
            for name in names {
                if !STANDARD.contains(&&*name) || !wanted.insert(name.clone()) {
                    continue;
                }
                let file = format!("machines/{}.kdl", name.trim_start_matches("std/"));
                let Some(text) = crate::render::stdlib::machine(&file, self.own) else {
                    continue;
                };
                let id = self.sources.add_text(&name, text);
                if let Some(mut document) = kdl::read(self.sources, id, false, self.sink) {
                    for template in &mut document.templates {
                        template.name.text = format!("std/{}", template.name.text);
                    }
                    documents.push((Part::Standard, document));
                }
            }
        }
    }

    /// The variable that the line of a place in a `.env` sets.
    fn key_at(&self, span: Span) -> Option<String> {
        let source = self.sources.get(span.source);
        let line = &source.text[source.line_range(source.line_of(span.start))];
        let (key, _) = line.split_once('=')?;
        let key = key.trim().trim_start_matches("export ").trim();
        Some(key.to_owned())
    }

    /// The `.env` beside a `vagrantp.kdl`; one that is the application's alone is not judged.
    fn env_beside(&mut self, unread: &mut BTreeMap<String, Diagnostic>) -> Option<DotEnv> {
        let path = self.folder.join(".env");
        let bytes = read_regular(&path, decode::LIMIT as u64).ok()?;
        let text = decode::decode(&bytes).ok()?;
        let id = self.sources.add_file(&path, ".env".into(), text);
        let mut found = Sink::default();
        let read = dotenv::parse(
            self.sources,
            id,
            &|name| look_up(self.variables, name),
            &mut found,
        );
        self.sources.hide(id, &read.foreign);
        for finding in found.found.iter().filter(|found| found.rule.number == 2401) {
            let key = finding.span.and_then(|span| self.key_at(span));
            unread.extend(key.map(|key| (key, finding.clone())));
        }
        if read.infra_type.is_some() {
            found
                .found
                .into_iter()
                .for_each(|finding| self.sink.push(finding));
        }
        Some(read)
    }
}

/// Where links lead to: one file is read once, whatever it is called.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn look_up(variables: &[(String, String)], name: &str) -> Option<String> {
    let found = variables.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value.clone())
}

fn variables(read: &DotEnv) -> BTreeMap<String, String> {
    let pairs = read.variables.iter();
    pairs
        .map(|found| (found.name.clone(), found.value.text.clone()))
        .collect()
}
