//! Numbers, and what begins like one.

use super::clump::{Clump, Place, Slip, error, quoted, rewrite};
use super::scan::Kind;

/// `2GiB`, `8080:80`, `192.168.0.1`, and numbers that are too large.
pub(super) fn number(clump: &Clump) -> Option<Slip> {
    let text = clump.text();
    if clump.single() != Some(Kind::Number) {
        return None;
    }
    let found = match flaw(text) {
        None if clump.place == Place::Name => {
            error("A node's name is a word or a string").label("a number")
        }
        None => return None,
        Some(Flaw::Other) => {
            error("A word that begins as a number needs quotes").label("not a number")
        }
        Some(Flaw::Large) => error("The number is too large").label("more than can be counted"),
        Some(Flaw::Point) => {
            let fixed = text.replacen('.', "0.", 1);
            let found = error("A number begins with a digit").at(clump.span());
            let found = found.label("begins with a point");
            return clump.slip(rewrite(found, clump.span(), fixed));
        }
    };
    clump.slip(rewrite(found.at(clump.span()), clump.span(), quoted(text)))
}

/// Why something that begins like a number is none.
pub(super) enum Flaw {
    /// It is more than KDL readers can hold.
    Large,
    /// It has no digit before its point.
    Point,
    /// It is no number.
    Other,
}

/// What is wrong with a number.
pub(super) fn flaw(text: &str) -> Option<Flaw> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(digits) = unsigned.strip_prefix(prefix) {
            return whole(digits, radix);
        }
    }
    if unsigned.starts_with('.') {
        let rest = format!("0{unsigned}");
        return Some(flaw(&rest).map_or(Flaw::Point, |_| Flaw::Other));
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (
            mantissa,
            Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)),
        ),
        None => (unsigned, None),
    };
    let (integer, fraction) = match mantissa.split_once('.') {
        Some((integer, fraction)) => (integer, Some(fraction)),
        None => (mantissa, None),
    };
    let parts = [Some(integer), fraction, exponent].into_iter().flatten();
    let flaws: Vec<Flaw> = parts.filter_map(|part| whole(part, 10)).collect();
    let other = flaws.iter().any(|flaw| matches!(flaw, Flaw::Other));
    let plain = unsigned.replace('_', "");
    let endless = || plain.parse().is_ok_and(f64::is_infinite);
    match flaws.is_empty() {
        true => endless().then_some(Flaw::Large),
        false if other => Some(Flaw::Other),
        false => Some(Flaw::Large),
    }
}

/// What is wrong with the digits of a whole number.
fn whole(digits: &str, radix: u32) -> Option<Flaw> {
    let first = digits.chars().next();
    let known = |c: char| c.is_digit(radix) || c == '_';
    if !first.is_some_and(|c| c.is_digit(radix)) || !digits.chars().all(known) {
        return Some(Flaw::Other);
    }
    let plain = digits.replace('_', "");
    i128::from_str_radix(&plain, radix)
        .is_err()
        .then_some(Flaw::Large)
}
