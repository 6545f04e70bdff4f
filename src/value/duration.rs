use super::Flaw;
use std::time::Duration;

/// Reads a duration: a number with `ms`, `s`, `m` or `h`; a bare number is seconds. At most a day.
///
/// # Errors
/// When it is none.
pub fn parse_duration(text: &str) -> Result<Duration, Flaw> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = &text[digits.len()..];
    let help = "write a duration such as `30s` or `5m`";
    let scale = match unit.to_ascii_lowercase().as_str() {
        "ms" => 1,
        "" | "s" | "sec" | "secs" => 1000,
        "m" | "min" | "mins" => 60_000,
        "h" => 3_600_000,
        _ => {
            return Err(Flaw::whole(
                text,
                "must be a number and `s`, `m` or `h`",
                help,
            ));
        }
    };
    let number: u64 = match digits.parse() {
        Ok(number) if digits.bytes().all(|byte| byte.is_ascii_digit()) => number,
        _ => {
            return Err(Flaw::whole(
                text,
                "must be a number and `s`, `m` or `h`",
                help,
            ));
        }
    };
    const DAY: u64 = 86_400_000;
    match number.saturating_mul(scale) {
        0 => Err(Flaw::whole(text, "must be longer than nothing", help)),
        over if over > DAY => Err(Flaw::whole(text, "must be at most a day", help)),
        millis => Ok(Duration::from_millis(millis)),
    }
}

/// As it would be written: the largest unit that holds it whole.
pub fn show_duration(duration: Duration) -> String {
    let millis = duration.as_millis();
    match millis {
        _ if millis.is_multiple_of(3_600_000) => format!("{}h", millis / 3_600_000),
        _ if millis.is_multiple_of(60_000) && millis > 600_000 => format!("{}m", millis / 60_000),
        _ if millis.is_multiple_of(1000) => format!("{}s", millis / 1000),
        _ => format!("{millis}ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::{parse_duration, show_duration};

    #[test]
    fn what_is_shown_reads_back() {
        for text in ["30s", "1500ms", "300s", "15m", "2h", "45"] {
            let duration = parse_duration(text).expect("a duration");
            assert_eq!(
                parse_duration(&show_duration(duration)).as_ref(),
                Ok(&duration)
            );
        }
        for text in ["", "s", "-1s", "1.5s", "0", "2d", "25h", "1 s"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
