//! The JSON Schema of the spec, for editors: draft-07, which every YAML language server reads. That of the local file
//! is for our own check of its shape only.

use std::sync::LazyLock;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::spec::{Local, Spec};

/// The JSON Schema of [`Spec`].
pub fn json_schema() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(|| schema::<Spec>("lakelink spec"));
    &SCHEMA
}

/// The JSON Schema of [`Local`].
pub fn local_schema() -> Value {
    schema::<Local>("lakelink local file")
}

fn schema<T: JsonSchema>(title: &str) -> Value {
    let mut schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<T>().to_value();
    if let Some(root) = schema.as_object_mut() {
        root.insert("title".into(), title.into());
    }
    schema
}
