//! The layers of a `vagrantp.kdl` as a reader of the book would lay them over each other.

use super::said::Said;
use std::collections::BTreeMap;

/// The layers, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    Env,
    Defaults,
    First,
    Second,
    Machine,
    Local,
    Parent,
    Child,
    Variable,
    Flag,
}

pub const LAYERS: [Layer; 10] = [
    Layer::Env,
    Layer::Defaults,
    Layer::First,
    Layer::Second,
    Layer::Machine,
    Layer::Local,
    Layer::Parent,
    Layer::Child,
    Layer::Variable,
    Layer::Flag,
];

/// What a value is, and the layer it came from.
pub type Resolved = Vec<(&'static str, String, Layer)>;

/// The model: what a reader of the book would work out by hand.
pub fn by_hand(layers: &BTreeMap<Layer, Said>) -> Resolved {
    let mut all = Vec::new();
    let last = |value: &dyn Fn(&Said) -> Option<String>| {
        let mut said = layers.iter().rev();
        said.find_map(|(layer, said)| Some((value(said)?, *layer)))
    };
    let mut put = |setting, found: Option<(String, Layer)>| {
        all.extend(found.map(|(text, layer)| (setting, text, layer)));
    };
    put("cpus", last(&|said| said.cpus.map(|cpus| cpus.to_string())));
    put("memory", last(&|said| said.memory.map(size)));
    put("restart", last(&|said| said.restart.map(str::to_owned)));
    put("ssh.user", last(&|said| said.user.map(str::to_owned)));
    put("ready", ready(layers));
    // What is the same in two layers is the lower's.
    let add = |all: &mut BTreeMap<&'static str, Layer>, name: &'static str, layer: Layer| {
        all.entry(name).or_insert(layer);
    };
    let (mut tags, mut packages) = (BTreeMap::new(), BTreeMap::new());
    let (mut ports, mut env, mut volumes) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let (mut shares, mut secrets) = (BTreeMap::new(), BTreeMap::new());
    for (layer, said) in layers {
        let (names, installed) = (said.tags.iter(), said.packages.iter());
        names.for_each(|tag| add(&mut tags, tag, *layer));
        installed.for_each(|name| add(&mut packages, name, *layer));
        let replaces = matches!(layer, Layer::Variable) && !said.ports.is_empty();
        if said.no_ports && !matches!(layer, Layer::Env | Layer::Variable | Layer::Flag) || replaces
        {
            ports.clear();
        }
        ports.extend(
            said.ports
                .iter()
                .map(|(guest, host)| (*guest, (*host, *layer))),
        );
        env.extend(
            said.env
                .iter()
                .map(|(name, value)| (*name, (*value, *layer))),
        );
        volumes.extend(
            said.volumes
                .iter()
                .map(|(path, name)| (*path, (*name, *layer))),
        );
        let each = said.shares.iter();
        shares.extend(each.map(|(path, host)| (*path, (*host, *layer))));
        let each = said.secrets.iter();
        secrets.extend(each.map(|(name, from)| (*name, (*from, *layer))));
        let playbooks = said.playbooks.iter();
        all.extend(playbooks.map(|path| ("provision", (*path).to_owned(), *layer)));
    }
    for (path, (host, layer)) in shares {
        all.push(("sync", format!("{host}:{path}"), layer));
    }
    for (name, (from, layer)) in secrets {
        all.push(("secret", name.to_owned(), layer));
        all.push(("secret.from", from.to_owned(), layer));
    }
    all.extend(
        tags.into_iter()
            .map(|(tag, layer)| ("tags", tag.to_owned(), layer)),
    );
    all.extend(
        packages
            .into_iter()
            .map(|(name, layer)| ("packages", name.to_owned(), layer)),
    );
    all.extend(
        ports
            .into_iter()
            .map(|(guest, (host, layer))| ("ports", format!("{host}:{guest}"), layer)),
    );
    all.extend(
        env.into_iter()
            .map(|(name, (value, layer))| ("env", format!("{name}={value}"), layer)),
    );
    all.extend(
        volumes
            .into_iter()
            .map(|(path, (name, layer))| ("volume", format!("{name}:{path}"), layer)),
    );
    all.sort();
    all
}

/// The highest probe, with the highest time that is not below it.
fn ready(layers: &BTreeMap<Layer, Said>) -> Option<(String, Layer)> {
    let mut found = None;
    for (layer, said) in layers {
        found = match (said.ready, said.within, found) {
            (Some(port), within, _) => Some((port, within.unwrap_or(60), *layer)),
            (None, Some(within), Some((port, _, layer))) => Some((port, within, layer)),
            (None, _, found) => found,
        };
    }
    let (port, within, layer) = found?;
    Some((format!("port={port} within={within}s"), layer))
}

fn size(mib: u32) -> String {
    match mib % 1024 {
        0 => format!("{}G", mib / 1024),
        _ => format!("{mib}M"),
    }
}
