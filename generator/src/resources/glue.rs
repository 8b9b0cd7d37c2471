//! AWS Glue.

use crate::resources::{Kind, Properties};
use crate::template::Value;
use crate::vocab::AccountId;

/// A database of this account that stands for one of another account. The name stands in `DatabaseInput` only:
/// that is valid in every form of the schema.
#[derive(Clone, Debug)]
pub struct ResourceLink<'a> {
    /// The name, here and there.
    pub name: Value,
    /// The account that owns the database.
    pub owner: &'a AccountId,
}

impl Properties for ResourceLink<'_> {
    const KIND: Kind = Kind::GlueDatabase;

    fn properties(&self) -> Value {
        let target = Value::map([
            ("CatalogId", Value::text(self.owner.as_str())),
            ("DatabaseName", self.name.clone()),
        ]);
        Value::map([
            ("CatalogId", Value::account()),
            ("DatabaseInput", Value::map([("Name", self.name.clone()), ("TargetDatabase", target)])),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::ResourceLink;
    use crate::resources::tests::shown;
    use crate::template::Value;
    use crate::vocab::{AccountId, Word};

    #[test]
    fn a_link_has_the_name_of_what_it_stands_for() {
        let link = ResourceLink {
            name: Value::FindInMap("Region", Value::region().into(), "Database".into()),
            owner: &AccountId::read("111122223333").unwrap(),
        };
        insta::assert_snapshot!(shown(&link), @r#"
        AWS::Glue::Database {
          "CatalogId": {
            "Ref": "AWS::AccountId"
          },
          "DatabaseInput": {
            "Name": {
              "Fn::FindInMap": [
                "Region",
                {
                  "Ref": "AWS::Region"
                },
                "Database"
              ]
            },
            "TargetDatabase": {
              "CatalogId": "111122223333",
              "DatabaseName": {
                "Fn::FindInMap": [
                  "Region",
                  {
                    "Ref": "AWS::Region"
                  },
                  "Database"
                ]
              }
            }
          }
        }
        "#);
    }
}
