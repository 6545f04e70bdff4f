//! Tables: columns as wide as their widest cell, two blanks between them.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::plain::{plain, shortened};

const GAP: &str = "  ";

/// What columns keep, as far as that goes, where a terminal is too narrow.
const LEAST: [usize; 3] = [12, 6, 2];

/// Lays out rows under a header, if there is one. On a terminal no line is longer than its columns:
/// of the first cell the middle is left out, the others go on below.
pub fn table(header: &[&str], rows: &[Vec<String>], columns: Option<usize>) -> String {
    let cells = |row: &Vec<String>| row.iter().map(|cell| one_line(cell)).collect();
    let mut all: Vec<Vec<String>> = rows.iter().map(cells).collect();
    if !header.is_empty() {
        all.insert(0, header.iter().map(|&cell| cell.to_owned()).collect());
    }
    let count = all.first().map_or(0, Vec::len);
    let widest = |column: usize| all.iter().map(|row| row[column].width()).max();
    let mut widths: Vec<usize> = (0..count).map(|at| widest(at).unwrap_or(0)).collect();
    if let Some(columns) = columns {
        narrow(&mut widths, columns);
    }
    let lines = all.iter().flat_map(|row| lines(row, &widths));
    lines.collect::<Vec<String>>().join("\n")
}

/// Takes from the widest columns until all fit.
fn narrow(widths: &mut [usize], columns: usize) {
    let shown = widths.iter().filter(|width| **width > 0).count();
    let room = columns.saturating_sub(GAP.len() * shown.saturating_sub(1));
    for least in LEAST {
        while widths.iter().sum::<usize>() > room {
            let Some(widest) = widths.iter_mut().max().filter(|width| **width > least) else {
                break;
            };
            *widest -= 1;
        }
    }
}

/// One row: a line, and those that its cells need below.
fn lines(row: &[String], widths: &[usize]) -> Vec<String> {
    let parts = |(at, (cell, width)): (usize, (&String, &usize))| match at {
        0 => vec![shortened(cell, *width)],
        _ => wrapped(cell, *width),
    };
    let cells = row.iter().zip(widths).enumerate();
    let cells: Vec<Vec<String>> = cells.map(parts).collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    let line = |number: usize| {
        let shown = cells.iter().zip(widths).filter(|(_, width)| **width > 0);
        let padded = shown.map(|(parts, width)| {
            let part = parts.get(number).map_or("", String::as_str);
            format!("{part}{}", " ".repeat(width.saturating_sub(part.width())))
        });
        let line = padded.collect::<Vec<String>>().join(GAP);
        line.trim_end().to_owned()
    };
    (0..height).map(line).collect()
}

/// The text in lines of at most so many columns, broken at blanks, and within words that are longer.
/// What stands behind a gap, as after a label, stays under itself.
pub(super) fn wrapped(text: &str, columns: usize) -> Vec<String> {
    if text.width() <= columns {
        return vec![text.to_owned()];
    }
    let said = text.trim_start();
    let label = said.find(GAP).map_or("", |at| {
        let behind = said[at..].trim_start();
        &said[..said.len() - behind.len()]
    });
    let behind = text.width() - said.width() + label.width();
    let indent = Some(behind).filter(|indent| indent * 2 <= columns);
    let indent = " ".repeat(indent.unwrap_or(0));
    let mut lines = Vec::new();
    let mut rest = text.to_owned();
    while rest.width() > columns {
        let fits = fitting(&rest, columns);
        // A blank just behind what fits is as good a place.
        let blank = match rest[fits..].starts_with(' ') {
            true => Some(fits),
            false => rest[..fits].rfind(' '),
        };
        let is_indent = |at: &usize| rest[..*at].trim().is_empty();
        let blank = blank.filter(|at| !is_indent(at) && *at >= indent.len());
        let at = blank.unwrap_or(fits);
        lines.push(rest[..at].trim_end().to_owned());
        let next = rest[at..].trim_start().to_owned();
        if next.is_empty() {
            return lines;
        }
        rest = indent.clone() + &next;
    }
    lines.push(rest);
    lines
}

/// How many bytes of a text fit in so many columns: one character at least.
fn fitting(text: &str, columns: usize) -> usize {
    let mut used = 0;
    let mut chars = text.char_indices();
    let first = chars.next().map_or(0, |(_, c)| {
        used = c.width().unwrap_or(0);
        c.len_utf8()
    });
    let over = chars.find(|(_, c)| {
        used += c.width().unwrap_or(0);
        used > columns
    });
    over.map_or(text.len(), |(at, _)| at.max(first))
}

fn one_line(cell: &str) -> String {
    plain(cell).replace(['\n', '\t'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Vec<String>> {
        let long = "a-machine-with-a-name-that-goes-on-and-on-";
        let ports = "8080→80 8443→443 127.0.0.1:9000→9000/udp 30000→22";
        let notes =
            "differs: memory 512M → 768M (/a/path/that/has/no/blank/vagrantp.kdl:12:5); left";
        let row = |number: usize| {
            let cells = [
                &format!("{long}{number}"),
                "running",
                "日本日本",
                ports,
                notes,
            ];
            cells.map(str::to_owned).to_vec()
        };
        vec![row(1), row(2)]
    }

    const HEADER: &[&str] = &["MACHINE", "STATE", "WHERE", "PORTS", "NOTES"];

    #[test]
    fn no_line_is_longer_than_the_terminal_is_wide() {
        for columns in [20, 30, 40, 60, 80, 120, 200] {
            let text = table(HEADER, &rows(), Some(columns));
            for line in text.lines() {
                assert!(line.width() <= columns, "{columns}:\n{text}");
            }
        }
    }

    #[test]
    fn names_are_told_apart_and_the_rest_is_said_in_full() {
        let text = table(HEADER, &rows(), Some(80));
        let whole = table(HEADER, &rows(), None);
        assert!(text.contains("on-1 ") && text.contains("on-2 "), "{text}");
        assert_eq!(whole.lines().count(), 3, "nothing is cut:\n{whole}");
        let letters = |text: &str, of: char| text.chars().filter(|c| *c == of).count();
        for of in ['→', '(', ';', ':'] {
            assert_eq!(letters(&text, of), letters(&whole, of), "{text}");
        }
    }

    #[test]
    fn what_goes_on_stands_under_itself() {
        let text = wrapped("recreate  memory 512M and cpus 2", 20);
        assert_eq!(
            text,
            ["recreate  memory", "          512M and", "          cpus 2"]
        );
        let text = wrapped("          share . at /workspace", 20);
        assert_eq!(text, ["          share . at", "          /workspace"]);
        assert_eq!(wrapped("in words alone", 8), ["in words", "alone"]);
        assert_eq!(wrapped("日本日本", 5), ["日本", "日本"]);
        assert_eq!(wrapped("ab", 0), ["a", "b"]);
    }
}
