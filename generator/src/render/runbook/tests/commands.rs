//! What the commands of the run-book do, with an `aws` that only writes down what it is asked.

use super::*;

/// Runs a section's blocks with an `aws` that writes each call that changes something to standard error, and answers the others so
/// that everything goes on. Gives the calls.
fn calls(text: &str) -> Vec<String> {
    const AWS: &str = r#"
sleep() { :; }
aws() {
  case "$*" in
    *get-resource-share-invitations*) echo arn:invitation ;;
    *list-resources*) echo '"yes"' ;;
    *get-data-lake-settings*json*) echo '{"DataLakeSettings": {"Parameters": {"a": "b"}, "DataLakeAdmins": [
      {"DataLakePrincipalIdentifier": "arn:aws:iam::111122223333:role/lakelink/lakelink-acme-lake-cfn"},
      {"DataLakePrincipalIdentifier": "arn:aws:iam::444455556666:role/lakelink/lakelink-acme-detective-cfn"},
      {"DataLakePrincipalIdentifier": "arn:other"}]}}' ;;
    *put-data-lake-settings*) echo "CALL $* $(cat "${4#file://}")" >&2 ;;
    *list-permission-sets*) echo arn:set ;;
    *describe-permission-set*) echo Hunter ;;
    *' get-'*|*' list-'*|*' describe-'*) echo some-answer ;;
    *) echo "CALL $*" >&2 ;;
  esac
}
"#;
    let script = format!("exec 2>&1\n{AWS}{}", shell_blocks(text).concat());
    let output = bash(&["-euo", "pipefail"], &script).unwrap_or_else(|error| panic!("{error}"));
    output.lines().filter_map(|line| line.strip_prefix("CALL ")).map(ToOwned::to_owned).collect()
}

/// The calls without what does not matter for their order: service, verb, stack and Region.
fn stack_calls(text: &str) -> Vec<String> {
    let word_after = |call: &str, flag: &str| {
        let words = call.split(' ').skip_while(|word| *word != flag);
        words.skip(1).map(ToOwned::to_owned).next().unwrap_or_default()
    };
    let calls = calls(text).into_iter().filter(|call| call.starts_with("cloudformation "));
    let short = calls.map(|call| {
        let verb = call.split(' ').nth(1).unwrap_or_default().to_owned();
        format!("{verb} {} {}", word_after(&call, "--stack-name"), word_after(&call, "--region"))
    });
    short.filter(|call| !call.starts_with("wait ")).collect()
}

#[test]
fn every_shell_block_parses() {
    for block in VARIANTS.iter().flat_map(|text| shell_blocks(text)) {
        assert_eq!(bash(&["-n"], &block), Ok(String::new()), "{block}");
    }
}

#[test]
fn deploying_goes_from_roles_to_lake_to_detective_in_each_region() {
    let text = runbook(&integration("ap-northeast-1, us-east-1", &[ROLE], "home_region: us-east-1")).unwrap();
    let expected = [
        "deploy lakelink-acme-lake-roles us-east-1",
        "deploy lakelink-acme-detective-roles us-east-1",
        "deploy lakelink-acme-lake ap-northeast-1",
        "update-termination-protection lakelink-acme-lake ap-northeast-1",
        "deploy lakelink-acme-detective ap-northeast-1",
        "deploy lakelink-acme-lake us-east-1",
        "update-termination-protection lakelink-acme-lake us-east-1",
        "deploy lakelink-acme-detective us-east-1",
    ];
    assert_eq!(stack_calls(section(&text, "Deploy")), expected);
}

#[test]
fn removing_goes_the_other_way() {
    let text = runbook(&integration("ap-northeast-1, us-east-1", &[ROLE], "")).unwrap();
    let expected = [
        "delete-stack lakelink-acme-detective us-east-1",
        "update-termination-protection lakelink-acme-lake us-east-1",
        "delete-stack lakelink-acme-lake us-east-1",
        "delete-stack lakelink-acme-detective ap-northeast-1",
        "update-termination-protection lakelink-acme-lake ap-northeast-1",
        "delete-stack lakelink-acme-lake ap-northeast-1",
        "delete-stack lakelink-acme-detective-roles ap-northeast-1",
        "delete-stack lakelink-acme-lake-roles ap-northeast-1",
    ];
    assert_eq!(stack_calls(section(&text, "Remove")), expected);
}

#[test]
fn only_our_role_leaves_the_administrators_and_before_it_goes() {
    let calls = calls(section(&rendered(&[ROLE], ""), "Remove"));
    let of = |what: &str| calls.iter().position(|call| call.contains(what)).expect(what);
    let put = &calls[of("put-data-lake-settings")];
    assert!(!put.contains("lakelink-acme-lake-cfn"), "{put}");
    assert!(put.contains("arn:other") && put.contains(r#""Parameters": {"a": "b"}"#), "{put}");
    assert!(of("put-data-lake-settings") < of("lakelink-acme-detective-roles"));
    assert!(of("delete-stack --stack-name lakelink-acme-lake ") < of("put-data-lake-settings"));
}

#[test]
fn a_parameter_carries_the_share() {
    let text = rendered(&[ROLE], "");
    let calls = calls(section(&text, "Deploy"));
    assert!(calls.iter().any(|call| call.contains("--parameter-overrides ResourceShareArn=some-answer ")));
    assert!(text.contains("SHARE_ARN_US_EAST_1=$(aws cloudformation describe-stacks"));
}

#[test]
fn a_pinned_share_is_compared_and_not_passed() {
    let text = rendered(&[ROLE], PINNED);
    let deploy = section(&text, "Deploy");
    assert!(!deploy.contains("--parameter-overrides"));
    let test = "test \"$SHARE_ARN_US_EAST_1\" = 'arn:aws:ram:us-east-1:111122223333:resource-share/";
    assert!(deploy.contains(test), "{deploy}");
    let wrong = format!("aws() {{ echo other; }}\n{}", shell_blocks(deploy)[3]);
    assert!(bash(&["-eu"], &wrong).unwrap_err().contains("handoff.shares"));
}

#[test]
fn with_a_function_nobody_accepts_and_nobody_waits() {
    for keys in [FUNCTION, DISCOVER] {
        let text = rendered(&[ROLE], keys);
        let deploy = section(&text, "Deploy");
        assert!(!deploy.contains("aws ram "), "{deploy}");
        assert!(deploy.contains("its function `lakelink-acme-acceptor`"), "{deploy}");
        assert_eq!(deploy.contains("--parameter-overrides"), keys == FUNCTION, "{deploy}");
        assert!(text.contains("`Recreate the subscriber` from the function"));
        assert!(!text.contains("no Lambda function"));
    }
}

#[test]
fn the_share_is_read_from_the_lake_stack_by_cloudformation() {
    let text = rendered(&[ROLE], STACK_OUTPUT);
    let deploy = section(&text, "Deploy");
    assert!(deploy.contains("as the role `arn:aws:iam::111122223333:role/lakelink/lakelink-acme-reader`"));
    assert!(!deploy.contains("--parameter-overrides") && deploy.contains("accept-resource-share-invitation"));
}

#[test]
fn an_invitation_is_accepted_once() {
    let calls = calls(section(&rendered(&[ROLE], ""), "Deploy"));
    let accepted = calls.iter().filter(|call| call.contains("accept-resource-share-invitation"));
    assert_eq!(accepted.count(), 1);
}

#[test]
fn in_an_organization_nothing_is_accepted() {
    let text = rendered(&[ROLE], ORGANIZATION);
    assert!(!text.contains("accept-resource-share-invitation"));
    assert!(section(&text, "Before you start").contains("aws ram enable-sharing-with-aws-organization"));
    assert!(section(&text, "Deploy").contains("aws ram list-resources"));
    assert!(
        section(&text, "Deploy").contains("--region us-east-1 --profile lakelink-acme-detective) || SEEN=''")
    );
    assert!(!rendered(&[ROLE], "").contains("enable-sharing-with-aws-organization"));
}

#[test]
fn a_share_without_its_tables_stops_after_thirty_tries() {
    let text = rendered(&[ROLE], ORGANIZATION);
    let block =
        shell_blocks(section(&text, "Deploy")).into_iter().find(|block| block.contains("list-resources"));
    let stub = "SHARE_ARN_US_EAST_1=arn\nsleep() { :; }\naws() { echo '[]'; echo tried >&2; }\n";
    let error = bash(&["-eu"], &format!("{stub}{}", block.expect("a block"))).unwrap_err();
    assert_eq!(error.matches("tried").count(), 30);
    assert!(error.contains("The share shows no tables in us-east-1"), "{error}");
}

#[test]
fn a_given_execution_role_is_used_and_left_alone() {
    let text = rendered(&[ROLE], GIVEN);
    assert!(section(&text, "Deploy").contains("--role-arn 'arn:aws:iam::444455556666:role/cdk/Exec' \\"));
    assert!(section(&text, "Deploy").contains("This role is yours"));
    let remove = calls(section(&text, "Remove"));
    let puts = remove.iter().filter(|call| call.contains("put-data-lake-settings")).collect::<Vec<_>>();
    assert!(puts.len() == 1 && puts[0].contains("--profile lakelink-acme-lake-admin"), "{puts:?}");
    assert!(!text.contains("lakelink-acme-detective-cfn"));
}

#[test]
fn each_kind_of_principal_gets_the_policy_its_own_way() {
    let policy = "arn:aws:iam::444455556666:policy/lakelink/lakelink-acme-analyst";
    let commands = |who: &str| calls(section(&rendered(&[who], ""), "Attach the analyst policy"));
    let starts = |who, start: String| {
        let calls = commands(who);
        assert!(calls[0].starts_with(&start), "{calls:?}");
        calls.len()
    };
    assert_eq!(
        starts(ROLE, format!("iam attach-role-policy --role-name SecurityAnalyst --policy-arn {policy} ")),
        1
    );
    assert_eq!(starts(USER, format!("iam attach-user-policy --user-name irene --policy-arn {policy} ")), 1);
    let reference = "sso-admin attach-customer-managed-policy-reference-to-permission-set --instance-arn some-answer \
         --permission-set-arn arn:set --customer-managed-policy-reference \
         {\"Name\": \"lakelink-acme-analyst\", \"Path\": \"/lakelink/\"} --region eu-west-1";
    assert_eq!(starts(SET, reference.to_owned()), 2);
}

#[test]
fn identity_center_without_a_region_in_its_path_is_in_us_east_1() {
    let text = rendered(&[&SET.replace("eu-west-1/", "")], "");
    assert!(section(&text, "Attach the analyst policy").contains("aws sso-admin list-instances"));
    assert!(section(&text, "Attach the analyst policy").contains("--output text --region us-east-1)"));
}
