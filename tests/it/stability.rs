//! What stays as it is when a spec changes: a stack that runs must not lose a grant because somebody else was added.

use std::collections::{BTreeMap, BTreeSet};

use lakelink::check::Rendered;
use lakelink::model::{self, Stack};
use lakelink::render::{json, yaml};
use lakelink::spec::Spec;
use lakelink::vocab::{PrincipalArn, PrincipalKind, Word as _};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngSeed, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::support::{checked, principal, read_template, rendered, spec_for};

fn config() -> ProptestConfig {
    ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() }
}

/// Specs with a crawler and without.
fn crawler() -> impl Strategy<Value = &'static str> {
    select(vec!["", "  crawler: evidence\n"])
}

/// The document of a stack.
fn document(rendered: &Rendered, stack: Stack) -> Value {
    let template = &rendered.stacks.iter().find(|one| one.stack == stack).unwrap().template;
    serde_json::from_str(&json::compact(&template.sections())).unwrap()
}

/// Name and text of every entry of a section. Text, since JSON values are equal in whatever order.
fn entries(document: &Value, section: &str) -> BTreeMap<String, String> {
    let entries = document[section].as_object().into_iter().flatten();
    entries.map(|(key, value)| (key.clone(), value.to_string())).collect()
}

/// Logical ids, each once, by stack.
fn ids(rendered: &Rendered) -> BTreeSet<(Stack, String)> {
    let all = rendered
        .stacks
        .iter()
        .flat_map(|one| one.template.resources().map(|resource| (one.stack, resource.id.to_string())));
    let all = all.collect::<Vec<_>>();
    let once = all.iter().cloned().collect::<BTreeSet<_>>();
    assert_eq!(all.len(), once.len(), "an id stands twice: {all:?}");
    once
}

fn labels(arns: &[String]) -> Vec<String> {
    let spec = Spec::read(serde_yaml::from_str(&spec_for(arns, "", "", "")).unwrap()).unwrap();
    let (integration, problems) = model::resolve(&spec, "labels.yaml");
    let principals = integration.unwrap_or_else(|| panic!("{problems:?}")).detective.principals;
    principals.iter().map(|principal| principal.label().to_string()).collect()
}

/// Those that are principals, one of each that IAM would take for the same identity.
fn legal(arns: &[String]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let is_new = |arn: &&String| {
        let Ok(read) = PrincipalArn::read(arn) else { return false };
        seen.insert((read.kind() == PrincipalKind::User, read.name().to_ascii_lowercase()))
    };
    arns.iter().filter(is_new).cloned().collect()
}

/// Fails with every pair of principals that would be one in a template.
fn assert_labels_differ(arns: &[String]) {
    let arns = &legal(arns);
    let mut by_label: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (label, arn) in labels(arns).into_iter().zip(arns) {
        assert!(!label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric()), "{arn}: {label}");
        by_label.entry(label).or_default().push(arn);
    }
    by_label.retain(|_, arns| arns.len() > 1);
    assert_eq!(by_label, BTreeMap::new());
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn one_more_principal_changes_nothing_of_the_others(
        principals in btree_set(principal(), 2..7).prop_map(|set| set.into_iter().collect::<Vec<_>>()).prop_shuffle(),
        at in any::<prop::sample::Index>(),
        crawler in crawler(),
    ) {
        let at = at.index(principals.len());
        let mut before = principals.clone();
        before.remove(at);
        let before = rendered("variant.yaml", &spec_for(&before, "", crawler, ""));
        let after = rendered("variant.yaml", &spec_for(&principals, "", crawler, ""));
        let label = after.integration.detective.principals[at].label().to_string();
        for stack in [Stack::LakeRoles, Stack::DetectiveRoles, Stack::Lake] {
            prop_assert_eq!(document(&before, stack).to_string(), document(&after, stack).to_string());
        }
        prop_assert!(ids(&before).is_subset(&ids(&after)));
        let (before, after) = (document(&before, Stack::Detective), document(&after, Stack::Detective));
        for section in ["Parameters", "Outputs"] {
            prop_assert_eq!(entries(&before, section), entries(&after, section));
        }

        let (old, new) = (entries(&before, "Resources"), entries(&after, "Resources"));
        let expected = ["ResultsBucketPolicy", "StackIdParameter"];
        let changed = old.iter().filter(|(id, text)| new.get(*id) != Some(text)).map(|(id, _)| id.as_str());
        prop_assert_eq!(changed.collect::<Vec<_>>(), expected);
        let added = new.keys().filter(|id| !old.contains_key(*id)).cloned().collect::<Vec<_>>();
        let evidence: &[&str] = if crawler.is_empty() { &[] } else { &["Evidence"] };
        let on = [&["CloudTrailMgmt"], evidence, &["Link", "VpcFlow"]].concat();
        prop_assert_eq!(added, on.iter().map(|on| format!("Grant{label}{on}")).collect::<Vec<_>>());

        // Of the two that change, only the list of principals and what the parameter waits for.
        let masked = |document: &Value| {
            let mut document = document["Resources"].clone();
            document["StackIdParameter"]["DependsOn"].take();
            let policy = &mut document["ResultsBucketPolicy"]["Properties"]["PolicyDocument"];
            policy["Statement"][2]["Condition"]["ArnNotEquals"]["aws:PrincipalArn"].take();
            expected.map(|id| document[id].to_string())
        };
        prop_assert_eq!(masked(&before), masked(&after));

        let (old, new) = (&before["Mappings"], &after["Mappings"]);
        prop_assert_eq!(old["Region"].to_string(), new["Region"].to_string());
        let mut new = entries(new, "Principal");
        prop_assert!(new.remove(&label).is_some(), "{} is not in the mapping", label);
        prop_assert_eq!(entries(old, "Principal"), new);
    }

    #[test]
    fn one_more_source_keeps_every_id(
        sources in subsequence(vec!["route53", "sh_findings", "lambda_execution", "s3_data", "eks_audit", "waf"], 1..=6)
            .prop_map(|more| [vec!["cloud_trail_mgmt", "vpc_flow"], more].concat()).prop_shuffle(),
        principals in btree_set(principal(), 1..4),
        at in any::<prop::sample::Index>(),
        crawler in crawler(),
    ) {
        let is_extra = |source: &&&str| !["cloud_trail_mgmt", "vpc_flow"].contains(*source);
        let extra = sources.iter().filter(is_extra).copied().collect::<Vec<_>>();
        let extra = *at.get(&extra);
        let principals = principals.into_iter().collect::<Vec<_>>();
        let of = |sources: &[&str]| {
            let list = format!("  sources: [{}]\n", sources.join(", "));
            rendered("variant.yaml", &spec_for(&principals, &list, crawler, ""))
        };
        let after = of(&sources);
        let before = of(&sources.iter().filter(|source| **source != extra).copied().collect::<Vec<_>>());
        let (old, new) = (ids(&before), ids(&after));
        prop_assert!(old.is_subset(&new), "{:?} are gone", old.difference(&new).collect::<Vec<_>>());
        let added = new.difference(&old).map(|(stack, id)| (*stack, id.clone())).collect::<BTreeSet<_>>();
        let source = after.integration.lake.sources.iter().find(|source| source.as_str() == extra).unwrap();
        let grant = |principal: &model::Principal| format!("Grant{}{}", principal.label(), source.label());
        let grants = after.integration.detective.principals.iter().map(|p| (Stack::Detective, grant(p)));
        prop_assert_eq!(added, grants.collect::<BTreeSet<_>>());
        // Names in the mapping are what the physical names come from.
        let names = |rendered| entries(&document(rendered, Stack::Detective)["Mappings"]["Region"], "us-east-1");
        let (old, new) = (names(&before), names(&after));
        prop_assert!(old.iter().all(|(key, name)| new.get(key) == Some(name)));
        prop_assert_eq!(new.len(), old.len() + 1);
    }
}

/// One more console touches nothing where the lake is.
#[test]
fn one_more_console_apart_changes_neither_lake_nor_link() {
    let text = spec_for(&["arn:aws:iam::444455556666:role/SecurityAnalyst"], "", "", "");
    let of = |regions: &str| rendered("variant.yaml", &text.replace("[us-east-1]", regions));
    let before = of("[us-east-1, {lake: us-east-1, detective: eu-south-1}]");
    let after =
        of("[us-east-1, {lake: us-east-1, detective: eu-south-1}, {lake: us-east-1, detective: us-west-2}]");
    for stack in [Stack::LakeRoles, Stack::Lake, Stack::Detective] {
        assert_eq!(document(&before, stack).to_string(), document(&after, stack).to_string());
    }
    assert_eq!(
        document(&of("[us-east-1]"), Stack::Detective).to_string(),
        document(&after, Stack::Detective).to_string()
    );
    assert_eq!(ids(&before), ids(&after));
    let resources = |rendered| entries(&document(rendered, Stack::DetectiveConsole), "Resources");
    assert_eq!(resources(&before), resources(&after));
}

/// As many principals as there are in no spec, of every kind. The seed is fixed: six digits of a hash make a clash
/// unlikely, not impossible.
#[test]
fn thousands_of_principals_have_labels_of_their_own() {
    let mut runner = TestRunner::deterministic();
    let mut arns =
        (0..4_000).map(|_| principal().new_tree(&mut runner).unwrap().current()).collect::<Vec<_>>();
    // IAM tells no names apart by case, so no account has `w` and `W`.
    arns.sort_by_key(|arn| arn.to_ascii_lowercase());
    arns.dedup_by_key(|arn| arn.to_ascii_lowercase());
    assert!(arns.len() > 3_900, "{}", arns.len());
    assert_labels_differ(&arns);
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(0x6c61_6b65), ..config() })]

    /// Everything that reads like one name: its words joined in each way, on several paths, as each kind.
    #[test]
    fn near_collisions_have_labels_of_their_own(
        words in vec("[a-z][a-z0-9]{0,19}", 2..4),
        paths in btree_set("[A-Za-z0-9]{1,9}/", 1..4),
    ) {
        let joined: String = words.iter().map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect();
        let mut names = ["-", "_", ".", "--", "="].map(|by| words.join(by)).to_vec();
        names.extend([joined.clone(), format!("User{joined}"), format!("Sso{joined}"), format!("User-{joined}")]);
        names.extend([format!("{joined}Link"), format!("{joined}VpcFlow"), format!("{joined}Evidence"), format!("Grant{joined}")]);
        let suffixes = ["0123456789abcdef", "fedcba9876543210"];
        let reserved = suffixes.map(|suffix| format!("AWSReservedSSO_{joined}_{suffix}"));
        names.retain(|name| name.len() <= 64);
        let mut identities = Vec::new();
        for path in paths.iter().map(String::as_str).chain(["", "aws-reserved/sso.amazonaws.com/"]) {
            identities.extend(names.iter().map(|name| format!("role/{path}{name}")));
            identities.extend(names.iter().map(|name| format!("user/{path}{name}")));
            let fitting = reserved.iter().filter(|name| name.len() <= 64);
            identities.extend(fitting.map(|name| format!("role/{path}{name}")));
        }
        let arns = identities.into_iter().map(|identity| format!("arn:aws:iam::444455556666:{identity}"));
        assert_labels_differ(&arns.collect::<Vec<_>>());
    }
}

#[test]
fn names_that_are_spoken_alike_have_labels_of_their_own() {
    let arns = [
        "role/bob",
        "user/bob",
        "user/Bob",
        "role/Userbob",
        "role/UserBob",
        "role/a/bob",
        "role/b/bob",
        "role/a/Bob",
        "role/sec-ops",
        "role/SecOps",
        "role/sec_ops",
        "role/sec.ops",
        "role/secops",
        "user/sec-ops",
        "role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_SecOps_0123456789abcdef",
        "role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_SecOps_0123456789abcdee",
        "role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_SecOps_0123456789abcdef",
        "role/aws-reserved/sso.amazonaws.com/SecOps",
        "role/SsoSecOps",
        "role/-",
        "role/_",
        "user/-",
        "role/a/-",
    ];
    assert_labels_differ(&arns.map(|identity| format!("arn:aws:iam::444455556666:{identity}")));
}

/// Two principals with one label would be one in the template, and the grants of the first would be lost without a
/// word: such a spec must be refused, or each must get a label of its own.
#[test]

fn no_spec_makes_one_of_two_principals() {
    let arn = |name: &str| format!("arn:aws:iam::444455556666:role/{name}");
    let [label] = &labels(&[arn("sec-ops")])[..] else { panic!("one label for one principal") };
    for pair in [[arn("bob"), arn("Bob")], [arn("sec-ops"), arn(label)]] {
        let checked = checked("pair.yaml", &spec_for(&pair, "", "", ""));
        if checked.is_good() {
            assert_labels_differ(&pair);
        }
    }
}

/// The same for somebody who queries and is named as break-glass too.
#[test]

fn whoever_queries_is_not_named_again() {
    let arn = "arn:aws:iam::444455556666:role/SecurityAnalyst";
    let again = format!("  results: {{break_glass: ['{arn}']}}\n");
    let checked = checked("again.yaml", &spec_for(&[arn], "", &again, ""));
    if let Some(rendered) = checked.rendered {
        let stack = rendered.stacks.iter().find(|one| one.stack == Stack::Detective).unwrap();
        let (_, mapping) = stack.template.mappings.iter().find(|(name, _)| *name == "Principal").unwrap();
        assert_eq!(mapping.len(), mapping.iter().map(|(key, _)| key).collect::<BTreeSet<_>>().len());
    }
}

/// A legal spec.
fn legal_spec() -> impl Strategy<Value = Value> {
    let sources = any::<bool>().prop_flat_map(|old| {
        let (version, extra) = if old {
            ("1.0", vec!["route53", "sh_findings", "lambda_execution", "s3_data"])
        } else {
            ("2.0", vec!["route53", "sh_findings", "lambda_execution", "s3_data", "eks_audit", "waf"])
        };
        let most = extra.len();
        let sources = subsequence(extra, 0..=most);
        let sources = sources.prop_map(|more| [vec!["cloud_trail_mgmt", "vpc_flow"], more].concat());
        (Just(version), sources.prop_shuffle())
    });
    let regions =
        subsequence(vec!["us-east-1", "eu-central-1", "ap-northeast-1", "sa-east-1"], 1..=4).prop_shuffle();
    let boundary =
        select(vec!["", "SecBoundary", "security/SecBoundary", "arn:aws:iam::aws:policy/PowerUserAccess"]);
    let lake =
        ("[a-z][a-z0-9]{0,19}", regions, sources, "[A-Za-z0-9_:/.@=+-]{1,64}", "[A-Za-z0-9_+=,.@:/-]{16,64}");
    let detective = (btree_set(principal(), 1..5), any::<bool>(), 1..=3_650_u32, 1..=1_000_000_u32);
    let tags = btree_map("[a-km-z][A-Za-z0-9 _.:/+@-]{0,12}", "[A-Za-z0-9 _.:/=+@-]{0,12}", 0..4);
    // Consoles apart, each of one of the lake Regions.
    let apart = subsequence(vec!["eu-south-1", "af-south-1", "us-west-2"], 0..=3);
    let apart = (apart, any::<[prop::sample::Index; 3]>(), any::<bool>());
    let share = select(vec!["parameter", "pinned", "stack_output", "discover"]);
    let acceptance = select(vec!["cli", "lambda", "organization"]);
    let rest =
        (any::<[bool; 8]>(), boundary, vec("[A-Za-z0-9]{1,9}/", 0..4), tags, apart, (share, acceptance));
    (lake, detective, rest).prop_map(|(lake, detective, rest)| {
        let (name, regions, (version, sources), subscriber, external_id) = lake;
        let (principals, queries, retention, limit) = detective;
        let (choices, boundary, path, tags, (mut apart, lakes, no_more), (share, acceptance)) = rest;
        let acceptance = if share == "discover" { "lambda" } else { acceptance };
        if ["discover", "stack_output"].contains(&share) {
            // The console stack takes neither.
            apart.clear();
        }
        let [given_lake, given_detective, attached, no_workgroup, on_link, glass, collected, theirs] =
            choices;
        let mut principals = principals.into_iter().collect::<Vec<_>>();
        let break_glass = if glass && principals.len() > 1 { principals.pop() } else { None };
        let pairs = apart
            .iter()
            .zip(lakes)
            .map(|(console, lake)| json!({"lake": lake.get(&regions), "detective": console}));
        let pairs = pairs.collect::<Vec<_>>();
        // Lake Regions with a console of their own, but where those apart are to be the only ones.
        let alone =
            regions.iter().filter(|region| !no_more || pairs.iter().all(|pair| pair["lake"] != **region));
        let items = alone.map(|region| json!(region)).chain(pairs.clone()).collect::<Vec<_>>();
        let mut spec = json!({
            "name": name, "home_region": regions[regions.len() - 1], "regions": items,
            "lake": {
                "account": "111122223333", "source_version": version, "sources": sources,
                "subscriber": {"name": subscriber, "external_id": external_id},
            },
            "detective": {
                "account": "444455556666", "principals": principals, "queries": queries,
                "attach_policy": if attached { "roles" } else { "none" },
                "results": {"retention_days": retention, "break_glass": Vec::from_iter(break_glass)},
                "workgroup": if no_workgroup { json!("none") } else { json!({"scan_limit_gb": limit}) },
                "lake_formation": {"grant_on": if on_link { "link" } else { "target" }},
            },
            "deploy": {"role_path": format!("/{}", path.concat()), "lake": {}, "detective": {}},
            "handoff": {"share_arn": share, "acceptance": acceptance}, "tags": tags,
        });
        for (is_given, side, account) in
            [(given_lake, "lake", "111122223333"), (given_detective, "detective", "444455556666")]
        {
            if is_given {
                spec["deploy"][side]["execution_role"] =
                    json!(format!("arn:aws:iam::{account}:role/pipeline/Cfn"));
            }
            if !boundary.is_empty() {
                spec["deploy"][side]["permissions_boundary"] = json!(boundary);
            }
        }
        if collected {
            spec["lake"]["collection"] = json!({"accounts": ["111122223333"]});
        }
        if acceptance == "organization" {
            spec["organization"] = json!({"id": "o-a1b2c3d4e5"});
        }
        if share == "pinned" && theirs {
            spec["lake"]["subscriber"] = json!({"existing": true});
        }
        if share == "pinned" {
            for region in &regions {
                spec["handoff"]["shares"][*region] = json!(format!(
                    "arn:aws:ram:{region}:111122223333:resource-share/34c21437-0a51-5142-99b3-f5b6bc4112f4"
                ));
            }
        }
        spec
    })
}

/// The same mappings with their keys in another order, at every depth.
fn shuffled(value: &Value, rng: &mut TestRng) -> Value {
    match value {
        Value::Object(entries) => {
            let entries =
                entries.iter().map(|(key, value)| (rng.next_u32(), key.clone(), shuffled(value, rng)));
            let mut entries = entries.collect::<Vec<_>>();
            entries.sort_by_key(|(place, ..)| *place);
            entries.into_iter().map(|(_, key, value)| (key, value)).collect()
        }
        Value::Array(items) => items.iter().map(|item| shuffled(item, rng)).collect(),
        scalar => scalar.clone(),
    }
}

/// A spec as people write it, but with every text in quotes.
fn written(value: &Value, indent: usize) -> String {
    let entries = value.as_object().into_iter().flatten();
    let entries = entries.map(|(key, value)| {
        let key = format!("{:indent$}{}:", "", json!(key));
        match value {
            Value::Object(entries) if !entries.is_empty() => {
                format!("{key}\n{}", written(value, indent + 2))
            }
            Value::Array(items) if !items.is_empty() => {
                let items = items.iter().map(|item| format!("{:indent$}  - {item}\n", ""));
                format!("{key}\n{}", items.collect::<String>())
            }
            value => format!("{key} {value}\n"),
        }
    });
    entries.collect()
}

/// The same text with comments above and behind some of its lines.
fn commented(text: &str, rng: &mut TestRng) -> String {
    let lines = text.lines().map(|line| {
        let above = if rng.next_u32().is_multiple_of(3) { "\n # name: [other\n" } else { "" };
        let behind = if rng.next_u32().is_multiple_of(3) { " # {why" } else { "" };
        format!("{above}{line}{behind}\n")
    });
    lines.collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_order_of_keys_and_comments_change_nothing(
        (spec, other) in legal_spec().prop_perturb(|spec, mut rng| {
            let other = written(&shuffled(&spec, &mut rng), 0);
            (written(&spec, 0), commented(&other, &mut rng))
        })
    ) {
        let (one, other) = (rendered("random.yaml", &spec), rendered("random.yaml", &other));
        prop_assert_eq!(&one.integration, &other.integration);
        for (one, other) in one.stacks.iter().zip(&other.stacks) {
            prop_assert_eq!(yaml::template(&one.template), yaml::template(&other.template));
        }
    }

    #[test]
    fn the_yaml_form_says_what_the_json_form_says(spec in legal_spec()) {
        let rendered = rendered("random.yaml", &written(&spec, 0));
        prop_assert_eq!(rendered.stacks.len(), rendered.integration.stacks().len());
        for stack in &rendered.stacks {
            let yaml = read_template(&yaml::template(&stack.template));
            prop_assert_eq!(yaml.to_string(), json::compact(&stack.template.sections()));
        }
    }
}
