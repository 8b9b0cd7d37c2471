//! AWS Lake Formation, and the databases of AWS Glue that it guards.

use super::Cause;

pub(super) const CAUSES: &[Cause] = &[
    // Lake Formation checks its whole list at every change, so one dead entry stops everybody.
    Cause {
        id: "principal-deleted",
        kinds: &[],
        texts: &[&["invalid principal, arn"]],
        cause: "the list of data lake administrators of this account and Region holds a role or user that was \
                deleted, or a principal of the spec does not exist",
        cure: "take the deleted one out in the Lake Formation console, under Administrative roles and tasks, or make \
               the principal, or leave it out of `detective.principals`; then run `lakelink deploy` again",
        source: "https://github.com/aws/aws-cdk/issues/19492",
    },
    Cause {
        id: "may-not-create-database",
        kinds: &[],
        texts: &[&["required create database on catalog"]],
        cause: "the role that CloudFormation runs as is no data lake administrator in the Detective account and \
                Region, or was taken out of the list",
        cure: "add the role of `deploy.detective.execution_role` in the Lake Formation console, under Administrative \
               roles and tasks; then run `lakelink deploy` again",
        source: "https://github.com/aws-solutions/workload-discovery-on-aws/issues/228",
    },
    Cause {
        id: "may-not-drop",
        kinds: &[],
        texts: &[&["required drop on"]],
        cause: "somebody else made the database, or a table in it, and only they or whom they let may drop it",
        cure: "drop it as the one who made it, or grant DROP on it to the role that CloudFormation runs as; then run \
               the same command again",
        source: "https://github.com/data-dot-all/dataall/issues/1053",
    },
    Cause {
        id: "not-an-administrator",
        kinds: &[],
        texts: &[&["insufficient lake formation permission"]],
        cause: "the role that CloudFormation runs as is no data lake administrator in this account and Region, and \
                has no grant of its own on what the text names",
        cure: "add the role of `execution_role` in the Lake Formation console of this account, under Administrative \
               roles and tasks; then run `lakelink deploy` again",
        source: "https://github.com/awslabs/sagemaker-explaining-credit-decisions/issues/8",
    },
    Cause {
        id: "may-not-grant",
        kinds: &[],
        texts: &[&["resource does not exist or requester is not authorized to access requested permissions"]],
        cause: "the role that CloudFormation runs as is no data lake administrator of the Detective account, or the \
                database or table is not shared with this account",
        cure: "see with `lakelink status` that the invitation is accepted, and in the Lake Formation console that the \
               role of `deploy.detective.execution_role` is an administrator; then run `lakelink deploy` again",
        source: "https://docs.aws.amazon.com/lake-formation/latest/dg/regranting-shared-resources.html",
    },
    Cause {
        id: "table-not-shared",
        kinds: &["AWS::LakeFormation::PrincipalPermissions", "GrantPermissions"],
        texts: &[&["entitynotfoundexception"], &["table not found"], &["database not found"]],
        cause: "the database or table does not show in the Detective account: its share is not accepted, was accepted \
                after 12 hours, or lacks a source of the spec",
        cure: "run `lakelink status`: a pending invitation is accepted by `lakelink deploy`; a source must be \
               collected in `lake.source_version`; after 12 hours recreate the subscriber with \
               `lakelink destroy SPEC --only lake --region REGION`, then run `lakelink deploy`",
        source: "https://docs.aws.amazon.com/security-lake/latest/userguide/create-query-subscriber-procedures.html",
    },
    Cause {
        id: "grant-on-link",
        kinds: &[],
        texts: &[&["database cannot be a link"]],
        cause: "Lake Formation lists no permissions on the tables of a resource link, so a grant made there cannot be \
                read back",
        cure: "write `detective.lake_formation.grant_on: target`, run `lakelink generate`, and deploy again",
        source: "https://github.com/hashicorp/terraform-provider-aws/issues/46951",
    },
    Cause {
        id: "nothing-to-revoke",
        kinds: &[],
        texts: &[&["no permissions revoked"]],
        cause: "the grant is gone already, or its principal is a data lake administrator, whose implicit permissions \
                nobody can revoke",
        cure: "take the principal out of the administrators if it is one, and run the same command again; if the \
               grant is gone, leave it out with `aws cloudformation delete-stack --stack-name STACK \
               --retain-resources ID`, which a stack in DELETE_FAILED takes",
        source: "https://github.com/hashicorp/terraform-provider-aws/issues/35160",
    },
    // The words are nowhere to be found, the limit is: 30 entries in botocore's model of the API.
    Cause {
        id: "too-many-administrators",
        kinds: &["AWS::LakeFormation::DataLakeSettings", "PutDataLakeSettings"],
        texts: &[&["datalakeadmins", " 30"]],
        cause: "Lake Formation takes 30 data lake administrators in an account and Region, and the role that \
                CloudFormation runs as would be one more",
        cure: "take out one that nobody needs in the Lake Formation console, under Administrative roles and tasks, or \
               write one that is in the list into `execution_role`; then run `lakelink deploy` again",
        source: "https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_PutDataLakeSettings.html",
    },
    Cause {
        id: "grant-exists",
        kinds: &["AWS::LakeFormation::PrincipalPermissions"],
        texts: &[&["already exists"]],
        cause: "this principal has the grant already, from an earlier stack, from AWS's own, or made by hand",
        cure: "find it with `aws lakeformation list-permissions --principal \
               DataLakePrincipalIdentifier=PRINCIPAL_ARN`, take it away with `aws lakeformation revoke-permissions`, \
               and run `lakelink deploy` again",
        source: "https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2500",
    },
    Cause {
        id: "grant-not-read-back",
        kinds: &["AWS::LakeFormation::PrincipalPermissions"],
        texts: &[&["internalfailure"]],
        cause: "CloudFormation could not read the grant back, though Lake Formation may well have made it",
        cure: "run `lakelink deploy` again; if it then says that the grant exists, take it away with \
               `aws lakeformation revoke-permissions` first",
        source: "https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1323",
    },
    Cause {
        id: "lake-formation-busy",
        kinds: &["AWS::LakeFormation::"],
        texts: &[&["concurrentmodificationexception"]],
        cause: "somebody else changed the same settings or grants of Lake Formation at the same moment",
        cure: "run `lakelink deploy` again when nobody else is at work there",
        source: "https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_GrantPermissions.html",
    },
    Cause {
        id: "database-exists",
        kinds: &["AWS::Glue::Database", "CreateDatabase"],
        texts: &[&["already exists"]],
        cause: "the Detective account has a database of this name: most often the resource link that AWS's own \
                Detective stack leaves behind, else a data lake of this account's own",
        cure: "look with `aws glue get-database --name NAME`; a link, which has a TargetDatabase, is dropped with \
               `aws glue delete-database --name NAME` and leaves its target alone; never delete a database that is \
               no link; then run `lakelink deploy` again",
        source: "https://docs.aws.amazon.com/lake-formation/latest/dg/resource-links-about.html",
    },
];
