//! What lakelink takes for granted about AWS without a page of AWS that says so. Whatever else a change does is what
//! the registry schema of its type or a guide of AWS says. Here each entry has what is missing.

use serde_yaml::Value;

use crate::deploy::changes::{Fate, property};
use crate::model::Stack;

/// The guess that a change of a resource rests on, if there is one.
pub(crate) fn unproven(
    stack: Stack,
    kind: &str,
    fate: Fate,
    before: Option<&Value>,
    after: Option<&Value>,
) -> Option<&'static str> {
    let is_made = matches!(fate, Fate::Made | Fate::Replaced);
    let is_changed = is_made || fate == Fate::Changed;
    let differs = |name: &str| {
        let [before, after] = [before, after].map(|resource| property(resource?, name));
        before != after
    };
    match kind {
        "AWS::SSM::Parameter" if stack == Stack::DetectiveConsole && is_made => {
            Some("what a Detective console makes of the lake of another Region")
        }
        // The Detective user guide knows the integration only as made and unmade by its page.
        "AWS::SSM::Parameter" if is_changed => Some(
            "that Detective follows these parameters when its own page did not write them: it has no API to ask",
        ),
        // Security Lake user guide, "Editing a subscriber with query access": sources come and go in the same share.
        "AWS::SecurityLake::Subscriber" if fate == Fate::Changed && changes_versions(before, after) => Some(
            "that the share stays when sources get another version: the guide speaks of sources added and removed only",
        ),
        "AWS::SecurityLake::AwsLogSource" if fate == Fate::Replaced => {
            Some("what is on if the new version cannot be turned on: the old one goes first")
        }
        "AWS::LakeFormation::DataLakeSettings" if is_changed => {
            Some("that `MutationType: APPEND` leaves other settings and older administrators as they are")
        }
        "AWS::LakeFormation::PrincipalPermissions" if is_made => grant(after?),
        // Glue's API page of DeleteDatabase says that it goes; its tables would be removed later.
        "AWS::Glue::Database" if fate == Fate::Removed => {
            Some("that a database goes while it holds tables that the crawler made")
        }
        "AWS::Glue::Crawler" if is_made => Some("that the crawler's narrow role suffices for a run"),
        "AWS::KMS::Key" if is_made => Some(
            "that KMS holds the tags of a new key against `aws:RequestTag` of `kms:TagResource`; if not, no key is made",
        ),
        "AWS::Athena::WorkGroup"
            if is_changed && differs("WorkGroupConfiguration") && is_moved(before, after) =>
        {
            Some(
                "whether Athena looks at the results location, to whose objects the service role has no right",
            )
        }
        "Custom::ShareAcceptance" if is_changed => Some(
            "which account stands in the ARN of a share's invitation: the function may accept only the lake account's",
        ),
        _ => None,
    }
}

/// Grants are read back by CloudFormation, and reading fails in places where granting works.
fn grant(grant: &Value) -> Option<&'static str> {
    let several = property(grant, "Permissions")?.as_sequence()?.len() > 1;
    let table = property(grant, "Resource")?.get("Table");
    let is_own = |table: &Value| matches!(table.get("CatalogId"), Some(Value::Tagged(_)));
    let of_link = |table: &Value| matches!(table.get("DatabaseName"), Some(Value::Tagged(name)) if name.value == "LinkDatabase");
    match table {
        // cloudformation-coverage-roadmap#1323.
        _ if several => Some("that one grant takes several permissions at once"),
        // terraform-provider-aws#46951: `Database cannot be a link for this operation`.
        Some(table) if is_own(table) && of_link(table) => {
            Some("that CloudFormation can read back a grant on the tables of a link")
        }
        // terraform-provider-aws#38982.
        Some(table) if !is_own(table) => {
            Some("that CloudFormation can read back a grant in the catalogue of another account")
        }
        _ => None,
    }
}

/// Whether a source that is shared before and after has another version.
fn changes_versions(before: Option<&Value>, after: Option<&Value>) -> bool {
    let sources = |resource: Option<&Value>| {
        let listed = resource.and_then(|resource| property(resource, "Sources")?.as_sequence().cloned());
        let source = |source: &Value| source.get("AwsLogSource").cloned();
        listed.unwrap_or_default().iter().filter_map(source).collect::<Vec<_>>()
    };
    let (before, after) = (sources(before), sources(after));
    before.iter().any(|old| {
        let same_name = |new: &&Value| new.get("SourceName") == old.get("SourceName");
        after.iter().find(same_name).is_some_and(|new| new != old)
    })
}

/// Whether a workgroup's results go elsewhere than before.
fn is_moved(before: Option<&Value>, after: Option<&Value>) -> bool {
    let place = |resource: Option<&Value>| {
        property(resource?, "WorkGroupConfiguration")?.get("ResultConfiguration").cloned()
    };
    place(before) != place(after)
}
