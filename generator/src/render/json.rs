//! JSON form: functions by their long names, no comments.

use serde::ser::{Serialize, SerializeMap as _, Serializer};

use crate::template::{Entry, Section, Value};

/// The document on one line, without spaces: what the digest is taken of, and the form that is passed inline.
pub fn compact(sections: &[Section]) -> String {
    in_memory(serde_json::to_string(&Document(sections)))
}

/// The document for people, two spaces a level, with a newline at the end.
pub fn pretty(sections: &[Section]) -> String {
    document(&Document(sections))
}

/// Anything else that is written as JSON, in the same form.
pub fn document(value: &impl Serialize) -> String {
    in_memory(serde_json::to_string_pretty(value)) + "\n"
}

/// The document as a tree.
pub(crate) fn tree(sections: &[Section]) -> serde_json::Value {
    in_memory(serde_json::to_value(Document(sections)))
}

/// A value as CloudFormation reads it from JSON. What only concerns the layout of YAML is gone.
pub fn to_json(value: &Value) -> serde_json::Value {
    in_memory(serde_json::to_value(Json(value)))
}

/// Serializing fails where a writer fails or a key is no text: neither can be here.
fn in_memory<T: Default>(written: serde_json::Result<T>) -> T {
    written.unwrap_or_default()
}

/// Sections as one JSON object. Written from the values as they are: a tree in between would cost more than the text.
struct Document<'a>(&'a [Section]);

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut document = serializer.serialize_map(None)?;
        for section in self.0 {
            match section {
                Section::Plain(key, value) => document.serialize_entry(key, &Json(value))?,
                Section::Entries(key, entries) => document.serialize_entry(key, &Entries(entries))?,
            }
        }
        document.end()
    }
}

struct Entries<'a>(&'a [Entry]);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|entry| (&entry.key, Json(&entry.value))))
    }
}

/// A value in its long form.
struct Json<'a>(&'a Value);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Text(text) | Value::Block(text) => serializer.serialize_str(text),
            Value::Number(number) => serializer.serialize_i64(*number),
            Value::Bool(bool) => serializer.serialize_bool(*bool),
            Value::List(items) => Items(items).serialize(serializer),
            Value::Map(entries) => Object(entries).serialize(serializer),
            Value::Flow(value) => Json(value).serialize(serializer),
            Value::Shared(value) => Json(value).serialize(serializer),
            Value::Ref(name) => function(serializer, "Ref", name),
            Value::GetAtt(id, attribute) => function(serializer, "Fn::GetAtt", &[id, *attribute]),
            Value::Sub(text, variables) if variables.is_empty() => function(serializer, "Fn::Sub", text),
            Value::Sub(text, variables) => function(serializer, "Fn::Sub", &(text, Object(variables))),
            Value::FindInMap(map, first, second) => {
                function(serializer, "Fn::FindInMap", &(map, Json(first), second))
            }
            Value::Join(delimiter, parts) => function(serializer, "Fn::Join", &(delimiter, Items(parts))),
            Value::Equals(one, other) => function(serializer, "Fn::Equals", &[Json(one), Json(other)]),
        }
    }
}

/// `{"Fn::Name": argument}`.
fn function<S: Serializer>(
    serializer: S,
    name: &str,
    argument: &(impl Serialize + ?Sized),
) -> Result<S::Ok, S::Error> {
    let mut call = serializer.serialize_map(Some(1))?;
    call.serialize_entry(name, argument)?;
    call.end()
}

struct Items<'a>(&'a [Value]);

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Json))
    }
}

struct Object<'a>(&'a [(String, Value)]);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, Json(value))))
    }
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
