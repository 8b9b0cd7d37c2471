"""What ministack does and keeps of Lambda, KMS, Glue, Athena and S3; see emulator.py."""
import json

from . import emulator      # first: it loads ministack

# isort: split
from ministack.core import lambda_runtime, responses
from ministack.services import athena, cloudwatch_logs, glue, kms, lambda_svc, s3, ssm
from ministack.services.cloudformation import custom_resource

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
    owner = ref.split(":")[4] if ref.startswith("arn:") and ref.count(":") >= 5 else emulator.account()
    with emulator.scope(owner, emulator.region()):
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


# -- SSM --------------------------------------------------------------------------------------------------------------

def parameter_exists(name):
    return ssm._lookup_parameter(name)[1] is not None


def parameter_value(name):
    return ssm._lookup_parameter(name)[1]["Value"]


# -- S3 ---------------------------------------------------------------------------------------------------------------

BUCKET_PARTS = {"encryption": (s3._put_bucket_encryption, s3._delete_bucket_encryption),
                "lifecycle": (s3._put_bucket_lifecycle, s3._delete_bucket_lifecycle),
                "ownership": (s3._put_bucket_ownership_controls, s3._delete_bucket_ownership_controls)}


def put_bucket(name):
    status, _headers, body = s3._create_bucket(name, b"")
    assert status == 200, body


def bucket_exists(name):
    return name in s3._buckets


def bucket_taken(name):
    """By whichever account."""
    return s3._bucket_owner_account(name) is not None


def bucket_has_policy(name):
    return name in s3._bucket_policies


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


def tags_of_bucket(name):
    return s3._bucket_tags.get(name) or {}


def bucket_empty(name):
    versions = any(bucket == name for bucket, _key in s3._object_versions.keys())
    return not (s3._buckets.get(name) or {}).get("objects") and not versions


def put_bucket_policy(name, text):
    """Through S3's own call, so that Block Public Access has its say."""
    return s3._put_bucket_policy(name, text.encode())
