"""Proves what a change set takes over that exists already, and what it does not."""
import json

from selftest_base import ADMIN, LAKE, OTHER, REGION, Case, names, one, template

ROOT = {"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {"AWS": f"arn:aws:iam::{LAKE}:root"}}
KEPT = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::kept-1/*", "Principal": "*",
                                                  "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}
SOURCE = {"Type": "AWS::SecurityLake::AwsLogSource", **KEPT, "Properties": {
    "DataLakeArn": names.lake_arn(LAKE, REGION), "SourceName": "VPC_FLOW", "SourceVersion": "2.0"}}


def storage(bucket="kept-1", of="kept-1", **more):
    return template({
        "Bucket": {"Type": "AWS::S3::Bucket", **KEPT, "Properties": {"BucketName": bucket}},
        "Policy": {"Type": "AWS::S3::BucketPolicy", "DependsOn": "Bucket", **KEPT, "Properties": {"Bucket": of, "PolicyDocument": POLICY}},
        "Key": {"Type": "AWS::KMS::Key", **KEPT, "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": [ROOT]}}},
        "Alias": {"Type": "AWS::KMS::Alias", **KEPT, "Properties": {"AliasName": "alias/kept", "TargetKeyId": {"Ref": "Key"}}}}, **more)


class ImportExisting(Case):
    def actions(self):
        return {c["ResourceChange"]["LogicalResourceId"]: (c["ResourceChange"]["Action"], c["ResourceChange"].get("PhysicalResourceId"))
                for c in self.changes}

    def status(self, body, name="t", **more):
        """(status, reason) of a new change set of a new stack"""
        cfn = self.world.client("cloudformation")
        change = cfn.create_change_set(StackName=name, ChangeSetName="c", ChangeSetType="CREATE", TemplateBody=body, RoleARN=ADMIN, **more)["Id"]
        found = cfn.describe_change_set(ChangeSetName=change)
        return found["Status"], found.get("StatusReason", "")

    def kept(self):
        self.good("s", storage())
        self.world.client("s3").put_object(Bucket="kept-1", Key="k", Body=b"x")
        self.assertEqual(self.delete("s"), "DELETE_COMPLETE")

    def test_what_a_removed_stack_kept_comes_back(self):
        self.kept()
        self.good("s", storage(), ImportExistingResources=True)
        self.assertEqual(self.actions(), {"Bucket": ("Import", "kept-1"), "Policy": ("Import", "kept-1-policy"), "Alias": ("Import", "alias/kept"),
                                          "Key": ("Add", None)})
        self.assertEqual(self.world.client("s3").get_object(Bucket="kept-1", Key="k")["Body"].read(), b"x")
        # and it is the stack's own again
        changed = json.loads(storage())
        changed["Resources"]["Policy"]["Properties"]["PolicyDocument"]["Statement"][0]["Sid"] = "Changed"
        changed["Resources"]["Bucket"]["Properties"]["Tags"] = [{"Key": "a", "Value": "1"}]
        self.good("s", json.dumps(changed))
        found = self.world.state()["buckets"]["kept-1"]
        self.assertEqual((found["policy"]["Statement"][0]["Sid"], found["tags"]), ("Changed", {"a": "1"}))

    def test_only_literal_names(self):
        self.kept()
        mapped = {"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "B"]}
        status, reason = self.status(storage(mapped, {"Ref": "Bucket"}, Mappings={"M": {REGION: {"B": "kept-1"}}}), ImportExistingResources=True)
        self.assertEqual(status, "FAILED")
        self.assertIn("AWS::EarlyValidation::ResourceExistenceCheck", reason)
        # the policy's bucket is known only on the way: the resource fails
        body = template({"Policy": {"Type": "AWS::S3::BucketPolicy", **KEPT, "Properties": {"Bucket": {"Fn::ImportValue": "b"}, "PolicyDocument": POLICY}}})
        self.good("exports", template({"P": {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/p", "Type": "String", "Value": "1"}}},
                                      Outputs={"B": {"Value": "kept-1", "Export": {"Name": "b"}}}))
        self.bad("already exists", "u", body, ImportExistingResources=True)
        self.bad("The bucket policy already exists on bucket kept-1", "v", body, DisableValidation=True)

    def test_not_without_retention_and_not_from_another_stack(self):
        self.kept()
        status, reason = self.status(storage().replace('"DeletionPolicy": "RetainExceptOnCreate", ', ""), ImportExistingResources=True)
        self.assertEqual(status, "FAILED")
        self.assertIn("must have the DeletionPolicy attribute set to 'Retain' or 'RetainExceptOnCreate'", reason)
        self.good("s", storage(), ImportExistingResources=True)
        status, reason = self.status(storage(), "u", ImportExistingResources=True)
        self.assertEqual(status, "FAILED")
        self.assertIn("already exists in stack arn:", reason)
        only_policy = json.loads(storage())
        only_policy = template({"Policy": {**only_policy["Resources"]["Policy"], "DependsOn": []}})
        self.assertIn("kept-1 already exists in stack arn:", self.status(only_policy, "v", ImportExistingResources=True)[1])

    def test_log_sources(self):
        self.good("s", template({"Source": SOURCE}), ImportExistingResources=True)
        self.assertEqual(self.actions(), {"Source": ("Import", "VPC_FLOW|2.0")})
        self.assertIn("VPC_FLOW|2.0 already exists in stack arn:", self.status(template({"Source": SOURCE}), ImportExistingResources=True)[1])
        self.good("s", template({"Source": {**SOURCE, "Properties": {**SOURCE["Properties"], "Accounts": [LAKE, OTHER]}}}))
        self.assertEqual(self.delete("s"), "DELETE_COMPLETE")
        self.assertIn(f"{LAKE} VPC_FLOW 2.0", self.world.state()["security_lake"]["sources"])

    def test_a_rollback_leaves_what_was_imported(self):
        self.kept()
        body = json.loads(storage())
        body["Resources"]["Broken"] = {"Type": "AWS::SSM::Parameter", "DependsOn": ["Policy", "Alias"], "Properties": {"Type": "String"}}
        self.bad("required key [Value]", "s", json.dumps(body), ImportExistingResources=True)
        found = self.world.state()
        self.assertEqual((found["buckets"]["kept-1"]["policy"], [k["aliases"] for k in found["kms_keys"].values() if k["aliases"]]),
                         (POLICY, [["alias/kept"]]))

    def test_by_identifier(self):
        """ChangeSetType IMPORT: also what has no literal name."""
        self.kept()
        key = next(ident for ident, found in self.world.state()["kms_keys"].items() if found["aliases"])
        resources = json.loads(storage({"Fn::Sub": "kept-${N}"}, {"Fn::Sub": "kept-${N}"}))["Resources"]
        wanted = {"Bucket": {"BucketName": "kept-1"}, "Policy": {"Bucket": "kept-1"}, "Key": {"KeyId": key}, "Alias": {"AliasName": "alias/kept"}}
        cfn = self.world.client("cloudformation")
        change = cfn.create_change_set(
            StackName="s", ChangeSetName="c", ChangeSetType="IMPORT", TemplateBody=template(resources, Parameters={"N": {"Type": "String"}}),
            Parameters=[{"ParameterKey": "N", "ParameterValue": "1"}], ResourcesToImport=[
                {"ResourceType": resources[name]["Type"], "LogicalResourceId": name, "ResourceIdentifier": ident} for name, ident in wanted.items()])["Id"]
        cfn.execute_change_set(ChangeSetName=change)
        self.assertEqual(self.outcome(cfn, "s")[0], "IMPORT_COMPLETE")


class PolicyOfABucket(Case):
    def test_one_policy_only(self):
        self.good("b", one("AWS::S3::Bucket", {"BucketName": "kept-1"}))
        policy = {"Bucket": "kept-1", "PolicyDocument": POLICY}
        self.good("p", one("AWS::S3::BucketPolicy", policy))
        self.bad("The bucket policy already exists on bucket kept-1", "q", one("AWS::S3::BucketPolicy", policy), DisableValidation=True)
        self.good("p", one("AWS::S3::BucketPolicy", {**policy, "PolicyDocument": {"Version": "2012-10-17", "Statement": []}}))
