//! Which machines a verb is about.

use crate::diagnostic::Diagnostic;
use crate::value::nearest;
use globset::GlobBuilder;

/// The positions of the machines that the targets name; all without targets.
///
/// # Errors
/// When a target matches nothing: then nothing is done.
pub fn select(names: &[String], targets: &[String]) -> Result<Vec<usize>, Diagnostic> {
    if targets.is_empty() {
        return Ok((0..names.len()).collect());
    }
    let mut chosen = Vec::new();
    for target in targets {
        let glob = GlobBuilder::new(target).literal_separator(true).build();
        let glob = glob.map_err(|error| {
            Diagnostic::error(2901)
                .message(format!(
                    "The target '{target}' is no pattern: {}",
                    error.kind()
                ))
                .help("write a machine's name, or a pattern such as 'web*'")
        })?;
        let matcher = glob.compile_matcher();
        let matching: Vec<usize> = (0..names.len())
            .filter(|index| matcher.is_match(&names[*index]))
            .collect();
        if matching.is_empty() {
            return Err(unmatched(target, names));
        }
        chosen.extend(matching);
    }
    chosen.sort_unstable();
    chosen.dedup();
    Ok(chosen)
}

fn unmatched(target: &str, names: &[String]) -> Diagnostic {
    let words = names.iter().map(String::as_str);
    let help = match (nearest(target, words), names) {
        (Some(near), _) => format!("write `{near}`"),
        (None, []) => "leave the target out: this project has no machine yet".into(),
        (None, names) => format!("write one of: {}", names.join(", ")),
    };
    Diagnostic::error(2902)
        .message(format!("No machine of this project is called '{target}'"))
        .help(help)
}
