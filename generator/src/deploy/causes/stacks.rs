//! AWS CloudFormation itself: stacks, change sets, and what it does before it touches a resource.

use super::Cause;

const GET_STACK_OUTPUT: &str = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html";

pub(super) const CAUSES: &[Cause] = &[
    Cause {
        id: "stack-dead",
        kinds: &[],
        texts: &[
            &["is in rollback_complete state"],
            &["is in rollback_failed state"],
            &["is in delete_failed state"],
        ],
        cause: "the stack failed before it was ever complete, or when it was deleted, and takes no change any more",
        cure: "read its first failed event, cure what that says, and run `lakelink deploy --recreate-failed STACK`, \
               which deletes the stack and makes it anew",
        source: "https://github.com/rails-lambda/lamby/issues/132",
    },
    Cause {
        id: "stack-stuck",
        kinds: &[],
        texts: &[&["is in update_rollback_failed state"]],
        cause: "an update failed, and so did the way back",
        cure: "cure what the failed events name, run `aws cloudformation continue-update-rollback --stack-name STACK \
               --role-arn ROLE` with the role that `aws cloudformation describe-stacks` shows for it (none for a roles \
               stack), and when that is complete `lakelink deploy`",
        source: "https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ContinueUpdateRollback.html",
    },
    Cause {
        id: "stack-busy",
        kinds: &[],
        texts: &[&["_in_progress state and can not be updated"]],
        cause: "somebody else, or an earlier run, is at work on this stack",
        cure: "see that nobody else deploys it, and run `lakelink deploy` again: it waits for what is going on",
        source: "https://github.com/floci-io/floci/pull/3104",
    },
    Cause {
        id: "stack-protected",
        kinds: &[],
        texts: &[&["cannot be deleted while terminationprotection is enabled"]],
        cause: "the stack is protected from deletion",
        cure: "if it is to go, run `aws cloudformation update-termination-protection \
               --no-enable-termination-protection --stack-name STACK`, then `lakelink destroy` again",
        source: "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-protect-stacks.html",
    },
    Cause {
        id: "plan-stale",
        kinds: &[],
        texts: &[&["cannot be executed in its current status"]],
        cause: "the change set is not ready, or the stack has changed since it was made",
        cure: "run `lakelink deploy` again: it makes a new one",
        source: "https://github.com/saksdirect/nova/issues/10",
    },
    Cause {
        id: "execution-role-unusable",
        kinds: &[],
        texts: &[&["is invalid or cannot be assumed"]],
        cause: "the role that CloudFormation runs the stack as was made seconds ago, was deleted, or does not trust \
                `cloudformation.amazonaws.com`",
        cure: "wait a minute and run the same command again; make a deleted service role anew with \
               `lakelink deploy --only roles`; a role that `execution_role` names must be there and trust \
               CloudFormation",
        source: "https://github.com/aws/aws-cdk/issues/10116",
    },
    Cause {
        id: "capability-missing",
        kinds: &[],
        texts: &[&["requires capabilities : [capability_"], &["insufficientcapabilitiesexception"]],
        cause: "the template makes IAM roles or policies with names, and the call did not say that this is wanted",
        cure: "run `lakelink deploy`, which says so for the roles stacks; another tool needs \
               `--capabilities CAPABILITY_NAMED_IAM` for them, and nothing for the others",
        source: "https://github.com/envato/stack_master/issues/138",
    },
    Cause {
        id: "names-taken",
        kinds: &[],
        texts: &[&["aws::earlyvalidation::resourceexistencecheck"]],
        cause: "something that the template makes under a fixed name is there already, in another stack or in none; \
                nothing was changed",
        cure: "see what it is with `aws cloudformation describe-events --change-set-name CHANGE_SET_ARN`, remove it \
               or choose other names, and run `lakelink deploy` again",
        source: "https://github.com/aws/aws-cdk-cli/issues/1000",
    },
    Cause {
        id: "template-refused",
        kinds: &[],
        texts: &[&["aws::earlyvalidation::"]],
        cause: "CloudFormation looked the template over and refused something in it; nothing was changed",
        cure: "see what it is with `aws cloudformation describe-events --change-set-name CHANGE_SET_ARN`; see with \
               `lakelink generate --check` that the template is as lakelink wrote it",
        source: "https://github.com/aws/aws-cdk-cli/pull/1463",
    },
    Cause {
        id: "reader-role-unusable",
        kinds: &[],
        texts: &[&["fn::getstackoutput", "cannot be assumed"]],
        cause: "the role that reads the lake stack's output is not there, or does not let in the role that \
                CloudFormation runs the Detective stack as",
        cure: "run `lakelink deploy --only lake-roles`, which makes it and lets in what \
               `deploy.detective.execution_role` names; then deploy again",
        source: GET_STACK_OUTPUT,
    },
    Cause {
        id: "lake-output-missing",
        kinds: &[],
        texts: &[&["output '", "not found in stack '"]],
        cause: "the Detective stack reads the share ARN from the lake stack of this Region, which is not there or not \
                complete",
        cure: "run `lakelink deploy --only lake --region REGION`, then deploy again",
        source: GET_STACK_OUTPUT,
    },
    Cause {
        id: "share-arn-refused",
        kinds: &[],
        texts: &[
            &["parameter resourcesharearn failed to satisfy constraint"],
            &["parameter 'resourcesharearn' must match pattern"],
        ],
        cause: "the share ARN given to the stack is not of the lake account and the Regions of the spec",
        cure: "run `lakelink handoff` for the right ones; `lakelink deploy` hands them over by itself",
        source: "https://github.com/aws/aws-cli/issues/7750",
    },
];
