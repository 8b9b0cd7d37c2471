//! What an earlier run of the same integration has kept becomes part of the new stack. CloudFormation takes things over
//! by itself only if the template says their names without a function, and ours looks them up by Region; so they are
//! imported by an `IMPORT` change set of their own, before the rest is made
//! (CloudFormation user guide, "Import AWS resources into a CloudFormation stack automatically").

use std::collections::BTreeSet;

use serde_json::Value;

use crate::aws::{Found, Import, Resources, Stacks};
use crate::deploy::diff::resources;
use crate::deploy::{Halt, Target, Work};
use crate::model::{Collection, Encryption, ResultsBucket, Stack};
use crate::vocab::AccountId;

/// The tag that says whose a bucket or a key is.
const OWNER: &str = "lakelink:integration";

impl Import {
    /// What about taking it over is a guess about AWS: buckets are in the guide, the others have what their schemas say
    /// an import needs.
    pub(crate) fn unproven(&self) -> Option<&'static str> {
        let guess =
            "that CloudFormation imports a bucket policy, a key and its alias as their schemas promise";
        (self.kind != "AWS::S3::Bucket").then_some(guess)
    }
}

impl Work {
    /// What is there already, is ours, and is to be imported into a new stack. `found` is the stack that is to be updated
    /// instead: log sources become part of that, too.
    ///
    /// # Errors
    /// [`Halt::Stopped`] if something of somebody else has its name, or only half of what belongs together is there.
    pub(crate) async fn kept_from_before(
        &self,
        target: Target,
        stacks: &Stacks,
        found: Option<&Found>,
    ) -> Result<Vec<Import>, Halt> {
        if target.stack == Stack::LakeCollection {
            let held = match found {
                Some(found) => log_sources(&stacks.template(&found.id).await?),
                None => BTreeSet::new(),
            };
            self.check_sources(target, &held).await?;
        }
        if target.stack != Stack::Detective || found.is_some() {
            return Ok(Vec::new());
        }
        let (detective, side) = (&self.integration.detective, target.stack.side());
        let resources = self.access(side)?.resources(target.region);
        let role = self.execution_role(side);
        let mut kept = Vec::new();
        if detective.encryption == Encryption::OwnKey {
            kept.extend(self.kept_key(&resources, &role).await?);
        }
        if matches!(detective.bucket, ResultsBucket::Ours { .. }) {
            let bucket = self.integration.results_bucket(target.region);
            if let Some(found) = resources.get("AWS::S3::Bucket", &bucket, Some(&role)).await? {
                self.check_tag(&found, &format!("bucket `{bucket}`"))?;
                if detective.encryption == Encryption::OwnKey && kept.is_empty() {
                    return Err(Halt::Stopped(format!(
                        "bucket `{bucket}` was kept and the key that encrypts it has no alias `{}` any more: give the key back its alias, or \
                         delete the bucket",
                        self.integration.key_alias()
                    )));
                }
                kept.push(Import {
                    id: "ResultsBucket",
                    kind: "AWS::S3::Bucket",
                    name: ("BucketName", bucket.clone()),
                });
                if resources.get("AWS::S3::BucketPolicy", &bucket, Some(&role)).await?.is_some() {
                    kept.push(Import {
                        id: "ResultsBucketPolicy",
                        kind: "AWS::S3::BucketPolicy",
                        name: ("Bucket", bucket),
                    });
                }
            }
        }
        Ok(kept)
    }

    /// A log source carries no tag. One that the stack does not hold and that is on for the accounts of the spec is taken
    /// over, for that changes nothing; another is somebody else's. What AWS reads as the accounts of a source for all of them is unproven, so such a spec
    /// is not compared.
    async fn check_sources(&self, target: Target, held: &BTreeSet<String>) -> Result<(), Halt> {
        let Some(Collection::Accounts(wanted)) = &self.integration.lake.collection else { return Ok(()) };
        let resources = self.access(target.stack.side())?.resources(target.region);
        let role = self.execution_role(target.stack.side());
        let wanted = wanted.iter().map(AccountId::as_str).collect::<BTreeSet<_>>();
        for source in &self.integration.lake.sources {
            let id = format!("{}|{}", source.api_name(), self.integration.lake.source_version);
            if held.contains(&id) {
                continue;
            }
            let Some(found) = resources.get("AWS::SecurityLake::AwsLogSource", &id, Some(&role)).await?
            else {
                continue;
            };
            let accounts = found["Accounts"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let accounts = accounts.collect::<BTreeSet<_>>();
            if accounts != wanted {
                let on = if accounts.is_empty() {
                    "every account".to_owned()
                } else {
                    Vec::from_iter(accounts).join(", ")
                };
                return Err(Halt::Stopped(format!(
                    "log source `{id}` is on in {} for {on}, and the spec says {}: it is not taken over; write the same into \
                     `lake.collection`, or leave it out if somebody else turns the sources on",
                    target.region,
                    Vec::from_iter(wanted).join(", ")
                )));
            }
        }
        Ok(())
    }

    async fn kept_key(&self, resources: &Resources, role: &str) -> Result<Vec<Import>, Halt> {
        let alias = self.integration.key_alias();
        let Some(found) = resources.get("AWS::KMS::Alias", &alias, Some(role)).await? else {
            return Ok(Vec::new());
        };
        let id = found["TargetKeyId"].as_str().unwrap_or_default().to_owned();
        let key = resources.get("AWS::KMS::Key", &id, Some(role)).await?.unwrap_or_default();
        self.check_tag(&key, &format!("key `{id}` behind `{alias}`"))?;
        Ok(vec![
            Import { id: "ResultsKey", kind: "AWS::KMS::Key", name: ("KeyId", id) },
            Import { id: "ResultsKeyAlias", kind: "AWS::KMS::Alias", name: ("AliasName", alias) },
        ])
    }

    fn check_tag(&self, found: &Value, what: &str) -> Result<(), Halt> {
        let name = self.integration.name.as_str();
        let owner = owner(found);
        if owner == Some(name) {
            return Ok(());
        }
        let whose = match owner {
            Some(other) => format!("is of the integration `{other}`"),
            None => format!("has no tag `{OWNER}`"),
        };
        Err(Halt::Stopped(format!(
            "{what} is there and {whose}: it is not taken over; tag it `{OWNER}={name}` if it is yours, or delete it"
        )))
    }
}

/// Identifiers of the log sources of a template, as Cloud Control has them.
fn log_sources(body: &str) -> BTreeSet<String> {
    let resources = resources(body).into_values();
    let sources = resources.filter(|resource| resource["Type"] == "AWS::SecurityLake::AwsLogSource");
    let word =
        |source: &serde_yaml::Value, key| source["Properties"][key].as_str().unwrap_or_default().to_owned();
    sources
        .map(|source| format!("{}|{}", word(&source, "SourceName"), word(&source, "SourceVersion")))
        .collect()
}

/// The integration that a resource belongs to, by its tag.
fn owner(properties: &Value) -> Option<&str> {
    let tags = properties["Tags"].as_array()?;
    tags.iter().find(|tag| tag["Key"] == OWNER)?["Value"].as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::owner;

    #[test]
    fn the_tag_says_whose_it_is() {
        let tagged =
            json!({"Tags": [{"Key": "a", "Value": "b"}, {"Key": "lakelink:integration", "Value": "acme"}]});
        assert_eq!(owner(&tagged), Some("acme"));
        assert_eq!(owner(&json!({"Tags": []})), None);
        assert_eq!(owner(&json!({})), None);
    }
}
