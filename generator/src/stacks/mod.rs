//! Which resources each account gets, and how they refer to each other.

mod acceptor;
mod analyst;
mod collection;
mod console;
mod crawler;
mod deployer;
mod detective;
mod detective_console;
mod grants;
mod key;
mod lake;
mod limits;
mod principals;
mod queries;
mod reader;
mod results;
mod roles;
mod scopes;
mod stack_sets;
mod suppress;

#[cfg(feature = "deploy")]
pub(crate) use detective::SHARE_PARAMETER;
pub(crate) use lake::SHARE_OUTPUT;
pub(crate) use limits::hopeless;
pub use stack_sets::{SetTemplate, made_role, set_description, templates as stack_set_templates};

use std::sync::OnceLock;

use crate::iam::MissingType;
use crate::model::{Duty, Integration, Share, Side, Stack};
use crate::policy::Condition;
use crate::problem::Problem;
use crate::render::{json, yaml};
use crate::resources::Kind;
use crate::template::{self, Limit, Template, Value};
use crate::vocab::Region;

/// A template and the stack that it is for.
#[derive(Clone, Debug)]
pub struct StackTemplate {
    /// The stack.
    pub stack: Stack,
    /// Its template.
    pub template: Template,
    /// What it is written as: once somebody asks, who may be more than one.
    draft: OnceLock<String>,
    content: OnceLock<String>,
}

impl StackTemplate {
    fn new(stack: Stack, template: Template) -> Self {
        Self { stack, template, draft: OnceLock::new(), content: OnceLock::new() }
    }

    /// The template as it is written to a file.
    pub fn yaml(&self) -> String {
        yaml::stamped(self.draft(), &self.digest())
    }

    /// The same lines, but for the digest.
    pub(crate) fn draft(&self) -> &str {
        self.draft.get_or_init(|| yaml::draft(&self.template))
    }

    /// The content as compact JSON, which the digest is taken of.
    fn content(&self) -> &str {
        self.content.get_or_init(|| json::compact(&self.template.content()))
    }

    /// The digest of its content, as in `Metadata`.
    fn digest(&self) -> String {
        template::digest(self.content())
    }

    /// The bytes of the larger of both forms.
    fn bytes(&self) -> usize {
        // A digest has quotes around it or not; where that may count, it is worked out.
        let draft = self.draft().len();
        let yaml = if Limit::TEMPLATE_BYTES.broken_by(draft) { self.yaml().len() } else { draft };
        yaml.max(template::json_bytes(self.content()))
    }
}

/// Something that lakelink cannot render although the spec is legal: an error in lakelink.
#[derive(Debug, thiserror::Error)]
#[error("this spec shows a gap in lakelink: {0}; please report it with the spec")]
pub struct Gap(pub String);

/// The templates of [`Integration::stacks`], in that order, or every limit of AWS that they would break,
/// each with what would fit.
///
/// # Errors
/// [`Gap`], which no legal spec gives.
pub fn templates(integration: &Integration) -> Result<Result<Vec<StackTemplate>, Vec<Problem>>, Gap> {
    Ok(templates_with_sets(integration)?.map(|(stacks, _)| stacks))
}

/// The templates of the stacks, and those that go with stack sets.
type WithSets = (Vec<StackTemplate>, Vec<SetTemplate>);

/// The same with what [`stack_set_templates`] gives: limits are about them, too, so they are there already.
///
/// # Errors
/// [`Gap`], which no legal spec gives.
pub(crate) fn templates_with_sets(integration: &Integration) -> Result<Result<WithSets, Vec<Problem>>, Gap> {
    if let Some(problem) = hopeless(integration) {
        return Ok(Err(vec![problem]));
    }
    let stacks = build(integration).map_err(|missing| Gap(missing.to_string()))?;
    let mut problems = limits::check(integration, &stacks);
    if !problems.is_empty() {
        return Ok(Err(problems));
    }
    let sets = stack_set_templates(integration, &stacks)?;
    problems.extend(sets.iter().filter_map(limits::of_roles));
    if !problems.is_empty() {
        return Ok(Err(problems));
    }
    if let Some(name) = stacks.iter().find_map(|stack| stack.template.repeated_name()) {
        return Err(Gap(format!("two things are called `{name}` in one template")));
    }
    Ok(Ok((stacks, sets)))
}

fn build(integration: &Integration) -> Result<Vec<StackTemplate>, MissingType> {
    let regional = [
        (Stack::LakeCollection, collection::template(integration)),
        (Stack::Lake, lake::template(integration)),
        (Stack::Detective, Some(detective::template(integration))),
        (Stack::DetectiveConsole, detective_console::template(integration)),
    ];
    let regional = regional.into_iter().filter_map(|(stack, template)| Some((stack, template?)));
    let regional = regional.collect::<Vec<_>>();
    let mut stacks = Vec::new();
    for stack in integration.stacks().into_iter().filter(|stack| stack.is_roles()) {
        let kinds = kinds(regional.iter().map(|(stack, template)| (*stack, template)), stack.side());
        stacks.push((stack, roles::template(integration, stack.side(), &kinds)?));
    }
    stacks.extend(regional);
    stacks.iter_mut().for_each(|(_, template)| suppress::tell(&integration.suppress, template));
    Ok(stacks.into_iter().map(|(stack, template)| StackTemplate::new(stack, template)).collect())
}

/// The resource types that the Regional templates of an account really contain: what its service role is derived
/// from.
fn kinds<'a>(regional: impl Iterator<Item = (Stack, &'a Template)>, side: Side) -> Vec<Kind> {
    let resources =
        regional.filter(|(stack, _)| stack.side() == side).flat_map(|(_, template)| template.resources());
    let mut kinds = resources.map(|resource| resource.kind).collect::<Vec<_>>();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// The tag that says whose a bucket or a workgroup is.
fn ownership_tags(integration: &Integration) -> Vec<(&'static str, String)> {
    vec![("lakelink:integration", integration.name.to_string())]
}

/// The ARN of the results bucket of each Region, for `Fn::Sub`.
fn bucket_arns(integration: &Integration) -> Vec<String> {
    let names = integration.regions.lake().into_iter().map(|region| integration.results_bucket(region));
    names.map(|name| format!("arn:${{AWS::Partition}}:s3:::{name}")).collect()
}

/// The ARN of the role that CloudFormation acts as.
fn execution_role_arn(integration: &Integration, side: Side) -> Value {
    let role = Value::literal(&integration.execution_role(side));
    Value::sub(format!("arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/{role}"))
}

/// The ARN of a role of lakelink's own, in the account of the stack.
fn own_role_arn(integration: &Integration, duty: Duty) -> Value {
    let role = Value::literal(&integration.own_role(duty));
    Value::sub(format!("arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/{role}"))
}

/// The mapping by Region that a Regional template looks names up in.
const REGION_MAP: &str = "Region";

/// The output of a stack that another stack takes as a parameter.
pub(crate) fn share_export(integration: &Integration, stack: Stack) -> Option<&'static str> {
    (stack == Stack::Lake && integration.handoff.share == Share::Parameter).then_some(SHARE_OUTPUT)
}

/// A name out of the mapping, for the Region that the stack is in.
fn in_region(key: &str) -> Value {
    Value::FindInMap(REGION_MAP, Box::new(Value::region()), key.to_owned())
}

/// The condition that a call goes to one of these Regions.
fn in_regions(regions: &[Region]) -> Condition {
    Condition::any("StringEquals", "aws:RequestedRegion", regions.iter().map(Value::from).collect())
}

/// The condition that a call goes to a lake Region: all is there but what a console apart looks for.
fn in_lake_regions(integration: &Integration) -> Condition {
    in_regions(&integration.regions.lake())
}

/// The first line of every template: what the stack does, for the list of stacks in the console.
fn description(integration: &Integration, text: &str) -> String {
    format!("lakelink {}: {text}", integration.name)
}
