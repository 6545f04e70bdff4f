//! An example of `examples`, copied under a name that no other test has.

use crate::place::Place;
use crate::project::Project;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

/// The files of an example, by their names in its folder; the configuration is the first.
pub type Files = &'static [(&'static str, &'static str)];

macro_rules! files {
    ($example:literal: $($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../examples/", $example, "/", $name)))),*]
    };
}
pub(crate) use files;

/// Writes files of an example.
pub fn put(folder: &Path, files: &[(&str, &str)]) {
    for (file, text) in files {
        let path = folder.join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
}

/// A copy of an example; only its project has another name.
pub fn example<'a>(place: &'a Place, name: &str, files: Files) -> Project<'a> {
    put(&place.path().join(name), files);
    let text = files[0].1;
    let (was, is) = (
        format!("project {name}"),
        format!("project {}", place.id(name)),
    );
    assert!(text.contains(&was), "{text}");
    place.kdl(name, &text.replace(&was, &is))
}

/// The host's port of a machine's first published one.
pub fn published(project: &Project, machine: &str) -> u16 {
    let records = project.records();
    let record = records.iter().find(|record| record["machine"] == machine);
    let port = record.and_then(|record| record["networking"]["ports"][0]["host_port"].as_u64());
    let port = port.expect("a published port");
    u16::try_from(port).expect("a port")
}

/// What this host's port answers to a browser.
///
/// # Errors
/// When nobody listens, or says nothing.
pub fn answer(port: u16) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n")?;
    let mut said = String::new();
    stream.read_to_string(&mut said)?;
    Ok(said)
}
