//! The chapters for other people's tools.

use super::{APART, GIVEN, PINNED, ROLE, integration, rendered, runbook, section};
use crate::model::{Integration, Share};
use crate::vocab::Acceptance;

/// Where these chapters are, after Deploy.
pub(super) const CDK: &str = "With the CDK CLI";
pub(super) const PARAMETERS: &str = "With parameter files";

const OUTPUTS: &str = "outputs: [runbook, cdk, parameters]";

/// Integrations that other tools deploy: step by step, with consoles apart, and in one go.
pub(super) fn integrations() -> Vec<Integration> {
    let roles = |external_id: &str| {
        let role =
            |account: &str, more: &str| format!("{{role_arn: \"arn:aws:iam::{account}:role/Deploy\"{more}}}");
        format!(
            "deploy: {{lake: {}, detective: {}}}",
            role("111122223333", ""),
            role("444455556666", external_id)
        )
    };
    let one_go = format!(
        "handoff: {{share_arn: stack_output, acceptance: lambda}}\n{}",
        roles(", external_id: deploy-4711")
    );
    let keys = [
        ("us-east-1", String::new()),
        ("us-east-1", PINNED.to_owned()),
        ("us-east-1", GIVEN.to_owned()),
        (APART, "tags: {a: b}".to_owned()),
        ("ap-northeast-1, us-east-1", one_go),
    ];
    keys.iter().map(|(regions, keys)| integration(regions, &[ROLE], &format!("{keys}\n{OUTPUTS}"))).collect()
}

/// The parameters of each template are those that the chapters of other tools give, and that the one on parameter files
/// says to be left out.
#[test]
fn other_tools_give_the_parameters_that_templates_have() {
    for integration in integrations() {
        let templates = crate::stacks::templates(&integration).unwrap().unwrap();
        let text = runbook(&integration).unwrap();
        let (cdk, files) = (section(&text, CDK), section(&text, PARAMETERS));
        for one in &templates {
            let (stack, name) = (one.stack.stem(), integration.stack_name(one.stack));
            let names = one.template.parameters.iter().map(|parameter| parameter.name).collect::<Vec<_>>();
            assert!(names.is_empty() || names == ["ResourceShareArn"], "{names:?}");
            let regions = integration.regions_of(one.stack);
            let given = if names.is_empty() { 0 } else { regions.len() };
            let to_cdk = format!("--parameters \"{name}:ResourceShareArn=$SHARE_ARN_");
            assert_eq!(cdk.matches(&to_cdk).count(), given, "{to_cdk}\n{cdk}");
            for region in regions {
                let file = format!("file://parameters/{region}/{stack}.json ");
                assert_eq!(files.contains(&file), names.is_empty(), "{file}\n{files}");
                assert_eq!(files.matches(&format!("### {region}: `{stack}`")).count(), 1);
            }
            let left_out = files.contains("**Left out**") && files.contains(&format!("of `{name}`"));
            assert_eq!(left_out, !names.is_empty(), "{name}\n{files}");
        }
    }
}

#[test]
fn one_go_needs_roles_and_nobody_in_between() {
    let mut goes = integrations();
    let in_one_go = |integration: &Integration| {
        section(&runbook(integration).unwrap(), CDK).contains("cdk deploy --app cdk --all ")
    };
    assert_eq!(goes.iter().map(in_one_go).collect::<Vec<_>>(), [false, false, false, false, true]);
    let whole = goes.pop().unwrap();
    let with = |change: &dyn Fn(&mut Integration)| {
        let mut changed = whole.clone();
        change(&mut changed);
        changed
    };
    for changed in [
        with(&|integration| integration.handoff.acceptance = Acceptance::Organization),
        with(&|integration| integration.handoff.share = Share::Parameter),
        with(&|integration| integration.lake.deployment.role = None),
    ] {
        let text = runbook(&changed).unwrap();
        let cdk = section(&text, CDK);
        assert!(!in_one_go(&changed) && cdk.contains("--exclusively"), "{cdk}");
    }
}

#[test]
fn the_cdk_cli_gets_a_profile_where_it_assumes_no_role() {
    let text = rendered(&[ROLE], &format!("{GIVEN}\n{OUTPUTS}"));
    let cdk = section(&text, CDK);
    for line in [
        "never --profile lakelink-acme-lake-admin 'us-east-1/lake-roles'\n",
        "never 'us-east-1/detective-roles'\n",
        "never --profile lakelink-acme-lake 'us-east-1/lake'\n",
        "assumes: `arn:aws:iam::444455556666:role/Deploy`.",
    ] {
        assert!(cdk.contains(line), "{line}\n{cdk}");
    }
}
