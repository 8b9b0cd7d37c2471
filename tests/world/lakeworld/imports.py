"""Bringing into a stack what exists already: the two types that lakelink keeps and ministack cannot import, and who owns what.

AWS asks for a literal name, DeletionPolicy Retain or RetainExceptOnCreate, no other stack that has it, and an identifier without read-only
properties (user guide, `import-resources-automatically`): so never a key, and no name that is a Ref, Fn::Sub or Fn::FindInMap.
"""
from . import backends, emulator
from .store import WORLD

POLICY, SOURCE = "AWS::S3::BucketPolicy", "AWS::SecurityLake::AwsLogSource"


def _missing(rtype, value):
    return f"Resource of type '{rtype}' with identifier '{value}' was not found."


def _policy_problem(bucket):
    return None if backends.bucket_has_policy(bucket) else _missing(POLICY, bucket)


def _source_problem(name, version):
    key = f"{name}|{version}"
    return None if key in WORLD.box(emulator.account(), emulator.region(), "source") else _missing(SOURCE, key)


def _adopt_policy(identifier):
    return f"{identifier['Bucket']}-policy", {}


def _adopt_source(identifier):
    return f"{identifier['SourceName']}|{identifier['SourceVersion']}", {}


def install():
    emulator.importable(POLICY, ("Bucket",), _policy_problem, _adopt_policy)
    emulator.importable(SOURCE, ("SourceName", "SourceVersion"), _source_problem, _adopt_source)
    emulator.imported_names_are_free()
    emulator.own_import_ids({POLICY: _adopt_policy, SOURCE: _adopt_source})
