//! A page's facts about the engine and the host, a line each.

use uuid::Uuid;
use vagrantp::model::host::{Cgroup, Distribution, Host, Interface, Route};
use vagrantp::state::listeners::Listener;
use vagrantp::state::observed::{ObservedMachine, Seen};
use vagrantp::value::{Choice, PortRule, Provider};

const MIB: u64 = 1 << 20;

/// `NAME running|stopped|ended STATUS|paused|stuck|half-made|removing|says WORD [foreign | of FOLDER] [by PROVIDER] [PORT…]`; Podman has it
/// where nothing else is said.
pub fn seen(line: &str, project: Uuid) -> ObservedMachine {
    let mut words = line.split_whitespace();
    let name = words.next().expect("a name").to_owned();
    let word = words.next().expect("a state");
    let mut machine = ObservedMachine {
        provider: Provider::Podman,
        engine_id: format!("{name}-id"),
        name,
        state: Seen::Stopped,
        word: "exited".into(),
        is_stuck: false,
        networks: Vec::new(),
        exit_code: 0,
        project: Some(project),
        path: None,
        digest: None,
        ports: Vec::new(),
    };
    match word {
        "running" => (machine.state, machine.word) = (Seen::Running, "running".into()),
        "stopped" => {}
        "ended" => machine.exit_code = words.next().and_then(|code| code.parse().ok()).unwrap_or(1),
        "paused" => machine.word = "paused".into(),
        "stuck" => (machine.is_stuck, machine.word) = (true, "stopping".into()),
        "half-made" => (machine.state, machine.word) = (Seen::Made, "created".into()),
        "removing" => (machine.state, machine.word) = (Seen::Removing, "removing".into()),
        "says" => {
            let word = words.next().unwrap_or_default().to_owned();
            (machine.state, machine.word) = (Seen::Unknown, word);
        }
        other => panic!("no state: {other}"),
    }
    while let Some(word) = words.next() {
        match word {
            "foreign" => machine.project = None,
            "by" => {
                let word = words.next().unwrap_or_default();
                machine.provider = Provider::parse(word).expect("a provider");
            }
            "of" => {
                machine.project = Some(Uuid::from_u128(0xeee));
                machine.path = words.next().map(Into::into);
            }
            word => machine.ports.push(port(word)),
        }
    }
    machine
}

/// `PORT-RULE [PID COMMAND]`.
pub fn port(text: &str) -> PortRule {
    PortRule::parse(text).expect("a port rule")[0]
}

pub fn listens(line: &str) -> (PortRule, Listener) {
    let mut words = line.split_whitespace();
    let rule = port(words.next().unwrap_or_default());
    let listener = Listener {
        pid: words.next().and_then(|pid| pid.parse().ok()),
        command: words.next().map(str::to_owned),
        address: rule.address,
    };
    (rule, listener)
}

/// A host that has enough of everything, but for what the page says.
pub fn host<'a>(facts: impl Iterator<Item = &'a str>) -> Host {
    let mut host = Host {
        memory_total: 16_384 * MIB,
        memory_available: 12_288 * MIB,
        cpus: 8,
        routes: vec![route("0.0.0.0/0 eth0"), route("192.168.1.0/24 eth0")],
        interfaces: vec![interface("eth0 192.168.1.10")],
        uid: 0,
        user: "root".into(),
        home: None,
        cgroup: Cgroup::V2,
        ephemeral_ports: 32_768..=60_999,
        unprivileged_port: 1024,
        distribution: Distribution::default(),
    };
    for line in facts {
        let (what, value) = line.split_once(' ').expect("a fact has a value");
        let number = || {
            value
                .trim_end_matches('M')
                .parse::<u64>()
                .expect("a number")
        };
        match what {
            "memory" => host.memory_total = number() * MIB,
            "available" => host.memory_available = number() * MIB,
            "cpus" => host.cpus = number() as u32,
            "user" => host.uid = number() as u32,
            "cgroup" => host.cgroup = Cgroup::V1,
            "route" => host.routes.push(route(value)),
            "interface" => host.interfaces.push(interface(value)),
            other => panic!("no fact: {other}"),
        }
    }
    host
}

fn route(text: &str) -> Route {
    let (network, interface) = text.split_once(' ').expect("a route has an interface");
    let (destination, prefix) = network.split_once('/').expect("a route has a prefix");
    Route {
        destination: destination.parse().expect("an address"),
        prefix: prefix.parse().expect("a prefix"),
        interface: interface.to_owned(),
        gateway: None,
    }
}

fn interface(text: &str) -> Interface {
    let (name, address) = text.split_once(' ').expect("an interface has an address");
    Interface {
        name: name.to_owned(),
        addresses: vec![(address.parse().expect("an address"), 24)],
        is_bridge: false,
        up: true,
    }
}
