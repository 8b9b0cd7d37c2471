"""The only module that touches ministack, private names included. Pin: ministack==1.5.33.

Everything else in this package sees plain functions. When the pin moves, read this file against the new sources.
"""
import contextvars
import json
import re

from . import loader

loader.install()     # before ministack's own modules

# isort: split
import ministack.app as gateway
from ministack.core.iam_evaluator import resolve_caller_identity, validate_policy_document
from ministack.core.responses import (get_account_id, get_region, request_scope, set_request_account_id,
                                      set_request_region)
from ministack.core import lambda_runtime, responses
from ministack.services import athena, cloudformation, cloudwatch_logs, glue, iam, kms, lambda_svc, s3
from ministack.services.cloudformation import (changesets, custom_resource, engine, handlers, helpers, provisioners,
                                               stacks)

from .names import partition

HANDLERS = provisioners._RESOURCE_HANDLERS
REPLACING = provisioners._REPLACING_PROPERTIES
app = gateway.app

# who acts: the stack's role if it has one, else the caller. Background work copies the context of its request.
IDENTITY = contextvars.ContextVar("lakeworld_identity", default="")

account, region, scope = get_account_id, get_region, request_scope


def enter(access_key, region_name):
    """Take on the account and Region of a request that ministack itself will not see."""
    set_request_account_id(access_key)
    set_request_region(region_name)


def caller_arn(access_key):
    """IAM ARN of whoever signed: the root of a 12-digit key's account, or the role behind a session."""
    found = resolve_caller_identity(access_key)
    arn = found["userArn"] if found else ""
    session = re.fullmatch(r"arn:([\w-]+):sts::(\d{12}):assumed-role/([^/]+)/.*", arn)
    if session:
        role = iam._roles.get_scoped(session[2], None, session[3])
        return role["Arn"] if role else f"arn:{session[1]}:iam::{session[2]}:role/{session[3]}"
    return arn or f"arn:{partition(region())}:iam::{account()}:root"


# -- CloudFormation ---------------------------------------------------------------------------------------------------

# resources of the template that is being deployed now, those with a false condition left out
DEPLOYING = contextvars.ContextVar("lakeworld_deploying", default={})


def remember_templates(after):
    """Let the handlers of resources see what else their operation deploys; after(rolled back) hears of its end."""
    plain = stacks._deploy_stack_async

    async def deploy(name, ident, template, values, *rest, **more):
        conditions = engine._evaluate_conditions(template, values)
        DEPLOYING.set({key: resource for key, resource in (template.get("Resources") or {}).items()
                       if conditions.get(resource.get("Condition"), True)})
        await plain(name, ident, template, values, *rest, **more)
        after("ROLLBACK" in (stack(name) or {}).get("StackStatus", ""))

    for module in (stacks, handlers, changesets):
        module._deploy_stack_async = deploy


def logical_id(stack_name, physical_id):
    """Whose physical id this is in a stack, or None."""
    made = (stack(stack_name) or {}).get("_resources") or {}
    return next((key for key, record in made.items() if record.get("PhysicalResourceId") == physical_id), None)


def stack(name):
    """The record of a stack by name or id in this account and Region, or None."""
    found = cloudformation._stacks.get(name)
    if found is None:
        found = next((s for s in cloudformation._stacks.values() if s.get("StackId") == name), None)
    return found


def change_set(name, stack_name):
    return changesets._find_change_set(name, (stack(stack_name) or {}).get("StackName", stack_name))[1]


def forget_finished_change_set(name, stack_name):
    """Drop a change set that is over. On AWS two deploys of one stack never fall into one second; here they do."""
    ident, found = changesets._find_change_set(name, stack_name)
    if found and (found["Status"] == "FAILED" or found["ExecutionStatus"] in ("EXECUTE_COMPLETE", "EXECUTE_FAILED")):
        cloudformation._change_sets.pop(ident)


def parse_template(text):
    return engine._parse_template(text)


def parameter_keys(params):
    return [entry["Key"] for entry in helpers._extract_members(params, "Parameters") if "Key" in entry]


def param(params, name):
    return helpers._p(params, name)


def cfn_error(code, message, status=400):
    return helpers._error(code, message, status)


def wrap_actions(wrapper):
    """Replace each CloudFormation action by wrapper(action, inner)."""
    for action, inner in list(cloudformation._ACTION_HANDLERS.items()):
        cloudformation._ACTION_HANDLERS[action] = wrapper(action, inner)


def enforce_capabilities():
    """ministack asks for capabilities only together with IAM evaluation, which the world does not use."""
    handlers._capabilities_enforced = lambda: True


def register(rtype, *, create, update=None, delete, create_only=(), tags=False):
    """Add a resource type; without update every change of a property is a replacement."""
    entry = {"create": create, "delete": delete}
    if update:
        entry["update"] = update
    HANDLERS[rtype] = entry
    REPLACING[rtype] = tuple(create_only)
    if tags:
        provisioners._STACK_TAG_PROPERTY[rtype] = ("Tags", "list")


def stack_tags_on(rtype):
    """Let stack tags reach a type of ministack's that it leaves out."""
    provisioners._STACK_TAG_PROPERTY[rtype] = ("Tags", "list")


def wrap_type(rtype, wrapper):
    """Replace create, update and delete of a type by wrapper(what, inner); inner takes the handler's own arguments."""
    entry = HANDLERS[rtype]
    for what in ("create", "update", "delete"):
        if what in entry:
            entry[what] = wrapper(what, entry[what])


def delete_before_replace(rtype, displace, displaced_by, put_back):
    """AWS deletes first when a type's schema says `delete_then_create`; ministack always creates first.

    displace(id) removes the old resource and gives what put_back needs should the new one fail;
    displaced_by(new id, that) hears of the success.
    """
    plain = provisioners._replace_resource

    def replace(this_type, physical_id, *rest):
        if this_type != rtype or provisioners._RETAIN_REPLACED.get():
            return plain(this_type, physical_id, *rest)
        old = displace(physical_id)
        try:
            created = plain(this_type, physical_id, *rest)
        except Exception:
            put_back(old)
            raise
        displaced_by(created[0], old)
        return created

    provisioners._replace_resource = replace


def replace_intrinsic(name, evaluate):
    """Let evaluate(arguments, resolved) stand in for ministack's own reading of an intrinsic function."""
    plain = engine._resolve_refs

    def resolve(value, *rest):
        if isinstance(value, dict) and set(value) == {name} and isinstance(value[name], dict):
            return evaluate({key: resolve(part, *rest) for key, part in value[name].items()})
        return plain(value, *rest)

    for module in (engine, stacks, changesets, handlers, provisioners):
        if getattr(module, "_resolve_refs", None) is plain:
            module._resolve_refs = resolve


# -- Lambda and custom resources --------------------------------------------------------------------------------------

class Answer:
    """The address that a function answers to, and the answer."""

    def __init__(self):
        self.token = responses.new_uuid()
        self.event = custom_resource.register_token(self.token)
        self.url = custom_resource._response_url(self.token)

    def came(self):
        return self.event.is_set()

    def wait(self, seconds):
        """What was put there, or None when nothing came in time; later answers go nowhere."""
        self.event.wait(seconds)
        with custom_resource._lock:
            return custom_resource._pending[self.token]["result"]


ANSWER_PATH = "/_ministack/cfn-response/"
custom_properties = custom_resource._normalise_resource_properties


def replace_custom_resources(invoke):
    custom_resource.invoke_custom_resource = invoke


def function_record(ref):
    """(record, configuration) of a function by name or ARN; (None, None) when there is none."""
    return lambda_svc._get_func_record_for_ref(ref)[:2]


def run_function(record, config, event):
    """Run it here and now, as Lambda's own record of the call."""
    return lambda_svc._execute_function_with_config_scope(lambda_svc._execution_record_for_config(record, config), event)


def stop_functions():
    """Kill every process that runs a function."""
    for workers in list(lambda_runtime._workers.values()):
        for worker in workers:
            if worker._proc:
                worker._proc.kill()


def log_into_groups_that_exist():
    """ministack makes a missing log group; on AWS that takes a right which a function should not have."""
    plain = lambda_svc._emit_lambda_logs

    def emit(func, *rest):
        config = func.get("config") or func
        if log_group_exists((config.get("LoggingConfig") or {}).get("LogGroup") or "/aws/lambda/" + config.get("FunctionName", "")):
            plain(func, *rest)

    lambda_svc._emit_lambda_logs = emit


def log_group_exists(name):
    return name in cloudwatch_logs._log_groups


# -- KMS --------------------------------------------------------------------------------------------------------------

def kms_key(ref):
    """The record of a key of any account in this Region, by id, ARN, alias or alias ARN; or None."""
    owner = ref.split(":")[4] if ref.startswith("arn:") and ref.count(":") >= 5 else account()
    with scope(owner, region()):
        return kms._resolve_key(ref)


def kms_alias_exists(name):
    return kms._alias_arn(name) in kms._aliases


def put_kms_key(ident, policy, alias=None):
    """A key whose id the seed chose."""
    status, _headers, body = kms._create_key({"Policy": json.dumps(policy)} if policy else {})
    assert status == 200, body
    record = kms._keys.pop(json.loads(body)["KeyMetadata"]["KeyId"])
    record.update(KeyId=ident, Arn=kms._arn(ident))
    kms._keys[ident] = record
    if alias:
        kms._aliases[kms._alias_arn(alias)] = ident
        kms._stamp_alias(kms._alias_arn(alias), created=True)


# -- IAM --------------------------------------------------------------------------------------------------------------

def role(account_id, name):
    return iam._roles.get_scoped(account_id, None, name)


def user(account_id, name):
    return iam._users.get_scoped(account_id, None, name)


def roles():
    return iam._roles.values()


def users():
    return iam._users.values()


def policy_exists(arn):
    """A managed policy that can be attached: any of AWS's own, or one of this account's."""
    return ":iam::aws:policy/" in arn or arn in iam._policies


def policy_document_problem(document):
    return validate_policy_document(document)


def put_role(name, path, arn, trust):
    result = iam._create_role({"RoleName": [name], "Path": [path], "AssumeRolePolicyDocument": [trust]})
    assert result[0] == 200, result
    iam._roles[name]["Arn"] = arn


def put_user(name, path, arn):
    result = iam._create_user({"UserName": [name], "Path": [path]})
    assert result[0] == 200, result
    iam._users[name]["Arn"] = arn


def put_policy(arn, name, path, document, description=""):
    """A customer managed policy whose ARN the caller chose (ministack writes `arn:aws` in every partition)."""
    return iam.store_policy(arn, name, path, document, description=description)


def attach_policy(arn, props):
    provisioners._attach_policy_to_entities(arn, props)


def policy_users(arn):
    """Names of roles and users that have the policy attached, or as their boundary."""
    return sorted(e.get("RoleName") or e.get("UserName") for e in [*roles(), *users()]
                  if arn in e.get("AttachedPolicies", []) or e.get("PermissionsBoundary") == arn)


# -- Glue, Athena -----------------------------------------------------------------------------------------------------

def glue_database(name):
    return glue._databases.get(name)


def glue_tables(database):
    return [key.split("/", 1)[1] for key in glue._tables.keys() if key.startswith(database + "/")]


def put_glue_database(name):
    if name not in glue._databases:
        glue._create_database({"DatabaseInput": {"Name": name}})


def put_glue_table(database, name):
    if f"{database}/{name}" not in glue._tables:
        glue._create_table({"DatabaseName": database, "TableInput": {"Name": name}})


def crawler_exists(name):
    return name in glue._crawlers


def workgroup_exists(name):
    return name == "primary" or name in athena._workgroups


def named_queries():
    return athena._named_queries


def put_named_query(props):
    """(physical id, attributes) of a new named query."""
    before = set(athena._named_queries.keys())
    athena._create_named_query(props)
    ident = (set(athena._named_queries.keys()) - before).pop()
    return ident, {"NamedQueryId": ident}


# -- S3 ---------------------------------------------------------------------------------------------------------------

BUCKET_PARTS = {"encryption": (s3._put_bucket_encryption, s3._delete_bucket_encryption),
                "lifecycle": (s3._put_bucket_lifecycle, s3._delete_bucket_lifecycle),
                "ownership": (s3._put_bucket_ownership_controls, s3._delete_bucket_ownership_controls)}


def put_bucket(name):
    status, _headers, body = s3._create_bucket(name, b"")
    assert status == 200, body


def bucket_exists(name):
    return name in s3._buckets


def bucket_part(name, part, xml):
    """Put one configuration of a bucket, or take it away when xml is None."""
    put, remove = BUCKET_PARTS[part]
    status, _headers, body = put(name, xml) if xml is not None else remove(name)
    if status >= 400:
        raise ValueError(f"AWS::S3::Bucket {part}: {body!r}")


def bucket_versioning(name, status):
    if status:
        s3._bucket_versioning[name] = status
    elif s3._bucket_versioning.get(name):
        s3._bucket_versioning[name] = "Suspended"


def bucket_tags(name, tags):
    s3._bucket_tags[name] = tags


def bucket_empty(name):
    versions = any(bucket == name for bucket, _key in s3._object_versions.keys())
    return not (s3._buckets.get(name) or {}).get("objects") and not versions


def put_bucket_policy(name, text):
    """Through S3's own call, so that Block Public Access has its say."""
    return s3._put_bucket_policy(name, text.encode())
