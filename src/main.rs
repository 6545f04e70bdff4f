//! Exit, and nothing else.

fn main() {}
