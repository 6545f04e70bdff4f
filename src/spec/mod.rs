//! What is written: all files together, and what the layers come to for each machine.

pub mod beside;
pub mod chain;
pub mod compose;
pub mod expression;
pub mod gather;
pub mod lower;
pub mod merge;
pub mod names;
pub mod profiles;
pub mod select;

use crate::settings::Dialect;
use crate::source::{Located, Origin, Span};
use crate::syntax::document::{
    MachineNode, NetworkNode, OverrideNode, ProfileNode, ProjectNode, TaskNode, TemplateNode,
};
use crate::syntax::{Literal, Section};
use crate::value::{
    HostName, ImageRef, Init, Kind, NetworkName, ObjectName, PortRule, Provider, Restart, Share,
    Size, Switch, UserName,
};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

/// All files of a project together.
#[derive(Debug, Clone)]
pub struct Spec {
    /// How the main file writes settings.
    pub dialect: Dialect,
    /// Its first line, for what is missing altogether.
    pub head: Span,
    /// `project`.
    pub project: Option<ProjectNode>,
    /// Networks of the project's own.
    pub networks: Vec<NetworkNode>,
    /// The `.env` beside a `vagrantp.kdl`, where it describes machines.
    pub beneath: Option<Section>,
    /// `defaults`.
    pub defaults: Option<Section>,
    /// Templates, those of the standard library as `std/NAME`.
    pub templates: Vec<TemplateNode>,
    /// Machines; the one of a `.env` has no name.
    pub machines: Vec<MachineNode>,
    /// What `vagrantp.local.kdl` says otherwise.
    pub local: Vec<OverrideNode>,
    /// Profiles.
    pub profiles: Vec<ProfileNode>,
    /// Tasks.
    pub tasks: Vec<TaskNode>,
    /// `VAGRANTP_*`.
    pub environment: Section,
    /// `--set`, each for one machine or for all.
    pub flags: Vec<(Option<String>, Section)>,
}

impl Spec {
    /// What a machine is called: the one of a `.env` as its project, where that is written.
    pub fn called<'a>(&'a self, machine: &'a MachineNode) -> &'a str {
        let project = || self.project.as_ref()?.name.as_ref();
        let id = || {
            let mut entries = machine.section.entries.iter();
            entries.rfind(|entry| entry.setting == "id")?.values.last()
        };
        let name = machine.name.as_ref().or_else(id).or_else(project);
        name.map_or("", |name| &name.text)
    }
}

/// A value of any setting.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Value {
    Kind(Kind),
    Name(HostName),
    Size(Size),
    Count(u32),
    Provider(Provider),
    Network(NetworkName),
    Ip(Ipv4Addr),
    Port(PortRule),
    Image(ImageRef),
    Init(Init),
    User(UserName),
    Share(Share),
    Duration(Duration),
    Number(u16),
    Restart(Restart),
    Switch(Switch),
    Object(ObjectName),
    Text(String),
    Pair(Variable),
    EngineArg(Provider, String),
}

/// A variable of a machine's environment, or of a playbook.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// Its name.
    pub name: Located<String>,
    /// Its value.
    pub value: Located<String>,
    /// What the value was written as.
    pub literal: Literal,
}

/// One setting, or one item of it, as all layers together say it.
#[derive(Debug, Clone)]
pub struct Written {
    /// The name as the user wrote it, with its place.
    pub key: Located<String>,
    /// What it says; nothing where it was wrong, so that no later stage judges it.
    pub values: Vec<Located<Value>>,
    /// Whether a word of it was wrong.
    pub wrong: bool,
    /// What qualifies it.
    pub parts: Settings,
}

/// By the setting's name; what replaces has one.
pub type Settings = BTreeMap<&'static str, Vec<Written>>;

/// What all layers together write of one machine.
#[derive(Debug, Clone, Default)]
pub struct MachineSpec {
    /// Its settings.
    pub settings: Settings,
    /// Values that came of `env.*`, as they are written, by their place.
    pub unexpanded: BTreeMap<Span, String>,
    /// Where values that came of a template's parameters were given, by their place.
    pub given: BTreeMap<Span, Origin>,
}
