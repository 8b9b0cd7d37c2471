//! What is read out of a deployed template.

use std::collections::BTreeMap;

use serde_yaml::value::{Tag, TaggedValue};
use serde_yaml::{Mapping, Value};

/// Whether two templates are one to CloudFormation, which keeps the old text where only comments or `Metadata` differ, or
/// how functions are written: other tools send the long form.
pub(crate) fn is_same(deployed: &str, wanted: &str) -> bool {
    let content = |body: &str| {
        let mut template = try_read(body)?;
        template.as_mapping_mut()?.remove("Metadata");
        Some(template)
    };
    deployed == wanted || content(deployed).is_some_and(|template| Some(template) == content(wanted))
}

/// The layout number that a template of ours carries; `None` for a template of somebody else.
pub(crate) fn layout(body: &str) -> Option<u64> {
    let template = serde_yaml::from_str::<Value>(body).ok()?;
    template.get("Metadata")?.get("Lakelink")?.get("Layout")?.as_u64()
}

/// Whether a deployment makes a share that is not there yet. Security Lake makes one for a new subscriber, and another in
/// its place when the identity changes (Security Lake user guide, "Editing a subscriber with query access").
pub(crate) fn makes_share(deployed: &str, wanted: &str) -> bool {
    let identity = |body| {
        let mut resources = resources(body).into_values();
        let subscriber = resources
            .find(|one| one.get("Type").and_then(Value::as_str) == Some("AWS::SecurityLake::Subscriber"))?;
        subscriber.get("Properties")?.get("SubscriberIdentity").cloned()
    };
    let wanted = identity(wanted);
    wanted.is_some() && identity(deployed) != wanted
}

/// A template as a value, its functions by their short names; one that cannot be read is empty.
pub(crate) fn read(body: &str) -> Value {
    try_read(body).unwrap_or_default()
}

fn try_read(body: &str) -> Option<Value> {
    serde_yaml::from_str(body).ok().map(in_short)
}

fn in_short(value: Value) -> Value {
    match value {
        Value::Sequence(items) => items.into_iter().map(in_short).collect(),
        Value::Mapping(entries) => {
            let entries = entries.into_iter().map(|(key, value)| (key, in_short(value)));
            let entries = entries.collect::<Mapping>();
            called(&entries).unwrap_or(Value::Mapping(entries))
        }
        Value::Tagged(tagged) => {
            Value::Tagged(Box::new(TaggedValue { value: in_short(tagged.value), ..*tagged }))
        }
        plain => plain,
    }
}

/// `{Ref: A}` is `!Ref A`, `{Fn::GetAtt: [A, Arn]}` is `!GetAtt A.Arn`.
fn called(entries: &Mapping) -> Option<Value> {
    let (key, argument) = entries.iter().next().filter(|_| entries.len() == 1)?;
    let name = key.as_str()?;
    let name = name.strip_prefix("Fn::").or_else(|| (name == "Ref").then_some(name))?;
    let parts = argument.as_sequence().filter(|_| name == "GetAtt");
    let dotted = parts.and_then(|parts| parts.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
    let value = dotted.map_or_else(|| argument.clone(), |parts| parts.join(".").into());
    Some(Value::Tagged(Box::new(TaggedValue { tag: Tag::new(name), value })))
}

/// The resources of a template, by logical id.
pub(crate) fn resources(body: &str) -> BTreeMap<String, Value> {
    let Some(Value::Mapping(resources)) = read(body).get("Resources").cloned() else {
        return BTreeMap::new();
    };
    resources.into_iter().filter_map(|(id, resource)| Some((id.as_str()?.to_owned(), resource))).collect()
}

#[cfg(test)]
mod tests {
    use super::{is_same, layout, makes_share};

    #[test]
    fn comments_and_metadata_are_no_difference() {
        let old = "Metadata: {Lakelink: {Layout: 3}}\nResources:\n  A: {Type: X}\n  B: {Type: X, Properties: {P: !Ref Q}}\n  C: {}\n";
        let new = "Resources:\n  A: {Type: X} # the same\n  B: {Type: X, Properties: {P: !Sub Q}}\n  D: {}\n";
        assert!(is_same(old, old) && is_same("A: 1", "A: 1 # one\nMetadata: {B: 2}") && !is_same(old, new));
        assert!(!is_same("{", "["));
        assert_eq!((layout(old), layout(new), layout("{")), (Some(3), None, None));
    }

    #[test]
    fn how_functions_are_written_is_no_difference() {
        let short =
            "{A: !Ref B, C: !GetAtt B.D.E, F: [!Sub 'x', !Sub ['y', {Y: !Ref B}]], G: !Equals [!Ref B, z]}";
        let long = r#"{"A": {"Ref": "B"}, "C": {"Fn::GetAtt": ["B", "D.E"]}, "F": [{"Fn::Sub": "x"},
            {"Fn::Sub": ["y", {"Y": {"Ref": "B"}}]}], "G": {"Fn::Equals": [{"Ref": "B"}, "z"]}}"#;
        assert!(is_same(short, long) && is_same(long, long));
        for other in
            [r#"{"A": {"Ref": "B"}, "C": {"Fn::GetAtt": ["B", "D"]}}"#, &long.replace("Fn::Equals", "Fn::Or")]
        {
            assert!(!is_same(short, other));
        }
        assert!(!is_same("A: {Ref: B, C: 1}", "A: !Ref B"));
    }

    #[test]
    fn another_identity_means_another_share() {
        let lake = |identity: &str, name: &str| {
            format!(
                "Resources:\n  S:\n    Type: AWS::SecurityLake::Subscriber\n    Properties: {{SubscriberName: {name}, \
                 SubscriberIdentity: {{ExternalId: {identity}}}}}\n"
            )
        };
        assert!(makes_share("", &lake("a", "x")) && makes_share(&lake("a", "x"), &lake("b", "x")));
        assert!(!makes_share(&lake("a", "x"), &lake("a", "y")) && !makes_share("", "Resources: {}"));
    }
}
