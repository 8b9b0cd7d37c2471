"""The log of calls: who asked what of which service, whether that can change anything, what IAM would hold it against, and how
it was answered."""
import functools
import re
from urllib.parse import parse_qs

from . import emulator, names, stacksets
from .store import WORLD

READS = ("Describe", "Detect", "Get", "List", "Head", "BatchGet", "Lookup", "Validate", "Estimate", "Preview", "Simulate")


@functools.cache
def _routes(service):
    """(method, path pattern, query keys, operation) of a service whose operations stand in the path, after AWS's own model."""
    from botocore.exceptions import UnknownServiceError
    from botocore.loaders import Loader
    try:
        model = Loader().load_service_model(service, "service-2")
    except UnknownServiceError:
        return ()
    found = []
    for name, operation in model["operations"].items():
        path, _, query = operation["http"]["requestUri"].partition("?")
        parts = re.split(r"(\{[^}]+\})", path.rstrip("/"))
        pattern = "".join((".+" if part.endswith("+}") else "[^/]+") if part.startswith("{") else re.escape(part) for part in parts)
        found.append((operation["http"]["method"], re.compile(pattern), set(parse_qs(query, keep_blank_values=True)), name))
    return sorted(found, key=lambda route: (len(route[2]), -route[1].pattern.count("+")), reverse=True)


def operation(service, method, path, query):
    """The API's name of a call to a service of paths, else the last part of the path."""
    given = set(parse_qs(query, keep_blank_values=True))
    for verb, pattern, keys, name in _routes(service):
        if verb == method and keys <= given and pattern.fullmatch(path.rstrip("/")):
            return name
    return path.strip("/").split("/")[-1]


def writes(service, name):
    """By the name alone: STS never, else whatever does not begin like a read. Unknown ones count as writes."""
    return service != "sts" and not name.lower().startswith(tuple(prefix.lower() for prefix in READS))


def _stack(form):
    """The stack or stack set that a CloudFormation call is about, by its name, also when the call gives an ARN of it or of a change set."""
    if form.get("StackName"):
        return form["StackName"].split("/")[1] if form["StackName"].startswith("arn:") else form["StackName"]
    if form.get("StackSetName"):
        return form["StackSetName"].split(":")[0]
    found = emulator.change_set(form["ChangeSetName"], "") if form.get("ChangeSetName") else None
    return found["StackName"] if found else None


def _cloudformation(form, region):
    """(resource, condition keys): the stack, or the change set that is given alone. A stack that is not there has `*` for its id."""
    role = form.get("RoleARN")
    keys = {"cloudformation:RoleArn": role} if role else {}
    if form.get("StackSetName"):
        return stacksets.arn(form), keys
    name = form.get("StackName", "")
    if name.startswith("arn:") or not name:
        return name or form.get("ChangeSetName"), keys
    found = emulator.stack(name)
    return found["StackId"] if found else f"arn:{names.partition(region)}:cloudformation:{region}:{emulator.account()}:stack/{name}/*", keys


def _ram(request):
    """The same for a call about one invitation."""
    arn = request.get("resourceShareInvitationArn")
    found = WORLD.invitations.get(arn)
    return arn, {"ram:ShareOwnerAccountId": found["senderAccountId"], "ram:ResourceShareName": found["resourceShareName"]} if found else {}


def _logs(request, region):
    """The same for a log stream."""
    group, stream = request.get("logGroupName"), request.get("logStreamName", "")
    place = f"arn:{names.partition(region)}:logs:{region}:{emulator.account()}"
    return f"{place}:log-group:{group}:log-stream:{stream}" if group else None, {}


def _asked(call):
    """What IAM compares, after the Service Authorization Reference: the resource's ARN (None where only `*` goes), and keys of the
    service. Of AWS's own services only those that lakelink or its function calls."""
    if call.service == "cloudformation":
        return _cloudformation(call.form, call.region)
    if call.service == "ram":
        return _ram(call.json())
    if call.service == "logs":
        return _logs(call.json(), call.region)
    return None, {}


def record(call):
    """Put a call into the log before it is worked on; the caller of this sets `status` when it is answered."""
    name = call.action
    if not call.form and not call.target:
        name = operation(call.service, call.scope["method"], call.scope["path"], call.scope["query_string"].decode())
    resource, keys = _asked(call)
    cloud_control = call.json() if call.service == "cloudcontrolapi" else {}
    entry = {"service": call.service, "operation": name, "account": emulator.account(), "region": call.region,
             "write": writes(call.service, name), "caller": emulator.caller_arn(call.key),
             "stack": _stack(call.form) if call.service == "cloudformation" else None,
             "resource": resource, "keys": keys, "role": keys.get("cloudformation:RoleArn") or cloud_control.get("RoleArn"),
             "type": cloud_control.get("TypeName"), "function": call.token == names.FUNCTION_TOKEN, "status": None}
    WORLD.calls.append(entry)
    return entry
