//! The command line: what can be said, and nothing of what it does.

use crate::commands;
use crate::commands::check::Format;
use crate::ui::ColorChoice;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Every project folder its own isolated machine, from one small file, with one command.
#[derive(Debug, Parser)]
#[command(
    name = "vagrantp",
    version,
    max_term_width = 100,
    disable_help_subcommand = true
)]
pub struct Cli {
    /// What every verb understands.
    #[command(flatten)]
    pub global: Global,
    /// The verb.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What every verb understands.
#[derive(Debug, Args)]
pub struct Global {
    /// The configuration file, instead of looking for one
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Look from this folder, instead of the working directory
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub directory: Option<PathBuf>,
    /// A profile of vagrantp.kdl; may be repeated
    #[arg(long, value_name = "NAME", global = true)]
    pub profile: Vec<String>,
    /// Without any profile, not even the project's own default
    #[arg(long, global = true, conflicts_with = "profile")]
    pub no_profile: bool,
    /// A setting over all that is written; may be repeated
    #[arg(long, value_name = "[MACHINE.]SETTING=VALUE", global = true)]
    pub set: Vec<String>,
    /// One JSON document on stdout, no progress, no question
    #[arg(long, global = true)]
    pub json: bool,
    /// No progress
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Show each engine command as a line to paste
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// When to colour
    #[arg(
        long,
        value_enum,
        default_value = "auto",
        value_name = "WHEN",
        global = true
    )]
    pub color: Color,
    /// How many machines to work on at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), global = true)]
    pub parallel: Option<u16>,
    /// How long to wait for another vagrantp at work on this project, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "0", global = true)]
    pub lock_timeout: u64,
}

/// When to colour.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Color {
    /// On a terminal that can, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl From<Color> for ColorChoice {
    fn from(color: Color) -> Self {
        match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        }
    }
}

/// What can be asked for.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Create or start the machine, and wait until it can be entered
    #[command(visible_alias = "start")]
    Up(Up),
    /// Enter the machine, or run a command in it
    #[command(visible_alias = "shell")]
    Ssh(Ssh),
    /// Run what the machine is provisioned by, again
    Provision(Provision),
    /// Stop the machine
    #[command(visible_alias = "halt")]
    Stop(Stop),
    /// Stop the machine if it runs, and remove it
    #[command(name = "rm", visible_aliases = ["destroy", "down"])]
    Remove(Remove),
    /// Show this project's machines
    #[command(visible_alias = "ps")]
    Status {
        /// Machines; all without any
        targets: Vec<String>,
    },
    /// Show all machines of this user on this host
    #[command(visible_alias = "global-status")]
    Ls,
    /// Say what `up` would do
    Plan(Plan),
    /// Check the configuration; starts nothing, changes nothing
    #[command(visible_alias = "validate")]
    Check(Check),
    /// Lay out vagrantp.kdl and the files that it includes
    Fmt(Fmt),
    /// Show the resolved configuration
    Config(Config),
    /// Rewrite a .env as vagrantp.kdl
    Convert(Convert),
    /// Show what the engine would be given
    Render,
    /// Print an ssh_config block for the machine
    SshConfig {
        /// The machine; the only one without
        target: Option<String>,
    },
    /// Run a task of vagrantp.kdl in its machine; list the tasks without one
    Run(Run),
    /// Make, list and remove boxes for virtual machines
    #[command(name = "box", subcommand)]
    Boxes(Boxes),
    /// Explain an error code or a setting
    Explain {
        /// Such as 2107 or MEMORY
        word: String,
    },
}

/// `up`.
#[derive(Debug, Args)]
pub struct Up {
    /// Machines; all without any
    pub targets: Vec<String>,
    /// Exit 0 also where everything runs already
    #[arg(long)]
    pub ensure: bool,
    /// Apply what a running machine takes live
    #[arg(long)]
    pub apply: bool,
    /// Make anew what cannot be applied live
    #[arg(long)]
    pub recreate: bool,
    /// Without what the machines are provisioned by
    #[arg(long)]
    pub no_provision: bool,
    /// Only say what would be done
    #[arg(long)]
    pub dry_run: bool,
    /// Without the machines that the named ones need
    #[arg(long)]
    pub no_deps: bool,
    /// Install and configure what the engine needs, as root; prints what it does
    #[arg(long)]
    pub setup: bool,
    /// Answer every question with yes
    #[arg(short, long)]
    pub yes: bool,
    /// Habits of Compose and Vagrant, taken as said
    #[arg(short, long, hide = true)]
    pub detach: bool,
    /// Habits of Compose and Vagrant, taken as said
    #[arg(long, hide = true)]
    pub wait: bool,
    /// Habits of Compose and Vagrant, taken as said
    #[arg(long, hide = true)]
    pub build: bool,
}

/// `ssh`.
#[derive(Debug, Args)]
pub struct Ssh {
    /// The machine; the only one without
    pub target: Option<String>,
    /// One line for the machine's shell
    #[arg(short, long, value_name = "LINE", conflicts_with = "words")]
    pub command: Option<String>,
    /// Words, each passed as it is
    #[arg(last = true)]
    pub words: Vec<String>,
}

/// `run`.
#[derive(Debug, Args)]
pub struct Run {
    /// The task
    pub task: Option<String>,
    /// What its lines see as "$@"; without it in any, at the end of the last
    #[arg(last = true)]
    pub args: Vec<String>,
}

/// `provision`.
#[derive(Debug, Args)]
pub struct Provision {
    /// Machines; all without any
    pub targets: Vec<String>,
    /// Only say what it would change
    #[arg(long)]
    pub dry_run: bool,
    /// Only tasks with these tags
    #[arg(long, value_name = "TAGS", value_delimiter = ',')]
    pub tags: Vec<String>,
    /// Run it twice: the second time nothing may change
    #[arg(long, conflicts_with = "dry_run")]
    pub verify: bool,
    /// On a throw-away copy of the machine, which is removed afterwards
    #[arg(long)]
    pub isolated: bool,
}

/// `stop`.
#[derive(Debug, Args)]
pub struct Stop {
    /// Machines; all without any
    pub targets: Vec<String>,
    /// At once, without grace
    #[arg(short, long)]
    pub force: bool,
    /// Exit 0 also where nothing runs
    #[arg(long)]
    pub ensure: bool,
}

/// `rm`.
#[derive(Debug, Args)]
pub struct Remove {
    /// Machines; without any, all that the project owns
    pub targets: Vec<String>,
    /// Without grace, without a question
    #[arg(short, long)]
    pub force: bool,
    /// Without a question
    #[arg(short, long)]
    pub yes: bool,
    /// Exit 0 also where nothing is there
    #[arg(long)]
    pub ensure: bool,
    /// Volumes too, and what is in them
    #[arg(long)]
    pub volumes: bool,
}

/// `plan`.
#[derive(Debug, Args)]
pub struct Plan {
    /// Machines; all without any
    pub targets: Vec<String>,
    /// As `up --apply` would
    #[arg(long)]
    pub apply: bool,
    /// As `up --recreate` would
    #[arg(long)]
    pub recreate: bool,
    /// Without the machines that the named ones need
    #[arg(long)]
    pub no_deps: bool,
    /// Exit 10 where something would change
    #[arg(long)]
    pub detailed_exitcode: bool,
}

/// `check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Files; the project's without any
    pub files: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value = "human")]
    pub format: Format,
    /// Ask nothing of the host but the project's own files
    #[arg(long)]
    pub no_host: bool,
}

/// `config`.
#[derive(Debug, Args)]
pub struct Config {
    /// How to print: `kdl` and `env` are files that say all of it
    #[arg(long, value_enum, default_value = "table")]
    pub format: commands::config::Format,
    /// Where each value came from
    #[arg(long)]
    pub origins: bool,
    /// Also the values that came of `env.NAME`, which may be secrets
    #[arg(long)]
    pub show_values: bool,
}

/// `convert`.
#[derive(Debug, Args)]
pub struct Convert {
    /// The file; the project's without one
    pub env_file: Option<PathBuf>,
    /// Print it and write nothing
    #[arg(long)]
    pub stdout: bool,
    /// Take what vagrantp.kdl says now out of the .env
    #[arg(long, conflicts_with = "stdout")]
    pub remove_keys: bool,
}

/// `fmt`.
#[derive(Debug, Args)]
pub struct Fmt {
    /// Files; the project's without any
    pub files: Vec<PathBuf>,
    /// Write nothing; exit 10 where something would change
    #[arg(long)]
    pub check: bool,
    /// Write nothing and show what would change; exit 10 where something would
    #[arg(long)]
    pub diff: bool,
    /// Read stdin, and write to stdout
    #[arg(long, conflicts_with = "files")]
    pub stdin: bool,
}

/// `box`.
#[derive(Debug, Subcommand)]
pub enum Boxes {
    /// Make a box from the package mirror, where it is not there
    Build {
        /// The box
        #[arg(default_value = "std/debian")]
        name: String,
        /// Write it as a file for `vagrant box add` too
        #[arg(short, long, value_name = "FILE.box")]
        output: Option<PathBuf>,
    },
    /// Put a box into libvirt's pool, as `up` does
    Publish {
        /// The box
        #[arg(default_value = "std/debian")]
        name: String,
    },
    /// List the boxes that are here
    #[command(name = "ls", visible_alias = "list")]
    List,
    /// Remove boxes, also from Vagrant's store and libvirt's pool; another's from the pool alone
    #[command(name = "rm", visible_alias = "remove")]
    Remove {
        /// The boxes
        #[arg(required = true)]
        names: Vec<String>,
    },
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_holds_together() {
        Cli::command().debug_assert();
    }
}
