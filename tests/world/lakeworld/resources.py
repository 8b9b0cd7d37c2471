"""Puts our resource types, the guards on ministack's own, and the planned faults into the CloudFormation engine."""
from . import backends, crawlers, customresource, emulator, functions, imports, keys, lakeformation, natives, schema, securitylake, stacksetresource
from .store import WORLD

OURS = {
    "AWS::SecurityLake::DataLake": (securitylake.create_lake, securitylake.update_lake, securitylake.delete_lake),
    "AWS::SecurityLake::AwsLogSource": (securitylake.create_source, securitylake.update_source, securitylake.delete_source),
    "AWS::SecurityLake::Subscriber": (securitylake.create_subscriber, securitylake.update_subscriber,
                                      securitylake.delete_subscriber),
    "AWS::LakeFormation::DataLakeSettings": (lakeformation.create_settings, lakeformation.update_settings,
                                             lakeformation.delete_settings),
    "AWS::LakeFormation::PrincipalPermissions": (lakeformation.create_permissions, None, lakeformation.delete_permissions),
    "AWS::Athena::NamedQuery": (natives.create_named_query, None, natives.delete_named_query),
    stacksetresource.TYPE: (stacksetresource.create, stacksetresource.update, stacksetresource.delete),
}
schema.TYPES.update({**crawlers.TYPES, **stacksetresource.TYPES})
schema.CREATE_ONLY[stacksetresource.TYPE] = stacksetresource.CREATE_ONLY
schema.MODELLED.update({**functions.MODELLED, **keys.MODELLED})
TAGGED = ("AWS::SecurityLake::DataLake", "AWS::SecurityLake::Subscriber", stacksetresource.TYPE)


def _without_stack_tags(rtype, props):
    """The properties as the template has them: a type without tags in its schema never sees stack tags."""
    return props if rtype in schema.TYPES or "Tags" in schema.MODELLED.get(rtype, ((), ()))[0] else {
        key: value for key, value in props.items() if key != "Tags"}


def _guarded(rtype):
    """Schema check, our own checks and additions around one type's create, update and delete."""
    check, apply, before_delete = natives.GUARDS.get(rtype, (None, None, None))

    def inspect(logical_id, props, physical_id):
        schema.check(rtype, logical_id, _without_stack_tags(rtype, props))
        if check:
            check(logical_id, props, physical_id)

    def finish(result, props, old):
        added = apply(result[0], props, old) if apply else None
        return result[0], {**(result[1] or {}), **(added or {})}

    def wrapper(what, inner):
        def create(logical_id, props, stack):
            inspect(logical_id, props, None)
            result = inner(logical_id, props, stack)
            try:
                return finish(result, props, None)
            except Exception:
                emulator.HANDLERS[rtype]["delete"](result[0], props)
                raise

        def update(physical_id, old, new, stack, *rest):
            inspect(rest[0] if rest else physical_id, new, physical_id)
            return finish(inner(physical_id, old, new, stack, *rest), new, old)

        def delete(physical_id, props, *rest):
            if before_delete:
                before_delete(physical_id, props)
            return inner(physical_id, props, *rest)

        return {"create": create, "update": update, "delete": delete}[what]

    return wrapper


def _faulty(rtype):
    """Let a planned fault stand in for one create, update or delete."""
    def wrapper(what, inner):
        def call(*args):
            fault = WORLD.take_fault(type=rtype, on=what, account=emulator.account(), region=emulator.region(),
                                     **({"logical_id": args[0]} if what == "create" else {}))
            if fault:
                raise ValueError(fault.get("message", "Resource handler returned message: injected failure"))
            return inner(*args)
        return call
    return wrapper


def install():
    emulator.read_fast()
    emulator.read_templates_by_their_hosts()
    emulator.work_on_threads(stacksetresource.TYPE)
    for rtype, (create, update, delete) in OURS.items():
        emulator.register(rtype, create=create, update=update, delete=delete,
                          create_only=schema.CREATE_ONLY.get(rtype, ()), tags=rtype in TAGGED)
    emulator.REPLACING["AWS::S3::Bucket"] = ("BucketName",)
    emulator.REPLACING["AWS::S3::BucketPolicy"] = ("Bucket",)
    emulator.HANDLERS["AWS::IAM::ManagedPolicy"]["create"] = natives.create_managed_policy
    for rtype in ("AWS::S3::Bucket", "AWS::Athena::WorkGroup"):
        emulator.stack_tags_on(rtype)
    for rtype in {*OURS, *natives.GUARDS, *schema.MODELLED}:
        emulator.wrap_type(rtype, _guarded(rtype))
    for rtype in list(emulator.HANDLERS):
        emulator.wrap_type(rtype, _faulty(rtype))
    emulator.delete_before_replace("AWS::LakeFormation::PrincipalPermissions", lakeformation.displace,
                                   lakeformation.displaced_by, lakeformation.put_back)
    emulator.delete_before_replace("AWS::SecurityLake::AwsLogSource", securitylake.displace_source,
                                   securitylake.source_displaced_by, securitylake.put_source_back)
    imports.install()
    backends.replace_custom_resources(customresource.invoke)
    backends.log_into_groups_that_exist()
