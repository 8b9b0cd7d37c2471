//! AWS Lake Formation.

use crate::resources::{Kind, Properties};
use crate::template::Value;

/// One data lake administrator, added to those that there are. `REPLACE` would take everybody else out.
#[derive(Clone, Debug)]
pub struct Administrator {
    /// The ARN of the role.
    pub role: Value,
}

impl Properties for Administrator {
    const KIND: Kind = Kind::LakeFormationSettings;

    fn properties(&self) -> Value {
        let admin = Value::map([("DataLakePrincipalIdentifier", self.role.clone())]);
        Value::map([("MutationType", Value::text("APPEND")), ("Admins", Value::List(vec![admin]))])
    }
}

/// What a grant is on. Each takes the one permission that fits it: several in one grant are known to fail in the
/// CloudFormation handler (cloudformation-coverage-roadmap #1323, #1381).
#[derive(Clone, Debug)]
pub enum Granted {
    /// `DESCRIBE` on a database of this account.
    Database {
        /// Its name.
        name: Value,
    },
    /// `SELECT` on a table of the catalogue of the account that owns it.
    Table {
        /// The owner.
        catalog: Value,
        /// The database there.
        database: Value,
        /// The table.
        name: Value,
    },
    /// `SELECT` on every table behind a link of this account, as AWS's own stack grants it.
    AllBehindLink {
        /// The link's name.
        name: Value,
    },
}

/// One permission of one principal, which it cannot pass on.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The ARN of the principal.
    pub principal: Value,
    /// On what.
    pub on: Granted,
}

impl Properties for Grant {
    const KIND: Kind = Kind::LakeFormationPermissions;

    fn properties(&self) -> Value {
        let principal = Value::map([("DataLakePrincipalIdentifier", self.principal.clone())]).flow();
        let (permission, resource) = match &self.on {
            Granted::Database { name } => {
                let database = Value::map([("CatalogId", Value::account()), ("Name", name.clone())]);
                ("DESCRIBE", Value::map([("Database", database)]).flow())
            }
            Granted::Table { catalog, database, name } => {
                let entries = [
                    ("CatalogId", catalog.clone()),
                    ("DatabaseName", database.clone()),
                    ("Name", name.clone()),
                ];
                ("SELECT", Value::map([("Table", Value::map(entries))]).flow())
            }
            Granted::AllBehindLink { name } => {
                let every = Value::Map(Vec::new()).flow();
                let entries = [
                    ("CatalogId", Value::account()),
                    ("DatabaseName", name.clone()),
                    ("TableWildcard", every),
                ];
                ("SELECT", Value::map([("Table", Value::map(entries))]).flow())
            }
        };
        Value::map([
            ("Principal", principal),
            ("Resource", resource),
            ("Permissions", Value::texts([permission]).flow()),
            ("PermissionsWithGrantOption", Value::List(Vec::new())),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::{Administrator, Grant, Granted};
    use crate::resources::tests::shown;
    use crate::template::Value;

    fn analyst() -> Value {
        Value::FindInMap("Principal", Value::text("SecurityAnalyst").into(), "Arn".into())
    }

    #[test]
    fn an_administrator_is_added_to_the_others() {
        let role = Value::sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/lakelink/acme");
        insta::assert_snapshot!(shown(&Administrator { role }), @r#"
        AWS::LakeFormation::DataLakeSettings {
          "MutationType": "APPEND",
          "Admins": [
            {
              "DataLakePrincipalIdentifier": {
                "Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/lakelink/acme"
              }
            }
          ]
        }
        "#);
    }

    #[test]
    fn a_database_is_described() {
        let on = Granted::Database { name: Value::Ref("LinkDatabase".into()) };
        insta::assert_snapshot!(shown(&Grant { principal: analyst(), on }), @r#"
        AWS::LakeFormation::PrincipalPermissions {
          "Principal": {
            "DataLakePrincipalIdentifier": {
              "Fn::FindInMap": [
                "Principal",
                "SecurityAnalyst",
                "Arn"
              ]
            }
          },
          "Resource": {
            "Database": {
              "CatalogId": {
                "Ref": "AWS::AccountId"
              },
              "Name": {
                "Ref": "LinkDatabase"
              }
            }
          },
          "Permissions": [
            "DESCRIBE"
          ],
          "PermissionsWithGrantOption": []
        }
        "#);
    }

    #[test]
    fn a_table_is_selected_from() {
        let on = Granted::Table {
            catalog: Value::text("111122223333"),
            database: Value::text("amazon_security_lake_glue_db_us_east_1"),
            name: Value::text("amazon_security_lake_table_us_east_1_vpc_flow_2_0"),
        };
        insta::assert_snapshot!(shown(&Grant { principal: analyst(), on }), @r#"
        AWS::LakeFormation::PrincipalPermissions {
          "Principal": {
            "DataLakePrincipalIdentifier": {
              "Fn::FindInMap": [
                "Principal",
                "SecurityAnalyst",
                "Arn"
              ]
            }
          },
          "Resource": {
            "Table": {
              "CatalogId": "111122223333",
              "DatabaseName": "amazon_security_lake_glue_db_us_east_1",
              "Name": "amazon_security_lake_table_us_east_1_vpc_flow_2_0"
            }
          },
          "Permissions": [
            "SELECT"
          ],
          "PermissionsWithGrantOption": []
        }
        "#);
    }

    #[test]
    fn every_table_behind_a_link_is_selected_from() {
        let on = Granted::AllBehindLink { name: Value::Ref("LinkDatabase".into()) };
        insta::assert_snapshot!(shown(&Grant { principal: analyst(), on }), @r#"
        AWS::LakeFormation::PrincipalPermissions {
          "Principal": {
            "DataLakePrincipalIdentifier": {
              "Fn::FindInMap": [
                "Principal",
                "SecurityAnalyst",
                "Arn"
              ]
            }
          },
          "Resource": {
            "Table": {
              "CatalogId": {
                "Ref": "AWS::AccountId"
              },
              "DatabaseName": {
                "Ref": "LinkDatabase"
              },
              "TableWildcard": {}
            }
          },
          "Permissions": [
            "SELECT"
          ],
          "PermissionsWithGrantOption": []
        }
        "#);
    }
}
