"""Proves custom resources of our own functions, and the output of a stack of another account."""
import json
import time

from selftest_base import ADMIN, LAKE, OTHER, OTHER_ADMIN, REGION, SECOND, SEED, Case, one, subscriber, template, trust

# answers, and tells where and as whom it runs; leaves or accepts what comes from Owner
CODE = '''
import json, os, urllib.request
import boto3

def handler(event, context):
    props, ram = event["ResourceProperties"], boto3.client("ram")
    print(json.dumps(event))
    answer = {key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}
    answer.update(Status="SUCCESS", PhysicalResourceId=props.get("Id", "fixed"))
    if event["RequestType"] == "Delete":
        shares = ram.get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"]
        for share in [s for s in shares if s["owningAccountId"] == props.get("Owner")]:
            ram.disassociate_resource_share(resourceShareArn=share["resourceShareArn"], principals=[event["StackId"].split(":")[4]])
    else:
        for found in ram.get_resource_share_invitations()["resourceShareInvitations"]:
            if found["status"] == "PENDING" and found["senderAccountId"] == props.get("Owner"):
                ram.accept_resource_share_invitation(resourceShareInvitationArn=found["resourceShareInvitationArn"])
    who = boto3.client("sts").get_caller_identity()["Account"]
    answer["Data"] = {"Who": who, "Where": os.environ["AWS_REGION"], "Kind": event["RequestType"], "Told": os.environ.get("TOLD", ""),
                      "Old": (event.get("OldResourceProperties") or {}).get("Id", "none"), "Type": type(props["Number"]).__name__}
    urllib.request.urlopen(urllib.request.Request(event["ResponseURL"], json.dumps(answer).encode(), {"Content-Type": ""}, method="PUT"))
'''
# answers wrongly, as it is told, or not at all
WRONG = '''
import json, urllib.request

def handler(event, context):
    props = event["ResourceProperties"]
    answer = {key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}
    answer.update(Status=props.get("Status", "SUCCESS"), Reason="as asked", PhysicalResourceId="fixed")
    for change in props.get("Break", []):
        answer.pop(change)
    if "Silent" not in props:
        kind = {"Content-Type": props.get("ContentType", "")}
        urllib.request.urlopen(urllib.request.Request(event["ResponseURL"], json.dumps(answer).encode(), kind, method="PUT"))
'''
SLEEPER = "import time\ndef handler(event, context):\n    time.sleep(60)\n"


def stack(code=CODE, role=f"arn:aws:iam::{OTHER}:role/Function", function=None, **props):
    resources = {
        "Log": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/lakelink/f", "RetentionInDays": 30}},
        "F": {"Type": "AWS::Lambda::Function", "Properties": {
            "FunctionName": "f", "Runtime": "python3.13", "Handler": "index.handler", "Role": role, "Code": {"ZipFile": code}, "Timeout": 60,
            "ReservedConcurrentExecutions": 1, "Architectures": ["arm64"], "LoggingConfig": {"LogGroup": {"Ref": "Log"}},
            "Environment": {"Variables": {"TOLD": "yes"}}, **(function or {})}},
        "C": {"Type": "Custom::Acceptance", "Properties": {"ServiceToken": {"Fn::GetAtt": ["F", "Arn"]}, "ServiceTimeout": 20, "Number": 1, **props}}}
    names = () if code != CODE else ("Who", "Where", "Kind", "Told", "Old", "Type")
    return template(resources, Outputs={name: {"Value": {"Fn::GetAtt": ["C", name]}} for name in names})


class Functions(Case):
    seed = {"accounts": {**SEED["accounts"], OTHER: {**SEED["accounts"][OTHER], "roles": [
        "SecDeploy", {"name": "Function", "trust": trust(Service="lambda.amazonaws.com")}]}}}

    def test_create_update_delete_with_data(self):
        self.good("lake", subscriber())
        made = self.good("s", stack(Owner=LAKE), account=OTHER)
        self.assertEqual(made, {"Who": OTHER, "Where": REGION, "Kind": "Create", "Told": "yes", "Old": "none", "Type": "str"})
        found = self.world.state(OTHER)
        self.assertEqual(len(found["ram"]["others_resources"]), 2)
        self.assertEqual(found["log_groups"]["/lakelink/f"]["retention"], 30)
        self.assertEqual({key: found["functions"]["f"][key] for key in ("reserved_concurrency", "architectures", "log_group", "timeout")},
                         {"reserved_concurrency": 1, "architectures": ["arm64"], "log_group": "/lakelink/f", "timeout": 60})
        made = self.good("s", stack(Owner=LAKE, Id="next"), account=OTHER)     # another id: Delete for the old one, which leaves
        self.assertEqual((made["Kind"], made["Old"]), ("Update", "none"))
        self.assertEqual(self.world.state(OTHER)["ram"]["others_resources"], [])
        made = self.good("s", stack(Owner=LAKE, Id="next", Number=2), account=OTHER)
        self.assertEqual((made["Kind"], made["Old"]), ("Update", "next"))
        self.assertEqual(self.delete("s", OTHER), "DELETE_COMPLETE")
        self.assertEqual(self.world.state(OTHER)["functions"], {})

    def test_failures_and_silence(self):
        def bad(text, code=WRONG, **props):
            started = time.monotonic()
            self.bad(text, "s" + str(time.time_ns()), stack(code, **props), account=OTHER)
            return time.monotonic() - started
        bad("Received response status [FAILED] from custom resource. Message returned: as asked", Status="FAILED")
        bad("Invalid PhysicalResourceId", Break=["PhysicalResourceId"])
        bad("Invalid RequestId", Break=["RequestId"])
        self.assertLess(bad("did not receive a response", Silent="x"), 15)                      # it ended without an answer
        self.assertLess(bad("did not receive a response", ContentType="application/json"), 15)  # a presigned address takes none
        self.assertLess(bad("(ServiceTimeout 1 s)", SLEEPER, ServiceTimeout=1), 15)
        bad("ServiceTimeout 0 is not", ServiceTimeout=0)
        self.world.control(type="Custom::Acceptance", on="create", message="injected by the test")
        bad("injected by the test")

    def test_functions_are_checked(self):
        def bad(text, **changes):
            self.bad(text, "s" + str(time.time_ns()), one("AWS::Lambda::Function", {**props, **changes}), account=OTHER)
        props = json.loads(stack())["Resources"]["F"]["Properties"]
        props.pop("LoggingConfig")
        bad("cannot be assumed by Lambda", Role=OTHER_ADMIN)
        bad("cannot be assumed by Lambda", Role=f"arn:aws:iam::{OTHER}:role/Gone")
        bad("Timeout 901", Timeout=901)
        bad("runtime nodejs18.x", Runtime="nodejs18.x")
        bad("is the file `index`", Handler="acceptor.handler")
        bad("reserved key", Environment={"Variables": {"AWS_REGION": "x"}})
        bad("extraneous key [Surprise]", Surprise=1)
        self.bad("is not a valid enum value", "l", one("AWS::Logs::LogGroup", {"RetentionInDays": 2}), account=OTHER)
        self.good("g", one("AWS::Logs::LogGroup", {"LogGroupName": "/g"}), account=OTHER)
        self.bad("already exists", "h", one("AWS::Logs::LogGroup", {"LogGroupName": "/g"}), account=OTHER, DisableValidation=True)


def reading(role=None, name="ShareArn", **more):
    spec = {"StackName": "lake", "OutputName": name, **({"RoleArn": role} if role else {}), **more}
    return {"Fn::GetStackOutput": spec}


class StackOutputs(Case):
    reader = f"arn:aws:iam::{LAKE}:role/reader"
    other = f"arn:aws:iam::{LAKE}:role/other"

    @staticmethod
    def only(who, operator="ArnEquals"):
        return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {
            "AWS": f"arn:aws:iam::{OTHER}:root"}, "Condition": {operator: {"aws:PrincipalArn": who}}}]}

    def consume(self, value, **more):
        return one("AWS::SSM::Parameter", {"Name": "/Detective/SLI/X", "Type": "String", "Value": value}, **more)

    def setUp(self):
        super().setUp()
        roles = {name: {"Type": "AWS::IAM::Role", "Properties": {"RoleName": name, "AssumeRolePolicyDocument": document}}
                 for name, document in {"reader": self.only(OTHER_ADMIN), "other": self.only(f"arn:aws:iam::{OTHER}:role/Else", "StringEquals"),
                                        "direct": trust(AWS=OTHER_ADMIN)}.items()}
        self.good("roles", template(roles))
        self.good("lake", one("AWS::SSM::Parameter", {"Name": "/p", "Type": "String", "Value": "v1"}).replace(
            "}}}}", '}}}, "Outputs": {"ShareArn": {"Value": "of the lake"}}}'))

    def test_through_a_role_of_the_other_account(self):
        nested = {"Fn::Sub": ["${A}!", {"A": {"Fn::Join": ["-", [reading(self.reader), "x"]]}}]}
        body = json.loads(self.consume(nested))
        body["Outputs"] = {"O": {"Value": reading(f"arn:aws:iam::{LAKE}:role/direct")}}
        self.assertEqual(self.good("s", json.dumps(body), account=OTHER), {"O": "of the lake"})
        self.assertEqual(self.world.state(OTHER)["ssm_parameters"]["/Detective/SLI/X"]["value"], "of the lake-x!")
        self.good("far", self.consume(reading(self.reader, Region=REGION)), account=OTHER, region=SECOND)
        self.assertEqual(self.delete("lake"), "DELETE_COMPLETE")     # a weak reference
        self.bad("Output 'ShareArn' not found in stack 'lake'", "t", self.consume(reading(self.reader)), account=OTHER, DisableValidation=True)

    def test_refusals(self):
        for number, (text, value) in enumerate({
                f"User: {OTHER_ADMIN} is not authorized to perform: sts:AssumeRole on resource: {self.other}": reading(self.other),
                "does not exist": reading(f"arn:aws:iam::{LAKE}:role/gone"),
                "Output 'No' not found in stack 'lake'": reading(self.reader, "No"),
                f"Output 'ShareArn' not found in stack 'lake' ({OTHER}, {REGION})": reading()}.items()):
            self.bad(text, f"s{number}", self.consume(value), account=OTHER)
        self.bad("is not authorized to perform: sts:AssumeRole", "caller", self.consume(reading(self.reader)), account=OTHER, role=None)
        self.assertEqual(self.good("same", template({"H": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}, Outputs={
            "O": {"Value": reading()}}), role=ADMIN), {"O": "of the lake"})
        for section, content in {"Conditions": {"C": {"Fn::Equals": [reading(), "x"]}}, "Mappings": {"M": {"A": {"B": reading()}}}}.items():
            body = {**json.loads(self.consume("x")), section: content}
            self.refused(f"Fn::GetStackOutput cannot be used in {section}", self.deploy, "r", json.dumps(body))
        self.refused("takes StackName and OutputName", self.deploy, "r", self.consume({"Fn::GetStackOutput": ["lake", "ShareArn"]}))
