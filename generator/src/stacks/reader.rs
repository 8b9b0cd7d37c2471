//! `share_arn: stack_output`: the role of the lake account as which CloudFormation reads the output of the lake stack
//! for the Detective stack, and the right to be it.

use crate::model::{Duty, Integration, Share, Side, Stack};
use crate::policy::{Condition, Document, Statement};
use crate::resources::{ManagedPolicy, Properties, Role};
use crate::stacks::{in_lake_regions, lake, roles};
use crate::template::{LogicalId, Resource, Value};

/// The ARN of the share, as the Detective stack reads it from the lake stack of its own Region.
pub(crate) fn share(integration: &Integration) -> Value {
    Value::stack_output(integration.stack_name(Stack::Lake), lake::SHARE_OUTPUT, role_arn(integration))
}

/// The role and its policy; neither where the share comes another way.
pub(crate) fn iam(integration: &Integration) -> Vec<Resource> {
    if integration.handoff.share != Share::StackOutput {
        return Vec::new();
    }
    let name = integration.iam_name(Duty::Reader);
    let stack = integration.stack_name(Stack::Lake);
    let arn = format!("arn:${{AWS::Partition}}:cloudformation:*:${{AWS::AccountId}}:stack/{stack}/*");
    let read = Statement::allow("ReadOutputs", ["cloudformation:DescribeStacks"], vec![Value::sub(arn)])
        .when(in_lake_regions(integration));
    let policy = ManagedPolicy {
        name: name.clone(),
        path: integration.role_path.to_string(),
        description: format!("Reads the outputs of the lake stacks of lakelink {}", integration.name),
        roles: Vec::new(),
        document: Document(vec![read]),
    };
    let policy =
        policy.named(LogicalId::of(&["ReaderPolicy"]), "What Fn::GetStackOutput calls, on these stacks.");
    let role = Role {
        name,
        path: integration.role_path.to_string(),
        description: format!(
            "The Detective stack of lakelink {} reads the share as this role",
            integration.name
        ),
        trust: Document(vec![trust(integration)]),
        policies: vec![policy.id.clone()],
        boundary: roles::boundary(integration, Side::Lake),
    };
    let why = "Only what CloudFormation runs as in the Detective account can be it.";
    vec![role.named(LogicalId::of(&["ReaderRole"]), why), policy]
}

/// The account with a condition, not the role itself: a role that is named must exist first, and one that was deleted
/// and made again would no longer fit.
fn trust(integration: &Integration) -> Statement {
    let account = &integration.detective.account;
    let role = Value::literal(&integration.execution_role(Side::Detective));
    let arn = Value::sub(format!("arn:${{AWS::Partition}}:iam::{account}:role/{role}"));
    Statement::trust_account("DetectiveStackOnly", account.as_str()).when(Condition::one(
        "ArnEquals",
        "aws:PrincipalArn",
        arn,
    ))
}

/// What the service role of the Detective account needs for it.
pub(crate) fn assume(integration: &Integration) -> Option<Statement> {
    let is_read = integration.handoff.share == Share::StackOutput;
    is_read
        .then(|| Statement::allow("ReadShareFromLakeStack", ["sts:AssumeRole"], vec![role_arn(integration)]))
}

fn role_arn(integration: &Integration) -> Value {
    let (account, role) = (&integration.lake.account, Value::literal(&integration.own_role(Duty::Reader)));
    Value::sub(format!("arn:${{AWS::Partition}}:iam::{account}:role/{role}"))
}
