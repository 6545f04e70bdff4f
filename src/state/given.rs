//! What a machine was given beside its settings, so that it can be taken away again. Values are never here.

use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// What a machine was given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Given {
    /// The variables of its environment, by name.
    pub variables: Vec<String>,
    /// Variables that the image kept of its old self has, and that it is not to have.
    pub unset: Vec<String>,
    /// The engine's names of the values that it got unseen.
    pub secrets: Vec<String>,
    /// The engine's names of its volumes.
    pub volumes: Vec<String>,
}

/// A network that it is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// Its name in the project.
    pub network: String,
    /// The engine's name of it.
    pub engine: String,
    /// Its addresses, where they were chosen: `10.20.0.0/24`.
    pub subnet: Option<String>,
    /// Whether it leads nowhere else.
    pub internal: bool,
    /// The fixed address.
    pub ip_address: Option<Ipv4Addr>,
}
