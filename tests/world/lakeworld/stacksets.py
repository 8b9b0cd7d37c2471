"""Stack sets: what CloudFormation's calls about them take, refuse and answer. Their operations are in stacksetwork.py.

Documented (API reference): fields, errors, statuses, what an update marks OUTDATED, what ManagedExecution queues, what DeploymentTargets
mean. Seen by others: the texts of OperationInProgressException (terraform-provider-aws#28675), of an execution role that does not trust
(user guide, troubleshooting), of a caller who may not manage sets; that a stack which could not be created goes (well-architected-labs#973). README.md names the guesses.
"""
import re
import uuid

from . import emulator, organization, stacksetwork
from .names import partition
from .store import WORLD, Refused

NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")
TOKEN = re.compile(r"[a-zA-Z0-9][-a-zA-Z0-9]{0,127}")
BOOLEANS = ("UsePreviousTemplate", "UsePreviousValue", "RetainStacks", "Enabled", "Active", "RetainStacksOnAccountRemoval")
SETTINGS = ("Description", "AdministrationRoleARN", "ExecutionRoleName", "ExecutionRoleTemplateBody", "PermissionModel", "AutoDeployment", "ManagedExecution")


def nested(params):
    """The request as a tree: `A.member.1.B` of the form becomes {"A": [{"B": ...}]}."""
    tree = {}
    for key, values in params.items():
        at, parts = tree, key.split(".")
        for part in parts[:-1]:
            at = at.setdefault(part, {})
        text = values[0] if isinstance(values, list) and values else values
        at[parts[-1]] = text == "true" if parts[-1] in BOOLEANS else text
    return _lists(tree)


def _lists(value):
    if not isinstance(value, dict):
        return value
    if set(value) == {"member"}:
        return [_lists(value["member"][key]) for key in sorted(value["member"], key=int)]
    return {key: _lists(part) for key, part in value.items()}


def _list(request, key):
    """A list of the request; an empty one is sent as an empty text."""
    return request.get(key) or []


def invalid(text):
    return Refused("ValidationError", text)


def _box(owner):
    return WORLD.box(owner, emulator.region(), "stack_set")


def find(request):
    """The set that a call names, by name or id, among those that its caller means."""
    name = request.get("StackSetName", "")
    for one in _box(organization.administrator(request.get("CallAs"))).values():
        if name in (one["name"], one["id"]):
            return one
    raise Refused("StackSetNotFoundException", f"StackSet {name} not found", 404)


def arn(form):
    """What IAM would hold a call against: the set, with `*` for the id of one that is not there."""
    name = form["StackSetName"].split(":")[0]
    try:
        return find(form)["arn"]
    except Refused:
        return f"arn:{partition(emulator.region())}:cloudformation:{emulator.region()}:{emulator.account()}:stackset/{name}:*"


def is_busy(form):
    """Whether the operation that a DescribeStackSetOperation asks about goes on. What a test holds back is told at once, as AWS does."""
    try:
        found = stacksetwork.operation(find(form), form.get("OperationId"))
    except Refused:
        return False
    return found["status"] in stacksetwork.OPEN and not WORLD.holds_operations


# -- sets -------------------------------------------------------------------------------------------------------------

def _pairs(entries, key):
    return {entry[f"{key}Key" if key else "Key"]: entry.get(f"{key}Value" if key else "Value", "") for entry in entries}


def _values(request, before):
    """Values of parameters: those given, and those that shall stay."""
    entries = _list(request, "Parameters")
    both = [entry["ParameterKey"] for entry in entries if entry.get("UsePreviousValue") is True and "ParameterValue" in entry]
    missing = [entry["ParameterKey"] for entry in entries if entry.get("UsePreviousValue") is True and entry["ParameterKey"] not in before]
    if both or missing:
        raise invalid(f"Invalid input for parameter key {(both + missing)[0]}. Cannot specify usePreviousValue as true")
    return {entry["ParameterKey"]: before[entry["ParameterKey"]] if entry.get("UsePreviousValue") is True else
            entry.get("ParameterValue", "") for entry in entries}


def _check_model(settings, call_as):
    auto = settings.get("AutoDeployment")
    name, role = settings.get("ExecutionRoleName"), settings.get("ExecutionRoleTemplateBody")
    if settings["PermissionModel"] == "SELF_MANAGED":
        if role:
            raise invalid("ExecutionRoleTemplateBody is valid only with the SERVICE_MANAGED permission model")
        if call_as == "DELEGATED_ADMIN":
            raise invalid("CallAs DELEGATED_ADMIN is valid only with the SERVICE_MANAGED permission model")
        if auto:
            raise invalid("AutoDeployment is not valid with the SELF_MANAGED permission model")
        return
    if not organization.may_manage(call_as):
        raise invalid(organization.NOT_ALLOWED)
    if settings.get("AdministrationRoleARN") or (name and not role):
        raise invalid("AdministrationRoleARN, and ExecutionRoleName without a template, are valid only with the SELF_MANAGED permission model")
    if role and not (name or "").startswith("stacksets-exec-custom-"):
        raise invalid("ExecutionRoleName must begin with stacksets-exec-custom-")
    if not auto or "Enabled" not in auto:
        raise invalid("AutoDeployment is required with the SERVICE_MANAGED permission model")
    if auto["Enabled"] is not ("RetainStacksOnAccountRemoval" in auto):
        raise invalid("RetainStacksOnAccountRemoval must be specified if AutoDeployment is enabled, and only then")


class TemplateRefused(Exception):
    """A refusal in ministack's own words."""

    def __init__(self, answer):
        super().__init__()
        self.answer = answer


def _template(params, request, before, values):
    text, refusal = emulator.given_template(params)
    if not refusal and bool(text) == bool(request.get("UsePreviousTemplate")):
        raise invalid("Exactly one of TemplateBody, TemplateURL and UsePreviousTemplate must be given")
    text = text or before
    refusal = refusal or emulator.template_refusal(text, params, values)
    if refusal:
        raise TemplateRefused(refusal)
    return text


def create_set(params, request):
    name, token = request.get("StackSetName", ""), request.get("ClientRequestToken")
    if not NAME.fullmatch(name):
        raise invalid(f"Value '{name}' at 'stackSetName' failed to satisfy constraint: {NAME.pattern}")
    owner = organization.administrator(request.get("CallAs"))
    known = _box(owner).get(name)
    asked = {key: value for key, value in request.items() if key not in ("Action", "Version")}
    if known:
        if not token or known["token"] != token:
            raise Refused("NameAlreadyExistsException", f"StackSet {name} already exists", 409)
        if known["asked"] != asked:
            raise Refused("CreatedButModifiedException", f"StackSet {name} exists, but has been changed", 409)
        return {"StackSetId": known["id"]}
    settings = {"PermissionModel": "SELF_MANAGED", **{key: request[key] for key in SETTINGS if key in request}}
    _check_model(settings, request.get("CallAs"))
    values = _values(request, {})
    body = _template(params, request, None, values)
    ident = f"{name}:{uuid.uuid4()}"
    _box(owner)[name] = {
        "name": name, "id": ident, "owner": owner, "region": emulator.region(), "token": token, "asked": asked, "settings": settings,
        "body": body, "values": values, "tags": _pairs(_list(request, "Tags"), ""), "capabilities": _list(request, "Capabilities"),
        "instances": {}, "operations": [], "drift": None,
        "arn": f"arn:{partition(emulator.region())}:cloudformation:{emulator.region()}:{owner}:stackset/{ident}"}
    return {"StackSetId": ident}


def describe_set(_params, request):
    one = find(request)
    settings = one["settings"]
    return {"StackSet": {
        "StackSetName": one["name"], "StackSetId": one["id"], "StackSetARN": one["arn"], "Status": "ACTIVE", "TemplateBody": one["body"],
        **{key: value for key, value in settings.items() if key != "ExecutionRoleTemplateBody"}, "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in one["values"].items()],
        "Tags": [{"Key": key, "Value": value} for key, value in one["tags"].items()], "Capabilities": one["capabilities"],
        "ManagedExecution": settings.get("ManagedExecution", {"Active": False}), "StackSetDriftDetectionDetails": one["drift"],
        "OrganizationalUnitIds": sorted({i["unit"] for i in one["instances"].values() if i["unit"]}),
        "Regions": sorted({region for _, region in one["instances"]})}}


def list_sets(params, request):
    wanted = request.get("Status")
    rows = [{"StackSetName": one["name"], "StackSetId": one["id"], "Status": "ACTIVE", "PermissionModel": one["settings"]["PermissionModel"],
             "AutoDeployment": one["settings"].get("AutoDeployment"), "ManagedExecution": one["settings"].get("ManagedExecution"),
             "DriftStatus": (one["drift"] or {}).get("DriftStatus", "NOT_CHECKED"), "Description": one["settings"].get("Description")}
            for one in _box(organization.administrator(request.get("CallAs"))).values()]
    return _page(params, [] if wanted == "DELETED" else rows, "ListStackSets")


def _page(params, rows, action):
    rows, token = emulator.page(params, rows, action)
    if rows is None:
        raise TemplateRefused(token)
    return {"Summaries": rows, "NextToken": token}


def delete_set(_params, request):
    try:
        one = find(request)
    except Refused as problem:
        if problem.code != "StackSetNotFoundException":
            raise
        return {}       # the API lists no error for one that is not there
    if any(operation["status"] in stacksetwork.OPEN for operation in one["operations"]):
        raise stacksetwork.in_progress(one)
    if one["instances"]:
        raise Refused("StackSetNotEmptyException", "StackSet is not empty", 409)
    del _box(one["owner"])[one["name"]]
    return {}


# -- operations -------------------------------------------------------------------------------------------------------

def _targets(one, request, is_creation=False):
    """The accounts and Regions that a call means, with the unit of each account, in the order given."""
    regions, targets, accounts = _list(request, "Regions"), request.get("DeploymentTargets") or {}, _list(request, "Accounts")
    if accounts and targets:
        raise invalid("You can specify Accounts or DeploymentTargets, but not both")
    if one["settings"]["PermissionModel"] == "SERVICE_MANAGED":
        if accounts:
            raise invalid("StackSets with SERVICE_MANAGED permission model can only have OrganizationalUnit as target")
        if is_creation and (targets.get("AccountFilterType") or ("UNION" if targets.get("Accounts") else "")) == "UNION":
            raise invalid("AccountFilterType UNION is not supported for CreateStackInstances")
        found = organization.accounts(targets)
    else:
        if targets.get("OrganizationalUnitIds"):
            raise invalid("DeploymentTargets with organizational units need the SERVICE_MANAGED permission model")
        found = dict.fromkeys(accounts or targets.get("Accounts") or [])
    if not regions or not (found or one["settings"]["PermissionModel"] == "SERVICE_MANAGED"):
        raise invalid("At least one account and one Region must be given")
    return {(account, region): unit for region in regions for account, unit in found.items()}


def _named(request):
    return any(request.get(key) for key in ("Accounts", "DeploymentTargets", "Regions"))


def update_set(params, request):
    one = find(request)
    # an update that names no custom execution role goes back to the default one, as the API's documentation has it
    kept = {key: value for key, value in one["settings"].items()
            if one["settings"]["PermissionModel"] == "SELF_MANAGED" or not key.startswith("ExecutionRole")}
    settings = {**kept, **{key: request[key] for key in SETTINGS if key in request}}
    if one["instances"] and settings["PermissionModel"] != one["settings"]["PermissionModel"]:
        raise invalid("PermissionModel cannot be modified while the stack set has stack instances")
    if one["settings"].get("AdministrationRoleARN") and not request.get("AdministrationRoleARN"):
        raise invalid("AdministrationRoleARN must be specified: the stack set was created with a customized administrator role")
    _check_model(settings, request.get("CallAs"))
    if request.get("AutoDeployment") and _named(request):
        raise invalid("If you specify AutoDeployment, do not specify DeploymentTargets or Regions")
    work = any(operation["status"] in stacksetwork.OPEN for operation in one["operations"])
    if work and settings.get("ManagedExecution") != one["settings"].get("ManagedExecution"):
        raise Refused("InvalidOperationException", "ManagedExecution cannot be modified while operations are running or queued")
    values = _values(request, one["values"]) if "Parameters" in request else one["values"]
    body = _template(params, request, one["body"], values)
    targets = _targets(one, request) if _named(request) else None
    missing = sorted(set(targets or ()) - set(one["instances"]))
    if missing:
        raise Refused("StackInstanceNotFoundException", f"Stack instances {missing} do not exist", 404)
    change = {"settings": settings, "values": values, "body": body}
    if "Tags" in request:
        change["tags"] = _pairs(_list(request, "Tags"), "")
    change["capabilities"] = _list(request, "Capabilities")
    outdates = not request.get("UsePreviousTemplate") or "Parameters" in request
    return stacksetwork.begin(one, "UPDATE", request, targets, stacksetwork.Update(change, outdates))


def _overrides(one, request):
    """None where a call does not speak of them."""
    if "ParameterOverrides" not in request:
        return None
    unknown = [entry["ParameterKey"] for entry in _list(request, "ParameterOverrides") if entry["ParameterKey"] not in one["values"]]
    if unknown:
        raise invalid(f"You can only override parameters that are specified in the stack set: [{', '.join(unknown)}]")
    return _list(request, "ParameterOverrides")


def create_instances(_params, request):
    one = find(request)
    targets = _targets(one, request, is_creation=True)
    return stacksetwork.begin(one, "CREATE", request, targets, stacksetwork.Bring(_overrides(one, request), only_outdated=True))


def update_instances(_params, request):
    one = find(request)
    targets = _targets(one, request)
    missing = sorted(set(targets) - set(one["instances"]))
    if missing:
        raise Refused("StackInstanceNotFoundException", f"Stack instances {missing} do not exist", 404)
    return stacksetwork.begin(one, "UPDATE", request, targets, stacksetwork.Bring(_overrides(one, request), only_outdated=False))


def delete_instances(_params, request):
    one = find(request)
    if not isinstance(request.get("RetainStacks"), bool):
        raise invalid("RetainStacks is required")
    targets = {place: unit for place, unit in _targets(one, request).items() if place in one["instances"]}
    return stacksetwork.begin(one, "DELETE", request, targets, stacksetwork.Remove(request["RetainStacks"]))


def detect_drift(_params, request):
    return stacksetwork.begin(find(request), "DETECT_DRIFT", request, None, stacksetwork.Drift())


def stop_operation(_params, request):
    operation = stacksetwork.operation(find(request), request.get("OperationId"))
    if operation["status"] not in ("RUNNING", "QUEUED"):
        raise Refused("InvalidOperationException", f"Operation {operation['id']} is in {operation['status']} state and cannot be stopped")
    operation["status"] = "STOPPING"
    return {}


def describe_operation(_params, request):
    one = find(request)
    found = stacksetwork.operation(one, request.get("OperationId"))
    return {"StackSetOperation": {
        **_told(found), "StackSetId": one["id"], "RetainStacks": found["retain"], "DeploymentTargets": found["request"].get("DeploymentTargets"),
        "AdministrationRoleARN": one["settings"].get("AdministrationRoleARN"), "ExecutionRoleName": one["settings"].get("ExecutionRoleName"),
        "StackSetDriftDetectionDetails": found["drift"]}}


def _told(found):
    failed = sum(result["Status"] == "FAILED" for result in found["results"].values())
    return {"OperationId": found["id"], "Action": found["action"], "Status": found["status"], "CreationTimestamp": found["begun"],
            "EndTimestamp": found["ended"], "OperationPreferences": found["request"].get("OperationPreferences"),
            "StatusDetails": {"FailedStackInstancesCount": failed}}


def list_operations(params, request):
    rows = [_told(found) for found in reversed(find(request)["operations"])]
    return _page(params, rows, "ListStackSetOperations")


def list_results(params, request):
    found = stacksetwork.operation(find(request), request.get("OperationId"))
    wanted = [entry["Values"] for entry in _list(request, "Filters")]
    rows = [{"Account": account, "Region": region, "OrganizationalUnitId": found["targets"][account, region], **result}
            for (account, region), result in found["results"].items() if not wanted or result["Status"] in wanted]
    return _page(params, rows, "ListStackSetOperationResults")


# -- instances --------------------------------------------------------------------------------------------------------

def _instance(one, place):
    found = one["instances"][place]
    return {"StackSetId": one["id"], "Account": place[0], "Region": place[1], "StackId": found["stack"], "Status": found["status"],
            "StackInstanceStatus": {"DetailedStatus": found["detailed"]}, "StatusReason": found["reason"],
            "OrganizationalUnitId": found["unit"], "DriftStatus": found["drift"], "LastDriftCheckTimestamp": found["checked"],
            "LastOperationId": found["operation"]}


def list_instances(params, request):
    one = find(request)
    wanted = {entry["Name"]: entry["Values"] for entry in _list(request, "Filters")}
    rows = [_instance(one, place) for place in sorted(one["instances"])
            if request.get("StackInstanceAccount") in (None, place[0]) and request.get("StackInstanceRegion") in (None, place[1])]
    facts = {"DETAILED_STATUS": lambda row: row["StackInstanceStatus"]["DetailedStatus"],
             "LAST_OPERATION_ID": lambda row: row["LastOperationId"], "DRIFT_STATUS": lambda row: row["DriftStatus"]}
    return _page(params, [row for row in rows if all(facts[name](row) == value for name, value in wanted.items())], "ListStackInstances")


def describe_instance(_params, request):
    one, place = find(request), (request.get("StackInstanceAccount"), request.get("StackInstanceRegion"))
    if place not in one["instances"]:
        raise Refused("StackInstanceNotFoundException", f"StackInstance not found for {place[0]} in {place[1]}", 404)
    values = one["instances"][place]["overrides"]
    return {"StackInstance": {**_instance(one, place), "ParameterOverrides": [
        {"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]}}


def describe_access(_params, request):
    return organization.access(request.get("CallAs"))


ACTIONS = {
    "DescribeOrganizationsAccess": describe_access, "CreateStackSet": create_set, "DescribeStackSet": describe_set, "UpdateStackSet": update_set, "DeleteStackSet": delete_set,
    "ListStackSets": list_sets, "CreateStackInstances": create_instances, "UpdateStackInstances": update_instances,
    "DeleteStackInstances": delete_instances, "ListStackInstances": list_instances, "DescribeStackInstance": describe_instance,
    "DescribeStackSetOperation": describe_operation, "ListStackSetOperations": list_operations,
    "ListStackSetOperationResults": list_results, "StopStackSetOperation": stop_operation, "DetectStackSetDrift": detect_drift}


def _handler(action, act):
    def handle(params):
        request = nested(params)
        token = request.get("OperationId") or request.get("ClientRequestToken")
        try:
            if token is not None and not TOKEN.fullmatch(token):
                raise invalid(f"Value '{token}' failed to satisfy constraint: {TOKEN.pattern}")
            return emulator.cfn_tree(action, act(params, request))
        except Refused as problem:
            return emulator.cfn_error(problem.code, problem.message, problem.status)
        except TemplateRefused as problem:
            return problem.answer

    return handle


def _flat(request, prefix=""):
    """The form of a request, as clients send it: what nested() reads."""
    form = {}
    for key, value in request.items():
        if isinstance(value, list):
            value = {f"member.{number}": part for number, part in enumerate(value, 1)} or ""
        if isinstance(value, dict):
            form.update(_flat(value, f"{prefix}{key}."))
        else:
            form[prefix + key] = [str(value).lower() if isinstance(value, bool) else str(value)]
    return form


def ask(action, request):
    """A call that the server makes of itself: what it answers, or Refused."""
    params = _flat(request)
    try:
        return ACTIONS[action](params, nested(params))
    except TemplateRefused as problem:
        raise Refused("ValidationError", emulator.said(problem.answer)) from None


def install():
    for action, act in ACTIONS.items():
        emulator.add_action(action, _handler(action, act))
