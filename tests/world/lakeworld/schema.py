"""Property shapes of the doubled types, after AWS's CloudFormation registry schemas, and the check against them.

Without it a misspelt property would deploy here and fail on AWS.
"""
import re

STRING = {"type": str}
STRINGS = {"type": list, "items": STRING}
BOOL = {"type": (bool, str)}
FREE = {}


def shape(properties, required=(), one_of=()):
    return {"type": dict, "properties": properties, "required": required, "one_of": one_of}


def pattern(text, low=0, high=10_000):
    return {"type": str, "pattern": text, "length": (low, high)}


def enum(*values):
    return {"type": str, "enum": values}


def many(items, low=0):
    return {"type": list, "items": items, "low": low}


TAGS = many(shape({"Key": STRING, "Value": STRING}, ("Key", "Value")))
NAME = pattern(r"[\\\w\s\-_:/,.@=+]*", 1, 64)
AWS_SOURCE = enum("ROUTE53", "VPC_FLOW", "SH_FINDINGS", "CLOUD_TRAIL_MGMT", "LAMBDA_EXECUTION", "S3_DATA", "EKS_AUDIT", "WAF")
VERSION = pattern(r"latest|[0-9]\.[0-9]")
PRINCIPAL = shape({"DataLakePrincipalIdentifier": STRING}, ("DataLakePrincipalIdentifier",))
PERMISSION = enum("ALL", "SELECT", "ALTER", "DROP", "DELETE", "INSERT", "DESCRIBE", "CREATE_DATABASE", "CREATE_TABLE",
                  "DATA_LOCATION_ACCESS", "CREATE_LF_TAG", "ASSOCIATE", "GRANT_WITH_LF_TAG_EXPRESSION")
DEFAULT_PERMISSIONS = many(shape({"Principal": PRINCIPAL, "Permissions": STRINGS}))
SOURCE = shape({"AwsLogSource": shape({"SourceName": AWS_SOURCE, "SourceVersion": VERSION}, ("SourceName", "SourceVersion")),
                "CustomLogSource": shape({"SourceName": STRING, "SourceVersion": STRING})},
               one_of=("AwsLogSource", "CustomLogSource"))

TYPES = {
    "AWS::SecurityLake::DataLake": shape({
        "EncryptionConfiguration": shape({"KmsKeyId": STRING}), "LifecycleConfiguration": FREE, "Tags": TAGS,
        "MetaStoreManagerRoleArn": pattern("arn:.*"), "ReplicationConfiguration": shape({"Regions": STRINGS, "RoleArn": STRING})}),
    "AWS::SecurityLake::AwsLogSource": shape({
        "Accounts": many(pattern(r"\d{12}")), "DataLakeArn": pattern(".*", 1, 256), "SourceName": AWS_SOURCE,
        "SourceVersion": VERSION}, ("DataLakeArn", "SourceName", "SourceVersion")),
    "AWS::SecurityLake::Subscriber": shape({
        "AccessTypes": many(enum("LAKEFORMATION", "S3"), 1), "DataLakeArn": pattern(".*", 1, 256), "Sources": many(SOURCE),
        "SubscriberDescription": pattern(r"[\\\w\s\-_:/,.@=+]*"), "SubscriberName": NAME, "Tags": TAGS,
        "SubscriberIdentity": shape({
            "ExternalId": pattern(r"[\w+=,.@:/-]*", 2, 1224),
            "Principal": pattern(r"[0-9]{12}|[a-z0-9.\-]*\.(amazonaws|amazon)\.com")}, ("ExternalId", "Principal"))},
        ("AccessTypes", "DataLakeArn", "Sources", "SubscriberIdentity", "SubscriberName")),
    "AWS::LakeFormation::DataLakeSettings": shape({
        "Admins": many(PRINCIPAL), "ReadOnlyAdmins": many(PRINCIPAL), "MutationType": enum("APPEND", "REPLACE"),
        "Parameters": FREE, "TrustedResourceOwners": STRINGS, "AllowExternalDataFiltering": BOOL,
        "AllowFullTableExternalDataAccess": BOOL, "AuthorizedSessionTagValueList": STRINGS,
        "ExternalDataFilteringAllowList": many(PRINCIPAL), "CreateDatabaseDefaultPermissions": DEFAULT_PERMISSIONS,
        "CreateTableDefaultPermissions": DEFAULT_PERMISSIONS}),
    "AWS::LakeFormation::PrincipalPermissions": shape({
        "Catalog": STRING, "Principal": PRINCIPAL, "Permissions": many(PERMISSION),
        "PermissionsWithGrantOption": many(PERMISSION),
        "Resource": shape({
            "Database": shape({"CatalogId": pattern(r"\d{12}"), "Name": STRING}, ("CatalogId", "Name")),
            "Table": shape({"CatalogId": pattern(r"\d{12}"), "DatabaseName": STRING, "Name": STRING,
                            "TableWildcard": shape({})}, ("CatalogId", "DatabaseName"))},
            one_of=("Database", "Table"))},
        ("Principal", "Resource", "Permissions", "PermissionsWithGrantOption")),
    "AWS::Athena::NamedQuery": shape({
        "Name": pattern(r"[\s\S]*", 1, 128), "Database": pattern(r"[\s\S]*", 1, 255), "WorkGroup": pattern(r"[\w.-]*", 1, 128),
        "Description": pattern(r"[\s\S]*", 1, 1024), "QueryString": pattern(r"[\s\S]*", 1, 262144)},
        ("Database", "QueryString")),
}

CREATE_ONLY = {
    "AWS::SecurityLake::AwsLogSource": ("DataLakeArn", "SourceName", "SourceVersion"),
    "AWS::SecurityLake::Subscriber": ("DataLakeArn",),
    "AWS::LakeFormation::PrincipalPermissions": ("Catalog", "Principal", "Resource", "Permissions", "PermissionsWithGrantOption"),
    "AWS::Athena::NamedQuery": ("Name", "Database", "Description", "QueryString", "WorkGroup"),
}

# ministack's own types: what the world stores and reads back. Anything else fails instead of vanishing.
MODELLED = {
    "AWS::S3::Bucket": (("BucketEncryption", "BucketName", "LifecycleConfiguration", "OwnershipControls",
                         "PublicAccessBlockConfiguration", "Tags", "VersioningConfiguration"), ()),
    "AWS::S3::BucketPolicy": (("Bucket", "PolicyDocument"), ("Bucket", "PolicyDocument")),
    "AWS::SSM::Parameter": (("AllowedPattern", "DataType", "Description", "Name", "Tags", "Tier", "Type", "Value"),
                            ("Type", "Value")),
    "AWS::Glue::Database": (("CatalogId", "DatabaseInput", "DatabaseName"), ("CatalogId", "DatabaseInput")),
    "AWS::Athena::WorkGroup": (("Description", "Name", "RecursiveDeleteOption", "State", "Tags", "WorkGroupConfiguration"),
                               ("Name",)),
    "AWS::IAM::Role": (("AssumeRolePolicyDocument", "Description", "ManagedPolicyArns", "MaxSessionDuration", "Path",
                        "PermissionsBoundary", "Policies", "RoleName", "Tags"), ("AssumeRolePolicyDocument",)),
    "AWS::IAM::ManagedPolicy": (("Description", "Groups", "ManagedPolicyName", "Path", "PolicyDocument", "Roles", "Users"),
                                ("PolicyDocument",)),
}


def problems(value, want, path="#"):
    """Everything that is wrong with a value, in the words that CloudFormation uses."""
    if not want:
        return []
    if not isinstance(value, want["type"]):
        return [f"{path}: expected type: {getattr(want['type'], '__name__', 'bool')}, found: {type(value).__name__}"]
    found = []
    if want["type"] is dict:
        found += [f"{path}: required key [{key}] not found" for key in want["required"] if value.get(key) in (None, "")]
        found += [f"{path}: extraneous key [{key}] is not permitted" for key in value if key not in want["properties"]]
        if want["one_of"] and len(set(want["one_of"]) & set(value)) != 1:
            found.append(f"{path}: exactly one of {list(want['one_of'])} is required")
        for key, part in want["properties"].items():
            if value.get(key) is not None:
                found += problems(value[key], part, f"{path}/{key}")
    elif want["type"] is list:
        if len(value) < want.get("low", 0):
            found.append(f"{path}: expected minimum item count: {want['low']}, found: {len(value)}")
        for number, item in enumerate(value):
            found += problems(item, want["items"], f"{path}/{number}")
    elif "enum" in want and value not in want["enum"]:
        found.append(f"{path}: {value} is not a valid enum value")
    elif "pattern" in want:
        low, high = want["length"]
        if not re.fullmatch(want["pattern"], value) or not low <= len(value) <= high:
            found.append(f"{path}: failed validation constraint for keyword [pattern]")
    return found


def check(rtype, logical_id, props):
    """Refuse properties that AWS's schema would refuse."""
    if rtype in TYPES:
        found = problems(props, TYPES[rtype])
    elif rtype in MODELLED:
        allowed, required = MODELLED[rtype]
        found = [f"#: required key [{key}] not found" for key in required if props.get(key) in (None, "")]
        found += [f"#: extraneous key [{key}] is not permitted (or not modelled by the test world)"
                  for key in props if key not in allowed]
    else:
        return
    if found:
        raise ValueError(f"Properties validation failed for resource {logical_id} with message: {'; '.join(found)}")
