"""The ASGI application in front of ministack: our own services, planned faults, and replies held while a stack works."""
import asyncio
import json
import re
import time
from urllib.parse import parse_qs, unquote
from xml.sax.saxutils import escape

from . import backends, calls, changesets, cloudcontrol, emulator, lakeformation, names, organization, principals, ram, securitylake, stacksets
from .store import WORLD, Refused

SIGNED = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/")
SERVICES = {"ram": ram, "lakeformation": lakeformation, "securitylake": securitylake, "cloudcontrolapi": cloudcontrol}
QUERY_SERVICES = ("cloudformation", "sts", "iam")
HOLD_SECONDS, HOLD_STEP = 30, 0.02


def control(body):
    """POST /_lake/fault: plan a fault, {"clear": true}, {"hang_after_write": N}, {"hold_operations": BOOL}, {"stale_invitation": ARN} or
    {"expired_invitation": ARN}; lists the faults."""
    wanted = json.loads(body or b"{}")
    if wanted.get("clear"):
        WORLD.faults.clear()
        WORLD.writes_left = None
        WORLD.holds_operations = False
    elif "hold_operations" in wanted:
        WORLD.holds_operations = bool(wanted["hold_operations"])
    elif "hang_after_write" in wanted:
        WORLD.writes_left = wanted["hang_after_write"]
    elif "stale_invitation" in wanted:
        ram.make_stale(wanted["stale_invitation"])
    elif "expired_invitation" in wanted:
        ram.expire(wanted["expired_invitation"])
    elif wanted:
        if not {"action", "type"} & set(wanted):
            return 400, {"message": "a fault needs action or type"}
        WORLD.faults.append(wanted)
    return 200, {"faults": WORLD.faults}


class Call:
    """One request, read once: who signed it, for which service, and what it asks."""

    def __init__(self, scope, body):
        self.scope, self.body = scope, body
        headers = {key.decode().lower(): value.decode("latin-1") for key, value in scope["headers"]}
        signed = SIGNED.search(headers.get("authorization", ""))
        self.token, self.target = headers.get("x-amz-security-token"), headers.get("x-amz-target", "")
        self.key, self.region, self.service = signed.groups() if signed else ("", "", "")
        self.form = {}
        if self.service in QUERY_SERVICES:
            self.form = {key: values[0] for key, values in parse_qs(body.decode("utf-8", "replace")).items()}
        if self.service in SERVICES and not self.target:
            self.action = scope["path"].strip("/").split("/")[-1]
        else:
            self.action = self.form.get("Action") or self.target.rsplit(".", 1)[-1]

    def json(self):
        return json.loads(self.body) if self.body[:1] == b"{" else {}

    def query(self):
        return parse_qs(self.scope["query_string"].decode())


def _xml_error(code, message):
    return (f"<ErrorResponse><Error><Type>Sender</Type><Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
            "</Error><RequestId>test-world</RequestId></ErrorResponse>").encode()


async def _send(send, status, body, kind="application/json", extra=()):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    headers += [(key.encode(), value.encode()) for key, value in extra]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _send_error(send, call, code, message, status):
    if call.service in QUERY_SERVICES:
        await _send(send, status, _xml_error(code, message), "text/xml")
    elif call.service == "s3":
        await _send(send, status, f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>".encode(), "application/xml")
    else:
        await _send(send, status, {"__type": code, "message": message}, extra=[("x-amzn-errortype", code)])


def _again(body):
    """A receive() that gives the body that was read already."""
    left = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive():
        if left:
            return left.pop()
        await asyncio.Event().wait()    # the client is still there: never report a disconnect

    return receive


def _noting(entry, send):
    """A send() that also writes the answer's status into the log of calls."""
    async def noted(message):
        if message["type"] == "http.response.start":
            entry["status"] = message["status"]
        await send(message)

    return noted


async def _swallow(_message):
    """A send() for a reply that gets lost on the way."""


def _noted(entry):
    """The same, that notes the status all the same: whoever reads the log knows that the work is done."""
    return _noting(entry, _swallow)


async def _silence(receive):
    """No answer, until the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _in_progress(call):
    """The stack or change set that this Describe call asks about is still being worked on."""
    if call.action == "DescribeStacks" and call.form.get("StackName"):
        stack = emulator.stack(call.form["StackName"])
        # What waits for a signal may wait for ever: that is said at once, as AWS does.
        return bool(stack) and changesets.busy(stack["StackStatus"]) and "ResourceSignal" not in stack.get("_template_body", "")
    if call.action == "DescribeStackSetOperation":
        return stacksets.is_busy(call.form)
    if call.action == "DescribeChangeSet":
        found = emulator.change_set(call.form.get("ChangeSetName", ""), call.form.get("StackName", ""))
        return bool(found) and found["Status"].endswith(("IN_PROGRESS", "PENDING"))
    return False


async def _hold(call):
    """Wait here, so that a client's waiter gets its answer on the first call instead of after its own long sleep."""
    deadline = time.monotonic() + HOLD_SECONDS
    while _in_progress(call) and time.monotonic() < deadline:
        await asyncio.sleep(HOLD_STEP)


async def _ours(call, send):
    """What ministack does not have."""
    try:
        if call.service == "organizations":
            answer = organization.ASKED[call.action](call.json())
        else:
            answer = SERVICES[call.service].handle(call.scope["method"], unquote(call.scope["path"]), call.query(), call.json(),
                                                   emulator.account(), call.region)
        if answer is None:
            raise Refused("UnsupportedOperation", f"{call.service} {call.scope['path']} is not modelled by the test world", 501)
    except Refused as problem:
        return await _send_error(send, call, problem.code, problem.message, problem.status)
    await _send(send, 200, answer)


def _role_missing(call):
    role = call.form.get("RoleArn", "")
    return call.service == "sts" and call.action == "AssumeRole" and (not principals.exists(role) or principals.too_new(role))


async def app(scope, receive, send):
    if scope["type"] != "http":
        return await emulator.app(scope, receive, send)
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    if scope["path"] == "/_lake/health":
        return await _send(send, 200, {"ready": True})
    if scope["path"] == "/_lake/fault":
        return await _send(send, *control(body))
    if scope["path"] == "/_lake/calls":
        if scope["method"] != "GET":
            WORLD.calls.clear()
        return await _send(send, 200, WORLD.calls)

    if scope["path"].startswith(backends.ANSWER_PATH) and dict(scope["headers"]).get(b"content-type"):
        # a presigned S3 address: a content type that was not signed spoils the signature
        return await _send(send, 403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>", "application/xml")

    call = Call(scope, body)
    if not call.key:
        return await emulator.app(scope, _again(body), send)
    is_client = call.token != names.FUNCTION_TOKEN
    if is_client and WORLD.reply_ms:
        # before anything is counted: other calls come meanwhile
        await asyncio.sleep(WORLD.reply_ms / 1000)
    emulator.enter(call.key, call.region)
    emulator.IDENTITY.set(emulator.caller_arn(call.key))
    if is_client and WORLD.writes_left == 0:
        return await _silence(receive)
    entry = calls.record(call)
    if is_client and entry["write"] and WORLD.writes_left:
        WORLD.writes_left -= 1
        if WORLD.writes_left == 0:
            await _work(call, body, _noted(entry))
            return await _silence(receive)
    await _work(call, body, _noting(entry, send))


async def _work(call, body, send):
    """Does what a call asks for, or the fault that is planned for it."""
    fault = WORLD.take_fault(action=call.action, service=call.service, account=emulator.account(), region=call.region)
    if fault:
        if fault.get("after"):      # do the work, then lose the answer
            await _do(call, body, _swallow)
        return await _send_error(send, call, fault.get("code", "Throttling"), fault.get("message", "Rate exceeded"),
                                 fault.get("status", 400))
    await _do(call, body, send)


async def _do(call, body, send):
    if _role_missing(call):
        return await _send_error(send, call, "AccessDenied", f"User: {emulator.caller_arn(call.key)} is not authorized to "
                                 f"perform: sts:AssumeRole on resource: {call.form.get('RoleArn')}", 403)
    if call.service in SERVICES or organization.answers(call.service, call.action):
        return await _ours(call, send)
    if call.service == "cloudformation":
        await _hold(call)
    await emulator.app(call.scope, _again(body), send)
