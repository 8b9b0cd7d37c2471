"""Names and ids that AWS would give, made from a seed so that committed examples can pin them."""
import base64
import uuid

DEFAULT_SEED = 7
FUNCTION_TOKEN = "lakeworld-function"       # session token of the functions that run here, so that the log of calls can tell
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "test-world.lakelink.example")

BOTH_VERSIONS = ("cloud_trail_mgmt", "lambda_execution", "route53", "s3_data", "sh_findings", "vpc_flow")
VERSION_2_ONLY = ("eks_audit", "waf")
LOG_SOURCES = tuple(sorted([(name, version) for name in BOTH_VERSIONS for version in ("1.0", "2.0")]
                           + [(name, "2.0") for name in VERSION_2_ONLY]))


def partition(region):
    """The partition that a Region belongs to."""
    if region.startswith("us-gov-"):
        return "aws-us-gov"
    return "aws-cn" if region.startswith("cn-") else "aws"


def _uuid(kind, seed, account, region, number):
    return uuid.uuid5(NAMESPACE, f"{kind}/{seed}/{account}/{region}/{number}")


def share_arn(seed, account, region, number, kind="share"):
    """ARN of the RAM share number `number` (from 1) that Security Lake makes in this account and Region."""
    return f"arn:{partition(region)}:ram:{region}:{account}:resource-share/{_uuid(kind, seed, account, region, number)}"


def invitation_arn(seed, account, region, number, kind="share"):
    kind = kind.replace("share", "invitation")
    return f"arn:{partition(region)}:ram:{region}:{account}:resource-share-invitation/{_uuid(kind, seed, account, region, number)}"


def share_name(seed, account, region, number, external_id):
    """LakeFormation-V3-<10 letters>-<external id>; callers must treat it as opaque."""
    letters = base64.b32encode(_uuid("name", seed, account, region, number).bytes).decode()[:10]
    return f"LakeFormation-V3-{letters}-{external_id}"


def subscriber_id(seed, account, region, number):
    return str(_uuid("subscriber", seed, account, region, number))


def lake_arn(account, region):
    return f"arn:{partition(region)}:securitylake:{region}:{account}:data-lake/default"


def lake_bucket(seed, account, region):
    return f"aws-security-data-lake-{region}-{_uuid('bucket', seed, account, region, 0).hex[:20]}"


def database(region):
    return "amazon_security_lake_glue_db_" + region.replace("-", "_")


def table(region, source, version):
    return f"amazon_security_lake_table_{region.replace('-', '_')}_{source.lower()}_{version.replace('.', '_')}"


def database_arn(account, region):
    return f"arn:{partition(region)}:glue:{region}:{account}:database/{database(region)}"


def table_arn(account, region, source, version):
    return f"arn:{partition(region)}:glue:{region}:{account}:table/{database(region)}/{table(region, source, version)}"
