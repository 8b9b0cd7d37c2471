//! One binary for all integration tests: linked once, and helpers are shared.
//!
//! `env` installs the judges and the test world into `target/judges` when a test first asks for one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod acceptor;
mod cli;
mod code;
mod console;
mod env;
mod examples_ci;
mod extends;
mod golden;
mod guides;
mod hostile;
mod iam;
mod judges;
mod limits;
mod local;
mod order;
mod policies;
mod problems;
mod prove;
mod review;
mod review_against;
mod review_ci;
mod review_report;
mod review_rules;
mod runbooks;
mod schema;
mod stability;
mod stack_sets;
mod strings;
mod support;
mod world;
