"""Fills a fresh world: accounts, their roles, users, policies, buckets and keys, data lakes that run already, old shares."""
import json

from . import backends, emulator, lakeformation, names, natives, ram, securitylake
from .store import WORLD

CHOICES = {"settings_removal": ("takes_ours", "leaves", "wipes"), "other_change_sets": ("deleted", "obsolete")}
ANYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def _trust(account, partition):
    """Seeded roles may be assumed from their own account and by CloudFormation, as deploy roles usually are."""
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {
        "AWS": f"arn:{partition}:iam::{account}:root", "Service": "cloudformation.amazonaws.com"}}]}


def _split(name):
    """`path/to/name` into (/path/to/, name)."""
    path, _, last = name.rpartition("/")
    return (f"/{path}/" if path else "/"), last


def _check_keys(where, given, known):
    unknown = set(given) - set(known)
    if unknown:
        raise SystemExit(f"seed: unknown keys {sorted(unknown)} in {where}")


def _seed_storage(account, wanted):
    """Buckets and keys that somebody made before, keys by their id."""
    for ident, entry in (wanted.get("keys") or {}).items():
        _check_keys(f"key {ident}", entry, ("region", "alias", "policy"))
        with emulator.scope(account, entry["region"]):
            backends.put_kms_key(ident, entry.get("policy"), entry.get("alias"))
    for name, entry in (wanted.get("buckets") or {}).items():
        _check_keys(f"bucket {name}", entry, ("region", "versioning", "tags", "policy", "encryption"))
        with emulator.scope(account, entry["region"]):
            backends.put_bucket(name)
            props = {"VersioningConfiguration": {"Status": "Enabled" if entry.get("versioning") is True else entry.get("versioning") or None},
                     "Tags": [{"Key": key, "Value": value} for key, value in (entry.get("tags") or {}).items()]}
            if entry.get("encryption"):
                props["BucketEncryption"] = {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {
                    "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": entry["encryption"]}}]}
            natives.apply_bucket(name, props, None)
            if entry.get("policy"):
                backends.put_bucket_policy(name, json.dumps(entry["policy"]))


def _seed_account(account, wanted):
    _check_keys(account, wanted, ("lake_regions", "lake_sources", "subscribers", "roles", "users", "policies", "lake_formation_admins", "partition",
                                  "buckets", "keys", "stack_set_role"))
    if wanted.get("stack_set_role"):
        WORLD.stack_set_roles[account] = wanted["stack_set_role"]
    regions = wanted.get("lake_regions") or []
    partition = wanted.get("partition") or (names.partition(regions[0]) if regions else "aws")
    with emulator.scope(account, regions[0] if regions else "us-east-1"):
        for entry in wanted.get("roles") or []:
            entry = {"name": entry} if isinstance(entry, str) else entry
            path, name = _split(entry["name"])
            emulator.put_role(name, path, f"arn:{partition}:iam::{account}:role{path}{name}",
                              json.dumps(entry.get("trust") or _trust(account, partition)))
        for entry in wanted.get("users") or []:
            path, name = _split(entry)
            emulator.put_user(name, path, f"arn:{partition}:iam::{account}:user{path}{name}")
        for entry in wanted.get("policies") or []:
            path, name = _split(entry)
            emulator.put_policy(f"arn:{partition}:iam::{account}:policy{path}{name}", name, path, ANYTHING)
    _seed_storage(account, wanted)
    sources = wanted.get("lake_sources")
    pairs = names.LOG_SOURCES if sources is None else [tuple(s.rsplit(":", 1)) for s in sources]
    for region in regions:
        securitylake.make_lake(account, region, pairs)
    for entry in wanted.get("subscribers") or []:
        _check_keys(f"a subscriber of {account}", entry, ("region", "name", "principal", "external_id", "sources"))
        securitylake.seed_subscriber(account, entry)
    for region, admins in (wanted.get("lake_formation_admins") or {}).items():
        settings = lakeformation.settings(account, region)
        settings["DataLakeAdmins"] = [{"DataLakePrincipalIdentifier": arn} for arn in admins]


def plant(wanted):
    """Apply a seed document; README.md describes its keys."""
    _check_keys("the document", wanted, ("seed", "organization", "ram_empty_pages", "ram_cannot_leave", "slow_shares", *CHOICES, "new_role_calls", "reply_ms", "accounts", "shares", "units"))
    WORLD.seed = wanted.get("seed", names.DEFAULT_SEED)
    WORLD.organization = bool(wanted.get("organization"))
    WORLD.ram_empty_pages, WORLD.ram_cannot_leave = bool(wanted.get("ram_empty_pages")), bool(wanted.get("ram_cannot_leave"))
    WORLD.slow_shares = bool(wanted.get("slow_shares"))
    WORLD.new_role_calls, WORLD.reply_ms = int(wanted.get("new_role_calls", 0)), int(wanted.get("reply_ms", 0))
    if wanted.get("units"):
        _check_keys("units", wanted["units"], ("management", "delegated", "units"))
        WORLD.units = {"delegated": [], "units": {}, **wanted["units"]}
    for key, known in CHOICES.items():
        if wanted.get(key, known[0]) not in known:
            raise SystemExit(f"seed: {key} {wanted[key]!r} is not one of {', '.join(known)}")
        setattr(WORLD, key, wanted.get(key, known[0]))
    for account, entry in (wanted.get("accounts") or {}).items():
        _seed_account(account, entry)
    for entry in wanted.get("shares") or []:
        _check_keys("a share", entry, ("owner", "region", "receiver", "name", "tables", "resources", "status", "stale"))
        ram.seed_share(entry["owner"], entry)
