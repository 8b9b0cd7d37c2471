//! What there is in the two accounts, held against the model.

use std::collections::BTreeSet;

use lakelink::model::{Duty, ExecutionRole, Integration, ResultsBucket, Share, Side, Stack, Subscriber};
use lakelink::vocab::{Region, SourceVersion};
use serde_json::{Value, json};

use super::collection;
use super::server::World;

/// Whether a stack is deployed, for the first time or again.
pub(super) fn is_done(stack: &Value) -> bool {
    ["CREATE_COMPLETE", "UPDATE_COMPLETE"].map(Value::from).contains(&stack["status"])
}

/// What the Detective console and its users rely on, in one lake Region.
pub(super) fn check_region(integration: &Integration, world: &World, region: Region) {
    let lake = world.state(&integration.lake.account, region);
    let state = world.state(&integration.detective.account, region);
    let stack = &state["stacks"][integration.stack_name(Stack::Detective)];
    assert!(is_done(stack), "{stack:#}");
    let share = check_subscriber(integration, &lake);
    if let Share::Pinned(shares) = &integration.handoff.share {
        assert_eq!(shares[&region].to_string(), share);
    }
    if !integration.regions.detective().contains(&region) {
        assert_eq!(state["ssm_parameters"], json!({}), "no console looks for anything in {region}");
    }
    collection::check(integration, &lake);
    check_link_and_grants(integration, region, &state);
    check_results(integration, region, &state);
    check_queries(integration, region, &state);
    check_crawler(integration, region, &state);
    for (stack, state) in [(Stack::Lake, &lake), (Stack::Detective, &state)] {
        let role = format!("role/{}", integration.execution_role(stack.side()));
        let admins = texts(&state["lake_formation"]["administrators"]);
        let expected = usize::from(integration.has(stack));
        assert!(admins.iter().all(|admin| admin.ends_with(&role)) && admins.len() == expected, "{admins:?}");
        let mut stacks = integration.regional_stacks(stack.side());
        stacks.retain(|stack| integration.regions_of(*stack).contains(&region));
        for stack in stacks {
            let tags = &state["stacks"][integration.stack_name(stack)]["tags"];
            assert_eq!(tags, &json!(integration.tags), "{}", stack.stem());
        }
    }
}

/// Gives the ARN of its share.
pub(super) fn check_subscriber(integration: &Integration, lake: &Value) -> String {
    let (name, external_id) = match &integration.lake.subscriber {
        Subscriber::Ours { name, external_id } => (name.as_str(), external_id.as_str()),
        Subscriber::Existing => collection::THEIRS,
    };
    let subscriber = &lake["security_lake"]["subscribers"][name];
    let identity = json!({ "externalId": external_id, "principal": integration.detective.account.as_str() });
    assert_eq!(subscriber["identity"], identity);
    assert_eq!(subscriber["access_types"], json!(["LAKEFORMATION"]));
    let sources = integration
        .lake
        .sources
        .iter()
        .map(|source| format!("{} {}", source.api_name(), integration.lake.source_version));
    assert_eq!(texts(&subscriber["sources"]), sources.collect::<Vec<_>>());
    let share = &subscriber["share"];
    if integration.has(Stack::Lake) {
        let outputs = &lake["stacks"][integration.stack_name(Stack::Lake)]["outputs"];
        assert_eq!(&outputs["ResourceShareArn"], share);
    }
    share.as_str().unwrap().to_owned()
}

pub(super) fn check_link_and_grants(integration: &Integration, region: Region, state: &Value) {
    let (database, lake) = (integration.database(region), integration.lake.account.as_str());
    let target = &state["glue_databases"][&database]["target"];
    assert_eq!((&target["CatalogId"], &target["DatabaseName"]), (&json!(lake), &json!(database)));
    let mut expected = BTreeSet::new();
    for principal in &integration.detective.principals {
        let arn = principal.arn();
        expected.insert(format!("{arn} DESCRIBE {} {database}", integration.detective.account));
        expected.extend(integration.lake.sources.iter().map(|source| {
            format!(
                "{arn} SELECT {lake} {database} {}",
                source.table(integration.lake.source_version, region)
            )
        }));
    }
    if integration.detective.crawler.is_some() {
        let (own, evidence) = (&integration.detective.account, integration.evidence_database());
        for principal in &integration.detective.principals {
            let arn = principal.arn();
            expected.insert(format!("{arn} SELECT {own} {evidence} every table"));
        }
        let role = crawler_role(integration);
        expected.insert(format!("{role} ALTER CREATE_TABLE DESCRIBE {own} {evidence}"));
    }
    let grants = state["lake_formation"]["permissions"].as_array().unwrap();
    let found = grants.iter().map(|grant| {
        assert_eq!(grant["with_grant_option"], json!([]), "{grant}");
        let permission = texts(&grant["permissions"]).join(" ");
        let words = |keys: &[&str], resource: &Value| {
            keys.iter().map(|key| resource[key].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
        };
        let resource = match grant["resource"]["Table"].as_object() {
            Some(table) if table.contains_key("TableWildcard") => {
                words(&["CatalogId", "DatabaseName"], &grant["resource"]["Table"]) + " every table"
            }
            Some(_) => words(&["CatalogId", "DatabaseName", "Name"], &grant["resource"]["Table"]),
            None => words(&["CatalogId", "Name"], &grant["resource"]["Database"]),
        };
        format!("{} {permission} {resource}", grant["principal"].as_str().unwrap())
    });
    assert_eq!(found.collect::<BTreeSet<_>>(), expected);
}

pub(super) fn check_results(integration: &Integration, region: Region, state: &Value) {
    let ResultsBucket::Ours { retention_days } = &integration.detective.bucket else { return };
    let bucket = &state["buckets"][integration.results_bucket(region)];
    assert!(
        bucket["public_access_block"].as_object().unwrap().values().all(|flag| flag == true),
        "{bucket:#}"
    );
    assert_eq!(bucket["ownership"], json!(["BucketOwnerEnforced"]));
    assert_eq!(bucket["versioning"], "Enabled");
    assert_eq!(bucket["tags"]["lakelink:integration"], integration.name.as_str());
    let rule =
        bucket["lifecycle"].as_array().unwrap().iter().find(|rule| rule["ID"] == "ExpireResults").unwrap();
    assert_eq!(rule["Expiration"]["Days"], *retention_days);
    assert_eq!(rule["NoncurrentVersionExpiration"]["NoncurrentDays"], 7);
    let statement = |sid: &str| {
        let statements = bucket["policy"]["Statement"].as_array().unwrap();
        statements
            .iter()
            .find(|statement| statement["Sid"] == sid)
            .unwrap_or_else(|| panic!("no {sid}"))
            .clone()
    };
    assert_eq!(statement("DenyWithoutTls")["Condition"]["Bool"]["aws:SecureTransport"], "false");
    assert_eq!(statement("DenyOldTls")["Condition"]["NumericLessThan"]["s3:TlsVersion"], "1.2");
    let others = statement("DenyObjectsToOthers");
    let arn =
        format!("arn:{}:s3:::{}/*", integration.regions.partition(), integration.results_bucket(region));
    assert_eq!(others["Resource"], json!(arn), "objects only: nobody is locked out of the bucket");
    let named = &others["Condition"]["ArnNotEquals"]["aws:PrincipalArn"];
    let principals = integration.detective.principals.iter().chain(&integration.detective.break_glass);
    let crawler = integration.detective.crawler.as_ref().map(|_| crawler_role(integration));
    let let_in = principals.map(|p| p.arn().to_string()).chain(crawler).collect::<Vec<_>>();
    let named = if named.is_array() { texts(named) } else { vec![named.as_str().unwrap().to_owned()] };
    assert_eq!(named, let_in);
}

pub(super) fn check_queries(integration: &Integration, region: Region, state: &Value) {
    let name = if integration.detective.scan_limit_bytes.is_some() {
        integration.workgroup()
    } else {
        "primary".to_owned()
    };
    let workgroup = &state["athena_workgroups"][&name];
    if let Some(limit) = integration.detective.scan_limit_bytes {
        let configuration = &workgroup["configuration"];
        assert_eq!(configuration["EnforceWorkGroupConfiguration"], true);
        assert_eq!(configuration["BytesScannedCutoffPerQuery"], limit);
        let output = format!("s3://{}/athena/", integration.results_bucket(region));
        assert_eq!(configuration["ResultConfiguration"]["OutputLocation"], json!(output));
    }
    let workgroups = state["athena_workgroups"].as_object().unwrap();
    let theirs = workgroups.iter().filter(|(other, _)| *other != &name && *other != "primary");
    assert_eq!(theirs.count(), 0, "{workgroups:#?}");
    let queries = workgroups.values().flat_map(|one| one["named_queries"].as_object().unwrap());
    assert_eq!(queries.count(), if integration.detective.queries { 6 } else { 0 }, "{workgroups:#?}");
    let empty = serde_json::Map::new();
    let queries = workgroup["named_queries"].as_object().unwrap_or(&empty);
    assert_eq!(queries.len(), if integration.detective.queries { 6 } else { 0 });
    let time = if integration.lake.source_version == SourceVersion::V2 { "time_dt >" } else { "eventday >=" };
    for (name, query) in queries {
        let sql = query["query"].as_str().unwrap();
        let table = format!("FROM \"{}\".\"amazon_security_lake_table_", integration.database(region));
        assert!(sql.contains(&table), "{name}: {sql}");
        assert!(sql.contains(time) && !sql.contains("${"), "{name} scans everything: {sql}");
    }
}

/// The crawler has its role, its database and its folder, and has run once by the run-book.
pub(super) fn check_crawler(integration: &Integration, region: Region, state: &Value) {
    let database = &state["glue_databases"][integration.evidence_database()];
    let crawler = &state["crawlers"][integration.crawler()];
    let Some(wanted) = &integration.detective.crawler else {
        assert_eq!((database, crawler), (&Value::Null, &Value::Null));
        return;
    };
    assert_eq!(database["target"], Value::Null, "a database of its own, no link");
    assert_eq!(crawler["role"], crawler_role(integration));
    assert_eq!(crawler["database"], integration.evidence_database());
    assert_eq!(crawler["schedule"], json!(wanted.schedule.as_ref().map(ToString::to_string)));
    let path = format!("s3://{}/evidence/", integration.results_bucket(region));
    assert!(crawler["targets"].to_string().contains(&format!("\"Path\":\"{path}\"")), "{crawler:#}");
    assert_eq!(crawler["configuration"]["Grouping"]["TableLevelConfiguration"], 3);
}

fn crawler_role(integration: &Integration) -> String {
    format!("{}:role/{}", iam_arn(integration, Side::Detective), integration.own_role(Duty::Crawler))
}

pub(super) fn check_roles(integration: &Integration, world: &World) {
    for side in [Side::Lake, Side::Detective] {
        if integration.regional_stacks(side).is_empty() {
            continue;
        }
        let iam = &world.state(integration.account(side), integration.regions.home())["iam"];
        let arn = format!("{}:role/{}", iam_arn(integration, side), integration.execution_role(side));
        let role = &iam["roles"][&arn];
        if integration.deployment(side).execution == ExecutionRole::Service {
            assert_eq!(role["path"], integration.role_path.as_str());
            assert_eq!(role["inline"], json!({}));
            let boundary = integration
                .deployment(side)
                .boundary
                .as_ref()
                .map(|_| format!("{}:policy/SecBoundary", iam_arn(integration, side)));
            assert_eq!(role["boundary"], json!(boundary));
        } else {
            let service = integration.own_role(Duty::Cloudformation(side));
            let service = format!("{}:role/{service}", iam_arn(integration, side));
            assert_eq!(iam["roles"][&service], json!(null), "a given role was asked for");
        }
    }
}

/// What stays: the results buckets with their policies. No role, no grant, no parameter, no administrator of ours.
pub(super) fn check_removed(integration: &Integration, world: &World) {
    for region in integration.regions.lake() {
        for side in [Side::Lake, Side::Detective] {
            let state = world.state(integration.account(side), region);
            assert_eq!(state["stacks"], json!({}), "{side:?} {region}");
            assert_eq!(state["ssm_parameters"], json!({}));
            assert_eq!((&state["functions"], &state["log_groups"]), (&json!({}), &json!({})));
            assert_eq!(state["lake_formation"]["permissions"], json!([]));
            let stack = if side == Side::Lake { Stack::Lake } else { Stack::Detective };
            let given = matches!(integration.deployment(side).execution, ExecutionRole::Given(_));
            let given = given && integration.has(stack);
            let admins = state["lake_formation"]["administrators"].as_array().unwrap();
            assert_eq!(
                admins.len(),
                usize::from(given),
                "only a given role stays an administrator: {admins:?}"
            );
            let is_theirs = side == Side::Lake && integration.lake.subscriber == Subscriber::Existing;
            let subscribers = state["security_lake"]["subscribers"].as_object().unwrap();
            assert_eq!(subscribers.len(), usize::from(is_theirs), "what is somebody else's stays");
            assert_eq!(state["crawlers"], json!({}));
            let evidence = &state["glue_databases"][integration.evidence_database()];
            assert_eq!(evidence, &Value::Null, "the database goes with its tables");
            let policies = state["iam"]["policies"].as_object().unwrap();
            assert!(policies.keys().all(|arn| !arn.contains("lakelink")), "{policies:#?}");
        }
        collection::check(integration, &world.state(&integration.lake.account, region));
        let buckets = &world.state(&integration.detective.account, region)["buckets"];
        let is_ours = matches!(integration.detective.bucket, ResultsBucket::Ours { .. });
        let has_policy = buckets[integration.results_bucket(region)]["policy"].is_object();
        assert_eq!(has_policy, is_ours, "our bucket keeps its policy, another's never gets one: {buckets:#}");
        assert_eq!(buckets.as_object().unwrap().len(), 1);
    }
    for pair in integration.regions.apart() {
        let state = world.state(&integration.detective.account, pair.detective);
        assert_eq!((&state["stacks"], &state["ssm_parameters"]), (&json!({}), &json!({})), "{pair:?}");
    }
}

fn iam_arn(integration: &Integration, side: Side) -> String {
    format!("arn:{}:iam::{}", integration.regions.partition(), integration.account(side))
}

pub(super) fn texts(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|item| item.as_str().unwrap().to_owned()).collect()
}
