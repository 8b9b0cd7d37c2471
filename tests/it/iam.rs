//! Least privilege, seen from outside: the policies of the rendered templates against the table of IAM actions.

use std::collections::BTreeSet;

use lakelink::check::Rendered;
use lakelink::iam::{ActionTable, Resources};
use lakelink::model::{ExecutionRole, Share, Side, Stack};
use lakelink::render::json::to_json;
use lakelink::resources::Kind;
use serde_json::Value;

use crate::env;
use crate::support::{examples, rendered, spec};

/// Every statement of a template: resource, kind of policy, statement.
fn statements(template: &lakelink::template::Template) -> Vec<(String, &'static str, Value)> {
    let mut found = Vec::new();
    for resource in template.resources() {
        let properties = to_json(&resource.properties);
        for (key, kind) in [("PolicyDocument", "policy"), ("AssumeRolePolicyDocument", "trust")] {
            for statement in properties[key]["Statement"].as_array().into_iter().flatten() {
                found.push((resource.id.to_string(), kind, statement.clone()));
            }
        }
    }
    found
}

/// A value that may stand alone or in a list, as a list.
pub(crate) fn listed(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_else(|| vec![value.clone()])
}

#[test]
fn every_action_exists_and_star_is_only_where_iam_takes_nothing_else() {
    for rendered in examples() {
        for stack in &rendered.stacks {
            for (resource, kind, statement) in statements(&stack.template) {
                // Whoever sets up looks at a template that is no stack yet: AWS's page documents `*`.
                let about_no_stack = statement["Sid"] == "OpenIntegrationsPage";
                if kind == "trust" || statement["Effect"] == "Deny" || about_no_stack {
                    continue;
                }
                for action in listed(&statement["Action"]) {
                    let action = action.as_str().unwrap();
                    let resources = ActionTable::get().resources(action);
                    let resources = resources.unwrap_or_else(|| panic!("{resource}: no action `{action}`"));
                    let star = listed(&statement["Resource"]).contains(&Value::from("*"));
                    assert_eq!(
                        star,
                        resources == Resources::Anything,
                        "{resource}: {action} on {}",
                        statement["Resource"]
                    );
                    if let Resources::Types(types) = resources {
                        assert!(!types.is_empty(), "{action}");
                    }
                }
            }
        }
    }
}

#[test]
fn each_statement_has_a_sid_of_its_own() {
    for rendered in examples() {
        for stack in &rendered.stacks {
            let all = statements(&stack.template);
            let sids =
                all.iter().map(|(resource, _, statement)| (resource, statement["Sid"].as_str().unwrap()));
            assert_eq!(sids.collect::<BTreeSet<_>>().len(), all.len(), "{}", stack.stack.stem());
            assert!(all.iter().all(|(_, _, statement)| {
                statement["Sid"].as_str().unwrap().chars().all(|c| c.is_ascii_alphanumeric())
            }));
        }
    }
}

#[test]
fn iam_lives_in_the_roles_stacks_only() {
    for rendered in examples() {
        for stack in &rendered.stacks {
            let has_iam =
                stack.template.resources().any(|resource| resource.kind.as_str().starts_with("AWS::IAM::"));
            assert_eq!(has_iam, stack.stack.is_roles(), "{}", stack.stack.stem());
        }
    }
}

/// What the handlers of the Regional templates call is what the service role may do: nothing missing, nothing more.
#[test]
fn the_service_role_is_what_the_handlers_need() {
    for (detective, handoff) in [("", ""), ("  crawler: evidence\n", "handoff: {acceptance: lambda}\n")] {
        let same = spec("  collection: {accounts: all}\n", detective, handoff);
        needs_what_it_has(&rendered("variant.yaml", &same));
        let apart = same.replace("[us-east-1]", "[{lake: us-east-1, detective: eu-south-1}]");
        needs_what_it_has(&rendered("variant.yaml", &apart));
    }
    examples().iter().for_each(needs_what_it_has);
}

fn needs_what_it_has(rendered: &Rendered) {
    let found = |stack| rendered.stacks.iter().find(|one| one.stack == stack);
    for roles in [Stack::LakeRoles, Stack::DetectiveRoles] {
        let Some(template) = found(roles) else { continue };
        let granted = statements(&template.template)
            .into_iter()
            .filter(|(resource, kind, _)| *kind == "policy" && resource.starts_with("ServiceRole"));
        let granted = granted.flat_map(|(_, _, statement)| listed(&statement["Action"]));
        let granted = granted.map(|action| action.as_str().unwrap().to_owned()).collect::<BTreeSet<_>>();
        let side = roles.side();
        if rendered.integration.deployment(side).execution != ExecutionRole::Service {
            assert_eq!(granted, BTreeSet::new(), "a given role is somebody else's");
            continue;
        }
        let regional = rendered.integration.regional_stacks(side).into_iter();
        let resources = regional.flat_map(|stack| found(stack).unwrap().template.resources());
        let kinds = resources.map(|resource| resource.kind).collect::<BTreeSet<Kind>>();
        let mut needed = kinds.iter().flat_map(|kind| handlers(kind.as_str(), None)).collect::<BTreeSet<_>>();
        // No handler's: the template reads an output of the other account as a role there.
        let reads_output =
            side == Side::Detective && rendered.integration.handoff.share == Share::StackOutput;
        needed.extend(reads_output.then(|| "sts:AssumeRole".to_owned()));
        assert_eq!(granted, needed, "{} of {}", roles.stem(), rendered.integration.name);
    }
}

/// What the handlers of a type call, all or one of them: the table of handlers with the additions and without what is
/// left out, as far as IAM knows the action.
pub(crate) fn handlers(kind: &str, handler: Option<&str>) -> BTreeSet<String> {
    let read = |file: &str| {
        let text = std::fs::read_to_string(env::root().join("generator/data").join(file)).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let (table, amendments) = (read("cfn-handler-permissions.json"), read("handler-amendments.json"));
    let by_handler = table["types"][kind].as_object().into_iter().flatten();
    let chosen = by_handler.filter(|(name, _)| handler.is_none_or(|wanted| wanted == name.as_str()));
    let mut actions = chosen.flat_map(|(_, actions)| listed(actions)).collect::<Vec<_>>();
    if handler.is_none() {
        actions.extend(amendments["add"][kind]["actions"].as_array().into_iter().flatten().cloned());
    }
    let left_out = amendments["leave_out"][kind].as_array().into_iter().flatten();
    let left_out = left_out.flat_map(|entry| listed(&entry["actions"])).collect::<Vec<_>>();
    let is_left_out = |action: &str| {
        left_out.iter().any(|pattern| match pattern.as_str().unwrap().split_once('*') {
            Some((start, _)) => action.starts_with(start),
            None => pattern == action,
        })
    };
    let actions = actions.iter().map(|action| action.as_str().unwrap());
    let known = actions.filter(|action| ActionTable::get().resources(action).is_some());
    known.filter(|action| !is_left_out(action)).map(ToOwned::to_owned).collect()
}

/// Tagging a key that is not ours would be open to tags that other policies go by.
#[test]
fn a_key_is_tagged_with_our_tag_or_has_it() {
    let mut found = BTreeSet::new();
    for rendered in examples() {
        for stack in &rendered.stacks {
            for (resource, _, statement) in statements(&stack.template) {
                if resource == "ServiceRoleKeyPolicy"
                    && listed(&statement["Action"]).contains(&Value::from("kms:TagResource"))
                {
                    let tags = statement["Condition"]["StringEquals"].as_object().unwrap().clone();
                    let (key, value) = tags.into_iter().find(|(key, _)| key.contains("Tag/")).unwrap();
                    assert_eq!(value, rendered.integration.name.as_str());
                    found.insert(key);
                }
            }
        }
    }
    let ways = ["aws:RequestTag/lakelink:integration", "aws:ResourceTag/lakelink:integration"];
    assert_eq!(found, BTreeSet::from(ways.map(str::to_owned)));
}

#[test]
fn our_own_names_are_exact() {
    for rendered in examples() {
        let prefix = format!("lakelink-{}-", rendered.integration.name);
        for stack in &rendered.stacks {
            for (resource, _, statement) in statements(&stack.template) {
                for arn in listed(&statement["Resource"]) {
                    let text = arn.to_string();
                    assert!(!text.contains(&format!("{prefix}*")), "{resource}: {text}");
                    assert!(!text.contains("arn:aws:"), "{resource}: {text}");
                }
            }
        }
    }
}

#[test]
fn nobody_who_queries_is_an_administrator_of_the_data_lake() {
    for rendered in examples() {
        let principals = rendered.integration.detective.principals.iter().map(|p| p.arn().to_string());
        let principals = principals.collect::<Vec<_>>();
        for stack in &rendered.stacks {
            for resource in stack.template.resources().filter(|one| one.kind == Kind::LakeFormationSettings) {
                let properties = to_json(&resource.properties).to_string();
                assert!(properties.contains(r#""MutationType":"APPEND""#));
                assert!(
                    !principals.iter().any(|arn| properties.contains(arn))
                        && !properties.contains("Principal\",")
                );
            }
        }
    }
}
