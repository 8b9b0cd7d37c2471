//! The program is killed after every single write call of a rollout, an update and a removal. The same command again must
//! end with the very state that an undisturbed run ends with. The world withholds the answer of that write and of every
//! later call.

use std::collections::BTreeMap;

use lakelink::model::Side;
use lakelink::vocab::{Region, Word as _};
use regex_lite::Regex;
use serde_json::{Value, json};

use super::{Fleet, REGIONS, changed, self_managed};
use crate::world::kills::{difference, kill};
use crate::world::shop::SPEC;

/// What a command left behind.
struct Step {
    writes: usize,
    is_killed: bool,
    state: Value,
}

#[test]
fn after_every_write() {
    let undisturbed = live(None);
    let writes = undisturbed.iter().map(|step| step.writes).collect::<Vec<_>>();
    assert_eq!(writes, [4, 2, 4], "the calls of a rollout, an update and a removal of two sets");
    for after in 1..=4 {
        let steps = live(Some((after, &writes)));
        for (number, (step, wanted)) in steps.iter().zip(&undisturbed).enumerate() {
            assert_eq!(step.is_killed, after <= writes[number]);
            let at = format!("step {number}, killed after {after}");
            assert!(step.state == wanted.state, "{at}\n{}", difference(&wanted.state, &step.state, ""));
        }
    }
}

/// Runs every command, killed after so many writes if it makes as many, and then again.
fn live(kill_at: Option<(usize, &[usize])>) -> Vec<Step> {
    let mut fleet = Fleet::open(&self_managed());
    let steps = [
        (self_managed(), "--yes"),
        (changed(&self_managed()), "--yes"),
        (changed(&self_managed()), "--remove"),
    ];
    let mut lived = Vec::new();
    for (number, (text, flag)) in steps.iter().enumerate() {
        fleet.change(text);
        fleet.world.forget_calls();
        let arguments = ["rollout", SPEC, "--yes", flag];
        let arguments = if *flag == "--yes" { &arguments[..3] } else { &arguments };
        let after = kill_at.filter(|(after, writes)| *after <= writes[number]).map(|(after, _)| after);
        if let Some(after) = after {
            kill(&fleet.world, fleet.program().command(arguments), after);
        }
        fleet.program().ends(0, arguments);
        let writes = fleet.world.writes().len();
        lived.push(Step { writes, is_killed: after.is_some(), state: state(&fleet) });
    }
    lived
}

/// The sets, and both accounts in every Region, without the ids of stacks, which are random.
fn state(fleet: &Fleet) -> Value {
    let mut states = BTreeMap::from([("sets".to_owned(), fleet.owner())]);
    for side in [Side::Lake, Side::Detective] {
        for region in REGIONS.map(|name| Region::read(name).unwrap()) {
            let state = fleet.world.state(fleet.integration.account(side), region);
            states.insert(format!("{} {region}", side.word()), state);
        }
    }
    let uuid = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";
    let id =
        Regex::new(&format!("(:stack/[^/]+/|StackSet-lakelink-variant-(lake|detective)-){uuid}")).unwrap();
    // Twice, since an ARN holds both, and matches do not overlap.
    let text = id.replace_all(&json!(states).to_string(), "${1}ID").into_owned();
    serde_json::from_str(&id.replace_all(&text, "${1}ID")).unwrap()
}
