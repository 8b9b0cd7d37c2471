//! Amazon CloudWatch Logs.

use crate::resources::{Kind, Properties};
use crate::template::Value;

/// A log group.
#[derive(Clone, Debug)]
pub struct LogGroup {
    /// Its name.
    pub name: String,
    /// How long an event is kept; the service takes certain numbers only.
    pub retention_days: u32,
}

impl Properties for LogGroup {
    const KIND: Kind = Kind::LogsLogGroup;

    fn properties(&self) -> Value {
        Value::map([
            ("LogGroupName", Value::text(&self.name)),
            ("RetentionInDays", Value::from(self.retention_days)),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::LogGroup;
    use crate::resources::tests::shown;

    #[test]
    fn a_log_group_forgets() {
        let group = LogGroup { name: "/aws/lambda/acceptor".into(), retention_days: 365 };
        insta::assert_snapshot!(shown(&group), @r#"
        AWS::Logs::LogGroup {
          "LogGroupName": "/aws/lambda/acceptor",
          "RetentionInDays": 365
        }
        "#);
    }
}
