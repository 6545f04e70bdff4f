//! A command line that is none: clap's words, or, for a habit of Vagrant or Compose, what it is called
//! here. Under `--json` it is a document as any other.

use super::answer::Answer;
use crate::diagnostic::Diagnostic;
use crate::settings;
use crate::ui::{Options, Ui};
use crate::value::{Choice, Provider};
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Verbs of others, and what to do instead.
const HABITS: &[(&str, &str)] = &[
    ("attach", "write `vagrantp ssh`"),
    ("box", "write `IMAGE=debian:12` in the .env"),
    ("build", "write `vagrantp up`, which builds what is missing"),
    (
        "cp",
        "write `vagrantp ssh-config > FILE`, then `scp -F FILE`",
    ),
    ("create", "write `vagrantp up`"),
    ("delete", "write `vagrantp rm`"),
    ("doctor", "write `vagrantp up --setup`"),
    ("exec", "write `vagrantp ssh -- COMMAND`"),
    ("gc", "write `vagrantp ls`, then `vagrantp -C FOLDER rm`"),
    ("help", "write `vagrantp --help`"),
    ("init", "write a .env with the line `INFRA_TYPE=container`"),
    ("kill", "write `vagrantp stop --force`"),
    ("list", "write `vagrantp ls`"),
    (
        "logs",
        "write `podman logs NAME`, NAME from `vagrantp status`",
    ),
    ("port", "write `vagrantp status`"),
    (
        "provision",
        "run `ansible-playbook --ssh-common-args '-F FILE'`, FILE from `vagrantp ssh-config`",
    ),
    ("pull", "write `vagrantp up`, which pulls what is missing"),
    ("reload", "write `vagrantp stop`, then `vagrantp up`"),
    ("remove", "write `vagrantp rm`"),
    ("restart", "write `vagrantp stop`, then `vagrantp up`"),
    ("resume", "write `vagrantp up`"),
    (
        "scp",
        "write `vagrantp ssh-config > FILE`, then `scp -F FILE`",
    ),
    ("suspend", "write `vagrantp stop`"),
    (
        "upload",
        "write `vagrantp ssh-config > FILE`, then `scp -F FILE`",
    ),
    ("version", "write `vagrantp --version`"),
];

/// Tells what clap says instead of a command: help and version too. `words` are the command line's.
pub fn tell(error: &clap::Error, words: &[String]) -> u8 {
    let before_words = words.iter().take_while(|word| *word != "--");
    let json = before_words.into_iter().any(|word| word == "--json");
    let asked = !error.use_stderr();
    let ui = Ui::new(Options {
        json: json && !asked,
        ..Options::default()
    });
    let painted = |color: bool| {
        let text = error.render();
        if color {
            text.ansi().to_string()
        } else {
            text.to_string()
        }
    };
    if asked {
        ui.out_styled(painted(ui.color_out()).trim_end());
        return 0;
    }
    let habit = habit(error, words);
    if json {
        let finding = habit.unwrap_or_else(|| finding(error));
        let answer = Answer::finding("vagrantp", &super::here(), finding);
        ui.document(&answer.document_with(&answer.sources));
        return answer.exit();
    }
    match habit {
        Some(Diagnostic {
            rule,
            message,
            help,
            ..
        }) => ui.err(&format!(
            "error[{}]: {message}: {}",
            rule.number,
            help.unwrap_or_default()
        )),
        None => ui.err_styled(painted(ui.color()).trim_end()),
    }
    2
}

fn habit(error: &clap::Error, words: &[String]) -> Option<Diagnostic> {
    let said = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(word)) => Some(word.clone()),
        _ => None,
    };
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let verb = said(ContextKind::InvalidSubcommand)?;
            let (_, help) = HABITS.iter().find(|(habit, _)| *habit == verb)?;
            let message = format!("vagrantp has no `{verb}`");
            Some(Diagnostic::error(2901).message(message).help(*help))
        }
        ErrorKind::UnknownArgument => {
            let flag = said(ContextKind::InvalidArg)?;
            let flag = flag.split('=').next()?;
            if flag == "--file" {
                let message = "`--file` stands before the verb";
                let help = "write `vagrantp --file FILE VERB`";
                return Some(Diagnostic::error(2901).message(message).help(help));
            }
            let row = settings::by_name(flag.strip_prefix("--")?)?;
            // What would be wrong in the file is not told to be written there.
            let fits = |value: &&str| row.name != "provider" || Provider::parse(value).is_ok();
            let value = value(flag, words).filter(fits).unwrap_or(row.example);
            Some(
                Diagnostic::error(2901)
                    .message(format!("`{flag}` is a setting, not a flag"))
                    .help(format!("write `{}={value}` in the .env", row.key())),
            )
        }
        _ => None,
    }
}

/// What the user gave a flag, behind `=` or as the next word.
fn value<'a>(flag: &str, words: &'a [String]) -> Option<&'a str> {
    let at = words.iter().position(|word| word.starts_with(flag))?;
    let next = words.get(at + 1).filter(|word| !word.starts_with('-'));
    let joined = words[at].split_once('=').map(|(_, value)| value);
    joined.or(next.map(String::as_str))
}

/// Clap's words as a finding: its first line, and its tip.
fn finding(error: &clap::Error) -> Diagnostic {
    let text = error.render().to_string();
    let first = text.lines().next().unwrap_or_default();
    let message = first.strip_prefix("error: ").unwrap_or(first);
    let tip = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("tip: "));
    Diagnostic::error(2901)
        .message(message)
        .help(tip.map_or("see what there is: vagrantp --help".into(), str::to_owned))
}
