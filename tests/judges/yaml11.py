"""Reads templates as YAML 1.1 does and compares them with their JSON renderings.

Standard input: JSON list of [template, YAML text, JSON text].
Standard output: JSON list of {template, rule, resource, message}, one for each difference.

CloudFormation and most tools around it read YAML 1.1, where a plain `2012-10-17` is a date and a
plain `yes` is true. A template must not depend on which YAML its reader speaks.
"""

import json
import sys

import yaml

# Every short tag that readers have known for years. `!GetStackOutput` and whatever comes after it
# is left out on purpose: older readers stop at it, so new functions are written in long form.
FUNCTIONS = """
    And Base64 Cidr Contains EachMemberEquals EachMemberIn Equals FindInMap GetAtt GetAZs If
    ImportValue Join Length Not Or RefAll Select Split Sub ToJsonString Transform ValueOf ValueOfAll
""".split()
LONG_FORMS = {"Ref": "Ref", "Condition": "Condition"} | {name: f"Fn::{name}" for name in FUNCTIONS}


class Loader(yaml.SafeLoader):
    """SafeLoader that also knows short tags and refuses duplicate keys."""

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"duplicate key {key}", node.start_mark)
        return super().construct_mapping(node, deep)


def construct_short_tag(loader, name, node):
    """`!Name value` as CloudFormation reads it: {long form: value}."""
    if isinstance(node, yaml.ScalarNode):
        value = node.value.split(".", 1) if name == "GetAtt" else node.value
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {LONG_FORMS.get(name, f"unknown short tag !{name}"): value}


Loader.add_multi_constructor("!", construct_short_tag)


def differences(read, meant, path=()):
    """Yields (path, rule, message) wherever `read` is not exactly `meant`, types included."""
    if isinstance(read, dict) and isinstance(meant, dict):
        for key in [*read, *(key for key in meant if key not in read)]:
            if key not in meant:
                yield (*path, str(key)), "key", f"{key!r} is not in the JSON rendering"
            elif key not in read:
                yield (*path, key), "key", f"{key!r} is only in the JSON rendering"
            else:
                yield from differences(read[key], meant[key], (*path, key))
    elif isinstance(read, list) and isinstance(meant, list) and len(read) == len(meant):
        for index, pair in enumerate(zip(read, meant)):
            yield from differences(*pair, (*path, str(index)))
    elif type(read) is not type(meant):
        yield path, type(read).__name__, f"{meant!r} is read as {read!r}"
    elif read != meant:
        yield path, "value", f"{meant!r} is read as {read!r}"


def judge(template, yaml_text, json_text):
    """The findings on one template."""
    try:
        found = list(differences(yaml.load(yaml_text, Loader), json.loads(json_text)))
    except yaml.YAMLError as error:
        found = [((), "unreadable", str(error))]
    for path, rule, message in found:
        resource = path[1] if path[:1] == ("Resources",) and path[1:] else ""
        yield {"template": template, "rule": rule, "resource": resource, "message": f"{'/'.join(path)}: {message}"}


if __name__ == "__main__":
    json.dump([finding for twin in json.load(sys.stdin) for finding in judge(*twin)], sys.stdout, indent=1)
