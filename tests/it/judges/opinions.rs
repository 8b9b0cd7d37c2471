//! Second opinions on access: what cfn-lint, checkov, cfn-guard and parliament find in our templates, and in bad ones, is
//! what `lakelink review` finds, or is not about access. `table.yaml` in `tests/fixtures/review/opinions` says which.
//!
//! Beside it stand two bad templates: on `bad.template.yaml` the review finds all that the others find about access, on
//! `missed.template.yaml` six kinds that none of them knows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::LazyLock;

use lakelink::policy::Effect;
use lakelink::review::rules::Severity;
use lakelink::review::{
    self, Account, Condition, Label, Part, Principal, Scope, Stack, Statement, Term, Via,
};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::{Finding, of_all, out, read, templates, tools};
use crate::env;
use crate::review_rules;

/// What an id of a judge is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Opinion {
    judge: String,
    id: String,
    /// Our rules: one of them finds something in the same resource.
    #[serde(default)]
    rules: BTreeSet<String>,
    /// Why it is not about access.
    because: Option<String>,
    /// Why our own output has it.
    examples: Option<String>,
}

fn folder() -> PathBuf {
    env::root().join("tests/fixtures/review/opinions")
}

fn table() -> Vec<Opinion> {
    let text = read(&folder().join("table.yaml"));
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("table.yaml: {error}"))
}

/// The policies of a template as parliament wants them: one for each resource and kind of policy, as JSON.
fn policies(template: &str, text: &str) -> Vec<Json> {
    let read = review::scan(text.as_bytes()).template().expect("a template");
    let stack =
        Stack { integration: None, name: template.to_owned(), account: Account::This, template: read };
    let access = review::access_together(&[stack]);
    let mut documents: BTreeMap<_, Vec<Json>> = BTreeMap::new();
    for statement in access.statements.iter().flat_map(Statement::spelled_out) {
        let key = (statement.place.resource_id.clone(), statement.via);
        if let Some(statement) = as_json(&statement) {
            documents.entry(key).or_default().push(statement);
        }
    }
    let entry = |((resource, _), statements): (_, Vec<Json>)| {
        let policy = json!({ "Version": "2012-10-17", "Statement": statements });
        json!({ "template": template, "resource": resource, "policy": policy })
    };
    documents.into_iter().map(entry).collect()
}

/// A statement of a policy document that parliament reads: of trust policies, which have no `Resource`, it says only that.
fn as_json(statement: &Statement) -> Option<Json> {
    if !matches!(statement.via, Via::Identity | Via::Bucket | Via::Key | Via::Resource) {
        return None;
    }
    // What is no policy document: an ACL, the permission of a function, an attached policy.
    if statement.place.label == Label::None {
        return None;
    }
    let mut document = Map::new();
    let effect = if statement.effect == Effect::Allow { "Allow" } else { "Deny" };
    document.insert("Effect".into(), effect.into());
    if statement.via != Via::Identity {
        let mut principals: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for principal in statement.principals.named() {
            let (kind, text) = match principal {
                Principal::Everybody => ("AWS", "*".to_owned()),
                Principal::Service(term) => ("Service", plain(term)),
                Principal::Federated(term) => ("Federated", plain(term)),
                Principal::Account(term) | Principal::Other(term) => ("AWS", plain(term)),
                Principal::Arn(term) | Principal::HolderOf(term) => ("AWS", arn(term, "iam", "role/x")),
            };
            principals.entry(kind).or_default().push(text);
        }
        document.insert(element("Principal", &statement.principals), json!(principals));
    }
    document.insert(element("Action", &statement.actions), texts(&statement.actions, plain));
    let service = statement.actions.named().iter().next().map(plain).unwrap_or_default();
    let service = service.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let resource = |term: &Term| arn(term, &service, "x");
    document.insert(element("Resource", &statement.resources), texts(&statement.resources, resource));
    let mut conditions: BTreeMap<&str, BTreeMap<&str, Json>> = BTreeMap::new();
    for Condition { operator, key, values } in statement.conditions.iter().filter(|one| !one.key.is_empty()) {
        let values = values.iter().map(plain).collect::<Vec<_>>();
        // parliament stops at a list where one value is usual (`Null`).
        let value = if let [one] = &*values { json!(one) } else { json!(values) };
        conditions.entry(operator).or_default().insert(key, value);
    }
    if !conditions.is_empty() {
        document.insert("Condition".into(), json!(conditions));
    }
    Some(Json::Object(document))
}

/// `Action` or `NotAction`.
fn element<T>(name: &str, scope: &Scope<T>) -> String {
    match scope {
        Scope::Only(_) => name.to_owned(),
        Scope::AllBut(_) => format!("Not{name}"),
    }
}

fn texts(scope: &Scope<Term>, text: impl Fn(&Term) -> String) -> Json {
    scope.named().iter().map(text).collect()
}

/// A term as in an account where everything has a name.
fn plain(term: &Term) -> String {
    let part = |part: &Part| match part {
        Part::Text(text) => text.clone(),
        Part::Ref(name) => match name.as_str() {
            "AWS::Partition" => "aws".to_owned(),
            "AWS::Region" => "us-east-1".to_owned(),
            "AWS::AccountId" => "444455556666".to_owned(),
            "AWS::URLSuffix" => "amazonaws.com".to_owned(),
            _ => "x".to_owned(),
        },
        _ => "x".to_owned(),
    };
    term.parts().iter().map(part).collect()
}

/// The same, where an ARN is wanted.
fn arn(term: &Term, service: &str, id: &str) -> String {
    let text = plain(term);
    match text.strip_prefix('x') {
        Some(rest) => format!("arn:aws:{service}:us-east-1:444455556666:{id}{rest}"),
        None => text,
    }
}

/// What parliament finds in templates, each by what it is called and its text.
fn parliament<'a>(templates: impl IntoIterator<Item = (&'a str, String)>) -> Vec<Finding> {
    let policies = templates.into_iter().flat_map(|(name, text)| policies(name, &text));
    tools::parliament(&policies.collect())
}

const BAD: &str = "bad.template.yaml";
const MISSED: &str = "missed.template.yaml";

/// What the four find in the templates beside the table, by one run of each.
static OPINIONS: LazyLock<Vec<(&str, Finding)>> = LazyLock::new(|| {
    let (files, regions) = ([BAD, MISSED].map(str::to_owned), BTreeSet::from(["us-east-1".to_owned()]));
    let found = [
        ("cfn-lint", tools::cfn_lint(&folder(), &files, &regions)),
        ("checkov", tools::checkov(&folder(), &files).0),
        ("cfn-guard", tools::guard(&folder(), &files).0),
        ("parliament", parliament([BAD, MISSED].map(|file| (file, read(&folder().join(file)))))),
    ];
    found.into_iter().flat_map(|(judge, found)| found.into_iter().map(move |one| (judge, one))).collect()
});

/// What they find in one of them.
fn opinions(template: &str) -> Vec<&'static (&'static str, Finding)> {
    OPINIONS.iter().filter(|(_, one)| one.template == template).collect()
}

/// The resources in which a rule of ours finds something that is to be mended or accepted, or notes something.
fn ours(template: &str) -> BTreeSet<(String, &'static str, Severity)> {
    let found = review_rules::found(&read(&folder().join(template)));
    found.into_iter().map(|one| (one.place.resource_id, one.rule.id, one.severity)).collect()
}

#[test]
fn what_others_find_is_in_the_table_and_about_access_we_find_it_too() {
    let names = templates();
    let of_examples = parliament(names.iter().map(|name| (name.as_str(), read(&out().join(name)))));
    let of_examples = [
        ("cfn-lint", &*of_all::CFN_LINT),
        ("checkov", &of_all::CHECKOV.0),
        ("cfn-guard", &of_all::GUARD.0),
        ("parliament", &of_examples),
    ];
    let of_examples = of_examples.iter().flat_map(|(judge, found)| found.iter().map(|one| (*judge, one)));
    let of_examples = of_examples.collect::<Vec<_>>();
    let (bad, missed) = (opinions(BAD), opinions(MISSED));
    let ours = ours(BAD);
    let table = table();
    let entry = |judge: &str, id: &str| table.iter().find(|one| one.judge == judge && one.id == id);
    let mut wrong = BTreeSet::new();
    let all = bad.iter().chain(&missed).map(|(judge, one)| (*judge, one)).chain(of_examples.iter().copied());
    let unknown = all.clone().filter(|(judge, one)| entry(judge, &one.rule).is_none());
    wrong.extend(unknown.map(|(judge, one)| format!("not in the table: {judge} {one}")));
    for (judge, one) in &bad {
        let rules = entry(judge, &one.rule).map(|entry| &entry.rules).filter(|rules| !rules.is_empty());
        let is_found = |rules: &BTreeSet<String>| {
            ours.iter().any(|(resource, rule, _)| *resource == one.resource && rules.contains(*rule))
        };
        if rules.is_some_and(|rules| !is_found(rules)) {
            wrong.insert(format!("only {judge} finds it: {one}"));
        }
    }
    for Opinion { judge, id, rules, because, examples } in &table {
        let is_it = |name: &str, one: &Finding| name == judge && one.rule == *id;
        if rules.is_empty() == because.is_none() {
            wrong.insert(format!("either our rules or why it is not about access: {judge} {id}"));
        }
        if !all.clone().any(|(name, one)| is_it(name, one)) {
            wrong.insert(format!("in the table, but never given: {judge} {id}"));
        }
        let is_in_examples = of_examples.iter().any(|(name, one)| is_it(name, one));
        if !rules.is_empty() && is_in_examples != examples.is_some() {
            wrong.insert(format!("`examples` says why our own output has it, or is not there: {judge} {id}"));
        }
        if !rules.is_empty() && !bad.iter().any(|(name, one)| is_it(name, one)) {
            wrong.insert(format!("bad.template.yaml does not show it: {judge} {id}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn six_kinds_of_access_are_found_by_us_alone() {
    let text = read(&folder().join(MISSED));
    let marked = text.lines().filter_map(|line| line.split_once("  # LL"));
    let marked =
        marked.map(|(id, rule)| (id.trim().trim_end_matches(':'), format!("LL{rule}"))).collect::<Vec<_>>();
    assert_eq!(marked.len(), 6);
    let (ours, others) = (ours(MISSED), opinions(MISSED));
    for (resource, rule) in &marked {
        let is_ours = |one: &&(String, &str, Severity)| one.0 == *resource && one.1 == rule;
        let severity = ours.iter().find(is_ours).map(|(.., severity)| *severity);
        assert_eq!(severity, Some(Severity::Error), "{rule} {resource} among {ours:#?}");
    }
    let others =
        others.iter().filter(|(_, one)| marked.iter().any(|(resource, _)| one.resource == *resource));
    let others = others.map(|(judge, one)| format!("{judge} {one}")).collect::<Vec<_>>();
    assert_eq!(others, Vec::<String>::new());
}
