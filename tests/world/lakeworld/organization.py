"""The organization that the seed describes, as far as StackSets look at it: who manages it, who may act for it, who is where. And the calls that
ask AWS Organizations for it."""
from . import emulator
from .store import WORLD, Refused

NOT_ALLOWED = ("You must be the management account or delegated admin account of an organization before operating a SERVICE_MANAGED "
               "stack set")


def administrator(call_as):
    """The account that holds the stack sets which this caller means."""
    here, tree = emulator.account(), WORLD.units
    if call_as != "DELEGATED_ADMIN":
        return here
    if not tree or here not in tree["delegated"]:
        raise Refused("ValidationError", NOT_ALLOWED)
    return tree["management"]


def may_manage(call_as):
    """Whether this caller may have sets with service-managed permissions."""
    return bool(WORLD.units) and administrator(call_as) == WORLD.units["management"]


def _members(unit):
    for member in WORLD.units["units"].get(unit, ()):
        if member.isdigit():
            yield member
        else:
            yield from _members(member)


def accounts(targets):
    """Accounts that DeploymentTargets mean, with the unit that each was found by. Never the management account (user guide)."""
    units, named = targets.get("OrganizationalUnitIds") or [], targets.get("Accounts") or []
    kind = targets.get("AccountFilterType") or ("UNION" if named else "NONE")
    if not units:
        raise Refused("ValidationError", "StackSets with SERVICE_MANAGED permission model can only have OrganizationalUnit as target")
    unknown = [unit for unit in units if unit not in WORLD.units["units"]]
    if unknown:
        raise Refused("ValidationError", f"Organizational units [{', '.join(unknown)}] do not exist in the organization")
    found = {account: unit for unit in units for account in _members(unit)}
    if kind == "INTERSECTION":
        found = {account: unit for account, unit in found.items() if account in named}
    elif kind == "DIFFERENCE":
        found = {account: unit for account, unit in found.items() if account not in named}
    elif kind == "UNION":
        found = {**{account: None for account in named}, **found}
    found.pop(WORLD.units["management"], None)
    return found


def access(call_as):
    """DescribeOrganizationsAccess: StackSets are trusted where there is an organization; asked by whoever may manage the sets."""
    if not may_manage(call_as):
        raise Refused("ValidationError", NOT_ALLOWED)
    return {"Status": "ENABLED"}


def _parents(request):
    """ListParents: only the management account and delegated administrators may ask (API reference)."""
    child = request["ChildId"]
    if emulator.account() not in (WORLD.units["management"], *WORLD.units["delegated"]):
        raise Refused("AccessDeniedException", "You don't have permissions to access this resource.")
    found = [unit for unit, members in WORLD.units["units"].items() if child in members]
    if not found:
        raise Refused("ChildNotFoundException", f"You specified a child ({child}) that doesn't exist.")
    return {"Parents": [{"Id": unit, "Type": "ROOT" if unit.startswith("r-") else "ORGANIZATIONAL_UNIT"} for unit in found]}


ASKED = {"ListParents": _parents,
         "DescribeOrganization": lambda _request: {"Organization": {"MasterAccountId": WORLD.units["management"]}}}


def answers(service, action):
    """Whether a call is about the tree of the seed; without one ministack answers."""
    return service == "organizations" and bool(WORLD.units) and action in ASKED
