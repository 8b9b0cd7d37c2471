use super::{Content, Node, read};

fn node(text: &str) -> Node {
    read(text.as_bytes()).unwrap()
}

fn refused(text: &str) -> String {
    read(text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn every_way_to_write_a_function_is_one() {
    let long = node(r#"{"a": {"Fn::GetAtt": ["B", "Arn"]}}"#);
    for text in [
        "a: !GetAtt B.Arn",
        "a: !GetAtt [B, Arn]",
        "a: {Fn::GetAtt: B.Arn}",
        "a:\n  Fn::GetAtt:\n    - B\n    - Arn",
    ] {
        assert_eq!(node(text), long, "{text}");
    }
    assert_eq!(node("a: !GetAtt N.Outputs.X"), node("a: {Fn::GetAtt: [N, Outputs.X]}"));
    assert_eq!(node("!Sub ['${A}', {}]"), node("Fn::Sub: '${A}'"));
    assert_eq!(
        node("!If [C, !Ref A, !Condition B]"),
        node(r#"{"Fn::If": ["C", {"Ref": "A"}, {"Condition": "B"}]}"#)
    );
    assert_eq!(node("Fn::Sub: !Ref A"), node("!Sub {Ref: A}"));
}

#[test]
fn every_value_knows_its_line() {
    let root = node("a:\n  - b\n  - c:\n      d\ne: !Sub\n  x\n");
    assert_eq!(root.get("a").unwrap().line, Some(1));
    assert_eq!(root.get("a").unwrap().items()[1].line, Some(3));
    assert_eq!(root.at(&["a"]).unwrap().items()[1].get("c").unwrap().line, Some(3));
    assert_eq!(root.get("e").unwrap().line, Some(5));
    let json = node("{\n\t\"a\": [\n\t\t1,\n\t\t{\"b\": null}\n\t]\n}");
    assert_eq!(json.get("a").unwrap().items()[1].line, Some(4));
    assert_eq!(json.get("a").unwrap().items()[1].get("b").unwrap().content, Content::Null);
}

#[test]
fn anchors_aliases_and_merges_are_put_in() {
    let text =
        "base: &b {x: 1, y: [2]}\ncopy: *b\nmore:\n  <<: *b\n  x: 3\nmany: {<<: [*b, {z: 4, y: 5}], w: 6}\n";
    let root = node(text);
    assert_eq!(root.get("copy"), root.get("base"));
    assert_eq!(root.at(&["more", "x"]), Some(&Node::scalar("3")));
    assert_eq!(root.at(&["more", "y"]), root.at(&["base", "y"]));
    assert_eq!(root.at(&["many", "z"]), Some(&Node::scalar("4")));
    assert_eq!(root.at(&["many", "y"]), root.at(&["base", "y"]));
}

#[test]
fn json_of_every_kind_is_read() {
    for text in
        ["{\"a\":\"b\"}", "{\t\"a\"\t:\t\"b\"\t}", "\u{FEFF}{\"a\": \"b\"}", "{\r\n\"a\": \"\\u0062\"\r\n}"]
    {
        assert_eq!(node(text).get("a"), Some(&Node::scalar("b")), "{text:?}");
    }
    assert_eq!(
        node("{\"a\":\t\"\\ud83d\\ude00 \\\\ud83d \\\" \\/\"}").get("a"),
        Some(&Node::scalar("😀 \\ud83d \" /"))
    );
    let long = "k".repeat(3000);
    assert_eq!(node(&format!("{{\"{long}\": 1}}")).get(&long), Some(&Node::scalar("1")));
}

#[test]
fn what_is_no_document_is_refused_with_its_place() {
    insta::assert_snapshot!(
        [
            refused("a: [1"),
            refused("a: 1\na: 2\n"),
            refused("a: 1\n---\nb: 2\n"),
            refused("? [x]\n: 1\n"),
            refused("a: *b\n"),
            refused("a: &a [*a]\n"),
            refused(""),
            refused(&"[".repeat(200)),
            refused(&"a: ".repeat(3)),
            read(&[0xFF, 0xFE]).unwrap_err().to_string(),
            read(&vec![b'a'; super::MAX_BYTES + 1]).unwrap_err().to_string(),
        ]
        .join("\n"),
    );
}

#[test]
fn aliases_cannot_make_a_file_large_or_deep() {
    let mut wide = "a0: &a0 [x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..12 {
        wide.push_str(&format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 8].join(", ")));
    }
    assert!(refused(&wide).contains("too large"));
    let mut deep = "a0: &a0 [x]\n".to_owned();
    for n in 1..100 {
        deep.push_str(&format!("a{n}: &a{n} [*a{}]\n", n - 1));
    }
    assert!(refused(&deep).contains("deeper"));
    let text = format!("a: &a {}\nb: [{}]\n", "x".repeat(1 << 20), vec!["*a"; 20].join(", "));
    assert!(refused(&text).contains("too large"));
}
