//! AWS's limits: what fits, what is refused in words, and that nothing else can overflow.

use proptest::prelude::*;

use crate::env;
use crate::support::{checked, principal, rendered};

/// Lake Regions of the commercial partition.
pub(crate) const COMMERCIAL: [&str; 16] = [
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

/// Regions that have Detective only: each may read the lake of another Region.
const DETECTIVE_ONLY: [&str; 5] = ["af-south-1", "ap-east-1", "eu-south-1", "il-central-1", "me-south-1"];

/// `regions` as they are, then as many consoles apart, each of one of them.
fn with_consoles(regions: usize, consoles: usize) -> String {
    let apart = DETECTIVE_ONLY[..consoles].iter().enumerate();
    let apart =
        apart.map(|(n, region)| format!("{{lake: {}, detective: {region}}}", COMMERCIAL[n % regions]));
    COMMERCIAL[..regions].iter().map(ToString::to_string).chain(apart).collect::<Vec<_>>().join(", ")
}

/// A legal spec of the largest names, with every stack: a name of 20 characters, an IAM path, a subscriber name.
fn spec(regions: &str, sources: &str, principals: &[String], path: &str, detective: &str) -> String {
    let list = principals.iter().map(|arn| format!("    - {arn}\n")).collect::<String>();
    format!(
        "name: abcdefghijklmnopqrst\nregions: [{regions}]\nlake:\n  account: \"111122223333\"\n  sources: [{sources}]\n  collection: {{accounts: all}}\n  subscriber:\n    \
         external_id: {}\ndetective:\n  account: \"444455556666\"\n  principals:\n{list}{detective}deploy:\n  role_path: {path}\n",
        "x".repeat(64),
    )
}

/// A crawler over a bucket that is encrypted with a key of its own: the most that there can be to say.
const CRAWLER: &str = "  results: {encryption: kms}\n  crawler: {schedule: 'cron(0 6 * * ? *)'}\n";

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

/// A hand-off of the shares in the first `regions`.
fn pinned(regions: usize) -> String {
    let shares = COMMERCIAL[..regions].iter().map(|region| {
        format!("    {region}: arn:aws:ram:{region}:111122223333:resource-share/8d1d1aef-db53-5851-a125-0c6f2ff85521\n")
    });
    format!("handoff:\n  share_arn: pinned\n  shares:\n{}", shares.collect::<String>())
}

#[test]
fn twelve_principals_of_any_kind_fit_with_three_sources() {
    // In every Region, with the share as a parameter and pinned; where the template holds the function, in one.
    let pinned = pinned(16);
    let accepted = "handoff:\n  share_arn: stack_output\n  acceptance: lambda\n";
    for kind in [plain as fn(usize) -> String, permission_set, longest] {
        let principals = (0..12).map(kind).collect::<Vec<_>>();
        for (regions, handoff) in
            [(with_consoles(16, 5), ""), (with_consoles(16, 5), &*pinned), (with_consoles(1, 0), accepted)]
        {
            let text = spec(&regions, THREE, &principals, "/lakelink/", "");
            rendered("large.yaml", &format!("{text}{handoff}"));
        }
    }
}

#[test]
fn every_region_fits_with_the_longest_path_that_iam_and_we_take() {
    // With the longest name, the service role of the Detective account has an ARN of 255 characters then: it becomes a
    // Lake Formation administrator.
    let path = |last: usize| format!("/{0}/{0}/{1}/", "p".repeat(64), "p".repeat(last));
    rendered("large.yaml", &spec(&with_consoles(16, 5), THREE, &[plain(1)], &path(50), ""));
    rendered("large.yaml", &spec(&with_consoles(8, 0), THREE, &[plain(1)], &path(50), CRAWLER));
    let checked = checked("large.yaml", &spec(&with_consoles(16, 0), THREE, &[plain(1)], &path(51), ""));
    assert_eq!(checked.problems[0].code.id(), "LS049");
}

/// README says how many principals fit: so many do, however the share gets there, and one more does not.
#[test]
fn the_table_of_readme_says_how_many_principals_fit() {
    let readme = std::fs::read_to_string(env::root().join("README.md")).unwrap();
    let mut lines = readme.lines().map(|line| line.trim().trim_matches('|').trim());
    let heading = lines.find_map(|line| line.strip_prefix("principals that fit | ")).unwrap();
    let counts = heading.split(" | ").map(|head| head.split(' ').next().unwrap().parse::<usize>().unwrap());
    let counts = counts.collect::<Vec<_>>();
    assert_eq!(counts, [1, 2, 8, 16]);
    let by_function = "  acceptance: lambda\n";
    let rows = [("", ""), (by_function, ""), ("", CRAWLER), (by_function, CRAWLER)];
    for ((acceptance, detective), line) in rows.into_iter().zip(lines.skip(1)) {
        let (_, cells) = line.split_once(" | ").unwrap();
        let cells = cells.split(" | ").map(|cell| if cell == "none" { 0 } else { cell.parse().unwrap() });
        let fit = cells.collect::<Vec<usize>>();
        let found = counts
            .iter()
            .zip(&fit)
            .map(|(regions, said)| most_that_fit(*regions, *said, detective, acceptance));
        assert_eq!(found.collect::<Vec<_>>(), fit, "{line}");
    }
}

/// How many principals of the longest ARNs fit with whatever hand-off needs the most room, looked for from `near` on.
fn most_that_fit(regions: usize, near: usize, detective: &str, acceptance: &str) -> usize {
    let shares =
        ["handoff:\n  share_arn: parameter\n", "handoff:\n  share_arn: stack_output\n", &*pinned(regions)];
    let fit = |count: usize| {
        let principals = (0..count).map(longest).collect::<Vec<_>>();
        let text = spec(&with_consoles(regions, 0), THREE, &principals, "/lakelink/", detective);
        let is_good =
            |share: &&str| checked("large.yaml", &format!("{text}{share}{acceptance}")).rendered.is_some();
        shares.iter().all(is_good)
    };
    let mut most = near;
    while most > 0 && !fit(most) {
        most -= 1;
    }
    while fit(most + 1) {
        most += 1;
    }
    most
}

/// A roles template grows with the Regions only: to name fewer principals would be no help.
#[test]
fn too_many_regions_are_said_to_be_just_that() {
    let text = spec(&with_consoles(16, 0), THREE, &[plain(1)], "/lakelink/", CRAWLER);
    let checked = checked("large.yaml", &text);
    let [problem] = &checked.problems[..] else { panic!("{:?}", checked.problems) };
    assert_eq!((problem.code.id(), problem.path.to_string().as_str()), ("LS090", "regions"));
    assert!(problem.message.starts_with("detective-roles.template.yaml would have "), "{}", problem.message);
    let fitting = problem.help.strip_prefix("the first ").and_then(|rest| rest.split(' ').next());
    let fitting = with_consoles(fitting.unwrap().parse().unwrap(), 0);
    rendered("large.yaml", &spec(&fitting, THREE, &[plain(1)], "/lakelink/", CRAWLER));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// A legal spec is rendered, or refused for its principals with the number that would fit; no template and no
    /// policy ever leaves here too large, and no other limit can be hit.
    #[test]
    fn nothing_but_principals_can_overflow(
        regions in 1..=16_usize,
        consoles in 0..=5_usize,
        extra in prop::sample::subsequence(vec!["eks_audit", "waf", "route53", "s3_data", "sh_findings", "lambda_execution"], 0..=6),
        principals in prop::collection::btree_set(principal(), 1..30),
        path in prop::collection::vec("[a-z0-9]{1,44}", 0..=4),
        crawler in prop::sample::select(vec!["", CRAWLER]),
    ) {
        let sources = [vec!["cloud_trail_mgmt", "vpc_flow"], extra].concat().join(", ");
        let path = path.iter().map(|part| format!("{part}/")).collect::<String>();
        let principals = principals.into_iter().collect::<Vec<_>>();
        let checked = checked("random.yaml", &spec(&with_consoles(regions, consoles), &sources, &principals, &format!("/{path}"), crawler));
        let codes = checked.problems.iter().map(|problem| problem.code.id()).collect::<Vec<_>>();
        prop_assert!(codes.iter().all(|code| ["LS058", "LS090", "LS098"].contains(code)), "{codes:?} {:?}", checked.problems);
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
