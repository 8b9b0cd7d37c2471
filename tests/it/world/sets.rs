//! `rollout`: stack sets from an account of their own, into the lake account and the Detective account, in three Regions.

mod chapter;
mod faults;
mod kills;

use std::collections::BTreeSet;
use std::process::Command;

use lakelink::model::rollout::{Permissions, StackSets};
use lakelink::model::{Side, Stack};
use lakelink::vocab::{Region, Word as _};
use serde_json::{Value, json};

use super::check::{check_link_and_grants, check_results};
use super::program::{DELEGATED, Program};
use super::server::World;
use super::shop::{SPEC, minimum, says};
use super::{Integration, seed};
use crate::env;
use crate::support::rendered;

/// The account of the administration role, and that of the delegated administrator.
const ADMINISTRATOR: &str = DELEGATED;
const MANAGEMENT: &str = "999900001111";
/// The role that StackSets makes in an account of an organization.
const ROLE: &str = "stacksets-exec-custom-lakelink";
const REGIONS: [&str; 3] = ["us-east-1", "eu-west-1", "ap-northeast-1"];

/// What a spec for stack sets says beyond the minimum.
fn sets(settings: &str, role: &str) -> String {
    let more = format!(
        "handoff: {{share_arn: discover, acceptance: lambda}}\ntags: {{team: security}}\n\
         deploy:\n  lake: {{execution_role: \"arn:aws:iam::111122223333:role/{role}\"}}\n  \
         detective: {{execution_role: \"arn:aws:iam::444455556666:role/{role}\"}}\n\
         rollout:\n  method: stack_sets\n  stack_sets: {settings}\noutputs: [templates, runbook, stack_sets]\n"
    );
    minimum(&more).replace("[us-east-1]", &format!("[{}]", REGIONS.join(", ")))
}

fn self_managed() -> String {
    let role = format!("arn:aws:iam::{ADMINISTRATOR}:role/Administration");
    sets(&format!("{{permission_model: self_managed, administration_role: \"{role}\"}}"), "lakelink-sets")
}

fn service_managed() -> String {
    let units = "{lake: ou-ab12-lake0000, detective: ou-ab12-detect00}";
    let settings = format!(
        "{{management_account: \"{MANAGEMENT}\", organizational_units: {units}, auto_deployment: true}}"
    );
    sets(&settings, ROLE)
}

/// One more log source.
fn changed(text: &str) -> String {
    text.replace("lake:\n  account", "lake:\n  sources: [cloud_trail_mgmt, vpc_flow, eks_audit]\n  account")
}

/// A world in which the roles stacks are there, and the program in the account of the sets.
struct Fleet {
    world: World,
    folder: tempfile::TempDir,
    integration: Integration,
}

impl Fleet {
    fn open(text: &str) -> Self {
        Self::open_with(text, |_| {})
    }

    /// The same in a world that is changed before.
    fn open_with(text: &str, change: impl Fn(&mut Value)) -> Self {
        let integration = rendered(SPEC, text).integration;
        let mut seed = seed_of(&integration);
        change(&mut seed);
        let world = World::start(seed);
        let fleet = Self { world, folder: tempfile::tempdir().unwrap(), integration };
        fleet.write(text);
        // Of an integration by stack sets that is its roles stacks.
        fleet.program().ends(0, &["deploy", SPEC, "--yes"]);
        fleet.world.forget_calls();
        fleet
    }

    fn write(&self, text: &str) {
        lakelink::files::write(&self.folder.path().join(SPEC), text).unwrap();
    }

    /// The spec is another one from now on.
    fn change(&mut self, text: &str) {
        self.write(text);
        self.integration = rendered(SPEC, text).integration;
    }

    fn program(&self) -> Program<'_> {
        Program::new(&self.world, self.folder.path(), &self.integration)
    }

    fn rollout(&self, code: i32, more: &[&str]) -> env::Ran {
        self.program().ends(code, &[&["rollout", SPEC], more].concat())
    }

    fn only_reads(&self, code: i32, more: &[&str]) -> env::Ran {
        self.program().only_reads(code, &[&["rollout", SPEC], more].concat())
    }

    fn status(&self) -> Value {
        serde_json::from_str(&self.only_reads(0, &["--status", "--format", "json"]).stdout).unwrap()
    }

    fn fault(&self, faults: &[Value]) {
        self.world.fault(&json!({ "clear": true }));
        faults.iter().for_each(|fault| self.world.fault(fault));
    }

    fn all_faults_happened(&self) {
        let faults = self.world.faults();
        assert!(faults.as_array().unwrap().iter().all(|fault| fault["times"] == 0), "{faults:#}");
    }

    /// A command of AWS's own tool in the account of the sets.
    fn aws(&self, arguments: &[&str]) {
        self.run_aws(ADMINISTRATOR, arguments);
    }

    fn aws_as(&self, side: Side, arguments: &[&str]) -> String {
        self.run_aws(self.integration.account(side).as_str(), arguments)
    }

    fn run_aws(&self, account: &str, arguments: &[&str]) -> String {
        let mut command = Command::new(self.world.bin().join("aws"));
        command.args(arguments).env_clear().env("AWS_ENDPOINT_URL", self.world.endpoint());
        command.env("AWS_ACCESS_KEY_ID", account).env("AWS_SECRET_ACCESS_KEY", "test");
        command.env("AWS_DEFAULT_REGION", self.integration.regions.home().as_str());
        let ran = env::run(&mut command);
        assert_eq!(ran.code, 0, "{}", ran.said());
        ran.stdout
    }

    /// The sets that there are, in the account that holds them.
    fn owner(&self) -> Value {
        let owner = match self.integration.stack_sets.as_ref().unwrap() {
            StackSets::SelfManaged { administration_role } => administration_role.account(),
            StackSets::ServiceManaged(managed) => &managed.management_account,
        };
        self.world.state(owner, self.integration.regions.home())["stack_sets"].clone()
    }

    /// The integration works in every Region, and there is no stack but those of the sets and the roles.
    fn check(&self) {
        let all = |word: &str| json!(REGIONS.map(|_| word));
        let status = self.status();
        for set in status["sets"].as_array().unwrap() {
            let of = |key: &str| {
                set["instances"].as_array().unwrap().iter().map(|one| one[key].clone()).collect::<Value>()
            };
            assert_eq!(
                (&set["in_step"], of("status"), of("detail")),
                (&json!(true), all("CURRENT"), all("SUCCEEDED")),
                "{set:#}"
            );
        }
        for region in REGIONS.map(|name| Region::read(name).unwrap()) {
            let state = self.world.state(&self.integration.detective.account, region);
            check_link_and_grants(&self.integration, region, &state);
            check_results(&self.integration, region, &state);
            let parameters = state["ssm_parameters"].as_object().unwrap();
            assert_eq!(parameters.len(), 5, "{parameters:#?}");
            let lake = self.world.state(&self.integration.lake.account, region);
            let subscriber = &lake["security_lake"]["subscribers"]["lakelink-variant"];
            assert_eq!(subscriber["share"], parameters["/Detective/SLI/ResourceShareArn"]["value"]);
            assert_eq!(subscriber["sources"].as_array().unwrap().len(), self.integration.lake.sources.len());
            for (stack, state) in [(Stack::Lake, lake), (Stack::Detective, state)] {
                let stacks = state["stacks"].as_object().unwrap();
                let prefix = format!("StackSet-{}-", self.integration.stack_name(stack));
                let ours = stacks.iter().filter(|(name, _)| name.starts_with(&prefix)).collect::<Vec<_>>();
                let [(_, one)] = ours[..] else { panic!("{stacks:#?}") };
                assert_eq!(one["tags"], json!({ "team": "security" }));
            }
        }
    }

    fn check_removed(&self) {
        assert_eq!(self.owner(), json!({}));
        for region in REGIONS.map(|name| Region::read(name).unwrap()) {
            for side in [Side::Lake, Side::Detective] {
                let state = self.world.state(self.integration.account(side), region);
                let stacks = state["stacks"].as_object().unwrap().keys();
                let left = stacks
                    .filter(|name| !name.ends_with("-roles") && !name.ends_with("-role"))
                    .collect::<Vec<_>>();
                assert_eq!(
                    (left, &state["ssm_parameters"]),
                    (Vec::<&String>::new(), &json!({})),
                    "{side:?} {region}"
                );
            }
        }
    }
}

/// What must be there before: data lakes, who queries, the roles of StackSets.
fn seed_of(integration: &Integration) -> Value {
    let mut seed = seed(integration);
    let mut administrator = json!({});
    for set in integration.stack_set_list() {
        let account = &mut seed["accounts"][set.account.as_str()];
        match &set.permissions {
            Permissions::SelfManaged { administration_role, execution_role } => {
                let trust = |principal: Value| json!({ "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal }] });
                let roles = account["roles"].as_array_mut().unwrap();
                // Two sets of an account have one role.
                let name = execution_role.as_str();
                roles.retain(|role| role != name && role["name"] != name);
                roles.push(json!({ "name": execution_role, "trust": trust(json!({ "AWS": administration_role.to_string() })) }));
                let name = administration_role.name();
                administrator = json!({ "roles": [{ "name": name, "trust": trust(json!({ "Service": "cloudformation.amazonaws.com" })) }] });
            }
            Permissions::ServiceManaged { unit, execution_role, .. } => {
                // StackSets makes it.
                let roles = account["roles"].as_array_mut().unwrap();
                roles.retain(|role| role != execution_role.as_deref().unwrap());
                seed["units"]["units"][unit.as_str()] = json!([set.account.as_str()]);
                seed["units"]["delegated"] = json!([ADMINISTRATOR]);
                seed["units"]["management"] = json!(MANAGEMENT);
            }
        }
    }
    seed["accounts"][ADMINISTRATOR] = administrator;
    seed
}

fn there_and_back(text: &str) {
    let mut fleet = Fleet::open(text);
    let lake = fleet.program().only_reads(2, &["deploy", SPEC, "--yes", "--only", "lake"]).stderr;
    says(&lake, &["variant: its Regional stacks are rolled out by stack sets", "`lakelink rollout`"]);
    says(&fleet.program().only_reads(0, &["status", SPEC]).stdout, &["the rest is in stack sets"]);
    says(&fleet.only_reads(11, &[]).stderr, &["nobody said yes"]);
    let ran = fleet.rollout(0, &["--yes"]);
    says(&ran.stderr, &["creating", "deploying", "eu-west-1", "2 stack sets changed"]);
    let done = ran.stderr.lines().filter(|line| line.contains("  done"));
    assert_eq!(done.collect::<BTreeSet<_>>().len(), 2 * (REGIONS.len() + 1), "{}", ran.stderr);
    fleet.check();
    says(&fleet.only_reads(0, &["--yes"]).stderr, &["0 stack sets changed"]);
    says(&fleet.only_reads(0, &[]).stderr, &["everything is in step"]);
    fleet.change(&changed(text));
    assert_eq!(fleet.status()["sets"][0]["differences"], json!(["template"]));
    fleet.rollout(0, &["--yes"]);
    fleet.check();
    fleet.only_reads(0, &["--yes"]);
    says(
        &fleet.only_reads(11, &["--remove"]).stderr,
        &["remove 3 stacks", "bucket `lakelink-variant-444455556666-eu-west-1`"],
    );
    says(&fleet.rollout(0, &["--remove", "--yes"]).stderr, &["stays", "2 stack sets removed"]);
    fleet.check_removed();
    says(&fleet.only_reads(0, &["--remove", "--yes"]).stderr, &["0 stack sets removed"]);
    says(&fleet.only_reads(0, &["--remove"]).stderr, &["nothing is there"]);
}

#[test]
fn by_roles_of_ones_own() {
    there_and_back(&self_managed());
}

#[test]
fn by_an_organization() {
    there_and_back(&service_managed());
}

/// The template of the lake set is the same for one Region more; that of the role that StackSets makes is not.
#[test]
fn a_region_more_in_an_organization() {
    let text = service_managed();
    let (all, some) = (REGIONS.join(", "), REGIONS[..2].join(", "));
    assert!(text.contains(&all), "{text}");
    let whole = rendered(SPEC, &text).integration;
    let mut fleet = Fleet::open_with(&text.replace(&all, &some), |seed| *seed = seed_of(&whole));
    fleet.rollout(0, &["--yes"]);
    let role = |fleet: &Fleet, side| {
        let name = format!("{ROLE}-role");
        fleet.aws_as(side, &["cloudformation", "get-template", "--stack-name", &name])
    };
    assert!(!role(&fleet, Side::Lake).contains(REGIONS[2]));
    fleet.change(&text);
    fleet.program().ends(0, &["deploy", SPEC, "--yes"]);
    assert_eq!(fleet.status()["sets"][0]["differences"], json!(["execution role"]));
    fleet.rollout(0, &["--yes"]);
    fleet.check();
    assert!([Side::Lake, Side::Detective].iter().all(|side| role(&fleet, *side).contains(REGIONS[2])));
    fleet.only_reads(0, &["--yes"]);
}
