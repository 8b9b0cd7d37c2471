//! A folder of specs that share a base: three integrations of the same accounts, each in a Region of its own.

use serde_json::{Value, json};

use super::shop::{Shop, minimum, says};

const REGIONS: [(&str, &str); 3] = [("a", "us-east-1"), ("b", "eu-west-1"), ("c", "ap-northeast-1")];

/// The folder, in a world with data lakes in all these Regions.
fn open() -> Shop {
    let everywhere = minimum("").replace("[us-east-1]", "[us-east-1, eu-west-1, ap-northeast-1]");
    let shop = Shop::open(&everywhere, &[]);
    let (_, accounts) = everywhere.split_once("lake:").unwrap();
    let accounts = accounts.replace("  subscriber:\n    external_id: 7f3c9a51-variant-detective\n", "");
    std::fs::create_dir_all(shop.folder.path().join("specs/bases")).unwrap();
    shop.write("specs/bases/accounts.yaml", &format!("lake:{accounts}"));
    for (name, region) in REGIONS {
        shop.write(&format!("specs/{name}.yaml"), &spec(name, region, ""));
    }
    shop
}

fn spec(name: &str, region: &str, more: &str) -> String {
    format!(
        "extends: bases/accounts.yaml\nname: {name}\nregions: [{region}]\n\
         lake: {{subscriber: {{external_id: 7f3c9a51-{name}-detective}}}}\n{more}"
    )
}

/// The integrations that a command writes for, one after the other, by their Regions.
fn turns(shop: &Shop) -> Vec<String> {
    let writes = shop.world.calls().into_iter();
    let writes = writes.filter(|call| call["write"] == true && call["function"] == false);
    let mut regions = writes.map(|call| call["region"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    regions.dedup();
    regions
}

#[test]
fn one_that_fails_stops_no_other_and_is_shown_first() {
    let shop = open();
    let program = shop.program();
    let fault = json!({ "type": "AWS::SecurityLake::Subscriber", "on": "create", "region": "eu-west-1", "message": "it would not", "times": 1 });
    shop.fault(&[fault]);
    shop.world.forget_calls();
    let ran = program.ends(1, &["deploy", "specs", "--yes"]);
    says(&ran.stderr, &["a: 4 changed", "c: 4 changed", "  b  eu-west-1       lake", "it would not"]);
    // They share accounts, so none writes while another one does.
    let turns = turns(&shop);
    assert_eq!(turns.len(), 3, "{turns:#?}");
    insta::assert_snapshot!("status_of_a_fleet", program.only_reads(0, &["status", "specs"]).stdout);
    let ran = program.only_reads(0, &["status", "specs", "--format", "json"]);
    let status = serde_json::from_str::<Value>(&ran.stdout).unwrap();
    let names = status.as_array().unwrap().iter().map(|one| one["integration"].clone());
    assert_eq!(names.collect::<Value>(), json!(["b", "a", "c"]));
    says(&program.only_reads(0, &["status", "specs", "-v"]).stdout, &["a\n  111122223333  us-east-1"]);
    program.ends(0, &["deploy", "specs", "--yes", "--recreate-failed", "lake"]);
    says(&program.only_reads(0, &["deploy", "specs", "--yes"]).stderr, &["b: 0 changed, 4 in step"]);
    // Quiet says only what would go and why it did not; with a yes nothing.
    let quiet = program.only_reads(11, &["destroy", "specs/a.yaml", "-q"]);
    insta::assert_snapshot!("quiet_destroy", quiet.said());
    let quiet = program.ends(0, &["destroy", "specs", "--yes", "-q"]);
    assert_eq!([quiet.stdout, quiet.stderr], ["", ""]);
    says(&program.only_reads(0, &["destroy", "specs", "--yes"]).stderr, &["a: 0 stacks removed"]);
}

/// An integration of accounts that these credentials are not for is left out.
#[test]
fn one_without_credentials_stops_no_other() {
    let shop = open();
    let program = shop.program();
    let foreign =
        "detective: {account: \"999988887777\", principals: ['arn:aws:iam::999988887777:role/Analyst']}\n";
    shop.write("specs/d.yaml", &spec("d", "us-west-2", foreign));
    let wrong =
        ["d: the credentials for the detective account are of account `444455556666`", "nothing was written"];
    let ran = program.only_reads(5, &["plan", "specs/d.yaml", "--format", "json"]);
    says(&ran.stderr, &wrong);
    says(serde_json::from_str::<Value>(&ran.stdout).unwrap()["error"].as_str().unwrap(), &wrong[1..]);
    // Programs hear of it in the shape of every event.
    let ran = program.only_reads(5, &["destroy", "specs/d.yaml", "--format", "json"]);
    let events = ran.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let [refused, summary] = &events.collect::<Vec<_>>()[..] else { panic!("{}", ran.stdout) };
    let said =
        ["event", "integration", "account", "region", "stack", "status"].map(|key| refused[key].clone());
    assert_eq!(json!(said), json!(["integration", "d", "999988887777", null, null, "refused"]));
    says(refused["reason"].as_str().unwrap(), &wrong[1..]);
    assert!(refused["elapsed_ms"].is_u64() && summary["exit"] == 5, "{}", ran.stdout);
    let ran = program.ends(5, &["deploy", "specs", "--yes", "--only", "roles"]);
    says(&ran.stderr, &[&wrong[..], &["a: 2 changed", "b: 2 changed", "c: 2 changed"]].concat());
    let ran = program.only_reads(5, &["status", "specs"]);
    let second = ran.stdout.lines().nth(1).unwrap();
    says(second, &["d ", "not read: the credentials for the detective account"]);
    says(&ran.stdout, &["0 of 4 integrations in step"]);
}
