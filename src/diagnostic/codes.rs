//! The catalogue: every rule, once. The first digit is the exit status of an action that it stops.
//!
//! Each row owes a page `book/src/errors/VPnnnn.md`. Numbers are never used again for something else.

use Name::*;

/// What a rule belongs to; the `code` of an error in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(non_camel_case_types, missing_docs)]
pub enum Name {
    ENGINE_FAILED,
    BOOT_FAILED,
    NETWORK_FAILED,
    SSH_FAILED,
    INFRA_NOT_FOUND,
    INFRA_NOT_RUNNING,
    LOCKED,
    INTERNAL,
    CONFIG_MISSING,
    CONFIG_SYNTAX,
    CONFIG_INVALID,
    USAGE,
    INFRA_EXISTS,
    INVALID_STATE,
    INSUFFICIENT_RESOURCES,
    PROVIDER_NOT_AVAILABLE,
    PORT_CONFLICT,
    PROVISIONING_FAILED,
}

/// A row of the catalogue.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Four digits.
    pub number: u16,
    /// What it belongs to.
    pub name: Name,
    /// The sentence where nothing more exact is known.
    pub title: &'static str,
    /// The book page, embedded for `explain`.
    pub page: &'static str,
}

impl Rule {
    /// The exit status of an action that this rule stops.
    pub fn exit(&self) -> u8 {
        (self.number / 1000) as u8
    }
}

macro_rules! catalogue {
    ($($number:literal $name:ident $title:literal)*) => {
        /// All rules, by number.
        pub const RULES: &[Rule] = &[$(Rule {
            number: $number,
            name: $name,
            title: $title,
            page: include_str!(concat!("../../book/src/errors/VP", $number, ".md")),
        }),*];
    };
}

catalogue! {
    1001 INTERNAL "vagrantp itself failed"
    1101 ENGINE_FAILED "The engine failed"
    1102 ENGINE_FAILED "The engine does not answer"
    1103 ENGINE_FAILED "The engine's answer cannot be read"
    1104 ENGINE_FAILED "The image cannot be had"
    1105 ENGINE_FAILED "The image cannot be built"
    1141 ENGINE_FAILED "The box cannot be had"
    1142 ENGINE_FAILED "The box cannot be made"
    1143 ENGINE_FAILED "The box cannot be put into libvirt's pool"
    1151 ENGINE_FAILED "The machine's disk cannot be prepared"
    1152 ENGINE_FAILED "The box's disk is not one that can be prepared"
    1153 ENGINE_FAILED "The machine's root is smaller than its disk"
    1161 ENGINE_FAILED "The machine was made for another kind of host"
    1162 ENGINE_FAILED "A disk of the machine was removed"
    1163 ENGINE_FAILED "What a killed `up` left is in the way"
    1201 BOOT_FAILED "The machine stopped right after its start"
    1202 BOOT_FAILED "The machine is not ready in time"
    1301 NETWORK_FAILED "The network cannot be made"
    1302 NETWORK_FAILED "The host already routes this address elsewhere"
    1351 NETWORK_FAILED "The box has no network service that vagrantp can set up"
    1361 NETWORK_FAILED "The bridge does not exist"
    1401 SSH_FAILED "No ssh session with the machine came about"
    1501 INFRA_NOT_FOUND "The machine does not exist"
    1601 INFRA_NOT_RUNNING "The machine is not running"
    1602 INFRA_NOT_RUNNING "A machine that others need does not run any more"
    1701 LOCKED "Another vagrantp is at work on this project"
    1761 LOCKED "Another Vagrant is at work on the machine"
    1801 INTERNAL "The state folder cannot be written"
    1802 INTERNAL "A record cannot be read"
    1803 INTERNAL "A record was written by a newer vagrantp"
    1804 INTERNAL "A configuration file cannot be written"
    2001 CONFIG_MISSING "Configuration file .env not found in current directory"
    2002 CONFIG_MISSING "The configuration file cannot be read"
    2003 CONFIG_MISSING "INFRA_TYPE is not set"
    2101 CONFIG_INVALID "Invalid value for INFRA_TYPE"
    2102 CONFIG_INVALID "Invalid value for INFRA_ID"
    2103 CONFIG_INVALID "Invalid value for PROVIDER"
    2104 CONFIG_INVALID "Invalid value for NETWORK_MODE"
    2105 CONFIG_INVALID "Invalid value for NETWORK_INTERFACE"
    2106 CONFIG_INVALID "Invalid value for IP_ADDRESS"
    2107 CONFIG_INVALID "Invalid value for MEMORY"
    2108 CONFIG_INVALID "Invalid value for CPUS"
    2109 CONFIG_INVALID "Invalid value for DISK_SIZE"
    2110 CONFIG_INVALID "Invalid value for PORTS"
    2111 CONFIG_INVALID "Invalid value for IMAGE"
    2112 CONFIG_INVALID "Invalid value for INIT"
    2113 CONFIG_INVALID "Invalid value for SSH_USER"
    2114 CONFIG_INVALID "Invalid value for SSH_KEY"
    2115 CONFIG_INVALID "Invalid value for SYNC"
    2116 CONFIG_INVALID "Invalid value for PROVISIONING_PLAYBOOK"
    2117 CONFIG_INVALID "Invalid value for PROVISIONING_VARS"
    2118 CONFIG_INVALID "Invalid value for PROVISIONING_SECRETS"
    2119 CONFIG_INVALID "Invalid value for BOX"
    2120 CONFIG_INVALID "Invalid value for hostname"
    2121 CONFIG_INVALID "Invalid duration"
    2122 CONFIG_INVALID "Invalid value for ready"
    2123 CONFIG_INVALID "Invalid value for restart"
    2124 CONFIG_INVALID "Invalid value for extra-disk"
    2125 CONFIG_INVALID "Invalid value for volume"
    2126 CONFIG_INVALID "Invalid value for env"
    2127 CONFIG_INVALID "Invalid value for secret"
    2128 CONFIG_INVALID "Invalid value for packages"
    2129 CONFIG_INVALID "Invalid name"
    2130 CONFIG_INVALID "Invalid value for command"
    2131 CONFIG_INVALID "Invalid value for engine-args"
    2132 CONFIG_INVALID "Invalid value for autostart"
    2133 CONFIG_INVALID "Invalid value for count"
    2134 CONFIG_INVALID "Invalid value for mask"
    2201 CONFIG_INVALID "A required setting is missing"
    2202 CONFIG_INVALID "The setting is for the other kind of machine and is ignored"
    2203 CONFIG_INVALID "The provider cannot run this kind of machine"
    2204 CONFIG_INVALID "A host port is published twice"
    2205 CONFIG_INVALID "The setting needs a playbook"
    2206 CONFIG_INVALID "A machine with `init image` cannot be provisioned"
    2207 CONFIG_INVALID "No machine name can be made from the folder's name"
    2208 CONFIG_INVALID "A guest path is used twice"
    2209 CONFIG_INVALID "The setting has an effect only with NETWORK_MODE=bridge"
    2210 CONFIG_INVALID "A command needs the image's own init"
    2211 CONFIG_INVALID "There is no network of this name"
    2212 CONFIG_INVALID "The address does not fit its network"
    2213 CONFIG_INVALID "Two machines have one address"
    2214 CONFIG_INVALID "Two networks share addresses"
    2215 CONFIG_INVALID "Ports cannot be published from internal networks"
    2216 CONFIG_INVALID "A variable has two values"
    2301 CONFIG_INVALID "This looks like a misspelt setting"
    2302 CONFIG_INVALID "A setting is written twice"
    2303 CONFIG_INVALID "An undefined variable is empty"
    2304 CONFIG_INVALID "The shared folder holds the configuration file"
    2305 CONFIG_INVALID "A variable of the environment changes this value"
    2306 CONFIG_INVALID "The machine's user cannot write the shared folder"
    2401 CONFIG_SYNTAX "The line cannot be read"
    2402 CONFIG_SYNTAX "The file is not UTF-8"
    2403 CONFIG_SYNTAX "The format is not read"
    2404 CONFIG_SYNTAX "A block, string or comment is not closed"
    2405 CONFIG_SYNTAX "The file is nested too deeply"
    2406 CONFIG_SYNTAX "The node is not known here"
    2407 CONFIG_SYNTAX "The node has the wrong form"
    2408 CONFIG_INVALID "Written twice in one block"
    2501 CONFIG_SYNTAX "The expression cannot be read"
    2502 CONFIG_INVALID "The expression names something unknown"
    2503 CONFIG_INVALID "A variable is not set"
    2504 CONFIG_INVALID "No value comes of the expression"
    2601 CONFIG_INVALID "There is no machine of this name"
    2602 CONFIG_INVALID "There is no template of this name"
    2603 CONFIG_INVALID "The parameters do not fit the template"
    2604 CONFIG_INVALID "There is no profile of this name"
    2605 CONFIG_INVALID "Things build on each other in a circle"
    2606 CONFIG_INVALID "Two things have one name"
    2607 CONFIG_INVALID "The pattern matches nothing"
    2608 CONFIG_INVALID "Two machines have one id"
    2609 CONFIG_INVALID "The id is too long"
    2610 CONFIG_INVALID "The included file cannot be had"
    2611 CONFIG_INVALID "The setting is for one machine, and there are several"
    2613 CONFIG_INVALID "A .env cannot say this"
    2614 CONFIG_INVALID "The .env cannot be converted"
    2701 CONFIG_SYNTAX "The playbook is not YAML"
    2702 CONFIG_INVALID "The playbook has the wrong form"
    2703 CONFIG_INVALID "Ansible has no such keyword here"
    2704 CONFIG_INVALID "A task runs one module"
    2705 CONFIG_INVALID "A file that the playbook names is not there"
    2706 CONFIG_INVALID "The role is not found"
    2707 CONFIG_INVALID "A key is written twice"
    2708 CONFIG_INVALID "There is no handler of this name"
    2709 CONFIG_INVALID "Ansible has no module of this name"
    2710 CONFIG_INVALID "Playbooks build on each other in a circle"
    2901 USAGE "The command cannot be understood"
    2902 USAGE "Nothing matches the target"
    2903 USAGE "Profiles need a vagrantp.kdl"
    2904 USAGE "There is no task of this name"
    3001 INFRA_EXISTS "The machine already runs"
    3002 INFRA_EXISTS "The machine runs otherwise than written"
    3003 INFRA_EXISTS "The name is taken by something that is not ours"
    3004 INFRA_EXISTS "The name is taken by another project"
    3005 INFRA_EXISTS "The stopped machine was made otherwise than written"
    3006 INFRA_EXISTS "The machine's kind is turned around"
    3101 INVALID_STATE "The engine shows a state that vagrantp does not know"
    3102 INVALID_STATE "The box is in use"
    4001 INSUFFICIENT_RESOURCES "Insufficient RAM"
    4002 INSUFFICIENT_RESOURCES "Insufficient CPUs"
    4003 INSUFFICIENT_RESOURCES "Insufficient disk space"
    4004 INSUFFICIENT_RESOURCES "The host cannot enforce the limits"
    5001 PROVIDER_NOT_AVAILABLE "The provider is not installed or not configured"
    5002 PROVIDER_NOT_AVAILABLE "The provider is too old"
    5003 PROVIDER_NOT_AVAILABLE "The engine may not do this as this user"
    5004 PROVIDER_NOT_AVAILABLE "A program that is needed is not installed"
    5005 PROVIDER_NOT_AVAILABLE "This version of vagrantp cannot do this yet"
    5051 PROVIDER_NOT_AVAILABLE "Virtual machines are emulated"
    5052 PROVIDER_NOT_AVAILABLE "libvirt tries QEMU anew for every machine"
    5053 PROVIDER_NOT_AVAILABLE "The guest's root writes in a shared folder as the host's"
    5061 PROVIDER_NOT_AVAILABLE "The libvirt daemon does not run"
    6001 PORT_CONFLICT "The port is already in use by another project"
    6002 PORT_CONFLICT "The port is already in use by a process"
    6003 PORT_CONFLICT "The port cannot be published"
    7001 PROVISIONING_FAILED "A task of the playbook failed"
    7002 PROVISIONING_FAILED "The playbook cannot be read"
    7003 PROVISIONING_FAILED "A module is not there"
    7004 PROVISIONING_FAILED "A role or a file is not there"
    7005 PROVISIONING_FAILED "A variable is undefined"
    7006 PROVISIONING_FAILED "The machine was lost while it was provisioned"
    7007 PROVISIONING_FAILED "sudo asks for a password"
    7008 PROVISIONING_FAILED "The machine has no Python"
    7009 PROVISIONING_FAILED "The playbook locks vagrantp out of the machine"
    7010 PROVISIONING_FAILED "No play is for the machine"
    7011 PROVISIONING_FAILED "A task is not idempotent"
    7012 PROVISIONING_FAILED "Ansible itself failed"
    7013 PROVISIONING_FAILED "What a playbook requires cannot be had"
}

/// The row of a number.
///
/// # Panics
/// When there is none: a rule is used only after its row is written.
pub fn rule(number: u16) -> &'static Rule {
    find(number).expect("every rule in use has its row in the catalogue")
}

/// The row of a number, if there is one.
pub fn find(number: u16) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.number == number)
}
