//! What `status` says about what is there, and what it cannot know.

use lakelink::model::{Side, Stack};
use serde_json::{Value, json};

use super::flags::{body, changed, update_by_hand};
use super::shop::{SPEC, Shop, minimum, says};
use crate::support::rendered;

/// What it says of each stack, by its name.
fn told(shop: &Shop, key: &str) -> Value {
    let status = shop.program().status(SPEC);
    let stacks = status["stacks"].as_array().unwrap();
    stacks.iter().map(|one| (one["stack"].as_str().unwrap().to_owned(), one[key].clone())).collect()
}

fn text(shop: &Shop) -> String {
    shop.program().only_reads(0, &["status", SPEC]).stdout
}

#[test]
fn a_person_reads_a_line_for_each_thing() {
    let shop = Shop::open(&minimum(""), &[]);
    insta::assert_snapshot!("status_of_nothing", text(&shop));
    shop.deploy();
    insta::assert_snapshot!("status_of_all", text(&shop));
}

#[test]
fn what_was_changed_by_hand_differs() {
    let shop = Shop::open(&minimum(""), &[]);
    shop.deploy();
    let is = |detective: Value| json!({ "lake-roles": true, "lake": true, "detective-roles": true, "detective": detective });
    assert_eq!(told(&shop, "in_step"), is(json!(true)));
    let ours = body(&rendered(SPEC, &minimum("")), Stack::Detective);
    update_by_hand(
        &shop,
        Stack::Detective,
        &changed(&ours, "ExpirationInDays: 90", "ExpirationInDays: 80"),
        true,
    );
    assert_eq!(told(&shop, "in_step"), is(json!(false)));
    says(&text(&shop), &["  UPDATE_COMPLETE           differs from the spec\n"]);
    shop.deploy();
    // The template is the same, and another share is told.
    let name = shop.integration.stack_name(Stack::Detective);
    let other = "arn:aws:ram:us-east-1:111122223333:resource-share/0a1b2c3d-0000-4000-8000-000000000001";
    let parameter = format!("ParameterKey=ResourceShareArn,ParameterValue={other}");
    let update = ["cloudformation", "update-stack", "--use-previous-template", "--stack-name", &name];
    shop.aws(Side::Detective, &[&update[..], &["--parameters", &parameter]].concat());
    shop.aws(Side::Detective, &["cloudformation", "wait", "stack-update-complete", "--stack-name", &name]);
    assert_eq!(told(&shop, "in_step"), is(json!(false)));
}

/// A parameter that somebody took out of the template is missing, and so is one of a stack that is not there.
#[test]
fn a_console_without_a_parameter_is_incomplete() {
    let shop = Shop::open(&minimum(""), &[]);
    let incomplete = json!([{ "region": "us-east-1", "complete": false }]);
    assert_eq!(shop.program().status(SPEC)["console"], incomplete);
    shop.deploy();
    let ours = body(&rendered(SPEC, &minimum("")), Stack::Detective);
    let (head, rest) = ours.split_once("\n  TableNamesParameter:\n").unwrap();
    let (_, rest) = rest.split_once("\n\n").unwrap();
    update_by_hand(&shop, Stack::Detective, &format!("{head}\n{rest}"), true);
    assert_eq!(shop.program().status(SPEC)["console"], incomplete);
    says(&text(&shop), &["  console  us-east-1       parameters are missing\n"]);
}

#[test]
fn what_cannot_be_told_is_not_called_a_difference() {
    let shop = Shop::open(&minimum(""), &[]);
    shop.deploy();
    let ours = body(&rendered(SPEC, &minimum("")), Stack::Lake);
    let gate = "Resources:\n  Gate:\n    Type: AWS::CloudFormation::WaitCondition\n    CreationPolicy: {ResourceSignal: {Count: 1, Timeout: PT1H}}\n";
    update_by_hand(&shop, Stack::Lake, &changed(&ours, "Resources:\n", gate), false);
    assert_eq!(told(&shop, "in_step")["lake"], json!(null));
    says(&text(&shop), &["  UPDATE_IN_PROGRESS        an operation goes on\n"]);
    let name = shop.integration.stack_name(Stack::Lake);
    let signal =
        ["cloudformation", "signal-resource", "--stack-name", &name, "--logical-resource-id", "Gate"];
    shop.aws(Side::Lake, &[&signal[..], &["--unique-id", "1", "--status", "SUCCESS"]].concat());
    shop.deploy();
    // Which share the Detective stack must be told is known when there is one again.
    shop.ends(0, "destroy", &["--yes", "--only", "lake"]);
    let is = json!({ "lake-roles": true, "lake": false, "detective-roles": true, "detective": null });
    assert_eq!(told(&shop, "in_step"), is);
    says(
        &text(&shop),
        &["  CREATE_COMPLETE           in step but for the share, which is not known\n", "no share yet"],
    );
}

#[test]
fn what_stops_a_deploy_is_told() {
    let shop = Shop::open(&minimum(""), &[]);
    assert_eq!(told(&shop, "stop")["detective"], json!(null));
    let parameter = ["--type", "String", "--value", "theirs", "--name", "/Detective/SLI/StackId"];
    shop.aws(Side::Detective, &[&["ssm", "put-parameter"], &parameter[..]].concat());
    let stop = told(&shop, "stop")["detective"].as_str().unwrap().to_owned();
    says(&stop, &["those of `theirs`"]);
    says(&text(&shop), &[&format!("ABSENT\n    stop: {stop}\n")]);
}

/// Of a folder: somebody else's console, what is not there, what differs, what is in step; not by their names.
#[test]
fn what_needs_a_look_comes_first() {
    let of = |name: &str, region: &str| {
        let text = minimum("").replace("variant", name).replace("us-east-1", region);
        (format!("{name}.yaml"), text)
    };
    let all = [of("b", "eu-west-1"), of("c", "us-west-2"), of("d", "eu-central-1")];
    let everywhere = minimum("").replace("[us-east-1]", "[us-east-1, eu-west-1, us-west-2, eu-central-1]");
    let mut shop = Shop::open(&everywhere, &[]);
    shop.change(&minimum("").replace("variant", "a"));
    all.iter().for_each(|(file, text)| shop.write(file, text));
    shop.deploy();
    shop.program().ends(0, &["deploy", "b.yaml", "--yes"]);
    let sources = "lake:\n  sources: [cloud_trail_mgmt, vpc_flow, eks_audit]\n";
    shop.write("b.yaml", &all[0].1.replace("lake:\n", sources));
    let parameter = ["--type", "String", "--value", "theirs", "--name", "/Detective/SLI/StackId"];
    shop.aws(
        Side::Detective,
        &[&["ssm", "put-parameter", "--region", "eu-central-1"], &parameter[..]].concat(),
    );
    let status = shop.program().status(".");
    let names = status.as_array().unwrap().iter().map(|one| &one["integration"]);
    assert_eq!(names.collect::<Vec<_>>(), ["d", "c", "b", "a"]);
    let text = shop.program().only_reads(0, &["status", "."]).stdout;
    let heads = text.lines().skip(1).take(4).map(|line| line.split(' ').next().unwrap());
    assert_eq!(heads.collect::<Vec<_>>(), ["d", "c", "b", "a"]);
}
