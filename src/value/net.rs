use super::Flaw;
use std::fmt;
use std::net::Ipv4Addr;
use std::ops::Range;

/// How a port carries traffic.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// A stream.
    Tcp,
    /// Datagrams.
    Udp,
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
        })
    }
}

/// The host's side of a published port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HostPort {
    /// vagrantp picks one and keeps it.
    Auto,
    /// This one.
    Fixed(u16),
}

/// One published port; a range is several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct PortRule {
    /// The host's address; all interfaces where none is written.
    pub address: Ipv4Addr,
    /// The host's side.
    pub host: HostPort,
    /// The machine's side.
    pub guest: u16,
    /// How it carries traffic.
    pub protocol: Protocol,
}

impl PortRule {
    /// Reads `[addr:]host:guest[/tcp|/udp]`, `auto:guest`, and ranges of one length on both sides.
    ///
    /// # Errors
    /// When it is none of these, or a port is outside 1–65535.
    pub fn parse(text: &str) -> Result<Vec<Self>, Flaw> {
        let (ports, protocol) = protocol(text)?;
        let parts: Vec<(usize, &str)> = fields(ports);
        let (address, host, guest) = match parts[..] {
            [one] => return Err(lone(text, one)),
            [host, guest] => (None, host, guest),
            [address, host, guest] => (Some(address), host, guest),
            _ => {
                let help = "write `host:guest` or `address:host:guest`, such as `8080:80`";
                return Err(Flaw::whole(text, "must be `[address:]host:guest`", help));
            }
        };
        let address = match address {
            None => Ipv4Addr::UNSPECIFIED,
            Some((at, word)) => word.parse().map_err(|_| {
                let help = "write an IPv4 address such as `127.0.0.1`, or leave it out";
                Flaw::part(at..at + word.len(), "the address must be IPv4", help)
            })?,
        };
        if host.1.eq_ignore_ascii_case("auto") {
            let guest_range = range(guest)?;
            let rule = |guest| PortRule {
                address,
                host: HostPort::Auto,
                guest,
                protocol,
            };
            return Ok(guest_range.into_iter().map(rule).collect());
        }
        if host.1 == "0" {
            let help = format!(
                "write `auto:{}` for a port that vagrantp picks and keeps",
                guest.1
            );
            return Err(
                Flaw::part(host.0..host.0 + 1, "a host port must be 1–65535", help)
                    .label("no port of its own")
                    .fix("auto"),
            );
        }
        let host_range = range(host)?;
        let guest_range = range(guest)?;
        if host_range.len() != guest_range.len() {
            let (hosts, guests) = (host_range.len(), guest_range.len());
            let help = "write ranges of the same length, such as `8000-8003:80-83`";
            let message = "both sides of a range must be equally long";
            return Err(Flaw::part(host.0..guest.0 + guest.1.len(), message, help)
                .label(format!("{hosts} on the host, {guests} in the machine")));
        }
        let rule = |(host, guest)| PortRule {
            address,
            host: HostPort::Fixed(host),
            guest,
            protocol,
        };
        Ok(host_range.into_iter().zip(guest_range).map(rule).collect())
    }

    /// This port, on a host port that vagrantp picks.
    pub fn as_auto(self) -> Self {
        PortRule {
            host: HostPort::Auto,
            ..self
        }
    }

    /// Whether two fixed ports of one host cannot both be published.
    pub fn clashes(&self, other: &Self) -> bool {
        let any = self.address.is_unspecified() || other.address.is_unspecified();
        matches!((self.host, other.host), (HostPort::Fixed(a), HostPort::Fixed(b)) if a == b)
            && self.protocol == other.protocol
            && (any || self.address == other.address)
    }
}

impl fmt::Display for PortRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.address.is_unspecified() {
            write!(f, "{}:", self.address)?;
        }
        match self.host {
            HostPort::Auto => write!(f, "auto:{}", self.guest)?,
            HostPort::Fixed(host) => write!(f, "{host}:{}", self.guest)?,
        }
        match self.protocol {
            Protocol::Tcp => Ok(()),
            Protocol::Udp => f.write_str("/udp"),
        }
    }
}

fn protocol(text: &str) -> Result<(&str, Protocol), Flaw> {
    match text.split_once('/') {
        None => Ok((text, Protocol::Tcp)),
        Some((ports, "tcp")) => Ok((ports, Protocol::Tcp)),
        Some((ports, "udp")) => Ok((ports, Protocol::Udp)),
        Some((ports, word)) => {
            let at = ports.len() + 1;
            let flaw = Flaw::part(
                at..at + word.len(),
                "the protocol must be `tcp` or `udp`",
                "write `/tcp`, `/udp`, or nothing for tcp",
            );
            let lower = word.to_ascii_lowercase();
            Err(match lower.as_str() {
                "tcp" | "udp" => flaw.fix(lower),
                _ => flaw,
            })
        }
    }
}

/// The parts between colons, each with its offset.
fn fields(text: &str) -> Vec<(usize, &str)> {
    let offset = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
    text.split(':').map(|word| (offset(word), word)).collect()
}

/// A port without its other side: `80`, `80-83`, `8080/udp`.
fn lone(text: &str, (at, word): (usize, &str)) -> Flaw {
    match range((at, word)) {
        Ok(_) => {
            let fixed = format!("{word}:{word}");
            let help = format!("write `{fixed}` for the same port on the host, or `auto:{word}`");
            Flaw::part(at..at + word.len(), "must be `host:guest`", help)
                .label("which side is this?")
                .fix(fixed)
        }
        Err(_) if word.eq_ignore_ascii_case("auto") => Flaw::whole(
            text,
            "must be `host:guest`",
            "write the machine's port after it, as in `auto:80`",
        ),
        Err(_) => Flaw::whole(
            text,
            "must be `host:guest`",
            "write a pair such as `8080:80`",
        ),
    }
}

fn range((at, word): (usize, &str)) -> Result<Vec<u16>, Flaw> {
    let (low, high) = match word.split_once('-') {
        Some((low, high)) if !low.is_empty() && !high.is_empty() => (
            port(low, at..at + low.len())?,
            port(high, at + low.len() + 1..at + word.len())?,
        ),
        _ => {
            let only = port(word, at..at + word.len())?;
            (only, only)
        }
    };
    if low > high {
        let help = format!("write `{high}-{low}`");
        return Err(
            Flaw::part(at..at + word.len(), "a range must go upwards", help)
                .fix(format!("{high}-{low}")),
        );
    }
    Ok((low..=high).collect())
}

fn port(word: &str, at: Range<usize>) -> Result<u16, Flaw> {
    let digits = !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    match word.parse::<u16>() {
        Ok(port) if digits && port > 0 => Ok(port),
        _ => Err(Flaw::part(
            at,
            "a port must be 1–65535",
            "write a number from 1 to 65535, as in `8080:80`",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::PortRule;

    fn shown(text: &str) -> String {
        match PortRule::parse(text) {
            Ok(rules) => {
                let words: Vec<String> = rules.iter().map(ToString::to_string).collect();
                words.join(" ")
            }
            Err(flaw) => format!("! {} `{}`", flaw.message, &text[flaw.range]),
        }
    }

    #[test]
    fn reads_every_form() {
        for (text, expected) in [
            ("8080:80", "8080:80"),
            ("127.0.0.1:8080:80/udp", "127.0.0.1:8080:80/udp"),
            ("auto:443", "auto:443"),
            ("8000-8002:80-82", "8000:80 8001:81 8002:82"),
            ("auto:80-81", "auto:80 auto:81"),
            ("80", "! must be `host:guest` `80`"),
            ("0:80", "! a host port must be 1–65535 `0`"),
            ("8080:99999", "! a port must be 1–65535 `99999`"),
            (
                "8080:80/sctp",
                "! the protocol must be `tcp` or `udp` `sctp`",
            ),
            (
                "8000-8001:80",
                "! both sides of a range must be equally long `8000-8001:80`",
            ),
            ("x:80", "! a port must be 1–65535 `x`"),
            ("1.2.3:1:2", "! the address must be IPv4 `1.2.3`"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
