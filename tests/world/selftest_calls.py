"""Proves the log of calls."""
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

    def test_a_planned_fault_is_in_the_log(self):
        self.world.control(action="DescribeStacks", code="Throttling")
        self.refused("Throttling", self.world.client("cloudformation").describe_stacks)
        self.assertEqual([(c["operation"], c["status"], c["stack"]) for c in self.world.calls()], [("DescribeStacks", 400, None)])


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
