//! lakelink joins Amazon Security Lake and Amazon Detective.
//!
//! One way through the code, each stage seeing only the one before it:
//!
//! ```text
//! spec file --document--> text with places --spec--> Spec --model--> Integration
//!    Integration --stacks--> Template (made of resources) --render--> text --files--> out/
//! ```
//!
//! Input and output live at the edge only, in [`cli`] and [`files`]. Everything else is value in, value out.

pub mod problem;
pub mod stacks;
pub mod vocab;

#[cfg(feature = "deploy")]
mod aws;
pub mod check;
pub mod cli;
#[cfg(feature = "deploy")]
pub mod deploy;
pub mod document;
pub mod files;
pub mod iam;
pub mod model;
mod parallel;
pub mod policy;
pub mod render;
pub mod report;
pub mod resources;
pub mod review;
pub mod spec;
pub mod template;
