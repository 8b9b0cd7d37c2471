"""What AWS's CloudFormation refuses and ministack lets pass, and the role that a stack acts as."""
import re

from . import changesets, early, emulator, principals, securitylake, stackoutput, stacksets

CHANGES = ("CreateStack", "UpdateStack", "CreateChangeSet", "ExecuteChangeSet", "DeleteStack", "ContinueUpdateRollback",
           "RollbackStack")
CFN_SERVICE = "cloudformation.amazonaws.com"
CLI_CHANGE_SET = "awscli-cloudformation-package-deploy-"    # `aws cloudformation deploy` adds the second of the day


def _state_problem(action, stack):
    """Stacks that are dead or busy take no change."""
    status = (stack or {}).get("StackStatus", "")
    if action in ("UpdateStack", "CreateChangeSet", "ExecuteChangeSet") and (status in changesets.DEAD or changesets.busy(status)):
        return f"Stack:{stack['StackId']} is in {status} state and can not be updated."
    return None


def _template_problem(action, params):
    """Parameters that the template does not declare, functions where they may not stand."""
    body = emulator.param(params, "TemplateBody")
    if action not in ("CreateStack", "UpdateStack", "CreateChangeSet", "ValidateTemplate") or not body:
        return None
    try:
        template = emulator.parse_template(body)
    except Exception:
        return None     # ministack words this one itself
    declared = template.get("Parameters") or {}
    unknown = [key for key in emulator.parameter_keys(params) if key not in declared]
    if unknown:
        return f"Parameters: [{', '.join(unknown)}] do not exist in the template"
    return stackoutput.template_problem(template)


def _acting_role(action, params, stack, change_set):
    """The role of this operation: the one given, or the change set's, or the one that the stack has kept."""
    return (emulator.param(params, "RoleARN") or (change_set or {}).get("RoleARN")
            or (None if action == "CreateStack" else (stack or {}).get("RoleARN")))


def _refusal(problem):
    return emulator.cfn_error("ValidationError", problem) if problem else None


def _around(action, inner):
    if action == "DescribeStacks":
        return lambda params: _with_roles(inner(params))
    if action == "ValidateTemplate":
        return lambda params: _refusal(_template_problem(action, params)) or inner(params)
    if action not in CHANGES:
        return inner

    def call(params):
        name = emulator.param(params, "StackName")
        chosen = emulator.change_set(emulator.param(params, "ChangeSetName"), name) if action == "ExecuteChangeSet" else None
        stack = emulator.stack(name or (chosen or {}).get("StackName", ""))
        if stack and stack.get("StackStatus") == "DELETE_COMPLETE":
            stack = None
        problem = _state_problem(action, stack) or _template_problem(action, params)
        role = _acting_role(action, params, stack, chosen)
        if not problem and role and (stack or action in ("CreateStack", "CreateChangeSet")):
            if not principals.service_trusted(role, CFN_SERVICE) or principals.too_new(role):
                problem = f"Role {role} is invalid or cannot be assumed"
        if problem:
            return _refusal(problem)
        if action == "CreateChangeSet" and emulator.param(params, "ChangeSetName").startswith(CLI_CHANGE_SET):
            emulator.forget_finished_change_set(emulator.param(params, "ChangeSetName"), name)
        if role:
            emulator.IDENTITY.set(role)     # the stack's background task copies this context
        result = inner(params)
        if result[0] == 200 and role:
            _remember(action, params, role)
        return result

    return call


def _remember(action, params, role):
    """A change set carries its role to the stack; a stack keeps it for later operations."""
    name = emulator.param(params, "StackName")
    if action == "CreateChangeSet":
        emulator.change_set(emulator.param(params, "ChangeSetName"), name)["RoleARN"] = role
        return
    if action == "ExecuteChangeSet":
        name = name or emulator.change_set(emulator.param(params, "ChangeSetName"), name)["StackName"]
    stack = emulator.stack(name)
    if stack:
        stack["RoleARN"] = role


def _with_roles(result):
    """DescribeStacks tells the role of a stack; ministack knows none."""
    status, headers, body = result

    def add(match):
        role = (emulator.stack(match[1]) or {}).get("RoleARN")
        return match[0] + (f"<RoleARN>{role}</RoleARN>" if role else "")

    return status, headers, re.sub(r"<StackId>([^<]*)</StackId>", add, body.decode()).encode()


def install():
    emulator.enforce_capabilities()
    changesets.keep_reviewed_stacks()
    early.install()
    emulator.wrap_actions(_around)
    changesets.install()
    stacksets.install()
    emulator.conditions_know_mappings()
    emulator.remember_templates(securitylake.settle)
    emulator.replace_intrinsic(stackoutput.NAME, stackoutput.evaluate)
