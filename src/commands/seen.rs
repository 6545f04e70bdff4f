//! A machine as a program sees it: the members of `--json` that it needs, typed.

use crate::plan::situation::State;
use crate::value::Protocol;
use serde::Deserialize;
use std::net::{Ipv4Addr, SocketAddr};

/// A machine of the project, and how to reach it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Machine {
    /// Its name in the project.
    pub name: String,
    /// Its id: unique for the user on the host.
    pub id: String,
    /// Whether it runs.
    pub state: State,
    /// What explains the state, where that is not plain.
    pub detail: Option<String>,
    /// Where its sshd is reached; an image's own command has none.
    pub access: Option<Access>,
    /// What it publishes, and its address.
    pub networking: Networking,
}

/// How a machine is entered by ssh.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Access {
    /// The user.
    pub user: String,
    /// The host's address that leads to sshd, where there is one.
    pub address: Option<Ipv4Addr>,
    /// Its port.
    pub port: Option<u16>,
}

/// How a machine is on the network.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Networking {
    /// Its fixed address, where one is written.
    pub ip_address: Option<Ipv4Addr>,
    /// What it publishes.
    pub ports: Vec<Port>,
}

/// A published port.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Port {
    /// The host's address.
    pub address: Ipv4Addr,
    /// The host's port; an `auto` one is chosen by the first `up`.
    pub host_port: Option<u16>,
    /// The machine's port.
    pub container_port: u16,
    /// `tcp` or `udp`.
    pub protocol: Protocol,
    /// Whether vagrantp chooses the host's port.
    pub auto: bool,
}

impl Machine {
    /// Where on this host a TCP port of the machine answers.
    pub fn port(&self, guest: u16) -> Option<SocketAddr> {
        let mut ports = self.networking.ports.iter();
        let port =
            ports.find(|port| port.container_port == guest && port.protocol == Protocol::Tcp)?;
        let address = match port.address {
            Ipv4Addr::UNSPECIFIED => Ipv4Addr::LOCALHOST,
            address => address,
        };
        Some(SocketAddr::from((address, port.host_port?)))
    }
}
