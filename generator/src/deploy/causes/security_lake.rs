//! Amazon Security Lake. What it says is hardly documented: its error codes are, so most of these go by them.

use super::Cause;

pub(super) const CAUSES: &[Cause] = &[
    Cause {
        id: "subscriber-gone",
        kinds: &["AWS::SecurityLake::Subscriber"],
        texts: &[&["subscriber ", "was not found"]],
        cause: "somebody deleted the subscriber behind CloudFormation's back, and its share went with it",
        cure: "remove what is left with `lakelink destroy SPEC --only lake --region REGION`, then run `lakelink deploy`; \
               the share is a new one",
        source: "https://docs.aws.amazon.com/security-lake/latest/APIReference/API_GetSubscriber.html",
    },
    Cause {
        id: "no-data-lake",
        kinds: &["AWS::SecurityLake::Subscriber", "AWS::SecurityLake::AwsLogSource", "CreateSubscriber"],
        texts: &[
            &["data lake ", "was not found"],
            &["resourcenotfoundexception"],
            &["handlererrorcode: notfound"],
        ],
        cause: "Security Lake is not on in this Region of the lake account, or somebody turned it off",
        cure: "see what `aws securitylake list-data-lakes` shows, turn Security Lake on in its console, or leave the \
               Region out, by `lakelink destroy --region` and then in `regions`; then run `lakelink deploy` again",
        source: "https://docs.aws.amazon.com/security-lake/latest/APIReference/API_GetSubscriber.html",
    },
    Cause {
        id: "source-not-collected",
        kinds: &["AWS::SecurityLake::Subscriber"],
        texts: &[&["is not a log source of this data lake"]],
        cause: "a source of `lake.sources` is not collected in `lake.source_version` in this Region",
        cure: "look with `aws securitylake list-log-sources`, turn the source on in Security Lake or write \
               `lake.collection`, and run `lakelink deploy` again",
        source: "https://docs.aws.amazon.com/detective/latest/userguide/securitylake-integration.html",
    },
    Cause {
        id: "access-type-fixed",
        kinds: &["AWS::SecurityLake::Subscriber"],
        texts: &[&["accesstypes", "cannot be changed"], &["handlererrorcode: notupdatable"]],
        cause: "a subscriber keeps the kind of access that it was made with: Security Lake has no call that changes it",
        cure: "remove the subscriber with `lakelink destroy SPEC --only lake --region REGION`, then run `lakelink deploy`; \
               the share is a new one",
        source: "https://docs.aws.amazon.com/goto/WebAPI/securitylake-2018-05-10/UpdateSubscriber",
    },
    Cause {
        id: "source-on-already",
        kinds: &["AWS::SecurityLake::AwsLogSource"],
        texts: &[&["already exists"]],
        cause: "the source is on: somebody turned it on, and CloudFormation does not take over what it did not make",
        cure: "leave `lake.collection` out of the spec and run `lakelink generate`, or switch the source off with \
               `aws securitylake delete-aws-log-source`, which ends it for everybody; then deploy again",
        source: "https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html",
    },
    // Before the conflict that passes by itself: a taken name has the same error code.
    Cause {
        id: "subscriber-exists",
        kinds: &["AWS::SecurityLake::Subscriber", "CreateSubscriber"],
        texts: &[&["already exists"]],
        cause: "the lake account has a subscriber of this name in this Region, made by hand or by another tool",
        cure: "choose another `lake.subscriber.name` or delete the other subscriber; to keep it, write \
               `lake.subscriber.existing: true` and pin its share with `handoff.share_arn: pinned`; then run \
               `lakelink deploy` again",
        source: "https://docs.aws.amazon.com/goto/WebAPI/securitylake-2018-05-10/CreateSubscriber",
    },
    Cause {
        id: "data-lake-busy",
        kinds: &["AWS::SecurityLake::", "CreateAwsLogSource", "CreateSubscriber", "UpdateSubscriber"],
        texts: &[&["conflictexception"], &["conflict occurred"], &["status code: 409"]],
        cause: "Security Lake takes one change of a data lake at a time, and another was still going on",
        cure: "see that nobody else changes this data lake, wait some minutes, and run `lakelink deploy` again",
        source: "https://github.com/hashicorp/terraform-provider-aws/issues/42973",
    },
];
