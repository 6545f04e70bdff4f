//! Waiting for ssh, against listeners of every bad kind.

use rustix::net::{AddressFamily, SocketType, bind, getsockname, listen, socket};
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::thread;
use std::time::{Duration, Instant};

use vagrantp::call::run::{Interrupt, ProbeEnd, ProbeFailure, wait_for_banner};

fn probe(address: SocketAddr, deadline_ms: u64) -> Result<Duration, ProbeFailure> {
    let deadline = Duration::from_millis(deadline_ms);
    wait_for_banner(address, deadline, &Interrupt::none(), &mut || None)
}

fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Answers each connection in turn with the next of `says`, then closes it.
fn answering(says: &'static [&'static [u8]]) -> SocketAddr {
    let (listener, address) = listener();
    thread::spawn(move || {
        for say in says.iter().cycle() {
            let Ok((mut stream, _)) = listener.accept() else {
                break;
            };
            let _ = stream.write_all(say);
        }
    });
    address
}

#[test]
fn a_banner_is_seen_at_once() {
    let took = probe(answering(&[b"SSH-2.0-OpenSSH_9.2p1\r\n"]), 5000).unwrap();
    assert!(took < Duration::from_secs(2), "{took:?}");
    probe(answering(&[b"Welcome\r\nSSH-1.99-x\r\n"]), 5000).unwrap();
}

#[test]
fn closed_connections_are_tried_again() {
    let took = probe(answering(&[b"", b"", b"", b"SSH-2.0-x\r\n"]), 5000).unwrap();
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[test]
fn a_late_listener_is_found() {
    // Bound and deaf it refuses connections, and nobody else gets its port.
    let deaf = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    bind(&deaf, &SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let address = SocketAddr::try_from(getsockname(&deaf).unwrap()).unwrap();
    let server = thread::spawn(move || {
        Interrupt::none().wait(Duration::from_millis(300));
        listen(&deaf, 1).unwrap();
        let listener = TcpListener::from(deaf);
        listener
            .accept()
            .unwrap()
            .0
            .write_all(b"SSH-2.0-x\r\n")
            .unwrap();
        Instant::now()
    });
    let took = probe(address, 5000).unwrap();
    let found_after = server.join().unwrap().elapsed();
    assert!(took >= Duration::from_millis(250), "{took:?}");
    assert!(found_after < Duration::from_secs(1), "{found_after:?}");
}

#[test]
fn a_slow_server_behind_a_patient_forwarder_is_not_dropped() {
    let (listener, address) = listener();
    thread::spawn(move || {
        // Only the first connection is ever answered, and after a second one was tried.
        let mut first = listener.accept().unwrap().0;
        let _second = listener.accept().unwrap();
        let _ = first.write_all(b"SSH-2.0-x\r\n");
        Interrupt::none().wait(Duration::from_secs(5));
    });
    probe(address, 5000).unwrap();
}

#[test]
fn what_was_seen_last_is_told() {
    let (refusing, address) = listener();
    drop(refusing);
    let failure = probe(address, 100).unwrap_err();
    assert_eq!(
        (failure.last_seen.as_str(), failure.why),
        ("connection refused", ProbeEnd::Deadline)
    );

    let (_silent, address) = listener();
    let failure = probe(address, 100).unwrap_err();
    assert_eq!(failure.last_seen, "connected, but nothing was said");

    let failure = probe(answering(&[b"HTTP/1.1 400\r\n"]), 100).unwrap_err();
    assert_eq!(
        failure.last_seen,
        "something that is not ssh answered `HTTP/1.1 400`"
    );
}

#[test]
fn a_machine_that_died_ends_the_wait() {
    let (_silent, address) = listener();
    let began = Instant::now();
    let mut gone = || Some(ProbeEnd::Ended("exited with 1".to_owned()));
    let deadline = Duration::from_secs(20);
    let failure = wait_for_banner(address, deadline, &Interrupt::none(), &mut gone).unwrap_err();
    assert_eq!(failure.why, ProbeEnd::Ended("exited with 1".into()));
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[test]
fn an_interrupt_ends_the_wait() {
    let (_silent, address) = listener();
    let interrupt = Interrupt::none();
    let raise = interrupt.clone();
    thread::spawn(move || {
        raise.wait(Duration::from_millis(100));
        raise.raise();
    });
    let began = Instant::now();
    let deadline = Duration::from_secs(20);
    let failure = wait_for_banner(address, deadline, &interrupt, &mut || None).unwrap_err();
    assert_eq!(failure.why, ProbeEnd::Interrupted);
    assert!(began.elapsed() < Duration::from_secs(10));
}
