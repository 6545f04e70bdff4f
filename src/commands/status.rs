//! `status`: this project's machines. One question to the engine.

use super::Session;
use super::answer::Answer;
use super::compile::Compiled;
use super::machine_json::to_json;
use super::machines::Known;
use super::targets::{self, Called};
use crate::model::Project;
use crate::plan::difference::differences;
use crate::plan::provisioning::provisioned;
use crate::plan::situation::State;
use crate::settings::Class;
use crate::state::record::{MachineRecord, Provisioned};
use crate::value::Init;

/// Runs the verb.
pub fn run(session: &Session, wanted: &[String]) -> u8 {
    let folder = match session.find_folder() {
        Ok(folder) => folder,
        Err(not_found) => return session.not_found("status", not_found),
    };
    let mut answer = Answer::new("status", &folder);
    let mut identity = match session.identify(&folder) {
        Ok(identity) => identity,
        Err(finding) => {
            answer.findings.push(finding);
            return session.finish(&answer);
        }
    };
    let observed = match session.look_if_there(&session.written_engines(&identity)) {
        Ok(observed) => observed,
        Err(finding) => {
            answer.findings.push(finding);
            return session.finish(&answer);
        }
    };
    let known_as = session.recognized(&folder, &observed);
    if let Some(uuid) = known_as.filter(|_| identity.fresh) {
        identity.recognized_as(uuid);
    }
    let recalled = session.recall(&mut answer, &identity, observed);
    if let Some(from) = &identity.copied_from {
        let text = format!(
            "This folder is a copy of {}, whose machines stay there",
            from.display()
        );
        session.ui.err_sentence(&text);
    }
    let all = recalled.known();
    let names: Vec<Called> = all.iter().map(Known::called).collect();
    let chosen = match targets::select(&names, wanted) {
        Ok(mut chosen) => {
            // As written, whether the profile leaves them out or not; then what is left over.
            chosen.sort_by_key(|index| {
                all[*index]
                    .meant
                    .map_or(usize::MAX, |machine| machine.place)
            });
            chosen
        }
        Err(finding) => {
            answer.findings.push(finding);
            return session.finish(&answer);
        }
    };
    let rows: Vec<Vec<String>> = chosen
        .iter()
        .map(|index| row(&all[*index], recalled.compiled.as_ref()))
        .collect();
    let name = recalled.project().map(Project::shown_name);
    answer.name = match &all[..] {
        [known] => Some(known.subject_id()),
        _ => name.or(all.first().map(|known| known.subject_id())),
    };
    answer.machines = chosen
        .iter()
        .map(|index| to_json(&all[*index], &folder))
        .collect();
    if rows.is_empty() {
        session.ui.out("no machine");
    } else {
        session
            .ui
            .out_table(&["MACHINE", "STATE", "WHERE", "PORTS", "NOTES"], &rows);
    }
    session.finish(&answer)
}

impl Known<'_> {
    fn subject_id(&self) -> String {
        let recorded = self.record.as_ref().map(|record| record.id.clone());
        recorded
            .or(self.meant.map(|machine| machine.id.to_string()))
            .unwrap_or(self.name.clone())
    }
}

fn row(known: &Known, compiled: Option<&Compiled>) -> Vec<String> {
    let situation = known.situation();
    let record = known.record.as_ref();
    let made = situation.state != State::NotCreated;
    let place = record.filter(|_| made).map(place);
    let ports = record.filter(|_| made).map(|record| {
        let shown: Vec<String> = record.networking.ports.iter().map(published).collect();
        shown.join(" ")
    });
    let mut notes: Vec<String> = situation.detail.into_iter().collect();
    let own = known.found.zip(record);
    if let Some((found, _)) = own.filter(|(found, record)| found.name != record.id) {
        notes.push(format!("renamed to {} by something else", found.name));
    }
    if known.left_out {
        let profiles = compiled
            .and_then(|compiled| compiled.project.as_ref())
            .map(|project| project.profiles.join(", "));
        notes.push(match profiles.filter(|profiles| !profiles.is_empty()) {
            Some(profiles) => format!("left out by profile {profiles}"),
            None => "left out".into(),
        });
    }
    if known.left_over && made {
        notes.push("left over".into());
    } else if let (None, Some(record)) =
        (known.meant, record.filter(|_| made && compiled.is_some()))
    {
        notes.push(format!("of {}", record.config_file));
    }
    if let (Some(compiled), Some(machine), Some(record), true) =
        (compiled, known.meant, record, made)
    {
        for difference in differences(machine, record)
            .iter()
            .filter(|d| d.class != Class::Free)
        {
            let at = difference
                .origin
                .span()
                .map(|span| format!(" ({})", compiled.sources.place(span)));
            notes.push(format!("differs: {difference}{}", at.unwrap_or_default()));
        }
    }
    let is_provisioned = known
        .meant
        .is_some_and(|machine| !machine.provisions.is_empty());
    if made && is_provisioned {
        notes.push(
            match provisioned(known.meant, record) {
                Provisioned::Never => "provisioned: never",
                Provisioned::Ok => "provisioned: ok",
                Provisioned::Failed => "provisioned: failed",
                Provisioned::Stale => "provisioned: stale",
            }
            .into(),
        );
    }
    notes.extend(record.into_iter().flat_map(|record| record.notes.clone()));
    let state = match situation.state {
        State::NotCreated => "not created".to_owned(),
        state => state.to_string(),
    };
    let blank = |text: Option<String>| text.filter(|text| !text.is_empty()).unwrap_or("–".into());
    vec![
        known.name.clone(),
        state,
        blank(place),
        blank(ports),
        notes.join("; "),
    ]
}

/// Where a machine is entered, as tables show it.
pub fn place(record: &MachineRecord) -> String {
    match (record.access.port, record.access.init) {
        (_, Init::Image) => "exec".into(),
        _ if record.access.exec => "ssh by exec".into(),
        (Some(port), _) => format!("{}:{port}", record.access.address),
        _ => "–".into(),
    }
}

/// A published port, as tables show it.
pub fn published(port: &crate::state::record::PublishedPort) -> String {
    let address = if port.address.is_unspecified() {
        String::new()
    } else {
        format!("{}:", port.address)
    };
    let protocol = match port.protocol {
        crate::value::Protocol::Tcp => "",
        crate::value::Protocol::Udp => "/udp",
    };
    format!(
        "{address}{}→{}{protocol}",
        port.host_port, port.container_port
    )
}
