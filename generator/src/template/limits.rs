//! Limits of AWS that a template can break. Source: CloudFormation user guide, `cloudformation-limits`; IAM user
//! guide, `reference_iam-quotas`.

/// A limit of AWS with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(pub usize);

impl Limit {
    /// Bytes of a template that is passed inline (`TemplateBody`). Larger ones need a bucket, which lakelink does not ask for.
    pub const TEMPLATE_BYTES: Self = Self(51_200);
    /// Resources of a template.
    pub const RESOURCES: Self = Self(500);
    /// Characters of a customer managed policy, white space not counted.
    pub const MANAGED_POLICY: Self = Self(6_144);
    /// Bytes of a bucket policy (Amazon S3 user guide, `bucket-policies`).
    pub const BUCKET_POLICY: Self = Self(20_480);

    /// Whether `size` breaks the limit.
    pub fn broken_by(self, size: usize) -> bool {
        size > self.0
    }
}
