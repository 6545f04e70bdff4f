use super::format;

fn formatted(text: &str) -> String {
    let once = format(text).unwrap_or_else(|| panic!("no KDL:\n{text}"));
    assert_eq!(format(&once).as_ref(), Some(&once), "{text}");
    once
}

#[test]
fn cases() {
    let cases = [
        ("", ""),
        ("\u{feff}\r\n\r\n", ""),
        ("a;b;", "a\nb\n"),
        ("a  1 // c  \n", "a 1  // c\n"),
        (
            "a 1 /* c */; // d\n/* e */ b",
            "a 1  /* c */ // d\n/* e */ b\n",
        ),
        ("\n\na\n\n\n\nb{ \n\n c\n\n}\n", "a\n\nb {\n    c\n}\n"),
        ("a { b;c }", "a { b; c; }\n"),
        ("a { // c\n b }", "a {  // c\n    b\n}\n"),
        (
            "a {}\nb {\n}\nc { /* d */ }\ne { /* d */\n}",
            "a {}\nb {}\nc { /* d */ }\ne {  /* d */\n}\n",
        ),
        ("a { /-b }", "a {\n    /-b\n}\n"),
        ("/-   a\n/-\n\nb\n/-// c\nd", "/- a\n/- b\n/- // c\nd\n"),
        (
            "a /-  1 /-b = 2 /-{ c } { d } /-\n{}",
            "a /- 1 /-b=2 /-{ c; } { d; } /- {}\n",
        ),
        ("a \\\n\n", "a\n"),
        (
            "a \\ // c\n1 \\\n  \\\n2",
            "a \\  // c\n    1 \\\n    \\\n    2\n",
        ),
        ("a \\ // c\n // d\n", "a  // c // d\n"),
        (
            "a ( t )1 b = (t) \"c\" d/* e */=1",
            "a (t)1 b=(t)\"c\" d /* e */ =1\n",
        ),
        ("\"a\" \"b\" c \"d\"=\"e\" f=g", "a \"b\" c d=\"e\" f=g\n"),
        ("a 0x10 1_000 #true -.5", "a 0x10 1_000 #true -.5\n"),
        (
            "a {\r\n    /* b\r\n   c */\r\n}",
            "a {\n    /* b\n   c */\n}\n",
        ),
        (
            "a \"\"\"\n  x\n \n    y\n  \"\"\"",
            "a \"\"\"\n    x\n\n      y\n    \"\"\"\n",
        ),
        (
            "a \"\"\"\n  x \\\n y\n  \"\"\"",
            "a \"\"\"\n  x \\\n y\n  \"\"\"\n",
        ),
        (
            "a {\n b #\"\"\"\n\\ \n\"\"\"#\n}",
            "a {\n    b #\"\"\"\n        \\ \n        \"\"\"#\n}\n",
        ),
        ("a #\"b\"# \"c\\nd\"", "a #\"b\"# \"c\\nd\"\n"),
    ];
    for (text, expected) in cases {
        assert_eq!(formatted(text), expected, "{text}");
    }
}

#[test]
fn names_are_bare_and_values_are_quoted() {
    let cases = [
        ("machine \"web\"", "machine web"),
        ("machine web*", "machine \"web*\""),
        ("only !debug \"!@x\" @*", "only !debug !@x \"@*\""),
        ("include machines", "include \"machines\""),
        ("restart \"always\"", "restart always"),
        ("tags \"true\" \"a b\"", "tags \"true\" \"a b\""),
        ("ssh user=\"dev\" key=id", "ssh user=dev key=\"id\""),
        ("env A=\"b\" C=d", "env A=\"b\" C=d"),
        ("param \"port\" \"x\"", "param port \"x\""),
        ("engine-args \"podman\" x", "engine-args podman \"x\""),
        ("other \"x\" y", "other \"x\" y"),
    ];
    for (text, expected) in cases {
        assert_eq!(formatted(text), format!("{expected}\n"));
    }
}

#[test]
fn a_block_of_one_line_is_broken_where_it_does_not_fit() {
    let long = "x".repeat(70);
    let text = format!("a {{ b {{ c \"{long}\"; d; }}; }}");
    assert_eq!(formatted(&text).lines().count(), 1);
    let text = format!("a {{ b {{ c \"{long}\"; d \"{long}\"; }}; e {{ f; }}; }}");
    let expected = format!(
        "a {{\n    b {{\n        c \"{long}\"\n        d \"{long}\"\n    }}\n    e {{ f; }}\n}}\n"
    );
    assert_eq!(formatted(&text), expected);
}

#[test]
fn what_is_no_kdl_has_no_layout() {
    for text in [
        "a {",
        "}",
        "a \"b",
        "a=1",
        "a (b",
        "a b=",
        "/* a",
        "a ]",
        &"a {\n".repeat(10_000),
    ] {
        assert_eq!(format(text), None, "{text}");
    }
}
