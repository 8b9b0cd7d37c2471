//! The Athena workgroup and six queries that investigations start with.
//!
//! Columns: Security Lake user guide, `subscriber-query-examples1` and `subscriber-query-examples2`; OCSF Network
//! Activity for `activity_id` (5 is "Refuse"). That Security Lake files a rejected flow under it is not proven
//! here: see README, "What is proven".

use crate::model::{Integration, PRIMARY};
use crate::resources::{NamedQuery, Properties, WorkGroup};
use crate::stacks::detective::{LINK, table_key};
use crate::stacks::results::Results;
use crate::stacks::{in_region, ownership_tags};
use crate::template::{LogicalId, Resource, Value};
use crate::vocab::{LogSource, SourceVersion};

/// A query before it is bound to names.
struct Query {
    id: &'static str,
    name: &'static str,
    description: &'static str,
    why: &'static str,
    sql: String,
    sources: Vec<LogSource>,
}

/// The workgroup and the queries, where the spec wants them.
pub(crate) fn resources(integration: &Integration, results: &Results, link: &LogicalId) -> Vec<Resource> {
    let id = LogicalId::of(&["Workgroup"]);
    let mut resources = Vec::new();
    // Without a workgroup of ours the queries are saved in the one that every account has.
    let mut workgroup = Value::text(PRIMARY);
    if let Some(scan_limit_bytes) = integration.detective.scan_limit_bytes {
        let ours = WorkGroup {
            name: integration.workgroup(),
            description: format!("Security Lake logs of lakelink {}", integration.name),
            output: results.output.clone(),
            key: results.key.clone(),
            scan_limit_bytes,
            tags: ownership_tags(integration),
        };
        let why = "Enforced: its users cannot send results elsewhere or scan more than the limit.";
        resources.push(ours.named(id.clone(), why));
        workgroup = Value::Ref(id.to_string());
    }
    if integration.detective.queries {
        resources
            .extend(queries(integration).iter().map(|query| resource(integration, query, &workgroup, link)));
    }
    resources
}

fn resource(integration: &Integration, query: &Query, workgroup: &Value, link: &LogicalId) -> Resource {
    let names = query.sources.iter().map(|source| (table_key(*source), in_region(&table_key(*source))));
    let named = NamedQuery {
        name: format!("lakelink-{}-{}", integration.name, query.name),
        description: query.description.to_owned(),
        workgroup: workgroup.clone(),
        database: Value::Ref(link.to_string()),
        sql: Value::Sub(query.sql.clone(), names.collect()),
    };
    named.named(LogicalId::of(&[query.id]), query.why)
}

/// What differs between the source versions: the newest record, the time of a record, who acted, and a filter on the
/// last days. The filter names the partition first, which keeps Athena from scanning the rest.
struct Columns {
    newest: &'static str,
    time: &'static str,
    /// The ARN of whoever acted: OCSF 1.0.0-rc.2 has it in `uuid`, OCSF 1.1.0 in `uid`.
    principal: &'static str,
    version: SourceVersion,
}

impl Columns {
    fn of(version: SourceVersion) -> Self {
        match version {
            SourceVersion::V1 => Self {
                newest: "from_unixtime(max(time) / 1000)",
                time: "from_unixtime(time / 1000)",
                principal: "actor.user.uuid",
                version,
            },
            SourceVersion::V2 => {
                Self { newest: "max(time_dt)", time: "time_dt", principal: "actor.user.uid", version }
            }
        }
    }

    fn last_days(&self, days: u32) -> String {
        match self.version {
            SourceVersion::V1 => {
                // A partition is a day: the second line cuts to the hour.
                format!(
                    "eventday >= date_format(current_timestamp - INTERVAL '{days}' DAY, '%Y%m%d')\n  \
                     AND time > to_unixtime(current_timestamp - INTERVAL '{days}' DAY) * 1000"
                )
            }
            SourceVersion::V2 => format!("time_dt > current_timestamp - INTERVAL '{days}' DAY"),
        }
    }
}

/// The table through the link, which has the name of the database behind it.
fn table(source: LogSource) -> String {
    format!("\"${{{LINK}}}\".\"${{{}}}\"", table_key(source))
}

fn queries(integration: &Integration) -> Vec<Query> {
    let columns = Columns::of(integration.lake.source_version);
    let all = integration.lake.sources.clone();
    let Columns { newest, time, principal, .. } = columns;
    let (day, week) = (columns.last_days(1), columns.last_days(7));
    let trail = LogSource::CloudTrailManagement;
    let flow = LogSource::VpcFlow;
    let (trail_table, flow_table) = (table(trail), table(flow));
    let of_each = |select: &str, group: &str| {
        let parts = all.iter().map(|source| {
            format!("SELECT '{source}' AS source, {select}\nFROM {}\nWHERE {day}{group}\n", table(*source))
        });
        parts.collect::<Vec<_>>().join("UNION ALL\n")
    };
    vec![
        Query {
            id: "NewestRecordsQuery",
            name: "newest-records",
            description: "The newest record of each source in the last day, and how many there are",
            why: "Shows at a glance whether logs arrive.",
            sql: of_each(&format!("{newest} AS newest, count(*) AS records"), ""),
            sources: all.clone(),
        },
        Query {
            id: "ActivityFromAddressQuery",
            name: "activity-from-address",
            description: "Who did what from an IP address in the last week; parameter: the address in quotes",
            why: "From an address in a finding to the identities behind it.",
            sql: format!(
                "SELECT {time} AS event_time, accountid, region, {principal} AS principal,\n       \
                 api.service.name AS service, api.operation AS operation, api.response.error AS error\n\
                 FROM {trail_table}\nWHERE {week}\n  AND src_endpoint.ip = ?\nORDER BY 1 DESC\nLIMIT 500\n"
            ),
            sources: vec![trail],
        },
        Query {
            id: "ErrorsByPrincipalQuery",
            name: "errors-by-principal",
            description: "API calls that failed in the last day, by principal, service, operation and error",
            why: "Somebody who tries doors shows up as many denied calls.",
            sql: format!(
                "SELECT {principal} AS principal, api.service.name AS service, api.operation AS operation,\n       \
                 api.response.error AS error, count(*) AS calls, {newest} AS newest\n\
                 FROM {trail_table}\nWHERE {day}\n  AND api.response.error IS NOT NULL\n\
                 GROUP BY 1, 2, 3, 4\nORDER BY calls DESC\nLIMIT 500\n"
            ),
            sources: vec![trail],
        },
        Query {
            id: "FlowsOfInstanceQuery",
            name: "flows-of-instance",
            description: "Network flows of an EC2 instance in the last day; parameter: the instance id in quotes",
            why: "From an instance in a finding to its peers.",
            sql: format!(
                "SELECT {time} AS event_time, src_endpoint.ip AS source, src_endpoint.port AS source_port,\n       \
                 dst_endpoint.ip AS destination, dst_endpoint.port AS destination_port,\n       \
                 traffic.packets AS packets, traffic.bytes AS bytes, activity_name AS activity\n\
                 FROM {flow_table}\nWHERE {day}\n  AND ? IN (src_endpoint.instance_uid, dst_endpoint.instance_uid)\n\
                 ORDER BY 1 DESC\nLIMIT 500\n"
            ),
            sources: vec![flow],
        },
        Query {
            id: "RejectedFlowsQuery",
            name: "rejected-flows",
            description: "Network flows that were refused in the last day, by source, destination and port",
            why: "Scans and blocked exfiltration show up here first.",
            sql: format!(
                "SELECT accountid, region, src_endpoint.ip AS source, dst_endpoint.ip AS destination,\n       \
                 dst_endpoint.port AS destination_port, count(*) AS flows, {newest} AS newest\n\
                 FROM {flow_table}\nWHERE {day}\n  AND activity_id = 5 -- OCSF: Refuse\n\
                 GROUP BY 1, 2, 3, 4, 5\nORDER BY flows DESC\nLIMIT 500\n"
            ),
            sources: vec![flow],
        },
        Query {
            id: "DeliveryQuery",
            name: "delivery",
            description: "Which account and Region delivered which source in the last day, and how recently",
            why: "Shows an account whose logs stopped.",
            sql: of_each(
                &format!("accountid, region, {newest} AS newest, count(*) AS records"),
                "\nGROUP BY accountid, region",
            ),
            sources: all.clone(),
        },
    ]
}
