//! The chapter "Roll out by StackSets" of the run-book, pasted block after block, its roles made of the templates.

use std::collections::BTreeSet;

use lakelink::model::Side;
use lakelink::model::rollout::StackSets;
use lakelink::vocab::AccountId;
use serde_json::{Value, json};

use super::{
    ADMINISTRATOR, Fleet, MANAGEMENT, REGIONS, ROLE, changed, seed_of, self_managed, service_managed,
};
use crate::env;
use crate::guides::Guide;
use crate::support::{lakelink, rendered};
use crate::world::STAYS;
use crate::world::check::{check_link_and_grants, check_results};
use crate::world::guides;
use crate::world::runbook::Runbook;
use crate::world::server::World;
use crate::world::shop::{SPEC, says};

const CHAPTER: &str = "Roll out by StackSets";
const PARENT: &str = "All sets by one stack";
const CALLS: &str = "One call after the other";

/// Of the account that holds the sets, for their templates.
const BUCKET: &str = "templates-of-sets";

/// The shares by their ARNs.
fn pinned(text: &str, share: impl Fn(&str) -> String) -> String {
    let shares = REGIONS.map(|region| format!("{region}: \"{}\"", share(region))).join(", ");
    text.replace("share_arn: discover", &format!("share_arn: pinned, shares: {{{shares}}}"))
}

impl Fleet {
    /// No role of StackSets is there.
    fn without_roles(text: &str) -> Self {
        let fleet = Self::open_with(text, |seed| {
            seed["accounts"][ADMINISTRATOR] = json!({ "buckets": { BUCKET: { "region": "us-east-1" } } });
            for account in ["111122223333", "444455556666"] {
                let roles = seed["accounts"][account]["roles"].as_array_mut().unwrap();
                roles.retain(|role| !role.to_string().contains("lakelink"));
                // No AWS CLI has the option for the template of that role yet.
                if text.contains("organizational_units") {
                    seed["accounts"][account]["stack_set_role"] = json!(ROLE);
                }
            }
        });
        fleet.generate();
        fleet
    }

    fn generate(&self) {
        let ran = lakelink(self.folder.path(), &["generate", SPEC, "--prune"]);
        assert_eq!(ran.code, 0, "{}", ran.said());
    }

    fn runbook(&self) -> Runbook<'_> {
        Runbook::in_folder(&self.integration, &self.world, self.folder.path().join("out/variant"))
    }

    /// Blocks of the chapter that hold a text, with the function that they call, in one shell.
    fn paste(&self, heading: &str, wanted: impl Fn(&str) -> bool) -> env::Ran {
        let runbook = self.runbook();
        let mut blocks = runbook.blocks(CHAPTER, |found| found == heading);
        blocks.retain(|block| wanted(block));
        assert!(!blocks.is_empty(), "no such block under {heading}");
        let finish = runbook.blocks(CHAPTER, |found| found == CALLS).swap_remove(0);
        assert!(finish.starts_with("finish() {"), "{finish}");
        // The world answers when an operation has ended, so nothing has to be waited for.
        let no_roles = "LAKE_ROLE= DETECTIVE_ROLE=";
        let ran = runbook.shell(&format!("sleep() {{ :; }}\n{no_roles}\n{finish}\n{}", blocks.join("\n")));
        assert_eq!(ran.code, 0, "{heading}: {}", ran.said());
        ran
    }

    /// Blocks of the chapter that removes.
    fn remove_by(&self, wanted: impl Fn(&str) -> bool) {
        let runbook = self.runbook();
        let blocks = runbook.blocks("Remove", wanted).join("\n");
        let ran = runbook.shell(&format!("sleep() {{ :; }}\n{blocks}"));
        assert_eq!(ran.code, 0, "{}", ran.said());
    }

    /// What the account that holds the sets has asked of CloudFormation.
    fn called(&self) -> BTreeSet<String> {
        let mut calls = self.world.calls();
        calls.retain(|call| call["service"] == "cloudformation" && call["account"] == ADMINISTRATOR);
        calls.iter().map(|call| call["operation"].as_str().unwrap().to_owned()).collect()
    }

    fn make(&self, stem: &str) {
        let creation = format!("stack-sets/{stem}.create-stack-instances.");
        self.paste(CALLS, |block| block.contains(&creation));
    }

    /// Whether accounts that join get the sets, the set of the Detective account first.
    fn joining(&self) -> [Value; 2] {
        let owner = self.owner();
        ["detective", "lake"]
            .map(|word| owner[format!("lakelink-variant-{word}")]["auto_deployment"]["Enabled"].clone())
    }

    fn remove(&self) {
        self.remove_by(|heading| heading == "Remove the sets");
        self.check_removed();
        self.remove_by(|heading| ![STAYS, "Remove the sets", "Remove the parent stack"].contains(&heading));
        for region in self.integration.regions.lake() {
            for account in [&self.integration.lake.account, &self.integration.detective.account] {
                let state = self.world.state(account, region);
                let administrators = state["lake_formation"]["administrators"].to_string();
                assert!(!administrators.contains("lakelink"), "{administrators}");
            }
        }
    }

    /// The account of the administration role.
    fn administrator(&self) -> &AccountId {
        let Some(StackSets::SelfManaged { administration_role }) = &self.integration.stack_sets else {
            panic!("whose")
        };
        administration_role.account()
    }

    fn check_nothing_is_left(&self) {
        let (lake, detective) = (&self.integration.lake.account, &self.integration.detective.account);
        for account in [lake, detective, self.administrator()] {
            let state = self.world.state(account, self.integration.regions.home());
            let iam = state["iam"].to_string();
            assert!(!iam.contains("lakelink-") && !iam.contains("Administration"), "{iam}");
            assert_eq!(state["stacks"], json!({}), "{account}");
        }
    }

    /// After a change.
    fn update(&self) {
        self.paste("The calls after a change", |_| true);
    }
}

#[test]
fn its_calls_with_roles_of_ones_own() {
    let text = self_managed();
    let zero = |region: &str| {
        format!("arn:aws:ram:{region}:111122223333:resource-share/00000000-0000-0000-0000-000000000000")
    };
    let mut fleet = Fleet::without_roles(&pinned(&text, zero));
    fleet.paste("Roles of StackSets", |_| true);
    fleet.make("lake");
    // Without shares it is no use to go on.
    let stop = ["`handoff.shares` has no share of ", "`ResourceShareArn`"];
    says(&fleet.only_reads(11, &["--yes"]).stderr, &stop);
    let shares = fleet.paste(CALLS, |block| block.contains("ResourceShareArn")).stdout;
    let of_region = |region: &str| {
        let found = shares.lines().find(|share| share.contains(&format!(":{region}:")));
        found.unwrap_or_else(|| panic!("no share in {region}: {shares}")).to_owned()
    };
    let text = pinned(&text, of_region);
    fleet.change(&text);
    fleet.generate();
    fleet.make("detective");
    fleet.change(&changed(&text));
    fleet.generate();
    fleet.update();
    fleet.check();
    // `lakelink rollout` goes on with what the calls made.
    says(&fleet.only_reads(0, &[]).stderr, &["everything is in step"]);
    let destroy = fleet.program().only_reads(11, &["destroy", SPEC]);
    says(&destroy.stderr, &["2 stacks would be removed", "stack sets are not looked at: remove them first"]);
    fleet.remove();
    fleet.check_nothing_is_left();
}

#[test]
fn its_calls_in_an_organization() {
    let text = service_managed();
    let mut fleet = Fleet::without_roles(&text);
    fleet.runbook().run("Before you start", |heading| heading != "Detective is on");
    let ran = fleet
        .runbook()
        .run("Before you start", |heading| heading == "StackSets may deploy in the organization");
    let units = ["ENABLED", MANAGEMENT, "ou-ab12-lake0000", "ou-ab12-detect00"];
    assert_eq!(ran.stdout.split_whitespace().collect::<Vec<_>>(), units);
    // As StackSets would, of the templates that the calls would give it, could this AWS CLI say so.
    for side in [Side::Lake, Side::Detective] {
        let ran = fleet.runbook().shell(&format!(
            "aws cloudformation deploy --stack-name theirs-role --capabilities CAPABILITY_NAMED_IAM \
             --template-file stack-sets/{0}-execution-role.template.yaml \
             --region us-east-1 --profile lakelink-variant-{0}-admin",
            side.word()
        ));
        assert_eq!(ran.code, 0, "{}", ran.said());
    }
    fleet.make("lake");
    fleet.make("detective");
    fleet.change(&changed(&text));
    fleet.generate();
    fleet.update();
    assert_eq!(fleet.joining(), [json!(false), json!(false)]);
    fleet.paste("Accounts that join", |_| true);
    assert_eq!(fleet.joining(), [json!(true), json!(true)]);
    // `lakelink rollout` sees that they were not given their role, and does it.
    assert_eq!(fleet.status()["sets"][0]["differences"], json!(["permissions"]));
    fleet.rollout(0, &["--yes"]);
    fleet.check();
    fleet.remove();
}

/// Whoever may do no more than the run-book says can do all of it: its list is that of the calls.
#[test]
fn the_rights_to_call_stack_sets_are_listed() {
    let text = self_managed();
    let mut fleet = Fleet::open(&text);
    fleet.generate();
    fleet.rollout(0, &["--yes"]);
    fleet.rollout(0, &["--status", "--drift"]);
    fleet.change(&changed(&text));
    fleet.rollout(0, &["--yes"]);
    fleet.rollout(0, &["--remove", "--yes"]);
    let called = fleet.called();
    let runbook = fleet.runbook();
    let section = runbook.section("Before you start", "Who may call StackSets");
    let named = section.lines().filter(|line| line.starts_with("- `cloudformation:"));
    let words = named
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .map(|word| word.trim_start_matches("cloudformation:").to_owned());
    let mut listed = words.filter(|word| word.chars().all(char::is_alphanumeric)).collect::<BTreeSet<_>>();
    listed.remove("");
    // What IAM asks for sets with tags.
    assert!(listed.remove("TagResource") && listed.remove("UntagResource"), "{listed:?}");
    assert_eq!(called, listed);
}

/// The template of `AWS::CloudFormation::StackSet` resources, in three accounts and two Regions.
#[test]
fn one_stack_of_all_sets() {
    let two = |text: &str| text.replace(", ap-northeast-1]", "]");
    let text = two(&self_managed());
    let mut fleet = Fleet::without_roles(&text);
    fleet.paste("Roles of StackSets", |_| true);
    let deploy = |fleet: &Fleet| {
        let blocks = fleet.runbook().blocks(CHAPTER, |heading| heading == PARENT);
        fleet.runbook().shell(&format!("BUCKET={BUCKET}\n{}", blocks.concat()))
    };
    let parent = |fleet: &Fleet| {
        let state = fleet.world.state(fleet.administrator(), fleet.integration.regions.home());
        state["stacks"]["lakelink-variant-stack-sets"]["status"].clone()
    };
    let works = |fleet: &Fleet, sources: usize| {
        for region in fleet.integration.regions.lake() {
            let state = fleet.world.state(&fleet.integration.detective.account, region);
            check_link_and_grants(&fleet.integration, region, &state);
            check_results(&fleet.integration, region, &state);
            assert_eq!(state["ssm_parameters"].as_object().unwrap().len(), 5);
            let lake = fleet.world.state(&fleet.integration.lake.account, region);
            let subscriber = &lake["security_lake"]["subscribers"]["lakelink-variant"];
            assert_eq!(subscriber["sources"].as_array().unwrap().len(), sources);
        }
    };
    let ran = deploy(&fleet);
    assert_eq!((ran.code, parent(&fleet)), (0, json!("CREATE_COMPLETE")), "{}", ran.said());
    works(&fleet, 2);
    let grants = fleet.runbook().run("See that it works", |heading| heading.ends_with(": the grants"));
    assert_eq!(grants.stdout.matches("CREATE_COMPLETE").count(), 6, "{}", grants.said());
    // One that fails goes back to the templates that were there.
    let before = fleet.integration.clone();
    fleet.change(&changed(&text));
    fleet.generate();
    let kind = "AWS::LakeFormation::PrincipalPermissions";
    fleet.fault(&[json!({ "type": kind, "message": "no", "on": "create", "region": "eu-west-1" })]);
    let ran = deploy(&fleet);
    assert_eq!((ran.code, parent(&fleet)), (255, json!("UPDATE_ROLLBACK_COMPLETE")), "{}", ran.said());
    let after = std::mem::replace(&mut fleet.integration, before);
    works(&fleet, 2);
    fleet.integration = after;
    fleet.world.forget_calls();
    let ran = deploy(&fleet);
    let mut called = fleet.called();
    assert_eq!((ran.code, parent(&fleet)), (0, json!("UPDATE_COMPLETE")), "{}", ran.said());
    works(&fleet, 3);
    // It is what `lakelink rollout` would make, too.
    says(&fleet.only_reads(0, &[]).stderr, &["everything is in step"]);
    fleet.world.forget_calls();
    fleet.remove_by(|heading| heading == "Remove the parent stack");
    called.extend(fleet.called());
    fleet.check_removed();
    assert!(called.contains("CreateChangeSet") && called.contains("DeleteStack"), "{called:?}");
    let section = fleet.runbook().section("Before you start", "Who may call StackSets").to_owned();
    called.retain(|call| !section.contains(&format!("`{call}`")));
    assert_eq!(called, BTreeSet::new(), "{section}");
}

/// The page of examples/rollout, pasted by somebody who says yes; its example in one of its Regions.
#[test]
fn the_commands_of_the_guide() {
    let folder = guides::folder("service-managed");
    let spec = folder.path().join("examples/service-managed.yaml");
    let text = std::fs::read_to_string(&spec).unwrap();
    let text = text.replace("regions: [eu-west-1, eu-central-1]", "regions: [eu-central-1]");
    lakelink::files::write(&spec, &text).unwrap();
    let integration = &rendered("service-managed.yaml", &text).integration;
    let world = World::start(seed_of(integration));
    let shell = guides::shell(integration, &world, &folder);
    let script = Guide::StackSets.script();
    let (there, back) = script.rsplit_once('\n').unwrap();
    let paste = |commands: &str, answers: &str| {
        let ran = shell.typed(commands, answers);
        assert_eq!(ran.code, 0, "{}", ran.said());
        ran.stdout
    };
    let stacks = |side: Side| {
        let regions = integration.regions.lake().into_iter();
        let stacks = regions.map(|region| {
            let state = world.state(integration.account(side), region);
            let stacks = state["stacks"].as_object().unwrap().clone();
            stacks.keys().filter(|name| name.starts_with("StackSet-lakelink-")).count()
        });
        stacks.collect::<Vec<_>>()
    };
    says(&paste(there, "y\ny\n"), &["2 stack sets changed", "IN_SYNC"]);
    assert_eq!([Side::Lake, Side::Detective].map(stacks), [[1], [1]]);
    let export = there.lines().find(|line| line.starts_with("export ")).unwrap();
    says(&paste(&format!("{export}\n{back}"), "y\n"), &["2 stack sets removed"]);
    assert_eq!([Side::Lake, Side::Detective].map(stacks), [[0], [0]]);
}
