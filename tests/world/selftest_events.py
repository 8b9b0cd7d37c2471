"""Proves what CloudFormation finds out before it deploys a change set, and DescribeEvents."""
from selftest_base import ADMIN, LAKE, OTHER, REGION, Case, names, one, template, trust

ROOT = {"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {"AWS": f"arn:aws:iam::{LAKE}:root"}}
EXISTING = "AWS::EarlyValidation::ResourceExistenceCheck"


def rows(found):
    return [tuple(row.get(key) for key in ("EventType", "LogicalResourceId", "ResourceStatus")) for row in found["OperationEvents"]]


class EarlyValidation(Case):
    def change(self, body, name="t", kind="CREATE", **more):
        """(description of a new change set, its failed events)"""
        cfn = self.world.client("cloudformation")
        change = cfn.create_change_set(StackName=name, ChangeSetName="c1", ChangeSetType=kind, TemplateBody=body, RoleARN=ADMIN,
                                       Capabilities=["CAPABILITY_NAMED_IAM"], **more)["Id"]
        events = cfn.describe_events(ChangeSetName=change, Filters={"FailedEvents": True})["OperationEvents"]
        return cfn.describe_change_set(ChangeSetName=change), events

    def test_a_name_that_is_taken_fails_the_change_set(self):
        self.world.client("s3", OTHER).create_bucket(Bucket="taken-by-other")
        bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "B"]}}}
        free = {"Type": "AWS::S3::Bucket", "Properties": {}}
        body = template({"Taken": bucket, "Free": free}, Mappings={"M": {REGION: {"B": "taken-by-other"}}})
        found, events = self.change(body)
        self.assertEqual((found["Status"], found["ExecutionStatus"]), ("FAILED", "UNAVAILABLE"))
        self.assertIn(EXISTING, found["StatusReason"])
        row, = events
        self.assertEqual({key: row.get(key) for key in row if key.startswith("Validation")}, {
            "ValidationName": "NAME_CONFLICT_VALIDATION", "ValidationFailureMode": "FAIL", "ValidationStatus": "FAILED",
            "ValidationPath": "/Resources/Taken",
            "ValidationStatusReason": "Resource of type 'AWS::S3::Bucket' with identifier 'taken-by-other' already exists."})
        self.assertEqual([row[key] for key in ("EventType", "OperationType", "OperationStatus", "LogicalResourceId", "ResourceType", "StackId")],
                         ["VALIDATION_ERROR", "CREATE_CHANGESET", "FAILED", "Taken", "AWS::S3::Bucket", found["StackId"]])
        cfn = self.world.client("cloudformation")
        self.refused("InvalidChangeSetStatus", cfn.execute_change_set, ChangeSetName=found["ChangeSetId"])
        self.assertEqual(cfn.describe_stacks(StackName="t")["Stacks"][0]["StackStatus"], "REVIEW_IN_PROGRESS")
        self.assertEqual(self.change(body, "off", DisableValidation=True)[0]["Status"], "CREATE_COMPLETE")

    def test_of_which_types(self):
        made = {
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "r", "AssumeRolePolicyDocument": trust(Service="glue.amazonaws.com")}},
            "Parameter": {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/p", "Type": "String", "Value": "1"}},
            "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/g"}},
            "Group": {"Type": "AWS::Athena::WorkGroup", "Properties": {"Name": "w"}},
            "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": [ROOT]}}},
            "Alias": {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/a", "TargetKeyId": {"Ref": "Key"}}}}
        self.good("s", template(made))
        made["Source"] = {"Type": "AWS::SecurityLake::AwsLogSource", "Properties": {
            "DataLakeArn": names.lake_arn(LAKE, REGION), "SourceName": "VPC_FLOW", "SourceVersion": "2.0"}}
        found, events = self.change(template({**made, "Unused": {"Condition": "Never", **made["Role"]}},
                                             Conditions={"Never": {"Fn::Equals": ["a", "b"]}}))
        self.assertEqual({e["LogicalResourceId"] for e in events}, {"Role", "Parameter", "Logs", "Group", "Alias", "Source"})
        self.assertIn("'VPC_FLOW|2.0' already exists", str(events))
        # of a stack that has them they are no conflict
        changed = template({**{key: made[key] for key in made if key != "Source"}, "More": {"Type": "AWS::S3::Bucket", "Properties": {}}})
        self.assertEqual(self.change(changed, "s", "UPDATE")[0]["Status"], "CREATE_COMPLETE")

    def test_a_bucket_that_is_not_empty_is_a_warning(self):
        parameter = {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/p", "Type": "String", "Value": "1"}}
        bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "full-1"}}
        self.good("s", template({"P": parameter, "B": bucket, "Kept": {**bucket, "DeletionPolicy": "Retain", "Properties": {"BucketName": "full-2"}}}))
        for name in ("full-1", "full-2"):
            self.world.client("s3").put_object(Bucket=name, Key="k", Body=b"x")
        found, events = self.change(template({"P": parameter}), "s", "UPDATE")
        self.assertEqual((found["Status"], found["ExecutionStatus"]), ("CREATE_COMPLETE", "AVAILABLE"))
        self.assertEqual([(e["LogicalResourceId"], e["ValidationName"], e["ValidationFailureMode"]) for e in events],
                         [("B", "BUCKET_EMPTINESS_VALIDATION", "WARN")])


class Events(Case):
    def test_events_of_a_stack_by_operation(self):
        cfn = self.world.client("cloudformation")
        good = one("AWS::SSM::Parameter", {"Name": "/p", "Type": "String", "Value": "1"})
        self.good("s", good)
        self.assertEqual(cfn.describe_events(StackName="s", Filters={"FailedEvents": True})["OperationEvents"], [])
        self.world.control(type="AWS::SSM::Parameter", message="as planned", on="update")
        self.bad("as planned", "s", good.replace('"Value": "1"', '"Value": "2"'))
        failed = cfn.describe_events(StackName="s", Filters={"FailedEvents": True})
        self.assertEqual(rows(failed), [("PROVISIONING_ERROR", "It", "UPDATE_FAILED")])
        row = failed["OperationEvents"][0]
        self.assertEqual((row["ResourceStatusReason"], row["OperationType"], row["OperationStatus"]), ("as planned", "UPDATE_STACK", "FAILED"))
        every = cfn.describe_events(StackName="s")
        self.assertEqual(rows(every)[-1], ("STACK_EVENT", "s", "REVIEW_IN_PROGRESS"))
        kinds = [e["OperationType"] for e in every["OperationEvents"]]
        self.assertEqual([k for n, k in enumerate(kinds) if kinds[n - 1:n] != [k]], ["ROLLBACK", "UPDATE_STACK", "CREATE_STACK", "CREATE_CHANGESET"])
        of_update = cfn.describe_events(OperationId=row["OperationId"])
        self.assertEqual({e["OperationType"] for e in of_update["OperationEvents"]}, {"UPDATE_STACK"})

    def test_what_has_to_be_named(self):
        cfn = self.world.client("cloudformation")
        self.good("s", one("AWS::S3::Bucket", {}))
        text = "One of ChangeSetName, OperationId or StackName must be specified"
        self.refused(text, cfn.describe_events)
        cfn.create_change_set(StackName="s", ChangeSetName="by-name", TemplateBody=one("AWS::S3::Bucket", {"BucketName": "new-1"}))
        self.refused(text, cfn.describe_events, ChangeSetName="by-name")
        self.assertEqual(cfn.describe_events(StackName="s", ChangeSetName="by-name")["OperationEvents"], [])
        self.refused("does not exist", cfn.describe_events, StackName="absent")
        self.refused("does not exist", cfn.describe_events, ChangeSetName=f"arn:aws:cloudformation:{REGION}:{LAKE}:changeSet/x/1")
