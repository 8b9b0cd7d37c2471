"""AWS::CloudFormation::StackSet: stack sets as resources of a parent stack, on top of stacksets.py.

What it calls, and in which order, is that of AWS's own handler (github.com/aws-cloudformation/aws-cloudformation-resource-providers-cloudformation,
aws-cloudformation-stackset); properties after the registry schema, those that are modelled.
"""
import json

from . import emulator, stacksets, stacksetwork
from .schema import BOOL, STRING, STRINGS, TAGS, enum, many, pattern, shape
from .store import Refused

TYPE = "AWS::CloudFormation::StackSet"
CREATE_ONLY = ("PermissionModel", "StackSetName")
NUMBER = {"type": (int, str)}
TARGETS = shape({"Accounts": many(pattern(r"[0-9]{12}"), 1), "AccountFilterType": enum("NONE", "UNION", "INTERSECTION", "DIFFERENCE"),
                 "OrganizationalUnitIds": many(pattern(r"ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}|r-[a-z0-9]{4,32}"), 1)})
REGIONS = many(pattern(r"[a-zA-Z0-9-]{1,128}"), 1)
TYPES = {TYPE: shape({
    "StackSetName": pattern(r"[a-zA-Z][a-zA-Z0-9-]{0,127}"), "Description": pattern(r"(?s).*", 1, 1024),
    "TemplateURL": pattern(".*", 1, 5120), "TemplateBody": pattern(r"(?s).*", 1, 51200),
    "PermissionModel": enum("SERVICE_MANAGED", "SELF_MANAGED"), "CallAs": enum("SELF", "DELEGATED_ADMIN"),
    "AdministrationRoleARN": pattern(".*", 20, 2048), "ExecutionRoleName": pattern(r"[a-zA-Z_0-9+=,.@-]+", 1, 64),
    "AutoDeployment": shape({"Enabled": BOOL, "RetainStacksOnAccountRemoval": BOOL, "DependsOn": STRINGS}),
    "ManagedExecution": shape({"Active": BOOL}),
    "OperationPreferences": shape({
        "RegionConcurrencyType": enum("SEQUENTIAL", "PARALLEL"), "RegionOrder": REGIONS, "FailureToleranceCount": NUMBER,
        "FailureTolerancePercentage": NUMBER, "MaxConcurrentCount": NUMBER, "MaxConcurrentPercentage": NUMBER,
        "ConcurrencyMode": enum("STRICT_FAILURE_TOLERANCE", "SOFT_FAILURE_TOLERANCE")}),
    "StackInstancesGroup": many(shape({"DeploymentTargets": TARGETS, "Regions": REGIONS}, ("DeploymentTargets", "Regions"))),
    "Tags": TAGS}, ("PermissionModel", "StackSetName"), ("TemplateBody", "TemplateURL"))}
SET = ("Description", "TemplateURL", "TemplateBody", "AdministrationRoleARN", "ExecutionRoleName", "AutoDeployment", "CallAs", "Tags")


def _fields(props, names):
    """These of the properties. CloudFormation's own tags stay with the parent stack: AWS's handler passes on the others."""
    found = {key: props[key] for key in names if key in props}
    if "Tags" in found:
        found["Tags"] = [tag for tag in found["Tags"] if not tag["Key"].startswith("aws:")]
    return found


def _places(props):
    """What is to be there: the targets, one account each where only accounts are named, each with a Region. In the order of the template."""
    found = {}
    for group in props.get("StackInstancesGroup") or []:
        targets = group["DeploymentTargets"]
        each = [targets] if targets.get("OrganizationalUnitIds") else [{"Accounts": [account]} for account in targets.get("Accounts") or []]
        for one in each:
            found.setdefault(json.dumps(one, sort_keys=True), []).extend(group["Regions"])
    return found


def _less(places, other):
    left = {key: [region for region in regions if region not in other.get(key, [])] for key, regions in places.items()}
    return {key: regions for key, regions in left.items() if regions}


async def _operate(action, ident, props, more):
    """One operation to its end, which must be a good one."""
    request = {"StackSetName": ident, **_fields(props, ("CallAs",)), **more}
    if props.get("OperationPreferences"):
        request["OperationPreferences"] = props["OperationPreferences"]
    begun = stacksets.ask(action, request)["OperationId"]
    found = stacksetwork.operation(stacksets.find(request), begun)
    await stacksetwork.end(found)
    if found["status"] != "SUCCEEDED":
        reasons = "; ".join(f"{account} {region}: {result['StatusReason']}" for (account, region), result in found["results"].items()
                            if result["Status"] == "FAILED")
        raise ValueError(f"Stack set operation [{begun}] was unexpectedly stopped or failed ({reasons})")


async def _instances(action, ident, props, places, **more):
    for targets, regions in places.items():
        await _operate(action, ident, props, {"DeploymentTargets": json.loads(targets), "Regions": regions, **more})


async def _create(props):
    asked = _fields(props, (*SET, *CREATE_ONLY, "ManagedExecution"))
    ident = stacksets.ask("CreateStackSet", asked)["StackSetId"]
    try:
        await _instances("CreateStackInstances", ident, props, _places(props))
    except Exception:
        # its rollback is the deletion of what came to be; on AWS a failure of that ends in ROLLBACK_FAILED
        await _delete(ident, props)
        raise
    return ident, {"StackSetId": ident}


async def _update(ident, old, new):
    if old.get("ManagedExecution") != new.get("ManagedExecution"):
        await _operate("UpdateStackSet", ident, {}, {
            "UsePreviousTemplate": True, **_fields(new, ("CallAs", "AdministrationRoleARN")), "ManagedExecution": new.get("ManagedExecution") or {"Active": False}})
    before, after = _places(old), _places(new)
    await _instances("DeleteStackInstances", ident, new, _less(before, after), RetainStacks=False)
    if _fields(old, SET) != _fields(new, SET):
        await _operate("UpdateStackSet", ident, new, {"Tags": [], **_fields(new, SET)})
    await _instances("CreateStackInstances", ident, new, _less(after, before))
    return ident, {"StackSetId": ident}


async def _delete(ident, props):
    try:
        await _instances("DeleteStackInstances", ident, props, _places(props), RetainStacks=False)
        stacksets.ask("DeleteStackSet", {"StackSetName": ident, **_fields(props, ("CallAs",))})
    except Refused as problem:
        if problem.code != "StackSetNotFoundException":
            raise


def create(_logical_id, props, _stack):
    return emulator.wait_for(_create(props))


def update(ident, old, new, _stack, *_rest):
    return emulator.wait_for(_update(ident, old, new))


def delete(ident, props, *_rest):
    emulator.wait_for(_delete(ident, props))
