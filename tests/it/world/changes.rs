//! What a change of the spec does to what is deployed, and what a stack refuses.

use std::collections::{BTreeMap, BTreeSet};

use lakelink::model::Side;
use serde_json::{Value, json};

use super::rollout::Rollout;
use super::runbook::Runbook;
use super::server::World;
use super::{example, seed};
use crate::support::{spec, spec_for};

/// Logical and physical ids of a stack.
type Ids = BTreeMap<String, String>;

/// What became of the resources of a stack: `+` is made, `-` gone, `~` replaced, and the rest is the same as before.
fn difference(before: &Ids, after: &Ids) -> String {
    let ids = before.keys().chain(after.keys()).collect::<BTreeSet<_>>();
    let signs = ids.into_iter().filter_map(|id| match (before.get(id), after.get(id)) {
        (None, _) => Some(format!("+{id}")),
        (_, None) => Some(format!("-{id}")),
        (old, new) => (old != new).then(|| format!("~{id}")),
    });
    signs.collect::<Vec<_>>().join(" ")
}

/// The state without stacks and grants, and without what is at these paths, which must have changed.
fn rest(first: &Value, state: &Value, changed: &[&str]) -> Value {
    let mut rest = state.clone();
    for path in changed {
        assert_ne!(state.pointer(path), first.pointer(path), "{path}");
    }
    for path in changed.iter().chain(&["/stacks", "/lake_formation/permissions"]) {
        rest.pointer_mut(path).unwrap().take();
    }
    rest
}

const ANALYST: &str = "arn:aws:iam::444455556666:role/SecurityAnalyst";
const HUNTER: &str = "arn:aws:iam::444455556666:user/ops/hunter";

/// Nothing of the others is touched, and the share stays.
#[test]
fn a_source_and_a_principal_come_and_go() {
    let few = spec("", "", "");
    let sources = spec("  sources: [cloud_trail_mgmt, eks_audit, vpc_flow]\n", "", "");
    let principals = spec_for(&[HUNTER, ANALYST], "", "", "");
    let mut rollout = Rollout::start(&principals, &[]);
    let first = rollout.deploy(&few);
    let share = rollout.share();
    let mut come_and_go = |more: &str, changed: &[&str]| {
        let ids = rollout.resources();
        let state = rollout.deploy(more);
        assert_eq!(rest(&first, &state, changed), rest(&state, &first, changed));
        let more_ids = rollout.resources();
        let state = rollout.deploy(&few);
        assert_eq!(rest(&first, &state, &[]), rest(&first, &first, &[]));
        assert_eq!(state["lake_formation"], first["lake_formation"]);
        assert_eq!(rollout.share(), share);
        [difference(&ids, &more_ids), difference(&more_ids, &rollout.resources())].join("\n")
    };
    // Two of the ready queries name every source.
    let names = "/ssm_parameters/~1Detective~1SLI~1TableNames";
    insta::assert_snapshot!(come_and_go(&sources, &[names, "/athena_workgroups", "/ram"]), @r"
    ~DeliveryQuery +GrantSecurityAnalystEksAudit ~NewestRecordsQuery
    ~DeliveryQuery -GrantSecurityAnalystEksAudit ~NewestRecordsQuery
    ");
    let policy = "/buckets/lakelink-variant-444455556666-us-east-1/policy";
    insta::assert_snapshot!(come_and_go(&principals, &[policy]), @r"
    +GrantUserHunter90ed49CloudTrailMgmt +GrantUserHunter90ed49Link +GrantUserHunter90ed49VpcFlow
    -GrantUserHunter90ed49CloudTrailMgmt -GrantUserHunter90ed49Link -GrantUserHunter90ed49VpcFlow
    ");
}

/// Off with the roles stacks last, as the run-book says, and on again with them first.
#[test]
fn options_are_turned_off_and_on() {
    let on = spec("", "  crawler: evidence\n", "handoff: {acceptance: lambda}\n");
    let off = spec("", "  queries: false\n  workgroup: none\n  crawler: none\n", "");
    let mut rollout = Rollout::start(&on, &[]);
    let first = rollout.deploy(&on);
    let (ids, share) = (rollout.resources(), rollout.share());
    let state = rollout.deploy_roles_last(&off);
    let gone = difference(&ids, &rollout.resources()).replace(' ', "\n");
    insta::assert_snapshot!(gone, @r"
    -AcceptorFunction
    -AcceptorLog
    -ActivityFromAddressQuery
    -CrawlerGrant
    -DeliveryQuery
    -ErrorsByPrincipalQuery
    -EvidenceCrawler
    -EvidenceDatabase
    -FlowsOfInstanceQuery
    -GrantSecurityAnalystEvidence
    -NewestRecordsQuery
    -RejectedFlowsQuery
    -ShareAcceptance
    -Workgroup
    ");
    for kind in ["functions", "log_groups", "crawlers"] {
        assert_ne!(first[kind], json!({}), "{kind}");
        assert_eq!(state[kind], json!({}), "{kind}");
    }
    rollout.deploy(&on);
    assert!(rollout.resources().keys().eq(ids.keys()), "{ids:?}");
    assert_eq!(rollout.share(), share, "whoever accepts it, it is the same share");
}

/// Results get a key, then go to a bucket and a key of the house. What held results stays, and what is the house's is
/// not touched.
#[test]
fn results_move_to_a_key_and_to_another_bucket() {
    const OURS: &str = "/buckets/lakelink-variant-444455556666-us-east-1";
    const THEIRS: [&str; 2] = ["/buckets/house-results", "/kms_keys/1234abcd-12ab-34cd-56ef-1234567890ab"];
    let results = |lines: &str| spec("", &format!("  results: {{{lines}}}\n"), "");
    let existing = results(
        "bucket: house-results, encryption: \"arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab\"",
    );
    let mut rollout = Rollout::start(&existing, &[]);
    let at = |state: &Value, path: &str| state.pointer(path).unwrap_or_else(|| panic!("no {path}")).clone();
    let house = THEIRS.map(|path| at(&rollout.state(Side::Detective), path));
    let first = rollout.deploy(&results("encryption: s3"));
    let ids = rollout.resources();

    let by_key = rollout.deploy(&results("encryption: kms"));
    let key_ids = rollout.resources();
    insta::assert_snapshot!(difference(&ids, &key_ids), @"+ResultsKey +ResultsKeyAlias");
    let key = format!("/kms_keys/{}", key_ids["ResultsKey"]);
    let policy = format!("{OURS}/policy");
    assert_eq!(at(&by_key, &policy), at(&first, &policy));
    let chosen = at(&by_key, &format!("{OURS}/encryption/0/ApplyServerSideEncryptionByDefault"));
    assert_eq!(chosen["KMSMasterKeyID"], at(&by_key, &key)["arn"]);

    let moved = rollout.deploy(&existing);
    let left = difference(&key_ids, &rollout.resources());
    insta::assert_snapshot!(left, @"-ResultsBucket -ResultsBucketPolicy -ResultsKey -ResultsKeyAlias");
    assert_eq!(at(&moved, OURS), at(&by_key, OURS), "kept as it was, with its policy");
    assert_eq!(at(&moved, &key), at(&by_key, &key), "what is in the bucket needs it");
    assert_eq!(THEIRS.map(|path| at(&moved, path)), house);
}

/// The pattern of the parameter refuses the share of somebody else before anything is made.
#[test]
fn somebody_elses_share_is_refused() {
    let integration = &example("two-accounts").integration;
    let world = World::start(seed(integration));
    let runbook = Runbook::of(integration, &world);
    let foreign = "arn:aws:ram:us-east-1:999999999999:resource-share/8d1d1aef-db53-5851-a125-0c6f2ff85521";
    let ran = runbook.shell(&format!(
        "aws cloudformation deploy --stack-name probe --template-file detective.template.yaml \
         --parameter-overrides ResourceShareArn={foreign} --region us-east-1 --profile lakelink-two-accounts-detective"
    ));
    assert_ne!(ran.code, 0);
    assert!(
        ran.said().contains("must be the ARN of a resource share of account 111122223333"),
        "{}",
        ran.said()
    );
}
