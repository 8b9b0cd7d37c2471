"""Accepts the RAM share of the lake account: a custom resource, called by CloudFormation only.

Properties: LakeAccount, Database, Tables; ResourceShareArn (absent: LakeAccount's one share with Database).
Delete does nothing: RAM lets nobody leave a share of Glue tables, and without grants it gives no access.
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


def handler(event, context):
    share, status, reason = event.get("PhysicalResourceId") or "no-share", "SUCCESS", "Done"
    try:
        share = perform(event, share, lambda: context.get_remaining_time_in_millis() / 1000)
    except Exception as error:  # any: unanswered, the stack would wait for long
        traceback.print_exc()
        status = "FAILED"
        reason = str(error) if isinstance(error, Stop) else f"{error!r:.900}: see the function's log"
    print(status, share, reason)
    send(event, status, share, reason)


def perform(event, before, left):
    if event["RequestType"] == "Delete":
        return before
    wanted = event["ResourceProperties"]
    share = wanted.get("ResourceShareArn")
    if event["RequestType"] == "Update" and rolls_back(event["StackId"]):
        return share or before  # gone or not: to fail here strands the stack
    ram = boto3.client("ram", config=QUICK)
    while True:
        found, lack = look(ram, wanted, share, left)
        if not lack:
            return found
        if left() < MARGIN + 20:
            raise Stop(lack)
        time.sleep(5)


def rolls_back(stack):
    """Whether the stack is on its way back: its newest event tells."""
    pages = boto3.client("cloudformation", config=QUICK).get_paginator("describe_stack_events")
    rows = pages.paginate(StackName=stack).search("StackEvents[]")
    own = (row["ResourceStatus"] for row in rows if row.get("PhysicalResourceId") == stack)
    return "ROLLBACK" in next(own, "")


def look(ram, wanted, share, left):
    """Accepts what can be accepted; gives the share, and what is still lacking.

    Without a known share nothing is final: RAM may still show the old one, or not yet the new one.
    """
    lake = wanted["LakeAccount"]
    arn = f"arn:{ram.meta.partition}:%s:{ram.meta.region_name}:{lake}:%s/"
    shares, database = arn % ("ram", "resource-share"), arn % ("glue", "database") + wanted["Database"]
    tables = [arn % ("glue", "table") + f"{wanted['Database']}/{name}" for name in ["*", *wanted["Tables"]]]
    if share and not share.startswith(shares):
        raise Stop(f"ResourceShareArn must begin with {shares}")

    def call(name, **query):
        if left() < MARGIN:
            raise Stop("RAM is too slow, try again")
        try:
            return getattr(ram, name)(**query)
        except ClientError as error:
            if not error.response["Error"]["Code"].startswith("ResourceShareInvitation"):
                raise
            return {}  # closed meanwhile: the next look tells

    def rows(name, what, **query):
        """All pages, also behind an empty one; of the share, else of every share of the lake account."""
        found, more = [], True
        while more:
            page = call(name, **query)
            found += page.get(what, ())
            more = query["nextToken"] = page.get("nextToken")
        return [row for row in found if row["resourceShareArn"].startswith(share or shares)
                and row.get("senderAccountId", lake) == lake]

    def offers(row):
        inside = rows("list_pending_invitation_resources", "resources", **key(row))
        return database in [row["arn"] for row in inside]

    seen = rows("list_resources", "resources", resourceOwner="OTHER-ACCOUNTS")
    invited = rows("get_resource_share_invitations", "resourceShareInvitations")
    invited = [row for row in invited if share or row["status"] == "PENDING" and offers(row)]
    alive = [row for row in invited if state(row) in ("PENDING", "ACCEPTED")]
    found = {row["resourceShareArn"] for row in alive + [row for row in seen if row["arn"] == database]}
    if len(found) > 1:
        return None, f"Several shares fit, pin one (handoff.share_arn): {', '.join(sorted(found))}"
    if invited and not found:
        dead = (f"Recreate the subscriber in account {lake}: this share is dead, its invitation "
                f"{state(invited[-1])}: {invited[-1]['resourceShareArn']}")
        if share:
            raise Stop(dead)
        return None, dead
    for row in alive:
        if row["status"] == "PENDING":
            call("accept_resource_share_invitation", **key(row))
    share = share or next(iter(found), None)
    visible = {row["arn"] for row in seen if row["resourceShareArn"] == share}
    needed = [database] if tables[0] in visible else [database, *tables[1:]]
    missing = ", ".join(arn.split("/")[-1] for arn in needed if arn not in visible)
    return share, missing and (f"Check the subscriber in account {lake}; recreate it if its share was "
                               f"accepted after 12 hours. Not visible in time: {missing}")


def key(invitation):
    return {"resourceShareInvitationArn": invitation["resourceShareInvitationArn"]}


def state(invitation):
    """RAM says PENDING also after 12 hours, when accepting gives nothing."""
    is_old = time.time() - invitation["invitationTimestamp"].timestamp() > 12 * 3600
    return "over 12 hours old" if is_old and invitation["status"] == "PENDING" else invitation["status"]


def send(event, status, share, reason):
    answer = {name: event.get(name) for name in ("StackId", "RequestId", "LogicalResourceId")}
    answer |= {"Status": status, "PhysicalResourceId": share, "Reason": reason[:1200],  # of 4096 in all
               "Data": {"ResourceShareArn": share}}
    for pause in (1, 2, 0):
        try:
            request = urllib.request.Request(event["ResponseURL"], json.dumps(answer).encode(), method="PUT")
            request.add_header("Content-Type", "")  # signed for none
            return urllib.request.urlopen(request, timeout=8).close()
        except Exception as error:
            print("Not answered:", type(error).__name__)  # no text: the URL is a secret
            time.sleep(pause)
    raise RuntimeError("not answered")  # Lambda runs it twice more
