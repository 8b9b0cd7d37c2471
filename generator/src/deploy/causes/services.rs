//! Systems Manager, S3, KMS, IAM, Lambda, Athena and CloudWatch Logs.

use super::Cause;

pub(super) const CAUSES: &[Cause] = &[
    Cause {
        id: "console-parameters-taken",
        kinds: &["AWS::SSM::Parameter", "PutParameter"],
        texts: &[&["/detective/sli/", "already exists"], &["the parameter already exists"]],
        cause: "AWS's own Detective stack, or another integration, owns the five parameters that the Detective \
                console of this Region looks for",
        cure: "see what `aws ssm get-parameter --name /Detective/SLI/StackId` names, delete that stack, and run \
               `lakelink deploy` again",
        source: "https://github.com/aws-samples/detective-security-lake-integration",
    },
    // S3
    Cause {
        id: "bucket-of-somebody-else",
        kinds: &[],
        texts: &[&["bucketalreadyexists"]],
        cause: "a bucket of this name belongs to another account: a name is given once in all of AWS",
        cure: "write a bucket of yours into `detective.results.bucket`, or choose another `name` for the integration",
        source: "https://github.com/0x4447/0x4447_product_s3_email/issues/41",
    },
    Cause {
        id: "bucket-of-yours",
        kinds: &[],
        texts: &[&["bucketalreadyownedbyyou"], &["you already own it"]],
        cause: "the Detective account has a bucket of this name, and it was not made by lakelink for this integration",
        cure: "delete it if nobody needs it, or write it into `detective.results.bucket` as a bucket of yours; then \
               deploy again",
        source: "https://github.com/scality/Arsenal/pull/2276",
    },
    Cause {
        id: "bucket-exists",
        kinds: &["AWS::S3::Bucket"],
        texts: &[&["already exists"]],
        cause: "a bucket of this name is there, in the Detective account or, as a name is given once in all of AWS, \
                in somebody else's",
        cure: "see whose with `aws s3api head-bucket --bucket NAME --expected-bucket-owner ACCOUNT`; one that still has \
               this integration's tag `lakelink:integration` is taken over by a new stack only: `lakelink destroy SPEC \
               --only detective`, then `lakelink deploy`; else delete it, or write a bucket of yours into \
               `detective.results.bucket`",
        source: "https://github.com/svdgraaf/serverless-screenshot/issues/2",
    },
    Cause {
        id: "bucket-not-empty",
        kinds: &[],
        texts: &[&["the bucket you tried to delete is not empty"], &["bucketnotempty"]],
        cause: "CloudFormation deletes empty buckets only, and something was written into this one",
        cure: "empty it with all old versions, for which the run-book has a block under What stays; then run the same \
               command again",
        source: "https://github.com/F5Networks/f5-aws-cloudformation/issues/52",
    },
    // KMS
    Cause {
        id: "alias-exists",
        kinds: &[],
        texts: &[&["an alias with the name", "already exists"], &["aws::kms::alias", "already exists"]],
        cause: "a key has this alias already: one that was kept when the integration was removed, or somebody else's",
        cure: "a kept key that still has this integration's tag `lakelink:integration` is taken over by a new stack only: \
               `lakelink destroy SPEC --only detective`, then `lakelink deploy`; another alias is removed with \
               `aws kms delete-alias --alias-name NAME` once nobody needs it",
        source: "https://github.com/crossplane-contrib/provider-aws/issues/1741",
    },
    Cause {
        id: "key-unusable",
        kinds: &[],
        texts: &[&["kms.disabledexception"], &["kmsinvalidstateexception"]],
        cause: "the key is disabled, or waits for its deletion",
        cure: "run `aws kms cancel-key-deletion --key-id KEY` and `aws kms enable-key --key-id KEY`, or write another \
               key into `detective.results.encryption`; then deploy again",
        source: "https://github.com/localstack/localstack/issues/8422",
    },
    Cause {
        id: "key-policy-lock-out",
        kinds: &[],
        texts: &[&["the new key policy will not allow you to update the key policy in the future"]],
        cause: "KMS makes no key that its maker could not change later, and the role that CloudFormation runs as may \
                not call `kms:PutKeyPolicy`",
        cure: "bring the service role up to date with `lakelink deploy --only roles`, or let the role that \
               `execution_role` names call `kms:PutKeyPolicy`; then deploy again",
        source: "https://github.com/aws-samples/rds-snapshot-export-to-s3-pipeline/issues/8",
    },
    // IAM, and principals in anybody's policies
    Cause {
        id: "policy-principal-missing",
        kinds: &[],
        texts: &[
            &["invalid principal in policy"],
            &["policy contains a statement with one or more invalid principals"],
        ],
        cause: "a role or user that the policy names does not exist in AWS, or no longer",
        cure: "make it, or leave it out of `detective.principals` and `detective.results.break_glass`; roles of \
               lakelink's own come with `lakelink deploy --only roles`; then deploy again",
        source: "https://github.com/hashicorp/terraform-provider-aws/issues/8905",
    },
    Cause {
        id: "iam-name-taken",
        kinds: &[],
        texts: &[
            &["role with name", "already exists"],
            &["a policy called", "already exists"],
            &["aws::iam::", "already exists"],
        ],
        cause: "the account has a role or policy of this name: IAM takes a name once, for all Regions together",
        cure: "if an earlier deployment left it, or the roles stack is in a Region that was `home_region` before, \
               remove that one; if it is somebody else's, choose another `name`; then deploy again",
        source: "https://github.com/udondan/cdk-ec2-key-pair/issues/183",
    },
    Cause {
        id: "role-has-policies",
        kinds: &[],
        texts: &[
            &["cannot delete entity, must detach all policies first"],
            &["cannot delete entity, must delete policies first"],
        ],
        cause: "somebody gave the role a policy that its stack does not know, and IAM keeps a role with policies",
        cure: "see `aws iam list-attached-role-policies --role-name ROLE` and `aws iam list-role-policies --role-name \
               ROLE`, take those away, and run `lakelink destroy` again",
        source: "https://github.com/waterbear-cloud/paco/issues/27",
    },
    Cause {
        id: "policy-attached",
        kinds: &[],
        texts: &[&["cannot delete a policy attached to entities"]],
        cause: "the policy is attached to a role, user or group of yours, or named by a permission set",
        cure: "see `aws iam list-entities-for-policy --policy-arn POLICY`, detach it everywhere, take it out of the \
               permission set as the run-book says under Remove, and run `lakelink destroy` again",
        source: "https://github.com/rebuy-de/aws-nuke/issues/294",
    },
    Cause {
        id: "policy-missing",
        kinds: &[],
        texts: &[&["does not exist or is not attachable"]],
        cause: "a policy that the role is to have does not exist in this account, most often the boundary that \
                `permissions_boundary` names",
        cure: "correct `permissions_boundary` under `deploy.lake` or `deploy.detective`, or make that policy; then \
               deploy again",
        source: "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html",
    },
    Cause {
        id: "iam-quota",
        kinds: &[],
        texts: &[&["cannot exceed quota for"]],
        cause: "IAM takes no more or no larger ones of what the text names",
        cure: "for a number of roles or policies delete unused ones or ask for more in Service Quotas; for a size \
               split the spec, by Regions say; then deploy again",
        source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
    },
    Cause {
        id: "policy-malformed",
        kinds: &[],
        texts: &[&["malformedpolicydocument"]],
        cause: "the service does not take the policy, for the reason in its text",
        cure: "see that the template is as lakelink wrote it, with `lakelink generate --check`; if so, report it as a \
               bug of lakelink",
        source: "https://github.com/awslabs/amazon-redshift-monitoring/issues/26",
    },
    // Lambda
    Cause {
        id: "no-concurrency-left",
        kinds: &[],
        texts: &[&["unreservedconcurrentexecution below its minimum value"]],
        cause: "the account has too little concurrency of Lambda left in this Region to reserve one for the function",
        cure: "ask for more Concurrent executions of Lambda in Service Quotas, or write `handoff.acceptance: cli`, \
               which needs no function; then deploy again",
        source: "https://github.com/aws-samples/siem-on-amazon-opensearch-service/issues/175",
    },
    Cause {
        id: "runtime-retired",
        kinds: &[],
        texts: &[&["is no longer supported for creating or updating aws lambda"]],
        cause: "Lambda has retired the runtime of the function that accepts the share",
        cure: "install a newer lakelink, run `lakelink generate`, and deploy again",
        source: "https://github.com/pgarbe/cdk-ecr-sync/issues/715",
    },
    Cause {
        id: "function-role-not-ready",
        kinds: &[],
        texts: &[&["cannot be assumed by lambda"]],
        cause: "the role of the function was made seconds ago, or is not there",
        cure: "wait a minute and run `lakelink deploy` again, with the roles",
        source: "https://github.com/ubergeek42/lambda-letsencrypt/issues/30",
    },
    Cause {
        id: "function-silent",
        kinds: &[],
        texts: &[&["did not receive a response from your custom resource"]],
        cause: "the function that accepts the share never answered: it could not run, or could not reach AWS",
        cure: "read its log with `aws logs filter-log-events --log-group-name GROUP`, whose name the run-book shows \
               under At a glance; then run `lakelink deploy` again",
        source: "https://github.com/aws-samples/aws-security-reference-architecture-examples/issues/162",
    },
    Cause {
        id: "log-group-exists",
        kinds: &["AWS::Logs::LogGroup"],
        texts: &[&["already exists"]],
        cause: "the function's log group is there already: an earlier deployment left it, or a late run of its \
                function made it anew",
        cure: "delete it with `aws logs delete-log-group --log-group-name GROUP` and run `lakelink deploy` again",
        source: "https://github.com/nozaq/terraform-aws-secure-baseline/issues/35",
    },
    // Athena
    Cause {
        id: "workgroup-not-empty",
        kinds: &[],
        texts: &[&["workgroup ", "is not empty"]],
        cause: "the workgroup holds saved queries, and the template that is deployed does not say that they go with it",
        cure: "save what is still needed, run `aws athena delete-work-group --work-group NAME \
               --recursive-delete-option`, and run the same command again",
        source: "https://github.com/aws-samples/coast-grafana-cost-intelligence-dashboards/issues/9",
    },
    Cause {
        id: "workgroup-exists",
        kinds: &["AWS::Athena::WorkGroup", "CreateWorkGroup"],
        texts: &[&["workgroup is already created"], &["already exists"]],
        cause: "the Detective account has a workgroup of this name that belongs to no stack of lakelink's",
        cure: "delete it with `aws athena delete-work-group --work-group NAME --recursive-delete-option` if nobody \
               needs it, or choose another `name`; then deploy again",
        source: "https://docs.aws.amazon.com/athena/latest/APIReference/API_CreateWorkGroup.html",
    },
];
