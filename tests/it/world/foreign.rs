//! What is somebody else's: a key under our alias, credentials of another partition.

use std::cmp::Ordering;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use lakelink::model::{Side, Stack};
use serde_json::{Value, json};

use super::shop::{SPEC, Shop, minimum, says};
use crate::env;
use crate::support::spec;

const ALIAS: &str = "alias/lakelink-variant";

/// A key of another integration has the alias, then one of nobody; as soon as its tag says that it is ours, it is taken over.
#[test]
fn a_key_of_somebody_else_stops_the_deploy() {
    let shop = Shop::open(&spec("", "  results: {encryption: kms}\n", ""), &[]);
    let tag = |name: &str| format!("TagKey=lakelink:integration,TagValue={name}");
    let made = shop.aws(Side::Detective, &["kms", "create-key", "--tags", &tag("other")]);
    let made = serde_json::from_str::<Value>(&made.stdout).unwrap();
    let id = made["KeyMetadata"]["KeyId"].as_str().unwrap();
    shop.aws(Side::Detective, &["kms", "create-alias", "--alias-name", ALIAS, "--target-key-id", id]);
    let key = |shop: &Shop| shop.state(Side::Detective)["kms_keys"][id].clone();
    let before = key(&shop);
    assert!(!before.is_null());
    let stops = |whose: &str| {
        let what = format!("key `{id}` behind `{ALIAS}` is there and {whose}: it is not taken over");
        let words = [&what[..], "tag it `lakelink:integration=variant` if it is yours, or delete it"];
        says(&shop.ends(11, "deploy", &["--yes"]).stderr, &words);
        says(&shop.ends(11, "plan", &[]).stdout, &words);
        assert_eq!(shop.stack(Stack::Detective), Value::Null);
    };
    stops("is of the integration `other`");
    assert_eq!(key(&shop), before, "it is as it was");
    let tags = ["kms", "untag-resource", "--key-id", id, "--tag-keys", "lakelink:integration"];
    shop.aws(Side::Detective, &tags);
    stops("has no tag `lakelink:integration`");
    shop.aws(Side::Detective, &["kms", "tag-resource", "--key-id", id, "--tags", &tag("variant")]);
    shop.deploy();
    assert_eq!(shop.state(Side::Detective)["kms_keys"].as_object().unwrap().len(), 1);
}

/// The world's answers follow the Region that is asked, so another server gives this one: an account id can be there in both.
#[test]
fn credentials_of_another_partition_write_nothing() {
    let shop = Shop::open(&minimum(""), &[]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let arn = "arn:aws-us-gov:iam::111122223333:user/somebody";
    let body = format!(
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>{arn}</Arn><UserId>A</UserId><Account>111122223333</Account>\
         </GetCallerIdentityResult></GetCallerIdentityResponse>"
    );
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let asked = stream.read(&mut [0; 65_536]).unwrap();
        let length = body.len();
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        asked
    });
    let program = shop.program();
    let mut command = program.command(&["deploy", SPEC, "--yes", "--only", "lake"]);
    let ran = env::run(command.env("AWS_ENDPOINT_URL", &address));
    assert_eq!(ran.code, 5, "{}", ran.said());
    says(&ran.stderr, &[arn, "of another partition than the Regions of the spec", "nothing was written"]);
    assert!(server.join().unwrap() > 0, "one question, and no other was taken");
    assert_eq!(shop.world.calls(), [json!(null); 0]);
}

/// A flag before the environment, that before the local file, that before what is around.
#[test]
fn the_nearest_profile_is_taken() {
    let shop = Shop::open(&minimum(""), &[]);
    let (right, wrong) = ("lake", "detective");
    // The right profile in one place, wrong ones in all that come after it; then the wrong one in that place.
    for place in 0..4 {
        for (here, code) in [(right, 0), (wrong, 5)] {
            let profile = |number: usize| match number.cmp(&place) {
                Ordering::Less => None,
                Ordering::Equal => Some(here),
                Ordering::Greater if here == right => Some(wrong),
                Ordering::Greater => Some(right),
            };
            let program = shop.program();
            let mut command = program.command(&["status", SPEC, "--only", "lake"]);
            command.env_remove("LAKELINK_LAKE_PROFILE").env_remove("LAKELINK_DETECTIVE_PROFILE");
            if let Some(profile) = profile(0) {
                command.args(["--lake-profile", profile]);
            }
            if let Some(profile) = profile(1) {
                command.env("LAKELINK_LAKE_PROFILE", profile);
            }
            let local =
                profile(2).map_or_else(|| "{}\n".into(), |profile| format!("lake: {{profile: {profile}}}\n"));
            shop.write("lakelink.local.yaml", &local);
            command.env("AWS_PROFILE", profile(3).unwrap());
            let ran = env::run(&mut command);
            assert_eq!(ran.code, code, "{place} {here}: {}", ran.said());
            let source = if place == 3 { "the ambient credentials" } else { "profile `detective`" };
            assert_eq!(ran.stderr.contains(source), here == wrong, "{place}: {}", ran.said());
        }
    }
}
