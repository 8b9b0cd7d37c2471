"""With backends.py and loader.py the only module that touches ministack, private names included. Pin: ministack==1.5.33.

Everything else in this package sees plain functions. When the pin moves, read these files against the new sources.
"""
import asyncio
import collections
import contextvars
import html
import json
import re

import yaml

from . import loader

loader.install()     # before ministack's own modules

# isort: split
import ministack.app as gateway
from ministack.core.iam_evaluator import resolve_caller_identity, validate_policy_document
from ministack.core.responses import (get_account_id, get_region, request_scope, set_request_account_id,
                                      set_request_region)
from ministack.services import cloudformation, iam, s3
from ministack.services.cloudformation import changesets, engine, handlers, helpers, provisioners, stacks

from .names import partition

HANDLERS = provisioners._RESOURCE_HANDLERS
REPLACING = provisioners._REPLACING_PROPERTIES
VIRTUAL_HOST = re.compile(r"https://([a-z0-9.-]+)\.s3\.([a-z0-9-]+)\.amazonaws\.com/(.+)")
app = gateway.app

# who acts: the stack's role if it has one, else the caller. Background work copies the context of its request.
IDENTITY = contextvars.ContextVar("lakeworld_identity", default="")

account, region, scope = get_account_id, get_region, request_scope


def enter(access_key, region_name):
    """Take on the account and Region of a request that ministack itself will not see."""
    set_request_account_id(access_key)
    set_request_region(region_name)


def caller_arn(access_key):
    """IAM ARN of whoever signed: the root of a 12-digit key's account, or the role behind a session."""
    found = resolve_caller_identity(access_key)
    arn = found["userArn"] if found else ""
    session = re.fullmatch(r"arn:([\w-]+):sts::(\d{12}):assumed-role/([^/]+)/.*", arn)
    if session:
        role = iam._roles.get_scoped(session[2], None, session[3])
        return role["Arn"] if role else f"arn:{session[1]}:iam::{session[2]}:role/{session[3]}"
    return arn or f"arn:{partition(region())}:iam::{account()}:root"


# -- CloudFormation ---------------------------------------------------------------------------------------------------

# resources of the template that is being deployed now, those with a false condition left out
DEPLOYING = contextvars.ContextVar("lakeworld_deploying", default={})
# logical ids that it imports
IMPORTING = contextvars.ContextVar("lakeworld_importing", default=())


def remember_templates(after):
    """Let the handlers of resources see what else their operation deploys; after(rolled back) hears of its end."""
    plain = stacks._deploy_stack_async

    async def deploy(name, ident, template, values, *rest, **more):
        conditions = engine._evaluate_conditions(template, values)
        DEPLOYING.set({key: resource for key, resource in (template.get("Resources") or {}).items()
                       if conditions.get(resource.get("Condition"), True)})
        IMPORTING.set(tuple(more.get("imports") or ()))
        await plain(name, ident, template, values, *rest, **more)
        after("ROLLBACK" in (stack(name) or {}).get("StackStatus", ""))

    for module in (stacks, handlers, changesets):
        module._deploy_stack_async = deploy


def conditions_know_mappings():
    """Look up what ministack leaves as it is: Fn::FindInMap within a condition, by Region, account or parameter."""
    plain = engine._evaluate_conditions

    def evaluate(template, values):
        def key(node):
            name = node.get("Ref") if isinstance(node, dict) else None
            known = {"AWS::Region": region(), "AWS::AccountId": account(), **{k: v["Value"] for k, v in values.items()}}
            return known.get(name, node) if name else node

        def looked_up(node):
            if isinstance(node, dict) and "Fn::FindInMap" in node:
                return engine.find_in_map(node["Fn::FindInMap"], template.get("Mappings") or {}, key)
            if isinstance(node, dict):
                return {name: looked_up(value) for name, value in node.items()}
            return [looked_up(value) for value in node] if isinstance(node, list) else node

        return plain({**template, "Conditions": looked_up(template.get("Conditions") or {})}, values)

    for module in (engine, stacks, handlers, changesets):
        module._evaluate_conditions = evaluate


def logical_id(stack_name, physical_id):
    """Whose physical id this is in a stack, or None."""
    made = (stack(stack_name) or {}).get("_resources") or {}
    return next((key for key, record in made.items() if record.get("PhysicalResourceId") == physical_id), None)


def stack(name):
    """The record of a stack by name or id in this account and Region, or None."""
    found = cloudformation._stacks.get(name)
    if found is None:
        found = next((s for s in cloudformation._stacks.values() if s.get("StackId") == name), None)
    return found


def change_set(name, stack_name):
    return changesets._find_change_set(name, (stack(stack_name) or {}).get("StackName", stack_name))[1]


def change_sets():
    return list(cloudformation._change_sets.values())


def changes_outputs(change_set):
    """Whether the outputs of its template are others than those that the stack has."""
    deployed = (stack(change_set["StackId"]) or {}).get("_template") or {}
    return deployed.get("Outputs", {}) != change_set["_template"].get("Outputs", {})


def all_stacks():
    return list(cloudformation._stacks.values())


def stack_events(stack_id):
    """Of one stack, the oldest first."""
    return cloudformation._stack_events.get(stack_id) or []


def static_property(change_set, logical_id, key):
    """A property of the template as it is known before anything is deployed; None if another resource or a false condition decides."""
    template, values = change_set["_template"], change_set["_resolved_params"]
    conditions, resources = engine._evaluate_conditions(template, values), template["Resources"]
    raw = (resources[logical_id].get("Properties") or {}).get(key)
    if raw is None or not conditions.get(resources[logical_id].get("Condition"), True):
        return None
    return stacks._static_property(raw, resources, values, conditions, template.get("Mappings") or {}, change_set["StackName"],
                                   change_set["StackId"])


def put_back_stack(record, change_set):
    """Let a stack be again what it was before a CREATE change set, which then is that stack's; gives the id of the stack that it had."""
    cloudformation._stacks[record["StackName"]] = record
    fresh = change_set["StackId"] if change_set else None
    if fresh and fresh != record["StackId"]:
        cloudformation._stack_events.pop(fresh, None)
        change_set["StackId"] = record["StackId"]
    return fresh


def on_execution(hear):
    """hear(stack id, executed change set id, drop) decides what becomes of the stack's other change sets."""
    drop = changesets._drop_other_change_sets
    changesets._drop_other_change_sets = lambda stack_id, executed: hear(stack_id, executed, drop)


def importable(rtype, keys, problem, adopt):
    """Let a type be imported: keys identify it, problem(*values) says why not, adopt(identifier) gives (physical id, attributes)."""
    changesets._IMPORT_LOOKUPS[rtype] = (keys, problem)
    HANDLERS[rtype]["import"] = adopt


def imported_names_are_free():
    """ministack imports a bucket and then fails the operation because the name is taken."""
    plain = stacks._validation_errors
    stacks._validation_errors = lambda *args: [error for error in plain(*args) if error[0] not in IMPORTING.get()]


def own_import_ids(adopters):
    """For types whose physical id is not simply their last key: in the change and in the search for a stack that has it."""
    change, owner = changesets._import_change, changesets._import_owner

    def with_id(entry):
        found = change(entry)
        if entry["ResourceType"] in adopters:
            found["ResourceChange"]["PhysicalResourceId"] = adopters[entry["ResourceType"]](entry["ResourceIdentifier"])[0]
        return found

    def owned(entries):
        for entry in entries:
            rtype = entry["ResourceType"]
            ident = adopters[rtype](entry["ResourceIdentifier"])[0] if rtype in adopters else None
            for holder in cloudformation._stacks.values() if ident else ():
                if holder["StackStatus"] != "DELETE_COMPLETE" and any(
                        made.get("ResourceType") == rtype and made.get("PhysicalResourceId") == ident for made in holder["_resources"].values()):
                    return f"{'|'.join(entry['ResourceIdentifier'].values())} already exists in stack {holder['StackId']}"
        return owner(entries)

    changesets._import_change, changesets._import_owner = with_id, owned


def forget_finished_change_set(name, stack_name):
    """Drop a change set that is over. On AWS two deploys of one stack never fall into one second; here they do."""
    ident, found = changesets._find_change_set(name, stack_name)
    if found and (found["Status"] == "FAILED" or found["ExecutionStatus"] in ("EXECUTE_COMPLETE", "EXECUTE_FAILED")):
        cloudformation._change_sets.pop(ident)


def read_fast():
    """Let libyaml scan the templates: half of a world's work was PyYAML's own scanner."""
    class Loader(yaml.CSafeLoader):
        yaml_constructors = engine.CfnLoader.yaml_constructors
        yaml_implicit_resolvers = engine.CfnLoader.yaml_implicit_resolvers

    engine.CfnLoader = Loader


def parse_template(text):
    return engine._parse_template(text)


def parameter_keys(params):
    return [entry["Key"] for entry in helpers._extract_members(params, "Parameters") if "Key" in entry]


def param(params, name):
    return helpers._p(params, name)


def cfn_error(code, message, status=400):
    return helpers._error(code, message, status)


def cfn_answer(action, fields):
    inner = "".join(f"<{key}>{helpers._esc(value)}</{key}>" for key, value in fields.items())
    return helpers._xml(200, f"{action}Response", f"<{action}Result>{inner}</{action}Result>")


def cfn_list(action, member, rows, fields, params):
    """The answer of a listing, one page of it."""
    rows, token, problem = helpers._page(rows, params, action)
    if problem:
        return problem
    members = "".join("<member>" + "".join(f"<{key}>{helpers._esc(str(row[key]))}</{key}>" for key in fields if row.get(key)) + "</member>"
                      for row in rows)
    return helpers._xml(200, f"{action}Response", f"<{action}Result><{member}>{members}</{member}>{token}</{action}Result>")


def cfn_tree(action, tree):
    """The answer with nested members: dicts, lists, and texts; None is left out."""
    def xml(value):
        if isinstance(value, dict):
            return "".join(f"<{key}>{xml(part)}</{key}>" for key, part in value.items() if part is not None)
        if isinstance(value, (list, tuple)):
            return "".join(f"<member>{xml(part)}</member>" for part in value)
        return str(value).lower() if isinstance(value, bool) else helpers._esc(str(value))

    return helpers._xml(200, f"{action}Response", f"<{action}Result>{xml(tree)}</{action}Result>")


def page(params, rows, action):
    """One page of a listing of MaxResults rows: (rows, token of the next page or None), or (None, the refusal)."""
    rows, token, problem = helpers._page(rows, params, action, int(helpers._p(params, "MaxResults") or helpers.PAGE_SIZE))
    return (None, problem) if problem else (rows, token[len("<NextToken>"):-len("</NextToken>")] or None)


def add_action(action, handler):
    """An action that ministack does not have: handler(params) gives its answer."""
    cloudformation._ACTION_HANDLERS[action] = handler


def act(action, fields):
    """One of CloudFormation's own actions, with all that was put around it: (done, what it said)."""
    params = {"Action": [action]}
    for key, value in fields.items():
        if not isinstance(value, list):
            params[key] = [value]
        for number, part in enumerate(value if isinstance(value, list) else (), 1):
            for name, text in part.items() if isinstance(part, dict) else (("", part),):
                params[f"{key}.member.{number}" + (f".{name}" if name else "")] = [text]
        if value == []:
            params[key] = [""]
    answer = cloudformation._ACTION_HANDLERS[action](params)
    return answer[0] == 200, said(answer)


def said(answer):
    """The message of an error that ministack would answer; empty without one."""
    found = re.search(r"<Message>(.*?)</Message>", answer[2].decode(), re.DOTALL)
    return html.unescape(found[1]) if found else ""


def work_on_threads(*types):
    """Let the handlers of these types wait_for() work of the server: each call of theirs runs in a thread of its own.

    One that failed may have changed something before, so a rollback sends it back, too.
    """
    plain, sends_back = stacks._runs_on_worker_thread, stacks._sends_back_failed_update

    def runs(rtype):
        # asked by the server's loop, before the handler is called
        if rtype in types:
            LOOP.append(asyncio.get_running_loop())
        return rtype in types or plain(rtype)

    stacks._runs_on_worker_thread = runs
    stacks._sends_back_failed_update = lambda rtype: rtype in types or sends_back(rtype)


LOOP = collections.deque(maxlen=1)


def wait_for(work):
    """Lets the server do this work, in the context of the handler whose thread waits here."""
    return asyncio.run_coroutine_threadsafe(work, LOOP[0]).result()


def read_templates_by_their_hosts():
    """Read https://BUCKET.s3.REGION.amazonaws.com/KEY, of which ministack takes the first part of KEY for the bucket."""
    plain = helpers._resolve_document

    def resolve(params, body_key, url_key, label):
        found = VIRTUAL_HOST.fullmatch(param(params, url_key) or "")
        if found:
            bucket, home, key = found.groups()
            record = s3._buckets.get(bucket)
            if record and record.get("region") != home:
                return None, cfn_error("ValidationError", f"S3 error: The bucket {bucket} is not in {home}")
            params = {**params, url_key: [f"https://s3.{home}.amazonaws.com/{bucket}/{key}"]}
        return plain(params, body_key, url_key, label)

    helpers._resolve_document = resolve


def given_template(params):
    """(text, refusal) of TemplateBody or TemplateURL; (None, None) without either."""
    return helpers._resolve_template(params)


def template_refusal(text, params, values):
    """Why a stack set cannot have this template with these parameters and the capabilities of the request, or None."""
    try:
        template = engine._parse_template(text)
    except Exception as problem:
        return cfn_error("ValidationError", f"Template format error: {problem}")
    unknown = [key for key in values if key not in (template.get("Parameters") or {})]
    if unknown:
        return cfn_error("ValidationError", f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    try:
        engine._resolve_parameters(template, [{"Key": key, "Value": value} for key, value in values.items()])
    except ValueError as problem:
        return cfn_error("ValidationError", str(problem))
    return handlers._check_capabilities(template, template, params)


def needs_more_than_resources(text):
    """A transform, a macro or a nested stack."""
    template = engine._parse_template(text)
    nested = any(one.get("Type") == "AWS::CloudFormation::Stack" for one in (template.get("Resources") or {}).values() if isinstance(one, dict))
    return nested or handlers._uses_macro(template)


def wrap_actions(wrapper):
    """Replace each CloudFormation action by wrapper(action, inner)."""
    for action, inner in list(cloudformation._ACTION_HANDLERS.items()):
        cloudformation._ACTION_HANDLERS[action] = wrapper(action, inner)


def enforce_capabilities():
    """ministack asks for capabilities only together with IAM evaluation, which the world does not use."""
    handlers._capabilities_enforced = lambda: True


def register(rtype, *, create, update=None, delete, create_only=(), tags=False):
    """Add a resource type; without update every change of a property is a replacement."""
    entry = {"create": create, "delete": delete}
    if update:
        entry["update"] = update
    HANDLERS[rtype] = entry
    REPLACING[rtype] = tuple(create_only)
    if tags:
        provisioners._STACK_TAG_PROPERTY[rtype] = ("Tags", "list")


def stack_tags_on(rtype):
    """Let stack tags reach a type of ministack's that it leaves out."""
    provisioners._STACK_TAG_PROPERTY[rtype] = ("Tags", "list")


def wrap_type(rtype, wrapper):
    """Replace create, update and delete of a type by wrapper(what, inner); inner takes the handler's own arguments."""
    entry = HANDLERS[rtype]
    for what in ("create", "update", "delete"):
        if what in entry:
            entry[what] = wrapper(what, entry[what])


def delete_before_replace(rtype, displace, displaced_by, put_back):
    """AWS deletes first when a type's schema says `delete_then_create`; ministack always creates first.

    displace(id) removes the old resource and gives what put_back needs should the new one fail;
    displaced_by(new id, that) hears of the success.
    """
    plain = provisioners._replace_resource

    def replace(this_type, physical_id, *rest):
        if this_type != rtype or provisioners._RETAIN_REPLACED.get():
            return plain(this_type, physical_id, *rest)
        old = displace(physical_id)
        try:
            created = plain(this_type, physical_id, *rest)
        except Exception:
            put_back(old)
            raise
        displaced_by(created[0], old)
        return created

    provisioners._replace_resource = replace


def replace_intrinsic(name, evaluate):
    """Let evaluate(arguments, resolved) stand in for ministack's own reading of an intrinsic function."""
    plain = engine._resolve_refs

    def resolve(value, *rest):
        if isinstance(value, dict) and set(value) == {name} and isinstance(value[name], dict):
            return evaluate({key: resolve(part, *rest) for key, part in value[name].items()})
        return plain(value, *rest)

    for module in (engine, stacks, changesets, handlers, provisioners):
        if getattr(module, "_resolve_refs", None) is plain:
            module._resolve_refs = resolve


# -- IAM --------------------------------------------------------------------------------------------------------------

def role(account_id, name):
    return iam._roles.get_scoped(account_id, None, name)


def user(account_id, name):
    return iam._users.get_scoped(account_id, None, name)


def roles():
    return iam._roles.values()


def users():
    return iam._users.values()


def policy_exists(arn):
    """A managed policy that can be attached: any of AWS's own, or one of this account's."""
    return ":iam::aws:policy/" in arn or arn in iam._policies


def policy_document(arn):
    """What a customer managed policy of this account says now."""
    record = iam._policies[arn]
    return json.loads(record["Versions"][record["DefaultVersionId"]]["Document"])


def policy_document_problem(document):
    return validate_policy_document(document)


def put_role(name, path, arn, trust):
    result = iam._create_role({"RoleName": [name], "Path": [path], "AssumeRolePolicyDocument": [trust]})
    assert result[0] == 200, result
    iam._roles[name]["Arn"] = arn


def put_user(name, path, arn):
    result = iam._create_user({"UserName": [name], "Path": [path]})
    assert result[0] == 200, result
    iam._users[name]["Arn"] = arn


def put_policy(arn, name, path, document, description=""):
    """A customer managed policy whose ARN the caller chose (ministack writes `arn:aws` in every partition)."""
    return iam.store_policy(arn, name, path, document, description=description)


def attach_policy(arn, props):
    provisioners._attach_policy_to_entities(arn, props)


def policy_users(arn):
    """Names of roles and users that have the policy attached, or as their boundary."""
    return sorted(e.get("RoleName") or e.get("UserName") for e in [*roles(), *users()]
                  if arn in e.get("AttachedPolicies", []) or e.get("PermissionsBoundary") == arn)
