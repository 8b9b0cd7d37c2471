"""Fills a fresh world: accounts, their roles, users and policies, and the data lakes that run already."""
import json

from . import emulator, lakeformation, names, securitylake
from .store import WORLD

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


def _seed_account(account, wanted):
    _check_keys(account, wanted, ("lake_regions", "lake_sources", "roles", "users", "policies", "lake_formation_admins", "partition"))
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
    sources = wanted.get("lake_sources")
    pairs = names.LOG_SOURCES if sources is None else [tuple(s.rsplit(":", 1)) for s in sources]
    for region in regions:
        securitylake.make_lake(account, region, pairs)
    for region, admins in (wanted.get("lake_formation_admins") or {}).items():
        settings = lakeformation.settings(account, region)
        settings["DataLakeAdmins"] = [{"DataLakePrincipalIdentifier": arn} for arn in admins]


def plant(wanted):
    """Apply a seed document; README.md describes its keys."""
    _check_keys("the document", wanted, ("seed", "organization", "accounts"))
    WORLD.seed = wanted.get("seed", names.DEFAULT_SEED)
    WORLD.organization = bool(wanted.get("organization"))
    for account, entry in (wanted.get("accounts") or {}).items():
        _seed_account(account, entry)
