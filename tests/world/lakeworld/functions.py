"""AWS Lambda functions and their log groups: where ministack is laxer than AWS. The code runs for real, as a local process."""
import json
import re

from . import backends, principals

RUNTIME = re.compile(r"python3\.1[0-4]|nodejs2[024]\.x")
RESERVED = re.compile(r"AWS_(REGION|DEFAULT_REGION|ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|LAMBDA_.*|EXECUTION_ENV)|_HANDLER|LAMBDA_TASK_ROOT")
RETENTION = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
INLINE_SIZE, ENVIRONMENT_SIZE = 4 * 1024 * 1024, 4096


def _invalid(text):
    raise ValueError(f"{text} (Service: Lambda, Status Code: 400, InvalidParameterValueException)")


def _between(props, name, low, high):
    if name in props and not (str(props[name]).isdecimal() and low <= int(props[name]) <= high):
        _invalid(f"{name} {props[name]} is not a number between {low} and {high}")


def check_function(_logical_id, props, physical_id):
    name, role = props.get("FunctionName"), props["Role"]
    if name and (len(name) > 64 or not re.fullmatch(r"[\w-]+", name)):
        _invalid(f"FunctionName {name} is not valid")
    if name and physical_id is None and backends.function_record(name)[0]:
        raise ValueError(f"Function already exist: {name} (Service: Lambda, Status Code: 409, ResourceConflictException)")
    if not principals.service_trusted(role, "lambda.amazonaws.com"):
        _invalid(f"The role defined for the function cannot be assumed by Lambda: {role}")
    code = props["Code"].get("ZipFile")
    if code is None or set(props["Code"]) != {"ZipFile"}:
        _invalid("only inline code (Code.ZipFile) is modelled by the test world")
    if len(code.encode()) > INLINE_SIZE:
        _invalid("inline code is larger than 4 MiB")
    if not RUNTIME.fullmatch(str(props.get("Runtime"))):
        _invalid(f"The runtime {props.get('Runtime')} is not one that functions can still be created with")
    if not re.fullmatch(r"index\.\w+", str(props.get("Handler"))):
        _invalid(f"Handler {props.get('Handler')}: inline code is the file `index`")
    _between(props, "Timeout", 1, 900)
    _between(props, "MemorySize", 128, 10240)
    _between(props, "ReservedConcurrentExecutions", 0, 900)
    variables = (props.get("Environment") or {}).get("Variables") or {}
    if any(RESERVED.fullmatch(key) for key in variables) or len(json.dumps(variables)) > ENVIRONMENT_SIZE:
        _invalid("Lambda was unable to configure your environment variables: a reserved key, or more than 4 KB")
    if set(props.get("LoggingConfig") or {}) - {"LogGroup", "LogFormat", "ApplicationLogLevel", "SystemLogLevel"}:
        _invalid(f"LoggingConfig {props['LoggingConfig']} is not valid")


def apply_function(name, props, _old):
    """Reserved concurrency, which ministack drops."""
    reserved = props.get("ReservedConcurrentExecutions")
    backends.function_record(name)[0]["concurrency"] = None if reserved is None else int(reserved)


def check_log_group(_logical_id, props, physical_id):
    name, days = props.get("LogGroupName"), props.get("RetentionInDays")
    if name and not re.fullmatch(r"[.\-_/#A-Za-z0-9]{1,512}", name):
        raise ValueError(f"LogGroupName {name} is not valid")
    if name and physical_id is None and backends.log_group_exists(name):
        raise ValueError(f"Resource of type 'AWS::Logs::LogGroup' with identifier '{name}' already exists. (HandlerErrorCode: AlreadyExists)")
    if days is not None and not (str(days).isdecimal() and int(days) in RETENTION):
        raise ValueError(f"Properties validation failed: #/RetentionInDays: {days} is not a valid enum value")


GUARDS = {"AWS::Lambda::Function": (check_function, apply_function, None), "AWS::Logs::LogGroup": (check_log_group, None, None)}
MODELLED = {
    "AWS::Lambda::Function": (("Architectures", "Code", "Description", "Environment", "FunctionName", "Handler", "LoggingConfig", "MemorySize",
                               "PackageType", "ReservedConcurrentExecutions", "Role", "Runtime", "Tags", "Timeout", "TracingConfig"),
                              ("Code", "Role")),
    "AWS::Logs::LogGroup": (("LogGroupClass", "LogGroupName", "RetentionInDays", "Tags"), ()),
}
