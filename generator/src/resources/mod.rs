//! One file per AWS service, one struct per CloudFormation type. Resources take ids and values, never a model or a
//! spec. Property names and kinds: the registry schemas that cfn-lint 1.58.0 ships.

mod athena;
mod cloudformation;
mod custom;
mod glue;
mod iam;
mod kms;
mod lake_formation;
mod lambda;
mod logs;
mod s3;
mod security_lake;
mod ssm;
#[cfg(test)]
mod tests;
mod updates;

use crate::template::{Keep, LogicalId, Resource, Value};

pub use athena::{NamedQuery, WorkGroup};
pub use cloudformation::{AutoDeployment, Permissions, StackSet};
pub use custom::ShareAcceptance;
pub use glue::{Crawler, Database, ResourceLink};
pub use iam::{ManagedPolicy, Role};
pub use kms::{Alias, Key};
pub use lake_formation::{Administrator, Grant, Granted};
pub use lambda::Function;
pub use logs::LogGroup;
pub use s3::{Bucket, BucketPolicy};
pub use security_lake::{AwsLogSource, Subscriber};
pub use ssm::{Parameter, ParameterKind};
pub use updates::{create_only, fixed_name};

/// Every CloudFormation type that lakelink emits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `AWS::Athena::NamedQuery`
    AthenaNamedQuery,
    /// `AWS::Athena::WorkGroup`
    AthenaWorkGroup,
    /// `AWS::CloudFormation::StackSet`
    CloudFormationStackSet,
    /// `AWS::Glue::Crawler`
    GlueCrawler,
    /// `Custom::ShareAcceptance`
    CustomShareAcceptance,
    /// `AWS::Glue::Database`
    GlueDatabase,
    /// `AWS::IAM::ManagedPolicy`
    IamManagedPolicy,
    /// `AWS::IAM::Role`
    IamRole,
    /// `AWS::KMS::Alias`
    KmsAlias,
    /// `AWS::KMS::Key`
    KmsKey,
    /// `AWS::LakeFormation::DataLakeSettings`
    LakeFormationSettings,
    /// `AWS::LakeFormation::PrincipalPermissions`
    LakeFormationPermissions,
    /// `AWS::Lambda::Function`
    LambdaFunction,
    /// `AWS::Logs::LogGroup`
    LogsLogGroup,
    /// `AWS::S3::Bucket`
    S3Bucket,
    /// `AWS::S3::BucketPolicy`
    S3BucketPolicy,
    /// `AWS::SecurityLake::AwsLogSource`
    SecurityLakeLogSource,
    /// `AWS::SecurityLake::Subscriber`
    SecurityLakeSubscriber,
    /// `AWS::SSM::Parameter`
    SsmParameter,
}

impl Kind {
    /// The type's name in CloudFormation.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AthenaNamedQuery => "AWS::Athena::NamedQuery",
            Self::AthenaWorkGroup => "AWS::Athena::WorkGroup",
            Self::CloudFormationStackSet => "AWS::CloudFormation::StackSet",
            Self::GlueCrawler => "AWS::Glue::Crawler",
            Self::CustomShareAcceptance => "Custom::ShareAcceptance",
            Self::GlueDatabase => "AWS::Glue::Database",
            Self::IamManagedPolicy => "AWS::IAM::ManagedPolicy",
            Self::IamRole => "AWS::IAM::Role",
            Self::KmsAlias => "AWS::KMS::Alias",
            Self::KmsKey => "AWS::KMS::Key",
            Self::LakeFormationSettings => "AWS::LakeFormation::DataLakeSettings",
            Self::LakeFormationPermissions => "AWS::LakeFormation::PrincipalPermissions",
            Self::LambdaFunction => "AWS::Lambda::Function",
            Self::LogsLogGroup => "AWS::Logs::LogGroup",
            Self::S3Bucket => "AWS::S3::Bucket",
            Self::S3BucketPolicy => "AWS::S3::BucketPolicy",
            Self::SecurityLakeLogSource => "AWS::SecurityLake::AwsLogSource",
            Self::SecurityLakeSubscriber => "AWS::SecurityLake::Subscriber",
            Self::SsmParameter => "AWS::SSM::Parameter",
        }
    }
}

/// The properties of a CloudFormation type.
pub trait Properties {
    /// The type.
    const KIND: Kind;

    /// The properties, in the order of the file.
    fn properties(&self) -> Value;

    /// The resource in a template: its id, and one line of why.
    fn named(&self, id: LogicalId, why: impl Into<String>) -> Resource {
        Resource {
            id,
            kind: Self::KIND,
            why: why.into(),
            depends_on: Vec::new(),
            condition: None,
            keep: Keep::No,
            metadata: None,
            properties: self.properties().into(),
        }
    }
}
