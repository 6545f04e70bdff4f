//! The `.env` reader: what is found where.

#[path = "support/read.rs"]
mod support;

use support::{Read, read, read_with};
use vagrantp::diagnostic::Severity;

impl Read {
    /// `name=word|word` of every entry.
    fn settings(&self) -> Vec<String> {
        let entries = &self.found.document.machines[0].section.entries;
        let shown = entries.iter().map(|entry| {
            let words: Vec<&str> = entry.values.iter().map(|word| &*word.text).collect();
            format!("{}={}", entry.setting, words.join("|"))
        });
        shown.collect()
    }

    /// `E2401 line:column text` of every finding, in source order.
    fn findings(&self) -> Vec<String> {
        let mut found: Vec<_> = self.sink.found.iter().collect();
        found.sort_by_key(|d| d.span);
        let shown = found.iter().map(|d| {
            let letter = if d.severity == Severity::Error {
                'E'
            } else {
                'W'
            };
            let span = d.span.expect("everything here has a place");
            let at = self.sources.position(span);
            let text = self.sources.slice(span);
            format!("{letter}{} {}:{} {text}", d.rule.number, at.line, at.column)
        });
        shown.collect()
    }

    /// The text after the fixes of all findings.
    fn fixed(&self) -> String {
        let mut text = self.sources.get(self.id).text.clone();
        let mut fixes: Vec<_> = self
            .sink
            .found
            .iter()
            .filter_map(|d| d.fix.clone())
            .collect();
        fixes.sort_by_key(|fix| std::cmp::Reverse(fix.span));
        for fix in fixes {
            text.replace_range(
                fix.span.start as usize..fix.span.end as usize,
                &fix.replacement,
            );
        }
        text
    }

    fn variables(&self) -> Vec<(&str, &str)> {
        let all = self.found.variables.iter();
        all.map(|v| (&*v.name, &*v.value.text)).collect()
    }
}

#[test]
fn the_example_of_the_language_is_read() {
    let read = read(
        "INFRA_TYPE=vm\nMEMORY=8192\nCPUS=4\nDISK_SIZE=50G\nPROVIDER=libvirt\nNETWORK_MODE=bridge\n\
         IP_ADDRESS=192.168.1.100\nPORTS=8080:80,auto:443\nPROVISIONING_PLAYBOOK=./playbooks/site.yml\n\
         SSH_USER=av\nSSH_KEY=/home/av/.ssh/id_rsa\n",
    );
    assert_eq!(read.findings(), [""; 0]);
    assert_eq!(read.settings().len(), 11);
    assert_eq!(read.settings()[7], "ports=8080:80|auto:443");
    assert_eq!(
        read.sources.place(read.found.infra_type.unwrap()),
        ".env:1:1"
    );
    read.check_places();
}

#[test]
fn settings_are_read_as_dotenvy_reads_them() {
    for (text, expected) in [
        ("MEMORY = 4096", "memory=4096"),
        ("export MEMORY=4096", "memory=4096"),
        ("MEMORY=\"4096\" # four", "memory=4096"),
        ("MEMORY='4096'\r\n", "memory=4096"),
        ("MEMORY=4096 # it's\nA='", "memory=4096"),
        ("MEMORY=40\"96\"", "memory=4096"),
        ("SSH_KEY='C:\\keys\\'", "ssh.key=C:\\keys\\"),
        ("SSH_KEY=\"a\\$b\"", "ssh.key=a$b"),
        ("INFRA_ID='a\nb'", "id=a\nb"),
        ("INFRA_ID=--privileged", "id=--privileged"),
        ("INFRA_ID=#{system('id')}", ""),
        ("INFRA_ID='#{system(\"id\")}'", "id=#{system(\"id\")}"),
        ("INFRA_ID=\u{1b}[31m", "id=\u{1b}[31m"),
        ("SYNC=.:/w,./a:/b:ro", "sync=.:/w|./a:/b:ro"),
        ("MEMORY=", ""),
        ("MEMORY=\"\"", ""),
        ("PORTS=''", ""),
    ] {
        let read = read(text);
        assert_eq!(read.settings().join(" "), expected, "{text:?}");
        read.check_places();
    }
}

#[test]
fn findings_have_their_places() {
    for (text, expected) in [
        // A line that is ours must be readable, others need not be.
        ("APP_NAME=My App", &["W2401 1:13 App"][..]),
        ("SSH_KEY=/a b/c", &["E2401 1:12 b/c"]),
        ("KEY: value", &["W2401 1:4 :"]),
        ("MEMORY: 2048", &["E2401 1:7 :"]),
        ("MEMORY 2048", &["E2401 1:8 2"]),
        ("export MEMORY", &["E2401 1:8 MEMORY"]),
        ("export KEY", &["W2401 1:11 "]),
        ("just words", &["W2401 1:6 w"]),
        ("MEMORY-LIMIT=4", &["W2401 1:7 -"]),
        ("SSH_KEY=C:\\keys", &["E2401 1:11 \\k"]),
        ("SSH_KEY=\"/home/$USER\"", &["E2401 1:16 $USER"]),
        ("SSH_KEY=${HOME", &["E2401 1:9 ${"]),
        (
            "PORTS=8080:80,\\\n9090:90",
            &["E2110 1:14 ,", "E2401 1:15 \\", "W2401 2:1 9090:90"],
        ),
        // Quotes.
        ("MEMORY=\"4096", &["E2401 1:8 \""]),
        ("NAME=it's\nOTHER=1", &["W2401 1:8 '"]),
        ("NAME=it's\nMEMORY=1", &["E2401 1:8 '"]),
        ("NAME='it\nMEMORY=1\nB='x'", &["E2401 1:6 '"]),
        (
            "NAME='a\nVAGRANTP_MEMORY=1\nb'",
            &["E2401 1:6 '", "W2401 3:2 '"],
        ),
        ("NAME='a\nb=1\nc'", &[]),
        // Near misses.
        ("MEMROY=1", &["W2301 1:1 MEMROY"]),
        ("INFRA-TYPE=vm", &["W2301 1:1 INFRA-TYPE"]),
        ("infra type: vm", &["W2301 1:1 infra type"]),
        ("- MEMORY=4", &["W2301 1:1 - MEMORY"]),
        ("VAGRANTP_MEMROY=1", &["W2301 1:1 VAGRANTP_MEMROY"]),
        ("PORT=3000", &[]),
        ("PORT=8080:80", &["W2301 1:1 PORT"]),
        ("PORTS=1:1\nPORT=8080:80", &[]),
        // Twice.
        ("MEMORY=1\nMEMORY=2", &["W2302 2:1 MEMORY"]),
        ("APP=1\nAPP=2", &[]),
        ("MEMORY=x y\nVAGRANTP_MEMORY=2", &["W2401 1:10 y"]),
        // Lists.
        ("PORTS=8080:80, 90:90", &["E2110 1:15  "]),
        ("PORTS=\"8080:80, 90:90\"", &["E2110 1:16  "]),
        ("PORTS=8080:80 90:90", &["E2401 1:15 90:90"]),
        ("PORTS=8080:80,,90:90", &["E2110 1:14 ,"]),
        ("SYNC=.,", &["E2115 1:7 ,"]),
        ("PROVISIONING_SECRETS=,A", &["E2118 1:22 ,"]),
        ("PORTS=[80:80, 90:90]", &["E2110 1:7 [80:80, 90:90]"]),
        // References.
        ("MEMORY=${GONE}", &["W2303 1:8 ${GONE}"]),
        ("APP=${GONE}", &[]),
        ("MEMORY=${LATE}\nLATE=4", &["W2303 1:8 ${LATE}"]),
        ("A=1\nMEMORY=$A", &[]),
        ("SSH_USER=pa$$word", &["W2303 1:13 $word"]),
        ("MEMORY=${SHELL_HAS}", &[]),
        (
            "SHELL_HAS=1\nMEMORY=${SHELL_HAS}",
            &["W2305 2:8 ${SHELL_HAS}"],
        ),
        ("SHELL_HAS=9\nMEMORY=${SHELL_HAS}", &[]),
    ] {
        let read = read_with(text, &[("SHELL_HAS", "9")]);
        assert_eq!(read.findings(), expected, "{text:?}");
        read.check_places();
    }
}

const SHELL: [(&str, &str); 1] = [("SHELL_HAS", "9")];

#[test]
fn fixes_repair() {
    for (text, fixed) in [
        ("MEMORY: 2048", "MEMORY=2048"),
        ("MEMORY 2048", "MEMORY=2048"),
        ("MEMORY:=2048", "MEMORY=2048"),
        ("MEMORY=4 G", "MEMORY=4G"),
        ("MEMORY=\"4096", "MEMORY=\"4096\""),
        ("MEMROY=2048", "MEMORY=2048"),
        ("INFRA-TYPE=vm", "INFRA_TYPE=vm"),
        ("SSH_KEY=/a b/c", "SSH_KEY=\"/a b/c\""),
        ("SSH_KEY=C:\\keys", "SSH_KEY='C:\\keys'"),
        ("SSH_KEY=\"/h/$SHELL\"", "SSH_KEY=\"/h/${SHELL}\""),
        ("SSH_KEY=/h/$SHELL_HAS", "SSH_KEY=/h/${SHELL_HAS}"),
        ("SSH_KEY=${SHELL_HAS", "SSH_KEY=${SHELL_HAS}"),
        ("PORTS=8080:80, 90:90", "PORTS=8080:80,90:90"),
        ("PORTS=8080:80 90:90", "PORTS=8080:80,90:90"),
        ("PORTS=8080:80,,90:90,", "PORTS=8080:80,90:90"),
        ("PORTS=[80:80, 90:90]", "PORTS=80:80,90:90"),
        ("APP=My App", "APP=My App"),
    ] {
        let found = read_with(text, &SHELL);
        assert_eq!(found.fixed(), fixed, "{text:?}");
        if text != fixed {
            let fixed = fixed.replace("SHELL}", "SHELL_HAS}");
            let again = read_with(&fixed, &SHELL);
            assert_eq!(again.findings(), [""; 0], "{fixed:?}");
        }
    }
}

#[test]
fn the_lines_that_dotenvy_loses_are_kept() {
    let read = read("A=1  # don't\nMEMORY=2\nC=3  # it's\nD='C:\\'\nE=1 ");
    let pairs = [
        ("A", "1"),
        ("MEMORY", "2"),
        ("C", "3"),
        ("D", "C:\\"),
        ("E", "1"),
    ];
    assert_eq!(read.variables(), pairs);
    assert_eq!(read.findings(), [""; 0]);
}

#[test]
fn the_last_line_counts_and_a_prefix_claims_the_key() {
    let last = read("MEMORY=1\nMEMORY=2\nMEMORY=3");
    assert_eq!(last.settings(), ["memory=3"]);
    assert_eq!(read("MEMORY=1\nMEMORY=").settings(), [""; 0]);
    for text in [
        "VAGRANTP_MEMORY=2\nMEMORY=app",
        "MEMORY=app\nVAGRANTP_MEMORY=2",
    ] {
        let read = read(text);
        assert_eq!(read.settings(), ["memory=2"]);
        assert_eq!(read.findings(), [""; 0]);
        let entry = &read.found.document.machines[0].section.entries[0];
        assert_eq!(entry.key.text, "VAGRANTP_MEMORY");
    }
    assert_eq!(
        read("MEMORY=4\nVAGRANTP_MEMORY-X=1").settings(),
        ["memory=4"]
    );
    // A line that cannot be read is still written: what misses it must not complain again.
    let unknown = read("INFRA_TYPE: vm");
    assert_eq!(unknown.settings(), ["kind="]);
    assert!(unknown.found.infra_type.is_some());
}

#[test]
fn references_mean_the_environment_given_first() {
    let text = "A=file\nB=${A}-$C\nA=later\nD=\"${B}\"\nE='$A'\nF=\\$A";
    let expected = |a: &str| {
        let b = format!("{a}-shell");
        [
            ("A", "file"),
            ("B", &b),
            ("A", "later"),
            ("D", &b),
            ("E", "$A"),
            ("F", "$A"),
        ]
        .map(|(k, v)| (k.to_owned(), v.to_owned()))
    };
    for (environment, a) in [
        (&[("C", "shell")][..], "file"),
        (&[("C", "shell"), ("A", "x\u{e000}r")], "x\u{e000}r"),
    ] {
        let read = read_with(text, environment);
        let found: Vec<_> = read
            .variables()
            .iter()
            .map(|(k, v)| (k.to_string(), v.to_string()))
            .collect();
        assert_eq!(found, expected(a));
    }
    // The process has a PATH, the environment given has none.
    assert_eq!(read("A=${PATH}").variables(), [("A", "")]);
}

#[test]
fn nothing_says_what_is_not_ours() {
    let lines = [
        "TOKEN=hunter2 hunter2",
        "TOKEN: hunter2",
        "TOKEN='hunter2",
        "hunter2",
        "TOKEN=\\hunter2",
        "TOKEN=${hunter2",
        "TOKEN=\"$hunter2\"",
        "MEMROY=hunter2",
        "TOKEN=it's hunter2\nMEMORY=1\nX='",
        "PORT=8080:80",
        "A=hunter2\nMEMORY=$A",
    ];
    for text in lines {
        let read = read_with(text, &[("A", "hunter3")]);
        for found in &read.sink.found {
            let mut said = format!(
                "{found} {} {:?} {:?}",
                found.label, found.help, found.details
            );
            said.extend(found.related.iter().map(|related| related.message.as_str()));
            said.extend(found.fix.iter().map(|fix| fix.replacement.as_str()));
            assert!(
                !said.contains("hunter") && !said.contains("TOKEN"),
                "{said}"
            );
        }
        assert!(!format!("{:?}", read.found.variables).contains("hunter"));
        let foreign: String = read
            .found
            .foreign
            .iter()
            .map(|span| read.sources.slice(*span))
            .collect();
        assert!(
            !text.contains("hunter") || foreign.contains("hunter"),
            "{text:?}"
        );
    }
}

#[test]
fn many_unreadable_lines_are_counted() {
    let read = read(&"<div>\n".repeat(1000));
    assert_eq!(read.findings().len(), 21);
    assert!(
        read.sink
            .found
            .iter()
            .any(|d| d.message.starts_with("980 more"))
    );
}
