use std::collections::BTreeSet;

use super::{PARTS, template};
use crate::check::check;
use crate::iam::MissingType;
use crate::model::{Integration, Side};
use crate::resources::Kind;

fn integration() -> Integration {
    let spec = "name: acme\nregions: [us-east-1]\n\
        lake:\n  account: \"111122223333\"\n  subscriber:\n    external_id: 7f3c9a51-acme-detective\n\
        detective:\n  account: \"444455556666\"\n  principals:\n    - arn:aws:iam::444455556666:role/SecurityAnalyst\n";
    let mut checked = check(vec![("acme.yaml".into(), spec.into())]).unwrap();
    checked.remove(0).rendered.unwrap().integration
}

#[test]
fn a_type_in_no_part_is_named() {
    for side in [Side::Lake, Side::Detective] {
        let missing = template(&integration(), side, &[Kind::S3Bucket, Kind::IamRole]).unwrap_err();
        assert_eq!(missing, MissingType("AWS::IAM::Role in PARTS".into()));
    }
}

/// A second time would be the same statements in two policies.
#[test]
fn every_word_and_every_type_stands_once() {
    let words = PARTS.iter().map(|part| part.word).collect::<BTreeSet<_>>();
    assert_eq!(words.len(), PARTS.len());
    let kinds = PARTS.iter().flat_map(|part| part.kinds).map(|(kind, _)| *kind).collect::<Vec<_>>();
    assert_eq!(kinds.iter().copied().collect::<BTreeSet<_>>().len(), kinds.len());
}

#[test]
fn a_part_without_types_is_no_policy() {
    let template = template(&integration(), Side::Lake, &[Kind::GlueDatabase]).unwrap();
    let ids = template.resources().map(|resource| resource.id.to_string()).collect::<Vec<_>>();
    assert_eq!(ids, ["ServiceRole", "ServiceRoleLinkPolicy", "DeployerPolicy"]);
}
