//! Tables: columns as wide as their widest cell, two blanks between them.

/// Lays out rows under a header; the last column is not padded.
pub fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let cells = |column: usize| {
        let own = rows.iter().map(move |row| row[column].chars().count());
        own.chain([header[column].chars().count()])
    };
    let widths: Vec<usize> = (0..header.len())
        .map(|column| cells(column).max().unwrap_or(0))
        .collect();
    let line = |row: Vec<&str>| {
        let padded: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        padded.join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(header.to_vec())];
    lines.extend(
        rows.iter()
            .map(|row| line(row.iter().map(String::as_str).collect())),
    );
    lines.join("\n")
}
