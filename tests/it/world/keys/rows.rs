//! A worked change for every key of the spec: what stands in the spec before and after. What it does is not said here
//! but worked out; only what deploy refuses for a reason beyond the templates is.

use lakelink::check::Rendered;
use serde_json::Value;

use crate::support::{rendered, spec};

/// Changes of specs that have something in common, in the order in which one world plays them.
pub(super) struct Group {
    /// What all of its specs have beside the smallest one, in YAML; `~` takes a key away.
    pub(super) base: &'static str,
    /// What the world has beside what the specs name, in JSON.
    pub(super) seed: &'static str,
    pub(super) rows: &'static [Row],
}

/// One change.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// The key, as a path in the spec. What stands under it has no row of its own only if `any` change is one and the same.
    pub(super) key: &'static str,
    /// The change, in Markdown.
    pub(super) change: &'static str,
    /// What the spec has before, beside the base.
    pub(super) before: &'static str,
    /// And after.
    pub(super) after: &'static str,
    /// How deploy ends, and what it says, if it is refused for a reason that is not in the templates.
    pub(super) refused: Option<(i32, &'static str)>,
}

const fn row(key: &'static str, change: &'static str, before: &'static str, after: &'static str) -> Row {
    Row { key, change, before, after, refused: None }
}

const fn no(
    key: &'static str,
    change: &'static str,
    [before, after]: [&'static str; 2],
    code: i32,
    says: &'static str,
) -> Row {
    Row { key, change, before, after, refused: Some((code, says)) }
}

impl Group {
    /// The spec with this beside the base.
    pub(super) fn text(&self, more: &str) -> String {
        let read = |yaml: &str| {
            serde_yaml::from_str::<Value>(yaml).unwrap_or_else(|error| panic!("{yaml}: {error}"))
        };
        let mut spec = read(&spec("", "", ""));
        lay_over(&mut spec, read(self.base));
        lay_over(&mut spec, read(more));
        serde_yaml::to_string(&spec).unwrap()
    }

    /// What the spec gives. What it extends is empty.
    pub(super) fn rendered(&self, more: &str) -> Rendered {
        rendered("variant.yaml", &self.text(more).replace("extends: base.yaml\n", ""))
    }
}

fn lay_over(value: &mut Value, more: Value) {
    let (Value::Object(old), Value::Object(new)) = (&mut *value, &more) else {
        if !more.is_null() {
            *value = more;
        }
        return;
    };
    for (key, more) in new {
        if more.is_null() {
            old.remove(key);
        } else {
            lay_over(old.entry(key).or_insert(Value::Null), more.clone());
        }
    }
}

const SOURCES: &str = "lake: {sources: [cloud_trail_mgmt, vpc_flow, eks_audit]}";
const HUNTER: &str = "detective: {principals: ['arn:aws:iam::444455556666:role/SecurityAnalyst', 'arn:aws:iam::444455556666:user/hunter']}";
const GLASS: &str = "detective: {results: {break_glass: ['arn:aws:iam::444455556666:role/Glass']}}";
const BARE: &str = "detective: {workgroup: none, queries: false}";
const DAILY: &str = "detective: {crawler: {schedule: 'cron(0 6 * * ? *)'}}";
const LAMBDA: &str = "handoff: {acceptance: lambda}";
const KEY: &str = "detective: {results: {encryption: 'arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab'}}";
/// The first share that is made in the lake account of a world.
pub(super) const FIRST_SHARE: &str =
    "arn:aws:ram:us-east-1:111122223333:resource-share/8d1d1aef-db53-5851-a125-0c6f2ff85521";
/// As it is pinned.
const PINNED: &str = "handoff: {share_arn: pinned, shares: {us-east-1: 'arn:aws:ram:us-east-1:111122223333:resource-share/8d1d1aef-db53-5851-a125-0c6f2ff85521'}}";
/// The second one.
const SECOND: &str = "handoff: {share_arn: pinned, shares: {us-east-1: 'arn:aws:ram:us-east-1:111122223333:resource-share/ebab422b-9579-5e16-80c2-9657f2f5c171'}}";

/// In the smallest spec.
pub(super) const SMALL: Group = Group {
    base: "{}",
    seed: "{}",
    rows: &[
        row("version", "written", "{}", "version: 1"),
        row("extends", "a base that says the same", "{}", "extends: base.yaml"),
        row("outputs", "one less", "{}", "outputs: [templates]"),
        row("tags", "another", "{}", "tags: {team: security}"),
        row("lake.sources", "one more", "{}", SOURCES),
        row("lake.sources", "one less", SOURCES, "{}"),
        row("lake.subscriber.name", "another", "{}", "lake: {subscriber: {name: other}}"),
        row("lake.source_version", "another", "{}", "lake: {source_version: '1.0'}"),
        row("detective.principals", "one more", "{}", HUNTER),
        row("detective.principals", "one less", HUNTER, "{}"),
        row("detective.attach_policy", "`roles`", "{}", "detective: {attach_policy: roles}"),
        row("detective.attach_policy", "`none`", "detective: {attach_policy: roles}", "{}"),
        row("handoff.share_arn", "to `stack_output`", "{}", "handoff: {share_arn: stack_output}"),
        row("handoff.share_arn", "to `pinned`", "handoff: {share_arn: stack_output}", PINNED),
        no(
            "handoff.shares",
            "another than that of a lake stack of ours",
            [PINNED, SECOND],
            11,
            "lakelink handoff --write",
        ),
        row("handoff.share_arn", "to `parameter`, of the same share", PINNED, "{}"),
        row(
            "lake.subscriber.external_id",
            "another",
            "{}",
            "lake: {subscriber: {external_id: 0f0f0f0f-another-one}}",
        ),
    ],
};

/// What only the Detective account has.
pub(super) const OPTIONS: Group = Group {
    base: "{}",
    seed: "{}",
    rows: &[
        row(
            "detective.results.retention_days",
            "another",
            "{}",
            "detective: {results: {retention_days: 30}}",
        ),
        row("detective.results.break_glass", "one more", "{}", GLASS),
        row("detective.results.break_glass", "one less", GLASS, "{}"),
        row(
            "detective.workgroup.scan_limit_gb",
            "another",
            "{}",
            "detective: {workgroup: {scan_limit_gb: 5}}",
        ),
        row("detective.queries", "`false`", "{}", "detective: {queries: false}"),
        row("detective.queries", "`true`", "detective: {queries: false}", "{}"),
        row("detective.workgroup", "`none`", "{}", "detective: {workgroup: none}"),
        row("detective.workgroup", "`none`, with `queries: false`", "{}", BARE),
        row("detective.workgroup", "settings, with `queries: true`", BARE, "{}"),
        row(
            "detective.lake_formation.grant_on",
            "`link`",
            "{}",
            "detective: {lake_formation: {grant_on: link}}",
        ),
        row(
            "detective.lake_formation.grant_on",
            "`target`",
            "detective: {lake_formation: {grant_on: link}}",
            "{}",
        ),
        row("detective.crawler", "`evidence`", "{}", "detective: {crawler: evidence}"),
        row("detective.crawler.schedule", "a schedule", "detective: {crawler: evidence}", DAILY),
        row("detective.crawler", "`none`", DAILY, "{}"),
        row("handoff.acceptance", "to `lambda`", "{}", LAMBDA),
        row(
            "handoff.share_arn",
            "to `discover`",
            LAMBDA,
            "handoff: {share_arn: discover, acceptance: lambda}",
        ),
        row("handoff.acceptance", "from `lambda`", LAMBDA, "{}"),
        row("detective.results.encryption", "`kms`", "{}", "detective: {results: {encryption: kms}}"),
        row(
            "detective.results.encryption",
            "the ARN of a key",
            "detective: {results: {encryption: kms}}",
            KEY,
        ),
        row("detective.results.encryption", "`s3`", KEY, "{}"),
        row(
            "detective.results.bucket",
            "a bucket that exists",
            "{}",
            "detective: {results: {bucket: house-results}}",
        ),
        no(
            "detective.results.bucket",
            "`create`, where the old one was kept",
            ["detective: {results: {bucket: house-results}}", "{}"],
            1,
            "a bucket of this name is there",
        ),
    ],
};

/// Results in a bucket of the house from the beginning.
pub(super) const HOUSE: Group = Group {
    base: "detective: {results: {bucket: house-results}}",
    seed: "{}",
    rows: &[row("detective.results.bucket", "`create`", "{}", "detective: {results: {bucket: create}}")],
};

/// Whose rights are used.
pub(super) const ROLES: Group = Group {
    base: "{}",
    seed: "{}",
    rows: &[
        row(
            "deploy.lake.role_arn",
            "given",
            "{}",
            "deploy: {lake: {role_arn: 'arn:aws:iam::111122223333:role/SecDeploy'}}",
        ),
        row(
            "deploy.lake.external_id",
            "given",
            "deploy: {lake: {role_arn: 'arn:aws:iam::111122223333:role/SecDeploy'}}",
            "deploy: {lake: {role_arn: 'arn:aws:iam::111122223333:role/SecDeploy', external_id: 7c1f0a52-deploy-lake}}",
        ),
        row(
            "deploy.lake.admin_role_arn",
            "given",
            "{}",
            "deploy: {lake: {admin_role_arn: 'arn:aws:iam::111122223333:role/IamAdmin'}}",
        ),
        row(
            "deploy.lake.permissions_boundary",
            "given",
            "{}",
            "deploy: {lake: {permissions_boundary: SecBoundary}}",
        ),
        row(
            "deploy.lake.execution_role",
            "an ARN",
            "{}",
            "deploy: {lake: {execution_role: 'arn:aws:iam::111122223333:role/Cfn'}}",
        ),
        row(
            "deploy.lake.execution_role",
            "`service_role`",
            "deploy: {lake: {execution_role: 'arn:aws:iam::111122223333:role/Cfn'}}",
            "{}",
        ),
        row(
            "deploy.detective.role_arn",
            "given",
            "{}",
            "deploy: {detective: {role_arn: 'arn:aws:iam::444455556666:role/SecDeploy'}}",
        ),
        row(
            "deploy.detective.external_id",
            "given",
            "deploy: {detective: {role_arn: 'arn:aws:iam::444455556666:role/SecDeploy'}}",
            "deploy: {detective: {role_arn: 'arn:aws:iam::444455556666:role/SecDeploy', external_id: 7c1f0a52-deploy-detective}}",
        ),
        row(
            "deploy.detective.admin_role_arn",
            "given",
            "{}",
            "deploy: {detective: {admin_role_arn: 'arn:aws:iam::444455556666:role/IamAdmin'}}",
        ),
        row(
            "deploy.detective.permissions_boundary",
            "given",
            "{}",
            "deploy: {detective: {permissions_boundary: SecBoundary}}",
        ),
        row(
            "deploy.detective.execution_role",
            "an ARN",
            "{}",
            "deploy: {detective: {execution_role: 'arn:aws:iam::444455556666:role/Cfn'}}",
        ),
        row(
            "deploy.detective.execution_role",
            "`service_role`",
            "deploy: {detective: {execution_role: 'arn:aws:iam::444455556666:role/Cfn'}}",
            "{}",
        ),
        row("deploy.role_path", "another", "{}", "deploy: {role_path: /security/}"),
        row("review.suppress", "given", "{}", "review: {suppress: [cfn_guard, cfn_nag]}"),
        row(
            "review.accept",
            "any",
            "{}",
            "review: {accept: [{rule: LL19, at: detective/GrantX, reason: 'at least twenty characters', owner: me, until: 2027-06-30}]}",
        ),
    ],
};

/// With log sources of ours.
pub(super) const COLLECTION: Group = Group {
    base: "lake: {collection: {accounts: all}}",
    seed: "{accounts: {'111122223333': {lake_sources: []}}}",
    rows: &[
        row(
            "lake.collection.accounts",
            "another list",
            "{}",
            "lake: {collection: {accounts: ['111122223333']}}",
        ),
        row("lake.sources", "one more, with `lake.collection`", "{}", SOURCES),
        row("lake.sources", "one less, with `lake.collection`", SOURCES, "{}"),
        // Which the row before has left on.
        row("lake.sources", "one more that is on already, with `lake.collection`", "{}", SOURCES),
        row("lake.collection", "taken out", "{}", "lake: {collection: ~}"),
        row("lake.collection", "put in", "lake: {collection: ~}", "{}"),
        row("lake.source_version", "another, with `lake.collection`", "{}", "lake: {source_version: '1.0'}"),
    ],
};

/// With the subscriber of somebody else.
pub(super) const EXISTING: Group = Group {
    base: "{lake: {subscriber: {existing: true, external_id: ~}}, handoff: {share_arn: pinned, shares: {us-east-1: 'arn:aws:ram:us-east-1:111122223333:resource-share/8d1d1aef-db53-5851-a125-0c6f2ff85521'}}}",
    seed: "{accounts: {'111122223333': {subscribers: [
        {region: us-east-1, name: one, external_id: 0b5d8e3f-one, principal: '444455556666', sources: ['cloud_trail_mgmt:2.0', 'vpc_flow:2.0']},
        {region: us-east-1, name: two, external_id: 0b5d8e3f-two, principal: '444455556666', sources: ['cloud_trail_mgmt:2.0', 'vpc_flow:2.0']}]}}}",
    rows: &[
        row("handoff.shares", "another", "{}", SECOND),
        row("lake.subscriber.existing", "it becomes ours", "{}", OURS),
        row("lake.subscriber.existing", "it becomes somebody else's", OURS, "{}"),
    ],
};

const OURS: &str =
    "{lake: {subscriber: {existing: false, external_id: 7f3c9a51-variant-detective}}, handoff: ~}";

/// Of one organization.
pub(super) const ORGANIZATION: Group = Group {
    base: "{}",
    seed: "{organization: true}",
    rows: &[
        row("organization.id", "given", "{}", "organization: {id: o-a1b2c3d4e5}"),
        row(
            "handoff.acceptance",
            "to `organization`",
            "organization: {id: o-a1b2c3d4e5}",
            "{organization: {id: o-a1b2c3d4e5}, handoff: {acceptance: organization}}",
        ),
    ],
};

/// Regions.
pub(super) const REGIONS: Group = Group {
    base: "{}",
    seed: "{}",
    rows: &[
        row("regions", "one more", "{}", "regions: [us-east-1, eu-west-1]"),
        no(
            "home_region",
            "another",
            ["regions: [us-east-1, eu-west-1]", "{regions: [us-east-1, eu-west-1], home_region: eu-west-1}"],
            11,
            "write `home_region: us-east-1`",
        ),
        no(
            "regions",
            "another first, without `home_region`",
            ["regions: [us-east-1, eu-west-1]", "regions: [eu-west-1]"],
            11,
            "write `home_region: us-east-1`",
        ),
        no(
            "regions",
            "one less",
            ["regions: [us-east-1, eu-west-1]", "{}"],
            11,
            "still needs the rights of its service role",
        ),
    ],
};

/// Consoles apart. A Region that is left behind stops what comes after, so each row has the Regions of the one before.
pub(super) const CONSOLES: Group = Group {
    base: "{}",
    seed: "{}",
    rows: &[
        row(
            "regions.detective",
            "a console apart",
            "{}",
            "regions: [{lake: us-east-1, detective: eu-south-1}]",
        ),
        row(
            "regions.detective",
            "one more console apart",
            "{}",
            "regions: [us-east-1, {lake: us-east-1, detective: eu-south-1}]",
        ),
        row(
            "regions.detective",
            "the lake's own console less",
            "{regions: [us-east-1, {lake: us-east-1, detective: eu-south-1}]}",
            "{regions: [{lake: us-east-1, detective: eu-south-1}]}",
        ),
        row(
            "regions.lake",
            "another lake Region behind a console",
            "{regions: [us-east-1, {lake: us-east-1, detective: eu-south-1}]}",
            "{regions: [us-east-1, {lake: eu-west-1, detective: eu-south-1}]}",
        ),
    ],
};

/// Another name.
pub(super) const NAME: Group = Group {
    base: "{}",
    seed: "{}",
    rows: &[no(
        "name",
        "another: a new integration",
        ["{}", "name: other"],
        11,
        "an account has one integration for each Region",
    )],
};

/// Another Detective account.
pub(super) const DETECTIVE_ACCOUNT: Group = Group {
    base: "{}",
    seed: "{}",
    rows: &[row(
        "detective.account",
        "another",
        "{}",
        "{detective: {account: '777766665555', principals: ['arn:aws:iam::777766665555:role/SecurityAnalyst']}}",
    )],
};

/// Another lake account.
pub(super) const LAKE_ACCOUNT: Group = Group {
    base: "{}",
    seed: "{}",
    rows: &[row("lake.account", "another", "{}", "lake: {account: '777766665555'}")],
};

/// With what stack sets need beside their own settings: deploy makes stacks all the same.
pub(super) const SETS: Group = Group {
    base: "{handoff: {share_arn: discover, acceptance: lambda}, deploy: {lake: {execution_role: 'arn:aws:iam::111122223333:role/Cfn'}, detective: {execution_role: 'arn:aws:iam::444455556666:role/Cfn'}}}",
    seed: "{}",
    rows: &[row(
        "rollout",
        "any",
        "{}",
        "rollout: {method: stack_sets, stack_sets: {permission_model: self_managed, administration_role: 'arn:aws:iam::777788889999:role/Sets'}}\noutputs: [templates, runbook, stack_sets]",
    )],
};

/// All of them, in the order of the table.
pub(super) const GROUPS: [&Group; 13] = [
    &SMALL,
    &OPTIONS,
    &HOUSE,
    &ROLES,
    &SETS,
    &COLLECTION,
    &EXISTING,
    &ORGANIZATION,
    &REGIONS,
    &CONSOLES,
    &NAME,
    &DETECTIVE_ACCOUNT,
    &LAKE_ACCOUNT,
];
