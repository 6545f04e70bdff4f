//! Shared folders of a machine that is defined and does not run, by virtiofs: libvirt starts their server with it.

use super::{act, ask};
use crate::call::{Call, Outcome};
use crate::render::escape::xml;

/// A folder of the host's, and the tag by which the guest mounts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedFolder {
    /// The host's folder.
    pub host: String,
    /// The tag.
    pub tag: String,
}

/// Asks how a machine is defined.
pub fn definition(uuid: &str) -> Call {
    ask(&["dumpxml", uuid, "--inactive"])
}

/// Defines it anew.
pub fn define(xml: String) -> Call {
    act(&["define", "/dev/stdin"]).stdin(xml)
}

/// The answer to [`definition`] with shared folders in it; nothing where it has no place for them, or XML none for
/// a folder's name.
pub fn with_shares(definition: &Outcome, shares: &[SharedFolder]) -> Option<String> {
    // Both read and write the guest's memory.
    const MEMORY: &str =
        "<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>";
    let devices: Option<String> = shares.iter().map(device).collect();
    let devices = devices?;
    let (before, rest) = definition.stdout.split_once("<vcpu")?;
    let (inside, after) = rest.rsplit_once("</devices>")?;
    Some(format!(
        "{before}{MEMORY}<vcpu{inside}{devices}</devices>{after}"
    ))
}

fn device(share: &SharedFolder) -> Option<String> {
    Some(format!(
        "<filesystem type='mount' accessmode='passthrough'><driver type='virtiofs'/>\
         <source dir='{}'/><target dir='{}'/></filesystem>",
        xml(&share.host)?,
        xml(&share.tag)?
    ))
}

#[cfg(test)]
mod tests {
    use super::{SharedFolder, with_shares};
    use crate::call::{End, Outcome};

    #[test]
    fn a_hostile_folder_is_one_attribute() {
        let definition = Outcome {
            line: "virsh".into(),
            end: End::Exit(0),
            stdout: "<domain><vcpu>1</vcpu><devices><disk/></devices></domain>".into(),
            stderr: String::new(),
            took: std::time::Duration::ZERO,
        };
        let share = SharedFolder {
            host: "/a'/><x y='&".into(),
            tag: "share0".into(),
        };
        let xml = with_shares(&definition, &[share]).unwrap();
        assert!(
            xml.contains("<source dir='/a&apos;/&gt;&lt;x y=&apos;&amp;'/>"),
            "{xml}"
        );
        assert!(xml.contains("</memoryBacking><vcpu>1"), "{xml}");
        assert!(xml.ends_with("</filesystem></devices></domain>"), "{xml}");
    }
}
