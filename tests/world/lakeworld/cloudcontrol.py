"""AWS Cloud Control API: reading what a destroy keeps, as lakelink does before it takes something over."""
import json

from . import backends, emulator, principals
from .store import WORLD, Refused


def _bucket(name):
    return {"BucketName": name, "Tags": _tags(backends.tags_of_bucket(name))} if backends.bucket_exists(name) else None


def _bucket_policy(name):
    return {"Bucket": name} if backends.bucket_has_policy(name) else None


def _alias(name):
    return {"AliasName": name, "TargetKeyId": backends.kms_key(name)["KeyId"]} if backends.kms_alias_exists(name) else None


def _key(ident):
    record = backends.kms_key(ident)
    return {"KeyId": record["KeyId"], "Tags": _tags({tag["TagKey"]: tag["TagValue"] for tag in record["Tags"]})} if record else None


def _source(ident):
    record = WORLD.box(emulator.account(), emulator.region(), "source").get(ident)
    accounts = {"Accounts": record["accounts"]} if record and record["accounts"] else {}
    return {"SourceName": record["name"], "SourceVersion": record["version"], **accounts} if record else None


def _parameter(name):
    return {"Name": name, "Value": backends.parameter_value(name)} if backends.parameter_exists(name) else None


def _tags(tags):
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


READ = {"AWS::S3::Bucket": _bucket, "AWS::S3::BucketPolicy": _bucket_policy, "AWS::KMS::Alias": _alias, "AWS::KMS::Key": _key,
        "AWS::SecurityLake::AwsLogSource": _source, "AWS::SSM::Parameter": _parameter}


def handle(_method, _path, _query, request, _account, _region):
    """GetResource of the types above, or None when it is not modelled."""
    read = READ.get(request.get("TypeName"))
    if not read:
        return None
    role = request.get("RoleArn")
    if role and not principals.exists(role):
        raise Refused("InvalidCredentialsException", f"Role {role} cannot be assumed")
    found = read(request["Identifier"])
    if not found:
        raise Refused("ResourceNotFoundException", f"Resource of type '{request['TypeName']}' with identifier '{request['Identifier']}' was not found.")
    return {"TypeName": request["TypeName"], "ResourceDescription": {"Identifier": request["Identifier"], "Properties": json.dumps(found)}}
