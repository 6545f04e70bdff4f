use super::Flaw;
use std::path::PathBuf;

/// A folder shared with a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The host's side, as written.
    pub host: String,
    /// The machine's side: absolute, without `.`, `..` or a final slash.
    pub guest: String,
    /// Whether the machine may only read.
    pub read_only: bool,
}

impl Share {
    /// Where a folder appears when nothing else is written.
    pub const GUEST: &'static str = "/workspace";

    /// Reads `host[:guest[:ro]]`.
    ///
    /// # Errors
    /// When a side is empty, the guest path is not absolute, or a third part is not `ro`.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        let mut parts = text.splitn(3, ':');
        let host = parts.next().unwrap_or("");
        let guest = parts.next();
        let mode = parts.next();
        if host.is_empty() {
            let help = "write a folder, such as `.` or `./src:/src`";
            return Err(Flaw::whole(text, "the host's side must be a path", help));
        }
        let read_only = match mode {
            None | Some("rw") => false,
            Some("ro") => true,
            Some(word) => {
                let range = text.len() - word.len()..text.len();
                let help = "write `:ro`, or leave it out";
                return Err(Flaw::part(range, "a third part must be `ro`", help));
            }
        };
        let guest = match guest {
            None => Self::GUEST.to_owned(),
            Some(guest) => guest_path(guest).map_err(|flaw| Flaw {
                range: flaw.range.start + host.len() + 1..flaw.range.end + host.len() + 1,
                ..flaw
            })?,
        };
        Ok(Share {
            host: host.to_owned(),
            guest,
            read_only,
        })
    }
}

/// Reads a path of the machine, normalised.
///
/// # Errors
/// When it is not absolute, or the machine's own.
pub fn guest_path(text: &str) -> Result<String, Flaw> {
    let path = clean(text).ok_or_else(|| {
        let message = "the guest's side must be an absolute path below `/`";
        let fix = format!("/{}", text.trim_matches(['/', '.']));
        if fix.len() > 1 && clean(&fix).is_some() {
            Flaw::whole(text, message, format!("write `{fix}`")).fix(fix)
        } else {
            Flaw::whole(text, message, "write a path such as `/workspace`")
        }
    })?;
    if is_the_systems(&path) {
        let message = format!("{path} is the machine's own and would be hidden");
        return Err(Flaw::whole(
            text,
            message,
            "write a path such as `/workspace`",
        ));
    }
    Ok(path)
}

/// An absolute path other than `/`, normalised; nothing with `.`, `..` or control characters.
fn clean(path: &str) -> Option<String> {
    if !path.starts_with('/') || path.chars().any(char::is_control) {
        return None;
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let plain = !parts.is_empty() && !parts.iter().any(|part| *part == "." || *part == "..");
    plain.then(|| format!("/{}", parts.join("/")))
}

/// Whether a machine cannot run with another folder in this one's place.
fn is_the_systems(path: &str) -> bool {
    let whole = [
        "/bin", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/run", "/sbin", "/usr",
        "/var",
    ];
    let below = ["/proc", "/sys", "/etc/vagrantp", "/run/vagrantp"];
    let in_it = |folder: &&str| {
        let rest = path.strip_prefix(*folder);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    whole.contains(&path) || below.iter().any(in_it)
}

/// `~` and `~/x` with the home folder put in.
pub fn expand_home(text: &str, home: Option<&std::path::Path>) -> PathBuf {
    match (text.strip_prefix('~'), home) {
        (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => {
            home.join(rest.trim_start_matches('/'))
        }
        _ => PathBuf::from(text),
    }
}
