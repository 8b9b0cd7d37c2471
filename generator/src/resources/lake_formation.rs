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

/// What a grant is on, which says which permissions it gives. One permission wherever one will do: several in one
/// grant were reported to fail in the CloudFormation handler (cloudformation-coverage-roadmap #1323, #1381, closed).
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
    /// `SELECT` on every table of a database of this account, also on those behind a link.
    AllTables {
        /// The database.
        database: Value,
    },
    /// What a crawler needs to fill a database of this account. The three cannot be told apart into grants of one
    /// each: to CloudFormation all grants of one principal on one thing are one resource.
    Filling {
        /// The name of the database.
        name: Value,
    },
}

/// What one principal may do with one thing. It cannot pass that on.
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
        let on_database = |name: &Value| {
            let database = Value::map([("CatalogId", Value::account()), ("Name", name.clone())]);
            Value::map([("Database", database)]).flow()
        };
        let (permissions, resource) = match &self.on {
            Granted::Database { name } => (&["DESCRIBE"][..], on_database(name)),
            Granted::Filling { name } => (&["ALTER", "CREATE_TABLE", "DESCRIBE"][..], on_database(name)),
            Granted::Table { catalog, database, name } => {
                let entries = [
                    ("CatalogId", catalog.clone()),
                    ("DatabaseName", database.clone()),
                    ("Name", name.clone()),
                ];
                (&["SELECT"][..], Value::map([("Table", Value::map(entries))]).flow())
            }
            Granted::AllTables { database } => {
                let entries = [
                    ("CatalogId", Value::account()),
                    ("DatabaseName", database.clone()),
                    ("TableWildcard", Value::Map(Vec::new())),
                ];
                (&["SELECT"][..], Value::map([("Table", Value::map(entries))]).flow())
            }
        };
        Value::map([
            ("Principal", principal),
            ("Resource", resource),
            ("Permissions", Value::texts(permissions.iter().copied()).flow()),
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
        let on = Granted::AllTables { database: Value::Ref("LinkDatabase".into()) };
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

    #[test]
    fn a_crawler_fills_a_database() {
        let on = Granted::Filling { name: Value::Ref("EvidenceDatabase".into()) };
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
                "Ref": "EvidenceDatabase"
              }
            }
          },
          "Permissions": [
            "ALTER",
            "CREATE_TABLE",
            "DESCRIBE"
          ],
          "PermissionsWithGrantOption": []
        }
        "#);
    }
}
