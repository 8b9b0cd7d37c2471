"""Tests of the acceptor function (generator/acceptor/acceptor.py), without AWS.

RAM is a double behind HTTP on loopback, so that the calls go through the real boto3: a wrong name of a parameter
fails there, a wrong name of a member comes back empty. The same server takes the answers to CloudFormation.
Its lists always come in pages of one, with empty pages before, between and behind. Time is a fake clock.

    python3 -m unittest discover -s tests/acceptor      # with the packages of tests/world/requirements.lock
"""
import contextlib
import http.server
import importlib.util
import io
import json
import os
import re
import threading
import unittest
from pathlib import Path
from unittest import mock

import boto3

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "generator/acceptor/acceptor.py"
LAKE, DETECTIVE, STRANGER, REGION = "111122223333", "444455556666", "999999999999", "us-east-1"
DATABASE = "amazon_security_lake_glue_db_us_east_1"
TABLES = [f"amazon_security_lake_table_us_east_1_{source}_2_0" for source in ("cloud_trail_mgmt", "vpc_flow")]
STACK = f"arn:aws:cloudformation:{REGION}:{DETECTIVE}:stack/lakelink-acme-detective/1"
NOW, HOUR, LIMIT = 1_800_000_000, 3600, 240
SECRET = "X-Amz-Signature"
READS = {"GetResourceShareInvitations", "ListResources", "ListPendingInvitationResources"}
WRITES = {"AcceptResourceShareInvitation", "DisassociateResourceShare"}

spec = importlib.util.spec_from_file_location("acceptor", SOURCE)
acceptor = importlib.util.module_from_spec(spec)
spec.loader.exec_module(acceptor)


def share_arn(number=1, owner=LAKE, region=REGION, partition="aws"):
    return f"arn:{partition}:ram:{region}:{owner}:resource-share/00000000-0000-0000-0000-{number:012}"


SHARE, OTHER = share_arn(1), share_arn(2)


def glue(name, owner=LAKE, region=REGION, partition="aws"):
    return f"arn:{partition}:glue:{region}:{owner}:{name}"


def shared(tables=TABLES, database=DATABASE, **where):
    """The ARNs of a share: its database and tables."""
    return [glue(f"database/{database}", **where)] + [glue(f"table/{database}/{name}", **where) for name in tables]


class Refused(Exception):
    """An error of RAM: code and status."""


class Ram:
    """A double of RAM as one receiving account sees it."""

    def __init__(self):
        self.shares = {}  # ARN: resource ARNs, visible once accepted or uninvited
        self.invitations = []
        self.calls = []
        self.refusals = {}  # operation: [(code, status), ...], one for each call
        self.endless = False
        self.delay = 0  # looks at the resources before an accepted share shows them

    def offer(self, share=SHARE, resources=None, status="PENDING", age=0, sender=LAKE):
        self.shares[share] = shared() if resources is None else resources
        number = len(self.invitations) + 1
        self.invitations.append({
            "resourceShareInvitationArn": share.replace("-share/", f"-share-invitation/{number}-"),
            "resourceShareName": "LakeFormation-V3-ABC", "resourceShareArn": share, "senderAccountId": sender,
            "receiverAccountId": DETECTIVE, "invitationTimestamp": NOW - age, "status": status})
        return self.invitations[-1]

    def called(self, operation):
        return [body for name, body in self.calls if name == operation]

    def accepted(self):
        return [i["resourceShareArn"] for i in self.invitations if i["status"] == "ACCEPTED"]

    def answer(self, operation, body):
        self.calls.append((operation, body))
        if self.refusals.get(operation):
            raise Refused(*self.refusals[operation].pop(0))
        return getattr(self, operation)(body)

    def page(self, name, items, body):
        """Pages of one, an empty one before each and at the end."""
        at = int(body.get("nextToken", 0))
        here = [] if self.endless or at % 2 == 0 else [items[at // 2]]
        more = self.endless and at < 999 or at < 2 * len(items)
        return {name: here, **({"nextToken": str(at + 1)} if more else {})}

    def find(self, body):
        for invitation in self.invitations:
            if invitation["resourceShareInvitationArn"] == body["resourceShareInvitationArn"]:
                return invitation
        raise Refused("ResourceShareInvitationArnNotFoundException", 400)

    def GetResourceShareInvitations(self, body):
        return self.page("resourceShareInvitations", [dict(i) for i in self.invitations], body)

    def AcceptResourceShareInvitation(self, body):
        invitation = self.find(body)
        if invitation["status"] != "PENDING":
            raise Refused(f"ResourceShareInvitationAlready{invitation['status'].title()}Exception", 400)
        invitation["status"] = "ACCEPTED"
        return {"resourceShareInvitation": invitation}

    def ListPendingInvitationResources(self, body):
        invitation = self.find(body)
        if invitation["status"] != "PENDING":
            raise Refused(f"ResourceShareInvitationAlready{invitation['status'].title()}Exception", 400)
        return self.page("resources", self.rows(invitation["resourceShareArn"]), body)

    def ListResources(self, body):
        assert body["resourceOwner"] == "OTHER-ACCOUNTS"
        waiting = {i["resourceShareArn"] for i in self.invitations} - set(self.accepted())
        visible = [arn for arn in self.shares if arn not in waiting]
        wanted = body.get("resourceShareArns")
        if wanted and not set(wanted) <= set(visible):
            raise Refused("UnknownResourceException", 400)
        if visible and self.delay and "nextToken" not in body:
            self.delay -= 1
            return {"resources": []}
        rows = [row for arn in visible if not wanted or arn in wanted for row in self.rows(arn)]
        return self.page("resources", rows, body)

    def DisassociateResourceShare(self, body):
        if body["resourceShareArn"] not in self.shares:
            raise Refused("UnknownResourceException", 400)
        del self.shares[body["resourceShareArn"]]
        return {"resourceShareAssociations": []}

    def rows(self, share):
        return [{"arn": arn, "type": "glue:Table", "resourceShareArn": share} for arn in self.shares[share]]


class Handler(http.server.BaseHTTPRequestHandler):
    """RAM by POST, CloudFormation's answers by PUT."""
    protocol_version, disable_nagle_algorithm, wbufsize = "HTTP/1.1", True, -1

    def log_message(self, *_):
        pass

    def body(self):
        return self.rfile.read(int(self.headers["Content-Length"]))

    def reply(self, status, text=b"{}", **headers):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(text)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(text)
        self.wfile.flush()

    def do_POST(self):
        body = json.loads(self.body() or b"{}")
        names = {name.lower(): name for name in READS | WRITES}
        try:
            result = self.server.ram.answer(names[self.path.strip("/")], body)
            self.reply(200, json.dumps(result).encode())
        except Refused as refused:
            code, status = refused.args
            self.reply(status, json.dumps({"message": f"no: {code}"}).encode(), x_amzn_errortype=code)

    def do_PUT(self):
        status = self.server.put_statuses.pop(0) if self.server.put_statuses else 200
        answer = (status, self.headers.get("Content-Type"), self.body())
        self.server.puts.append(answer)
        self.reply(status)


class Clock:
    """Stands in for time and for Lambda's context: it moves by sleeping, and a little by asking."""

    def __init__(self):
        self.slept, self.asked, self.price, self.plans = 0, 0, 0.01, []

    def sleep(self, seconds):
        self.slept += seconds
        for due, action in [plan for plan in self.plans if plan[0] <= self.slept]:
            self.plans.remove((due, action))
            action()

    def now(self):
        return NOW + self.slept

    def left(self):
        return LIMIT - self.slept - self.asked

    def get_remaining_time_in_millis(self):
        self.asked += self.price
        return int(self.left() * 1000)


def setUpModule():
    global server, environment
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    environment = mock.patch.dict(os.environ, {
        "AWS_ENDPOINT_URL": url, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION, "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x", "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true", "NO_PROXY": "*", "no_proxy": "*"})
    environment.start()


def tearDownModule():
    environment.stop()
    server.shutdown()
    server.server_close()


class Case(unittest.TestCase):
    def setUp(self):
        self.ram = server.ram = Ram()
        server.puts, server.put_statuses = [], []
        self.clock, self.log = Clock(), ""

    def event(self, kind="Create", **more):
        wanted = {"ServiceToken": "x", "LakeAccount": LAKE, "Database": DATABASE, "Tables": TABLES,
                  "ResourceShareArn": SHARE, "Version": "1"}
        wanted.update(more.pop("wanted", {}))
        wanted = {name: value for name, value in wanted.items() if value is not None}
        return {"RequestType": kind, "ResponseURL": f"http://127.0.0.1:{server.server_port}/answer?{SECRET}=abc",
                "StackId": STACK, "RequestId": "request-1", "LogicalResourceId": "ShareAcceptance",
                "ResourceProperties": wanted, **more}

    def handle(self, event):
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            try:
                acceptor.handler(event, self.clock, sleep=self.clock.sleep, now=self.clock.now)
            finally:
                self.log = out.getvalue()

    def run_event(self, kind="Create", **more):
        """One request; it gets one answer, in time, that names it."""
        self.handle(self.event(kind, **more))
        self.assertEqual([status for status, _, _ in server.puts], [200])
        self.assertGreater(self.clock.left(), 30)
        self.assertNotIn(SECRET, self.log)
        return self.body()

    def body(self):
        text = server.puts[-1][2]
        self.assertLessEqual(len(text), 4096)
        answer = json.loads(text)
        self.assertEqual((answer["StackId"], answer["RequestId"], answer["LogicalResourceId"]),
                         (STACK, "request-1", "ShareAcceptance"))
        return answer

    def succeeds(self, kind="Create", share=SHARE, **more):
        answer = self.run_event(kind, **more)
        self.assertEqual((answer["Status"], answer["PhysicalResourceId"]), ("SUCCESS", share), answer)
        return answer

    def fails(self, *words, kind="Create", **more):
        answer = self.run_event(kind, **more)
        self.assertEqual(answer["Status"], "FAILED", answer)
        for word in words:
            self.assertIn(word, answer["Reason"])
        self.assertNotIn("Stop(", answer["Reason"])
        return answer


class Given(Case):
    """Create and update with ResourceShareArn."""

    def test_accepts_the_invitation_and_answers(self):
        self.ram.offer()
        answer = self.succeeds()
        self.assertEqual(answer["Data"], {"ResourceShareArn": SHARE})
        self.assertEqual(self.ram.accepted(), [SHARE])
        self.assertEqual(server.puts[0][1], "")  # the signed URL takes no content type

    def test_reads_every_page_of_the_invitations(self):
        for number in range(10, 14):
            self.ram.offer(share_arn(number), status="REJECTED")
        self.ram.offer()
        self.succeeds()
        self.assertEqual(self.ram.accepted(), [SHARE])

    def test_reads_every_page_of_the_resources(self):
        self.ram.shares[SHARE] = [glue(f"table/{DATABASE}/more_{n}") for n in range(3)] + shared()
        self.succeeds()
        self.assertEqual(self.clock.slept, 0)

    def test_accepts_no_other_share_of_the_lake_account(self):
        self.ram.offer(OTHER)
        self.ram.offer()
        self.succeeds()
        self.assertEqual(self.ram.accepted(), [SHARE])

    def test_accepts_nothing_that_the_lake_account_did_not_send(self):
        self.ram.offer(sender=STRANGER)
        self.fails("Not visible in time")
        self.assertEqual(self.ram.accepted(), [])

    def test_refuses_a_share_of_another_account_region_or_service(self):
        for arn in [share_arn(owner=STRANGER), share_arn(region="eu-west-1"), share_arn(partition="aws-cn"),
                    SHARE.replace(":ram:", ":glue:"), "x"]:
            with self.subTest(arn):
                self.setUp()
                self.ram.offer(arn, sender=arn.split(":")[4] if ":" in arn else LAKE)
                self.fails("ResourceShareArn must begin with", SHARE[:-36], wanted={"ResourceShareArn": arn})
                self.assertEqual(self.ram.calls, [])

    def test_an_accepted_share_is_not_accepted_again(self):
        self.ram.offer(status="ACCEPTED")
        self.succeeds()
        self.assertEqual(self.ram.called("AcceptResourceShareInvitation"), [])

    def test_somebody_else_accepting_first_is_no_error(self):
        self.ram.offer()
        accept = self.ram.AcceptResourceShareInvitation

        def too_late(body):
            accept(body)
            return accept(body)
        self.ram.AcceptResourceShareInvitation = too_late
        self.succeeds()

    def test_needs_no_invitation_inside_an_organization(self):
        self.ram.shares[SHARE] = shared()
        self.succeeds()
        self.assertEqual(self.clock.slept, 0)

    def test_what_is_visible_outweighs_a_dead_invitation(self):
        self.ram.offer(status="REJECTED")
        self.ram.ListResources = lambda body: self.ram.page("resources", self.ram.rows(SHARE), body)
        self.succeeds()

    def test_an_invitation_of_more_than_12_hours_fails_at_once(self):
        self.ram.offer(age=12 * HOUR + 1)
        self.fails("over 12 hours", "Recreate the subscriber", LAKE, SHARE)
        self.assertEqual((self.clock.slept, self.ram.called("AcceptResourceShareInvitation")), (0, []))

    def test_an_invitation_of_almost_12_hours_is_accepted(self):
        self.ram.offer(age=12 * HOUR - 60)
        self.succeeds()

    def test_an_expired_or_rejected_invitation_fails_at_once(self):
        for status in ("EXPIRED", "REJECTED"):
            with self.subTest(status):
                self.setUp()
                self.ram.offer(status=status)
                self.fails(status, "Recreate the subscriber", LAKE, SHARE)
                self.assertEqual(self.clock.slept, 0)

    def test_a_new_invitation_outweighs_old_ones_to_the_same_share(self):
        self.ram.offer(status="REJECTED")
        self.ram.offer(age=20 * HOUR)
        self.ram.offer(age=HOUR)
        self.succeeds()
        self.assertEqual([i["status"] for i in self.ram.invitations], ["REJECTED", "PENDING", "ACCEPTED"])

    def test_waits_until_the_share_is_visible(self):
        self.ram.offer()
        self.ram.delay = 4
        self.succeeds()
        self.assertEqual(self.clock.slept, 25)  # one look for the invitation, four in vain

    def test_waits_for_a_share_that_was_accepted_long_ago(self):
        self.ram.offer(status="ACCEPTED", age=900 * HOUR)
        self.ram.delay = 2
        self.succeeds()
        self.assertEqual(self.clock.slept, 10)

    def test_waits_until_every_table_is_visible(self):
        self.ram.shares[SHARE] = shared(TABLES[:1])
        self.clock.plans.append((60, lambda: self.ram.shares.update({SHARE: shared()})))
        self.succeeds("Update", PhysicalResourceId=SHARE)
        self.assertEqual(self.clock.slept, 60)

    def test_waits_until_the_database_is_visible(self):
        self.ram.shares[SHARE] = shared()[1:]
        self.clock.plans.append((60, lambda: self.ram.shares.update({SHARE: shared()})))
        self.succeeds()
        self.assertEqual(self.clock.slept, 60)

    def test_waits_for_an_invitation_that_comes_late(self):
        self.clock.plans.append((30, self.ram.offer))
        self.succeeds()
        self.assertEqual(self.ram.accepted(), [SHARE])

    def test_names_what_is_missing_when_the_time_is_up(self):
        for price in (0, 0.1, 0.2, 0.3, 0.4):  # seconds that a call takes: the end of the time falls anywhere
            with self.subTest(price):
                self.setUp()
                self.clock.price = price
                self.ram.shares[SHARE] = shared(TABLES[:1])
                answer = self.fails(TABLES[1], LAKE, "Check the subscriber")
                self.assertNotIn(TABLES[0], answer["Reason"])
                self.assertNotIn(DATABASE, answer["Reason"])
                self.assertGreater(self.clock.slept, LIMIT / 3)

    def test_a_wildcard_stands_for_every_table(self):
        self.ram.shares[SHARE] = shared(["*"])
        self.succeeds()

    def test_a_wildcard_of_another_database_does_not(self):
        self.ram.shares[SHARE] = shared([]) + [glue("table/another/*")]
        self.fails(*TABLES)

    def test_tables_of_another_account_or_share_do_not_count(self):
        self.ram.shares[SHARE] = shared([]) + shared(owner=STRANGER)[1:]
        self.ram.shares[OTHER] = shared()[1:]
        self.ram.ListResources = lambda body: self.ram.page(
            "resources", self.ram.rows(SHARE) + self.ram.rows(OTHER), body)  # even if the filter does nothing
        self.fails(*TABLES)

    def test_works_in_govcloud(self):
        where = {"region": "us-gov-west-1", "partition": "aws-us-gov"}
        arn = share_arn(**where)
        self.ram.offer(arn, shared(**where))
        with mock.patch.dict(os.environ, {"AWS_DEFAULT_REGION": "us-gov-west-1", "AWS_REGION": "us-gov-west-1"}), \
                mock.patch.object(boto3, "DEFAULT_SESSION", None):
            self.succeeds(share=arn, wanted={"ResourceShareArn": arn})


class Discovered(Case):
    """Create and update without ResourceShareArn."""

    def discovers(self, share=SHARE, **more):
        answer = self.succeeds(share=share, wanted={"ResourceShareArn": None}, **more)
        self.assertEqual(answer["Data"], {"ResourceShareArn": share})

    def test_accepts_the_pending_share_that_offers_the_database(self):
        self.ram.offer(OTHER, shared(database=DATABASE + "_copy"))
        self.ram.offer(share_arn(3), [glue("table/another/x")])
        self.ram.offer()
        self.discovers()
        self.assertEqual(self.ram.accepted(), [SHARE])

    def test_finds_the_share_that_is_visible_already(self):
        self.ram.shares[OTHER] = shared(database=DATABASE + "_copy")
        self.ram.offer(status="ACCEPTED")
        self.discovers()
        self.assertEqual(self.ram.called("ListPendingInvitationResources"), [])

    def test_waits_for_its_tables(self):
        self.ram.offer()
        self.ram.delay = 3
        self.discovers()
        self.assertEqual(self.clock.slept, 20)
        asked = [body.get("resourceShareArns") for body in self.ram.called("ListResources")]
        self.assertEqual((asked[0], asked[-1]), (None, [SHARE]))  # once found, no other share is read

    def test_waits_for_an_invitation_that_comes_late(self):
        self.clock.plans.append((30, self.ram.offer))
        self.discovers()

    def test_fails_on_two_that_fit_and_accepts_neither(self):
        self.ram.offer()
        self.ram.offer(OTHER)
        self.fails(SHARE, OTHER, "Set ResourceShareArn", wanted={"ResourceShareArn": None})
        self.assertEqual((self.ram.accepted(), self.clock.slept), ([], 0))

    def test_fails_on_one_visible_and_one_pending(self):
        self.ram.shares[OTHER] = shared()
        self.ram.offer()
        self.fails(SHARE, OTHER, wanted={"ResourceShareArn": ""})
        self.assertEqual(self.ram.accepted(), [])

    def test_takes_no_share_of_a_stranger(self):
        strange = share_arn(1, STRANGER)
        self.ram.offer(strange, shared(), sender=STRANGER)
        self.ram.offer(share_arn(2), shared(), sender=STRANGER)
        self.ram.shares[share_arn(3, STRANGER)] = shared()
        self.fails("Not visible in time", DATABASE, wanted={"ResourceShareArn": None})
        self.assertEqual(self.ram.accepted(), [])
        self.assertEqual(self.ram.called("ListPendingInvitationResources"), [])

    def test_a_dead_invitation_fails_at_once(self):
        self.ram.offer(age=13 * HOUR)
        self.fails("over 12 hours", "Recreate the subscriber", SHARE, wanted={"ResourceShareArn": None})
        self.assertEqual(self.clock.slept, 0)

    def test_a_living_invitation_outweighs_a_dead_one(self):
        self.ram.offer(OTHER, age=13 * HOUR)
        self.ram.offer(share_arn(3), status="EXPIRED")
        self.ram.offer()
        self.discovers()

    def test_passes_over_an_invitation_that_cannot_be_looked_into(self):
        self.ram.refusals["ListPendingInvitationResources"] = [("ResourceShareInvitationExpiredException", 400)]
        self.ram.offer(OTHER)
        self.ram.offer()
        self.discovers()
        self.assertEqual(self.ram.accepted(), [SHARE])


class Updates(Case):
    def test_a_new_share_becomes_the_physical_id(self):
        self.ram.shares[OTHER] = shared()
        self.succeeds("Update", share=OTHER, PhysicalResourceId=SHARE, wanted={"ResourceShareArn": OTHER},
                      OldResourceProperties={"ResourceShareArn": SHARE})

    def test_a_failed_update_keeps_the_physical_id(self):
        self.ram.offer(OTHER, status="REJECTED")
        answer = self.fails("REJECTED", kind="Update", PhysicalResourceId=SHARE, wanted={"ResourceShareArn": OTHER})
        self.assertEqual(answer["PhysicalResourceId"], SHARE)

    def test_the_rollback_of_a_failed_change_succeeds_though_the_old_share_is_gone(self):
        self.succeeds("Update", PhysicalResourceId=SHARE, OldResourceProperties={"ResourceShareArn": OTHER})
        self.assertEqual(self.ram.calls, [])

    def test_the_same_share_is_looked_at_again(self):
        for old in (SHARE, None):
            with self.subTest(old):
                self.setUp()
                self.ram.shares[SHARE] = shared(TABLES[:1])
                self.fails(TABLES[1], kind="Update", PhysicalResourceId=SHARE,
                           OldResourceProperties={"ResourceShareArn": old, "Tables": TABLES[:1]})

    def test_the_rollback_of_a_failed_create_does_not_leave_the_share(self):
        self.ram.offer(resources=shared([]))
        failed = self.fails(*TABLES)
        self.assertEqual(self.ram.accepted(), [SHARE])
        server.puts.clear()
        self.clock = Clock()
        self.succeeds("Delete", share=failed["PhysicalResourceId"], PhysicalResourceId=failed["PhysicalResourceId"])
        self.assertEqual(self.ram.called("DisassociateResourceShare"), [])


class Deletes(Case):
    def delete(self, share=SHARE, **more):
        return self.succeeds("Delete", share=share, PhysicalResourceId=share, **more)

    def test_leaves_the_share_as_this_account(self):
        self.ram.offer(status="ACCEPTED")
        self.delete()
        self.assertEqual(self.ram.called("DisassociateResourceShare"),
                         [{"resourceShareArn": SHARE, "principals": [DETECTIVE]}])
        self.assertEqual(self.ram.shares, {})

    def test_leaves_the_share_of_its_id_also_when_the_properties_name_none_or_another(self):
        for wanted in (None, OTHER):
            with self.subTest(wanted):
                self.setUp()
                self.ram.shares = {SHARE: [], OTHER: []}
                self.delete(wanted={"ResourceShareArn": wanted})
                self.assertEqual(list(self.ram.shares), [OTHER])

    def test_leaves_no_share_of_another_account(self):
        for share in (share_arn(1, STRANGER), "no-share", "x" * 60):
            with self.subTest(share):
                self.setUp()
                self.delete(share)
                self.assertEqual(self.ram.calls, [])

    def test_a_refusal_is_logged_and_stops_nothing(self):
        for code, status in [("UnknownResourceException", 400), ("AccessDeniedException", 403),
                             ("OperationNotPermittedException", 400), ("ServerInternalException", 500)]:
            with self.subTest(code), mock.patch("botocore.endpoint.time.sleep"):
                self.setUp()
                self.ram.refusals["DisassociateResourceShare"] = [(code, status)] * 9
                self.delete()
                self.assertIn(code, self.log)

    def test_a_broken_request_stops_nothing(self):
        event = self.event("Delete", PhysicalResourceId=SHARE)
        for broken in ({**event, "ResourceProperties": None}, {**event, "ResourceProperties": {}}):
            with self.subTest(broken["ResourceProperties"]):
                self.setUp()
                self.handle(broken)
                self.assertEqual(self.body()["Status"], "SUCCESS")
                self.assertIn("Not left", self.log)


class Answers(Case):
    """Every path answers, once."""

    def test_an_unknown_request_type_fails(self):
        self.fails("RequestType Read", kind="Read")
        self.assertEqual(self.ram.calls, [])

    def test_missing_properties_fail(self):
        for name in ("LakeAccount", "Database", "Tables"):
            with self.subTest(name):
                self.setUp()
                self.ram.offer()
                self.fails(name, wanted={name: None})
                self.assertEqual(self.ram.accepted(), [])

    def test_a_request_with_nothing_but_an_address_is_answered(self):
        self.handle({"ResponseURL": self.event()["ResponseURL"]})
        self.assertEqual(json.loads(server.puts[0][2])["Status"], "FAILED")

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
        with mock.patch.object(acceptor.Lake, "missing", side_effect=ZeroDivisionError("odd")):
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
        server.put_statuses = [503, 500]
        self.handle(self.event())
        self.assertEqual([status for status, _, _ in server.puts], [503, 500, 200])
        self.assertEqual(len({text for _, _, text in server.puts}), 1)  # never another answer
        self.assertNotIn(SECRET, self.log)

    def test_an_answer_that_nobody_takes_ends_as_an_error_for_lambda_to_repeat(self):
        for address in (self.event()["ResponseURL"], f"nonsense://x?{SECRET}=abc", None):
            with self.subTest(address):
                self.setUp()
                server.put_statuses = [403] * 9
                self.ram.shares[SHARE] = shared()
                with self.assertRaises(RuntimeError) as caught:
                    self.handle({**self.event(), "ResponseURL": address})
                self.assertNotIn(SECRET, self.log + str(caught.exception))
                self.assertLessEqual(len(server.puts), 3)
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

    def test_calls_five_operations_that_iam_knows(self):
        operations = {"".join(part.title() for part in name.split("_")) for name in re.findall(
            r'(?:"|ram\.)((?:get|list|accept|disassociate)_[a-z_]+)["(]', self.text)}
        self.assertEqual(operations, READS | WRITES)
        known = json.loads((ROOT / "generator/data/iam-actions.json").read_text(encoding="utf-8"))
        self.assertLessEqual(operations, set(known["services"]["ram"]["actions"]))


if __name__ == "__main__":
    unittest.main()
