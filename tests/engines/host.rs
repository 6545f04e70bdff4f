//! What this host is, its sockets and its processes.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::path::Path;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};
use vagrantp::call::run::Interrupt;

/// Whether the tests run as root.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Whether the host's cgroups are the unified ones.
pub fn cgroups_are_v2() -> bool {
    Path::new("/sys/fs/cgroup/cgroup.controllers").exists()
}

/// Whether Podman can enforce limits for this user.
pub fn limits_are_enforced() -> bool {
    is_root() || cgroups_are_v2()
}

/// The host's CPUs.
pub fn cpus() -> usize {
    let text = fs::read_to_string("/proc/cpuinfo").expect("Linux has /proc");
    text.lines()
        .filter(|line| line.starts_with("processor"))
        .count()
}

/// The host's memory in MB, rounded down.
pub fn memory_mb() -> u64 {
    let text = fs::read_to_string("/proc/meminfo").expect("Linux has /proc");
    let line = text.lines().next().expect("it begins with MemTotal");
    let kib = line.split_whitespace().nth(1).expect("a figure");
    kib.parse::<u64>().expect("in KiB") / 1024
}

/// Waits for something: asks again, a bounded number of times.
#[track_caller]
pub fn until<T>(what: &str, seen: impl FnMut() -> Option<T>) -> T {
    within(Duration::from_secs(20), what, seen)
}

/// The same for what takes its time.
#[track_caller]
pub fn within<T>(at_most: Duration, what: &str, mut seen: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(seen) = seen() {
            return seen;
        }
        assert!(began.elapsed() < at_most, "{what}: it did not come about");
        Interrupt::none().wait(Duration::from_millis(20));
    }
}

/// So many host ports in a row that nobody listens on, by TCP or UDP; none is handed out twice. Below
/// the ports that vagrantp picks, so that the two do not meet.
pub fn free_ports(count: u16) -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let base = 10_000 + (std::process::id() % 80) as u16 * 100;
    (0..200)
        .map(|_| base + NEXT.fetch_add(count, Ordering::Relaxed) % 1000)
        .find(|first| (*first..first + count).all(is_free))
        .expect("this host has free ports")
}

/// Whether nobody listens on a port, by TCP or UDP.
pub fn is_free(port: u16) -> bool {
    let any = Ipv4Addr::UNSPECIFIED;
    TcpListener::bind((any, port)).is_ok() && UdpSocket::bind((any, port)).is_ok()
}

/// An address of this host that is not the loopback, where it has one.
pub fn lan_address() -> Option<Ipv4Addr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    // Sends nothing: the kernel only chooses the way.
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    match socket.local_addr().ok()?.ip() {
        std::net::IpAddr::V4(address) if !address.is_loopback() => Some(address),
        _ => None,
    }
}

/// The processes whose command line holds a text.
pub fn processes_with(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")
        .expect("Linux has /proc")
        .filter_map(Result::ok)
    {
        let Ok(bytes) = fs::read(entry.path().join("cmdline")) else {
            continue;
        };
        let line = String::from_utf8_lossy(&bytes).replace('\0', " ");
        if line.contains(text) {
            found.push(line);
        }
    }
    found
}
