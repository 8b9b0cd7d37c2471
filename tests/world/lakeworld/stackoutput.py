"""Fn::GetStackOutput: the output of a stack of this account, or, through a role, of another account."""
from . import emulator, principals
from .names import partition

NAME = "Fn::GetStackOutput"
MUST, MAY = {"StackName", "OutputName"}, {"Region", "RoleArn"}
FORBIDDEN = ("Parameters", "Mappings", "Conditions", "Rules")


def _uses(value):
    if isinstance(value, dict):
        yield from ([value] if NAME in value else [])
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _uses(part)


def template_problem(template):
    """What CloudFormation says before it touches anything, or None."""
    for section in FORBIDDEN:
        if any(_uses(template.get(section))):
            return f"Template error: {NAME} cannot be used in {section}"
    for name, output in (template.get("Outputs") or {}).items():
        if isinstance(output, dict) and any(_uses(output.get("Export"))):
            return f"Template error: {NAME} cannot be used in the export name of output {name}"
    for use in _uses({key: template.get(key) for key in ("Resources", "Outputs")}):
        spec = use[NAME]
        if len(use) != 1 or not isinstance(spec, dict) or not MUST <= set(spec) <= MUST | MAY:
            return f"Template error: every {NAME} object takes StackName and OutputName, and may take Region and RoleArn"
    return None


def evaluate(spec):
    """The value now. A weak reference: nothing keeps the producer from changing or going."""
    region, account = spec.get("Region") or emulator.region(), emulator.account()
    role = spec.get("RoleArn")
    if partition(region) != partition(emulator.region()):
        raise ValueError(f"{NAME}: Region {region} is in another partition")
    if role:
        who = emulator.IDENTITY.get()
        problem = principals.assume_problem(role, who)
        if problem:
            raise ValueError(f"{NAME}: RoleArn cannot be assumed by the stack's role {who}: {problem}")
        account = role.split(":")[4]
    with emulator.scope(account, region):
        stack = emulator.stack(spec["StackName"])
        for output in (stack or {}).get("Outputs", []) if (stack or {}).get("StackStatus") != "DELETE_COMPLETE" else []:
            if output["OutputKey"] == spec["OutputName"]:
                return output["OutputValue"]
    raise ValueError(f"Output '{spec['OutputName']}' not found in stack '{spec['StackName']}' ({account}, {region})")
