//! What is written, read into values: settings that may be absent, known, or wrong.

pub mod lower;

use crate::source::Located;
use crate::value::{
    HostName, ImageRef, Init, Kind, NetworkName, ObjectName, PortRule, Provider, Restart, Share,
    Size, Subnet, Switch, UserName,
};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

/// A value of any setting.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    Port16(u16),
    Restart(Restart),
    Switch(Switch),
    Object(ObjectName),
    Subnet(Subnet),
    Text(String),
}

/// One setting as one layer writes it.
#[derive(Debug, Clone)]
pub struct Written {
    /// The name as the user wrote it, with its place.
    pub key: Located<String>,
    /// What it says; nothing where it was wrong, so that no later stage judges it.
    pub values: Vec<Located<Value>>,
    /// Whether a word of it was wrong.
    pub wrong: bool,
}

/// What one layer writes of a machine.
#[derive(Debug, Clone, Default)]
pub struct MachineSpec {
    /// By the setting's name.
    pub settings: BTreeMap<&'static str, Written>,
}

impl MachineSpec {
    /// Lays `higher` over this layer: its settings replace.
    pub fn overlay(&mut self, higher: MachineSpec) {
        self.settings.extend(higher.settings);
    }
}
