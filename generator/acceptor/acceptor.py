"""Accepts the RAM share of the lake account: a custom resource of lakelink, called by CloudFormation only.

It may read invitations and shared resources, and accept what LakeAccount sent.
Properties: LakeAccount, Database, Tables; ResourceShareArn (absent: LakeAccount's one share with Database).
Delete does nothing: RAM lets nobody leave a share of Glue tables (its guide, "Leaving a resource share"), and
without grants being in it gives no access.
"""
import json
import time
import traceback
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

MARGIN = 80  # seconds kept back: the slowest call takes 45, the answer 30
QUICK = Config(connect_timeout=3, read_timeout=6, retries={"total_max_attempts": 4})


class Stop(Exception):
    """Fails the request; the text shows in the stack's events."""


def handler(event, context, sleep=time.sleep, now=time.time):
    share, status, reason = event.get("PhysicalResourceId") or "no-share", "SUCCESS", "Done"
    try:
        share = perform(event, share, lambda: context.get_remaining_time_in_millis() / 1000, sleep, now)
    except Exception as error:  # any: unanswered, the stack would wait until its ServiceTimeout
        traceback.print_exc()
        status = "FAILED"
        reason = str(error) if isinstance(error, Stop) else f"{error!r:.900}: see the function's log"
    print(status, share, reason)
    send(event, status, share, reason, sleep)


def perform(event, share, seconds, sleep, now):
    kind = event.get("RequestType")
    if kind == "Delete":
        return share
    if kind not in ("Create", "Update"):
        raise Stop(f"RequestType {kind} is unknown.")
    wanted = event["ResourceProperties"]
    if kind == "Update" and rolls_back(event["StackId"]):
        return wanted.get("ResourceShareArn") or share  # gone or not: to fail here strands the stack
    lake = Lake(wanted, seconds, now)
    while missing := lake.missing():
        if seconds() < MARGIN + 20:
            raise Stop(f"Check the subscriber in account {lake.owner}; recreate it if its share was accepted "
                       f"after 12 hours. Not visible in time: {', '.join(missing)}")
        sleep(5)
    return lake.share


def rolls_back(stack):
    """Whether the stack is on its way back from a failed update: its newest event of its own tells."""
    pages = boto3.client("cloudformation", config=QUICK).get_paginator("describe_stack_events")
    rows = pages.paginate(StackName=stack).search("StackEvents[]")
    own = (row["ResourceStatus"] for row in rows if row.get("PhysicalResourceId") == stack)
    return "ROLLBACK" in next(own, "")


class Lake:
    """The lake account's shares, as this account sees them."""

    def __init__(self, wanted, seconds, now):
        self.ram, self.seconds, self.now = boto3.client("ram", config=QUICK), seconds, now
        self.owner, self.share = wanted["LakeAccount"], wanted.get("ResourceShareArn")
        arn = f"arn:{self.ram.meta.partition}:%s:{self.ram.meta.region_name}:{self.owner}:%s/"
        self.shares = arn % ("ram", "resource-share")
        if self.share and not self.share.startswith(self.shares):
            raise Stop(f"ResourceShareArn must begin with {self.shares}")
        self.database = arn % ("glue", "database") + wanted["Database"]
        self.every_table = arn % ("glue", "table") + wanted["Database"] + "/*"
        self.tables = [self.every_table[:-1] + name for name in wanted["Tables"]]

    def missing(self):
        """Accepts what can be accepted, and says what is not visible yet."""
        one = {"resourceShareArns": [self.share]} if self.share else {}
        rows = self.rows("list_resources", "resources", resourceOwner="OTHER-ACCOUNTS", **one)
        seen = {(row["resourceShareArn"], row["arn"]) for row in rows}
        rows = self.rows("get_resource_share_invitations", "resourceShareInvitations")
        meant = [row for row in rows if self.meant(row)]
        alive = [row for row in meant if not self.dead(row)]
        shares = {row["resourceShareArn"] for row in alive}
        shares |= {share for share, arn in seen if arn == self.database}  # uninvited: same organization
        if len(shares) > 1:
            raise Stop(f"Pin one of the shares that fit (handoff.share_arn): {', '.join(sorted(shares))}")
        if meant and not shares:
            raise Stop(f"Recreate the subscriber in account {self.owner}, {self.dead(meant[-1])}")
        for row in alive:
            if row["status"] == "PENDING":
                self.call("accept_resource_share_invitation", **key(row))
        self.share = self.share or next(iter(shares), None)
        needed = [self.database] if (self.share, self.every_table) in seen else [self.database, *self.tables]
        return [arn.split("/")[-1] for arn in needed if (self.share, arn) not in seen]

    def meant(self, invitation):
        if self.share:
            return invitation["resourceShareArn"] == self.share
        if invitation["status"] != "PENDING":
            return False
        rows = self.rows("list_pending_invitation_resources", "resources", **key(invitation))
        return self.database in [row["arn"] for row in rows]

    def dead(self, invitation):
        """RAM says PENDING also after 12 hours, when accepting gives nothing."""
        status, age = invitation["status"], self.now() - invitation["invitationTimestamp"].timestamp()
        old = status == "PENDING" and age > 12 * 3600
        if old or status in ("EXPIRED", "REJECTED"):
            why = "over 12 hours old" if old else status
            return f"this share is dead, its invitation {why}: {invitation['resourceShareArn']}"

    def rows(self, call, name, **query):
        """All pages, also behind an empty one; nothing of shares that are not the lake account's."""
        found, more = [], True
        while more:
            page = self.call(call, **query)
            found += page.get(name, ())
            more = query["nextToken"] = page.get("nextToken")
        return [row for row in found if row.get("senderAccountId", self.owner) == self.owner
                and row.get("resourceShareArn", self.shares).startswith(self.shares)]

    def call(self, name, **query):
        if self.seconds() < MARGIN:
            raise Stop("RAM is too slow, try again.")
        try:
            return getattr(self.ram, name)(**query)
        except ClientError as error:
            if error.response["Error"]["Code"].startswith(("ResourceShareInvitation", "UnknownResource")):
                return {}  # accepted or closed meanwhile, or not known yet: the next look tells
            raise


def key(invitation):
    return {"resourceShareInvitationArn": invitation["resourceShareInvitationArn"]}


def send(event, status, share, reason, sleep):
    answer = {name: event.get(name) for name in ("StackId", "RequestId", "LogicalResourceId")}
    answer |= {"Status": status, "PhysicalResourceId": share, "Reason": reason[:1200],  # of 4096 bytes in all
               "Data": {"ResourceShareArn": share}}
    for pause in (1, 2, 0):
        try:
            request = urllib.request.Request(event["ResponseURL"], json.dumps(answer).encode(), method="PUT")
            request.add_header("Content-Type", "")  # the URL is signed for none
            return urllib.request.urlopen(request, timeout=8).close()
        except Exception as error:
            print("Not answered:", type(error).__name__)  # no text: the URL is a secret
            sleep(pause)
    raise RuntimeError("not answered")  # Lambda runs the whole request twice more
