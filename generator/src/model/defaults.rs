//! The defaults of the spec and the ranges of its numbers: one place, shown in the JSON Schema, applied by `resolve`.

use crate::vocab::{LogSource, RolePath, SourceVersion};

/// Days that query results are kept.
pub const RETENTION_DAYS: u32 = 90;
/// Ten years; S3 itself would take more.
pub const LONGEST_RETENTION_DAYS: u32 = 3_650;
/// Gigabytes (10^9 bytes) that one query may scan.
pub const SCAN_LIMIT_GB: u32 = 100;
/// One petabyte.
pub const LARGEST_SCAN_LIMIT_GB: u32 = 1_000_000;
/// The IAM path of roles and policies.
pub const ROLE_PATH: &str = RolePath::DEFAULT;
/// The version of every source.
pub const SOURCE_VERSION: SourceVersion = SourceVersion::V2;
/// What Detective needs.
pub const SOURCES: [LogSource; 2] = [LogSource::CloudTrailManagement, LogSource::VpcFlow];
/// What `init` writes where it cannot know the external id.
pub const EXTERNAL_ID_PLACEHOLDER: &str = "copy-it-from-the-detective-console";
/// An external id shorter than this is warned about: it should not be guessable.
pub const SHORT_EXTERNAL_ID: usize = 16;
