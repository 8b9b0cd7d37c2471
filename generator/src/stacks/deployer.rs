//! What somebody who deploys the Regional stacks needs: change sets on exactly those stacks, run by exactly one
//! role. The roles stacks themselves are deployed by an IAM administrator.

use crate::model::{Collection, Duty, Integration, Side, Stack};
use crate::policy::{Condition, Document, Statement};
use crate::resources::{ManagedPolicy, Properties};
use crate::stacks::{acceptor, execution_role_arn, in_lake_regions, in_regions};
use crate::template::{LogicalId, Resource, Value};
use crate::vocab::Acceptance;

/// The deployer policy of an account.
pub(crate) fn resource(integration: &Integration, side: Side) -> Resource {
    let mut statements = stack_statements(integration, side);
    if side == Side::Detective {
        statements.push(console_owner());
        statements.extend(share_statements(integration));
    }
    let policy = ManagedPolicy {
        name: integration.iam_name(Duty::Deployer(side)),
        path: integration.role_path.to_string(),
        description: format!("Deploys the Regional {} stacks of lakelink {}", side.word(), integration.name),
        roles: Vec::new(),
        document: Document(statements),
    };
    policy.named(
        LogicalId::of(&["DeployerPolicy"]),
        "Attach it to whoever deploys the Regional stacks. In effect they can do all that the service role can.",
    )
}

/// Sees before a stack is made whose the things are that have its names: results and log sources that a removal kept. AWS
/// Cloud Control asks as the execution role, so no right to read them comes with it. IAM takes only `*` for it.
fn names_in_use(integration: &Integration, side: Side, word: &str, regional: Condition) -> Option<Statement> {
    let is_asked =
        side == Side::Detective || matches!(integration.lake.collection, Some(Collection::Accounts(_)));
    is_asked.then(|| {
        let any = vec![Value::text("*")];
        Statement::allow(format!("See{word}NamesInUse"), ["cloudformation:GetResource"], any).when(regional)
    })
}

/// Sees which stack the console's parameters are of. That is asked for before there is any role. One name to read, so no
/// Region: with each of them the policy of a large integration would be too long.
fn console_owner() -> Statement {
    let owner = "arn:${AWS::Partition}:ssm:*:${AWS::AccountId}:parameter/Detective/SLI/StackId";
    let read = ["ssm:GetParameters", "ssm:ListTagsForResource"];
    Statement::allow("SeeConsoleOwner", read, vec![Value::sub(owner)])
}

fn stack_statements(integration: &Integration, side: Side) -> Vec<Statement> {
    let stacks = integration.regional_stacks(side).into_iter();
    let (console, others) = stacks.partition::<Vec<_>, _>(|stack| *stack == Stack::DetectiveConsole);
    let mut statements = change_statements(integration, side, "", &others, in_lake_regions(integration));
    statements.extend(names_in_use(integration, side, "", in_lake_regions(integration)));
    if !console.is_empty() {
        let regional = in_regions(&integration.regions_of(Stack::DetectiveConsole));
        statements.extend(change_statements(integration, side, "Console", &console, regional.clone()));
        statements.extend(names_in_use(integration, side, "Console", regional));
    }
    let passed = Condition::one("StringEquals", "iam:PassedToService", "cloudformation.amazonaws.com");
    let role = execution_role_arn(integration, side);
    statements.push(Statement::allow("PassExecutionRole", ["iam:PassRole"], vec![role]).when(passed));
    statements
}

/// Change sets on `stacks` in their Regions; `word` tells the Sids apart.
fn change_statements(
    integration: &Integration,
    side: Side,
    word: &str,
    stacks: &[Stack],
    regional: Condition,
) -> Vec<Statement> {
    let arns = stacks.iter().map(|stack| {
        let name = integration.stack_name(*stack);
        Value::sub(format!("arn:${{AWS::Partition}}:cloudformation:*:${{AWS::AccountId}}:stack/{name}/*"))
    });
    let arns = arns.collect::<Vec<_>>();
    let role = execution_role_arn(integration, side);
    let as_role = Condition::one("StringEquals", "cloudformation:RoleArn", role);
    // Change sets of the program; the rest of their names is a hash.
    let change_sets =
        Value::sub("arn:${AWS::Partition}:cloudformation:*:${AWS::AccountId}:changeSet/lakelink-*/*");
    let mut run = vec![
        "cloudformation:DeleteChangeSet",
        "cloudformation:DescribeChangeSet",
        "cloudformation:DescribeStackEvents",
        "cloudformation:DescribeStacks",
        "cloudformation:ExecuteChangeSet",
        "cloudformation:GetTemplate",
        "cloudformation:GetTemplateSummary",
        "cloudformation:ListChangeSets",
        "cloudformation:TagResource",
    ];
    run.push(match side {
        // The lake stack is protected: its deletion cuts Detective off.
        Side::Lake => "cloudformation:UpdateTerminationProtection",
        // Which of the console's parameters are there.
        Side::Detective => "cloudformation:ListStackResources",
    });
    run.sort_unstable();
    vec![
        // These calls fix the role that CloudFormation acts as; executing a change set cannot change it.
        Statement::allow(
            format!("Change{word}AsExecutionRole"),
            [
                "cloudformation:ContinueUpdateRollback",
                "cloudformation:CreateChangeSet",
                "cloudformation:DeleteStack",
            ],
            arns.clone(),
        )
        .when(as_role)
        .when(regional.clone()),
        Statement::allow(format!("Run{word}ChangeSets"), run, arns.clone()).when(regional.clone()),
        // The program asks by the change set alone; whether IAM looks at that or at its stack is not documented.
        Statement::allow(
            format!("SeeWhy{word}ChangeSetIsRefused"),
            ["cloudformation:DescribeEvents"],
            arns.into_iter().chain([change_sets]).collect(),
        )
        .when(regional),
    ]
}

/// Looks for what the lake account shares; accepts that, and nothing else, where it is the deployer who accepts.
fn share_statements(integration: &Integration) -> Vec<Statement> {
    // IAM takes only `*` for looking.
    let look = |actions: &[&str]| {
        Statement::allow("FindShare", actions.iter().copied(), vec![Value::text("*")])
            .when(in_lake_regions(integration))
    };
    match integration.handoff.acceptance {
        Acceptance::Cli => {
            let look = look(&["ram:GetResourceShareInvitations", "ram:ListResources"]);
            vec![look, acceptor::accept(integration)]
        }
        Acceptance::Organization => vec![look(&["ram:ListResources"])],
        // The stack waits by itself; `status` shows what became of the invitation.
        Acceptance::Lambda => vec![look(&["ram:GetResourceShareInvitations"])],
    }
}
