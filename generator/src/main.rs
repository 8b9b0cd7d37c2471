//! The lakelink program.

fn main() {}
