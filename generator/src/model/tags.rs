//! `tags`. Limits: AWS General Reference, `tagging` (keys of 1 to 128, values of up to 256 characters; letters,
//! digits, blanks and `_.:/=+-@`). AWS takes 50; ten are left for the tools that deploy. IAM user guide, `id_tags`: tag
//! keys of roles are not case sensitive; CloudFormation puts the tags of a stack on its roles.

use std::collections::BTreeMap;

use crate::model::reading::Reading;
use crate::problem::{At, Code, Fault, Problem, SpecPath, shown};

/// Tags of one spec, at most.
const MOST_TAGS: usize = 40;

/// Checks the tags and gives them back.
pub(crate) fn resolve(
    tags: Option<&BTreeMap<String, String>>,
    reading: &mut Reading,
) -> BTreeMap<String, String> {
    let path = SpecPath::root().key("tags");
    let tags = tags.cloned().unwrap_or_default();
    if tags.len() > MOST_TAGS {
        let message = format!("{} tags, but a stack takes {MOST_TAGS} of yours", tags.len());
        reading.fault(Code::TooManyTags, &path, message, "leave some out");
    }
    let mut seen = BTreeMap::new();
    for (key, value) in &tags {
        let path = path.key(key);
        let lower = key.to_ascii_lowercase();
        if let Some(first) = seen.insert(key.to_lowercase(), path.clone()) {
            let message = format!("the tag key {} differs from another one in case only", shown(key));
            let help = "keep one of the two: IAM takes both for one key and refuses the roles";
            let problem = Fault::new(Code::TagCase, message, help).at(path.clone()).at_key();
            let also = (At::Key, first, "the other one".to_owned());
            reading.report(Problem { also: vec![also], ..problem });
        }
        if lower.starts_with("aws:") || lower.starts_with("lakelink:") {
            let message = format!("`{key}` starts with a reserved prefix");
            let help = "choose a key without `aws:` and `lakelink:` in front";
            reading.report(Fault::new(Code::ReservedTag, message, help).at(path).at_key());
        } else if !(1..=128).contains(&key.chars().count())
            || !key.chars().all(is_tag_character)
            || !passes_the_cli(key)
        {
            let help = "use 1 to 128 letters, digits, blanks and `_.:/+-@`, not `-` in front";
            let message = "the key of the tag is not one that AWS takes";
            reading.report(Fault::new(Code::BadTag, message, help).at(path).at_key());
        } else if value.chars().count() > 256 || !value.chars().all(is_tag_character) {
            let help = "use at most 256 letters, digits, blanks and `_.:/=+-@`";
            reading.fault(Code::BadTag, &path, "the value of the tag is not one that AWS takes", help);
        }
    }
    tags
}

/// `aws cloudformation deploy --tags` ends a key at the first `=` and takes a leading `-` for an option.
fn passes_the_cli(key: &str) -> bool {
    !key.contains('=') && !key.starts_with('-')
}

fn is_tag_character(c: char) -> bool {
    c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c)
}
