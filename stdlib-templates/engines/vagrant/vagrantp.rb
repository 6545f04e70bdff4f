# How vagrantp has Vagrant make a machine: Vagrant defines it, and stops there. Keys and network files
# then go into the disk, and libvirt starts it; so no ssh session of Vagrant's own is ever opened.
#
# Loaded by the Vagrantfile, only where VAGRANTP_PLUGIN names this file.

module Vagrantp
  # The machine's name in libvirt is its instance id. A colon or a slash never stands in one.
  class Name
    def initialize(app, _env)
      @app = app
    end

    def call(env)
      env[:domain_name] = ENV.fetch("VAGRANTP_ID")
      @app.call(env)
    end
  end

  # The end of `up`: what follows would start the machine.
  class Defined
    def initialize(_app, _env); end

    def call(env)
      env["vagrant-libvirt.complete"]&.call
    end
  end

  # Whatever asks whether the machine can be talked to hears that it can, and nobody talks to it.
  class Silent < Vagrant.plugin("2", :communicator)
    def self.match?(_machine)
      true
    end

    def ready?
      true
    end

    def wait_for_ready(_timeout)
      true
    end
  end

  # What is put in between, and where.
  class Plugin < Vagrant.plugin("2")
    name "vagrantp"

    communicator(:vagrantp) { Silent }

    action_hook(:vagrantp, :machine_action_up) do |hook|
      actions = VagrantPlugins::ProviderLibvirt::Action
      hook.after(actions::SetNameOfDomain, Name)
      hook.before(actions::StartDomain, Defined)
    end
  end
end

Vagrant.configure("2") do |config|
  config.vm.communicator = :vagrantp
end
