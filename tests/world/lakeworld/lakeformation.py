"""AWS Lake Formation: administrators and grants; who may grant what, and on which shared tables."""
import copy
import json
import time
import uuid

from . import backends, emulator, names, principals, ram
from .store import WORLD, Refused, page

ADMINISTRATOR_LIMIT = 30
SHARED_PERMISSIONS = {"Database": {"DESCRIBE"}, "Table": {"SELECT", "DESCRIBE"}}
OWN_PERMISSIONS = {"Database": {"ALL", "ALTER", "CREATE_TABLE", "DESCRIBE", "DROP"},
                   "Table": {"ALL", "ALTER", "DELETE", "DESCRIBE", "DROP", "INSERT", "SELECT"}}
EVERYBODY = [{"Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}, "Permissions": ["ALL"]}]
FRESH = {"DataLakeAdmins": [], "ReadOnlyAdmins": [], "CreateDatabaseDefaultPermissions": EVERYBODY,
         "CreateTableDefaultPermissions": EVERYBODY, "Parameters": {"CROSS_ACCOUNT_VERSION": "4"},
         "TrustedResourceOwners": [], "AllowExternalDataFiltering": False, "ExternalDataFilteringAllowList": []}


def _here():
    return emulator.account(), emulator.region()


def settings(account, region):
    return WORLD.box(account, region, "lfsettings").setdefault("settings", copy.deepcopy(FRESH))


def administrators(account, region):
    return [a["DataLakePrincipalIdentifier"] for a in settings(account, region)["DataLakeAdmins"]]


def put_settings(account, region, wanted):
    """Everything is replaced, what is not given by nothing. One principal that is gone makes the whole call fail, as on AWS."""
    for field in ("DataLakeAdmins", "ReadOnlyAdmins"):
        seen = wanted.setdefault(field, [])
        if len(seen) > ADMINISTRATOR_LIMIT:
            raise Refused("InvalidInputException", f"{field} has more than {ADMINISTRATOR_LIMIT} entries")
        for entry in seen:
            principals.require(entry.get("DataLakePrincipalIdentifier"))
    for field, empty in FRESH.items():
        wanted.setdefault(field, type(empty)())
    WORLD.box(account, region, "lfsettings")["settings"] = wanted


def require_administrator(what):
    """Granting and sharing are for data lake administrators of the account and Region only."""
    account, region = _here()
    who = emulator.IDENTITY.get()
    if who not in administrators(account, region):
        raise Refused("AccessDeniedException", f"Insufficient Lake Formation permission(s): {who or 'the caller'} is not a data "
                      f"lake administrator in {account} {region} and cannot {what} (Service: LakeFormation, Status Code: 400)")


# -- AWS::LakeFormation::DataLakeSettings ----------------------------------------------------------------------------

COPIED = ("ReadOnlyAdmins", "Parameters", "TrustedResourceOwners", "AllowExternalDataFiltering",
          "ExternalDataFilteringAllowList", "CreateDatabaseDefaultPermissions", "CreateTableDefaultPermissions")


def _apply_settings(props):
    account, region = _here()
    append = props.get("MutationType", "REPLACE") == "APPEND"
    wanted = copy.deepcopy(settings(account, region) if append else {})
    given = [a["DataLakePrincipalIdentifier"] for a in props.get("Admins") or []]
    admins = [a["DataLakePrincipalIdentifier"] for a in wanted.get("DataLakeAdmins", [])]
    admins += [arn for arn in given if arn not in admins]
    wanted["DataLakeAdmins"] = [{"DataLakePrincipalIdentifier": arn} for arn in admins]
    for field in COPIED:
        if props.get(field):     # an empty list is ignored by AWS
            wanted[field] = copy.deepcopy(props[field])
    put_settings(account, region, wanted)


def create_settings(logical_id, props, stack):
    _apply_settings(props)
    return f"{stack}-{logical_id}", {"Id": f"{stack}-{logical_id}"}


def update_settings(physical_id, _old, new, _stack):
    """APPEND only adds: whoever leaves the template stays an administrator until somebody takes them out."""
    _apply_settings(new)
    return physical_id, {"Id": physical_id}


def delete_settings(_physical_id, props):
    """What AWS does is unproven, so the seed's `settings_removal` chooses: the administrators that the resource named are taken out,
    nothing happens, or all settings are emptied."""
    account, region = _here()
    if WORLD.settings_removal == "leaves":
        return
    if WORLD.settings_removal == "wipes":
        return put_settings(account, region, {})
    mine = {a["DataLakePrincipalIdentifier"] for a in props.get("Admins") or []}
    wanted = copy.deepcopy(settings(account, region))
    wanted["DataLakeAdmins"] = [a for a in wanted["DataLakeAdmins"] if a["DataLakePrincipalIdentifier"] not in mine]
    put_settings(account, region, wanted)


# -- grants ----------------------------------------------------------------------------------------------------------

def _resource_key(resource):
    return json.dumps(resource, sort_keys=True)


def _require_shared(resource, permissions, account, region):
    """A grant on the lake account's catalogue: the share must have arrived, and it passes on only reading."""
    visible = ram.visible_resources(account, region)
    kind, part = next(iter(resource.items()))
    base = f"arn:{names.partition(region)}:glue:{region}:{part['CatalogId']}:"
    if kind == "Database":
        found = base + "database/" + part["Name"] in visible
    elif "TableWildcard" in part:
        found = base + "database/" + part["DatabaseName"] in visible
    else:
        found = f"{base}table/{part['DatabaseName']}/{part.get('Name')}" in visible
    if not found:
        raise Refused("EntityNotFoundException", f"{kind} not found: {_resource_key(part)} is not shared with account {account} "
                      "in this Region, or the share is not accepted (Service: LakeFormation, Status Code: 400)")
    beyond = sorted(set(permissions) - SHARED_PERMISSIONS[kind])
    if beyond:
        raise Refused("InvalidInputException", f"Permissions {beyond} are not grantable on a shared {kind}")


def _require_local(resource, permissions, account, region):
    """A grant on this account's own catalogue: the database (a link, say) must be there."""
    kind, part = next(iter(resource.items()))
    name = part["Name"] if kind == "Database" else part["DatabaseName"]
    database = backends.glue_database(name)
    if not database:
        raise Refused("EntityNotFoundException", f"Database not found: {name} (Service: LakeFormation, Status Code: 400)")
    target = database.get("TargetDatabase")
    if not target and set(permissions) - OWN_PERMISSIONS[kind]:
        raise Refused("InvalidInputException", f"Permissions {sorted(set(permissions) - OWN_PERMISSIONS[kind])} are not grantable on a {kind}")
    if kind == "Database":
        if target and set(permissions) - {"DESCRIBE", "DROP", "ALL"}:
            raise Refused("InvalidInputException", f"Only DESCRIBE and DROP can be granted on the resource link {name}")
    elif target:
        through = {key: value for key, value in part.items() if key in ("Name", "TableWildcard")}
        _require_shared({"Table": {"CatalogId": target["CatalogId"], "DatabaseName": target["DatabaseName"], **through}},
                        permissions, account, region)
    elif "TableWildcard" not in part and part.get("Name") not in backends.glue_tables(name):
        raise Refused("EntityNotFoundException", f"Table not found: {name}.{part.get('Name')}")


def grant(principal, resource, permissions, with_option, fresh=False):
    """Record a grant after every check that Lake Formation makes; fresh refuses one that is there already."""
    account, region = _here()
    require_administrator("grant permissions")
    principals.require(principal)
    resource = copy.deepcopy(resource)
    part = next(iter(resource.values()))
    part.setdefault("CatalogId", account)
    if "Table" in resource and ("Name" in part) == ("TableWildcard" in part):
        raise Refused("InvalidInputException", "A table resource takes either Name or TableWildcard")
    if not permissions or set(with_option) - set(permissions):
        raise Refused("InvalidInputException", "Permissions must not be empty and must hold those with grant option")
    check = _require_local if part["CatalogId"] == account else _require_shared
    check(resource, permissions, account, region)
    box = WORLD.box(account, region, "grant")
    same = next((k for k, g in box.items() if g["principal"] == principal and g["key"] == _resource_key(resource)), None)
    if fresh and same and set(permissions) <= set(box[same]["permissions"]):
        raise Refused("AlreadyExists", f"Resource of type 'AWS::LakeFormation::PrincipalPermissions' for {principal} already exists.")
    entry = box.setdefault(same or str(uuid.uuid4()), {"principal": principal, "key": _resource_key(resource),
                                                       "resource": resource, "permissions": [], "with_option": [],
                                                       "updated": time.time()})
    entry["permissions"] = sorted({*entry["permissions"], *permissions})
    entry["with_option"] = sorted({*entry["with_option"], *with_option})


def revoke(principal, resource, permissions):
    account, region = _here()
    require_administrator("revoke permissions")
    resource = copy.deepcopy(resource)
    next(iter(resource.values())).setdefault("CatalogId", account)
    box = WORLD.box(account, region, "grant")
    for key, entry in list(box.items()):
        if entry["principal"] == principal and entry["key"] == _resource_key(resource):
            entry["permissions"] = [p for p in entry["permissions"] if p not in permissions]
            entry["with_option"] = [p for p in entry["with_option"] if p not in permissions]
            if not entry["permissions"]:
                del box[key]


# -- AWS::LakeFormation::PrincipalPermissions -------------------------------------------------------------------------

def _grant_props(props, fresh):
    grant(props["Principal"]["DataLakePrincipalIdentifier"], props["Resource"], props["Permissions"],
          props["PermissionsWithGrantOption"], fresh)


def create_permissions(_logical_id, props, _stack):
    _grant_props(props, fresh=True)
    ident = str(uuid.uuid4())
    WORLD.box(*_here(), "permission_resource")[ident] = copy.deepcopy(props)
    return ident, {"PrincipalIdentifier": props["Principal"]["DataLakePrincipalIdentifier"], "ResourceIdentifier": ident}


def delete_permissions(physical_id, _props):
    """Revoke. While a replacement is under way this is either its clean-up (the old id) or its rollback (the new id)."""
    displaced = WORLD.box(*_here(), "displaced")
    for new_id, (old_id, old_props) in list(displaced.items()):
        if old_id == physical_id:       # clean-up: the old grant went before the new one was made
            del displaced[new_id]
            return
    props = WORLD.box(*_here(), "permission_resource").pop(physical_id, None)
    if props:
        revoke(props["Principal"]["DataLakePrincipalIdentifier"], props["Resource"], props["Permissions"])
    if physical_id in displaced:
        put_back(displaced.pop(physical_id))


def displace(physical_id):
    """First half of a replacement, delete_then_create: the old grant goes before the new one is made."""
    props = WORLD.box(*_here(), "permission_resource").get(physical_id)
    delete_permissions(physical_id, None)
    return physical_id, props


def displaced_by(new_id, old):
    """Second half is done; keep the old grant in mind until CloudFormation cleans up or rolls back."""
    WORLD.box(*_here(), "displaced")[new_id] = old


def put_back(old):
    physical_id, props = old
    if props:
        WORLD.box(*_here(), "permission_resource")[physical_id] = props
        _grant_props(props, fresh=False)


# -- API -------------------------------------------------------------------------------------------------------------

KINDS = {"DATABASE": "Database", "TABLE": "Table"}


def _matches(entry, request):
    who = (request.get("Principal") or {}).get("DataLakePrincipalIdentifier")
    if who and who != entry["principal"]:
        return False
    if request.get("ResourceType") and KINDS.get(request["ResourceType"]) not in entry["resource"]:
        return False
    for kind, part in (request.get("Resource") or {}).items():
        held = entry["resource"].get(kind)
        if held is None or any(held.get(key) != value for key, value in part.items()):
            return False
    return True


def _list(request, account, region):
    found = [{"Principal": {"DataLakePrincipalIdentifier": e["principal"]}, "Resource": e["resource"],
              "Permissions": e["permissions"], "PermissionsWithGrantOption": e["with_option"], "LastUpdated": e["updated"]}
             for e in WORLD.box(account, region, "grant").values() if _matches(e, request)]
    found, token = page(found, request, "MaxResults", "NextToken")
    return {"PrincipalResourcePermissions": found, **({"NextToken": token} if token else {})}


def handle(_method, path, _query, request, account, region):
    """One call of the Lake Formation API, or None when it is not modelled."""
    operation = path.strip("/").lower()
    who = (request.get("Principal") or {}).get("DataLakePrincipalIdentifier")
    if request.get("CatalogId", account) != account:
        raise Refused("AccessDeniedException", f"Catalog {request['CatalogId']} is not that of account {account}")
    if operation == "getdatalakesettings":
        return {"DataLakeSettings": settings(account, region)}
    if operation == "putdatalakesettings":
        if not isinstance(request.get("DataLakeSettings"), dict):
            raise Refused("InvalidInputException", "DataLakeSettings must not be null")
        put_settings(account, region, request["DataLakeSettings"])
        return {}
    if operation == "listpermissions":
        return _list(request, account, region)
    if operation == "grantpermissions":
        grant(who, request["Resource"], request["Permissions"], request.get("PermissionsWithGrantOption") or [])
        return {}
    if operation == "revokepermissions":
        revoke(who, request["Resource"], request["Permissions"])
        return {}
    return None
