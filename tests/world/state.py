"""Prints what is really there in one account and Region, read only through AWS's public APIs.

    python state.py --endpoint http://127.0.0.1:PORT --account 111122223333 --region us-east-1
    python state.py --serve      for every line `["http://127.0.0.1:PORT", "111122223333", "us-east-1"]` one of JSON, until stdin ends
"""
import argparse
import functools
import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError


@functools.lru_cache(8)     # of one world, mostly
def reader(endpoint, account, region):
    return Reader(endpoint, account, region)


class Reader:
    """boto3 clients of one account (its number is the access key id) and Region."""

    def __init__(self, endpoint, account, region):
        self.account, self.region, self.endpoint = account, region, endpoint
        self.config = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})
        self.clients = {}

    def __getattr__(self, service):
        if service not in self.clients:
            self.clients[service] = boto3.client(service, aws_access_key_id=self.account, aws_secret_access_key="world",
                                                 region_name=self.region, endpoint_url=self.endpoint, config=self.config)
        return self.clients[service]

    def partition(self):
        return self.sts.get_caller_identity()["Arn"].split(":")[1]

    def function(self, name):
        return getattr(self, "lambda").get_function(FunctionName=name)

    def all(self, service, operation, field, **arguments):
        """Every page of a listing."""
        client = getattr(self, service)
        if client.can_paginate(operation):
            return [item for page in client.get_paginator(operation).paginate(**arguments) for item in page.get(field, [])]
        return getattr(client, operation)(**arguments).get(field, [])


def optional(call, field=None):
    """The answer of a call, or None when the service says that there is no such thing."""
    try:
        answer = call()
    except ClientError as problem:
        if problem.response["ResponseMetadata"]["HTTPStatusCode"] == 404 or problem.response["Error"]["Code"].startswith("NoSuch"):
            return None
        raise
    return answer.get(field) if field else answer


def own_tags(pairs):
    """Tags without those that CloudFormation adds by itself, which hold ids of this run."""
    return {tag["Key"]: tag["Value"] for tag in pairs or [] if not tag["Key"].startswith("aws:")}


def document(value):
    return json.loads(value) if isinstance(value, str) else value


def stacks(read):
    found = {}
    for stack in read.all("cloudformation", "describe_stacks", "Stacks"):
        resources = read.all("cloudformation", "list_stack_resources", "StackResourceSummaries", StackName=stack["StackName"])
        change_sets = read.all("cloudformation", "list_change_sets", "Summaries", StackName=stack["StackName"])
        found[stack["StackName"]] = {
            "status": stack["StackStatus"], "reason": stack.get("StackStatusReason") or None, "role": stack.get("RoleARN"),
            "outputs": {o["OutputKey"]: o["OutputValue"] for o in stack.get("Outputs", [])},
            "parameters": {p["ParameterKey"]: p["ParameterValue"] for p in stack.get("Parameters", [])},
            "tags": own_tags(stack.get("Tags")), "protected": bool(stack.get("EnableTerminationProtection")),
            "open_change_sets": sum(s.get("ExecutionStatus") == "AVAILABLE" for s in change_sets),
            "resources": {r["LogicalResourceId"]: r["ResourceType"] for r in resources}}
    return found


def stack_sets(read):
    """Those that this account holds, in this Region."""
    found = {}
    for summary in read.all("cloudformation", "list_stack_sets", "Summaries", Status="ACTIVE"):
        name = summary["StackSetName"]
        one = read.cloudformation.describe_stack_set(StackSetName=name)["StackSet"]
        instances = {}
        for place in read.all("cloudformation", "list_stack_instances", "Summaries", StackSetName=name):
            instance = read.cloudformation.describe_stack_instance(
                StackSetName=name, StackInstanceAccount=place["Account"], StackInstanceRegion=place["Region"])["StackInstance"]
            instances[f"{place['Account']} {place['Region']}"] = {
                "status": instance["Status"], "detailed": instance["StackInstanceStatus"]["DetailedStatus"], "reason": instance.get("StatusReason"),
                "stack": instance.get("StackId"), "unit": instance.get("OrganizationalUnitId"), "drift": instance["DriftStatus"],
                "overrides": {p["ParameterKey"]: p["ParameterValue"] for p in instance["ParameterOverrides"]}}
        found[name] = {
            "template": one["TemplateBody"], "parameters": {p["ParameterKey"]: p["ParameterValue"] for p in one["Parameters"]},
            "tags": own_tags(one["Tags"]), "capabilities": sorted(one["Capabilities"]), "model": one["PermissionModel"],
            "auto_deployment": one.get("AutoDeployment"), "managed": one["ManagedExecution"]["Active"], "description": one.get("Description"),
            "roles": [one.get("AdministrationRoleARN"), one.get("ExecutionRoleName")], "instances": instances}
    return found


def parameters(read):
    pages = read.all("ssm", "get_parameters_by_path", "Parameters", Path="/Detective/SLI", Recursive=True)
    tiers = {p["Name"]: p.get("Tier") for p in read.all("ssm", "describe_parameters", "Parameters")}
    return {p["Name"]: {"type": p["Type"], "value": p["Value"], "tier": tiers.get(p["Name"])} for p in pages}


def databases(read):
    return {d["Name"]: {"target": d.get("TargetDatabase"), "description": d.get("Description") or None,
                        "location": d.get("LocationUri") or None} for d in read.all("glue", "get_databases", "DatabaseList")}


def lake_formation(read):
    settings = read.lakeformation.get_data_lake_settings()["DataLakeSettings"]
    grants = [{"principal": p["Principal"]["DataLakePrincipalIdentifier"], "resource": p["Resource"],
               "permissions": p["Permissions"], "with_grant_option": p.get("PermissionsWithGrantOption", [])}
              for p in read.all("lakeformation", "list_permissions", "PrincipalResourcePermissions")]
    return {"administrators": sorted(a["DataLakePrincipalIdentifier"] for a in settings.get("DataLakeAdmins", [])),
            "parameters": settings.get("Parameters", {}),
            "permissions": sorted(grants, key=lambda g: json.dumps(g, sort_keys=True))}


def shares(read):
    resources = read.all("ram", "list_resources", "resources", resourceOwner="OTHER-ACCOUNTS")
    invitations = read.all("ram", "get_resource_share_invitations", "resourceShareInvitations")
    return {"others_resources": sorted(({"arn": r["arn"], "type": r["type"], "share": r["resourceShareArn"]} for r in resources),
                                       key=lambda r: (r["share"], r["arn"])),
            "own": sorted(s["resourceShareArn"] for s in read.all("ram", "get_resource_shares", "resourceShares", resourceOwner="SELF")),
            "invitations": sorted(({"arn": i["resourceShareInvitationArn"], "share": i["resourceShareArn"], "status": i["status"],
                                    "sender": i["senderAccountId"]} for i in invitations), key=lambda i: i["arn"])}


def bucket(read, name):
    s3 = read.s3
    policy = optional(lambda: s3.get_bucket_policy(Bucket=name), "Policy")
    encryption = optional(lambda: s3.get_bucket_encryption(Bucket=name), "ServerSideEncryptionConfiguration")
    return {"public_access_block": optional(lambda: s3.get_public_access_block(Bucket=name), "PublicAccessBlockConfiguration"),
            "ownership": [r["ObjectOwnership"] for r in (optional(lambda: s3.get_bucket_ownership_controls(Bucket=name),
                                                                  "OwnershipControls") or {}).get("Rules", [])],
            "lifecycle": optional(lambda: s3.get_bucket_lifecycle_configuration(Bucket=name), "Rules") or [],
            "encryption": (encryption or {}).get("Rules", []), "policy": document(policy),
            "tags": own_tags(optional(lambda: s3.get_bucket_tagging(Bucket=name), "TagSet")),
            "versioning": s3.get_bucket_versioning(Bucket=name).get("Status")}


def buckets(read):
    found = {}
    for entry in read.s3.list_buckets()["Buckets"]:
        where = read.s3.get_bucket_location(Bucket=entry["Name"])["LocationConstraint"] or "us-east-1"
        if where == read.region:
            found[entry["Name"]] = bucket(read, entry["Name"])
    return found


def workgroups(read):
    found = {}
    for summary in read.all("athena", "list_work_groups", "WorkGroups"):
        name = summary["Name"]
        group = read.athena.get_work_group(WorkGroup=name)["WorkGroup"]
        ids = read.all("athena", "list_named_queries", "NamedQueryIds", WorkGroup=name)
        queries = [read.athena.get_named_query(NamedQueryId=ident)["NamedQuery"] for ident in ids]
        arn = f"arn:{read.partition()}:athena:{read.region}:{read.account}:workgroup/{name}"
        found[name] = {"state": group.get("State"), "description": group.get("Description"), "configuration": group.get("Configuration", {}),
                       "tags": own_tags(optional(lambda: read.athena.list_tags_for_resource(ResourceARN=arn), "Tags")),
                       "named_queries": {q["Name"]: {"database": q["Database"], "description": q.get("Description"),
                                                     "query": q["QueryString"]} for q in queries}}
    return found


def _source_accounts(entries):
    found = {}
    for entry in entries:
        for source in entry["sources"]:
            name = f"{source['awsLogSource']['sourceName']} {source['awsLogSource']['sourceVersion']}"
            found.setdefault(name, []).append(entry["account"])
    return {name: sorted(accounts) for name, accounts in found.items()}


def security_lake(read):
    lakes = read.securitylake.list_data_lakes(regions=[read.region])["dataLakes"]
    subscribers = read.all("securitylake", "list_subscribers", "subscribers")
    sources = read.all("securitylake", "list_log_sources", "sources") if lakes else []
    return {"data_lakes": {lake["dataLakeArn"]: lake["createStatus"] for lake in lakes},
            "sources": sorted(f"{entry['account']} {s['awsLogSource']['sourceName']} {s['awsLogSource']['sourceVersion']}"
                              for entry in sources for s in entry["sources"]),
            "source_accounts": _source_accounts(sources),
            "subscribers": {s["subscriberName"]: {
                "arn": s["subscriberArn"], "status": s["subscriberStatus"], "access_types": s["accessTypes"],
                "description": s.get("subscriberDescription"), "share": s.get("resourceShareArn"),
                "share_name": s.get("resourceShareName"), "identity": s["subscriberIdentity"],
                "sources": [f"{x['awsLogSource']['sourceName']} {x['awsLogSource']['sourceVersion']}" for x in s["sources"]],
                "tags": {t["key"]: t["value"] for t in read.securitylake.list_tags_for_resource(resourceArn=s["subscriberArn"])["tags"]
                         if not t["key"].startswith("aws:")}} for s in subscribers}}


def keys(read):
    """By id. `aliases` without those of AWS's own keys; a key that waits for its deletion says since how many days."""
    aliases, found = read.all("kms", "list_aliases", "Aliases"), {}
    for entry in read.all("kms", "list_keys", "Keys"):
        key = read.kms.describe_key(KeyId=entry["KeyId"])["KeyMetadata"]
        policy = read.kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"]
        found[key["KeyId"]] = {
            "arn": key["Arn"], "state": key["KeyState"], "description": key.get("Description") or None, "policy": document(policy),
            "rotation": None if key["KeyState"] == "PendingDeletion" else
            read.kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"],
            "aliases": sorted(a["AliasName"] for a in aliases if a.get("TargetKeyId") == key["KeyId"]),
            "tags": own_tags({"Key": t["TagKey"], "Value": t["TagValue"]}
                             for t in read.all("kms", "list_resource_tags", "Tags", KeyId=key["KeyId"]))}
    return found


def crawlers(read):
    kept = {"role": "Role", "database": "DatabaseName", "targets": "Targets", "table_prefix": "TablePrefix", "description": "Description",
            "schema_change": "SchemaChangePolicy", "recrawl": "RecrawlPolicy"}
    found = {}
    for crawler in read.all("glue", "get_crawlers", "Crawlers"):
        arn = f"arn:{read.partition()}:glue:{read.region}:{read.account}:crawler/{crawler['Name']}"
        found[crawler["Name"]] = {
            **{key: crawler.get(field) or None for key, field in kept.items()},
            "schedule": (crawler.get("Schedule") or {}).get("ScheduleExpression"),
            "configuration": document(crawler.get("Configuration") or "null"),
            "tags": {key: value for key, value in read.glue.get_tags(ResourceArn=arn)["Tags"].items() if not key.startswith("aws:")}}
    return found


def functions(read):
    found = {}
    for summary in read.all("lambda", "list_functions", "Functions"):
        answer = read.function(summary["FunctionName"])
        made = answer["Configuration"]
        found[made["FunctionName"]] = {
            "role": made["Role"], "runtime": made["Runtime"], "handler": made["Handler"], "timeout": made["Timeout"],
            "memory": made["MemorySize"], "architectures": made["Architectures"], "description": made.get("Description") or None,
            "environment": made.get("Environment", {}).get("Variables", {}), "log_group": made.get("LoggingConfig", {}).get("LogGroup"),
            "reserved_concurrency": answer.get("Concurrency", {}).get("ReservedConcurrentExecutions"),
            "tags": {key: value for key, value in answer.get("Tags", {}).items() if not key.startswith("aws:")}}
    return found


def log_groups(read):
    return {g["logGroupName"]: {"retention": g.get("retentionInDays"), "class": g.get("logGroupClass"),
                                "tags": {key: value for key, value in read.logs.list_tags_log_group(logGroupName=g["logGroupName"])["tags"].items()
                                         if not key.startswith("aws:")}}
            for g in read.all("logs", "describe_log_groups", "logGroups")}


def iam(read):
    roles, policies = {}, {}
    for summary in read.all("iam", "list_roles", "Roles"):
        name = summary["RoleName"]
        role = read.iam.get_role(RoleName=name)["Role"]
        inline = read.all("iam", "list_role_policies", "PolicyNames", RoleName=name)
        roles[role["Arn"]] = {
            "path": role["Path"], "trust": document(role["AssumeRolePolicyDocument"]), "description": role.get("Description"),
            "boundary": (role.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn"),
            "attached": sorted(p["PolicyArn"] for p in read.all("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=name)),
            "inline": {p: document(read.iam.get_role_policy(RoleName=name, PolicyName=p)["PolicyDocument"]) for p in inline},
            "tags": own_tags(role.get("Tags"))}
    for policy in read.all("iam", "list_policies", "Policies", Scope="Local"):
        version = read.iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])["PolicyVersion"]
        policies[policy["Arn"]] = {"path": policy["Path"], "version": policy["DefaultVersionId"], "document": document(version["Document"])}
    return {"roles": roles, "policies": policies, "users": sorted(u["Arn"] for u in read.all("iam", "list_users", "Users"))}


def state(endpoint, account, region):
    """The whole document."""
    read = reader(endpoint, account, region)
    return {"account": read.sts.get_caller_identity()["Account"], "region": region, "stacks": stacks(read),
            "stack_sets": stack_sets(read),
            "ssm_parameters": parameters(read), "glue_databases": databases(read), "lake_formation": lake_formation(read),
            "ram": shares(read), "buckets": buckets(read), "athena_workgroups": workgroups(read),
            "security_lake": security_lake(read), "kms_keys": keys(read), "crawlers": crawlers(read),
            "functions": functions(read), "log_groups": log_groups(read), "iam": iam(read)}


def main():
    parser = argparse.ArgumentParser(description="what is in one account and Region, as sorted JSON")
    alone = "--serve" not in sys.argv
    for flag in ("--endpoint", "--account", "--region"):
        parser.add_argument(flag, required=alone)
    parser.add_argument("--serve", action="store_true", help="answer many questions: most of the time goes into loading boto3's models")
    wanted = parser.parse_args()
    if wanted.serve:
        for line in sys.stdin:
            print(json.dumps(state(*json.loads(line)), sort_keys=True, default=str), flush=True)
        return
    print(json.dumps(state(wanted.endpoint, wanted.account, wanted.region), sort_keys=True, indent=1, default=str))


if __name__ == "__main__":
    main()
