"""AWS Glue crawlers: the checks that AWS makes when one is created. Here none ever crawls."""
import json
import re

from . import backends, emulator, principals
from .names import partition
from .schema import FREE, STRING, STRINGS, enum, many, pattern, shape

S3_TARGET = shape({"Path": STRING, "Exclusions": STRINGS, "SampleSize": {"type": (int, str)}, "ConnectionName": STRING,
                   "EventQueueArn": STRING, "DlqEventQueueArn": STRING})
CATALOG_TARGET = shape({"DatabaseName": STRING, "Tables": STRINGS, "ConnectionName": STRING, "EventQueueArn": STRING, "DlqEventQueueArn": STRING})
TYPES = {"AWS::Glue::Crawler": shape({
    "Name": pattern(r"[^\r\n]+", 1, 255), "Role": STRING, "DatabaseName": STRING, "Description": pattern(r"[^\0]*", 0, 2048),
    "Targets": shape({"S3Targets": many(S3_TARGET), "CatalogTargets": many(CATALOG_TARGET)}),
    "Schedule": shape({"ScheduleExpression": STRING}), "TablePrefix": pattern(r".*", 0, 128), "Classifiers": STRINGS,
    "SchemaChangePolicy": shape({"UpdateBehavior": enum("LOG", "UPDATE_IN_DATABASE"),
                                 "DeleteBehavior": enum("LOG", "DELETE_FROM_DATABASE", "DEPRECATE_IN_DATABASE")}),
    "RecrawlPolicy": shape({"RecrawlBehavior": enum("CRAWL_EVERYTHING", "CRAWL_NEW_FOLDERS_ONLY", "CRAWL_EVENT_MODE")}),
    "LakeFormationConfiguration": shape({"UseLakeFormationCredentials": {"type": (bool, str)}, "AccountId": STRING}),
    "Configuration": STRING, "CrawlerSecurityConfiguration": STRING, "Tags": FREE}, ("Role", "Targets"))}
RATE = re.compile(r"rate\(([1-9]\d*) (minutes?|hours?|days?)\)")
CRON = re.compile(r"cron\((\S+ ){5}\S+\)")
KNOWN = {"Version", "CrawlerOutput", "Grouping", "CreatePartitionIndex"}


def _invalid(text):
    raise ValueError(f"{text} (Service: Glue, Status Code: 400, InvalidInputException)")


def _check_configuration(text):
    try:
        found = json.loads(text)
    except ValueError:
        _invalid("Configuration is not JSON")
    if not isinstance(found, dict) or found.get("Version") != 1.0 or set(found) - KNOWN:
        _invalid(f"Configuration needs Version 1.0 and knows {sorted(KNOWN)}")


def _check_targets(targets):
    if not any(targets.values()):
        _invalid("At least one crawl target is required")
    for target in targets.get("S3Targets") or []:
        if not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]+(/.*)?", target.get("Path", "")):
            _invalid(f"Path {target.get('Path')} is not an S3 path")
        if any(not pattern for pattern in target.get("Exclusions") or []):
            _invalid("An exclusion is empty")
    for target in targets.get("CatalogTargets") or []:
        database = backends.glue_database(target.get("DatabaseName", ""))
        if not database or database.get("TargetDatabase"):
            _invalid(f"CatalogTargets: {target.get('DatabaseName')} is not a database of this account (a link is none)")


def check_crawler(_logical_id, props, physical_id):
    role, name = props["Role"], props.get("Name")
    arn = role if role.startswith("arn:") else f"arn:{partition(emulator.region())}:iam::{emulator.account()}:role/{role}"
    if not principals.service_trusted(arn, "glue.amazonaws.com"):
        _invalid(f"Service is unable to assume provided role. Please verify role's TrustPolicy: {role}")
    if name and physical_id is None and backends.crawler_exists(name):
        raise ValueError(f"Resource of type 'AWS::Glue::Crawler' with identifier '{name}' already exists. (HandlerErrorCode: AlreadyExists)")
    _check_targets(props["Targets"])
    if props["Targets"].get("S3Targets") and not backends.glue_database(props.get("DatabaseName", "")):
        _invalid(f"Database {props.get('DatabaseName')} not found")
    if props.get("Configuration"):
        _check_configuration(props["Configuration"])
    schedule = (props.get("Schedule") or {}).get("ScheduleExpression")
    if schedule and not RATE.fullmatch(schedule) and not CRON.fullmatch(schedule):
        _invalid(f"Schedule {schedule} is not a rate or a cron expression of six fields")
    if (props.get("RecrawlPolicy") or {}).get("RecrawlBehavior") == "CRAWL_NEW_FOLDERS_ONLY" and set(
            (props.get("SchemaChangePolicy") or {"": ""}).values()) != {"LOG"}:
        _invalid("CRAWL_NEW_FOLDERS_ONLY needs both behaviours of SchemaChangePolicy to be LOG")
    if not isinstance(props.get("Tags") or {}, dict):
        raise ValueError("Properties validation failed: #/Tags: expected type: JSONObject, found: JSONArray")


GUARDS = {"AWS::Glue::Crawler": (check_crawler, None, None)}
