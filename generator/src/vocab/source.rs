//! Log sources of Security Lake, and every fact about each.
//!
//! Names: the API model of Security Lake (botocore 1.44.8). What Detective reads: Detective user guide,
//! `securitylake-integration`. Table names: Security Lake user guide, `subscriber-query-examples2`.

use crate::vocab::Region;

choice_word! {
    /// A log source of Security Lake, in lower case.
    LogSource, UnknownSource, what "a log source of Security Lake",
    {
        /// Amazon Route 53 resolver query logs.
        Route53 = "route53",
        /// Amazon VPC flow logs. Detective needs them.
        VpcFlow = "vpc_flow",
        /// AWS Security Hub findings.
        SecurityHubFindings = "sh_findings",
        /// AWS CloudTrail management events. Detective needs them.
        CloudTrailManagement = "cloud_trail_mgmt",
        /// AWS CloudTrail data events of Lambda.
        LambdaExecution = "lambda_execution",
        /// AWS CloudTrail data events of S3.
        S3Data = "s3_data",
        /// Amazon EKS audit logs, source version 2.0 only.
        EksAudit = "eks_audit",
        /// AWS WAF logs, source version 2.0 only.
        Waf = "waf",
    }
}

choice_word! {
    /// A source version of Security Lake, in quotes. `latest` is not taken: it pins nothing, and table names follow the version.
    SourceVersion, SourceVersion, what "a source version of Security Lake",
    {
        /// OCSF 1.0.0-rc.2, partitioned by `eventDay`.
        V1 = "1.0",
        /// OCSF 1.1.0 on Apache Iceberg, partitioned by `time_dt`.
        V2 = "2.0",
    }
}

impl LogSource {
    /// The name in the API and in CloudFormation, like `VPC_FLOW`.
    pub fn api_name(self) -> String {
        self.as_str().to_ascii_uppercase()
    }

    /// The name in logical ids, like `VpcFlow`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Route53 => "Route53",
            Self::VpcFlow => "VpcFlow",
            Self::SecurityHubFindings => "ShFindings",
            Self::CloudTrailManagement => "CloudTrailMgmt",
            Self::LambdaExecution => "LambdaExecution",
            Self::S3Data => "S3Data",
            Self::EksAudit => "EksAudit",
            Self::Waf => "Waf",
        }
    }

    /// Whether Detective refuses to work without it.
    pub fn needed_by_detective(self) -> bool {
        matches!(self, Self::CloudTrailManagement | Self::VpcFlow)
    }

    /// Whether Detective queries it.
    pub fn read_by_detective(self) -> bool {
        self.needed_by_detective() || self == Self::EksAudit
    }

    /// Whether Security Lake has the source in `version`.
    pub fn exists_in(self, version: SourceVersion) -> bool {
        version == SourceVersion::V2 || !matches!(self, Self::EksAudit | Self::Waf)
    }

    /// The Glue table that Security Lake keeps for the source in a Region.
    pub fn table(self, version: SourceVersion, region: Region) -> String {
        let version = version.as_str().replace('.', "_");
        format!("amazon_security_lake_table_{}_{}_{version}", region.underscored(), self.as_str())
    }
}
