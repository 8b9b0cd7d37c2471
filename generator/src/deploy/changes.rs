//! What becomes of the resources of a stack when its template becomes another one, without asking AWS to work it out.
//! Whether a changed resource is made anew is what the registry schema of its type says ([`create_only`]).

use std::collections::BTreeMap;

use serde_yaml::Value;
use serde_yaml::value::TaggedValue;

use crate::deploy::diff::read;
use crate::deploy::unproven::unproven;
use crate::model::Stack;
use crate::resources::{create_only, fixed_name};

/// A template, and what its values depend on.
#[derive(Clone, Copy, Debug)]
pub struct Filled<'a> {
    /// The template in YAML; one that cannot be read has no resources.
    pub body: &'a str,
    /// Values of its parameters.
    pub parameters: &'a BTreeMap<String, String>,
    /// The Region of the stack.
    pub region: &'a str,
}

/// What becomes of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It is made.
    Made,
    /// It stays, and is changed.
    Changed,
    /// Another one takes its place.
    Replaced,
    /// It would have to be replaced under the name that it has: CloudFormation refuses that.
    Refused,
    /// It is removed.
    Removed,
    /// It leaves the stack, and stays as it is.
    Left,
}

impl Fate {
    /// The sign that `plan` shows it by.
    pub fn sign(self) -> char {
        match self {
            Self::Made => '+',
            Self::Changed => '~',
            Self::Replaced => '!',
            Self::Refused => 'x',
            Self::Removed => '-',
            Self::Left => 'o',
        }
    }
}

/// One resource that does not stay as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Its type.
    pub kind: String,
    /// What becomes of it.
    pub fate: Fate,
    /// What about it is a guess about AWS.
    pub unproven: Option<&'static str>,
}

/// What CloudFormation finds to change in a stack: the values that its resources and outputs come to. How a value is
/// written, names of parameters, conditions of what is not there and descriptions change nothing by themselves, so that
/// an update of nothing else is refused (aws-cloudformation/cloudformation-coverage-roadmap#2027, of AWS's own).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// The resources that do not stay as they are, by logical id.
    pub resources: BTreeMap<String, Turn>,
    /// Whether outputs do not stay as they are.
    pub outputs: bool,
}

impl Difference {
    /// Between what is deployed and what is wanted. Tags of the stack are not looked at.
    pub fn between(stack: Stack, deployed: Filled<'_>, wanted: Filled<'_>) -> Self {
        let templates = [(deployed, read(deployed.body)), (wanted, read(wanted.body))];
        let [old, new] = templates.each_ref().map(|(filled, template)| filled.section(template, "Resources"));
        let outputs = templates.each_ref().map(|(filled, template)| {
            let outputs = filled.section(template, "Outputs").into_iter();
            let given = |output: Value| ["Value", "Export"].map(|key| output.get(key).cloned());
            outputs.map(|(name, output)| (name, given(output))).collect::<BTreeMap<_, _>>()
        });
        let ids = old.keys().chain(new.keys());
        let turns = ids.filter_map(|id| {
            let (before, after) = (old.get(id), new.get(id));
            let fate = fate(before, after)?;
            let kind = after.or(before)?.get("Type")?.as_str()?.to_owned();
            let unproven = unproven(stack, &kind, fate, before, after);
            Some((id.clone(), Turn { kind, fate, unproven }))
        });
        Self { resources: turns.collect(), outputs: outputs[0] != outputs[1] }
    }

    /// Whether nothing changes.
    pub fn is_none(&self) -> bool {
        self.resources.is_empty() && !self.outputs
    }

    /// `+2 ~1 -1`; empty if no resource differs.
    pub fn in_short(&self) -> String {
        let fates = [Fate::Made, Fate::Changed, Fate::Replaced, Fate::Refused, Fate::Removed, Fate::Left];
        let counts =
            fates.map(|fate| (fate, self.resources.values().filter(|turn| turn.fate == fate).count()));
        let counts = counts.iter().filter(|(_, count)| *count > 0);
        counts.map(|(fate, count)| format!("{}{count}", fate.sign())).collect::<Vec<_>>().join(" ")
    }

    /// Resources that CloudFormation will refuse to change.
    pub fn refused(&self) -> impl Iterator<Item = &str> {
        self.resources.iter().filter(|(_, turn)| turn.fate == Fate::Refused).map(|(id, _)| id.as_str())
    }
}

fn fate(before: Option<&Value>, after: Option<&Value>) -> Option<Fate> {
    let (before, after) = match (before, after) {
        (Some(before), Some(after)) => (before, after),
        (None, _) => return Some(Fate::Made),
        (Some(before), None) => {
            let policy = before.get("DeletionPolicy").and_then(Value::as_str);
            let stays = matches!(policy, Some("Retain" | "RetainExceptOnCreate"));
            return Some(if stays { Fate::Left } else { Fate::Removed });
        }
    };
    let kind = after.get("Type").and_then(Value::as_str).unwrap_or_default();
    if before.get("Type") != after.get("Type") {
        return Some(Fate::Replaced);
    }
    let differs = |name: &str| property(before, name) != property(after, name);
    if create_only(kind).iter().any(|name| differs(name)) {
        let keeps_name = fixed_name(kind).is_some_and(|name| !differs(name));
        return Some(if keeps_name { Fate::Refused } else { Fate::Replaced });
    }
    // What it waits for is a matter of order, and no change of the resource.
    let parts = ["Metadata", "Properties", "DeletionPolicy", "UpdateReplacePolicy"];
    parts.iter().any(|part| before.get(part) != after.get(part)).then_some(Fate::Changed)
}

/// A property of a resource.
pub(crate) fn property<'a>(resource: &'a Value, name: &str) -> Option<&'a Value> {
    resource.get("Properties")?.get(name)
}

impl Filled<'_> {
    /// What a section of the template gives in the Region of the stack, with what mappings and parameters give put in.
    fn section(self, template: &Value, section: &str) -> BTreeMap<String, Value> {
        let Some(Value::Mapping(entries)) = template.get(section) else { return BTreeMap::new() };
        let entries = entries.iter().filter_map(|(id, entry)| {
            let condition = entry.get("Condition").and_then(Value::as_str);
            let is_there = condition.is_none_or(|name| self.holds(template, name));
            is_there.then(|| Some((id.as_str()?.to_owned(), self.put_in(template, entry))))?
        });
        entries.collect()
    }

    /// Whether a condition of ours holds: those compare two values.
    fn holds(self, template: &Value, name: &str) -> bool {
        let condition = template.get("Conditions").and_then(|all| all.get(name));
        match condition.map(|condition| self.put_in(template, condition)) {
            Some(Value::Tagged(tagged)) if tagged.tag == "Equals" => {
                tagged.value.as_sequence().is_some_and(|sides| sides.first() == sides.last())
            }
            _ => true,
        }
    }

    fn put_in(self, template: &Value, value: &Value) -> Value {
        match value {
            Value::Sequence(items) => items.iter().map(|item| self.put_in(template, item)).collect(),
            Value::Mapping(entries) => {
                let entries = entries.iter().map(|(key, value)| (key.clone(), self.put_in(template, value)));
                Value::Mapping(entries.collect())
            }
            Value::Tagged(tagged) => {
                let inner = self.put_in(template, &tagged.value);
                let found = if tagged.tag == "Ref" {
                    self.named(&inner)
                } else if tagged.tag == "FindInMap" {
                    looked_up(template, &inner)
                } else {
                    None
                };
                found.unwrap_or_else(|| {
                    Value::Tagged(Box::new(TaggedValue { tag: tagged.tag.clone(), value: inner }))
                })
            }
            plain => plain.clone(),
        }
    }

    /// What `Ref` gives, where it is known without AWS.
    fn named(self, name: &Value) -> Option<Value> {
        match name.as_str()? {
            "AWS::Region" => Some(self.region.into()),
            name => self.parameters.get(name).map(|value| value.as_str().into()),
        }
    }
}

/// What `Fn::FindInMap` gives. Values of ours are plain or hold a `Ref` that stays as it is.
fn looked_up(template: &Value, path: &Value) -> Option<Value> {
    let path = path.as_sequence()?;
    let mappings = template.get("Mappings")?;
    path.iter().try_fold(mappings, |at, key| at.get(key)).cloned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Difference, Filled};
    use crate::model::Stack;

    fn difference(region: &str, old: &str, new: &str, shares: [&str; 2]) -> String {
        let parameters = shares.map(|share| BTreeMap::from([("Share".to_owned(), share.to_owned())]));
        let [before, after] = [(old, &parameters[0]), (new, &parameters[1])]
            .map(|(body, parameters)| Filled { body, parameters, region });
        let difference = Difference::between(Stack::Detective, before, after);
        let turns = difference.resources.iter().map(|(id, turn)| format!("{}{id}", turn.fate.sign()));
        format!("{} | {}", turns.collect::<Vec<_>>().join(" "), difference.in_short())
    }

    const OLD: &str = "
Mappings: {Region: {us-east-1: {Name: a, Console: 'true'}, eu-west-1: {Name: b, Console: 'false'}}}
Conditions: {IsConsole: !Equals [!FindInMap [Region, !Ref AWS::Region, Console], 'true']}
Resources:
  Alias: {Type: AWS::KMS::Alias, Properties: {AliasName: !FindInMap [Region, !Ref AWS::Region, Name]}}
  Gone: {Type: AWS::SSM::Parameter, Properties: {Name: g}}
  Kept: {Type: AWS::S3::Bucket, DeletionPolicy: RetainExceptOnCreate}
  Path: {Type: AWS::IAM::Role, Properties: {RoleName: r, Path: /a/}}
  Same: {Type: AWS::SSM::Parameter, DependsOn: Gone, Properties: {Name: s}}
  Value: {Type: AWS::SSM::Parameter, Condition: IsConsole, Properties: {Name: v, Value: !Ref Share}}
";

    #[test]
    fn resources_come_change_and_go() {
        let new = OLD
            .replace("Gone: {", "New: {")
            .replace("Kept: {Type: AWS::S3::Bucket", "More: {Type: AWS::S3::Bucket");
        let new = new
            .replace("/a/", "/b/")
            .replace("{Name: a,", "{Name: c,")
            .replace("DependsOn: Gone", "DependsOn: New");
        assert_eq!(
            difference("us-east-1", OLD, &new, ["x", "y"]),
            "!Alias -Gone oKept +More +New xPath ~Value | +2 ~1 !1 x1 -1 o1"
        );
        assert_eq!(
            difference("eu-west-1", OLD, &new, ["x", "y"]),
            "-Gone oKept +More +New xPath | +2 x1 -1 o1"
        );
        assert_eq!(difference("us-east-1", OLD, OLD, ["x", "x"]), " | ");
        let renamed = OLD.replace("RoleName: r, Path: /a/", "RoleName: q, Path: /b/");
        assert_eq!(difference("us-east-1", OLD, &renamed, ["x", "x"]), "!Path | !1");
        assert_eq!(difference("us-east-1", "{", "[", ["x", "x"]), " | ");
    }

    /// Whether something changes when a template with its `Share` becomes another one in us-east-1.
    fn changes(old: (&str, &str), new: (&str, &str)) -> bool {
        let parameters = [old.1, new.1].map(|share| BTreeMap::from([("Share".to_owned(), share.to_owned())]));
        let [before, after] = [(old.0, &parameters[0]), (new.0, &parameters[1])]
            .map(|(body, parameters)| Filled { body, parameters, region: "us-east-1" });
        !Difference::between(Stack::Detective, before, after).is_none()
    }

    #[test]
    fn what_comes_to_the_same_is_no_change() {
        let pinned =
            OLD.replace("!Ref Share", "x").replace("!FindInMap [Region, !Ref AWS::Region, Name]", "a");
        assert!(!changes((OLD, "x"), (&pinned, "")));
        assert!(changes((OLD, "y"), (&pinned, "")) && changes((&pinned, ""), (OLD, "y")));
        let never = format!("{OLD}  New: {{Type: AWS::SSM::Parameter, Condition: Never}}\n")
            .replace("Conditions: {", "Description: two\nConditions: {Never: !Equals [a, b], ");
        assert!(!changes((OLD, "x"), (&never, "x")));
    }

    #[test]
    fn outputs_change_a_stack_by_what_they_come_to() {
        let with = |output: &str| format!("{OLD}Outputs: {{Share: {output}}}\n");
        let plain = with("{Value: !Ref Share}");
        assert!(changes((OLD, "x"), (&plain, "x")) && changes((&plain, "x"), (&plain, "y")));
        assert!(!changes((&plain, "x"), (&with("{Description: d, Value: x}"), "x")));
        let off = with("{Condition: Never, Value: a}")
            .replace("Conditions: {", "Conditions: {Never: !Equals [a, b], ");
        assert!(!changes((OLD, "x"), (&off, "x")));
    }
}
