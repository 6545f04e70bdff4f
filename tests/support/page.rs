//! A page of the book, with its fenced blocks.

/// A fenced block.
pub struct Block {
    /// What stands behind the opening fence: `env,fails=2107`.
    pub info: String,
    pub text: String,
    /// The bytes of `text` in the page.
    pub range: std::ops::Range<usize>,
}

/// All fenced blocks of a page, in order.
pub fn blocks(page: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    let mut at = 0;
    for line in page.split_inclusive('\n') {
        let end = at + line.len();
        match line.trim_end().strip_prefix("```") {
            Some("") if open => open = false,
            Some(info) if !open => {
                open = true;
                blocks.push(Block {
                    info: info.to_owned(),
                    text: String::new(),
                    range: end..end,
                });
            }
            _ if open => {
                let block = blocks.last_mut().expect("one is open");
                block.text.push_str(line);
                block.range.end = end;
            }
            _ => {}
        }
        at = end;
    }
    blocks
}

/// The page with the text of one block replaced.
pub fn replaced(page: &str, block: &Block, text: &str) -> String {
    let (before, after) = (&page[..block.range.start], &page[block.range.end..]);
    format!("{before}{text}{after}")
}

#[test]
fn finds_blocks_and_replaces_them() {
    let page = "# A\n\n```env,fails=1\nX=1\n```\n\n```report\n```\nend\n";
    let blocks = blocks(page);
    let shown: Vec<(&str, &str)> = blocks
        .iter()
        .map(|block| (block.info.as_str(), block.text.as_str()))
        .collect();
    assert_eq!(shown, [("env,fails=1", "X=1\n"), ("report", "")]);
    let expected = "# A\n\n```env,fails=1\nX=1\n```\n\n```report\nr\n```\nend\n";
    assert_eq!(replaced(page, &blocks[1], "r\n"), expected);
}
