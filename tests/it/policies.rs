//! Policies in the variants that no example has. Those of the examples are held by `out/`.

use std::collections::BTreeMap;

use lakelink::check::Rendered;
use lakelink::model::Stack;
use lakelink::render::json::to_json;
use lakelink::template::Value;
use serde_json::Value as Json;

use crate::support::{rendered, spec, spec_for};

/// The properties of a resource.
fn properties(rendered: &Rendered, stack: Stack, id: &str) -> Json {
    let template = &rendered.stacks.iter().find(|one| one.stack == stack).unwrap().template;
    let resource = template.resources().find(|resource| resource.id.as_str() == id);
    to_json(&resource.unwrap_or_else(|| panic!("no {id} in {}", stack.stem())).properties)
}

/// The policy document of a resource, for a snapshot.
fn document(rendered: &Rendered, stack: Stack, id: &str) -> String {
    format!("{:#}", properties(rendered, stack, id)["PolicyDocument"])
}

/// Every policy document of a spec, by stack and id.
fn documents(rendered: &Rendered) -> Vec<(Stack, String, Json)> {
    let all = rendered.stacks.iter().flat_map(|one| {
        one.template.resources().filter_map(|resource| {
            let document = to_json(&resource.properties).get("PolicyDocument")?.clone();
            Some((one.stack, resource.id.to_string(), document))
        })
    });
    all.collect()
}

fn variant(lake: &str, detective: &str, more: &str) -> Rendered {
    rendered("variant.yaml", &spec(lake, detective, more))
}

const ORGANIZATION: &str = "organization: {id: o-a1b2c3d4e5}\nhandoff: {acceptance: organization}\n";

const GIVEN: &str = "deploy:
  lake: {execution_role: 'arn:aws:iam::111122223333:role/pipeline/Cfn'}
  detective: {execution_role: 'arn:aws:iam::444455556666:role/pipeline/Cfn'}
";

/// Three Regions in place of the one of `spec`, the home Region not among the first.
fn three_regions(lake: &str, detective: &str, more: &str) -> Rendered {
    let text = spec(lake, detective, more);
    let three = "regions: [eu-west-1, us-east-1, sa-east-1]\nhome_region: us-east-1\n";
    rendered("variant.yaml", &text.replace("regions: [us-east-1]\n", three))
}

#[test]
fn a_deployer_within_an_organization_accepts_no_share() {
    let by_organization = variant("", "", &format!("{ORGANIZATION}{GIVEN}"));
    let text = document(&by_organization, Stack::DetectiveRoles, "DeployerPolicy");
    assert!(!text.contains("ram:Accept") && text.contains("ram:ListResources"), "{text}");
    insta::assert_snapshot!("deployer_detective_organization_given_role", text);
}

#[test]
fn a_deployer_by_cli_accepts_the_shares_of_the_lake_account_in_every_region() {
    let by_cli = three_regions("", "", "");
    insta::assert_snapshot!(
        "deployer_detective_cli_three_regions",
        document(&by_cli, Stack::DetectiveRoles, "DeployerPolicy")
    );
    assert!(!document(&by_cli, Stack::LakeRoles, "DeployerPolicy").contains("ram:"));
}

/// What CloudFormation acts as is what may be passed, whatever its path, and nothing else.
#[test]
fn the_role_that_is_passed_is_the_role_that_is_used() {
    for (deploy, role) in [
        ("deploy: {role_path: /}\n", "role/lakelink-variant-lake-cfn"),
        ("deploy: {role_path: /a/b/}\n", "role/a/b/lakelink-variant-lake-cfn"),
        (GIVEN, "role/pipeline/Cfn"),
    ] {
        let rendered = variant("", "", deploy);
        let policy = properties(&rendered, Stack::LakeRoles, "DeployerPolicy")["PolicyDocument"].clone();
        let statements = policy["Statement"].as_array().unwrap();
        let passed = statements.iter().find(|one| one["Sid"] == "PassExecutionRole").unwrap();
        let used = &statements[0]["Condition"]["StringEquals"]["cloudformation:RoleArn"];
        assert_eq!(passed["Resource"], *used);
        let arn = format!("arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:{role}");
        assert_eq!(passed["Resource"]["Fn::Sub"], arn);
        let admin = properties(&rendered, Stack::Lake, "ExecutionRoleAdministrator");
        assert_eq!(admin["Admins"][0]["DataLakePrincipalIdentifier"]["Fn::Sub"], arn);
    }
}

#[test]
fn a_given_role_leaves_only_the_policies_of_people() {
    let ids = documents(&variant("", "", GIVEN)).into_iter().map(|(stack, id, _)| (stack, id));
    let roles = ids.filter(|(stack, _)| stack.is_roles()).map(|(stack, id)| format!("{}/{id}", stack.stem()));
    assert_eq!(
        roles.collect::<Vec<_>>(),
        [
            "lake-roles/DeployerPolicy",
            "detective-roles/DeployerPolicy",
            "detective-roles/AnalystPolicy",
            "detective-roles/SetupPolicy"
        ]
    );
}

const EXISTING: &str = "handoff:
  share_arn: pinned
  shares: {us-east-1: 'arn:aws:ram:us-east-1:111122223333:resource-share/12345678-1234-1234-1234-123456789012'}
";

/// With somebody else's subscriber there is nothing to deploy in the lake account, or the collection only: then the role
/// that deploys it has nothing to do with Lake Formation, subscribers or shares.
#[test]
fn with_an_existing_subscriber_the_lake_account_has_what_it_needs() {
    let existing = |lake: &str| {
        let text =
            spec(lake, "", EXISTING).replace("external_id: 7f3c9a51-variant-detective", "existing: true");
        rendered("variant.yaml", &text)
    };
    let stems = |rendered: &Rendered| {
        let stems = rendered.stacks.iter().map(|one| one.stack.stem()).collect::<Vec<_>>();
        assert_eq!(stems, rendered.integration.stacks().iter().map(|stack| stack.stem()).collect::<Vec<_>>());
        stems.join(" ")
    };
    assert_eq!(stems(&existing("")), "detective-roles detective");
    let collecting = existing("  collection: {accounts: all}\n");
    assert_eq!(stems(&collecting), "lake-roles detective-roles lake-collection detective");
    let ids = documents(&collecting).into_iter().filter(|(stack, ..)| *stack == Stack::LakeRoles);
    let ids = ids.map(|(_, id, _)| id).collect::<Vec<_>>();
    assert_eq!(ids, ["ServiceRoleCollectionPolicy", "DeployerPolicy"]);
    let deployer = document(&collecting, Stack::LakeRoles, "DeployerPolicy");
    assert!(deployer.contains(":stack/lakelink-variant-lake-collection/*"), "{deployer}");
    assert!(!deployer.contains(":stack/lakelink-variant-lake/*"), "{deployer}");
}

#[test]
fn an_analyst_without_ready_queries_in_three_regions() {
    let rendered = three_regions("", "  queries: false\n", "");
    let text = document(&rendered, Stack::DetectiveRoles, "AnalystPolicy");
    assert!(!text.contains("NamedQuer"), "{text}");
    insta::assert_snapshot!("analyst_no_queries_three_regions", text);
}

/// Every part of the service roles that names a Region, a bucket or a database.
#[test]
fn the_service_roles_are_narrowed_to_each_of_three_regions() {
    let rendered = three_regions("  collection: {accounts: all}\n", "", "");
    for (stack, part) in [
        (Stack::LakeRoles, "Collection"),
        (Stack::LakeRoles, "Subscriber"),
        (Stack::DetectiveRoles, "Link"),
        (Stack::DetectiveRoles, "Grants"),
        (Stack::DetectiveRoles, "Results"),
    ] {
        let name = format!("service_role_{}_three_regions", part.to_ascii_lowercase());
        insta::assert_snapshot!(name, document(&rendered, stack, &format!("ServiceRole{part}Policy")));
    }
}

/// Which statement of the Detective account is for which Regions, where two consoles are apart from their lakes.
#[test]
fn each_permission_is_for_the_regions_where_it_is_needed() {
    let pairs = "regions: [eu-west-1, {lake: us-east-1, detective: eu-south-1}, {lake: us-east-1, detective: us-west-2}]\n";
    let text = spec("", "  results: {encryption: kms}\n", "").replace("regions: [us-east-1]\n", pairs);
    let mut by_regions = BTreeMap::<String, Vec<String>>::new();
    for (_, id, document) in documents(&rendered("variant.yaml", &text)) {
        for statement in document["Statement"].as_array().unwrap() {
            let regions = &statement["Condition"]["StringEquals"]["aws:RequestedRegion"];
            if !regions.is_null() {
                let sid = format!("{id}/{}", statement["Sid"].as_str().unwrap());
                by_regions.entry(regions.to_string()).or_default().push(sid);
            }
        }
    }
    let apart = by_regions.remove(r#"["eu-south-1","us-west-2"]"#).unwrap();
    let console = [
        "ChangeConsoleAsExecutionRole",
        "RunConsoleChangeSets",
        "SeeWhyConsoleChangeSetIsRefused",
        "SeeConsoleNamesInUse",
    ];
    assert_eq!(apart, console.map(|sid| format!("DeployerPolicy/{sid}")));
    let consoles = by_regions.remove(r#"["eu-west-1","eu-south-1","us-west-2"]"#).unwrap();
    assert_eq!(consoles, ["ServiceRoleQueriesPolicy/ConsoleOnParameter"]);
    let lakes = by_regions.remove(r#"["eu-west-1","us-east-1"]"#).unwrap();
    assert!(lakes.contains(&"DeployerPolicy/RunChangeSets".to_owned()), "{lakes:?}");
    assert_eq!(by_regions, BTreeMap::new());
}

#[test]
fn a_workgroup_without_queries_takes_less() {
    let rendered = variant("", "  queries: false\n", "");
    let text = document(&rendered, Stack::DetectiveRoles, "ServiceRoleQueriesPolicy");
    assert!(!text.contains("NamedQuery"), "{text}");
    insta::assert_snapshot!("service_role_queries_without_queries", text);
}

/// Nobody but the account itself may change `primary`: without a workgroup of ours the role only saves queries in it.
#[test]
fn queries_in_the_workgroup_that_every_account_has() {
    let rendered = variant("", "  workgroup: none\n", "");
    insta::assert_snapshot!(
        "service_role_queries_in_primary",
        document(&rendered, Stack::DetectiveRoles, "ServiceRoleQueriesPolicy")
    );
    let analyst = document(&rendered, Stack::DetectiveRoles, "AnalystPolicy");
    assert!(analyst.contains("workgroup/primary") && !analyst.contains("workgroup/lakelink"), "{analyst}");
}

#[test]
fn grants_on_the_link_name_the_same_catalogues() {
    let rendered = variant("", "  lake_formation: {grant_on: link}\n", "");
    let text = document(&rendered, Stack::DetectiveRoles, "ServiceRoleGrantsPolicy");
    let by_default = document(&variant("", "", ""), Stack::DetectiveRoles, "ServiceRoleGrantsPolicy");
    assert_eq!(text, by_default);
}

#[test]
fn the_analyst_policy_is_attached_to_plain_roles_by_name() {
    let of = |detective: &str| {
        let rendered = rendered("variant.yaml", &spec_for(&EVERY_KIND, "", detective, ""));
        let roles = properties(&rendered, Stack::DetectiveRoles, "AnalystPolicy")["Roles"].clone();
        let setup = properties(&rendered, Stack::DetectiveRoles, "SetupPolicy")["Roles"].clone();
        (roles, setup)
    };
    let roles = serde_json::json!(["SecurityAnalyst", "incident-response"]);
    assert_eq!(of("  attach_policy: roles\n"), (roles, Json::Null));
    assert_eq!(of("  attach_policy: none\n"), (Json::Null, Json::Null));
}

const EVERY_KIND: [&str; 4] = [
    "arn:aws:iam::444455556666:role/SecurityAnalyst",
    "arn:aws:iam::444455556666:role/security/incident-response",
    "arn:aws:iam::444455556666:user/on-call",
    "arn:aws:iam::444455556666:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_SecurityAnalyst_0123456789abcdef",
];

#[test]
fn the_bucket_is_open_to_each_kind_of_principal_by_its_full_arn() {
    let break_glass = "arn:aws:iam::444455556666:role/BreakGlass";
    let detective = format!("  results: {{break_glass: ['{break_glass}']}}\n");
    let rendered = rendered("variant.yaml", &spec_for(&EVERY_KIND, "", &detective, ""));
    insta::assert_snapshot!(
        "bucket_policy_every_kind_of_principal",
        document(&rendered, Stack::Detective, "ResultsBucketPolicy")
    );
    // The policy names them by the mapping, which must hold these very ARNs under those very names.
    let stack = rendered.stacks.iter().find(|one| one.stack == Stack::Detective).unwrap();
    let (_, mapping) = stack.template.mappings.iter().find(|(name, _)| *name == "Principal").unwrap();
    let policy = properties(&rendered, Stack::Detective, "ResultsBucketPolicy");
    let listed = &policy["PolicyDocument"]["Statement"][2]["Condition"]["ArnNotEquals"]["aws:PrincipalArn"];
    let listed = listed.as_array().unwrap().iter().map(|one| one["Fn::FindInMap"][1].as_str().unwrap());
    let arns = listed.map(|label| {
        let (_, values) = mapping.iter().find(|(key, _)| key == label).unwrap();
        values[0].1.clone()
    });
    let expected = EVERY_KIND.into_iter().chain([break_glass]).map(Value::text);
    assert_eq!(arns.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
}

#[test]
fn a_boundary_is_of_the_account_or_of_aws() {
    let boundaries = [
        "SecBoundary",
        "security/boundaries/SecBoundary",
        "arn:aws:iam::111122223333:policy/SecBoundary",
        "arn:aws:iam::111122223333:policy/security/SecBoundary",
        "arn:aws:iam::aws:policy/PowerUserAccess",
        "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess",
    ];
    let lines = boundaries.map(|boundary| {
        let deploy = format!("deploy:\n  lake:\n    permissions_boundary: {boundary}\n");
        let rendered = variant("", "", &deploy);
        let of =
            |stack| properties(&rendered, stack, "ServiceRole")["PermissionsBoundary"]["Fn::Sub"].clone();
        assert_eq!(of(Stack::DetectiveRoles), Json::Null, "the other account has none");
        format!("{boundary}: {}\n", of(Stack::LakeRoles).as_str().unwrap())
    });
    insta::assert_snapshot!(lines.concat(), @r#"
    SecBoundary: arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/SecBoundary
    security/boundaries/SecBoundary: arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/security/boundaries/SecBoundary
    arn:aws:iam::111122223333:policy/SecBoundary: arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/SecBoundary
    arn:aws:iam::111122223333:policy/security/SecBoundary: arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/security/SecBoundary
    arn:aws:iam::aws:policy/PowerUserAccess: arn:${AWS::Partition}:iam::aws:policy/PowerUserAccess
    arn:aws:iam::aws:policy/job-function/ViewOnlyAccess: arn:${AWS::Partition}:iam::aws:policy/job-function/ViewOnlyAccess
    "#);
}

const HOUSE: &str = "  results:
    bucket: {eu-west-1: house-eu, us-east-1: house-us, sa-east-1: house-sa}
    encryption:
      eu-west-1: arn:aws:kms:eu-west-1:444455556666:key/0a1b2c3d-0000-4000-8000-000000000001
      us-east-1: arn:aws:kms:us-east-1:444455556666:key/0a1b2c3d-0000-4000-8000-000000000002
      sa-east-1: arn:aws:kms:sa-east-1:444455556666:key/0a1b2c3d-0000-4000-8000-000000000003
";

/// Buckets and keys of the house: the crawler reads one folder of each, and the house's own policies must agree.
#[test]
fn the_crawler_reads_one_folder_of_each_bucket() {
    let rendered = three_regions("", &format!("{HOUSE}  crawler: evidence\n"), "");
    insta::assert_snapshot!(
        "crawler_existing_buckets_three_regions",
        document(&rendered, Stack::DetectiveRoles, "CrawlerPolicy")
    );
}

/// With keys of Amazon S3 there is nothing to decrypt.
#[test]
fn the_crawler_gets_a_key_only_where_there_is_one() {
    let rendered = variant("", "  crawler: evidence\n", "");
    let text = document(&rendered, Stack::DetectiveRoles, "CrawlerPolicy");
    assert!(!text.contains("kms") && text.contains("/evidence/*"), "{text}");
}

/// Who is let in, and who is made: the role of the bucket policy, the key policy, the grant and the crawler is the
/// one that the roles stack makes, on whatever path, and the only one that may be passed to AWS Glue.
#[test]
fn the_role_of_the_crawler_is_one_and_the_same() {
    for (path, role) in [("/", "role/"), ("/a/b/", "role/a/b/")] {
        let detective = "  results: {encryption: kms}\n  crawler: evidence\n";
        let rendered = variant("", detective, &format!("deploy: {{role_path: {path}}}\n"));
        let arn = format!("arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:{role}lakelink-variant-crawler");
        let expected = serde_json::json!({ "Fn::Sub": arn });
        let of = |stack, id| properties(&rendered, stack, id);
        assert_eq!(of(Stack::DetectiveRoles, "CrawlerRole")["RoleName"], "lakelink-variant-crawler");
        assert_eq!(of(Stack::DetectiveRoles, "CrawlerRole")["Path"], path);
        assert_eq!(of(Stack::Detective, "EvidenceCrawler")["Role"], expected);
        let grant = of(Stack::Detective, "CrawlerGrant");
        assert_eq!(grant["Principal"]["DataLakePrincipalIdentifier"], expected);
        let bucket = of(Stack::Detective, "ResultsBucketPolicy");
        let let_in =
            &bucket["PolicyDocument"]["Statement"][2]["Condition"]["ArnNotEquals"]["aws:PrincipalArn"];
        assert_eq!(let_in.as_array().unwrap().last(), Some(&expected));
        let key = &of(Stack::Detective, "ResultsKey")["KeyPolicy"]["Statement"][2];
        assert_eq!(key["Condition"]["ArnEquals"]["aws:PrincipalArn"], expected);
        assert_eq!(key["Action"], "kms:Decrypt");
        let policy = of(Stack::DetectiveRoles, "ServiceRoleCrawlerPolicy");
        let statements = policy["PolicyDocument"]["Statement"].as_array().unwrap().clone();
        let passed = statements.into_iter().find(|one| one["Action"] == "iam:PassRole").unwrap();
        assert_eq!(passed["Resource"], expected);
        assert_eq!(passed["Condition"]["StringEquals"]["iam:PassedToService"], "glue.amazonaws.com");
    }
}

/// Without a crawler no policy speaks of one.
#[test]
fn without_a_crawler_there_is_no_trace_of_one() {
    let text = format!("{:?}", documents(&variant("", "  crawler: none\n", "")));
    assert_eq!(text, format!("{:?}", documents(&variant("", "", ""))));
    assert!(!text.contains("rawl") && !text.contains("vidence"), "{text}");
}

/// Which sources are shared is said by the grants and by Security Lake, not by IAM.
#[test]
fn no_policy_depends_on_the_sources() {
    let two = documents(&variant("", "", ""));
    for sources in [
        "  source_version: \"1.0\"\n  sources: [route53, cloud_trail_mgmt, sh_findings, s3_data, vpc_flow]\n",
        "  sources: [vpc_flow, lambda_execution, waf, cloud_trail_mgmt, eks_audit]\n",
    ] {
        assert_eq!(documents(&variant(sources, "", "")), two);
    }
}

#[test]
fn other_sources_of_version_1_are_found_by_their_tables() {
    let sources = "  source_version: \"1.0\"\n  sources: [route53, cloud_trail_mgmt, sh_findings, lambda_execution, vpc_flow]\n";
    let rendered = variant(sources, "", "");
    let stack = rendered.stacks.iter().find(|one| one.stack == Stack::Detective).unwrap();
    let (_, regions) = stack.template.mappings.iter().find(|(name, _)| *name == "Region").unwrap();
    insta::assert_snapshot!(format!("{:#}", to_json(&Value::Map(regions[0].1.clone()))), @r#"
    {
      "Database": "amazon_security_lake_glue_db_us_east_1",
      "ResultsBucket": "lakelink-variant-444455556666-us-east-1",
      "Route53Table": "amazon_security_lake_table_us_east_1_route53_1_0",
      "CloudTrailMgmtTable": "amazon_security_lake_table_us_east_1_cloud_trail_mgmt_1_0",
      "ShFindingsTable": "amazon_security_lake_table_us_east_1_sh_findings_1_0",
      "LambdaExecutionTable": "amazon_security_lake_table_us_east_1_lambda_execution_1_0",
      "VpcFlowTable": "amazon_security_lake_table_us_east_1_vpc_flow_1_0"
    }
    "#);
}

/// In AWS GovCloud (US) the partition is CloudFormation's to fill in; nothing else differs but the Region.
#[test]
fn govcloud_differs_by_region_only() {
    let gov = spec("", "", "").replace("us-east-1", "us-gov-west-1").replace("arn:aws:", "arn:aws-us-gov:");
    let (gov, commercial) = (documents(&rendered("variant.yaml", &gov)), documents(&variant("", "", "")));
    let text = |all: &[(Stack, String, Json)]| format!("{all:?}");
    assert!(!text(&gov).contains("arn:aws"), "{}", text(&gov));
    let underscored = text(&gov).replace("us_gov_west_1", "us_east_1");
    assert_eq!(underscored.replace("us-gov-west-1", "us-east-1"), text(&commercial));
}

/// Whoever accepts may accept shares of the lake account, and only who must find one may look into invitations.
#[test]
fn the_acceptor_may_look_into_invitations_only_to_find_one() {
    let policy =
        |handoff: &str| document(&three_regions("", "", handoff), Stack::DetectiveRoles, "AcceptorPolicy");
    let discovers = policy("handoff: {share_arn: discover, acceptance: lambda}\n");
    insta::assert_snapshot!("acceptor_discovers_three_regions", discovers);
    let accepts = policy("handoff: {acceptance: lambda}\n");
    assert!(discovers.contains("ram:ListPendingInvitationResources"), "{discovers}");
    assert!(!accepts.contains("ram:ListPendingInvitationResources"), "{accepts}");
    let by_function = variant("", "", "handoff: {acceptance: lambda}\n");
    let deployer = document(&by_function, Stack::DetectiveRoles, "DeployerPolicy");
    // `lakelink status` shows what became of it.
    assert!(!deployer.replace("ram:GetResourceShareInvitations", "").contains("ram:"), "{deployer}");
}

#[test]
fn the_service_role_makes_one_function_and_passes_it_one_role() {
    let rendered = variant("", "", "handoff: {share_arn: stack_output, acceptance: lambda}\n");
    insta::assert_snapshot!(
        "service_role_hand_off",
        document(&rendered, Stack::DetectiveRoles, "ServiceRoleHandOffPolicy")
    );
}

/// Whatever CloudFormation runs as in the Detective account, and nobody else there, reads the one stack.
#[test]
fn the_reader_is_for_the_execution_role_of_the_other_account() {
    for (deploy, role) in [("", "role/lakelink/lakelink-variant-detective-cfn"), (GIVEN, "role/pipeline/Cfn")]
    {
        let rendered = variant("", "", &format!("handoff: {{share_arn: stack_output}}\n{deploy}"));
        let trust = properties(&rendered, Stack::LakeRoles, "ReaderRole")["AssumeRolePolicyDocument"].clone();
        let statement = &trust["Statement"][0];
        assert_eq!(statement["Principal"]["AWS"]["Fn::Sub"], "arn:${AWS::Partition}:iam::444455556666:root");
        let who = &statement["Condition"]["ArnEquals"]["aws:PrincipalArn"]["Fn::Sub"];
        assert_eq!(who, &format!("arn:${{AWS::Partition}}:iam::444455556666:{role}"));
        let policy = properties(&rendered, Stack::LakeRoles, "ReaderPolicy")["PolicyDocument"].clone();
        let statement = &policy["Statement"][0];
        assert_eq!(statement["Action"], "cloudformation:DescribeStacks");
        let arn = statement["Resource"]["Fn::Sub"].as_str().unwrap();
        assert!(arn.ends_with(":stack/lakelink-variant-lake/*"), "{arn}");
    }
}

/// The boundary of an account is that of every role made there.
#[test]
fn no_role_is_without_the_boundary() {
    let deploy = "deploy: {lake: {permissions_boundary: LakeBoundary}, detective: {permissions_boundary: DetectiveBoundary}}\n";
    let handoff = "handoff: {share_arn: stack_output, acceptance: lambda}\n";
    let rendered = variant("", "  crawler: evidence\n", &format!("{handoff}{deploy}"));
    for (stack, ids, boundary) in [
        (Stack::LakeRoles, &["ServiceRole", "ReaderRole"][..], "LakeBoundary"),
        (Stack::DetectiveRoles, &["ServiceRole", "AcceptorRole", "CrawlerRole"], "DetectiveBoundary"),
    ] {
        let template = &rendered.stacks.iter().find(|one| one.stack == stack).unwrap().template;
        let roles = template.resources().map(|one| one.id.as_str()).filter(|id| id.ends_with("Role"));
        assert_eq!(roles.collect::<Vec<_>>(), ids);
        for id in ids {
            let found = properties(&rendered, stack, id)["PermissionsBoundary"]["Fn::Sub"].clone();
            assert!(found.as_str().unwrap().ends_with(boundary), "{id}: {found}");
        }
    }
}
