//! The JSON Schema of the spec, for editors: draft-07, which every YAML language server reads.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::spec::Spec;

/// The JSON Schema of [`Spec`].
pub fn json_schema() -> Value {
    let mut schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<Spec>().to_value();
    if let Some(root) = schema.as_object_mut() {
        root.insert("title".into(), "lakelink spec".into());
    }
    schema
}
