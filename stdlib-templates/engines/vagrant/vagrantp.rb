# How vagrantp has Vagrant make a machine: Vagrant defines it, and stops there. Keys and network files
# then go into the disk, and libvirt starts it; so no ssh session of Vagrant's own is ever opened.
#
# Loaded by the Vagrantfile, only where VAGRANTP_PLUGIN names this file.

module Vagrantp
  # The machine's name in libvirt is its instance id. Reached only where Vagrant knows of no domain yet: if
  # there is none either, disks of that name are what a killed `up` left, and would stop the next one.
  class Name
    def initialize(app, _env)
      @app = app
    end

    def call(env)
      id = ENV.fetch("VAGRANTP_ID")
      driver = env[:machine].provider.driver
      libvirt = driver.connection.client
      raise VagrantPlugins::ProviderLibvirt::Errors::DomainNameExists, domain_name: id if domain?(libvirt, id)

      pool = env[:machine].provider_config.storage_pool_name
      remove_leftovers(libvirt.lookup_storage_pool_by_name(pool), id)
      env[:domain_name] = id
      @app.call(env)
    end

    private

    def domain?(libvirt, id)
      libvirt.lookup_domain_by_name(id)
    rescue Libvirt::RetrieveError
      nil
    end

    def remove_leftovers(pool, id)
      own = /\A#{Regexp.escape(id)}(\.img|-vd[a-z]+\.qcow2)\z/
      pool.list_volumes.grep(own).each { |name| pool.lookup_volume_by_name(name).delete }
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

  # No guest is asked what it is, nor given a name: that is in its disk already.
  class Untouched < Vagrant.plugin("2", :guest)
    def detect?(_machine)
      true
    end

    def self.change_host_name(_machine, _name); end
  end

  # What is put in between, and where.
  class Plugin < Vagrant.plugin("2")
    name "vagrantp"

    communicator(:vagrantp) { Silent }
    guest(:vagrantp) { Untouched }
    guest_capability(:vagrantp, :change_host_name) { Untouched }

    action_hook(:vagrantp, :machine_action_up) do |hook|
      actions = VagrantPlugins::ProviderLibvirt::Action
      hook.after(actions::SetNameOfDomain, Name)
      hook.before(actions::StartDomain, Defined)
    end
  end
end

Vagrant.configure("2") do |config|
  config.vm.communicator = :vagrantp
  config.vm.guest = :vagrantp
end
