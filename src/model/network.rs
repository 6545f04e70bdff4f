//! Networks of the project's own, and which machine is on which.

use super::Project;
use crate::diagnostic::{Diagnostic, Sink};
use crate::source::Located;
use crate::spec::Spec;
use crate::value::{NetworkName, ObjectName, Subnet};
use std::net::Ipv4Addr;

/// A network that the project makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// Its name in the project.
    pub name: Located<ObjectName>,
    /// Its addresses, where they are chosen.
    pub subnet: Option<Located<Subnet>>,
    /// Whether it has no way out, nor in from the host.
    pub internal: bool,
}

/// A machine on a network.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// Which network.
    pub name: Located<NetworkName>,
    /// The project's own network that it is, where there is one of the name.
    pub own: Option<Network>,
    /// The host's interface, for `bridge`.
    pub interface: Option<Located<String>>,
    /// A fixed address.
    pub ip: Option<Located<Ipv4Addr>>,
}

/// The networks that are written. A wrong subnet is told, and not known.
pub(super) fn networks(spec: &Spec, sink: &mut Sink) -> Vec<Network> {
    let mut networks = Vec::new();
    for node in &spec.networks {
        let Ok(name) = ObjectName::parse(&node.name.text) else {
            continue;
        };
        let mut subnet = None;
        if let Some(word) = &node.subnet {
            match Subnet::parse(&word.text) {
                Ok(parsed) => subnet = Some(Located::new(parsed, word.origin)),
                Err(flaw) => {
                    let origin = word.part(flaw.range.clone());
                    let help = match &flaw.instead {
                        Some(value) => format!("write `subnet \"{value}\"`"),
                        None => flaw.help.clone(),
                    };
                    let finding = Diagnostic::error(2106)
                        .message(format!("Invalid value for subnet: {}", flaw.message))
                        .at_origin(origin)
                        .help(help);
                    sink.push(match (flaw.fix, origin.span()) {
                        (Some(fix), Some(span)) if word.verbatim => finding.fix(span, fix),
                        _ => finding,
                    });
                }
            }
        }
        networks.push(Network {
            name: Located::new(name, node.name.origin),
            subnet,
            internal: node.internal.is_some(),
        });
    }
    networks
}

/// Each machine on a network of the project's own knows all of it.
pub(super) fn attach(project: &mut Project) {
    let networks = &project.networks;
    let machines = project.machines.iter_mut().chain(&mut project.left_out);
    for attachment in machines.flat_map(|machine| &mut machine.networks) {
        let name = &attachment.name.value;
        let own = networks
            .iter()
            .find(|network| name == &NetworkName::Own(network.name.value.clone()));
        attachment.own = own.cloned();
    }
}
