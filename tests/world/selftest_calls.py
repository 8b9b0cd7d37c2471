"""Proves the log of calls, and faults by their count."""
import boto3
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError

from selftest_base import ADMIN, LAKE, OTHER, OTHER_ADMIN, REGION, SECOND, Case, one, subscriber
import selftest_functions as functions


class Calls(Case):
    parameter = one("AWS::SSM::Parameter", {"Name": "/Detective/SLI/A", "Type": "String", "Value": "1"})

    def test_every_call_of_a_client_and_whether_it_writes(self):
        self.assertEqual(self.world.calls(), [])
        sts, cfn = self.world.client("sts"), self.world.client("cloudformation")
        keys = sts.assume_role(RoleArn=OTHER_ADMIN, RoleSessionName="sess")["Credentials"]
        there = self.world.client("cloudformation", region=SECOND, aws_access_key_id=keys["AccessKeyId"],
                                  aws_secret_access_key=keys["SecretAccessKey"], aws_session_token=keys["SessionToken"])
        self.refused("does not exist", there.describe_stacks, StackName="s")
        change = cfn.create_change_set(StackName="s", ChangeSetName="c", ChangeSetType="CREATE", TemplateBody=self.parameter)
        cfn.execute_change_set(ChangeSetName=change["Id"])
        cfn.describe_stacks(StackName=change["StackId"])
        ram, lf, lake = (self.world.client(name) for name in ("ram", "lakeformation", "securitylake"))
        ram.get_resource_share_invitations()
        self.refused("NotFound", ram.accept_resource_share_invitation, resourceShareInvitationArn="arn:x:x:x:x:x")
        lf.get_data_lake_settings()
        lf.put_data_lake_settings(DataLakeSettings={})
        lake.get_data_lake_sources()
        self.world.client("ssm").get_parameter(Name="/Detective/SLI/A")
        self.world.client("s3").create_bucket(Bucket="made-here")
        self.world.client("s3").put_bucket_policy(Bucket="made-here", Policy='{"Version": "2012-10-17", "Statement": []}')
        self.world.client("s3").head_bucket(Bucket="made-here")
        found = self.world.calls()
        root = f"arn:aws:iam::{LAKE}:root"
        self.assertEqual([tuple(call[key] for key in ("service", "operation", "write", "stack")) for call in found], [
            ("sts", "AssumeRole", False, None), ("cloudformation", "DescribeStacks", False, "s"),
            ("cloudformation", "CreateChangeSet", True, "s"), ("cloudformation", "ExecuteChangeSet", True, "s"),
            ("cloudformation", "DescribeStacks", False, "s"), ("ram", "GetResourceShareInvitations", False, None),
            ("ram", "AcceptResourceShareInvitation", True, None), ("lakeformation", "GetDataLakeSettings", False, None),
            ("lakeformation", "PutDataLakeSettings", True, None), ("securitylake", "GetDataLakeSources", False, None),
            ("ssm", "GetParameter", False, None), ("s3", "CreateBucket", True, None), ("s3", "PutBucketPolicy", True, None),
            ("s3", "HeadBucket", False, None)])
        self.assertEqual([(c["account"], c["region"], c["caller"], c["status"]) for c in found[:3]], [
            (LAKE, REGION, root, 200), (OTHER, SECOND, OTHER_ADMIN, 400), (LAKE, REGION, root, 200)])
        self.assertEqual([c["status"] for c in found if c["operation"] == "AcceptResourceShareInvitation"], [400])
        self.assertEqual((self.world.calls("DELETE"), self.world.calls()), ([], []))

    def test_what_iam_would_compare(self):
        cfn, ram, cloud = (self.world.client(name) for name in ("cloudformation", "ram", "cloudcontrol"))
        change = cfn.create_change_set(StackName="s", ChangeSetName="c", ChangeSetType="CREATE", TemplateBody=self.parameter, RoleARN=ADMIN)
        self.refused("does not exist", cfn.get_template, StackName="none")
        cfn.describe_change_set(ChangeSetName=change["Id"])
        cfn.delete_stack(StackName=change["StackId"])
        self.refused("NotFound", ram.accept_resource_share_invitation, resourceShareInvitationArn="arn:x:x:x:x:x")
        self.refused("NotFound", cloud.get_resource, TypeName="AWS::S3::Bucket", Identifier="none", RoleArn=ADMIN)
        place = f"arn:aws:cloudformation:{REGION}:{LAKE}:stack"
        self.assertEqual([(c["resource"], c["keys"], c["role"], c["type"]) for c in self.world.calls()], [
            (f"{place}/s/*", {"cloudformation:RoleArn": ADMIN}, ADMIN, None), (f"{place}/none/*", {}, None, None),
            (change["Id"], {}, None, None), (change["StackId"], {}, None, None), ("arn:x:x:x:x:x", {}, None, None),
            (None, {}, ADMIN, "AWS::S3::Bucket")])

    def test_a_planned_fault_is_in_the_log(self):
        self.world.control(action="DescribeStacks", code="Throttling")
        self.refused("Throttling", self.world.client("cloudformation").describe_stacks)
        self.assertEqual([(c["operation"], c["status"], c["stack"]) for c in self.world.calls()], [("DescribeStacks", 400, None)])


    def test_silence_after_a_write(self):
        self.world.control(hang_after_write=2)
        cfn = self.world.client("cloudformation")
        quick = boto3.client("cloudformation", region_name=REGION, endpoint_url=self.world.url, aws_access_key_id=LAKE,
                             aws_secret_access_key="x", config=Config(retries={"max_attempts": 0}, read_timeout=1))
        cfn.create_change_set(StackName="s", ChangeSetName="c", ChangeSetType="CREATE", TemplateBody=self.parameter)
        for call in (lambda: quick.execute_change_set(StackName="s", ChangeSetName="c"), lambda: quick.delete_stack(StackName="s")):
            self.assertRaises(ReadTimeoutError, call)
        self.assertEqual([(c["operation"], c["status"]) for c in self.world.calls()], [("CreateChangeSet", 200), ("ExecuteChangeSet", 200)])
        self.world.control(clear=True)
        self.assertEqual(cfn.describe_stacks(StackName="s")["Stacks"][0]["StackStatus"], "CREATE_COMPLETE")

    def test_a_lost_reply_of_our_own_services(self):
        self.world.control(action="PutDataLakeSettings", code="InternalFailure", status=500, after=True)
        lf = self.world.client("lakeformation")
        admin = {"DataLakeAdmins": [{"DataLakePrincipalIdentifier": ADMIN}]}
        self.refused("Rate exceeded", lf.put_data_lake_settings, DataLakeSettings={**admin, "Parameters": {"CROSS_ACCOUNT_VERSION": "4"}})
        self.assertEqual(lf.get_data_lake_settings()["DataLakeSettings"]["Parameters"]["CROSS_ACCOUNT_VERSION"], "4")


class CallsOfFunctions(Case):
    seed = functions.Functions.seed

    def test_what_our_functions_call_is_marked(self):
        self.good("lake", subscriber(), role=ADMIN)
        self.world.calls("POST")
        self.good("s", functions.stack(Owner=LAKE), account=OTHER)
        found = self.world.calls()
        self.assertEqual({c["operation"] for c in found if c["function"]},
                         {"GetResourceShareInvitations", "AcceptResourceShareInvitation", "GetCallerIdentity"})
        self.assertEqual({c["service"] for c in found if not c["function"]}, {"cloudformation"})
