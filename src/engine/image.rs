//! Images: found, pulled, bootstrapped from the package mirror, and given the ssh layer.

use super::failure;
use crate::call::{Call, Outcome};
use crate::diagnostic::Diagnostic;
use crate::engine::namespace::mmdebstrap;
use crate::value::Init;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// No name that a short `debian:12` could be taken for.
pub const STAND_IN: &str = "localhost/vagrantp/from-mirror";

const PULL: Duration = Duration::from_secs(1800);
const BUILD: Duration = Duration::from_secs(1800);

/// An image that is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// The reference that names it here.
    pub name: String,
    /// Its content's id.
    pub id: String,
    /// Whether it declares a service: an entrypoint, or an exposed port with a command.
    pub service: bool,
}

impl Base {
    /// What `auto` means for it.
    pub fn init(&self, written: Init) -> Init {
        match written {
            Init::Auto if self.service => Init::Image,
            Init::Auto => Init::Sshd,
            init => init,
        }
    }
}

/// The names that an image may have here: its own, and that of a bootstrapped stand-in.
pub fn candidates(reference: &str) -> Vec<String> {
    let stand_in = suite(reference).map(|suite| stand_in(&suite));
    std::iter::once(reference.to_owned())
        .chain(stand_in)
        .collect()
}

fn stand_in(suite: &str) -> String {
    format!("{STAND_IN}:{suite}")
}

/// The Debian suite of `debian:<release>`; nothing for any other image.
pub fn suite(reference: &str) -> Option<String> {
    let tag = reference.strip_prefix("docker.io/library/debian:")?;
    let release = tag.strip_suffix("-slim").unwrap_or(tag);
    let major = release.split('.').next()?;
    Some(match major {
        "11" | "bullseye" | "oldoldstable" => "bullseye".into(),
        "12" | "bookworm" | "oldstable" => "bookworm".into(),
        "13" | "trixie" | "stable" | "latest" => "trixie".into(),
        "14" | "forky" | "testing" => "forky".into(),
        "sid" | "unstable" => "sid".into(),
        _ => return None,
    })
}

/// Asks for images by name.
pub fn inspect(names: &[String]) -> Call {
    Call::read("podman").args(["image", "inspect"]).args(names)
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Row {
    id: String,
    config: Option<Config>,
    repo_tags: Option<Vec<String>>,
    repo_digests: Option<Vec<String>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Config {
    /// A string before Podman 5, a list since.
    entrypoint: Option<serde_json::Value>,
    cmd: Option<Vec<String>>,
    exposed_ports: Option<BTreeMap<String, serde_json::Value>>,
}

/// Reads the answer to [`inspect`]: the first of the names that is here.
///
/// # Errors
/// When Podman failed otherwise than by not knowing an image.
pub fn read_inspect(outcome: &Outcome, names: &[String]) -> Result<Option<Base>, Diagnostic> {
    let unknown = outcome.stderr.contains("image not known");
    if !outcome.ok() && !unknown {
        return Err(failure::read(outcome));
    }
    if outcome.stdout.trim().is_empty() {
        return Ok(None);
    }
    let rows: Vec<Row> = serde_json::from_str(&outcome.stdout)
        .map_err(|error| failure::garbage(outcome, &format!("no list of images: {error}")))?;
    let bears = |row: &Row, name: &str| {
        let names = row.repo_tags.iter().chain(&row.repo_digests).flatten();
        names.into_iter().any(|tag| tag == name)
    };
    let found = names.iter().find_map(|name| {
        let row = rows.iter().find(|row| bears(row, name))?;
        Some(base(name, row))
    });
    Ok(found.or_else(|| rows.first().map(|row| base(&names[0], row))))
}

fn base(name: &str, row: &Row) -> Base {
    let config = row.config.as_ref();
    let filled = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => !text.is_empty(),
        serde_json::Value::Array(words) => !words.is_empty(),
        _ => false,
    };
    let entrypoint = config
        .and_then(|c| c.entrypoint.as_ref())
        .is_some_and(filled);
    let exposed = config
        .and_then(|c| c.exposed_ports.as_ref())
        .is_some_and(|p| !p.is_empty());
    let command = config
        .and_then(|c| c.cmd.as_ref())
        .is_some_and(|words| !words.is_empty());
    Base {
        name: name.to_owned(),
        id: row.id.trim_start_matches("sha256:").to_owned(),
        service: entrypoint || (exposed && command),
    }
}

/// The registry's host and port, to see whether one answers before Podman waits minutes for it.
pub fn registry(reference: &str) -> Option<(String, u16)> {
    let host = reference.split('/').next()?;
    if host == "localhost" {
        return None;
    }
    let host = if host == "docker.io" {
        "registry-1.docker.io"
    } else {
        host
    };
    match host.split_once(':') {
        Some((host, port)) => Some((host.to_owned(), port.parse().ok()?)),
        None => Some((host.to_owned(), 443)),
    }
}

/// Pulls an image.
pub fn pull(reference: &str) -> Call {
    Call::change("podman")
        .args(["pull", "--quiet", reference])
        .within(PULL)
}

/// Makes a minimal Debian from the package mirror, as a tar file. Memory-backed scratch space halves
/// the time; other ids than the caller's must be able to enter it.
pub fn bootstrap(suite: &str, tar: &Path, scratch: &Path, is_root: bool) -> Call {
    mmdebstrap(is_root)
        .args(["--variant=minbase", "--format=tar", suite])
        .arg(tar.display())
        .env("TMPDIR", scratch.display())
        .within(BUILD)
}

/// Takes a bootstrapped tar file in as the stand-in of an image.
pub fn import(tar: &Path, suite: &str) -> Call {
    Call::change("podman")
        .args([
            "import",
            "--quiet",
            "--change",
            "CMD [\"bash\"]",
            "--change",
        ])
        .arg(format!("LABEL vagrantp.bootstrapped={suite}"))
        .arg(tar.display())
        .arg(stand_in(suite))
        .within(BUILD)
}

/// The tag of the image that a Containerfile makes.
pub fn containerfile_tag(path: &Path) -> String {
    let hash = hex(Sha256::digest(path.as_os_str().as_encoded_bytes()).as_slice());
    format!("localhost/vagrantp/file:{}", &hash[..16])
}

/// The images that a Containerfile's `FROM` lines name, as written; not those of its own stages.
pub fn bases(containerfile: &str) -> Vec<&str> {
    let mut stages: Vec<&str> = Vec::new();
    let mut bases = Vec::new();
    for line in containerfile.lines() {
        let mut words = line.split_whitespace();
        if !words
            .next()
            .is_some_and(|word| word.eq_ignore_ascii_case("from"))
        {
            continue;
        }
        let mut words = words.skip_while(|word| word.starts_with("--"));
        let Some(base) = words.next() else { continue };
        if !stages.contains(&base) && !bases.contains(&base) {
            bases.push(base);
        }
        stages.extend(words.nth(1));
    }
    bases
}

/// Builds a Containerfile, in its own folder. What it calls by the first name of a pair is taken from the
/// image of the second, which is here.
pub fn build_containerfile(path: &Path, stand_ins: &[(String, String)]) -> Call {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let contexts = stand_ins.iter().flat_map(|(written, here)| {
        let context = format!("{written}=container-image://{here}");
        ["--build-context".to_owned(), context]
    });
    Call::change("podman")
        .args(["build", "--quiet", "--label", "vagrantp.file=1", "--tag"])
        .arg(containerfile_tag(path))
        .args(contexts)
        .arg("--file")
        .arg(path.display())
        .arg(folder.display())
        .within(BUILD)
}

/// The files of the layer, as they are called in it.
pub struct LayerFiles<'a> {
    /// Installs the packages.
    pub layer: &'a str,
    /// The first process.
    pub init: &'a str,
    /// sshd's configuration.
    pub sshd_config: &'a str,
}

/// The tag of the layer over a base: by content, so that nothing of another make is ever used.
pub fn layer_tag(base: &Base, init: Init, files: &LayerFiles) -> String {
    let mut hash = Sha256::new();
    let word = if init == Init::Systemd {
        "systemd"
    } else {
        "sshd"
    };
    for part in [&base.id, word, files.layer, files.init, files.sshd_config] {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    format!(
        "localhost/vagrantp/{word}:{}",
        &hex(hash.finalize().as_slice())[..24]
    )
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The calls that put the layer over a base. `folder` holds the files `layer`, `init` and
/// `sshd_config`. The first clears what a killed build left; they run under a lock of the tag.
///
/// Not `podman build`: its containers bear no label, so that a killed one could not be told from
/// somebody else's.
pub fn build_layer(base: &Base, init: Init, tag: &str, folder: &Path) -> Vec<Call> {
    let hash = tag.rsplit(':').next().unwrap_or_default();
    let name = build_name(tag).unwrap_or_default();
    let systemd = init == Init::Systemd;
    let word = if systemd { "systemd" } else { "sshd" };
    let podman = || Call::change("podman").within(BUILD);
    let clear = || clear(&name);
    let create = podman()
        .args([
            "create",
            "--quiet",
            "--pull=never",
            "--name",
            &name,
            "--label",
        ])
        .arg(format!("vagrantp.build={hash}"))
        .args([
            "--user",
            "0",
            "--workdir",
            "/",
            "--log-driver",
            "k8s-file",
            "--no-healthcheck",
        ])
        .args([
            "--env",
            &format!("VP_INIT={word}"),
            "--entrypoint",
            "[\"/bin/sh\"]",
        ])
        .args([base.name.as_str(), "/etc/vagrantp/layer"]);
    let copy = podman()
        .arg("cp")
        .arg(format!("{}/.", folder.display()))
        .arg(format!("{name}:/etc/vagrantp"));
    let start = podman().args(["start", "--attach", &name]);
    let command = if systemd {
        "CMD [\"/sbin/init\"]"
    } else {
        "CMD []"
    };
    let signal = if systemd {
        "STOPSIGNAL SIGRTMIN+3"
    } else {
        "STOPSIGNAL SIGTERM"
    };
    let commit = podman()
        .args(["commit", "--quiet", "--pause=false"])
        .args([
            "--change",
            "ENTRYPOINT [\"/etc/vagrantp/init\"]",
            "--change",
            command,
        ])
        .args([
            "--change",
            "USER 0",
            "--change",
            "WORKDIR /",
            "--change",
            signal,
        ])
        .args(["--change", "LABEL vagrantp.build="])
        .args(["--change", "LABEL vagrantp.layer=1", &name, tag]);
    vec![clear(), create, copy, start, commit, clear()]
}

/// The name of the container in which a layer is built; none for other images' tags.
pub fn build_name(tag: &str) -> Option<String> {
    let layer = tag.strip_prefix("localhost/vagrantp/")?;
    let (word, hash) = layer.split_once(':')?;
    let ours = matches!(word, "sshd" | "systemd");
    ours.then(|| format!("vagrantp-build-{hash}"))
}

/// Asks whether a container is there.
pub fn is_there(name: &str) -> Call {
    Call::read("podman").args(["container", "exists", name])
}

/// Removes the container of a build.
pub fn clear(name: &str) -> Call {
    Call::change("podman")
        .within(BUILD)
        .args(["rm", "--force", "--ignore", "--time", "0", name])
}

/// Whether a run failed only because its image is not here.
pub fn is_missing(outcome: &Outcome) -> bool {
    outcome.stderr.contains("image not known")
}

#[cfg(test)]
mod tests {
    use super::bases;

    #[test]
    fn bases_are_what_from_lines_name() {
        let text = "# FROM no\nFROM --platform=linux/amd64 debian:12 AS build\nfrom build\nFROM alpine\nRUN echo FROM x\nFROM debian:12\n";
        assert_eq!(bases(text), ["debian:12", "alpine"]);
    }
}
