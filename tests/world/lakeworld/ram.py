"""Resource shares between accounts: what a Security Lake subscriber makes, and what the other account sees and does."""
import time

from . import names
from .store import WORLD, Refused, page

STALE_AFTER = 12 * 3600     # seconds in which an invitation to Security Lake's resources must be answered
PAGE_LIMIT = 500
KINDS = {"database": "glue:Database", "table": "glue:Table", "catalog": "glue:Catalog"}


# -- shares, as their owner makes them -----------------------------------------------------------------------------------

def make_share(owner, region, name, receiver, resources, counter="share"):
    """A share as Security Lake makes it: with an invitation between strangers, at once visible inside an organization."""
    number = WORLD.count(owner, region, counter)
    arn = names.share_arn(WORLD.seed, owner, region, number, counter)
    WORLD.shares[arn] = {"arn": arn, "name": name, "owner": owner, "region": region, "receiver": receiver,
                         "resources": list(resources), "created": time.time()}
    if receiver != owner and not WORLD.organization:
        invitation = names.invitation_arn(WORLD.seed, owner, region, number, counter)
        WORLD.invitations[invitation] = {
            "resourceShareInvitationArn": invitation, "resourceShareName": name, "resourceShareArn": arn,
            "senderAccountId": owner, "receiverAccountId": receiver, "invitationTimestamp": time.time(),
            "status": "PENDING"}
    return arn


def set_resources(arn, resources):
    WORLD.shares[arn]["resources"] = list(resources)


def delete_share(arn):
    """The share goes with everything seen through it; answered invitations stay listed, open ones do not."""
    WORLD.shares.pop(arn, None)
    for key, invitation in list(WORLD.invitations.items()):
        if invitation["resourceShareArn"] == arn and invitation["status"] == "PENDING":
            del WORLD.invitations[key]


def seed_share(owner, wanted):
    """A share from before, of whoever; its ARN does not count among those that a subscriber gets."""
    region = wanted["region"]
    tables = [tuple(entry.rsplit(":", 1)) for entry in wanted.get("tables", [])]
    resources = wanted.get("resources") or [names.database_arn(owner, region),
                                            *(names.table_arn(owner, region, *entry) for entry in tables)]
    arn = make_share(owner, region, wanted.get("name", "LakeFormation-V3-SEEDED"), wanted["receiver"], resources, "seeded-share")
    for invitation in WORLD.invitations.values():
        if invitation["resourceShareArn"] == arn:
            invitation["status"] = wanted.get("status", "PENDING")
            if wanted.get("stale"):
                _age(invitation)
    return arn


# -- what the planned faults do to an invitation -------------------------------------------------------------------------

def _age(invitation):
    invitation["stale"] = True
    invitation["invitationTimestamp"] -= STALE_AFTER + 3600


def make_stale(arn):
    """Thirteen hours have passed: the invitation still says PENDING, but accepting it gives no access."""
    _age(WORLD.invitations[arn])


def expire(arn):
    """The other way that an invitation can end: its status says so."""
    WORLD.invitations[arn]["status"] = "EXPIRED"


# -- what the receiver sees ----------------------------------------------------------------------------------------------

def visible_shares(account, region):
    """Shares of other accounts that this account may use: accepted and not left, or given inside the organization."""
    accepted = {i["resourceShareArn"] for i in WORLD.invitations.values()
                if i["status"] == "ACCEPTED" and not i.get("stale")}
    return [s for s in WORLD.shares.values() if s["region"] == region and s["receiver"] == account
            and s["owner"] != account and not s.get("left") and (WORLD.organization or s["arn"] in accepted)]


def _shown(share):
    """What of a share its receiver sees by now."""
    return share["resources"][:share.get("looks", 0)] if WORLD.slow_shares else share["resources"]


def visible_resources(account, region):
    return {arn for share in visible_shares(account, region) for arn in _shown(share)}


def _public_share(share):
    return {"resourceShareArn": share["arn"], "name": share["name"], "owningAccountId": share["owner"],
            "allowExternalPrincipals": True, "status": "ACTIVE", "creationTime": share["created"],
            "lastUpdatedTime": share["created"], "featureSet": "STANDARD"}


def _public_invitation(invitation):
    return {key: value for key, value in invitation.items() if key != "stale"}


def _resource(arn, share):
    return {"arn": arn, "type": KINDS[arn.split(":")[5].split("/")[0]], "resourceShareArn": share["arn"],
            "status": "AVAILABLE", "creationTime": share["created"], "lastUpdatedTime": share["created"],
            "resourceRegionScope": "REGIONAL"}


def _paged(field, items, request):
    """One page. With `ram_empty_pages` every page with one item has an empty one before it and, at the end, after it."""
    size, token = request.get("maxResults"), request.get("nextToken") or ""
    if size is not None and not 1 <= size <= PAGE_LIMIT:
        raise Refused("InvalidMaxResultsException", f"MaxResults {size} is not between 1 and {PAGE_LIMIT}")
    if not token.removeprefix("item-").isdecimal() and token:
        raise Refused("InvalidNextTokenException", f"The token {token} is not valid")
    if not WORLD.ram_empty_pages:
        items, token = page(items, request, "maxResults", "nextToken")
        return {field: items, **({"nextToken": token} if token else {})}
    start = int(token.removeprefix("item-") or 0)
    if token.startswith("item-"):
        return {field: items[start:start + 1], "nextToken": str(start + 1)}
    return {field: [], **({"nextToken": f"item-{start}"} if start < len(items) else {})}


def _owned(request, account, region):
    if request.get("resourceOwner") == "SELF":
        shares = [s for s in WORLD.shares.values() if s["owner"] == account and s["region"] == region]
    else:
        shares = visible_shares(account, region)
    wanted = request.get("resourceShareArns")
    return [s for s in shares if (not wanted or s["arn"] in wanted) and request.get("name") in (None, s["name"])]


def _invitations(request, account, region):
    wanted, arns = request.get("resourceShareArns"), request.get("resourceShareInvitationArns")
    return [_public_invitation(i) for i in WORLD.invitations.values()
            if i["receiverAccountId"] == account and i["resourceShareArn"].split(":")[3] == region
            and (not wanted or i["resourceShareArn"] in wanted)
            and (not arns or i["resourceShareInvitationArn"] in arns)]


def _resources(request, account, region):
    kind, wanted = (request.get("resourceType") or "").lower(), request.get("resourceArns")
    shares = _owned(request, account, region)
    if request.get("resourceOwner") != "SELF" and not request.get("nextToken"):
        for share in shares:
            share["looks"] = share.get("looks", -1) + 1
    found = [_resource(arn, share) for share in shares for arn in (share["resources"] if share["owner"] == account else _shown(share))]
    return [r for r in found if (not kind or r["type"].lower() == kind) and (not wanted or r["arn"] in wanted)
            and request.get("principal") in (None, r["resourceShareArn"].split(":")[4])]


def _associations(request, account, region):
    wanted = request.get("resourceShareArns")
    shares = [s for s in WORLD.shares.values() if s["owner"] == account and s["region"] == region
              and (not wanted or s["arn"] in wanted)]
    kind = request.get("associationType")
    return [_association(s, entity, kind, "DISASSOCIATED" if s.get("left") and kind == "PRINCIPAL" else "ASSOCIATED")
            for s in shares for entity in (s["resources"] if kind == "RESOURCE" else [s["receiver"]])]


def _association(share, entity, kind, status):
    return {"resourceShareArn": share["arn"], "resourceShareName": share["name"], "associatedEntity": entity,
            "associationType": kind, "status": status, "external": not WORLD.organization}


# -- what the receiver does ----------------------------------------------------------------------------------------------

def _invitation(request, account, region):
    arn = request.get("resourceShareInvitationArn") or ""
    invitation = WORLD.invitations.get(arn)
    if not invitation or invitation["receiverAccountId"] != account or arn.split(":")[3] != region:
        raise Refused("ResourceShareInvitationArnNotFoundException", f"The invitation {arn} was not found")
    return invitation


def _require(invitation, *allowed):
    status, arn = invitation["status"], invitation["resourceShareInvitationArn"]
    if status not in allowed:
        code = "Expired" if status == "EXPIRED" else f"Already{status.title()}"
        raise Refused(f"ResourceShareInvitation{code}Exception", f"ResourceShareInvitation {arn} is already {status.lower()}")


def _answer(request, account, region, status):
    invitation = _invitation(request, account, region)
    _require(invitation, "PENDING")
    invitation["status"] = status
    return {"resourceShareInvitation": _public_invitation(invitation)}


def _pending_resources(request, account, region):
    """What an unanswered invitation offers; after twelve hours nothing any more."""
    invitation = _invitation(request, account, region)
    _require(invitation, "PENDING", "ACCEPTED")
    share = WORLD.shares.get(invitation["resourceShareArn"])
    return [] if invitation.get("stale") or not share else [_resource(arn, share) for arn in share["resources"]]


def _leave(request, account, region):
    """DisassociateResourceShare by the receiver, naming itself. An owner's call is not modelled: these shares are Security Lake's."""
    arn, principals = request.get("resourceShareArn"), request.get("principals") or []
    share = next((s for s in visible_shares(account, region) if s["arn"] == arn), None)
    if share is None:
        raise Refused("UnknownResourceException", f"ResourceShare {arn} could not be found.")
    if principals != [account] or request.get("resourceArns"):
        raise Refused("OperationNotPermittedException", f"Account {account} may take only itself out of {arn}")
    if WORLD.organization or WORLD.ram_cannot_leave:
        raise Refused("OperationNotPermittedException", f"{arn} cannot be left (shared inside the organization, or of a type that nobody leaves)")
    share["left"] = True
    return {"resourceShareAssociations": [_association(share, account, "PRINCIPAL", "DISASSOCIATING")]}


LISTS = {"getresourceshareinvitations": ("resourceShareInvitations", _invitations),
         "listpendinginvitationresources": ("resources", _pending_resources), "listresources": ("resources", _resources),
         "getresourceshareassociations": ("resourceShareAssociations", _associations),
         "getresourceshares": ("resourceShares", lambda *call: [_public_share(s) for s in _owned(*call)])}


def handle(_method, path, _query, request, account, region):
    """One call of the RAM API, or None when it is not modelled."""
    operation = path.strip("/").lower()
    if operation in LISTS:
        field, find = LISTS[operation]
        return _paged(field, find(request, account, region), request)
    if operation == "acceptresourceshareinvitation":
        return _answer(request, account, region, "ACCEPTED")
    if operation == "rejectresourceshareinvitation":
        return _answer(request, account, region, "REJECTED")
    if operation == "disassociateresourceshare" and WORLD.shares.get(request.get("resourceShareArn"), {}).get("owner") != account:
        return _leave(request, account, region)
    return None
