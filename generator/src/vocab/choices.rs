//! Closed lists of words: what can be chosen in a spec, each with what it does.

choice_word! {
    /// How the resource share ARN reaches the Detective stack.
    ShareHandOff, UnknownWord, what "a way to hand the share over",
    {
        /// A parameter of the Detective stack: whoever deploys passes it on.
        Parameter = "parameter",
        /// Written into the template, from `handoff.shares`.
        Pinned = "pinned",
        /// Read from the lake stack by `Fn::GetStackOutput`.
        StackOutput = "stack_output",
        /// Found by the acceptor function.
        Discover = "discover",
    }
}

choice_word! {
    /// Who accepts the invitation to the resource share.
    Acceptance, UnknownWord, what "a way to accept the share",
    {
        /// Whoever deploys accepts it, by CLI.
        Cli = "cli",
        /// A custom resource of the Detective template accepts it.
        Lambda = "lambda",
        /// Nobody: within one organization with RAM sharing turned on there is no invitation.
        Organization = "organization",
    }
}

choice_word! {
    /// The CloudFormation service role of lakelink.
    ServiceRole, RoleArn, what "an execution role",
    {
        /// The least-privilege role that the roles template makes.
        ServiceRole = "service_role",
    }
}

choice_word! {
    /// Whether the analyst policy is attached by the template.
    AttachPolicy, UnknownWord, what "a way to attach the analyst policy",
    {
        /// The run-book says how to attach it.
        None = "none",
        /// The template attaches it to plain roles.
        Roles = "roles",
    }
}

choice_word! {
    /// The bucket for query results is made by lakelink.
    BucketOwner, UnknownWord, what "a results bucket",
    {
        /// A bucket of lakelink's own in every lake Region.
        Create = "create",
    }
}

choice_word! {
    /// How query results are encrypted.
    EncryptionKind, UnknownWord, what "an encryption of results",
    {
        /// With keys of Amazon S3 (SSE-S3).
        S3 = "s3",
        /// With a key of lakelink's own per Region (SSE-KMS).
        Kms = "kms",
    }
}

choice_word! {
    /// No workgroup beside `primary`.
    WorkgroupNone, UnknownWord, what "a workgroup",
    {
        /// Leaves the workgroup out.
        None = "none",
    }
}

choice_word! {
    /// Whether a Glue crawler catalogues saved evidence. The integration itself needs none.
    CrawlerKind, UnknownWord, what "a crawler",
    {
        /// No crawler.
        None = "none",
        /// A crawler over `evidence/` of the results bucket, run on demand. What lies there expires with the results.
        Evidence = "evidence",
    }
}

choice_word! {
    /// Which catalogue the table grants name.
    GrantOn, UnknownWord, what "a grant target",
    {
        /// The lake account's own tables.
        Target = "target",
        /// The tables behind the link, as AWS's own stack does; experimental.
        Link = "link",
    }
}

choice_word! {
    /// Every account of the organization.
    CollectionScope, UnknownWord, what "a set of accounts",
    {
        /// Every account of the data lake.
        All = "all",
    }
}

choice_word! {
    /// How the stacks are rolled out.
    RolloutMethod, UnknownWord, what "a way to roll out",
    {
        /// One stack after the other.
        Stacks = "stacks",
        /// CloudFormation StackSets.
        StackSets = "stack_sets",
    }
}

choice_word! {
    /// Who manages the permissions of the StackSets.
    PermissionModel, UnknownWord, what "a permission model of StackSets",
    {
        /// AWS Organizations.
        ServiceManaged = "service_managed",
        /// Roles of your own.
        SelfManaged = "self_managed",
    }
}

choice_word! {
    /// As whom StackSets are called.
    CallAs, UnknownWord, what "a caller of StackSets",
    {
        /// As the management account, or in one's own account.
        Self_ = "self",
        /// As a delegated administrator.
        DelegatedAdmin = "delegated_admin",
    }
}

impl CallAs {
    /// The word of CloudFormation's API.
    pub fn api_name(self) -> &'static str {
        match self {
            Self::Self_ => "SELF",
            Self::DelegatedAdmin => "DELEGATED_ADMIN",
        }
    }
}

choice_word! {
    /// A checker of templates that reads in `Metadata` what it is not to report.
    Checker, UnknownWord, what "a checker",
    {
        /// AWS CloudFormation Guard with the rules of its registry: `Metadata.guard.SuppressedRules`.
        CfnGuard = "cfn_guard",
        /// cfn_nag: `Metadata.cfn_nag.rules_to_suppress`.
        CfnNag = "cfn_nag",
    }
}

choice_word! {
    /// A kind of file under `out/`.
    OutputKind, UnknownWord, what "an output",
    {
        /// The CloudFormation templates.
        Templates = "templates",
        /// `RUNBOOK.md`.
        Runbook = "runbook",
        /// `REVIEW.md`, `access.json`, `access.svg`.
        Review = "review",
        /// `diagram.svg`.
        Diagram = "diagram",
        /// Parameter files.
        Parameters = "parameters",
        /// A CDK cloud assembly.
        Cdk = "cdk",
        /// StackSets.
        StackSets = "stack_sets",
        /// Git sync deployment files.
        GitSync = "git_sync",
        /// Customizations for Control Tower.
        Cfct = "cfct",
    }
}
