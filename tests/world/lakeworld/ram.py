"""Resource shares between accounts: what a Security Lake subscriber makes, and what the other account sees."""
import time

from . import names
from .store import WORLD, Refused, page


def make_share(owner, region, name, receiver, resources):
    """A share of Security Lake's: with an invitation between strangers, at once visible inside an organization."""
    number = WORLD.count(owner, region, "share")
    arn = names.share_arn(WORLD.seed, owner, region, number)
    WORLD.shares[arn] = {"arn": arn, "name": name, "owner": owner, "region": region, "receiver": receiver,
                         "resources": list(resources), "created": time.time()}
    if receiver != owner and not WORLD.organization:
        invitation = names.invitation_arn(WORLD.seed, owner, region, number)
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


def visible_shares(account, region):
    """Shares of other accounts that this account may use: accepted, or given inside the organization."""
    accepted = {i["resourceShareArn"] for i in WORLD.invitations.values()
                if i["status"] == "ACCEPTED" and not i.get("stale")}
    return [s for s in WORLD.shares.values() if s["region"] == region and s["receiver"] == account
            and s["owner"] != account and (WORLD.organization or s["arn"] in accepted)]


def visible_resources(account, region):
    return {arn for share in visible_shares(account, region) for arn in share["resources"]}


def make_stale(invitation_arn):
    """Twelve hours have passed: the invitation still says PENDING, but accepting it gives no access."""
    WORLD.invitations[invitation_arn]["stale"] = True


def _public_share(share):
    return {"resourceShareArn": share["arn"], "name": share["name"], "owningAccountId": share["owner"],
            "allowExternalPrincipals": True, "status": "ACTIVE", "creationTime": share["created"],
            "lastUpdatedTime": share["created"], "featureSet": "STANDARD"}


def _public_invitation(invitation):
    return {key: value for key, value in invitation.items() if key != "stale"}


def _paged(field, items, request):
    items, token = page(items, request, "maxResults", "nextToken")
    return {field: items, **({"nextToken": token} if token else {})}


def _owned(request, account, region):
    if request.get("resourceOwner") == "SELF":
        shares = [s for s in WORLD.shares.values() if s["owner"] == account and s["region"] == region]
    else:
        shares = visible_shares(account, region)
    wanted = request.get("resourceShareArns")
    return [s for s in shares if not wanted or s["arn"] in wanted]


def _invitations(request, account, region):
    wanted, arns = request.get("resourceShareArns"), request.get("resourceShareInvitationArns")
    return [_public_invitation(i) for i in WORLD.invitations.values()
            if i["receiverAccountId"] == account and i["resourceShareArn"].split(":")[3] == region
            and (not wanted or i["resourceShareArn"] in wanted)
            and (not arns or i["resourceShareInvitationArn"] in arns)]


def _answer(request, account, region, status):
    arn = request.get("resourceShareInvitationArn")
    invitation = WORLD.invitations.get(arn)
    if not invitation or invitation["receiverAccountId"] != account or arn.split(":")[3] != region:
        raise Refused("ResourceShareInvitationArnNotFoundException", f"The invitation {arn} was not found")
    if invitation["status"] != "PENDING":
        raise Refused(f"ResourceShareInvitationAlready{invitation['status'].title()}Exception",
                      f"ResourceShareInvitation {arn} is already {invitation['status'].lower()}")
    invitation["status"] = status
    return {"resourceShareInvitation": _public_invitation(invitation)}


def _resources(request, account, region):
    kinds = {"database": "glue:Database", "table": "glue:Table", "catalog": "glue:Catalog"}
    kind, wanted = (request.get("resourceType") or "").lower(), request.get("resourceArns")
    found = [{"arn": arn, "type": kinds[arn.split(":")[5].split("/")[0]], "resourceShareArn": share["arn"],
              "status": "AVAILABLE", "creationTime": share["created"], "lastUpdatedTime": share["created"],
              "resourceRegionScope": "REGIONAL"}
             for share in _owned(request, account, region) for arn in share["resources"]]
    return [r for r in found if (not kind or r["type"].lower() == kind) and (not wanted or r["arn"] in wanted)]


def _associations(request, account, region):
    wanted = request.get("resourceShareArns")
    shares = [s for s in WORLD.shares.values() if s["owner"] == account and s["region"] == region
              and (not wanted or s["arn"] in wanted)]
    kind = request.get("associationType")
    return [{"resourceShareArn": s["arn"], "resourceShareName": s["name"], "associatedEntity": entity,
             "associationType": kind, "status": "ASSOCIATED", "external": not WORLD.organization}
            for s in shares for entity in (s["resources"] if kind == "RESOURCE" else [s["receiver"]])]


def handle(_method, path, _query, request, account, region):
    """One call of the RAM API, or None when it is not modelled."""
    operation = path.strip("/").lower()
    if operation == "getresourceshareinvitations":
        return _paged("resourceShareInvitations", _invitations(request, account, region), request)
    if operation == "acceptresourceshareinvitation":
        return _answer(request, account, region, "ACCEPTED")
    if operation == "rejectresourceshareinvitation":
        return _answer(request, account, region, "REJECTED")
    if operation == "listresources":
        return _paged("resources", _resources(request, account, region), request)
    if operation == "getresourceshares":
        return _paged("resourceShares", [_public_share(s) for s in _owned(request, account, region)], request)
    if operation == "getresourceshareassociations":
        return _paged("resourceShareAssociations", _associations(request, account, region), request)
    return None
