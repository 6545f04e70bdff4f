//! Published ports of a virtual machine: QEMU's own forwards, which live and end with it.

use crate::state::record::PublishedPort;

/// QEMU's words for a network of its own that forwards ports to the card with this address. `restrict` would
/// keep the answers of UDP back; the guest has no route there, so nothing of its own leads out.
pub fn forward_words(ports: &[PublishedPort], mac: &str) -> Vec<String> {
    let mut network = "user,id=forwards,ipv6=off".to_owned();
    for port in ports {
        network.push_str(&format!(
            ",hostfwd={}:{}:{}-:{}",
            port.protocol, port.address, port.host_port, port.container_port
        ));
    }
    let card = format!("virtio-net-pci,netdev=forwards,mac={mac},addr=0x1f");
    ["-netdev".to_owned(), network, "-device".to_owned(), card].to_vec()
}

#[cfg(test)]
mod tests {
    use super::forward_words;
    use crate::state::record::PublishedPort;
    use crate::value::Protocol;
    use std::net::Ipv4Addr;

    #[test]
    fn each_port_is_a_forward() {
        let port = |host_port, container_port, protocol| PublishedPort {
            address: Ipv4Addr::LOCALHOST,
            host_port,
            container_port,
            protocol,
            auto: false,
        };
        let ports = [port(8080, 80, Protocol::Tcp), port(5300, 53, Protocol::Udp)];
        let words = forward_words(&ports, "52:54:00:00:00:01");
        assert_eq!(
            words[1],
            "user,id=forwards,ipv6=off,hostfwd=tcp:127.0.0.1:8080-:80,hostfwd=udp:127.0.0.1:5300-:53"
        );
        assert!(words[3].contains("mac=52:54:00:00:00:01"));
    }
}
