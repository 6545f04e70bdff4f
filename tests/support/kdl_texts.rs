//! Random KDL: every production of the grammar, in every layout.

use proptest::prelude::*;
use proptest::sample::select;

/// A document that is mostly right.
pub fn document() -> impl Strategy<Value = String> {
    let start = select(vec!["", "", "\u{feff}", "/- kdl-version 2\n"]);
    (start, nodes()).prop_map(|(start, nodes)| format!("{start}{nodes}"))
}

/// Any text at all, of the characters that mean something.
pub fn noise() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "a", "b", "1", " ", "\n", "\r\n", "\r", "{", "}", "(", ")", ";", "=", "/-", "//", "/*",
        "*/", "\\", "\"", "\"\"\"", "#", "#\"", "\"#", "é", "\u{2028}", "\u{feff}", "\u{0}", ".",
        "-", "[", ",", "true", "#true", "\t",
    ]);
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn nodes() -> BoxedStrategy<String> {
    let leaf = line(Just(String::new()).boxed());
    leaf.prop_recursive(3, 24, 4, |inner| {
        let block = proptest::collection::vec(inner, 0..4).prop_map(|lines| lines.concat());
        line(
            (open(), block)
                .prop_map(|(open, block)| format!("{open}{block}}}"))
                .boxed(),
        )
    })
    .prop_flat_map(|one| (Just(one), rest()))
    .prop_map(|(one, rest)| format!("{one}{rest}"))
    .boxed()
}

fn rest() -> impl Strategy<Value = String> {
    proptest::collection::vec(line(Just(String::new()).boxed()), 0..4)
        .prop_map(|lines| lines.concat())
}

fn open() -> impl Strategy<Value = &'static str> {
    select(vec![
        "{",
        "{ ",
        "{\n",
        "{ // h\n",
        "{ /* h */ ",
        "{\r\n\r\n\n",
    ])
}

/// A node with what stands before it and behind it.
fn line(block: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let before = select(vec![
        "",
        "",
        "  ",
        "\n",
        "\n\n\n",
        "// b\n",
        "  // b  \n\n",
        "/* b */ ",
        "/* b\n  b */\n",
        "\r\n",
        "\\\n",
    ]);
    let dash = select(vec![
        "",
        "",
        "",
        "",
        "/-",
        "/- ",
        "/-\n",
        "/- /* s */ ",
        "/- // s\n",
    ]);
    let parts = proptest::collection::vec((gap(), entry()), 0..4);
    let blocks = proptest::collection::vec((gap(), dash.clone(), block), 0..2);
    let behind = select(vec!["", "", " ", " /* t */ ", " \\\n"]);
    let end = select(vec![
        "\n", "\n", "\n", ";", "; ", "// e\n", " // e\n", ";// e\n", "\r\n", "\u{85}",
    ]);
    let whole = (before, dash, typed(name()), parts, blocks, behind, end);
    whole
        .prop_map(|(before, dash, name, parts, blocks, behind, end)| {
            let parts: String = parts.into_iter().map(|(gap, entry)| gap + &entry).collect();
            let blocks = blocks.into_iter().filter(|(.., block)| !block.is_empty());
            let blocks: String = blocks
                .map(|(gap, dash, block)| format!("{gap}{dash}{block}"))
                .collect();
            format!("{before}{dash}{name}{parts}{blocks}{behind}{end}")
        })
        .boxed()
}

fn gap() -> impl Strategy<Value = String> {
    let gaps = vec![
        " ",
        " ",
        " ",
        "  \t",
        " /* g */ ",
        "/*g*/",
        " \\\n    ",
        " \\ // g\n",
        " \\ /* g\n */ \r\n",
        "\u{3000}",
    ];
    select(gaps).prop_map(str::to_owned)
}

fn tight() -> impl Strategy<Value = &'static str> {
    select(vec!["", "", "", "", " ", "/* i */", " \\\n"])
}

fn entry() -> impl Strategy<Value = String> {
    let dash = select(vec!["", "", "", "/-", "/- ", "/- // s\n  "]);
    let key = proptest::option::of((string(), tight(), tight()));
    (dash, key, typed(value())).prop_map(|(dash, key, value)| match key {
        Some((key, before, after)) => format!("{dash}{key}{before}={after}{value}"),
        None => format!("{dash}{value}"),
    })
}

fn typed(of: impl Strategy<Value = String> + 'static) -> impl Strategy<Value = String> {
    let annotation = (string(), tight(), tight(), tight());
    let annotation = annotation.prop_map(|(name, a, b, after)| format!("({a}{name}{b}){after}"));
    let annotation = prop_oneof![6 => Just(String::new()), 1 => annotation];
    (annotation, of).prop_map(|(annotation, value)| annotation + &value)
}

fn name() -> impl Strategy<Value = String> {
    let known = select(vec![
        "machine",
        "memory",
        "env",
        "ports",
        "secret",
        "sync",
        "project",
        "use",
        "only",
        "other",
        "\"machine\"",
    ]);
    prop_oneof![known.prop_map(str::to_owned), string()]
}

fn value() -> impl Strategy<Value = String> {
    let other = select(vec![
        "1",
        "-0x1F",
        "0b1_0",
        "1_000.5e-3",
        "#true",
        "#null",
        "#-inf",
        "+7",
    ]);
    prop_oneof![1 => other.prop_map(str::to_owned), 3 => string()]
}

fn string() -> impl Strategy<Value = String> {
    let strings = vec![
        "a",
        "web*",
        "-",
        "é",
        "from",
        "\"a\"",
        "\"a b\"",
        "\"\"",
        "\"true\"",
        "\"c\\n\\\"\\u{e9}\"",
        "\"a \\\n   b\"",
        "#\"r\"r\"#",
        "##\"\\\"#\"##",
        "\"\"\"\n\"\"\"",
        "\"\"\"\n  a\n \n    b \n  \"\"\"",
        "\"\"\"\r\n\ta\r\n\t\r\n\t\"\"\"",
        "\"\"\"\n  a \\\n b\n  \"\"\"",
        "\"\"\"\n  \\\n  \\s\n  \"\"\"",
        "#\"\"\"\n  a\\\n   \"q\"\n  \"\"\"#",
        "#\"\"\"\n\"\"\"#",
        "\"\"\"\n  a\u{85}  b\u{2028}\n  \"\"\"",
    ];
    select(strings).prop_map(str::to_owned)
}
