"""Amazon Security Lake: data lakes, log sources, subscribers; as CloudFormation types and as an API."""
import json
import re
import time

from . import backends, emulator, lakeformation, names, ram
from .store import WORLD, Refused

EVENT_CLASSES = {"CLOUD_TRAIL_MGMT": ["API_ACTIVITY"], "VPC_FLOW": ["NETWORK_ACTIVITY"], "EKS_AUDIT": ["API_ACTIVITY"]}


def _here():
    return emulator.account(), emulator.region()


def make_lake(account, region, sources=names.LOG_SOURCES):
    """A running data lake with its Glue database and one table per log source, as if made by hand before."""
    arn = names.lake_arn(account, region)
    bucket = "arn:" + names.partition(region) + ":s3:::" + names.lake_bucket(WORLD.seed, account, region)
    WORLD.box(account, region, "lake")[arn] = {"dataLakeArn": arn, "region": region, "s3BucketArn": bucket,
                                               "createStatus": "COMPLETED",
                                               "encryptionConfiguration": {"kmsKeyId": "S3_MANAGED_KEY"}}
    with emulator.scope(account, region):
        backends.put_glue_database(names.database(region))
    for name, version in sources:
        turn_on(account, region, name.upper(), version, None)
    return arn, bucket


def turn_on(account, region, name, version, accounts):
    if version == "latest":
        version = "2.0"
    if (name.lower(), version) not in names.LOG_SOURCES:
        raise Refused("BadRequestException", f"Source version {version} is not available for {name}")
    WORLD.box(account, region, "source")[f"{name}|{version}"] = {"name": name, "version": version, "accounts": accounts}
    with emulator.scope(account, region):
        backends.put_glue_table(names.database(region), names.table(region, name, version))


def _require_lake(arn, account, region):
    if arn not in WORLD.box(account, region, "lake"):
        raise Refused("ResourceNotFoundException", f"Data lake {arn} was not found (Service: SecurityLake, Status Code: 404)")


# -- AWS::SecurityLake::DataLake -------------------------------------------------------------------------------------

def create_lake(_logical_id, _props, _stack):
    account, region = _here()
    if WORLD.box(account, region, "lake"):
        raise Refused("ConflictException", f"A data lake already exists in {region} (Service: SecurityLake, Status Code: 409)")
    arn, bucket = make_lake(account, region, ())
    return arn, {"Arn": arn, "S3BucketArn": bucket}


def update_lake(physical_id, _old, _new, _stack):
    lake = WORLD.box(*_here(), "lake")[physical_id]
    return physical_id, {"Arn": physical_id, "S3BucketArn": lake["s3BucketArn"]}


def delete_lake(physical_id, _props):
    WORLD.box(*_here(), "lake").pop(physical_id, None)


# -- AWS::SecurityLake::AwsLogSource ---------------------------------------------------------------------------------

SOURCE_TYPE = "AWS::SecurityLake::AwsLogSource"


def _leads_to(resources, start):
    """Everything that a resource waits for, at any distance: DependsOn, Ref, Fn::GetAtt and Fn::Sub."""
    seen, left = set(), [start]
    while left:
        resource = resources[left.pop()]
        named = resource.get("DependsOn") or []
        named = {named} if isinstance(named, str) else set(named)
        text = json.dumps(resource.get("Properties") or {})
        named |= {name for name in resources if re.search(r'"Ref": "%s"|"Fn::GetAtt": (\["|")%s[".]|\$\{%s[.}]' % ((re.escape(name),) * 3), text)}
        left += named & set(resources) - seen
        seen |= named
    return seen


def _require_order(logical_id, stack):
    """AWS works on one log source of a lake at a time and in parallel on what the template does not order; ministack
    goes one by one, so the template is judged instead: any two log sources of a stack must be ordered."""
    resources = emulator.DEPLOYING.get()
    if logical_id not in resources or "ROLLBACK" in emulator.stack(stack)["StackStatus"]:
        return
    before = _leads_to(resources, logical_id)
    for other, resource in resources.items():
        if (other != logical_id and resource.get("Type") == SOURCE_TYPE and other not in before
                and logical_id not in _leads_to(resources, other)):
            raise Refused("ConflictException", f"A conflict occurred when processing the request: {other} and {logical_id} change the same "
                          "data lake at once; order them with DependsOn (Service: SecurityLake, Status Code: 409)")


def create_source(logical_id, props, stack):
    account, region = _here()
    _require_lake(props["DataLakeArn"], account, region)
    _require_order(logical_id, stack)
    key = f"{props['SourceName']}|{props['SourceVersion']}"
    if key in WORLD.box(account, region, "source"):
        raise Refused("AlreadyExists", f"Resource of type 'AWS::SecurityLake::AwsLogSource' with identifier '{key}' already exists.")
    turn_on(account, region, props["SourceName"], props["SourceVersion"], props.get("Accounts"))
    return key, {}


def update_source(physical_id, _old, new, stack):
    """Only the accounts can change in place."""
    _require_order(emulator.logical_id(stack, physical_id), stack)
    WORLD.box(*_here(), "source")[physical_id]["accounts"] = new.get("Accounts")
    return physical_id, {}


def delete_source(physical_id, _props):
    """Collection stops; the table with the data that is there stays. A replacement's clean-up or rollback ends up here, too."""
    displaced = WORLD.box(*_here(), "displaced_source")
    for new_id, (old_id, _record) in list(displaced.items()):
        if old_id == physical_id:       # clean-up: the old source went before the new one came
            del displaced[new_id]
            return
    WORLD.box(*_here(), "source").pop(physical_id, None)
    if physical_id in displaced:
        put_source_back(displaced.pop(physical_id))


def displace_source(physical_id):
    """A new version is a replacement, delete_then_create: nothing is collected in between."""
    return physical_id, WORLD.box(*_here(), "source").pop(physical_id, None)


def source_displaced_by(new_id, old):
    WORLD.box(*_here(), "displaced_source")[new_id] = old


def settle(rolled_back):
    """An operation is over. Old versions that it put aside come back if it failed, also when the new ones are retained."""
    displaced = WORLD.box(*_here(), "displaced_source")
    for old in displaced.values() if rolled_back else ():
        put_source_back(old)
    displaced.clear()


def put_source_back(old):
    physical_id, record = old
    if record:
        WORLD.box(*_here(), "source")[physical_id] = record


# -- AWS::SecurityLake::Subscriber -----------------------------------------------------------------------------------

def _wanted_tables(props, account, region):
    """ARNs that the share carries: the database, then one table per source that is collected."""
    arns = [names.database_arn(account, region)]
    for source in props["Sources"]:
        aws = source.get("AwsLogSource")
        if not aws:
            raise Refused("BadRequestException", "custom log sources are not modelled by the test world")
        version = "2.0" if aws["SourceVersion"] == "latest" else aws["SourceVersion"]
        if f"{aws['SourceName']}|{version}" not in WORLD.box(account, region, "source"):
            raise Refused("BadRequestException", f"{aws['SourceName']} {version} is not a log source of this data lake"
                          " (Service: SecurityLake, Status Code: 400)")
        arns.append(names.table_arn(account, region, aws["SourceName"], version))
    return arns


def _name_is_free(name, account, region, but=None):
    for arn, subscriber in WORLD.box(account, region, "subscriber").items():
        if arn != but and subscriber["subscriberName"] == name:
            raise Refused("ConflictException", f"Subscriber {name} already exists (Service: SecurityLake, Status Code: 409)")


def _share(record, props, account, region):
    """A new share for the subscriber; Security Lake makes one at creation and after a change of identity."""
    identity = props["SubscriberIdentity"]
    number = WORLD.counters.get((account, region, "share"), 0) + 1
    name = names.share_name(WORLD.seed, account, region, number, identity["ExternalId"])
    record["resourceShareName"] = name
    record["resourceShareArn"] = ram.make_share(account, region, name, identity["Principal"],
                                                _wanted_tables(props, account, region))


def _describe(record, props):
    record.update(subscriberName=props["SubscriberName"], accessTypes=props["AccessTypes"],
                  sources=[{"awsLogSource": {"sourceName": s["AwsLogSource"]["SourceName"],
                                             "sourceVersion": s["AwsLogSource"]["SourceVersion"]}} for s in props["Sources"]],
                  subscriberIdentity={"externalId": props["SubscriberIdentity"]["ExternalId"],
                                      "principal": props["SubscriberIdentity"]["Principal"]},
                  updatedAt=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                  tags={t["Key"]: t["Value"] for t in props.get("Tags") or []})
    record.pop("subscriberDescription", None)
    if props.get("SubscriberDescription"):
        record["subscriberDescription"] = props["SubscriberDescription"]


def _attributes(record):
    return {"SubscriberArn": record["subscriberArn"], "SubscriberRoleArn": "", "S3BucketArn": record["s3BucketArn"],
            "ResourceShareArn": record.get("resourceShareArn", ""), "ResourceShareName": record.get("resourceShareName", "")}


def create_subscriber(_logical_id, props, _stack):
    account, region = _here()
    _require_lake(props["DataLakeArn"], account, region)
    lakeformation.require_administrator("create a Security Lake subscriber")
    arn, record = make_subscriber(account, region, props)
    return arn, _attributes(record)


def make_subscriber(account, region, props):
    """A subscriber with its share; also one that somebody made by hand before."""
    _name_is_free(props["SubscriberName"], account, region)
    _wanted_tables(props, account, region)
    ident = names.subscriber_id(WORLD.seed, account, region, WORLD.count(account, region, "subscriber"))
    arn = f"arn:{names.partition(region)}:securitylake:{region}:{account}:subscriber/{ident}"
    record = {"subscriberArn": arn, "subscriberId": ident, "subscriberStatus": "ACTIVE",
              "s3BucketArn": WORLD.box(account, region, "lake")[props["DataLakeArn"]]["s3BucketArn"],
              "createdAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    _describe(record, props)
    if "LAKEFORMATION" in props["AccessTypes"]:
        _share(record, props, account, region)
    WORLD.box(account, region, "subscriber")[arn] = record
    return arn, record


def seed_subscriber(account, wanted):
    region, sources = wanted["region"], [entry.rsplit(":", 1) for entry in wanted["sources"]]
    make_subscriber(account, region, {
        "SubscriberName": wanted["name"], "DataLakeArn": names.lake_arn(account, region), "AccessTypes": ["LAKEFORMATION"],
        "SubscriberIdentity": {"Principal": wanted["principal"], "ExternalId": wanted["external_id"]},
        "Sources": [{"AwsLogSource": {"SourceName": name.upper(), "SourceVersion": version}} for name, version in sources]})


def update_subscriber(physical_id, old, new, _stack):
    """In place. The share survives unless the identity changes; the access type cannot change at all."""
    account, region = _here()
    record = WORLD.box(account, region, "subscriber").get(physical_id)
    if record is None:
        raise Refused("ResourceNotFoundException", f"Subscriber {physical_id} was not found")
    if old["AccessTypes"] != new["AccessTypes"]:
        raise Refused("BadRequestException", "AccessTypes of a subscriber cannot be changed (UpdateSubscriber has no such input)")
    lakeformation.require_administrator("update a Security Lake subscriber")
    _name_is_free(new["SubscriberName"], account, region, but=physical_id)
    tables = _wanted_tables(new, account, region)
    if "resourceShareArn" in record:
        if old["SubscriberIdentity"] != new["SubscriberIdentity"]:
            ram.delete_share(record["resourceShareArn"])
            _share(record, new, account, region)
        else:
            ram.set_resources(record["resourceShareArn"], tables)
    _describe(record, new)
    return physical_id, _attributes(record)


def delete_subscriber(physical_id, _props):
    record = WORLD.box(*_here(), "subscriber").pop(physical_id, None)
    if record and "resourceShareArn" in record:
        ram.delete_share(record["resourceShareArn"])


# -- API -------------------------------------------------------------------------------------------------------------

def _lakes(account, regions):
    lakes = [lake for (owner, region, kind), box in sorted(WORLD.boxes.items()) if kind == "lake" and owner == account
             for lake in box.values() if not regions or region in regions]
    return {"dataLakes": lakes}


def _public(record):
    return {key: value for key, value in record.items() if key != "tags"}


def _sources(request, account, region):
    """What get-data-lake-sources says: who is collected, one row per account and source."""
    rows = []
    for source in WORLD.box(account, region, "source").values():
        for owner in source["accounts"] or [account]:
            if not request.get("accounts") or owner in request["accounts"]:
                rows.append({"account": owner, "sourceName": source["name"],
                             "eventClasses": EVENT_CLASSES.get(source["name"], []),
                             "sourceStatuses": [{"resource": f"{source['name']} {source['version']}", "status": "COLLECTING"}]})
    return {"dataLakeArn": names.lake_arn(account, region), "dataLakeSources": rows}


def _log_sources(request, account, region):
    """What list-log-sources says: the sources of each account, or only those that the request names."""
    wanted = [(source["awsLogSource"]["sourceName"], source["awsLogSource"].get("sourceVersion")) for source in request.get("sources") or []]
    by_account = {}
    for source in WORLD.box(account, region, "source").values():
        if wanted and not any(name == source["name"] and version in (None, source["version"]) for name, version in wanted):
            continue
        for owner in source["accounts"] or [account]:
            by_account.setdefault(owner, []).append(
                {"awsLogSource": {"sourceName": source["name"], "sourceVersion": source["version"]}})
    return {"sources": [{"account": owner, "region": region, "sources": sources} for owner, sources in sorted(by_account.items())]}


def _switch_off(request, account):
    """DeleteAwsLogSource: whole sources or some of their accounts; what is not on is no error here."""
    for wanted in request["sources"]:
        for region in wanted["regions"]:
            box = WORLD.box(account, region, "source")
            for key in [key for key, source in box.items() if source["name"] == wanted["sourceName"]
                        and source["version"] == wanted.get("sourceVersion", source["version"])]:
                gone = wanted.get("accounts") or box[key]["accounts"] or [account]
                left = [owner for owner in box[key]["accounts"] or [account] if owner not in gone]
                if left:
                    box[key]["accounts"] = left
                else:
                    del box[key]
    return {"failed": []}


def handle(method, path, query, request, account, region):
    """One call of the Security Lake API, or None when it is not modelled."""
    parts = path.strip("/").split("/")
    if method == "GET" and parts == ["v1", "datalakes"]:
        return _lakes(account, query.get("regions"))
    if method == "POST" and parts == ["v1", "datalake", "sources"]:
        return _sources(request, account, region)
    if method == "POST" and parts == ["v1", "datalake", "logsources", "list"]:
        return _log_sources(request, account, region)
    if method == "POST" and parts == ["v1", "datalake", "logsources", "aws", "delete"]:
        return _switch_off(request, account)
    subscribers = WORLD.box(account, region, "subscriber")
    if method == "GET" and parts == ["v1", "subscribers"]:
        return {"subscribers": [_public(s) for s in subscribers.values()]}
    if method == "GET" and parts[:2] == ["v1", "subscribers"] and len(parts) == 3:
        found = next((s for s in subscribers.values() if s["subscriberId"] == parts[2]), None)
        if not found:
            raise Refused("ResourceNotFoundException", f"Subscriber {parts[2]} was not found", 404)
        return {"subscriber": _public(found)}
    if method == "GET" and parts[:2] == ["v1", "tags"]:
        found = subscribers.get("/".join(parts[2:]), {})
        return {"tags": [{"key": key, "value": value} for key, value in sorted(found.get("tags", {}).items())]}
    return None
