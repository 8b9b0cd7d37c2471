#!/bin/sh
# What only real AWS can show about lakelink, as commands for whoever has two accounts to try it in.
# Prints them and does nothing else: it calls nobody and writes no file. Many of the printed commands do change accounts.
set -eu

usage() {
    cat >&2 <<'USAGE'
usage: prove.sh SPEC NAME LAKE_ACCOUNT DETECTIVE_ACCOUNT REGION LAKE_PROFILE DETECTIVE_PROFILE

SPEC is the path of a spec, NAME its `name`, REGION one of its lake Regions; the profiles are of administrators of two accounts
that hold nothing of value. Redirect the output into a file and tick off what you have seen.
USAGE
    [ $# -eq 0 ] || echo "prove.sh: $1" >&2
    exit 2
}

# Whether a word is made of these characters only, so that it can stand in a command as it is.
plain() {
    case $2 in
    '' | *[!$3]*) usage "\`$2\` is no $1" ;;
    esac
}

[ $# -eq 7 ] || usage
spec=$1 name=$2 lake=$3 detective=$4 region=$5
plain 'path of a spec' "$spec" 'A-Za-z0-9./_-'
plain 'name of a spec' "$name" 'a-z0-9-'
for account in "$lake" "$detective"; do
    plain 'account id' "$account" 0-9
    [ ${#account} -eq 12 ] || usage "\`$account\` is no account id"
done
[ "$lake" != "$detective" ] || usage 'two accounts are wanted'
plain Region "$region" 'a-z0-9-'
for profile in "$6" "$7"; do
    plain 'profile' "$profile" 'A-Za-z0-9._-'
done

case $region in us-gov-*) partition=aws-us-gov ;; *) partition=aws ;; esac
both="$spec --lake-profile $6 --detective-profile $7"
at_lake="--region $region --profile $6"
at_detective="--region $region --profile $7"
database=amazon_security_lake_glue_db_$(printf %s "$region" | tr - _)
bucket=lakelink-$name-$detective-$region
lake_role=arn:$partition:iam::$lake:role/lakelink/lakelink-$name-lake-cfn
detective_role=arn:$partition:iam::$detective:role/lakelink/lakelink-$name-detective-cfn

cat <<CHECKS
What only AWS can show about \`$name\`: account $lake to account $detective, in $region.

Each check: what is open, what of lakelink rests on it, commands, and the answer that proves it. Words in capitals stand for what an
earlier answer says; the spec keeps the default \`role_path\`. First of all, and before every check that does not say otherwise:

    lakelink deploy $both

== detective ==
open:   that Detective accepts the integration; its page documents no API for it
rests:  everything; the five parameters are those that AWS's own stack writes (generator/src/stacks/console.rs)
    aws ssm get-parameters-by-path --path /Detective/SLI --query "Parameters[].Name" $at_detective
answer: five names; and in the Detective console, Settings, Integrations, Security Lake can be enabled, then a finding shows raw logs

== tls ==
open:   that the program reaches AWS at all: the test world speaks plain HTTP, and knows no IAM Identity Center
rests:  every command that talks to AWS (generator/src/aws/access.rs)
    aws sts get-caller-identity --profile $6
    lakelink status $both
answer: with a profile of Identity Center as well as with one of keys, status ends with 0

== share ==
open:   which permissions the share of Security Lake carries, with the grant option or not, and what version 5 of cross-account sharing makes of it
rests:  one SELECT for each table and principal (generator/src/stacks/grants.rs); the tables that deploy waits for (generator/src/deploy/accept.rs)
    aws ram list-resources --resource-owner OTHER-ACCOUNTS --query "resources[].[type,arn]" $at_detective
    aws lakeformation list-permissions --catalog-id $lake --principal DataLakePrincipalIdentifier=$detective $at_lake
    aws lakeformation get-data-lake-settings --query "DataLakeSettings.Parameters" $at_lake
answer: one glue:Database and a glue:Table for each source, or one table that ends in /*; SELECT with PermissionsWithGrantOption

== grants ==
open:   that CloudFormation's handler may read back a grant on another account's catalogue; one report says that reading fails though the grant works
rests:  AWS::LakeFormation::PrincipalPermissions in the Detective stack
    aws cloudformation describe-stack-events --stack-name lakelink-$name-detective --query "StackEvents[?ResourceType=='AWS::LakeFormation::PrincipalPermissions'].[LogicalResourceId,ResourceStatus,ResourceStatusReason]" $at_detective
    aws lakeformation list-permissions --catalog-id $lake --resource '{"Database":{"CatalogId":"$lake","Name":"$database"}}' $at_detective
answer: each grant is CREATE_COMPLETE and none says AlreadyExists, although chains of several principals run side by side

== administrators ==
open:   what AWS::LakeFormation::DataLakeSettings with APPEND does to other settings, and to the list when it is removed
rests:  that it is kept when a stack goes, and taken out by a call of its own (generator/src/deploy/destroy.rs)
    aws lakeformation get-data-lake-settings $at_detective
    lakelink destroy $both
    aws lakeformation get-data-lake-settings $at_detective
answer: before the first deploy, after it and after the destroy all but our service role is the same; after the destroy that is gone

== service-roles ==
open:   which actions the handlers call beyond their published lists; the names AmazonSecurityLake-* of roles, rules and queues, from a guide; in which boundary
        Security Lake makes those roles, and in whose name
rests:  both service roles (generator/src/stacks/scopes.rs, generator/data)
    aws cloudtrail lookup-events --lookup-attributes AttributeKey=Username,AttributeValue=AWSCloudFormation --query "Events[?contains(CloudTrailEvent,'AccessDenied')].[EventTime,EventName]" $at_lake
    aws cloudtrail lookup-events --lookup-attributes AttributeKey=Username,AttributeValue=AWSCloudFormation --query "Events[?contains(CloudTrailEvent,'AccessDenied')].[EventTime,EventName]" $at_detective
    aws iam generate-service-last-accessed-details --arn $lake_role --granularity ACTION_LEVEL --profile $6
    aws iam generate-service-last-accessed-details --arn $detective_role --granularity ACTION_LEVEL --profile $7
    aws iam get-service-last-accessed-details --job-id LAKE_JOB --profile $6
    aws iam get-service-last-accessed-details --job-id DETECTIVE_JOB --profile $7
    aws iam get-account-authorization-details --filter Role --query "RoleDetailList[?starts_with(RoleName,'AmazonSecurityLake-')].[RoleName,PermissionsBoundary.PermissionsBoundaryArn]" --profile $6
answer: deploy, an update and destroy end well and no call was denied; each role listed has the boundary AmazonSecurityLakePermissionsBoundary; what was never used, of the services that report actions, can be left out

== deployer ==
open:   that the deployer policies are enough: the tests hold every call against them, but with an evaluator of their own
rests:  the deployer policies (generator/src/stacks/deployer.rs)
    aws iam attach-role-policy --role-name ROLE --policy-arn arn:$partition:iam::$detective:policy/lakelink/lakelink-$name-detective-deployer --profile $7
    aws iam attach-role-policy --role-name ROLE --policy-arn arn:$partition:iam::$lake:policy/lakelink/lakelink-$name-lake-deployer --profile $6
    lakelink plan $both
    lakelink deploy $both
    lakelink status $both
    lakelink destroy $both --only lake --only detective --only console
answer: with the roles stacks deployed, then in the spec \`deploy.*.role_arn\` set to roles that have these policies and nothing else, and
        \`deploy.*.admin_role_arn\` to roles of administrators, each ends well and leaves no stack in REVIEW_IN_PROGRESS

== invitation ==
open:   which account stands in the ARN of an invitation, and the name of its share; whether a share can be left, and accepted again
rests:  AcceptShareOfLakeAccount in the policies of the deployer and of the function (generator/src/stacks/acceptor.rs)
    lakelink deploy $both --only roles --only lake
    aws ram get-resource-share-invitations --query "resourceShareInvitations[].[resourceShareInvitationArn,resourceShareName,status]" $at_detective
    lakelink deploy $both
    aws ram disassociate-resource-share --resource-share-arn SHARE_ARN --principals $detective $at_detective
    aws ram get-resource-share-invitations --query "resourceShareInvitations[].[resourceShareInvitationArn,resourceShareName,status]" $at_detective
answer: in new accounts first arn:$partition:ram:$region:$lake:resource-share-invitation/..., LakeFormation-..., PENDING; then the deploy ends well;
        leaving is refused, or there is an invitation again

== organization ==
open:   that nobody is invited inside an organization that shares by RAM
rests:  \`acceptance: organization\`
    aws ram get-resource-share-invitations $at_detective
    aws ram list-resources --resource-owner OTHER-ACCOUNTS $at_detective
answer: of two accounts of one organization: no invitation, and the database and tables are listed

== principal-arn ==
open:   whether the bucket's Deny lets people of IAM Identity Center through by the ARN of their role with its path
rests:  the bucket policy, with principals under aws-reserved/ (generator/src/stacks/results.rs)
    aws s3api get-bucket-policy --bucket $bucket --query "Policy" --output text $at_detective
    aws s3api list-objects-v2 --bucket $bucket --region $region --profile ANALYST
answer: the analyst lists the bucket, an administrator is denied

== key-tags ==
open:   that KMS holds the tags of CreateKey against aws:RequestTag of kms:TagResource, as it does for a call of its own
rests:  \`encryption: kms\`: else no key is made (generator/src/stacks/key.rs)
    aws kms describe-key --key-id alias/lakelink-$name $at_detective
    aws kms list-resource-tags --key-id KEY $at_detective
answer: with encryption: kms the key is there and has the tag lakelink:integration

== imports ==
open:   that a bucket, its policy, a key and its alias can be imported as their schemas promise, and log sources by ImportExistingResources
rests:  taking over what a destroy kept (generator/src/deploy/takeover.rs)
    lakelink destroy $both
    lakelink deploy $both
    aws cloudformation describe-stack-events --stack-name lakelink-$name-detective --query "StackEvents[?contains(ResourceStatus,'IMPORT')].[LogicalResourceId,ResourceStatus]" $at_detective
answer: the deploy after the destroy ends well; IMPORT_COMPLETE for each; and the next \`lakelink deploy\` finds all in step

== cloud-control ==
open:   that Cloud Control takes the service role and reads a bucket's and a key's tags and a log source's accounts with it; that as a deployer,
        with no role, it reads the parameter that names the owner of the console
rests:  whose something is that is there already (generator/src/deploy/takeover.rs, generator/src/deploy/survey.rs)
    aws cloudcontrol get-resource --type-name AWS::S3::Bucket --identifier $bucket --role-arn $detective_role $at_detective
    aws cloudcontrol get-resource --type-name "AWS::SecurityLake::AwsLogSource" --identifier "VPC_FLOW|2.0" --role-arn $lake_role $at_lake
    aws cloudcontrol get-resource --type-name AWS::SSM::Parameter --identifier /Detective/SLI/StackId $at_detective
answer: Properties with Tags, with the Accounts that were asked for (none, if they are all), with the Value; not AccessDenied, and nothing about a
        role's trust

== tokens ==
open:   what a repeated ClientToken and ClientRequestToken answer
rests:  that a call whose reply was lost can be made again (generator/src/deploy/bring.rs)
    aws cloudformation create-change-set --stack-name lakelink-proof --change-set-name one --client-token one --change-set-type CREATE --template-body '{"Resources":{"Handle":{"Type":"AWS::CloudFormation::WaitConditionHandle"}}}' $at_lake
    aws cloudformation execute-change-set --stack-name lakelink-proof --change-set-name one --client-request-token two $at_lake
    aws cloudformation execute-change-set --stack-name lakelink-proof --change-set-name one --client-request-token two $at_lake
    aws cloudformation delete-stack --stack-name lakelink-proof $at_lake
answer: create twice: the same Id, or AlreadyExistsException; execute twice: nothing, or InvalidChangeSetStatus, and one operation in the events

== new-role ==
open:   how long CloudFormation, Lambda and Lake Formation do not know a new role
rests:  the number of tries (generator/src/deploy/bring.rs)
    lakelink deploy $both --yes --format json
answer: in accounts without its roles: it ends with 0, and the elapsed_ms of "the role is new" is under a minute; no failed resource

== review ==
open:   that a stack in REVIEW_IN_PROGRESS can be deleted as a role, and whether DescribeStacks shows that role; whether DescribeEvents of a change set
        asks IAM for the change set or for its stack
rests:  that plan leaves nothing behind, and says why a change set is refused (generator/src/deploy/bring.rs, generator/src/stacks/deployer.rs)
    aws cloudformation create-change-set --stack-name lakelink-$name-lake --change-set-name lakelink-proof --change-set-type CREATE --role-arn $lake_role --template-body '{"Resources":{"Handle":{"Type":"AWS::CloudFormation::WaitConditionHandle"}}}' --region $region --profile DEPLOYER
    aws cloudformation describe-stacks --stack-name lakelink-$name-lake --query "Stacks[].[StackStatus,RoleARN]" --region $region --profile DEPLOYER
    aws cloudformation describe-events --change-set-name CHANGE_SET_ARN --region $region --profile DEPLOYER
    aws cloudformation delete-stack --stack-name lakelink-$name-lake --role-arn $lake_role --region $region --profile DEPLOYER
answer: with only the roles stacks there, as somebody who has only the deployer policy: four answers, no AccessDenied, and the stack is gone

== validation ==
open:   that early validation finds taken names of bucket policies, aliases and log sources, and what stands in its rows
rests:  the words that a refused change set gets (generator/src/deploy/causes)
    aws ssm put-parameter --name /Detective/SLI/DatabaseName --value theirs --type String $at_detective
    lakelink deploy $both
    aws ssm delete-parameter --name /Detective/SLI/DatabaseName $at_detective
answer: without a Detective stack: the deploy names the parameter and its cause, and makes no Detective stack

== workgroup-location ==
open:   whether Athena looks at the results location when a workgroup is made; the service role holds no right to objects
rests:  AWS::Athena::WorkGroup in the Detective stack
    aws athena get-work-group --work-group lakelink-$name --query "WorkGroup.Configuration" $at_detective
answer: it is there, made by the service role

== primary ==
open:   which workgroup the Detective console uses
rests:  that the analyst policy covers \`primary\` beside ours (generator/src/stacks/analyst.rs)
    aws athena list-query-executions --work-group primary $at_detective
    aws athena list-query-executions --work-group lakelink-$name $at_detective
answer: after a raw log preview in the console, the one with a new execution is the one

== console-apart ==
open:   what a Detective console makes of a lake in another Region
rests:  \`regions: [{lake: ..., detective: ...}]\`, which is experimental (generator/src/stacks/detective_console.rs)
    aws ssm get-parameters-by-path --path /Detective/SLI --region DETECTIVE_REGION --profile $7
    aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=StartQueryExecution $at_detective
answer: the console of the Detective Region shows the integration as enabled, and its query runs in the lake Region

== crawler ==
open:   whether the crawler's role can do all that a run asks for; three permissions in one grant; the empty list that keeps new tables from being
        open to all of IAM; whether a database goes while it holds tables; UNLOAD under evidence/ from an enforced workgroup
rests:  \`crawler\` (generator/src/stacks/crawler.rs)
    aws athena start-query-execution --work-group lakelink-$name --query-string "UNLOAD (SELECT 1 AS one) TO 's3://$bucket/evidence/proof/' WITH (format = 'PARQUET')" $at_detective
    aws glue start-crawler --name lakelink-$name-evidence $at_detective
    aws glue get-crawler --name lakelink-$name-evidence --query "Crawler.LastCrawl" $at_detective
    aws glue get-tables --database-name DATABASE $at_detective
    lakelink destroy $both
answer: with a crawler in the spec: SUCCEEDED, a table that IAM_ALLOWED_PRINCIPALS has no permission on, and the destroy ends well

== rejected-flows ==
open:   whether Security Lake marks a rejected flow by activity_id 5 (OCSF "Refuse")
rests:  the ready query \`rejected-flows\` (generator/src/stacks/queries.rs)
    aws athena start-query-execution --work-group lakelink-$name --query-string "SELECT activity_id, activity_name, action, disposition, count(*) FROM \"$database\".\"TABLE\" WHERE time_dt > current_timestamp - interval '1' day GROUP BY 1, 2, 3, 4" $at_detective
    aws athena get-query-results --query-execution-id EXECUTION $at_detective
answer: on the table of vpc_flow, with traffic that a security group rejects: rows with activity_id 5, and none of them accepted

== govcloud ==
open:   whether Detective offers the integration in GovCloud
rests:  the GovCloud example
    aws detective list-graphs --region us-gov-west-1 --profile $7
answer: the console of that Region lists Security Lake under Integrations

== stack-output ==
open:   whether a change set sees the new output of another stack (Fn::GetStackOutput) when the template is the same
rests:  \`share_arn: stack_output\`; so far the template changes with the external id (generator/src/stacks/reader.rs)
    lakelink destroy $both --only lake
    lakelink deploy $both --only lake
    aws cloudformation create-change-set --stack-name lakelink-$name-detective --change-set-name proof --use-previous-template --role-arn $detective_role $at_detective
    aws cloudformation describe-change-set --stack-name lakelink-$name-detective --change-set-name proof $at_detective
    aws cloudformation delete-change-set --stack-name lakelink-$name-detective --change-set-name proof $at_detective
answer: with share_arn: stack_output: changes of ShareAcceptance or of a parameter, and not "didn't contain changes"

== rollback ==
open:   that a rollback calls the function when the stack's newest event says so, which it relies on to go back without looking
rests:  \`acceptance: lambda\` (generator/acceptor/acceptor.py)
    aws cloudformation update-stack --stack-name lakelink-$name-detective --template-body file://BROKEN.yaml --role-arn $detective_role $at_detective
    aws cloudformation describe-stack-events --stack-name lakelink-$name-detective --query "StackEvents[].[Timestamp,LogicalResourceId,ResourceStatus]" $at_detective
    aws logs filter-log-events --log-group-name LOG_GROUP $at_detective
answer: with acceptance: lambda and a template in which the tables of ShareAcceptance are others and a later resource fails: UPDATE_ROLLBACK_COMPLETE

== log-sources ==
open:   whether CloudFormation fails over a log source that is on already; whether a version that a subscriber reads can go, and comes back with a
        rollback; whether turning a source on takes a Lake Formation administrator
rests:  the collection stack (generator/src/stacks/collection.rs)
    aws securitylake list-log-sources --regions $region $at_lake
    lakelink deploy $both --only lake
    aws securitylake list-log-sources --regions $region $at_lake
answer: with lake.collection, sources that are on already, and a service role that is no administrator: it ends well, and the list is the same

== create-share ==
open:   which condition keys Lake Formation's forwarded call of ram:CreateResourceShare carries
rests:  that the lake account's service role is bound to the Regions only there (generator/src/stacks/scopes.rs)
    aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=CreateResourceShare $at_lake
answer: requestParameters and invokedBy of the event: what a condition could name

== set-roles ==
open:   that StackSets makes the custom execution role of an organization of the template in a call, and its role in the management account assumes it;
        that s3:GetObject and sns:Publish on other accounts' things are enough, where AWS's guide gives s3:* and sns:*
rests:  the roles of stack sets (generator/src/stacks/stack_sets.rs)
    lakelink deploy $both --only roles
    lakelink rollout $spec --profile SETS
    aws cloudformation list-stack-instances --stack-set-name lakelink-$name-lake --query "Summaries[].[Account,Region,StackInstanceStatus.DetailedStatus,StatusReason]" --region $region --profile SETS
    aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=AssumeRole $at_lake
answer: with rollout.stack_sets of each permission model and the rendered roles, in the home Region: SUCCEEDED, and the execution_role of the spec assumed

== set-instances ==
open:   that CreateStackInstances brings instances that are there and OUTDATED up to date: no page of AWS says so
rests:  how rollout goes on after a Region that failed (generator/src/deploy/sets/bring.rs)
    aws cloudformation list-stack-instances --stack-set-name lakelink-$name-lake --query "Summaries[].[Region,Status]" --region $region --profile SETS
    aws cloudformation create-stack-instances --stack-set-name lakelink-$name-lake --accounts $lake --regions $region --region $region --profile SETS
    aws cloudformation describe-stack-instance --stack-set-name lakelink-$name-lake --stack-instance-account $lake --stack-instance-region $region --query StackInstance.Status --region $region --profile SETS
answer: with self_managed, after an update that failed and left this instance OUTDATED: CURRENT

== set-parent ==
open:   that a parent stack can be a delegated administrator's, that DependsOn takes the ARN of a set in the management account, that a rollback reads the
        templates from their old folder, that the stacks go with the parent, that a Region can be added although RegionOrder
        names the others, too: known from the source of the resource handler only, which may be older
rests:  stack-sets.template.yaml (generator/src/stacks/stack_sets.rs) and its chapter of the run-book
    aws cloudformation describe-stack-events --stack-name lakelink-$name-stack-sets --query "StackEvents[].[LogicalResourceId,ResourceStatus,ResourceStatusReason]" --region $region --profile SETS
    aws cloudformation describe-stack-set --stack-set-name lakelink-$name-detective --query StackSet.AutoDeployment --region $region --profile SETS
    aws cloudformation list-stack-sets --status ACTIVE --query "Summaries[].StackSetName" --region $region --profile SETS
answer: by the chapter "Roll out by StackSets": the lake set is complete before the other begins; one that fails ends in UPDATE_ROLLBACK_COMPLETE; removed, no set is left

== other-tools ==
open:   real AWS behind cdk deploy, with an old CLI and with the roles of a bootstrap, too; CodePipeline and rain; Git sync; CfCT
rests:  the outputs cdk, parameters, git_sync and cfct (generator/src/render/cdk.rs, generator/src/render/parameters.rs, generator/src/render/git_sync.rs, generator/src/render/cfct.rs)
    lakelink generate $spec
    lakelink status $both
answer: after each guide of examples/rollout, with its output and its example: in step
CHECKS
