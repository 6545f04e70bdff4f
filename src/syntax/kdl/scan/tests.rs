use super::Kind::*;
use super::{Kind, scan};
use proptest::prelude::*;

fn kinds(text: &str) -> Vec<(Kind, &str)> {
    let tokens = scan(text).into_iter();
    tokens
        .filter(|token| token.kind != Space)
        .map(|token| (token.kind, token.text(text)))
        .collect()
}

#[test]
fn every_kind_is_told_apart() {
    let cases: &[(&str, &[(Kind, &str)])] = &[
        ("\u{FEFF}a\u{3000}b", &[(Word, "a"), (Word, "b")]),
        (
            "a\r\n\r\n",
            &[(Word, "a"), (Newline, "\r\n"), (Newline, "\r\n")],
        ),
        (
            "a // b\n",
            &[(Word, "a"), (LineComment, "// b"), (Newline, "\n")],
        ),
        (
            "/* /* */ */x",
            &[(BlockComment, "/* /* */ */"), (Word, "x")],
        ),
        ("\\ // c\nb", &[(Escline, "\\ // c\n"), (Word, "b")]),
        (
            "\\ /* /* */ */ \r\n\\",
            &[(Escline, "\\ /* /* */ */ \r\n"), (Escline, "\\")],
        ),
        (
            "/-{};",
            &[
                (SlashDash, "/-"),
                (Open, "{"),
                (Close, "}"),
                (Semicolon, ";"),
            ],
        ),
        (
            "(a)b=c",
            &[
                (OpenParen, "("),
                (Word, "a"),
                (CloseParen, ")"),
                (Word, "b"),
                (Equals, "="),
                (Word, "c"),
            ],
        ),
        (
            "1 -1 +.5 .5x",
            &[
                (Number, "1"),
                (Number, "-1"),
                (Number, "+.5"),
                (Number, ".5x"),
            ],
        ),
        (
            "- . -a .a é",
            &[
                (Word, "-"),
                (Word, "."),
                (Word, "-a"),
                (Word, ".a"),
                (Word, "é"),
            ],
        ),
        (
            "#true #-inf #",
            &[(Keyword, "#true"), (Keyword, "#-inf"), (Odd, "#")],
        ),
        (
            r#""a\"b" "\\""#,
            &[(Quoted, r#""a\"b""#), (Quoted, r#""\\""#)],
        ),
        ("\"a \\\n  b\" c", &[(Quoted, "\"a \\\n  b\""), (Word, "c")]),
        (
            "\"\"\"\n a\\\"\"\"\n \"\"\"x",
            &[(Multiline, "\"\"\"\n a\\\"\"\"\n \"\"\""), (Word, "x")],
        ),
        (
            r####"#"a"b"# ##"a"#b"##"####,
            &[(Raw, r##"#"a"b"#"##), (Raw, r###"##"a"#b"##"###)],
        ),
        ("#\"\"\"\n\"\n\"\"\"#", &[(Raw, "#\"\"\"\n\"\n\"\"\"#")]),
        (
            "a/b \\x",
            &[
                (Word, "a"),
                (Odd, "/"),
                (Word, "b"),
                (Odd, "\\"),
                (Word, "x"),
            ],
        ),
        ("\u{202E}a", &[(Odd, "\u{202E}"), (Word, "a")]),
    ];
    for (text, expected) in cases {
        assert_eq!(kinds(text), *expected, "{text}");
    }
}

#[test]
fn what_is_not_closed_hides_as_little_as_it_can() {
    let cases: &[(&str, &[(Kind, &str)])] = &[
        (
            "a \"b\nc \"d\"",
            &[
                (Word, "a"),
                (Unclosed, "\"b"),
                (Newline, "\n"),
                (Word, "c"),
                (Quoted, "\"d\""),
            ],
        ),
        (
            "a \"b\nc\" {",
            &[(Word, "a"), (OverLines, "\"b\nc\""), (Open, "{")],
        ),
        (
            "a #\"b\nc",
            &[
                (Word, "a"),
                (Unclosed, "#\"b"),
                (Newline, "\n"),
                (Word, "c"),
            ],
        ),
        ("a #\"b\nc\"#", &[(Word, "a"), (OverLines, "#\"b\nc\"#")]),
        (
            "a/*.kdl\nb",
            &[
                (Word, "a"),
                (Unclosed, "/*.kdl"),
                (Newline, "\n"),
                (Word, "b"),
            ],
        ),
        ("a /* b\nc", &[(Word, "a"), (Unclosed, "/* b\nc")]),
        (
            "a \"\"\"\n b\nc \"\"\"\n d\n \"\"\"",
            &[
                (Word, "a"),
                (Unclosed, "\"\"\"\n b"),
                (Newline, "\n"),
                (Word, "c"),
                (Multiline, "\"\"\"\n d\n \"\"\""),
            ],
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(kinds(text), *expected, "{text}");
    }
}

proptest! {
    #[test]
    fn tokens_tile_the_text(text in r##"([a1 \n\r{}()/\-*;=#"\\,é\u{2028}\u{7f}.]|"""|/\*|\*/|/-|#")*"##) {
        let mut at = 0;
        for token in scan(&text) {
            prop_assert_eq!(token.start, at);
            prop_assert!(token.end > at);
            prop_assert!(text.is_char_boundary(token.end as usize));
            at = token.end;
        }
        prop_assert_eq!(at as usize, text.len());
    }
}
