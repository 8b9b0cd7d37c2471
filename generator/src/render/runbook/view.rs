//! What the words of the run-book can ask for.
//!
//! Fields that end in `word` are quoted for the shell. Everything else that stands bare in a command is of an
//! alphabet that needs no quotes: names of lakelink's own, Regions, account ids, ARNs of policies.

use serde::Serialize;

use super::account::{Account, Boundary, Profile, file, profiles};
use super::evidence::CrawlerView;
use super::handoff::HandOffView;
use super::others::{CfctView, GitSyncView, StackSetsView, ToolView};
use super::people::{Analyst, PermissionSet, Person};
use super::region::{Console, RegionView};
use super::shell::quoted;
use super::tools::{CdkView, ParameterFile, leaves_share_out};
use crate::model::{
    Collection, Duty, Encryption, Integration, ResultsBucket, SetOwner, Side, Stack, Subscriber,
};
use crate::vocab::{Acceptance, AccountId, GrantOn, LogSource, PrincipalKind};

/// Bytes of the gigabyte that the spec counts in.
const GIGABYTE: i64 = 1_000_000_000;

/// Everything that the run-book says about an integration.
#[derive(Serialize)]
pub(super) struct View {
    spec_file: String,
    name: String,
    folder: String,
    organization: Option<String>,
    home: &'static str,
    lake: Account,
    detective: Account,
    profiles: Vec<Profile>,
    boundaries: Vec<Boundary>,
    /// The lake Regions.
    regions: Vec<RegionView>,
    /// The Regions in the order of removal.
    removal: Vec<RegionView>,
    /// The Detective Regions.
    consoles: Vec<Console>,
    /// Whether one of them is no lake Region.
    has_consoles_apart: bool,
    console_stack: String,
    console_file: String,
    sources: String,
    sources_list: Vec<String>,
    source_version: &'static str,
    /// The stack that turns the sources on; none if they are on already.
    collection: Option<CollectionView>,
    /// The name of our subscriber; none if somebody else makes it.
    subscriber: Option<String>,
    /// The external id of our subscriber.
    external_id: Option<String>,
    #[serde(flatten)]
    handoff: HandOffView,
    /// The cloud assembly, where there is one.
    cdk: Option<CdkView>,
    /// The parameter files, where there are any.
    parameters: Option<Vec<ParameterFile>>,
    /// Whether one of them leaves the share out.
    leaves_share_out: bool,
    principals: Vec<Person>,
    roles: Vec<Person>,
    /// Roles that the template attaches the analyst policy to.
    attached: Vec<Person>,
    break_glass: Vec<Person>,
    users: Vec<Person>,
    permission_sets: Vec<PermissionSet>,
    /// Never `None`: a spec has at least one principal.
    analyst: Option<Analyst>,
    analyst_policy: String,
    analyst_policy_name: String,
    setup_policy: String,
    setup_policy_name: String,
    role_path: String,
    grant_count: usize,
    workgroup: String,
    scan_limit_gb: Option<i64>,
    /// Days that results are kept; none for buckets that exist.
    retention_days: Option<u32>,
    own_key: bool,
    uses_key: bool,
    key_alias: String,
    /// What costs elsewhere and is not in these stacks, in a sentence; empty if all of it is.
    not_there: String,
    /// Whether there is a workgroup beside `primary`.
    own_workgroup: bool,
    queries: bool,
    ready_query: String,
    crawler: Option<CrawlerView>,
    stack_sets: Option<StackSetsView>,
    git_sync: Option<GitSyncView>,
    cfct: Option<CfctView>,
    /// What deploys the Regional stacks, if that is neither lakelink nor StackSets.
    tool: Option<ToolView>,
    /// Whether the execution roles are never those of the roles stacks, for what deploys is neither lakelink nor a person.
    runs_as_other: bool,
    /// Whether somebody looks at something between two of them.
    waits_between: bool,
    /// What stands before the name of a stack in that of its set: CfCT's, `CustomControlTower-` and the name of the entry
    /// (`aws-control-tower-customizations`, the manifest parser).
    set_prefix: &'static str,
    /// Whether there are commands that deploy and remove a Regional stack: not of one that is in a set.
    by_hand: bool,
    /// Whether a role leaves the Lake Formation administrators by a block.
    takes_roles_out: bool,
    /// Tags as words of the shell, each `key=value`.
    tags: Vec<String>,
}

impl View {
    /// The view of an integration.
    pub(super) fn of(integration: &Integration) -> Self {
        let (lake, detective) = (&integration.lake, &integration.detective);
        let regions = integration.regions.lake().into_iter();
        let regions = regions.map(|region| RegionView::of(integration, region));
        let consoles = integration.regions.pairs().iter().map(|pair| Console::of(integration, *pair));
        let sources_list = lake.sources.iter().map(|source| source.api_name()).collect::<Vec<_>>();
        let principals = &detective.principals;
        let subscriber = match &lake.subscriber {
            Subscriber::Ours { name, external_id } => Some((name, external_id)),
            Subscriber::Existing => None,
        };
        let handoff = HandOffView::of(integration);
        let by_hand = integration.set_owner().is_none();
        let waits_between = integration.lake.collection.is_some() || handoff.is_share_read;
        let of_kind = |kind| principals.iter().filter(move |principal| principal.arn().kind() == kind);
        Self {
            spec_file: integration.spec_file.clone(),
            name: integration.name.to_string(),
            folder: integration.folder(),
            organization: integration.organization.as_ref().map(ToString::to_string),
            home: integration.regions.home().as_str(),
            lake: Account::of(integration, Side::Lake),
            detective: Account::of(integration, Side::Detective),
            profiles: profiles(integration),
            boundaries: [Side::Lake, Side::Detective]
                .into_iter()
                .filter_map(|side| Boundary::of(integration, side))
                .collect(),
            regions: regions.clone().collect(),
            removal: regions.rev().collect(),
            consoles: consoles.collect(),
            has_consoles_apart: integration.regions.apart().next().is_some(),
            console_stack: integration.stack_name(Stack::DetectiveConsole),
            console_file: file(Stack::DetectiveConsole),
            sources: and(&sources_list),
            sources_list,
            source_version: lake.source_version.as_str(),
            collection: CollectionView::of(integration),
            subscriber: subscriber.map(|(name, _)| name.to_string()),
            external_id: subscriber.map(|(_, external_id)| external_id.to_string()),
            cdk: CdkView::of(integration),
            parameters: ParameterFile::all(integration, handoff.passes_share),
            leaves_share_out: leaves_share_out(integration, handoff.passes_share),
            handoff,
            principals: principals.iter().map(Person::of).collect(),
            roles: of_kind(PrincipalKind::Role)
                .filter(|_| !detective.attach_policy)
                .map(Person::of)
                .collect(),
            attached: of_kind(PrincipalKind::Role)
                .filter(|_| detective.attach_policy)
                .map(Person::of)
                .collect(),
            break_glass: detective.break_glass.iter().map(Person::of).collect(),
            users: of_kind(PrincipalKind::User).map(Person::of).collect(),
            permission_sets: of_kind(PrincipalKind::PermissionSet)
                .map(|principal| PermissionSet::of(integration, principal))
                .collect(),
            analyst: Analyst::of(integration),
            analyst_policy: policy_arn(integration, Duty::Analyst),
            analyst_policy_name: integration.iam_name(Duty::Analyst),
            setup_policy: policy_arn(integration, Duty::Setup),
            setup_policy_name: integration.iam_name(Duty::Setup),
            role_path: integration.role_path.to_string(),
            grant_count: grant_count(integration),
            workgroup: integration.query_workgroup(),
            scan_limit_gb: detective.scan_limit_bytes.map(|limit| limit / GIGABYTE),
            retention_days: match detective.bucket {
                ResultsBucket::Ours { retention_days } => Some(retention_days),
                ResultsBucket::Existing(_) => None,
            },
            own_key: detective.encryption == Encryption::OwnKey,
            uses_key: detective.encryption != Encryption::S3,
            key_alias: integration.key_alias(),
            not_there: not_there(integration),
            own_workgroup: detective.scan_limit_bytes.is_some(),
            queries: detective.queries,
            ready_query: format!("lakelink-{}-newest-records", integration.name),
            crawler: CrawlerView::of(integration),
            stack_sets: StackSetsView::of(integration),
            git_sync: GitSyncView::of(integration),
            cfct: CfctView::of(integration),
            tool: ToolView::of(integration),
            set_prefix: match integration.set_owner() {
                Some(SetOwner::Cfct) => "CustomControlTower-",
                Some(SetOwner::Ours) | None => "",
            },
            runs_as_other: !by_hand || integration.outputs.git_sync,
            waits_between,
            by_hand,
            takes_roles_out: integration.makes_execution_role(Side::Detective)
                || subscriber.is_some() && integration.makes_execution_role(Side::Lake),
            tags: integration.tags.iter().map(|(key, value)| quoted(&format!("{key}={value}"))).collect(),
        }
    }
}

/// The collection stack.
#[derive(Serialize)]
struct CollectionView {
    stack: String,
    file: String,
    /// The accounts, in a sentence.
    accounts: String,
    /// The listed accounts; empty for all.
    listed: Vec<String>,
}

impl CollectionView {
    fn of(integration: &Integration) -> Option<Self> {
        let listed = match integration.lake.collection.as_ref()? {
            Collection::All => Vec::new(),
            Collection::Accounts(list) => list.iter().map(AccountId::to_string).collect::<Vec<_>>(),
        };
        let accounts = match listed.as_slice() {
            [] => "every account of the data lake".to_owned(),
            [one] => format!("account {one}"),
            _ => format!("the accounts {}", and(&listed)),
        };
        let stack = Stack::LakeCollection;
        Some(Self { stack: integration.stack_name(stack), file: file(stack), accounts, listed })
    }
}

/// What costs elsewhere and is not in the stacks of this integration: `no this, no that and no other`.
fn not_there(integration: &Integration) -> String {
    let detective = &integration.detective;
    let things = [
        ("no Lambda function", integration.handoff.acceptance == Acceptance::Lambda),
        ("no Glue crawler", detective.crawler.is_some()),
        ("no KMS key of our own", detective.encryption == Encryption::OwnKey),
    ];
    let things = things.iter().filter(|(_, is_there)| !is_there).map(|(thing, _)| *thing).collect::<Vec<_>>();
    match things.split_last() {
        Some((last, front)) if !front.is_empty() => format!("{} and {last}", front.join(", ")),
        _ => things.concat(),
    }
}

/// How many grants a Detective stack holds: for each of those who query, and for the crawler.
fn grant_count(integration: &Integration) -> usize {
    let detective = &integration.detective;
    let tables = if detective.grant_on == GrantOn::Link { 1 } else { integration.lake.sources.len() };
    let evidence = usize::from(detective.crawler.is_some());
    detective.principals.len() * (1 + tables + evidence) + evidence
}

/// The ARN of a managed policy of lakelink's own, in the account that it is for.
pub(super) fn policy_arn(integration: &Integration, duty: Duty) -> String {
    let side = match duty {
        Duty::Cloudformation(side) | Duty::Deployer(side) | Duty::Execution(side) => side,
        Duty::Analyst | Duty::Setup | Duty::Crawler | Duty::Acceptor => Side::Detective,
        Duty::Reader | Duty::Administration => Side::Lake,
    };
    let (partition, account) = (integration.regions.partition(), integration.account(side));
    let (path, name) = (&integration.role_path, integration.iam_name(duty));
    format!("arn:{partition}:iam::{account}:policy{path}{name}")
}

/// Things in a sentence: `a, b and c`, each as code.
pub(super) fn and(things: &[String]) -> String {
    let things = things.iter().map(|thing| format!("`{thing}`")).collect::<Vec<_>>();
    match things.split_last() {
        Some((last, front)) if !front.is_empty() => format!("{} and {last}", front.join(", ")),
        _ => things.concat(),
    }
}

/// The SQL that counts the API calls of the last day.
pub(super) fn count_sql(integration: &Integration, region: crate::vocab::Region) -> String {
    format!("SELECT count(*) AS records {}", api_calls(integration, region))
}

/// `FROM … WHERE …`: the API calls of the last day.
pub(super) fn api_calls(integration: &Integration, region: crate::vocab::Region) -> String {
    use crate::vocab::SourceVersion::{V1, V2};
    let version = integration.lake.source_version;
    let table = LogSource::CloudTrailManagement.table(version, region);
    let day = match version {
        V1 => "eventday >= date_format(current_timestamp - INTERVAL '1' DAY, '%Y%m%d')",
        V2 => "time_dt > current_timestamp - INTERVAL '1' DAY",
    };
    format!("FROM \"{}\".\"{table}\" WHERE {day}", integration.database(region))
}
