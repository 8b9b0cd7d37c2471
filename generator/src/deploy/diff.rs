//! What is read out of a deployed template.

use std::collections::BTreeMap;

use serde_yaml::Value;

/// Whether two templates are one to CloudFormation, which keeps the old text where only comments or `Metadata` differ.
pub(crate) fn is_same(deployed: &str, wanted: &str) -> bool {
    let read = |body: &str| {
        let mut template = serde_yaml::from_str::<Value>(body).ok()?;
        template.as_mapping_mut()?.remove("Metadata");
        Some(template)
    };
    deployed == wanted || read(deployed).is_some_and(|template| Some(template) == read(wanted))
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

/// A template as a value; one that cannot be read is empty.
pub(crate) fn read(body: &str) -> Value {
    serde_yaml::from_str::<Value>(body).unwrap_or_default()
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
