//! Recorded from the real Vagrant, each by the failure itself.

use super::{is_held, read};
use crate::call::{End, Outcome};
use std::time::Duration;

fn outcome(stdout: &str, stderr: &str) -> Outcome {
    Outcome {
        line: "vagrant up".into(),
        end: End::Exit(1),
        stdout: stdout.into(),
        stderr: stderr.into(),
        took: Duration::ZERO,
    }
}

/// The row that it ended with, and what that comes to.
const ROWS: &[(&str, u16)] = &[
    (
        r#"1795541883,,error-exit,Vagrant::Errors::BoxAddShortNotFound,The box 'nosuch/box' could not be found or\ncould not be accessed in the remote catalog. If this is a private\nbox on HashiCorp's Vagrant Cloud%!(VAGRANT_COMMA) please verify you're logged in via\n`vagrant login`. Also%!(VAGRANT_COMMA) please double-check the name. The expanded\nURL and error message are shown below:\n\nURL: ["https://vagrantcloud.com/api/v2/vagrant/nosuch/box"]\nError: Could not resolve host: vagrantcloud.com"#,
        1104,
    ),
    (
        r"1795541891,,error-exit,Vagrant::Errors::DownloaderError,An error occurred while downloading the remote file. The error\nmessage%!(VAGRANT_COMMA) if any%!(VAGRANT_COMMA) is reproduced below. Please fix this error and try\nagain.\n\nCouldn't open file /home/dev/shop/nosuchbox",
        1104,
    ),
    (
        r"1795541896,,error-exit,Vagrant::Errors::ProviderNotUsable,The provider 'virtualbox' that was requested to back the machine\n'default' is reporting that it isn't usable on this system. The\nreason is shown below:\n\nVagrant could not detect VirtualBox! Make sure VirtualBox is properly installed.",
        5001,
    ),
    (
        r"1795541904,,error-exit,VagrantPlugins::ProviderLibvirt::Errors::FogLibvirtConnectionError,Error while connecting to Libvirt: Error making a connection to libvirt URI qemu:///system?socket=/nope:\nCall to virConnectOpen failed: Failed to connect socket to '/nope': No such file or directory",
        5061,
    ),
    (
        r"1795541912,,error-exit,Vagrant::Errors::ConfigInvalid,There are errors in the configuration of this machine. Please fix\nthe following errors and try again:\n\nLibvirt Provider:\n* network configuration 0 for machine default is a public_network referencing host device 'nobr0' which does not exist%!(VAGRANT_COMMA) consider adding ':dev => ....' referencing one of eth0",
        1361,
    ),
    (
        r"1795541923,,error-exit,VagrantPlugins::ProviderLibvirt::Errors::NoStoragePool,No usable storage pool found! Please check if storage pool is\ncreated and available.",
        5001,
    ),
    (
        r"1795541935,,error-exit,Vagrant::Errors::ProviderNotFound,The provider 'libvirt' could not be found%!(VAGRANT_COMMA) but was requested to\nback the machine 'machine'. Please use a provider that exists.\n\nVagrant knows about the following providers: virtualbox%!(VAGRANT_COMMA) docker%!(VAGRANT_COMMA) hyperv",
        5001,
    ),
    (
        r"1795540728,,error-exit,Vagrant::Errors::ConfigInvalid,There are errors in the configuration of this machine. Please fix\nthe following errors and try again:\n\nSSH:\n* `private_key_path` file must exist: /state/key",
        1001,
    ),
    (
        r"1795542244,,error-exit,Vagrant::Errors::MachineActionLockedError,An action 'up' was attempted on the machine 'machine'%!(VAGRANT_COMMA)\nbut another process is already executing an action on the machine.\nVagrant locks each machine for access by only one process at a time.\nPlease wait until the other Vagrant process finishes modifying this\nmachine%!(VAGRANT_COMMA) then try again.",
        1761,
    ),
    (
        r"1795541943,,error-exit,VagrantPlugins::ProviderLibvirt::Errors::FogCreateServerError,Error while creating domain: Error saving the server: Call to virDomainDefineXML failed: unsupported configuration: Invalid mode attribute 'nosuch'",
        1101,
    ),
];

/// What it complained where it wrote no row, and what that comes to.
const PLAIN: &[(&str, u16)] = &[
    (
        "Volume for domain is already created. Please run 'vagrant destroy' first.\n",
        1163,
    ),
    (
        "Error while creating volume for domain: Call to virStorageVolCreateXML failed: storage volume 'shop-vdb.qcow2' exists already\n",
        1163,
    ),
    (
        "Name `shop` of domain about to create is already taken. Please try to run\n`vagrant up` command again.\n",
        3003,
    ),
    (
        "/usr/lib/ruby/vendor_ruby/fog/libvirt/requests/compute/vm_action.rb:7:in `create': Call to virDomainCreateWithFlags failed: unsupported configuration: CPU mode 'host-passthrough' for x86_64 qemu domain on x86_64 host is not supported by hypervisor (Libvirt::Error)\n\tfrom /usr/lib/ruby/vendor_ruby/fog/libvirt/requests/compute/vm_action.rb:7:in `vm_action'\n",
        1161,
    ),
    (
        "Vagrant failed to initialize at a very early stage:\n\nThere is a syntax error in the following Vagrantfile. The syntax error\nmessage is reproduced below for convenience:\n\n/home/dev/shop/Vagrantfile:1: syntax error, unexpected end-of-input\n",
        1001,
    ),
    (
        "Vagrant failed to initialize at a very early stage:\n\nThere was an error loading a Vagrantfile. The file being loaded\nand the error message are shown below. This is usually caused by\na syntax error.\n\nPath: /home/dev/shop/Vagrantfile\nLine number: 1\nMessage: RuntimeError: boo\n",
        1001,
    ),
];

#[test]
fn each_recorded_row_is_told_for_what_it_is() {
    for (row, rule) in ROWS {
        let finding = read(&outcome(&format!("{row}\n"), ""));
        assert_eq!(finding.rule.number, *rule, "{row}");
        assert_eq!(is_held(&outcome(row, "")), *rule == 1761);
        let last = finding.details.last().expect("its evidence");
        let end = last.chars().take(20).collect::<String>();
        assert!(
            row.replace("%!(VAGRANT_COMMA)", ",").contains(&end),
            "{end}"
        );
    }
}

#[test]
fn each_recorded_complaint_is_told_for_what_it_is() {
    for (stderr, rule) in PLAIN {
        let finding = read(&outcome("", stderr));
        assert_eq!(finding.rule.number, *rule, "{stderr}");
    }
}

#[test]
fn a_trace_without_a_known_sentence_is_told_by_its_first_line() {
    let stderr = "/usr/lib/ruby/vendor_ruby/fog/libvirt/requests/compute/vm_action.rb:7:in `create': Call to virDomainCreateWithFlags failed: something new (Libvirt::Error)\n\tfrom /usr/lib/ruby/vendor_ruby/fog/libvirt/requests/compute/vm_action.rb:7:in `vm_action'\n";
    let finding = read(&outcome("", stderr));
    let said =
        "Vagrant failed: Call to virDomainCreateWithFlags failed: something new (Libvirt::Error)";
    assert_eq!(finding.message, said);
    assert!(
        !finding
            .details
            .iter()
            .any(|line| line.contains("vm_action'"))
    );
}
