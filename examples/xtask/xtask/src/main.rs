//! `cargo xtask test [ARGS…]`: the tests of `app` against its database, which is up only meanwhile.

use std::error::Error;
use std::process::{Command, ExitCode};
use vagrantp::Session;

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let done = match words.next().as_deref() {
        Some("test") => test(words.collect()),
        _ => Err("usage: cargo xtask test [ARGS…]".into()),
    };
    done.unwrap_or_else(|error| {
        eprintln!("{error}");
        ExitCode::FAILURE
    })
}

fn test(args: Vec<String>) -> Result<ExitCode, Box<dyn Error>> {
    let session = Session::open(env!("CARGO_MANIFEST_DIR"))?.showing_progress();
    // Ready when this returns. Taken down when `machines` goes: at the end, by `?`, by a panic, by Ctrl-C.
    let machines = session.up_guarded(&["db"])?;
    let db = machines.machine("db").and_then(|db| db.port(6379));
    let db = db.ok_or("the database publishes no port")?;

    let status = Command::new(std::env::var("CARGO")?)
        .args(["test", "--package", "app"])
        .args(args)
        .env("DATABASE", db.to_string())
        .status()?;

    machines.down()?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
