"""Custom resources: the request to our function, the wait for its answer, and what an answer must hold."""
import contextvars
import json
import threading
import time

from . import backends, emulator
from .store import WORLD

LONGEST, DEFAULT = 3600, 120        # seconds; AWS's default is the longest, which no test should wait for
TRIES, PAUSE, GRACE = 3, 0.2, 1.0   # Lambda tries an asynchronous call three times
ANSWER_SIZE = 4096


def _timeout(props):
    wanted = props.get("ServiceTimeout", DEFAULT)
    if not str(wanted).isdecimal() or not 1 <= int(wanted) <= LONGEST:
        raise ValueError(f"ServiceTimeout {wanted} is not a number of seconds between 1 and {LONGEST}")
    return int(wanted)


def _function(props):
    token = props.get("ServiceToken")
    if not token:
        raise ValueError("Properties validation failed: #: required key [ServiceToken] not found")
    parts = token.split(":")
    found = backends.function_record(token)
    if not found[0] or len(parts) < 7 or parts[3:5] != [emulator.region(), emulator.account()]:
        raise ValueError(f"Invalid service token: {token} is no function of this account and Region that is there")
    return found


def _run(function, event, answer, deadline):
    """An asynchronous call: tried again when throttled, and after an error as often as Lambda does."""
    tries = 0
    while tries < TRIES and not answer.came() and time.monotonic() < deadline:
        try:
            result = backends.run_function(*function, event)
        except Exception as problem:    # the process did not come up, or the world is ending
            result = {"error": repr(problem)}
        if not result.get("throttle"):
            tries += 1
            if not result.get("error"):
                return
        time.sleep(PAUSE)


def _wait(answer, thread, seconds):
    """Until the answer, the timeout, or, gentler than AWS, a second after the last try has ended without one."""
    deadline = time.monotonic() + seconds
    while not answer.came() and thread.is_alive() and time.monotonic() < deadline:
        answer.wait(min(0.1, max(0.0, deadline - time.monotonic())))
    return answer.wait(min(GRACE, max(0.0, deadline - time.monotonic())))


def _call(kind, event, props):
    seconds = _timeout(props)
    answer = backends.Answer()
    event = {"RequestType": kind, "RequestId": answer.token, "ResponseURL": answer.url, **event}
    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, daemon=True,
                              args=(_run, _function(props), event, answer, time.monotonic() + seconds))
    thread.start()
    given = _wait(answer, thread, seconds)
    if given is None:
        raise TimeoutError("CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId "
                           f"[{answer.token}]. (ServiceTimeout {seconds} s)")
    thread.join(GRACE)      # it has answered and is about to end
    return event, given


def _judge(event, given):
    """(physical id, data) of a good answer; the reason of a bad one."""
    if not isinstance(given, dict):
        raise ValueError("Invalid response: not a JSON object")
    if len(json.dumps(given)) > ANSWER_SIZE:
        raise ValueError("Response object is too long.")
    for key in ("RequestId", "StackId", "LogicalResourceId"):
        if given.get(key) != event[key]:
            raise ValueError(f"Invalid {key} in the response of the custom resource")
    if given.get("Status") not in ("SUCCESS", "FAILED"):
        raise ValueError("Invalid Status in the response of the custom resource")
    if given["Status"] == "FAILED":
        if not given.get("Reason"):
            raise ValueError("Invalid Reason: a FAILED response needs one")
        raise RuntimeError(f"Received response status [FAILED] from custom resource. Message returned: {given['Reason']} "
                           f"(RequestId: {event['RequestId']})")
    if not given.get("PhysicalResourceId") or len(given["PhysicalResourceId"]) > 1024:
        raise ValueError("Invalid PhysicalResourceId")
    if not isinstance(given.get("Data") or {}, dict):
        raise ValueError("Invalid Data: not a JSON object")
    return given["PhysicalResourceId"], given.get("Data") or {}


def invoke(kind, logical_id, props, _stack_name, stack_id, rtype, physical_id=None, old_props=None):
    """Instead of ministack's own: (physical id, attributes)."""
    fault = WORLD.take_fault(type=rtype, on=kind.lower(), account=emulator.account(), region=emulator.region(), logical_id=logical_id)
    if fault:
        raise ValueError(fault.get("message", "injected failure"))
    event = {"StackId": stack_id, "ResourceType": rtype, "LogicalResourceId": logical_id,
             "ResourceProperties": backends.custom_properties(props)}
    if physical_id is not None:
        event["PhysicalResourceId"] = physical_id
    if old_props is not None:
        event["OldResourceProperties"] = backends.custom_properties(old_props)
    given = None
    try:
        sent, given = _call(kind, event, props)
        return _judge(sent, given)
    except Exception:
        if kind == "Create":    # the rollback of a resource that never came to be asks for its deletion, too
            _undo(event, given, props)
        raise


def _undo(event, given, props):
    named = given.get("PhysicalResourceId") if isinstance(given, dict) else None
    try:
        _call("Delete", {**event, "PhysicalResourceId": named or f"{event['LogicalResourceId']}-never-made"}, props)
    except Exception:
        pass    # AWS would end in ROLLBACK_FAILED; the first failure says more
