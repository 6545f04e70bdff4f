//! Vagrant's `--machine-readable`: `TIME,TARGET,TYPE,DATA…`, a row a line, with commas and lines escaped.

use super::define::MACHINE;

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The machine that it is of; empty where it is of none.
    pub target: String,
    /// What kind of row it is.
    pub kind: String,
    /// What it says, in parts.
    pub data: Vec<String>,
}

/// Why Vagrant ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The class, such as `Vagrant::Errors::ProviderNotUsable`.
    pub class: String,
    /// What it says, of several lines.
    pub text: String,
}

/// A line as a row; nothing where it is none.
pub fn row(line: &str) -> Option<Row> {
    let mut parts = line.split(',');
    let time = parts.next()?;
    let is_time = !time.is_empty() && time.bytes().all(|byte| byte.is_ascii_digit());
    let (target, kind) = (parts.next()?, parts.next()?);
    is_time.then(|| Row {
        target: target.to_owned(),
        kind: kind.to_owned(),
        data: parts.map(unescaped).collect(),
    })
}

/// What Vagrant ended with, of all that it printed.
pub fn error(text: &str) -> Option<Error> {
    let mut rows = text.lines().rev().filter_map(row);
    let row = rows.find(|row| row.kind == "error-exit")?;
    let mut data = row.data.into_iter();
    Some(Error {
        class: data.next()?,
        text: data.next()?,
    })
}

/// What Vagrant tells people at a line of its, without the machine's name.
pub fn told(line: &str) -> Option<String> {
    let row = row(line).filter(|row| row.kind == "ui")?;
    let text = row.data.into_iter().nth(1)?;
    let first = text.lines().next()?.trim();
    let first = first.strip_prefix("==> ").unwrap_or(first);
    let said = first
        .strip_prefix(MACHINE)
        .and_then(|it| it.strip_prefix(':'));
    Some(said.unwrap_or(first).trim().to_owned()).filter(|said| !said.is_empty())
}

fn unescaped(part: &str) -> String {
    part.replace("%!(VAGRANT_COMMA)", ",")
        .replace("\\n", "\n")
        .replace("\\r", "\r")
}

#[cfg(test)]
mod tests {
    use super::{error, row, told};

    const SAID: &str = r"1795541896,default,metadata,provider,virtualbox
1795540745,machine,ui,info,==> machine:  -- Image(vda):        /var/lib/libvirt/images/shop.img%!(VAGRANT_COMMA) virtio
1795541896,,error-exit,Vagrant::Errors::ProviderNotUsable,The provider 'virtualbox' that was requested to back the machine\n'default' is reporting that it isn't usable on this system. The\nreason is shown below:
";

    #[test]
    fn commas_and_lines_come_back() {
        let found = error(SAID).expect("it is there");
        assert_eq!(found.class, "Vagrant::Errors::ProviderNotUsable");
        assert_eq!(found.text.lines().count(), 3);
        let lines: Vec<&str> = SAID.lines().collect();
        assert_eq!(row(lines[0]).expect("a row").target, "default");
        let said = told(lines[1]).expect("it is of a machine");
        assert_eq!(
            said,
            "-- Image(vda):        /var/lib/libvirt/images/shop.img, virtio"
        );
        assert_eq!(row("a Ruby trace, with a comma, and another"), None);
        assert_eq!(told(lines[0]), None);
    }
}
