"""Proves stack sets: whose they are, what their operations make in other accounts and Regions, what is refused."""
import json
import time

from selftest_base import LAKE, OTHER, REGION, SECOND, Case, World, one, template, trust

ADMIN, THIRD = "999900001111", "eu-west-1"
MANAGEMENT, LAKE_UNIT, OTHER_UNIT = "555500001111", "ou-ab12-lake0000", "ou-ab12-other000"
EXECUTION = "AWSCloudFormationStackSetExecutionRole"
ADMINISTRATION = f"arn:aws:iam::{ADMIN}:role/AWSCloudFormationStackSetAdministrationRole"
PARAMETER = template({"P": {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/p", "Type": "String", "Value": {"Ref": "V"}}}},
                     Parameters={"V": {"Type": "String"}, "W": {"Type": "String", "Default": "w"}})
NESTED = template({"N": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://bucket.s3.amazonaws.com/x"}}})


def target(name=EXECUTION, administrator=ADMINISTRATION):
    return {"roles": [{"name": name, "trust": trust(AWS=administrator)}]}


SEED = {
    "units": {"management": MANAGEMENT, "delegated": [ADMIN], "units": {"r-ab12": [LAKE_UNIT, OTHER_UNIT, MANAGEMENT], LAKE_UNIT: [LAKE],
                                                                        OTHER_UNIT: [OTHER]}},
    "accounts": {ADMIN: {"roles": [{"name": ADMINISTRATION.split("/")[1], "trust": trust(Service="cloudformation.amazonaws.com")}, "SecDeploy"]},
                 MANAGEMENT: {}, LAKE: target(), OTHER: target()}}


class StackSets(Case):
    """One world for all: every test leaves it as it was."""

    @classmethod
    def setUpClass(cls):
        cls.world = World(SEED)
        cls.addClassCleanup(cls.world.stop)
        cls.cfn = cls.world.client("cloudformation", ADMIN)

    def setUp(self):
        self.world.calls("DELETE")

    def tearDown(self):
        self.world.control(clear=True)
        for account in (ADMIN, MANAGEMENT):
            cfn = self.world.client("cloudformation", account)
            for name in (s["StackSetName"] for s in cfn.list_stack_sets()["Summaries"]):
                model = cfn.describe_stack_set(StackSetName=name)["StackSet"]["PermissionModel"]
                where = {"DeploymentTargets": {"OrganizationalUnitIds": ["r-ab12"]}} if model == "SERVICE_MANAGED" else {"Accounts": [LAKE, OTHER]}
                gone = cfn.delete_stack_instances(StackSetName=name, Regions=[REGION, SECOND, THIRD], RetainStacks=False, **where)
                cfn.describe_stack_set_operation(StackSetName=name, OperationId=gone["OperationId"])
                cfn.delete_stack_set(StackSetName=name)

    def parameters(self, **values):
        return [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]

    def make(self, name="s", body=PARAMETER, values=None, **more):
        return self.cfn.create_stack_set(StackSetName=name, TemplateBody=body, Parameters=self.parameters(**(values or {"V": "1"})), **more)

    def deploy(self, name="s", accounts=(LAKE, OTHER), regions=(REGION, SECOND), **more):
        return self.end(self.cfn.create_stack_instances(StackSetName=name, Accounts=list(accounts), Regions=list(regions), **more), name)

    def end(self, answer, name="s", **more):
        return self.cfn.describe_stack_set_operation(StackSetName=name, OperationId=answer["OperationId"], **more)["StackSetOperation"]["Status"]

    def instances(self, name="s", **more):
        return {(i["Account"], i["Region"]): (i["Status"], i["StackInstanceStatus"]["DetailedStatus"])
                for i in self.cfn.list_stack_instances(StackSetName=name, **more)["Summaries"]}

    def value(self, account, region):
        return self.world.client("ssm", account, region).get_parameter(Name="/p")["Parameter"]["Value"]

    def results(self, answer, name="s", **more):
        found = self.cfn.list_stack_set_operation_results(StackSetName=name, OperationId=answer["OperationId"], **more)["Summaries"]
        return {(r["Account"], r["Region"]): (r["Status"], r.get("StatusReason", "")) for r in found}

    def test_instances_are_real_stacks(self):
        self.make(Tags=[{"Key": "team", "Value": "sec"}])
        self.assertEqual(self.deploy(), "SUCCEEDED")
        self.assertEqual(set(self.instances().values()), {("CURRENT", "SUCCEEDED")})
        self.assertEqual({self.value(a, r) for a in (LAKE, OTHER) for r in (REGION, SECOND)}, {"1"})
        stacks = self.world.state(OTHER, SECOND)["stacks"]
        (name, stack), = stacks.items()
        self.assertRegex(name, "^StackSet-s-[0-9a-f-]{36}$")
        self.assertEqual((stack["status"], stack["tags"], stack["role"]), ("CREATE_COMPLETE", {"team": "sec"}, None))
        self.assertEqual(self.world.state(ADMIN)["stacks"], {})
        told = self.cfn.describe_stack_set(StackSetName="s")["StackSet"]
        self.assertEqual((sorted(told["Regions"]), told["PermissionModel"]), ([SECOND, REGION], "SELF_MANAGED"))
        self.refused("StackSetNotEmptyException", self.cfn.delete_stack_set, StackSetName="s")
        gone = self.cfn.delete_stack_instances(StackSetName="s", Accounts=[LAKE, OTHER], Regions=[REGION, SECOND], RetainStacks=False)
        self.assertEqual((self.end(gone), self.instances()), ("SUCCEEDED", {}))
        self.assertEqual(self.world.state(OTHER, SECOND)["stacks"], {})
        for _ in range(2):
            self.cfn.delete_stack_set(StackSetName="s")
        self.refused("StackSetNotFoundException", self.cfn.describe_stack_set, StackSetName="s")

    def test_updates_keep_overrides(self):
        self.make()
        self.deploy(accounts=[LAKE], ParameterOverrides=self.parameters(V="own"))
        self.deploy(accounts=[OTHER])
        update = self.cfn.update_stack_set(StackSetName="s", UsePreviousTemplate=True, Parameters=self.parameters(V="2"))
        self.assertEqual(self.end(update), "SUCCEEDED")
        self.assertEqual((self.value(LAKE, REGION), self.value(OTHER, REGION)), ("own", "2"))
        answer = self.cfn.update_stack_instances(StackSetName="s", Accounts=[LAKE], Regions=[REGION], ParameterOverrides=[])
        self.assertEqual((self.end(answer), self.value(LAKE, REGION), self.value(LAKE, SECOND)), ("SUCCEEDED", "2", "own"))
        found = self.cfn.describe_stack_instance(StackSetName="s", StackInstanceAccount=LAKE, StackInstanceRegion=SECOND)["StackInstance"]
        self.assertEqual(found["ParameterOverrides"], self.parameters(V="own"))
        self.refused("only override parameters that are specified", self.deploy, ParameterOverrides=self.parameters(W="x"))
        self.refused("StackInstanceNotFoundException", self.cfn.update_stack_instances, StackSetName="s", Accounts=[LAKE], Regions=[THIRD])
        # a part of the instances: the others are outdated until somebody brings them
        update = self.cfn.update_stack_set(StackSetName="s", TemplateBody=PARAMETER, Parameters=self.parameters(V="3"), Accounts=[OTHER], Regions=[REGION])
        self.assertEqual(self.end(update), "SUCCEEDED")
        self.assertEqual([place for place, (status, _) in self.instances().items() if status == "CURRENT"], [(OTHER, REGION)])
        self.assertEqual(self.deploy(OperationId="again"), "SUCCEEDED")
        self.assertEqual((set(self.instances().values()), self.value(OTHER, SECOND)), ({("CURRENT", "SUCCEEDED")}, "3"))

    def test_a_failing_region_ends_it_for_the_later_ones(self):
        self.make()
        self.world.control(type="AWS::SSM::Parameter", on="create", region=SECOND, message="it would not", times=1)
        prefer = {"RegionConcurrencyType": "SEQUENTIAL", "RegionOrder": [REGION, SECOND, THIRD], "FailureToleranceCount": 0}
        regions = [THIRD, SECOND, REGION]
        answer = self.cfn.create_stack_instances(StackSetName="s", Accounts=[LAKE, OTHER], Regions=regions, OperationPreferences=prefer)
        self.assertEqual(self.end(answer), "FAILED")
        found = self.results(answer)
        self.assertEqual(found[LAKE, SECOND], ("FAILED", "ResourceLogicalId:P, ResourceType:AWS::SSM::Parameter, ResourceStatusReason:it would not."))
        self.assertEqual([found[a, r][0] for r in (REGION, SECOND, THIRD) for a in (LAKE, OTHER)],
                         ["SUCCEEDED", "SUCCEEDED", "FAILED", "CANCELLED", "CANCELLED", "CANCELLED"])
        self.assertEqual(self.instances()[OTHER, THIRD], ("OUTDATED", "CANCELLED"))
        self.assertEqual(self.instances()[LAKE, SECOND], ("OUTDATED", "FAILED"))
        self.assertEqual((self.world.state(LAKE, SECOND)["stacks"], self.world.state(LAKE, THIRD)["stacks"]), ({}, {}))      # a dead one goes
        self.assertEqual(self.deploy(regions=regions), "SUCCEEDED")      # what is outdated is tried again
        self.assertEqual([s["status"] for s in self.world.state(LAKE, SECOND)["stacks"].values()], ["CREATE_COMPLETE"])
        self.world.control(type="AWS::SSM::Parameter", on="update", region=SECOND, message="nor now", times=1)
        update = self.cfn.update_stack_set(StackSetName="s", UsePreviousTemplate=True, Parameters=self.parameters(V="2"),
                                           OperationPreferences={"FailureToleranceCount": 1, "RegionOrder": [REGION, SECOND, THIRD]})
        self.assertEqual(self.end(update), "SUCCEEDED")      # one is tolerated
        self.assertEqual([p for p, s in self.instances().items() if s == ("OUTDATED", "FAILED")], [(LAKE, SECOND)])
        self.assertEqual((self.value(LAKE, SECOND), self.value(OTHER, THIRD)), ("1", "2"))

    def test_a_removal_that_fails_is_inoperable(self):
        self.make()
        self.deploy(regions=[REGION])
        self.world.control(type="AWS::SSM::Parameter", on="delete", account=LAKE, message="not yet", times=1)
        gone = {"StackSetName": "s", "Accounts": [LAKE, OTHER], "Regions": [REGION], "RetainStacks": False}
        self.assertEqual(self.end(self.cfn.delete_stack_instances(**gone)), "FAILED")
        self.assertEqual(self.instances()[LAKE, REGION], ("INOPERABLE", "INOPERABLE"))
        self.assertEqual(self.end(self.cfn.update_stack_set(StackSetName="s", UsePreviousTemplate=True)), "SUCCEEDED")
        self.assertEqual(self.instances()[LAKE, REGION], ("INOPERABLE", "INOPERABLE"))
        self.end(self.cfn.delete_stack_instances(**{**gone, "RetainStacks": True}))
        self.assertEqual(self.instances(), {})
        left = [(account, name) for account in (LAKE, OTHER) for name in self.world.state(account)["stacks"]]
        self.assertEqual(len(left), 2)
        self.assertEqual({self.delete(name, account) for account, name in left}, {"DELETE_COMPLETE"})

    def test_one_operation_at_a_time(self):
        self.make()
        self.make("queue", ManagedExecution={"Active": True})
        self.world.control(hold_operations=True)
        self.cfn.create_stack_instances(StackSetName="s", Accounts=[LAKE], Regions=[REGION], OperationId="one")
        again = {"StackSetName": "s", "Accounts": [LAKE], "Regions": [REGION]}
        self.refused("OperationInProgressException) when calling the CreateStackInstances operation: Another Operation on StackSet arn:aws:",
                     self.cfn.create_stack_instances, **again, OperationId="one")
        self.refused("OperationInProgressException", self.cfn.delete_stack_set, StackSetName="s")
        self.cfn.create_stack_instances(StackSetName="queue", Accounts=[OTHER], Regions=[REGION], OperationId="one")
        second = self.cfn.update_stack_set(StackSetName="queue", UsePreviousTemplate=True, Parameters=self.parameters(V="2"), OperationId="two")
        self.refused("OperationIdAlreadyExistsException", self.cfn.update_stack_set, StackSetName="queue", UsePreviousTemplate=True, OperationId="two")
        self.assertEqual(self.end(second, "queue"), "QUEUED")
        self.refused("InvalidOperationException", self.cfn.update_stack_set, StackSetName="queue", UsePreviousTemplate=True,
                     ManagedExecution={"Active": False})
        self.world.control(hold_operations=False)
        self.assertEqual((self.end(second, "queue"), self.value(OTHER, REGION)), ("SUCCEEDED", "2"))
        self.assertEqual([o["OperationId"] for o in self.cfn.list_stack_set_operations(StackSetName="queue")["Summaries"]], ["two", "one"])
        self.end({"OperationId": "one"})
        self.refused("OperationIdAlreadyExistsException", self.cfn.create_stack_instances, **again, OperationId="one")
        self.world.control(hold_operations=True)
        last = self.cfn.delete_stack_instances(**again, RetainStacks=False)
        self.cfn.stop_stack_set_operation(StackSetName="s", OperationId=last["OperationId"])
        while self.end(last) == "STOPPING":
            time.sleep(0.01)
        self.assertEqual((self.end(last), self.results(last)), ("STOPPED", {(LAKE, REGION): ("CANCELLED", "Cancelled by user")}))
        self.refused("InvalidOperationException", self.cfn.stop_stack_set_operation, StackSetName="s", OperationId=last["OperationId"])
        self.refused("OperationNotFoundException", self.cfn.stop_stack_set_operation, StackSetName="s", OperationId="none")

    def test_the_same_request_again(self):
        first = self.make(ClientRequestToken="t-1")
        self.assertEqual(self.make(ClientRequestToken="t-1")["StackSetId"], first["StackSetId"])
        self.refused("CreatedButModifiedException", self.make, ClientRequestToken="t-1", values={"V": "2"})
        self.refused("NameAlreadyExistsException", self.make)
        self.world.control(action="CreateStackInstances", after=True, status=500, code="InternalFailure", times=1)
        self.refused("InternalFailure", self.deploy, OperationId="o-1")
        self.end({"OperationId": "o-1"})
        self.refused("OperationIdAlreadyExistsException", self.deploy, OperationId="o-1")
        self.assertEqual(len(self.instances()), 4)

    def test_roles_of_ones_own(self):
        role = one("AWS::IAM::Role", {"RoleName": "made", "AssumeRolePolicyDocument": trust(AWS=ADMINISTRATION)})
        self.refused("InsufficientCapabilitiesException", self.cfn.create_stack_set, StackSetName="r", TemplateBody=role)
        self.cfn.create_stack_set(StackSetName="r", TemplateBody=role, Capabilities=["CAPABILITY_NAMED_IAM"])
        self.assertEqual(self.deploy("r", [LAKE], [REGION]), "SUCCEEDED")
        self.make("named", ExecutionRoleName="Mine")
        answer = self.cfn.create_stack_instances(StackSetName="named", Accounts=[LAKE], Regions=[REGION])
        self.assertEqual(self.end(answer, "named"), "FAILED")
        self.assertEqual(self.results(answer, "named")[LAKE, REGION][1], f"Account {LAKE} should have 'Mine' role with trust relationship to Role "
                         "'AWSCloudFormationStackSetAdministrationRole'.")
        self.make("weak", ExecutionRoleName="made")     # which a stack made, without a policy
        answer = self.cfn.create_stack_instances(StackSetName="weak", Accounts=[LAKE], Regions=[REGION])
        self.assertEqual(self.end(answer, "weak"), "FAILED")
        self.assertIn("role/made is not authorized to perform: cloudformation:CreateStack on", self.results(answer, "weak")[LAKE, REGION][1])
        self.make("admin", AdministrationRoleARN=f"arn:aws:iam::{ADMIN}:role/Absent")
        self.assertEqual(self.deploy("admin", [LAKE], [REGION]), "FAILED")
        self.refused("AdministrationRoleARN must be specified", self.cfn.update_stack_set, StackSetName="admin", UsePreviousTemplate=True)
        for text, more in (("AutoDeployment is not valid", {"AutoDeployment": {"Enabled": False}}), ("valid only with the SERVICE_MANAGED", {
                "CallAs": "DELEGATED_ADMIN"}), ("do not exist in the template", {"values": {"V": "1", "X": "1"}}), ("'V' has no Default", {"values": {"W": "1"}})):
            self.refused(text, self.make, "bad", **more)
        self.refused("need the SERVICE_MANAGED permission model", self.cfn.create_stack_instances, StackSetName="r", Regions=[REGION],
                     DeploymentTargets={"OrganizationalUnitIds": [LAKE_UNIT]})

    def test_service_managed(self):
        delegated = {"CallAs": "DELEGATED_ADMIN"}
        self.refused("You must be the management account or delegated admin", self.make, PermissionModel="SERVICE_MANAGED", AutoDeployment={"Enabled": False})
        self.refused("AutoDeployment is required", self.make, PermissionModel="SERVICE_MANAGED", **delegated)
        self.refused("valid only with the SELF_MANAGED", self.make, PermissionModel="SERVICE_MANAGED", ExecutionRoleName="Mine",
                     AutoDeployment={"Enabled": False}, **delegated)
        self.refused("RetainStacksOnAccountRemoval must be", self.make, PermissionModel="SERVICE_MANAGED", AutoDeployment={"Enabled": True}, **delegated)
        self.make(PermissionModel="SERVICE_MANAGED", AutoDeployment={"Enabled": False}, **delegated)
        self.assertEqual(self.cfn.describe_organizations_access(**delegated)["Status"], "ENABLED")
        for account, more in ((OTHER, delegated), (ADMIN, {})):
            self.refused("You must be the management account", self.world.client("cloudformation", account).describe_organizations_access, **more)
        asked = self.world.client("organizations", ADMIN)
        self.assertEqual(asked.list_parents(ChildId=LAKE)["Parents"], [{"Id": LAKE_UNIT, "Type": "ORGANIZATIONAL_UNIT"}])
        self.assertEqual(asked.describe_organization()["Organization"]["MasterAccountId"], MANAGEMENT)
        self.refused("ChildNotFoundException", asked.list_parents, ChildId="777788889999")
        self.refused("AccessDeniedException", self.world.client("organizations", OTHER).list_parents, ChildId=LAKE)
        self.refused("StackSetNotFoundException", self.cfn.describe_stack_set, StackSetName="s")
        theirs = self.world.client("cloudformation", MANAGEMENT).describe_stack_set(StackSetName="s")["StackSet"]
        self.assertIn(f":{MANAGEMENT}:stackset/s:", theirs["StackSetARN"])
        self.refused("You must be the management account", self.world.client("cloudformation", OTHER).describe_stack_set, StackSetName="s", **delegated)

        def bring(units, accounts=(), kind=None, regions=(REGION,)):
            targets = {"OrganizationalUnitIds": units, "Accounts": list(accounts), **({"AccountFilterType": kind} if kind else {})}
            answer = self.cfn.create_stack_instances(StackSetName="s", DeploymentTargets=targets, Regions=list(regions), **delegated)
            return self.end(answer, **delegated), set(self.instances(**delegated))

        self.refused("can only have OrganizationalUnit as target", self.cfn.create_stack_instances, StackSetName="s", Accounts=[LAKE],
                     Regions=[REGION], **delegated)
        self.refused("UNION is not supported", bring, [LAKE_UNIT], [OTHER])
        self.refused("do not exist in the organization", bring, ["ou-ab12-none0000"])
        self.assertEqual(bring([OTHER_UNIT], [LAKE], "INTERSECTION"), ("SUCCEEDED", set()))      # nobody is meant, and nobody says so
        self.assertEqual(bring(["r-ab12"], [LAKE], "INTERSECTION"), ("SUCCEEDED", {(LAKE, REGION)}))
        self.assertEqual(bring(["r-ab12"], [LAKE], "DIFFERENCE", [SECOND]), ("SUCCEEDED", {(LAKE, REGION), (OTHER, SECOND)}))
        self.assertEqual(bring(["r-ab12"], regions=[THIRD])[1], {(LAKE, REGION), (OTHER, SECOND), (LAKE, THIRD), (OTHER, THIRD)})
        roles = [arn for arn in self.world.state(LAKE)["iam"]["roles"] if "stacksets-exec-" in arn]
        self.assertEqual(len(roles), 1)
        self.cfn.create_stack_set(StackSetName="n", TemplateBody=NESTED, PermissionModel="SERVICE_MANAGED", AutoDeployment={"Enabled": False}, **delegated)
        answer = self.cfn.create_stack_instances(StackSetName="n", DeploymentTargets={"OrganizationalUnitIds": [LAKE_UNIT]}, Regions=[REGION], **delegated)
        self.assertEqual(self.end(answer, "n", **delegated), "FAILED")
        self.assertIn("Nested stacks, transforms and macros", self.results(answer, "n", **delegated)[LAKE, REGION][1])

    def test_drift(self):
        self.make()
        self.deploy(regions=[REGION])
        self.world.client("ssm", OTHER).put_parameter(Name="/p", Type="String", Value="theirs", Overwrite=True)
        answer = self.cfn.detect_stack_set_drift(StackSetName="s")
        self.assertEqual(self.end(answer), "SUCCEEDED")
        found = {i["Account"]: i["DriftStatus"] for i in self.cfn.list_stack_instances(StackSetName="s")["Summaries"]}
        self.assertEqual(found, {LAKE: "IN_SYNC", OTHER: "DRIFTED"})
        told = self.cfn.describe_stack_set(StackSetName="s")["StackSet"]["StackSetDriftDetectionDetails"]
        self.assertEqual((told["DriftStatus"], told["DriftedStackInstancesCount"], told["TotalStackInstancesCount"]), ("DRIFTED", 1, 2))

    def test_calls_are_logged(self):
        self.make()
        self.deploy(accounts=[LAKE], regions=[REGION])
        calls = [c for c in self.world.calls() if c["service"] == "cloudformation"]
        self.assertEqual([(c["operation"], c["stack"], c["write"]) for c in calls],
                         [("CreateStackSet", "s", True), ("CreateStackInstances", "s", True), ("DescribeStackSetOperation", "s", False)])
        self.assertRegex(calls[1]["resource"], f"^arn:aws:cloudformation:{REGION}:{ADMIN}:stackset/s:[0-9a-f-]{{36}}$")


class CustomExecutionRole(Case):
    seed = {**SEED, "accounts": {**SEED["accounts"], LAKE: {"stack_set_role": "custom", "roles": ["custom"]}, OTHER: {"stack_set_role": "custom"}}}

    def test_it_is_the_one_that_acts(self):
        cfn = self.world.client("cloudformation", MANAGEMENT)
        cfn.create_stack_set(StackSetName="s", TemplateBody=one("AWS::SSM::Parameter", {"Name": "/p", "Type": "String", "Value": "1"}),
                             PermissionModel="SERVICE_MANAGED", AutoDeployment={"Enabled": False})
        for unit, account, status in ((LAKE_UNIT, LAKE, "SUCCEEDED"), (OTHER_UNIT, OTHER, "FAILED")):
            answer = cfn.create_stack_instances(StackSetName="s", DeploymentTargets={"OrganizationalUnitIds": [unit]}, Regions=[REGION])
            found = cfn.describe_stack_set_operation(StackSetName="s", OperationId=answer["OperationId"])["StackSetOperation"]
            self.assertEqual(found["Status"], status)
        roles = json.dumps(self.world.state(LAKE)["iam"]["roles"])
        self.assertNotIn("stacksets-exec", roles)


class CustomExecutionRoleTemplate(Case):
    seed = SEED

    def test_stack_sets_makes_the_role_and_acts_as_it(self):
        cfn, name = self.world.client("cloudformation", MANAGEMENT), "stacksets-exec-custom-s"
        role = one("AWS::IAM::Role", {"RoleName": name, "AssumeRolePolicyDocument": trust(AWS=f"arn:aws:iam::{MANAGEMENT}:root")})
        sent = {}
        for call in ("CreateStackSet", "UpdateStackSet"):       # this client's models are older than the field
            cfn.meta.events.register(f"before-call.cloudformation.{call}", lambda params, **_: params["body"].update(sent))

        def make(**more):
            return cfn.create_stack_set(StackSetName="s", TemplateBody=one("AWS::SSM::Parameter", {"Name": "/p", "Type": "String", "Value": "1"}),
                                        PermissionModel="SERVICE_MANAGED", AutoDeployment={"Enabled": False}, **more)

        def end(answer):
            ident = answer["OperationId"]
            status = cfn.describe_stack_set_operation(StackSetName="s", OperationId=ident)["StackSetOperation"]["Status"]
            return status, cfn.list_stack_set_operation_results(StackSetName="s", OperationId=ident)["Summaries"][0].get("StatusReason")

        sent["ExecutionRoleTemplateBody"] = role
        self.refused("must begin with stacksets-exec-custom-", make, ExecutionRoleName="stacksets-exec-s")
        make(ExecutionRoleName=name)
        self.assertEqual(cfn.describe_stack_set(StackSetName="s")["StackSet"]["ExecutionRoleName"], name)
        status, reason = end(cfn.create_stack_instances(StackSetName="s", DeploymentTargets={"OrganizationalUnitIds": [LAKE_UNIT]}, Regions=[REGION]))
        self.assertEqual(status, "FAILED")                      # the role has no policy
        self.assertIn(f"role/{name} is not authorized to perform: cloudformation:CreateStack on", reason)
        self.assertIn(f"arn:aws:iam::{LAKE}:role/{name}", self.world.state(LAKE)["iam"]["roles"])
        sent.clear()
        answer = cfn.update_stack_set(StackSetName="s", UsePreviousTemplate=True, AutoDeployment={"Enabled": False})
        self.assertEqual(end(answer), ("SUCCEEDED", None))      # as AWS's own, an administrator
        self.assertNotIn("ExecutionRoleName", cfn.describe_stack_set(StackSetName="s")["StackSet"])


def parent(*, regions=(REGION, SECOND), accounts=(LAKE, OTHER), url="https://sets.s3.us-east-1.amazonaws.com/a/b/p.json", **more):
    """Two sets, one after the other; the second one has a parameter of its own name in its stacks."""
    def one_set(name, **properties):
        return {"Type": "AWS::CloudFormation::StackSet", "Properties": {
            "StackSetName": name, "PermissionModel": "SELF_MANAGED", "ManagedExecution": {"Active": True},
            "OperationPreferences": {"RegionConcurrencyType": "SEQUENTIAL", "RegionOrder": list(regions), "FailureToleranceCount": 0},
            "StackInstancesGroup": [{"DeploymentTargets": {"Accounts": list(accounts)}, "Regions": list(regions)}], **properties}}
    return template({"First": one_set("first", TemplateURL=url, Tags=[{"Key": "team", "Value": "sec"}], **more),
                     "Then": {**one_set("then", TemplateBody=one("AWS::SSM::Parameter", {"Name": "/q", "Type": "String", "Value": "1"})),
                              "DependsOn": "First"}},
                    Outputs={"Id": {"Value": {"Ref": "First"}}, "Same": {"Value": {"Fn::GetAtt": ["First", "StackSetId"]}}})


class ParentStack(Case):
    """Stack sets as resources: AWS::CloudFormation::StackSet."""
    seed = {**SEED, "accounts": {**SEED["accounts"], ADMIN: {**SEED["accounts"][ADMIN], "buckets": {"sets": {"region": REGION}}}}}

    def setUp(self):
        super().setUp()
        self.cfn = self.world.client("cloudformation", ADMIN)
        self.upload("1")

    def upload(self, value, key="a/b/p.json"):
        body = one("AWS::SSM::Parameter", {"Name": "/p", "Type": "String", "Value": value})
        self.world.client("s3", ADMIN).put_object(Bucket="sets", Key=key, Body=body)

    def there(self):
        """What there is of the two sets, with the value of the first one's parameter."""
        found = {}
        for account in (LAKE, OTHER):
            for region in (REGION, SECOND, THIRD):
                rows = self.world.client("cloudformation", account, region).list_stacks()["StackSummaries"]
                stacks = [row["StackName"].split("-")[1] for row in rows if row["StackStatus"] != "DELETE_COMPLETE"]
                if stacks:
                    value = self.world.client("ssm", account, region).get_parameter(Name="/p")["Parameter"]["Value"]
                    found[account, region] = (sorted(stacks), value)
        return found

    def test_it_is_made_changed_and_removed(self):
        where = {"account": ADMIN, "role": None}
        ids = self.good("parent", parent(), **where)
        both = ["first", "then"]
        self.assertEqual(self.there(), {(a, r): (both, "1") for a in (LAKE, OTHER) for r in (REGION, SECOND)})
        told = self.cfn.describe_stack_set(StackSetName="first")["StackSet"]
        self.assertEqual((ids["Id"], ids["Same"], told["Tags"]), (told["StackSetId"], told["StackSetId"], [{"Key": "team", "Value": "sec"}]))
        begun = {name: self.cfn.list_stack_set_operations(StackSetName=name)["Summaries"][0] for name in both}
        self.assertLessEqual(begun["first"]["EndTimestamp"], begun["then"]["CreationTimestamp"])
        self.upload("2")
        self.assertEqual(self.deploy("parent", parent(), **where)[0], "NO CHANGE", "an address is not looked behind")
        self.good("parent", parent(Description="2", regions=(SECOND, THIRD), accounts=(OTHER,)), **where)
        self.assertEqual(self.there(), {(OTHER, r): (both, "2") for r in (SECOND, THIRD)})
        self.assertEqual(self.cfn.describe_stack_set(StackSetName="first")["StackSet"]["StackSetId"], ids["Id"])
        self.assertEqual(self.delete("parent", ADMIN), "DELETE_COMPLETE")
        self.assertEqual((self.there(), self.cfn.list_stack_sets()["Summaries"]), ({}, []))

    def test_what_fails_goes_back(self):
        where = {"account": ADMIN, "role": None}
        self.bad("Account 777788889999 should have 'AWSCloudFormationStackSetExecutionRole' role", "a", parent(accounts=(LAKE, "777788889999")), **where)
        self.assertEqual((self.there(), self.cfn.list_stack_sets()["Summaries"]), ({}, []))
        self.bad("extraneous key [Colour]", "b", parent(Colour="red"), **where)
        self.bad("Template not found", "c", parent(url="https://sets.s3.us-east-1.amazonaws.com/a/p.json"), **where)
        self.bad("The bucket sets is not in eu-west-1", "d", parent(url="https://sets.s3.eu-west-1.amazonaws.com/a/b/p.json"), **where)

    def test_a_rollback_reads_the_old_address_again(self):
        where, here = {"account": ADMIN, "role": None}, {"accounts": (LAKE,), "regions": (REGION,)}
        self.good("e", parent(**here), **where)
        self.upload("", "new.json")
        new = "https://sets.s3.us-east-1.amazonaws.com/new.json"
        status, _outputs, reasons = self.deploy("e", parent(url=new, **here), **where)
        self.assertEqual(status, "UPDATE_ROLLBACK_COMPLETE", reasons)
        self.assertIn("unexpectedly stopped or failed (111122223333 us-east-1", reasons)
        self.assertEqual(self.there(), {(LAKE, REGION): (["first", "then"], "1")})
        self.assertEqual(self.cfn.list_stack_instances(StackSetName="first")["Summaries"][0]["Status"], "CURRENT")
        self.upload("")
        self.assertEqual(self.deploy("e", parent(Description="2", **here), **where)[0], "UPDATE_ROLLBACK_FAILED", "there is nothing older there")

    def test_a_delegated_administrator_may(self):
        group = [{"DeploymentTargets": {"OrganizationalUnitIds": ["r-ab12"], "Accounts": [OTHER], "AccountFilterType": "INTERSECTION"}, "Regions": [REGION]}]
        body = one("AWS::CloudFormation::StackSet", {
            "StackSetName": "s", "PermissionModel": "SERVICE_MANAGED", "CallAs": "DELEGATED_ADMIN", "TemplateBody": PARAMETER.replace('"Type": "String"}, "W"', '"Type": "String", "Default": "d"}, "W"'),
            "AutoDeployment": {"Enabled": False}, "StackInstancesGroup": group})
        self.good("parent", body, account=ADMIN, role=None)
        self.assertEqual({account: len(self.world.state(account)["stacks"]) for account in (LAKE, OTHER, ADMIN)}, {LAKE: 0, OTHER: 1, ADMIN: 1})
        self.assertEqual(self.delete("parent", ADMIN), "DELETE_COMPLETE")
        self.assertEqual(self.world.state(OTHER)["stacks"], {})
