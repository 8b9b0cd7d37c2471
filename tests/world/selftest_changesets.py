"""Proves the life of change sets: stacks in review, obsolete ones, the same request again, termination protection."""
import json

from selftest_base import ADMIN, SEED, Case, one, template

PARAMETER = one("AWS::SSM::Parameter", {"Name": "/p", "Type": "String", "Value": "1"})
SECOND, THIRD = (PARAMETER.replace('"Value": "1"', f'"Value": "{n}"') for n in (2, 3))
SLOW = template({"H": {"Type": "AWS::CloudFormation::WaitConditionHandle"}, "W": {
    "Type": "AWS::CloudFormation::WaitCondition", "Properties": {"Handle": {"Ref": "H"}, "Timeout": "1"}}})


class ChangeSets(Case):
    def setUp(self):
        super().setUp()
        self.cfn = self.world.client("cloudformation")

    def plan(self, name="c", body=PARAMETER, kind="CREATE", stack="s", **more):
        return self.cfn.create_change_set(StackName=stack, ChangeSetName=name, ChangeSetType=kind, TemplateBody=body, RoleARN=ADMIN, **more)

    def names(self, stack="s"):
        return sorted(c["ChangeSetName"] for c in self.cfn.list_change_sets(StackName=stack)["Summaries"])

    def status(self, stack="s"):
        return self.cfn.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]

    def test_a_stack_in_review_stays_the_same_stack(self):
        first, second = self.plan("c1"), self.plan("c2", SECOND)
        self.assertEqual(first["StackId"], second["StackId"])
        self.assertEqual(self.cfn.describe_change_set(ChangeSetName=second["Id"])["StackId"], first["StackId"])
        self.refused("InsufficientCapabilities", self.plan, "c3", one("AWS::IAM::Role", {"AssumeRolePolicyDocument": {"Statement": []}}))
        self.assertEqual(self.names(), ["c1", "c2"])
        self.refused("is in REVIEW_IN_PROGRESS state and can not be updated", self.plan, "c4", kind="UPDATE")
        self.refused("is in REVIEW_IN_PROGRESS state and can not be updated", self.cfn.update_stack, StackName="s", TemplateBody=SECOND)
        for name in ("c1", "c2"):
            self.cfn.delete_change_set(StackName="s", ChangeSetName=name)
        self.refused("ChangeSetNotFound", self.cfn.describe_change_set, StackName="s", ChangeSetName="c2")
        self.assertEqual((self.names(), self.status(first["StackId"])), ([], "REVIEW_IN_PROGRESS"))      # empty, and still there
        third = self.plan("c1")
        self.cfn.execute_change_set(ChangeSetName=third["Id"])
        self.assertEqual((third["StackId"], self.status(third["StackId"])), (first["StackId"], "CREATE_COMPLETE"))
        self.assertEqual([e["ResourceStatus"] for e in self.cfn.describe_stack_events(StackName="s")["StackEvents"]][-1], "REVIEW_IN_PROGRESS")

    def test_a_stack_in_review_can_be_deleted(self):
        ident = self.plan()["StackId"]
        self.cfn.delete_stack(StackName="s")
        self.assertEqual(self.status(ident), "DELETE_COMPLETE")
        self.refused("does not exist", self.cfn.describe_stacks, StackName="s")
        self.refused("does not exist", self.cfn.list_change_sets, StackName="s")
        self.assertNotEqual(self.plan()["StackId"], ident)

    def test_by_name_and_by_arn(self):
        made = self.plan()
        ident = made["StackId"]
        self.assertEqual(self.names(ident), ["c"])
        self.assertEqual(self.cfn.describe_change_set(StackName=ident, ChangeSetName="c")["ChangeSetId"], made["Id"])
        self.refused("StackName must be specified if ChangeSetName is not specified as an ARN", self.cfn.describe_change_set, ChangeSetName="c")
        self.refused("StackName must be specified", self.cfn.execute_change_set, ChangeSetName="c")
        self.refused("Stack [t] does not exist", self.cfn.describe_change_set, StackName="t", ChangeSetName="c")
        self.cfn.execute_change_set(StackName=ident, ChangeSetName="c")
        self.assertEqual(self.status(), "CREATE_COMPLETE")
        self.refused("ValidationError", self.plan, "d")
        self.refused("Stack [s] already exists and cannot be created again with the changeSet [d]", self.plan, "d")

    def test_executing_one_deletes_the_others(self):
        self.good("s", PARAMETER)
        plans = [self.plan(f"c{n}", body, "UPDATE")["Id"] for n, body in ((2, SECOND), (3, THIRD))]
        self.cfn.execute_change_set(ChangeSetName=plans[0])
        self.assertEqual(self.status(), "UPDATE_COMPLETE")
        self.refused("ChangeSetNotFound", self.cfn.execute_change_set, ChangeSetName=plans[1])
        self.refused(f"ChangeSet [{plans[0]}] cannot be executed in its current execution status of [EXECUTE_COMPLETE]",
                     self.cfn.execute_change_set, ChangeSetName=plans[0])

    def test_outputs_alone_are_a_change(self):
        self.good("s", PARAMETER)
        told = json.dumps({**json.loads(PARAMETER), "Outputs": {"O": {"Value": "1"}}})
        for body, status in ((PARAMETER, "FAILED"), (told, "CREATE_COMPLETE")):
            made = self.cfn.describe_change_set(ChangeSetName=self.plan(status, body, "UPDATE")["Id"])
            self.assertEqual((made["Status"], made["Changes"]), (status, []))
        self.cfn.execute_change_set(StackName="s", ChangeSetName="CREATE_COMPLETE")
        self.assertEqual(self.cfn.describe_stacks(StackName="s")["Stacks"][0]["Outputs"][0]["OutputValue"], "1")

    def test_a_direct_update_makes_them_obsolete(self):
        self.good("s", PARAMETER)
        plan = self.plan("c2", SECOND, "UPDATE")["Id"]
        self.cfn.update_stack(StackName="s", TemplateBody=THIRD, RoleARN=ADMIN)
        self.assertEqual(self.status(), "UPDATE_COMPLETE")
        found = self.cfn.describe_change_set(ChangeSetName=plan)
        self.assertEqual((found["Status"], found["ExecutionStatus"]), ("CREATE_COMPLETE", "OBSOLETE"))
        self.refused("InvalidChangeSetStatus", self.cfn.execute_change_set, ChangeSetName=plan)
        self.refused("in its current execution status of [OBSOLETE]", self.cfn.execute_change_set, ChangeSetName=plan)

    def test_a_failed_or_busy_one_is_not_executed(self):
        self.good("s", PARAMETER)
        empty = self.plan("same", PARAMETER, "UPDATE")["Id"]
        self.refused("cannot be executed in its current status of [FAILED]", self.cfn.execute_change_set, ChangeSetName=empty)
        slow, other = self.plan("slow", SLOW, "UPDATE")["Id"], self.plan("other", SECOND, "UPDATE", "s")["Id"]
        self.cfn.execute_change_set(ChangeSetName=slow)
        self.refused("InvalidChangeSetStatus", self.cfn.delete_change_set, ChangeSetName=slow)
        self.refused("ChangeSetNotFound", self.cfn.execute_change_set, ChangeSetName=other)
        self.refused("cannot be deleted while in status UPDATE_IN_PROGRESS", self.cfn.delete_stack, StackName="s")
        self.assertEqual(self.status(), "UPDATE_ROLLBACK_COMPLETE")

    def test_the_same_request_again(self):
        self.good("s", PARAMETER)
        first = self.plan("c2", SECOND, "UPDATE", ClientToken="c2-1")
        again = self.plan("c2", SECOND, "UPDATE", ClientToken="c2-1")
        self.assertEqual((again["Id"], again["StackId"], self.names().count("c2")), (first["Id"], first["StackId"], 1))
        self.refused("(AlreadyExistsException)", self.plan, "c2", SECOND, "UPDATE", ClientToken="c2-2")
        self.refused("mismatch with existing attribute ClientToken", self.plan, "c2", SECOND, "UPDATE", ClientToken="c2-2")
        self.refused("mismatch with existing attribute Template", self.plan, "c2", THIRD, "UPDATE", ClientToken="c2-1")
        self.refused("ChangeSet [c2] already exists", self.plan, "c2", SECOND, "UPDATE")
        for _ in range(2):
            self.cfn.execute_change_set(ChangeSetName=first["Id"], ClientRequestToken="run-1")
        self.assertEqual(self.status(), "UPDATE_COMPLETE")
        self.cfn.execute_change_set(ChangeSetName=first["Id"], ClientRequestToken="run-1")       # and when it is over
        self.refused("TokenAlreadyExistsException", self.cfn.delete_stack, StackName="s", ClientRequestToken="run-1")
        events = self.cfn.describe_stack_events(StackName="s")["StackEvents"]
        self.assertEqual({e["ResourceStatus"] for e in events if e.get("ClientRequestToken") == "run-1"}, {"UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"})
        self.assertEqual(len([e for e in events if e.get("ClientRequestToken") == "run-1"]), 4)      # one operation only
        rows = self.cfn.describe_events(StackName="s")["OperationEvents"]
        self.assertEqual({r["OperationType"] for r in rows if r.get("ClientRequestToken") == "run-1"}, {"UPDATE_STACK"})
        ident = first["StackId"]
        for name in ("s", ident):
            self.cfn.delete_stack(StackName=name, ClientRequestToken="end-1", RoleARN=ADMIN)
        self.assertEqual(self.status(ident), "DELETE_COMPLETE")
        self.cfn.delete_stack(StackName=ident, ClientRequestToken="end-1")
        events = self.cfn.describe_stack_events(StackName=ident)["StackEvents"]
        self.assertEqual([e["ResourceStatus"] for e in events if e.get("ClientRequestToken") == "end-1"],
                         ["DELETE_COMPLETE", "DELETE_COMPLETE", "DELETE_IN_PROGRESS", "DELETE_IN_PROGRESS"])

    def test_a_lost_answer_is_asked_for_again(self):
        self.world.control(action="CreateChangeSet", after=True, status=500, code="InternalFailure")
        self.refused("InternalFailure", self.plan, ClientToken="t-1")
        plan = self.plan(ClientToken="t-1")["Id"]
        self.assertEqual(self.names(), ["c"])
        self.world.control(action="ExecuteChangeSet", after=True, status=500, code="InternalFailure")
        self.refused("InternalFailure", self.cfn.execute_change_set, ChangeSetName=plan, ClientRequestToken="t-1")
        self.cfn.execute_change_set(ChangeSetName=plan, ClientRequestToken="t-1")
        self.assertEqual(self.status(), "CREATE_COMPLETE")

    def test_termination_protection(self):
        self.good("s", PARAMETER)
        self.cfn.update_termination_protection(StackName="s", EnableTerminationProtection=True)
        self.assertTrue(self.cfn.describe_stacks(StackName="s")["Stacks"][0]["EnableTerminationProtection"])
        self.refused("cannot be deleted while TerminationProtection is enabled", self.cfn.delete_stack, StackName="s")
        self.good("s", SECOND)
        self.refused("TerminationProtection is enabled", self.cfn.delete_stack, StackName="s", RoleARN=ADMIN, ClientRequestToken="t-1")
        self.assertEqual(self.status(), "UPDATE_COMPLETE")
        self.cfn.update_termination_protection(StackName="s", EnableTerminationProtection=False)
        self.cfn.delete_stack(StackName="s", ClientRequestToken="t-1")
        self.refused("does not exist", self.cfn.describe_stacks, StackName="s")
        self.refused("does not exist", self.cfn.update_termination_protection, StackName="s", EnableTerminationProtection=True)
        ident = self.plan(stack="in-review")["StackId"]     # and it outlives the next change set
        self.cfn.update_termination_protection(StackName=ident, EnableTerminationProtection=True)
        self.plan("c2", stack="in-review")
        self.refused("TerminationProtection is enabled", self.cfn.delete_stack, StackName="in-review")


class ObsoleteChangeSets(Case):
    seed = {**SEED, "other_change_sets": "obsolete"}

    def test_the_others_stay_as_obsolete(self):
        cfn = self.world.client("cloudformation")
        self.good("s", PARAMETER)
        plans = [cfn.create_change_set(StackName="s", ChangeSetName=f"c{n}", TemplateBody=body, RoleARN=ADMIN)["Id"]
                 for n, body in ((2, SECOND), (3, THIRD))]
        cfn.execute_change_set(ChangeSetName=plans[0])
        self.refused("in its current execution status of [OBSOLETE]", cfn.execute_change_set, ChangeSetName=plans[1])
        cfn.delete_change_set(ChangeSetName=plans[1])
        self.assertEqual(self.outcome(cfn, "s")[0], "UPDATE_COMPLETE")
