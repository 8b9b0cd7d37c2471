//! What the tests of all services share.

use crate::render::json::to_json;
use crate::resources::Properties;

/// The type, then its properties as JSON.
pub(super) fn shown<P: Properties>(resource: &P) -> String {
    format!("{} {:#}", P::KIND.as_str(), to_json(&resource.properties()))
}
