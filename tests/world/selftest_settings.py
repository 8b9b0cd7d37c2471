"""Proves Lake Formation's settings: the calls, and the three ways in which removing them may go; and roles too new to be known."""
import boto3
from botocore.config import Config

from selftest_base import ANALYST, LAKE, OTHER, OTHER_ADMIN, REGION, SEED, Case, World, one, settings, template, trust

BOB = f"arn:aws:iam::{OTHER}:user/bob"


def admins(*arns):
    return {"DataLakeAdmins": [{"DataLakePrincipalIdentifier": arn} for arn in arns]}


class SettingsCalls(Case):
    seed = {"accounts": {**SEED["accounts"], OTHER: {**SEED["accounts"][OTHER], "users": ["bob", *(f"user-{n}" for n in range(30))]}}}

    def test_everything_is_replaced(self):
        lf = self.world.client("lakeformation", OTHER)
        before = lf.get_data_lake_settings()["DataLakeSettings"]
        self.assertEqual(before["DataLakeAdmins"], admins(OTHER_ADMIN)["DataLakeAdmins"])
        self.assertTrue(before["CreateTableDefaultPermissions"])
        lf.put_data_lake_settings(DataLakeSettings={**admins(BOB), "ReadOnlyAdmins": admins(ANALYST)["DataLakeAdmins"]})
        found = lf.get_data_lake_settings()["DataLakeSettings"]
        self.assertEqual((found["DataLakeAdmins"], found["ReadOnlyAdmins"], found["CreateTableDefaultPermissions"]),
                         (admins(BOB)["DataLakeAdmins"], admins(ANALYST)["DataLakeAdmins"], []))
        lf.put_data_lake_settings(CatalogId=OTHER, DataLakeSettings=before)
        self.assertEqual(lf.get_data_lake_settings()["DataLakeSettings"], before)
        self.refused("AccessDenied", lf.get_data_lake_settings, CatalogId=LAKE)
        self.assertNotEqual(self.world.client("lakeformation", OTHER, "eu-west-1").get_data_lake_settings()["DataLakeSettings"], before)

    def test_a_deleted_role_and_too_many(self):
        lf = self.world.client("lakeformation", OTHER)
        self.world.client("iam", OTHER).delete_role(RoleName="SecDeploy")
        read = lf.get_data_lake_settings()["DataLakeSettings"]
        self.assertEqual(read["DataLakeAdmins"], admins(OTHER_ADMIN)["DataLakeAdmins"])
        read["DataLakeAdmins"] += admins(BOB)["DataLakeAdmins"]
        self.refused(f"Invalid principal, {OTHER_ADMIN}", lf.put_data_lake_settings, DataLakeSettings=read)
        self.assertEqual(len(lf.get_data_lake_settings()["DataLakeSettings"]["DataLakeAdmins"]), 1)     # nothing of it
        # boto3 would not even send more than thirty
        lf = boto3.client("lakeformation", region_name=REGION, endpoint_url=self.world.url, aws_access_key_id=OTHER, aws_secret_access_key="x",
                          config=Config(parameter_validation=False))
        many = [BOB, *(f"arn:aws:iam::{OTHER}:user/user-{n}" for n in range(30))]
        self.refused("more than 30", lf.put_data_lake_settings, DataLakeSettings=admins(*many))
        lf.put_data_lake_settings(DataLakeSettings=admins(*many[:30]))
        self.refused("DataLakeSettings must not be null", lf.put_data_lake_settings)


class SettingsRemoval(Case):
    def removed(self, how):
        """The administrators and default permissions after somebody else's entry and a stack with one were made, and the stack removed."""
        self.world = World({**SEED, **({"settings_removal": how} if how else {})})
        self.addCleanup(self.world.stop)
        self.good("s", template({"A": settings(ANALYST)}), account=OTHER)
        self.assertEqual(self.delete("s", OTHER), "DELETE_COMPLETE")
        found = self.world.client("lakeformation", OTHER).get_data_lake_settings()["DataLakeSettings"]
        return [a["DataLakePrincipalIdentifier"] for a in found["DataLakeAdmins"]], bool(found["CreateTableDefaultPermissions"])

    def test_three_ways(self):
        self.assertEqual(self.removed(None), ([OTHER_ADMIN], True))
        self.assertEqual(self.removed("leaves"), ([OTHER_ADMIN, ANALYST], True))
        self.assertEqual(self.removed("wipes"), ([], False))


class NewRoles(Case):
    seed = {**SEED, "new_role_calls": 2}
    fresh = f"arn:aws:iam::{OTHER}:role/Fresh"
    parameter = one("AWS::SSM::Parameter", {"Name": "/p", "Type": "String", "Value": "1"})

    def setUp(self):
        super().setUp()
        self.role = one("AWS::IAM::Role", {"RoleName": "Fresh", "AssumeRolePolicyDocument": trust(Service="cloudformation.amazonaws.com")})
        self.good("roles", self.role, account=OTHER)

    def test_cloudformation_learns_late(self):
        for _ in range(2):
            self.refused(f"Role {self.fresh} is invalid or cannot be assumed", self.deploy, "s", self.parameter, account=OTHER, role=self.fresh)
        self.good("s", self.parameter, account=OTHER, role=self.fresh)
        # a change of the role is no new role
        self.good("roles", self.role.replace('"RoleName"', '"Description": "d", "RoleName"'), account=OTHER)
        self.good("s", self.parameter.replace('"1"', '"2"'), account=OTHER, role=self.fresh)

    def test_lake_formation_and_sts_learn_late(self):
        lf, sts = self.world.client("lakeformation", OTHER), self.world.client("sts", OTHER)
        self.refused(f"Invalid principal, {self.fresh}", lf.put_data_lake_settings, DataLakeSettings=admins(OTHER_ADMIN, self.fresh))
        self.refused("AccessDenied", sts.assume_role, RoleArn=self.fresh, RoleSessionName="sess")
        sts.assume_role(RoleArn=self.fresh, RoleSessionName="sess")
        lf.put_data_lake_settings(DataLakeSettings=admins(OTHER_ADMIN, self.fresh))

    def test_a_stack_that_names_it_too_early_fails(self):
        for name in ("a", "b"):
            self.bad(f"Invalid principal, {self.fresh}", name, template({"A": settings(self.fresh)}), account=OTHER)
        self.good("c", template({"A": settings(self.fresh)}), account=OTHER)
