//! Whose credentials are used for what, and clients made of them.

use std::time::Duration;

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_cloudformation::config::{Region as SdkRegion, SharedCredentialsProvider};

use crate::aws::{Administrators, AwsError, Resources, Shares, StackSets, Stacks};
use crate::model::{Integration, Side};
use crate::vocab::{Region, RoleArn};

/// Tries of one call. Runs in several Regions at once are throttled more often than the SDK's three tries get over.
const TRIES: u32 = 8;

/// Longest wait for the very first answer, and for one that is not needed.
const FIRST_PATIENCE: Duration = Duration::from_secs(10);

/// Longest wait for one answer.
const PATIENCE: Duration = Duration::from_secs(90);

/// As whom an account is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// Whoever deploys the Regional stacks.
    Deployer,
    /// The IAM administrator, who deploys the roles stacks.
    Administrator,
}

/// Whom AWS takes the credentials for.
#[derive(Debug)]
pub(crate) struct Caller {
    /// The account.
    pub(crate) account: String,
    /// The user or the session.
    pub(crate) arn: String,
}

/// The credentials of one account.
#[derive(Clone)]
pub(crate) struct Access {
    deployer: SdkConfig,
    administrator: SdkConfig,
    /// Where the credentials came from, for messages.
    pub(crate) source: String,
}

impl Access {
    /// The credentials of an account: those of a profile, else the ambient ones, and the roles of the spec assumed with
    /// them.
    pub(crate) async fn open(
        integration: &Integration,
        side: Side,
        profile: Option<&str>,
        poll: Duration,
    ) -> Self {
        let deployment = integration.deployment(side);
        let Self { deployer: base, source, .. } =
            Self::plain(integration.regions.home(), profile, poll).await;
        let external_id = deployment.external_id.as_ref().map(ToString::to_string);
        let deployer = assumed(&base, deployment.role.as_ref(), external_id.as_deref()).await;
        let administrator = match &deployment.admin_role {
            Some(role) => assumed(&base, Some(role), external_id.as_deref()).await,
            None => deployer.clone(),
        };
        Self { deployer, administrator, source }
    }

    /// The credentials of a profile, else the ambient ones, as they are.
    pub(crate) async fn plain(home: Region, profile: Option<&str>, poll: Duration) -> Self {
        let retry = RetryConfig::standard()
            .with_max_attempts(TRIES)
            .with_initial_backoff(poll.min(Duration::from_secs(1)));
        let timeout = TimeoutConfig::builder().operation_attempt_timeout(PATIENCE).build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(SdkRegion::new(home.as_str()))
            .retry_config(retry)
            .timeout_config(timeout);
        let mut source = "the ambient credentials".to_owned();
        if let Some(profile) = profile {
            // Before what stands in the environment, which the SDK would take first.
            let region = SdkRegion::new(home.as_str());
            let config = ProviderConfig::without_region().with_region(Some(region));
            let provider = ProfileFileCredentialsProvider::builder().profile_name(profile).configure(&config);
            loader = loader.profile_name(profile).credentials_provider(provider.build());
            source = format!("profile `{profile}`");
        }
        let base = loader.load().await;
        Self { deployer: base.clone(), administrator: base, source }
    }

    fn config(&self, who: Who, region: Region) -> SdkConfig {
        let config = match who {
            Who::Deployer => &self.deployer,
            Who::Administrator => &self.administrator,
        };
        config.to_builder().region(SdkRegion::new(region.as_str())).build()
    }

    /// Asks AWS whose credentials these are.
    pub(crate) async fn caller(&self, who: Who, region: Region) -> Result<Caller, AwsError> {
        // The first question of a run: a person waits for it, and a wrong address should be said soon.
        let config = aws_sdk_sts::config::Builder::from(&self.config(who, region))
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(FIRST_PATIENCE).build())
            .build();
        let client = aws_sdk_sts::Client::from_conf(config);
        let answer = client.get_caller_identity().send().await.map_err(AwsError::of("GetCallerIdentity"))?;
        Ok(Caller { account: answer.account.unwrap_or_default(), arn: answer.arn.unwrap_or_default() })
    }

    /// CloudFormation.
    pub(crate) fn stacks(&self, who: Who, region: Region) -> Stacks {
        Stacks::new(&self.config(who, region))
    }

    /// CloudFormation in a Region that is perhaps turned off, forbidden, or out of reach: it is not waited for long.
    pub(crate) fn stacks_elsewhere(&self, region: Region) -> Stacks {
        let config = self.config(Who::Administrator, region).to_builder();
        let config = config
            .retry_config(RetryConfig::standard().with_max_attempts(2))
            .timeout_config(TimeoutConfig::builder().operation_timeout(FIRST_PATIENCE).build());
        Stacks::new(&config.build())
    }

    /// Stack sets, of this account or of the organization that it acts for.
    pub(crate) fn stack_sets(&self, region: Region, is_delegated: bool) -> StackSets {
        StackSets::new(&self.config(Who::Deployer, region), is_delegated)
    }

    /// AWS RAM.
    pub(crate) fn shares(&self, region: Region) -> Shares {
        Shares::new(&self.config(Who::Deployer, region))
    }

    /// Cloud Control.
    pub(crate) fn resources(&self, region: Region) -> Resources {
        Resources::new(&self.config(Who::Deployer, region))
    }

    /// Lake Formation's list of administrators, which the deployer policy does not open.
    pub(crate) fn administrators(&self, region: Region) -> Administrators {
        Administrators::new(&self.config(Who::Administrator, region))
    }
}

/// The same configuration, as a role.
async fn assumed(base: &SdkConfig, role: Option<&RoleArn>, external_id: Option<&str>) -> SdkConfig {
    let Some(role) = role else { return base.clone() };
    let mut provider = AssumeRoleProvider::builder(role.to_string()).session_name("lakelink").configure(base);
    if let Some(external_id) = external_id {
        provider = provider.external_id(external_id);
    }
    let provider = SharedCredentialsProvider::new(provider.build().await);
    base.to_builder().credentials_provider(provider).build()
}

/// The accounts that a run may speak to: not always both.
#[derive(Clone)]
pub(crate) struct Cloud {
    lake: Option<Access>,
    detective: Option<Access>,
}

impl Cloud {
    /// Of these accounts.
    pub(crate) fn new(lake: Option<Access>, detective: Option<Access>) -> Self {
        Self { lake, detective }
    }

    /// An account, if this run speaks to it.
    pub(crate) fn get(&self, side: Side) -> Option<&Access> {
        match side {
            Side::Lake => self.lake.as_ref(),
            Side::Detective => self.detective.as_ref(),
        }
    }
}
