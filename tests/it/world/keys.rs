//! What a change of each key of the spec does to what is deployed: worked out from the templates, shown in
//! `schemas/changes.md`, and played in the test world by the program itself, a row at a time.

mod rows;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use lakelink::check::Rendered;
use lakelink::deploy::RolesOrder;
use lakelink::deploy::changes::{Difference, Fate, Filled};
use lakelink::model::{Integration, Side, Stack};
use lakelink::vocab::{AccountId, Region};
use serde_json::Value;

use super::program::Program;
use super::seed;
use super::server::World;
use super::shop::{SPEC, Shop, minimum, says};
use rows::{Group, Row};

/// A stack in an account and a Region.
type Place = (Stack, AccountId, Region);

/// What a change does, as the library works it out.
struct Effect {
    /// Stacks that are there before and after.
    stays: BTreeMap<Place, Difference>,
    /// Stacks that are new.
    new: BTreeSet<Place>,
    /// Stacks that the spec no longer has: nothing becomes of them.
    orphans: BTreeSet<Place>,
    /// When the roles stacks of an account are changed, where that is not first.
    order: BTreeMap<Side, RolesOrder>,
    /// What of stacks themselves is another one.
    around: BTreeSet<&'static str>,
    /// What a guess about AWS is in all of it.
    unproven: BTreeSet<&'static str>,
    /// Whether Security Lake makes another share: its guide, "Editing a subscriber with query access".
    new_share: bool,
}

/// Types whose removal or replacement a person must allow: contract, section 4.
const GUARDED: [&str; 5] = [
    "AWS::KMS::Key",
    "AWS::LakeFormation::DataLakeSettings",
    "AWS::S3::Bucket",
    "AWS::SecurityLake::AwsLogSource",
    "AWS::SecurityLake::Subscriber",
];

fn places(integration: &Integration) -> BTreeSet<Place> {
    let of = |stack: Stack| {
        let account = integration.account(stack.side()).clone();
        integration.regions_of(stack).into_iter().map(move |region| (stack, account.clone(), region))
    };
    integration.stacks().into_iter().flat_map(of).collect()
}

fn body(rendered: &Rendered, stack: Stack) -> String {
    rendered.stacks.iter().find(|one| one.stack == stack).unwrap().yaml()
}

fn filled<'a>(body: &'a str, parameters: &'a BTreeMap<String, String>, region: Region) -> Filled<'a> {
    Filled { body, parameters, region: region.as_str() }
}

impl Effect {
    /// Of the change from one spec to another. The share, where a stack is told of it, is the first for both unless the
    /// subscriber gets another identity.
    fn of(before: &Rendered, after: &Rendered) -> Self {
        let (old, new) = (&before.integration, &after.integration);
        // Another name is another integration.
        let is_same = |one: &&Place| old.name == new.name && places(new).contains(*one);
        let identity =
            |one: &Integration| (one.lake.subscriber.external_id().cloned(), one.detective.account.clone());
        let is_ours = [old, new].iter().all(|one| one.lake.subscriber.external_id().is_some());
        let mut effect = Self {
            stays: BTreeMap::new(),
            new: places(new)
                .into_iter()
                .filter(|one| old.name != new.name || !places(old).contains(one))
                .collect(),
            orphans: places(old).into_iter().filter(|one| !is_same(&one)).collect(),
            order: BTreeMap::new(),
            around: BTreeSet::new(),
            unproven: BTreeSet::new(),
            new_share: is_ours && old.lake.account == new.lake.account && identity(old) != identity(new),
        };
        // Somebody else's subscriber has a share of its own, which the spec pins.
        let shares = match [old, new].map(|one| one.lake.subscriber.external_id().is_some()) {
            [true, false] => ["another", rows::FIRST_SHARE],
            [false, true] => [rows::FIRST_SHARE, "another"],
            _ if effect.new_share => [rows::FIRST_SHARE, "another"],
            _ => [rows::FIRST_SHARE; 2],
        };
        let told = shares.map(|share| BTreeMap::from([("ResourceShareArn".to_owned(), share.to_owned())]));
        for (stack, account, region) in places(old).into_iter().filter(|one| is_same(&one)) {
            let (old_body, new_body) = (body(before, stack), body(after, stack));
            let from = filled(&old_body, &told[0], region);
            let to = filled(&new_body, &told[1], region);
            if stack.is_roles() {
                let regional = before
                    .stacks
                    .iter()
                    .filter(|one| one.stack.side() == stack.side() && !one.stack.is_roles());
                let regional = regional
                    .flat_map(|one| old.regions_of(one.stack).into_iter().map(|region| (region, one.yaml())));
                let regional = regional.collect::<Vec<_>>();
                effect.order.insert(stack.side(), RolesOrder::of(from.body, to.body, &regional));
            } else if old.execution_role(stack.side()) != new.execution_role(stack.side()) {
                effect.around.insert("the role that it is changed as");
            }
            effect.stays.insert((stack, account, region), Difference::between(stack, from, to));
        }
        if old.tags != new.tags {
            effect.around.insert("its tags");
        }
        effect.order.retain(|_, order| *order != RolesOrder::First);
        let new = effect.new.iter().map(|(stack, _, region)| {
            let nothing = filled("", &told[0], *region);
            Difference::between(*stack, nothing, filled(&body(after, *stack), &told[1], *region))
        });
        let turns = effect
            .stays
            .values()
            .cloned()
            .chain(new)
            .flat_map(|difference| difference.resources.into_values());
        effect.unproven = turns.filter_map(|turn| turn.unproven).collect();
        effect
    }

    /// Resources with what becomes of them.
    fn turns(&self) -> impl Iterator<Item = (&Place, &str, &lakelink::deploy::changes::Turn)> {
        self.stays.iter().flat_map(|(place, difference)| {
            difference.resources.iter().map(move |(id, turn)| (place, id.as_str(), turn))
        })
    }

    /// What deploy says instead of doing it; nothing if it does it.
    fn refusal(&self) -> Option<&'static str> {
        let is_refused = self.turns().any(|(_, _, turn)| turn.fate == Fate::Refused);
        let is_torn = self.order.values().any(|order| *order == RolesOrder::Torn);
        match (is_refused, is_torn) {
            (true, _) => Some("`deploy.role_path` cannot change while the stacks are there"),
            (_, true) => Some("make this change in two"),
            _ => None,
        }
    }

    /// The flags that deploy asks for.
    fn flags(&self) -> BTreeSet<[String; 2]> {
        let flags = self.turns().filter(|(_, _, turn)| GUARDED.contains(&turn.kind.as_str()));
        let flags = flags.filter_map(|((stack, ..), id, turn)| {
            let flag = match turn.fate {
                Fate::Replaced => "--allow-replace",
                Fate::Removed => "--allow-remove",
                _ => return None,
            };
            Some([flag.to_owned(), format!("{}/{id}", stack.stem())])
        });
        flags.collect()
    }

    /// Whether nothing in AWS is another one.
    fn is_nothing(&self) -> bool {
        self.new.is_empty() && self.around.is_empty() && self.turns().next().is_none()
    }
}

/// Puts one document into another: mappings key by key, lists joined, the rest as it was.
fn join(into: &mut Value, more: &Value) {
    match (into, more) {
        (Value::Object(into), Value::Object(more)) => {
            for (key, value) in more {
                join(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (Value::Array(into), Value::Array(more)) => {
            let new = more.iter().filter(|item| !into.contains(item)).cloned().collect::<Vec<_>>();
            into.extend(new);
        }
        (into, more) => {
            if into.is_null() || *more == Value::Bool(true) {
                *into = more.clone();
            }
        }
    }
}

/// A group of rows in a world of their own.
struct Play<'a> {
    group: &'a Group,
    world: World,
    folder: tempfile::TempDir,
    /// What stands in the spec that is deployed.
    deployed: Option<&'static str>,
}

impl<'a> Play<'a> {
    fn open(group: &'a Group) -> Self {
        let mut all = serde_yaml::from_str::<Value>(group.seed).unwrap();
        for more in group.rows.iter().filter(|row| row.refused.is_none_or(|(code, _)| code != 3)) {
            for more in [more.before, more.after] {
                join(&mut all, &seed(&group.rendered(more).integration));
            }
        }
        let play =
            Self { group, world: World::start(all), folder: tempfile::tempdir().unwrap(), deployed: None };
        lakelink::files::write(&play.folder.path().join("base.yaml"), "version: 1\n").unwrap();
        play
    }

    /// The program, with this in the spec.
    fn program(&self, more: &str, integration: &Integration) -> Program<'_> {
        lakelink::files::write(&self.folder.path().join(SPEC), &self.group.text(more)).unwrap();
        Program::new(&self.world, self.folder.path(), integration)
    }

    fn ids(
        &self,
        integration: &Integration,
        places: impl Iterator<Item = Place>,
    ) -> BTreeMap<Place, BTreeMap<String, String>> {
        let ids = |(stack, account, region): &Place| {
            self.world.physical_ids(account, *region, &integration.stack_name(*stack))
        };
        places.map(|place| (place.clone(), ids(&place))).collect()
    }

    /// Plays one row; says what is not as it was worked out.
    fn play(&mut self, row: &Row) -> Result<(), String> {
        let before = self.group.rendered(row.before);
        if self.deployed != Some(row.before) {
            self.program(row.before, &before.integration).ends(0, &["deploy", SPEC, "--yes"]);
        }
        self.deployed = None;
        let all = places(&before.integration);
        let ids = self.ids(&before.integration, all.iter().cloned());
        if let Some((code, text)) = row.refused {
            let after = if code == 3 { &before } else { &self.group.rendered(row.after) };
            let program = self.program(row.after, &after.integration);
            // What CloudFormation itself refuses is known only when it is asked.
            let arguments = ["deploy", SPEC, "--yes"];
            let ran = if code == 11 {
                program.only_reads(code, &arguments)
            } else {
                program.ends(code, &arguments)
            };
            says(&ran.said(), &[text]);
            // Where CloudFormation refuses, what comes before is done already.
            let is_held = |(stack, ..): &Place| code != 1 || !stack.is_roles();
            let held = ids.into_iter().filter(|(place, _)| is_held(place)).collect();
            return self.same(&held, &self.ids(&before.integration, all.into_iter()), &BTreeMap::new());
        }
        let after = self.group.rendered(row.after);
        let effect = Effect::of(&before, &after);
        let program = self.program(row.after, &after.integration);
        if let Some(text) = effect.refusal() {
            let ran = program.only_reads(11, &["deploy", SPEC, "--yes"]);
            says(&ran.stderr, &[text]);
            says(&program.ends(11, &["plan", SPEC]).stdout, &["stop: ", text]);
            return self.same(&ids, &self.ids(&before.integration, all.into_iter()), &BTreeMap::new());
        }
        let flags = effect.flags();
        let mut arguments = vec!["deploy", SPEC, "--yes", "--format", "json"];
        if !flags.is_empty() {
            let ran = program.ends(11, &arguments);
            let texts = flags.iter().map(|flag| flag.join(" ")).collect::<Vec<_>>();
            says(&ran.stdout, &texts.iter().map(String::as_str).collect::<Vec<_>>());
            arguments.extend(flags.iter().flatten().map(String::as_str));
        }
        self.world.forget_calls();
        let ran = program.ends(0, &arguments);
        if effect.is_nothing() && !self.world.writes().is_empty() {
            return Err(format!("it wrote {:?}", self.world.writes()));
        }
        self.check_order(&effect, &after.integration)?;
        check_events(&ran.stdout, &effect)?;
        self.deployed = Some(row.after);
        self.same(&ids, &self.ids(&before.integration, all.into_iter()), &effect.stays)?;
        let new = self.ids(&after.integration, effect.new.iter().cloned());
        match new.iter().find(|(_, ids)| ids.is_empty()) {
            Some((place, _)) => Err(format!("{place:?} was not made")),
            None => Ok(()),
        }
    }

    /// The physical ids are others exactly where it was worked out.
    fn same(
        &self,
        before: &BTreeMap<Place, BTreeMap<String, String>>,
        after: &BTreeMap<Place, BTreeMap<String, String>>,
        effect: &BTreeMap<Place, Difference>,
    ) -> Result<(), String> {
        let none = Difference::default();
        for (place, old) in before {
            let (new, turns) = (&after[place], &effect.get(place).unwrap_or(&none).resources);
            for id in old.keys().chain(new.keys()).chain(turns.keys()) {
                let seen = match (old.get(id), new.get(id)) {
                    (None, Some(_)) => '+',
                    (Some(_), None) => '-',
                    (old, new) if old == new => '~',
                    _ => '!',
                };
                let expected = match turns.get(id).map(|turn| turn.fate) {
                    Some(Fate::Left) => '-',
                    Some(fate) => fate.sign(),
                    None => '~',
                };
                if seen != expected {
                    return Err(format!("{place:?}: {id} is {seen}, {expected} was worked out"));
                }
            }
        }
        Ok(())
    }

    /// Roles stacks that go last are changed after every other stack of their account.
    fn check_order(&self, effect: &Effect, integration: &Integration) -> Result<(), String> {
        let calls = self.world.calls().into_iter().filter(|call| call["operation"] == "ExecuteChangeSet");
        let stacks = calls.map(|call| call["stack"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        let at = |stack: Stack| {
            let name = integration.stack_name(stack);
            stacks
                .iter()
                .enumerate()
                .filter(move |(_, one)| **one == name)
                .map(|(n, _)| n)
                .collect::<Vec<_>>()
        };
        for roles in [Stack::LakeRoles, Stack::DetectiveRoles] {
            let regional =
                integration.stacks().into_iter().filter(|one| one.side() == roles.side() && !one.is_roles());
            let regional = regional.flat_map(at).collect::<Vec<_>>();
            let is_last = effect.order.contains_key(&roles.side());
            if at(roles).iter().any(|roles| regional.iter().any(|other| (roles > other) != is_last)) {
                return Err(format!("the order is wrong: {stacks:?}"));
            }
        }
        Ok(())
    }
}

/// Stacks that were worked out to change have changed, and no other.
fn check_events(text: &str, effect: &Effect) -> Result<(), String> {
    for line in text.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        let word = |key: &str| event[key].as_str().unwrap_or_default();
        if event["event"] != "stack" || !["done", "in_step"].contains(&word("status")) {
            continue;
        }
        let is =
            |(stack, _, region): &&Place| stack.stem() == word("stack") && region.as_str() == word("region");
        let Some((_, difference)) = effect.stays.iter().find(|(place, _)| is(place)) else { continue };
        // Tags and roles change stacks, too.
        let is_as_expected = match word("status") {
            "in_step" => difference.resources.is_empty() && !effect.around.contains("its tags"),
            _ => {
                !effect.around.is_empty()
                    || !difference.resources.is_empty()
                    || word("stack").ends_with("roles")
            }
        };
        if !is_as_expected {
            return Err(format!("{line}\n{difference:?}"));
        }
    }
    Ok(())
}

/// Plays every row of a group; a row that fails does not keep the others from being played.
fn play(group: &Group) {
    let mut play = Play::open(group);
    let failed = group.rows.iter().filter_map(|row| {
        let attempt = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| play.play(row)));
        let why = match attempt {
            Ok(Ok(())) => return None,
            Ok(Err(why)) => why,
            Err(panic) => panic.downcast::<String>().map_or_else(|_| "it panicked".to_owned(), |text| *text),
        };
        Some(format!("`{}`: {}\n{why}", row.key, row.change))
    });
    let failed = failed.collect::<Vec<_>>();
    assert!(failed.is_empty(), "rows that are not as they were worked out:\n{}", failed.join("\n\n"));
}

macro_rules! groups {
    ($($test:ident $group:ident),*) => { $(#[test] fn $test() { play(&rows::$group); })* };
}

groups! {
    in_the_smallest_spec SMALL, options_of_the_detective_account OPTIONS, a_bucket_of_the_house HOUSE,
    whose_rights_are_used ROLES, log_sources_of_ours COLLECTION, somebody_elses_subscriber EXISTING,
    one_organization ORGANIZATION, regions REGIONS, consoles CONSOLES, another_name NAME, another_detective_account DETECTIVE_ACCOUNT,
    another_lake_account LAKE_ACCOUNT, by_stack_sets SETS
}

/// Text has a number at the change and the guess below; JSON has it at the change.
#[test]
fn a_plan_says_what_is_a_guess() {
    let mut shop = Shop::open(&minimum(""), &[]);
    shop.deploy();
    shop.program().only_reads(0, &["plan", SPEC]);
    shop.change(
        &minimum("").replace("lake:\n", "lake:\n  sources: [cloud_trail_mgmt, vpc_flow, eks_audit]\n"),
    );
    let text = shop.ends(0, "plan", &[]).stdout;
    let lines = text.lines().collect::<Vec<_>>();
    let line = |start: &str| *lines.iter().find(|line| line.trim_start().starts_with(start)).unwrap();
    assert_eq!(
        line("~ LakeFormationSubscriber").trim(),
        "~ LakeFormationSubscriber  AWS::SecurityLake::Subscriber"
    );
    let number =
        |line: &str| line.rsplit_once("  [").map(|(_, number)| number.trim_end_matches(']').to_owned());
    let grant = "that CloudFormation can read back a grant in the catalogue of another account";
    let at = number(line("+ GrantSecurityAnalystEksAudit")).unwrap();
    says(&text, &[&format!("    [{at}] {grant}\n"), "a guess about AWS, not proven:"]);
    assert_ne!(number(line("~ TableNamesParameter")), Some(at));
    let plan: Value = serde_json::from_str(&shop.ends(0, "plan", &["--format", "json"]).stdout).unwrap();
    let changes =
        plan["stacks"].as_array().unwrap().iter().flat_map(|stack| stack["changes"].as_array().unwrap());
    let guesses = changes
        .map(|change| (change["id"].as_str().unwrap(), &change["unproven"]))
        .collect::<BTreeMap<_, _>>();
    assert_eq!(guesses["GrantSecurityAnalystEksAudit"], grant);
    assert_eq!(guesses["LakeFormationSubscriber"], &Value::Null);
    // What is taken over is imported: AWS's guide speaks of buckets.
    shop.change(&minimum(""));
    shop.ends(0, "destroy", &["--yes", "--only", "detective"]);
    let text = shop.ends(0, "plan", &[]).stdout;
    let marks = [
        "  < ResultsBucket  AWS::S3::Bucket  `lakelink-variant-444455556666-us-east-1`\n",
        "that CloudFormation imports a bucket policy",
    ];
    says(&text, &marks);
}
