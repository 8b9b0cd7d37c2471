//! Custom resources: what CloudFormation asks a function of the same template for.

use crate::resources::{Kind, Properties};
use crate::template::{LogicalId, Value};

/// How long CloudFormation waits for an answer: three runs of the function, since Lambda starts a run that broke
/// anew, twice. Without a limit of our own it would wait for an hour.
const SERVICE_TIMEOUT_SECONDS: u32 = 1_800;

/// The share of the lake account, accepted, with its database and tables to be seen. CloudFormation asks again when
/// one of these properties changes.
#[derive(Clone, Debug)]
pub struct ShareAcceptance {
    /// The function (`generator/acceptor/acceptor.py`).
    pub function: LogicalId,
    /// The account that shares.
    pub lake_account: String,
    /// The external id of our subscriber. The function does not read it; but a new one makes a new share, of which
    /// nothing else in the template may tell.
    pub external_id: Option<String>,
    /// The shared database.
    pub database: Value,
    /// The shared tables.
    pub tables: Vec<Value>,
    /// The ARN of the share; `None` if the function finds it by the database.
    pub share_arn: Option<Value>,
}

impl ShareAcceptance {
    /// The attribute that is the ARN of the share; the property has the same name.
    pub const SHARE_ARN: &str = "ResourceShareArn";
}

impl Properties for ShareAcceptance {
    const KIND: Kind = Kind::CustomShareAcceptance;

    fn properties(&self) -> Value {
        let mut entries = vec![
            ("ServiceToken", Value::GetAtt(self.function.to_string(), "Arn")),
            ("ServiceTimeout", Value::from(SERVICE_TIMEOUT_SECONDS)),
            ("LakeAccount", Value::text(&self.lake_account)),
        ];
        entries.extend(self.external_id.as_ref().map(|id| ("ExternalId", Value::text(id))));
        entries.push(("Database", self.database.clone()));
        entries.push(("Tables", Value::List(self.tables.clone())));
        entries.extend(self.share_arn.clone().map(|arn| (Self::SHARE_ARN, arn)));
        Value::map(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::ShareAcceptance;
    use crate::resources::tests::shown;
    use crate::template::{LogicalId, Value};

    fn acceptance(share_arn: Option<Value>) -> String {
        shown(&ShareAcceptance {
            function: LogicalId::of(&["AcceptorFunction"]),
            lake_account: "111122223333".into(),
            external_id: Some("7f3c9a51-acme-detective".into()),
            database: Value::text("amazon_security_lake_glue_db_us_east_1"),
            tables: vec![Value::text("amazon_security_lake_table_us_east_1_vpc_flow_2_0")],
            share_arn,
        })
    }

    #[test]
    fn a_share_is_accepted() {
        insta::assert_snapshot!(acceptance(Some(Value::Ref("ResourceShareArn".into()))), @r#"
        Custom::ShareAcceptance {
          "ServiceToken": {
            "Fn::GetAtt": [
              "AcceptorFunction",
              "Arn"
            ]
          },
          "ServiceTimeout": 1800,
          "LakeAccount": "111122223333",
          "ExternalId": "7f3c9a51-acme-detective",
          "Database": "amazon_security_lake_glue_db_us_east_1",
          "Tables": [
            "amazon_security_lake_table_us_east_1_vpc_flow_2_0"
          ],
          "ResourceShareArn": {
            "Ref": "ResourceShareArn"
          }
        }
        "#);
    }

    #[test]
    fn a_share_that_is_found_has_no_arn() {
        assert!(!acceptance(None).contains("ResourceShareArn"));
    }
}
