//! Least privilege, seen from the calls: whoever deploys makes no call that the deployer policy of the account does not
//! allow, and the policy allows nothing that nobody does or that has no reason here. The world logs what IAM would
//! compare; the policies are read out of the world, as the roles stacks made them. IAM itself is not here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::thread;

use lakelink::model::{Duty, Encryption, Integration, Side, Stack};
use serde_json::{Value, json};

use super::evaluator::{Request, statements};
use super::program::Program;
use super::server::World;
use super::shop::{SPEC, Shop, minimum};
use super::{example, seed};
use crate::iam::{handlers, listed};
use crate::support::{examples, read_template};

/// Rights that no call shows: who has them, which, and the reason.
const UNSEEN: [(&[&str], &str, &str); 9] = [
    (
        &DEPLOYER,
        "cloudformation:ContinueUpdateRollback",
        "the way out of UPDATE_ROLLBACK_FAILED: a person gives the command, which program and run-book name",
    ),
    (
        &DEPLOYER,
        "cloudformation:GetTemplateSummary",
        "`aws cloudformation deploy`, the run-book's command, asks for it before an update (awscli, deployer.py)",
    ),
    (
        &DEPLOYER,
        "cloudformation:TagResource",
        "no call: IAM wants it of who makes a change set with tags (Service Authorization Reference, CreateAction)",
    ),
    (
        &[DEPLOYER[0]],
        "cloudformation:DescribeEvents",
        "asked for every refused change set, as in the other account; the world refuses none of the lake stack so early",
    ),
    (
        &[DEPLOYER[1]],
        "ssm:GetParameters",
        "Cloud Control reads a parameter by it as the caller (registry schema, read handler), which is no call of the program",
    ),
    (&[DEPLOYER[1]], "ssm:ListTagsForResource", "the same"),
    (
        &[ACCEPTOR],
        "logs:CreateLogStream",
        "Lambda writes the log as the function's role; the world's Lambda by itself",
    ),
    (&[ACCEPTOR], "logs:PutLogEvents", "the same"),
    (
        &[ACCEPTOR],
        "cloudformation:DescribeStackEvents",
        "only where an update goes back, as in handoff.rs: an update that failed, and a share that is gone",
    ),
];

/// Calls that need no right: whose credentials these are, IAM tells everybody (STS API reference, GetCallerIdentity).
const FREE: &str = "sts:GetCallerIdentity";

/// Between them they have every statement that a deployer policy can have.
const EXAMPLES: [&str; 8] = [
    "two-accounts",
    "organization",
    "discover",
    "customer-key",
    "collection",
    "console-region",
    "existing-subscriber",
    "govcloud",
];

#[test]
fn the_played_examples_have_every_statement() {
    let sids = |names: Option<&[&str]>| {
        let mut found = BTreeSet::new();
        for one in examples() {
            if names.is_some_and(|names| !names.contains(&one.integration.name.as_str())) {
                continue;
            }
            for stack in one.stacks.iter().filter(|one| one.stack.is_roles()) {
                let template = read_template(&stack.yaml());
                let policy = &template["Resources"]["DeployerPolicy"]["Properties"]["PolicyDocument"];
                let of = statements(policy).map(|statement| statement["Sid"].as_str().unwrap().to_owned());
                found.extend(of.map(|sid| (stack.stack.side() as usize, sid)));
            }
        }
        found
    };
    let played = sids(Some(&EXAMPLES));
    assert!(played.len() > 10, "{played:?}");
    assert_eq!(sids(None), played);
}

#[test]
fn deployers_need_what_they_may_and_may_what_they_need() {
    let left = Mutex::new(EXAMPLES.to_vec());
    let found = Mutex::new(vec![failures()]);
    let work = || {
        while let Some(name) = { left.lock().unwrap().pop() } {
            let rights = whole_life(name);
            found.lock().unwrap().push(rights);
        }
    };
    thread::scope(|scope| (0..2).for_each(|_| drop(scope.spawn(work))));
    let found = found.into_inner().unwrap();
    assert_eq!(found.len(), EXAMPLES.len() + 1);
    let denied = found.iter().flat_map(|one| &one.denied).collect::<BTreeSet<_>>();
    assert_eq!(denied, BTreeSet::new(), "calls that no policy allows");
    let used = found.iter().flat_map(|one| &one.used).collect::<BTreeSet<_>>();
    let allowed = found.iter().flat_map(|one| &one.allowed).collect::<BTreeSet<_>>();
    let unseen = allowed.difference(&used).map(|(holder, action)| (*holder, action.as_str()));
    let reasons =
        UNSEEN.iter().flat_map(|(holders, action, _)| holders.iter().map(|holder| (*holder, *action)));
    assert_eq!(
        unseen.collect::<BTreeSet<_>>(),
        reasons.collect(),
        "rights that no call shows, and those with a reason"
    );
}

/// What a life showed about the policies of its integration.
#[derive(Default)]
pub(super) struct Rights {
    /// What each policy allows.
    allowed: BTreeSet<(&'static str, String)>,
    /// What of it was made use of.
    used: BTreeSet<(&'static str, String)>,
    /// Calls that it does not allow.
    pub(super) denied: BTreeSet<String>,
}

/// An example, deployed, deployed again, looked at, changed and removed, by a deployer and an administrator apart.
fn whole_life(name: &str) -> Rights {
    let integration = &example(name).integration;
    let partition = integration.regions.partition();
    let second = format!("arn:{partition}:iam::{}:role/Second", integration.detective.account);
    let mut seed = seed(integration);
    for side in [Side::Lake, Side::Detective] {
        let roles = seed["accounts"][integration.account(side).as_str()]["roles"].as_array_mut().unwrap();
        roles.extend(["Deployer", "Administrator", "Second"].map(Value::from));
    }
    let (world, folder) = (World::start(seed), tempfile::tempdir().unwrap());
    for path in crate::support::specs_in("examples") {
        std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    let write = |more: &str| {
        let (name, deploy) = (integration.name.as_str(), two_roles(integration));
        let text = format!("name: {name}\nextends: {name}.yaml\n{deploy}{more}");
        lakelink::files::write(&folder.path().join(SPEC), &text).unwrap();
    };
    write("");
    let program = Program::new(&world, folder.path(), integration);
    program.ends(0, &["deploy", SPEC, "--yes", "--only", "roles"]);
    let policies = Policies::of(integration, &world);
    program.ends(6, &["plan", SPEC, "--detailed-exitcode"]);
    program.ends(0, &["deploy", SPEC, "--yes"]);
    program.ends(0, &["deploy", SPEC]);
    program.ends(0, &["status", SPEC]);
    if integration.has(Stack::Lake) {
        program.ends(0, &["handoff", SPEC]);
    }
    let principals = integration.detective.principals.iter().map(|one| one.arn().to_string());
    let principals = principals.chain([second]).collect::<Vec<_>>();
    write(&match integration.detective.encryption {
        // The world's change sets call a key that gets another policy one that is made anew.
        Encryption::OwnKey => "detective: {queries: false}\n".to_owned(),
        _ => format!("detective:\n  principals: {}\n", json!(principals)),
    });
    program.ends(6, &["plan", SPEC, "--detailed-exitcode"]);
    program.ends(0, &["deploy", SPEC, "--yes"]);
    program.ends(0, &["destroy", SPEC, "--yes"]);
    if ["two-accounts", "customer-key"].contains(&name) {
        // What was kept is taken over.
        program.ends(0, &["deploy", SPEC, "--yes"]);
        program.ends(0, &["destroy", SPEC, "--yes"]);
    }
    policies.judge(integration, &world.calls())
}

/// What is called when something goes wrong, too: a change set that is refused, a resource that fails, a dead stack.
fn failures() -> Rights {
    let integration = example("two-accounts").integration;
    let deploy = two_roles(&integration);
    let mut shop = Shop::open(&minimum(&deploy), &[]);
    let taken = ["--name", "/Detective/SLI/DatabaseName", "--value", "theirs", "--type", "String"];
    shop.ends(0, "deploy", &["--yes", "--only", "roles"]);
    let policies = Policies::of(&shop.integration, &shop.world);
    shop.aws(Side::Detective, &[&["ssm", "put-parameter"], &taken[..]].concat());
    shop.ends(1, "deploy", &["--yes"]);
    shop.ends(11, "plan", &[]);
    shop.aws(Side::Detective, &[&["ssm", "delete-parameter"], &taken[..2]].concat());
    for (stack, kind) in
        [("detective", "AWS::LakeFormation::PrincipalPermissions"), ("lake", "AWS::SecurityLake::Subscriber")]
    {
        shop.fault(&[json!({ "type": kind, "on": "create", "message": "it would not", "times": 1 })]);
        shop.ends(1, "deploy", &["--yes"]);
        shop.ends(11, "plan", &[]);
        shop.ends(0, "deploy", &["--yes", "--recreate-failed", stack]);
        shop.ends(0, "destroy", &["--yes", "--only", "lake"]);
    }
    shop.change(&minimum(&deploy).replace("detective:\n", "detective:\n  queries: false\n"));
    shop.ends(0, "deploy", &["--yes"]);
    let mut calls = shop.world.calls();
    // Those of `aws` above.
    calls.retain(|call| call["service"] != "ssm");
    policies.judge(&shop.integration, &calls)
}

/// A key of the spec that tells whoever deploys from whoever makes roles.
pub(super) fn two_roles(integration: &Integration) -> String {
    let of = |side: Side| {
        let (partition, account) = (integration.regions.partition(), integration.account(side));
        let role = |name: &str| format!("arn:{partition}:iam::{account}:role/{name}");
        json!({ "role_arn": role("Deployer"), "admin_role_arn": role("Administrator") })
    };
    format!("deploy:\n  lake: {}\n  detective: {}\n", of(Side::Lake), of(Side::Detective))
}

/// Policies of an integration as the roles stacks made them, by the words of who has them.
pub(super) struct Policies(BTreeMap<&'static str, Value>);

/// Who has a policy: of the lake account, of the Detective account.
const DEPLOYER: [&str; 2] = ["lake deployer", "detective deployer"];
const SERVICE_ROLE: [&str; 2] = ["lake service role", "detective service role"];
const ACCEPTOR: &str = "acceptor";

impl Policies {
    /// Read by the world's own reader, whose calls are forgotten.
    pub(super) fn of(integration: &Integration, world: &World) -> Self {
        let mut found = BTreeMap::new();
        for side in [Side::Lake, Side::Detective] {
            let iam = &world.state(integration.account(side), integration.regions.home())["iam"];
            let policy = |arn: &str| iam["policies"][arn]["document"].clone();
            let named = |duty: Duty| {
                let end = format!("/{}", integration.iam_name(duty));
                let mut arns = iam["policies"].as_object().unwrap().keys();
                arns.find(|arn| arn.ends_with(&end)).map(|arn| policy(arn))
            };
            found.extend(named(Duty::Deployer(side)).map(|policy| (DEPLOYER[side as usize], policy)));
            found.extend(named(Duty::Acceptor).map(|policy| (ACCEPTOR, policy)));
            let mut roles = iam["roles"].as_object().unwrap().iter();
            let service = format!("/{}", integration.iam_name(Duty::Cloudformation(side)));
            if let Some((_, role)) = roles.find(|(arn, _)| arn.ends_with(&service)) {
                let attached = listed(&role["attached"]).into_iter().map(|arn| policy(arn.as_str().unwrap()));
                let all = attached.flat_map(|policy| listed(&policy["Statement"])).collect::<Vec<_>>();
                found.insert(SERVICE_ROLE[side as usize], json!({ "Statement": all }));
            }
        }
        world.forget_calls();
        Self(found)
    }

    /// Holds calls against the policies.
    pub(super) fn judge(&self, integration: &Integration, calls: &[Value]) -> Rights {
        let mut rights = Rights::default();
        for holder in DEPLOYER.into_iter().chain([ACCEPTOR]) {
            let actions = self.0.get(holder).into_iter().flat_map(statements);
            let actions = actions.flat_map(|statement| listed(&statement["Action"]));
            rights.allowed.extend(actions.map(|action| (holder, action.as_str().unwrap().to_owned())));
        }
        for call in calls {
            let side = if call["account"] == integration.lake.account.as_str() {
                Side::Lake
            } else {
                Side::Detective
            };
            for (who, request) in requests(call, side) {
                let is_allowed = match who {
                    Who::Anybody => true,
                    Who::Administrator => is_for_administrators(integration, call),
                    Who::Policy(holder) => {
                        self.0.get(holder).is_some_and(|policy| request.is_allowed_by(policy))
                    }
                    Who::Role(holder) => {
                        self.0.get(holder).is_some_and(|policy| names(policy, &request.action))
                    }
                };
                if !is_allowed {
                    rights.denied.insert(format!("{}: {who:?}: {request:?}", integration.name));
                } else if let Who::Policy(holder) = who {
                    rights.used.insert((holder, request.action));
                }
            }
        }
        rights
    }
}

/// Whose right a request asks for.
#[derive(Clone, Copy, Debug)]
enum Who {
    /// Everybody has it.
    Anybody,
    /// Who makes the roles stacks: not bound by a policy of ours, but to its own work.
    Administrator,
    /// The holder of this policy.
    Policy(&'static str),
    /// The service role, which Cloud Control reads as: the world knows the type, not the calls of its handler.
    Role(&'static str),
}

/// What a call asks IAM for.
fn requests(call: &Value, side: Side) -> Vec<(Who, Request)> {
    let word = |key: &str| call[key].as_str();
    let service = match word("service").unwrap() {
        // One service in IAM's eyes.
        "cloudcontrolapi" => "cloudformation",
        service => service,
    };
    let mut keys = call["keys"].as_object().unwrap().clone();
    keys.insert("aws:RequestedRegion".to_owned(), call["region"].clone());
    let keys = keys.into_iter().map(|(key, value)| (key, value.as_str().unwrap().to_owned()));
    let request = Request {
        action: format!("{service}:{}", word("operation").unwrap()),
        resource: word("resource").map(ToOwned::to_owned),
        keys: keys.collect(),
    };
    let caller = word("caller").unwrap();
    let who = match &request.action {
        action if action == FREE => Who::Anybody,
        _ if call["function"] == true => Who::Policy(ACCEPTOR),
        _ if caller.ends_with(":role/Deployer") => Who::Policy(DEPLOYER[side as usize]),
        _ if caller.ends_with(":role/Administrator") => Who::Administrator,
        // Whoever starts the program assumes both roles and does nothing else.
        action if action == "sts:AssumeRole" => Who::Anybody,
        action => panic!("{caller} calls {action}"),
    };
    let mut all = vec![(who, request)];
    if let (Who::Policy(_), Some(role)) = (who, word("role")) {
        let to = ("iam:PassedToService".to_owned(), "cloudformation.amazonaws.com".to_owned());
        let pass =
            Request { action: "iam:PassRole".to_owned(), resource: Some(role.to_owned()), keys: [to].into() };
        all.push((who, pass));
    }
    let read = word("type").into_iter().flat_map(|kind| handlers(kind, Some("read")));
    all.extend(read.map(|action| {
        (Who::Role(SERVICE_ROLE[side as usize]), Request { action, resource: None, keys: BTreeMap::new() })
    }));
    all
}

/// What is left to whoever makes roles: their stacks, and taking a role out of Lake Formation's administrators.
fn is_for_administrators(integration: &Integration, call: &Value) -> bool {
    let stacks =
        [Stack::LakeRoles, Stack::DetectiveRoles].map(|stack| Value::from(integration.stack_name(stack)));
    let settings = ["GetDataLakeSettings", "PutDataLakeSettings"].map(Value::from);
    // When a role is to lose rights, they look at what is deployed and may need them.
    let looks = call["service"] == "cloudformation" && call["write"] == false;
    stacks.contains(&call["stack"])
        || looks
        || (call["service"] == "lakeformation" && settings.contains(&call["operation"]))
}

fn names(policy: &Value, action: &str) -> bool {
    statements(policy).any(|statement| listed(&statement["Action"]).contains(&Value::from(action)))
}
