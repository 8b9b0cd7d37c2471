//! YAML form.

use crate::template::Template;

/// A stub until the emitter is merged.
pub fn template(_: &Template) -> String {
    String::new()
}
