//! AWS Systems Manager Parameter Store.

use crate::resources::{Kind, Properties};
use crate::template::Value;

/// What a parameter holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// One string.
    Text,
    /// Strings joined by commas.
    List,
}

/// A parameter of the standard tier.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name, a path.
    pub name: &'static str,
    /// What it holds.
    pub kind: ParameterKind,
    /// The value.
    pub value: Value,
    /// What it is, for people who look at the list of parameters.
    pub description: String,
}

impl Properties for Parameter {
    const KIND: Kind = Kind::SsmParameter;

    fn properties(&self) -> Value {
        let kind = match self.kind {
            ParameterKind::Text => "String",
            ParameterKind::List => "StringList",
        };
        Value::map([
            ("Name", Value::text(self.name)),
            ("Description", Value::text(&self.description)),
            ("Type", Value::text(kind)),
            ("Tier", Value::text("Standard")),
            ("Value", self.value.clone()),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::{Parameter, ParameterKind};
    use crate::resources::tests::shown;
    use crate::template::Value;

    #[test]
    fn a_text() {
        let value = Value::Ref("LinkDatabase".into());
        let (name, description) = ("/Detective/SLI/DatabaseName", "The shared database");
        let parameter = Parameter { name, kind: ParameterKind::Text, value, description: description.into() };
        insta::assert_snapshot!(shown(&parameter), @r#"
        AWS::SSM::Parameter {
          "Name": "/Detective/SLI/DatabaseName",
          "Description": "The shared database",
          "Type": "String",
          "Tier": "Standard",
          "Value": {
            "Ref": "LinkDatabase"
          }
        }
        "#);
    }

    #[test]
    fn a_list() {
        let value = Value::Join(",", vec![Value::text("one"), Value::text("two")]);
        let (name, description) = ("/Detective/SLI/TableNames", "The shared tables");
        let parameter = Parameter { name, kind: ParameterKind::List, value, description: description.into() };
        insta::assert_snapshot!(shown(&parameter), @r#"
        AWS::SSM::Parameter {
          "Name": "/Detective/SLI/TableNames",
          "Description": "The shared tables",
          "Type": "StringList",
          "Tier": "Standard",
          "Value": {
            "Fn::Join": [
              ",",
              [
                "one",
                "two"
              ]
            ]
          }
        }
        "#);
    }
}
