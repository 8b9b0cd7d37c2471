//! What any call to AWS can fail with, whatever it is about. Asked last: a service's own words say more.

use super::Cause;

/// How IAM words a refusal, and which policy it means.
const REFUSALS: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html";

pub(super) const CAUSES: &[Cause] = &[
    Cause {
        id: "credentials-expired",
        kinds: &[],
        texts: &[&["the security token included in the request is expired"], &["expiredtoken"]],
        cause: "the credentials ran out while lakelink was at work; what CloudFormation had begun goes on",
        cure: "sign in again, with `aws sso login` say, and run the same command again: it goes on where it stopped",
        source: "https://github.com/eksctl-io/eksctl/issues/5968",
    },
    // Who refuses comes before what is refused: no policy of lakelink's helps against these three.
    Cause {
        id: "denied-by-organization",
        kinds: &[],
        texts: &[
            &["explicit deny in a service control policy"],
            &["because no service control policy allows"],
        ],
        cause: "a service control policy of the organization forbids this in the account or Region",
        cure: "ask whoever runs the organization to exempt the roles under `deploy.role_path` and, for a Region, the \
               services of lakelink; then deploy again",
        source: REFUSALS,
    },
    Cause {
        id: "denied-by-boundary",
        kinds: &[],
        texts: &[&["because no permissions boundary allows"], &["explicit deny in a permissions boundary"]],
        cause: "the permissions boundary of the role does not allow this, whatever its policies say",
        cure: "widen the policy that `permissions_boundary` names, or name another; then run \
               `lakelink deploy --only roles`, and deploy again",
        source: REFUSALS,
    },
    Cause {
        id: "denied-by-policy",
        kinds: &[],
        texts: &[&["is not authorized to perform", "with an explicit deny"]],
        cause: "a policy of yours forbids this: no other policy can allow it",
        cure: "find the Deny in the policy that the text names, and exempt the role in it; then deploy again",
        source: REFUSALS,
    },
    Cause {
        id: "may-not-assume-role",
        kinds: &[],
        texts: &[&["is not authorized to perform: sts:assumerole"]],
        cause: "the credentials may not act as this role: their policy lacks it, or the role does not trust them, or \
                wants another external id",
        cure: "see who you are with `aws sts get-caller-identity`, and compare the role's trust policy with \
               `deploy.*.role_arn` and `deploy.*.external_id` of the spec",
        source: REFUSALS,
    },
    Cause {
        id: "may-not-pass-role",
        kinds: &[],
        texts: &[&["is not authorized to perform: iam:passrole"]],
        cause: "whoever deploys may not hand this role on",
        cure: "attach the deployer policy, which the roles stack of the account makes, to the role that deploys; the \
               roles stacks themselves need an IAM administrator in `deploy.*.admin_role_arn`",
        source: "https://github.com/aws-solutions-library-samples/data-lakes-on-aws/issues/275",
    },
    Cause {
        id: "not-allowed",
        kinds: &[],
        texts: &[&["is not authorized to perform"]],
        cause: "no policy of the role that the text names allows the action: a roles stack that is older than the \
                other templates, or a role or profile other than the one meant",
        cure: "bring the roles up to date with `lakelink deploy --only roles`; attach the deployer policy to who \
               deploys; a role that `execution_role` names must be given the action by you; then deploy again",
        source: "https://github.com/aws-samples/well-architected-iac-analyzer/issues/108",
    },
    Cause {
        id: "throttled",
        kinds: &[],
        texts: &[&["rate exceeded"], &["throttlingexception"]],
        cause: "AWS had more calls from this account at once than it takes, also after waiting",
        cure: "wait some minutes, see that nothing else floods the account, and run the same command again",
        source: "https://github.com/aws/aws-cli/issues/2948",
    },
    Cause {
        id: "name-taken",
        kinds: &[],
        texts: &[
            &["already exists in stack"],
            &["resource of type '", "already exists"],
            &["handlererrorcode: alreadyexists"],
        ],
        cause: "something of this name is there already, in another stack or in none",
        cure: "if an earlier deployment left it or nobody needs it, delete it; else choose another `name`; then \
               deploy again",
        source: "https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html",
    },
    // Last: the function gives the error of the call that failed, which the entries above may know.
    Cause {
        id: "function-failed",
        kinds: &[],
        texts: &[&["from custom resource", ": see the function's log"]],
        cause: "the function that accepts the share met an error that it does not know; it stands in the text",
        cure: "read its log with `aws logs filter-log-events --log-group-name GROUP`, whose name the run-book shows \
               under At a glance; then run `lakelink deploy` again",
        source: "https://github.com/aws-samples/aws-security-reference-architecture-examples/issues/162",
    },
];
