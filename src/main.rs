//! Exit, and nothing else: the command line becomes a verb's arguments, its answer the status.

use clap::Parser;
use std::process::ExitCode;
use std::time::Duration;
use vagrantp::apply::Asked;
use vagrantp::cli::{Boxes, Cli, Verb};
use vagrantp::commands::{self, Options, Session};
use vagrantp::ui;

fn main() -> ExitCode {
    let Cli { global, verb } = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let words = std::env::args_os().skip(1);
            let words: Vec<String> = words
                .map(|word| word.to_string_lossy().into_owned())
                .collect();
            return ExitCode::from(commands::usage::tell(&error, &words));
        }
    };
    let options = Options {
        file: global.file,
        directory: global.directory,
        profiles: global.profile,
        no_profile: global.no_profile,
        flags: global.set,
        parallel: global.parallel.map(usize::from),
        lock_timeout: Duration::from_secs(global.lock_timeout),
        ui: ui::Options {
            quiet: global.quiet,
            verbose: global.verbose,
            json: global.json,
            color: global.color.into(),
            ..ui::Options::default()
        },
    };
    let ui = options.ui;
    match Session::new(options) {
        Ok(session) => ExitCode::from(run(&session, verb)),
        Err(error) => ExitCode::from(commands::homeless(&error, ui)),
    }
}

fn run(session: &Session, verb: Verb) -> u8 {
    use commands::{
        boxes, check, config, convert, explain, fmt, ls, provision, remove, render, run, setup,
        ssh, ssh_config, status, stop, up,
    };
    match verb {
        Verb::Up(given) => up::run(
            session,
            &up::Arguments {
                targets: given.targets,
                ensure: given.ensure,
                apply: given.apply,
                recreate: given.recreate,
                no_provision: given.no_provision,
                dry_run: given.dry_run,
                no_deps: given.no_deps,
                detailed_exitcode: false,
                setup: given.setup.then_some(setup::Setup { yes: given.yes }),
            },
        ),
        Verb::Provision(given) => provision::run(
            session,
            &provision::Arguments {
                targets: given.targets,
                isolated: given.isolated,
                asked: Asked {
                    dry_run: given.dry_run,
                    verify: given.verify,
                    tags: given.tags,
                    ..Asked::default()
                },
            },
        ),
        Verb::Plan(given) => up::run(
            session,
            &up::Arguments {
                targets: given.targets,
                apply: given.apply,
                recreate: given.recreate,
                no_provision: false,
                dry_run: true,
                no_deps: given.no_deps,
                detailed_exitcode: given.detailed_exitcode,
                ensure: false,
                setup: None,
            },
        ),
        Verb::Ssh(given) => ssh::run(
            session,
            &ssh::Arguments {
                target: given.target,
                command: given.command,
                words: given.words,
            },
        ),
        Verb::Stop(given) => stop::run(session, &given.targets, given.force, given.ensure),
        Verb::Remove(given) => remove::run(
            session,
            &remove::Arguments {
                targets: given.targets,
                force: given.force,
                yes: given.yes,
                ensure: given.ensure,
                volumes: given.volumes,
            },
        ),
        Verb::Status { targets } => status::run(session, &targets),
        Verb::Ls => ls::run(session),
        Verb::Check(given) => check::run(
            session,
            &check::Arguments {
                files: given.files,
                format: given.format,
                no_host: given.no_host,
            },
        ),
        Verb::Config(given) => config::run(
            session,
            &config::Arguments {
                format: given.format,
                origins: given.origins,
                show_values: given.show_values,
            },
        ),
        Verb::Convert(given) => convert::run(
            session,
            &convert::Arguments {
                file: given.env_file,
                stdout: given.stdout,
                remove_keys: given.remove_keys,
            },
        ),
        Verb::Fmt(given) => fmt::run(
            session,
            &fmt::Arguments {
                files: given.files,
                check: given.check,
                diff: given.diff,
                stdin: given.stdin,
            },
        ),
        Verb::Render => render::run(session),
        Verb::SshConfig { target } => ssh_config::run(session, target.as_deref()),
        Verb::Run(given) => run::run(
            session,
            &run::Arguments {
                task: given.task,
                args: given.args,
            },
        ),
        Verb::Boxes(given) => boxes::run(
            session,
            &match given {
                Boxes::Build { name, output } => boxes::Wanted::Build { name, output },
                Boxes::Publish { name } => boxes::Wanted::Publish { name },
                Boxes::List => boxes::Wanted::List,
                Boxes::Remove { names } => boxes::Wanted::Remove { names },
            },
        ),
        Verb::Explain { word } => explain::run(session, &word),
    }
}
