"""Proves keys, buckets that are there already, the crawler with a database of its own, and the order of log sources."""
from lakeworld import names
from selftest_base import ANALYST, LAKE, OTHER, OTHER_ADMIN, REGION, SECOND, SEED, Case, one, template, trust

ROOT = {"Sid": "Root", "Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {"AWS": f"arn:aws:iam::{LAKE}:root"}}
IDENT = "1234abcd-12ab-34cd-56ef-1234567890ab"
SEEDED = f"arn:aws:kms:{REGION}:{LAKE}:key/{IDENT}"


def key(*statements, **more):
    return {"Type": "AWS::KMS::Key", **more.pop("attributes", {}), "Properties": {
        "KeyPolicy": {"Version": "2012-10-17", "Statement": [ROOT, *statements]}, **more}}


def alias(target="K", name="alias/a"):
    return {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": name, "TargetKeyId": {"Ref": target}}}


def encrypted(arn):
    return {"BucketEncryption": {"ServerSideEncryptionConfiguration": [
        {"BucketKeyEnabled": True, "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn}}]}}


def workgroup(arn):
    return one("AWS::Athena::WorkGroup", {"Name": "w", "WorkGroupConfiguration": {"ResultConfiguration": {
        "OutputLocation": "s3://b/", "EncryptionConfiguration": {"EncryptionOption": "SSE_KMS", "KmsKey": arn}}}})


class Keys(Case):
    seed = {"accounts": {**SEED["accounts"], LAKE: {
        **SEED["accounts"][LAKE], "keys": {IDENT: {"region": REGION, "alias": "alias/before", "policy": {"Version": "2012-10-17", "Statement": [ROOT]}}},
        "buckets": {"old-1": {"region": REGION, "versioning": "Enabled", "tags": {"owner": "them"}, "encryption": SEEDED},
                    "old-2": {"region": SECOND}}}}}

    def test_key_and_alias(self):
        self.good("s", template({"K": key(EnableKeyRotation=True, Tags=[{"Key": "a", "Value": "1"}]), "A": alias()}))
        ident, found = next((i, k) for i, k in self.world.state()["kms_keys"].items() if i != IDENT)
        self.assertEqual((found["state"], found["rotation"], found["aliases"], found["tags"], found["policy"]["Statement"]),
                         ("Enabled", True, ["alias/a"], {"a": "1"}, [ROOT]))
        reading = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Principal": {"AWS": ANALYST}}
        self.good("s", template({"K": key(reading, EnableKeyRotation="false"), "A": alias()}))
        found = self.world.state()["kms_keys"][ident]
        self.assertEqual((found["rotation"], len(found["policy"]["Statement"]), found["tags"]), (False, 2, {}))
        self.bad("'alias/a' already exists", "t", template({"K": key(), "A": alias()}), DisableValidation=True)
        self.bad("'alias/before' already exists", "t2", template({"K": key(), "A": alias(name="alias/before")}), DisableValidation=True)
        self.bad("will not allow you to update the key policy", "t3", one("AWS::KMS::Key", {"KeyPolicy": {"Statement": [
            {**ROOT, "Action": "kms:Decrypt"}]}}))
        self.bad("PendingWindowInDays", "t4", template({"K": key(PendingWindowInDays=3)}))
        self.assertEqual(self.delete("s"), "DELETE_COMPLETE")
        self.assertEqual((self.world.state()["kms_keys"][ident]["state"], self.world.state()["kms_keys"][ident]["aliases"]), ("PendingDeletion", []))
        self.good("kept", template({"K": key(attributes={"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"})}))
        before = {i for i, k in self.world.state()["kms_keys"].items() if k["state"] == "Enabled"}
        self.delete("kept")
        self.assertEqual({i for i, k in self.world.state()["kms_keys"].items() if k["state"] == "Enabled"}, before)
        self.bad("is PendingDeletion", "b", one("AWS::S3::Bucket", encrypted(ident)))

    def test_seeded_buckets_and_keys_and_keys_that_are_not_there(self):
        found = self.world.state()
        self.assertEqual(list(found["buckets"]), ["old-1"])
        self.assertEqual(list(self.world.state(region=SECOND)["buckets"]), ["old-2"])
        old = found["buckets"]["old-1"]
        self.assertEqual((old["versioning"], old["tags"], old["encryption"][0]["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"]),
                         ("Enabled", {"owner": "them"}, SEEDED))
        self.assertEqual((found["kms_keys"][IDENT]["arn"], found["kms_keys"][IDENT]["aliases"]), (SEEDED, ["alias/before"]))
        for number, usable in enumerate((SEEDED, IDENT, "alias/before", f"arn:aws:kms:{REGION}:{LAKE}:alias/before")):
            self.good(f"b{number}", one("AWS::S3::Bucket", {"BucketName": f"new-{number}", **encrypted(usable)}))
        self.good("w", workgroup(SEEDED))
        self.good("other", one("AWS::S3::Bucket", encrypted(SEEDED)), account=OTHER)
        gone = SEEDED[:-1] + "0"
        self.bad(f"KMS key {gone} is not found", "c", one("AWS::S3::Bucket", encrypted(gone)))
        self.bad(f"KMS key {gone} is not found", "d", workgroup(gone), DisableValidation=True)
        self.bad("is not found in " + SECOND, "e", one("AWS::S3::Bucket", encrypted(SEEDED)), region=SECOND)


class Crawlers(Case):
    seed = {"accounts": {**SEED["accounts"], OTHER: {**SEED["accounts"][OTHER], "roles": [
        *SEED["accounts"][OTHER]["roles"], {"name": "lakelink/crawler", "trust": trust(Service="glue.amazonaws.com")}]}}}
    role = f"arn:aws:iam::{OTHER}:role/lakelink/crawler"
    database = {"Type": "AWS::Glue::Database", "Properties": {"CatalogId": OTHER, "DatabaseInput": {"Name": "evidence", "Description": "d"}}}

    def crawler(self, **changes):
        props = {"Name": "c", "Role": self.role, "DatabaseName": {"Ref": "D"}, "TablePrefix": "e_",
                 "Targets": {"S3Targets": [{"Path": "s3://results-1/evidence/", "Exclusions": ["**.metadata"]}]},
                 "Schedule": {"ScheduleExpression": "cron(0 6 * * ? *)"}, "Configuration": '{"Version": 1.0}', "Tags": {"a": "1"},
                 "SchemaChangePolicy": {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"}, **changes}
        return template({"D": self.database, "C": {"Type": "AWS::Glue::Crawler", "Properties": {k: v for k, v in props.items() if v is not None}}})

    def test_crawler(self):
        def bad(text, **changes):
            self.bad(text, "x" + str(abs(hash(text))), self.crawler(**changes), account=OTHER)
        bad("Service is unable to assume provided role", Role=OTHER_ADMIN)
        bad("At least one crawl target", Targets={"S3Targets": []})
        bad("is not an S3 path", Targets={"S3Targets": [{"Path": "results-1"}]})
        bad("extraneous key [Exclude]", Targets={"S3Targets": [{"Path": "s3://results-1/", "Exclude": []}]})
        bad("Database nowhere not found", DatabaseName="nowhere")
        bad("Configuration is not JSON", Configuration="{")
        bad("needs Version 1.0", Configuration="{}")
        bad("six fields", Schedule={"ScheduleExpression": "cron(0 6 * * *)"})
        bad("is not a valid enum value", SchemaChangePolicy={"UpdateBehavior": "ADD"})
        bad("JSONArray", Tags=[{"Key": "a", "Value": "1"}])
        bad("CRAWL_NEW_FOLDERS_ONLY", RecrawlPolicy={"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"})
        self.good("s", self.crawler(), account=OTHER)
        found = self.world.state(OTHER)
        self.assertEqual(found["glue_databases"]["evidence"], {"target": None, "description": "d", "location": None})
        self.assertEqual({key: found["crawlers"]["c"][key] for key in ("role", "database", "schedule", "configuration", "tags", "table_prefix")},
                         {"role": self.role, "database": "evidence", "schedule": "cron(0 6 * * ? *)", "configuration": {"Version": 1.0},
                          "tags": {"a": "1"}, "table_prefix": "e_"})
        self.good("s", self.crawler(Schedule=None), account=OTHER)
        self.assertIsNone(self.world.state(OTHER)["crawlers"]["c"]["schedule"])
        self.delete("s", OTHER)
        self.assertEqual(self.world.state(OTHER)["crawlers"], {})

    def test_grants_on_the_own_catalogue(self):
        def grants(kind, part, *permissions, who=self.role):
            return {"Type": "AWS::LakeFormation::PrincipalPermissions", "DependsOn": "D", "Properties": {
                "Principal": {"DataLakePrincipalIdentifier": who}, "Permissions": list(permissions), "PermissionsWithGrantOption": [],
                "Resource": {kind: {"CatalogId": OTHER, **part}}}}
        every = {"DatabaseName": "evidence", "TableWildcard": {}}
        self.good("s", template({"D": self.database, "A": grants("Database", {"Name": "evidence"}, "CREATE_TABLE", "ALTER", "DESCRIBE"),
                                 "B": grants("Table", every, "SELECT", "DESCRIBE", who=ANALYST)}), account=OTHER)
        held = {p["principal"]: p["permissions"] for p in self.world.state(OTHER)["lake_formation"]["permissions"]}
        self.assertEqual(held, {self.role: ["ALTER", "CREATE_TABLE", "DESCRIBE"], ANALYST: ["DESCRIBE", "SELECT"]})
        for number, (text, wrong) in enumerate({
                "not grantable on a Database": grants("Database", {"Name": "evidence"}, "SELECT"),
                "not grantable on a Table": grants("Table", every, "CREATE_TABLE"),
                "either Name or TableWildcard": grants("Table", {"DatabaseName": "evidence"}, "SELECT"),
                "Database not found": grants("Table", {**every, "DatabaseName": "x"}, "SELECT")}.items()):
            wrong.pop("DependsOn")
            self.bad(text, f"w{number}", template({"G": wrong}), account=OTHER)


class SourceOrder(Case):
    seed = {"accounts": {LAKE: {"lake_regions": [REGION], "lake_sources": [], "roles": ["SecDeploy"]}}}

    @staticmethod
    def source(name, after=None, version="2.0", accounts=(LAKE,), **more):
        return {"Type": "AWS::SecurityLake::AwsLogSource", **({"DependsOn": after} if after else {}), **more, "Properties": {
            "DataLakeArn": names.lake_arn(LAKE, REGION), "SourceName": name, "SourceVersion": version,
            **({"Accounts": list(accounts)} if accounts else {})}}

    def test_log_sources_are_a_chain(self):
        chain = {"A": self.source("VPC_FLOW"), "B": self.source("CLOUD_TRAIL_MGMT", "A"), "C": self.source("EKS_AUDIT", ["B"])}
        for number, loose in enumerate(({**chain, "B": self.source("CLOUD_TRAIL_MGMT")}, {**chain, "C": self.source("EKS_AUDIT", "A")})):
            self.bad("order them with DependsOn", f"x{number}", template(loose))
        self.assertEqual(self.world.state()["security_lake"]["sources"], [])
        self.good("s", template(chain))
        self.good("s", template({**chain, "D": self.source("ROUTE53", "C")}))
        self.bad("order them with DependsOn", "s", template({**chain, "D": self.source("ROUTE53", "C"), "E": self.source("WAF", "C")}))
        self.assertEqual(self.world.state()["security_lake"]["source_accounts"],
                         {f"{name} 2.0": [LAKE] for name in ("VPC_FLOW", "CLOUD_TRAIL_MGMT", "EKS_AUDIT", "ROUTE53")})

    def test_accounts_in_place_version_by_replacement_retain(self):
        kept = {"DeletionPolicy": "RetainExceptOnCreate"}
        self.good("s", template({"A": self.source("VPC_FLOW", version="1.0", **kept)}))
        self.good("s", template({"A": self.source("VPC_FLOW", version="1.0", accounts=(LAKE, OTHER), **kept)}))
        self.assertEqual(self.changes[0]["ResourceChange"]["Replacement"], "False")
        self.assertEqual(self.world.state()["security_lake"]["source_accounts"], {"VPC_FLOW 1.0": [LAKE, OTHER]})
        failing = {"Type": "AWS::SSM::Parameter", "DependsOn": "A", "Properties": {"Type": "String"}}
        self.bad("required key [Value]", "s", template({"A": self.source("VPC_FLOW", **kept), "P": failing}))
        self.assertEqual(self.world.state()["security_lake"]["source_accounts"], {"VPC_FLOW 1.0": [LAKE, OTHER]})
        self.good("s", template({"A": self.source("VPC_FLOW", **kept)}))
        self.assertEqual(self.changes[0]["ResourceChange"]["Replacement"], "True")
        self.assertEqual(self.world.state()["security_lake"]["source_accounts"], {"VPC_FLOW 2.0": [LAKE]})
        self.assertEqual(self.delete("s"), "DELETE_COMPLETE")
        self.assertEqual(self.world.state()["security_lake"]["source_accounts"], {"VPC_FLOW 2.0": [LAKE]})

    def test_asking_for_a_version_and_switching_off(self):
        self.good("s", template({"A": self.source("VPC_FLOW", accounts=(LAKE, OTHER)), "B": self.source("EKS_AUDIT", "A")}))
        lake = self.world.client("securitylake")

        def asked(version):
            return lake.list_log_sources(sources=[{"awsLogSource": {"sourceName": "VPC_FLOW", "sourceVersion": version}}])["sources"]

        self.assertEqual([entry["account"] for entry in asked("2.0")], [LAKE, OTHER])
        self.assertEqual(asked("1.0"), [])
        flow = {"sourceName": "VPC_FLOW", "sourceVersion": "2.0", "regions": [REGION]}
        self.assertEqual(lake.delete_aws_log_source(sources=[{**flow, "accounts": [OTHER]}])["failed"], [])
        self.assertEqual(self.world.state()["security_lake"]["source_accounts"], {"VPC_FLOW 2.0": [LAKE], "EKS_AUDIT 2.0": [LAKE]})
        lake.delete_aws_log_source(sources=[flow])
        self.assertEqual(self.world.state()["security_lake"]["source_accounts"], {"EKS_AUDIT 2.0": [LAKE]})
