"""The life of change sets, of the stacks that wait for one, and of request tokens, where ministack is laxer than AWS.

Documented: executing one deletes the others, a stack that was updated otherwise leaves them OBSOLETE (DescribeChangeSet), what tokens are for.
Seen by others: the texts here (localstack's AWS-validated tests, amazon-chime-sdk-js#1089, aws-cdk-cli#1404); README.md names the guesses.
"""
from . import emulator
from .store import WORLD

CHANGE_SET_ACTIONS = ("CreateChangeSet", "DescribeChangeSet", "ExecuteChangeSet", "DeleteChangeSet", "ListChangeSets")
REVIEW = "REVIEW_IN_PROGRESS"
DEAD = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED")


def busy(status):
    """An operation is running. REVIEW_IN_PROGRESS is a stack that waits for its first change set, not a busy one."""
    return status.endswith("IN_PROGRESS") and status != REVIEW


def _invalid(text):
    return emulator.cfn_error("ValidationError", text)


def _param(params, *names):
    return [emulator.param(params, name) for name in names]


def _living(name):
    """The record of a stack that is not deleted, or None."""
    found = emulator.stack(name) if name else None
    return found if found and found["StackStatus"] != "DELETE_COMPLETE" else None


# -- stacks that wait for their first change set ----------------------------------------------------------------------

def keep_reviewed_stacks():
    """A second CREATE change set belongs to the same stack; ministack makes another stack each time, and none after a refusal."""
    def wrapper(action, inner):
        def call(params):
            name, kind, chosen = _param(params, "StackName", "ChangeSetType", "ChangeSetName")
            old = _living(name) if kind == "CREATE" else None
            if not old or old["StackStatus"] != REVIEW:
                return inner(params)
            status, headers, body = inner(params)
            made = emulator.change_set(chosen, name) if status == 200 else None
            fresh = emulator.put_back_stack(old, made)
            return status, headers, body.replace(fresh.encode(), old["StackId"].encode()) if fresh else body

        return call if action == "CreateChangeSet" else inner

    emulator.wrap_actions(wrapper)


# -- the same request again -------------------------------------------------------------------------------------------

def _created_already(params):
    """The answer to a CreateChangeSet whose name is there: success for the same token and template, else why not; None for a new name."""
    name, stack, token, body = _param(params, "ChangeSetName", "StackName", "ClientToken", "TemplateBody")
    found = emulator.change_set(name, stack) if _living(stack) else None
    if not found or not token:
        return None
    for attribute, same in (("ClientToken", found.get("_token") == token), ("Template", not body or body == found["_template_body"])):
        if not same:
            return emulator.cfn_error("AlreadyExistsException", f"ChangeSet {name} cannot be created due to a mismatch with existing attribute {attribute}")
    return emulator.cfn_answer("CreateChangeSet", {"Id": found["ChangeSetId"], "StackId": found["StackId"]})


def _done_already(action, stack, params):
    """The answer to a ClientRequestToken that this stack has seen: success for the same request, else a refusal; None for a new one."""
    token = emulator.param(params, "ClientRequestToken")
    request = (action, emulator.param(params, "ChangeSetName"))
    if not token or not stack:
        return None
    seen = WORLD.tokens.get((stack["StackId"], token))
    if seen is None:
        return None
    if seen != request:
        return emulator.cfn_error("TokenAlreadyExistsException", f"The client request token {token} was used for another request to this stack")
    return emulator.cfn_answer(action, {})


def _remember_token(action, stack, params):
    token = emulator.param(params, "ClientRequestToken")
    if token and stack:
        WORLD.tokens[(stack["StackId"], token)] = (action, emulator.param(params, "ChangeSetName"))


# -- refusals ---------------------------------------------------------------------------------------------------------

def _not_executable(change_set, stack):
    for field, wanted, words in (("Status", "CREATE_COMPLETE", "status"), ("ExecutionStatus", "AVAILABLE", "execution status")):
        if change_set[field] != wanted:
            return f"ChangeSet [{change_set['ChangeSetId']}] cannot be executed in its current {words} of [{change_set[field]}]"
    if stack and busy(stack["StackStatus"]):
        return f"ChangeSet [{change_set['ChangeSetId']}] cannot be executed: stack {stack['StackId']} is in {stack['StackStatus']} state"
    return None


def _refusal(action, params, stack):
    name, chosen, kind = _param(params, "StackName", "ChangeSetName", "ChangeSetType")
    if chosen and not name and not chosen.startswith("arn:"):
        return _invalid("StackName must be specified if ChangeSetName is not specified as an ARN.")
    if name and not stack and action in CHANGE_SET_ACTIONS and action != "CreateChangeSet":
        return _invalid(f"Stack [{name}] does not exist")
    status = stack["StackStatus"] if stack else ""
    if action == "CreateChangeSet" and kind == "CREATE" and status not in ("", REVIEW, *DEAD) and not busy(status):
        return _invalid(f"Stack [{stack['StackName']}] already exists and cannot be created again with the changeSet [{chosen}].")
    if status == REVIEW and (action == "UpdateStack" or action == "CreateChangeSet" and kind in ("", "UPDATE")):
        return _invalid(f"Stack:{stack['StackId']} is in {REVIEW} state and can not be updated.")
    found = emulator.change_set(chosen, name) if chosen and action in ("ExecuteChangeSet", "DeleteChangeSet") else None
    if found and action == "ExecuteChangeSet":
        problem = _not_executable(found, stack)
        return emulator.cfn_error("InvalidChangeSetStatus", problem) if problem else None
    if found and found["ExecutionStatus"] == "EXECUTE_IN_PROGRESS":
        return emulator.cfn_error("InvalidChangeSetStatus", "An operation on this ChangeSet is currently in progress.  Please attempt this "
                                  "operation again later.")
    if action == "DeleteStack" and status.startswith("UPDATE_") and busy(status):
        return _invalid(f"Stack [{stack['StackName']}] cannot be deleted while in status {status}")
    return None


def _around(action, inner):
    if action not in (*CHANGE_SET_ACTIONS, "UpdateStack", "DeleteStack"):
        return inner

    def call(params):
        name, chosen = _param(params, "StackName", "ChangeSetName")
        stack = _living(name)
        if stack and action in CHANGE_SET_ACTIONS:      # ministack knows a stack's change sets by its name only
            params = {**params, "StackName": [stack["StackName"]]}
        if not name and chosen.startswith("arn:"):
            stack = _living((emulator.change_set(chosen, "") or {}).get("StackId"))
        held = emulator.stack(name) if action == "DeleteStack" else stack       # a deleted one still knows the tokens of its deletion
        again = (_created_already(params) if action == "CreateChangeSet" else
                 _done_already(action, held, params) if action in ("ExecuteChangeSet", "DeleteStack") else None)
        refusal = again or _refusal(action, params, stack)
        if refusal:
            return refusal
        if action == "DeleteStack" and stack and stack["StackStatus"] == "DELETE_IN_PROGRESS":
            return emulator.cfn_answer(action, {})
        result = inner(params)
        if result[0] != 200:
            return result
        if action == "CreateChangeSet":
            made = emulator.change_set(chosen, name)
            made["_token"] = emulator.param(params, "ClientToken")
            _admit_outputs(made)
        elif action in ("ExecuteChangeSet", "DeleteStack"):
            _remember_token(action, held, params)
        return result

    return call


def _admit_outputs(change_set):
    """Outputs alone make a change set that can be executed and has no change in it (aws/aws-cdk#2029); ministack sees nothing to do."""
    if change_set["Status"] == "FAILED" and "didn't contain changes" in change_set["StatusReason"] and emulator.changes_outputs(change_set):
        change_set.update(Status="CREATE_COMPLETE", ExecutionStatus="AVAILABLE", StatusReason="")


def _outdate(stack_id, executed):
    """The stack is another one now: what was planned for it cannot be executed any more."""
    for change_set in emulator.change_sets():
        if change_set["StackId"] == stack_id and change_set["ChangeSetId"] != executed and change_set["ExecutionStatus"] == "AVAILABLE":
            change_set["ExecutionStatus"] = "OBSOLETE"


def _executed(stack_id, executed, drop):
    (_outdate if WORLD.other_change_sets == "obsolete" else drop)(stack_id, executed)


def install():
    emulator.on_execution(_executed)
    emulator.wrap_actions(_around)
