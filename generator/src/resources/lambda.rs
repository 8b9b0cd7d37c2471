//! AWS Lambda.

use crate::resources::{Kind, Properties};
use crate::template::{LogicalId, Value};

/// The version of Python that AWS keeps longest (cfn-lint's table of runtimes: until June 2029). The template of a
/// newer one is an update in place.
const RUNTIME: &str = "python3.14";

/// A function whose Python code stands in the template. It runs once at a time: CloudFormation asks it for one thing
/// after the other.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// The ARN of the role that it runs as.
    pub role: Value,
    /// The source of the module, whose `handler` is called.
    pub code: &'static str,
    /// How long a run may take.
    pub timeout_seconds: u32,
    /// Where it logs.
    pub log_group: LogicalId,
}

impl Properties for Function {
    const KIND: Kind = Kind::LambdaFunction;

    fn properties(&self) -> Value {
        Value::map([
            ("FunctionName", Value::text(&self.name)),
            ("Description", Value::text(&self.description)),
            ("Role", self.role.clone()),
            ("Runtime", Value::text(RUNTIME)),
            ("Handler", Value::text("index.handler")),
            ("Timeout", Value::from(self.timeout_seconds)),
            ("MemorySize", Value::from(256_u32)),
            ("ReservedConcurrentExecutions", Value::from(1_u32)),
            ("LoggingConfig", Value::map([("LogGroup", Value::Ref(self.log_group.to_string()))])),
            ("Code", Value::map([("ZipFile", Value::Block(self.code.to_owned()))])),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::Function;
    use crate::resources::tests::shown;
    use crate::template::{LogicalId, Value};

    #[test]
    fn a_function_holds_its_code() {
        let function = Function {
            name: "lakelink-acme-acceptor".into(),
            description: "Accepts".into(),
            role: Value::sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/r"),
            code: "def handler(event, context):\n    pass\n",
            timeout_seconds: 600,
            log_group: LogicalId::of(&["AcceptorLog"]),
        };
        insta::assert_snapshot!(shown(&function), @r#"
        AWS::Lambda::Function {
          "FunctionName": "lakelink-acme-acceptor",
          "Description": "Accepts",
          "Role": {
            "Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/r"
          },
          "Runtime": "python3.14",
          "Handler": "index.handler",
          "Timeout": 600,
          "MemorySize": 256,
          "ReservedConcurrentExecutions": 1,
          "LoggingConfig": {
            "LogGroup": {
              "Ref": "AcceptorLog"
            }
          },
          "Code": {
            "ZipFile": "def handler(event, context):\n    pass\n"
          }
        }
        "#);
    }
}
