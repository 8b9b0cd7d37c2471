//! Physical names: what things are called in AWS. IAM policies are scoped to these exact names, so they are made
//! here only. They are part of the layout: see [`crate::template::LAYOUT`].

use crate::model::{ExecutionRole, Integration, ResultsBucket, Subscriber};
use crate::vocab::{AccountId, Region, RoleArn};

/// One of the two accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The Security Lake account.
    Lake,
    /// The Detective account.
    Detective,
}

impl Side {
    /// The word in names.
    pub fn word(self) -> &'static str {
        match self {
            Self::Lake => "lake",
            Self::Detective => "detective",
        }
    }
}

/// A stack: one template file, deployed once or per Region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stack {
    /// IAM of the lake account.
    LakeRoles,
    /// The log sources.
    LakeCollection,
    /// The subscriber.
    Lake,
    /// IAM of the Detective account.
    DetectiveRoles,
    /// The link, the grants, the results bucket, the console parameters.
    Detective,
    /// The console parameters, in a Region without a lake of its own.
    DetectiveConsole,
}

impl Stack {
    /// Every stack, in the order in which they are deployed.
    pub const ALL: [Self; 6] = [
        Self::LakeRoles,
        Self::DetectiveRoles,
        Self::LakeCollection,
        Self::Lake,
        Self::Detective,
        Self::DetectiveConsole,
    ];

    /// The file's stem, which is also the name on the command line.
    pub fn stem(self) -> &'static str {
        match self {
            Self::LakeRoles => "lake-roles",
            Self::LakeCollection => "lake-collection",
            Self::Lake => "lake",
            Self::DetectiveRoles => "detective-roles",
            Self::Detective => "detective",
            Self::DetectiveConsole => "detective-console",
        }
    }

    /// The account that it lives in.
    pub fn side(self) -> Side {
        match self {
            Self::LakeRoles | Self::LakeCollection | Self::Lake => Side::Lake,
            Self::DetectiveRoles | Self::Detective | Self::DetectiveConsole => Side::Detective,
        }
    }

    /// Whether it holds IAM and lives in the home Region only.
    pub fn is_roles(self) -> bool {
        matches!(self, Self::LakeRoles | Self::DetectiveRoles)
    }
}

/// The workgroup that every account has, and that the Detective console most likely uses.
pub const PRIMARY: &str = "primary";

/// What a role or a policy is for: the last part of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Duty {
    /// CloudFormation's service role.
    Cloudformation(Side),
    /// What somebody who deploys needs.
    Deployer(Side),
    /// What somebody who queries needs.
    Analyst,
    /// What somebody who looks at the Integrations page needs once.
    Setup,
    /// What the crawler over saved evidence is and may do.
    Crawler,
    /// What the function that accepts the share runs as.
    Acceptor,
    /// What CloudFormation reads the lake stack's outputs as, from the Detective account.
    Reader,
    /// What StackSets deploys as.
    Execution(Side),
    /// What StackSets assumes those roles as.
    Administration,
}

impl Integration {
    /// The name of a stack.
    pub fn stack_name(&self, stack: Stack) -> String {
        format!("lakelink-{}-{}", self.name, stack.stem())
    }

    /// The name of a role or policy.
    pub fn iam_name(&self, duty: Duty) -> String {
        let duty = match duty {
            Duty::Cloudformation(side) => format!("{}-cfn", side.word()),
            Duty::Deployer(side) => format!("{}-deployer", side.word()),
            Duty::Analyst => "analyst".to_owned(),
            Duty::Setup => "setup".to_owned(),
            Duty::Crawler => "crawler".to_owned(),
            Duty::Acceptor => "acceptor".to_owned(),
            Duty::Reader => "reader".to_owned(),
            Duty::Execution(side) => format!("{}-exec", side.word()),
            Duty::Administration => "administration".to_owned(),
        };
        format!("lakelink-{}-{duty}", self.name)
    }

    /// A role of lakelink's own: path and name, as after `role/` in its ARN.
    pub fn own_role(&self, duty: Duty) -> String {
        format!("{}{}", &self.role_path.as_str()[1..], self.iam_name(duty))
    }

    /// The function that accepts the share.
    pub fn acceptor(&self) -> String {
        self.iam_name(Duty::Acceptor)
    }

    /// The log group of that function.
    pub fn acceptor_log(&self) -> String {
        format!("/aws/lambda/{}", self.acceptor())
    }

    /// The results bucket in a Region.
    pub fn results_bucket(&self, region: Region) -> String {
        if let ResultsBucket::Existing(names) = &self.detective.bucket
            && let Some(name) = names.get(&region)
        {
            return name.to_string();
        }
        format!("lakelink-{}-{}-{region}", self.name, self.detective.account)
    }

    /// The alias of the key for query results.
    pub fn key_alias(&self) -> String {
        format!("alias/lakelink-{}", self.name)
    }

    /// The Athena workgroup.
    pub fn workgroup(&self) -> String {
        format!("lakelink-{}", self.name)
    }

    /// The workgroup that the ready queries are saved in.
    pub fn query_workgroup(&self) -> String {
        let ours = self.detective.scan_limit_bytes.map(|_| self.workgroup());
        ours.unwrap_or_else(|| PRIMARY.to_owned())
    }

    /// The crawler over saved evidence.
    pub fn crawler(&self) -> String {
        format!("lakelink-{}-evidence", self.name)
    }

    /// The database of the crawler, in the alphabet of SQL. Names of integrations hold no `_`, so no two become one.
    pub fn evidence_database(&self) -> String {
        format!("lakelink_{}_evidence", self.name.as_str().replace('-', "_"))
    }

    /// The database of Security Lake in a Region; the link has the same name.
    pub fn database(&self, region: Region) -> String {
        format!("amazon_security_lake_glue_db_{}", region.underscored())
    }

    /// An account's id.
    pub fn account(&self, side: Side) -> &AccountId {
        match side {
            Side::Lake => &self.lake.account,
            Side::Detective => &self.detective.account,
        }
    }

    /// Who deploys in an account.
    pub fn deployment(&self, side: Side) -> &crate::model::Deployment {
        match side {
            Side::Lake => &self.lake.deployment,
            Side::Detective => &self.detective.deployment,
        }
    }

    /// The role that CloudFormation acts as: path and name, as after `role/` in its ARN.
    pub fn execution_role(&self, side: Side) -> String {
        match &self.deployment(side).execution {
            ExecutionRole::Given(role) => RoleArn::path_and_name(role),
            ExecutionRole::Service => self.own_role(Duty::Cloudformation(side)),
        }
    }

    /// The stacks of this integration, in the order in which they are deployed.
    pub fn stacks(&self) -> Vec<Stack> {
        Stack::ALL.into_iter().filter(|stack| self.has(*stack)).collect()
    }

    /// Those of them that hold no IAM, in one account.
    pub fn regional_stacks(&self, side: Side) -> Vec<Stack> {
        let stacks = self.stacks().into_iter();
        stacks.filter(|stack| stack.side() == side && !stack.is_roles()).collect()
    }

    /// Whether this integration has a stack: in the lake account only what there is to deploy.
    pub fn has(&self, stack: Stack) -> bool {
        match stack {
            Stack::LakeRoles => self.has(Stack::LakeCollection) || self.has(Stack::Lake),
            Stack::LakeCollection => self.lake.collection.is_some(),
            Stack::Lake => matches!(self.lake.subscriber, Subscriber::Ours { .. }),
            Stack::DetectiveRoles | Stack::Detective => true,
            Stack::DetectiveConsole => self.regions.apart().next().is_some(),
        }
    }

    /// The Regions that a stack is deployed in, if this integration has it.
    pub fn regions_of(&self, stack: Stack) -> Vec<Region> {
        match stack {
            Stack::LakeRoles | Stack::DetectiveRoles => vec![self.regions.home()],
            Stack::LakeCollection | Stack::Lake | Stack::Detective => self.regions.lake(),
            Stack::DetectiveConsole => self.regions.apart().map(|pair| pair.detective).collect(),
        }
    }
}
