//! Whether ssh answers at an address.

use std::io::{self, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, socket_with, sockopt};

use super::interrupt::Bell;
use super::{Interrupt, poll};

/// Why no banner was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeFailure {
    /// What the address did last.
    pub last_seen: String,
    /// What ended the wait.
    pub why: ProbeEnd,
}

/// What ended a wait for a banner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProbeEnd {
    /// The machine is gone, and how that showed.
    Ended(String),
    /// The machine is elsewhere by now.
    Moved(Ipv4Addr),
    /// Its time was over.
    Deadline,
    /// The user's interrupt.
    Interrupted,
}

/// How long a silent connection stays the only one, at first: a server that is connected and says nothing is
/// slow, and slower with each connection more, so each has twice as long as the one before, up to the longest.
const SILENCE: Duration = Duration::from_secs(1);
const LONGEST_SILENCE: Duration = Duration::from_secs(16);
/// How often it is asked whether the machine still is.
const ASK_EVERY: Duration = Duration::from_millis(500);
/// How many connections wait at once: a slow guest answers an old one while new ones are tried.
const AT_ONCE: usize = 4;

/// Connects until a server says `SSH-2.0`; how long that took.
///
/// A refusal is tried again after 2 ms, then after longer, up to 50 ms. Every half second `watch`
/// is asked whether there is still a reason to.
pub fn wait_for_banner(
    address: SocketAddr,
    deadline: Duration,
    interrupt: &Interrupt,
    watch: &mut dyn FnMut() -> Option<ProbeEnd>,
) -> Result<Duration, ProbeFailure> {
    let began = Instant::now();
    let until = began + deadline.min(Duration::from_secs(1 << 30));
    let before = interrupt.count();
    let bell = interrupt.bell();
    let mut probe = Probe::new(address);
    let mut ask_at = began + ASK_EVERY;
    let why = loop {
        let now = Instant::now();
        if interrupt.count() > before {
            break ProbeEnd::Interrupted;
        }
        if now >= until {
            break ProbeEnd::Deadline;
        }
        if now >= ask_at {
            if let Some(end) = watch() {
                break end;
            }
            ask_at = Instant::now() + ASK_EVERY;
        }
        probe.try_when_due();
        let next = until.min(ask_at).min(probe.try_at);
        let left = next.saturating_duration_since(Instant::now());
        if probe.listen(&bell, left) {
            return Ok(began.elapsed());
        }
    };
    let last_seen = probe.last_seen;
    Err(ProbeFailure { last_seen, why })
}

/// Whether anything has an address: it takes a connection, or refuses one.
pub fn is_anyone_at(address: SocketAddr, at_most: Duration) -> bool {
    match TcpStream::connect_timeout(&address, at_most) {
        Ok(_) => true,
        Err(error) => error.kind() == io::ErrorKind::ConnectionRefused,
    }
}

/// All connections to one address.
struct Probe {
    address: SocketAddr,
    tries: Vec<Try>,
    try_at: Instant,
    pause: Duration,
    silence: Duration,
    last_seen: String,
}

impl Probe {
    fn new(address: SocketAddr) -> Self {
        Probe {
            address,
            tries: Vec::new(),
            try_at: Instant::now(),
            pause: Duration::from_millis(2),
            silence: SILENCE,
            last_seen: "nothing yet".into(),
        }
    }

    fn try_when_due(&mut self) {
        let now = Instant::now();
        if now < self.try_at {
            return;
        }
        if self.tries.iter().any(|attempt| attempt.is_connected) {
            self.silence = (self.silence * 2).min(LONGEST_SILENCE);
        }
        self.try_at = now + self.silence;
        match Try::start(self.address) {
            Ok(new) => {
                if self.tries.len() == AT_ONCE {
                    self.tries.remove(0);
                }
                self.tries.push(new);
            }
            Err(error) => self.failed(&error),
        }
    }

    /// Waits for what the connections do; whether one is ssh.
    fn listen(&mut self, bell: &Bell, at_most: Duration) -> bool {
        let tries = self.tries.iter();
        let mut fds = vec![bell.fd().map(|fd| (fd, PollFlags::IN))];
        fds.extend(tries.map(|attempt| Some((attempt.stream.as_fd(), attempt.wanted()))));
        let ready = poll::ready(&fds, Some(at_most));
        // From the last, as the failed ones go.
        for place in (0..self.tries.len()).rev().filter(|place| ready[place + 1]) {
            match self.tries[place].advance() {
                Ok(_) if self.tries[place].has_banner() => return true,
                Ok(seen) => self.last_seen = seen,
                Err(error) => {
                    self.tries.remove(place);
                    self.failed(&error);
                }
            }
        }
        false
    }

    fn failed(&mut self, error: &io::Error) {
        self.last_seen = said(error);
        self.try_at = self.try_at.min(Instant::now() + self.pause);
        self.pause = (self.pause * 2).min(Duration::from_millis(50));
    }
}

/// One connection.
struct Try {
    stream: TcpStream,
    is_connected: bool,
    heard: Vec<u8>,
}

impl Try {
    fn start(address: SocketAddr) -> io::Result<Self> {
        let family = match address {
            SocketAddr::V4(_) => AddressFamily::INET,
            SocketAddr::V6(_) => AddressFamily::INET6,
        };
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let socket = socket_with(family, SocketType::STREAM, flags, None)?;
        match connect(&socket, &address) {
            Ok(()) | Err(rustix::io::Errno::INPROGRESS) => Ok(Try {
                stream: socket.into(),
                is_connected: false,
                heard: Vec::new(),
            }),
            Err(error) => Err(error.into()),
        }
    }

    fn wanted(&self) -> PollFlags {
        if self.is_connected {
            PollFlags::IN
        } else {
            PollFlags::OUT
        }
    }

    /// Goes on with what is ready; what was seen.
    fn advance(&mut self) -> io::Result<String> {
        if !self.is_connected {
            sockopt::socket_error(&self.stream)??;
            self.is_connected = true;
            return Ok("connected, but nothing was said".into());
        }
        let mut buffer = [0; 1024];
        match self.stream.read(&mut buffer) {
            Ok(0) if self.heard.is_empty() => {
                Err(io::Error::other("connected, and closed without a word"))
            }
            Ok(0) => Err(io::Error::other(self.no_ssh())),
            Ok(count) if self.heard.len() < 16 << 10 => {
                self.heard.extend_from_slice(&buffer[..count]);
                Ok(self.no_ssh())
            }
            Ok(_) => Err(io::Error::other(self.no_ssh())),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(self.no_ssh()),
            Err(error) => Err(error),
        }
    }

    /// Servers may say other lines first; 1.99 is 2.0 with manners.
    fn has_banner(&self) -> bool {
        self.heard
            .split(|byte| *byte == b'\n')
            .any(|line| line.starts_with(b"SSH-2.0") || line.starts_with(b"SSH-1.99"))
    }

    fn no_ssh(&self) -> String {
        let text = String::from_utf8_lossy(&self.heard);
        let line: String = text.lines().next().unwrap_or("").chars().take(60).collect();
        format!("something that is not ssh answered `{line}`")
    }
}

fn said(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused".into(),
        io::ErrorKind::ConnectionReset => "connected, and reset".into(),
        io::ErrorKind::HostUnreachable => "no route to the host".into(),
        _ => error.to_string(),
    }
}
