//! AWS's limits: what fits, what is refused in words, and that nothing else can overflow.

use proptest::prelude::*;

use crate::support::{checked, principal, rendered};

const COMMERCIAL: [&str; 16] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// A legal spec of the largest names: a name of 20 characters, an IAM path, a subscriber name.
fn spec(regions: usize, sources: &str, principals: &[String], path: &str) -> String {
    let list = principals.iter().map(|arn| format!("    - {arn}\n")).collect::<String>();
    format!(
        "name: abcdefghijklmnopqrst\nregions: [{}]\nlake:\n  account: \"111122223333\"\n  sources: [{sources}]\n  subscriber:\n    \
         external_id: {}\ndetective:\n  account: \"444455556666\"\n  principals:\n{list}deploy:\n  role_path: {path}\n",
        COMMERCIAL[..regions].join(", "),
        "x".repeat(64),
    )
}

const THREE: &str = "cloud_trail_mgmt, vpc_flow, eks_audit";

fn plain(n: usize) -> String {
    format!("arn:aws:iam::444455556666:role/SecurityAnalyst{n:02}")
}

fn permission_set(n: usize) -> String {
    let name = format!("AWSReservedSSO_{}_{n:016x}", "P".repeat(32));
    format!("arn:aws:iam::444455556666:role/aws-reserved/sso.amazonaws.com/ap-southeast-1/{name}")
}

/// 255 characters: the most that Lake Formation takes.
fn longest(n: usize) -> String {
    let arn = format!("arn:aws:iam::444455556666:user/{}/{n:02}{}", "p".repeat(161), "n".repeat(60));
    assert_eq!(arn.len(), 255);
    arn
}

#[test]
fn twelve_principals_of_any_kind_fit_with_three_sources() {
    // In every Region, with the share as a parameter and pinned, encrypted with a key of our own.
    let shares = COMMERCIAL.map(|region| {
        format!("    {region}: arn:aws:ram:{region}:111122223333:resource-share/8d1d1aef-db53-5851-a125-0c6f2ff85521\n")
    });
    let pinned = format!("handoff:\n  share_arn: pinned\n  shares:\n{}", shares.concat());
    for kind in [plain as fn(usize) -> String, permission_set, longest] {
        let principals = (0..12).map(kind).collect::<Vec<_>>();
        for handoff in ["", &pinned] {
            let text = spec(16, THREE, &principals, "/lakelink/");
            rendered("large.yaml", &format!("{text}{handoff}"));
        }
    }
}

#[test]
fn every_region_fits_with_the_longest_path_that_iam_and_we_take() {
    // With the longest name, the service role of the Detective account has an ARN of 255 characters then: it becomes a
    // Lake Formation administrator.
    let path = |last: usize| format!("/{0}/{0}/{1}/", "p".repeat(64), "p".repeat(last));
    rendered("large.yaml", &spec(16, THREE, &[plain(1)], &path(50)));
    let checked = checked("large.yaml", &spec(16, THREE, &[plain(1)], &path(51)));
    assert_eq!(checked.problems[0].code.id(), "LS049");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// A legal spec is rendered, or refused for its principals with the number that would fit; no template and no
    /// policy ever leaves here too large, and no other limit can be hit.
    #[test]
    fn nothing_but_principals_can_overflow(
        regions in 1..=16_usize,
        extra in prop::sample::subsequence(vec!["eks_audit", "waf", "route53", "s3_data", "sh_findings", "lambda_execution"], 0..=6),
        principals in prop::collection::btree_set(principal(), 1..30),
        path in prop::collection::vec("[a-z0-9]{1,44}", 0..=4),
    ) {
        let sources = [vec!["cloud_trail_mgmt", "vpc_flow"], extra].concat().join(", ");
        let path = path.iter().map(|part| format!("{part}/")).collect::<String>();
        let principals = principals.into_iter().collect::<Vec<_>>();
        let checked = checked("random.yaml", &spec(regions, &sources, &principals, &format!("/{path}")));
        let codes = checked.problems.iter().map(|problem| problem.code.id()).collect::<Vec<_>>();
        prop_assert!(codes.iter().all(|code| ["LS058", "LS090"].contains(code)), "{codes:?} {:?}", checked.problems);
        if let Some(rendered) = checked.rendered {
            for stack in &rendered.stacks {
                let sections = stack.template.sections();
                prop_assert!(lakelink::render::yaml::template(&stack.template).len() <= 51_200);
                prop_assert!(lakelink::render::json::compact(&sections).len() <= 51_200);
            }
        } else {
            prop_assert!(checked.problems.iter().any(|problem| problem.help.contains("would fit")));
        }
    }
}
