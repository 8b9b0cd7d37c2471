//! Limits of AWS: what a spec can break, and what would fit.

use crate::model::{Integration, Stack};
use crate::problem::{Code, Fault, Problem, SpecPath};
use crate::render::{cdk::sent_bytes, json, yaml};
use crate::resources::Kind;
use crate::stacks::{SetTemplate, StackTemplate, build};
use crate::template::{Limit, Value, json_bytes, most_bytes};

/// More principals than there could be resources for, two for each: not worth rendering to see how much is too much.
pub(crate) fn hopeless(integration: &Integration) -> Option<Problem> {
    let count = integration.detective.principals.len();
    let most = Limit::RESOURCES.0 / 2;
    (count > most).then(|| {
        let mut fewer = integration.clone();
        fewer.detective.principals.truncate(most);
        let message = format!(
            "{count} principals need more resources than the {} that CloudFormation takes",
            Limit::RESOURCES.0
        );
        too_many(&fewer, Stack::Detective, Code::TooManyResources, message)
    })
}

/// Every limit of templates that a spec breaks.
pub(crate) fn check(integration: &Integration, stacks: &[StackTemplate]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for written in stacks {
        let stem = written.stack.stem();
        if let Some(size) = too_large(integration, written) {
            let by_cdk = if written.bytes() < size { " as the CDK CLI sends it" } else { "" };
            let message = format!(
                "{stem}.template.yaml would have {size} bytes{by_cdk}, CloudFormation takes {}",
                Limit::TEMPLATE_BYTES.0
            );
            problems.push(too_many(integration, written.stack, Code::TemplateTooLarge, message));
        }
        let count = written.template.resources().count();
        if Limit::RESOURCES.broken_by(count) {
            let message = format!(
                "{stem}.template.yaml would hold {count} resources, CloudFormation takes {}",
                Limit::RESOURCES.0
            );
            problems.push(too_many(integration, written.stack, Code::TooManyResources, message));
        }
    }
    // A template that is too large says enough: its policies may be so for the same reason.
    if problems.is_empty() { oversized_policies(integration, stacks) } else { problems }
}

/// Whether a template of roles for stack sets is too large. It grows with the Regions.
pub(crate) fn of_roles(SetTemplate { stem, template, .. }: &SetTemplate) -> Option<Problem> {
    let limit = Limit::TEMPLATE_BYTES;
    if !limit.broken_by(most_bytes(template)) {
        return None;
    }
    let json = json_bytes(&json::compact(&template.content()));
    let size = yaml::draft(template).len().max(json);
    limit.broken_by(size).then(|| {
        let limit = limit.0;
        let message =
            format!("stack-sets/{stem}.template.yaml would have {size} bytes, CloudFormation takes {limit}");
        let help = "write a spec for some of these Regions";
        Fault::new(Code::TemplateTooLarge, message, help).at(SpecPath::root().key("regions"))
    })
}

/// The bytes of a template that is too large. Every form counts: the commented YAML, the compact JSON that other tools send,
/// and what the CDK CLI makes of it.
fn too_large(integration: &Integration, written: &StackTemplate) -> Option<usize> {
    let limit = Limit::TEMPLATE_BYTES;
    // Most are far from it, and need not be written to know that.
    if !limit.broken_by(most_bytes(&written.template)) {
        return None;
    }
    let by_cdk = if integration.outputs.cdk { sent_bytes(&written.template.sections()) } else { 0 };
    let size = written.bytes().max(by_cdk);
    limit.broken_by(size).then_some(size)
}

/// Principals are what grows a template, so that is where the problem points, with how many would fit. Where not even
/// one would, there are too many Regions.
fn too_many(integration: &Integration, stack: Stack, code: Code, message: String) -> Problem {
    let count = integration.detective.principals.len();
    let fits = |count| {
        let mut fewer = integration.clone();
        fewer.detective.principals.truncate(count);
        fits_template(&fewer, stack)
    };
    // More principals never make a template smaller, so the border can be halved in on.
    let (mut most, mut too_many) = (0, count);
    while most + 1 < too_many {
        let middle = usize::midpoint(most, too_many);
        if fits(middle) { most = middle } else { too_many = middle }
    }
    if most == 0 {
        let help = fewer_regions(integration, |fewer| fits_template(fewer, stack));
        return Fault::new(code, message, help).at(SpecPath::root().key("regions"));
    }
    let sources = integration.lake.sources.len();
    let help = format!(
        "of these principals, with {sources} sources, the first {most} would fit: let people assume one role together \
         and name that role"
    );
    Fault::new(code, message, help).at(SpecPath::root().key("detective").key("principals"))
}

/// Whether the template of a stack keeps the limits. What is too much for another template is said there.
fn fits_template(integration: &Integration, stack: Stack) -> bool {
    let fits = |written: &StackTemplate| {
        too_large(integration, written).is_none()
            && !Limit::RESOURCES.broken_by(written.template.resources().count())
    };
    build(integration).is_ok_and(|stacks| stacks.iter().filter(|one| one.stack == stack).all(fits))
}

/// How many of the Regions would fit.
fn fewer_regions(integration: &Integration, fits: impl Fn(&Integration) -> bool) -> String {
    let fewer = |count| Integration { regions: integration.regions.first(count), ..integration.clone() };
    let most = (1..integration.regions.pairs().len()).rev().find(|count| fits(&fewer(*count))).unwrap_or(0);
    format!("the first {most} of these Regions would fit: write a spec for the others")
}

/// Every policy that would be larger than AWS takes. Regions are what grows a policy, so that is where the problem
/// points, with how many would fit.
fn oversized_policies(integration: &Integration, stacks: &[StackTemplate]) -> Vec<Problem> {
    let oversized = |stacks: &[StackTemplate], integration: &Integration| {
        let resources = stacks.iter().flat_map(|stack| stack.template.resources());
        let sizes = resources.filter_map(|resource| {
            let limit = match resource.kind {
                Kind::IamManagedPolicy => Limit::MANAGED_POLICY,
                Kind::S3BucketPolicy => Limit::BUCKET_POLICY,
                _ => return None,
            };
            let size = policy_size(integration, &resource.properties)?;
            limit.broken_by(size).then(|| (resource.id.to_string(), size, limit.0))
        });
        sizes.collect::<Vec<_>>()
    };
    let found = oversized(stacks, integration);
    if found.is_empty() {
        return Vec::new();
    }
    let help = fewer_regions(integration, |fewer| {
        build(fewer).is_ok_and(|stacks| oversized(&stacks, fewer).is_empty())
    });
    let problems = found.into_iter().map(|(id, size, limit)| {
        let message = format!("policy `{id}` would have {size} characters, AWS takes {limit}");
        Fault::new(Code::PolicyTooLarge, message, help.clone()).at(SpecPath::root().key("regions"))
    });
    problems.collect()
}

/// The size of the policy document as AWS counts it: as JSON without white space, with everything filled in.
fn policy_size(integration: &Integration, properties: &Value) -> Option<usize> {
    let Value::Map(entries) = properties else { return None };
    let (_, document) = entries.iter().find(|(key, _)| key == "PolicyDocument")?;
    Some(filled_in_size(integration, document))
}

fn filled_in_size(integration: &Integration, value: &Value) -> usize {
    let size = |value: &Value| filled_in_size(integration, value);
    // Brackets around, commas between.
    let around = |count: usize| 2 + count.saturating_sub(1);
    match value {
        Value::Text(text) | Value::Block(text) | Value::Sub(text, _) => filled_in_text(integration, text),
        Value::Number(number) => number.to_string().len(),
        Value::Bool(bool) => bool.to_string().len(),
        Value::List(items) => around(items.len()) + items.iter().map(size).sum::<usize>(),
        Value::Map(entries) => {
            let entry = |(key, value): &(String, Value)| quoted_size(key) + 1 + size(value);
            around(entries.len()) + entries.iter().map(entry).sum::<usize>()
        }
        Value::Flow(inner) => size(inner),
        Value::Shared(inner) => size(inner),
        // The longest of these is the ARN of a principal.
        Value::Ref(_) | Value::GetAtt(..) | Value::FindInMap(..) | Value::Join(..) | Value::Equals(..) => {
            2 + 255
        }
    }
}

fn filled_in_text(integration: &Integration, text: &str) -> usize {
    let partition = integration.regions.partition().as_str().len();
    // This is asked of every text in every policy of a fleet, and most have nothing to fill in.
    if memchr::memchr(b'$', text.as_bytes()).is_none() {
        return quoted_size(text);
    }
    let mut pieces = text.split("${");
    let mut size = quoted_size(pieces.next().unwrap_or_default());
    for piece in pieces {
        let (variable, rest) = piece.split_once('}').unwrap_or((piece, ""));
        size += escaped_size(rest);
        size += match variable {
            "AWS::Partition" => partition,
            "AWS::AccountId" => integration.detective.account.as_str().len(),
            // The longest thing that any other variable can stand for is the ARN of a bucket.
            "ResultsBucket.Arn" => "arn:".len() + partition + ":s3:::".len() + 63,
            other => "${}".len() + other.len(),
        };
    }
    size
}

/// The size of a text as JSON, of an alphabet in which only quotes and backslashes are escaped.
fn quoted_size(text: &str) -> usize {
    2 + escaped_size(text)
}

fn escaped_size(text: &str) -> usize {
    text.len() + memchr::memchr2_iter(b'"', b'\\', text.as_bytes()).count()
}
