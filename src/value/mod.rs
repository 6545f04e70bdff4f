//! Words that cannot hold a wrong value. Each type parses itself and says exactly which part is wrong.

mod duration;
mod image;
mod name;
mod net;
mod path;
mod size;
mod subnet;

pub use duration::{parse_duration, show_duration};
pub use image::ImageRef;
pub use name::{HostName, NetworkName, ObjectName, UserName};
pub use net::{HostPort, PortRule, Protocol};
pub use path::{Share, expand_home, guest_path};
pub use size::Size;
pub use subnet::Subnet;

use std::ops::Range;

/// Why a text is not a value: which bytes of it, what they should be, and what to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The wrong part.
    pub range: Range<usize>,
    /// What it must be: completes "Invalid value for X: …".
    pub message: String,
    /// What the place is labelled with.
    pub label: String,
    /// What to write, where no one value is right.
    pub help: String,
    /// The one right value, whole, where there is one.
    pub instead: Option<String>,
    /// The one right replacement of `range`, where there is one.
    pub fix: Option<String>,
}

impl Flaw {
    /// A flaw of the whole of `text`.
    pub fn whole(text: &str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::part(0..text.len(), message, help)
    }

    /// A flaw of a part.
    pub fn part(range: Range<usize>, message: impl Into<String>, help: impl Into<String>) -> Self {
        Flaw {
            range,
            message: message.into(),
            label: String::new(),
            help: help.into(),
            instead: None,
            fix: None,
        }
    }

    /// A flaw of the whole of `text` that has one right value.
    pub fn instead(text: &str, message: impl Into<String>, value: impl Into<String>) -> Self {
        let value = value.into();
        let flaw = Self::whole(text, message, "").fix(value.clone());
        Flaw {
            instead: Some(value),
            ..flaw
        }
    }

    /// Adds the label.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Adds the one right replacement of the flawed part.
    pub fn fix(mut self, replacement: impl Into<String>) -> Self {
        self.fix = Some(replacement.into());
        self
    }
}

/// What a machine is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A virtual machine.
    Vm,
    /// A container.
    Container,
}

impl Kind {
    /// The other one.
    pub fn other(self) -> Kind {
        match self {
            Kind::Vm => Kind::Container,
            Kind::Container => Kind::Vm,
        }
    }
}

/// What runs a machine.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Containers.
    Podman,
    /// Virtual machines by Vagrant and VirtualBox.
    Virtualbox,
    /// Virtual machines by Vagrant and libvirt.
    Libvirt,
}

impl Provider {
    /// The kind of machine it runs.
    pub fn kind(self) -> Kind {
        match self {
            Provider::Podman => Kind::Container,
            Provider::Virtualbox | Provider::Libvirt => Kind::Vm,
        }
    }
}

/// How a machine is reached on the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NetworkMode {
    /// Behind the host.
    Default,
    /// On the host's own network.
    Bridge,
}

/// What runs as the first process of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Init {
    /// `image` for an image that declares a service, else `sshd`.
    Auto,
    /// A machine to live in.
    Sshd,
    /// The same under systemd.
    Systemd,
    /// The image's own command; entered by exec.
    Image,
}

/// When an engine starts a machine again by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Restart {
    /// Never.
    No,
    /// When it ended with a status that is not 0.
    OnFailure,
    /// Whenever it ended.
    Always,
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

/// A closed set of words.
pub trait Choice: Sized + Copy + PartialEq + 'static {
    /// The words, in the order to show them.
    const WORDS: &'static [(&'static str, Self)];

    /// Words of neighbouring tools, and ours for each.
    const ALIASES: &'static [(&'static str, &'static str)] = &[];

    /// The word of a value.
    fn word(self) -> &'static str {
        let row = Self::WORDS.iter().find(|(_, value)| *value == self);
        row.expect("every value has its word").0
    }

    /// The value of a word.
    fn parse(text: &str) -> Result<Self, Flaw> {
        if let Some((_, value)) = Self::WORDS.iter().find(|(word, _)| *word == text) {
            return Ok(*value);
        }
        let words = Self::WORDS.iter().map(|(word, _)| *word);
        let listed: Vec<String> = words.clone().map(|word| format!("`{word}`")).collect();
        let message = format!("must be {}", or(&listed));
        let folded = text.to_lowercase();
        let alias = Self::ALIASES.iter().find(|(alias, _)| *alias == folded);
        let near = nearest(text, words).or(alias.map(|(_, word)| *word));
        let flaw = match near {
            Some(word) => Flaw::instead(text, message, word),
            None => Flaw::whole(text, message, format!("write {}", or(&listed))),
        };
        Err(flaw.label("not one of them"))
    }
}

impl Choice for Kind {
    const WORDS: &'static [(&'static str, Self)] =
        &[("vm", Kind::Vm), ("container", Kind::Container)];
    const ALIASES: &'static [(&'static str, &'static str)] = &[
        ("docker", "container"),
        ("podman", "container"),
        ("lxc", "container"),
        ("virtual-machine", "vm"),
        ("libvirt", "vm"),
        ("virtualbox", "vm"),
        ("kvm", "vm"),
        ("qemu", "vm"),
    ];
}
impl Choice for Provider {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("podman", Provider::Podman),
        ("libvirt", Provider::Libvirt),
        ("virtualbox", Provider::Virtualbox),
    ];
    const ALIASES: &'static [(&'static str, &'static str)] = &[
        ("docker", "podman"),
        ("kvm", "libvirt"),
        ("qemu", "libvirt"),
        ("vbox", "virtualbox"),
    ];
}
impl Choice for NetworkMode {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("default", NetworkMode::Default),
        ("bridge", NetworkMode::Bridge),
    ];
    const ALIASES: &'static [(&'static str, &'static str)] = &[
        ("nat", "default"),
        ("private", "default"),
        ("public", "bridge"),
    ];
}
impl Choice for Restart {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("no", Restart::No),
        ("on-failure", Restart::OnFailure),
        ("always", Restart::Always),
    ];
    const ALIASES: &'static [(&'static str, &'static str)] = &[
        ("never", "no"),
        ("false", "no"),
        ("true", "always"),
        ("unless-stopped", "always"),
    ];
}
impl Choice for Switch {
    const WORDS: &'static [(&'static str, Self)] = &[("on", Switch::On), ("off", Switch::Off)];
    const ALIASES: &'static [(&'static str, &'static str)] = &[
        ("true", "on"),
        ("yes", "on"),
        ("false", "off"),
        ("no", "off"),
    ];
}
impl Choice for Init {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("auto", Init::Auto),
        ("sshd", Init::Sshd),
        ("systemd", Init::Systemd),
        ("image", Init::Image),
    ];
}

fn or(words: &[String]) -> String {
    match words {
        [init @ .., last] if !init.is_empty() => format!("{} or {last}", init.join(", ")),
        _ => words.join(""),
    }
}

/// The nearest of `words`, case aside, if it is near enough to be what was meant.
pub fn nearest<'a>(text: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = text.to_lowercase();
    words
        .into_iter()
        .map(|word| (strsim::osa_distance(&folded, &word.to_lowercase()), word))
        .filter(|(distance, word)| *distance <= (word.chars().count() / 3).clamp(1, 2))
        .min()
        .map(|(_, word)| word)
}
