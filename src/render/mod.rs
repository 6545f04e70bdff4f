//! Templates and values become what engines are given. Values are escaped for the language they land in.

pub mod context;
pub mod escape;
pub mod stdlib;

use crate::diagnostic::Diagnostic;
use context::{GuestKeys, Packages, PodmanRun, Script, SshConfig, Vagrantfile};
use serde::Serialize;
use std::borrow::Cow;
use tera::{Context, Tera};

/// A project's own version of a stdlib file, by the file's path in the stdlib.
pub type Overrides<'a> = &'a (dyn Fn(&str) -> Option<String> + Sync);

/// The arguments of `podman run`.
///
/// # Errors
/// When a template of the project's is broken, or renders no list of words.
pub fn podman_run(context: &PodmanRun, overrides: Overrides) -> Result<Vec<String>, Diagnostic> {
    let name = "engines/podman/run.json.tera";
    let text = template(name, context, overrides)?;
    serde_json::from_str(&text).map_err(|error| {
        broken(name).details([format!("it renders no JSON list of strings: {error}")])
    })
}

/// A `Host` block of ssh_config(5).
///
/// # Errors
/// When a template of the project's is broken.
pub fn ssh_config(context: &SshConfig, overrides: Overrides) -> Result<String, Diagnostic> {
    template("engines/ssh_config.tera", context, overrides)
}

/// A machine's Vagrantfile.
///
/// # Errors
/// When a template of the project's is broken.
pub fn vagrantfile(context: &Vagrantfile, overrides: Overrides) -> Result<String, Diagnostic> {
    template("engines/vagrant/Vagrantfile.tera", context, overrides)
}

/// The script that puts a machine's keys into it.
///
/// # Errors
/// When a template of the project's is broken.
pub fn guest_keys(context: &GuestKeys, overrides: Overrides) -> Result<String, Diagnostic> {
    template("engines/vagrant/keys.sh.tera", context, overrides)
}

/// The Ruby file that has Vagrant define a machine, and go no further.
pub fn vagrant_plugin(overrides: Overrides) -> Cow<'static, str> {
    stdlib::text("engines/vagrant/vagrantp.rb", overrides)
}

/// The play that installs packages.
///
/// # Errors
/// When a template of the project's is broken.
pub fn packages_play(context: &Packages, overrides: Overrides) -> Result<String, Diagnostic> {
    template("engines/ansible/packages.yml.tera", context, overrides)
}

/// The play that runs a script.
///
/// # Errors
/// When a template of the project's is broken.
pub fn script_play(context: &Script, overrides: Overrides) -> Result<String, Diagnostic> {
    template("engines/ansible/script.yml.tera", context, overrides)
}

fn template(
    name: &str,
    context: &impl Serialize,
    overrides: Overrides,
) -> Result<String, Diagnostic> {
    let text = stdlib::text(name, overrides);
    let mut tera = Tera::default();
    // Fail closed: what no filter has escaped does not pass.
    tera.autoescape_on([".tera"]);
    tera.set_escape_fn(|_, _| {
        Err(std::io::Error::other(
            "a value without `| json`, `| ssh`, `| ruby` or `| sh`",
        ))
    });
    tera.register_filter("json", escape::Json);
    tera.register_filter("ssh", escape::SshWord);
    tera.register_filter("ruby", escape::Ruby);
    tera.register_filter("xml", escape::Xml);
    tera.register_filter("sh", escape::Sh);
    let rendered = (|| {
        tera.add_raw_template(name, &text)?;
        tera.render(name, &Context::from_serialize(context)?)
    })();
    rendered.map_err(|error| broken(name).details(chain(&error)))
}

fn broken(name: &str) -> Diagnostic {
    Diagnostic::error(1001)
        .message(format!("The template {name} cannot be rendered"))
        .help(format!(
            "mend templates/{name} in the project, or remove it to use the built-in one"
        ))
}

fn chain(error: &dyn std::error::Error) -> Vec<String> {
    let mut lines: Vec<String> = error.to_string().lines().map(Into::into).collect();
    let mut cause = error.source();
    while let Some(error) = cause {
        lines.push(error.to_string());
        cause = error.source();
    }
    lines
}

/// The text of a stdlib file under the project's overrides.
pub fn stdlib_text(name: &str, overrides: Overrides) -> Cow<'static, str> {
    stdlib::text(name, overrides)
}
