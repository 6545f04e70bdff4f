//! Echo servers inside a machine, and clients on the host: whether a port really carries traffic.

use crate::host::until;
use crate::project::Project;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream, UdpSocket};
use std::time::Duration;

/// What serves in the machine, in Python: `80/tcp` and the like are its words.
pub const SERVER: &str = r#"
import socket, sys, threading
def tcp(port):
    s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("0.0.0.0", port)); s.listen()
    while True:
        c, _ = s.accept()
        c.sendall(b"%d:" % port + c.recv(99)); c.close()
def udp(port):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("0.0.0.0", port))
    while True:
        data, peer = s.recvfrom(99)
        s.sendto(b"%d:" % port + data, peer)
for word in sys.argv[1:]:
    port, kind = word.split("/")
    threading.Thread(target=dict(tcp=tcp, udp=udp)[kind], args=(int(port),)).start()
"#;

/// Starts servers in the machine, such as `80/tcp`: each answers with its port and what it was told.
#[track_caller]
pub fn serve(project: &Project, ports: &str) {
    let line = "cat >/tmp/echo.py";
    project
        .run_with(&["ssh", "-c", line], SERVER.as_bytes())
        .exits(0);
    let line =
        format!("nohup sudo -n python3 /tmp/echo.py {ports} >/tmp/echo.log 2>&1 </dev/null &");
    project.run(&["ssh", "-c", &line]).exits(0);
}

/// Waits until the machine's port answers through the host's.
#[track_caller]
pub fn tcp_carries(address: Ipv4Addr, host: u16, guest: u16) {
    let what = format!("an answer of {guest}/tcp on {address}:{host}");
    until(&what, || {
        let answer = tcp(address, host)?;
        (answer == format!("{guest}:hello")).then_some(())
    });
}

/// What a TCP port answers; nothing where no connection or no answer comes.
pub fn tcp(address: Ipv4Addr, port: u16) -> Option<String> {
    let patience = Duration::from_secs(2);
    let mut stream = TcpStream::connect_timeout(&(address, port).into(), patience).ok()?;
    stream.set_read_timeout(Some(patience)).ok()?;
    stream.write_all(b"hello").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    (!answer.is_empty()).then_some(answer)
}

/// The same by UDP.
#[track_caller]
pub fn udp_carries(address: Ipv4Addr, host: u16, guest: u16) {
    let what = format!("an answer of {guest}/udp on {address}:{host}");
    until(&what, || {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
        socket
            .set_read_timeout(Some(Duration::from_millis(300)))
            .ok()?;
        socket.send_to(b"hello", (address, host)).ok()?;
        let mut answer = [0; 99];
        let length = socket.recv(&mut answer).ok()?;
        (answer[..length] == *format!("{guest}:hello").as_bytes()).then_some(())
    });
}
