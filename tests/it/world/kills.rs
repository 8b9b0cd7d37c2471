//! The program is killed after every single write call of a whole deploy, update and destroy. The same command again
//! must end with the very state that an undisturbed run ends with.
//!
//! A round is one world: each command in turn is killed after its n-th write, and finished. The world withholds the
//! answer of that write and of every later call, so exactly n writes are done.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use lakelink::model::{Integration, Side};
use regex_lite::Regex;
use serde_json::{Value, json};

use super::program::Program;
use super::seed;
use super::server::World;
use crate::env;
use crate::support::rendered;

/// What is done, one after the other, with the text of the spec then.
struct Life {
    file: &'static str,
    steps: Vec<(&'static str, String)>,
    /// What fails on the way, as the test world is told.
    fault: Value,
}

#[test]
fn the_minimum() {
    let before = example("two-accounts");
    let after = changed(
        &before,
        "role/SecurityAnalyst\n",
        "role/SecurityAnalyst\n    - arn:aws:iam::444455556666:role/Second\n",
    );
    let after = changed(
        &after,
        "  subscriber:\n",
        "  sources: [cloud_trail_mgmt, vpc_flow, eks_audit]\n  subscriber:\n",
    );
    kill_after_every_write(&Life::new("two-accounts.yaml", before, after), 1);
}

#[test]
fn two_regions() {
    let before = example("organization");
    let principal = "    - arn:aws:iam::555566667777:role/security/incident-response\n";
    let after =
        changed(&before, principal, &format!("{principal}    - arn:aws:iam::555566667777:role/Second\n"));
    let after = changed(&after, "vpc_flow, eks_audit]", "vpc_flow, eks_audit, route53]");
    kill_after_every_write(&Life::new("organization.yaml", before, after), 2);
}

/// The lake stack fails once for its new role, is deleted and made again.
#[test]
fn a_stack_that_is_made_twice() {
    let text = example("two-accounts");
    let role = "arn:aws:iam::111122223333:role/lakelink/lakelink-two-accounts-lake-cfn";
    let fault = json!({
        "type": "AWS::LakeFormation::DataLakeSettings", "account": "111122223333", "on": "create", "times": 1,
        "message": format!("Invalid principal, {role} (Service: LakeFormation)"),
    });
    let life = Life { file: "two-accounts.yaml", steps: vec![("deploy", text)], fault };
    assert!(
        kill_after_every_write(&life, 1)[0]
            .iter()
            .any(|write| write.starts_with("cloudformation:DeleteStack "))
    );
}

fn example(name: &str) -> String {
    std::fs::read_to_string(env::root().join("examples").join(name).with_extension("yaml")).unwrap()
}

fn changed(text: &str, old: &str, new: &str) -> String {
    assert_eq!(text.matches(old).count(), 1, "{old}");
    text.replace(old, new)
}

impl Life {
    fn new(file: &'static str, before: String, after: String) -> Self {
        let steps = vec![("deploy", before), ("deploy", after.clone()), ("destroy", after)];
        Self { file, steps, fault: json!({ "clear": true }) }
    }

    /// With every principal that any of its specs names.
    fn integration(&self) -> Integration {
        rendered(self.file, &self.steps.last().unwrap().1).integration
    }
}

/// The writes of each command where nothing is killed.
fn kill_after_every_write(life: &Life, threads: usize) -> Vec<Vec<String>> {
    let undisturbed = Round::start(life).live(None);
    let writes = undisturbed.iter().map(|step| step.writes.len()).collect::<Vec<_>>();
    assert!(writes.iter().all(|count| *count > 3), "{writes:?}");
    let (next, kills) = (AtomicUsize::new(1), Mutex::new(vec![0; writes.len()]));
    let rounds = *writes.iter().max().unwrap();
    let work = || {
        loop {
            let after = next.fetch_add(1, Ordering::Relaxed);
            if after > rounds {
                return;
            }
            let steps = Round::start(life).live(Some((after, &writes)));
            for (number, (step, wanted)) in steps.iter().zip(&undisturbed).enumerate() {
                if step.is_killed {
                    kills.lock().unwrap()[number] += 1;
                }
                let at = format!("step {number} of {}, killed after {after}: {:?}", life.file, step.writes);
                assert!(step.state == wanted.state, "{at}\n{}", difference(&wanted.state, &step.state, ""));
            }
        }
    };
    thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    assert_eq!(*kills.lock().unwrap(), writes, "not every write was followed by a kill");
    undisturbed.into_iter().map(|step| step.writes).collect()
}

/// What a command left behind.
struct Step {
    writes: Vec<String>,
    is_killed: bool,
    state: Value,
}

struct Round<'a> {
    life: &'a Life,
    integration: Integration,
    world: World,
    folder: tempfile::TempDir,
}

impl<'a> Round<'a> {
    fn start(life: &'a Life) -> Self {
        let integration = life.integration();
        let world = World::start(seed(&integration));
        world.fault(&life.fault);
        Self { life, integration, world, folder: tempfile::tempdir().unwrap() }
    }

    /// Runs every command, killed after so many writes if it makes as many, and then again.
    fn live(&self, kill_at: Option<(usize, &[usize])>) -> Vec<Step> {
        let program = Program::new(&self.world, self.folder.path(), &self.integration);
        let steps = self.life.steps.iter().enumerate();
        let one = |(number, (command, text)): (usize, &(&str, String))| {
            lakelink::files::write(&self.folder.path().join(self.life.file), text).unwrap();
            let arguments = [command, self.life.file, "--yes"];
            let after = kill_at.filter(|(after, writes)| *after <= writes[number]).map(|(after, _)| after);
            self.world.forget_calls();
            if let Some(after) = after {
                kill(&self.world, program.command(&arguments), after);
            }
            program.ends(0, &arguments);
            Step { writes: self.world.writes(), is_killed: after.is_some(), state: self.state() }
        };
        steps.map(one).collect()
    }

    /// Both accounts in every Region. Random by nature is only the id of a stack, which stands in one console parameter:
    /// that it is of the right stack stays visible.
    fn state(&self) -> Value {
        let regions = &self.integration.regions;
        let regions = regions.lake().into_iter().chain(regions.detective()).collect::<BTreeSet<_>>();
        let sides = [Side::Lake, Side::Detective];
        let places = sides.into_iter().flat_map(|side| regions.iter().map(move |region| (side, *region)));
        let states = places.map(|(side, region)| {
            let state = self.world.state(self.integration.account(side), region).to_string();
            let id = Regex::new(r"(:stack/[^/]+/)[0-9a-f-]{36}").unwrap();
            let state = serde_json::from_str::<Value>(&id.replace_all(&state, "${1}ID")).unwrap();
            (format!("{} {region}", side.word()), state)
        });
        json!(states.collect::<BTreeMap<_, _>>())
    }
}

/// Kills a command once its n-th write is done. The world withholds the answer of that write and of every later call.
pub(super) fn kill(world: &World, mut command: Command, after: usize) {
    world.fault(&json!({ "hang_after_write": after }));
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let done = |calls: &[Value]| {
        calls
            .iter()
            .filter(|call| call["write"] == true && call["function"] == false && !call["status"].is_null())
            .count()
    };
    while done(&world.calls()) < after {
        assert_eq!(child.try_wait().unwrap(), None, "it ended before write {after}: {:?}", world.writes());
        thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().code(), None, "a signal ended it");
    assert_eq!(done(&world.calls()), after);
    // What has not happened yet still will.
    let planned = world.faults();
    world.fault(&json!({ "clear": true }));
    planned
        .as_array()
        .unwrap()
        .iter()
        .filter(|fault| fault["times"] != 0)
        .for_each(|fault| world.fault(fault));
}

/// Where two states differ, a line each.
pub(super) fn difference(wanted: &Value, found: &Value, at: &str) -> String {
    match (wanted, found) {
        (Value::Object(one), Value::Object(other)) => {
            let keys = one.keys().chain(other.keys()).collect::<BTreeSet<_>>();
            keys.into_iter()
                .map(|key| difference(&wanted[key], &found[key], &format!("{at}/{key}")))
                .collect()
        }
        _ if wanted == found => String::new(),
        _ => format!("{at}: {wanted} became {found}\n"),
    }
}
