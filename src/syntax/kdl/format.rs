//! A KDL text as it should look: the same document, with all comments, in the layout of all.
//!
//! Four blanks a level, a node a line. A block that is written on one line stays there while it fits. Line
//! breaks that were chosen stay: blank lines, one at most, and those after a backslash. Names are bare, values
//! are quoted; numbers stay as they are.
//!
//! **Architecture Invariant:** a text goes through tokens, never through values, so that what is not known here
//! is kept byte for byte.

mod multiline;
mod read;
mod spelling;
#[cfg(test)]
mod tests;
mod tree;
mod write;

/// How wide a line may become by a block of one line.
const WIDTH: usize = 100;

/// The text in its layout. None where it is no KDL.
pub fn format(text: &str) -> Option<String> {
    read::read(text).map(|block| write::write(&block))
}
