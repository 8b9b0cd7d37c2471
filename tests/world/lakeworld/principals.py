"""Which IAM principals exist. AWS refuses an absent one wherever it stores a principal by its inner id."""
import json
import re

from . import emulator
from .names import partition
from .store import Refused

PRINCIPAL = re.compile(r"arn:(aws[\w-]*):iam::(\d{12}):(role|user)/(?:.*/)?([\w+=,.@-]+)")
ACCOUNT = re.compile(r"\d{12}|arn:aws[\w-]*:iam::\d{12}:root")
SESSION = re.compile(r"arn:(aws[\w-]*):sts::(\d{12}):assumed-role/([^/]+)/.+")


def exists(arn):
    """A role or user with exactly this ARN (partition and path included) is there now."""
    match = PRINCIPAL.fullmatch(arn or "")
    if not match:
        return False
    find = emulator.role if match[3] == "role" else emulator.user
    record = find(match[2], match[4])
    return bool(record) and record["Arn"] == arn


def require(arn):
    """Lake Formation's refusal of a grantee or administrator that is not there."""
    if arn == "IAM_ALLOWED_PRINCIPALS" or exists(arn):
        return
    raise Refused("InvalidInputException", f"Invalid principal, {arn} (Service: LakeFormation, Status Code: 400)")


def _aws_principals(document):
    statements = document.get("Statement") or []
    for statement in statements if isinstance(statements, list) else [statements]:
        for field in ("Principal", "NotPrincipal"):
            value = statement.get(field)
            value = value.get("AWS", []) if isinstance(value, dict) else []
            yield from value if isinstance(value, list) else [value]


def absent_in(document):
    """Principals of a resource policy or trust policy that nobody could resolve."""
    document = json.loads(document) if isinstance(document, str) else document or {}
    absent = []
    for value in _aws_principals(document):
        session = SESSION.fullmatch(str(value))
        if value == "*" or exists(value) or (session and emulator.role(session[2], session[3])):
            continue
        if ACCOUNT.fullmatch(str(value)) and (":" not in value or value.split(":")[1] == partition(emulator.region())):
            continue
        absent.append(value)
    return absent


def service_trusted(arn, service):
    """The role exists in this account and its trust policy lets the service assume it."""
    match = PRINCIPAL.fullmatch(arn or "")
    if not match or match[3] != "role" or match[2] != emulator.account() or not exists(arn):
        return False
    trust = json.loads(emulator.role(match[2], match[4])["AssumeRolePolicyDocument"] or "{}")
    statements = trust.get("Statement") or []
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal")
        services = principal.get("Service", []) if isinstance(principal, dict) else []
        services = services if isinstance(services, list) else [services]
        actions = statement.get("Action", [])
        actions = actions if isinstance(actions, list) else [actions]
        if statement.get("Effect") == "Allow" and service in services and {"sts:AssumeRole", "sts:*", "*"} & set(actions):
            return True
    return False
