"""What CloudFormation finds out before it deploys a change set, and DescribeEvents, which tells it.

Seen on AWS by others: texts, names and paths of the two validations below (aws-cloudformation/rain#744, aws/aws-cdk-cli#1000 and #1463),
that a plain change set name is refused (aws-cloudformation/cloudformation-cli#1116). Field names are those of AWS's own API model.
"""
import uuid

from . import backends, emulator
from .store import WORLD

FAILED_REASON = ("The following hook(s)/validation failed: [AWS::EarlyValidation::ResourceExistenceCheck]. To troubleshoot Early "
                 "Validation errors, use the DescribeEvents API for detailed failure information.")
WHICH = "One of ChangeSetName, OperationId or StackName must be specified"
FIELDS = ("EventId", "StackId", "OperationId", "OperationType", "OperationStatus", "EventType", "LogicalResourceId", "PhysicalResourceId",
          "ResourceType", "Timestamp", "ResourceStatus", "ResourceStatusReason", "ClientRequestToken", "DetailedStatus",
          "ValidationFailureMode", "ValidationName", "ValidationStatus", "ValidationStatusReason", "ValidationPath")
OPERATIONS = {"CREATE_IN_PROGRESS": "CREATE_STACK", "UPDATE_IN_PROGRESS": "UPDATE_STACK", "DELETE_IN_PROGRESS": "DELETE_STACK",
              "REVIEW_IN_PROGRESS": "CREATE_CHANGESET", "IMPORT_IN_PROGRESS": "UPDATE_STACK", "ROLLBACK_IN_PROGRESS": "ROLLBACK",
              "UPDATE_ROLLBACK_IN_PROGRESS": "ROLLBACK", "IMPORT_ROLLBACK_IN_PROGRESS": "ROLLBACK"}
STACK = "AWS::CloudFormation::Stack"


def _source_exists(name, version):
    return f"{name}|{version}" in WORLD.box(emulator.account(), emulator.region(), "source")


# per type: the properties that are its identifier in AWS's schema, and whether somebody has it
NAMED = {
    "AWS::S3::Bucket": (("BucketName",), backends.bucket_taken),
    "AWS::S3::BucketPolicy": (("Bucket",), backends.bucket_has_policy),
    "AWS::KMS::Alias": (("AliasName",), backends.kms_alias_exists),
    "AWS::IAM::Role": (("RoleName",), lambda name: bool(emulator.role(emulator.account(), name))),
    "AWS::SSM::Parameter": (("Name",), backends.parameter_exists),
    "AWS::Logs::LogGroup": (("LogGroupName",), backends.log_group_exists),
    "AWS::Lambda::Function": (("FunctionName",), lambda name: bool(backends.function_record(name)[0])),
    "AWS::Athena::WorkGroup": (("Name",), backends.workgroup_exists),
    "AWS::Glue::Database": (("DatabaseName",), lambda name: bool(backends.glue_database(name))),
    "AWS::Glue::Crawler": (("Name",), backends.crawler_exists),
    "AWS::SecurityLake::AwsLogSource": (("SourceName", "SourceVersion"), _source_exists),
}


def _row(change_set, change, name, mode, reason):
    return {"EventId": str(uuid.uuid4()), "StackId": change_set["StackId"], "OperationType": "CREATE_CHANGESET", "OperationStatus": "FAILED",
            "EventType": "VALIDATION_ERROR", "LogicalResourceId": change["LogicalResourceId"], "ResourceType": change["ResourceType"],
            "PhysicalResourceId": change.get("PhysicalResourceId"), "Timestamp": change_set["CreationTime"], "ValidationFailureMode": mode,
            "ValidationName": name, "ValidationStatus": "FAILED", "ValidationStatusReason": reason,
            "ValidationPath": f"/Resources/{change['LogicalResourceId']}"}


def _finding(change_set, change):
    """The row about one change of a change set, or None."""
    rtype, name = change["ResourceType"], change["LogicalResourceId"]
    if change["Action"] == "Add" and rtype in NAMED:
        keys, exists = NAMED[rtype]
        values = [emulator.static_property(change_set, name, key) for key in keys]
        if all(isinstance(value, str) and value for value in values) and exists(*values):
            return _row(change_set, change, "NAME_CONFLICT_VALIDATION", "FAIL",
                        f"Resource of type '{rtype}' with identifier '{'|'.join(values)}' already exists.")
    if change["Action"] == "Remove" and rtype == "AWS::S3::Bucket" and change.get("PolicyAction") == "Delete":
        bucket = change.get("PhysicalResourceId")
        if backends.bucket_exists(bucket) and not backends.bucket_empty(bucket):
            return _row(change_set, change, "BUCKET_EMPTINESS_VALIDATION", "WARN",
                        f"The bucket '{bucket}' is not empty. You must either delete all objects and versions or use the deletion policy to "
                        "retain it, otherwise the delete operation will fail.")
    return None


def validate(change_set):
    """Judge a new change set: rows for DescribeEvents, and FAILED if one of them says so."""
    if change_set["Status"] != "CREATE_COMPLETE" or change_set["ChangeSetType"] == "IMPORT" or change_set["_disable_validation"]:
        return
    rows = [row for change in change_set["Changes"] if (row := _finding(change_set, change["ResourceChange"]))]
    operation = str(uuid.uuid4())
    change_set["_operation_events"] = [{**row, "OperationId": operation} for row in rows]
    if any(row["ValidationFailureMode"] == "FAIL" for row in rows):
        change_set.update(Status="FAILED", ExecutionStatus="UNAVAILABLE", StatusReason=FAILED_REASON, Changes=[])


def _create_change_set(inner):
    def call(params):
        result = inner(params)
        if result[0] == 200:
            validate(emulator.change_set(emulator.param(params, "ChangeSetName"), emulator.param(params, "StackName")))
        return result

    return call


# -- DescribeEvents ---------------------------------------------------------------------------------------------------

def _stack_rows(stack):
    """The events of a stack in their operations; a rollback is an operation of its own. What a failed validation left is there, too."""
    rows, operation, kind = [], "", ""
    for event in emulator.stack_events(stack["StackId"]):
        status = event["ResourceStatus"]
        if event["ResourceType"] == STACK and status in OPERATIONS:
            operation, kind = str(uuid.uuid5(uuid.NAMESPACE_OID, event["EventId"])), OPERATIONS[status]
        state = "FAILED" if status.endswith("_FAILED") else "IN_PROGRESS" if status.endswith("_IN_PROGRESS") else "SUCCEEDED"
        rows.append({**event, "OperationId": operation, "OperationType": kind, "OperationStatus": state,
                     "EventType": "PROVISIONING_ERROR" if state == "FAILED" else "STACK_EVENT"})
    of_validation = [row for row in stack.get("_operation_events") or [] if row["EventType"] == "VALIDATION_ERROR"]
    return [*rows, *of_validation][::-1]


def _events(params):
    """(rows, None), the newest first, or (None, why not)."""
    name, chosen, operation = (emulator.param(params, key) for key in ("StackName", "ChangeSetName", "OperationId"))
    stack = emulator.stack(name) if name else None
    if name and not stack:
        return None, f"Stack [{name}] does not exist"
    if chosen and (stack or chosen.startswith("arn:")):
        change_set = emulator.change_set(chosen, stack["StackName"] if stack else "")
        if not change_set:
            return None, f"ChangeSet [{chosen}] does not exist"
        rows = change_set.get("_operation_events") or []
    elif stack:
        rows = _stack_rows(stack)
    elif operation:
        rows = [row for held in [*map(_stack_rows, emulator.all_stacks()),
                                 *(c.get("_operation_events") or [] for c in emulator.change_sets())] for row in held]
    else:
        return None, WHICH
    if operation:
        rows = [row for row in rows if row["OperationId"] == operation]
    if emulator.param(params, "Filters.FailedEvents").lower() == "true":
        rows = [row for row in rows if row["EventType"].endswith("_ERROR")]
    return rows, None


def describe_events(params):
    rows, problem = _events(params)
    if problem:
        return emulator.cfn_error("ValidationError", problem)
    return emulator.cfn_list("DescribeEvents", "OperationEvents", rows, FIELDS, params)


def install():
    emulator.wrap_actions(lambda action, inner: {"CreateChangeSet": _create_change_set(inner),
                                                 "DescribeEvents": describe_events}.get(action, inner))
