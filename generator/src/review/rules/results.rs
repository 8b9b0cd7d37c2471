//! Where results of queries go: the output location of a workgroup, or the bucket that the console of Detective is told,
//! by a parameter or, as in AWS's own stack, by code.

use std::collections::BTreeSet;

use crate::review::extract::Terms;
use crate::review::{Account, Node, Part, Resource, Stack, Term};

/// The parameter that tells the console of Detective the bucket (`facts`: what the console looks for).
const CONSOLE: &str = "/Detective/SLI/S3Bucket";

/// A bucket for results that is made by one of the stacks.
pub(super) struct Results<'a> {
    pub(super) stack: &'a Stack,
    pub(super) bucket: &'a Resource,
    /// Its ARN.
    pub(super) arn: Term,
    /// Whether a workgroup sends results there.
    pub(super) has_workgroup: bool,
    /// The keys that it, or the workgroup, encrypts results with: ids or ARNs.
    pub(super) keys: Vec<Term>,
}

impl Results<'_> {
    /// Whether a resource is the bucket or something in it.
    pub(super) fn is_within(&self, resource: &Term) -> bool {
        // `arn:aws:` and `arn:${AWS::Partition}:` are the same here.
        let resource = resource.in_account(&Account::This);
        let within = self.arn.clone().with(Part::Text("/*".to_owned()));
        resource == self.arn || within.covers(&resource) || resource.is("*")
    }

    /// Whether a resource is, or covers, things in it.
    pub(super) fn is_on_objects(&self, resource: &Term) -> bool {
        let object = self.arn.clone().with(Part::Text("/x".to_owned()));
        let as_here = resource.in_account(&Account::This);
        as_here.covers(&object) || (self.is_within(resource) && as_here != self.arn)
    }
}

/// The buckets for results among the resources of stacks.
pub(super) fn find<'a>(stacks: &'a [Stack], terms: &[Terms<'a>]) -> Vec<Results<'a>> {
    let mut found = Vec::new();
    for (stack, terms) in stacks.iter().zip(terms) {
        let of_kind = |kind: &'static str| stack.template.of_kind(kind);
        let workgroups = of_kind("AWS::Athena::WorkGroup").filter_map(|group| configuration(group));
        let workgroups = workgroups.collect::<Vec<_>>();
        let parameters = of_kind("AWS::SSM::Parameter")
            .filter(|one| one.property(&["Name"]).and_then(Node::text) == Some(CONSOLE))
            .filter_map(|one| one.property(&["Value"]))
            .map(|value| terms.term(value))
            .collect::<Vec<_>>();
        let by_code = told_by_code(stack, terms);
        for bucket in of_kind("AWS::S3::Bucket") {
            let name = terms.reference(&bucket.id);
            let location = Term::text("s3://").followed_by(&name).with(Part::Text("/".to_owned()));
            let sends_there = |result: &Node| {
                let to = result.get("OutputLocation").map(|to| terms.term(to)).unwrap_or_default();
                let to = if to.to_string().ends_with('/') { to } else { to.with(Part::Text("/".to_owned())) };
                location.clone().with(Part::Text("*".to_owned())).covers(&to)
            };
            let mut groups = workgroups.iter().filter(|result| sends_there(result)).peekable();
            let has_workgroup = groups.peek().is_some();
            let is_told = parameters.contains(&name) || by_code.contains(&bucket.id);
            if !has_workgroup && !is_told {
                continue;
            }
            let of_groups = groups.filter_map(|result| result.at(&["EncryptionConfiguration", "KmsKey"]));
            let own = encryption(bucket).and_then(|rule| rule.get("KMSMasterKeyID"));
            let keys = of_groups.chain(own).map(|key| terms.term(key)).collect();
            found.push(Results { stack, bucket, arn: terms.arn(&bucket.id), has_workgroup, keys });
        }
    }
    found
}

/// The resources that custom resources are handed as a bucket for results.
fn told_by_code(stack: &Stack, terms: &Terms<'_>) -> BTreeSet<String> {
    let custom = stack.template.resources().iter().filter(|one| one.property(&["ServiceToken"]).is_some());
    let handed = custom.flat_map(|resource| resource.properties.entries());
    let handed = handed.filter(|(key, _)| {
        let key = key.to_ascii_lowercase();
        key.contains("result") && key.contains("bucket")
    });
    let names = handed.map(|(_, node)| terms.term(node));
    names.flat_map(|term| term.names().into_iter().map(str::to_owned).collect::<Vec<_>>()).collect()
}

fn configuration(workgroup: &Resource) -> Option<&Node> {
    workgroup.property(&["WorkGroupConfiguration", "ResultConfiguration"])
}

/// The default encryption of a bucket.
pub(super) fn encryption(bucket: &Resource) -> Option<&Node> {
    let rules = bucket.property(&["BucketEncryption", "ServerSideEncryptionConfiguration"])?;
    rules.items().first()?.get("ServerSideEncryptionByDefault")
}
