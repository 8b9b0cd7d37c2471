//! The comparison against an oracle that tries requests, and what it says of realistic changes.

mod cases;
mod oracle;
mod properties;
