//! When a machine is ready: a port that answers, or a command that ends well.

use super::reader::Reader;
use super::{Ready, ReadyProbe};
use crate::diagnostic::{Diagnostic, Sink};
use crate::source::Located;
use crate::spec::Value;

/// What a machine's `ready` says.
pub(super) fn ready(reader: &Reader) -> Option<Located<Ready>> {
    let item = reader.items("ready").last()?;
    let parts = reader.parts(item);
    let probe = match (port(&parts), parts.text("ready.command")) {
        (Some(port), _) => Located::new(ReadyProbe::Port(port.value), port.origin),
        (None, Some(line)) => Located::new(ReadyProbe::Command(line.value), line.origin),
        (None, None) => return None,
    };
    let ready = Ready {
        probe,
        within: parts.duration("ready.within"),
    };
    Some(Located::new(ready, item.key.origin))
}

/// Tells of a `ready` that says two things, or how long nothing may take.
pub(super) fn judge(reader: &Reader, sink: &mut Sink) {
    let Some(item) = reader.items("ready").last() else {
        return;
    };
    let parts = reader.parts(item);
    let says = |part: &str| parts.is_written(part);
    let finding = Diagnostic::error(2122);
    match (port(&parts), parts.text("ready.command")) {
        (Some(port), Some(command)) => sink.push(
            finding
                .message("`ready` takes a port or a command, not both")
                .at_origin(command.origin)
                .label("a command")
                .related("the port is here", port.origin)
                .help("remove one of them"),
        ),
        (None, None) if says("ready.within") && !says("ready.port") && !says("ready.command") => {
            sink.push(
                finding
                    .message("`ready` needs a port or a command")
                    .at_origin(item.key.origin)
                    .label("only says how long it may take")
                    .help("write one, as in `ready port=80 within=\"30s\"`"),
            );
        }
        _ => {}
    }
}

fn port(parts: &Reader) -> Option<Located<u16>> {
    parts.one("ready.port", |value| match value {
        Value::Number(port) => Some(*port),
        _ => None,
    })
}
