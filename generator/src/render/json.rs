//! JSON form.

use crate::template::Section;

/// The compact JSON of the sections.
pub fn compact(_sections: &[Section]) -> String {
    String::new()
}
