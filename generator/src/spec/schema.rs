//! The JSON Schema of the spec, for editors: draft-07, which every YAML language server reads. That of the local file
//! is for our own check of its shape only.

use std::sync::LazyLock;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::spec::{Local, Spec};

/// The JSON Schema of [`Spec`].
pub fn json_schema() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
        let mut schema = schema::<Spec>(SchemaSettings::draft07());
        if let Some(root) = schema.as_object_mut() {
            root.insert("title".into(), "lakelink spec".into());
        }
        schema
    });
    &SCHEMA
}

/// What can stand where in a spec, for our own check: its schema before it is put in the form of a draft.
pub fn shape() -> &'static Value {
    static SHAPE: LazyLock<Value> = LazyLock::new(own::<Spec>);
    &SHAPE
}

/// The same of [`Local`].
pub fn local_shape() -> Value {
    own::<Local>()
}

fn own<T: JsonSchema>() -> Value {
    let mut settings = SchemaSettings::draft07();
    settings.transforms.clear();
    schema::<T>(settings)
}

fn schema<T: JsonSchema>(settings: SchemaSettings) -> Value {
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

#[cfg(test)]
mod tests {
    use super::{local_shape, shape};

    #[test]
    fn a_shape_has_no_word_that_only_a_transform_makes_one_of_the_draft() {
        for shape in [shape().to_string(), local_shape().to_string()] {
            for word in ["unevaluatedProperties", "prefixItems"] {
                assert!(!shape.contains(word), "{word}");
            }
        }
    }
}
