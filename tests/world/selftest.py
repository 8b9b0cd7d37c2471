"""Proves the test world: each strictness and each update handler. `python selftest.py` with the packages installed.

Templates are small ones of its own; nothing here knows lakelink.
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

from lakeworld import names
from selftest_base import (ADMIN, ANALYST, DATABASE, HERE, LAKE, OTHER, OTHER_ADMIN, REGION, SECOND, SEED, TABLE, Case, World, grant,
                           one, settings, subscriber, template, trust)


class Server(Case):
    def test_ends_with_stdin_and_leaves_nothing(self):
        before = set(os.listdir(tempfile.gettempdir()))
        world = World(SEED)
        self.assertTrue(world.url.startswith("http://127.0.0.1:"))
        self.assertEqual(world.stop(), 0)
        left = {n for n in os.listdir(tempfile.gettempdir()) if n.startswith("lakeworld-")} - before
        self.assertEqual(left, set())

    def test_ends_while_it_starts(self):
        for number in range(3):     # closed at once: whatever is loaded by then
            found = subprocess.run([sys.executable, os.path.join(HERE, "world.py")], stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
            self.assertEqual((found.returncode, found.stderr), (0, b""), number)

    def test_ends_with_sigterm(self):
        world = World(SEED)
        world.process.terminate()
        self.assertEqual(world.stop(), 0)

    def test_accounts_and_assumed_roles(self):
        sts = self.world.client("sts")
        self.assertEqual(sts.get_caller_identity()["Account"], LAKE)
        keys = sts.assume_role(RoleArn=OTHER_ADMIN, RoleSessionName="sess")["Credentials"]
        session = {"aws_access_key_id": keys["AccessKeyId"], "aws_secret_access_key": keys["SecretAccessKey"],
                   "aws_session_token": keys["SessionToken"]}
        who = self.world.client("sts", **session).get_caller_identity()
        self.assertEqual((who["Account"], who["Arn"]), (OTHER, f"arn:aws:sts::{OTHER}:assumed-role/SecDeploy/sess"))
        self.share()
        # the session is the administrator itself: no stack role needed for a grant
        self.world.client("lakeformation", **session).grant_permissions(
            Principal={"DataLakePrincipalIdentifier": ANALYST}, Permissions=["SELECT"],
            Resource={"Table": {"CatalogId": LAKE, "DatabaseName": DATABASE, "Name": TABLE}})
        self.refused("sts:AssumeRole", sts.assume_role, RoleArn=f"arn:aws:iam::{OTHER}:role/Absent", RoleSessionName="sess")

    def test_aws_cli_deploys_and_deletes(self):
        """The exact commands of a run-book, a second deploy with nothing to do among them."""
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write(template({"P": {"Type": "AWS::SSM::Parameter", "Properties": {
                "Name": "/Detective/SLI/X", "Type": "StringList", "Value": {"Ref": "V"}}}}, Parameters={"V": {"Type": "String"}}))
            file.flush()
            aws = [sys.executable, "-m", "awscli", "--endpoint-url", self.world.url, "--region", REGION]
            environment = {**os.environ, "AWS_ACCESS_KEY_ID": OTHER, "AWS_SECRET_ACCESS_KEY": "x"}
            deploy = [*aws, "cloudformation", "deploy", "--stack-name", "s", "--template-file", file.name, "--role-arn", OTHER_ADMIN,
                      "--parameter-overrides", "V=a,b", "--tags", "team=sec", "--no-fail-on-empty-changeset"]
            for _ in range(2):      # the second one has nothing to do
                subprocess.run(deploy, check=True, env=environment, stdout=subprocess.DEVNULL)
            values = subprocess.run([*aws, "ssm", "get-parameters-by-path", "--path", "/Detective/SLI", "--output", "json"],
                                    check=True, env=environment, capture_output=True).stdout
            found = json.loads(values)["Parameters"][0]
            self.assertEqual((found["Type"], found["Value"]), ("StringList", "a,b"))
            subprocess.run([*aws, "cloudformation", "delete-stack", "--stack-name", "s"], check=True, env=environment)
            subprocess.run([*aws, "cloudformation", "wait", "stack-delete-complete", "--stack-name", "s"], check=True, env=environment)


class Subscribers(Case):
    def test_update_in_place_keeps_the_share(self):
        share = self.good("lake", subscriber())["Share"]
        sources = [{"AwsLogSource": {"SourceName": n, "SourceVersion": "2.0"}} for n in ("VPC_FLOW", "EKS_AUDIT")]
        changed = subscriber(SubscriberName="renamed", SubscriberDescription="d", Sources=sources)
        self.assertEqual(self.good("lake", changed)["Share"], share)
        found = self.world.state()["security_lake"]["subscribers"]
        self.assertEqual(list(found), ["renamed"])
        self.assertEqual((found["renamed"]["description"], found["renamed"]["sources"]), ("d", ["VPC_FLOW 2.0", "EKS_AUDIT 2.0"]))

    def test_new_identity_makes_a_new_share(self):
        first = self.good("lake", subscriber())["Share"]
        second = self.good("lake", subscriber(SubscriberIdentity={"ExternalId": "ext-2", "Principal": OTHER}))["Share"]
        self.assertEqual([first, second], [names.share_arn(7, LAKE, REGION, n) for n in (1, 2)])
        self.assertEqual(self.world.state()["ram"]["own"], [second])

    def test_access_types_cannot_change(self):
        self.good("lake", subscriber())
        self.bad("AccessTypes", "lake", subscriber(AccessTypes=["S3"]))

    def test_needs_lake_administrator_and_log_source(self):
        self.bad("not a data lake administrator", "a", subscriber(), role=None)
        self.bad("was not found", "b", subscriber(DataLakeArn=names.lake_arn(LAKE, "eu-west-1")))
        self.bad("is not a log source", "c", subscriber(Sources=[{"AwsLogSource": {"SourceName": "EKS_AUDIT", "SourceVersion": "1.0"}}]))
        self.good("d", subscriber())
        self.bad("already exists", "e", subscriber())

    def test_schema(self):
        self.bad("required key [SubscriberName]", "a", subscriber(SubscriberName=None))
        self.bad("extraneous key [Surprise]", "b", subscriber(Surprise=1))
        self.bad("required key [ExternalId]", "c", subscriber(SubscriberIdentity={"Principal": OTHER}))
        self.bad("[pattern]", "d", subscriber(SubscriberIdentity={"ExternalId": "x", "Principal": OTHER}))


class LogSources(Case):
    seed = {"accounts": {LAKE: {"lake_regions": [REGION], "lake_sources": ["vpc_flow:1.0"], "roles": ["SecDeploy"]}}}

    def test_create_update_exists(self):
        props = {"DataLakeArn": names.lake_arn(LAKE, REGION), "SourceName": "VPC_FLOW", "SourceVersion": "2.0", "Accounts": [LAKE]}
        self.good("a", one("AWS::SecurityLake::AwsLogSource", props))
        self.good("a", one("AWS::SecurityLake::AwsLogSource", {**props, "Accounts": [LAKE, OTHER]}))
        rows = self.world.client("securitylake").get_data_lake_sources(accounts=[OTHER])["dataLakeSources"]
        self.assertEqual([(r["account"], r["sourceName"]) for r in rows if "2.0" in r["sourceStatuses"][0]["resource"]], [(OTHER, "VPC_FLOW")])
        self.bad("already exists", "b", one("AWS::SecurityLake::AwsLogSource", {**props, "SourceVersion": "1.0"}),
                 DisableValidation=True)
        self.delete("a")
        self.assertEqual(self.world.state()["security_lake"]["sources"], [f"{LAKE} VPC_FLOW 1.0"])


class LakeFormation(Case):
    def test_settings_append_update_and_absent_principals(self):
        self.good("s", template({"A": settings(f"arn:aws:iam::{OTHER}:user/bob")}), account=OTHER)
        self.good("s", template({"A": settings(ANALYST)}), account=OTHER)
        admins = self.world.state(OTHER)["lake_formation"]["administrators"]
        self.assertEqual(admins, sorted([OTHER_ADMIN, f"arn:aws:iam::{OTHER}:user/bob", ANALYST]))
        wrong_path = f"arn:aws:iam::{OTHER}:role/{ANALYST.rsplit('/', 1)[1]}"
        self.bad(f"Invalid principal, {wrong_path}", "t", template({"A": settings(wrong_path)}), account=OTHER)
        lf = self.world.client("lakeformation", OTHER)
        self.refused("Invalid principal", lf.put_data_lake_settings, DataLakeSettings={
            "DataLakeAdmins": [{"DataLakePrincipalIdentifier": f"arn:aws:iam::{OTHER}:role/Gone"}]})

    def test_a_deleted_role_among_administrators_stops_every_change(self):
        self.good("r", one("AWS::IAM::Role", {"RoleName": "Service", "AssumeRolePolicyDocument": trust(Service="cloudformation.amazonaws.com")}),
                  account=OTHER)
        self.good("s", template({"A": settings(f"arn:aws:iam::{OTHER}:role/Service", DeletionPolicy="Retain")}), account=OTHER)
        self.assertEqual(self.delete("s", OTHER), "DELETE_COMPLETE")
        self.assertIn(f"arn:aws:iam::{OTHER}:role/Service", self.world.state(OTHER)["lake_formation"]["administrators"])
        self.assertEqual(self.delete("r", OTHER), "DELETE_COMPLETE")
        self.bad("Invalid principal", "t", template({"A": settings(ANALYST)}), account=OTHER)

    def test_grant_needs_accepted_share_administrator_and_principal(self):
        body = template({"G": grant()})
        self.good("lake", subscriber())
        self.bad("is not shared with account", "a", body, account=OTHER)
        self.share()
        self.bad("not a data lake administrator", "b", body, account=OTHER, role=None)
        self.bad("Invalid principal", "c", template({"G": grant(f"arn:aws:iam::{OTHER}:role/Gone")}), account=OTHER)
        self.bad("is not shared with account", "d", template({"G": grant(Name=names.table(REGION, "waf", "2.0"))}), account=OTHER)
        self.bad("not grantable", "e", template({"G": grant(permissions=["INSERT"])}), account=OTHER)
        self.bad("required key [PermissionsWithGrantOption]", "f", one("AWS::LakeFormation::PrincipalPermissions", {
            k: v for k, v in grant()["Properties"].items() if k != "PermissionsWithGrantOption"}), account=OTHER)
        self.good("g", body, account=OTHER)
        self.bad("already exists", "h", body, account=OTHER)
        self.assertEqual([p["permissions"] for p in self.world.state(OTHER)["lake_formation"]["permissions"]], [["SELECT"]])
        self.assertEqual(self.delete("g", OTHER), "DELETE_COMPLETE")
        self.assertEqual(self.world.state(OTHER)["lake_formation"]["permissions"], [])

    def test_revoking_needs_an_administrator_too(self):
        self.share()
        self.good("g", template({"G": grant()}), account=OTHER)
        self.world.client("lakeformation", OTHER).put_data_lake_settings(DataLakeSettings={"DataLakeAdmins": []})
        self.assertEqual(self.delete("g", OTHER), "DELETE_FAILED")

    def test_grant_changes_by_replacement_and_rolls_back(self):
        self.share()
        self.good("g", template({"G": grant()}), account=OTHER)
        self.good("g", template({"G": grant(permissions=["SELECT", "DESCRIBE"])}), account=OTHER)
        self.assertEqual(self.changes[0]["ResourceChange"]["Replacement"], "True")
        held = self.world.state(OTHER)["lake_formation"]["permissions"]
        self.assertEqual([p["permissions"] for p in held], [["DESCRIBE", "SELECT"]])
        broken = {"Type": "AWS::SSM::Parameter", "DependsOn": "G", "Properties": {"Type": "String"}}
        self.bad("required key [Value]", "g", template({"G": grant(permissions=["DESCRIBE"]), "P": broken}), account=OTHER)
        self.assertEqual(self.world.state(OTHER)["lake_formation"]["permissions"], held)
        self.assertEqual(self.delete("g", OTHER), "DELETE_COMPLETE")
        self.assertEqual(self.world.state(OTHER)["lake_formation"]["permissions"], [])

    def test_link_keeps_its_target_and_must_exist_for_describe(self):
        link = {"Type": "AWS::Glue::Database", "Properties": {"CatalogId": OTHER, "DatabaseInput": {
            "Name": DATABASE, "TargetDatabase": {"CatalogId": LAKE, "DatabaseName": DATABASE}}}}
        describe = {"Type": "AWS::LakeFormation::PrincipalPermissions", "Properties": {
            "Principal": {"DataLakePrincipalIdentifier": ANALYST}, "Permissions": ["DESCRIBE"], "PermissionsWithGrantOption": [],
            "Resource": {"Database": {"CatalogId": OTHER, "Name": DATABASE}}}}
        self.bad("Database not found", "a", template({"G": describe}), account=OTHER)
        self.good("b", template({"L": link, "G": {**describe, "DependsOn": "L"}}), account=OTHER)
        self.assertEqual(self.world.state(OTHER)["glue_databases"][DATABASE]["target"], {"CatalogId": LAKE, "DatabaseName": DATABASE})
        link["Properties"]["DatabaseInput"]["TargetDatabase"]["DatabaseName"] = "elsewhere"
        self.good("b", template({"L": link, "G": {**describe, "DependsOn": "L"}}), account=OTHER)
        self.assertEqual(self.world.state(OTHER)["glue_databases"][DATABASE]["target"]["DatabaseName"], "elsewhere")


class Stacks(Case):
    parameter = one("AWS::SSM::Parameter", {"Name": "/Detective/SLI/A", "Type": "String", "Value": "1"})

    def test_capabilities(self):
        body = one("AWS::IAM::Role", {"RoleName": "r", "AssumeRolePolicyDocument": trust(Service="glue.amazonaws.com")})
        self.refused("Requires capabilities : [CAPABILITY_NAMED_IAM]", self.deploy, "s", body, capabilities=())
        self.refused("Requires capabilities : [CAPABILITY_NAMED_IAM]", self.deploy, "s", body, capabilities=["CAPABILITY_IAM"])

    def test_unknown_parameter(self):
        self.refused("Parameters: [Nope] do not exist in the template", self.deploy, "s", self.parameter,
                     Parameters=[{"ParameterKey": "Nope", "ParameterValue": "1"}])

    def test_dead_stack_takes_no_update(self):
        self.world.control(type="AWS::SSM::Parameter", message="injected by the test")
        self.bad("injected by the test", "s", self.parameter)
        self.refused("is in ROLLBACK_COMPLETE state and can not be updated", self.deploy, "s", self.parameter)

    def test_role_of_the_stack(self):
        for role in (f"arn:aws:iam::{LAKE}:role/Gone", f"arn:aws:iam::{LAKE}:role/NotForStacks", OTHER_ADMIN):
            self.refused(f"Role {role} is invalid or cannot be assumed", self.deploy, "s", self.parameter, role=role)
        self.good("s", self.parameter)
        self.assertEqual(self.world.state()["stacks"]["s"]["role"], ADMIN)
        self.good("lake", subscriber())
        # without a role of its own, the update acts as the role that the stack has kept
        self.good("lake", subscriber(SubscriberName="other"), role=None)
        self.world.client("iam").delete_role(RoleName="SecDeploy")
        self.refused("is invalid or cannot be assumed", self.delete, "s")

    def test_deletion_policies(self):
        kept = {"Type": "AWS::SSM::Parameter", "DeletionPolicy": "RetainExceptOnCreate",
                "Properties": {"Name": "/Detective/SLI/K", "Type": "String", "Value": "1"}}
        broken = {"Type": "AWS::SSM::Parameter", "DependsOn": "K", "Properties": {"Type": "String"}}
        self.bad("required key [Value]", "s", template({"K": kept, "B": broken}))
        self.assertEqual(self.world.state()["ssm_parameters"], {})
        self.good("t", template({"K": kept}))
        self.delete("t")
        self.assertEqual(list(self.world.state()["ssm_parameters"]), ["/Detective/SLI/K"])

    def test_parameter_exists_and_updates(self):
        self.good("s", self.parameter)
        self.bad("already exists", "t", self.parameter, DisableValidation=True)
        self.good("s", self.parameter.replace('"Value": "1"', '"Value": "2"'))
        self.assertEqual(self.world.state()["ssm_parameters"]["/Detective/SLI/A"], {"type": "String", "value": "2", "tier": "Standard"})

    def test_conditions_by_region(self):
        made = json.loads(self.parameter)["Resources"]
        body = json.dumps({"Resources": {key: {"Condition": "Here", **resource} for key, resource in made.items()} | {
            "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}},
            "Mappings": {"Region": {REGION: {"Console": "elsewhere"}, SECOND: {"Console": "here"}}},
            "Conditions": {"Here": {"Fn::Equals": [{"Fn::FindInMap": ["Region", {"Ref": "AWS::Region"}, "Console"]}, "here"]}}})
        for region, names in ((REGION, []), (SECOND, ["/Detective/SLI/A"])):
            self.good("s", body, region=region)
            self.assertEqual(list(self.world.state(region=region)["ssm_parameters"]), names)

    def test_busy_stack_is_refused_and_its_status_held(self):
        body = template({"H": {"Type": "AWS::CloudFormation::WaitConditionHandle"}, "W": {
            "Type": "AWS::CloudFormation::WaitCondition", "Properties": {"Handle": {"Ref": "H"}, "Timeout": "1"}}})
        cfn = self.world.client("cloudformation")
        cfn.create_stack(StackName="s", TemplateBody=body)
        self.refused("is in CREATE_IN_PROGRESS state", cfn.create_change_set, StackName="s", ChangeSetName="c", TemplateBody=self.parameter)
        # one call, no waiter: the reply comes when the operation is over
        self.assertEqual(cfn.describe_stacks(StackName="s")["Stacks"][0]["StackStatus"], "ROLLBACK_COMPLETE")

    def test_deploys_of_the_cli_within_one_second(self):
        """`aws cloudformation deploy` names change sets by the second; a name that is used and over must be free again."""
        self.good("s", self.parameter)
        again = {"StackName": "s", "TemplateBody": self.parameter}
        cli, other = "awscli-cloudformation-package-deploy-1", "by-hand"
        cfn = self.world.client("cloudformation")
        for _ in range(2):
            cfn.create_change_set(ChangeSetName=cli, **again)
        cfn.create_change_set(ChangeSetName=other, **again)
        self.refused("already exists", cfn.create_change_set, ChangeSetName=other, **again)

    def test_api_faults(self):
        cfn = self.world.client("cloudformation")
        self.world.control(action="DescribeStacks", code="Throttling", times=1)
        self.refused("Throttling", cfn.describe_stacks)
        cfn.describe_stacks()
        self.world.control(action="getresourceshareinvitations", service="ram", status=503, code="ServiceUnavailable")
        self.refused("ServiceUnavailable", self.world.client("ram").get_resource_share_invitations)
        self.world.control(action="DeleteStack", after=True, status=500, code="InternalFailure")
        self.good("s", self.parameter)
        self.refused("InternalFailure", cfn.delete_stack, StackName="s")
        self.refused("does not exist", cfn.describe_stacks, StackName="s")


class Natives(Case):
    bucket = {"BucketName": "results-1", "PublicAccessBlockConfiguration": {"BlockPublicPolicy": True},
              "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
              "LifecycleConfiguration": {"Rules": [{"Id": "old", "Status": "Enabled", "ExpirationInDays": 90}]},
              "VersioningConfiguration": {"Status": "Enabled"}, "Tags": [{"Key": "a", "Value": "1"}]}

    def test_bucket_updates_in_place(self):
        self.good("s", one("AWS::S3::Bucket", self.bucket), Tags=[{"Key": "team", "Value": "sec"}])
        found = self.world.state()["buckets"]["results-1"]
        self.assertEqual((found["lifecycle"][0]["Expiration"]["Days"], found["versioning"], found["ownership"], found["tags"]),
                         (90, "Enabled", ["BucketOwnerEnforced"], {"a": "1", "team": "sec"}))
        self.assertTrue(found["public_access_block"]["BlockPublicPolicy"])
        self.world.client("s3").put_object(Bucket="results-1", Key="k", Body=b"x")
        changed = {k: v for k, v in self.bucket.items() if k not in ("VersioningConfiguration", "Tags")}
        changed["LifecycleConfiguration"] = {"Rules": [{"Id": "old", "Status": "Enabled", "ExpirationInDays": 30}]}
        self.good("s", one("AWS::S3::Bucket", changed))
        found = self.world.state()["buckets"]["results-1"]
        self.assertEqual((found["lifecycle"][0]["Expiration"]["Days"], found["versioning"], found["tags"]), (30, "Suspended", {"team": "sec"}))
        self.assertEqual(self.delete("s"), "DELETE_FAILED")     # not empty

    def test_bucket_names(self):
        for name in ("Upper", "a..b", "x", "10.0.0.1"):
            self.bad("not valid", "n" + str(len(name)), one("AWS::S3::Bucket", {"BucketName": name}))
        self.good("s", one("AWS::S3::Bucket", {"BucketName": "results-1"}))
        status, _outputs, _reasons = self.deploy("t", one("AWS::S3::Bucket", {"BucketName": "results-1"}), account=OTHER,
                                                 DisableValidation=True)
        self.assertEqual(status, "ROLLBACK_COMPLETE")
        self.bad("extraneous key [Surprise]", "u", one("AWS::S3::Bucket", {"Surprise": 1}))

    def test_policies_name_only_principals_that_exist(self):
        gone = f"arn:aws:iam::{LAKE}:role/Gone"
        self.bad("Invalid principal in policy", "r", one("AWS::IAM::Role", {"RoleName": "r", "AssumeRolePolicyDocument": trust(AWS=gone)}))
        self.bad("invalid principals", "k", one("AWS::KMS::Key", {"KeyPolicy": trust(AWS=gone)}))
        self.good("b", one("AWS::S3::Bucket", {"BucketName": "results-1"}))

        def policy(principal):
            return one("AWS::S3::BucketPolicy", {"Bucket": "results-1", "PolicyDocument": {"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::results-1/*", "Principal": {"AWS": principal}}]}})
        self.bad("Invalid principal in policy", "p", policy(gone))
        self.good("q", policy(ADMIN))
        self.good("q", policy(ANALYST))
        self.assertEqual(self.world.state()["buckets"]["results-1"]["policy"]["Statement"][0]["Principal"]["AWS"], ANALYST)

    def test_iam_is_global_and_keeps_boundaries(self):
        boundary = f"arn:aws:iam::{OTHER}:policy/SecBoundary"
        role = {"RoleName": "r", "Path": "/p/", "AssumeRolePolicyDocument": trust(Service="glue.amazonaws.com"), "PermissionsBoundary": boundary}
        body = one("AWS::IAM::Role", role)
        self.good("s", body, account=OTHER)
        self.bad("EntityAlreadyExists", "s", body, account=OTHER, region=SECOND, DisableValidation=True)
        self.assertEqual(self.world.state(OTHER)["iam"]["roles"][f"arn:aws:iam::{OTHER}:role/p/r"]["boundary"], boundary)
        self.bad("does not exist", "s", one("AWS::IAM::Role", {**role, "PermissionsBoundary": boundary + "X"}), account=OTHER)
        self.good("s", one("AWS::IAM::Role", {k: v for k, v in role.items() if k != "PermissionsBoundary"}), account=OTHER)
        self.assertIsNone(self.world.state(OTHER)["iam"]["roles"][f"arn:aws:iam::{OTHER}:role/p/r"]["boundary"])

    def test_managed_policy(self):
        def policy(action, size=1):
            return one("AWS::IAM::ManagedPolicy", {"ManagedPolicyName": "p", "Path": "/x/", "PolicyDocument": {
                "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": [action] * size, "Resource": "*"}]}})
        self.good("s", policy("s3:GetObject"))
        self.bad("EntityAlreadyExists", "s", policy("s3:GetObject"), region=SECOND)
        self.good("s", policy("s3:PutObject"))
        found = self.world.state()["iam"]["policies"][f"arn:aws:iam::{LAKE}:policy/x/p"]
        self.assertEqual((found["version"], found["document"]["Statement"][0]["Action"]), ("v2", ["s3:PutObject"]))
        self.bad("Cannot exceed quota for PolicySize: 6144", "s", policy("s3:GetObject", 500))
        self.world.client("iam").attach_role_policy(RoleName="SecDeploy", PolicyArn=f"arn:aws:iam::{LAKE}:policy/x/p")
        self.assertEqual(self.delete("s"), "DELETE_FAILED")

    def test_athena(self):
        def athena(limit, sql):
            return template({
                "W": {"Type": "AWS::Athena::WorkGroup", "Properties": {"Name": "w", "WorkGroupConfiguration": {"BytesScannedCutoffPerQuery": limit}}},
                "Q": {"Type": "AWS::Athena::NamedQuery", "DependsOn": "W", "Properties": {
                    "Name": "q", "Database": DATABASE, "WorkGroup": "w", "QueryString": sql}}})
        self.bad("is not found", "a", one("AWS::Athena::NamedQuery", {"Database": "d", "QueryString": "select 1", "WorkGroup": "none"}))
        self.good("s", athena(10_000_000, "select 1"))
        self.good("s", athena(20_000_000, "select 2"))
        found = self.world.state()["athena_workgroups"]["w"]
        self.assertEqual(found["configuration"]["BytesScannedCutoffPerQuery"], 20_000_000)
        self.assertEqual({n: q["query"] for n, q in found["named_queries"].items()}, {"q": "select 2"})


if __name__ == "__main__":      # with those of the neighbours; `-k Name` chooses
    unittest.main(module=None, argv=["selftest", "discover", "-s", HERE, "-p", "selftest*.py", *sys.argv[1:]])
