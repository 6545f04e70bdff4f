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

/// The same over a scripted VBoxManage.
const VIRTUALBOX_ROWS: &[(&str, u16)] = &[
    (
        r"1795551742,,error-exit,Vagrant::Errors::VMBootBadState,The guest machine entered an invalid state while waiting for it\nto boot. Valid states are 'starting%!(VAGRANT_COMMA) running'. The machine is in the\n'aborted' state. Please verify everything is configured\nproperly and try again.\n\nIf the provider you're using has a GUI that comes with it%!(VAGRANT_COMMA)\nit is often helpful to open that and watch the machine%!(VAGRANT_COMMA) since the\nGUI often has more helpful error messages than Vagrant can retrieve.\nFor example%!(VAGRANT_COMMA) if you're using VirtualBox%!(VAGRANT_COMMA) run `vagrant up` while the\nVirtualBox GUI is open.\n\nThe primary issue for this error is that the provider you're using\nis not properly configured. This is very rarely a Vagrant issue.",
        1201,
    ),
    (
        r#"1795551763,,error-exit,Vagrant::Errors::VMBootTimeout,Timed out while waiting for the machine to boot. This means that\nVagrant was unable to communicate with the guest machine within\nthe configured ("config.vm.boot_timeout" value) time period.\n\nIf you look above%!(VAGRANT_COMMA) you should be able to see the error(s) that\nVagrant had when attempting to connect to the machine. These errors\nare usually good hints as to what may be wrong.\n\nIf you're using a custom box%!(VAGRANT_COMMA) make sure that networking is properly\nworking and you're able to connect to the machine. It is a common\nproblem that networking isn't setup properly in these boxes.\nVerify that authentication configurations are also setup properly%!(VAGRANT_COMMA)\nas well.\n\nIf the box appears to be booting properly%!(VAGRANT_COMMA) you may want to increase\nthe timeout ("config.vm.boot_timeout") value."#,
        1202,
    ),
    (
        r#"1795551777,,error-exit,Vagrant::Errors::VBoxManageError,There was an error while executing `VBoxManage`%!(VAGRANT_COMMA) a CLI used by Vagrant\nfor controlling VirtualBox. The command and stderr is shown below.\n\nCommand: ["startvm"%!(VAGRANT_COMMA) "40e40b53-41f6-4abc-9dc2-be9c04096bef"%!(VAGRANT_COMMA) "--type"%!(VAGRANT_COMMA) "headless"]\n\nStderr: VBoxManage: error: VT-x is not available (VERR_VMX_NO_VMX)\n"#,
        5001,
    ),
    (
        r"1795551788,,error-exit,Vagrant::Errors::ForwardPortCollision,Vagrant cannot forward the specified ports on this VM%!(VAGRANT_COMMA) since they\nwould collide with some other application that is already listening\non these ports. The forwarded port to 28999 is already in use\non the host machine.\n\nTo fix this%!(VAGRANT_COMMA) modify your current project's Vagrantfile to use another\nport. Example%!(VAGRANT_COMMA) where '1234' would be replaced by a unique host port:\n\n  config.vm.network :forwarded_port%!(VAGRANT_COMMA) guest: 22%!(VAGRANT_COMMA) host: 1234\n\nSometimes%!(VAGRANT_COMMA) Vagrant will attempt to auto-correct this for you. In this\ncase%!(VAGRANT_COMMA) Vagrant was unable to. This is usually because the guest machine\nis in a state which doesn't allow modifying port forwarding. You could\ntry 'vagrant reload' (equivalent of running a halt followed by an up)\nso vagrant can attempt to auto-correct this upon booting. Be warned\nthat any unsaved work might be lost.",
        6002,
    ),
    (
        r#"1795551823,,error-exit,Vagrant::Errors::VirtualBoxMountFailed,Vagrant was unable to mount VirtualBox shared folders. This is usually\nbecause the filesystem "vboxsf" is not available. This filesystem is\nmade available via the VirtualBox Guest Additions and kernel module.\nPlease verify that these guest additions are properly installed in the\nguest. This is not a bug in Vagrant and is usually caused by a faulty\nVagrant box. For context%!(VAGRANT_COMMA) the command attempted was:\n\nmount -t vboxsf -o uid=1000%!(VAGRANT_COMMA)gid=1000%!(VAGRANT_COMMA)_netdev mnt_x /mnt/x\n\nThe error output from the command was:\n\nmount: /mnt/x: permission denied.\n       dmesg(1) may have more information after failed mount system call.\n"#,
        1101,
    ),
    (
        r"1795551864,,error-exit,Vagrant::Errors::VirtualBoxInvalidHostSubnet,The IP address configured for the host-only network is not within the\nallowed ranges. Please update the address used to be within the allowed\nranges and run the command again.\n\n  Address: 10.20.0.5\n  Ranges: 192.168.56.0/21\n\nValid ranges can be modified in the /etc/vbox/networks.conf file. For\nmore information including valid format see:\n\n  https://www.virtualbox.org/manual/ch06.html#network_hostonly",
        1301,
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
    for (row, rule) in ROWS.iter().chain(VIRTUALBOX_ROWS) {
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
