//! `acceptance: lambda`: the function that accepts the share, what it may, and what asks it to.

use crate::model::{Duty, Integration, Share, Side, Stack};
use crate::policy::{Condition, Document, Statement};
use crate::resources::{Function, LogGroup, ManagedPolicy, Properties, Role, ShareAcceptance};
use crate::stacks::detective::{DATABASE, known_share, table_key};
use crate::stacks::{in_lake_regions, in_region, own_role_arn, roles};
use crate::template::{LogicalId, Resource, Value};
use crate::vocab::Acceptance;

/// The logical id of the acceptance.
pub(crate) const ACCEPTANCE: &str = "ShareAcceptance";

/// The source of the function.
const CODE: &str = include_str!("../../acceptor/acceptor.py");

/// What to wait for until the share shows its tables; the function keeps back time to answer.
const TIMEOUT_SECONDS: u32 = 600;

/// A year back one can see why an acceptance failed, and which share it took. The log goes with its stack.
const RETENTION_DAYS: u32 = 365;

/// The function, its log, and the acceptance; none of them where somebody else accepts.
pub(crate) fn resources(integration: &Integration) -> Vec<Resource> {
    if integration.handoff.acceptance != Acceptance::Lambda {
        return Vec::new();
    }
    let log = LogGroup { name: integration.acceptor_log(), retention_days: RETENTION_DAYS };
    let log = log.named(LogicalId::of(&["AcceptorLog"]), "What the function did, and why it failed.");
    let function = Function {
        name: integration.acceptor(),
        description: format!("Accepts the share of the lake account for lakelink {}", integration.name),
        role: own_role_arn(integration, Duty::Acceptor),
        code: CODE,
        timeout_seconds: TIMEOUT_SECONDS,
        log_group: log.id.clone(),
    };
    let function = function.named(
        LogicalId::of(&["AcceptorFunction"]),
        "CloudFormation alone calls it. Its role, in the roles stack, lets it accept what the lake account shares.",
    );
    let lake = &integration.lake;
    let acceptance = ShareAcceptance {
        function: function.id.clone(),
        lake_account: lake.account.to_string(),
        external_id: lake.subscriber.external_id().map(ToString::to_string),
        database: in_region(DATABASE),
        tables: lake.sources.iter().map(|source| in_region(&table_key(*source))).collect(),
        share_arn: known_share(integration),
    };
    let acceptance = acceptance.named(
        LogicalId::of(&[ACCEPTANCE]),
        "The share, accepted, and seen with its tables. Another share, database or table makes the function look again.",
    );
    vec![log, function, acceptance]
}

/// The role of the function and its policy; neither where somebody else accepts.
pub(crate) fn iam(integration: &Integration) -> Vec<Resource> {
    if integration.handoff.acceptance != Acceptance::Lambda {
        return Vec::new();
    }
    let name = integration.iam_name(Duty::Acceptor);
    let policy = ManagedPolicy {
        name: name.clone(),
        path: integration.role_path.to_string(),
        description: format!("Accepts the share of the lake account for lakelink {}", integration.name),
        roles: Vec::new(),
        document: Document(statements(integration)),
    };
    let policy = policy.named(
        LogicalId::of(&["AcceptorPolicy"]),
        "Lets the function accept what the lake account shares, and write its log.",
    );
    let role = Role {
        name,
        path: integration.role_path.to_string(),
        description: format!(
            "The function that accepts the share of lakelink {} runs as it",
            integration.name
        ),
        trust: Document(vec![Statement::trust("LambdaOnly", "lambda.amazonaws.com")]),
        policies: vec![policy.id.clone()],
        boundary: roles::boundary(integration, Side::Detective),
    };
    let why = "Only Lambda can be it, for a function of whoever may pass it: the service role.";
    vec![role.named(LogicalId::of(&["AcceptorRole"]), why), policy]
}

fn statements(integration: &Integration) -> Vec<Statement> {
    let regional = in_lake_regions(integration);
    let own = |service: &str, resource: &str| {
        let arn = format!("arn:${{AWS::Partition}}:{service}:*:${{AWS::AccountId}}:{resource}");
        vec![Value::sub(arn)]
    };
    // IAM takes only `*` for looking.
    let look = Statement::allow(
        "FindShare",
        ["ram:GetResourceShareInvitations", "ram:ListResources"],
        vec![Value::text("*")],
    );
    let mut statements = vec![look.when(regional.clone())];
    if integration.handoff.share == Share::Discovered {
        let into = Statement::allow(
            "LookIntoInvitationsOfLakeAccount",
            ["ram:ListPendingInvitationResources"],
            vec![invitations(integration)],
        );
        statements.push(into.when(lake_formation_shares()).when(regional.clone()));
    }
    statements.push(accept(integration));
    let events = own("cloudformation", &format!("stack/{}/*", integration.stack_name(Stack::Detective)));
    let log = own("logs", &format!("log-group:{}:log-stream:*", integration.acceptor_log()));
    statements.extend([
        // An update that goes back must succeed even if the share is gone.
        Statement::allow("SeeWhetherStackRollsBack", ["cloudformation:DescribeStackEvents"], events)
            .when(regional.clone()),
        Statement::allow("WriteLog", ["logs:CreateLogStream", "logs:PutLogEvents"], log).when(regional),
    ]);
    statements
}

/// Accepting shares of the lake account, and nothing else. IAM knows no share here, only its owner and its name: that
/// it is the very share of the spec, the function and the run-book see to.
pub(crate) fn accept(integration: &Integration) -> Statement {
    let lake = integration.lake.account.as_str();
    Statement::allow(
        "AcceptShareOfLakeAccount",
        ["ram:AcceptResourceShareInvitation"],
        vec![invitations(integration)],
    )
    .when(Condition::one("StringEquals", "ram:ShareOwnerAccountId", lake))
    .when(lake_formation_shares())
    .when(in_lake_regions(integration))
}

fn invitations(integration: &Integration) -> Value {
    let lake = &integration.lake.account;
    Value::sub(format!("arn:${{AWS::Partition}}:ram:*:{lake}:resource-share-invitation/*"))
}

fn lake_formation_shares() -> Condition {
    Condition::one("StringLike", "ram:ResourceShareName", "LakeFormation*")
}
