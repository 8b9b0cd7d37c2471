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
    *get-query-execution*State*|*get-crawler*Status*) echo SUCCEEDED ;;
    *get-crawler*State*) echo READY ;;
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
    for block in VARIANTS.iter().flat_map(|(_, text)| shell_blocks(text)) {
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

/// A console stack comes after the Detective stack of the lake that it is about, and goes before it.
#[test]
fn consoles_apart_come_last_and_go_first() {
    let text = runbook(&integration(APART, &[ROLE], "")).unwrap();
    let regional = |section: &str| {
        let calls = stack_calls(section).into_iter().filter(|call| !call.contains("-roles "));
        calls.filter(|call| call.contains("lakelink-acme-detective")).collect::<Vec<_>>()
    };
    let deploy = [
        "deploy lakelink-acme-detective ap-northeast-1",
        "deploy lakelink-acme-detective-console us-west-2",
        "deploy lakelink-acme-detective us-east-1",
        "deploy lakelink-acme-detective-console eu-south-1",
    ];
    assert_eq!(regional(section(&text, "Deploy")), deploy);
    let remove = [
        "delete-stack lakelink-acme-detective-console eu-south-1",
        "delete-stack lakelink-acme-detective us-east-1",
        "delete-stack lakelink-acme-detective-console us-west-2",
        "delete-stack lakelink-acme-detective ap-northeast-1",
    ];
    assert_eq!(regional(section(&text, "Remove")), remove);
    let disable = section(&text, "Remove").matches("choose Disable").count();
    let enable = section(&text, "Switch it on in the console").matches("Region us-east-1.").count();
    assert_eq!((disable, enable), (3, 0), "nobody looks for it in us-east-1");
}

/// Where no console reads its own lake, the Detective stack has no parameter for the share.
#[test]
fn a_stack_is_told_the_share_only_if_its_console_is() {
    let told = |regions: &str| {
        let text = runbook(&integration(regions, &[ROLE], "")).unwrap();
        let calls = calls(section(&text, "Deploy"));
        let calls =
            calls.iter().filter(|call| call.contains("--parameter-overrides ResourceShareArn=some-answer"));
        calls.map(|call| call.split(' ').nth(3).unwrap().to_owned()).collect::<Vec<_>>()
    };
    let both = ["lakelink-acme-detective", "lakelink-acme-detective", "lakelink-acme-detective-console"];
    assert_eq!(told("us-west-1, {lake: us-east-1, detective: eu-south-1}"), both);
    assert_eq!(told("{lake: us-east-1, detective: eu-south-1}"), both[2..]);
}

#[test]
fn the_collection_stack_comes_before_the_lake_stack_and_goes_after_it() {
    let text = runbook(&collecting(Collection::All)).unwrap();
    let calls = stack_calls(section(&text, "Deploy"));
    assert_eq!(calls[2], "deploy lakelink-acme-lake-collection ap-northeast-1");
    assert_eq!(calls[3], "deploy lakelink-acme-lake ap-northeast-1");
    assert_eq!(calls[6], "deploy lakelink-acme-lake-collection us-east-1");
    let calls = stack_calls(section(&text, "Remove"));
    assert_eq!(
        calls[2..4],
        ["delete-stack lakelink-acme-lake us-east-1", "delete-stack lakelink-acme-lake-collection us-east-1"]
    );
    let before = section(&text, "Before you start");
    assert!(before.contains("### The sources are not on yet") && !before.contains("COLLECTING"), "{before}");
    assert!(!rendered(&[ROLE], "").contains("lake-collection"));
}

#[test]
fn sources_are_switched_off_for_the_accounts_of_the_spec_only() {
    let off = |collection| {
        let calls = calls(section(&runbook(&collecting(collection)).unwrap(), "Remove"));
        calls.into_iter().find(|call| call.contains("delete-aws-log-source")).unwrap()
    };
    let all = "sourceName=CLOUD_TRAIL_MGMT,sourceVersion=2.0,regions=us-east-1 sourceName=VPC_FLOW,";
    assert!(off(Collection::All).contains(all), "{}", off(Collection::All));
    let listed = integration("us-east-1", &[ROLE], "");
    let listed = vec![listed.lake.account, listed.detective.account];
    let some = "sourceVersion=2.0,regions=us-east-1,accounts=111122223333,444455556666 sourceName=VPC_FLOW,";
    assert!(off(Collection::Accounts(listed)).contains(some));
}

#[test]
fn nothing_is_done_in_the_lake_account_for_an_existing_subscriber() {
    let text = runbook(&existing(None)).unwrap();
    for section in ["Deploy", "Remove"].map(|title| section(&text, title)) {
        assert!(!section.contains("lakelink-acme-lake"), "{section}");
    }
    let pinned = "SHARE_ARN_US_EAST_1='arn:aws:ram:us-east-1:111122223333:resource-share/";
    assert!(section(&text, "Deploy").contains(pinned));
    assert!(
        !text.contains("[profile lakelink-acme-lake]") && text.contains("[profile lakelink-acme-lake-admin]")
    );
    assert!(!text.contains("lake.subscriber.external_id"), "it is theirs");
}

/// Its stack makes no administrator, so there is none to take out of the list.
#[test]
fn a_collection_stack_alone_makes_no_administrator() {
    let text = runbook(&existing(Some(Collection::All))).unwrap();
    let deploy = stack_calls(section(&text, "Deploy"));
    assert_eq!(deploy[2], "deploy lakelink-acme-lake-collection us-east-1");
    let puts =
        calls(section(&text, "Remove")).into_iter().filter(|call| call.contains("put-data-lake-settings"));
    assert_eq!(puts.filter(|call| call.contains("--profile lakelink-acme-lake-admin")).count(), 0);
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

/// The reader role knows one execution role: whoever changes that changes it first.
#[test]
fn another_execution_role_is_made_known_to_the_reader_first() {
    let first = "that of account 111122223333 before the Detective stacks";
    let role = "`arn:aws:iam::111122223333:role/lakelink/lakelink-acme-reader`";
    let text = rendered(&[ROLE], STACK_OUTPUT);
    let change = section(&text, "Change");
    assert!(change.contains(&format!("{first}: {role} lets in only")), "{change}");
    assert!(!section(&rendered(&[ROLE], ""), "Change").contains(first));
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
fn evidence_is_saved_and_then_crawled_by_whoever_queries() {
    let [ours, _] = with_crawlers();
    let calls = calls(section(&runbook(&ours).unwrap(), "Saved evidence"));
    let [save, crawl] = &calls[..] else { panic!("{calls:#?}") };
    let sql = "UNLOAD (SELECT * FROM \"amazon_security_lake_glue_db_us_east_1\".";
    assert!(
        save.contains(sql) && save.contains("TO 's3://lakelink-acme-444455556666-us-east-1/evidence/"),
        "{save}"
    );
    let who = "--region us-east-1 --profile lakelink-acme-analyst";
    assert_eq!(crawl, &format!("glue start-crawler --name lakelink-acme-evidence {who}"));
}

/// Started by somebody else, or by its schedule: AWS Glue takes no second run.
#[test]
fn a_crawler_at_work_is_waited_for_and_not_started() {
    let [ours, _] = with_crawlers();
    let text = runbook(&ours).unwrap();
    let block = shell_blocks(section(&text, "Saved evidence")).pop().expect("a block");
    let stub = "FILE=$(mktemp)\n\
                aws() { case \"$*\" in *start-crawler*) echo started ;; *Status*) echo SUCCEEDED ;; \
                *State*) cat \"$FILE\" ;; esac; }\n\
                sleep() { echo slept; echo READY > \"$FILE\"; }\n";
    for (state, printed) in [("READY", "started\nslept\nSUCCEEDED\n"), ("RUNNING", "slept\nSUCCEEDED\n")] {
        let script = format!("{stub}echo {state} > \"$FILE\"\n{block}rm \"$FILE\"");
        assert_eq!(bash(&["-eu"], &script).as_deref(), Ok(printed), "{state}");
    }
}

#[test]
fn a_crawl_that_fails_stops_the_block() {
    let [ours, _] = with_crawlers();
    let text = runbook(&ours).unwrap();
    let block = shell_blocks(section(&text, "Saved evidence")).pop().expect("a block");
    let stub = "aws() { case \"$*\" in *Status*) echo FAILED ;; *State*) echo READY ;; *LastCrawl*) echo why ;; esac; }\n";
    let error = bash(&["-eu"], &format!("sleep() {{ :; }}\n{stub}{block}")).unwrap_err();
    assert_eq!(error, "why\n");
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
