"""AWS KMS: where ministack is laxer than AWS, and the keys that others name."""
import json

from . import backends, emulator, principals
from .names import partition

CHANGE_POLICY = {"kms:PutKeyPolicy", "kms:Put*", "kms:*", "*"}


def require_usable(ref, service):
    """A key that encrypts something: there, enabled, and in this Region; an id, an ARN or an alias of either kind."""
    record = backends.kms_key(ref)
    if not record:
        raise ValueError(f"KMS key {ref} is not found in {emulator.region()} (Service: {service}, Status Code: 400, KMS.NotFoundException)")
    if record["KeyState"] != "Enabled":
        raise ValueError(f"KMS key {ref} is {record['KeyState']} (Service: {service}, Status Code: 400, KMS.KMSInvalidStateException)")


def _list(value):
    return value if isinstance(value, list) else [value]


def _locks_out(document):
    """No statement lets the account or the stack's role change the policy again."""
    account = emulator.account()
    able = {account, f"arn:{partition(emulator.region())}:iam::{account}:root", emulator.IDENTITY.get(), "*"}
    for statement in _list(document.get("Statement") or []):
        principal = statement.get("Principal")
        named = ["*"] if principal == "*" else _list(principal.get("AWS", [])) if isinstance(principal, dict) else []
        if (statement.get("Effect") == "Allow" and not statement.get("Condition") and able & set(named)
                and CHANGE_POLICY & set(_list(statement.get("Action", [])))):
            return False
    return True


def check_key(_logical_id, props, _physical_id):
    policy = props.get("KeyPolicy")
    absent = principals.absent_in(policy)
    if absent:
        raise ValueError(f"Policy contains a statement with one or more invalid principals: {absent} (Service: Kms, Status Code: 400)")
    policy = json.loads(policy) if isinstance(policy, str) else policy
    if policy and not _true(props.get("BypassPolicyLockoutSafetyCheck")) and _locks_out(policy):
        raise ValueError("The new key policy will not allow you to update the key policy in the future. "
                         "(Service: Kms, Status Code: 400, MalformedPolicyDocumentException)")
    if not 7 <= int(props.get("PendingWindowInDays", 30)) <= 30:
        raise ValueError("PendingWindowInDays must be between 7 and 30")
    if not 90 <= int(props.get("RotationPeriodInDays", 365)) <= 2560:
        raise ValueError("RotationPeriodInDays must be between 90 and 2560")


def _true(value):
    return str(value).lower() == "true"


def apply_key(physical_id, props, _old):
    """ministack reads the text "false" as true."""
    backends.kms_key(physical_id)["KeyRotationEnabled"] = _true(props.get("EnableKeyRotation"))


def check_alias(_logical_id, props, physical_id):
    name = props.get("AliasName")
    if name and name != physical_id and backends.kms_alias_exists(name):
        raise ValueError(f"Resource of type 'AWS::KMS::Alias' with identifier '{name}' already exists. (HandlerErrorCode: AlreadyExists)")
    key = backends.kms_key(props["TargetKeyId"])
    if not key or key["KeyState"] == "PendingDeletion":
        raise ValueError(f"Key '{props['TargetKeyId']}' does not exist or is pending deletion (Service: Kms, Status Code: 400, NotFoundException)")


GUARDS = {"AWS::KMS::Key": (check_key, apply_key, None), "AWS::KMS::Alias": (check_alias, None, None)}
MODELLED = {
    "AWS::KMS::Key": (("BypassPolicyLockoutSafetyCheck", "Description", "EnableKeyRotation", "Enabled", "KeyPolicy", "KeySpec", "KeyUsage",
                       "MultiRegion", "PendingWindowInDays", "RotationPeriodInDays", "Tags"), ()),
    "AWS::KMS::Alias": (("AliasName", "TargetKeyId"), ("AliasName", "TargetKeyId")),
}
