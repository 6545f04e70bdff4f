use super::Flaw;
use std::fmt;
use std::net::Ipv4Addr;

/// An IPv4 network: its own address, and how many leading bits its addresses share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Subnet {
    /// The network's own address.
    pub address: Ipv4Addr,
    /// From 8 to 30.
    pub prefix: u8,
}

impl Subnet {
    /// Reads `10.20.0.0/24`.
    ///
    /// # Errors
    /// When it is no private network of 4 to 2^24 addresses; the fix clears the bits behind the prefix.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        let help = "write a private network such as `10.20.0.0/24`";
        let message = "must be an IPv4 network: an address, `/` and a number from 8 to 30";
        let flaw = || Flaw::whole(text, message, help);
        let (address, prefix) =
            text.split_once('/')
                .ok_or_else(|| match text.parse::<Ipv4Addr>() {
                    Ok(_) => Flaw::instead(text, message, format!("{text}/24")),
                    Err(_) => flaw(),
                })?;
        let address: Ipv4Addr = address.parse().map_err(|_| flaw())?;
        let prefix: u8 = prefix.parse().map_err(|_| flaw())?;
        if !(8..=30).contains(&prefix) {
            return Err(flaw());
        }
        let subnet = Subnet { address, prefix };
        let network = Subnet {
            address: Ipv4Addr::from_bits(address.to_bits() & subnet.mask()),
            prefix,
        };
        if network != subnet {
            let message = format!("{address} is an address in it, not the network's own");
            return Err(Flaw::instead(text, message, network.to_string()));
        }
        if !address.is_private() || !network.last().is_private() {
            return Err(Flaw::whole(text, "must be private", help));
        }
        Ok(network)
    }

    fn mask(self) -> u32 {
        u32::MAX << (32 - u32::from(self.prefix))
    }

    /// The broadcast address.
    pub fn last(self) -> Ipv4Addr {
        Ipv4Addr::from_bits(self.address.to_bits() | !self.mask())
    }

    /// The host's own address in it: the first.
    pub fn gateway(self) -> Ipv4Addr {
        Ipv4Addr::from_bits(self.address.to_bits() + 1)
    }

    /// Whether an address lies in it.
    pub fn contains(self, address: Ipv4Addr) -> bool {
        address.to_bits() & self.mask() == self.address.to_bits()
    }

    /// Whether they share an address.
    pub fn overlaps(self, other: Subnet) -> bool {
        self.contains(other.address) || other.contains(self.address)
    }
}

impl fmt::Display for Subnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::Subnet;

    #[test]
    fn a_network_is_its_own_address() {
        let net = Subnet::parse("10.20.0.0/24").expect("a network");
        assert!(net.contains([10, 20, 0, 5].into()) && !net.contains([10, 20, 1, 5].into()));
        assert_eq!(net.gateway().to_string(), "10.20.0.1");
        assert_eq!(net.last().to_string(), "10.20.0.255");
        let flaw = Subnet::parse("10.20.0.5/24").unwrap_err();
        assert_eq!(flaw.instead.as_deref(), Some("10.20.0.0/24"));
        for wrong in [
            "10.0.0.0",
            "10.0.0.0/33",
            "8.8.8.0/24",
            "x/24",
            "10.0.0.0/",
            "::/8",
            "172.16.0.0/8",
        ] {
            assert!(Subnet::parse(wrong).is_err(), "{wrong}");
        }
        assert!(net.overlaps(Subnet::parse("10.0.0.0/8").expect("a network")));
    }
}
