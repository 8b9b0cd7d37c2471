"""Updates, deletes, what is wrong with a request, and the answer itself."""
import json
import re
import unittest
from unittest import mock

from doubles import (ACCEPTANCE, OTHER, READS, ROOT, SECRET, SHARE, SOURCE, STACK, STRANGER, TABLES, WRITES, Case, acceptor,
                     setUpModule, share_arn, shared, tearDownModule)

__all__ = ["setUpModule", "tearDownModule"]


class Updates(Case):
    def test_a_new_share_becomes_the_physical_id(self):
        self.ram.shares[OTHER] = shared()
        self.succeeds("Update", share=OTHER, PhysicalResourceId=SHARE, wanted={"ResourceShareArn": OTHER},
                      OldResourceProperties={"ResourceShareArn": SHARE})

    def test_a_failed_update_keeps_the_physical_id(self):
        self.ram.offer(OTHER, status="REJECTED")
        answer = self.fails("REJECTED", kind="Update", PhysicalResourceId=SHARE, wanted={"ResourceShareArn": OTHER})
        self.assertEqual(answer["PhysicalResourceId"], SHARE)

    def test_on_the_way_back_everything_is_well(self):
        """The old share may be gone for good, and what fails here leaves the stack in UPDATE_ROLLBACK_FAILED."""
        for known, share in ((SHARE, SHARE), (OTHER, OTHER), (None, SHARE)):
            with self.subTest(known):
                self.setUp()
                self.stack.events = [(ACCEPTANCE, "UPDATE_IN_PROGRESS"), (STACK, "UPDATE_ROLLBACK_IN_PROGRESS"),
                                     (STACK, "UPDATE_IN_PROGRESS")]
                answer = self.succeeds("Update", share=share, PhysicalResourceId=SHARE, wanted={"ResourceShareArn": known})
                self.assertEqual(answer["Data"], {"ResourceShareArn": share})
                self.assertEqual(self.ram.calls, [])
                self.assertEqual(self.stack.asked[0], [STACK])

    def test_a_rollback_of_long_ago_is_none(self):
        self.ram.offer(status="REJECTED")
        self.fails("REJECTED", kind="Update", PhysicalResourceId=SHARE)

    def test_without_the_events_of_its_stack_an_update_fails(self):
        self.stack.is_denied = True
        self.fails("AccessDenied", "DescribeStackEvents", kind="Update", PhysicalResourceId=SHARE)

    def test_the_same_share_is_looked_at_again(self):
        for old in (SHARE, None):
            with self.subTest(old):
                self.setUp()
                self.ram.shares[SHARE] = shared(TABLES[:1])
                self.fails(TABLES[1], kind="Update", PhysicalResourceId=SHARE,
                           OldResourceProperties={"ResourceShareArn": old, "Tables": TABLES[:1]})


class Deletes(Case):
    def test_does_nothing_whatever_the_share(self):
        for share in (SHARE, "no-share", share_arn(1, STRANGER)):
            with self.subTest(share):
                self.setUp()
                self.ram.offer(status="ACCEPTED")
                self.succeeds("Delete", share=share, PhysicalResourceId=share)
                self.assertEqual((self.ram.calls, self.stack.asked), ([], []))

    def test_a_broken_request_stops_nothing(self):
        self.handle({**self.event("Delete", PhysicalResourceId=SHARE), "ResourceProperties": None})
        self.assertEqual(self.body()["Status"], "SUCCESS")


class Answers(Case):
    """Every path answers, once."""

    def test_missing_properties_fail(self):
        for name in ("LakeAccount", "Database", "Tables"):
            with self.subTest(name):
                self.setUp()
                self.ram.offer()
                self.fails(name, wanted={name: None})
                self.assertEqual(self.ram.accepted(), [])

    def test_a_request_with_nothing_but_an_address_is_answered(self):
        self.handle({"ResponseURL": self.event()["ResponseURL"]})
        self.assertEqual(json.loads(self.server.puts[0][2])["Status"], "FAILED")

    def test_a_missing_permission_fails_at_once_and_names_the_call(self):
        for operation, more in [("GetResourceShareInvitations", {}), ("AcceptResourceShareInvitation", {}),
                                ("ListResources", {}),
                                ("ListPendingInvitationResources", {"wanted": {"ResourceShareArn": None}})]:
            with self.subTest(operation):
                self.setUp()
                self.ram.offer()
                self.ram.refusals[operation] = [("AccessDeniedException", 403)] * 9
                self.fails("AccessDenied", operation, **more)
                self.assertEqual(self.clock.slept, 0)

    def test_an_error_that_nobody_thought_of_fails(self):
        self.ram.shares[SHARE] = shared()
        with mock.patch.object(acceptor, "look", side_effect=ZeroDivisionError("odd")):
            self.fails("ZeroDivisionError", "odd", "see the function's log")
        self.assertIn("Traceback", self.log)

    def test_a_passing_fault_of_ram_is_survived(self):
        self.ram.offer()
        self.ram.refusals = {operation: [("ServiceUnavailableException", 503), ("ThrottlingException", 400)]
                             for operation in ("ListResources", "AcceptResourceShareInvitation")}
        with mock.patch("botocore.endpoint.time.sleep"):
            self.succeeds()
        self.assertEqual(self.ram.accepted(), [SHARE])

    def test_lists_that_do_not_end_fail_in_time(self):
        self.ram.endless, self.clock.price = True, 1
        self.fails("RAM is too slow")

    def test_a_refused_answer_is_sent_again_until_it_is_taken(self):
        self.ram.shares[SHARE] = shared()
        self.server.put_statuses = [503, 500]
        self.handle(self.event())
        self.assertEqual([status for status, _, _ in self.server.puts], [503, 500, 200])
        self.assertEqual(len({text for _, _, text in self.server.puts}), 1)  # never another answer
        self.assertNotIn(SECRET, self.log)

    def test_an_answer_that_nobody_takes_ends_as_an_error_for_lambda_to_repeat(self):
        for address in (self.event()["ResponseURL"], f"nonsense://x?{SECRET}=abc", None):
            with self.subTest(address):
                self.setUp()
                self.server.put_statuses = [403] * 9
                self.ram.shares[SHARE] = shared()
                with self.assertRaises(RuntimeError) as caught:
                    self.handle({**self.event(), "ResponseURL": address})
                self.assertNotIn(SECRET, self.log + str(caught.exception))
                self.assertLessEqual(len(self.server.puts), 3)
                self.assertEqual(self.log.count("Not answered"), 3)

    def test_a_long_reason_fits(self):
        self.ram.shares[SHARE] = []
        self.fails("Check the subscriber", wanted={"Tables": ["t" * 255] * 20})

    def test_the_clients_timeouts_fit_into_the_margin(self):
        quick, attempts = acceptor.QUICK, acceptor.QUICK.retries["total_max_attempts"]
        call = attempts * (quick.connect_timeout + quick.read_timeout) + sum(2 ** n for n in range(attempts - 1))
        self.assertLessEqual(call + 3 * 8 + 3, acceptor.MARGIN)


class Source(unittest.TestCase):
    """What being inlined in a template asks for."""

    text = SOURCE.read_text(encoding="utf-8")

    def test_is_small_plain_text(self):
        self.assertLessEqual(len(self.text), 8000)
        self.assertTrue(self.text.isascii() and self.text.endswith("\n") and "\t" not in self.text)
        for line in self.text.splitlines():
            self.assertLessEqual(len(line), 110, line)
            self.assertEqual(line, line.rstrip())

    def test_holds_nothing_that_a_template_would_replace(self):
        self.assertNotIn("${", self.text)
        self.assertNotIn("{{resolve", self.text)

    def test_imports_what_the_runtime_has(self):
        found = set(re.findall(r"^(?:import|from) (\w+)", self.text, re.M))
        self.assertEqual(found, {"boto3", "botocore", "json", "time", "traceback", "urllib"})

    def test_calls_operations_that_iam_knows(self):
        operations = {"".join(part.title() for part in name.split("_")) for name in re.findall(
            r'"((?:get|list|accept)_[a-z_]+)["(]', self.text)}
        self.assertEqual(operations, READS | WRITES)
        table = (ROOT / "generator/data/iam-actions/ram.jsonl").read_text(encoding="utf-8")
        self.assertLessEqual(operations, {json.loads(line).get("action") for line in table.splitlines()})
