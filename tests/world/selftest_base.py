"""What the self-test is made of: a running world, small templates, and a test case that deploys them."""
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

import state as reader
from lakeworld import names

HERE = os.path.dirname(os.path.abspath(__file__))
LAKE, OTHER, REGION, SECOND = "111122223333", "444455556666", "us-east-1", "ap-northeast-1"
ADMIN = f"arn:aws:iam::{LAKE}:role/SecDeploy"
OTHER_ADMIN = f"arn:aws:iam::{OTHER}:role/SecDeploy"
ANALYST = f"arn:aws:iam::{OTHER}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_X_0123456789abcdef"
SEED = {"accounts": {
    LAKE: {"lake_regions": [REGION, SECOND], "roles": ["SecDeploy", {"name": "NotForStacks", "trust": {"Statement": []}}],
           "lake_formation_admins": {REGION: [ADMIN], SECOND: [ADMIN]}},
    OTHER: {"roles": ["SecDeploy", "aws-reserved/sso.amazonaws.com/AWSReservedSSO_X_0123456789abcdef"], "users": ["bob"],
            "policies": ["SecBoundary"], "lake_formation_admins": {REGION: [OTHER_ADMIN]}}}}
DATABASE = names.database(REGION)
TABLE = names.table(REGION, "vpc_flow", "2.0")


class World:
    """One running test world."""

    def __init__(self, seed):
        self.file = tempfile.NamedTemporaryFile("w", suffix=".json")
        json.dump(seed, self.file)
        self.file.flush()
        self.process = subprocess.Popen([sys.executable, os.path.join(HERE, "world.py"), "--port", "0", "--seed", self.file.name],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline().split()
        assert line[:1] == ["ready"], f"the world did not start: {line}"
        self.url = line[1]
        self.clients = {}
        self.config = Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"})

    def client(self, service, account=LAKE, region=REGION, **session):
        keys = session or {"aws_access_key_id": account, "aws_secret_access_key": "x"}
        known = (service, region, keys["aws_access_key_id"])
        if known not in self.clients:
            self.clients[known] = boto3.client(service, region_name=region, endpoint_url=self.url, config=self.config, **keys)
        return self.clients[known]

    def control(self, **body):
        urllib.request.urlopen(urllib.request.Request(self.url + "/_lake/fault", json.dumps(body).encode())).close()

    def calls(self, method="GET"):
        """The log of calls; another method than GET empties it."""
        with urllib.request.urlopen(urllib.request.Request(self.url + "/_lake/calls", method=method)) as reply:
            return json.load(reply)

    def state(self, account=LAKE, region=REGION):
        return reader.state(self.url, account, region)

    def stop(self):
        self.process.stdin.close()
        code = self.process.wait(timeout=10)
        self.process.stdout.close()
        self.file.close()
        return code


def template(resources, **more):
    return json.dumps({"Resources": resources, **more})


def subscriber(**changes):
    props = {"DataLakeArn": names.lake_arn(LAKE, REGION), "SubscriberName": "sub", "AccessTypes": ["LAKEFORMATION"],
             "Sources": [{"AwsLogSource": {"SourceName": "VPC_FLOW", "SourceVersion": "2.0"}}],
             "SubscriberIdentity": {"ExternalId": "ext-1", "Principal": OTHER}, **changes}
    return template({"Sub": {"Type": "AWS::SecurityLake::Subscriber", "Properties": {k: v for k, v in props.items() if v is not None}}},
                    Outputs={"Share": {"Value": {"Fn::GetAtt": ["Sub", "ResourceShareArn"]}}})


def grant(principal=ANALYST, permissions=("SELECT",), **table):
    resource = {"Table": {"CatalogId": LAKE, "DatabaseName": DATABASE, "Name": TABLE, **table}}
    return {"Type": "AWS::LakeFormation::PrincipalPermissions", "Properties": {
        "Principal": {"DataLakePrincipalIdentifier": principal}, "Resource": resource,
        "Permissions": list(permissions), "PermissionsWithGrantOption": []}}


def settings(*admins, mode="APPEND", **more):
    return {"Type": "AWS::LakeFormation::DataLakeSettings", **more, "Properties": {
        "Admins": [{"DataLakePrincipalIdentifier": a} for a in admins], "MutationType": mode}}


def one(rtype, props, **more):
    return template({"It": {"Type": rtype, "Properties": props, **more}})


def trust(**principal):
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}]}


class Case(unittest.TestCase):
    """Each test has a world of its own (about half a second): no test sees another one's leftovers."""
    seed = SEED

    def setUp(self):
        self.world = World(self.seed)
        self.addCleanup(self.world.stop)

    def deploy(self, name, body, account=LAKE, region=REGION, role=ADMIN, capabilities=("CAPABILITY_NAMED_IAM",), **more):
        """Change set, execute, wait: (status, outputs, reasons of failed resources)."""
        cfn = self.world.client("cloudformation", account, region)
        if role == ADMIN and account == OTHER:
            role = OTHER_ADMIN
        try:
            kind = "CREATE" if cfn.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] == "REVIEW_IN_PROGRESS" else "UPDATE"
        except ClientError:
            kind = "CREATE"
        change = cfn.create_change_set(StackName=name, ChangeSetName="c" + str(time.time_ns()), ChangeSetType=kind, TemplateBody=body,
                                       Capabilities=list(capabilities), **({"RoleARN": role} if role else {}), **more)["Id"]
        found = cfn.describe_change_set(ChangeSetName=change)
        self.changes = found.get("Changes", [])
        if found["Status"] == "FAILED":
            rows = cfn.describe_events(ChangeSetName=change, Filters={"FailedEvents": True})["OperationEvents"]
            reasons = [found["StatusReason"], *(row["ValidationStatusReason"] for row in rows)]
            return "REFUSED EARLY" if rows else "NO CHANGE", {}, " | ".join(reasons)
        cfn.execute_change_set(ChangeSetName=change)
        return self.outcome(cfn, name)

    def outcome(self, cfn, name):
        stack = cfn.describe_stacks(StackName=name)["Stacks"][0]
        reasons = " | ".join(e.get("ResourceStatusReason", "") for e in cfn.describe_stack_events(StackName=name)["StackEvents"]
                             if e["ResourceStatus"].endswith("_FAILED"))
        return stack["StackStatus"], {o["OutputKey"]: o["OutputValue"] for o in stack.get("Outputs", [])}, reasons

    def good(self, name, body, **more):
        status, outputs, reasons = self.deploy(name, body, **more)
        self.assertIn(status, ("CREATE_COMPLETE", "UPDATE_COMPLETE"), reasons)
        return outputs

    def bad(self, text, name, body, **more):
        status, _outputs, reasons = self.deploy(name, body, **more)
        self.assertIn(status, ("ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "REFUSED EARLY"))
        self.assertIn(text, reasons)

    def refused(self, text, call, *args, **kwargs):
        with self.assertRaises(ClientError) as caught:
            call(*args, **kwargs)
        self.assertIn(text, str(caught.exception))

    def delete(self, name, account=LAKE, region=REGION):
        """The stack by its id, so that a deleted one can be asked too."""
        cfn = self.world.client("cloudformation", account, region)
        ident = cfn.describe_stacks(StackName=name)["Stacks"][0]["StackId"]
        cfn.delete_stack(StackName=name)
        return cfn.describe_stacks(StackName=ident)["Stacks"][0]["StackStatus"]

    def share(self):
        """A subscriber in the lake account whose share the other account has accepted."""
        if not self.world.client("securitylake").list_subscribers()["subscribers"]:
            self.good("lake", subscriber())
        ram = self.world.client("ram", OTHER)
        for invitation in ram.get_resource_share_invitations()["resourceShareInvitations"]:
            if invitation["status"] == "PENDING":
                ram.accept_resource_share_invitation(resourceShareInvitationArn=invitation["resourceShareInvitationArn"])
