use super::Flaw;

const UNITS: [(char, u32); 4] = [('K', 10), ('M', 20), ('G', 30), ('T', 40)];
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// An amount of memory or disk. All units are powers of 1024.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size {
    bytes: u64,
}

impl Size {
    /// So many MiB.
    pub const fn mib(mib: u64) -> Self {
        Size { bytes: mib * MIB }
    }

    /// So many GiB.
    pub const fn gib(gib: u64) -> Self {
        Size { bytes: gib * GIB }
    }

    /// So many bytes.
    pub const fn from_bytes(bytes: u64) -> Self {
        Size { bytes }
    }

    /// Exact.
    pub const fn bytes(self) -> u64 {
        self.bytes
    }

    /// In MiB, rounded up.
    pub const fn as_mib(self) -> u64 {
        self.bytes.div_ceil(MIB)
    }

    /// In GiB, rounded up.
    pub const fn as_gib(self) -> u64 {
        self.bytes.div_ceil(GIB)
    }

    /// Reads `2048`, `4G`, `1.5GiB`, `512mb`; a bare number counts in `bare` (a unit letter).
    ///
    /// # Errors
    /// When it is no size, or one beyond 2^63 bytes. What to write instead, whoever takes the size knows.
    pub fn parse(text: &str, bare: char) -> Result<Self, Flaw> {
        let flaw = |range, message: &str| Err(Flaw::part(range, message, "write a size"));
        let digits = text
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        if text.starts_with('-') {
            return flaw(0..text.len(), "must be a positive size");
        }
        let Some((whole, fraction)) = decimal(number) else {
            return flaw(0..text.len(), "must be a size");
        };
        let word = unit.trim_start().to_ascii_uppercase();
        let letter = match word.as_str() {
            "" => bare,
            "B" => 'B',
            word => match word
                .strip_suffix("IB")
                .or(word.strip_suffix('B'))
                .unwrap_or(word)
            {
                "K" => 'K',
                "M" => 'M',
                "G" => 'G',
                "T" => 'T',
                _ => {
                    if let Some(point) = unit.strip_prefix(',') {
                        let fixed = format!("{number}.{point}");
                        if Self::parse(&fixed, bare).is_ok() {
                            return Err(Flaw::instead(
                                text,
                                "must have a point, not a comma",
                                fixed,
                            ));
                        }
                    }
                    let message = "must be a number and one of the units K, M, G, T";
                    return Err(flaw_of_unit(digits..text.len(), message));
                }
            },
        };
        let shift = UNITS
            .iter()
            .find(|(unit, _)| *unit == letter)
            .map_or(0, |row| row.1);
        let scaled = whole
            .checked_shl(shift)
            .filter(|value| value >> shift == whole && *value < 1 << 63);
        let Some(scaled) = scaled else {
            return flaw(0..text.len(), "must be a size that a host can have");
        };
        let part = (fraction * (1u64 << shift) as f64).round() as u64;
        Ok(Size {
            bytes: scaled + part,
        })
    }
}

fn flaw_of_unit(range: std::ops::Range<usize>, message: &str) -> Flaw {
    Flaw::part(range, message, "write a size").label("no unit")
}

/// `1.5` as (1, 0.5); not exponents, signs or a lone dot.
fn decimal(text: &str) -> Option<(u64, f64)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let fraction = format!("0.{fraction}").parse().ok()?;
    if !text.contains(|c: char| c.is_ascii_digit()) || text.ends_with('.') {
        return None;
    }
    let whole = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    Some((whole, fraction))
}

impl std::fmt::Display for Size {
    /// The largest unit that leaves a whole number: `512M`, `4G`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let fits = |shift: &u32| self.bytes != 0 && self.bytes.trailing_zeros() >= *shift;
        match UNITS.iter().rev().find(|(_, shift)| fits(shift)) {
            Some((unit, shift)) => write!(f, "{}{unit}", self.bytes >> shift),
            None => write!(f, "{}B", self.bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Size;

    #[test]
    fn reads_the_forms_of_the_language() {
        for (text, bytes) in [
            ("2048", 2048 << 20),
            ("4G", 4 << 30),
            ("4gb", 4 << 30),
            ("4GiB", 4 << 30),
            ("1.5G", 3 << 29),
            ("512 M", 512 << 20),
            (".5G", 1 << 29),
            ("1024b", 1024),
        ] {
            assert_eq!(Size::parse(text, 'M').map(Size::bytes), Ok(bytes), "{text}");
        }
        for text in [
            "",
            "G",
            "-1",
            "1.2.3",
            "4X",
            "1e9",
            "99999999999T",
            "４G",
            "0x10",
        ] {
            assert!(Size::parse(text, 'M').is_err(), "{text}");
        }
    }

    #[test]
    fn shows_the_largest_whole_unit() {
        assert_eq!(Size::mib(512).to_string(), "512M");
        assert_eq!(Size::mib(2048).to_string(), "2G");
        assert_eq!(Size::parse("1.5G", 'M').unwrap().to_string(), "1536M");
    }
}
