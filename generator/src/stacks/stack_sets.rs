//! StackSets: the parent template of the sets, and the roles as which StackSets works, as templates of their own.
//!
//! Facts: the user guide (`stacksets-prereqs-self-managed`, `stacksets-custom-execution-role`), the API's documentation of
//! `CreateStackSet` (botocore 1.44.8), AWS's managed policy `CloudFormationStackSetsOrgAdminServiceRolePolicy`. Not proven, for
//! the guide says only part of it: that a custom execution role of an organization is assumed by the role of that policy, and
//! that the two statements at the end of [`run_stacks`] are enough where the guide gives `s3:*` and `sns:*`.

use crate::model::rollout::{
    FAILURE_TOLERANCE, MAX_CONCURRENT_PERCENTAGE, ServiceManaged, is_made_by_stack_sets,
};
use crate::model::{Duty, Integration, Side, StackSets, rollout};
use crate::policy::{Condition, Document, Statement};
use crate::resources::{AutoDeployment, ManagedPolicy, Permissions, Properties, Role, StackSet};
use crate::stacks::{Gap, StackTemplate, description, in_regions, kinds, roles, suppress};
use crate::template::{Group, LogicalId, Parameter, Resource, Template, Value};
use crate::vocab::{AccountId, RoleArn};

/// The parameter of the parent template that says where the templates of the sets lie.
const LOCATION: &str = "TemplateLocation";

/// A template that goes with stack sets.
#[derive(Clone, Debug)]
pub struct SetTemplate {
    /// The stem of its file in `stack-sets/`.
    pub stem: String,
    /// The account that it is deployed in. The parent in that of a delegated administrator goes by the management account,
    /// where the sets live.
    pub account: AccountId,
    /// The template.
    pub template: Template,
}

/// The templates that go with stack sets: the parent of the sets, where there can be one, then the roles that are to
/// be made. None if the integration has no sets.
///
/// # Errors
/// [`Gap`] if the permissions of a resource type are not known.
pub fn templates(integration: &Integration, stacks: &[StackTemplate]) -> Result<Vec<SetTemplate>, Gap> {
    let Some(settings) = &integration.stack_sets else { return Ok(Vec::new()) };
    let (account, _) = settings.assumes();
    let of = |stem: String, account: &AccountId, template| SetTemplate {
        stem,
        account: account.clone(),
        template,
    };
    let mut templates = Vec::new();
    if integration.has_parent_stack() {
        let template = parent(integration, settings, stacks);
        templates.push(of("stack-sets".to_owned(), account, template));
    }
    if let StackSets::SelfManaged { administration_role } = settings {
        let template = administration(integration, administration_role);
        templates.push(of("administration-role".to_owned(), account, template));
    }
    for side in [Side::Lake, Side::Detective] {
        let has_sets = integration.stack_set_list().iter().any(|set| set.stack.side() == side);
        let role = integration.given_role(side).filter(|role| has_sets && !is_made_by_stack_sets(role));
        if let Some(role) = role {
            let template = execution(integration, settings, side, role, stacks)?;
            templates.push(of(execution_role_stem(side), integration.account(side), template));
        }
    }
    templates.iter_mut().for_each(|set| suppress::tell(&integration.suppress, &mut set.template));
    Ok(templates)
}

/// The template of the role that StackSets makes for a set, out of those that go with the sets; none where it makes none of ours.
pub fn made_role<'a>(set: &rollout::StackSet, templates: &'a [SetTemplate]) -> Option<&'a Template> {
    let rollout::Permissions::ServiceManaged { execution_role: Some(_), .. } = &set.permissions else {
        return None;
    };
    let stem = execution_role_stem(set.stack.side());
    templates.iter().find(|one| one.stem == stem).map(|one| &one.template)
}

/// What a set is described by. A role that StackSets makes of a template may change while all else of the set stays, and
/// StackSets does not give that template back: so the description has its digest.
pub fn set_description(
    integration: &Integration,
    set: &rollout::StackSet,
    role: Option<&Template>,
) -> String {
    let role = role.map(|role| format!("; its execution role is made of template {}", role.digest()));
    format!("lakelink {}: {} stacks{}", integration.name, set.stack.stem(), role.unwrap_or_default())
}

fn execution_role_stem(side: Side) -> String {
    format!("{}-execution-role", side.word())
}

fn template(
    integration: &Integration,
    what: &str,
    parameters: Vec<Parameter>,
    heading: &str,
    resources: Vec<Resource>,
) -> Template {
    Template {
        generated_from: integration.spec_file.clone(),
        description: description(integration, what),
        parameters,
        mappings: Vec::new(),
        conditions: Vec::new(),
        groups: vec![Group { heading: heading.to_owned(), resources }],
        outputs: Vec::new(),
    }
}

/// The stack sets as resources of one stack, in the account that they live in.
fn parent(integration: &Integration, settings: &StackSets, stacks: &[StackTemplate]) -> Template {
    let location = Parameter {
        name: LOCATION,
        description:
            "Where the files stack-sets/*.template.json were uploaded to, without a slash at the end".into(),
        allowed_pattern: "^https://[a-z0-9.-]+[.]amazonaws[.]com(/[A-Za-z0-9._-]+)*$".into(),
        constraint: "Write it like https://BUCKET.s3.us-east-1.amazonaws.com/PREFIX".into(),
    };
    let sets = integration.stack_set_list();
    let resources = sets.iter().map(|set| resource(integration, settings, set, &sets, stacks));
    let what = "the stack sets that deploy the Regional stacks";
    template(integration, what, vec![location], "Stack sets, each after the one before", resources.collect())
}

fn resource(
    integration: &Integration,
    settings: &StackSets,
    set: &rollout::StackSet,
    sets: &[rollout::StackSet],
    stacks: &[StackTemplate],
) -> Resource {
    let id = |set: &rollout::StackSet| LogicalId::of(&[set.stack.stem(), "Set"]);
    let before = sets.iter().find(|one| set.after.as_ref() == Some(&one.name)).map(id);
    let permissions = match &set.permissions {
        rollout::Permissions::ServiceManaged { call_as, unit, .. } => {
            let auto_deployment = auto_deployment(settings, before.as_ref());
            Permissions::ServiceManaged { call_as: *call_as, unit, auto_deployment }
        }
        rollout::Permissions::SelfManaged { administration_role, execution_role } => {
            Permissions::SelfManaged {
                administration_role: role_arn("${AWS::AccountId}", administration_role),
                execution_role,
            }
        }
    };
    // Where the ARN of the set before is named, that says so already.
    let is_named =
        matches!(&permissions, Permissions::ServiceManaged { auto_deployment: AutoDeployment::After(_), .. });
    let depends_on = before.into_iter().filter(|_| !is_named).collect();
    let stem = set.stack.stem();
    let written = stacks.iter().find(|written| written.stack == set.stack);
    let digest = written.map(StackTemplate::digest).unwrap_or_default();
    let resource = StackSet {
        name: &set.name,
        description: description(
            integration,
            &format!("{stem} stacks, template {}", digest.get(..12).unwrap_or_default()),
        ),
        permissions,
        account: &set.account,
        regions: &set.regions,
        capabilities: set.capabilities(),
        failure_tolerance: FAILURE_TOLERANCE,
        max_concurrent_percentage: MAX_CONCURRENT_PERCENTAGE,
        tags: integration.tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect(),
        template_url: Value::sub(format!("${{{LOCATION}}}/{stem}.template.json")),
    };
    let why = format!(
        "The {stem} stacks in account {}. The digest in the description makes CloudFormation read the template again.",
        set.account
    );
    let resource = resource.named(id(set), why);
    Resource { depends_on, ..resource }
}

/// What accounts that join get, if the spec wants it: the stacks of this set after those of the one before. Sets live in
/// the management account, whoever makes them, and so do their ARNs.
fn auto_deployment(settings: &StackSets, before: Option<&LogicalId>) -> AutoDeployment {
    match settings {
        StackSets::ServiceManaged(ServiceManaged { auto_deployment: true, management_account, .. }) => {
            let arn = |before: &LogicalId| {
                let set = format!("{management_account}:stackset/${{{before}.StackSetId}}");
                Value::sub(format!("arn:${{AWS::Partition}}:cloudformation:${{AWS::Region}}:{set}"))
            };
            AutoDeployment::After(before.into_iter().map(arn).collect())
        }
        StackSets::ServiceManaged(_) | StackSets::SelfManaged { .. } => AutoDeployment::Off,
    }
}

/// The ARN of a role of the spec.
fn role_arn(account: &str, role: &RoleArn) -> Value {
    let role = Value::literal(&role.path_and_name());
    Value::sub(format!("arn:${{AWS::Partition}}:iam::{account}:role/{role}"))
}

/// The administration role of self-managed sets: StackSets for these sets only, and nothing but the execution roles.
fn administration(integration: &Integration, role: &RoleArn) -> Template {
    let sets = integration.stack_set_list();
    let arns = sets.iter().map(|set| {
        Value::sub(format!(
            "arn:${{AWS::Partition}}:cloudformation:*:${{AWS::AccountId}}:stackset/{}:*",
            set.name
        ))
    });
    let trust = Statement::trust("StackSetsOnly", "cloudformation.amazonaws.com")
        .when(Condition::one("StringEquals", "aws:SourceAccount", Value::account()))
        .when(Condition::any("ArnLike", "aws:SourceArn", arns.collect()));
    let sides = [Side::Lake, Side::Detective].into_iter();
    let roles = sides
        .filter(|side| sets.iter().any(|set| set.stack.side() == *side))
        .filter_map(|side| Some(role_arn(integration.account(side).as_str(), integration.given_role(side)?)));
    let assume = Statement::allow("AssumeExecutionRoles", ["sts:AssumeRole"], roles.collect());
    let policy = ManagedPolicy {
        name: integration.iam_name(Duty::Administration),
        path: integration.role_path.to_string(),
        description: format!("Lets StackSets deploy lakelink {}", integration.name),
        roles: Vec::new(),
        document: Document(vec![assume]),
    };
    let policy =
        policy.named(LogicalId::of(&["AdministrationPolicy"]), "The execution roles, by their ARNs.");
    let role = Role {
        name: role.name().to_owned(),
        path: role.path().to_owned(),
        description: format!(
            "StackSets assumes the execution roles of lakelink {} as this role",
            integration.name
        ),
        trust: Document(vec![trust]),
        policies: vec![policy.id.clone()],
        boundary: None,
    };
    let role = role
        .named(LogicalId::of(&["AdministrationRole"]), "Only StackSets can be it, and only for these sets.");
    let what = "the role as which StackSets assumes the execution roles";
    template(integration, what, Vec::new(), "Administration role", vec![role, policy])
}

/// The execution role of an account: what the service role may, and the stacks of the sets.
fn execution(
    integration: &Integration,
    settings: &StackSets,
    side: Side,
    role: &RoleArn,
    stacks: &[StackTemplate],
) -> Result<Template, Gap> {
    let regional = stacks.iter().filter(|written| !written.stack.is_roles());
    let kinds = kinds(regional.map(|written| (written.stack, &written.template)), side);
    let duty = Duty::Execution(side);
    let policies = roles::policies(integration, side, &kinds, duty, "ExecutionRole");
    let mut policies = policies.map_err(|missing| Gap(missing.to_string()))?;
    policies.push(run_stacks(integration, side));
    let (account, assumed_by) = settings.assumes();
    let trusted = match settings {
        StackSets::ServiceManaged(_) => "Only the role of StackSets in the management account can be it.",
        StackSets::SelfManaged { .. } => "Only the administration role can be it.",
    };
    let assumed_by = Value::literal(&assumed_by);
    let assumed_by = Value::sub(format!("arn:${{AWS::Partition}}:iam::{account}:role/{assumed_by}"));
    let trust = Statement::trust_account("StackSetsOnly", account.as_str()).when(Condition::one(
        "ArnEquals",
        "aws:PrincipalArn",
        assumed_by,
    ));
    let role = Role {
        name: role.name().to_owned(),
        path: role.path().to_owned(),
        description: format!(
            "StackSets deploys the {} stacks of lakelink {} as this role",
            side.word(),
            integration.name
        ),
        trust: Document(vec![trust]),
        policies: policies.iter().map(|policy| policy.id.clone()).collect(),
        boundary: roles::boundary(integration, side),
    };
    let role = role.named(LogicalId::of(&["ExecutionRole"]), trusted);
    let resources = [role].into_iter().chain(policies).collect();
    let what = format!("the role as which StackSets deploys in the {} account", side.word());
    Ok(template(integration, &what, Vec::new(), "Execution role", resources))
}

/// What StackSets calls as the execution role: the stacks of these sets, whose names end in a UUID, and from elsewhere the
/// template and the topic that it hears of events by.
fn run_stacks(integration: &Integration, side: Side) -> Resource {
    let sets =
        integration.stack_set_list().into_iter().filter(|set| set.stack.side() == side).collect::<Vec<_>>();
    let uuid = "????????-????-????-????-????????????";
    let arns = sets.iter().map(|set| {
        Value::sub(format!(
            "arn:${{AWS::Partition}}:cloudformation:*:${{AWS::AccountId}}:stack/StackSet-{}-{uuid}/*",
            set.name
        ))
    });
    let mut regions = sets.iter().flat_map(|set| set.regions.clone()).collect::<Vec<_>>();
    regions.sort_unstable();
    regions.dedup();
    let calls = [
        "CancelUpdateStack",
        "ContinueUpdateRollback",
        "CreateStack",
        "DeleteStack",
        "DescribeStackEvents",
        "DescribeStackResource",
        "DescribeStackResourceDrifts",
        "DescribeStackResources",
        "DescribeStacks",
        "DetectStackDrift",
        "DetectStackResourceDrift",
        "GetStackPolicy",
        "GetTemplate",
        "GetTemplateSummary",
        "ListStackResources",
        "SetStackPolicy",
        "TagResource",
        "UntagResource",
        "UpdateStack",
    ];
    let calls = calls.map(|call| format!("cloudformation:{call}"));
    let elsewhere = || Condition::one("StringNotEquals", "aws:ResourceAccount", Value::account());
    let statements = vec![
        Statement::allow("RunStacks", calls, arns.collect()).when(in_regions(&regions)),
        Statement::allow(
            "ReadTemplate",
            ["s3:GetObject"],
            vec![Value::sub("arn:${AWS::Partition}:s3:::*/*")],
        )
        .when(elsewhere()),
        Statement::allow(
            "TellOfEvents",
            ["sns:Publish"],
            vec![Value::sub("arn:${AWS::Partition}:sns:*:*:*")],
        )
        .when(elsewhere()),
    ];
    let policy = ManagedPolicy {
        name: format!("{}-stacks", integration.iam_name(Duty::Execution(side))),
        path: integration.role_path.to_string(),
        description: format!("Lets StackSets run the stacks of lakelink {}", integration.name),
        roles: Vec::new(),
        document: Document(statements),
    };
    let why = "The stacks of these sets, by the names that StackSets gives them; templates and topics of other accounts.";
    policy.named(LogicalId::of(&["ExecutionRoleStacksPolicy"]), why)
}
