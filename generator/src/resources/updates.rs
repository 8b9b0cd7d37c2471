//! How CloudFormation changes a resource that is there: the create-only properties of the registry schemas that
//! cfn-lint 1.58.0 ships. A test holds this table against them.

/// The properties that cannot be changed in place: another value makes the resource anew. Empty for a type that
/// lakelink does not emit, and for custom resources.
pub fn create_only(kind: &str) -> &'static [&'static str] {
    match kind {
        "AWS::Athena::NamedQuery" => &["Name", "Database", "Description", "QueryString", "WorkGroup"],
        "AWS::Athena::WorkGroup" | "AWS::Glue::Crawler" | "AWS::SSM::Parameter" => &["Name"],
        "AWS::CloudFormation::StackSet" => &["PermissionModel", "StackSetName"],
        "AWS::Glue::Database" => &["DatabaseName"],
        "AWS::IAM::ManagedPolicy" => &["ManagedPolicyName", "Description", "Path"],
        "AWS::IAM::Role" => &["Path", "RoleName"],
        "AWS::KMS::Alias" => &["AliasName"],
        "AWS::LakeFormation::PrincipalPermissions" => {
            &["Catalog", "Principal", "Resource", "Permissions", "PermissionsWithGrantOption"]
        }
        "AWS::Lambda::Function" => &["FunctionName", "PackageType", "TenancyConfig"],
        "AWS::Logs::LogGroup" => &["LogGroupName"],
        "AWS::S3::Bucket" => &["BucketName", "BucketNamePrefix", "BucketNamespace"],
        "AWS::S3::BucketPolicy" => &["Bucket"],
        "AWS::SecurityLake::AwsLogSource" => &["DataLakeArn", "SourceName", "SourceVersion"],
        "AWS::SecurityLake::Subscriber" => &["DataLakeArn"],
        _ => &[],
    }
}

/// The property by which our templates name a resource that must keep its name while it lives: CloudFormation refuses
/// to make it anew beside itself (user guide, "Name type"). Only types that have a create-only property beside it.
pub fn fixed_name(kind: &str) -> Option<&'static str> {
    match kind {
        "AWS::IAM::ManagedPolicy" => Some("ManagedPolicyName"),
        "AWS::IAM::Role" => Some("RoleName"),
        _ => None,
    }
}
