"""What operations of a stack set do: real stacks in the target accounts and Regions, made by the server's own CloudFormation.

An operation is a task of the server. With ManagedExecution those that come meanwhile wait their turn; else they are refused.
"""
import asyncio
import datetime
import json
import uuid

from . import changesets, emulator, principals
from .names import partition
from .store import WORLD, Refused

OPEN = ("RUNNING", "QUEUED", "STOPPING")
ADMINISTRATION, EXECUTION = "AWSCloudFormationStackSetAdministrationRole", "AWSCloudFormationStackSetExecutionRole"
SERVICE = "cloudformation.amazonaws.com"
STEP = 0.01


def _now():
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def in_progress(one):
    return Refused("OperationInProgressException", f"Another Operation on StackSet {one['arn']} is in progress", 409)


def operation(one, ident):
    for found in one["operations"]:
        if found["id"] == ident:
            return found
    raise Refused("OperationNotFoundException", f"Operation {ident} not found", 404)


async def end(found):
    """When an operation is over."""
    while found["status"] in OPEN:
        await asyncio.sleep(STEP)


def begin(one, action, request, targets, work):
    """Start or queue an operation on these targets (None: every instance); gives its id."""
    ident = request.get("OperationId") or str(uuid.uuid4())
    preferences = request.get("OperationPreferences") or {}
    _check_preferences(preferences)
    busy = [found for found in one["operations"] if found["status"] in OPEN]
    managed = (one["settings"].get("ManagedExecution") or {}).get("Active")
    # without managed execution this comes first, also for the very operation that runs (terraform-provider-aws#28675)
    if busy and not managed:
        raise in_progress(one)
    if any(found["id"] == ident for found in one["operations"]):
        raise Refused("OperationIdAlreadyExistsException", f"Operation with id {ident} already exists", 409)
    found = {"id": ident, "action": action, "status": "QUEUED" if busy else "RUNNING", "request": request, "targets": targets, "results": {},
             "retain": request.get("RetainStacks"), "begun": _now(), "ended": None, "drift": None}
    one["operations"].append(found)
    asyncio.get_running_loop().create_task(_carry_out(one, found, work, preferences))
    return {"OperationId": ident}


def _check_preferences(preferences):
    for kind in ("FailureTolerance", "MaxConcurrent"):
        if f"{kind}Count" in preferences and f"{kind}Percentage" in preferences:
            raise Refused("ValidationError", f"You can specify {kind}Count or {kind}Percentage, but not both")


async def _carry_out(one, found, work, preferences):
    before = one["operations"][:one["operations"].index(found)]
    while any(other["status"] in OPEN for other in before):
        await asyncio.sleep(STEP)
    if found["status"] == "QUEUED":
        found["status"] = "RUNNING"
    work.first(one)
    if found["targets"] is None:
        found["targets"] = {place: instance["unit"] for place, instance in one["instances"].items()}
    for place, unit in found["targets"].items():
        found["results"][place] = {"Status": "PENDING", "StatusReason": None}
        work.expect(one, place, unit, found["id"])
    while WORLD.holds_operations and found["status"] != "STOPPING":
        await asyncio.sleep(STEP)
    order = preferences.get("RegionOrder") or []
    regions = list(dict.fromkeys(region for _, region in found["targets"]))
    regions.sort(key=lambda region: order.index(region) if region in order else len(order))
    if preferences.get("RegionConcurrencyType") == "PARALLEL":
        broken = any(await asyncio.gather(*(_in_region(one, found, work, preferences, region) for region in regions)))
    else:
        broken = False
        for region in regions:
            broken = broken or await _in_region(one, found, work, preferences, region)
    for place, result in found["results"].items():
        if result["Status"] == "PENDING":
            result.update(Status="CANCELLED", StatusReason="Cancelled since failure tolerance has exceeded" if broken else "Cancelled by user")
            work.cancelled(one, place)
    work.last(one, found)
    found["ended"] = _now()
    found["status"] = "STOPPED" if found["status"] == "STOPPING" else "FAILED" if broken else "SUCCEEDED"


async def _in_region(one, found, work, preferences, region):
    """Whether more failed here than is tolerated; then nothing further is begun. One account after the other."""
    places = [place for place in found["targets"] if place[1] == region]
    allowed = int(preferences.get("FailureToleranceCount") or int(preferences.get("FailureTolerancePercentage") or 0) * len(places) // 100)
    failed = 0
    for place in places:
        if failed > allowed or found["status"] == "STOPPING":
            break
        result = found["results"][place]
        result["Status"] = "RUNNING"
        try:
            reason = await work.do(one, place)
        except Exception as problem:        # a gap of the world must end the operation, not hold it for ever
            reason = f"the test world failed: {problem!r}"
        result.update(Status="FAILED" if reason else "SUCCEEDED", StatusReason=reason)
        failed += bool(reason)
    return failed > allowed


# -- as whom ----------------------------------------------------------------------------------------------------------

async def _make_role(one, account):
    """Makes or changes the stack of a custom execution role template; why that failed, or None. A role that somebody else made is used."""
    settings, place = one["settings"], (account, one["region"])
    body = settings.get("ExecutionRoleTemplateBody")
    if not body:
        return None
    name = f"{settings['ExecutionRoleName']}-role"
    with emulator.scope(*place):
        there = emulator.stack(name)
    if not there and principals.exists(f"arn:{partition(one['region'])}:iam::{account}:role/{settings['ExecutionRoleName']}"):
        return None
    action = "UpdateStack" if there else "CreateStack"
    with emulator.scope(*place):
        done, said = emulator.act(action, {"StackName": name, "TemplateBody": body, "Capabilities": ["CAPABILITY_NAMED_IAM"]})
    if not done and "No updates are to be performed" in said:
        return None
    status = "IN_PROGRESS"
    while done and changesets.busy(status):
        await asyncio.sleep(STEP)
        with emulator.scope(*place):
            status = emulator.stack(name)["StackStatus"]
    made = done and status in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
    return None if made else f"The stack of the execution role failed: {said if not done else status}"


def _acts_as(one, account):
    """(ARN of the execution role, why it cannot be used)."""
    where, settings = partition(one["region"]), one["settings"]
    if settings["PermissionModel"] == "SERVICE_MANAGED":
        custom = settings.get("ExecutionRoleName") or WORLD.stack_set_roles.get(account)
        arn = f"arn:{where}:iam::{account}:role/{custom or 'stacksets-exec-' + uuid.uuid5(uuid.NAMESPACE_OID, account).hex}"
        if not custom and emulator.needs_more_than_resources(one["body"]):
            return arn, "Nested stacks, transforms and macros cannot be provisioned with the default execution role"
        if not principals.exists(arn):
            if custom:
                return arn, f"Execution role {arn} does not exist"
            trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {
                "Service": "member.org.stacksets.cloudformation.amazonaws.com"}}]}
            with emulator.scope(account, one["region"]):
                emulator.put_role(arn.rsplit("/", 1)[1], "/", arn, json.dumps(trust))
        return arn, None
    name = settings.get("ExecutionRoleName") or EXECUTION
    arn = f"arn:{where}:iam::{account}:role/{name}"
    administrator = settings.get("AdministrationRoleARN") or f"arn:{where}:iam::{one['owner']}:role/{ADMINISTRATION}"
    with emulator.scope(one["owner"], one["region"]):
        trusted = principals.service_trusted(administrator, SERVICE, {"aws:sourceaccount": one["owner"], "aws:sourcearn": one["arn"]})
        unable = principals.right_missing(administrator, "sts:AssumeRole", arn, {})
    if not trusted:
        return arn, f"The administration role {administrator} does not exist or does not trust {SERVICE}"
    if unable:
        return arn, unable
    if principals.assume_problem(arn, administrator):
        return arn, (f"Account {account} should have '{name}' role with trust relationship to Role "
                     f"'{administrator.rsplit('/', 1)[1]}'.")
    return arn, None


async def _act(place, role, action, fields):
    """One call to CloudFormation there, as that role, to the end of what it begins: (status of the stack or None, what was said)."""
    name = fields["StackName"]
    whole = name if name.startswith("arn:") else f"arn:{partition(place[1])}:cloudformation:{place[1]}:{place[0]}:stack/{name}/*"
    with emulator.scope(*place):
        for right in (action, "TagResource") if fields.get("Tags") else (action,):
            unable = principals.right_missing(role, f"cloudformation:{right}", whole, {"aws:requestedregion": place[1]})
            if unable:
                return None, unable
        token = emulator.IDENTITY.set(role)
        try:
            done, said = emulator.act(action, fields)
        finally:
            emulator.IDENTITY.reset(token)
    if not done:
        return None, said
    await asyncio.sleep(0)      # a deletion begins in a task of its own
    while True:
        with emulator.scope(*place):
            stack = emulator.stack(fields["StackName"])
        if stack is None or not changesets.busy(stack["StackStatus"]):
            return (stack or {}).get("StackStatus"), said
        await asyncio.sleep(STEP)


def _reason(place, stack):
    """Why an operation of a stack failed, in StackSets' form."""
    with emulator.scope(*place):
        record = emulator.stack(stack)
        for event in emulator.stack_events(record["StackId"]) if record else ():
            reason = event.get("ResourceStatusReason") or ""
            if event["ResourceStatus"].endswith("_FAILED") and "cancelled" not in reason and event["ResourceType"] != "AWS::CloudFormation::Stack":
                return (f"ResourceLogicalId:{event['LogicalResourceId']}, ResourceType:{event['ResourceType']}, "
                        f"ResourceStatusReason:{reason}.")
        return f"Stack is in {record['StackStatus']} state" if record else "Stack does not exist"


# -- kinds of work ----------------------------------------------------------------------------------------------------

class Work:
    def first(self, one):
        """Before the first instance is touched."""

    def expect(self, one, place, unit, ident):
        instance = one["instances"].get(place)
        if instance:
            instance.update(detailed="PENDING", operation=ident)

    def cancelled(self, one, place):
        instance = one["instances"].get(place)
        if instance:
            instance["detailed"] = "CANCELLED"
            instance["reason"] = "Cancelled since failure tolerance has exceeded"

    def last(self, one, found):
        """When all is over."""


async def _bring(one, place):
    """Make the stack of an instance what the set says; why not, or None."""
    instance = one["instances"][place]
    if instance["status"] == "INOPERABLE":
        return "Stack instance is INOPERABLE"
    instance["detailed"] = "RUNNING"
    problem = await _make_role(one, place[0])
    if not problem:
        role, problem = _acts_as(one, place[0])
    if not problem:
        problem = await _stack(one, place, role)
    instance.update(status="OUTDATED" if problem else "CURRENT", detailed="FAILED" if problem else "SUCCEEDED", reason=problem)
    return problem


async def _stack(one, place, role):
    instance = one["instances"][place]
    values = {**one["values"], **instance["overrides"]}
    fields = {"TemplateBody": one["body"], "Capabilities": list(one["capabilities"]),
              "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
              "Tags": [{"Key": key, "Value": value} for key, value in one["tags"].items()]}
    with emulator.scope(*place):
        there = emulator.stack(instance["stack"]) if instance["stack"] else None
    status = there["StackStatus"] if there else "DELETE_COMPLETE"
    if status in changesets.DEAD:
        status, said = await _act(place, role, "DeleteStack", {"StackName": instance["stack"]})
        if status != "DELETE_COMPLETE":
            return said or _reason(place, instance["stack"])
    if status == "DELETE_COMPLETE":
        name = f"StackSet-{one['name']}-{uuid.uuid4()}"
        status, said = await _act(place, role, "CreateStack", {"StackName": name, **fields})
        if status:
            with emulator.scope(*place):
                instance["stack"] = emulator.stack(name)["StackId"]
    else:
        status, said = await _act(place, role, "UpdateStack", {"StackName": there["StackName"], **fields})
        if status is None and "No updates are to be performed" in said:
            return None
    if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        return None
    problem = _reason(place, instance["stack"]) if status else said
    if status in changesets.DEAD:
        status, _said = await _act(place, role, "DeleteStack", {"StackName": instance["stack"]})
        instance["stack"] = None if status == "DELETE_COMPLETE" else instance["stack"]
    return problem


class Update(Work):
    """UpdateStackSet: the set first, whatever becomes of its instances."""

    def __init__(self, change, outdates):
        self.change, self.outdates = change, outdates

    def first(self, one):
        one.update(self.change)
        for instance in one["instances"].values():
            if self.outdates and instance["status"] == "CURRENT":
                instance["status"] = "OUTDATED"
            instance["overrides"] = {key: value for key, value in instance["overrides"].items() if key in one["values"]}

    def expect(self, one, place, unit, ident):
        if one["instances"][place]["status"] != "INOPERABLE":
            super().expect(one, place, unit, ident)

    async def do(self, one, place):
        # those that cannot be worked on are left out of updates
        return None if one["instances"][place]["status"] == "INOPERABLE" else await _bring(one, place)


class Bring(Work):
    """Create or update instances, with other values where they are given."""

    def __init__(self, overrides, only_outdated):
        self.overrides, self.only_outdated, self.changed = overrides, only_outdated, set()

    def expect(self, one, place, unit, ident):
        instance = one["instances"].get(place)
        if instance is None:
            instance = one["instances"][place] = {"stack": None, "unit": unit, "overrides": {}, "status": "OUTDATED", "reason": None,
                                                  "drift": "NOT_CHECKED", "checked": None}
        instance.update(detailed="PENDING", operation=ident)
        if self.overrides is not None:
            values = {entry["ParameterKey"]: instance["overrides"].get(entry["ParameterKey"], "") if entry.get("UsePreviousValue") is True
                      else entry.get("ParameterValue", "") for entry in self.overrides}
            if values != instance["overrides"]:
                self.changed.add(place)
                instance.update(overrides=values, status="OUTDATED")

    async def do(self, one, place):
        if self.only_outdated and one["instances"][place]["status"] == "CURRENT":
            one["instances"][place]["detailed"] = "SUCCEEDED"
            return None
        return await _bring(one, place)


class Remove(Work):
    """Delete instances, with their stacks unless those shall stay."""

    def __init__(self, retains):
        self.retains = retains

    async def do(self, one, place):
        instance, problem = one["instances"].get(place), None
        if instance is None:        # an operation that was in line before this one has removed it; what AWS says then is a guess
            return None
        if instance["stack"] and not self.retains:
            instance["detailed"] = "RUNNING"
            role, problem = _acts_as(one, place[0])
            if not problem:
                with emulator.scope(*place):
                    there = emulator.stack(instance["stack"])
                if there and there["StackStatus"] != "DELETE_COMPLETE":
                    status, said = await _act(place, role, "DeleteStack", {"StackName": there["StackId"]})
                    if status != "DELETE_COMPLETE":
                        problem = said or _reason(place, instance["stack"])
        if problem:
            instance.update(status="INOPERABLE", detailed="INOPERABLE", reason=problem)
        else:
            del one["instances"][place]
        return problem


class Drift(Work):
    """Look whether the stacks are still what their template says."""

    def expect(self, one, place, unit, ident):
        one["instances"][place]["operation"] = ident

    def cancelled(self, one, place):
        """Nothing was changed."""

    async def do(self, one, place):
        instance = one["instances"][place]
        with emulator.scope(*place):
            stack = emulator.stack(instance["stack"]) if instance["stack"] else None
            if not stack:
                return "Stack does not exist"
            done, said = emulator.act("DetectStackDrift", {"StackName": stack["StackName"]})
            if not done:
                return said
            instance.update(drift=stack["DriftInformation"]["StackDriftStatus"], checked=_now())
        return None

    def last(self, one, found):
        drifts = [one["instances"][place]["drift"] for place in found["targets"] if place in one["instances"]]
        failed = sum(result["Status"] == "FAILED" for result in found["results"].values())
        details = {"DriftStatus": "DRIFTED" if "DRIFTED" in drifts else "IN_SYNC", "LastDriftCheckTimestamp": _now(),
                   "DriftDetectionStatus": "FAILED" if failed else "COMPLETED", "TotalStackInstancesCount": len(drifts),
                   "DriftedStackInstancesCount": drifts.count("DRIFTED"), "InSyncStackInstancesCount": drifts.count("IN_SYNC"),
                   "InProgressStackInstancesCount": 0, "FailedStackInstancesCount": failed}
        one["drift"] = found["drift"] = details
