"""Which IAM principals exist. AWS refuses an absent one wherever it stores a principal by its inner id."""
import fnmatch
import json
import re

from . import emulator
from .names import partition
from .store import WORLD, Refused

PRINCIPAL = re.compile(r"arn:(aws[\w-]*):iam::(\d{12}):(role|user)/(?:.*/)?([\w+=,.@-]+)")
ACCOUNT = re.compile(r"\d{12}|arn:aws[\w-]*:iam::\d{12}:root")
SESSION = re.compile(r"arn:(aws[\w-]*):sts::(\d{12}):assumed-role/([^/]+)/.+")


def _list(value):
    return value if isinstance(value, list) else [value]


def exists(arn):
    """A role or user with exactly this ARN (partition and path included) is there now."""
    match = PRINCIPAL.fullmatch(arn or "")
    if not match:
        return False
    find = emulator.role if match[3] == "role" else emulator.user
    record = find(match[2], match[4])
    return bool(record) and record["Arn"] == arn


def made_by_stack(arn):
    """IAM tells a role at once and every other service a little later: the seed says after how many uses."""
    WORLD.new_roles[arn] = WORLD.new_role_calls


def too_new(arn):
    """One use of a role; True while the service that asks does not know it yet."""
    left = WORLD.new_roles.get(arn, 0)
    if left:
        WORLD.new_roles[arn] = left - 1
    return left > 0


def require(arn):
    """Lake Formation's refusal of a grantee or administrator that is not there."""
    if arn == "IAM_ALLOWED_PRINCIPALS" or exists(arn) and not too_new(arn):
        return
    raise Refused("InvalidInputException", f"Invalid principal, {arn} (Service: LakeFormation, Status Code: 400)")


def _aws_principals(document):
    for statement in _list(document.get("Statement") or []):
        for field in ("Principal", "NotPrincipal"):
            value = statement.get(field)
            yield from _list(value.get("AWS", []) if isinstance(value, dict) else [])


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


def _trust(arn):
    """(statements, None) of a role's trust policy, or (None, why not)."""
    match = PRINCIPAL.fullmatch(arn or "")
    if not match or match[3] != "role" or not exists(arn):
        return None, f"role {arn} does not exist"
    trust = json.loads(emulator.role(match[2], match[4])["AssumeRolePolicyDocument"] or "{}")
    return [s for s in _list(trust.get("Statement") or [])
            if {"sts:AssumeRole", "sts:*", "*"} & set(_list(s.get("Action", [])))], None


def service_trusted(arn, service, context=None):
    """The role exists in this account and its trust policy lets the service assume it. Without a context its conditions are not looked at."""
    statements, _problem = _trust(arn)
    if statements is None or arn.split(":")[4] != emulator.account():
        return False
    return any(s.get("Effect") == "Allow" and isinstance(s.get("Principal"), dict)
               and service in _list(s["Principal"].get("Service", [])) and (context is None or _conditions_hold(s, context)) for s in statements)


# -- who may assume a role ---------------------------------------------------------------------------------------------

def _names_principal(statement, who):
    principal = statement.get("Principal")
    named = ["*"] if principal == "*" else _list(principal.get("AWS", [])) if isinstance(principal, dict) else []
    account = who.split(":")[4]
    whole = {account, f"arn:{who.split(':')[1]}:iam::{account}:root", "*"}
    return any(value == who or value in whole for value in named)


def _condition_holds(operator, key, wanted, context):
    """One line of a condition, for the operators on texts and ARNs; anything else does not hold."""
    plain = operator.removesuffix("IfExists")
    have = context.get(key.lower())
    if have is None:
        return operator.endswith("IfExists") or "Not" in plain
    wanted = [str(value) for value in _list(wanted)]
    if plain in ("StringEquals", "StringNotEquals"):
        found = have in wanted
    elif plain in ("StringLike", "StringNotLike", "ArnLike", "ArnNotLike", "ArnEquals", "ArnNotEquals"):
        found = any(fnmatch.fnmatchcase(have, value.replace("[", "[[]")) for value in wanted)
    else:
        return False
    return found != ("Not" in plain)


def _conditions_hold(statement, context):
    return all(_condition_holds(operator, key, wanted, context)
               for operator, keys in (statement.get("Condition") or {}).items() for key, wanted in keys.items())


def right_missing(arn, action, resource, context):
    """Why a role that a stack made may not do this, by the managed policies that it has; None if it may. Other roles may do everything."""
    if arn not in WORLD.new_roles:
        return None
    account, name = arn.split(":")[4], arn.rsplit("/", 1)[1]
    with emulator.scope(account, emulator.region()):
        documents = [emulator.policy_document(policy) for policy in emulator.role(account, name)["AttachedPolicies"]]
    for statement in (s for document in documents for s in _list(document["Statement"])):
        named = any(fnmatch.fnmatchcase(action.lower(), one.lower()) for one in _list(statement["Action"]))
        if named and any(fnmatch.fnmatchcase(resource, one) for one in _list(statement["Resource"])) and _conditions_hold(statement, context):
            return None
    return f"User: {arn} is not authorized to perform: {action} on resource: {resource}"


def assume_problem(arn, who):
    """Why this role or root may not assume that role, judged by its trust policy alone; None if it may."""
    statements, problem = _trust(arn)
    if problem:
        return problem
    if arn.split(":")[1] != who.split(":")[1]:
        return f"role {arn} is in another partition than {who}"
    context = {"aws:principalarn": who, "aws:principalaccount": who.split(":")[4]}
    verdicts = {s.get("Effect") for s in statements if _names_principal(s, who) and _conditions_hold(s, context)}
    return None if verdicts == {"Allow"} else f"User: {who} is not authorized to perform: sts:AssumeRole on resource: {arn}"
