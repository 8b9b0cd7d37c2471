"""Where ministack's own resource types are laxer than AWS, or drop properties that we deploy.

Each guard has check (before create or update), apply (after it) and before_delete; all are optional.
"""
import json
import re
from xml.sax.saxutils import escape

from . import backends, crawlers, emulator, functions, keys, principals
from .names import partition

BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
POLICY_SIZE, TRUST_SIZE, INLINE_SIZE = 6144, 2048, 10240


# -- S3 ---------------------------------------------------------------------------------------------------------------

def check_bucket(_logical_id, props, _physical_id):
    for rule in (props.get("BucketEncryption") or {}).get("ServerSideEncryptionConfiguration") or []:
        key = (rule.get("ServerSideEncryptionByDefault") or {}).get("KMSMasterKeyID")
        if key:
            keys.require_usable(key, "S3")
    name = props.get("BucketName")
    if name is None:
        return
    if (not BUCKET_NAME.fullmatch(name) or ".." in name or re.fullmatch(r"[\d.]+", name)
            or name.startswith(("xn--", "sthree-", "amzn-s3-demo-")) or name.endswith(("-s3alias", "--ol-s3"))):
        raise ValueError(f"The specified bucket is not valid: {name} (Service: S3, Status Code: 400, InvalidBucketName)")


def _lifecycle_xml(configuration):
    def text(tag, value):
        return "" if value is None else f"<{tag}>{escape(str(value))}</{tag}>"

    rules = []
    for rule in configuration.get("Rules") or []:
        known = {"Id", "Status", "Prefix", "ExpirationInDays", "AbortIncompleteMultipartUpload",
                 "NoncurrentVersionExpiration", "ExpiredObjectDeleteMarker"}
        if set(rule) - known:
            raise ValueError(f"lifecycle rule keys {sorted(set(rule) - known)} are not modelled by the test world")
        abort, old = rule.get("AbortIncompleteMultipartUpload"), rule.get("NoncurrentVersionExpiration")
        marker = rule.get("ExpiredObjectDeleteMarker")
        expiration = text("Days", rule.get("ExpirationInDays")) + (
            text("ExpiredObjectDeleteMarker", str(marker).lower()) if marker is not None else "")
        rules.append("<Rule>" + text("ID", rule.get("Id")) + text("Status", rule["Status"])
                     + "<Filter>" + text("Prefix", rule.get("Prefix", "")) + "</Filter>"
                     + (f"<Expiration>{expiration}</Expiration>" if expiration else "")
                     + (f"<NoncurrentVersionExpiration>{text('NoncurrentDays', old['NoncurrentDays'])}"
                        f"{text('NewerNoncurrentVersions', old.get('NewerNoncurrentVersions'))}</NoncurrentVersionExpiration>"
                        if old else "")
                     + (f"<AbortIncompleteMultipartUpload>{text('DaysAfterInitiation', abort['DaysAfterInitiation'])}"
                        "</AbortIncompleteMultipartUpload>" if abort else "") + "</Rule>")
    return f"<LifecycleConfiguration>{''.join(rules)}</LifecycleConfiguration>".encode()


def _encryption_xml(configuration):
    rules = []
    for rule in configuration.get("ServerSideEncryptionConfiguration") or []:
        default = rule.get("ServerSideEncryptionByDefault") or {}
        key = f"<KMSMasterKeyID>{escape(default['KMSMasterKeyID'])}</KMSMasterKeyID>" if default.get("KMSMasterKeyID") else ""
        bucket_key = (f"<BucketKeyEnabled>{str(rule['BucketKeyEnabled']).lower()}</BucketKeyEnabled>"
                      if "BucketKeyEnabled" in rule else "")
        rules.append(f"<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>{escape(default.get('SSEAlgorithm', ''))}"
                     f"</SSEAlgorithm>{key}</ApplyServerSideEncryptionByDefault>{bucket_key}</Rule>")
    return ('<ServerSideEncryptionConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"{''.join(rules)}</ServerSideEncryptionConfiguration>").encode()


def _ownership_xml(configuration):
    rules = "".join(f"<Rule><ObjectOwnership>{escape(r['ObjectOwnership'])}</ObjectOwnership></Rule>"
                    for r in configuration.get("Rules") or [])
    return f'<OwnershipControls xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{rules}</OwnershipControls>'.encode()


PARTS = {"LifecycleConfiguration": ("lifecycle", _lifecycle_xml), "BucketEncryption": ("encryption", _encryption_xml),
         "OwnershipControls": ("ownership", _ownership_xml)}


def apply_bucket(name, props, old):
    for prop, (part, to_xml) in PARTS.items():
        if prop in props:
            backends.bucket_part(name, part, to_xml(props[prop]))
        elif old and prop in old:
            backends.bucket_part(name, part, None)
    backends.bucket_versioning(name, (props.get("VersioningConfiguration") or {}).get("Status"))
    backends.bucket_tags(name, {t["Key"]: t["Value"] for t in props.get("Tags") or []})


def before_bucket_delete(name, _props):
    if backends.bucket_exists(name) and not backends.bucket_empty(name):
        raise ValueError(f"The bucket you tried to delete is not empty: {name} (Service: S3, Status Code: 409)")


def check_bucket_policy(_logical_id, props, physical_id):
    if not backends.bucket_exists(props["Bucket"]):
        raise ValueError("The specified bucket does not exist (Service: S3, Status Code: 404)")
    if physical_id is None and backends.bucket_has_policy(props["Bucket"]):
        raise ValueError(f"The bucket policy already exists on bucket {props['Bucket']}.")
    absent = principals.absent_in(props["PolicyDocument"])
    if absent:
        raise ValueError(f"Invalid principal in policy: {absent} (Service: S3, Status Code: 400, MalformedPolicy)")


def apply_bucket_policy(_physical_id, props, _old):
    document = props["PolicyDocument"]
    result = backends.put_bucket_policy(props["Bucket"], document if isinstance(document, str) else json.dumps(document))
    if result[0] >= 400:
        raise ValueError(f"AWS::S3::BucketPolicy: {result[2]!r}")


# -- IAM --------------------------------------------------------------------------------------------------------------

def _size(document):
    text = document if isinstance(document, str) else json.dumps(document)
    return len(re.sub(r"\s", "", text))


def _check_document(document, limit, what):
    problem = emulator.policy_document_problem(document)
    if problem:
        raise ValueError(f"{problem} (Service: Iam, Status Code: 400, MalformedPolicyDocument)")
    if _size(document) > limit:
        raise ValueError(f"Cannot exceed quota for {what}: {limit} (Service: Iam, Status Code: 409)")


def check_role(_logical_id, props, physical_id):
    name = props.get("RoleName")
    if name and len(name) > 64:
        raise ValueError(f"Role name {name} has more than 64 characters (Service: Iam, Status Code: 400)")
    if physical_id is None and name and emulator.role(emulator.account(), name):
        raise ValueError(f"Role with name {name} already exists. (Service: Iam, Status Code: 409, EntityAlreadyExists)")
    trust = props["AssumeRolePolicyDocument"]
    absent = principals.absent_in(trust)
    if absent:
        raise ValueError(f"Invalid principal in policy: \"AWS\":\"{absent[0]}\" (Service: Iam, Status Code: 400, MalformedPolicyDocument)")
    if _size(trust) > TRUST_SIZE:
        raise ValueError(f"Cannot exceed quota for ACLSizePerRole: {TRUST_SIZE} (Service: Iam, Status Code: 409)")
    for policy in props.get("Policies") or []:
        _check_document(policy["PolicyDocument"], INLINE_SIZE, "RolePolicySize")
    boundary = props.get("PermissionsBoundary")
    for arn in [*(props.get("ManagedPolicyArns") or []), *([boundary] if boundary else [])]:
        if not emulator.policy_exists(arn):
            raise ValueError(f"Policy {arn} does not exist or is not attachable. (Service: Iam, Status Code: 404)")


def apply_role(name, props, old):
    """The boundary, which ministack drops."""
    role = emulator.role(emulator.account(), name)
    role["PermissionsBoundary"] = props.get("PermissionsBoundary") or None
    if old is None:
        principals.made_by_stack(role["Arn"])


def before_role_delete(name, props):
    role = emulator.role(emulator.account(), name)
    others = sorted(set((role or {}).get("AttachedPolicies", [])) - set(props.get("ManagedPolicyArns") or []))
    if others:
        raise ValueError(f"Cannot delete entity, must detach all policies first: {others} (Service: Iam, Status Code: 409, DeleteConflict)")


def create_managed_policy(logical_id, props, stack):
    """Instead of ministack's own: one policy per account and name."""
    name = props.get("ManagedPolicyName") or f"{stack}-{logical_id}"[:128]
    path = props.get("Path", "/")
    arn = f"arn:{partition(emulator.region())}:iam::{emulator.account()}:policy{path}{name}"
    if emulator.policy_exists(arn):
        raise ValueError(f"A policy called {name} already exists. Duplicate names are not allowed. "
                         "(Service: Iam, Status Code: 409, EntityAlreadyExists)")
    record = emulator.put_policy(arn, name, path, props["PolicyDocument"], props.get("Description", ""))
    emulator.attach_policy(arn, props)
    return arn, {"PolicyArn": arn, "PolicyId": record["PolicyId"], "DefaultVersionId": record["DefaultVersionId"]}


def check_managed_policy(_logical_id, props, _physical_id):
    _check_document(props["PolicyDocument"], POLICY_SIZE, "PolicySize")
    for name in props.get("Roles") or []:
        if not emulator.role(emulator.account(), name):
            raise ValueError(f"The role with name {name} cannot be found. (Service: Iam, Status Code: 404)")


def before_policy_delete(arn, props):
    named = {*(props.get("Roles") or []), *(props.get("Users") or [])}
    others = [name for name in emulator.policy_users(arn) if name not in named]
    if others:
        raise ValueError(f"Cannot delete a policy attached to entities: {others} (Service: Iam, Status Code: 409, DeleteConflict)")


# -- SSM, Glue, Athena ------------------------------------------------------------------------------------------------

def check_parameter(_logical_id, props, _physical_id):
    if props.get("Tier", "Standard") == "Standard" and len(str(props["Value"])) > 4096:
        raise ValueError("Standard tier parameters support a maximum parameter value of 4096 characters.")
    if props.get("AllowedPattern") and not re.search(props["AllowedPattern"], props["Value"]):
        raise ValueError(f"Parameter value, cannot be validated against allowedPattern: {props['AllowedPattern']}")


def check_database(_logical_id, props, _physical_id):
    if str(props["CatalogId"]) != emulator.account():
        raise ValueError(f"CatalogId {props['CatalogId']} is not this account (Service: Glue, Status Code: 400, AccessDenied)")
    target = props["DatabaseInput"].get("TargetDatabase")
    if target is not None and not {"CatalogId", "DatabaseName"} <= set(target):
        raise ValueError("TargetDatabase needs CatalogId and DatabaseName")


def apply_database(name, props, _old):
    """Keep the target of a resource link, which ministack drops."""
    record = backends.glue_database(name)
    record.pop("TargetDatabase", None)
    if props["DatabaseInput"].get("TargetDatabase"):
        record["TargetDatabase"] = dict(props["DatabaseInput"]["TargetDatabase"])


def check_workgroup(_logical_id, props, _physical_id):
    result = (props.get("WorkGroupConfiguration") or {}).get("ResultConfiguration") or {}
    encryption = result.get("EncryptionConfiguration")
    if encryption and encryption.get("EncryptionOption") in ("SSE_KMS", "CSE_KMS"):
        if not encryption.get("KmsKey"):
            raise ValueError("EncryptionConfiguration needs KmsKey (Service: Athena, Status Code: 400)")
        keys.require_usable(encryption["KmsKey"], "Athena")


def before_workgroup_delete(name, props):
    held = [q for q in backends.named_queries().values() if q["WorkGroup"] == name]
    if held and str(props.get("RecursiveDeleteOption")).lower() != "true":
        raise ValueError(f"WorkGroup {name} is not empty (Service: Athena, Status Code: 400)")


def create_named_query(_logical_id, props, _stack):
    group = props.get("WorkGroup", "primary")
    if not backends.workgroup_exists(group):
        raise ValueError(f"WorkGroup {group} is not found. (Service: Athena, Status Code: 400)")
    return backends.put_named_query({**props, "WorkGroup": group})


def delete_named_query(physical_id, _props):
    backends.named_queries().pop(physical_id, None)


GUARDS = {
    "AWS::S3::Bucket": (check_bucket, apply_bucket, before_bucket_delete),
    "AWS::S3::BucketPolicy": (check_bucket_policy, apply_bucket_policy, None),
    "AWS::IAM::Role": (check_role, apply_role, before_role_delete),
    "AWS::IAM::ManagedPolicy": (check_managed_policy, None, before_policy_delete),
    "AWS::SSM::Parameter": (check_parameter, None, None),
    "AWS::Glue::Database": (check_database, apply_database, None),
    "AWS::Athena::WorkGroup": (check_workgroup, None, before_workgroup_delete),
    **crawlers.GUARDS, **functions.GUARDS, **keys.GUARDS,
}
