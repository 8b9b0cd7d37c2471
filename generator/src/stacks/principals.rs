//! The principals as a mapping: each ARN stands once at the top of the template, where a reviewer finds who may
//! read, and grants refer to it by a short name.

use crate::model::{Integration, Principal};
use crate::template::{Mapping, Value};

const MAP: &str = "Principal";
const ARN: &str = "Arn";

/// The mapping of principals, in the order of the spec: who queries, then who else may touch results.
pub(crate) fn mapping(integration: &Integration) -> Mapping {
    let entry = |principal: &Principal| {
        let arn = Value::text(principal.arn().to_string());
        (principal.label().to_string(), vec![(ARN.to_owned(), arn)])
    };
    (MAP, everybody(integration).map(entry).collect())
}

/// Whoever may touch query results.
pub(crate) fn everybody(integration: &Integration) -> impl Iterator<Item = &Principal> {
    integration.detective.principals.iter().chain(&integration.detective.break_glass)
}

/// The ARN of a principal.
pub(crate) fn arn(principal: &Principal) -> Value {
    Value::FindInMap(MAP, Box::new(Value::text(principal.label().as_str())), ARN.to_owned())
}
