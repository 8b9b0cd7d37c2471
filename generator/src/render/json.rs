//! JSON form: functions by their long names, no comments.

use serde_json::{Map, json};

use crate::template::{Section, Value};

/// The document on one line, without spaces: what the digest is taken of, and the form that is passed inline.
pub fn compact(sections: &[Section]) -> String {
    document(sections).to_string()
}

/// The document for people, two spaces a level, with a newline at the end.
pub fn pretty(sections: &[Section]) -> String {
    format!("{:#}\n", document(sections))
}

/// A value as CloudFormation reads it from JSON. What only concerns the layout of YAML is gone.
pub fn to_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Text(text) | Value::Block(text) => json!(text),
        Value::Number(number) => json!(number),
        Value::Bool(bool) => json!(bool),
        Value::List(items) => array(items),
        Value::Map(entries) => object(entries),
        Value::Flow(value) => to_json(value),
        Value::Ref(name) => json!({"Ref": name}),
        Value::GetAtt(id, attribute) => json!({"Fn::GetAtt": [id, attribute]}),
        Value::Sub(text, variables) if variables.is_empty() => json!({"Fn::Sub": text}),
        Value::Sub(text, variables) => json!({"Fn::Sub": [text, object(variables)]}),
        Value::FindInMap(map, first, second) => json!({"Fn::FindInMap": [map, to_json(first), second]}),
        Value::Join(delimiter, parts) => json!({"Fn::Join": [delimiter, array(parts)]}),
        Value::Equals(one, other) => json!({"Fn::Equals": [to_json(one), to_json(other)]}),
    }
}

fn document(sections: &[Section]) -> serde_json::Value {
    let member = |section: &Section| match section {
        Section::Plain(key, value) => ((*key).to_owned(), to_json(value)),
        Section::Entries(key, entries) => {
            let entries = entries.iter().map(|entry| (entry.key.clone(), to_json(&entry.value)));
            ((*key).to_owned(), Map::from_iter(entries).into())
        }
    };
    Map::from_iter(sections.iter().map(member)).into()
}

fn array(items: &[Value]) -> serde_json::Value {
    items.iter().map(to_json).collect()
}

fn object(entries: &[(String, Value)]) -> serde_json::Value {
    entries.iter().map(|(key, value)| (key.clone(), to_json(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::{compact, pretty, to_json};
    use crate::template::{Entry, Section, Value};

    fn sections() -> [Section; 2] {
        let entry = |key: &str, value| Entry {
            key: key.into(),
            value,
            heading: Some("a heading".into()),
            why: Some("a reason".into()),
        };
        [
            Section::Plain("Description", Value::text("d")),
            Section::Entries("Outputs", vec![entry("Zeta", 1_u32.into()), entry("Alpha", true.into())]),
        ]
    }

    #[test]
    fn compact_is_one_line_in_the_order_of_the_document() {
        assert_eq!(compact(&sections()), r#"{"Description":"d","Outputs":{"Zeta":1,"Alpha":true}}"#);
    }

    #[test]
    fn pretty_is_indented_and_ends_with_a_newline() {
        insta::assert_snapshot!(format!("{}|", pretty(&sections())), @r#"
        {
          "Description": "d",
          "Outputs": {
            "Zeta": 1,
            "Alpha": true
          }
        }
        |
        "#);
    }

    #[test]
    fn functions_have_their_long_names() {
        let bucket = || vec![("Bucket".to_owned(), Value::GetAtt("Results".into(), "Arn"))];
        let value = Value::List(vec![
            Value::region(),
            Value::sub("${AWS::Region}"),
            Value::Sub("${Bucket}/*".into(), bucket()),
            Value::FindInMap("Region", Box::new(Value::region()), "Share".into()),
            Value::Join(",", vec!["a".into(), Value::account()]),
            Value::Block("SELECT 1\n".into()).flow(),
            Value::Equals(Box::new("a".into()), Box::new(Value::region())),
        ]);
        assert_eq!(
            to_json(&value).to_string(),
            concat!(
                r#"[{"Ref":"AWS::Region"},{"Fn::Sub":"${AWS::Region}"},"#,
                r#"{"Fn::Sub":["${Bucket}/*",{"Bucket":{"Fn::GetAtt":["Results","Arn"]}}]},"#,
                r#"{"Fn::FindInMap":["Region",{"Ref":"AWS::Region"},"Share"]},"#,
                r#"{"Fn::Join":[",",["a",{"Ref":"AWS::AccountId"}]]},"SELECT 1\n","#,
                r#"{"Fn::Equals":["a",{"Ref":"AWS::Region"}]}]"#
            )
        );
    }
}
