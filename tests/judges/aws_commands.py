"""Says which commands the AWS CLI would not send, by its own models; sends none.

    aws_commands.py < FILE      a line for each command that is wrong, and 1; nothing and 0 if all are right
"""
import contextlib
import io
import shlex
import sys

from awscli.clidriver import create_clidriver
from botocore.client import BaseClient
from botocore.exceptions import ParamValidationError
from botocore.validate import ParamValidator

SENT = []


def strange(value, shape, at):
    """What the validator lets through: words that are none of the model's."""
    if shape.type_name == "structure" and isinstance(value, dict):
        for name, part in value.items():
            yield from strange(part, shape.members[name], f"{at}.{name}")
    elif shape.type_name == "list" and isinstance(value, (list, tuple)):
        for part in value:
            yield from strange(part, shape.member, at)
    elif shape.type_name == "string" and isinstance(value, str):
        if shape.enum and value not in shape.enum:
            yield f"{at}: `{value}`"


def stay_here(client, operation, parameters):
    """Instead of the call: holds the parameters against the model."""
    shape = client.meta.service_model.operation_model(operation).input_shape
    report = ParamValidator().validate(parameters, shape)
    if report.has_errors():
        raise ParamValidationError(report=report.generate_report())
    if words := list(strange(parameters, shape, operation)):
        raise ParamValidationError(report=", ".join(words))
    SENT.append(operation)
    return {}


def wrong(command):
    """What is wrong with a command; nothing if it would be sent."""
    words, said = shlex.split(command), io.StringIO()
    SENT.clear()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            code = create_clidriver().main(words[1:])
        except SystemExit as end:
            code = end.code
    return "" if code == 0 and SENT else f"exit {code}: {said.getvalue().strip()}"


def main():
    BaseClient._make_api_call = stay_here
    found = [(command.strip(), wrong(command)) for command in sys.stdin]
    for command, problem in found:
        if problem:
            print(f"{command}\n  {problem}")
    return any(problem for _, problem in found)


if __name__ == "__main__":
    sys.exit(main())
