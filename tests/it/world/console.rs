//! What the Detective console finds in its Region.

use lakelink::model::{Integration, RegionPair, Stack};
use serde_json::{Value, json};

use super::check::{check_subscriber, is_done};
use super::server::World;

/// What the Detective console of a Region looks for: about the lake that it reads.
pub(super) fn check(integration: &Integration, world: &World, RegionPair { lake, detective }: RegionPair) {
    let state = world.state(&integration.detective.account, detective);
    let stack =
        integration.stack_name(if lake == detective { Stack::Detective } else { Stack::DetectiveConsole });
    assert!(is_done(&state["stacks"][&stack]), "{state:#}");
    assert_eq!(state["stacks"][&stack]["tags"], json!(integration.tags));
    if lake != detective {
        assert_eq!(state["stacks"].as_object().unwrap().len(), 1, "nothing else is there: {state:#}");
        assert_eq!(state["glue_databases"], json!({}));
        assert_eq!(state["buckets"], json!({}));
    }
    let share = check_subscriber(integration, &world.state(&integration.lake.account, lake));
    check_parameters(integration, RegionPair { lake, detective }, &state, &share);
}

/// The five parameters, and no other.
fn check_parameters(
    integration: &Integration,
    RegionPair { lake, detective }: RegionPair,
    state: &Value,
    share: &str,
) {
    let stack =
        integration.stack_name(if lake == detective { Stack::Detective } else { Stack::DetectiveConsole });
    let tables =
        integration.lake.sources.iter().map(|source| source.table(integration.lake.source_version, lake));
    let tables = tables.collect::<Vec<_>>().join(",");
    let parameters = &state["ssm_parameters"];
    let text = |value: &str| json!({ "tier": "Standard", "type": "String", "value": value });
    let expected = json!({
        "/Detective/SLI/DatabaseName": text(&integration.database(lake)),
        "/Detective/SLI/ResourceShareArn": text(share),
        "/Detective/SLI/S3Bucket": text(&integration.results_bucket(lake)),
        // The id is another one in each run: that it is the stack's is checked below.
        "/Detective/SLI/StackId": parameters["/Detective/SLI/StackId"],
        "/Detective/SLI/TableNames": { "tier": "Standard", "type": "StringList", "value": tables },
    });
    assert_eq!(parameters, &expected);
    let stack_id = parameters["/Detective/SLI/StackId"]["value"].as_str().unwrap();
    assert!(stack_id.contains(&format!(":{detective}:")) && stack_id.contains(&format!("stack/{stack}/")));
}
