"""What the acceptor function (generator/acceptor/acceptor.py) meets in these tests, without AWS.

RAM is a double behind HTTP on loopback, so that the calls go through the real boto3: a wrong name of a parameter
fails there, a wrong name of a member comes back empty. Its lists always come in pages of one, with empty pages
before, between and behind. The same server tells the stack's events and takes the answers to CloudFormation.
Time is a fake clock.

    python3 -m unittest discover -s tests/acceptor      # with the packages of tests/world/requirements.lock
"""
import contextlib
import http.server
import importlib.util
import io
import json
import os
import threading
import unittest
import urllib.parse
from pathlib import Path
from unittest import mock

import boto3

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "generator/acceptor/acceptor.py"
LAKE, DETECTIVE, STRANGER, REGION = "111122223333", "444455556666", "999999999999", "us-east-1"
DATABASE = "amazon_security_lake_glue_db_us_east_1"
TABLES = [f"amazon_security_lake_table_us_east_1_{source}_2_0" for source in ("cloud_trail_mgmt", "vpc_flow")]
STACK = f"arn:aws:cloudformation:{REGION}:{DETECTIVE}:stack/lakelink-acme-detective/1"
NOW, HOUR, LIMIT = 1_800_000_000, 3600, 600
ACCEPTANCE, SECRET = "the-acceptance", "X-Amz-Signature"
READS = {"GetResourceShareInvitations", "ListResources", "ListPendingInvitationResources"}
WRITES = {"AcceptResourceShareInvitation"}

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

    def rows(self, share):
        return [{"arn": arn, "type": "glue:Table", "resourceShareArn": share} for arn in self.shares[share]]


class Stack:
    """The stack's events, newest first, in pages of one with an empty one before."""

    def __init__(self):
        self.events = [(ACCEPTANCE, "UPDATE_IN_PROGRESS"), (STACK, "UPDATE_IN_PROGRESS"), (STACK, "UPDATE_ROLLBACK_COMPLETE")]
        self.asked, self.is_denied = [], False

    def answer(self, query):
        self.asked.append(query["StackName"])
        if self.is_denied:
            return 403, b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
        at = int(query.get("NextToken", ["-1"])[0])
        row = "<member><PhysicalResourceId>{}</PhysicalResourceId><ResourceStatus>{}</ResourceStatus></member>"
        rows = row.format(*self.events[at]) if at >= 0 else ""
        more = f"<NextToken>{at + 1}</NextToken>" if at + 1 < len(self.events) else ""
        return 200, (f"<DescribeStackEventsResponse><DescribeStackEventsResult><StackEvents>{rows}</StackEvents>{more}"
                     "</DescribeStackEventsResult></DescribeStackEventsResponse>").encode()


class Handler(http.server.BaseHTTPRequestHandler):
    """RAM and the stack by POST, answers to CloudFormation by PUT."""
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
        text = self.body()
        if text.startswith(b"Action=DescribeStackEvents&"):
            self.reply(*self.server.stack.answer(urllib.parse.parse_qs(text.decode())))
            return
        body = json.loads(text or b"{}")
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

    def time(self):
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
        self.ram, self.stack, self.server = Ram(), Stack(), server
        server.ram, server.stack, server.puts, server.put_statuses = self.ram, self.stack, [], []
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
                with mock.patch.object(acceptor, "time", self.clock):
                    acceptor.handler(event, self.clock)
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
