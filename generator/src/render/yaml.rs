//! YAML form.
