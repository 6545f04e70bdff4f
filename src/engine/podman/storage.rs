//! What outlives a container or goes into it unseen: volumes, secrets, and covers over what it must not see.

use crate::call::{Call, Outcome};
use crate::model::joined::{network_of, volume_name};
use crate::model::sealed::Hidden;
use crate::model::{Machine, MountedShare, Volume};
use std::path::Path;

/// The label with a volume's name in its project.
pub const VOLUME: &str = "vagrantp.volume";

/// What lies at a path of the host that a machine must not see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Covered {
    /// A file or the like.
    File,
    /// A folder.
    Folder,
}

/// What lies at a path of the host; nothing where nothing does.
pub type Look<'a> = &'a dyn Fn(&Path) -> Option<Covered>;

/// A machine's mounts: shares, what covers their masked paths, volumes.
pub fn mounts(machine: &Machine, project: uuid::Uuid, look: Look) -> Vec<String> {
    let shares = machine.shares.iter().flat_map(|share| {
        let bound = bind(&share.host, &share.written.guest, share.written.read_only);
        let masks = share.masks.iter();
        let covers = masks.filter_map(|mask| cover(share, mask, look));
        std::iter::once(bound).chain(covers.collect::<Vec<_>>())
    });
    let volumes = machine.volumes.iter();
    shares
        .chain(volumes.map(|volume| volume_mount(volume, project)))
        .collect()
}

/// A cover over what is there: over nothing, Podman would make an empty file in the project. Without
/// `notmpcopyup` it would copy what is hidden into the cover.
fn cover(share: &MountedShare, mask: &str, look: Look) -> Option<String> {
    let mask = mask.trim_matches('/');
    let target = format!("{}/{mask}", share.written.guest.trim_end_matches('/'));
    Some(match look(&share.host.join(mask))? {
        Covered::File => bind(Path::new("/dev/null"), &target, true),
        Covered::Folder => format!(
            "type=tmpfs,{},ro=true,tmpfs-size=65536,notmpcopyup",
            field(&format!("dst={target}"))
        ),
    })
}

fn volume_mount(volume: &Volume, project: uuid::Uuid) -> String {
    let name = volume_name(project, volume.name.as_str());
    let source = field(&format!("src={name}"));
    let target = field(&format!("dst={}", volume.to));
    let mode = if volume.read_only { ",ro=true" } else { "" };
    format!("type=volume,{source},{target}{mode}")
}

/// A `--mount` value is CSV: a field is quoted, a quote in it doubled.
fn field(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A folder or file of the host at a path of the machine.
pub fn bind(source: &Path, target: &str, read_only: bool) -> String {
    let source = field(&format!("src={}", source.display()));
    let target = field(&format!("dst={target}"));
    let mode = if read_only { ",ro=true" } else { "" };
    format!("type=bind,{source},{target}{mode}")
}

/// Makes a project's volume. Where it is there already, see [`volume_exists`].
pub fn create_volume(project: uuid::Uuid, name: &str) -> Call {
    Call::change("podman")
        .args(["volume", "create", "--label"])
        .arg(format!("{}={project}", super::PROJECT))
        .arg("--label")
        .arg(format!("{VOLUME}={name}"))
        .arg(volume_name(project, name))
}

/// Whether [`create_volume`] failed only because it is there.
pub fn volume_exists(outcome: &Outcome) -> bool {
    outcome.stderr.contains("volume already exists")
}

/// Asks for a project's volumes.
pub fn look_for_volumes(project: uuid::Uuid) -> Call {
    let filter = format!("label={}={project}", super::PROJECT);
    Call::read("podman").args(["volume", "ls", "--quiet", "--filter", &filter])
}

/// The engine's names of a project's volumes, from the answer to [`look_for_volumes`].
pub fn read_volumes(outcome: &Outcome) -> Vec<String> {
    outcome.stdout.lines().map(str::to_owned).collect()
}

/// Removes a volume and what is in it; one that a container uses stays.
pub fn remove_volume(name: &str) -> Call {
    Call::change("podman").args(["volume", "rm", name])
}

/// The engine's name of a value that a machine gets unseen.
pub fn secret_name(project: uuid::Uuid, machine: &str, variable: &str) -> String {
    use sha2::Digest;
    let bytes = sha2::Sha256::digest(format!("{machine} {variable}"));
    let hash: String = bytes
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{}-{hash}", network_of(project))
}

/// Gives the engine a value by its stdin, which by the name of `-` would have to be a pipe: no argument and no log has it.
/// An empty one it does not take.
pub fn create_secret(name: &str, hidden: &Hidden) -> Call {
    Call::change("podman")
        .args(["secret", "create", name, "/dev/fd/0"])
        .stdin(hidden.value.as_bytes())
}

/// Takes a value from the engine.
pub fn remove_secret(name: &str) -> Call {
    Call::change("podman").args(["secret", "rm", name])
}

#[cfg(test)]
mod tests {
    use super::{Covered, cover, volume_mount};
    use crate::model::{MountedShare, Volume};
    use crate::source::{Located, Origin};
    use crate::value::{ObjectName, Share};
    use std::path::Path;

    fn share(guest: &str) -> MountedShare {
        MountedShare {
            written: Share {
                host: ".".into(),
                guest: guest.into(),
                read_only: false,
            },
            host: "/srv/shop".into(),
            to: Origin::Default,
            masks: Vec::new(),
        }
    }

    #[test]
    fn a_cover_is_over_what_is_there() {
        let look = |path: &Path| match path.to_str()? {
            "/srv/shop/.env" | "/srv/shop/a,\"b" => Some(Covered::File),
            "/srv/shop/keys" => Some(Covered::Folder),
            _ => None,
        };
        let covered = |mask| cover(&share("/w/"), mask, &look);
        let file = r#"type=bind,"src=/dev/null","dst=/w/.env",ro=true"#;
        assert_eq!(covered(".env").as_deref(), Some(file));
        let odd = r#"type=bind,"src=/dev/null","dst=/w/a,""b",ro=true"#;
        assert_eq!(covered("a,\"b").as_deref(), Some(odd));
        let folder = r#"type=tmpfs,"dst=/w/keys",ro=true,tmpfs-size=65536,notmpcopyup"#;
        assert_eq!(covered("keys/").as_deref(), Some(folder));
        assert_eq!(covered("missing"), None);
    }

    #[test]
    fn a_volume_is_its_projects() {
        let volume = Volume {
            name: ObjectName::parse("data").expect("a name"),
            to: Located::new("/odd, path:x".into(), Origin::Default),
            read_only: true,
        };
        let mounted = volume_mount(&volume, uuid::Uuid::from_u128(1));
        let expected = r#"type=volume,"src=vagrantp-000000000000-data","dst=/odd, path:x",ro=true"#;
        assert_eq!(mounted, expected);
    }
}
