//! Whether anything answers at a host and port.

use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// Resolves a host and connects to it; the error says why that did not work.
pub fn reachable(host: &str, port: u16, within: Duration) -> Result<(), String> {
    let addresses = (host, port)
        .to_socket_addrs()
        .map_err(|error| format!("{host} has no address: {error}"))?;
    let mut why = format!("{host} has no address");
    for address in addresses.take(4) {
        match TcpStream::connect_timeout(&address, within) {
            Ok(_) => return Ok(()),
            Err(error) => why = format!("{host} does not answer on port {port}: {error}"),
        }
    }
    Err(why)
}
